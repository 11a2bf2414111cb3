//! Nouns that go without saying in the name of a column: `violent crime` of a `violent`, `green vote` of a `green`.

use super::fields::{Data, Field};
use super::matching::{Item, Meaning};
use super::roles::{MEAN_WORDS, SUM_WORDS, has};
use super::supposed::Candidate;
use super::words::{Kind, Token, is};

/// What figures are of, where their names only tell which: of parties votes, of industries jobs, of stations riders.
const NOUNS: &str = "crime crimes offence offences offense offenses vote votes voter voters support supporters approval job jobs worker workers \
    employment employee employees workforce rider riders ridership user users boarding boardings station stations passenger \
    passengers trip trips ride rides return returns excess output production consumption usage content intake sale sales price \
    prices cost costs case cases death deaths infection infections medal medals seat seats win wins degree degrees population \
    people residents household households party candidate industry sector fund spending accident accidents injury injuries \
    visitor visitors visit visits emission emissions electricity plants theft thefts incidents";

/// Such a noun beside its column as nothing that matters.
pub fn unsaid(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let token = &tokens[item.from];
    if !matches!(item.meaning, Meaning::Unknown(_)) || !is(Some(token), NOUNS) {
        return None;
    }
    let noun = |i: &Item| matches!(i.meaning, Meaning::Unknown(_)) && is(tokens.get(i.from), NOUNS);
    let before = items[..at].iter().rev().find(|i| !noun(i));
    let joined = |i: &&Item| tokens.get(i.to..item.from).is_some_and(|all| all.iter().all(|t| is(Some(t), NOUNS)));
    // `votes for leave`, `jobs in construction`
    let small = |i: &&Item| is(tokens.get(i.from), "for in of at from on by to") && i.to == i.from + 1;
    let of = items.get(at + 1).filter(small).and(items.get(at + 2)).filter(|i| i.to > i.from);
    let named = before.filter(joined).and_then(|i| which(data, i)).or_else(|| of.and_then(|i| which(data, i)))?;
    let note = super::hinted::taken(tokens, item, &format!("what {} tells", data.fields[named].label));
    let items = vec![Item { meaning: Meaning::Filler, ..item.clone() }];
    Some(Candidate { from: at, to: at + 1, items, price: 5, note })
}

/// The figure of an item whose name says which it is, and not what: no amount, no price.
fn which(data: &Data<'_>, item: &Item) -> Option<usize> {
    let Meaning::Column(columns) = &item.meaning else { return None };
    let tells = |f: &Field<'_>| has(&f.words, SUM_WORDS) || has(&f.words, MEAN_WORDS) || f.words.is_empty();
    columns
        .first()
        .copied()
        .filter(|&f| data.fields[f].is_measure() && data.fields[f].is_number() && !tells(&data.fields[f]))
}

/// The items without a noun that by itself may name another column: `casual riders` of a `casual` beside all `bikers`.
pub fn qualified(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    for at in 1..items.len() {
        let (first, second) = (&items[at - 1], &items[at]);
        let word = second.to == second.from + 1 && tokens[second.from].kind == Kind::Word;
        let (Some(kind), Some(other)) = (which(data, first), figure(data, second)) else { continue };
        let whole = |item: &Item, field: usize| {
            let said = &tokens[item.from..item.to];
            data.fields[field].words.iter().all(|w| said.iter().any(|t| t.stem == w.stem))
        };
        if word && first.to == second.from && kind != other && whole(first, kind) && !whole(second, other) {
            items[at].meaning = Meaning::Filler;
        }
    }
    items
}

fn figure(data: &Data<'_>, item: &Item) -> Option<usize> {
    let Meaning::Column(columns) = &item.meaning else { return None };
    columns.first().copied().filter(|&f| data.fields[f].is_measure() && data.fields[f].is_number())
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::Dataset;

    use crate::samples::{figure, sql, text};

    #[test]
    fn what_a_figure_is_of_may_be_said() {
        let columns = || {
            let figures = ["violent", "robbery", "casual", "bikers", "income"].map(|n| figure(n, 900, 0, 9_000));
            figures.into_iter().chain([text("state", 51, 0, &["Ohio", "Utah"])]).collect::<Vec<_>>()
        };
        for (prompt, column) in [
            ("average violent crime by state", "AVG(\"violent\")"),
            ("average robbery cases by state", "AVG(\"robbery\")"),
            ("average casual riders by state", "AVG(\"casual\")"),
        ] {
            let query = sql(prompt, "places", columns());
            assert!(query.contains(column) && !query.contains("\"bikers\""), "{prompt}: {query}");
        }
        for prompt in ["average property crime by state", "average income tax by state"] {
            let data = [Dataset { name: "places".into(), rows: 2_000, columns: columns() }];
            assert!(crate::plan(prompt, &data, None).clarification.is_some(), "{prompt}");
        }
    }
}
