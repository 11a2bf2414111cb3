//! Reads a segment piece by piece: what is a figure, what is a group, what is a condition.

use serde_json::Value;
use vizroom_protocol::dashboard::{CardKind, Grain};

use super::conditions::Piece;
use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::{Keyword, Rank};
use super::matching::{Item, Meaning};
use super::query::{Agg, Op, Predicate};
use super::words::Token;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Subject,
    By,
    Only,
    Not,
}

pub struct Reader<'r, 'a> {
    pub data: &'r Data<'a>,
    pub tokens: &'r [Token],
    pub pieces: &'r [Piece],
    pub intent: Intent,
    pub mode: Mode,
    pub agg: Option<Agg>,
    pub counting: bool,
    /// `highest` right before a figure.
    pub extreme: Option<(Rank, usize)>,
    /// A group was named as the subject: `carriers by delay`.
    pub subjects: bool,
    /// The column named last, while nothing came between.
    last: Option<usize>,
    /// The period named last.
    pub period: Option<Vec<Predicate>>,
    /// Another period follows, to be compared with it.
    pub against: bool,
    /// What follows is what a share is of: `share of sales that are returns`.
    pub sharing: bool,
    /// A rate is named: what else is said tells of which rows.
    pub rated: bool,
    /// Limits of figures: of rows or of groups, which the rest decides.
    pub limits: Vec<(usize, Vec<(Op, Value)>)>,
    /// `7` in `7 day moving average`.
    pub steps: Option<u32>,
    /// A figure that another one was divided by.
    pub taken: Option<usize>,
    /// Groups that go on with those of the segment before.
    pub listing: bool,
    /// The segment before ended with groups: `by class and sex`.
    pub follows_by: bool,
}

impl<'r, 'a> Reader<'r, 'a> {
    pub fn new(data: &'r Data<'a>, tokens: &'r [Token], pieces: &'r [Piece]) -> Self {
        Self {
            data,
            tokens,
            pieces,
            intent: Intent::default(),
            mode: Mode::Subject,
            agg: None,
            counting: false,
            extreme: None,
            subjects: false,
            last: None,
            period: None,
            against: false,
            sharing: false,
            rated: false,
            limits: Vec::new(),
            steps: None,
            follows_by: false,
            listing: false,
            taken: None,
        }
    }

    /// Reads one piece; they come in order.
    pub fn piece(&mut self, at: usize) {
        let pieces = self.pieces;
        let last = self.last.take();
        let item = match &pieces[at] {
            Piece::Condition(predicates) => return self.condition(predicates),
            Piece::Period(predicates) => return self.period(predicates),
            // `excluding 2009 and 2015`
            Piece::Pair(earlier, later) if self.mode == Mode::Not => {
                self.condition(earlier);
                return self.condition(later);
            }
            Piece::Pair(earlier, later) => {
                let (earlier, later) = (earlier.clone(), later.clone());
                return self.compare(later, earlier);
            }
            Piece::Before(grain) => return self.before(*grain),
            Piece::Limits { field, limits } => return self.limit(*field, limits),
            Piece::Item(item) => item,
        };
        match &item.meaning {
            Meaning::Column(columns) => self.column(columns, last, at),
            Meaning::Value(choices) => self.value(choices, at),
            Meaning::Values(field, values) => self.several(*field, values, at),
            Meaning::Rows => self.rows(at),
            Meaning::Keyword(keyword) => self.keyword(*keyword, at, last),
            Meaning::Number { value, .. } => self.number(*value, at),
            Meaning::Filler => self.last = last,
            Meaning::Mark(_) => {}
            Meaning::Quoted(text) | Meaning::Unknown(text) | Meaning::Day(text) => {
                self.intent.unknown.push(text.clone())
            }
            Meaning::Weekend if self.mode == Mode::By => self.parts_of_week(at),
            Meaning::Month(_) | Meaning::Weekday(_) | Meaning::Weekend | Meaning::Quarter(_) => self.unmatched(at),
        }
    }

    pub fn unmatched(&mut self, at: usize) {
        if let Piece::Item(item) = &self.pieces[at] {
            let text: Vec<&str> = self.tokens[item.from..item.to].iter().map(|t| t.text.as_str()).collect();
            self.intent.unknown.push(text.join(" "));
        }
    }

    /// The meaning of the next piece that is not filler.
    pub fn following(&self, at: usize) -> Option<&Meaning> {
        self.pieces[at + 1..].iter().find_map(|p| match p {
            Piece::Item(Item { meaning: Meaning::Filler, .. }) => None,
            Piece::Item(item) => Some(Some(&item.meaning)),
            _ => Some(None),
        })?
    }

    pub fn preceding(&self, at: usize) -> Option<&Meaning> {
        match self.pieces.get(at.checked_sub(1)?)? {
            Piece::Item(item) => Some(&item.meaning),
            _ => None,
        }
    }

    fn column(&mut self, columns: &[usize], last: Option<usize>, at: usize) {
        self.intent.matched += 1;
        if self.taken.take().is_some_and(|t| columns.contains(&t)) {
            return;
        }
        if let Some(last) = last.filter(|l| columns.contains(l)) {
            self.last = Some(last);
            return;
        }
        let beside =
            |m: Option<&Meaning>| matches!(m, Some(Meaning::Value(v)) if v.iter().any(|(f, _)| columns.contains(f)));
        if beside(self.following(at)) || beside(self.preceding(at)) {
            return;
        }
        let fields = &self.data.fields;
        if self.lacking(columns[0]) {
            return;
        }
        if self.mode == Mode::Not && fields[columns[0]].role != Role::Flag {
            self.intent.dropped.extend(columns.first());
            return;
        }
        if self.told_already(columns, at) || self.only_happened(columns, at) || self.counts_events(columns, at) {
            return;
        }
        self.goes_on(columns, at);
        if self.mode != Mode::By
            && let Some(&flag) = columns.first().filter(|&&i| fields[i].role == Role::Flag)
        {
            return self.flag(flag, at);
        }
        self.shared_agg(columns, at);
        let columns = &self.at_end(self.by_name(columns, at))[..];
        let measure = columns.iter().copied().find(|&i| fields[i].is_measure());
        // `price by number of bedrooms`
        let numbered = self.mode == Mode::By && self.counting && measure.is_some();
        if numbered && (!self.intent.asks.is_empty() || self.intent.rows) && self.agg.is_none() {
            self.counting = false;
        }
        let group = columns.iter().copied().find(|&i| fields[i].is_dimension() && fields[i].role != Role::Ordinal);
        let ordinal = columns.iter().copied().find(|&i| fields[i].role == Role::Ordinal);
        let wants_figure = match self.mode {
            Mode::By => self.agg.is_some() || self.ranked_by(at),
            _ => !self.counting,
        };
        let chosen = if wants_figure
            && let Some(field) =
                measure.filter(|m| Some(*m) == columns.first().copied() || self.agg.is_some() || group.is_none())
        {
            self.figure(field);
            field
        } else if let Some(field) =
            measure.filter(|_| self.counting && matches!(self.agg, Some(a) if a != Agg::Distinct))
        {
            // `average number of seats`
            self.counting = false;
            self.figure(field);
            field
        } else if self.counting || self.agg == Some(Agg::Distinct) {
            let field = columns[0];
            self.counted(field);
            field
        } else {
            let by = self.mode == Mode::By;
            let field = group.or(ordinal).or(measure).unwrap_or(columns[0]);
            self.intent.add_group(Group { field: Some(field), grain: None });
            self.intent.by |= by;
            self.subjects |= !by;
            field
        };
        self.last = Some(chosen);
    }

    fn draws_points(&self) -> bool {
        matches!(self.intent.chart, Some(CardKind::Bubble | CardKind::Choropleth | CardKind::Geomap))
    }

    /// `by class and cylinders`: a list of groups goes on after the `and`, unless what follows has groups of its own.
    fn goes_on(&mut self, columns: &[usize], at: usize) {
        let few = matches!(self.data.fields[columns[0]].role, Role::Flag | Role::Ordinal);
        let free = self.mode == Mode::Subject && self.intent.is_empty() && self.agg.is_none() && !self.counting;
        let by = |p: &Piece| matches!(p, Piece::Item(Item { meaning: Meaning::Keyword(Keyword::By), .. }));
        if self.follows_by && few && free && !self.pieces[at..].iter().any(by) {
            self.mode = Mode::By;
            self.listing = true;
        }
    }

    pub fn figure(&mut self, field: usize) {
        let agg = self.agg.take();
        if agg.is_none()
            && let Some((rank, at)) = self.extreme.take()
            && at == self.intent.asks.len()
        {
            self.extreme = Some((rank, at));
        }
        self.intent.add_ask(Ask { agg, field: Some(field), over: None });
    }

    /// `not found by radar`: who did it is left out, and no group.
    fn by_whom(&self, at: usize) -> bool {
        self.mode == Mode::Not && matches!(self.following(at), Some(Meaning::Value(_) | Meaning::Values(..)))
    }

    fn keyword(&mut self, keyword: Keyword, at: usize, last: Option<usize>) {
        match keyword {
            Keyword::Agg(agg) => self.agg = Some(agg),
            Keyword::Count => self.counting = true,
            Keyword::Chart(kind) => self.intent.chart = Some(kind),
            Keyword::Stacked => self.intent.stacked = true,
            // A comparison that is none: with `two hours` where the data may count minutes.
            Keyword::Compared(_) if matches!(self.following(at), Some(Meaning::Number { .. })) => self.unmatched(at),
            Keyword::Compared(_) if self.compares_sides(at) => self.quality(at),
            Keyword::By if self.by_whom(at) => {}
            Keyword::By | Keyword::Compared(_) | Keyword::Dated(_) => self.by(at),
            Keyword::Sized if self.draws_points() => self.mode = Mode::Subject,
            Keyword::Sized => self.unmatched(at),
            Keyword::Selling => self.selling(at),
            Keyword::Doing => self.doing(at),
            Keyword::Colour => {
                self.mode = Mode::By;
                self.intent.colour = true;
            }
            // `did not come from the web`, `exclude people with less than 5 years`
            Keyword::Only if self.mode == Mode::Not && self.denies(at) => {}
            keyword if self.compares_with(keyword, at) => self.against = true,
            Keyword::Only | Keyword::Between | Keyword::Last => {
                self.part_follows(at);
                self.mode = Mode::Only;
                self.last = last;
            }
            Keyword::Not => self.mode = Mode::Not,
            Keyword::Than => {}
            // `KLM vs Lufthansa`: two of a kind side by side.
            Keyword::Versus
                if matches!(self.preceding(at), Some(Meaning::Value(_)))
                    && matches!(self.following(at), Some(Meaning::Value(_))) =>
            {
                self.intent.compare = true
            }
            Keyword::Versus | Keyword::Correlation => self.intent.correlation = true,
            Keyword::Course(course, grain) => self.course(course, grain),
            Keyword::Grown { rank, fast } => self.grown(rank, fast),
            Keyword::Why => self.intent.why = true,
            Keyword::Exact => self.intent.exact = true,
            Keyword::Outliers => self.intent.outliers = true,
            Keyword::Loss => self.loss(at),
            Keyword::Quality => self.quality(at),
            Keyword::Compare => self.intent.compare = true,
            Keyword::Trend => self.intent.add_group(Group { field: None, grain: None }),
            Keyword::Grain(grain) => self.grain(grain, at),
            Keyword::Decade => self.decade(at),
            Keyword::Rank(_) if self.is_of_name(at) => {}
            Keyword::Rank(rank) => self.rank(rank, at),
            Keyword::Share => self.share(at),
            Keyword::Unsupported => self.unmatched(at),
            Keyword::Breakdown => self.intent.breakdown = true,
            Keyword::Distribution => self.spreads(),
            Keyword::Overview => self.intent.overview = true,
            Keyword::Kpi => self.intent.kpi = true,
            Keyword::Margin => self.margin(at),
            Keyword::Descending => self.intent.descending = Some(true),
            Keyword::Ascending => self.intent.descending = Some(false),
            Keyword::Row => {
                if std::mem::take(&mut self.counting) {
                    self.intent.add_ask(Ask { agg: Some(Agg::Count), field: None, over: None });
                }
                self.count_rows();
            }
            Keyword::Order => self.ordered(at),
            Keyword::Rate => self.rated(at),
            Keyword::Others => self.others(at),
            Keyword::And | Keyword::Sort | Keyword::Divided | Keyword::Minus | Keyword::Filler => {}
        }
    }

    fn by(&mut self, at: usize) {
        if self.counting {
            self.count_rows();
        }
        self.rows_of_each(at);
        self.mode = Mode::By;
        self.sharing = false;
    }

    /// `orders` are rows where something is sold; `order` else only speaks of sorting.
    fn ordered(&mut self, at: usize) {
        let said = match &self.pieces[at] {
            Piece::Item(item) => self.tokens[item.from].lower.as_str(),
            _ => "",
        };
        if self.data.sells() {
            // `profit per order`
            let by = self.mode == Mode::By;
            if by { self.rows(at) } else { self.count_rows() }
        } else if said != "order" {
            self.unmatched(at);
        }
    }

    fn rank(&mut self, rank: Rank, at: usize) {
        self.intent.rank = Some(rank);
        let before_figure = matches!(self.following(at), Some(Meaning::Column(c)) if c.iter().any(|&i| self.data.fields[i].is_measure()));
        if before_figure && matches!(rank, Rank::Most | Rank::Least) {
            self.extreme = Some((rank, self.intent.asks.len()));
        }
    }

    fn decade(&mut self, at: usize) {
        self.intent.decades = true;
        self.grain(Grain::Year, at);
    }

    fn grain(&mut self, grain: Grain, at: usize) {
        let Piece::Item(item) = &self.pieces[at] else { return };
        let said = &self.tokens[item.to - 1].lower;
        // A season of what is counted by years is one of them.
        let years = grain == Grain::MonthOfYear && self.data.time_group(grain).is_none() && said.starts_with("season");
        let grain = if years { Grain::Year } else { grain };
        let adverb = said.ends_with("ly")
            || said == "annual"
            || item.to - item.from > 1
            || said.starts_with("season") && grain == Grain::MonthOfYear;
        let counted = self.counting && self.mode != Mode::By;
        // `years of school`
        let of = self.tokens.get(item.to).is_some_and(|t| t.lower == "of") && said.ends_with('s');
        if of && matches!(self.following(at), Some(Meaning::Column(c)) if self.data.fields[c[0]].is_measure()) {
            return;
        }
        if let Some(field) = self.data.named_step(grain).filter(|_| grain == Grain::DayOfWeek) {
            return self.step(field);
        }
        if self.data.time_group(grain).is_none() {
            if let Some(field) = self.data.named_step(grain) {
                return self.step(field);
            }
            // `books published per year`, of years of publication.
            if let Some(field) = self.years_beside(at).filter(|_| grain == Grain::Year) {
                return self.step(field);
            }
            // A unit: `hours awake`, `weeks on the chart`.
            let figure = |m: Option<&Meaning>| matches!(m, Some(Meaning::Column(c)) if c.iter().any(|&i| self.data.fields[i].is_measure()));
            // `monthly sales` of what has no dates are not known; `yearly temperature` is one of a year.
            let adds =
                |m: Option<&Meaning>| matches!(m, Some(Meaning::Column(c)) if self.data.fields[c[0]].role == Role::Sum);
            let stepwise = said.ends_with("ly") && adds(self.following(at));
            if !stepwise && (figure(self.following(at)) || figure(self.preceding(at))) {
                return;
            }
            // The word may still only name the rows: `days` in a table of days.
            self.unmatched(at);
            return;
        }
        self.intent.matched += 1;
        let each = self.data.is_stepped(grain) || self.data.row_grain() == Some(grain);
        if adverb && self.agg == Some(Agg::Avg) && each {
            return;
        }
        // `distribution of daily births` is one of rows that are days.
        let spread = self.intent.distribution || self.intent.chart == Some(CardKind::Histogram);
        if adverb && spread && self.data.row_grain() == Some(grain) {
            return;
        }
        if counted && (self.data.row_grain() == Some(grain) || self.data.kinds_grain() == Some(grain)) {
            self.count_rows();
        } else if adverb || (self.mode == Mode::By && !counted) {
            self.intent.add_group(Group { field: None, grain: Some(grain) });
            self.intent.by |= self.mode == Mode::By;
        } else {
            if counted && self.data.is_finer(grain) {
                self.counting = false;
                self.intent.add_ask(Ask { agg: Some(Agg::Count), field: None, over: None });
            }
            self.intent.noun_grain = Some(grain);
        }
    }

    /// A step of time that the data names in a column of texts.
    fn step(&mut self, field: usize) {
        self.intent.matched += 1;
        if std::mem::take(&mut self.counting) {
            self.intent.add_ask(Ask { agg: Some(Agg::Distinct), field: Some(field), over: None });
            return;
        }
        self.subjects |= self.mode != Mode::By;
        self.intent.by |= self.mode == Mode::By;
        self.intent.add_group(Group { field: Some(field), grain: None });
    }
}
