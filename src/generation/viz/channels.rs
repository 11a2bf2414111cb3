//! Result columns as Vega-Lite channels: types, time units, formats, axes, tooltips.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vizroom_protocol::dashboard::{Channel, Grain};
use vizroom_protocol::file::{ColumnType, Table};

use super::{Body, members};
use crate::planner::{Goal, Measure};

/// Names for the numbers of months and weekdays. Constants, and the only expressions in any spec.
pub(super) const MONTHS: &str =
    "['Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec'][datum.value-1]";
pub(super) const WEEKDAYS: &str = "['Mon','Tue','Wed','Thu','Fri','Sat','Sun'][datum.value-1]";

/// Labels up to this many characters stand upright below a bar, if all of them together fit.
const UPRIGHT_CHARS: usize = 10;
const UPRIGHT_CHARS_ALL: usize = 60;
/// Longer labels, or more of them, are read better beside horizontal bars.
const BELOW_CHARS: usize = 14;
const BELOW_COUNT: usize = 12;

/// What is drawn.
pub(super) struct Drawing<'a> {
    pub(super) goal: &'a Goal,
    pub(super) table: &'a Table,
}

/// How a column's values stand on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// A course of time.
    Time(ColumnType),
    /// Numbers and parts of the calendar, with an order of their own.
    Order,
    /// Names.
    Name,
}

impl Drawing<'_> {
    /// The type of a result column; text if the query did not give it.
    fn kind(&self, channel: &Channel) -> ColumnType {
        let column = self.table.columns.iter().find(|c| c.name == channel.field);
        column.map_or(ColumnType::Text, |c| c.kind)
    }

    pub(super) fn nature(&self, channel: &Channel) -> Nature {
        match self.kind(channel) {
            kind @ (ColumnType::Date | ColumnType::Timestamp) => Nature::Time(kind),
            ColumnType::Integer | ColumnType::Number => Nature::Order,
            ColumnType::Boolean | ColumnType::Text => Nature::Name,
        }
    }

    /// A column's values.
    pub(super) fn values(&self, channel: &Channel) -> impl Iterator<Item = &Value> {
        let at = self.table.columns.iter().position(|c| c.name == channel.field);
        self.table.rows.iter().filter_map(move |row| row.get(at?))
    }

    /// The distinct values of a column, by how they are shown.
    pub(super) fn labels(&self, channel: &Channel) -> BTreeMap<String, &Value> {
        let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.values(channel).filter(|v| !v.is_null()).map(|value| (shown(value), value)).collect()
    }

    /// Whether names are too long or too many to stand below the axis.
    pub(super) fn reads_sideways(&self, channel: &Channel) -> bool {
        if self.nature(channel) != Nature::Name {
            return false;
        }
        let labels = self.labels(channel);
        labels.len() > BELOW_COUNT || labels.keys().any(|l| l.chars().count() > BELOW_CHARS)
    }

    /// Whether the query puts the largest or smallest figure first, rather than the groups in their own order.
    pub(super) fn ranked(&self) -> Option<bool> {
        let first = self.goal.query.sort.first()?;
        self.goal.query.measures.iter().any(|m| m.alias == first.alias).then_some(first.descending)
    }

    pub(super) fn measure(&self, channel: &Channel) -> Option<&Measure> {
        self.goal.query.measures.iter().find(|m| m.alias == channel.field)
    }

    /// Whether the figures of parts make up the figure of the whole, so that they may be stacked.
    pub(super) fn adds_up(&self, channel: &Channel) -> bool {
        self.measure(channel).is_some_and(Measure::adds_up)
    }

    /// A column as groups on an axis, each with a place of its own.
    pub(super) fn groups(&self, channel: &Channel) -> Body {
        let mut def = self.value(channel);
        let mut axis = members(json!({"labelOverlap": true, "grid": false}));
        match self.nature(channel) {
            Nature::Time(_) => {
                // A week has no time unit of its own: as days, its bar would be as thin as a day.
                if channel.grain == Some(Grain::Week) {
                    def.insert("type".into(), "ordinal".into());
                }
                axis.insert("format".into(), time_format(channel.grain, self.kind(channel)).into());
                axis.insert("labelAngle".into(), 0.into());
            }
            Nature::Order => {
                def.insert("type".into(), "ordinal".into());
                axis.insert("labelAngle".into(), 0.into());
            }
            Nature::Name => {
                let labels = self.labels(channel);
                let chars = |l: &String| l.chars().count();
                let upright = labels.keys().all(|l| chars(l) <= UPRIGHT_CHARS)
                    && labels.keys().map(|l| chars(l) + 2).sum::<usize>() <= UPRIGHT_CHARS_ALL;
                axis.insert("labelAngle".into(), if upright { 0 } else { -40 }.into());
            }
        }
        if let Some(names) = part_names(channel) {
            axis.insert("labelExpr".into(), names.into());
        }
        let sort = if self.ranked().is_some() || self.nature(channel) == Nature::Name {
            // The rows are in the order asked for.
            Value::Null
        } else {
            "ascending".into()
        };
        if def.get("type") != Some(&json!("temporal")) {
            def.insert("sort".into(), sort);
        }
        def.insert("axis".into(), axis.into());
        def
    }

    /// A column as a position along a continuous axis.
    pub(super) fn along(&self, channel: &Channel) -> Body {
        if part_names(channel).is_some() || self.nature(channel) == Nature::Name {
            return self.groups(channel);
        }
        let mut def = self.value(channel);
        let axis = match self.nature(channel) {
            Nature::Time(kind) => {
                json!({"format": time_format(channel.grain, kind), "labelOverlap": true, "labelAngle": 0, "grid": false})
            }
            _ if is_part(channel.grain) => json!({"format": "d", "tickMinStep": 1, "grid": false}),
            _ => json!({"format": channel.format.as_deref().unwrap_or("~r"), "labelOverlap": true}),
        };
        if self.nature(channel) == Nature::Order {
            def.insert("scale".into(), json!({"zero": false}));
        }
        def.insert("axis".into(), axis);
        def
    }

    /// A figure on an axis.
    pub(super) fn figure(&self, channel: &Channel) -> Body {
        let mut def = members(json!({"field": channel.field, "type": "quantitative", "title": titled(channel)}));
        let format = channel.format.as_deref();
        // Steps below one would all be written as the same whole numbers.
        let axis =
            |f: &str| if f.ends_with(".0f") { json!({"format": f, "tickMinStep": 1}) } else { json!({"format": f}) };
        def.insert("axis".into(), format.map_or_else(|| json!({}), axis));
        def
    }

    /// A column as colour.
    pub(super) fn colour(&self, channel: &Channel) -> Body {
        let mut def = self.value(channel);
        let mut legend = Map::new();
        match self.nature(channel) {
            Nature::Time(kind) => {
                def.insert("type".into(), "ordinal".into());
                legend.insert("format".into(), time_format(channel.grain, kind).into());
            }
            Nature::Order => drop(def.insert("type".into(), "ordinal".into())),
            Nature::Name => {}
        }
        if let Some(names) = part_names(channel) {
            legend.insert("labelExpr".into(), names.into());
        }
        // Named, so that a filter that leaves one of them does not give it another's colour.
        if self.nature(channel) == Nature::Name {
            def.insert("scale".into(), json!({"domain": self.labels(channel).into_values().collect::<Vec<_>>()}));
        }
        def.insert("legend".into(), legend.into());
        def
    }

    /// Field, type, time unit and title: what every use of a column has.
    fn value(&self, channel: &Channel) -> Body {
        let kind = match self.nature(channel) {
            Nature::Time(_) => "temporal",
            Nature::Order => "quantitative",
            Nature::Name => "nominal",
        };
        let mut def = members(json!({"field": channel.field, "type": kind, "title": titled(channel)}));
        if let Nature::Time(kind) = self.nature(channel)
            && let Some(unit) = time_unit(channel.grain, kind)
        {
            def.insert("timeUnit".into(), unit.into());
        }
        def
    }

    /// What the pointer shows: all that is encoded, by its labels.
    pub(super) fn tooltip(&self) -> Value {
        let encoding = &self.goal.encoding;
        let groups = encoding.x.iter().chain(&encoding.series).map(|channel| {
            let mut def = self.value(channel);
            match self.nature(channel) {
                Nature::Time(kind) => drop(def.insert("format".into(), time_format(channel.grain, kind).into())),
                Nature::Order if is_part(channel.grain) => drop(def.insert("format".into(), "d".into())),
                _ => channel.format.iter().for_each(|f| drop(def.insert("format".into(), f.as_str().into()))),
            }
            Value::from(def)
        });
        let figures = encoding.y.iter().map(|channel| {
            let mut def = members(json!({"field": channel.field, "type": "quantitative", "title": titled(channel)}));
            channel.format.iter().for_each(|f| drop(def.insert("format".into(), f.as_str().into())));
            Value::from(def)
        });
        groups.chain(figures).collect()
    }

    /// The parameter that says which mark was clicked.
    pub(super) fn pick(&self) -> Value {
        let encoding = &self.goal.encoding;
        let fields: BTreeSet<&str> =
            encoding.x.iter().chain(&encoding.series).map(|channel| channel.field.as_str()).collect();
        match fields.is_empty() {
            true => json!({"name": "pick", "select": {"type": "point"}}),
            false => json!({"name": "pick", "select": {"type": "point", "fields": fields}}),
        }
    }
}

/// `Average delay (min)`
pub(super) fn titled(channel: &Channel) -> String {
    match channel.unit.as_deref() {
        Some(unit) if !unit.is_empty() && !channel.label.contains(unit) => format!("{} ({unit})", channel.label),
        _ => channel.label.clone(),
    }
}

/// Whether the values are parts of the calendar written as numbers.
fn is_part(grain: Option<Grain>) -> bool {
    matches!(grain, Some(Grain::Year | Grain::HourOfDay | Grain::DayOfWeek | Grain::MonthOfYear))
}

fn part_names(channel: &Channel) -> Option<&'static str> {
    match channel.grain {
        Some(Grain::MonthOfYear) => Some(MONTHS),
        Some(Grain::DayOfWeek) => Some(WEEKDAYS),
        _ => None,
    }
}

/// Days are read as UTC by browsers, and must be shown so; timestamps are read, and shown, as local time. Either way
/// a reader sees what the data says, wherever they live.
fn time_unit(grain: Option<Grain>, kind: ColumnType) -> Option<&'static str> {
    let day = kind == ColumnType::Date;
    Some(match grain {
        Some(Grain::Year) if day => "utcyear",
        Some(Grain::Quarter) if day => "utcyearquarter",
        Some(Grain::Month) if day => "utcyearmonth",
        _ if day => "utcyearmonthdate",
        Some(Grain::Year) => "year",
        Some(Grain::Quarter) => "yearquarter",
        Some(Grain::Month) => "yearmonth",
        Some(Grain::Week | Grain::Day) => "yearmonthdate",
        Some(Grain::Hour) => "yearmonthdatehours",
        _ => return None,
    })
}

fn time_format(grain: Option<Grain>, kind: ColumnType) -> &'static str {
    match grain {
        Some(Grain::Year) => "%Y",
        Some(Grain::Quarter) => "Q%q %Y",
        Some(Grain::Month) => "%b %Y",
        Some(Grain::Hour) => "%-d %b %Y %H:%M",
        _ if kind == ColumnType::Timestamp => "%-d %b %Y %H:%M",
        _ => "%-d %b %Y",
    }
}
