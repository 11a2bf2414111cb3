//! `how many rooms do houses have on average`: what is counted is a figure of each row, and its average is meant.

use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::Agg;
use super::words::{Token, is};

/// The items with the average of a figure where it is asked how many of it there are on average.
pub fn of_figure(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let figure = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if is_figure(data, c[0]));
    let counts = |i: &Item| i.meaning == Meaning::Keyword(Keyword::Count) && is(tokens.get(i.from), "how");
    let Some(at) = items.iter().position(counts) else { return items };
    let aside = |i: &Item| matches!(i.meaning, Meaning::Filler | Meaning::Unknown(_) | Meaning::Column(_));
    let next = |n: usize| items[n..].iter().position(|i| !aside(i) || figure(i)).map(|i| n + i);
    let Some(asked) = next(at + 1).filter(|&n| figure(&items[n])) else { return items };
    let ends = |i: &Item| matches!(i.meaning, Meaning::Mark('?' | '.' | '!' | ';' | '\n'));
    let end = items[asked..].iter().position(ends).map_or(items.len(), |n| asked + n);
    let average = |n: &usize| {
        items[*n].meaning == Meaning::Keyword(Keyword::Agg(Agg::Avg)) && !items.get(n + 1).is_some_and(figure)
    };
    let Some(said) = (at + 1..end).find(average).filter(|&n| n != asked - 1 && !divides(data, tokens, &items[n..]))
    else {
        return items;
    };
    items[at].meaning = Meaning::Keyword(Keyword::Agg(Agg::Avg));
    items[said].meaning = Meaning::Filler;
    // `how many imports do packages have`, of rows that are packages.
    for item in &mut items[asked + 1..end] {
        let rows = matches!(&item.meaning, Meaning::Column(c) if data.names_each(c[0]));
        let whose = item.from.checked_sub(1).is_some_and(|i| is(tokens.get(i), "do does did a an the have has had"));
        if rows && whose {
            item.meaning = Meaning::Filler;
        }
    }
    items
}

/// Whether the column holds a figure of each row, which has an average.
fn is_figure(data: &Data<'_>, field: usize) -> bool {
    let field = &data.fields[field];
    field.is_measure() && field.is_number() && matches!(field.role, Role::Sum | Role::Mean | Role::Ordinal)
}

/// `on average per day`: an average of what comes together in each is another thing, where the rows are finer than that.
fn divides(data: &Data<'_>, tokens: &[Token], rest: &[Item]) -> bool {
    let by = rest.iter().position(|i| i.meaning == Meaning::Keyword(Keyword::By) && is(tokens.get(i.from), "per a an"));
    let step = by.and_then(|by| rest.get(by + 1)).map(|i| &i.meaning);
    matches!(step, Some(Meaning::Keyword(Keyword::Grain(grain))) if data.is_finer(*grain))
}

/// Words for what is made, used up or won in the course of time, after a figure or before it.
const FLOWS: &str = "production output consumption produced consumed won scored caught harvested generated exported imported \
    delivered sold used built killed";
/// Words of names of what is measured rather than made.
const LEVELS: &str = "price rate percent share index average mean score rating age temperature income salary wage cost";

/// The items with the sum of what is said to be made or won, where nothing says how it is computed: `beef production per
/// year`, `oscars won per decade`.
pub fn of_flow(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let computed = |i: &Item| {
        matches!(
            i.meaning,
            Meaning::Keyword(
                Keyword::Agg(_)
                    | Keyword::Correlation
                    | Keyword::Distribution
                    | Keyword::Versus
                    | Keyword::Minus
                    | Keyword::Share
            )
        )
    };
    let grouped = |i: &Item| matches!(i.meaning, Meaning::Keyword(Keyword::By | Keyword::Grain(_) | Keyword::Trend));
    if items.iter().any(computed) || !items.iter().any(grouped) {
        return items;
    }
    let flows = |i: &Item| match &i.meaning {
        Meaning::Column(c) => {
            let field = &data.fields[c[0]];
            let level = super::roles::has(&field.words, LEVELS) || field.is_fraction() || field.holds_years();
            let kind = matches!(field.role, Role::Mean | Role::Ordinal) && field.is_number() && !level;
            let of = i.from >= 2 && is(tokens.get(i.from - 1), "of") && is(tokens.get(i.from - 2), FLOWS);
            kind && field.min().is_some_and(|m| m >= 0.0)
                && (of || is(tokens.get(i.to), FLOWS) || is(tokens.get(i.to + 1), FLOWS))
        }
        _ => false,
    };
    if let Some(at) = items.iter().position(flows) {
        items.insert(at, Item { meaning: Meaning::Keyword(Keyword::Agg(Agg::Sum)), ..items[at].clone() });
    }
    items
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn how_many_on_average_is_an_average() {
        let columns = || {
            let figures = [figure("bathrooms", 9, 0, 8), figure("calories", 300, 10, 900)];
            figures.into_iter().chain([text("street", 40, 0, &["Elm", "Oak"])]).collect::<Vec<_>>()
        };
        for prompt in
            ["how many calories do meals have on average on each street", "how many calories on average by street"]
        {
            let query = sql(prompt, "meals", columns());
            assert!(query.contains("AVG(\"calories\")") && query.contains("GROUP BY 1"), "{prompt}: {query}");
        }
        assert!(sql("how many calories by street", "meals", columns()).contains("SUM(\"calories\")"));
    }

    #[test]
    fn what_is_made_adds_up_and_what_is_measured_does_not() {
        let columns = || {
            let figures =
                [figure("year", 30, 1990, 2019), figure("beef", 300, 10, 900), figure("oil_price", 300, 10, 90)];
            figures.into_iter().chain([text("farm", 40, 0, &["North", "South"])]).collect::<Vec<_>>()
        };
        for prompt in ["beef production per year", "how much beef was produced per year", "production of beef by farm"]
        {
            let query = sql(prompt, "meat", columns());
            assert!(query.contains("SUM(\"beef\")"), "{prompt}: {query}");
        }
        assert!(sql("average beef production per year", "meat", columns()).contains("AVG(\"beef\")"));
        assert!(sql("oil price per year", "meat", columns()).contains("AVG(\"oil_price\")"));
    }
}
