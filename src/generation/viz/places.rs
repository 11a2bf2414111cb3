//! Which country or state a name means.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One place a line: the id of its outline, then what it is called, separated by `|`.
const COUNTRIES: &str = include_str!("countries.txt");
const STATES: &str = include_str!("states.txt");

static WORLD_NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| read(COUNTRIES));
static US_NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| read(STATES));

/// Outlines that the page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Atlas {
    /// Countries by their ISO 3166 number; the few that have none by the name in the atlas.
    World,
    /// States of the USA by their FIPS number.
    Us,
}

impl Atlas {
    /// As `usermeta.shapes` says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Atlas::World => "world",
            Atlas::Us => "us",
        }
    }
}

/// Names with their places.
#[derive(Debug, PartialEq)]
pub(super) struct Located {
    pub(super) atlas: Atlas,
    /// A name as the rows spell it, and the id of its outline.
    pub(super) known: Vec<(String, &'static str)>,
    pub(super) unknown: Vec<String>,
}

/// Finds the places that `names` mean, if at least half of them are found on one map; else how many are. `label` is what
/// stands above the names: it decides where both maps know as many (`CA`, `IN`).
pub(super) fn locate(names: &[&str], label: &str) -> Result<Located, usize> {
    let on = |atlas| {
        let by_name = match atlas {
            Atlas::World => &*WORLD_NAMES,
            Atlas::Us => &*US_NAMES,
        };
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for name in names {
            match by_name.get(&folded(name)) {
                Some(place) => known.push(((*name).to_owned(), *place)),
                None => unknown.push((*name).to_owned()),
            }
        }
        Located { atlas, known, unknown }
    };
    let (world, us) = (on(Atlas::World), on(Atlas::Us));
    let states = us.known.len() > world.known.len()
        || (us.known.len() == world.known.len() && label.to_lowercase().contains("state"));
    let best = if states { us } else { world };
    match best.known.len() {
        0 => Err(0),
        count if count * 2 < names.len() => Err(count),
        _ => Ok(best),
    }
}

fn read(lines: &'static str) -> HashMap<String, &'static str> {
    let mut names = HashMap::new();
    for line in lines.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split('|');
        let id = words.next().unwrap_or_default();
        names.extend(words.map(|name| (folded(name), id)));
    }
    names
}

/// Without case, accents, punctuation, articles.
fn folded(name: &str) -> String {
    let plain: String = name.trim().to_lowercase().chars().filter_map(letter).collect();
    let words = plain.split_whitespace().filter(|word| !matches!(*word, "the" | "of" | "and"));
    words.collect::<Vec<_>>().join(" ")
}

fn letter(c: char) -> Option<char> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        '.' | '\'' | '’' => return None,
        c if c.is_alphanumeric() => c,
        _ => ' ',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(names: &[&str], label: &str) -> Result<(Atlas, Vec<&'static str>), usize> {
        locate(names, label).map(|found| (found.atlas, found.known.into_iter().map(|(_, place)| place).collect()))
    }

    #[test]
    fn countries_by_name_and_code() {
        let names =
            ["Switzerland", "usa", "Côte d’Ivoire", "The Gambia", "DE", "GBR", "Russia", "Viet Nam", "South Korea"];
        let found = places(&names, "Country").unwrap();
        assert_eq!(found, (Atlas::World, vec!["756", "840", "384", "270", "276", "826", "643", "704", "410"]));
    }

    #[test]
    fn states_by_name_and_code() {
        assert_eq!(places(&["California", "New York", "TX"], "Place").unwrap(), (Atlas::Us, vec!["06", "36", "48"]));
        // Codes of countries as well: what stands above them decides.
        assert_eq!(places(&["CA", "IN", "DE"], "State").unwrap().0, Atlas::Us);
        assert_eq!(places(&["CA", "IN", "DE"], "Country").unwrap().0, Atlas::World);
        assert_eq!(places(&["CA", "NY", "TX"], "Country").unwrap().0, Atlas::Us);
    }

    #[test]
    fn less_than_half_is_no_map() {
        assert_eq!(locate(&["Peru", "Mordor"], "Country").unwrap().unknown, ["Mordor"]);
        assert_eq!(locate(&["Peru", "Mordor", "Gondor"], "Country"), Err(1));
        assert_eq!(locate(&[], "Country"), Err(0));
    }

    /// A name leads to one place, and every place has one.
    #[test]
    fn no_name_twice() {
        for lines in [COUNTRIES, STATES] {
            let mut seen = HashMap::new();
            for line in lines.lines().filter(|line| !line.starts_with('#')) {
                let words: Vec<&str> = line.split('|').collect();
                assert!(words.len() > 1 && !words[0].is_empty(), "{line}");
                for name in &words[1..] {
                    let before = seen.insert(folded(name), words[0]);
                    assert!(before.is_none_or(|place| place == words[0]), "{name} is {before:?} as well");
                }
            }
        }
    }
}
