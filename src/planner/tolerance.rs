//! Words that may go unheard because of where they stand: verbs between who does and how much, nouns beside a figure
//! that is named, one of the rows. A colleague would not ask what they are.

use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::standing::is_elsewhere;
use super::supposed::{Candidate, is_participle, is_plain, names_several, words_of};
use super::words::{Token, is};

/// Most items between `does` and its verb.
const SUBJECT_MAX: usize = 4;

/// Most figures of a table in which a word for one of them means it, whatever stands before.
const FIGURES_FEW: usize = 4;

/// Every such sense of the item `at`, which nothing in the data has.
pub fn candidates(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Vec<Candidate> {
    let item = &items[at];
    let token = &tokens[item.from];
    if !matches!(item.meaning, Meaning::Unknown(_)) || !is_plain(token) {
        return Vec::new();
    }
    let text = words_of(tokens, item);
    let left_out = || Some(format!("“{text}” is left out: nothing in the data says it."));
    let one = |meaning: Meaning, price: u32, note: Option<String>| {
        let items = vec![Item { meaning, ..item.clone() }];
        Candidate { from: at, to: at + 1, items, price, note }
    };
    let mut out = Vec::new();
    if is_passive(tokens, items, at) {
        let items = [at, at + 1].map(|i| Item { meaning: Meaning::Filler, ..items[i].clone() }).to_vec();
        out.push(Candidate { from: at, to: at + 2, items, price: 7, note: left_out() });
    } else if !super::supposed::restricts(token) && is_verb(data, tokens, items, at) {
        out.push(one(Meaning::Filler, 7, left_out()));
    }
    if let Some(price) = beside_figure(data, tokens, items, at) {
        out.push(one(Meaning::Filler, price, left_out()));
    }
    if is_degree(data, tokens, items, at) {
        out.push(one(Meaning::Filler, 9, left_out()));
    }
    if is_superlative(data, tokens, items, at) {
        let most = Meaning::Keyword(Keyword::Rank(super::lexicon::Rank::Most));
        out.push(one(most, 9, Some(format!("“{text}” is taken to mean the highest."))));
    }
    if is_told_by_limit(items, at) {
        out.push(one(Meaning::Filler, 8, left_out()));
    }
    if is_one_of_rows(data, tokens, items, at) {
        out.push(one(Meaning::Rows, 9, Some(format!("“{text}” is taken to mean the rows of the data."))));
    }
    out
}

/// The last item before `at` that says something, and the first one after it.
fn around(items: &[Item], at: usize) -> (Option<&Item>, Option<&Item>) {
    let said = |i: &&Item| !matches!(i.meaning, Meaning::Filler);
    (items[..at].iter().rev().find(said), items[at + 1..].iter().find(said))
}

/// `which clinics ran the most tests`, `clubs that drew over 3 million`, `how many destinations does Denver serve`: the
/// verb of who or what is named before it.
fn is_verb(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    let acts = |i: &Item| {
        let thing = matches!(i.meaning, Meaning::Column(_) | Meaning::Rows | Meaning::Value(_) | Meaning::Values(..));
        thing || matches!(i.meaning, Meaning::Keyword(Keyword::Grain(_) | Keyword::Row))
    };
    let is_number = |i: &Item| matches!(i.meaning, Meaning::Number { .. });
    let (before, after) = around(items, at);
    // `which states smoke most`: the verb is what is measured.
    let object = |i: &Item| acts(i) || matches!(i.meaning, Meaning::Unknown(_));
    let measured = after.is_some_and(|a| match a.meaning {
        Meaning::Keyword(Keyword::Rank(_)) => items[at + 1..].iter().any(object),
        Meaning::Keyword(Keyword::Compared(_) | Keyword::Between) => items[at + 1..].iter().any(is_number),
        _ => false,
    });
    // `how many pay more than 100`
    let who = |i: &Item| matches!(i.meaning, Meaning::Keyword(Keyword::Count));
    if measured && before.is_some_and(|b| acts(b) || who(b)) {
        return true;
    }
    // `does the price move with …`, `did we do`
    let from = at.saturating_sub(SUBJECT_MAX);
    let asks = |i: &Item| {
        let counts = matches!(i.meaning, Meaning::Keyword(Keyword::Count | Keyword::Agg(_)));
        // `in which year did the fewest films compete?`
        let rows = items[..at].last().is_some_and(|i| i.meaning == Meaning::Rows);
        let ranks = matches!(i.meaning, Meaning::Keyword(Keyword::Rank(_)));
        let ranks = ranks && (rows || items[at + 1..].iter().any(object));
        let figure = matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_measure());
        counts || ranks || figure
    };
    let helper = (from..at).rev().find(|&i| is(tokens.get(items[i].from), "do does did"));
    helper.filter(|_| items.iter().any(asks)).is_some_and(|h| {
        let subject = &items[h + 1..at];
        let pronoun = subject.iter().any(|i| is(tokens.get(i.from), "we they you i it he she people"));
        let small = |i: &Item| matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Only));
        (pronoun || subject.iter().any(acts)) && subject.iter().all(|i| small(i) || acts(i))
    })
}

/// `which towns were hit by the most storms`: the rows are what it was done by, and no group.
fn is_passive(tokens: &[Token], items: &[Item], at: usize) -> bool {
    let helper = is(items[at].from.checked_sub(1).and_then(|i| tokens.get(i)), "was were is are been got get gets");
    let by = items.get(at + 1).is_some_and(|i| i.to == i.from + 1 && is(tokens.get(i.from), "by with"));
    let ranks = |i: &Item| matches!(i.meaning, Meaning::Keyword(Keyword::Rank(_)));
    helper && by && is_participle(&tokens[items[at].from]) && items[at + 2..].iter().take(2).any(ranks)
}

/// `blood sugar`, `support for` a figure: a noun that goes with a figure which is named.
fn beside_figure(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<u32> {
    let token = &tokens[items[at].from];
    let figure = |i: Option<&Item>| match i.map(|i| &i.meaning) {
        Some(Meaning::Column(c)) => matches!(data.fields[c[0]].role, Role::Sum | Role::Mean),
        _ => false,
    };
    let open = |i: Option<&Item>| matches!(i.map(|i| &i.meaning), Some(Meaning::Unknown(_)));
    let before = at.checked_sub(1).and_then(|i| items.get(i));
    let after = items.get(at + 1);
    let rate = |i: Option<&Item>| i.is_some_and(|i| is(tokens.get(i.to - 1), "rate rates"));
    if is_elsewhere(data, token)
        || super::leftover::is_whom(tokens, items, at)
        || is_participle(token) && !figure(after)
        || rate(after)
    {
        return None;
    }
    // Of many figures, the noun before one tells which.
    let said = |w: &super::fields::Word| after.is_some_and(|a| tokens[a.from..a.to].iter().any(|t| t.stem == w.stem));
    let named = |i: Option<&Item>| match i.map(|i| &i.meaning) {
        Some(Meaning::Column(c)) => data.fields[c[0]].words.iter().any(said),
        _ => false,
    };
    let few = data.fields.iter().filter(|f| matches!(f.role, Role::Sum | Role::Mean)).count() <= FIGURES_FEW;
    match () {
        () if figure(after) && !open(before) && (few || named(after)) => Some(10),
        () if figure(before) && !open(after) && !figure(after) => Some(9),
        () => None,
    }
}

/// Whether the item names a figure.
fn is_figure(data: &Data<'_>, item: &Item) -> bool {
    matches!(&item.meaning, Meaning::Column(c) if c.iter().any(|&f| data.fields[f].is_measure()))
}

/// `how strong do the winds get`: the figure that is named tells how.
fn is_degree(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    let how = items[at].from.checked_sub(1).is_some_and(|i| is(tokens.get(i), "how"));
    let asks = is(tokens.get(items[at].to), "do does did is are was were can get");
    how && asks && items[at + 1..].iter().any(|i| is_figure(data, i))
}

/// `the fattest profits`, `the tastiest coffees by flavor`: an adjective that ranks by the figure that is named.
fn is_superlative(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    let token = &tokens[items[at].from];
    let by = |w: &[Item]| w[0].meaning == Meaning::Keyword(Keyword::By) && is_figure(data, &w[1]);
    let next = items.get(at + 1);
    let told = next.is_some_and(|i| is_figure(data, i)) || items[at + 1..].windows(2).any(by);
    token.lower.len() > 5 && token.lower.ends_with("est") && told
}

/// `hot days above 80 degrees`: the adjective of what a limit tells.
fn is_told_by_limit(items: &[Item], at: usize) -> bool {
    let noun = |i: &Item| matches!(i.meaning, Meaning::Rows | Meaning::Keyword(Keyword::Grain(_) | Keyword::Row));
    let limit = |i: &Item| matches!(i.meaning, Meaning::Keyword(Keyword::Compared(_)));
    let number = |i: &Item| matches!(i.meaning, Meaning::Number { .. });
    items.get(at + 1).is_some_and(noun) && items.get(at + 2).is_some_and(limit) && items.get(at + 3).is_some_and(number)
}

/// `oldest contestant`, `the biggest quake`: what is ranked by a figure that the adjective names is a row.
fn is_one_of_rows(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    let token = &tokens[items[at].from];
    let ranked = at.checked_sub(1).is_some_and(|i| {
        let named = super::thesaurus::is_superlative(&tokens[items[i].from].lower).is_some();
        named && matches!(items[i].meaning, Meaning::Keyword(Keyword::Rank(_)))
    });
    let alone = !items.get(at + 1).is_some_and(|i| matches!(i.meaning, Meaning::Unknown(_) | Meaning::Column(_)));
    ranked && alone && !names_several(token) && !is_elsewhere(data, token)
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::Column;

    use crate::plan;
    use crate::samples::{figure, sql, text};

    fn visits() -> Vec<Column> {
        vec![
            text("clinic", 20, 0, &["North", "South"]),
            figure("score", 90, 1, 99),
            figure("household_income", 400, 10_000, 90_000),
        ]
    }

    #[test]
    fn verbs_and_nouns_beside_figures_go_unheard() {
        let sql = |prompt: &str| sql(prompt, "visits", visits());
        assert!(sql("which clinics saw the most visits").contains("COUNT(*)"));
        assert!(sql("which clinics logged more than 20 visits").contains("HAVING COUNT(*) > 20"));
        assert!(sql("which clinics were hit by the most visits").contains("COUNT(*)"));
        assert!(sql("family income by clinic").contains("AVG(\"household_income\")"));
        assert!(sql("average score tally by clinic").contains("AVG(\"score\")"));
    }

    #[test]
    fn how_much_is_told_by_the_figure_there_is() {
        let sql = |prompt: &str| sql(prompt, "visits", visits());
        assert!(sql("how posh do the score of clinics get, by clinic").contains("AVG(\"score\")"));
        assert!(sql("which clinic has the nastiest score on average").contains("ORDER BY \"average_score\" DESC"));
        assert!(sql("how much do people in each clinic make").contains("\"household_income\""));
    }

    #[test]
    fn a_verb_that_is_the_figure_is_asked_about() {
        let data = vizroom_protocol::file::Dataset { name: "visits".into(), rows: 2_000, columns: visits() };
        let plan = plan("which clinics smoke most", &[data], None);
        assert!(plan.clarification.is_some(), "{plan:#?}");
    }
}
