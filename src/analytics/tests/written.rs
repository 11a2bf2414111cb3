//! Statements written down in files, in groups: `hostile/` and `legitimate/` beside this file.

/// A statement, and what is said of it.
pub(super) struct Written {
    pub(super) sql: String,
    pub(super) expected: Expected,
    /// The file and the group it stands in.
    pub(super) place: String,
}

pub(super) enum Expected {
    /// Refused, and the reason has this in it.
    Refused(String),
    /// An answer or a refusal, within the bounds.
    Bounded,
    Answered,
}

/// Reads a file: `# ` begins a group, an empty line ends a statement, and the line before one may say `! reason` or
/// `? remark`. `[[text|n]]` stands for the text `n` times.
pub(super) fn statements(file: &str, text: &str) -> Vec<Written> {
    let mut group = "";
    let mut found = Vec::new();
    for part in text.split("\n\n") {
        let mut lines: Vec<&str> = part.trim_matches('\n').lines().collect();
        while let Some(line) = lines.first().filter(|line| line.starts_with("# ")) {
            group = line.trim_start_matches("# ");
            lines.remove(0);
        }
        let Some(first) = lines.first().copied() else { continue };
        let expected = match first.split_at(first.len().min(1)) {
            ("!", reason) => Expected::Refused(reason.trim().to_owned()),
            ("?", _) => Expected::Bounded,
            _ => Expected::Answered,
        };
        if !matches!(expected, Expected::Answered) {
            lines.remove(0);
        }
        found.push(Written { sql: repeated(&lines.join("\n")), expected, place: format!("{file}: {group}") });
    }
    found
}

fn repeated(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[[") {
        let (inside, after) = after.split_once("]]").expect("[[ has its ]]");
        let (what, times) = inside.rsplit_once('|').expect("how many times");
        out.push_str(before);
        out.push_str(&what.repeat(times.parse().expect("a number of times")));
        rest = after;
    }
    out + rest
}
