//! Drill-down: which rows a dashboard's cards are made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Card;
use crate::id::DashboardId;

/// What rows must have, by column. All of it must hold; a column that is absent is not filtered.
///
/// A value is a scalar (`=`), a list (`IN`; empty: no rows), `null` (`IS NULL`), or a range object of `gt`, `gte`, `lt`
/// and `lte`. It is read as the column's type. A date or time stands for all it covers: `"2024"`, `"2024-Q4"`,
/// `"2024-05"`, `"2024-05-17"`, `"2024-05-17T10:30"`; so `lte` a day includes that day. It is UTC, as the data is, unless
/// it states a zone: `"2024-05-17+02:00"`, `"2024-05-17T10:30[Europe/Berlin]"`.
///
/// A key is a column's name, in any case. `column:part` is the part of a date: `hour`, `day`, `week`, `month`,
/// `quarter`, `year` are periods (`"date:month": "2024-05-01"`); `hour_of_day`, `day_of_week`, `day_of_month`,
/// `week_of_year`, `month_of_year`, `quarter_of_year` come again (`"date:day_of_week": ["Sat", 7]`). Where a table has
/// one date, the part alone will do: `year`, `quarter` (`"Q4"`; `"2024-Q4"` is that one), `month`, `week`, `weekday`,
/// `day_of_month`, `hour`. `fiscal_year` (`"FY 2024"`, `2024`) and `fiscal_quarter` (`"FY 2024 Q1"`, `"2024-Q1"`, `"Q1"`)
/// are those of the dashboard's `fiscal_year_begins`. `key@zone` cuts parts, and reads values, in that zone:
/// `"at:hour_of_day@Europe/Berlin": 8`.
///
/// A table that lacks the column is narrowed by the table that has it, where a relation leads there. Where several do, the
/// key says which: `table.column`, or the name of the column that refers to it, `origin.city`.
pub type FilterState = BTreeMap<String, Value>;

/// `dashboard.filter`: re-runs every card with a filter pushed into its source tables.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    #[serde(alias = "dashboard_id")]
    pub session_id: DashboardId,
    /// The whole new filter; `{}` removes it.
    pub filter_state: FilterState,
    /// Only for the caller: the answer is the dashboard under this filter instead of the room's, which stays as it is.
    /// Nothing is stored, and nobody is told.
    #[serde(default)]
    pub private: bool,
    /// The revision the caller saw; if it is no longer the newest, the answer is a conflict.
    #[serde(default)]
    pub base_revision: Option<u64>,
}

/// A key of the filter that leaves a card as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FilterSkipped")]
pub struct Skipped {
    pub key: String,
    pub reason: SkipReason,
    /// The reason, for a person.
    pub message: String,
}

/// Reads what was stored before there were reasons, too: keys alone.
pub(super) fn skipped<'de, D: Deserializer<'de>>(list: D) -> Result<Vec<Skipped>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Told {
        Why(Skipped),
        Key(String),
    }
    let old = |key: String| {
        let message = format!("no table of this card is known to have a column `{key}`");
        Skipped { key, reason: SkipReason::NoColumn, message }
    };
    let told = Vec::<Told>::deserialize(list)?;
    Ok(told
        .into_iter()
        .map(|told| match told {
            Told::Why(skipped) => skipped,
            Told::Key(key) => old(key),
        })
        .collect())
}

/// Why a key of the filter leaves a card as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// No table has such a column.
    NoColumn,
    /// A table has it, but no relation leads there from those of the card.
    NoRelation,
    /// It may mean several dates, or be reached by several relations: a longer key says which.
    Ambiguous,
    /// The card is a text of its own: it reads no table.
    NoQuery,
    /// The card's file has been deleted: it keeps the rows it had.
    NoData,
}

/// Event `dashboard.filtered`: the shared drill-down changed; every card's new rows.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Filtered {
    pub dashboard_id: DashboardId,
    pub revision: u64,
    pub filter_state: FilterState,
    /// All cards, whole.
    pub cards: Vec<Card>,
}
