//! A sentence about a dashboard that is already there: one command after the other, each on the card it means.

use vizroom_protocol::dashboard::{CardKind, Clarification};
use vizroom_protocol::file::Dataset;

use super::commands::{self, commands, count, is_instruction, manner, read, swaps, worded};
use super::fields::Data;
use super::intent::Intent;
use super::matching::{Matcher, Meaning};
use super::patching::{self, Manner};
use super::renaming::{self, Naming};
use super::targets::{self, Target};
use super::telling::said;
use super::words::Token;
use super::{
    Change, Goal, Placed, Refinement, bands, building, clearing, converting, lexicon, looks, lookups, ordering,
    overview, phrasing, redrawing, restoring, scales, sentences, shown, text, thresholds, wording,
};

/// Changes cards by a sentence, as it was typed.
pub fn refine(feedback: &str, target: Option<&str>, cards: &[Placed<'_>], datasets: &[Dataset]) -> Refinement {
    let yearly = |name: &str| cards.iter().any(|c| c.goal.query.turned.is_some() && c.goal.query.dataset == name);
    let joined = lookups::extended(datasets, &sentences::command(feedback, datasets), yearly);
    let plain = datasets.iter().filter(|d| !d.columns.is_empty()).map(Data::new);
    let all: Vec<Data<'_>> = plain.chain(joined.iter().map(Data::joined)).collect();
    let mut work = Work { all: &all, datasets, cards, target, now: Vec::new(), changes: Vec::new() };
    for command in commands(feedback) {
        if let Err(clarification) = work.command(&command) {
            return Refinement { changes: Vec::new(), clarification: Some(clarification) };
        }
    }
    if work.changes.is_empty() {
        return Refinement { changes: Vec::new(), clarification: Some(work.ask(String::new(), Vec::new())) };
    }
    Refinement { changes: work.changes, clarification: None }
}

/// Whether a word says how a card is drawn.
fn is_drawn(token: &Token) -> bool {
    matches!(lexicon::keyword(&token.lower, &token.stem), Some(lexicon::Keyword::Chart(_)))
}

pub(super) struct Work<'w> {
    pub(super) all: &'w [Data<'w>],
    pub(super) datasets: &'w [Dataset],
    pub(super) cards: &'w [Placed<'w>],
    target: Option<&'w str>,
    /// Goals already changed by earlier commands, by key.
    pub(super) now: Vec<(String, Goal)>,
    pub(super) changes: Vec<Change>,
}

/// Words that an order may begin with.
const POLITE: &str =
    "please also can could you now then and just lets plus i we dont need want would like to ok okay maybe ,";

impl Work<'_> {
    fn command(&mut self, command: &str) -> Result<(), Clarification> {
        let said = sentences::command(command, self.datasets);
        let said = wording::in_its_place(wording::not_the_other(wording::rewritten(said)));
        let said = super::subperiods::rewritten(super::compounds::joined(said, self.datasets), self.datasets);
        let said = thresholds::rewritten(super::named_limits::rewritten(said, self.datasets), self.datasets);
        let said = phrasing::rewritten(converting::rewritten(said, self.datasets));
        if let Some(theme) = looks::theme(&said) {
            let name = serde_json::to_value(theme).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            self.changes.push(Change::Theme { theme, said: format!("The theme is {name} now") });
            return Ok(());
        }
        if said.iter().any(|t| matches!(t.lower.as_str(), "undo" | "revert" | "unchange")) {
            return Err(self.ask("A sentence takes no change back: say what the chart should show.".into(), Vec::new()));
        }
        if let Some(what) = commands::furniture(&said) {
            return Err(
                self.ask(format!("How {what} are drawn cannot be said: charts choose it by themselves."), Vec::new())
            );
        }
        let (target, rest) = targets::find(&said, self.cards, self.target);
        if target == Target::Absent {
            return Err(self.ask("There is no such chart.".into(), Vec::new()));
        }
        if let Some(naming) = renaming::naming(command) {
            return self.rename(naming, &target);
        }
        let first = said.iter().map(|t| t.lower.as_str()).find(|w| !super::lists::has(POLITE, w));
        if self.repeats(&said, &rest, &target)? || self.adds_own(&said, &target)? {
            return Ok(());
        }
        match first.unwrap_or("") {
            "keep" | "remove" | "delete" | "drop" if self.keeps_only(&said, &rest, &target)? => Ok(()),
            "remove" | "delete" | "drop" | "hide" | "take" | "lose" | "kill" | "ditch" | "scrap" | "trash"
            | "discard" | "eliminate" | "erase"
                if self.removes(&said, &rest, &target)? =>
            {
                Ok(())
            }
            "duplicate" | "copy" | "clone" => self.duplicate(&target),
            "add" | "include" | "append" | "insert" if self.adds(&said, &rest)? => Ok(()),
            // `also show how many were sold each month`, `one more chart: …`: a question of its own.
            _ if self.asks_more(&said, &rest) && self.adds(&said, &rest)? => Ok(()),
            _ => match self.change_all(&rest, &target) {
                Err(asked) if !asked.missing.is_empty() => self.without_aside(&rest, &target).ok_or(asked),
                done => done,
            },
        }
    }

    /// The same change on each card that is meant; those that it does not concern stay.
    pub(super) fn change_all(&mut self, rest: &[Token], target: &Target) -> Result<(), Clarification> {
        if self.cards.is_empty() {
            return Err(self.ask("There is no chart to change yet: say what to show.".into(), Vec::new()));
        }
        let Target::Several(meant) = target else { return self.change(rest, target) };
        let mut refused = None;
        let before = self.changes.len();
        for &index in meant {
            let state = (self.now.clone(), self.changes.clone());
            if let Err(clarification) = self.change(rest, &Target::Card(index)) {
                (self.now, self.changes) = state;
                refused.get_or_insert(clarification);
            }
        }
        match refused {
            Some(clarification) if self.changes.len() == before => Err(clarification),
            _ => Ok(()),
        }
    }

    pub(super) fn goal(&self, index: usize) -> Goal {
        let key = self.cards[index].key;
        let changed = self.now.iter().find(|(k, _)| k == key).map(|(_, g)| g.clone());
        changed.unwrap_or_else(|| self.cards[index].goal.clone())
    }

    pub(super) fn data(&self, goal: &Goal) -> Option<&Data<'_>> {
        self.all.iter().find(|d| d.is_read_by(&goal.query))
    }

    /// The card's data; with what belongs to it, where only that has what the words name.
    fn data_for(&self, goal: &Goal, words: &[Token]) -> Option<&Data<'_>> {
        let own = self.data(goal)?;
        // `in South America`, where only the other table knows it as it stands.
        let plainly = |data: &Data<'_>| {
            let items = Matcher::new(data, words).items(words);
            !items.iter().any(|i| matches!(i.meaning, Meaning::Values(..) | Meaning::Unknown(_)))
        };
        let knows = |data: &Data<'_>| read(data, words).unknown.is_empty();
        let related = || self.all.iter().filter(|d| d.dataset.name == own.dataset.name && d.is_extended());
        if !plainly(own)
            && let Some(data) = related().find(|d| plainly(d) && knows(d))
        {
            return Some(data);
        }
        if knows(own) { Some(own) } else { related().find(|d| knows(d)).or(Some(own)) }
    }

    fn rename(&mut self, naming: Naming, target: &Target) -> Result<(), Clarification> {
        let Naming { dashboard, title } = naming;
        if dashboard {
            let said = format!("The dashboard is called “{title}” now");
            self.changes.push(Change::DashboardTitle { title, said });
            return Ok(());
        }
        let index = self.single(target)?;
        let key = self.cards[index].key.to_owned();
        let said = format!("{key} is called “{title}” now");
        let mut goal = self.goal(index);
        goal.title.clone_from(&title);
        self.remember(&key, goal);
        self.changes.push(Change::Retitle { key, title, said });
        Ok(())
    }

    /// The card meant, where the sentence must mean exactly one.
    pub(super) fn single(&self, target: &Target) -> Result<usize, Clarification> {
        match target {
            Target::Card(index) => Ok(*index),
            _ => self.only().ok_or_else(|| self.ask("Which chart is meant?".into(), Vec::new())),
        }
    }

    pub(super) fn only(&self) -> Option<usize> {
        match targets::charts(self.cards).as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    fn change(&mut self, whole: &[Token], target: &Target) -> Result<(), Clarification> {
        let (rest, width) = bands::changed(whole.to_vec());
        let (rest, unit) = scales::told_in(rest, self.all);
        let (rest, top) = count(&rest);
        let (rest, order) = ordering::order(&rest);
        let (spoken, replaced, manner) = manner(&rest);
        let index = match target {
            Target::Card(index) => self.spoken_of(*index),
            _ => match self.only() {
                Some(index) => index,
                None => self.implied(&spoken, &replaced)?,
            },
        };
        let goal = self.goal(index);
        if self.data(&goal).is_none() {
            return self.redraw(index, goal, &spoken, top, order);
        }
        if swaps(&rest) {
            return self.swap(index, &goal);
        }
        let plain: Vec<Token> = spoken.iter().filter(|t| !is_instruction(t)).cloned().collect();
        let Some(data) = self.data_for(&goal, &plain) else { return Err(self.ask(String::new(), Vec::new())) };
        let data = &restoring::called(data, &goal);
        let mut base = restoring::intent_of(data, &goal);
        base.unit = unit.or(base.unit);
        let (instructed, cleared) = clearing::cleared(data, &spoken, &mut base);
        let kept: Vec<Token> = instructed.iter().filter(|t| !is_instruction(t)).cloned().collect();
        let other = shown::other_limit(whole, &mut base);
        let top = top.filter(|_| !other);
        let limited = other || shown::bare_limit(data, &instructed, &mut base);
        let mut cleared = cleared || limited || width.is_some() || unit.is_some();
        let kept = if limited { Vec::new() } else { kept };
        let (kept, named) = commands::count_of_groups(data, &kept, &base);
        let mut patch = commands::in_year(data, &kept, &base).unwrap_or_else(|| read(data, &kept));
        if patch.is_empty() && !cleared && top.is_none() && order.is_none() {
            patch = commands::by_part_of_name(data, &spoken).unwrap_or(patch);
        }
        patch.top = top.or(named).or(patch.top);
        if width.is_some() && !base.distribution {
            bands::of_groups(&mut patch);
        }
        shown::meant_here(data, &goal, (&rest, &base), &mut patch);
        self.refused(&rest, &patch)?;
        // A list of rows is what a prompt may ask for, not what a condition makes of a chart.
        let drawn = kept.iter().any(is_drawn) || !patch.having.is_empty() || patch.filters.is_empty();
        patch.chart = patch.chart.filter(|_| drawn);
        let only = rest.iter().any(|t| matches!(t.lower.as_str(), "only" | "just"));
        if only && !cleared && patch.only_groups() && patch.groups.iter().all(|g| base.groups.contains(g)) {
            if !shown::one_group(&mut patch, &mut base) {
                return Err(self.ask("Which of them should be shown?".into(), Vec::new()));
            }
            cleared = true;
        }
        let sorted = order.map(|order| order.of(data, &mut patch, &base));
        let worded = worded(data, &rest, &mut patch, &mut base);
        if patch.is_empty() && !worded && !cleared && sorted.is_none() {
            return Err(self.ask(String::new(), Vec::new()));
        }
        if commands::swaps_groups(&rest, &patch, &base) {
            return self.swap(index, &goal);
        }
        shown::left_in(data, &rest, &base, &mut patch);
        let manner = Manner { replaced: (!replaced.is_empty()).then(|| read(data, &replaced)), ..manner };
        let on_axis = redrawing::on_axis(data, &rest, &base, &patch);
        let mut intent = on_axis.unwrap_or_else(|| patching::apply(data, &base, &patch, &manner));
        if let Some(order) = sorted {
            order.put(data, &mut intent);
        }
        intent.width = width.and_then(|w| w.of(&goal));
        let mut built = building::build(data, &intent);
        if let (Some(order), Ok(goal)) = (sorted, &mut built) {
            order.by_another(data, goal);
        }
        self.replace(index, &goal, built)
    }

    /// What of a sentence cannot be done to a card, whatever it shows.
    fn refused(&self, rest: &[Token], patch: &Intent) -> Result<(), Clarification> {
        if patch.why {
            return Err(self.ask("Why something is so is a question for a dashboard of its own.".into(), Vec::new()));
        }
        let without =
            |t: &Token| matches!(t.lower.as_str(), "without" | "no" | "exclude" | "remove" | "drop" | "ignore");
        if patch.outliers && rest.iter().any(without) {
            return Err(self.ask("Say from which figure on they are to be left out.".into(), vec!["outliers".into()]));
        }
        if !patch.unknown.is_empty() {
            return Err(self.ask(String::new(), patch.unknown.clone()));
        }
        Ok(())
    }

    /// The chart itself, where the card only speaks of it.
    fn spoken_of(&self, index: usize) -> usize {
        let goal = &self.cards[index].goal;
        let same = |i: &usize| self.cards[*i].goal.query == goal.query && self.cards[*i].goal.kind != CardKind::Insight;
        let told = goal.kind == CardKind::Insight;
        (0..self.cards.len()).find(|i| told && same(i)).unwrap_or(index)
    }

    /// The one card that has what the sentence replaces.
    fn implied(&self, kept: &[Token], replaced: &[Token]) -> Result<usize, Clarification> {
        let uses = |index: usize, words: &[Token]| {
            let goal = self.goal(index);
            let Some(data) = self.data(&goal) else { return false };
            let base = restoring::intent_of(data, &goal);
            let said = read(data, words);
            said.unknown.is_empty()
                && (said.asks.iter().any(|a| a.field.is_some() && base.asks.iter().any(|b| b.field == a.field))
                    || said.groups.iter().any(|g| base.groups.contains(g))
                    || (said.groups.iter().any(|g| restoring::is_time(data, g))
                        && base.groups.iter().any(|g| restoring::is_time(data, g)))
                    || said.filters.iter().any(|p| {
                        let field = p.source.column().and_then(|c| data.index(c));
                        field.is_some() && base.groups.iter().any(|g| g.field == field)
                    }))
        };
        for words in [replaced, kept] {
            let fitting: Vec<usize> =
                targets::charts(self.cards).into_iter().filter(|&i| !words.is_empty() && uses(i, words)).collect();
            if let [one] = fitting.as_slice() {
                return Ok(*one);
            }
        }
        Err(self.ask("Which chart is meant?".into(), Vec::new()))
    }

    pub(super) fn replace(
        &mut self,
        index: usize,
        old: &Goal,
        built: Result<Goal, Vec<String>>,
    ) -> Result<(), Clarification> {
        let mut goal = match built {
            Ok(goal) => goal,
            Err(missing) => return Err(self.ask(String::new(), missing)),
        };
        let key = self.cards[index].key.to_owned();
        let unchanged = goal.query == old.query && goal.kind == old.kind;
        if unchanged {
            // Where another kind was wanted, the new description says why it cannot be.
            let why = goal.description.strip_prefix(&old.description).map(str::trim).filter(|why| !why.is_empty());
            if let Some(why) = why {
                return Err(self.ask(why.to_owned(), Vec::new()));
            }
            // What is asked for is so: nothing to ask back.
            let said = format!("{key} is that way already");
            if !self.changes.iter().any(|c| matches!(c, Change::Replace { key: k, .. } if *k == key)) {
                self.changes.push(Change::Replace { key, goal: old.clone(), said });
            }
            return Ok(());
        }
        let rebuilt = |data: Data<'_>| building::build(&data, &restoring::intent_of(&data, old)).ok();
        let own_title = self.data(old).and_then(|d| rebuilt(restoring::called(d, old)));
        if own_title.is_some_and(|rebuilt| rebuilt.title != old.title) {
            goal.title.clone_from(&old.title);
        }
        let said = said(&key, old, &goal);
        self.remember(&key, goal.clone());
        let earlier = self.changes.iter_mut().find(|c| matches!(c, Change::Replace { key: k, .. } if *k == key));
        match earlier {
            Some(change) => *change = Change::Replace { key, goal, said },
            None => self.changes.push(Change::Replace { key, goal, said }),
        }
        Ok(())
    }

    pub(super) fn remember(&mut self, key: &str, goal: Goal) {
        self.now.retain(|(k, _)| k != key);
        self.now.push((key.to_owned(), goal));
    }

    /// Asks back, with what would work here.
    pub(super) fn ask(&self, message: String, missing: Vec<String>) -> Clarification {
        let words: Vec<String> = missing.iter().map(|m| format!("“{m}”")).collect();
        let message = match (message.is_empty(), words.is_empty()) {
            (false, _) => message,
            (true, false) => format!("Nothing in the data matches {}. What should be changed?", text::list(&words)),
            (true, true) => "I could not tell what to change.".into(),
        };
        let key = self.cards.first().map_or("chart_1", |c| c.key).replace('_', " ");
        let mut suggestions = vec![format!("Make {key} a line chart"), format!("Show the top 5 in {key}")];
        let group = self.cards.first().and_then(|c| self.data(c.goal)).and_then(overview::good_group);
        suggestions.extend(group.map(|g| format!("Split {key} by {g}")));
        suggestions.push("Use the ocean theme".into());
        Clarification { message, missing, suggestions }
    }
}
