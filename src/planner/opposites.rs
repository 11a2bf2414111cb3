//! A word for what two columns hold between them: `goals` of `home_goals` and `away_goals`.

use super::fields::{Data, Field, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::words::Token;

/// What two columns of one noun are told apart by.
const OPPOSITES: &str = "home/away home/visitor home/guest male/female men/women man/woman boys/girls domestic/foreign \
    domestic/international national/international online/offline online/store inbound/outbound incoming/outgoing urban/rural \
    casual/registered public/private local/remote east/west north/south left/right morning/evening imported/exported";

/// The items with both columns where a word names the two, side by side; a ranking and a limit go by one figure.
pub fn both(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let single = |k: &Keyword| {
        matches!(
            k,
            Keyword::Rank(_)
                | Keyword::Compared(_)
                | Keyword::Between
                | Keyword::Versus
                | Keyword::Correlation
                | Keyword::Outliers
        )
    };
    if items.iter().any(|i| matches!(&i.meaning, Meaning::Keyword(k) if single(k))) {
        return items;
    }
    let mut at = 0;
    while at < items.len() {
        let by = at > 0 && items[at - 1].meaning == Meaning::Keyword(Keyword::By);
        if let Some(other) = other_of(data, tokens, &items[at]).filter(|_| !by) {
            let twin = Item { meaning: Meaning::Column(vec![other]), ..items[at].clone() };
            items.insert(at + 1, twin);
            // What is said of how the first is computed holds for both.
            if let Some(way @ Meaning::Keyword(Keyword::Agg(_))) = at.checked_sub(1).map(|i| items[i].meaning.clone()) {
                items.insert(at + 1, Item { meaning: way, ..items[at].clone() });
                at += 1;
            }
            at += 1;
        }
        at += 1;
    }
    items
}

/// The column that holds the other part of what an item names.
fn other_of(data: &Data<'_>, tokens: &[Token], item: &Item) -> Option<usize> {
    let Meaning::Column(columns) = &item.meaning else { return None };
    let first = *columns.first()?;
    let field = &data.fields[first];
    let [side, noun] = field.words.as_slice() else { return None };
    let said = tokens[item.from..item.to].iter().any(|t| t.stem == side.stem);
    let named = tokens[item.from..item.to].iter().any(|t| t.stem == noun.stem);
    if said || !named || !matches!(field.role, Role::Sum) {
        return None;
    }
    let opposite = |f: &Field<'_>| match f.words.as_slice() {
        [other, same] if same.stem == noun.stem && f.role == field.role => OPPOSITES
            .split_ascii_whitespace()
            .filter_map(|pair| pair.split_once('/'))
            .any(|(a, b)| (a == side.lower && b == other.lower) || (b == side.lower && a == other.lower)),
        _ => false,
    };
    data.fields.iter().position(opposite)
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql};

    #[test]
    fn a_noun_of_two_columns_is_both_and_a_season_is_a_year() {
        let columns = || {
            let goals = [figure("HomeGoals", 12, 0, 12), figure("AwayGoals", 10, 0, 9)];
            [goals.to_vec(), vec![figure("Year", 46, 1963, 2008), figure("Round", 38, 1, 38)]].concat()
        };
        let all = sql("goals per season", "matches", columns());
        assert!(all.contains("SUM(\"HomeGoals\")") && all.contains("SUM(\"AwayGoals\")"), "{all}");
        assert!(all.contains("\"Year\""), "{all}");
        let home = sql("home goals per season", "matches", columns());
        assert!(!home.contains("AwayGoals"), "{home}");
        let means = sql("average home goals vs away goals by year", "matches", columns());
        assert!(means.contains("AVG(\"AwayGoals\")"), "{means}");
    }
}
