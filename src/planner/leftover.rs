//! What may be left out of a prompt that is else a request of its own: verbs, asides, where it happened. A colleague
//! answers without these, and says so; who is asked for a figure or a group that the data has not, asks back.

use super::fields::Data;
use super::intent::Intent;
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::standing::is_elsewhere;
use super::supposed::{Candidate, is_participle, is_plain, names_several, restricts, words_of};
use super::words::{Token, is};

/// What leaving out a word costs, by how sure it is that nobody asks for it.
const GLOSSED: u32 = 9;
const VERB: u32 = 11;
const ASIDE: u32 = 12;
const PLACE: u32 = 14;

/// Most items between `does` and its verb.
const SUBJECT_MAX: usize = 5;

/// Words that only introduce or stand for something.
const SMALL: &str =
    "a an the this that these those its their our my your his her some any all of us me you them it there";

/// What may be left out at the item `at`, which nothing in the data has.
pub fn candidate(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    if !matches!(item.meaning, Meaning::Unknown(_)) || by_before(tokens, items, at) {
        return None;
    }
    let scene = Scene { data, tokens, items, at };
    let price = scene.price()?;
    let note = Some(format!("“{}” is left out: nothing in the data says it.", words_of(tokens, item)));
    let items = vec![Item { meaning: Meaning::Filler, ..item.clone() }];
    Some(Candidate { from: at, to: at + 1, items, price, note })
}

/// Whether what remains asks for something of its own: it names a figure or the rows, and says of which or by what.
pub fn is_request(intent: &Intent) -> bool {
    let named = !intent.asks.is_empty() || intent.rows || !intent.having.is_empty();
    let limited = !intent.filters.is_empty() || !intent.when.is_empty() || !intent.having.is_empty();
    let ranked = intent.rank.is_some() || intent.top.is_some() || intent.agg.is_some();
    let along = intent.course.is_some() || !intent.periods.is_empty() || !intent.groups.is_empty();
    let related = intent.asks.len() > 1 || intent.distribution || intent.less.is_some();
    // An average of a figure that is named is one, too; how many rows there are is not.
    let computed = intent.asks.iter().any(|a| a.field.is_some());
    let counted = !computed && intent.when.is_empty() && intent.having.is_empty();
    named && (limited && !counted || ranked || along || related || computed)
}

/// `by cause`: a group that is not there may not go unheard.
fn by_before(tokens: &[Token], items: &[Item], at: usize) -> bool {
    let small = |i: &&Item| is(tokens.get(i.from), SMALL);
    let before = items[..at].iter().rev().find(|i| !small(i));
    before.is_some_and(|i| i.meaning == Meaning::Keyword(Keyword::By) && !is(tokens.get(i.from), "across"))
}

/// `by credit officer`, of credits: whom rows go by is not what the column before it tells.
pub fn is_whom(tokens: &[Token], items: &[Item], at: usize) -> bool {
    let by = at.checked_sub(2).is_some_and(|i| items[i].meaning == Meaning::Keyword(Keyword::By));
    let word = &tokens[items[at].from].lower;
    by && (word.ends_with("er") || word.ends_with("or"))
}

/// The words behind a `by` that rows cannot go by: they may not go unheard.
pub fn dangling(said: &[Token], items: &[Item]) -> Vec<String> {
    let by = |i: &Item| {
        let word = said[i.to - 1].lower.as_str();
        matches!(i.meaning, Meaning::Keyword(Keyword::By)) && matches!(word, "by" | "per" | "each" | "every")
    };
    let small = |i: &&Item| matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Only));
    let goes_on = |i: &Item| {
        let known = matches!(i.meaning, Meaning::Column(_) | Meaning::Rows | Meaning::Unknown(_));
        known || matches!(i.meaning, Meaning::Keyword(Keyword::Grain(_) | Keyword::Agg(_) | Keyword::Count))
    };
    // `by cause`: a word of relations is no group either.
    let empty = |i: &Item| matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Correlation));
    let unheard = |at: usize| {
        let first = items.get(at + 1).filter(|i| empty(i) && said[i.from].lower.len() > 3)?;
        let next = items[at + 2..].iter().find(|i| !small(i));
        // `each kind of road (functional class)`
        let told = |w: &[Item]| said[w[0].from].is('(') && matches!(w[1].meaning, Meaning::Column(_));
        if items[at + 2..].windows(2).take(4).any(told) {
            return None;
        }
        (!next.is_some_and(goes_on)).then(|| words_of(said, first))
    };
    // `which team scored most`, where no column tells of teams.
    let asked = items.iter().enumerate().filter_map(|(at, item)| {
        let which = at > 0 && at <= 2 && is(said.get(items[at - 1].from), "which");
        let silent = item.meaning == Meaning::Filler && is(said.get(item.from), "team teams boss manager");
        (which && silent).then(|| words_of(said, item))
    });
    (0..items.len()).filter(|&at| by(&items[at])).filter_map(unheard).chain(asked).collect()
}

struct Scene<'s, 'a> {
    data: &'s Data<'a>,
    tokens: &'s [Token],
    items: &'s [Item],
    at: usize,
}

impl Scene<'_, '_> {
    fn token(&self) -> &Token {
        &self.tokens[self.items[self.at].from]
    }

    fn price(&self) -> Option<u32> {
        if self.is_glossed() {
            return Some(GLOSSED);
        }
        if !is_plain(self.token()) {
            return None;
        }
        if self.is_aside() {
            return Some(ASIDE);
        }
        if self.is_verb() {
            return Some(VERB);
        }
        if self.names_the_figure_again() || self.is_subject() {
            return Some(VERB);
        }
        self.is_place().then_some(PLACE)
    }

    /// The words of the item next to it, with those that only introduce it in between.
    fn before(&self) -> Option<&Item> {
        self.items[..self.at].iter().rev().find(|i| !is(self.tokens.get(i.from), SMALL) && !self.is_adverb(i))
    }

    fn after(&self) -> Option<&Item> {
        self.items[self.at + 1..].iter().find(|i| !is(self.tokens.get(i.from), SMALL) && !self.is_adverb(i))
    }

    fn is_adverb(&self, item: &Item) -> bool {
        let word = &self.tokens[item.from].lower;
        let adverb = word.len() > 4 && word.ends_with("ly") || is(self.tokens.get(item.from), "ever never also still");
        adverb && matches!(item.meaning, Meaning::Filler | Meaning::Unknown(_))
    }

    /// `long jobs (class L)`, `the worst air (highest concentration)`: what follows in parentheses says it again.
    fn is_glossed(&self) -> bool {
        let items = &self.items[self.at + 1..];
        let mark = |i: &Item, mark: char| self.tokens[i.from].is(mark);
        let loose =
            |i: &&Item| !mark(i, '(') && matches!(i.meaning, Meaning::Unknown(_) | Meaning::Rows | Meaning::Filler);
        let opens = items.iter().take_while(loose).count();
        if !items.get(opens).is_some_and(|i| mark(i, '(')) {
            return false;
        }
        let inside = items[opens + 1..].iter().take_while(|i| !mark(i, ')'));
        let mut inside = inside.peekable();
        let known = |i: &Item| matches!(i.meaning, Meaning::Column(_) | Meaning::Value(_) | Meaning::Values(..));
        inside.peek().is_some() && inside.any(known)
    }

    /// Inside of parentheses, or before a colon.
    fn is_aside(&self) -> bool {
        let mark = |i: &Item, marks: &str| {
            let token = &self.tokens[i.from];
            marks.chars().any(|m| token.is(m))
        };
        let opened = self.items[..self.at].iter().rev().find(|i| mark(i, "()")).is_some_and(|i| mark(i, "("));
        let headed = self.items[self.at..].iter().find(|i| mark(i, ":.?!")).is_some_and(|i| mark(i, ":"));
        let first = !self.items[..self.at].iter().any(|i| mark(i, ":.?!"));
        opened || headed && first
    }

    fn is_thing(&self, item: &Item) -> bool {
        let keyword = matches!(item.meaning, Meaning::Keyword(Keyword::Grain(_) | Keyword::Row | Keyword::Order));
        let data = matches!(
            item.meaning,
            Meaning::Column(_) | Meaning::Value(_) | Meaning::Values(..) | Meaning::Rows | Meaning::Unknown(_)
        );
        keyword || data
    }

    /// What its subject does: `polls did each pollster run`, `the country sends us most`, `guests pay per room`.
    fn is_verb(&self) -> bool {
        let token = self.token();
        if restricts(token) {
            return false;
        }
        let (before, after) = (self.before(), self.after());
        let from = self.at.saturating_sub(SUBJECT_MAX);
        let helper = (from..self.at).rev().find(|&i| is(self.tokens.get(self.items[i].from), "do does did"));
        let subject = |i: usize| {
            self.items[i + 1..self.at].iter().any(|i| self.is_thing(i))
                || is(self.tokens.get(self.items[self.at].from.wrapping_sub(1)), "we they you i it he she people")
        };
        let noun_after = after.is_some_and(|a| self.is_thing(a) && a.from == self.items[self.at].to);
        // `what did guests spend`, `do students owe more than others`: the verb is what is asked.
        let object = |i: usize| is(self.tokens.get(self.items[i].from.wrapping_sub(1)), "what much");
        let compared = after.is_some_and(|a| is(self.tokens.get(a.from), "more less most least"))
            && !self.items[self.at + 1..].iter().any(|i| self.is_thing(i));
        if compared || helper.is_some_and(object) {
            return false;
        }
        if helper.is_some_and(subject) && !noun_after {
            return true;
        }
        let last = |i: &Item| &self.tokens[i.to - 1];
        let third = token.lower.ends_with('s') && !token.lower.ends_with("ss");
        let denied = is(before.map(|b| &self.tokens[b.from]), "not never");
        let participle = is_participle(token) && (!noun_after || before.is_some_and(|b| self.is_thing(b)));
        if participle {
            return !denied && before.is_some();
        }
        let several =
            |b: &Item| self.is_thing(b) && names_several(last(b)) && !matches!(b.meaning, Meaning::Unknown(_));
        if before.is_some_and(several) && !third {
            return true;
        }
        // `which station sees`: of one, and something follows that it does it to.
        let asked = before.is_some_and(|b| {
            let which = b.from.checked_sub(1).map(|i| &self.tokens[i]);
            self.is_thing(b) && is(which, "which what each every the")
        });
        let object = after.is_some_and(|a| {
            self.is_thing(a)
                || matches!(
                    a.meaning,
                    Meaning::Number { .. } | Meaning::Keyword(Keyword::Rank(_) | Keyword::Compared(_))
                )
        });
        asked && third && object
    }

    /// `how much do drivers pay per session`: who does it, where a figure tells how much.
    fn is_subject(&self) -> bool {
        let helper = self.before().is_some_and(|b| is(self.tokens.get(b.from), "do does did"));
        let verb = self.items.get(self.at + 1).is_some_and(|a| {
            matches!(a.meaning, Meaning::Filler | Meaning::Unknown(_) | Meaning::Column(_)) && a.to == a.from + 1
        });
        let much = is(self.tokens.first(), "how what where which when in at on");
        // `what does a night cost`
        let one = is(self.items[self.at].from.checked_sub(1).and_then(|i| self.tokens.get(i)), "a an one");
        helper && verb && much && (one || names_several(self.token()))
    }

    /// `violent crime`, of a column `violent`: a noun for a thing behind the figure that tells of it.
    fn names_the_figure_again(&self) -> bool {
        let figure = |i: Option<&Item>| match i.map(|i| &i.meaning) {
            Some(Meaning::Column(c)) => c.first().is_some_and(|&f| self.data.fields[f].is_measure()),
            _ => false,
        };
        let before = self.at.checked_sub(1).and_then(|i| self.items.get(i));
        let after = self.items.get(self.at + 1);
        let goes_on = after.is_some_and(|a| matches!(a.meaning, Meaning::Column(_) | Meaning::Unknown(_)));
        figure(before)
            && !goes_on
            && (!is_elsewhere(self.data, self.token()) || super::nouns::is_noun(&self.token().lower))
    }

    /// `films in competition`, `captures on the plot`: where or how, in a word that ends its phrase.
    fn is_place(&self) -> bool {
        let preposition =
            self.before().is_some_and(|b| is(self.tokens.get(b.from), "in on at to into onto during under"));
        let ends = self.items.get(self.at + 1).is_none_or(|a| !self.is_thing(a));
        preposition && ends && !is_elsewhere(self.data, self.token()) && !super::nouns::is_person(self.token())
    }
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{Column, Dataset};

    use crate::plan;
    use crate::samples::{figure, sql, text};

    fn stays() -> Vec<Column> {
        let hotel = text("hotel", 9, 0, &["Adler", "Krone"]);
        let class = text("class", 3, 0, &["gold", "iron"]);
        vec![hotel, class, figure("price", 400, 20, 900), figure("nights", 20, 1, 20)]
    }

    #[test]
    fn what_nobody_asks_for_is_left_out() {
        let sql = |prompt: &str| sql(prompt, "stays", stays());
        for prompt in ["average price guests get billed per hotel", "average price charged in advance by hotel"] {
            assert!(sql(prompt).contains("AVG(\"price\")"), "{prompt}");
        }
        assert!(sql("how many stays did each hotel chalk up?").contains("COUNT(*)"));
        assert!(sql("average price of posh stays (class gold)").contains("'gold'"));
        assert!(sql("number of stays in seclusion per hotel").contains("GROUP BY 1"));
    }

    #[test]
    fn a_figure_or_a_group_that_is_not_there_is_asked_about() {
        for prompt in [
            "breakfast revenue by hotel",
            "average price by season",
            "how many stays in seclusion",
            "what did guests squander",
            "average price by cleaner",
        ] {
            let data = Dataset { name: "stays".into(), rows: 2_000, columns: stays() };
            let plan = plan(prompt, &[data], None);
            assert!(plan.clarification.is_some(), "{prompt}: {plan:#?}");
        }
    }
}
