//! From a prompt to a plan: choose the dataset, build what was asked, say what cannot be.

use vizroom_protocol::dashboard::Clarification;
use vizroom_protocol::file::Dataset;

use super::fields::Data;
use super::readings::Reading;
use super::sentences::sentence;
use super::words::Token;
use super::{Goal, Plan, building, lookups, overview, text, why};

/// Cards of a plan where nobody says how many, and at most.
const CHARTS_USUAL: usize = 4;
pub const CHARTS_MAX: usize = 12;

/// Plans the cards for a prompt over the profiles of datasets.
///
/// Makes one card for each thing asked, in order; a prompt that leaves it open is filled with complementary cards up to
/// `max_charts` (1–12; 4 if absent). Words that carry meaning and that nothing in the data matches lead to a
/// clarification, or to a warning if other parts of the prompt can be answered.
pub fn plan(prompt: &str, datasets: &[Dataset], max_charts: Option<u8>) -> Plan {
    let (said, title) = super::wording::titled(super::wording::rewritten(sentence(prompt, datasets)));
    let said = super::ranking::numbered(super::relating::rewritten(said));
    let said = super::subperiods::rewritten(super::compounds::joined(said, datasets), datasets);
    let said = super::thresholds::rewritten(super::named_limits::rewritten(said, datasets), datasets);
    let said = super::converting::rewritten(said, datasets);
    let mut plan = plan_tokens(&said, datasets, max_charts.map(usize::from));
    if let (Some(title), [only]) = (title, plan.goals.as_mut_slice()) {
        only.title.clone_from(&title);
        plan.title = title;
    }
    plan
}

/// The same for a prompt that is split already.
pub fn plan_tokens(prompt: &[Token], datasets: &[Dataset], max_charts: Option<usize>) -> Plan {
    let joined = lookups::extended(datasets, prompt, |_| false);
    let plain = datasets.iter().filter(|d| !d.columns.is_empty()).map(Data::new);
    // What tells of several years goes before what tells of each: it is there only where several are meant.
    let (yearly, related): (Vec<_>, Vec<_>) = joined.iter().map(Data::joined).partition(|d| d.turned.is_some());
    let all: Vec<Data<'_>> = yearly.into_iter().chain(plain).chain(related).collect();
    if all.is_empty() {
        return asking("There is no data to draw yet. Upload a file, or link one to the room.", Vec::new(), Vec::new());
    }
    let (said, each) = super::parted::parted(prompt.to_vec());
    let (said, wanted) = count_of_charts(said);
    let said = super::parted::counted(said, wanted);
    let (said, width) = super::bands::width(said);
    let (said, scale) = super::ratios::scaled(said);
    let (said, unit) = super::scales::told_in(said, &all);
    let limit = max_charts.map(|m| m.clamp(1, CHARTS_MAX));
    let mut readings: Vec<Reading<'_>> = all.iter().map(|data| Reading::plain(data, &said)).collect();
    let mut best = best_of(&readings);
    // What does not go together as it stands is read in every other sense.
    if readings[best].is_strained() {
        let others: Vec<Reading<'_>> = all.iter().map(|data| Reading::best(data, &said)).collect();
        let other = best_of(&others);
        if !others[other].is_unclear() {
            (readings, best) = (others, other);
        }
    }
    let reading = readings.swap_remove(best);
    let called = Data { noun: reading.noun.clone(), ..reading.data.clone() };
    let mut reading = reading.called(&called);
    if wanted == Some(1) {
        reading.intents = super::merging::in_one(reading.intents);
    }
    if each {
        reading.intents = super::parted::each_alone(reading.intents);
    }
    reading.intents.iter_mut().for_each(|i| (i.width, i.scale, i.unit) = (width, scale, unit));
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
        // `2 numbers: how many cities there are, and the average price`
        let listed = super::words::is(said.get(at + 1), "numbers figures kpis metrics values things tables questions");
        if listed && said.get(at + 2).is_some_and(|t| t.is(':')) {
            said.drain(at..at + 3);
            return (said, Some((n as usize).min(CHARTS_MAX)));
        }
    }
    (said, None)
}
