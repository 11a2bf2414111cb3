//! Ratios and differences in words: `the ratio of hits to runs`, `brain to body ratio` are one figure divided by another.

use super::fields::{Data, Role};
use super::intent::Ask;
use super::lexicon::{Keyword, Rank};
use super::matching::{Item, Meaning};
use super::query::Agg;
use super::reading::Reader;
use super::words::{Token, is, tokens};

/// Words between the two figures, at most.
const BETWEEN_MAX: usize = 4;

/// The sentence with such ratios written as divisions.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    let Some(at) = said.iter().position(|t| is(Some(t), "ratio ratios")) else { return said };
    let of = is(said.get(at + 1), "of between");
    let range = if of { at + 3..(at + 3 + BETWEEN_MAX).min(said.len()) } else { at.saturating_sub(BETWEEN_MAX)..at };
    let joint = |i: &usize| is(said.get(*i), if of { "to and over" } else { "to" });
    let Some(joint) = range.clone().find(joint).filter(|&j| j > 0 && j + 1 < said.len() && j + 1 != at) else {
        return said;
    };
    let divided = tokens("divided by");
    if of {
        said.splice(joint..=joint, divided);
        said.drain(at..at + 2);
    } else {
        said.remove(at);
        said.splice(joint..=joint, divided);
    }
    said
}

/// The sentence with `per 100,000 people` written `per people`, and the number.
pub fn scaled(mut said: Vec<Token>) -> (Vec<Token>, Option<f64>) {
    let size = |t: &Token| match t.lower.as_str() {
        "thousand" => Some(1e3),
        "million" => Some(1e6),
        _ => t.number(),
    };
    // A power of ten; `per 2 rooms` is none.
    let round = |n: &f64| *n >= 100.0 && n.log10().fract() == 0.0;
    for at in 1..said.len().saturating_sub(1) {
        let next = &said[at + 1];
        let heads = super::supposed::names_several(next) || is(Some(next), "people population capita");
        let per = is(said.get(at - 1), "per every each") && heads;
        if let Some(n) = size(&said[at]).filter(|n| per && round(n)) {
            said.remove(at);
            said[at - 1] = tokens("per").remove(0);
            // A small word else: `how many people`.
            if is(said.get(at), "people") {
                said[at] = tokens("inhabitants").remove(0);
            }
            return (said, Some(n));
        }
    }
    (said, None)
}

/// The items of a sentence with `the difference between a and b` as `a minus b`, where both are figures.
pub fn subtracted(data: &Data<'_>, said: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    const APART: &str = "difference differences gap gaps distance diff closest tightest narrowest margin margins";
    let figure = |i: Option<&Item>| {
        i.is_some_and(|i| matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_measure()))
    };
    for at in 1..items.len() {
        let both = figure(items.get(at - 1)) && figure(items.get(at + 1));
        let word = said.get(items[at].from);
        if both && is(word, "minus") && items[at].to == items[at].from + 1 {
            items[at].meaning = Meaning::Keyword(Keyword::Minus);
        }
        if !both || !is(word, "and from to") {
            continue;
        }
        // `between the day's highs and lows`
        let aside = |i: &usize| {
            let grain = matches!(items[*i].meaning, Meaning::Keyword(Keyword::Grain(_)));
            grain || items[*i].meaning == Meaning::Filler && !is(said.get(items[*i].from), "between of from")
        };
        let Some(joint) = (0..at - 1).rev().find(|i| !aside(i)) else { continue };
        let between = is(said.get(items[joint].from), "between of from");
        let Some(named) = (0..joint).rev().take(5).find(|&i| is(said.get(items[i].from), APART)) else { continue };
        if !between || figure(items.get(named)) {
            continue;
        }
        items[at].meaning = Meaning::Keyword(Keyword::Minus);
        items[joint..at - 1].iter_mut().for_each(|i| i.meaning = Meaning::Filler);
        items[named].meaning = match is(said.get(items[named].from), "closest tightest narrowest") {
            true => Meaning::Keyword(Keyword::Rank(Rank::Least)),
            false => Meaning::Filler,
        };
    }
    items
}

/// The items of a sentence with `total a divided by total b`, `total a over total b`, `mean a minus mean b` as one figure by
/// the other: how the second is computed is said of both.
pub fn computed(data: &Data<'_>, said: &[Token], items: Vec<Item>) -> Vec<Item> {
    let figure = |i: Option<&Item>| {
        i.is_some_and(|i| matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_measure()))
    };
    let way = |i: Option<&Item>| {
        i.and_then(|i| if let Meaning::Keyword(Keyword::Agg(a)) = i.meaning { Some(a) } else { None })
    };
    let mut out: Vec<Item> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let joint = out.last();
        let operation = joint.is_some_and(|i| matches!(i.meaning, Meaning::Keyword(Keyword::Divided | Keyword::Minus)));
        let word = joint.and_then(|i| said.get(i.from));
        let listed = figure(items.get(at + 1)) && out.len() > 1 && figure(out.get(out.len() - 2));
        let ways = way(Some(item)).is_some() && listed;
        if ways && (operation || is(word, "over minus")) {
            let keyword = if is(word, "minus") { Keyword::Minus } else { Keyword::Divided };
            let last = out.len() - 1;
            out[last].meaning = match operation {
                true => out[last].meaning.clone(),
                false => Meaning::Keyword(keyword),
            };
        } else if !(ways && is(word, "per") && way(Some(item)) == Some(Agg::Sum)) {
            out.push(item.clone());
        }
    }
    out
}

const SHARE: &str = "percentage percent share part proportion fraction %";

/// The items of a sentence with `what percentage of a is b`, `share of b in a`, `b as a share of a` as `b divided by a`.
pub fn parts(data: &Data<'_>, said: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let figure =
        |i: &Item| matches!(&i.meaning, Meaning::Column(c) if matches!(data.fields[c[0]].role, Role::Sum | Role::Mean));
    total(data, said, &mut items);
    let Some(share) = items.iter().position(|i| is(said.get(i.from), SHARE)) else { return items };
    let of = is(said.get(items[share].to), "of") || is(said.get(items[share].to - 1), "of");
    let small =
        |i: &Item| matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Only | Keyword::Agg(Agg::Sum)));
    let next = |items: &[Item], at: usize| (at + 1..items.len()).find(|&i| !small(&items[i]));
    let Some(first) = next(&items, share).filter(|&i| of && figure(&items[i])) else { return items };
    // `b as a share of a`
    let before = (0..share).rev().find(|&i| !small(&items[i]) && !is(said.get(items[i].from), "as in"));
    let taken = before.filter(|&b| figure(&items[b]) && items[b].meaning != items[first].meaning);
    if taken.is_some_and(|b| (b + 1..share).any(|i| is(said.get(items[i].from), "as in"))) {
        items[share..first].iter_mut().for_each(|i| i.meaning = Meaning::Filler);
        items[share].meaning = Meaning::Keyword(Keyword::Divided);
        return items;
    }
    let Some(second) = next(&items, first).filter(|&p| p > first + 1 && figure(&items[p])) else { return items };
    let between = |list: &str| (first + 1..second).any(|i| is(said.get(items[i].from), list));
    if between("is are was were comes come goes go") {
        let meant = items[second].meaning.clone();
        items[second].meaning = std::mem::replace(&mut items[first].meaning, meant);
    } else if !between("in of among within out") || items[first].meaning == items[second].meaning {
        return items;
    }
    items[first + 1..second].iter_mut().for_each(|i| i.meaning = Meaning::Filler);
    items[second - 1].meaning = Meaning::Keyword(Keyword::Divided);
    items[share].meaning = Meaning::Filler;
    items
}

/// `gold as a share of total`, where a column is called so: the figure, as nothing follows that it is the total of.
fn total(data: &Data<'_>, said: &[Token], items: &mut Vec<Item>) {
    let own = |f: &super::fields::Field<'_>, word: &str| f.is_measure() && f.column.name.eq_ignore_ascii_case(word);
    // `share of total` is one phrase else.
    let phrase = |i: &Item| i.meaning == Meaning::Keyword(Keyword::Share) && is(said.get(i.to - 1), "total");
    if let Some(at) = items.iter().position(|i| phrase(i) && i.to > i.from + 1)
        && data.fields.iter().any(|f| own(f, "total"))
    {
        let last =
            Item { from: items[at].to - 1, meaning: Meaning::Keyword(Keyword::Agg(Agg::Sum)), ..items[at].clone() };
        items[at].to -= 1;
        items.insert(at + 1, last);
    }
    for at in 1..items.len() {
        let word = &said[items[at].from].lower;
        let ends = items.get(at + 1).is_none_or(|i| {
            matches!(i.meaning, Meaning::Mark(_) | Meaning::Keyword(Keyword::By | Keyword::Grain(_) | Keyword::Only))
        });
        let of = items[at].from.checked_sub(1).is_some_and(|i| is(said.get(i), "of the to by"));
        let Some(field) = data.fields.iter().position(|f| own(f, word)).filter(|_| ends && of) else { continue };
        if matches!(items[at].meaning, Meaning::Keyword(Keyword::Agg(_))) {
            items[at].meaning = Meaning::Column(vec![field]);
        }
    }
}

impl Reader<'_, '_> {
    /// `profit margin`: profit by sales, where the data has both.
    pub fn margin(&mut self, at: usize) {
        let find = |word: &str| {
            self.data.fields.iter().position(|f| f.role == Role::Sum && f.words.iter().any(|w| w.lower == word))
        };
        let profit = self.intent.asks.last().and_then(|a| a.field).or_else(|| find("profit"));
        let sales = ["sales", "revenue", "turnover"].into_iter().find_map(find);
        match (profit, sales) {
            (Some(profit), Some(sales)) if profit != sales => {
                self.intent.asks.retain(|a| a.field != Some(profit));
                self.intent.asks.push(Ask { agg: Some(Agg::Sum), field: Some(profit), over: Some(sales) });
                self.intent.matched += 1;
            }
            _ => self.unmatched(at),
        }
    }

    /// Whether a column only belongs to what was named before it, or is computed with it.
    pub fn told_already(&mut self, columns: &[usize], at: usize) -> bool {
        let whose = self.only_says_whose(columns, at) || self.of_a_group(columns, at) || self.tells_when(columns, at);
        whose
            || self.member(columns)
            || self.ratio(columns, at)
            || self.subtracted(columns, at)
            || self.most_of(columns, at)
    }

    /// `a minus b`: the second is subtracted from the first; what lies closest does so whichever is larger.
    pub fn subtracted(&mut self, columns: &[usize], at: usize) -> bool {
        let minus = matches!(self.preceding(at), Some(Meaning::Keyword(Keyword::Minus)));
        let before = self.intent.asks.last().and_then(|a| a.field);
        if !minus || before.is_none_or(|b| columns.contains(&b)) || self.intent.less.is_some() {
            return false;
        }
        self.intent.less = columns.first().copied();
        let closest = |t: &Token| is(Some(t), "closest tightest narrowest");
        self.intent.apart = self.tokens.iter().any(closest);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use crate::samples::{figure, sql, text};

    #[test]
    fn figures_are_subtracted_and_taken_per_so_many() {
        let columns = || {
            let total = figure("total", 900, 0, 9_000);
            let population = figure("population", 1_900, 1_000, 9_000_000);
            let sides = ["home", "away"].map(|n| figure(n, 90, 0, 99));
            let names = [text("town", 2_000, 0, &["Bath"]), text("region", 4, 0, &["West"])];
            names.into_iter().chain([total, population]).chain(sides).collect::<Vec<_>>()
        };
        let rate = sql("total per 100k people by region", "fires", columns());
        assert!(rate.contains("* 100000 / NULLIF(SUM(\"population\")"), "{rate}");
        for prompt in ["difference between home and away by region", "home minus away per region"] {
            let query = sql(prompt, "fires", columns());
            assert!(query.contains("((\"home\" - \"away\"))"), "{prompt}: {query}");
        }
        let close = sql("5 closest towns between home and away", "fires", columns());
        assert!(close.contains("abs(\"home\" - \"away\")") && close.contains("LIMIT 5"), "{close}");
    }

    #[test]
    fn ratios_are_divisions() {
        let said =
            |text: &str| super::rewritten(tokens(text)).iter().map(|t| t.lower.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!(said("ratio of hits to runs by team"), "hits divided by runs by team");
        assert_eq!(said("brain to body ratio per order"), "brain divided by body per order");
        assert_eq!(said("ratio by region"), "ratio by region");
    }

    #[test]
    fn totals_are_divided_and_subtracted_as_what_they_are_of() {
        let columns = || {
            let figures = [figure("goals", 400, 0, 90), figure("shots", 90, 1, 200), figure("games", 9, 1, 9)];
            figures.into_iter().chain([text("club", 9, 0, &["Ajax"])]).collect::<Vec<_>>()
        };
        for prompt in ["total goals divided by total shots by club", "for every club: total goals over total shots"] {
            let query = sql(prompt, "matches", columns());
            assert!(query.contains("SUM(\"goals\") AS DOUBLE) / NULLIF(SUM(\"shots\")"), "{prompt}: {query}");
        }
        let query = sql("goals per game by club", "matches", columns());
        assert!(query.contains("/ NULLIF(SUM(\"games\")"), "{query}");
        let query = sql("total goals minus total shots by club", "matches", columns());
        assert!(query.contains("((\"goals\" - \"shots\"))"), "{query}");
    }

    #[test]
    fn a_part_of_a_figure_is_the_other_by_it() {
        let columns = || vec![text("zone", 9, 0, &["Soho"]), figure("fare", 400, 2, 90), figure("tip", 90, 0, 20)];
        let query = sql("what percentage of the fare is the tip", "rides", columns());
        assert!(query.contains("SUM(\"tip\") AS DOUBLE) / NULLIF(SUM(\"fare\")"), "{query}");
    }
}
