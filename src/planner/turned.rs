//! Figures that a table has in a column for each year, `population_1996` and `population_2001`, as rows: one for each of
//! the table's rows and years. So they can be told over time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::fields::{Data, Field};
use super::intent::{Group, Intent};
use super::lookups::Joined;
use super::query::{Op, Predicate};
use super::sql::quote;
use super::words::{Token, is};

/// As many years make a figure one that is told over time; two are compared.
const YEARS_MIN: usize = 3;

/// What the column of the years is called.
const YEAR: &str = "year";

/// Each row of a dataset once for each year, with the figures of that year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turned {
    /// The column that says which year; unlike any of the dataset's.
    pub year: String,
    pub figures: Vec<Yearly>,
}

/// A figure that has a column for each year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Yearly {
    /// Unlike any column of the dataset.
    pub name: String,
    /// The years, ascending, and the columns that hold the figure.
    pub columns: Vec<(i64, String)>,
}

/// The datasets that have such figures, as rows, where a sentence speaks of several years (what is said of one is in a
/// column already), or where they are `shown` so.
pub fn turned(datasets: &[Dataset], said: &[Token], shown: impl Fn(&str) -> bool) -> Vec<Joined> {
    // Most data has none, and looking closer takes a part of a plan.
    let dated = |c: &Column| c.name.bytes().filter(u8::is_ascii_digit).count() >= 4;
    let wide = datasets.iter().filter(|d| d.columns.iter().filter(|c| dated(c)).count() >= YEARS_MIN);
    let meant = |joined: &Joined| {
        // `change` of a column that is called so is none.
        let called = |t: &Token| {
            joined.dataset.columns.iter().any(|c| c.name != YEAR && c.name.to_lowercase().contains(&t.lower))
        };
        let words = || said.iter().filter(|t| t.number().is_some() || !called(t)).cloned().collect::<Vec<Token>>();
        shown(&joined.dataset.name) || joined.turned.as_ref().is_some_and(|turned| turned.is_asked(&words()))
    };
    wide.filter_map(of).filter(meant).collect()
}

fn of(dataset: &Dataset) -> Option<Joined> {
    let figures = figures(dataset);
    let free = |name: &str| !dataset.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name));
    if figures.is_empty() || !free(YEAR) || !figures.iter().all(|f| free(&f.name) && f.name != YEAR) {
        return None;
    }
    let told = |c: &&Column| figures.iter().any(|f| f.columns.iter().any(|(_, name)| *name == c.name));
    let mut columns: Vec<Column> = dataset.columns.iter().filter(|c| !told(c)).cloned().collect();
    let mut years: Vec<i64> = figures.iter().flat_map(|f| f.columns.iter().map(|(year, _)| *year)).collect();
    years.sort_unstable();
    years.dedup();
    columns.push(Column {
        name: YEAR.to_owned(),
        kind: ColumnType::Integer,
        nulls: 0,
        distinct: years.len() as u64,
        min: years.first().map(|y| json!(y)),
        max: years.last().map(|y| json!(y)),
        mean: None,
        top: years.iter().map(|y| json!(y)).collect(),
    });
    columns.extend(figures.iter().map(|f| whole(f, dataset)));
    let turned = Turned { year: YEAR.to_owned(), figures };
    let dataset = Dataset { name: dataset.name.clone(), rows: dataset.rows, columns };
    Some(Joined { dataset, joins: Vec::new(), products: Vec::new(), turned: Some(turned) })
}

/// Columns that differ by the year in their names only; those that are called by a year alone hold what the table is
/// called by.
fn figures(dataset: &Dataset) -> Vec<Yearly> {
    let data = Data::new(dataset);
    let mut out: Vec<Yearly> = Vec::new();
    for field in data.fields.iter().filter(|f| f.is_number()) {
        let Some((name, year)) = dated(field, dataset) else { continue };
        let column = (year, field.column.name.clone());
        match out.iter_mut().find(|f| f.name == name) {
            Some(figure) => figure.columns.push(column),
            None => out.push(Yearly { name, columns: vec![column] }),
        }
    }
    out.iter_mut().for_each(|f| f.columns.sort());
    out.retain(|f| f.columns.len() >= YEARS_MIN && f.columns.windows(2).all(|w| w[0].0 < w[1].0));
    out
}

fn dated(field: &Field<'_>, dataset: &Dataset) -> Option<(String, i64)> {
    match field.years.as_slice() {
        [year] if !field.words.is_empty() => {
            let words: Vec<&str> = field.words.iter().map(|w| w.lower.as_str()).collect();
            Some((words.join("_"), *year))
        }
        _ => {
            let year = field.column.name.trim_start_matches(['X', 'x', 'Y', 'y', '_']);
            let year = year.parse().ok().filter(|y| year.len() == 4 && (1800..=2100).contains(y))?;
            Some((dataset.name.to_lowercase(), year))
        }
    }
}

/// The column of a figure, as its years' columns say it.
fn whole(figure: &Yearly, dataset: &Dataset) -> Column {
    let named = |name: &String| dataset.columns.iter().find(|c| c.name == *name);
    let columns: Vec<&Column> = figure.columns.iter().filter_map(|(_, name)| named(name)).collect();
    let number = |v: &Option<Value>| v.as_ref().and_then(Value::as_f64);
    let integer = columns.iter().all(|c| c.kind == ColumnType::Integer);
    let told = |n: f64| if integer { json!(n as i64) } else { json!(n) };
    Column {
        name: figure.name.clone(),
        kind: if integer { ColumnType::Integer } else { ColumnType::Number },
        nulls: columns.iter().map(|c| c.nulls).sum(),
        distinct: columns.iter().map(|c| c.distinct).sum(),
        min: columns.iter().filter_map(|c| number(&c.min)).reduce(f64::min).map(told),
        max: columns.iter().filter_map(|c| number(&c.max)).reduce(f64::max).map(told),
        mean: None,
        top: Vec::new(),
    }
}

/// A figure of several years is never added up over them: they stay apart unless one is meant, or two are compared.
pub fn told_apart(data: &Data<'_>, intent: &mut Intent) {
    let Some(year) = data.turned.and_then(|turned| data.index(&turned.year)) else { return };
    let source = data.fields[year].source();
    let one = |p: &Predicate| p.source == source && p.op == Op::In && p.values.len() == 1;
    let apart = intent.groups.iter().any(|g| g.field == Some(year) || g.grain.is_some());
    if !apart && intent.periods.is_empty() && !intent.filters.iter().any(one) {
        intent.groups.insert(0, Group { field: Some(year), grain: None });
    }
}

impl Turned {
    /// Whether a sentence speaks of more than one year, or of years that only rows can tell.
    fn is_asked(&self, said: &[Token]) -> bool {
        const SPANS: &str = "years yearly annual annually trend trends history timeline evolution developed develop development decade decades";
        const GROWTH: &str = "grow grown grows grew growing growth shrink shrank shrunk shrinking increase increased decrease decreased \
            decline declined rise risen rose fall fallen fell change changed gain gained lose lost drop dropped";
        let at = |i: usize, list: &str| is(said.get(i), list);
        let year = |i: usize| said.get(i).and_then(|t| t.lower.parse().ok()).is_some_and(|y| self.tells_of(y));
        let said_of_several = |i: usize| {
            let each = at(i, "by per each every across year over through throughout") && at(i + 1, "year time");
            let since = at(i, "since from after before until") && year(i + 1);
            let span = year(i)
                && (at(i + 1, "to until till through") || said.get(i + 1).is_some_and(|t| t.is('-')))
                && year(i + 2);
            at(i, SPANS) || at(i, GROWTH) || each || since || span
        };
        let years = (0..said.len()).filter(|&i| year(i)).count();
        self.is_alone() || years > 2 || (0..said.len()).any(said_of_several)
    }

    /// Whether its columns are called by years and nothing else.
    fn is_alone(&self) -> bool {
        let names = |(year, name): &(i64, String)| name.len() <= 5 && name.ends_with(&year.to_string());
        self.figures.iter().flat_map(|f| &f.columns).all(names)
    }

    fn tells_of(&self, year: i64) -> bool {
        self.figures.iter().any(|f| f.columns.iter().any(|(y, _)| *y == year))
    }

    /// The names that are no columns of the dataset itself.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.year.as_str()).chain(self.figures.iter().map(|f| f.name.as_str()))
    }

    /// The dataset's rows with the columns that are `read`, under its own name.
    pub fn rows(&self, dataset: &str, read: &[&str]) -> String {
        let own = quote(dataset);
        let year = quote(&self.year);
        let figures: Vec<&Yearly> = self.figures.iter().filter(|f| read.contains(&f.name.as_str())).collect();
        let told = if figures.is_empty() { self.figures.iter().collect() } else { figures.clone() };
        let mut years: Vec<i64> = told.iter().flat_map(|f| f.columns.iter().map(|(year, _)| *year)).collect();
        years.sort_unstable();
        years.dedup();
        let mut columns: Vec<String> = vec![format!("\"all_years\".{year} AS {year}")];
        for name in read.iter().filter(|n| !self.names().any(|own| own == **n)) {
            let column = format!("{own}.{} AS {}", quote(name), quote(name));
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        for figure in figures {
            // No other table has a column of that name, and a query's length is bounded.
            let when = |(year, column): &(i64, String)| format!("WHEN {year} THEN {}", quote(column));
            let cases: Vec<String> = figure.columns.iter().map(when).collect();
            columns.push(format!("CASE \"all_years\".{year} {} END AS {}", cases.join(" "), quote(&figure.name)));
        }
        // The first one names the column for all.
        let named =
            |(at, y): (usize, &i64)| if at == 0 { format!("SELECT {y} AS {year}") } else { format!("SELECT {y}") };
        let years: Vec<String> = years.iter().enumerate().map(named).collect();
        format!(
            "(SELECT {} FROM {own} CROSS JOIN ({}) AS \"all_years\") AS {own}",
            columns.join(", "),
            years.join(" UNION ALL ")
        )
    }
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::samples::{figure, text};
    use crate::{Change, Placed};

    fn towns(years: &[&str]) -> Vec<Dataset> {
        let mut columns =
            vec![text("name", 400, 0, &["Kingston", "Ottawa"]), text("status", 2, 0, &["city", "village"])];
        columns.extend(years.iter().map(|y| figure(y, 390, 5, 2_800_000)));
        columns.push(Column { kind: ColumnType::Number, ..figure("land area", 390, 1, 900) });
        columns.push(figure("land_change", 90, -40, 60));
        vec![Dataset { name: "towns".into(), rows: 400, columns }]
    }

    #[test]
    fn what_has_a_column_for_each_year_is_told_over_time() {
        let towns = towns(&["population_1996", "population_2006", "population_2016"]);
        let turned = "CASE \"all_years\".\"year\" WHEN 1996 THEN \"population_1996\"";
        for (prompt, wanted) in [
            ("population over the years", "GROUP BY 1"),
            ("population by status over time", "GROUP BY 1, 2"),
            ("Ottawa's population through the years", "\"name\" = 'Ottawa'"),
            ("total population 1996 to 2016", "GROUP BY 1"),
            ("which status grew most since 2006", "WHEN \"year\" = 2016 THEN \"population\""),
        ] {
            let plan = crate::plan(prompt, &towns, None);
            assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
            let query = plan.goals[0].query.sql();
            assert!(query.contains(turned) && query.contains(wanted), "{prompt}: {query}");
        }
        for prompt in [
            "total population 2016 by status",
            "population by status",
            "land area by status",
            "population 1996 and 2016 by status",
            "land change by status",
        ] {
            let plan = crate::plan(prompt, &towns, None);
            assert!(plan.goals.iter().all(|g| g.query.turned.is_none()), "{prompt}: {plan:#?}");
        }
    }

    #[test]
    fn columns_called_by_years_hold_what_the_table_is_called_by() {
        let mut towns = towns(&["1996", "X2006", "2016"]);
        towns[0].name = "life_expectancy".into();
        let plan = crate::plan("average life expectancy by status in 2006", &towns, None);
        let query = plan.goals.first().map(|g| g.query.sql()).unwrap_or_default();
        assert!(query.contains("AVG(\"life_expectancy\")") && query.contains("\"year\" = 2006"), "{plan:#?}");
    }

    #[test]
    fn such_a_card_is_refined() {
        let towns = towns(&["population_1996", "population_2006", "population_2016"]);
        let plan = crate::plan("population over time", &towns, None);
        let cards = [Placed { key: "chart_1", goal: &plan.goals[0] }];
        for (said, wanted) in
            [("by status", "\"status\" AS \"status\""), ("only Ottawa", "'Ottawa'"), ("since 2006", "\"year\" >= 2006")]
        {
            let refined = crate::refine(said, None, &cards, &towns);
            let [Change::Replace { goal, .. }] = refined.changes.as_slice() else { panic!("{said}: {refined:#?}") };
            let query = goal.query.sql();
            assert!(query.contains("CROSS JOIN") && query.contains(wanted), "{said}: {query}");
        }
    }
}
