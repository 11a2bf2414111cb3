//! Limits that are said after their number: `4 or more`, `65 and over`, `3 stars or less`.

use serde_json::Value;
use vizroom_protocol::file::{ColumnType, Dataset};

use super::conditions::keyword;
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::Op;
use super::words::{Kind, Token, is, tokens};

const MORE: &str = "more above higher greater up over upward upwards better plus beyond";
const LESS: &str = "less fewer under below lower lesser down";
/// Adjectives that say of what the number is, too.
const LARGE: &str = "older longer taller larger bigger heavier faster stronger hotter warmer louder deeper wider richer pricier thicker";
const SMALL: &str =
    "younger shorter smaller lighter slower weaker colder cooler quieter shallower narrower cheaper poorer thinner";

/// The sentence with such limits before their numbers, where others stand: `at least 4`; but for values of the data that
/// are written so.
pub fn rewritten(said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    let mut said = super::tallies::rewritten(super::absent::rewritten(super::earlier::rewritten(said)));
    // `below sea level`
    while let Some(at) = (1..said.len()).find(|&i| is(said.get(i), "sea") && is(said.get(i + 1), "level")) {
        let limit = is(said.get(at - 1), "below above under over");
        let new = tokens(if limit { "elevation" } else { "elevation 0" });
        if limit {
            let way = said[at - 1].clone();
            let zero = tokens("0");
            said.splice(at - 1..at + 2, new.into_iter().chain([way]).chain(zero));
        } else {
            said.splice(at..at + 2, new);
        }
    }
    one_of(&mut said);
    // `delayed by more than 2 hours`
    let by = |w: &[Token]| {
        super::supposed::is_participle(&w[0])
            && is(Some(&w[1]), "by")
            && is(Some(&w[2]), "more less over under at between")
            && w[3..].iter().any(|t| t.number().is_some())
    };
    while let Some(at) = said.windows(6).position(by) {
        said.remove(at + 1);
    }
    onward(&mut said);
    of_named(&mut said);
    let mut at = 0;
    while at < said.len() {
        at += match limit(&said, at).filter(|(end, _)| !is_value(&said[at..*end], datasets)) {
            Some((end, limit)) => {
                let mut new = tokens(&limit);
                new.push(said[at].clone());
                let after = new.len();
                // What the number is of stays behind it: `3 stars or less`.
                new.extend(said[at + 1..end].iter().filter(|t| is_noun_of_number(t)).cloned());
                said.splice(at..end, new);
                after
            }
            None => 1,
        };
    }
    said
}

/// `$25000 or more` of incomes that are given in such steps.
fn is_value(said: &[Token], datasets: &[Dataset]) -> bool {
    let text: Vec<&str> = said.iter().map(|t| t.lower.as_str()).collect();
    let text = text.join(" ");
    let written = |v: &Value| v.as_str().is_some_and(|v| v.to_lowercase().replace(',', "").contains(&text));
    datasets.iter().flat_map(|d| &d.columns).filter(|c| c.kind == ColumnType::Text).any(|c| c.top.iter().any(written))
}

/// Where a limit that begins with the number at `at` ends, and how it is said before the number.
fn limit(said: &[Token], at: usize) -> Option<(usize, String)> {
    said[at].number()?;
    // `top 5 or more`, `at least 5 or more` say it already.
    let told = at > 0
        && is(said.get(at - 1), "than least most over under above below top bottom first last between to until before");
    if told {
        return None;
    }
    let joint = (at + 1..at + 3).find(|&i| is(said.get(i), "or and"))?;
    let unit = said[at + 1..joint].iter().all(|t| t.kind == Kind::Word && t.number().is_none());
    let word = said.get(joint + 1).filter(|_| unit)?;
    // `5 or more than 10`, `over 5 and over 10`: what follows compares another number.
    if said.get(joint + 2).is_some_and(|t| t.lower == "than" || t.number().is_some()) {
        return None;
    }
    // Years and later are times.
    let below = said[at].number().is_some_and(|n| n < 1000.0);
    let limit = match () {
        () if is(Some(word), MORE) || is(Some(word), "later onward onwards") && below => "at least".to_owned(),
        () if is(Some(word), "earlier") && below => "at most".to_owned(),
        () if is(Some(word), LESS) => "at most".to_owned(),
        () if is(Some(word), LARGE) => format!("{} at least", word.lower),
        () if is(Some(word), SMALL) => format!("{} at most", word.lower),
        () => return None,
    };
    Some((joint + 2, limit))
}

fn is_noun_of_number(token: &Token) -> bool {
    token.kind == Kind::Word
        && !is(Some(token), "or and later onward onwards earlier")
        && !is(Some(token), MORE)
        && !is(Some(token), LESS)
        && !is(Some(token), LARGE)
        && !is(Some(token), SMALL)
}

/// `stronger than magnitude 5`, `over an AQI of 40`: what is limited goes before its limit.
fn of_named(said: &mut Vec<Token>) {
    const LIMITS: &str = "over above under below exceeding";
    for at in 0..said.len() {
        let adjective =
            is(said.get(at), LARGE) || is(said.get(at), SMALL) || is(said.get(at), "more less higher lower");
        let than = usize::from(adjective && is(said.get(at + 1), "than"));
        if than == 0 && !is(said.get(at), LIMITS) {
            continue;
        }
        let article = usize::from(is(said.get(at + than + 1), "a an the"));
        let from = at + than + 1 + article;
        let Some(to) = (from + 1..from + 4).find(|&i| said.get(i).is_some_and(|t| t.number().is_some())) else {
            continue;
        };
        let name = &said[from..to];
        let of = name.last().is_some_and(|t| t.lower == "of") && name.len() > 1;
        let name = if of { &name[..name.len() - 1] } else { name };
        let plain = |t: &Token| t.kind == Kind::Word && !is(Some(t), "and or of in by to the a an than");
        // `over 5 of 10`, `older than in 2010` name nothing; `over a score 5` has to be told by its `of`.
        if !name.iter().all(plain) || !(of || than == 1 && article == 0 && name.len() == 1) {
            continue;
        }
        let less = is(said.get(at), SMALL) || is(said.get(at), "under below less lower");
        let mut new = tokens("with");
        new.extend(name.iter().cloned());
        new.extend(tokens(if less { "under" } else { "over" }));
        said.splice(at..to, new);
        return;
    }
}

/// `per year from 2000`, `from series 5 on`, `series 5 onwards`: that and what comes after it.
fn onward(said: &mut Vec<Token>) {
    const ENDS: &str = "on onward onwards upward upwards";
    let yearly = said.windows(2).any(|w| is(Some(&w[0]), "by per each every") && is(Some(&w[1]), "year years season"))
        || said.iter().any(|t| is(Some(t), "yearly annual annually"));
    for at in 0..said.len() {
        let Some(number) = said[at].number() else { continue };
        let year = number.fract() == 0.0 && (1500.0..2200.0).contains(&number);
        let span = is(said.get(at + 1), "to until till through and or") || said.get(at + 1).is_some_and(|t| t.is('-'));
        if year && yearly && !span && at > 0 && is(said.get(at - 1), "from") && !is(said.get(at + 1), ENDS) {
            said.splice(at - 1..at, tokens("since"));
            continue;
        }
        let named =
            at > 0 && said[at - 1].kind == Kind::Word && !is(said.get(at - 1), "from since after top first last");
        let from = at > 1 && is(said.get(at - 2), "from starting");
        if named && from && !year && is(said.get(at + 1), ENDS) {
            let new = format!("with {} at least", said[at - 1].lower);
            let number = said[at].clone();
            said.splice(at - 2..at + 2, tokens(&new).into_iter().chain([number]));
            return;
        }
    }
}

/// `more than an hour`, `over a million`: one of them.
fn one_of(said: &mut Vec<Token>) {
    const UNITS: &str = "second minute hour day week month year metre meter kilometre kilometer mile kilo kilogram pound ton \
        tonne litre liter gallon dollar euro cent percent";
    const SIZES: &str = "dozen hundred thousand million billion";
    for at in 1..said.len().saturating_sub(1) {
        let limit = is(said.get(at - 1), "than over under above below least most exceeding");
        // `days with more than one sale`
        if limit && is(said.get(at), "one") && said[at + 1].kind == Kind::Word {
            let size = said.get(at + 1).filter(|t| is(Some(t), SIZES)).map_or_else(String::new, |t| t.lower.clone());
            said.splice(at..=at + usize::from(!size.is_empty()), tokens(&format!("1 {size}")));
            return;
        }
        if !limit || !is(said.get(at), "a an") {
            continue;
        }
        if is(said.get(at + 1), SIZES) {
            let size = format!("1 {}", said[at + 1].lower);
            said.splice(at..at + 2, tokens(&size));
            return;
        }
        let unit = UNITS.split_ascii_whitespace().any(|u| u == said[at + 1].lower);
        if let Some(one) = tokens("1").into_iter().next().filter(|_| unit) {
            said[at] = one;
        }
    }
}

/// `65+`, `1000+ reviews`: that and more, where it is no value of the data.
pub fn open_ended(tokens: &[Token], items: &[Item]) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::with_capacity(items.len());
    for item in items {
        let open = matches!(item.meaning, Meaning::Number { .. }) && tokens[item.from].text.ends_with('+');
        if open && !matches!(keyword(out.last()), Some(Keyword::Compared(_))) {
            out.push(Item { meaning: Meaning::Keyword(Keyword::Compared(Op::Gte)), ..item.clone() });
        }
        out.push(item.clone());
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    fn column(name: &str, kind: ColumnType, distinct: u64, range: Option<(f64, f64)>) -> Column {
        let bound = |n: f64| -> Value { super::super::amounts::plain(n) };
        let (min, max) = (range.map(|r| bound(r.0)), range.map(|r| bound(r.1)));
        let mean = range.map(|r| f64::midpoint(r.0, r.1));
        Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean, top: Vec::new() }
    }

    fn sql(prompt: &str) -> String {
        let genre = Column { top: vec![json!("rock"), json!("folk")], ..column("genre", ColumnType::Text, 9, None) };
        let explicit =
            Column { top: vec![json!(true), json!(false)], ..column("explicit", ColumnType::Boolean, 2, None) };
        let figure = |name: &str, low: f64, high: f64| column(name, ColumnType::Number, 900, Some((low, high)));
        let columns = vec![
            genre,
            explicit,
            figure("duration_ms", 8_000.0, 5_000_000.0),
            figure("loudness", -40.0, 3.0),
            figure("party_size", 1.0, 60.0),
            figure("discount", 0.0, 0.6),
            figure("height", 130.0, 220.0),
        ];
        let plan = crate::plan(prompt, &[Dataset { name: "tracks".into(), rows: 2_000, columns }], None);
        assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
        plan.goals[0].query.sql()
    }

    #[test]
    fn limits_stand_before_or_after_their_number() {
        for (prompt, condition) in [
            ("how many tracks with a loudness of 2 or more", "\"loudness\" >= 2"),
            ("average discount for parties of 4 or more", "\"party_size\" >= 4"),
            ("average discount for parties of 4+ by genre", "\"party_size\" >= 4"),
            ("tracks with loudness 1 and below by genre", "\"loudness\" <= 1"),
            ("tracks louder than 2 by genre", "\"loudness\" > 2"),
            ("tracks with a discount above 15 percent by genre", "\"discount\" > 0.15"),
        ] {
            let sql = sql(prompt);
            assert!(sql.contains(condition), "{prompt}: {sql}");
        }
    }

    #[test]
    fn numbers_are_in_the_unit_of_their_column() {
        let long = sql("how many tracks are longer than 5 minutes?");
        assert!(long.contains("\"duration_ms\" > 300000"), "{long}");
        let tall = sql("tracks taller than 2 metres by genre");
        assert!(tall.contains("\"height\" > 200"), "{tall}");
    }

    #[test]
    fn a_question_whether_a_kind_differs_shows_both_sides() {
        let sql = sql("are explicit tracks louder?");
        assert!(sql.contains("GROUP BY 1") && sql.contains("AVG(\"loudness\")"), "{sql}");
    }
}
