//! Steps of time: where a dataset keeps them, and which step suits a range.

use vizroom_protocol::dashboard::Grain;
use vizroom_protocol::file::ColumnType;

use super::fields::{Data, Part, Role};
use super::period::{Date, range};
use super::query::{Cut, Source};

/// Years beyond which a course goes by them.
const YEARS_MANY: u64 = 40;

fn is_parts(source: &Source) -> bool {
    matches!(source, Source::Parts { .. })
}

/// A grouping by time, worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeGroup {
    pub source: Source,
    pub cut: Cut,
    pub grain: Grain,
}

impl Data<'_> {
    /// How rows are grouped by this step of time; `None` if the data has no such thing.
    pub fn time_group(&self, grain: Grain) -> Option<TimeGroup> {
        let plain = |part: Part, grain: Grain| {
            let source = self.fields[self.part(part)?].source();
            Some(TimeGroup { source, cut: Cut::Whole, grain })
        };
        let one_year = self.part(Part::Year).is_none_or(|y| self.fields[y].column.distinct <= 1);
        let part = match grain {
            Grain::Year => plain(Part::Year, grain),
            Grain::MonthOfYear => plain(Part::Month, grain),
            Grain::Month if one_year => plain(Part::Month, Grain::MonthOfYear),
            Grain::HourOfDay => plain(Part::Hour, grain),
            Grain::DayOfWeek => plain(Part::Weekday, grain),
            Grain::Quarter if one_year => plain(Part::Quarter, grain),
            Grain::Week if one_year => plain(Part::Week, grain),
            Grain::Hour => plain(Part::Hour, Grain::HourOfDay),
            _ => None,
        };
        part.or_else(|| self.dated(self.date()?, grain))
            .or_else(|| if grain == Grain::Day { plain(Part::Day, grain) } else { None })
            .or_else(|| if grain == Grain::Week && self.date().is_none() { plain(Part::Week, grain) } else { None })
    }

    /// A grouping of one source by a step of time, if the source is that fine.
    pub fn dated(&self, source: Source, grain: Grain) -> Option<TimeGroup> {
        let has_hours = matches!(source, Source::Column { kind: ColumnType::Timestamp, .. });
        let has_days = !matches!(source, Source::Parts { day: None, .. });
        if let Source::Spelled { form, .. } = source {
            let cut = Cut::Grain(grain);
            return super::spelled::tells(form, grain).then_some(TimeGroup { source, cut, grain });
        }
        let fine = match grain {
            Grain::Hour | Grain::HourOfDay => has_hours,
            Grain::Day | Grain::Week | Grain::DayOfWeek => has_days,
            _ => true,
        };
        // `by hour` over more than a week of data asks for the hour of the day.
        let grain = match range(self, &source) {
            Some((first, last)) if grain == Grain::Hour && last.number() - first.number() > 7 => Grain::HourOfDay,
            _ => grain,
        };
        fine.then_some(TimeGroup { source, cut: Cut::Grain(grain), grain })
    }

    /// The step of time that a column of numbers stands for.
    pub fn part_grain(&self, source: &Source) -> Option<Grain> {
        let field = &self.fields[self.index(source.column()?)?];
        match field.role {
            Role::Part(Part::Month) => Some(Grain::MonthOfYear),
            Role::Part(Part::Hour) => Some(Grain::HourOfDay),
            Role::Part(Part::Weekday) => Some(Grain::DayOfWeek),
            Role::Part(Part::Day) => Some(Grain::Day),
            Role::Part(Part::Week) => Some(Grain::Week),
            _ => None,
        }
    }

    /// The step of time that suits the whole range: enough points to see a course, few enough to see it.
    pub fn natural_grain(&self, source: &Source) -> Grain {
        if let Source::Spelled { form, .. } = source {
            return super::spelled::grain(*form);
        }
        let Some((first, last)) = range(self, source) else { return Grain::Month };
        let days = last.number() - first.number() + 1;
        let years = last.year - first.year + 1;
        let distinct = match source {
            Source::Column { name, .. } => self.index(name).map_or(u64::MAX, |i| self.fields[i].column.distinct),
            _ => u64::MAX,
        };
        let distinct = i64::try_from(distinct).unwrap_or(i64::MAX);
        let by_hour = matches!(source, Source::Column { kind: ColumnType::Timestamp, .. }) && days <= 3;
        if by_hour {
            Grain::Hour
        } else if distinct <= years + 1 && days > 400 {
            Grain::Year
        } else if days <= 92 && !matches!(source, Source::Parts { day: None, .. }) {
            Grain::Day
        } else if years > 15 && distinct > years * 12 {
            Grain::Year
        } else {
            Grain::Month
        }
    }

    /// The column of texts that names these steps: `day` with `Thur`, `Fri`, `Sat`; or one that is called as the step is.
    pub fn named_step(&self, grain: Grain) -> Option<usize> {
        let lower = |v: &serde_json::Value| v.as_str().map(str::to_lowercase).unwrap_or_default();
        let all = |test: fn(&str) -> bool| {
            let written = |f: &super::fields::Field<'_>| {
                f.role == Role::Category && f.column.distinct > 1 && f.column.top.iter().all(|v| test(&lower(v)))
            };
            self.fields.iter().position(written)
        };
        let called = |word: &str| {
            let is = |f: &super::fields::Field<'_>| {
                matches!(f.role, Role::Category | Role::Ordinal)
                    && matches!(f.words.as_slice(), [one] if one.lower == word)
            };
            self.fields.iter().position(is)
        };
        match grain {
            Grain::Day | Grain::DayOfWeek => {
                all(|v| super::vocabulary::weekday_written(v).is_some()).or_else(|| called("day"))
            }
            Grain::Month | Grain::MonthOfYear => {
                all(|v| super::vocabulary::month_number(v).is_some()).or_else(|| called("month"))
            }
            _ => called(grain_name(grain)),
        }
    }

    /// The dataset's course of time: by its date, or by a lone column of years.
    pub fn course(&self) -> Option<TimeGroup> {
        let year = self.part(Part::Year).filter(|&y| !self.fields[y].joined && self.fields[y].column.nulls == 0);
        let lacking =
            |name: &str| self.index(name).is_some_and(|i| self.fields[i].column.nulls * 20 > self.dataset.rows);
        match self.date() {
            // A date that many rows lack is no course of theirs where each has a year.
            Some(source) if year.is_some() && source.column().is_some_and(lacking) => self.time_group(Grain::Year),
            // Many years that have a column of their own are what such a table goes by.
            Some(source) if year.is_some_and(|y| self.fields[y].column.distinct > YEARS_MANY) && !is_parts(&source) => {
                self.time_group(Grain::Year)
            }
            Some(source) => {
                let grain = self.natural_grain(&source);
                match source {
                    Source::Parts { .. } => self.time_group(grain),
                    column => self.dated(column, grain),
                }
            }
            None => {
                let steps = [Grain::Year, Grain::Month, Grain::Day, Grain::Week];
                steps.into_iter().find_map(|grain| self.time_group(grain))
            }
        }
    }

    /// The step of time that each row stands for, where there is one row a step: days in a table of days.
    pub fn row_grain(&self) -> Option<Grain> {
        let field = self.fields.iter().find(|f| f.role == Role::Time)?;
        let rows = self.dataset.rows;
        // A row a day, or a row a day and city.
        let steps = field.column.distinct.max(1);
        let each = |f: &super::fields::Field<'_>| {
            let several = f.role == Role::Category && !f.joined && (2..=500).contains(&f.column.distinct);
            several && (rows * 98 / 100..=rows * 102 / 100).contains(&(steps * f.column.distinct))
        };
        if rows < 2 || steps < rows && !(steps > 100 && self.fields.iter().any(each)) {
            return None;
        }
        let rows = steps;
        let (first, last): (Date, Date) = range(self, &field.source())?;
        let days = (last.number() - first.number() + 1) as f64 / rows as f64;
        match days {
            d if (0.9..1.5).contains(&d) => Some(Grain::Day),
            d if (6.0..8.0).contains(&d) => Some(Grain::Week),
            d if (27.0..32.0).contains(&d) => Some(Grain::Month),
            d if (360.0..370.0).contains(&d) => Some(Grain::Year),
            _ => None,
        }
    }

    /// The step of time of which each row is one, of one of several kinds: days of cities.
    pub fn kinds_grain(&self) -> Option<Grain> {
        let field = self.fields.iter().find(|f| f.role == Role::Time && f.column.kind == ColumnType::Date)?;
        let (rows, dates) = (self.dataset.rows as f64, field.column.distinct as f64);
        let each = |f: &super::fields::Field<'_>| {
            let all = dates * f.column.distinct as f64;
            f.role == Role::Category && !f.joined && f.column.distinct > 1 && (0.7..=1.01).contains(&(rows / all))
        };
        let (first, last): (Date, Date) = range(self, &field.source())?;
        let dense = (last.number() - first.number() + 1) as f64 / dates.max(1.0);
        (self.fields.iter().any(each) && dense < 1.5).then_some(Grain::Day)
    }

    /// Whether rows have dates, and are not each one step of this length.
    pub fn is_finer(&self, grain: Grain) -> bool {
        let each = || self.row_grain() == Some(grain) || self.kinds_grain() == Some(grain);
        self.time_group(grain).is_some() && !each()
    }

    /// Whether a step of time is said of which the rows are parts: `days`, of data of which a day has many rows.
    pub fn has_finer_rows(&self, said: &[super::words::Token]) -> bool {
        let step = match super::spoken::keyword_meaning(said) {
            Some((_, super::matching::Meaning::Keyword(super::lexicon::Keyword::Grain(grain)))) => grain,
            _ => return false,
        };
        self.date().is_some() && self.is_finer(step)
    }

    /// Whether dates have no finer steps than years, and these are meant: the average of the rows is the yearly one.
    pub fn is_stepped(&self, grain: Grain) -> bool {
        let yearly = |f: &super::fields::Field<'_>| {
            let years = range(self, &f.source()).map_or(0, |(first, last)| last.year - first.year + 1);
            f.role == Role::Part(Part::Year) || i64::try_from(f.column.distinct).is_ok_and(|d| years > 1 && d <= years)
        };
        let finer = self.part(Part::Month).is_some();
        let mut times = self.fields.iter().filter(|f| matches!(f.role, Role::Time | Role::Part(Part::Year)));
        grain == Grain::Year && !finer && times.clone().count() == 1 && times.all(yearly)
    }

    /// Whether it tells of games of seasons that a column of years names: `goals per season` is no course of a year.
    pub fn is_played(&self) -> bool {
        let game = "team club player opponent goal match game score round matchday league";
        let told = self.fields.iter().filter(|f| super::roles::has(&f.words, game)).count();
        self.part(Part::Year).is_some() && told >= 2
    }

    /// Whether the rows are sales of something, so that `orders` may name them.
    pub fn sells(&self) -> bool {
        let sale = |lower: &str| matches!(lower, "sales" | "revenue" | "quantity" | "order" | "turnover");
        let has = |is: &dyn Fn(&str) -> bool| self.fields.iter().any(|f| f.words.iter().any(|w| is(&w.lower)));
        let buyer = |lower: &str| matches!(lower, "customer" | "client" | "buyer" | "shopper" | "household");
        let paid = |lower: &str| matches!(lower, "dollar" | "dollars" | "euro" | "amount" | "price" | "spend" | "paid");
        has(&sale) || has(&buyer) && has(&paid)
    }
}

/// For a person: `month`, `hour of the day`.
pub fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month | Grain::MonthOfYear => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
        Grain::HourOfDay => "hour of the day",
        Grain::DayOfWeek => "day of the week",
        Grain::FiscalQuarter => "fiscal quarter",
        Grain::FiscalYear => "fiscal year",
    }
}
