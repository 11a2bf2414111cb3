//! Columns with names that nobody says: initials of a phrase (`ccs` for `consumer credit score`), words inside of longer
//! names (`oil` in `dcoilwtico`), figures per head, and the one figure that a table is of.

use super::fields::{Data, Field, Role};
use super::hinted::{spanning, taken};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::supposed::Candidate;
use super::words::{Kind, Token};

/// Fewest letters of initials and of a word inside of a name, and most words that initials are of.
const INITIALS_MIN: usize = 3;
const INSIDE_MIN: usize = 3;
const SPAN_MAX: usize = 8;
/// Most columns of a table that is of one figure.
const NARROW_MAX: usize = 4;

/// Words for any figure, whatever it is of.
const FIGURES: &str = "price prices value values level levels index reading readings quote quotes close rate rates measurement \
    measurements score scores";

/// Every such sense that begins with the item `at`.
pub fn candidates(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Vec<Candidate> {
    let found = [initials, per_head, inside, only_figure, counter, flagged];
    found.into_iter().filter_map(|sense| sense(data, tokens, items, at)).collect()
}

/// `cases` of a table with a `count`: what each row says how many there were of.
fn counter(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let token = &tokens[items[at].from];
    let said = [super::fields::Word::of(token)];
    let figure = [super::roles::SUM_WORDS, super::roles::MEAN_WORDS].iter().any(|w| super::roles::has(&said, w));
    let fits = !figure || super::words::is(Some(token), super::nouns::ANYTHING);
    let several = is_open(&items[at]) && fits && super::supposed::names_several(token);
    let field = data.counter().filter(|_| several)?;
    let counts = |w: &super::fields::Word| super::roles::has(std::slice::from_ref(w), "count frequency number total");
    let item = Item { meaning: Meaning::Column(vec![field]), ..items[at].clone() };
    let note = taken(tokens, &item, &data.fields[field].label);
    let bare = matches!(data.fields[field].words.as_slice(), [one] if counts(one));
    bare.then(|| Candidate { from: at, to: at + 1, items: vec![item], price: 6, note })
}

/// `have left`, where a flag tells of attrition.
fn flagged(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let token = &tokens[items[at].from];
    let means = |f: &Field<'_>| {
        let told = f.words.iter().any(|w| w.stem != token.stem && super::likeness::synonymous(&token.lower, w));
        f.role == Role::Flag && !f.joined && told
    };
    let silent = matches!(items[at].meaning, Meaning::Filler | Meaning::Rows) && token.kind == Kind::Word;
    let field = data.fields.iter().position(means).filter(|_| silent)?;
    let item = Item { meaning: Meaning::Column(vec![field]), ..items[at].clone() };
    let note = taken(tokens, &item, &data.fields[field].label);
    Some(Candidate { from: at, to: at + 1, items: vec![item], price: 3, note })
}

fn is_open(item: &Item) -> bool {
    matches!(item.meaning, Meaning::Unknown(_))
}

/// A name of one word that no dictionary has.
fn is_code(field: &Field<'_>) -> bool {
    matches!(field.words.as_slice(), [one] if !super::grown::is_known(&one.lower)) && !field.joined
}

/// `loan to value` for `lvr`, `unemployment rate in the industry` for `uri`: small words count or do not, and so does a
/// `ratio` or a `score` at the end.
fn initials(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    const SMALL: &str = "to of in the a for and per on";
    let word = |i: usize| items.get(i).filter(|i| i.to == i.from + 1 && tokens[i.from].kind == Kind::Word);
    let first = tokens[word(at)?.from].lower.chars().next()?;
    const UNITS: &str =
        "days day hours hour months month years year weeks minutes min mins hrs yrs usd eur kg cm mm km pct";
    let fits = |f: &Field<'_>| {
        let whole = f.column.name.to_lowercase();
        // `los_days`: a length of stay, and its unit.
        let parts = super::words::name_words(&whole);
        let unit = matches!(parts.as_slice(), [_, unit] if super::lists::has(UNITS, unit));
        let name = parts.into_iter().next().filter(|_| unit).unwrap_or(whole);
        let length = name.chars().count();
        let told = if unit { f.is_number() && !super::grown::is_known(&name) } else { is_code(f) };
        let code = (INITIALS_MIN..=5).contains(&length) && name.chars().all(char::is_alphabetic) && told;
        (code && name.starts_with(first)).then_some(name)
    };
    for (field, name) in data.fields.iter().enumerate().filter_map(|(i, f)| Some((i, fits(f)?))) {
        for to in (at + 2..=items.len().min(at + SPAN_MAX)).rev() {
            let said: Option<Vec<&Token>> = (at..to).map(|i| word(i).map(|w| &tokens[w.from])).collect();
            let Some(said) = said else { continue };
            let small = |t: &Token| super::words::is(Some(t), SMALL);
            let ends = said.last().is_some_and(|t| small(t));
            if ends || !items[at..to].iter().any(is_open) || !spells(&said, &name, &small) {
                continue;
            }
            let item = spanning(items, at, to, Meaning::Column(vec![field]));
            let note = taken(tokens, &item, &data.fields[field].label);
            return Some(Candidate { from: at, to, items: vec![item], price: 4, note });
        }
    }
    None
}

/// Whether the first letters of the words are the name, where small words may be left out.
fn spells(said: &[&Token], name: &str, small: &dyn Fn(&Token) -> bool) -> bool {
    let Some((first, rest)) = said.split_first() else {
        // What kind of figure it is may go without saying.
        return matches!(name, "" | "r" | "s" | "i" | "p" | "n");
    };
    let skipped = small(first) && spells(rest, name, small);
    let taken = first.lower.chars().next().and_then(|c| name.strip_prefix(c));
    skipped || taken.is_some_and(|left| spells(rest, left, small))
}

/// `packs per capita` for `packpc`; `income per head`, where there is a population.
fn per_head(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    const HEADS: &str = "capita head person inhabitant resident";
    let is = |i: usize, list: &str| items.get(i).is_some_and(|i| super::words::is(tokens.get(i.from), list));
    if is(at + 1, "per") && is(at + 2, HEADS) {
        let token = &tokens[items[at].from];
        let begins = |f: &Field<'_>| {
            let name = f.column.name.to_lowercase().replace(['_', ' ', '.'], "");
            let rest = ["percapita", "percap", "perhead", "pc", "pp"].iter().find_map(|tail| name.strip_suffix(tail));
            let base = token.lower.trim_end_matches('s');
            f.is_number() && rest.is_some_and(|r| r.len() >= INSIDE_MIN && (r.trim_end_matches('s') == base))
        };
        if let Some(field) = data.fields.iter().position(begins) {
            let item = spanning(items, at, at + 3, Meaning::Column(vec![field]));
            let note = taken(tokens, &item, &data.fields[field].label);
            return Some(Candidate { from: at, to: at + 3, items: vec![item], price: 1, note });
        }
    }
    let people = |f: &Field<'_>| f.is_number() && f.words.iter().any(|w| w.lower == "population");
    let field = data.fields.iter().position(people)?;
    let head = is_open(&items[at]) && is(at, HEADS) && at > 0 && is(at - 1, "per");
    let item = Item { meaning: Meaning::Column(vec![field]), ..items[at].clone() };
    let note = taken(tokens, &item, &data.fields[field].label);
    head.then(|| Candidate { from: at, to: at + 1, items: vec![item], price: 3, note })
}

/// `oil` of `dcoilwtico`, `party` of `partyid`: the one column whose name has the word in it.
pub fn inside(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let token = &tokens[item.from];
    let word = token.lower.trim_end_matches('s');
    if !is_open(item) || token.kind != Kind::Word || word.chars().count() < INSIDE_MIN {
        return None;
    }
    let has = |f: &Field<'_>| {
        let name = f.column.name.to_lowercase();
        // A short word may be anywhere by chance.
        let most = if word.len() < 4 { 10 } else { word.len() * 3 };
        f.role != Role::Other && is_code(f) && name.len() > word.len() && name.len() <= most && name.contains(word)
    };
    let mut found = (0..data.fields.len()).filter(|&i| has(&data.fields[i]));
    let field = found.next().filter(|_| found.next().is_none())?;
    let one = Item { meaning: Meaning::Column(vec![field]), ..item.clone() };
    let note = taken(tokens, &one, &data.fields[field].label);
    Some(Candidate { from: at, to: at + 1, items: vec![one], price: 5, note })
}

/// `crude price` of a table of dates and one figure: that figure, with what is said of it.
fn only_figure(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let field = data.only_measure().filter(|&f| is_code(&data.fields[f]) && data.fields.len() <= NARROW_MAX)?;
    let named = |i: usize| {
        let item = items.get(i).filter(|i| i.to == i.from + 1)?;
        let open = is_open(item) || matches!(item.meaning, Meaning::Keyword(Keyword::Rate));
        (open && super::words::is(tokens.get(item.from), FIGURES)).then_some(i)
    };
    let own = |i: usize| matches!(&items[i].meaning, Meaning::Column(c) if c.contains(&field));
    let to = match named(at) {
        Some(_) => at + 1,
        None if is_open(&items[at]) || own(at) => named(at + 1)? + 1,
        None => return None,
    };
    let item = spanning(items, at, to, Meaning::Column(vec![field]));
    let note = taken(tokens, &item, &data.fields[field].label);
    Some(Candidate { from: at, to, items: vec![item], price: 6, note })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::sql;

    fn column(name: &str, kind: ColumnType, distinct: u64, range: Option<(Value, Value)>) -> Column {
        let (min, max) = range.unzip();
        Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean: None, top: Vec::new() }
    }

    #[test]
    fn initials_and_words_inside_name_columns() {
        let loans = || {
            let number = |name: &str| column(name, ColumnType::Number, 900, Some((json!(0.1), json!(3.5))));
            vec![number("lvr"), number("ccs"), column("deny", ColumnType::Boolean, 2, None)]
        };
        let value = sql("average loan to value: denied vs approved", "hdma", loans());
        assert!(value.contains("AVG(\"lvr\")") && value.contains("\"deny\" AS"), "{value}");
        let rate = sql("average consumer credit score by deny", "hdma", loans());
        assert!(rate.contains("AVG(\"ccs\")"), "{rate}");
        let prices = || {
            let days = Some((json!("1986-01-02"), json!("2019-01-04")));
            let price = column("DCOILWTICO", ColumnType::Number, 3_000, Some((json!(10.25), json!(145.3))));
            vec![column("Date", ColumnType::Date, 2_000, days), price]
        };
        for prompt in ["average oil price per year", "average crude price per year", "oil in 2008 month by month"] {
            assert!(sql(prompt, "wti", prices()).contains("\"DCOILWTICO\""), "{prompt}");
        }
        let recent = sql("the last 6 months of oil prices", "wti", prices());
        assert!(recent.contains("'month'"), "{recent}");
    }
}
