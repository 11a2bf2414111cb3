//! Senses of words that say a value rather than name it: `free` is nothing to pay, `hardcovers` are coded `H`, a density
//! is one figure by another.

use vizroom_protocol::dashboard::Grain;

use super::fields::{Data, Field, Role};
use super::hinted::{spanning, taken};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::supposed::Candidate;
use super::words::{Kind, Token};

/// Most different codes of a column whose codes may be said by words that begin so, and letters of such a word.
const CODES_MAX: u64 = 8;
const WORD_MIN: usize = 5;
/// Most different codes of a column whose codes may be initials.
const INITIALS_MAX: u64 = 12;

/// Every such sense that begins with the item `at`.
pub fn candidates(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Vec<Candidate> {
    let mut out = Vec::new();
    out.extend(free(data, tokens, items, at));
    out.extend(code(data, tokens, items, at));
    out.extend(initials(data, tokens, items, at));
    out.extend(season(data, tokens, items, at));
    out.extend(part_of_day(data, tokens, items, at));
    out.extend(density(data, tokens, items, at));
    out.extend(sides(tokens, items, at));
    out.extend(money(data, tokens, items, at));
    if matches!(items[at].meaning, Meaning::Unknown(_)) && super::absent::tells(data, tokens, items, at) {
        let silent = Item { meaning: Meaning::Filler, ..items[at].clone() };
        out.push(Candidate { from: at, to: at + 1, items: vec![silent], price: 1, note: None });
    }
    out
}

/// `how much do players make`: the one column of money, where no other figure is named.
fn money(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    const MONEY: &str = "salary wage pay income revenue gross sales turnover price cost fee fare amount dollar euro bill \
        spending spend budget charge payment profit earnings";
    let item = &items[at];
    let asks =
        item.meaning == Meaning::Keyword(Keyword::Exact) && super::words::is(tokens.get(item.to), "do does did can");
    let paid = |f: &&usize| {
        let field = &data.fields[**f];
        field.is_measure() && !field.joined && super::roles::has(&field.words, MONEY)
    };
    let all: Vec<usize> = (0..data.fields.len()).collect();
    let mut found = all.iter().filter(paid);
    let only = found.next().filter(|_| asks && found.next().is_none())?;
    let column = Item { meaning: Meaning::Column(vec![*only]), ..item.clone() };
    let note = taken(tokens, item, &data.fields[*only].label);
    Some(Candidate { from: at, to: at + 1, items: vec![item.clone(), column], price: 9, note })
}

/// `free sessions`: those that cost nothing.
fn free(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let open = matches!(item.meaning, Meaning::Unknown(_) | Meaning::Filler);
    if !open || !matches!(tokens[item.from].lower.as_str(), "free" | "gratis" | "unpaid") {
        return None;
    }
    let pays = |f: &Field<'_>| {
        let named = super::roles::has(&f.words, "price cost fee fare charge payment paid amount dollars euros");
        named && f.is_measure() && !f.joined && f.min() == Some(0.0)
    };
    let field = data.fields.iter().position(pays)?;
    let zero = [Meaning::Column(vec![field]), Meaning::Mark('='), Meaning::Number { value: 0.0, percent: false }];
    let items = zero.into_iter().map(|meaning| Item { meaning, ..item.clone() }).collect();
    let note = taken(tokens, item, &format!("a {} of 0", data.fields[field].label));
    Some(Candidate { from: at, to: at + 1, items, price: 4, note })
}

/// `undecided voters` of votes coded `Y`, `N`, `U`: the one code that begins as the word does.
fn code(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let token = &tokens[item.from];
    let plain = item.to == item.from + 1 && token.kind == Kind::Word && token.lower.len() >= WORD_MIN;
    if !matches!(item.meaning, Meaning::Unknown(_)) {
        return None;
    }
    let begin = token.lower.chars().next()?.to_uppercase().to_string();
    let holds = |i: &usize| {
        let field = &data.fields[*i];
        is_coded(field) && field.column.top.iter().any(|v| v.as_str() == Some(&begin))
    };
    let mut found = (0..data.fields.len()).filter(holds);
    let field = found.next().filter(|_| plain && found.next().is_none())?;
    // A code says nothing by itself: the word must tell which rows, or which of the column.
    let tells = match items.get(at + 1).map(|i| &i.meaning) {
        Some(Meaning::Rows) => true,
        Some(Meaning::Column(c)) => c.contains(&field),
        _ => false,
    };
    let one = Item { meaning: Meaning::Value(vec![(field, begin.clone().into())]), ..item.clone() };
    let note = taken(tokens, item, &format!("{} {begin}", data.fields[field].label));
    tells.then(|| Candidate { from: at, to: at + 1, items: vec![one], price: 6, note })
}

/// Whether a column's values are single letters.
fn is_coded(field: &Field<'_>) -> bool {
    let single = |v: &serde_json::Value| v.as_str().is_some_and(|t| t.chars().count() == 1);
    field.role == Role::Category && field.column.distinct <= CODES_MAX && field.column.top.iter().all(single)
}

/// `rural_urban` with the codes `R` and `U`: the words of the name are what the codes stand for.
fn names_its_codes(field: &Field<'_>) -> bool {
    let of = |v: &serde_json::Value| {
        let code = v.as_str().unwrap_or_default().to_lowercase();
        field.words.iter().any(|w| w.lower.starts_with(&code))
    };
    field.column.distinct > 1 && field.column.distinct as usize <= field.words.len() && field.column.top.iter().all(of)
}

/// `in summer`, `winter 2016`: the months of a season, where no value is called so.
fn season(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let (first, last, meant) = match tokens[item.from].lower.as_str() {
        "spring" => (3, 5, "March to May"),
        "summer" | "summers" => (6, 8, "June to August"),
        "autumn" | "fall" => (9, 11, "September to November"),
        "winter" | "winters" => (12, 2, "December to February"),
        _ => return None,
    };
    let before = at.checked_sub(1).map(|i| &tokens[items[i].to - 1]);
    // `winter months`
    let noun = items.get(at + 1).is_some_and(|i| super::words::is(tokens.get(i.from), "month months season time"));
    let ends =
        || items.get(at + 1 + usize::from(noun)).is_none_or(|i| super::words::is(tokens.get(i.from), "only please"));
    let told = super::words::is(before, "in during of the each every last this per vs versus to for only just")
        || super::conditions::calendar_year(items.get(at + 1)).is_some()
        || at == 0 && ends();
    let known = data.date().is_some() || data.part(super::fields::Part::Month).is_some();
    if !matches!(item.meaning, Meaning::Unknown(_) | Meaning::Filler) || !told || !known {
        return None;
    }
    let months = [Meaning::Month(first), Meaning::Keyword(Keyword::Only), Meaning::Month(last)];
    let items = months.into_iter().map(|meaning| Item { meaning, ..item.clone() }).collect();
    let note = taken(tokens, item, meant);
    Some(Candidate { from: at, to: at + 1 + usize::from(noun), items, price: 3, note })
}

/// `in the mornings`, `only evenings`: the hours of a part of the day, where no value is called so.
fn part_of_day(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let (first, last, meant) = match tokens[item.from].lower.as_str() {
        "morning" | "mornings" => (5.0, 11.0, "5 to 11 h"),
        "afternoon" | "afternoons" => (12.0, 17.0, "12 to 17 h"),
        "evening" | "evenings" => (18.0, 22.0, "18 to 22 h"),
        "night" | "nights" | "nighttime" => (22.0, 5.0, "22 to 5 h"),
        _ => return None,
    };
    let open = matches!(item.meaning, Meaning::Unknown(_) | Meaning::Filler);
    data.time_group(Grain::HourOfDay).filter(|_| open)?;
    let number = |value| Meaning::Number { value, percent: false };
    let of = [Keyword::Grain(Grain::HourOfDay), Keyword::Between].map(Meaning::Keyword);
    let range = [number(first), Meaning::Keyword(Keyword::And), number(last)];
    let items = of.into_iter().chain(range).map(|meaning| Item { meaning, ..item.clone() }).collect();
    let note = taken(tokens, item, meant);
    Some(Candidate { from: at, to: at + 1, items, price: 4, note })
}

/// `likely voters` of a population coded `lv`, `rv`: the initials of what is said.
fn initials(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    for count in [3, 2] {
        let Some(said) = items.get(at..at + count) else { continue };
        let span = &tokens[said[0].from..said[count - 1].to];
        let open = said.iter().any(|i| matches!(i.meaning, Meaning::Unknown(_)));
        let spoken = |i: &Item| matches!(i.meaning, Meaning::Unknown(_) | Meaning::Filler | Meaning::Rows);
        // A name, or a noun in the plural; any two words begin with some code.
        let name = |t: &Token| t.text.chars().next().is_some_and(char::is_uppercase);
        let noun = span.iter().all(name) || span.last().is_some_and(super::supposed::names_several);
        if !noun
            || span.len() != count
            || span.iter().any(|t| t.kind != Kind::Word)
            || !open
            || !said.iter().all(spoken)
        {
            continue;
        }
        let letters: String = span.iter().filter_map(|t| t.lower.chars().next()).collect();
        let short = |v: &serde_json::Value| v.as_str().is_some_and(|t| t.chars().count() <= 4);
        let few = |f: &Field<'_>| f.role == Role::Category && !f.joined && f.column.distinct <= INITIALS_MAX;
        let coded = |f: &&Field<'_>| few(f) && f.column.top.iter().all(short);
        let is = |v: &&serde_json::Value| v.as_str().is_some_and(|t| t.eq_ignore_ascii_case(&letters));
        let found = data.fields.iter().enumerate().filter(|(_, f)| coded(f));
        let mut found = found.filter_map(|(i, f)| Some((i, f.column.top.iter().find(is)?.clone())));
        if let Some(one) = found.next().filter(|_| found.next().is_none()) {
            let note = format!("{} {}", data.fields[one.0].label, super::text::value(&one.1));
            let item = spanning(items, at, at + count, Meaning::Value(vec![one]));
            let note = taken(tokens, &item, &note);
            return Some(Candidate { from: at, to: at + count, items: vec![item], price: 6, note });
        }
    }
    None
}

/// `American League` of leagues coded `AL`: a name whose last word is the column's, by its initials.
pub fn league(data: &Data<'_>, span: &[Token]) -> Option<(usize, serde_json::Value)> {
    let capital = |t: &Token| t.kind == Kind::Word && t.text.chars().next().is_some_and(char::is_uppercase);
    let last = span.last()?;
    if !(2..=3).contains(&span.len()) || !span.iter().all(capital) {
        return None;
    }
    let letters: String = span.iter().filter_map(|t| t.text.chars().next()).collect();
    let named = |w: &super::fields::Word| w.stem == last.stem || super::likeness::abbreviates(&w.lower, &last.lower);
    let is = |v: &&serde_json::Value| v.as_str() == Some(&letters);
    let fields = data.fields.iter().enumerate();
    let mut coded = fields.filter(|(_, f)| f.role == Role::Category && f.words.iter().any(named));
    coded.find_map(|(i, f)| Some((i, f.column.top.iter().find(is)?.clone())))
}

/// `hardcovers` of a column `hard_paper` with the codes `H` and `P`: the code of the column that the word begins like.
pub fn coded(data: &Data<'_>, token: &Token) -> Option<(usize, serde_json::Value)> {
    let begin = token.lower.chars().next()?.to_uppercase().to_string();
    let word = token.kind == Kind::Word && token.lower.len() >= WORD_MIN;
    let of = |f: &Field<'_>| {
        let sides = names_its_codes(f);
        let begins = |w: &super::fields::Word| {
            w.lower.len() >= 4 && token.lower.starts_with(&w.lower) && (token.stem != w.stem || sides)
        };
        f.words.len() > 1 && is_coded(f) && f.words.iter().any(begins)
    };
    let field = data.fields.iter().position(of).filter(|_| word)?;
    let value = data.fields[field].column.top.iter().find(|v| v.as_str() == Some(&begin))?;
    Some((field, value.clone()))
}

/// `wins`, `lost`, `draws` of a column of results that are coded `W`, `L` and `D`.
pub fn outcome(data: &Data<'_>, token: &Token) -> Option<(usize, serde_json::Value)> {
    const OUTCOMES: [(&str, &str); 4] = [
        ("W", "win wins won winning victory victories"),
        ("L", "loss losses lost losing defeat defeats"),
        ("D", "draw draws drawn tie ties tied"),
        ("T", "tie ties tied draw draws drawn"),
    ];
    let results = |f: &Field<'_>| {
        let known = |v: &serde_json::Value| OUTCOMES.iter().any(|(code, _)| v.as_str() == Some(code));
        let top = &f.column.top;
        top.len() as u64 == f.column.distinct && known_both(top) && top.iter().all(known)
    };
    let field = data.fields.iter().position(results)?;
    // Where wins are counted in a column of their own, they are meant.
    let own = data.fields.iter().any(|f| f.is_measure() && f.words.iter().any(|w| w.stem == token.stem));
    let holds = |code: &str| data.fields[field].column.top.iter().any(|v| v.as_str() == Some(code));
    let said = OUTCOMES.iter().find(|(code, words)| super::words::is(Some(token), words) && holds(code));
    said.filter(|_| !own).map(|(code, _)| (field, (*code).into()))
}

/// Whether there are wins and losses.
fn known_both(values: &[serde_json::Value]) -> bool {
    ["W", "L"].into_iter().all(|code| values.iter().any(|v| v.as_str() == Some(code)))
}

/// `sex` of a column `male` of yes and no.
pub fn sex(data: &Data<'_>, token: &Token) -> Option<usize> {
    if !super::words::is(Some(token), "sex sexes gender genders") {
        return None;
    }
    let own = |f: &Field<'_>| super::roles::has(&f.words, "sex gender");
    let told = !data.fields.iter().any(own);
    let sided = |f: &Field<'_>| f.role == Role::Flag && sex_of(f).is_some();
    data.fields.iter().position(sided).filter(|_| told)
}

/// `women` of a column `male` of yes and no: those of whom it says no.
pub fn of_sex(data: &Data<'_>, token: &Token) -> Option<(usize, serde_json::Value)> {
    let men = super::words::is(Some(token), "men man male males boys boy");
    let women = super::words::is(Some(token), "women woman female females girls girl ladies");
    let sided = |f: &Field<'_>| f.role == Role::Flag && sex_of(f).is_some();
    let field = data.fields.iter().position(sided).filter(|_| men || women)?;
    let yes = sex_of(&data.fields[field]) == Some(men);
    data.fields[field].truth(yes).map(|value| (field, value))
}

/// Whether a column tells who is male, or who is female.
fn sex_of(field: &Field<'_>) -> Option<bool> {
    let [one] = field.words.as_slice() else { return None };
    match one.lower.as_str() {
        "male" | "man" | "males" => Some(true),
        "female" | "woman" | "females" => Some(false),
        _ => None,
    }
}

/// `do heavier animals sleep less?` asks how two figures go together.
fn sides(tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let asks = tokens.first().is_some_and(|t| matches!(t.lower.as_str(), "do" | "does" | "did"));
    let last = items[at + 1..].iter().all(|i| matches!(i.meaning, Meaning::Filler | Meaning::Mark(_)));
    let more = matches!(tokens[items[at].from].lower.as_str(), "less" | "more" | "fewer");
    let open = matches!(items[at].meaning, Meaning::Unknown(_));
    let silent = Item { meaning: Meaning::Filler, ..items[at].clone() };
    (asks && last && more && open).then(|| Candidate {
        from: at,
        to: at + 1,
        items: vec![silent],
        price: 3,
        note: None,
    })
}

/// `population density`, where a table has both the population and the area.
fn density(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let dense = items.get(at + 1).unwrap_or(&items[at]);
    let figure = |i: &Item| match &i.meaning {
        Meaning::Column(c) => c.iter().copied().find(|&f| data.fields[f].is_measure()),
        _ => None,
    };
    let of = figure(&items[at]);
    let (dense, to) = if of.is_some() { (dense, at + 2) } else { (&items[at], at + 1) };
    if tokens[dense.from].lower != "density" || !matches!(dense.meaning, Meaning::Unknown(_)) {
        return None;
    }
    let called = |words: &str| data.fields.iter().position(|f| f.is_measure() && super::roles::has(&f.words, words));
    let (of, area) = (of.or_else(|| called("population inhabitants"))?, called("area")?);
    let item = spanning(items, at, to, Meaning::Column(vec![of]));
    let items = vec![
        item.clone(),
        Item { meaning: Meaning::Keyword(Keyword::Divided), ..item.clone() },
        Item { meaning: Meaning::Column(vec![area]), ..item.clone() },
    ];
    let note = taken(tokens, &item, &format!("{} by {}", data.fields[of].label, data.fields[area].label));
    (of != area).then_some(Candidate { from: at, to, items, price: 2, note })
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    #[test]
    fn words_say_values_that_they_do_not_name() {
        let columns = || {
            let cover = text("hard_paper", 2, 0, &["P", "H"]);
            let price = Column { kind: ColumnType::Number, ..figure("price", 300, 0, 90) };
            vec![
                cover,
                text("town", 40, 0, &["Bern"]),
                price,
                figure("population", 900, 1, 90_000),
                figure("area", 800, 1, 900),
            ]
        };
        let covers = sql("average price of hardcovers", "books", columns());
        assert!(covers.contains("\"hard_paper\" = 'H'"), "{covers}");
        let free = sql("how many books were free?", "books", columns());
        assert!(free.contains("\"price\" = 0"), "{free}");
        let dense = sql("population density by town", "towns", columns());
        assert!(dense.contains("SUM(\"population\")") && dense.contains("/ NULLIF(SUM(\"area\")"), "{dense}");
    }
}
