//! New titles, kept as they were written.

/// A title and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// For the dashboard rather than one card.
    pub dashboard: bool,
    pub title: String,
}

const TITLE_MAX: usize = 200;

/// `rename it to X`, `call chart 2 X`, `change the title to X`, `title: X`.
pub fn naming(command: &str) -> Option<Naming> {
    let trimmed = command.trim();
    // Byte positions in `lower` are used in `trimmed`: only where lower case has the same length.
    let lower = trimmed.to_lowercase();
    if lower.len() != trimmed.len() {
        return None;
    }
    let word = |w: &str| find_word(&lower, w);
    let verb = ["rename", "retitle", "call", "title", "name", "caption", "heading"]
        .iter()
        .filter_map(|w| word(w).map(|at| (at, *w)))
        .min()?;
    let after_verb = verb.0 + verb.1.len();
    let noun = matches!(verb.1, "title" | "name" | "caption" | "heading");
    let changing =
        ["change", "set", "give", "update", "make", "use"].iter().any(|w| word(w).is_some_and(|at| at < verb.0));
    let leads = lower[..verb.0].split_whitespace().all(|w| {
        matches!(
            w,
            "please"
                | "and"
                | "can"
                | "could"
                | "you"
                | "also"
                | "the"
                | "then"
                | "i"
                | "want"
                | "to"
                | "better"
                | "new"
                | "lets"
                | "let's"
                | "just"
                | "now"
        )
    });
    // `put the title "Sales" on it`
    let quoted = lower.get(after_verb..).is_some_and(|rest| rest.contains(['"', '“', '«']));
    let put = quoted && ["put", "add", "with", "want"].iter().any(|w| word(w).is_some_and(|at| at < verb.0));
    let asked = leads || ((changing || put) && noun);
    if !asked {
        return None;
    }
    let subject_end = subject_end(&lower, after_verb, changing && noun)?;
    let rest = trimmed.get(subject_end..)?;
    let inside = rest.strip_prefix(['"', '“', '«']).and_then(|r| r.split(['"', '”', '»']).next());
    let title = clean(inside.unwrap_or(rest));
    let about = lower.get(..subject_end)?;
    let dashboard = find_word(about, "dashboard").is_some() || find_word(about, "board").is_some();
    (!title.is_empty()).then_some(Naming { dashboard, title })
}

/// Where the new title begins: after a quotation mark, `to`, `as` or a colon, else after `it` or `chart 2`.
fn subject_end(lower: &str, after_verb: usize, needs_joint: bool) -> Option<usize> {
    let rest = lower.get(after_verb..)?;
    if let Some(at) = rest.find(['"', '“', '«']) {
        return Some(after_verb + at);
    }
    for joint in [" should be ", " should read ", " should say ", " to ", " as ", ": ", ":"] {
        if let Some(at) = rest.find(joint) {
            return Some(after_verb + at + joint.len());
        }
    }
    if needs_joint {
        // `give it the title X`
        return find_word(lower.get(..after_verb)?, "give").map(|_| after_verb);
    }
    let mut at = after_verb;
    let mut named = false;
    for piece in rest.split_inclusive(' ') {
        let word = piece.trim();
        let subject = matches!(
            word,
            "" | "it"
                | "this"
                | "that"
                | "the"
                | "chart"
                | "card"
                | "graph"
                | "dashboard"
                | "first"
                | "second"
                | "third"
                | "last"
                | "one"
                | "board"
        ) || word.starts_with("chart_")
            || (named && word.chars().all(|c| c.is_ascii_digit()));
        if !subject {
            break;
        }
        named |= !word.is_empty();
        at += piece.len();
        // What follows `it` is the title, whatever it begins with.
        if word == "it" {
            break;
        }
    }
    named.then_some(at)
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn clean(title: &str) -> String {
    let marks: &[char] = &['"', '“', '”', '«', '»', '\'', '‘', '’', '.', ' ', ',', '\n'];
    title.trim_matches(marks).chars().take(TITLE_MAX).collect()
}
