//! What words that nothing in the data has are supposed to mean, where all others are understood; each time it is said.

use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::likeness::family;
use super::matching::{Item, Meaning};
use super::thesaurus;
use super::words::{Kind, Token};

/// Longest sentence, and most unknown words, that are read in other senses.
const ITEMS_MAX: usize = 120;
const UNKNOWN_MAX: usize = 8;

/// Words that say of a figure only that it is one: `beef production`, `ticket volume`.
const FIGURES: &str = "production output amount amounts figure figures result results volume volumes level quantity quantities medal medals \
    dollars units counts toll return returns";

/// Verbs that say little by themselves, and where to something goes that is done.
const LIGHT: &str = "come comes came take takes took taken bring brings brought turn turns turned end ends ended get gets got go goes \
    went make makes made put puts give gives gave send sends sent carry carried rake raked pull pulled";
const KINDS: &str = "class classes type types kind kinds sort sorts category categories group groups brand model make";
const PARTICLES: &str = "back home away around together along forward aside apart round through";

/// What several rows may tell of, each by its name: `countries` of a table of countries and years.
const ENTITIES: &str = "country countries nation nations state states province provinces city cities town towns company companies firm \
    firms brand brands player players athlete athletes team teams school schools store stores station stations airport airports";

/// The column of names, where the word is one for what they name and several rows tell of each.
pub fn entity(data: &Data<'_>, token: &Token) -> Option<Meaning> {
    let entity = ENTITIES.split_ascii_whitespace().any(|w| w == token.lower);
    // What a table of people names is no country.
    let person = super::nouns::is_person(token);
    let fits = super::nouns::called(data) != Some("people") || person;
    let people = || data.named_people().filter(|_| person);
    let field = data.named_kinds().filter(|_| entity && fits).or_else(people)?;
    Some(Meaning::Column(vec![field]))
}

/// Another sense of some items than each has by itself.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The items that it takes the place of.
    pub from: usize,
    pub to: usize,
    pub items: Vec<Item>,
    /// How far-fetched it is; what is understood as it stands costs nothing.
    pub price: u32,
    /// What it says of itself: `“lifters” are taken to be the rows`.
    pub note: Option<String>,
}

impl Candidate {
    fn one(items: &[Item], at: usize, meaning: Meaning, price: u32, note: Option<String>) -> Self {
        let item = Item { meaning, ..items[at].clone() };
        Self { from: at, to: at + 1, items: vec![item], price, note }
    }
}

/// All other senses of the items of a sentence, in no order.
pub fn candidates(data: &Data<'_>, tokens: &[Token], items: &[Item]) -> Vec<Candidate> {
    let mut out = Vec::new();
    let unknown_words = items.iter().filter(|i| matches!(i.meaning, Meaning::Unknown(_))).count();
    if items.len() > ITEMS_MAX || unknown_words > UNKNOWN_MAX {
        return out;
    }
    out.extend((0..items.len()).flat_map(|at| super::asked::candidates(data, tokens, items, at)));
    let understood = !out.is_empty()
        || items.iter().any(|i| matches!(i.meaning, Meaning::Column(_) | Meaning::Value(_) | Meaning::Values(..)));
    for at in 0..items.len() {
        let said = |meant: &str| Some(format!("“{}” is taken to mean {meant}.", words_of(tokens, &items[at])));
        if matches!(items[at].meaning, Meaning::Unknown(_)) {
            out.extend(unknown(data, tokens, items, at, understood).map(|(meaning, price, meant)| {
                Candidate::one(items, at, meaning, price, meant.and_then(|m| said(&m)))
            }));
            out.extend(dropped(data, tokens, items, at));
        }
        out.extend(super::hinted::candidates(data, tokens, items, at));
        out.extend(super::tolerance::candidates(data, tokens, items, at));
    }
    out
}

/// The words of an item as they were written.
pub fn words_of(tokens: &[Token], item: &Item) -> String {
    tokens[item.from..item.to].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// What a word that nothing in the data has may be: a name of the rows, or nothing that matters.
fn unknown(
    data: &Data<'_>,
    tokens: &[Token],
    items: &[Item],
    at: usize,
    understood: bool,
) -> Option<(Meaning, u32, Option<String>)> {
    let token = &tokens[items[at].from];
    let before = at.checked_sub(1).map(|i| &items[i]);
    // `goals per striker`: people by what they do, where a column names those who did it.
    let each = before.is_some_and(|b| matches!(b.meaning, Meaning::Keyword(Keyword::By | Keyword::Rank(_))));
    let doer = || data.named_people().filter(|_| each && super::nouns::is_doer(&token.lower));
    if let Some(named) = entity(data, token).or_else(|| doer().map(|f| Meaning::Column(vec![f]))) {
        return Some((named, 6, Some("what the rows name".to_owned())));
    }
    let measure =
        |i: Option<&Item>| matches!(i.map(|i| &i.meaning), Some(Meaning::Column(c)) if data.fields[c[0]].is_measure());
    if super::lists::has(FIGURES, &token.lower) && measure(before) {
        return Some((Meaning::Filler, 2, None));
    }
    // `Health vs utilities: mean monthly return`
    if super::words::is(Some(token), FIGURES) && items.iter().any(|i| measure(Some(i))) {
        return Some((Meaning::Filler, 5, Some("the figure that is named".to_owned())));
    }
    if let Some((price, label)) = qualifier(data, tokens, items, at) {
        return Some((Meaning::Filler, price, Some(format!("the {label} that there is"))));
    }
    let price = super::standing::price_of_rows(data, tokens, items, at, understood)?;
    Some((Meaning::Rows, price, Some("the rows of the data".to_owned())))
}

/// `job title`, `vehicle volume`: whose it is or which, where there is one only; with the price of leaving it out.
fn qualifier(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(u32, String)> {
    let token = &tokens[items[at].from];
    let before = at.checked_sub(1).map(|i| &items[i]);
    let after = items.get(at + 1)?;
    let Meaning::Column(columns) = &after.meaning else { return None };
    let unlike = token.lower.ends_with("est") || before.is_some_and(|b| is_noun(tokens, b));
    if !is_plain(token) || unlike {
        return None;
    }
    let group = columns.iter().copied().find(|&f| matches!(data.fields[f].role, Role::Category | Role::Flag));
    let averaged = before.is_some_and(|b| matches!(b.meaning, Meaning::Unknown(_) | Meaning::Keyword(Keyword::Agg(_))));
    if let Some(field) = group.filter(|_| !token.lower.ends_with('s') && !averaged) {
        return Some((8, data.fields[field].label.clone()));
    }
    let field = &data.fields[columns[0]];
    let base = |lower: &str| lower.trim_end_matches('s').to_owned();
    let said = |w: &super::fields::Word| tokens[after.from..after.to].iter().any(|t| base(&t.lower) == base(&w.lower));
    let exactly = field.is_measure() && after.from == items[at].to && field.words.iter().any(said);
    let other = is_participle(token) || names_several(token) || super::standing::is_figure(token);
    (exactly && !other).then(|| (12, field.label.clone()))
}

/// A word that nothing in the data has, and that is no participle.
pub fn is_noun(tokens: &[Token], item: &Item) -> bool {
    let token = &tokens[item.from];
    let noun = !is_participle(token) && !is_adverb(token) && thesaurus::is_superlative(&token.lower).is_none();
    matches!(item.meaning, Meaning::Unknown(_)) && noun
}

/// What a verb costs that says little, where something else tells which: `tests that came back positive`, `people who
/// applied jointly`.
fn besides(tokens: &[Token], items: &[Item], at: usize) -> Option<u32> {
    let token = &tokens[items[at].from];
    let back = |n: usize| items[at].from.checked_sub(n).and_then(|i| tokens.get(i));
    if is_adverb(token) {
        return Some(6);
    }
    if super::words::is(Some(token), PARTICLES) && super::words::is(back(1), LIGHT) {
        return Some(3);
    }
    // `each class of car`
    let kind = super::words::is(back(1), "of") && super::words::is(back(2), KINDS);
    if kind && at > 1 && matches!(items[at - 2].meaning, Meaning::Column(_)) {
        return Some(5);
    }
    let value = |i: &Item| {
        let manner = tokens[i.from].lower.len() > 5 && tokens[i.from].lower.ends_with("ly");
        matches!(i.meaning, Meaning::Value(_) | Meaning::Values(..)) || manner
    };
    let rows = |i: &Item| i.meaning == Meaning::Rows || super::nouns::is_person(&tokens[i.from]);
    let told = at.checked_sub(1).is_some_and(|i| rows(&items[i])) && items.get(at + 1).is_some_and(value);
    (told && is_participle(token) && !restricts(token)).then_some(8)
}

/// Words that leave the question as it is: `graded` in `samples graded per year`, `people` in `more than 2000 people`,
/// `roughly`.
fn dropped(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let token = &tokens[items[at].from];
    let before = at.checked_sub(1).map(|i| &items[i]);
    let after = items.get(at + 1);
    let note = || Some(format!("“{}” is left out: nothing in the data says it.", token.text));
    let drop = |price: u32| Some(Candidate::one(items, at, Meaning::Filler, price, note()));
    if let Some(price) = besides(tokens, items, at) {
        return drop(price);
    }
    if super::asides::is_manner_of_speaking(data, tokens, items, at) {
        return drop(7);
    }
    // `schools (full name)`: by which column they are told is said.
    let told = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_dimension());
    let aside = |mark: char, i: Option<&Item>| i.is_some_and(|i| i.meaning == Meaning::Mark(mark));
    if aside('(', after) && aside(')', items.get(at + 3)) && items.get(at + 2).is_some_and(told) {
        return drop(2);
    }
    let limit = |back: usize| {
        at.checked_sub(back).is_some_and(|i| matches!(items[i].meaning, Meaning::Keyword(Keyword::Compared(_))))
    };
    // `more than 2000 people`: what is counted by a figure that was bound.
    if before.is_some_and(|b| matches!(b.meaning, Meaning::Number { .. })) && limit(2) && names_several(token) {
        return drop(5);
    }
    // `more than 500 a night`
    let each = before.is_some_and(|b| matches!(tokens[b.from].lower.as_str(), "a" | "an" | "per"));
    if each && at.checked_sub(2).is_some_and(|i| matches!(items[i].meaning, Meaning::Number { .. })) && limit(3) {
        return drop(5);
    }
    // A verb after `is` or `how many` is the question itself.
    let asks = |i: &Item| {
        let is = |t: &Token| {
            matches!(t.lower.as_str(), "is" | "are" | "was" | "were" | "be" | "been" | "who" | "not" | "never" | "how")
        };
        tokens[i.from..i.to].iter().any(is)
    };
    let asked =
        before.is_some_and(asks) || tokens.iter().any(|t| matches!(t.lower.as_str(), "many" | "share" | "percentage"));
    // `how many coupons were redeemed`, of redemptions.
    let rows = super::text::name_of_rows(&data.dataset.name);
    let own = is_participle(token) && rows.iter().any(|w| w.len() >= 5 && family(w, &token.lower));
    if own || super::tallies::only_took_place(data, token, items, at) {
        return Some(Candidate::one(items, at, Meaning::Filler, 3, None));
    }
    // `which neighborhood was hit most often`: what is done counts the rows.
    let then = |n: usize| tokens.get(items[at].to + n);
    let often = |n: usize| super::words::is(then(n), "most least") && super::words::is(then(n + 1), "often frequently");
    if often(0) || often(1) {
        return drop(5);
    }
    // A dashboard of what is there, whatever it is called.
    let overview = items.iter().any(|i| i.meaning == Meaning::Keyword(Keyword::Overview));
    if overview && is_plain(token) {
        return drop(9);
    }
    // `share of tweets sent from Boston`: the place tells which.
    let placed = after.is_some_and(|a| a.meaning == Meaning::Keyword(Keyword::Only))
        && items.get(at + 2).is_some_and(|i| matches!(i.meaning, Meaning::Value(_) | Meaning::Values(..)));
    if !is_participle(token) || restricts(token) || asked && !placed {
        return None;
    }
    // `were born in England`
    if placed {
        return drop(7);
    }
    let names = |i: Option<&Item>| {
        i.is_some_and(|i| matches!(i.meaning, Meaning::Rows) || is_noun(tokens, i) && names_several(&tokens[i.from]))
    };
    let column = |i: Option<&Item>| {
        matches!(i.map(|i| &i.meaning), Some(Meaning::Column(_) | Meaning::Keyword(Keyword::Why | Keyword::Rank(_))))
    };
    let unit = before.is_some_and(|b| is_unit_of_limit(tokens, items, at, b));
    (names(before) || names(after) || column(before) || unit).then(|| drop(7))?
}

/// `asked` in `more than 2000 people asked`.
fn is_unit_of_limit(tokens: &[Token], items: &[Item], at: usize, before: &Item) -> bool {
    let number = at.checked_sub(2).is_some_and(|i| matches!(items[i].meaning, Meaning::Number { .. }));
    number && (is_noun(tokens, before) || matches!(before.meaning, Meaning::Filler | Meaning::Rows))
}

/// Whether the word is a participle: `graded`, `departing`, `sold`.
pub fn is_participle(token: &Token) -> bool {
    const IRREGULAR: &str = "sold held won taken made given written born known grown built bought sent spent run paid seen shown \
        drawn thrown flown driven caught done found cast lived hit hurt cut set read kept lost met fed led laid told taught \
        brought fought sought begun sung swum broken spoken stolen chosen frozen written ridden bitten eaten fallen beaten worn \
        torn sworn shot hidden woken struck stuck swept fled";
    let lower = token.lower.as_str();
    let ending = lower.len() >= 5 && (lower.ends_with("ed") || lower.ends_with("ing")) && lower.is_ascii();
    token.kind == Kind::Word && (ending || IRREGULAR.split_ascii_whitespace().any(|w| w == lower))
}

/// A participle that tells which: who leaves it out answers another question.
pub fn restricts(token: &Token) -> bool {
    const STEMS: &str = "cancel return delay fail die kill reject refund insur redeem readmit churn convert diver crash miss \
        hand injur surviv complet overdu approv declin default retir marri divorc arriv";
    STEMS.split_ascii_whitespace().any(|s| token.lower.starts_with(s))
}

fn is_adverb(token: &Token) -> bool {
    token.kind == Kind::Word && token.lower.len() >= 6 && token.lower.ends_with("ly")
}

/// Whether the word comes from the dataset's name: `lifters` of `ipf_lifts`, `polls` of `electionpolling`.
pub fn is_of_name(data: &Data<'_>, token: &Token) -> bool {
    let name = data.dataset.name.to_lowercase();
    let base =
        ["ers", "er", "ings", "ing", "s"].iter().find_map(|e| token.lower.strip_suffix(e)).unwrap_or(&token.lower);
    let of = |w: &String| w.len() >= 4 && family(w, &token.lower);
    super::text::name_of_rows(&name).iter().any(of) || base.len() >= 4 && base.is_ascii() && name.contains(base)
}

/// A word that is no name of a place or of people, and no number.
pub fn is_plain(token: &Token) -> bool {
    token.kind == Kind::Word
        && token.text.chars().all(|c| c.is_ascii_lowercase())
        && !super::sayings::is_of_place(&token.stem)
}

/// A noun in the plural, or one for people.
pub fn names_several(token: &Token) -> bool {
    let lower = token.lower.as_str();
    let plural = lower.len() > 3
        && lower.ends_with('s')
        && !["ss", "us", "is", "ics", "ness", "ous"].iter().any(|e| lower.ends_with(e));
    let named =
        token.text.chars().next().is_some_and(char::is_uppercase) && token.text.chars().skip(1).any(char::is_lowercase);
    token.kind == Kind::Word && !named && (plural || super::nouns::is_person(token) || lower.ends_with("men"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vizroom_protocol::dashboard::CardKind;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::Goal;

    fn text(name: &str, distinct: u64, top: &[&str]) -> Column {
        let top = top.iter().map(|t| json!(t)).collect();
        Column { name: name.into(), kind: ColumnType::Text, nulls: 0, distinct, min: None, max: None, mean: None, top }
    }

    fn figure(name: &str, distinct: u64, min: i64, max: i64) -> Column {
        let (min, max): (Option<Value>, Option<Value>) = (Some(json!(min)), Some(json!(max)));
        let (kind, top) = (ColumnType::Integer, Vec::new());
        Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean: None, top }
    }

    fn one(prompt: &str, name: &str, columns: Vec<Column>) -> Goal {
        let dataset = Dataset { name: name.into(), rows: 1_000, columns };
        let plan = crate::plan(prompt, &[dataset], None);
        assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
        plan.goals.into_iter().next().unwrap_or_else(|| unreachable!())
    }

    fn economies(prompt: &str) -> String {
        let continents = text("continent", 2, &["Europe", "Asia"]);
        let codes = text("code", 3, &["IT", "DE", "CN"]);
        let (years, gdp) = (figure("year", 25, 1990, 2014), figure("gdp", 900, 1, 20_000));
        one(prompt, "economies", vec![text("name", 40, &["Italy", "China"]), years, continents, codes, gdp]).query.sql()
    }

    #[test]
    fn what_several_rows_tell_of_is_known_by_its_name() {
        let sql = economies("gdp by country in 2013");
        assert!(sql.contains("\"name\"") && sql.contains("GROUP BY 1"), "{sql}");
        let sql = economies("number of countries per continent");
        assert!(sql.contains("COUNT(DISTINCT \"name\")"), "{sql}");
        let sql = economies("gdp of Italy and its course by year");
        assert!(!sql.contains("'IT'"), "{sql}");
    }

    #[test]
    fn people_are_told_by_the_column_that_names_them() {
        let columns = || {
            let figures = [figure("total_points", 900, 0, 400), figure("strokes", 300, 50, 400)];
            [text("player", 90, &["Ann Ode", "Bo Li"])].into_iter().chain(figures).collect::<Vec<_>>()
        };
        for prompt in ["total points by golfer", "top 10 golfers by total points"] {
            let sql = one(prompt, "tournaments", columns()).query.sql();
            assert!(sql.contains("\"player\"") && sql.contains("GROUP BY 1"), "{prompt}: {sql}");
        }
    }

    #[test]
    fn a_noun_for_the_rows_is_no_value_of_them() {
        let columns = || {
            let (height, weight) = (figure("height", 60, 130, 220), figure("weight", 100, 30, 170));
            vec![text("sport", 28, &["athletics", "aquatics"]), text("sex", 2, &["female", "male"]), height, weight]
        };
        let sql = one("Athletes per sport", "olympians", columns()).query.sql();
        assert!(!sql.contains("'athletics'"), "{sql}");
        let sql = one("average height in athletics", "olympians", columns()).query.sql();
        assert!(sql.contains("'athletics'"), "{sql}");
    }

    #[test]
    fn what_is_counted_is_no_figure_of_it() {
        let columns =
            vec![text("business", 300, &[]), figure("inspection_score", 60, 40, 100), figure("year", 15, 2000, 2014)];
        let sql = one("number of inspections by year", "restaurant_inspections", columns).query.sql();
        assert!(sql.contains("COUNT(*)"), "{sql}");
        let columns = vec![
            text("neighbourhood", 5, &["Brooklyn"]),
            figure("number_of_reviews", 200, 0, 300),
            figure("beds", 9, 1, 9),
            figure("price", 300, 10, 900),
        ];
        let goal = one("how many listings have more than 100 reviews?", "airbnb", columns);
        assert_eq!(goal.kind, CardKind::Kpi, "{goal:?}");
    }
}
