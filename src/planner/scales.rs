//! Numbers in another unit than their column's: `longer than 5 minutes` of milliseconds, `taller than 2 metres` of
//! centimetres.

use serde_json::Value;

use super::Goal;
use super::amounts::plain;
use super::conditions::Piece;
use super::fields::{Data, Field};
use super::matching::{Item, Meaning};
use super::query::Agg;
use super::words::{Token, name_words};

/// Fewest different values of a column that suggest its unit.
const VARIED_MIN: u64 = 10;
/// The kind of what lasts: the others' units are close to each other.
const TIMES: usize = 0;
/// How much nearer another unit must bring a number to what is usual: three times.
const NEARER: f64 = 1.1;

/// Units of one kind, each with how much of the first it is.
const SCALES: [&[(&str, f64)]; 5] = [
    &[
        ("s sec secs second seconds", 1.0),
        ("ms msec millis millisecond milliseconds", 0.001),
        ("m min mins minute minutes", 60.0),
        ("h hr hrs hour hours", 3_600.0),
        ("d day days", 86_400.0),
        ("wk week weeks", 604_800.0),
    ],
    &[
        ("m metre metres meter meters", 1.0),
        ("mm millimetre millimetres millimeter millimeters", 0.001),
        ("cm centimetre centimetres centimeter centimeters", 0.01),
        ("km kilometre kilometres kilometer kilometers", 1_000.0),
        ("ft foot feet", 0.3048),
        ("in inch inches", 0.0254),
        ("mi mile miles", 1_609.344),
    ],
    &[
        ("kg kilo kilos kilogram kilograms", 1.0),
        ("g gram grams", 0.001),
        ("t ton tons tonne tonnes", 1_000.0),
        ("lb lbs pound pounds", 0.453_592_37),
        ("oz ounce ounces", 0.028_349_523),
    ],
    &[
        ("b byte bytes", 1.0),
        ("kb kilobyte kilobytes", 1e3),
        ("mb megabyte megabytes", 1e6),
        ("gb gigabyte gigabytes", 1e9),
    ],
    &[("kph kmh", 1.0), ("mph", 1.609_344), ("kn kt kts knot knots", 1.852)],
];

/// What is measured in units of each kind, where a name says nothing but the unit.
const MEASURED: [&str; 5] = ["duration", "length", "weight", "size", "speed"];

/// A unit that figures are to be told in: which kind, how much of the first it is, and what it is called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    kind: usize,
    size: f64,
    name: &'static str,
}

impl Unit {
    fn of(word: &str) -> Option<Self> {
        SCALES.iter().enumerate().find_map(|(kind, units)| {
            let (names, size) = units.iter().find(|(names, _)| super::lists::has(names, word))?;
            Some(Self { kind, size: *size, name: names.rsplit(' ').next()? })
        })
    }

    /// What values of a column are multiplied by to be told in it, where the column's name says another unit.
    pub fn factor(self, field: &Field<'_>) -> Option<f64> {
        let own = own(field, self.kind)?;
        let factor = own / self.size;
        (field.is_number() && (factor - 1.0).abs() > 1e-9).then_some(factor)
    }

    /// The unit that values of a column are told in once they are multiplied so.
    pub fn told(field: &Field<'_>, factor: f64) -> Option<Self> {
        (0..SCALES.len()).find_map(|kind| {
            let size = own(field, kind)? / factor;
            let (names, size) = SCALES[kind].iter().find(|(_, s)| (s / size - 1.0).abs() < 1e-9)?;
            Some(Self { kind, size: *size, name: names.rsplit(' ').next()? })
        })
    }

    pub fn name(self) -> &'static str {
        self.name
    }

    /// What a figure is called that is told in it: `duration in minutes` of a `duration_ms`.
    pub fn labelled(self, field: &Field<'_>) -> String {
        let mut words: Vec<&str> = field.label.split(' ').collect();
        if words.last().is_some_and(|w| size(self.kind, &w.to_lowercase()).is_some()) {
            words.pop();
        }
        let what = if words.is_empty() { MEASURED[self.kind].to_owned() } else { words.join(" ") };
        format!("{what} in {}", self.name)
    }
}

/// Values of single rows in the unit that is asked for.
pub fn in_rows(data: &Data<'_>, unit: Option<Unit>, goal: &mut Goal) {
    let Some(unit) = unit else { return };
    for measure in goal.query.measures.iter_mut().filter(|m| m.agg == Agg::Value && m.times.is_none()) {
        let field = measure.column.as_deref().and_then(|c| data.index(c)).map(|f| &data.fields[f]);
        let Some((field, factor)) = field.and_then(|f| Some((f, unit.factor(f)?))) else { continue };
        measure.times = Some(factor);
        let label = unit.labelled(field);
        let channels = goal.encoding.x.iter_mut().chain(&mut goal.encoding.y);
        for channel in channels.filter(|c| c.field == measure.alias) {
            channel.label = super::text::capital(&label);
            channel.unit = Some(unit.name.to_owned());
            channel.format = Some(",.2f".into());
        }
        for text in [&mut goal.title, &mut goal.description] {
            *text = text.replacen(field.label.as_str(), &label, 1);
        }
    }
}

/// How much of the first unit of a kind a column's own one is.
fn own(field: &Field<'_>, kind: usize) -> Option<f64> {
    let unit = field.unit.as_deref().map(str::to_lowercase);
    unit.into_iter().chain(name_words(&field.column.name).last().cloned()).find_map(|own| size(kind, &own))
}

/// The prompt without the words for the unit that figures are to be told in, `average duration in minutes`, and the
/// unit, where a column is measured in another of its kind.
pub fn told_in(mut said: Vec<Token>, all: &[Data<'_>]) -> (Vec<Token>, Option<Unit>) {
    for at in 0..said.len().saturating_sub(1) {
        let word = &said[at + 1];
        let beside = [at.checked_sub(1), Some(at + 2)].into_iter().flatten();
        let number = beside.filter_map(|i| said.get(i)).any(|t| t.number().is_some());
        if said[at].lower != "in" || word.lower.len() < 2 || number {
            continue;
        }
        let known =
            |unit: &Unit| all.iter().flat_map(|d| &d.fields).any(|f| f.is_measure() && unit.factor(f).is_some());
        if let Some(unit) = Unit::of(&word.lower).filter(known) {
            said.drain(at..at + 2);
            return (said, Some(unit));
        }
    }
    (said, None)
}

/// The limits of a figure in its own unit, where `items` say another one.
pub fn scaled(data: &Data<'_>, tokens: &[Token], items: &[Item], piece: Piece) -> Piece {
    let Piece::Limits { field: Some(field), limits } = piece else { return piece };
    let known = &data.fields[field];
    let said = said(tokens, items);
    let factor = said.and_then(|unit| factor(known, unit, limits.first().and_then(|(_, v)| v.as_f64())?));
    let Some(factor) = factor else { return Piece::Limits { field: Some(field), limits } };
    let in_own = |v: &Value| v.as_f64().map_or_else(|| v.clone(), |n| plain((n * factor * 1e9).round() / 1e9));
    let limits = limits.iter().map(|(op, v)| (*op, in_own(v))).collect();
    Piece::Limits { field: Some(field), limits }
}

/// The word right after a number.
fn said<'t>(tokens: &'t [Token], items: &[Item]) -> Option<&'t str> {
    let numbers = items.iter().filter(|i| matches!(i.meaning, Meaning::Number { .. }));
    // `over 5000 in 2015` are no inches.
    numbers.filter_map(|i| tokens.get(i.to)).map(|t| t.lower.as_str()).find(|w| *w != "in" && of_kind(w).is_some())
}

fn of_kind(unit: &str) -> Option<(usize, f64)> {
    SCALES.iter().enumerate().find_map(|(kind, units)| {
        let one = units.iter().find(|(names, _)| super::lists::has(names, unit))?;
        Some((kind, one.1))
    })
}

fn size(kind: usize, unit: &str) -> Option<f64> {
    SCALES[kind].iter().find(|(names, _)| super::lists::has(names, unit)).map(|(_, size)| *size)
}

/// What a number in the unit is to be multiplied by: the column's name says its unit, or its values suggest one.
fn factor(field: &Field<'_>, unit: &str, n: f64) -> Option<f64> {
    let spoken = |kind: usize| size(kind, unit);
    // `m` is of lengths and of minutes.
    let found = (0..SCALES.len()).find_map(|k| Some(spoken(k)? / own(field, k)?));
    if found.is_some() {
        return found.filter(|f| (*f - 1.0).abs() > 1e-9);
    }
    let (low, high) = field.min().zip(field.max())?;
    let within = |n: f64| (low..=high).contains(&n);
    if n <= 0.0 || field.joined || field.column.distinct < VARIED_MIN {
        return None;
    }
    // `m` is no minute of what is not timed.
    let timed = super::roles::has(&field.words, "time duration length runtime delay");
    let (kind, of) = of_kind(unit).map(|k| if unit == "m" && !timed { (1, 1.0) } else { k })?;
    let factors = SCALES[kind].iter().map(|(_, size)| of / size).filter(|f| within(n * f));
    let known = field.column.mean.filter(|m| *m > 0.0);
    let mean = known.unwrap_or((low + high) / 2.0).abs().max(1e-9);
    let far = |f: &f64| (n * f / mean).ln().abs();
    let best = factors.min_by(|a, b| far(a).total_cmp(&far(b)));
    // A number that some value may be is as it stands, unless it lies far from most and another unit's does not: films
    // of more than 4 hours are not told in hours, where they last 102 of something on average.
    let kept = |f: &f64| within(n) && (known.is_none() || kind != TIMES || far(f) + NEARER > far(&1.0));
    best.filter(|f| !kept(f))
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, refined, sql, text};

    #[test]
    fn figures_are_told_in_the_unit_that_is_asked_for() {
        let columns = || {
            vec![
                text("genre", 9, 0, &["Rock", "Jazz"]),
                text("title", 1_990, 0, &[]),
                figure("milliseconds", 1_800, 1_000, 900_000),
                figure("weight_lbs", 90, 1, 90),
            ]
        };
        for (prompt, wanted) in [
            ("average length in minutes by genre", "AVG(\"milliseconds\") * CAST(1.6666666666666667e-5 AS DOUBLE)"),
            ("total playing time in hours per genre", "SUM(\"milliseconds\")"),
            ("average weight in kg by genre", "AVG(\"weight_lbs\") * CAST(0.45359237"),
            ("top 5 tracks by length in minutes", "\"milliseconds\" * CAST(1.6666666666666667e-5"),
            ("average weight in pounds by genre", "AVG(\"weight_lbs\") AS"),
        ] {
            let query = sql(prompt, "tracks", columns());
            assert!(query.contains(wanted), "{prompt}: {query}");
        }
        let (change, query) = refined("average length by genre", "in seconds please", "tracks", columns());
        assert!(change == "replace" && query.contains("* CAST(0.001"), "{query}");
        let (_, query) = refined("average length in minutes by genre", "without Jazz", "tracks", columns());
        assert!(query.contains("* CAST(1.6666666666666667e-5"), "{query}");
    }
}
