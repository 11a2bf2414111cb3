//! How well words name a column.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fields::{Field, Role, Word};
use super::vocabulary::SYNONYMS;
use super::words::stem;

/// How well spoken words name a field, 0–1; `None` if one of them does not belong to it.
pub fn score(spoken: &[Word], field: &Field<'_>) -> Option<f64> {
    let mut used: Vec<usize> = Vec::new();
    let mut sum = 0.0;
    for said in spoken {
        let (at, likeness) = field
            .words
            .iter()
            .enumerate()
            .filter(|(i, _)| !used.contains(i))
            .map(|(i, w)| (i, likeness(said, w)))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        if likeness == 0.0 {
            return None;
        }
        used.push(at);
        sum += likeness;
    }
    let coverage = used.len() as f64 / field.words.len().max(1) as f64;
    let head = if used.iter().any(|i| field.heads.contains(i)) { 1.0 } else { 0.7 };
    let fitting = if matches!(field.role, Role::Other) { 0.7 } else { 1.0 };
    Some(sum / spoken.len() as f64 * (0.6 + 0.4 * coverage) * head * fitting)
}

/// How alike two words are, 0–1.
fn likeness(a: &Word, b: &Word) -> f64 {
    if a.lower == b.lower {
        return 1.0;
    }
    if a.stem == b.stem {
        return 0.98;
    }
    if synonyms(a, b) {
        return 0.8;
    }
    let (short, long) = if a.lower.len() < b.lower.len() { (a, b) } else { (b, a) };
    if short.lower.len() >= 4 && long.lower.starts_with(&short.lower) && short.lower.len() * 2 > long.lower.len() {
        return 0.75;
    }
    let able = |w: &str| {
        ["ability", "able"].iter().find_map(|e| w.strip_suffix(e).filter(|s| s.len() >= 5).map(str::to_owned))
    };
    let base = able(&a.lower);
    let said = base.as_deref().unwrap_or(&a.lower);
    let length = said.chars().count();
    let allowed = if length >= 8 { 2 } else { usize::from(length >= 5) };
    let same_start = a.lower.chars().next() == b.lower.chars().next();
    if allowed > 0 && same_start && strsim::damerau_levenshtein(said, &b.lower) <= allowed { 0.7 } else { 0.0 }
}

/// Whether a spoken word means a word of a name, or is it.
pub fn synonymous(spoken: &str, word: &Word) -> bool {
    let spoken = Word::new(spoken);
    spoken.stem == word.stem || synonyms(&spoken, word)
}

fn synonyms(a: &Word, b: &Word) -> bool {
    static GROUPS: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
        let mut map: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, group) in SYNONYMS.iter().enumerate() {
            for word in group.split(' ') {
                map.entry(stem(word)).or_default().push(number);
            }
        }
        map
    });
    let groups = |w: &Word| GROUPS.get(&w.stem).map_or(&[][..], Vec::as_slice);
    groups(a).iter().any(|g| groups(b).contains(g))
}
