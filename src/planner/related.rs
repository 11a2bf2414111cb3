//! Questions whether two figures go together, however they are put: `do teams that shoot more also win more`, `does the
//! price go up with the number of rooms`, `how does age affect income`.

use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::Agg;
use super::thesaurus;
use super::words::{Kind, Token, is};

/// What such a question begins with.
const WHETHER: &str = "do does did is are was were have has";
/// Words for more or less of something, beside the comparatives of adjectives.
const DEGREES: &str = "more less fewer higher lower better worse greater most least difference sooner";
/// Steps of whole numbers that are few enough for a figure of each.
const STEPS_FEW: u64 = 5;
/// Words for two things that go along with each other.
const ALONG: &str = "with together as agree agrees matter matters predict predicts drive drives follow follows";

/// What a figure is told along.
enum Second {
    Figure(Item),
    /// Whole numbers of few values, or yes and no: the figure is told for each.
    Sides(Item),
}

/// The items with such a question said plainly: one figure, how it goes along, the other.
pub fn plainly(data: &Data<'_>, tokens: &[Token], items: Vec<Item>) -> Vec<Item> {
    let ends = |i: &Item| matches!(i.meaning, Meaning::Mark('?' | '.' | '!' | ';' | '\n'));
    let Some(from) = items.iter().position(|i| !ends(i)) else { return items };
    let to = items[from..].iter().position(ends).map_or(items.len(), |n| from + n);
    let said = &items[from..to];
    if !asks(tokens, said) {
        return items;
    }
    let Some((first, second, kept)) = pair(data, tokens, said) else { return items };
    let keyword = |keyword: Keyword, of: &Item| Item { meaning: Meaning::Keyword(keyword), ..of.clone() };
    let mut out = items[..from].to_vec();
    match second {
        Second::Figure(second) => {
            let along = keyword(Keyword::Correlation, &second);
            out.extend([first, along, second]);
        }
        Second::Sides(sides) => {
            let (mean, by) = (keyword(Keyword::Agg(Agg::Avg), &first), keyword(Keyword::By, &sides));
            out.extend([mean, first, by, sides]);
        }
    }
    for value in kept {
        out.extend([keyword(Keyword::Only, &value), value]);
    }
    // What follows the question only says it again: `correlation`.
    let again = |i: &Item| ends(i) || matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Correlation));
    if !items[to..].iter().all(again) {
        out.extend_from_slice(&items[to..]);
    }
    out
}

/// Whether it is asked if one goes along with the other.
fn asks(tokens: &[Token], said: &[Item]) -> bool {
    let Some((first, last)) = said.first().zip(said.last()) else { return false };
    let words = &tokens[first.from..last.to];
    let degree = |t: &Token| is(Some(t), DEGREES) || thesaurus::is_comparative(&t.lower);
    let along = |t: &Token| is(Some(t), ALONG);
    let related = said.iter().any(|i| i.meaning == Meaning::Keyword(Keyword::Correlation));
    let whether = is(words.first(), WHETHER);
    let how = is(words.first(), "how what") && words.iter().skip(1).take(2).any(|t| is(Some(t), "does do did is"));
    whether && (related || words.iter().any(degree) || words.iter().any(along)) || how && related
}

/// The two figures of a question, and the values that tell of which rows; nothing where more is said.
fn pair(data: &Data<'_>, tokens: &[Token], said: &[Item]) -> Option<(Item, Second, Vec<Item>)> {
    let mut figures: Vec<(usize, Item)> = Vec::new();
    let (mut sides, mut kept) = (Vec::new(), Vec::new());
    for (at, item) in said.iter().enumerate() {
        if let Some(field) = figure(data, tokens, said, at) {
            if figures.iter().all(|(f, _)| *f != field) {
                figures.push((field, Item { meaning: Meaning::Column(vec![field]), ..item.clone() }));
            }
            continue;
        }
        match &item.meaning {
            Meaning::Column(columns) => {
                let field = &data.fields[columns[0]];
                let article = item.from > 0 && tokens[..item.from].iter().rev().take(2).any(|t| is(Some(t), "a an"));
                let whose = article || super::supposed::names_several(&tokens[item.to - 1]);
                match field.role {
                    Role::Ordinal if field.column.distinct > STEPS_FEW => figures.push((columns[0], item.clone())),
                    Role::Ordinal | Role::Flag => sides.push(item.clone()),
                    _ if whose => {}
                    _ => return None,
                }
            }
            Meaning::Value(_) | Meaning::Values(..) => kept.push(item.clone()),
            Meaning::Unknown(_) if is_loose(&tokens[item.from]) => {}
            Meaning::Filler | Meaning::Rows | Meaning::Mark(',') => {}
            Meaning::Keyword(
                Keyword::Correlation
                | Keyword::Quality
                | Keyword::Doing
                | Keyword::Filler
                | Keyword::Rank(_)
                | Keyword::Agg(_)
                | Keyword::Count
                | Keyword::And
                | Keyword::Only
                | Keyword::Row
                | Keyword::Order
                | Keyword::Trend
                | Keyword::Compared(_)
                | Keyword::Ascending
                | Keyword::Descending,
            ) => {}
            _ => return None,
        }
    }
    let mut figures = figures.into_iter().map(|(_, item)| item);
    let first = figures.next()?;
    match (figures.next(), figures.next(), sides.len()) {
        (Some(second), None, 0) => Some((first, Second::Figure(second), kept)),
        (None, None, 1) if kept.is_empty() => Some((first, Second::Sides(sides.pop()?), kept)),
        _ => None,
    }
}

/// Words that say that one thing goes along with the other, or that it is more or less of it.
fn is_loose(token: &Token) -> bool {
    let lower = token.lower.as_str();
    super::lists::has(DEGREES, lower)
        || super::lists::has(ALONG, lower)
        || super::lists::has(
            "tied bound coupled connected move moves go goes rise rises fall falls increase increases drop drops",
            lower,
        )
}

/// The figure that an item is, or that its adjective or verb names.
fn figure(data: &Data<'_>, tokens: &[Token], said: &[Item], at: usize) -> Option<usize> {
    let item = &said[at];
    let measure = |i: &Item| match &i.meaning {
        Meaning::Column(c) => {
            c.first().copied().filter(|&f| data.fields[f].is_measure() && data.fields[f].role != Role::Ordinal)
        }
        _ => None,
    };
    if let Some(field) = measure(item) {
        return Some(field);
    }
    let one = item.to == item.from + 1 && tokens[item.from].kind == Kind::Word;
    let open = matches!(
        item.meaning,
        Meaning::Unknown(_) | Meaning::Filler | Meaning::Keyword(Keyword::Quality | Keyword::Doing | Keyword::Rank(_))
    );
    let word = &tokens[item.from].lower;
    if !one || !open || super::lists::has(DEGREES, word) || super::lists::has(WHETHER, word) {
        return None;
    }
    // `higher body mass`, `bigger companies by assets`: the figure is named.
    let named = said[at + 1..].iter().take_while(|i| !matches!(i.meaning, Meaning::Keyword(Keyword::Quality)));
    let large = super::lists::has("bigger larger smaller wider longer shorter", word);
    if large && said.get(at + 1).is_some_and(|i| measure(i).is_some()) {
        return None;
    }
    let beside = named.clone().take(3).any(|i| i.meaning == Meaning::Keyword(Keyword::By));
    if beside {
        return None;
    }
    let asked = thesaurus::figures_of(data, word, tokens.get(item.to))?;
    let has = |f: usize, word: &str| data.fields[f].words.iter().any(|w| w.lower == word);
    asked.fields.into_iter().min_by_key(|&f| (data.fields[f].joined, !has(f, "total") && !has(f, "body")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::dashboard::CardKind;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    fn column(name: &str, kind: ColumnType, distinct: u64, top: &[&str]) -> Column {
        let number = kind != ColumnType::Text;
        let (min, max) = (number.then(|| json!(1)), number.then(|| json!(900)));
        let top = top.iter().map(|t| json!(t)).collect();
        Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean: number.then_some(300.0), top }
    }

    #[test]
    fn two_figures_of_a_question_are_drawn_against_each_other() {
        let columns = vec![
            column("country", ColumnType::Text, 60, &["Peru", "Kenya"]),
            column("fertility", ColumnType::Number, 400, &[]),
            column("life_expectancy", ColumnType::Number, 500, &[]),
            column("weight", ColumnType::Number, 300, &[]),
        ];
        let dataset = Dataset { name: "nations".into(), rows: 600, columns };
        for prompt in [
            "do countries with high fertility have a lower life expectancy?",
            "does fertility go up with life expectancy",
            "how does fertility affect life expectancy?",
            "is a higher fertility tied to a lower life expectancy? correlation",
        ] {
            let plan = crate::plan(prompt, std::slice::from_ref(&dataset), None);
            let kinds: Vec<_> = plan.goals.iter().map(|g| g.kind).collect();
            assert_eq!(kinds, [CardKind::Scatter], "{prompt}: {plan:#?}");
        }
        let plan = crate::plan("do heavier nations have more fertility", &[dataset], None);
        assert!(plan.goals[0].query.sql().contains("\"weight\""), "{plan:#?}");
    }
}
