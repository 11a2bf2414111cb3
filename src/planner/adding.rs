//! Cards that a sentence adds, doubles or takes away.

use vizroom_protocol::dashboard::{CardKind, Clarification};

use super::commands::read;
use super::fields::Data;
use super::intent::Intent;
use super::patching::{self, Manner};
use super::refining::Work;
use super::targets::{self, Target};
use super::words::Token;
use super::{Change, Goal, building, lexicon, planning, restoring};

/// The question of a new card, without the words that say that it is new.
fn new_card(rest: &[Token]) -> Vec<Token> {
    let says = |t: &&Token| {
        matches!(
            t.lower.as_str(),
            "add"
                | "include"
                | "append"
                | "insert"
                | "also"
                | "another"
                | "filter"
                | "new"
                | "beside"
                | "alongside"
                | "below"
                | "underneath"
                | "additional"
                | "extra"
                | "more"
                | "additionally"
                | "separate"
        )
    };
    let colon = |at: usize| rest[at].is(':');
    rest.iter().enumerate().filter(|(at, t)| !says(t) && !colon(*at)).map(|(_, t)| t.clone()).collect()
}

impl Work<'_> {
    /// Whether an `also` or `another chart` is followed by a question with a figure and groups.
    pub(super) fn asks_more(&self, said: &[Token], rest: &[Token]) -> bool {
        let is = |at: usize, list: &str| said.get(at).is_some_and(|t| super::lists::has(list, &t.lower));
        let card = |at: usize| {
            said.get(at).is_some_and(|t| {
                targets::is_card_word(t)
                    || matches!(lexicon::keyword(&t.lower, &t.stem), Some(lexicon::Keyword::Chart(_)))
            })
        };
        let also = (0..said.len()).any(|at| is(at, "also additionally"));
        // `one more chart`, `a second pie`, `and a table of`
        let new = (0..said.len()).any(|at| {
            let many =
                is(at, "another new additional extra more separate") || is(at, "second") && at > 0 && is(at - 1, "a");
            let joined = at > 0 && is(at, "a an") && is(at - 1, "and plus");
            let beside =
                is(at, "a an") && (0..said.len()).any(|i| is(i, "next beside alongside below under underneath"));
            (many || joined || beside) && (card(at + 1) || card(at + 2))
        });
        // `next to it, the discount by category`
        let beside_it = (0..said.len()).any(|at| {
            let place = is(at, "beside alongside below underneath") || at > 0 && is(at - 1, "next") && is(at, "to");
            place && is(at + 1, "it this that them")
        });
        let new = new || beside_it;
        // A single figure has no room for another one.
        let single = self.only().is_some_and(|i| self.goal(i).kind == CardKind::Kpi);
        let new = new || also && single;
        let rest = new_card(rest);
        let whole = |d: &Data<'_>| {
            let asked = read(d, &rest);
            let grouped = !asked.groups.is_empty() || asked.noun_grain.is_some() || new;
            asked.unknown.is_empty() && (asked.rows || !asked.asks.is_empty()) && grouped
        };
        (also || new) && self.all.iter().any(whole)
    }

    /// Removes the card, unless the sentence rather takes something out of one.
    pub(super) fn removes(&mut self, said: &[Token], rest: &[Token], target: &Target) -> Result<bool, Clarification> {
        let words = |w: &str| said.iter().any(|t| t.stem == super::words::stem(w));
        if words("filter") || words("condition") {
            return Ok(false);
        }
        let unsaid = || self.only().filter(|_| words("chart") || words("card") || words("it"));
        let index = match target {
            Target::Card(index) => *index,
            Target::Several(those) if those.iter().all(|&i| self.says_nothing(i, rest)) => {
                those.iter().for_each(|&i| self.remove(i));
                return Ok(true);
            }
            _ => match unsaid().or_else(|| self.titled(rest)) {
                Some(index) => index,
                None => return Ok(false),
            },
        };
        let titled = *target == Target::Unsaid && self.titled(rest).is_some();
        if !titled && !self.says_nothing(index, rest) {
            return Ok(false);
        }
        self.remove(index);
        Ok(true)
    }

    /// The only one of several cards whose title has all the words: `remove the orders`.
    fn titled(&self, rest: &[Token]) -> Option<usize> {
        let charts = targets::charts(self.cards);
        let says = |t: &&Token| {
            t.kind == super::words::Kind::Word
                && !lexicon::is_filler(&t.lower)
                && !matches!(
                    t.lower.as_str(),
                    "remove" | "delete" | "ditch" | "scrap" | "lose" | "kill" | "trash" | "hide" | "take"
                )
        };
        let said: Vec<&str> = rest.iter().filter(says).map(|t| t.stem.as_str()).collect();
        let fits = |i: &&usize| {
            let title = super::words::tokens(&self.goal(**i).title);
            said.iter().all(|w| title.iter().any(|t| t.stem == *w))
        };
        // One of several figures goes by itself.
        let several = |i: usize| {
            let goal = self.goal(i);
            goal.kind != CardKind::Kpi && goal.query.measures.len() > 1 && said.len() == 1
        };
        let mut those = charts.iter().filter(fits).filter(|i| !several(**i));
        let one = those.next().filter(|_| charts.len() > 1 && !said.is_empty() && those.next().is_none());
        one.copied()
    }

    /// Whether the rest of the sentence names nothing that the card shows.
    fn says_nothing(&self, index: usize, rest: &[Token]) -> bool {
        !self.data(&self.goal(index)).is_some_and(|data| {
            let patch = read(data, rest);
            !patch.filters.is_empty() || !patch.groups.is_empty()
        })
    }

    fn remove(&mut self, index: usize) {
        let key = self.cards[index].key.to_owned();
        let said = format!("{key} (“{}”) is gone", self.goal(index).title);
        self.changes.push(Change::Remove { key, said });
    }

    /// `keep only the pie`, `remove everything but the first chart`
    pub(super) fn keeps_only(
        &mut self,
        said: &[Token],
        rest: &[Token],
        target: &Target,
    ) -> Result<bool, Clarification> {
        let has = |list: &str| said.iter().any(|t| super::lists::has(list, &t.lower));
        let keeps = has("keep") && has("only just");
        let but = has("everything all other others rest") && has("but except besides") && !has("keep");
        let small = |t: &Token| {
            let word =
                ["keep", "only", "just", "everything", "all", "but", "except", "besides", "remove", "delete", "drop"];
            word.contains(&t.lower.as_str()) || lexicon::is_filler(&t.lower) || t.kind != super::words::Kind::Word
        };
        let Target::Card(kept) = target else { return Ok(false) };
        if !(keeps || but) || !rest.iter().all(small) {
            return Ok(false);
        }
        targets::charts(self.cards).into_iter().filter(|i| i != kept).for_each(|i| self.remove(i));
        Ok(true)
    }

    /// `and the same by region, as a second chart`: a card like the one that is meant, but for what is said.
    pub(super) fn repeats(&mut self, said: &[Token], rest: &[Token], target: &Target) -> Result<bool, Clarification> {
        const MORE: &str =
            "second another new separate additional extra add also too duplicate copy next beside alongside";
        const SAYS: &str = "the same thing but now only as a an and add also too second another new separate additional extra \
            chart card graph plot duplicate copy it this for me show please again \
            put next to beside alongside";
        let has = |list: &str| said.iter().any(|t| super::words::is(Some(t), list));
        let replaces =
            |d: &Data<'_>, kept: &[Token]| Some(read(d, kept)).filter(|p| p.unknown.is_empty() && !p.is_empty());
        let (true, true, Some(index)) = (has("same"), has(MORE), self.only()) else { return Ok(false) };
        let goal = match target {
            Target::Card(index) => self.goal(*index),
            _ => self.goal(index),
        };
        let kept: Vec<Token> =
            rest.iter().filter(|t| !super::words::is(Some(t), SAYS) && !t.is(',')).cloned().collect();
        let Some((data, patch)) = self.data(&goal).and_then(|d| Some((d, replaces(d, &kept)?))) else {
            return Ok(false);
        };
        let added = self.like(data, &goal, &patch)?;
        self.changes.push(added);
        Ok(true)
    }

    /// A card like another one, but for what is said.
    pub(super) fn like(&self, data: &Data<'_>, goal: &Goal, patch: &Intent) -> Result<Change, Clarification> {
        let manner = Manner { instead: true, ..Manner::default() };
        let intent = patching::apply(data, &restoring::intent_of(data, goal), patch, &manner);
        let goal = building::build(data, &intent).map_err(|missing| self.ask(String::new(), missing))?;
        let said = format!("Added “{}”", goal.title);
        Ok(Change::Add { goal, said })
    }

    /// `duplicate this chart`
    pub(super) fn duplicate(&mut self, target: &Target) -> Result<(), Clarification> {
        let goal = self.goal(self.single(target)?);
        let said = format!("Added “{}” once more", goal.title);
        self.changes.push(Change::Add { goal, said });
        Ok(())
    }

    /// Adds a card, unless the sentence rather adds something to one.
    pub(super) fn adds(&mut self, said: &[Token], rest: &[Token]) -> Result<bool, Clarification> {
        let filters = said.iter().any(|t| t.stem == "filter");
        let it = |t: &Token| matches!(t.lower.as_str(), "it" | "this" | "that" | "the");
        let to = |i: usize| i > 0 && said[i - 1].lower == "to" && (i < 2 || said[i - 2].lower != "next");
        let to_it = (0..said.len()).any(|i| to(i) && it(&said[i]));
        let wanted = new_card(rest);
        let whole = self.all.iter().map(|d| read(d, &wanted)).max_by_key(|i| (i.unknown.is_empty(), i.matched));
        let Some(whole) = whole else { return Ok(false) };
        // A figure alone joins the only card there is.
        // `and a card for the highest reading`
        let a_card = (1..said.len()).any(|at| {
            let article = super::words::is(said.get(at - 1), "a an another new");
            article && matches!(said[at].lower.as_str(), "card" | "kpi" | "chart" | "tile" | "panel")
        });
        let bare =
            !a_card && whole.only_asks() && whole.chart.is_none() && whole.asks.iter().all(|a| a.field.is_some());
        let to_a_card = filters
            || (bare && self.only().is_some_and(|i| self.goal(i).kind != CardKind::Kpi))
            || (to_it && whole.unknown.is_empty())
            || whole.only_filters()
            || (whole.asks.is_empty()
                && !whole.rows
                && whole.chart.is_none()
                && !whole.kpi
                && whole.unknown.is_empty());
        if to_a_card && !whole.is_empty() {
            return Ok(false);
        }
        let prompt: Vec<&str> = wanted.iter().map(|t| t.text.as_str()).collect();
        let plan = planning::plan_tokens(&wanted, self.datasets, Some(planning::CHARTS_MAX));
        if plan.goals.is_empty() || !plan.warnings.is_empty() || prompt.is_empty() {
            let missing = plan.clarification.map(|c| c.missing).unwrap_or_default();
            return Err(self.ask(String::new(), missing));
        }
        let most = if whole.overview {
            4
        } else if bare {
            1
        } else {
            plan.goals.len()
        };
        for goal in plan.goals.into_iter().take(most) {
            let said = format!("Added “{}”", goal.title);
            self.changes.push(Change::Add { goal, said });
        }
        Ok(true)
    }
}
