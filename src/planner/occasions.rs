//! How many steps of time something is told of: `on how many days did it rain?`, `rainy days per month` of hourly rows.

use serde_json::json;
use vizroom_protocol::dashboard::{CardKind, Grain};

use super::conditions::tests_of;
use super::fields::{Data, Part, Role};
use super::intent::{Ask, Group, Intent};
use super::query::{Agg, Cut, Measure, Op, Source, Step};
use super::reading::Reader;
use super::words::is;

const STEPS: &str = "hours days dates weeks months quarters years";

/// Farthest that `how many` stands before the steps: `how many cold winter days`.
const BEFORE_MAX: usize = 4;

impl Reader<'_, '_> {
    /// Counts the steps that are asked for, where the rows are parts of them.
    pub fn occasions(&mut self) {
        let Some(grain) = self.intent.noun_grain.filter(|g| self.data.is_finer(*g)) else { return };
        let intent = &self.intent;
        let rows = |a: &Ask| a.field.is_none() && a.agg == Some(Agg::Count) && a.over.is_none();
        // `on how many days was there precipitation`: where there was some.
        let some = |a: &Ask| a.field.is_some() && a.agg.is_none() && a.over.is_none();
        let plain = intent.asks.iter().all(|a| rows(a) || some(a))
            && intent.rank.is_none()
            && intent.course.is_none()
            && !intent.share;
        let plain = plain && intent.periods.is_empty() && !intent.distribution && intent.agg.is_none();
        let drawn = matches!(intent.chart, Some(CardKind::Heatmap | CardKind::Histogram | CardKind::Scatter));
        // What a whole step comes to is limited otherwise: `days with sales over 1000`.
        let of_rows = self.limits.iter().all(|(f, _)| self.data.fields[*f].role != Role::Sum);
        let many = |i: usize| is(self.tokens.get(i), "many number count");
        let step = |i: usize| is(self.tokens.get(i), STEPS) && (i.saturating_sub(BEFORE_MAX)..i).any(many);
        let counted = (0..self.tokens.len()).any(step);
        // `how many days had more than 900 orders`, `sales over 1000`: what each step comes to.
        let of_steps = intent.having.iter().all(|h| h.of.is_some()) && !(of_rows && intent.having.is_empty());
        if of_steps && counted && plain && intent.groups.is_empty() && intent.chart.is_none() {
            self.intent.counts_groups = true;
            (self.intent.rows, self.subjects, self.intent.noun_grain) = (false, true, None);
            self.intent.asks.clear();
            self.intent.groups.push(Group { field: None, grain: Some(grain) });
            return;
        }
        if !plain || drawn || !of_rows || !intent.having.is_empty() {
            return;
        }
        let which = !self.limits.is_empty() || !intent.filters.is_empty();
        let longer = |g: &Group| g.field.is_none() && g.grain.is_some_and(|g| length(g) > length(grain));
        if !(counted || which && !intent.rows && intent.groups.iter().any(longer)) {
            return;
        }
        // Steps of which no row tells cannot be counted.
        if !which && self.tokens.iter().any(|t| is(Some(t), "without no never")) {
            return;
        }
        // `on how many days did he pitch`: the verb asks for no kind of pitches.
        let verb = (2..self.tokens.len()).find(|&i| is(self.tokens.get(i - 1), "he she they it we you"));
        let verb = verb.filter(|&i| is(self.tokens.get(i - 2), "did does do was were")).map(|i| &self.tokens[i]);
        if let Some(verb) = verb {
            let of_verb = |f: usize| self.data.fields[f].words.iter().any(|w| w.stem == verb.stem);
            self.intent.groups.retain(|g| !g.field.is_some_and(of_verb));
        }
        let told: Vec<usize> = self.intent.asks.iter().filter_map(|a| a.field).collect();
        for field in told.into_iter().filter(|&f| self.data.fields[f].min().is_some_and(|min| min <= 0.0)) {
            self.intent.add_filters(tests_of(self.data, field, &[(Op::Gt, json!(0))]));
        }
        // Hours in a column of their own: of several days each is a row.
        let hours = matches!(grain, Grain::Hour | Grain::HourOfDay) && self.data.part(Part::Hour).is_some();
        for (field, limits) in std::mem::take(&mut self.limits) {
            self.intent.add_filters(tests_of(self.data, field, &limits));
        }
        let agg = if hours { Agg::Count } else { Agg::Distinct };
        self.intent.asks = vec![Ask { agg: Some(agg), field: None, over: None }];
        self.intent.each_step = (!hours).then_some(Group { field: None, grain: Some(grain) });
        self.intent.noun_grain = None;
        self.intent.rows = hours;
    }
}

/// How long a step is, roughly: days.
fn length(grain: Grain) -> u32 {
    match grain {
        Grain::Week => 7,
        Grain::Month | Grain::MonthOfYear => 30,
        Grain::Quarter | Grain::FiscalQuarter => 90,
        Grain::Year | Grain::FiscalYear => 365,
        Grain::Hour | Grain::HourOfDay => 0,
        _ => 1,
    }
}

/// What counts the steps.
pub fn counted(data: &Data<'_>, intent: &Intent, ask: &Ask) -> Option<Measure> {
    let grain = intent.each_step.and_then(|g| g.grain).filter(|_| is_count(ask))?;
    let time = data.time_group(grain)?;
    let hours = matches!(grain, Grain::Hour | Grain::HourOfDay) && matches!(time.source, Source::Column { .. });
    let step = match hours && matches!(time.cut, Cut::Grain(_)) {
        // Each hour by itself, not those of the day.
        true => Step { source: time.source, cut: Cut::Grain(Grain::Hour), grain: Grain::Hour },
        false => Step { source: time.source, cut: time.cut, grain: time.grain },
    };
    Some(Measure { steps: Some(step), ..Measure::new(Agg::Distinct, None, "") })
}

/// Whether a figure is the number of steps.
fn is_count(ask: &Ask) -> bool {
    ask.field.is_none() && ask.agg == Some(Agg::Distinct)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, refined, sql, text};

    fn columns() -> Vec<Column> {
        let (min, max) = (Some(json!("2016-03-01T00:00:00")), Some(json!("2017-02-20T00:00:00")));
        let time = Column { kind: ColumnType::Timestamp, min, max, ..text("measured", 1_200, 0, &[]) };
        let temperature = Column { mean: Some(12.0), ..figure("temperature", 60, -12, 36) };
        vec![time, text("event", 3, 0, &["rain", "snow"]), temperature]
    }

    #[test]
    fn steps_are_counted_where_rows_are_parts_of_them() {
        let days = "COUNT(DISTINCT CAST(date_trunc('day', \"measured\") AS DATE))";
        for (prompt, wanted) in [
            ("on how many days did it rain", "'rain'"),
            ("on how many days was there snow each month", "GROUP BY 1"),
            ("number of days with rain per month", "'rain'"),
            ("how many days were above 30 degrees temperature", "\"temperature\" > 30"),
            ("rainy days per month", "'rain'"),
        ] {
            let sql = sql(prompt, "readings", columns());
            assert!(sql.contains(days) && sql.contains(wanted), "{prompt}: {sql}");
        }
        let (_, sql) = refined("number of days with rain per month", "only 2016", "readings", columns());
        assert!(sql.contains(days), "{sql}");
    }
}
