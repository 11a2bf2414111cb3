//! Columns and what they are good for.

use serde_json::Value;
use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::grown::words_of;
use super::known::Worked;
use super::lookups::Joined;
use super::naming::{is_connector, is_weak_head, label, parted, split_unit};
use super::query::{Join, Op, Predicate, Product, Source, Spelling};
use super::roles::{has, role, truths};
use super::turned::Turned;
use super::vocabulary::ABBREVIATIONS;
use super::words::{Token, stem};

/// What a column is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Time,
    /// A part of a date in a column of its own.
    Part(Part),
    /// A number whose sum means something: sales, deaths.
    Sum,
    /// A number whose average means something: price, temperature.
    Mean,
    /// Few whole numbers, good for grouping and for averaging: cylinders.
    Ordinal,
    Category,
    Flag,
    /// Names one thing each; good for counting distinct ones.
    Id,
    /// Nearly a value a row: names, free text.
    Label,
    /// Latitude, longitude, clock times written as numbers: no measure, no group.
    Other,
}

/// Parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Year,
    Quarter,
    Month,
    Week,
    Weekday,
    Day,
    Hour,
}

/// A word of a column's name, ready to compare.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    pub lower: String,
    pub stem: String,
}

impl Word {
    /// The word of a token, whose stem is known.
    pub fn of(token: &Token) -> Self {
        if ABBREVIATIONS.iter().any(|(short, _)| *short == token.lower) {
            return Self::new(&token.lower);
        }
        Self { lower: token.lower.clone(), stem: token.stem.clone() }
    }

    /// With abbreviations written out.
    pub fn new(lower: &str) -> Self {
        let full = ABBREVIATIONS.iter().find(|(short, _)| *short == lower).map_or(lower, |(_, full)| full);
        Self { lower: full.to_owned(), stem: stem(full) }
    }
}

/// A column with what the planner worked out about it.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    pub column: &'a Column,
    pub role: Role,
    /// The name's words that carry meaning, abbreviations written out.
    pub words: Vec<Word>,
    /// Which of the words name the thing itself; the others qualify it.
    pub heads: Vec<usize>,
    /// The years that its name says it is of: one, or the first and the last.
    pub years: Vec<i64>,
    /// For a person, in lower case: `departure delay`.
    pub label: String,
    /// From the name: `lbs`, `$`.
    pub unit: Option<String>,
    /// Looked up in another table.
    pub joined: bool,
    /// Looked up there by several rows, so that adding it up would count it as often.
    pub repeated: bool,
    /// How its texts spell periods, where they do.
    pub spelled: Option<Spelling>,
    /// Values that stand for an absent one: `NA`.
    pub absent: Vec<Value>,
}

/// A dataset with its fields.
#[derive(Clone, Debug)]
pub struct Data<'a> {
    pub dataset: &'a Dataset,
    pub fields: Vec<Field<'a>>,
    /// Where the columns that the dataset itself does not have come from.
    pub joins: &'a [Join],
    /// Which of its columns are worked out of others.
    pub products: &'a [Product],
    /// Which of its columns tell of several years, row by row.
    pub turned: Option<&'a Turned>,
    /// What the prompt calls the rows.
    pub noun: Option<String>,
    /// What has been worked out of it so far.
    pub worked: Worked,
}

impl<'a> Data<'a> {
    pub fn new(dataset: &'a Dataset) -> Self {
        let mut data = Self {
            dataset,
            fields: dataset.columns.iter().map(|c| Field::new(c, dataset)).collect(),
            joins: &[],
            products: &[],
            turned: None,
            noun: None,
            worked: Worked::default(),
        };
        super::wholes::tell(&mut data);
        data.worked = Worked::default();
        data
    }

    /// With the columns of other tables.
    pub fn joined(joined: &'a Joined) -> Self {
        let mut data = Self {
            joins: &joined.joins,
            products: &joined.products,
            turned: joined.turned.as_ref(),
            ..Self::new(&joined.dataset)
        };
        let rows = joined.dataset.rows;
        for at in 0..data.fields.len() {
            let name = &data.fields[at].column.name;
            let Some(join) = joined.joins.iter().find(|j| j.takes.iter().any(|t| t.name == *name)) else { continue };
            let key = joined.dataset.columns.iter().find(|c| c.name == join.column);
            let field = &mut data.fields[at];
            field.joined = true;
            field.repeated = key.is_none_or(|k| k.distinct < rows);
            if field.repeated && field.role == Role::Sum {
                field.role = Role::Mean;
            }
        }
        data.worked = Worked::default();
        data
    }

    /// What a click on a value of this column filters by: the column, by the name that its own table has for it.
    pub fn filter_name(&self, column: &str) -> Option<String> {
        let joined = self.index(column).is_some_and(|i| self.fields[i].joined);
        let told = self.turned.is_some_and(|t| t.names().any(|name| name == column));
        let product = told || self.products.iter().any(|p| p.name == column);
        let own = || self.joins.iter().flat_map(|j| &j.takes).any(|t| t.name == column && t.column == column);
        (!product && (!joined || own())).then(|| column.to_owned())
    }

    /// The one figure that the rows hold, where there is but one: what is meant where none is named.
    pub fn only_measure(&self) -> Option<usize> {
        let mut measures = (0..self.fields.len())
            .filter(|&i| matches!(self.fields[i].role, Role::Sum | Role::Mean) && !self.fields[i].joined)
            .filter(|&i| !self.fields[i].holds_years());
        measures.next().filter(|_| measures.next().is_none())
    }

    /// The figure that counts what each row stands for, where rows are counted already: `count` in a table of counts,
    /// `people` in one called `population`.
    pub fn counter(&self) -> Option<usize> {
        // A row for each year of a row is nothing to count.
        if let Some(figure) = self.turned.and_then(|t| self.index(&t.figures.first()?.name)) {
            return Some(figure).filter(|&f| self.fields[f].role == Role::Sum);
        }
        let noun = self.dataset.name.to_lowercase();
        let counts = |f: &Field<'_>| {
            let [one] = f.words.as_slice() else { return false };
            let count = matches!(one.lower.as_str(), "count" | "frequency" | "number")
                || one.lower == "total" && self.tells_of_others();
            f.role == Role::Sum && (count || super::likeness::synonymous(&noun, one))
        };
        self.fields.iter().position(counts).or_else(|| super::wholes::whole(self))
    }

    /// Whether each row tells of something else than the table is called by: `murders` with a row a state.
    fn tells_of_others(&self) -> bool {
        const NAMES: [&str; 3] = ["name", "title", "id"];
        let noun = stem(&self.dataset.name);
        let other = |f: &Field<'_>| match f.words.as_slice() {
            [one] => one.stem != noun && !NAMES.contains(&one.lower.as_str()),
            _ => false,
        };
        let each = |i: usize| self.fields[i].role != Role::Id && self.names_each(i) && other(&self.fields[i]);
        self.dataset.name.ends_with('s') && (0..self.fields.len()).any(each)
    }

    /// Whether the column names each row, or nearly each: `airline` in a table of airlines.
    pub fn names_each(&self, field: usize) -> bool {
        let (field, rows) = (&self.fields[field], self.dataset.rows);
        let names = matches!(field.role, Role::Label | Role::Id | Role::Category);
        // Of what has no time, two may have one name: counties of several states.
        let timeless = || !self.fields.iter().any(|f| matches!(f.role, Role::Time | Role::Part(_)));
        let nearly = field.column.distinct * 10 >= rows * 9 || field.role == Role::Label && timeless();
        names && !field.joined && rows > 1 && nearly
    }

    /// The column of names of which several rows tell: `name` in `pizza`, a row a day and pizza.
    pub fn named_kinds(&self) -> Option<usize> {
        let noun = stem(&self.dataset.name);
        let named = |f: &Field<'_>| match f.words.as_slice() {
            [one] => matches!(one.lower.as_str(), "name" | "title"),
            [first, last] => first.stem == noun && matches!(last.lower.as_str(), "name" | "title"),
            _ => false,
        };
        let own = self.fields.iter().position(|f| f.role == Role::Category && named(f) && self.tells_several(f));
        own.or_else(|| self.named_people().filter(|&f| self.fields[f].words.iter().any(|w| w.lower == "name")))
    }

    /// Whether the column, where it holds names, has several rows for each.
    fn tells_several(&self, field: &Field<'_>) -> bool {
        let names = matches!(field.role, Role::Category | Role::Label) && !field.joined;
        names && field.column.distinct > 1 && field.column.distinct * 2 <= self.dataset.rows
    }

    /// The column that names people of whom several rows tell each: `player`, `person_full_name`.
    pub fn named_people(&self) -> Option<usize> {
        let person = |w: &Word| super::nouns::names_person(&w.lower);
        let small = |w: &Word| matches!(w.lower.as_str(), "full" | "name");
        let named = |f: &Field<'_>| f.words.iter().any(person) && f.words.iter().all(|w| person(w) || small(w));
        let text = |f: &Field<'_>| f.column.kind == ColumnType::Text && self.tells_several(f);
        self.fields.iter().position(|f| text(f) && named(f))
    }

    /// The field of a column's name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.column.name == name)
    }

    /// The field that is called as the dataset is, or means the same: `job` in `jobs`, `symbol` in `stocks`.
    pub fn namesake(&self) -> Option<usize> {
        let name = stem(&self.dataset.name);
        let grouping = |f: &Field<'_>| matches!(f.role, Role::Category | Role::Label);
        let called = |f: &Field<'_>, same: &dyn Fn(&Word) -> bool| {
            grouping(f) && matches!(f.words.as_slice(), [one] if same(one))
        };
        let noun = self.dataset.name.to_lowercase();
        let exactly = self.fields.iter().position(|f| called(f, &|w| w.stem == name));
        exactly.or_else(|| self.fields.iter().position(|f| called(f, &|w| super::likeness::synonymous(&noun, w))))
    }

    /// The field that holds this part of dates.
    pub fn part(&self, part: Part) -> Option<usize> {
        self.fields.iter().position(|f| f.role == Role::Part(part))
    }

    /// Where a full date comes from: calendar columns together, else the best time column.
    ///
    /// The columns win over a timestamp beside them: they are the local calendar, while the timestamp may be in UTC.
    pub fn date(&self) -> Option<Source> {
        let year = self.part(Part::Year);
        let month = self.part(Part::Month);
        let whole = |f: &&Field<'_>| {
            f.role == Role::Time && f.column.kind == ColumnType::Date && f.column.nulls == 0 && !f.joined
        };
        if let (Some(year), Some(month), Some(day), None) =
            (year, month, self.part(Part::Day), self.fields.iter().find(whole))
        {
            return Some(self.parts(year, month, Some(day)));
        }
        let times = self.fields.iter().filter(|f| f.role == Role::Time);
        let ended = times.clone().any(|f| has(&f.words, ENDS));
        if let Some(time) = times.min_by_key(|f| (f.column.nulls, is_bookkeeping(&f.label, ended), has(&f.words, ENDS)))
        {
            return Some(time.source());
        }
        Some(self.parts(year?, month?, None))
    }

    fn parts(&self, year: usize, month: usize, day: Option<usize>) -> Source {
        let name = |i: usize| self.fields[i].column.name.clone();
        Source::Parts { year: name(year), month: name(month), day: day.map(name) }
    }
}

/// Letters of a text that is no name.
const LONG_TEXT: usize = 60;

/// What the time is called that something is over at.
const ENDS: &str =
    "end ended finish finished close closed complete completed resolve resolved stop stopped return returned";

/// When the row was written rather than when it happened; what was created and has ended began then.
fn is_bookkeeping(label: &str, ended: bool) -> bool {
    ["updated", "modified", "loaded"].iter().any(|w| label.contains(w)) || !ended && label.contains("created")
}

impl<'a> Field<'a> {
    fn new(column: &'a Column, dataset: &Dataset) -> Self {
        let (core, unit) = split_unit(&column.name);
        let names: Vec<String> = words_of(&core, dataset).into_iter().flat_map(parted).collect();
        let (names, years) = super::years::parted(names);
        let of = names.iter().position(|w| matches!(w.as_str(), "of" | "at"));
        let words: Vec<Word> = names.iter().filter(|w| !is_connector(w)).map(|w| Word::new(w)).collect();
        // `Type 1`: the number is no head.
        let digits = |w: &Word| w.lower.chars().all(|c| c.is_ascii_digit());
        let last = words.iter().rposition(|w| !digits(w)).unwrap_or(words.len().saturating_sub(1));
        let heads = match of {
            Some(at) => (0..at.max(1).min(words.len())).collect(),
            None if words.get(last).is_some_and(|w| is_weak_head(&w.lower)) => (0..words.len()).collect(),
            // Of a name that says nothing, as `a`, nothing is the head.
            None => (last..words.len().min(last + 1)).collect(),
        };
        let spelled = super::spelled::spelling(column);
        let role = if spelled.is_some() { Role::Time } else { role(column, &words, dataset) };
        let absent = absent(column, &words);
        Self {
            column,
            role,
            words,
            heads,
            years,
            label: label(&core, dataset),
            unit,
            joined: false,
            repeated: false,
            absent,
            spelled,
        }
    }

    /// Whether rows may have no value here.
    pub fn may_lack(&self) -> bool {
        self.column.nulls > 0 || self.joined
    }

    /// The condition that leaves out values that stand for an absent one.
    pub fn present(&self) -> Option<Predicate> {
        let one = || Predicate { source: self.source(), part: None, op: Op::NotIn, values: self.absent.clone() };
        (!self.absent.is_empty()).then(one)
    }

    pub fn source(&self) -> Source {
        let name = self.column.name.clone();
        match self.spelled {
            Some(form) => Source::Spelled { name, form },
            None => Source::Column { name, kind: self.column.kind },
        }
    }

    /// Whether its texts are written freely: words of theirs are no names of anything.
    pub fn is_free_text(&self) -> bool {
        const FREE: &str =
            "keywords keyword description comment comments notes remarks tags url link wikipedia summary";
        let written = |w: &String| super::lists::has(FREE, w);
        let names = super::words::name_words(&self.column.name.to_lowercase());
        let long = |v: &&Value| v.as_str().is_some_and(|t| t.len() > LONG_TEXT);
        let top = &self.column.top;
        let sentences = self.role == Role::Label && top.iter().filter(long).count() * 2 > top.len();
        self.spelled.is_some()
            || self.column.kind == ColumnType::Text
                && self.column.distinct > 12
                && (sentences || names.iter().any(written))
    }

    pub fn is_number(&self) -> bool {
        matches!(self.column.kind, ColumnType::Integer | ColumnType::Number)
    }

    /// The value that says yes, or the one that says no.
    pub fn truth(&self, yes: bool) -> Option<Value> {
        let (truth, falsity) = truths(self.column)?;
        Some(if yes { truth } else { falsity })
    }

    /// Whether it can be summed or averaged to a sensible figure.
    pub fn is_measure(&self) -> bool {
        matches!(self.role, Role::Sum | Role::Mean | Role::Ordinal)
    }

    /// Whether rows can be grouped by its values as they are.
    pub fn is_dimension(&self) -> bool {
        matches!(
            self.role,
            Role::Category | Role::Flag | Role::Ordinal | Role::Part(_) | Role::Id | Role::Label | Role::Time
        )
    }

    pub fn min(&self) -> Option<f64> {
        self.column.min.as_ref().and_then(Value::as_f64)
    }

    pub fn max(&self) -> Option<f64> {
        self.column.max.as_ref().and_then(Value::as_f64)
    }

    /// Whether its numbers are years: `year_built`.
    pub fn holds_years(&self) -> bool {
        let years = self.max().is_some_and(|m| (1500.0..=2200.0).contains(&m));
        self.column.kind == ColumnType::Integer && years && has(&self.words, "year")
    }

    /// Whether its numbers are parts of one, to be shown as per cent.
    pub fn is_fraction(&self) -> bool {
        let within = matches!((self.min(), self.max()), (Some(min), Some(max)) if min >= -1.0 && max <= 1.0);
        within
            && self.role == Role::Mean
            && has(&self.words, "rate ratio discount margin share percent probability perc")
    }
}

/// Whether a text says that there is no value.
pub fn is_absent(value: &Value) -> bool {
    value.as_str().is_some_and(|text| matches!(text, "NA" | "N/A" | "n/a" | "#N/A" | "NULL" | "null" | "NaN" | "nan"))
}

/// Values of a text column that stand for an absent one; `NA` between two-letter codes is a code itself.
fn absent(column: &Column, words: &[Word]) -> Vec<Value> {
    if column.kind != ColumnType::Text || has(words, "country region continent state province") {
        return Vec::new();
    }
    let code = |v: &Value| v.as_str().is_some_and(|t| t.len() == 2 && t.chars().all(|c| c.is_ascii_uppercase()));
    if column.top.len() > 1 && column.top.iter().all(code) {
        return Vec::new();
    }
    column.top.iter().filter(|v| is_absent(v)).cloned().collect()
}
