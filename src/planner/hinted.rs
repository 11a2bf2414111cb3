//! Other senses that the data itself hints at: names made of initials, parts of names, codes of states, the one figure
//! that a number can be of.

use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::fields::{Data, Field, Role};
use super::lexicon::{self, Keyword};
use super::matching::{Item, Meaning};
use super::query::Agg;
use super::supposed::{Candidate, names_several, words_of};
use super::words::{Kind, Token, name_words, stem};

/// Most words of a part of a name, and most values that one part may mean.
const PART_MAX: usize = 4;
const SEVERAL_MAX: usize = 12;
/// The same where each is a list that holds one of them.
const LISTED_MAX: usize = 40;

/// Most values of a column of which one may be said by a word of its family.
const VALUES_FEW: u64 = 60;

/// Names of columns that say how a figure is made, or that it is one, and leave open of what.
const UNTOLD: &str = "median average mean value amount count total number quantity";

/// Every sense that begins with the item `at`.
pub fn candidates(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Vec<Candidate> {
    let mut out = Vec::new();
    out.extend(initials(data, tokens, items, at));
    out.extend(super::opposing::other_side(data, tokens, items, at));
    out.extend(super::opposing::told_per_step(data, tokens, items, at));
    out.extend(super::codes::candidates(data, tokens, items, at));
    out.extend(superlative(data, tokens, items, at));
    out.extend(letter(data, tokens, items, at));
    out.extend(super::heads::unsaid(data, tokens, items, at));
    out.extend(untold(data, tokens, items, at));
    out.extend(part_of_name(data, tokens, items, at));
    out.extend(family_of_value(data, tokens, items, at));
    out.extend(super::countries::candidates(data, tokens, items, at));
    out.extend(super::journeys::routes(data, tokens, items, at));
    out.extend(super::units::bound(data, tokens, items, at));
    out.extend(super::units::only_unit(data, tokens, items, at));
    out.extend(column_too(data, tokens, items, at));
    out.extend(done(data, tokens, items, at));
    out.extend(told_of(data, tokens, items, at));
    out.extend(rows_too(data, tokens, items, at));
    out.extend(held_share(data, tokens, items, at));
    out.extend(super::told::candidate(data, tokens, items, at));
    out.extend(super::guessed::candidates(data, tokens, items, at));
    out
}

pub fn spanning(items: &[Item], at: usize, to: usize, meaning: Meaning) -> Item {
    Item { meaning, from: items[at].from, to: items[to - 1].to }
}

pub fn taken(tokens: &[Token], item: &Item, meant: &str) -> Option<String> {
    Some(format!("“{}” is taken to mean {meant}.", words_of(tokens, item)))
}

/// `home runs` for `HR`, `risk free rate` for `RF`: the initials of two or three words, one of which nothing in the data
/// has.
fn initials(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    for count in [3, 2] {
        let Some(said) = items.get(at..at + count) else { continue };
        let span = &tokens[said[0].from..said[count - 1].to];
        let open = said.iter().any(|i| matches!(i.meaning, Meaning::Unknown(_)));
        let plural = span.iter().any(names_several);
        let tagged = count == 3 && span.last().is_some_and(|t| super::words::is(Some(t), "rate ratio index factor"));
        if span.iter().any(|t| t.kind != Kind::Word) || !open || !(plural || tagged) {
            continue;
        }
        let letters: String = span.iter().filter_map(|t| t.lower.chars().next()).collect();
        let untagged = letters.get(..2).filter(|_| tagged);
        let called = |f: &Field<'_>| {
            let is = |letters: &str| f.column.name.eq_ignore_ascii_case(letters);
            f.is_number() && !f.joined && (is(&letters) || untagged.is_some_and(is))
        };
        if let Some(field) = data.fields.iter().position(called) {
            let item = spanning(items, at, at + count, Meaning::Column(vec![field]));
            let note = taken(tokens, &item, &data.fields[field].label);
            let meant = if plural { added(items, at, item) } else { vec![item] };
            return Some(Candidate { from: at, to: at + count, items: meant, price: 8, note });
        }
    }
    None
}

/// `loudest` of a `loudness`: the highest; `louder` only names it.
fn superlative(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let word = &tokens[item.from].lower;
    if !matches!(item.meaning, Meaning::Unknown(_)) {
        return None;
    }
    let figure = |f: &usize| data.fields[*f].is_measure() && super::bounds::graded(data, word, *f);
    let field = (0..data.fields.len()).find(figure)?;
    let rank = Item { meaning: Meaning::Keyword(Keyword::Rank(lexicon::Rank::Most)), ..item.clone() };
    let column = Item { meaning: Meaning::Column(vec![field]), ..item.clone() };
    let items = if word.ends_with("est") { vec![rank, column] } else { vec![column] };
    Some(Candidate { from: at, to: at + 1, items, price: 3, note: None })
}

/// What is called by a plural adds up, unless it is said how it is computed.
pub fn added(items: &[Item], at: usize, column: Item) -> Vec<Item> {
    let said = at.checked_sub(1).is_some_and(|i| {
        matches!(items[i].meaning, Meaning::Number { .. } | Meaning::Keyword(Keyword::Agg(_) | Keyword::Rank(_)))
    });
    let sum = Item { meaning: Meaning::Keyword(Keyword::Agg(Agg::Sum)), ..column.clone() };
    if said { vec![column] } else { vec![sum, column] }
}

/// `wins` for `W`, in a table of such letters.
fn letter(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let token = &tokens[item.from];
    let open = matches!(item.meaning, Meaning::Unknown(_) | Meaning::Filler | Meaning::Rows)
        || matches!(&item.meaning, Meaning::Column(c) if !data.fields[c[0]].is_measure());
    let single = |f: &&Field<'_>| f.is_number() && !f.joined && f.column.name.chars().count() == 1;
    if !open || item.to != item.from + 1 || !names_several(token) || data.fields.iter().filter(single).count() < 2 {
        return None;
    }
    let first = token.lower.chars().next()?;
    let called = |f: &Field<'_>| single(&f) && f.column.name.to_lowercase().starts_with(first);
    let field = data.fields.iter().position(called)?;
    let one = Item { meaning: Meaning::Column(vec![field]), ..item.clone() };
    let note = taken(tokens, item, &data.fields[field].label);
    Some(Candidate { from: at, to: at + 1, items: added(items, at, one), price: 6, note })
}

/// `median price` for a column `median`: of what is not in its name.
fn untold(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let pair = items.get(at..at + 2)?;
    let open = |i: &Item| matches!(i.meaning, Meaning::Unknown(_));
    if open(&pair[0]) == open(&pair[1]) {
        return None;
    }
    let word = &tokens[if open(&pair[0]) { pair[1].from } else { pair[0].from }];
    let called = |f: &Field<'_>| {
        let only = matches!(f.words.as_slice(), [one] if one.lower == word.lower);
        only && f.is_measure() && super::lists::has(UNTOLD, &word.lower)
    };
    let field = data.fields.iter().position(called)?;
    let item = spanning(items, at, at + 2, Meaning::Column(vec![field]));
    let note = taken(tokens, &item, &data.fields[field].label);
    Some(Candidate { from: at, to: at + 2, items: vec![item], price: 6, note })
}

/// `Yankees`, `gare du nord`: words in the names of a few values.
fn part_of_name(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let which = at.checked_sub(1).and_then(|i| tokens.get(items[i].from));
    let which = super::words::is(which, "which each every any") && super::supposed::is_plain(&tokens[items[at].from]);
    if !matches!(items[at].meaning, Meaning::Unknown(_)) || is_grouped(tokens, items, at) || which {
        return None;
    }
    let loose = |i: &Item| {
        let word = i.to == i.from + 1 && tokens[i.from].kind == Kind::Word;
        word && matches!(i.meaning, Meaning::Unknown(_) | Meaning::Filler | Meaning::Value(_) | Meaning::Values(..))
    };
    let run = items[at..].iter().take(PART_MAX).take_while(|i| loose(i)).count();
    for count in (1..=run).rev() {
        let span = &tokens[items[at].from..items[at + count - 1].to];
        let last = span.last()?;
        if lexicon::is_filler(&last.lower) {
            continue;
        }
        let said: Vec<&str> = span.iter().map(|t| t.stem.as_str()).collect();
        let capital = span[0].text.chars().next().is_some_and(char::is_uppercase);
        if said.len() == 1 && said[0].len() < 4 {
            continue;
        }
        if let Some((field, values)) = holding(data, &said) {
            let shown: Vec<String> = values.iter().take(3).map(super::text::value).collect();
            let more = if values.len() > 3 { " and others" } else { "" };
            let meant = format!("{}{more}", shown.join(", "));
            // `hacking incidents`, of kinds that begin so.
            let kinds = data.fields[field].column.distinct <= VALUES_FEW;
            // A small word of titles tells none of them.
            if !capital && !kinds && data.names_each(field) {
                continue;
            }
            let begins = kinds && values.iter().any(|v| starts(v, said[0]));
            let meaning = match values.as_slice() {
                [one] => Meaning::Value(vec![(field, one.clone())]),
                _ => Meaning::Values(field, values),
            };
            let item = spanning(items, at, at + count, meaning);
            let note = taken(tokens, &item, &meant);
            let price = match () {
                () if capital || said.len() > 1 => 4,
                () if begins => 6,
                () => 14,
            };
            return Some(Candidate { from: at, to: at + count, items: vec![item], price, note });
        }
    }
    None
}

/// Whether rows go by the item; `affected by hacking` tells by what it was done.
fn is_grouped(tokens: &[Token], items: &[Item], at: usize) -> bool {
    let by = at.checked_sub(1).filter(|&i| items[i].meaning == Meaning::Keyword(Keyword::By));
    let done = |i: usize| {
        let before = items[i].from.checked_sub(1).and_then(|i| tokens.get(i));
        super::words::is(tokens.get(items[i].from), "by") && before.is_some_and(super::supposed::is_participle)
    };
    by.is_some_and(|i| !done(i))
}

/// Whether it is the first word of a value.
fn starts(value: &Value, word: &str) -> bool {
    name_words(value.as_str().unwrap_or_default()).first().is_some_and(|w| stem(w) == word)
}

/// The column that has the words, one after the other, in the fewest values, where these are few.
fn holding(data: &Data<'_>, said: &[&str]) -> Option<(usize, Vec<Value>)> {
    let texts = data.fields.iter().enumerate().filter(|(_, f)| f.column.kind == ColumnType::Text && !f.is_free_text());
    let found = texts.filter_map(|(index, field)| {
        let begin: String = said[0].chars().take(3).collect();
        let holds = |v: &&Value| {
            let lower = v.as_str().unwrap_or_default().to_lowercase();
            if lower.is_ascii() && !lower.contains(&begin) {
                return false;
            }
            let words: Vec<String> = name_words(v.as_str().unwrap_or_default()).iter().map(|w| stem(w)).collect();
            // `iPhone` is one word, too.
            let plain: Vec<String> = lower.split(|c: char| !c.is_alphanumeric()).map(stem).collect();
            let within = |words: &[String]| words.windows(said.len()).any(|w| w.iter().zip(said).all(|(a, b)| a == b));
            words.len() <= 10 && (within(&words) || within(&plain))
        };
        let mut values: Vec<Value> = field.column.top.iter().filter(holds).take(LISTED_MAX + 1).cloned().collect();
        // `McDonald's` is one of those whose names begin so.
        let whole = |v: &Value| {
            let words = name_words(v.as_str().unwrap_or_default());
            let named = words.iter().filter(|w| *w != "s");
            named.clone().count() == said.len() && named.zip(said).all(|(w, s)| stem(w) == *s)
        };
        if values.iter().any(whole) {
            values.retain(whole);
        }
        // `Theft`, `Theft, Loss`, `Loss, Theft`: lists of which each holds one.
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let shortest = values.iter().map(text).min_by_key(String::len).unwrap_or_default();
        let listed = values.len() <= LISTED_MAX && values.iter().all(|v| text(v).contains(&shortest));
        let several = values.len() <= SEVERAL_MAX || listed;
        let few = !values.is_empty() && several && (values.len() as u64) * 2 <= field.column.distinct;
        few.then_some((index, values))
    });
    found.min_by_key(|(index, values)| (data.fields[*index].joined, values.len(), data.fields[*index].column.distinct))
}

/// `swimmers` for `swimming`: a value of the word's family, in a column of few.
fn family_of_value(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let token = &tokens[items[at].from];
    // `applied jointly`, of applications that are `joint`
    let manner = token.lower.strip_suffix("ly").filter(|base| base.len() >= 4 && token.kind == Kind::Word);
    let open = matches!(items[at].meaning, Meaning::Unknown(_)) && names_several(token)
        || manner.is_some() && matches!(items[at].meaning, Meaning::Unknown(_) | Meaning::Filler);
    if !open || is_grouped(tokens, items, at) {
        return None;
    }
    let few = |f: &Field<'_>| f.role == Role::Category && !f.joined && f.column.distinct <= VALUES_FEW;
    let alike = |v: &&Value| {
        let words = name_words(v.as_str().unwrap_or_default());
        matches!(words.as_slice(), [one] if match manner {
            Some(base) => one == base || one.strip_suffix('e') == Some(base),
            None => super::likeness::family(one, &token.lower),
        })
    };
    let fields = data.fields.iter().enumerate().filter(|(_, f)| few(f));
    let mut found = fields.flat_map(|(i, f)| f.column.top.iter().filter(alike).map(move |v| (i, v.clone())));
    let one = found.next().filter(|_| found.next().is_none())?;
    let note = taken(tokens, &items[at], &super::text::value(&one.1));
    let item = Item { meaning: Meaning::Value(vec![one]), ..items[at].clone() };
    Some(Candidate { from: at, to: at + 1, items: vec![item], price: 7, note })
}

/// A column behind a word that is understood otherwise: `average score` of rows that are scores, `reasons for leaving`.
fn column_too(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let token = &tokens[item.from];
    let small = matches!(
        item.meaning,
        Meaning::Filler
            | Meaning::Keyword(
                Keyword::Why
                    | Keyword::Quality
                    | Keyword::Order
                    | Keyword::Kpi
                    | Keyword::Correlation
                    | Keyword::Rate
                    | Keyword::Trend
                    | Keyword::Grain(_)
            )
    );
    let rows = item.meaning == Meaning::Rows;
    if token.kind != Kind::Word || token.lower.len() < 4 || !(rows && item.to == item.from + 1 || small) {
        return None;
    }
    let said = [super::fields::Word::of(token)];
    let own = |i: &usize| {
        let field = &data.fields[*i];
        let head = field.heads.iter().any(|&h| field.words.get(h).is_some_and(|w| w.stem == token.stem));
        let step = matches!(item.meaning, Meaning::Keyword(Keyword::Grain(_) | Keyword::Trend));
        !field.joined && !matches!(field.role, Role::Id | Role::Flag) && (rows || head) && (!step || field.is_measure())
    };
    let scored = |i: usize| super::likeness::score(&said, &data.fields[i]).map(|s| (i, s));
    // Of several that fit as well, the first: `type` of `Type 1` and `Type 2`.
    let named = (0..data.fields.len()).rev().filter(own).filter_map(scored).max_by(|a, b| a.1.total_cmp(&b.1));
    let best = named?;
    let named = super::wholes::encompassing(data, |i| own(&i) && scored(i).is_some()).unwrap_or(best.0);

    let one = Item { meaning: Meaning::Column(vec![named]), ..item.clone() };
    let note = rows.then(|| taken(tokens, item, &data.fields[named].label)).flatten();
    Some(Candidate { from: at, to: at + 1, items: vec![one], price: 3, note })
}

/// `restaurants` of `restaurant_inspections`, each of which several rows tell: by their names.
fn told_of(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let token = &tokens[item.from];
    let words = super::text::name_of_rows(&data.dataset.name);
    let qualifies = words.len() > 1 && words[..words.len() - 1].iter().any(|w| stem(w) == token.stem);
    let grouped = at.checked_sub(1).is_some_and(|i| matches!(items[i].meaning, Meaning::Keyword(Keyword::By)));
    let small = matches!(item.meaning, Meaning::Filler | Meaning::Rows);
    if !small || !qualifies || !(grouped || names_several(token)) {
        return None;
    }
    let named = |f: &Field<'_>| f.words.iter().any(|w| matches!(w.lower.as_str(), "name" | "title"));
    let several = |f: &Field<'_>| matches!(f.role, Role::Category | Role::Label) && !f.joined && f.column.distinct > 1;
    let field = data.fields.iter().position(|f| several(f) && named(f))?;
    let one = Item { meaning: Meaning::Column(vec![field]), ..item.clone() };
    let note = taken(tokens, item, &data.fields[field].label);
    Some(Candidate { from: at, to: at + 1, items: vec![one], price: 3, note })
}

/// `municipalities` where one kind of them is called so: the rows.
fn rows_too(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let value = matches!(&item.meaning, Meaning::Value(v) if v.iter().all(|(f, _)| data.fields[*f].role == Role::Category))
        || matches!(item.meaning, Meaning::Values(..)) && super::supposed::is_plain(&tokens[item.from]);
    if !value || item.to != item.from + 1 || !names_several(&tokens[item.from]) {
        return None;
    }
    let note = taken(tokens, item, "the rows of the data");
    Some(Candidate {
        from: at,
        to: at + 1,
        items: vec![Item { meaning: Meaning::Rows, ..item.clone() }],
        price: 4,
        note,
    })
}

/// `share of households`, where a column holds the shares.
fn held_share(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    if item.meaning != Meaning::Keyword(Keyword::Share) {
        return None;
    }
    let holds = |f: &Field<'_>| {
        let part = matches!(f.words.as_slice(), [one] if matches!(one.lower.as_str(), "percent" | "percentage" | "share" | "proportion"));
        f.role == Role::Mean && !f.joined && part
    };
    if let Some(field) = data.fields.iter().position(holds) {
        let one = Item { meaning: Meaning::Column(vec![field]), ..item.clone() };
        let note = taken(tokens, item, &data.fields[field].label);
        return Some(Candidate { from: at, to: at + 1, items: vec![one], price: 3, note });
    }
    // `share of women in law`, where every figure is one.
    let mut figures = data.fields.iter().filter(|f| matches!(f.role, Role::Sum | Role::Mean)).peekable();
    figures.peek()?;
    let shares = figures.all(|f| f.min().is_some_and(|m| m >= 0.0) && f.max().is_some_and(|m| m <= 100.0));
    let small = Item { meaning: Meaning::Filler, ..item.clone() };
    shares.then(|| Candidate { from: at, to: at + 1, items: vec![small], price: 5, note: None })
}

/// `homes sold`, where a column says how many: a verb that names a figure, and what is done with.
fn done(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let pair = items.get(at..at + 2)?;
    let verb = &tokens[pair[1].from];
    let open = matches!(pair[0].meaning, Meaning::Unknown(_)) && names_several(&tokens[pair[0].from]);
    if !open || !super::supposed::is_participle(verb) {
        return None;
    }
    let adds = |f: &Field<'_>| f.role == Role::Sum && !f.joined;
    let field = *super::thesaurus::columns(data, &[&verb.lower], adds)?.fields.first()?;
    let item = spanning(items, at, at + 2, Meaning::Column(vec![field]));
    let note = taken(tokens, &item, &data.fields[field].label);
    Some(Candidate { from: at, to: at + 2, items: vec![item], price: 7, note })
}
