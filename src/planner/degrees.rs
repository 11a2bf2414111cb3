//! Questions for a degree: `how old are the members?`, `how heavy are the parcels, as a histogram`.

use vizroom_protocol::dashboard::CardKind;

use super::fields::Data;
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::Agg;
use super::thesaurus;
use super::words::{Token, is};

/// The items with the figure that an adjective after `how` asks for: its average, where nothing else is to be made of it.
/// Where the figure is named, as in `how high are the fees`, the adjective says nothing more.
pub fn asked(data: &Data<'_>, said: &[Token], items: Vec<Item>) -> Vec<Item> {
    let how = |i: &Item| is(said.get(i.from), "how");
    let Some(at) = items.iter().position(how) else { return items };
    let Some(adjective) = said.get(items[at].from + 1) else { return items };
    let end = items[at].from + 2;
    let after = items.iter().position(|i| i.from >= end).unwrap_or(items.len());
    let whole = items[..after].last().is_some_and(|i| i.to == end);
    let ranked = items.iter().any(|i| matches!(i.meaning, Meaning::Keyword(Keyword::Rank(_) | Keyword::Grown { .. })));
    if !whole || ranked {
        return items;
    }
    let measured = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_measure());
    // Past the sentence it is asked in, another one may name it again.
    let ends = |i: &&Item| matches!(i.meaning, Meaning::Mark(_));
    let grouped = |i: &Item| i.meaning == Meaning::Keyword(Keyword::By);
    let clause = items[after..].iter().take_while(|i| !ends(i) && !grouped(i));
    let named = clause.clone().any(measured);
    let figure = thesaurus::is_superlative(&adjective.lower) == Some(false);
    let Some(asked) = thesaurus::figures(data, &adjective.lower).filter(|_| figure) else { return items };
    let computed = items.iter().any(|i| {
        matches!(
            i.meaning,
            Meaning::Keyword(Keyword::Agg(_) | Keyword::Distribution | Keyword::Correlation | Keyword::Outliers)
                | Meaning::Keyword(Keyword::Chart(CardKind::Histogram | CardKind::Boxplot | CardKind::Scatter))
        )
    });
    let at_how = |meaning: Meaning| Item { meaning, from: items[at].from, to: end };
    let told = match () {
        () if named => vec![at_how(Meaning::Filler)],
        () if computed => vec![at_how(Meaning::Column(asked.fields))],
        () => vec![at_how(Meaning::Keyword(Keyword::Agg(Agg::Avg))), at_how(Meaning::Column(asked.fields))],
    };
    // Whose figure it is has been said: the rows are not counted as well.
    let rest = items[after..].iter().cloned();
    items[..at].iter().cloned().chain(told).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn a_degree_is_a_figure() {
        let columns = || {
            let figures = [figure("age", 60, 20, 80), figure("weight", 90, 40, 140)];
            figures.into_iter().chain([text("club", 40, 0, &["Heavy", "Light"])]).collect::<Vec<_>>()
        };
        for (prompt, wanted) in [
            ("how old are the members?", "AVG(\"age\")"),
            ("how heavy are the members by club", "AVG(\"weight\")"),
            ("how old are the members? show the distribution", "floor(CAST(\"age\""),
            ("how heavy are the members, as a histogram", "floor(CAST(\"weight\""),
        ] {
            let query = sql(prompt, "members", columns());
            assert!(query.contains(wanted) && !query.contains("'Heavy'"), "{prompt}: {query}");
        }
    }
}
