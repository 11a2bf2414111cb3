//! Result columns as Vega-Lite channels: types, time units, formats, axes, tooltips.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vizroom_protocol::dashboard::{CardKind, Channel, Grain};
use vizroom_protocol::file::{ColumnType, Table};

use super::{Body, members};
use crate::planner::{Goal, Measure};

/// Names for the numbers of months and weekdays. These are constants, and with [`SHORT`] the only expressions in any spec.
pub(super) const MONTHS: &str =
    "['Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec'][datum.value-1]";
pub(super) const WEEKDAYS: &str = "['Mon','Tue','Wed','Thu','Fri','Sat','Sun'][datum.value-1]";

/// Large figures beside an axis or a legend: nought without a letter, and thousand millions as people write them.
pub(super) const SHORT: &str = "datum.value === 0 ? '0' : replace(datum.label, 'G', 'B')";

/// Labels up to this many characters stand upright below a bar, if all of them together fit.
const UPRIGHT_CHARS: usize = 10;
const UPRIGHT_CHARS_ALL: usize = 60;
/// Longer labels, or more of them, are read better beside horizontal bars.
const BELOW_CHARS: usize = 14;
const BELOW_COUNT: usize = 12;

/// Figures from here on are written short where they are round.
const SHORT_FROM: f64 = 100_000.0;
/// Days from which on an axis has a tick a month, or fewer.
const MONTHS_FROM_DAYS: i64 = 150;
/// Figures that span so much have ticks at whole numbers.
const WHOLE_SPAN: f64 = 20.0;

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

    /// A value as a reader sees it.
    pub(super) fn shown(&self, channel: &Channel, value: &Value) -> String {
        const MONTH: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        const DAY: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let named = |names: &[&str]| {
            let at = value.as_u64().and_then(|n| n.checked_sub(1)).and_then(|n| usize::try_from(n).ok());
            at.and_then(|at| names.get(at)).map(|name| (*name).to_owned())
        };
        let month = || text.get(5..7).and_then(|month| month.parse::<usize>().ok()).filter(|m| (1..=12).contains(m));
        let dated = match (channel.grain, self.nature(channel), text.get(..4)) {
            (Some(Grain::MonthOfYear), ..) => named(&MONTH),
            (Some(Grain::DayOfWeek), ..) => named(&DAY),
            (Some(Grain::Year), Nature::Time(_), Some(year)) => Some(year.to_owned()),
            (Some(Grain::Quarter), Nature::Time(_), Some(year)) => {
                month().map(|month| format!("Q{} {year}", month.div_ceil(3)))
            }
            (Some(Grain::Month), Nature::Time(_), Some(year)) => {
                month().map(|month| format!("{} {year}", MONTH[month - 1]))
            }
            _ => None,
        };
        dated.unwrap_or(text)
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
        // Of a few names none is left out.
        let few = self.nature(channel) == Nature::Name && self.labels(channel).len() <= BELOW_COUNT;
        let mut axis = members(json!({"labelOverlap": !few, "grid": false}));
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
                let format = if self.spans_seasons(channel) { "%b %Y" } else { time_format(channel.grain, kind) };
                json!({"format": format, "labelOverlap": true, "labelAngle": 0, "grid": false})
            }
            _ if is_part(channel.grain) => json!({"format": "d", "tickMinStep": 1, "grid": false}),
            _ => {
                let mut axis = self.ticks(channel);
                axis.entry("format").or_insert_with(|| "~r".into());
                axis.insert("labelOverlap".into(), true.into());
                axis.into()
            }
        };
        if self.nature(channel) == Nature::Order {
            def.insert("scale".into(), json!({"zero": false}));
        }
        def.insert("axis".into(), axis);
        def
    }

    /// Whether days or weeks reach so far that the ticks of their axis are months.
    fn spans_seasons(&self, channel: &Channel) -> bool {
        if !matches!(channel.grain, None | Some(Grain::Day | Grain::Week)) {
            return false;
        }
        let day = |value: &Value| value.as_str()?.get(..10)?.parse::<chrono::NaiveDate>().ok();
        let days = self.values(channel).filter_map(day);
        let edges = days.fold(None, |edges: Option<(chrono::NaiveDate, chrono::NaiveDate)>, day| {
            Some(edges.map_or((day, day), |(first, last)| (first.min(day), last.max(day))))
        });
        edges.is_some_and(|(first, last)| (last - first).num_days() > MONTHS_FROM_DAYS)
    }

    /// A figure on an axis.
    pub(super) fn figure(&self, channel: &Channel) -> Body {
        let mut def = members(json!({"field": channel.field, "type": "quantitative", "title": titled(channel)}));
        def.insert("axis".into(), self.ticks(channel).into());
        def
    }

    /// How figures are written beside an axis or in a legend, where they are round: large ones short (`12M`), and without
    /// digits that are always zero.
    pub(super) fn ticks(&self, channel: &Channel) -> Body {
        let Some((format, short)) = self.rounded(channel, false) else { return Body::new() };
        match format.as_str() {
            _ if short => members(json!({"format": format, "labelExpr": SHORT})),
            // Steps below one would all be written as the same whole numbers.
            whole if whole.ends_with(".0f") => members(json!({"format": format, "tickMinStep": 1})),
            _ => members(json!({"format": format})),
        }
    }

    /// The same for a legend, whose ends need not be round.
    pub(super) fn steps(&self, channel: &Channel) -> Body {
        let mut legend = self.ticks(channel);
        legend.remove("tickMinStep");
        if let Some(Value::String(format)) =
            legend.get_mut("format").filter(|format| format.as_str().is_some_and(|f| f.ends_with("~s")))
        {
            *format = format.replace("~s", ".2~s");
        }
        legend
    }

    /// How a figure is written within a mark, where there is little room: three digits tell what the pointer shows in full.
    pub(super) fn brief(&self, channel: &Channel) -> Option<String> {
        self.rounded(channel, true).map(|(format, _)| format)
    }

    /// A channel's format for values as large as these, and whether it ends in a letter for thousands or millions.
    fn rounded(&self, channel: &Channel, alone: bool) -> Option<(String, bool)> {
        let format = channel.format.as_deref()?;
        // Figures that share an axis are written alike.
        let all = &self.goal.encoding.y;
        let apart = alone || matches!(self.goal.kind, CardKind::Bubble | CardKind::Geomap) || unlike(all);
        let sharing = if apart || !all.contains(channel) { std::slice::from_ref(channel) } else { all };
        let values = sharing.iter().flat_map(|y| self.values(y)).filter_map(Value::as_f64);
        let edges = values.fold(None, |edges: Option<(f64, f64)>, v| {
            Some(edges.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
        });
        let Some((low, high)) = edges.filter(|_| format.ends_with('f') && !format.contains('%')) else {
            return Some((format.to_owned(), false));
        };
        let most = low.abs().max(high.abs());
        let sign = if format.contains('$') { "$" } else { "" };
        let whole = if alone { most >= SHORT_FROM / 1_000.0 } else { high - low >= WHOLE_SPAN };
        Some(match (most >= SHORT_FROM, alone) {
            (true, false) => (format!("{sign}~s"), true),
            (true, true) => (format!("{sign}.3~s"), true),
            _ if whole => (format.replace(".2f", ".0f").replace(".1f", ".0f"), false),
            _ => (format.replace(".2f", ".2~f").replace(".1f", ".1~f"), false),
        })
    }

    /// A column as colour.
    pub(super) fn colour(&self, channel: &Channel) -> Body {
        let mut def = self.value(channel);
        // As strong as the colour is, also where the marks let others shine through.
        let mut legend = members(json!({"symbolOpacity": 1}));
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

/// Whether some figures are shares and others are not: each needs an axis of its own.
pub(super) fn unlike(figures: &[Channel]) -> bool {
    let share = |y: &Channel| y.format.as_deref().is_some_and(|format| format.contains('%'));
    figures.windows(2).any(|two| share(&two[0]) != share(&two[1]))
}
