//! What comes in each step of time on average: `average daily revenue per month`, `how many calls a day on average`.

use vizroom_protocol::dashboard::Grain;

use super::building::counted;
use super::conditions::Piece;
use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::query::{Agg, Measure, Step};
use super::reading::Reader;
use super::words::{Token, is};

/// A step of time that a sentence says a figure is of.
struct Said {
    grain: Grain,
    /// `daily`, rather than `per day`.
    adverb: bool,
}

impl Reader<'_, '_> {
    /// The average of what each step comes to, where something else goes along the card or what is averaged is counted.
    pub fn stepwise(&mut self) {
        let told = |p: &Piece| match p {
            Piece::Item(item) => Some((item.from, item.to)),
            _ => None,
        };
        let (first, last) = (self.pieces.iter().find_map(told), self.pieces.iter().rev().find_map(told));
        let span = first.zip(last).and_then(|((from, _), (_, to))| self.tokens.get(from..to));
        let Some(said) = span.and_then(said) else { return };
        let intent = &self.intent;
        let plain = intent.rank.is_none() && intent.course.is_none() && intent.chart.is_none() && !intent.distribution;
        let Some(group) = self.data.time_group(said.grain).map(|_| Group { field: None, grain: Some(said.grain) })
        else {
            return;
        };
        let others = intent.groups.iter().filter(|g| !same(self.data, g, said.grain)).count();
        let bare = intent.asks.is_empty() && intent.rows;
        let counts = bare || intent.asks.iter().any(|a| a.field.is_none() && a.agg != Some(Agg::Distinct));
        let ask = intent.asks.first().cloned().unwrap_or(Ask { agg: None, field: None, over: None });
        let single = intent.asks.len() <= 1 && ask.over.is_none() && intent.periods.is_empty() && !intent.share;
        let adds = counts || ask.field.is_some_and(|f| self.data.fields[f].role == Role::Sum);
        let timed = intent.groups.iter().any(|g| is_time(self.data, g) && !same(self.data, g, said.grain));
        let timed = timed || intent.noun_grain.is_some_and(|g| g != said.grain);
        let apart = timed || others > 0 && (counts || said.adverb);
        let alone = others == 0 && intent.noun_grain.is_none_or(|g| g == said.grain) && (counts || said.adverb && adds);
        if !single || !(apart || alone && plain) {
            return;
        }
        self.intent.groups.retain(|g| !same(self.data, g, said.grain));
        self.intent.noun_grain = self.intent.noun_grain.filter(|g| *g != said.grain);
        self.intent.by &= !self.intent.groups.is_empty();
        self.intent.agg = None;
        if bare {
            self.intent.asks.push(counted(self.data));
        }
        // Of what does not add up, or of rows that are such steps, it is the average of the rows.
        let each = self.data.row_grain() == Some(said.grain) && !counts;
        if !adds || each {
            self.intent.asks.iter_mut().for_each(|a| a.agg = a.agg.or(Some(Agg::Avg)));
        } else {
            self.intent.asks.iter_mut().filter(|a| a.field.is_some()).for_each(|a| a.agg = Some(Agg::Sum));
            self.intent.each_step = Some(group);
        }
    }
}

/// The step that is said, where an average is.
fn said(tokens: &[Token]) -> Option<Said> {
    let average = |i: usize| is(tokens.get(i), "average avg mean typical averaged");
    let at = |i: usize| is(tokens.get(i), "per a each every an");
    let averaged = (0..tokens.len()).any(average);
    let step = |i: usize| {
        let word = tokens.get(i)?.lower.as_str();
        const NOUNS: [(&str, Grain); 6] = [
            ("day", Grain::Day),
            ("week", Grain::Week),
            ("month", Grain::Month),
            ("quarter", Grain::Quarter),
            ("year", Grain::Year),
            ("hour", Grain::Hour),
        ];
        NOUNS.into_iter().find(|(noun, _)| *noun == word).map(|(_, grain)| grain)
    };
    let adverb = |i: usize| {
        const ADVERBS: [(&str, Grain); 7] = [
            ("daily", Grain::Day),
            ("weekly", Grain::Week),
            ("monthly", Grain::Month),
            ("quarterly", Grain::Quarter),
            ("yearly", Grain::Year),
            ("annual", Grain::Year),
            ("hourly", Grain::Hour),
        ];
        let word = tokens.get(i)?.lower.as_str();
        ADVERBS.into_iter().find(|(said, _)| *said == word).map(|(_, grain)| grain)
    };
    if !averaged {
        return None;
    }
    // `average daily sales`, `average number of daily trips`: before what it is of.
    let early = (0..tokens.len()).find_map(|i| {
        let near = i > 0 && (i.saturating_sub(4)..i).any(average);
        adverb(i).filter(|_| near && i + 1 < tokens.len()).map(|grain| Said { grain, adverb: true })
    });
    let per =
        || (1..tokens.len()).find_map(|i| step(i).filter(|_| at(i - 1)).map(|grain| Said { grain, adverb: false }));
    early.or_else(per)
}

fn is_time(data: &Data<'_>, group: &Group) -> bool {
    group.field.is_none_or(|f| {
        matches!(data.fields[f].role, Role::Time | Role::Part(_)) || data.named_step(Grain::DayOfWeek) == Some(f)
    })
}

/// Whether a group is that step.
fn same(data: &Data<'_>, group: &Group, grain: Grain) -> bool {
    let time = group.field.is_none_or(|f| data.fields[f].role == Role::Time);
    time && group.grain == Some(grain)
}

/// The figure divided by how many steps there are.
pub fn divided(data: &Data<'_>, intent: &Intent, measure: &mut Measure) {
    let Some(grain) = intent.each_step.and_then(|g| g.grain) else { return };
    if matches!(measure.agg, Agg::Count | Agg::Sum) && measure.over.is_none() {
        measure.steps =
            data.time_group(grain).map(|time| Step { source: time.source, cut: time.cut, grain: time.grain });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    #[test]
    fn an_average_may_be_of_what_each_step_comes_to() {
        let (min, max) = (Some(json!("2014-01-01")), Some(json!("2017-09-20")));
        let date = Column { kind: ColumnType::Date, min, max, ..text("order_date", 1_200, 0, &[]) };
        let columns = vec![date, text("region", 4, 0, &["North"]), figure("revenue", 900, 1, 2_000)];
        for (prompt, wanted) in [
            (
                "average daily revenue per month",
                "SUM(\"revenue\") AS DOUBLE) / NULLIF(COUNT(DISTINCT \"order_date\"), 0)",
            ),
            (
                "average number of orders per day by weekday",
                "CAST(COUNT(*) AS DOUBLE) / NULLIF(COUNT(DISTINCT \"order_date\"), 0)",
            ),
            ("how many orders per week on average?", "NULLIF(COUNT(DISTINCT CAST(date_trunc('week'"),
            ("average monthly revenue by region", "GROUP BY 1"),
            ("orders per month compared with the month before", "LAG"),
            ("revenue in the last 20 days", "\"order_date\" AS \"day\""),
            ("orders per year excluding 2014 and 2017", "NOT IN ('2014-01-01', '2017-01-01')"),
            ("total revenue in the final month", "DATE '2017-09-01'"),
        ] {
            let sql = sql(prompt, "orders", columns.clone());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
