//! The two ends of one thing in columns of their own: `highs` and `lows`, `the daily max`, of a `temp_max` beside a
//! `temp_min`.

use super::fields::{Data, Field};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::words::{Token, is};

/// What the two ends are called in names of columns.
const HIGH: &str = "maximum high highest peak";
const LOW: &str = "minimum low lowest";
/// What people call them.
const HIGHS: &str = "high highs max maxes maxima maximum maximums peak peaks";
const LOWS: &str = "low lows min mins minima minimum minimums";
/// Words after which an end is no thing but what something is like.
const LIKE: &str = "is are was were too very how so a as most more";

/// The two columns of each pair whose names differ in the end alone: the upper one, the lower one.
fn pairs(data: &Data<'_>) -> Vec<(usize, usize)> {
    let figures = || (0..data.fields.len()).filter(|&f| data.fields[f].is_measure());
    let of = |high: usize| {
        let lower = |low: &usize| differ_in_end(&data.fields[high], &data.fields[*low]);
        figures().find(lower).map(|low| (high, low))
    };
    figures().filter_map(of).collect()
}

fn differ_in_end(high: &Field<'_>, low: &Field<'_>) -> bool {
    let ends = |a: &str, b: &str| has(HIGH, a) && has(LOW, b);
    let both = || high.words.iter().zip(&low.words);
    let told = both().filter(|(a, b)| ends(&a.lower, &b.lower)).count();
    high.words.len() == low.words.len()
        && told == 1
        && both().all(|(a, b)| a.stem == b.stem || ends(&a.lower, &b.lower))
}

fn has(list: &str, word: &str) -> bool {
    super::lists::has(list, word)
}

/// Whether a column is the lower end of such a pair.
pub fn is_low(field: &Field<'_>) -> bool {
    super::roles::has(&field.words, LOW)
}

/// The items with the columns in the place of the words for an end that nothing else says what of.
pub fn named(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let Some((upper, lower)) = pair_spoken_of(data, tokens) else { return items };
    let ends: Vec<Option<bool>> = (0..items.len()).map(|at| end(data, tokens, &items, at)).collect();
    for at in 0..items.len() {
        if let Some(high) = ends[at].filter(|_| stands_alone(data, tokens, &items, &ends, at)) {
            items[at].meaning = Meaning::Column(vec![if high { upper } else { lower }]);
        }
    }
    items
}

/// `the daily range`, `largest temperature range`: the upper end less the lower one.
pub fn apart(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    const APART: &str = "range ranges swing swings amplitude";
    let Some((high, low)) = pair_spoken_of(data, tokens) else { return items };
    let of_pair = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if c.contains(&high) || c.contains(&low));
    for at in 1..items.len() {
        let word = tokens.get(items[at].from).filter(|_| items[at].to == items[at].from + 1);
        let open = matches!(items[at].meaning, Meaning::Filler | Meaning::Unknown(_)) && is(word, APART);
        // `range of prices`, `in the range 5 to 10`
        let told = items
            .get(at + 1)
            .is_some_and(|i| is(tokens.get(i.from), "of from between") || matches!(i.meaning, Meaning::Number { .. }));
        let before = &items[at - 1];
        let named = of_pair(before);
        let ranked = matches!(before.meaning, Meaning::Keyword(Keyword::Agg(_) | Keyword::Grain(_) | Keyword::Rank(_)));
        let noun = is(tokens.get(before.from), "trading diurnal");
        if !open || told || !(named || ranked || noun) {
            continue;
        }
        if named || noun {
            items[at - 1].meaning = Meaning::Filler;
        }
        let place = items[at].clone();
        let of = [Meaning::Column(vec![high]), Meaning::Keyword(Keyword::Minus), Meaning::Column(vec![low])];
        items.splice(at..=at, of.into_iter().map(|meaning| Item { meaning, ..place.clone() }));
        break;
    }
    items
}

/// What `the price` or `the rate` is, where a table tells how it opened, how it closed and what lay between: how it
/// closed; the highest of it is its upper end.
pub fn quoted(data: &Data<'_>, span: &[Token]) -> Option<Vec<usize>> {
    const QUOTED: &str = "price prices rate rates quote quotes quotation value values";
    const BEFORE: &str = "stock share exchange market closing currency";
    let noun = span.last().filter(|t| is(Some(t), QUOTED))?;
    let told = span.len() == 1 || span.len() == 2 && is(span.first(), BEFORE);
    let called = |word: &str| {
        let is = |f: &Field<'_>| f.is_measure() && matches!(f.words.as_slice(), [one] if one.lower == word);
        data.fields.iter().position(is)
    };
    let own = |f: &Field<'_>| f.words.iter().any(|w| w.stem == noun.stem);
    let all = [called("close")?, called("high")?, called("low")?];
    (told && !data.fields.iter().any(own)).then(|| all.to_vec())
}

/// The pair of columns whose words are said, or the first.
fn pair_spoken_of(data: &Data<'_>, tokens: &[Token]) -> Option<(usize, usize)> {
    let pairs = pairs(data);
    let told = |w: &super::fields::Word| !has(HIGH, &w.lower) && tokens.iter().any(|t| t.stem == w.stem);
    let spoken = pairs.iter().find(|(high, _)| data.fields[*high].words.iter().any(told));
    spoken.or(pairs.first()).copied()
}

/// Which end a single word is, where it names no column by itself.
fn end(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<bool> {
    let item = &items[at];
    let figure = matches!(&item.meaning, Meaning::Column(c) if data.fields[c[0]].is_measure());
    let word = tokens.get(item.from).filter(|_| item.to == item.from + 1 && !figure);
    match () {
        () if is(word, HIGHS) => Some(true),
        () if is(word, LOWS) => Some(false),
        () => None,
    }
}

/// Whether an end is a thing of its own: `average high by month`, `daily lows`, `gap between max and min`; no `high
/// income`, no `max price`.
fn stands_alone(data: &Data<'_>, tokens: &[Token], items: &[Item], ends: &[Option<bool>], at: usize) -> bool {
    let word = tokens.get(items[at].from);
    let small = |i: &usize| is(tokens.get(items[*i].from), "the daily day s and vs versus to minus , & of");
    let last = |list: &str| at.checked_sub(1).is_some_and(|i| is(tokens.get(items[i].to - 1), list));
    let agg = |i: usize| matches!(items[i].meaning, Meaning::Keyword(Keyword::Agg(_)));
    let figure = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_measure());
    let goes_on = items.get(at + 1).is_some_and(|i| {
        figure(i)
            || matches!(i.meaning, Meaning::Unknown(_) | Meaning::Value(_) | Meaning::Values(..) | Meaning::Column(_))
    });
    // `a high of 80`; but `lowest low of each month`
    let next = items.get(at + 1).map_or(tokens.len(), |i| i.from);
    let of = is(tokens.get(next), "of") && !is(tokens.get(next + 1), "each every all the any");
    if goes_on || of || last(LIKE) {
        return false;
    }
    let before = (0..at).rev().find(|i| !small(i));
    let computed = before.is_some_and(|i| agg(i) && ends[i].is_none());
    // `min and max`: both ends are named.
    let near = |i: usize| ends.get(i).is_some_and(Option::is_some);
    let paired = (at + 1..items.len()).find(|i| !small(i)).is_some_and(near) || before.is_some_and(near);
    let limited = items.get(at + 1).is_some_and(|i| matches!(i.meaning, Meaning::Keyword(Keyword::Compared(_))));
    let noun = !matches!(items[at].meaning, Meaning::Keyword(Keyword::Agg(_)));
    noun || is(word, "maxes maxima minima maximums minimums") || computed || paired || limited
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};
    use vizroom_protocol::file::{Column, ColumnType};

    fn columns() -> Vec<Column> {
        let dates = Column { kind: ColumnType::Date, ..figure("date", 2_000, 0, 0) };
        let day = |d: &str| Some(serde_json::Value::from(d));
        let date = Column { min: day("2015-01-01"), max: day("2020-06-30"), ..dates };
        let temps = ["tmax", "tmin"].map(|n| figure(n, 90, -5, 104));
        [vec![date, text("station", 8, 0, &["Ulm"])], temps.to_vec(), vec![figure("wind", 30, 0, 30)]].concat()
    }

    #[test]
    fn highs_and_lows_are_the_columns_that_hold_them() {
        for (prompt, wanted) in [
            ("average high by station", "AVG(\"tmax\")"),
            ("mean low per year", "AVG(\"tmin\")"),
            ("daily highs histogram", "\"tmax\" IS NOT NULL"),
            ("average max temperature by station", "AVG(\"tmax\")"),
            ("average difference between the daily max and min by station", "AVG((\"tmax\" - \"tmin\"))"),
            ("hottest day", "AVG(\"tmax\")"),
            ("lowest low of each year", "MIN(\"tmin\")"),
            ("days with lows below 0 by station", "\"tmin\" < 0"),
            ("average daily temperature range by station", "AVG((\"tmax\" - \"tmin\"))"),
        ] {
            let query = sql(prompt, "clemson_temps", columns());
            assert!(query.contains(wanted), "{prompt}: {query}");
        }
    }

    #[test]
    fn the_price_of_a_day_is_the_one_it_closed_with() {
        let figures = || ["Open", "High", "Low", "Close"].map(|n| figure(n, 900, 10, 90)).to_vec();
        let columns = || [vec![text("symbol", 5, 0, &["KO"])], figures()].concat();
        for (prompt, wanted) in [
            ("average price by symbol", "AVG(\"Close\")"),
            ("highest price by symbol", "MAX(\"High\")"),
            ("lowest exchange rate by symbol", "MIN(\"Low\")"),
            ("average daily range by symbol", "AVG((\"High\" - \"Low\"))"),
        ] {
            let query = sql(prompt, "quotes", columns());
            assert!(query.contains(wanted), "{prompt}: {query}");
        }
    }
}
