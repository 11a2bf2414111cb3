//! Numbers in another unit than their column's: `longer than 5 minutes` of milliseconds, `taller than 2 metres` of
//! centimetres.

use serde_json::Value;

use super::amounts::plain;
use super::conditions::Piece;
use super::fields::{Data, Field};
use super::matching::{Item, Meaning};
use super::words::{Token, name_words};

/// Fewest different values of a column that suggest its unit.
const VARIED_MIN: u64 = 10;

/// Units of one kind, each with how much of the first it is.
const SCALES: [&[(&str, f64)]; 3] = [
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
];

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
        let one = units.iter().find(|(names, _)| names.split(' ').any(|n| n == unit))?;
        Some((kind, one.1))
    })
}

fn size(kind: usize, unit: &str) -> Option<f64> {
    SCALES[kind].iter().find(|(names, _)| names.split(' ').any(|n| n == unit)).map(|(_, size)| *size)
}

/// What a number in the unit is to be multiplied by: the column's name says its unit, or its values suggest one.
fn factor(field: &Field<'_>, unit: &str, n: f64) -> Option<f64> {
    let spoken = |kind: usize| size(kind, unit);
    let names = name_words(&field.column.name);
    let own = field.unit.as_deref().map(str::to_lowercase).into_iter().chain(names.last().cloned());
    // `m` is of lengths and of minutes.
    let found = own.into_iter().find_map(|own| (0..SCALES.len()).find_map(|k| Some(spoken(k)? / size(k, &own)?)));
    if found.is_some() {
        return found.filter(|f| (*f - 1.0).abs() > 1e-9);
    }
    let (low, high) = field.min().zip(field.max())?;
    let within = |n: f64| (low..=high).contains(&n);
    if within(n) || n <= 0.0 || field.joined || field.column.distinct < VARIED_MIN {
        return None;
    }
    // `m` is no minute of what is not timed.
    let timed = super::roles::has(&field.words, "time duration length runtime delay");
    let (kind, of) = of_kind(unit).map(|k| if unit == "m" && !timed { (1, 1.0) } else { k })?;
    let factors = SCALES[kind].iter().map(|(_, size)| of / size).filter(|f| within(n * f));
    let mean = field.column.mean.filter(|m| *m > 0.0).unwrap_or((low + high) / 2.0).abs().max(1e-9);
    factors.min_by(|a, b| {
        let far = |f: &f64| (n * f / mean).ln().abs();
        far(a).total_cmp(&far(b))
    })
}
