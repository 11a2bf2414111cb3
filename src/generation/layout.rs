//! The last stage: where the cards stand. Twelve columns, no holes, reading order kept.

use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{CardKind, Layout, LayoutItem};

/// Columns of the grid.
const COLUMNS: u32 = 12;
/// Heights in grid units: of figures and sentences, and of everything drawn.
const SHORT: u32 = 2;
const TALL: u32 = 4;
/// Of one card, and of all.
const HEIGHT_MAX: u32 = 100;
const ROWS_MAX: u32 = 10_000;

/// Places cards, given by key and kind in reading order.
pub fn layout<'a>(cards: impl IntoIterator<Item = (&'a str, CardKind)>) -> Layout {
    let cards: Vec<(&str, CardKind)> = cards.into_iter().collect();
    let mut items = Vec::with_capacity(cards.len());
    let mut y = 0;
    for run in cards.chunk_by(|a, b| height(a.1) == height(b.1)) {
        let h = height(run[0].1);
        let rows = if h == SHORT { short_rows(run) } else { tall_rows(run) };
        for row in rows {
            let mut x = 0;
            for (&(key, _), w) in row.iter().zip(widths(row)) {
                items.push(LayoutItem { key: key.to_owned(), x, y, w, h });
                x += w;
            }
            y += h;
        }
    }
    Layout { columns: COLUMNS, items }
}

/// The cards' places as they are; those without one are put below, and nobody else moves.
pub fn kept<'a>(old: &Layout, cards: impl IntoIterator<Item = (&'a str, CardKind)>) -> Layout {
    let (there, new): (Vec<_>, Vec<_>) =
        cards.into_iter().partition(|(key, _)| old.items.iter().any(|i| i.key == *key));
    let mut items: Vec<LayoutItem> =
        old.items.iter().filter(|item| there.iter().any(|(key, _)| *key == item.key)).cloned().collect();
    let bottom = items.iter().map(|item| item.y + item.h).max().unwrap_or(0);
    items.extend(layout(new).items.into_iter().map(|item| LayoutItem { y: item.y + bottom, ..item }));
    Layout { columns: COLUMNS, items }
}

/// Checks places that somebody chose: every card once, within the grid, none over another. In reading order.
///
/// # Errors
/// `INVALID_REQUEST` naming the item.
pub fn chosen(wanted: Layout, keys: &[&str]) -> Result<Layout, Error> {
    if wanted.columns != COLUMNS {
        return Err(Error::invalid("layout.columns", format!("the grid has {COLUMNS} columns")));
    }
    let mut items = wanted.items;
    for (at, item) in items.iter().enumerate() {
        let wrong = |why: &str| Err(Error::invalid(format!("layout.items[{at}]"), why));
        let LayoutItem { key, x, y, w, h } = item;
        let overlaps = |other: &LayoutItem| {
            x < &(other.x + other.w) && other.x < x + w && y < &(other.y + other.h) && other.y < y + h
        };
        if !keys.contains(&key.as_str()) {
            return wrong("there is no panel of that key");
        }
        if *w == 0 || *h == 0 || *w > COLUMNS || *x > COLUMNS - w || *h > HEIGHT_MAX || *y > ROWS_MAX {
            return wrong("does not fit into the grid");
        }
        if let Some(other) = items[..at].iter().find(|other| other.key == *key || overlaps(other)) {
            return wrong(if other.key == *key { "is there twice" } else { "lies over another" });
        }
    }
    if let Some(key) = keys.iter().find(|key| !items.iter().any(|item| item.key == **key)) {
        return Err(Error::invalid("layout.items", format!("`{key}` is missing")));
    }
    items.sort_by_key(|item| (item.y, item.x));
    Ok(Layout { columns: COLUMNS, items })
}

fn height(kind: CardKind) -> u32 {
    if matches!(kind, CardKind::Kpi | CardKind::Insight) { SHORT } else { TALL }
}

/// The least width that does a card justice.
fn width(kind: CardKind) -> u32 {
    match kind {
        CardKind::Kpi => 3,
        CardKind::Insight => 6,
        _ => 4,
    }
}

/// Whether a card gains by a row of its own.
fn likes_width(kind: CardKind) -> bool {
    matches!(kind, CardKind::Line | CardKind::Area | CardKind::Table | CardKind::Heatmap)
}

type Cards<'c, 'a> = &'c [(&'a str, CardKind)];

/// As few rows as possible, about equally full.
fn short_rows<'c, 'a>(run: Cards<'c, 'a>) -> Vec<Cards<'c, 'a>> {
    let total: u32 = run.iter().map(|c| width(c.1)).sum();
    let even = total.div_ceil(total.div_ceil(COLUMNS));
    let (mut rows, mut from, mut used) = (Vec::new(), 0, 0);
    for (at, card) in run.iter().enumerate() {
        let w = width(card.1);
        if at > from && (used + w > COLUMNS || used >= even) {
            rows.push(&run[from..at]);
            (from, used) = (at, 0);
        }
        used += w;
    }
    rows.push(&run[from..]);
    rows
}

/// Two to a row; of an odd number one has a row for itself, the first that gains by it and leaves pairs around it,
/// or three share the last.
fn tall_rows<'c, 'a>(run: Cards<'c, 'a>) -> Vec<Cards<'c, 'a>> {
    let alone = (run.len() % 2 == 1).then(|| (0..run.len()).step_by(2).find(|&at| likes_width(run[at].1))).flatten();
    let (mut rows, mut at) = (Vec::new(), 0);
    while at < run.len() {
        let left = run.len() - at;
        let n = match left {
            _ if alone == Some(at) => 1,
            3 if alone.is_none_or(|a| a < at) => 3,
            _ => left.min(2),
        };
        rows.push(&run[at..at + n]);
        at += n;
    }
    rows
}

/// A row's widths: each its own, and what is left over spread from the left.
fn widths(row: Cards<'_, '_>) -> Vec<u32> {
    let own: Vec<u32> = row.iter().map(|c| width(c.1)).collect();
    let (left, n) = (COLUMNS - own.iter().sum::<u32>(), row.len() as u32);
    own.iter().zip(0..).map(|(w, at)| w + left / n + u32::from(at < left % n)).collect()
}

#[cfg(test)]
mod tests {
    use CardKind::{Bar, Donut, Insight, Kpi, Line, Table};
    use proptest::prelude::*;

    use super::*;

    fn placed(kinds: &[CardKind]) -> Vec<(u32, u32, u32, u32)> {
        let keys: Vec<String> = (1..=kinds.len()).map(|n| format!("chart_{n}")).collect();
        let layout = layout(keys.iter().map(String::as_str).zip(kinds.iter().copied()));
        assert!(layout.items.iter().map(|i| &i.key).eq(&keys));
        layout.items.iter().map(|i| (i.x, i.y, i.w, i.h)).collect()
    }

    #[test]
    fn usual_dashboards() {
        assert_eq!(placed(&[]), []);
        assert_eq!(
            placed(&[Kpi, Line, Bar, Donut, Insight]),
            [(0, 0, 12, 2), (0, 2, 12, 4), (0, 6, 6, 4), (6, 6, 6, 4), (0, 10, 12, 2)]
        );
        assert_eq!(placed(&[Kpi, Kpi, Kpi, Kpi]), [(0, 0, 3, 2), (3, 0, 3, 2), (6, 0, 3, 2), (9, 0, 3, 2)]);
        assert_eq!(placed(&[Kpi; 5])[2..4], [(8, 0, 4, 2), (0, 2, 6, 2)]);
        assert_eq!(placed(&[Bar, Donut]), [(0, 0, 6, 4), (6, 0, 6, 4)]);
        assert_eq!(placed(&[Bar, Bar, Bar]), [(0, 0, 4, 4), (4, 0, 4, 4), (8, 0, 4, 4)]);
        assert_eq!(placed(&[Bar, Donut, Table]), [(0, 0, 6, 4), (6, 0, 6, 4), (0, 4, 12, 4)]);
        assert_eq!(placed(&[Kpi, Insight]), [(0, 0, 5, 2), (5, 0, 7, 2)]);
    }

    proptest! {
        #[test]
        fn no_holes_and_in_order(kinds in prop::collection::vec(prop::sample::select(vec![Kpi, Bar, Line, Table, Insight, Donut]), 0..20)) {
            let items = placed(&kinds);
            let mut cells = std::collections::HashSet::new();
            for &(x, y, w, h) in &items {
                prop_assert!(w >= 3 && x + w <= COLUMNS);
                for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                    prop_assert!(cells.insert(cell), "{cell:?} is taken twice");
                }
            }
            let bottom = items.iter().map(|i| i.1 + i.3).max().unwrap_or(0);
            prop_assert_eq!(cells.len() as u32, bottom * COLUMNS);
            prop_assert!(items.is_sorted_by_key(|&(x, y, ..)| (y, x)));
        }
    }
}
