//! From a prompt to a plan: choose the dataset, build what was asked, say what cannot be.

use std::cmp::Reverse;

use vizroom_protocol::dashboard::Clarification;
use vizroom_protocol::file::Dataset;

use super::fields::Data;
use super::intent::Intent;
use super::query::Op;
use super::words::{Token, sentence};
use super::{Goal, Plan, building, closing, joining, lookups, overview, segments, text, why};

/// Cards of a plan where nobody says how many, and at most.
const CHARTS_USUAL: usize = 4;
pub const CHARTS_MAX: usize = 12;

/// Plans the cards for a prompt over the profiles of datasets.
///
/// Makes one card for each thing asked, in order; a prompt that leaves it open is filled with complementary cards up to
/// `max_charts` (1–12; 4 if absent). Words that carry meaning and that nothing in the data matches lead to a
/// clarification, or to a warning if other parts of the prompt can be answered.
pub fn plan(prompt: &str, datasets: &[Dataset], max_charts: Option<u8>) -> Plan {
    plan_tokens(&sentence(prompt), datasets, max_charts.map(usize::from))
}

/// The same for a prompt that is split already.
pub fn plan_tokens(prompt: &[Token], datasets: &[Dataset], max_charts: Option<usize>) -> Plan {
    let joined = lookups::joined(datasets);
    let plain = datasets.iter().filter(|d| !d.columns.is_empty()).map(Data::new);
    let all: Vec<Data<'_>> = plain.chain(joined.iter().map(Data::joined)).collect();
    if all.is_empty() {
        return asking("There is no data to draw yet. Upload a file, or link one to the room.", Vec::new(), Vec::new());
    }
    let (said, wanted) = count_of_charts(prompt.to_vec());
    let limit = max_charts.map(|m| m.clamp(1, CHARTS_MAX));
    let mut readings: Vec<Reading<'_>> = all.iter().map(|data| Reading::new(data, &said)).collect();
    let mut best = best_of(&readings);
    // What is not understood is supposed to mean something, if that leaves nothing open.
    if readings[best].is_unclear() {
        let supposed: Vec<Reading<'_>> = all.iter().map(|data| Reading::supposed(data, &said)).collect();
        let other = best_of(&supposed);
        if !supposed[other].is_unclear() {
            (readings, best) = (supposed, other);
        }
    }
    let reading = readings.swap_remove(best);
    let called = Data { noun: reading.noun.clone(), ..reading.data.clone() };
    let reading = Reading { data: &called, ..reading };
    let mut drawn = draw(&reading, &readings);
    let usual = wanted.or(limit).unwrap_or(CHARTS_USUAL).min(limit.unwrap_or(CHARTS_MAX));
    let open = drawn.missing.is_empty() && (reading.is_open() || wanted.is_some_and(|w| w > drawn.goals.len()));
    if open {
        drawn.goals = overview::fill(reading.data, &reading.focus(), drawn.goals, usual);
    }
    for goal in &mut drawn.goals {
        reading.supposed.iter().for_each(|note| goal.description.push_str(&format!(" {note}")));
    }
    finish(&reading, drawn, &all, limit)
}

/// A dataset with what the prompt says about it.
struct Reading<'a> {
    data: &'a Data<'a>,
    intents: Vec<Intent>,
    /// How many words of the prompt are in the data.
    covered: usize,
    /// How often its rows are named by its own name.
    named: usize,
    /// How many columns are called by all of their names' words.
    exact: usize,
    /// What unknown words are supposed to mean, in sentences.
    supposed: Vec<String>,
    /// What the prompt calls the rows.
    noun: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(data: &'a Data<'a>, said: &[Token]) -> Self {
        Self::of(data, segments::segments(data, said), Vec::new())
    }

    /// The same, where unknown words are supposed to mean something.
    fn supposed(data: &'a Data<'a>, said: &[Token]) -> Self {
        let (segments, supposed) = segments::supposed(data, said);
        Self::of(data, segments, supposed)
    }

    fn of(data: &'a Data<'a>, segments: Vec<segments::Segment>, supposed: Vec<String>) -> Self {
        let covered = segments.iter().map(|s| s.covered).sum();
        let named = segments.iter().map(|s| s.named).sum();
        let exact = segments.iter().map(|s| s.exact).sum();
        let noun = segments.iter().find_map(|s| s.noun.clone());
        let intents = joining::join(segments).into_iter().map(|i| closing::along_ranges(data, i)).collect();
        Self { data, intents, covered, named, exact, supposed, noun }
    }

    /// Whether something in the prompt is not understood.
    fn is_unclear(&self) -> bool {
        self.intents.iter().any(|i| !i.unknown.is_empty())
    }

    /// Fewest words unknown, most known; and no table looked up that nothing is asked of.
    fn fitness(&self) -> (Reverse<usize>, usize, u32, usize, usize, Reverse<usize>, Reverse<usize>) {
        // A name says more than the key it is looked up by.
        let key = |g: &super::intent::Group| {
            let name = g.field.and_then(|f| self.data.fields[f].words.last());
            name.is_some_and(|w| matches!(w.lower.as_str(), "id" | "key" | "code"))
        };
        let keys = self.intents.iter().flat_map(|i| &i.groups).filter(|g| key(g)).count();
        let unknown: usize = self.intents.iter().map(|i| i.unknown.len()).sum();
        let matched: u32 = self.intents.iter().map(|i| i.matched).sum();
        (Reverse(unknown), self.named, matched, self.covered, self.exact, Reverse(keys), Reverse(self.data.joins.len()))
    }

    /// Whether the prompt leaves open what to show.
    fn is_open(&self) -> bool {
        // Two values or periods side by side are a question of their own.
        let compares = |i: &Intent| {
            let named = (i.rows || !i.asks.is_empty()) && !i.filters.is_empty() && !i.overview;
            i.exact || named || !i.periods.is_empty() || i.filters.iter().any(|p| p.op == Op::In && p.values.len() > 1)
        };
        if self.intents.iter().any(compares) {
            return false;
        }
        match self.intents.as_slice() {
            [] => true,
            all if all.iter().any(|i| i.overview) => !all.iter().any(|i| is_specific(i) || i.why),
            [one] => {
                let bare = Intent {
                    asks: Vec::new(),
                    filters: Vec::new(),
                    rows: false,
                    overview: false,
                    matched: 0,
                    ..one.clone()
                };
                bare.is_empty() && one.asks.iter().all(|a| a.agg.is_none() && a.over.is_none())
            }
            _ => false,
        }
    }

    /// What an open prompt is about: the figures and conditions it names.
    fn focus(&self) -> Intent {
        let mut focus = Intent::default();
        for intent in self.intents.iter().filter(|i| i.unknown.is_empty()) {
            for ask in &intent.asks {
                focus.add_ask(ask.clone());
            }
            focus.add_filters(intent.filters.clone());
        }
        focus
    }
}

/// Whether a part of a prompt says how something is to be shown.
fn is_specific(intent: &Intent) -> bool {
    !intent.groups.is_empty()
        || intent.chart.is_some()
        || intent.distribution
        || intent.correlation
        || intent.rank.is_some()
}

fn best_of(readings: &[Reading<'_>]) -> usize {
    let better = |a: &usize, b: &usize| {
        let (x, y) = (&readings[*a], &readings[*b]);
        x.fitness().cmp(&y.fitness()).then(x.data.dataset.rows.cmp(&y.data.dataset.rows)).then(b.cmp(a))
    };
    (0..readings.len()).max_by(better).unwrap_or(0)
}

#[derive(Default)]
struct Drawn {
    goals: Vec<Goal>,
    missing: Vec<String>,
    failed: usize,
}

fn draw(reading: &Reading<'_>, others: &[Reading<'_>]) -> Drawn {
    let mut drawn = Drawn::default();
    let open = reading.is_open();
    for (index, intent) in reading.intents.iter().enumerate() {
        if open && intent.unknown.is_empty() {
            continue;
        }
        let elsewhere = || {
            others.iter().find_map(|o| {
                let same = o.intents.len() == reading.intents.len();
                building::build(o.data, o.intents.get(index).filter(|_| same)?).ok()
            })
        };
        if intent.why {
            match why::goals(reading.data, intent) {
                Ok(goals) => goals.into_iter().for_each(|goal| push(&mut drawn.goals, goal)),
                Err(missing) => {
                    drawn.failed += 1;
                    drawn.missing.extend(missing);
                }
            }
            continue;
        }
        match building::build(reading.data, intent) {
            Ok(goal) => push(&mut drawn.goals, goal),
            Err(missing) => match elsewhere() {
                Some(goal) => push(&mut drawn.goals, goal),
                None => {
                    drawn.failed += 1;
                    drawn.missing.extend(missing);
                }
            },
        }
    }
    drawn
}

fn push(goals: &mut Vec<Goal>, goal: Goal) {
    if !goals.iter().any(|g| g.query == goal.query && g.kind == goal.kind) {
        goals.push(goal);
    }
}

fn finish(reading: &Reading<'_>, drawn: Drawn, all: &[Data<'_>], limit: Option<usize>) -> Plan {
    let Drawn { mut goals, mut missing, failed } = drawn;
    missing.dedup();
    missing.truncate(12);
    if goals.is_empty() {
        return asking(&question(reading.data, &missing), missing, overview::suggestions(all));
    }
    let mut warnings = Vec::new();
    if failed > 0 {
        let words: Vec<String> = missing.iter().map(|m| format!("“{m}”")).collect();
        warnings.push(format!("Nothing in the data matches {}, so that part was left out.", text::list(&words)));
    }
    let most = limit.unwrap_or(CHARTS_MAX);
    if goals.len() > most {
        warnings.push(format!("{} of the {} cards asked for are shown.", most, goals.len()));
        goals.truncate(most);
    }
    let title = match goals.as_slice() {
        [only] => only.title.clone(),
        _ => overview::title(reading.data, &goals),
    };
    let rows = text::number(reading.data.dataset.rows as f64, None);
    let description = format!("From {} ({rows} rows).", reading.data.dataset.name);
    Plan { title, description, goals, warnings, clarification: None }
}

fn question(data: &Data<'_>, missing: &[String]) -> String {
    let words: Vec<String> = missing.iter().map(|m| format!("“{m}”")).collect();
    let columns: Vec<String> = data.fields.iter().filter(|f| !f.joined).take(12).map(|f| f.label.clone()).collect();
    let found = match words.is_empty() {
        true => "I could not tell what to show.".to_owned(),
        false => format!("Nothing in the data matches {}.", text::list(&words)),
    };
    format!("{found} {} has {}. What should be shown?", data.dataset.name, text::list(&columns))
}

/// A plan that asks back.
fn asking(message: &str, missing: Vec<String>, suggestions: Vec<String>) -> Plan {
    Plan {
        title: String::new(),
        description: String::new(),
        goals: Vec::new(),
        warnings: Vec::new(),
        clarification: Some(Clarification { message: message.to_owned(), missing, suggestions }),
    }
}

/// `3 charts about …`: takes the count out of the prompt.
fn count_of_charts(mut said: Vec<Token>) -> (Vec<Token>, Option<usize>) {
    const CARDS: [&str; 8] = ["chart", "card", "graph", "plot", "visual", "widget", "panel", "visualization"];
    let number = |t: &Token| t.number().or_else(|| super::vocabulary::number_word(&t.lower));
    for at in 0..said.len() {
        let Some(n) = number(&said[at]).filter(|n| n.fract() == 0.0 && (1.0..=100.0).contains(n)) else { continue };
        let next = said.iter().skip(at + 1).take(2).position(|t| CARDS.iter().any(|c| super::words::stem(c) == t.stem));
        if let Some(offset) = next {
            said.drain(at..=at + 1 + offset);
            return (said, Some((n as usize).min(CHARTS_MAX)));
        }
    }
    (said, None)
}
