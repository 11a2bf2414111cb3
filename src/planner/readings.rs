//! Readings of a whole prompt: every word with one of its senses. They are gone through cheapest first, each is read to
//! its end, and the one that is strained least wins.

use std::cmp::Reverse;

use vizroom_protocol::dashboard::CardKind;

use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::matching::{Item, Matcher, Meaning};
use super::query::{Agg, Op, Predicate, Source};
use super::supposed::{self, Candidate};
use super::words::Token;
use super::{building, details, fragments, leftover, limiting, segments, slips, why};

/// What a word costs that is left without a meaning, and a card that cannot be made.
const LEFT: u32 = 100;
const FAILED: u32 = 90;
/// Most that may be supposed of a prompt in all; beyond it asks back.
const SUPPOSED_MAX: u32 = 40;
/// What fits badly.
const ODD: u32 = 8;
/// Most that a word of a refinement may cost.
const PART_MAX: u32 = 12;
/// What a mended slip costs.
const MENDED: u32 = 3;
/// Most beginnings of readings that are kept on the way, and most readings that are read to their end.
const BEAM: usize = 32;
const READ_MAX: usize = 16;

/// A dataset with what the prompt says about it.
pub struct Reading<'a> {
    pub data: &'a Data<'a>,
    pub intents: Vec<Intent>,
    /// What unknown words are supposed to mean, in sentences.
    pub supposed: Vec<String>,
    /// What the prompt calls the rows.
    pub noun: Option<String>,
    /// What is supposed, and how badly the rest goes together.
    strain: u32,
    /// How many words of the prompt are in the data.
    covered: usize,
    /// How often its rows are named by its own name.
    named: usize,
    /// How many columns are called by all of their names' words.
    exact: usize,
}

/// The items of a sentence, each with one of its senses.
struct Sense {
    /// The first item that is not in it yet.
    at: usize,
    items: Vec<Item>,
    price: u32,
    notes: Vec<String>,
}

impl<'a> Reading<'a> {
    /// The same, of data whose rows are called as the prompt calls them.
    pub fn called<'b>(self, data: &'b Data<'b>) -> Reading<'b>
    where
        'a: 'b,
    {
        Reading { data, ..self }
    }

    /// Each word in the sense it has by itself.
    pub fn plain(data: &'a Data<'a>, said: &[Token]) -> Self {
        let items = Matcher::new(data, said).items(said);
        Self::of(data, said, Sense { at: items.len(), items, price: 0, notes: Vec::new() })
    }

    /// The one in which the words go together best.
    pub fn best(data: &'a Data<'a>, said: &[Token]) -> Self {
        let items = Matcher::new(data, said).items(said);
        let unknown = items.iter().filter(|i| matches!(i.meaning, Meaning::Unknown(_)));
        let mended = slips::mended(said, unknown.map(|i| i.from));
        let best = Self::cheapest(data, said, items);
        let Some(mended) = mended else { return best };
        let mut other = Self::cheapest(data, &mended, Matcher::new(data, &mended).items(&mended));
        other.strain += MENDED;
        if other.strain < best.strain { other } else { best }
    }

    fn cheapest(data: &'a Data<'a>, said: &[Token], items: Vec<Item>) -> Self {
        let mut candidates = supposed::candidates(data, said, &items);
        let best = Self::least_strained(data, said, &items, &candidates);
        let unknown = items.iter().any(|i| matches!(i.meaning, Meaning::Unknown(_)));
        if !best.is_unclear() || !unknown {
            return best;
        }
        candidates.extend((0..items.len()).filter_map(|at| leftover::candidate(data, said, &items, at)));
        let rest = Self::least_strained(data, said, &items, &candidates);
        let whole = !rest.is_unclear() && !rest.is_open() && rest.intents.iter().all(leftover::is_request);
        if whole { rest } else { best }
    }

    fn least_strained(data: &'a Data<'a>, said: &[Token], items: &[Item], candidates: &[Candidate]) -> Self {
        let mut best: Option<Self> = None;
        for sense in senses(items, candidates).into_iter().take(READ_MAX) {
            if best.as_ref().is_some_and(|b| b.strain <= sense.price) {
                break;
            }
            let reading = Self::of(data, said, sense);
            if best.as_ref().is_none_or(|b| reading.strain < b.strain) {
                best = Some(reading);
            }
        }
        best.unwrap_or_else(|| Self::plain(data, said))
    }

    /// Everything that a part of a sentence says, with a sense for each of its words where these are near at hand.
    pub fn part(data: &Data<'_>, said: &[Token]) -> Option<Vec<segments::Segment>> {
        let items = Matcher::new(data, said).items(said);
        let near = |c: &Candidate| {
            c.items.iter().all(|i| {
                matches!(
                    i.meaning,
                    Meaning::Rows
                        | Meaning::Value(_)
                        | Meaning::Values(..)
                        | Meaning::Column(_)
                        | Meaning::Keyword(_)
                        | Meaning::Month(_)
                        | Meaning::Number { .. }
                        | Meaning::Filler
                )
            })
        };
        let mut candidates = supposed::candidates(data, said, &items);
        candidates.retain(|c| near(c) && c.price <= PART_MAX);
        let read = senses(&items, &candidates).into_iter().filter(|s| s.price < LEFT).take(READ_MAX);
        let mut read = read.map(|s| segments::alone(data, said, s.items));
        read.find(|all| all.iter().all(|s| s.intent.unknown.is_empty()))
    }

    fn of(data: &'a Data<'a>, said: &[Token], sense: Sense) -> Self {
        // `the 10 tallest athletes with their sport`: what is told of each is no part of the question.
        let listed = details::clause(data, said, &sense.items).and_then(|details| {
            let items = sense.items[..details.from].to_vec();
            let head = Sense { at: items.len(), items, price: sense.price, notes: sense.notes.clone() };
            let mut reading = Self::whole(data, said, head);
            let [only] = reading.intents.as_slice() else { return None };
            let told = details::told(data, only.clone(), &details)?;
            reading.strain = sense.price + reading.strain_of(&told);
            reading.intents = vec![told];
            Some(reading)
        });
        listed.unwrap_or_else(|| Self::whole(data, said, sense))
    }

    fn whole(data: &'a Data<'a>, said: &[Token], sense: Sense) -> Self {
        let dangling = leftover::dangling(said, &sense.items);
        let segments = segments::cut(data, said, sense.items);
        let covered = segments.iter().map(|s| s.covered).sum();
        let named = segments.iter().map(|s| s.named).sum();
        let exact = segments.iter().map(|s| s.exact).sum();
        let noun = segments.iter().find_map(|s| s.noun.clone());
        let mut intents: Vec<Intent> = fragments::joined(data, segments)
            .into_iter()
            .map(|i| limiting::along_ranges(data, limiting::groupless(data, limiting::of_names(data, said, i))))
            .map(|i| limiting::spread_of_rows(data, limiting::spread_by_steps(data, i)))
            .collect();
        match intents.last_mut() {
            Some(last) => last.unknown.extend(dangling),
            None if dangling.is_empty() => {}
            None => intents.push(Intent { unknown: dangling, ..Intent::default() }),
        }
        for intent in &mut intents {
            super::period::one_step(data, intent);
            super::comparing::apart(intent);
            super::relating::point_by_point(intent);
            super::years::listed(data, intent);
            super::period::along(data, intent);
            intent.unknown.extend(limiting::uncomputable(data, intent));
        }
        let mut reading = Self { data, intents, covered, named, exact, supposed: sense.notes, noun, strain: 0 };
        reading.strain = sense.price + reading.intents.iter().map(|i| reading.strain_of(i)).sum::<u32>();
        reading
    }

    /// What stands in the way of a card, and what fits badly in it.
    fn strain_of(&self, intent: &Intent) -> u32 {
        if !intent.unknown.is_empty() {
            return LEFT * intent.unknown.len() as u32;
        }
        let silent = intent.asks.is_empty() && intent.having.is_empty();
        let grouped = |source: &Source| {
            intent.groups.iter().any(|g| g.field.is_some_and(|f| self.data.fields[f].source() == *source))
        };
        let timed = intent.groups.iter().all(|g| g.field.is_none());
        let ranked = (intent.rank.is_some() || intent.top.is_some()) && silent && !intent.rows && timed;
        // Rows of one kind, grouped by their kinds; parts of the whole where each is a single row.
        let same = |p: &Predicate| p.op == Op::In && p.values.len() == 1 && p.part.is_none() && grouped(&p.source);
        let alone = intent.share && silent && super::wholes::varying(self.data, intent).is_some();
        let built = self.is_open()
            || if intent.why {
                why::goals(self.data, intent).is_ok()
            } else {
                building::build(self.data, intent).is_ok()
            };
        // `how many copies did each song sell`, of rows that are songs: one of each says nothing.
        let each = |g: &Group| g.field.is_some_and(|f| self.data.names_each(f));
        let counted =
            !intent.asks.is_empty() && intent.asks.iter().all(|a| a.field.is_none() && a.agg == Some(Agg::Count));
        if counted && !self.supposed.is_empty() && intent.groups.len() == 1 && intent.groups.iter().all(each) {
            return FAILED;
        }
        let spread = intent.distribution || intent.chart == Some(CardKind::Histogram);
        let unfounded = silent && (intent.why && !intent.rows || spread && intent.groups.is_empty());
        // `wins per season`, where nothing says what is counted.
        let vague = !intent.groups.is_empty()
            && self.timed(intent)
            && silent
            && !intent.rows
            && !intent.overview
            && intent.chart.is_none();
        // The first ten of nothing.
        let whole = |a: &Ask| a.agg.is_some();
        let lone = intent.top.is_some() && intent.groups.is_empty() && !intent.asks.is_empty();
        let lone = lone && (!intent.rows || intent.asks.iter().any(whole));
        // `what share of the staff`, where nothing says of which.
        let wholly = intent.share && silent && intent.groups.is_empty() && intent.filters.is_empty();
        let wholly = wholly && intent.when.is_empty() && !intent.overview;
        let odd = [
            wholly,
            lone,
            vague,
            !vague && silent && intent.groups_nothing(),
            intent.agg.is_some() && silent,
            ranked,
            intent.filters.iter().any(same),
            alone,
            unfounded,
        ];
        odd.iter().filter(|o| **o).count() as u32 * ODD + u32::from(!built) * FAILED
    }

    /// Whether all its groups are steps of time.
    fn timed(&self, intent: &Intent) -> bool {
        let time = |g: &Group| g.field.is_none_or(|f| matches!(self.data.fields[f].role, Role::Time | Role::Part(_)));
        intent.groups.iter().all(time)
    }

    /// Whether something in the prompt is not understood in any sense.
    pub fn is_unclear(&self) -> bool {
        self.strain >= FAILED
    }

    /// Whether its words do not go together as they stand.
    pub fn is_strained(&self) -> bool {
        self.strain > 0
    }

    /// Fewest words unknown, most known; and no table looked up that nothing is asked of.
    pub fn fitness(&self) -> (Reverse<u32>, usize, u32, usize, usize, Reverse<usize>, Reverse<usize>) {
        // A name says more than the key it is looked up by.
        let key = |g: &Group| {
            let name = g.field.and_then(|f| self.data.fields[f].words.last());
            name.is_some_and(|w| matches!(w.lower.as_str(), "id" | "key" | "code"))
        };
        let keys = self.intents.iter().flat_map(|i| &i.groups).filter(|g| key(g)).count();
        let matched: u32 = self.intents.iter().map(|i| i.matched).sum();
        let strain = Reverse(self.strain);
        (strain, self.named, matched, self.covered, self.exact, Reverse(keys), Reverse(self.data.joins.len()))
    }

    /// Whether the prompt leaves open what to show.
    pub fn is_open(&self) -> bool {
        // Two values or periods side by side are a question of their own.
        let compares = |i: &Intent| {
            let named = (i.rows || !i.asks.is_empty()) && !i.filters.is_empty() && !i.overview;
            let several = i.filters.iter().any(|p| p.op == Op::In && p.values.len() > 1) && !i.overview;
            i.exact || named || !i.periods.is_empty() || several
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
    pub fn focus(&self) -> Intent {
        let mut focus = Intent::default();
        for intent in self.intents.iter().filter(|i| i.unknown.is_empty()) {
            for ask in &intent.asks {
                focus.add_ask(ask.clone());
            }
            intent.groups.iter().for_each(|g| focus.add_group(*g));
            focus.add_filters(intent.filters.clone());
        }
        focus
    }
}

/// Whether a part of a prompt says how something is to be shown.
fn is_specific(intent: &Intent) -> bool {
    let grouped = intent.by || intent.chart.is_some() || intent.rank.is_some() || !intent.asks.is_empty();
    !intent.groups.is_empty() && grouped
        || intent.chart.is_some()
        || intent.distribution
        || intent.correlation
        || intent.rank.is_some()
}

/// Choices of one sense for each item, the cheapest first.
fn senses(items: &[Item], candidates: &[Candidate]) -> Vec<Sense> {
    let mut open = vec![Sense { at: 0, items: Vec::new(), price: 0, notes: Vec::new() }];
    for (at, item) in items.iter().enumerate() {
        let (here, mut next): (Vec<Sense>, Vec<Sense>) = open.into_iter().partition(|s| s.at == at);
        for mut sense in here {
            for one in candidates.iter().filter(|c| c.from == at && sense.price % LEFT + c.price <= SUPPOSED_MAX) {
                let items = sense.items.iter().chain(&one.items).cloned().collect();
                let notes = sense.notes.iter().chain(&one.note).cloned().collect();
                next.push(Sense { at: one.to, items, price: sense.price + one.price, notes });
            }
            sense.price += if matches!(item.meaning, Meaning::Unknown(_)) { LEFT } else { 0 };
            sense.items.push(item.clone());
            sense.at = at + 1;
            next.push(sense);
        }
        next.sort_by_key(|s| s.price);
        next.truncate(BEAM);
        open = next;
    }
    open
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    fn text(name: &str, distinct: u64, top: &[&str]) -> Column {
        let top = top.iter().map(|t| json!(t)).collect();
        Column { name: name.into(), kind: ColumnType::Text, nulls: 0, distinct, min: None, max: None, mean: None, top }
    }

    fn between(name: &str, kind: ColumnType, distinct: u64, min: Value, max: Value) -> Column {
        let (min, max) = (Some(min), Some(max));
        Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean: None, top: Vec::new() }
    }

    fn figure(name: &str, distinct: u64, min: i64, max: i64) -> Column {
        between(name, ColumnType::Integer, distinct, json!(min), json!(max))
    }

    /// The query of the only card, and what its description says.
    fn shown(prompt: &str, name: &str, rows: u64, columns: &[Column]) -> (String, String) {
        let dataset = Dataset { name: name.into(), rows, columns: columns.to_vec() };
        let plan = crate::plan(prompt, &[dataset], None);
        assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
        (plan.goals[0].query.sql(), plan.goals[0].description.clone())
    }

    #[test]
    fn unknown_words_have_the_sense_in_which_all_go_together() {
        let graded = between("grading_date", ColumnType::Date, 300, json!("2010-01-01"), json!("2018-12-31"));
        let columns = [text("country", 30, &["Peru", "Kenya"]), graded, figure("moisture", 20, 0, 30)];
        let (sql, said) = shown("samples graded per year", "coffee_ratings", 1_300, &columns);
        assert!(sql.contains("COUNT(*)") && sql.contains("'year', \"grading_date\""), "{sql}");
        assert!(said.contains("“samples” is taken to mean the rows of the data."), "{said}");

        let years = figure("yearID", 120, 1900, 2020);
        let columns = [years, text("name", 60, &["Cubs"]), figure("W", 90, 0, 116), figure("HR", 200, 0, 300)];
        let columns = [columns.as_slice(), &[figure("L", 90, 0, 116)]].concat();
        let (sql, _) = shown("top 5 teams by wins", "teams", 2_900, &columns);
        assert!(sql.contains("SUM(\"W\")") && sql.contains("\"name\""), "{sql}");
        let (sql, _) = shown("home runs per season", "teams", 2_900, &columns);
        assert!(sql.contains("SUM(\"HR\")") && sql.contains("\"yearID\""), "{sql}");
    }

    #[test]
    fn a_number_is_of_the_one_figure_it_can_be_of() {
        let columns = [text("org", 3, &["Morgan"]), figure("ALP", 40, 30, 50), figure("sampleSize", 90, 500, 4_000)];
        let (sql, said) = shown("polls with more than 2000 people asked", "election_polling", 240, &columns);
        assert!(sql.contains("\"sampleSize\" > 2000"), "{sql}");
        assert!(said.contains("sample size"), "{said}");
    }

    #[test]
    fn single_rows_show_their_figure_instead_of_their_count() {
        let columns = [
            text("name", 52, &["Ohio", "Puerto Rico"]),
            text("group", 10, &["low", "high"]),
            between("pct", ColumnType::Number, 165, json!(0.006), json!(0.289)),
            figure("total", 52, 222_679, 12_581_722),
        ];
        let (sql, said) = shown("Puerto Rico by group", "income", 520, &columns);
        assert!(sql.contains("\"pct\"") && !sql.contains("COUNT"), "{sql}");
        assert!(said.contains("Nothing said which figure"), "{said}");
    }

    #[test]
    fn what_carries_meaning_is_not_left_out() {
        let columns = [text("sex", 2, &["F", "M"]), figure("age", 60, 50, 99), text("chapter", 16, &["Neoplasms"])];
        for prompt in ["tax revenue by sex", "average age by cause", "wages by chapter"] {
            let dataset = Dataset { name: "patients".into(), rows: 7_000, columns: columns.to_vec() };
            let plan = crate::plan(prompt, &[dataset], None);
            assert!(plan.clarification.is_some(), "{prompt}: {plan:#?}");
        }
    }

    #[test]
    fn ranges_are_as_wide_as_it_is_said() {
        let columns = [figure("salary", 300, 50_000, 230_000), figure("age", 60, 20, 80)];
        for prompt in ["average salary by age in steps of 10", "average salary by 10 year age bands"] {
            let (sql, _) = shown(prompt, "salaries", 400, &columns);
            assert!(sql.contains("/ 10.0) * 10.0"), "{prompt}: {sql}");
        }
    }
}
