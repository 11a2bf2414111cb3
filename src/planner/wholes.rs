//! What columns of a dataset say together: parts that add up to a total, years that rows begin in.

use super::fields::{Data, Field, Part, Role, Word};
use super::roles::is_averaged;
use super::words::{name_words, stem};
use vizroom_protocol::file::ColumnType;

/// Words of a dataset's name that tell nothing of its rows.
const GENERIC: &str =
    "table data dataset list all counts count stats statistics summary tally by of the final clean raw";

/// Columns that have a letter before another one's name, for the letter to be a word.
const PREFIXED_MIN: usize = 3;

/// What an event's year is called by, where a table has no dates.
const BEGINS: &str =
    "start begin event release released launch season model publication published survey fiscal calendar report";

/// What lasts from a year on.
const LASTING: &str = "built build birth born renovated renovation construction opened founded established end";

/// Works out what single columns do not tell by themselves.
pub fn tell(data: &mut Data<'_>) {
    if let Some(whole) = whole(data) {
        for part in parts(data, whole) {
            data.fields[part].role = Role::Sum;
        }
        if let Some(noun) = noun(data) {
            data.fields[whole].label = super::text::plural(&super::text::singular(&noun));
        }
    }
    prefixed(data);
    for field in extents(data) {
        data.fields[field].role = Role::Sum;
    }
    for part in parts_of_totals(data) {
        data.fields[part].role = Role::Sum;
    }
    let dated = data.fields.iter().any(|f| matches!(f.role, Role::Time | Role::Part(Part::Year)));
    numbered_steps(data, dated);
    let holds = |f: &Field<'_>| {
        let year = (f.words.len() > 1 || f.column.name.len() > 4) && f.words.iter().any(|w| w.lower == "year");
        year && f.is_number() && f.max().is_some_and(|m| (1500.0..=2200.0).contains(&m))
    };
    let recent = |f: &Field<'_>| f.min().is_some_and(|m| m >= 1000.0);
    let of = |f: &Field<'_>, list: &str| f.words.iter().any(|w| super::lists::has(list, &w.lower));
    let begins = data.fields.iter().position(|f| holds(f) && of(f, BEGINS));
    // The only years there are tell when, but for those of a birth or of a building.
    let mut others = (0..data.fields.len()).filter(|&i| holds(&data.fields[i]) && recent(&data.fields[i]));
    let only = others.next().filter(|&i| others.next().is_none() && !of(&data.fields[i], LASTING));
    if let Some(year) = begins.or(only).filter(|_| !dated) {
        data.fields[year].role = Role::Part(Part::Year);
        // `yearID` is the year.
        if let [first, last] = data.fields[year].words.as_slice()
            && first.lower == "year"
            && matches!(last.lower.as_str(), "id" | "number" | "code" | "key")
        {
            data.fields[year].words.truncate(1);
            data.fields[year].heads = vec![0];
            data.fields[year].label = "year".into();
        }
    }
}

/// `study_day`, `day` up to 365, `week`: numbers that tell when, where nothing else does.
fn numbered_steps(data: &mut Data<'_>, dated: bool) {
    const FEW: u64 = 7;
    const MANY: f64 = 5_000.0;
    let known = |p: Part| data.fields.iter().any(|f| f.role == Role::Part(p));
    if dated || known(Part::Month) {
        return;
    }
    for (part, name) in [(Part::Day, "day"), (Part::Week, "week")] {
        let counts = |f: &Field<'_>| {
            let called = f.words.len() <= 2 && f.words.last().is_some_and(|w| w.lower == name);
            let free = matches!(f.role, Role::Mean | Role::Sum | Role::Ordinal);
            let positive = f.min().is_some_and(|m| m >= -100.0) && f.max().is_some_and(|m| m <= MANY);
            called && free && positive && f.column.kind == ColumnType::Integer && f.column.distinct > FEW
        };
        if known(part) {
            return;
        }
        if let Some(at) = data.fields.iter().position(counts) {
            data.fields[at].role = Role::Part(part);
            return;
        }
    }
}

impl Data<'_> {
    /// The figure that is meant where none is named: the only one, or the one whose name says no more than that.
    pub fn main_measure(&self) -> Option<usize> {
        const NAMES: [&str; 3] =
            ["total score rating points grade", "amount value sales revenue price count", "volume population"];
        let figure = |i: &usize| {
            let field = &self.fields[*i];
            matches!(field.role, Role::Sum | Role::Mean) && !field.joined && !field.holds_years()
        };
        let called = |names: &str| {
            let is = |i: &usize| self.fields[*i].words.iter().any(|w| super::lists::has(names, &w.lower));
            let mut found = (0..self.fields.len()).filter(|i| figure(i) && is(i));
            found.next().filter(|_| found.next().is_none())
        };
        let whole = || encompassing(self, |i| figure(&i));
        self.only_measure().or_else(whole).or_else(|| NAMES.into_iter().find_map(called))
    }
}

/// The one of some figures that holds the others: `total`, `overall`.
pub fn encompassing(data: &Data<'_>, of: impl Fn(usize) -> bool) -> Option<usize> {
    let all = |i: &usize| data.fields[*i].words.iter().any(|w| matches!(w.lower.as_str(), "total" | "overall"));
    let mut found = (0..data.fields.len()).filter(|i| of(*i) && all(i));
    found.next().filter(|_| found.next().is_none())
}

/// The figure of single rows, where the groups and the values that are chosen tell each row apart: counting them says
/// nothing.
pub fn varying(data: &Data<'_>, intent: &super::intent::Intent) -> Option<usize> {
    let groups: Vec<usize> = intent.groups.iter().map(|g| g.field).collect::<Option<Vec<usize>>>()?;
    let chosen = intent.filters.iter().filter(|p| p.op == super::query::Op::In && p.part.is_none());
    let mut chosen: Vec<usize> = chosen.filter_map(|p| data.index(p.source.column()?)).collect();
    chosen.retain(|c| !groups.contains(c));
    chosen.truncate(4);
    let named = |k: &usize| matches!(data.fields[*k].role, Role::Category | Role::Label) && !data.fields[*k].joined;
    if groups.is_empty() || !groups.iter().chain(&chosen).all(named) {
        return None;
    }
    let distinct = |i: usize| data.fields[i].column.distinct;
    // Some of the values chosen may only say more of what others tell apart already.
    let keys = (0..1usize << chosen.len()).find_map(|picked| {
        let more = chosen.iter().enumerate().filter(|(n, _)| (picked >> n) & 1 == 1).map(|(_, c)| *c);
        let keys: Vec<usize> = groups.iter().copied().chain(more).collect();
        let product = keys.iter().map(|&k| distinct(k)).product::<u64>();
        let rows = data.dataset.rows;
        (keys.len() > 1 && (rows * 9 / 10..=rows * 11 / 10).contains(&product)).then_some(keys)
    })?;
    let most = keys.iter().map(|&k| distinct(k)).max()?;
    let figure = |i: &usize| matches!(data.fields[*i].role, Role::Sum | Role::Mean) && !data.fields[*i].joined;
    let mut found = (0..data.fields.len()).filter(|i| figure(i) && distinct(*i) > most);
    found.next().filter(|_| found.next().is_none())
}

/// The column `total` of a table whose other columns are its parts: gold, silver and bronze.
pub fn whole(data: &Data<'_>) -> Option<usize> {
    let total = |f: &Field<'_>| matches!(f.words.as_slice(), [one] if one.lower == "total") && is_count(f) && !f.joined;
    // Of what has a name of its own, a total is one of its points, not how many there are.
    let named = |i: usize| super::roles::has(&data.fields[i].words, "name title") && data.names_each(i);
    let whole = data.fields.iter().position(total)?;
    (!(0..data.fields.len()).any(named) && parts(data, whole).len() >= 2).then_some(whole)
}

/// What counts has no fractions: a total of dollars is none.
fn is_count(field: &Field<'_>) -> bool {
    field.column.kind == vizroom_protocol::file::ColumnType::Integer
}

/// `CHits` and `CRuns` beside `Hits` and `Runs`: a letter before several columns' names is short for a word.
fn prefixed(data: &mut Data<'_>) {
    let lower: Vec<String> = data.fields.iter().map(|f| f.column.name.to_lowercase()).collect();
    let base = |i: usize| {
        let mut rest = lower[i].chars();
        let letter = rest.next().filter(char::is_ascii_alphabetic)?;
        Some((letter, lower.iter().position(|other| other == rest.as_str())?))
    };
    let found: Vec<(usize, char, usize)> =
        (0..lower.len()).filter_map(|i| base(i).map(|(letter, of)| (i, letter, of))).collect();
    for (field, letter, of) in &found {
        if found.iter().filter(|(_, l, _)| l == letter).count() < PREFIXED_MIN {
            continue;
        }
        let short = Word { lower: format!("{letter}…"), stem: format!("{letter}…") };
        let words: Vec<Word> = std::iter::once(short).chain(data.fields[*of].words.iter().cloned()).collect();
        let label = format!("{} {}", letter.to_ascii_uppercase(), data.fields[*of].label);
        let field = &mut data.fields[*field];
        field.heads = vec![words.len() - 1];
        (field.words, field.label) = (words, label);
    }
}

/// Areas of places, of which each is told once, add up to those of their regions.
fn extents(data: &Data<'_>) -> Vec<usize> {
    const PLACES: &str = "country nation state province county municipality island park lake";
    let place = |f: &Field<'_>| {
        let named = matches!(f.words.as_slice(), [one] if super::lists::has(PLACES, &one.lower));
        named && f.column.distinct * 10 >= data.dataset.rows * 9
    };
    let area = |f: &Field<'_>| f.role == Role::Mean && matches!(f.words.as_slice(), [one] if one.lower == "area");
    let places = data.fields.iter().any(place);
    (0..data.fields.len()).filter(|&i| places && area(&data.fields[i])).collect()
}

/// `small_bags` and `large_bags` beside `total_bags`: what there is a total of adds up.
fn parts_of_totals(data: &Data<'_>) -> Vec<usize> {
    let fields = &data.fields;
    let total = |f: &&Field<'_>| matches!(f.words.as_slice(), [first, _] if first.lower == "total") && f.is_number();
    let nouns: Vec<&str> = fields.iter().filter(total).map(|f| f.words[1].stem.as_str()).collect();
    let of = |f: &Field<'_>| f.words.len() > 1 && f.words.last().is_some_and(|w| nouns.contains(&w.stem.as_str()));
    let adds = |f: &Field<'_>| f.role == Role::Mean && !is_averaged(&f.words) && f.min().is_some_and(|m| m >= 0.0);
    (0..fields.len()).filter(|&i| of(&fields[i]) && adds(&fields[i])).collect()
}

fn parts(data: &Data<'_>, whole: usize) -> Vec<usize> {
    let total = &data.fields[whole];
    let part = |i: &usize| {
        let f = &data.fields[*i];
        let within = f.min().zip(f.max()).zip(total.max()).is_some_and(|((min, max), most)| min >= 0.0 && max <= most);
        let adds = matches!(f.role, Role::Sum | Role::Mean | Role::Ordinal) && !is_averaged(&f.words);
        *i != whole && f.column.kind == total.column.kind && within && adds && f.words.len() == 1 && !f.joined
    };
    (0..data.fields.len()).filter(part).collect()
}

/// What the total is of: `medals` in `medal_table`.
fn noun(data: &Data<'_>) -> Option<String> {
    let words = name_words(&data.dataset.name);
    words.into_iter().rev().find(|w| !super::lists::has(GENERIC, w) && w.chars().all(char::is_alphabetic))
}

/// Whether the word is what the total is of.
pub fn names_whole(data: &Data<'_>, said: &str) -> Option<usize> {
    let whole = whole(data)?;
    (stem(&noun(data)?) == said).then_some(whole)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    fn figure(name: &str) -> Column {
        let (min, max) = (Some(json!(0)), Some(json!(900)));
        Column {
            name: name.into(),
            kind: ColumnType::Number,
            nulls: 0,
            distinct: 400,
            min,
            max,
            mean: Some(300.5),
            top: Vec::new(),
        }
    }

    fn sql(prompt: &str, columns: &[&str]) -> String {
        let group =
            Column { kind: ColumnType::Text, distinct: 2, top: vec![json!("A"), json!("B")], ..figure("league") };
        let columns = columns.iter().map(|c| figure(c)).chain([group]).collect();
        let plan = crate::plan(prompt, &[Dataset { name: "table".into(), rows: 900, columns }], None);
        assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
        plan.goals[0].query.sql()
    }

    #[test]
    fn a_letter_before_several_names_is_a_word() {
        let columns = ["Hits", "Runs", "Walks", "CHits", "CRuns", "CWalks"];
        assert!(sql("average career hits by league", &columns).contains("AVG(\"CHits\")"));
        assert!(sql("average hits by league", &columns).contains("AVG(\"Hits\")"));
    }

    #[test]
    fn parts_of_a_total_add_up_and_share_their_noun() {
        let sql =
            sql("small, large and x large bags by league", &["total_bags", "small_bags", "large_bags", "x_large_bags"]);
        for part in ["small_bags", "large_bags", "x_large_bags"] {
            assert!(sql.contains(&format!("SUM(\"{part}\")")), "{sql}");
        }
    }
}
