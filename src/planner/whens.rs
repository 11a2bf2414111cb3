//! Questions for a time: `when was it highest?`, `did it go up?`, `weekday pattern`.

use vizroom_protocol::dashboard::Grain;

use super::fields::Role;
use super::intent::{Ask, Group};
use super::lexicon::Rank;
use super::query::Agg;
use super::reading::Reader;

impl Reader<'_, '_> {
    /// `did sales go up in 2017?`: beside the period before.
    pub fn moved(&mut self) {
        const MOVES: &str = "up down rise risen rose increase increased grow grown grew improve improved drop dropped fall fallen fell \
            decline declined decrease decreased change changed better worse";
        let is = |t: &super::words::Token, list: &str| list.split_ascii_whitespace().any(|w| w == t.lower);
        let asks = self.tokens.first().is_some_and(|t| is(t, "did has have is are was were"));
        let plain = self.intent.groups.is_empty() && self.intent.periods.is_empty() && !self.intent.why;
        let told = self.intent.rows || !self.intent.asks.is_empty();
        if !(asks && plain && told && self.tokens.iter().any(|t| is(t, MOVES))) {
            return;
        }
        if let Some(now) = self.period.take()
            && let Some(before) = super::period::before(self.data, &now, None)
        {
            self.compare(now, before);
        }
    }

    /// `when was tea most expensive?`, `when did sales peak?`: the steps of time, ranked by the figure.
    pub fn when(&mut self) {
        // `in which year did sales peak?`
        let which = self.intent.noun_grain.is_some()
            && self.tokens.iter().take(3).any(|t| super::words::is(Some(t), "which what"));
        let asks = which || self.tokens.first().is_some_and(|t| t.lower == "when");
        // `in which year did measles peak?`: most of what is counted.
        let bare = self.intent.asks.is_empty() && self.intent.groups.is_empty() && asks;
        if bare && self.intent.agg.take_if(|a| matches!(a, Agg::Max)).is_some() {
            self.intent.rank = Some(Rank::Most);
            self.intent.asks.push(super::building::counted(self.data));
        }
        let peak = |a: &Ask| matches!(a.agg, Some(Agg::Max | Agg::Min));
        let [ask] = self.intent.asks.as_mut_slice() else { return };
        let extreme = peak(ask);
        if !asks || !(extreme || self.intent.rank.is_some()) || !self.intent.groups.is_empty() {
            return;
        }
        let Some(course) = self.data.course() else { return };
        if extreme {
            self.intent.rank = Some(if ask.agg == Some(Agg::Min) { Rank::Least } else { Rank::Most });
            ask.agg = None;
        }
        self.intent.noun_grain = self.intent.noun_grain.or(self.data.row_grain()).or(Some(course.grain));
    }

    /// `how many coupons were redeemed`, of a date of redemption: that it happened, not when.
    pub fn only_happened(&mut self, columns: &[usize], at: usize) -> bool {
        let super::conditions::Piece::Item(item) = &self.pieces[at] else { return false };
        let token = &self.tokens[item.from];
        let time = columns.first().is_some_and(|&f| self.data.fields[f].role == Role::Time);
        let one = time && item.to == item.from + 1 && self.mode != super::reading::Mode::By;
        // `admissions per month`, of dates of admission: each row is one.
        let event =
            one && super::supposed::names_several(token) && !super::words::is(Some(token), "dates times days years");
        if event && self.agg.is_none() && self.intent.asks.is_empty() {
            self.count_rows();
            return true;
        }
        one && super::supposed::is_participle(token)
    }

    /// `in which month do most people come?`, of several years: what comes again each year is asked for in the present,
    /// one month in the past.
    pub fn habitual(&mut self) {
        let is = |i: usize, list: &str| super::words::is(self.tokens.get(i), list);
        let asks = (0..3).find(|&i| is(i, "which what") && is(i + 1, "month months"));
        let present = asks.is_some_and(|i| {
            let verb = is(i + 2, "is are do does has have sees see brings bring gets get");
            verb && (!is(i + 2, "has have") || is(i + 3, "the most least fewest highest lowest"))
        });
        let several = self.data.date().and_then(|d| super::period::range(self.data, &d));
        let several = several.is_some_and(|(first, last)| first.year < last.year);
        let free = self.intent.filters.iter().all(|p| !super::period::is_timed(self.data, p));
        if present && several && free && self.intent.noun_grain == Some(Grain::Month) {
            self.intent.noun_grain = Some(Grain::MonthOfYear);
        }
    }

    /// `in which month was it highest?`, `year with the most storms`: one step of time is asked for; `the best months` are
    /// several.
    pub fn one_of_steps(&mut self) {
        const STEPS: &str = "day date week month quarter year season decade";
        let open = self.intent.top.is_none() && self.intent.first_of_each.is_none() && self.intent.having.is_empty();
        let ends = matches!(self.intent.rank, Some(Rank::Most | Rank::Least | Rank::Best | Rank::Worst));
        let [group] = self.intent.groups.as_slice() else { return };
        let timed = match group.field {
            None => group.grain.is_some(),
            Some(f) => matches!(self.data.fields[f].role, Role::Time | Role::Part(super::fields::Part::Year)),
        };
        let again = matches!(group.grain, Some(Grain::MonthOfYear | Grain::DayOfWeek | Grain::HourOfDay));
        let is = |i: usize, list: &str| super::words::is(self.tokens.get(i), list);
        // `the best product of each month`
        let each = |i: usize| i > 0 && is(i - 1, "each every per by a");
        let step = (0..self.tokens.len()).any(|i| is(i, STEPS) && !each(i) && !is(i + 1, "by"));
        let several = self.tokens.iter().any(|t| super::words::is(Some(t), "days dates weeks months quarters years"));
        let asked = (step && !several) || is(0, "when");
        if open && ends && timed && !again && asked && self.intent.chart.is_none() && self.intent.asks.len() <= 1 {
            self.intent.top = Some(1);
            // `the worst year for measles cases` had most of them.
            let bad = || self.tokens.iter().any(|t| super::vocabulary::is_bad(&t.stem));
            if self.intent.rank == Some(Rank::Worst) && bad() {
                self.intent.rank = Some(Rank::Most);
            }
        }
    }

    /// `the 10 most recent orders`, `latest order`: the rows in the order of their time.
    pub fn newest(&mut self) {
        let is = |i: usize, list: &str| super::words::is(self.tokens.get(i), list);
        let recent = |i: usize| is(i, "latest newest") || is(i, "most") && is(i + 1, "recent");
        let said = |i: &usize| recent(*i) || is(*i, "earliest");
        let bare = self.intent.rows && self.intent.asks.is_empty() && self.intent.groups.is_empty();
        let Some(at) = (0..self.tokens.len()).find(said).filter(|_| bare && self.intent.noun_grain.is_none()) else {
            return;
        };
        let noun = at + 1 + usize::from(is(at, "most"));
        // `the latest orders by region` are those of the newest day.
        let plural = self.tokens.get(noun).is_some_and(|t| t.lower.ends_with('s'));
        let date = self.data.date().and_then(|d| self.data.index(d.column()?));
        if let Some(field) = date.filter(|_| self.intent.filters.iter().all(|p| !super::period::is_timed(self.data, p)))
        {
            self.intent.rank = Some(if recent(at) { Rank::Most } else { Rank::Least });
            self.intent.top = self.intent.top.or(if plural { None } else { Some(1) });
            self.intent.asks.push(Ask { agg: None, field: Some(field), over: None });
        }
    }

    /// `weekday pattern of orders`: what comes again is what the figure goes by, where nothing else is.
    pub fn recurring(&mut self) {
        let cyclic = |g: &Grain| matches!(g, Grain::DayOfWeek | Grain::HourOfDay | Grain::MonthOfYear);
        let Some(grain) = self.intent.noun_grain.filter(cyclic) else { return };
        let time = |g: &Group| g.field.is_some_and(|f| self.data.fields[f].role == Role::Time) && g.grain.is_none();
        let asked = self.intent.rows || !self.intent.asks.is_empty() || self.intent.groups.iter().any(time);
        let free = self.intent.groups.iter().all(time) && self.intent.filters.iter().all(|p| p.part.is_none());
        if asked && free && self.data.time_group(grain).is_some() {
            self.intent.noun_grain = None;
            self.intent.groups.push(Group { field: None, grain: Some(grain) });
            super::period::one_step(self.data, &mut self.intent);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::samples::{figure, sql, text};

    fn orders(prompt: &str) -> String {
        let (min, max) = (Some(json!("2014-01-01")), Some(json!("2017-09-20")));
        let date = Column { kind: ColumnType::Date, min, max, ..text("order_date", 1_200, 0, &[]) };
        sql(prompt, "orders", vec![date, text("region", 4, 0, &["North"]), figure("amount", 900, 1, 2_000)])
    }

    #[test]
    fn questions_for_a_time_are_answered_by_times() {
        for (prompt, wanted) in [
            ("when did the amount peak?", "ORDER BY \"total_amount\" DESC"),
            ("weekday pattern of the amount", "'dow'"),
            ("did the amount go up in 2017?", "DATE '2016-01-01'"),
            ("growth of the amount 2017 vs 2016", "- 1"),
            ("amount in the last 14 days vs the 14 days before", "\"order_date\" >= DATE '2017-08-24'"),
            ("amount in summer 2016", "< DATE '2016-09-01'"),
            ("orders in winter by region", "IN (12, 1, 2)"),
            ("weekend amount vs weekday amount", "'Weekend' ELSE 'Weekday'"),
            ("amount over time, quarterly", "'quarter'"),
            ("latest amount", "\"order_date\" >= DATE '2017-09-20'"),
            ("quarters with an amount above 4000", "HAVING SUM(\"amount\") > 4000"),
        ] {
            let sql = orders(prompt);
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn how_often_counts_each_and_what_stayed_lasted() {
        let columns = || {
            vec![text("result", 4, 0, &["won", "lost"]), figure("duration", 60, 0, 90), figure("year", 40, 1980, 2019)]
        };
        let often = sql("how often was each result given?", "terms", columns());
        assert!(often.contains("\"result\" AS \"result\", COUNT(*)"), "{often}");
        let stayed = sql("how many terms stayed for more than 30 years?", "terms", columns());
        assert!(stayed.contains("\"duration\" > 30"), "{stayed}");
        let data = [Dataset { name: "terms".into(), rows: 2_000, columns: columns() }];
        let why = crate::plan("why did the duration fall between 1990 and 1991?", &data, None);
        let compared = why
            .goals
            .iter()
            .any(|g| g.query.sql().contains("\"year\" = 1991") && g.query.sql().contains("\"year\" = 1990"));
        assert!(compared, "{why:#?}");
    }

    #[test]
    fn days_and_hours_may_be_numbers() {
        let columns = || vec![figure("study_day", 100, 0, 120), figure("hour", 24, 0, 23), figure("dose", 60, 1, 90)];
        for (prompt, wanted) in [
            ("average dose over time", "\"study_day\" AS \"study_day\", AVG(\"dose\")"),
            ("7 day moving average of the average dose", "ORDER BY \"study_day\" ROWS BETWEEN 6"),
            ("average dose by hour on days 30 to 60", "\"study_day\" >= 30 AND \"study_day\" <= 60"),
            ("average dose between 7 and 9 in the morning", "\"hour\" >= 7 AND \"hour\" <= 9"),
        ] {
            let sql = sql(prompt, "readings", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn events_are_counted_by_their_dates_and_habits_by_the_calendar() {
        let date = || {
            let (min, max) = (Some(json!("2014-01-01")), Some(json!("2017-09-20")));
            Column { kind: ColumnType::Date, min, max, ..text("admission_date", 1_200, 0, &[]) }
        };
        let columns = || vec![date(), figure("death_year", 40, 1950, 2019), text("ward", 6, 0, &["A", "B"])];
        for (prompt, wanted) in [
            ("admissions per year", "COUNT(*)"),
            ("which month has the most patients", "date_part('month'"),
            ("which month had the most patients", "date_trunc('month'"),
        ] {
            let sql = sql(prompt, "patients", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn the_parts_of_one_events_date_are_its_date() {
        let columns = || {
            vec![
                figure("Year_Built", 100, 1900, 2010),
                figure("Mo_Sold", 12, 1, 12),
                figure("Year_Sold", 5, 2006, 2010),
                figure("Price", 900, 1, 2_000),
            ]
        };
        for (prompt, wanted) in [
            ("houses sold by month", "make_date(\"Year_Sold\", \"Mo_Sold\", 1)"),
            ("average price of houses in 2008", "\"Year_Sold\" = 2008"),
            ("average price by year built", "\"Year_Built\" AS \"year_built\", AVG"),
        ] {
            let sql = sql(prompt, "houses", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
