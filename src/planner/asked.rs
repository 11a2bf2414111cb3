//! Columns asked for in other words than their names have: senses that the thesaurus gives to what nothing in the data
//! is called.

use std::ops::Range;

use super::fields::{Data, Field, Role};
use super::hinted::{spanning, taken};
use super::lexicon::{Keyword, Rank};
use super::matching::{Item, Meaning};
use super::query::Agg;
use super::supposed::{Candidate, names_several};
use super::thesaurus::{self, Asked};
use super::words::{Kind, Token, is};

/// Words for what kind of a thing it is.
const KINDS: &str = "type types kind kinds sort sorts";

/// Most words of a phrase.
const PHRASE_MAX: usize = 4;
/// Most words of an adjective: `fuel efficient`.
const ADJECTIVE_MAX: usize = 2;
/// What it costs that what is ranked are the rows, and what it spares that a word tells by what to group.
const ROWS: u32 = 8;
/// What it costs that nothing says whose a figure is.
const WHOSE: u32 = 7;
const GROUP: u32 = 2;
/// What it spares that no word of a phrase is left out.
const WHOLE: u32 = 2;

/// Every such sense that begins with the item `at`.
pub fn candidates(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Vec<Candidate> {
    // What is left open is not narrowed by a guess.
    if items.iter().any(|i| i.meaning == Meaning::Keyword(Keyword::Overview)) {
        return Vec::new();
    }
    let phrases = (1..=PHRASE_MAX).rev().filter_map(|count| named(data, tokens, items, at, count));
    let most = (1..=ADJECTIVE_MAX).rev().find_map(|count| most(data, tokens, items, at, count));
    let senses = phrases.chain(most).chain(possessed(data, tokens, items, at));
    senses.chain(ranked(data, tokens, items, at)).chain(ranked_by(data, tokens, items, at)).collect()
}

/// `poorest by household income`: the figure is named, the adjective tells the end.
fn ranked_by(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let (item, by) = (&items[at], items.get(at + 1)?);
    let adjective = &word(tokens, item)?.lower;
    let low = thesaurus::is_low(adjective).filter(|_| thesaurus::is_superlative(adjective) == Some(true))?;
    let figure = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if c.iter().any(|&f| data.fields[f].is_measure()));
    let named = items[at + 2..].iter().take(PHRASE_MAX).any(figure);
    let rank = Meaning::Keyword(Keyword::Rank(if low { Rank::Least } else { Rank::Most }));
    let items = vec![Item { meaning: rank, ..item.clone() }];
    let open = matches!(item.meaning, Meaning::Unknown(_)) && by.meaning == Meaning::Keyword(Keyword::By) && named;
    open.then_some(Candidate { from: at, to: at + 1, items, price: 0, note: None })
}

/// `teacher pay`, `doctor visits`: whose figure it is goes without saying, where the data has but the one.
fn possessed(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let (item, next) = (&items[at], items.get(at + 1)?);
    let whose = word(tokens, item).filter(|t| super::nouns::is_noun(&t.lower) || thesaurus::is_person(&t.lower))?;
    let told = data.fields.iter().any(|f| f.words.iter().any(|w| w.stem == whose.stem));
    if !matches!(item.meaning, Meaning::Unknown(_)) || told || at > 0 && whose.text != whose.lower {
        return None;
    }
    let figure = |f: &Field<'_>| matches!(f.role, Role::Sum | Role::Mean) && f.is_number();
    let asked = match &next.meaning {
        Meaning::Column(columns) if figure(&data.fields[columns[0]]) => {
            Asked { fields: columns.clone(), price: 0, high: None, counts: false }
        }
        Meaning::Unknown(_) => {
            let asked = thesaurus::columns(data, &[&word(tokens, next)?.lower], figure)?;
            Some(asked).filter(|a| a.price < WHOSE)?
        }
        _ => return None,
    };
    let asked = Asked { price: asked.price + WHOSE, ..asked };
    Some(sense(data, tokens, items, at..at + 2, &asked, None))
}

/// `richest countries`, `most expensive lots`: what is ranked by a figure that the adjective names are the rows.
fn ranked(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let before = &items[at.checked_sub(1)?];
    let token = word(tokens, item).filter(|t| names_several(t))?;
    let adjective = &tokens[before.to - 1].lower;
    let after = at > 1 && matches!(items[at - 2].meaning, Meaning::Keyword(Keyword::Rank(_)));
    let most = thesaurus::is_superlative(adjective)? || after;
    let open = matches!(item.meaning, Meaning::Unknown(_)) && !token.text.chars().any(char::is_uppercase);
    if !most || !open || thesaurus::figures(data, adjective).is_none() {
        return None;
    }
    let rows = Item { meaning: Meaning::Rows, ..item.clone() };
    let note = taken(tokens, item, "the rows of the data");
    Some(Candidate { from: at, to: at + 1, items: vec![rows], price: ROWS, note })
}

/// `office` of a `location`, `heart rate` of a `pulse`, `hardest` of a `difficulty`.
fn named(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize, count: usize) -> Option<Candidate> {
    let run = items.get(at..at + count)?;
    let said: Vec<&Token> = run.iter().map(|i| word(tokens, i)).collect::<Option<_>>()?;
    let averaged = averaged(items, at);
    // `average raise`, `mean value`: what is averaged is a figure, whatever else the word may mean.
    let other = count == 1 && averaged && !matches!(run[0].meaning, Meaning::Column(_) | Meaning::Rows);
    // `by degree` is a group, though degrees are a unit.
    let by = at > 0 && items[at - 1].meaning == Meaning::Keyword(Keyword::By);
    let other = other || count == 1 && by && matches!(run[0].meaning, Meaning::Filler | Meaning::Rows);
    // `type of drive` is of drives.
    let of_it = count == 1 && is(Some(said[0]), KINDS) && is(tokens.get(run[0].to), "of");
    let other = other && !of_it;
    let noun = other && !items.get(at + 1).is_some_and(|i| matches!(i.meaning, Meaning::Column(_)));
    // `monthly bill` of monthly charges
    let step = count == 2 && run.iter().any(|i| matches!(i.meaning, Meaning::Keyword(Keyword::Grain(_))));
    let unheard = noun || step || run.iter().any(|i| matches!(i.meaning, Meaning::Unknown(_)));
    let named = |(i, t): (usize, &&Token)| at + i > 0 && t.text.chars().any(char::is_uppercase);
    let small = |t: &Token| matches!(t.lower.as_str(), "of" | "the" | "a" | "an");
    if !unheard || said.iter().enumerate().any(named) || small(said[0]) || small(said[count - 1]) {
        return None;
    }
    let kind = count > 2 && is(Some(said[0]), KINDS) && is(Some(said[1]), "of");
    let said = if kind { &said[2..] } else { &said[..] };
    let words: Vec<&str> = said.iter().filter(|t| !small(t)).map(|t| t.lower.as_str()).collect();
    let superlative = if let [one] = words.as_slice() { thesaurus::is_superlative(one) } else { None };
    // `tall students` are some of them; `how tall` asks for a figure.
    let how = at > 0 && items[at - 1].to == items[at - 1].from + 1 && is(tokens.get(items[at - 1].from), "how");
    // `are waterfront homes pricier?`
    let whether =
        is(tokens.first(), "do does did is are was were") && words.iter().all(|w| thesaurus::is_comparative(w));
    if superlative == Some(false) && !how && !whether {
        return None;
    }
    let number = superlative.is_some() || averaged;
    let fits = |f: &Field<'_>| thesaurus::is_askable(f) && (!number || f.is_measure() && f.is_number());
    let whole = thesaurus::columns(data, &words, fits);
    let several = said[..count.min(said.len()) - 1].iter().any(|t| names_several(t));
    let asked = whole.or_else(|| qualified(data, &words, fits).filter(|_| !several))?;
    // `in every election`, of rows that are elections, is a year; other rows are rows.
    let timed = |f: &usize| matches!(data.fields[*f].role, Role::Part(_));
    if run[0].meaning == Meaning::Rows && !averaged && !asked.fields.iter().any(timed) {
        return None;
    }
    // `guests` are no kind of them.
    if said.last().is_some_and(|t| names_several(t)) && thesaurus::is_remote(&asked) {
        return None;
    }
    let price = if by || step { asked.price.saturating_sub(GROUP) } else { asked.price };
    let asked = Asked { price, ..asked };
    let rank = superlative.filter(|most| *most).map(|_| Rank::Most);
    Some(sense(data, tokens, items, at..at + count, &asked, rank))
}

/// `combined mileage` of a `comb_mpg`: what stands before is a part of the name, what follows is called otherwise.
fn qualified(data: &Data<'_>, words: &[&str], fits: impl Fn(&Field<'_>) -> bool) -> Option<Asked> {
    let (last, qualifiers) = words.split_last().filter(|(_, q)| !q.is_empty())?;
    let stems: Vec<String> = qualifiers.iter().map(|q| super::words::stem(q)).collect();
    let of = |f: &Field<'_>| stems.iter().all(|s| f.words.iter().any(|w| w.stem == *s));
    let asked = thesaurus::columns(data, &[last], |f| fits(f) && !f.joined && of(f));
    // `pay monthly`
    let behind = |f: &Field<'_>| fits(f) && !f.joined && f.words.iter().any(|w| w.lower == *last);
    let asked = asked.or_else(|| thesaurus::columns(data, qualifiers, behind).filter(|_| words.len() == 2))?;
    Some(Asked { price: asked.price.saturating_sub(WHOLE), ..asked })
}

/// `most popular`, `least affordable`: the adjective names the figure, and which end of it is meant.
fn most(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize, count: usize) -> Option<Candidate> {
    let Meaning::Keyword(Keyword::Rank(rank @ (Rank::Most | Rank::Least))) = items[at].meaning else {
        return None;
    };
    let after = items.get(at + 1..at + 1 + count)?;
    let said: String = after.iter().map(|i| word(tokens, i).map(|t| t.lower.as_str())).collect::<Option<_>>()?;
    let open = after.iter().any(|i| matches!(i.meaning, Meaning::Unknown(_) | Meaning::Filler));
    // `most fuel efficient cars by combined mpg`: the figure is named.
    let figure = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_measure());
    let rest = &items[at + 1 + count..];
    let by = rest.iter().take(PHRASE_MAX).position(|i| i.meaning == Meaning::Keyword(Keyword::By));
    if open && by.is_some_and(|by| rest.get(by + 1).is_some_and(figure)) && thesaurus::is_superlative(&said).is_some() {
        let end = if thesaurus::is_low(&said) == Some(true) { Rank::Least } else { rank };
        let ranked = spanning(items, at, at + 1 + count, Meaning::Keyword(Keyword::Rank(end)));
        return Some(Candidate { from: at, to: at + 1 + count, items: vec![ranked], price: 0, note: None });
    }
    if !open || thesaurus::is_superlative(&said) != Some(false) {
        return None;
    }
    let asked = thesaurus::figures(data, &said)?;
    Some(sense(data, tokens, items, at..at + 1 + count, &asked, Some(rank)))
}

/// The items of a span as the columns that they ask for, ranked by them from the end that an adjective means: `least
/// cheap` is the most of a price.
fn sense(
    data: &Data<'_>,
    tokens: &[Token],
    items: &[Item],
    span: Range<usize>,
    asked: &Asked,
    rank: Option<Rank>,
) -> Candidate {
    let item = spanning(items, span.start, span.end, Meaning::Column(asked.fields.clone()));
    let note = taken(tokens, &item, &data.fields[asked.fields[0]].label);
    let end =
        rank.map(|rank| if (rank == Rank::Most) == (asked.high != Some(false)) { Rank::Most } else { Rank::Least });
    let ranked = end.map(|end| Item { meaning: Meaning::Keyword(Keyword::Rank(end)), ..item.clone() });
    let from = span.start;
    let counted = asked.counts && ranked.is_none() && data.fields[asked.fields[0]].role == Role::Mean;
    let named = if counted { super::hinted::added(items, from, item) } else { vec![item] };
    let items = ranked.into_iter().chain(named).collect();
    Candidate { from, to: span.end, items, price: asked.price, note }
}

/// Whether what is computed of the item is said before it: only a number has an average.
fn averaged(items: &[Item], at: usize) -> bool {
    let before = items[..at].iter().rev().find(|i| i.meaning != Meaning::Filler);
    before.is_some_and(|i| matches!(i.meaning, Meaning::Keyword(Keyword::Agg(agg)) if agg != Agg::Distinct))
}

/// The one word of an item that may mean something else than it does by itself.
fn word<'t>(tokens: &'t [Token], item: &Item) -> Option<&'t Token> {
    let soft = matches!(
        item.meaning,
        Meaning::Unknown(_) | Meaning::Filler | Meaning::Rows | Meaning::Column(_) | Meaning::Keyword(_)
    );
    let token = &tokens[item.from];
    (soft && item.to == item.from + 1 && token.kind == Kind::Word).then_some(token)
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::samples::{figure, sql, text};

    fn broken(name: &str, min: i64, max: i64) -> Column {
        Column { kind: ColumnType::Number, ..figure(name, 900, min, max) }
    }

    fn staff() -> Vec<Column> {
        let groups = [text("location", 6, 0, &["Ulm", "Bonn"]), text("edu_level", 5, 0, &["BA", "MA"])];
        groups.into_iter().chain([broken("base_wage", 900, 9_000), broken("yrs_exper", 0, 40)]).collect()
    }

    #[test]
    fn columns_are_asked_for_in_other_words() {
        for (prompt, wanted) in [
            ("average pay by office", "AVG(\"base_wage\")"),
            ("average pay by office", "GROUP BY \"location\""),
            ("average earnings by degree", "\"edu_level\""),
            ("average seniority by degree", "AVG(\"yrs_exper\")"),
        ] {
            let sql = sql(prompt, "staff", staff()).replace("GROUP BY 1", "GROUP BY \"location\"");
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn adjectives_name_figures_and_the_end_that_is_meant() {
        let hikes = || {
            let figures = [broken("dist_km", 2, 40), broken("finish_time", 1, 90), broken("difficulty", 1, 7)];
            figures.into_iter().chain([broken("fee", 1, 90), text("trail", 1_990, 0, &[])]).collect::<Vec<_>>()
        };
        for (prompt, wanted) in [
            ("hardest trails", "\"difficulty\" DESC"),
            ("5 fastest trails", "\"finish_time\" ASC"),
            ("5 least affordable trails", "\"fee\" DESC"),
            ("how far are trails on average?", "AVG(\"dist_km\")"),
        ] {
            let sql = sql(prompt, "trails", hikes());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn two_words_are_of_the_column_called_by_the_one_that_means_the_other() {
        let bills = || vec![text("plan", 4, 0, &["A"]), text("paperless_billing", 2, 0, &["yes", "no"])];
        let data = || [bills(), vec![broken("monthly_charges", 9, 90), broken("total_charges", 9, 9_000)]].concat();
        for prompt in ["average monthly bill by plan", "average monthly fee by plan"] {
            let sql = sql(prompt, "customers", data());
            assert!(sql.contains("AVG(\"monthly_charges\")"), "{prompt}: {sql}");
        }
    }

    #[test]
    fn adjectives_are_of_the_thing_that_follows_and_of_what_is_called_so() {
        let cars = || {
            let groups = [text("drive_sys", 4, 0, &["A", "F"]), text("gear_speed", 9, 0, &["6"])];
            let figures = [broken("distance", 1, 90), broken("charge_time_hrs", 1, 9), broken("city_mpg", 9, 60)];
            groups.into_iter().chain(figures).chain([text("model", 1_990, 0, &[])]).collect::<Vec<_>>()
        };
        for (prompt, wanted) in [
            ("number of cars by drive", "\"drive_sys\""),
            ("average city mileage by drive", "AVG(\"city_mpg\")"),
            ("5 most fuel efficient models", "\"city_mpg\" DESC"),
            ("does a longer charge mean more mpg?", "\"charge_time_hrs\" IS NOT NULL"),
        ] {
            let sql = sql(prompt, "cars", cars());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn the_only_column_of_a_kind_is_meant_and_said_to_be() {
        let files = || vec![text("folder", 9, 0, &["a", "b"]), broken("rec_kb", 1, 900), broken("elapsed_ms", 1, 900)];
        let data = || [Dataset { name: "files".into(), rows: 2_000, columns: files() }];
        let plan = crate::plan("average length by folder", &data(), None);
        assert!(plan.goals[0].query.sql().contains("AVG(\"elapsed_ms\")"), "{plan:#?}");
        assert!(plan.goals[0].description.contains("“length” is taken to mean"), "{plan:#?}");
        // What nothing comes near to is asked about.
        assert!(crate::plan("average rainfall by folder", &data(), None).clarification.is_some());
    }
}
