//! How much of an answer reaches a browser: at most `card_rows_max` rows (5,000) and [`CARD_BYTES_MAX`], whatever the kind.
//!
//! Of more points or more steps of a course an even sample is taken; of more groups the largest ([`super::largest`]); of
//! everything else, and where somebody has said which come first, the first ones in the order of the query. In any case the answer says how many there are in all, and the card says so to its reader ([`note`]).

use vizroom_protocol::dashboard::{CardKind, RowsOf};
use vizroom_protocol::file::Table;
use vizroom_protocol::{Code, Error};

use super::desk::Desk;
use super::largest::{self, is_course, ranks};
use super::{Generations, Planned, Work};
use crate::analytics::{Answer, Bounds, Conditions};
use crate::planner::Goal;

/// Size of one card's rows, in bytes; of wider ones, a tenth of the rows is shown.
pub(super) const CARD_BYTES_MAX: usize = 4 << 20;
const NARROWER: usize = 10;
/// Size of the rows that can be taken away at once, in bytes.
pub(super) const EXPORT_BYTES_MAX: usize = 64 << 20;

/// Whether a part of these rows, taken evenly, shows what all of them show.
fn samples(goal: &Goal, table: &Table) -> bool {
    use CardKind as K;
    let course = || ranks(goal.kind) && is_course(goal, table);
    matches!(goal.kind, K::Scatter | K::Bubble | K::Geomap | K::Line | K::Area) || course()
}

impl Desk {
    /// What a query gives, as much of it as a card may hold.
    pub(super) async fn fitted(&self, planned: &Planned, sql: &str, conditions: Conditions) -> Result<Answer, Error> {
        let mut bounds = self.bounds;
        let mut outcome = self.query(planned, sql, conditions.clone(), bounds).await;
        if outcome.as_ref().is_err_and(is_too_wide) {
            bounds.rows = (bounds.rows / NARROWER).max(1);
            outcome = self.query(planned, sql, conditions.clone(), bounds).await;
        }
        let first = outcome?;
        if !first.table.truncated {
            return Ok(first);
        }
        let Some(total) = self.count(planned, sql, &conditions, bounds).await else { return Ok(first) };
        let some = match samples(&planned.goal, &first.table) {
            true => self.sample(planned, sql, &conditions, bounds, &first.table, total).await,
            false => Box::pin(self.largest(planned, sql, &conditions, bounds, &first.table)).await,
        };
        let answer = some.unwrap_or(first);
        let table = Table { truncated: true, total: Some(total), ..answer.table };
        Ok(Answer { table, ..answer })
    }

    /// How many rows a query has; none if it cannot be counted, such as one that names two columns alike.
    async fn count(&self, planned: &Planned, sql: &str, conditions: &Conditions, bounds: Bounds) -> Option<u64> {
        let sql = format!("SELECT COUNT(*) AS \"row_count\" FROM ({}) AS \"all_rows\"", inner(sql));
        let counted = self.query(planned, &sql, conditions.clone(), bounds).await.ok()?;
        counted.table.rows.first()?.first()?.as_u64()
    }

    /// Every so-manyth row of each series, in the order of its values: rows that tie there are equal, so the sample is the
    /// same every time. None if the query cannot stand within another.
    async fn sample(
        &self,
        planned: &Planned,
        sql: &str,
        conditions: &Conditions,
        bounds: Bounds,
        first: &Table,
        total: u64,
    ) -> Option<Answer> {
        let stride = total.div_ceil(bounds.rows.max(1) as u64).max(1);
        let sql = sampled(&planned.goal, sql, first, stride);
        self.query(planned, &sql, conditions.clone(), bounds).await.ok()
    }
}

pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn sampled(goal: &Goal, sql: &str, first: &Table, stride: u64) -> String {
    let all: Vec<String> = first.columns.iter().map(|column| quote(&column.name)).collect();
    let has = |name: &str| first.columns.iter().any(|column| column.name == name);
    let encoding = &goal.encoding;
    let series = encoding.series.as_ref().filter(|series| has(&series.field)).map(|series| quote(&series.field));
    let x = encoding.x.as_ref().filter(|x| has(&x.field)).map(|x| quote(&x.field));
    let order: Vec<String> = x.iter().chain(all.iter().filter(|name| Some(*name) != x.as_ref())).cloned().collect();
    let (all, order) = (all.join(", "), order.join(", "));
    let partition = series.map(|series| format!("PARTITION BY {series} ")).unwrap_or_default();
    format!(
        "SELECT {all} FROM (SELECT {all}, row_number() OVER ({partition}ORDER BY {order}) AS \"row_position\" \
         FROM ({}) AS \"all_rows\") AS \"numbered\" WHERE (\"row_position\" - 1) % {stride} = 0 ORDER BY {order}",
        inner(sql)
    )
}

/// A query to stand within another: its end may be a semicolon or a comment.
pub(super) fn inner(sql: &str) -> String {
    format!("\n{}\n", sql.trim().trim_end_matches(';'))
}

fn is_too_wide(error: &Error) -> bool {
    error.code == Code::TooLarge && error.details.as_ref().is_some_and(|details| details["limit"] == "bytes")
}

/// What a card says of rows that are not all.
pub(super) fn note(goal: &Goal, table: &Table) -> Option<String> {
    if !table.truncated {
        return None;
    }
    if let Some(others) = &table.others {
        return Some(largest::note(goal, others));
    }
    let (shown, sampled) = (grouped(table.rows.len() as u64), samples(goal, table));
    let what = match goal.kind {
        CardKind::Table => "rows",
        _ if sampled => "points",
        CardKind::Heatmap => "cells",
        _ => "groups",
    };
    Some(match table.total {
        Some(total) if sampled => format!("{shown} of {} {what}, sampled", grouped(total)),
        Some(total) => format!("The first {shown} of {} {what}", grouped(total)),
        None => format!("The first {shown} {what}; there are more"),
    })
}

/// A figure as its format would have it in a sentence: parts of a whole, whole numbers, or two digits.
pub(super) fn written(figure: f64, format: Option<&str>) -> String {
    if format.is_some_and(|format| format.ends_with('%')) {
        return format!("{:.1}%", figure * 100.0);
    }
    let (sign, hundredths) = (if figure < 0.0 { "-" } else { "" }, (figure.abs() * 100.0).round());
    let whole = grouped((hundredths / 100.0) as u64);
    match hundredths as u64 % 100 {
        0 => format!("{sign}{whole}"),
        rest => format!("{sign}{whole}.{rest:02}"),
    }
}

/// `1,234,567`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Generations {
    /// `dashboard.rows`
    ///
    /// # Errors
    /// `NOT_FOUND` for the dashboard or the card; `TOO_LARGE` if the rows are wider than can be taken away; the query's.
    pub async fn rows(&self, wanted: RowsOf) -> Result<Table, Error> {
        let row =
            self.parts.store.dashboard(wanted.dashboard_id).await?.ok_or_else(|| Error::not_found("dashboard"))?;
        let work = Work::new(row)?;
        let key = work.key(&wanted.panel_id)?;
        let Work { row, recipe, .. } = work;
        let desk = self.desk(&row).await?;
        let planned = recipe.goals.iter().find(|planned| planned.key == key && !desk.lost(planned));
        let asked = planned.and_then(|planned| Some((planned, planned.sql()?)));
        let Some((planned, sql)) = asked else {
            // Its rows are all there is of its file.
            let card = row.dashboard.cards.into_iter().find(|card| card.key == key);
            return Ok(card.map(|card| card.data).unwrap_or_default());
        };
        let conditions: Conditions = row.dashboard.filter_state.clone().into();
        let mut table = desk.query(planned, &sql, conditions.clone(), desk.export).await?.table;
        if table.truncated {
            table.total = desk.count(planned, &sql, &conditions, desk.export).await;
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::dashboard::{Channel, Encoding};
    use vizroom_protocol::file::{ColumnType, Field};

    use super::*;

    fn cut(rows: usize, total: Option<u64>) -> Table {
        Table { rows: vec![Vec::new(); rows], truncated: true, total, ..Table::default() }
    }

    fn goal(kind: CardKind, encoding: Encoding) -> Goal {
        let (query, title, description) = Default::default();
        Goal { kind, title, description, query, encoding }
    }

    #[test]
    fn what_is_not_shown_is_said() {
        let said = |kind, table: &Table| note(&goal(kind, Encoding::default()), table);
        assert_eq!(said(CardKind::Scatter, &Table::default()), None);
        let points = cut(5_000, Some(1_234_567));
        assert_eq!(said(CardKind::Scatter, &points).unwrap(), "5,000 of 1,234,567 points, sampled");
        assert_eq!(said(CardKind::Table, &points).unwrap(), "The first 5,000 of 1,234,567 rows");
        assert_eq!(said(CardKind::Bar, &points).unwrap(), "The first 5,000 of 1,234,567 groups");
        assert_eq!(said(CardKind::Heatmap, &cut(12, None)).unwrap(), "The first 12 cells; there are more");
        let figures = [(1_234.0, "1,234"), (-1_234.5, "-1,234.50"), (0.005, "0.01"), (1_999.999, "2,000")];
        for (figure, text) in figures {
            assert_eq!(written(figure, None), text);
        }
        assert_eq!(written(0.12345, Some(".1%")), "12.3%");
    }

    #[test]
    fn each_series_is_sampled_by_itself() {
        let column = |name: &str| Field { name: name.into(), kind: ColumnType::Integer };
        let first = Table { columns: vec![column("y"), column("x"), column("s")], ..cut(1, None) };
        let channel = |field: &str| Some(Channel { field: field.into(), ..Channel::default() });
        let encoding = Encoding { x: channel("x"), series: channel("s"), ..Encoding::default() };
        let sql = sampled(&goal(CardKind::Line, encoding), "SELECT 1 -- as it is;", &first, 3);
        assert!(sql.contains(r#"OVER (PARTITION BY "s" ORDER BY "x", "y", "s")"#), "{sql}");
        assert!(sql.contains("-- as it is;\n) AS") || sql.contains("-- as it is\n) AS"), "{sql}");
    }
}
