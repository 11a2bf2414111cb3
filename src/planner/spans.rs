//! Changes between two years that columns are of: `population growth from 1996 to 2021` of a `population_1996` and a
//! `population_2021` is the one minus the other.

use super::fields::{Data, Field};
use super::lexicon::Keyword;
use super::likeness::synonymous;
use super::matching::{Item, Meaning};
use super::words::{Token, is};

const CHANGES: &str = "growth change changes increase increased gain gains gained rise risen rose difference decline declined drop \
    dropped decrease decreased fall fell reduction improvement improved grew grow grown changed shrank shrunk";

const RELATIVE: &str = "percent percentage relative fastest %";

/// The items of a sentence with such a change as a subtraction; relative ones are divided by where they began.
pub fn changed(data: &Data<'_>, said: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let Some(years) = span(said) else { return items };
    let Some([earlier, later]) = pair(data, said, years.map(|at| year(&said[at]))) else { return items };
    let change = |i: &Item| said[i.from..i.to].iter().any(|t| is(Some(t), CHANGES));
    let family = |i: &Item| {
        let same = |f: &usize| data.fields[*f].words == data.fields[later].words;
        matches!(&i.meaning, Meaning::Column(c) if c.iter().any(same))
    };
    let Some(first) = items.iter().position(|i| change(i) || family(i)) else { return items };
    if !items.iter().any(change) {
        return items;
    }
    for item in &mut items {
        let timed = item.from <= years[0].max(years[1]) && item.to + 1 > years[0].min(years[1]);
        let grown = match item.meaning {
            Meaning::Keyword(Keyword::Grown { rank, .. }) => Some(rank),
            _ => None,
        };
        if timed || change(item) || family(item) {
            item.meaning = grown.map_or(Meaning::Filler, |rank| Meaning::Keyword(Keyword::Rank(rank)));
        }
    }
    let at = Item { meaning: Meaning::Filler, ..items[first].clone() };
    let of = |meaning: Meaning| Item { meaning, ..at.clone() };
    let column = |f: usize| of(Meaning::Column(vec![f]));
    let mut figure = vec![column(later), of(Meaning::Keyword(Keyword::Minus)), column(earlier)];
    if years[1] < years[0] || said.iter().any(|t| is(Some(t), RELATIVE)) {
        figure.extend([of(Meaning::Keyword(Keyword::Divided)), column(earlier)]);
    }
    items.splice(first + 1..first + 1, figure);
    items
}

/// Whether the item is one of the two figures of such a change, whose years are known.
pub fn is_told(items: &[Item], at: usize) -> bool {
    let operation = |i: &Item| matches!(i.meaning, Meaning::Keyword(Keyword::Minus | Keyword::Divided));
    let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|i| items.get(i));
    beside.into_iter().any(|i| operation(i) && (i.from, i.to) == (items[at].from, items[at].to))
}

fn year(token: &Token) -> i64 {
    token.number().unwrap_or(0.0) as i64
}

/// Where the two years of `from 1996 to 2021`, `between 1996 and 2021` are.
fn span(said: &[Token]) -> Option<[usize; 2]> {
    let is_year = |at: usize| {
        said.get(at).is_some_and(|t| t.text.len() == 4 && t.number().is_some_and(|n| (1500.0..=2200.0).contains(&n)))
    };
    let at = (1..said.len()).find(|&at| is_year(at) && is_year(at + 2))?;
    // `growth 2021 vs 1996`, which a relative change is rewritten to.
    if is(said.get(at + 1), "vs") && year(&said[at]) > year(&said[at + 2]) {
        return Some([at + 2, at]);
    }
    let joint = is(said.get(at + 1), "to and until") || said[at + 1].is('-');
    let told = is(said.get(at - 1), "from between since");
    (joint && told && year(&said[at]) < year(&said[at + 2])).then_some([at, at + 2])
}

/// The figures of the two years whose names have most of the words that are said, all of theirs.
fn pair(data: &Data<'_>, said: &[Token], years: [i64; 2]) -> Option<[usize; 2]> {
    let spoken = |f: &Field<'_>| {
        let told = |w: &super::fields::Word| said.iter().any(|t| t.stem == w.stem || synonymous(&t.lower, w));
        f.is_number() && !f.words.is_empty() && f.words.iter().all(told)
    };
    let of = |year: i64| (0..data.fields.len()).filter(move |&f| data.fields[f].years == [year]);
    let later = of(years[1]).filter(|&f| spoken(&data.fields[f])).max_by_key(|&f| data.fields[f].words.len())?;
    let earlier = of(years[0]).find(|&f| data.fields[f].words == data.fields[later].words)?;
    Some([earlier, later])
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn a_change_between_years_of_columns_is_a_subtraction() {
        let columns = || {
            let figures = ["population_1996", "population_2011", "population_2021", "density_2021"];
            let figures = figures.into_iter().map(|n| figure(n, 1_900, 100, 900_000));
            figures.chain([text("town", 2_000, 0, &["Bath"]), text("region", 9, 0, &["West"])]).collect::<Vec<_>>()
        };
        let less = "(\"population_2021\" - \"population_1996\")";
        for prompt in [
            "population growth from 1996 to 2021 by region",
            "change in population between 1996 and 2021 by region",
            "population gain from 1996 to 2021, top 10 towns",
            "increase in population between 1996 and 2021 per region",
        ] {
            let query = sql(prompt, "towns", columns());
            assert!(query.contains(less) && query.contains("GROUP BY 1"), "{prompt}: {query}");
        }
        let query = sql("percentage change in population from 1996 to 2021 by region", "towns", columns());
        assert!(query.contains(less) && query.contains("NULLIF(SUM(\"population_1996\")"), "{query}");
    }
}
