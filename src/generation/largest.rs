//! Of more groups than a card may hold, the largest, in the order that was asked for, and what all the others come to: what
//! is left out is then the least that could be.

use vizroom_protocol::dashboard::{CardKind, Channel};
use vizroom_protocol::file::{ColumnType, Others, Table};

use super::desk::Desk;
use super::fitting::{grouped, inner, quote};
use super::{Planned, fitting};
use crate::analytics::{self, Answer, Bounds, Conditions};
use crate::planner::{Goal, Measure};

/// Kinds whose marks are groups, each with a figure.
pub(super) fn ranks(kind: CardKind) -> bool {
    use CardKind as K;
    matches!(kind, K::Bar | K::Pie | K::Donut | K::Funnel | K::Radar | K::Gauge | K::Choropleth)
}

/// Whether the groups are steps of time, which have an order of their own.
pub(super) fn is_course(goal: &Goal, table: &Table) -> bool {
    let x = goal.encoding.x.as_ref().and_then(|x| column(table, x));
    matches!(x, Some(ColumnType::Date | ColumnType::Timestamp))
}

fn column(table: &Table, channel: &Channel) -> Option<ColumnType> {
    table.columns.iter().find(|column| column.name == channel.field).map(|column| column.kind)
}

/// The same query with its groups numbered by size.
struct Ranked<'a> {
    goal: &'a Goal,
    columns: String,
    x: String,
    series: Option<String>,
    /// The groups, each row with how many rows there are up to its group.
    all: String,
}

impl<'a> Ranked<'a> {
    /// None where nobody can say which are the largest, or somebody has said which come first.
    fn new(planned: &'a Planned, sql: &str, first: &Table) -> Option<Self> {
        let goal = &planned.goal;
        let (x, y) = (goal.encoding.x.as_ref()?, goal.encoding.y.first()?);
        column(first, x)?;
        let figure = matches!(column(first, y)?, ColumnType::Integer | ColumnType::Number);
        let sort = goal.query.sort.first().filter(|_| planned.by.is_none());
        let otherwise = match sort {
            Some(sort) if sort.alias == y.field => !sort.descending,
            Some(sort) => goal.query.measures.iter().any(|measure| measure.alias == sort.alias),
            None => planned.by.is_some() && analytics::is_ordered(sql),
        };
        if !ranks(goal.kind) || !figure || otherwise {
            return None;
        }
        let columns: Vec<String> = first.columns.iter().map(|column| quote(&column.name)).collect();
        let (columns, x, y) = (columns.join(", "), quote(&x.field), quote(&y.field));
        let series = goal.encoding.series.as_ref().filter(|series| column(first, series).is_some());
        let series = series.map(|series| quote(&series.field));
        // A group of several rows stays whole, and is as large as they are together.
        let size = match (&series, adding(goal, 0)) {
            (None, _) => y,
            (Some(_), true) => format!("SUM({y}) OVER (PARTITION BY {x})"),
            (Some(_), false) => format!("MAX({y}) OVER (PARTITION BY {x})"),
        };
        let all = format!(
            "(SELECT {columns}, \"group_size\", COUNT(*) OVER (ORDER BY \"group_size\" DESC NULLS LAST, {x}) AS \
             \"rows_so_far\" FROM (SELECT {columns}, {size} AS \"group_size\" FROM ({}) AS \"all_rows\") AS \"sized\") \
             AS \"ranked\"",
            inner(sql)
        );
        Some(Self { goal, columns, x, series, all })
    }

    /// The rows of the largest groups, at most so many.
    fn largest(&self, rows: usize) -> String {
        let sort = self.goal.query.sort.iter().map(|sort| {
            format!("{} {} NULLS LAST, ", quote(&sort.alias), if sort.descending { "DESC" } else { "ASC" })
        });
        let (sort, series) = (sort.collect::<String>(), self.series.as_ref());
        let ties: String = series.map(|series| format!(", {series}")).unwrap_or_default();
        format!(
            "SELECT {} FROM {} WHERE \"rows_so_far\" <= {rows} ORDER BY {sort}\"group_size\" DESC NULLS LAST, {}{ties}",
            self.columns, self.all, self.x
        )
    }

    /// How many the others are, how many there are in all, and the sums of the others' figures that add up.
    fn others(&self, rows: usize, adding: &[&Channel]) -> String {
        let groups = |which: &str| {
            let x = &self.x;
            match self.series {
                None => format!("COUNT(CASE WHEN {which} THEN 1 END)"),
                Some(_) => format!(
                    "COUNT(DISTINCT CASE WHEN {which} THEN {x} END) + \
                     COALESCE(MAX(CASE WHEN {which} AND {x} IS NULL THEN 1 END), 0)"
                ),
            }
        };
        let (left, all) = (format!("\"rows_so_far\" > {rows}"), "\"rows_so_far\" > 0");
        let mut picked = vec![format!("{} AS \"left\"", groups(&left)), format!("{} AS \"all\"", groups(all))];
        let sum =
            |(at, y): (usize, &&Channel)| format!("SUM(CASE WHEN {left} THEN {} END) AS \"sum_{at}\"", quote(&y.field));
        picked.extend(adding.iter().enumerate().map(sum));
        format!("SELECT {} FROM {}", picked.join(", "), self.all)
    }
}

/// Whether the parts of this figure of the goal add up; of somebody's own SQL nobody knows.
fn adding(goal: &Goal, at: usize) -> bool {
    let channel = goal.encoding.y.get(at);
    let measure = channel.and_then(|y| goal.query.measures.iter().find(|measure| measure.alias == y.field));
    measure.is_some_and(Measure::adds_up)
}

impl Desk {
    /// The largest groups of a query with more than a card may hold, and what the others come to.
    pub(super) async fn largest(
        &self,
        planned: &Planned,
        sql: &str,
        conditions: &Conditions,
        bounds: Bounds,
        first: &Table,
    ) -> Option<Answer> {
        let (goal, ranked) = (&planned.goal, Ranked::new(planned, sql, first)?);
        let x = goal.encoding.x.as_ref()?;
        let figures: Vec<&Channel> =
            goal.encoding.y.iter().enumerate().filter(|(at, _)| adding(goal, *at)).map(|(_, y)| y).collect();
        // Parts are parts of a whole: there the others are one of them.
        let whole = matches!(goal.kind, CardKind::Pie | CardKind::Donut)
            && adding(goal, 0)
            && column(first, x) == Some(ColumnType::Text);
        let rows = bounds.rows.saturating_sub(usize::from(whole));
        let mut answer = self.query(planned, &ranked.largest(rows), conditions.clone(), bounds).await.ok()?;
        if answer.table.rows.is_empty() {
            return None;
        }
        let counted = self.query(planned, &ranked.others(rows, &figures), conditions.clone(), bounds).await.ok()?;
        let counted = counted.table.rows.into_iter().next()?;
        let (left, all) = (counted.first()?.as_u64()?, counted.get(1)?.as_u64()?);
        let sums =
            figures.iter().zip(&counted[2..]).map(|(y, sum)| (y.field.clone(), sum.as_f64().unwrap_or_default()));
        let label = whole.then(|| format!("{} others", grouped(left)));
        if let Some(label) = &label {
            let cell = |name: &String| match figures.iter().position(|y| y.field == *name) {
                Some(at) => counted[2 + at].clone(),
                None if *name == x.field => label.as_str().into(),
                None => serde_json::Value::Null,
            };
            let row = answer.table.columns.iter().map(|column| cell(&column.name)).collect();
            answer.table.rows.push(row);
        }
        answer.table.others = Some(Others { groups: left, of: all, sums: sums.collect(), row: label });
        Some(answer)
    }
}

/// What a card says of the groups that it does not show.
pub(super) fn note(goal: &Goal, others: &Others) -> String {
    let (shown, left) = (grouped(others.of - others.groups), grouped(others.groups));
    let largest = format!("The {shown} largest of {} groups", grouped(others.of));
    let first = goal.encoding.y.first();
    match (&others.row, first.and_then(|y| Some((y, others.sums.get(&y.field)?)))) {
        (Some(_), _) => format!("{largest}; the other {left} are one part"),
        (None, Some((y, sum))) => {
            let several =
                if goal.encoding.y.len() > 1 { format!("{} of the other", y.label) } else { "the other".into() };
            format!("{largest}; {several} {left}: {} together", fitting::written(*sum, y.format.as_deref()))
        }
        (None, None) => largest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let channel = |format: &str| Channel { field: "n".into(), format: Some(format.into()), ..Channel::default() };
        let (title, description, query, encoding) = Default::default();
        let mut goal = Goal { kind: CardKind::Bar, title, description, query, encoding };
        goal.encoding.y = vec![channel(",.2f")];
        let mut others = Others { groups: 2_300, of: 7_300, sums: [("n".to_owned(), 12_345.678)].into(), row: None };
        assert_eq!(note(&goal, &others), "The 5,000 largest of 7,300 groups; the other 2,300: 12,345.68 together");
        goal.encoding.y[0].format = Some(".1%".into());
        others.sums.insert("n".into(), 0.3154);
        assert!(note(&goal, &others).ends_with("the other 2,300: 31.5% together"), "{}", note(&goal, &others));
        others.row = Some("2,300 others".into());
        assert_eq!(note(&goal, &others), "The 5,000 largest of 7,300 groups; the other 2,300 are one part");
        (others.row, others.sums) = (None, Default::default());
        assert_eq!(note(&goal, &others), "The 5,000 largest of 7,300 groups");
    }
}
