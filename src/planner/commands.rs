//! What the words of a refinement ask for, before it is known what they do to a card.

use vizroom_protocol::dashboard::Theme;

use super::fields::Data;
use super::intent::Intent;
use super::patching::Manner;
use super::words::Token;
use super::{lexicon, segments, vocabulary};

/// The sentence cut where a new command begins: at full stops, and at `and` before a verb.
pub fn commands(feedback: &str) -> Vec<String> {
    const VERBS: &str = "add remove delete drop rename retitle call make turn switch convert change set";
    let mut out = vec![String::new()];
    let short: String = feedback.chars().take(super::words::LENGTH_MAX).collect();
    let quoted = |text: &str| text.matches(['"', '“', '”']).count() % 2 == 1;
    for piece in short.split_inclusive(['.', ';', '\n', '!', ' ', ',']) {
        let ends = piece.ends_with(['.', ';', '\n', '!', ' ', ',']);
        let word = if ends { &piece[..piece.len() - 1] } else { piece };
        let Some(current) = out.last_mut() else { break };
        let joined = current.trim_end().trim_end_matches(',').to_lowercase();
        let after_joint = joined.ends_with(" and") || joined.ends_with(" then") || current.trim_end().ends_with(',');
        let is_verb = VERBS.split(' ').any(|v| v == word.to_lowercase());
        if after_joint && is_verb && !quoted(current) {
            out.push(piece.to_owned());
        } else {
            current.push_str(piece);
        }
        let stop = piece.ends_with(['.', ';', '\n', '!']) && !word.ends_with(|c: char| c.is_ascii_digit());
        if stop && out.last().is_some_and(|c| !quoted(c)) {
            out.push(String::new());
        }
    }
    out.retain(|c| c.chars().any(char::is_alphanumeric));
    out.truncate(12);
    out
}

/// Words that tell what to do with the rest.
pub fn is_instruction(token: &Token) -> bool {
    matches!(
        token.lower.as_str(),
        "add" | "include" | "filter" | "filters" | "limit" | "remove" | "drop" | "hide" | "delete"
    )
}

/// Everything a command says, as one intent.
pub fn read(data: &Data<'_>, said: &[Token]) -> Intent {
    let mut out = Intent::default();
    for segment in segments::segments(data, said) {
        out.absorb(segment.intent);
    }
    out
}

/// Words that change a card without naming anything in the data: `remove`, `all`, `reverse`, `alphabetically`.
pub fn worded(rest: &[Token], patch: &mut Intent, base: &mut Intent) -> bool {
    let has = |list: &str| rest.iter().any(|t| list.split(' ').any(|w| w == t.lower));
    let first = |list: &str| rest.first().is_some_and(|t| list.split(' ').any(|w| w == t.lower));
    if first("remove drop hide delete exclude") {
        for filter in patch.filters.iter_mut().filter(|f| f.op == super::query::Op::In) {
            filter.op = super::query::Op::NotIn;
        }
    }
    let mut changed = false;
    if has("all every everything") && patch.top.is_none() && base.top.is_some() {
        base.top = None;
        base.rank = None;
        patch.groups.clear();
        changed = true;
    }
    if has("reverse reversed flip") {
        patch.descending = Some(!base.descending.unwrap_or(false));
        changed = true;
    }
    let sorts = has("sort sorted order ordered");
    if has("alphabetically alphabetical alphabetic") || (sorts && patch.asks.is_empty() && !patch.groups.is_empty()) {
        patch.by_name = true;
        patch.groups.clear();
        changed = true;
    }
    changed
}

/// What is wanted, what it replaces, and how it is meant.
pub fn manner(said: &[Token]) -> (Vec<Token>, Vec<Token>, Manner) {
    let lower = |i: usize| said.get(i).map_or("", |t| t.lower.as_str());
    let mut cut = None;
    for at in 0..said.len() {
        let pair = (lower(at), lower(at + 1));
        if matches!(pair, ("instead", "of") | ("rather", "than")) {
            cut = Some((at, at + 2));
        }
    }
    let manner = Manner {
        instead: said.iter().any(|t| matches!(t.lower.as_str(), "instead" | "rather" | "replace" | "switch")),
        split: said.iter().any(|t| {
            matches!(
                t.lower.as_str(),
                "split"
                    | "break"
                    | "broken"
                    | "breakdown"
                    | "add"
                    | "series"
                    | "also"
                    | "stack"
                    | "stacked"
                    | "grouped"
            )
        }),
        replaced: None,
    };
    let Some((from, to)) = cut else { return (said.to_vec(), Vec::new(), manner) };
    let end = (to..said.len()).find(|&i| said[i].is(',') || lower(i) == "and").unwrap_or(said.len());
    let kept = said[..from].iter().chain(&said[end..]).cloned().collect();
    (kept, said[to..end].to_vec(), manner)
}

/// A theme, where colours are spoken of.
pub fn theme(said: &[Token]) -> Option<Theme> {
    let named = said.iter().find_map(|t| vocabulary::theme(&t.lower))?;
    let of_colours = said.iter().any(|t| {
        matches!(
            t.lower.as_str(),
            "theme" | "colour" | "color" | "colours" | "colors" | "palette" | "scheme" | "style" | "look"
        )
    });
    let short = said.len() <= 6
        && said.iter().all(|t| {
            vocabulary::theme(&t.lower).is_some()
                || lexicon::is_filler(&t.lower)
                || matches!(t.lower.as_str(), "dark" | "light" | "in" | "to" | "use" | "switch")
        });
    (of_colours || short).then_some(named)
}
