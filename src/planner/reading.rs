//! Reads a segment piece by piece: what is a figure, what is a group, what is a condition.

use serde_json::Value;
use vizroom_protocol::dashboard::Grain;

use super::conditions::Piece;
use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::{Keyword, Rank};
use super::matching::{Item, Meaning};
use super::query::{Agg, Op, Predicate};
use super::words::{Kind, Token};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Subject,
    By,
    Only,
    Not,
}

pub struct Reader<'r, 'a> {
    data: &'r Data<'a>,
    tokens: &'r [Token],
    pieces: &'r [Piece],
    intent: Intent,
    mode: Mode,
    agg: Option<Agg>,
    counting: bool,
    /// `highest` right before a figure.
    extreme: Option<(Rank, usize)>,
    /// A group was named as the subject: `carriers by delay`.
    subjects: bool,
    /// The column named last, while nothing came between.
    last: Option<usize>,
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
        }
    }

    /// Reads one piece; they come in order.
    pub fn piece(&mut self, at: usize) {
        let pieces = self.pieces;
        let item = match &pieces[at] {
            Piece::Condition(predicates) => {
                self.intent.matched += 1;
                let negated = self.mode == Mode::Not;
                self.intent
                    .add_filters(predicates.iter().map(|p| if negated { p.negated() } else { p.clone() }).collect());
                self.last = None;
                return;
            }
            Piece::Item(item) => item,
        };
        let last = self.last.take();
        match &item.meaning {
            Meaning::Column(columns) => self.column(columns, last, at),
            Meaning::Value(choices) => self.value(choices, at),
            Meaning::Rows => self.rows(at),
            Meaning::Keyword(keyword) => self.keyword(*keyword, at, last),
            Meaning::Number { value, .. } => self.number(*value, at),
            Meaning::Filler => self.last = last,
            Meaning::Mark(_) => {}
            Meaning::Quoted(text) | Meaning::Unknown(text) | Meaning::Day(text) => {
                self.intent.unknown.push(text.clone())
            }
            Meaning::Month(_) | Meaning::Weekday(_) | Meaning::Weekend | Meaning::Quarter(_) => self.unmatched(at),
        }
    }

    fn unmatched(&mut self, at: usize) {
        if let Piece::Item(item) = &self.pieces[at] {
            let text: Vec<&str> = self.tokens[item.from..item.to].iter().map(|t| t.text.as_str()).collect();
            self.intent.unknown.push(text.join(" "));
        }
    }

    /// The meaning of the next piece that is not filler.
    fn following(&self, at: usize) -> Option<&Meaning> {
        self.pieces[at + 1..].iter().find_map(|p| match p {
            Piece::Item(Item { meaning: Meaning::Filler, .. }) => None,
            Piece::Item(item) => Some(Some(&item.meaning)),
            Piece::Condition(_) => Some(None),
        })?
    }

    fn preceding(&self, at: usize) -> Option<&Meaning> {
        match self.pieces.get(at.checked_sub(1)?)? {
            Piece::Item(item) => Some(&item.meaning),
            Piece::Condition(_) => None,
        }
    }

    fn column(&mut self, columns: &[usize], last: Option<usize>, at: usize) {
        self.intent.matched += 1;
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
        if self.mode != Mode::By
            && let Some(flag) = columns.iter().copied().find(|&i| fields[i].role == Role::Flag)
        {
            self.flag(flag, at);
            return;
        }
        let measure = columns.iter().copied().find(|&i| fields[i].is_measure());
        let group = columns.iter().copied().find(|&i| fields[i].is_dimension() && fields[i].role != Role::Ordinal);
        let ordinal = columns.iter().copied().find(|&i| fields[i].role == Role::Ordinal);
        let wants_figure = match self.mode {
            Mode::By => {
                self.agg.is_some() || (self.intent.asks.is_empty() && (self.subjects || self.intent.rank.is_some()))
            }
            _ => !self.counting,
        };
        let chosen = if wants_figure
            && let Some(field) =
                measure.filter(|m| Some(*m) == columns.first().copied() || self.agg.is_some() || group.is_none())
        {
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

    fn figure(&mut self, field: usize) {
        let agg = self.agg.take();
        if agg.is_none()
            && let Some((rank, at)) = self.extreme.take()
            && at == self.intent.asks.len()
        {
            self.extreme = Some((rank, at));
        }
        self.intent.add_ask(Ask { agg, field: Some(field), over: None });
    }

    /// `returned orders`, `return rate`: the rows for which it is true.
    fn flag(&mut self, field: usize, at: usize) {
        let truth = self.mode != Mode::Not;
        let source = self.data.fields[field].source();
        let values = vec![Value::Bool(truth)];
        self.intent.add_filters(vec![Predicate { source, part: None, op: Op::In, values }]);
        self.intent.rows |= self.intent.asks.is_empty();
        if matches!(self.following(at), Some(Meaning::Keyword(Keyword::Rate))) {
            self.intent.share = true;
            self.intent.rate = true;
        }
    }

    fn counted(&mut self, field: usize) {
        self.counting = false;
        let agg = match (self.agg.take(), self.data.fields[field].role) {
            (Some(Agg::Distinct), _) => Agg::Distinct,
            (_, Role::Sum | Role::Mean) => Agg::Sum,
            _ => Agg::Distinct,
        };
        self.intent.add_ask(Ask { agg: Some(agg), field: Some(field), over: None });
    }

    fn rows(&mut self, at: usize) {
        if self.mode == Mode::By {
            let named = self.data.namesake();
            match named {
                Some(field) => {
                    self.intent.matched += 1;
                    self.intent.by = true;
                    self.intent.add_group(Group { field: Some(field), grain: None });
                }
                None if self.data.dataset.name.contains('_') => self.unmatched(at),
                None => {}
            }
            return;
        }
        self.count_rows();
    }

    fn count_rows(&mut self) {
        self.intent.matched += 1;
        self.intent.rows = true;
        if self.counting {
            self.counting = false;
            self.agg = None;
            self.intent.add_ask(Ask { agg: Some(Agg::Count), field: None, over: None });
        }
    }

    fn value(&mut self, choices: &[(usize, Value)], at: usize) {
        self.intent.matched += 1;
        let named = |m: Option<&Meaning>| match m {
            Some(Meaning::Column(c)) => choices.iter().find(|(f, _)| c.contains(f)),
            _ => None,
        };
        let known = |f: usize| {
            self.intent.filters.iter().any(|p| p.source.column() == Some(&self.data.fields[f].column.name))
                || self.intent.groups.iter().any(|g| g.field == Some(f))
        };
        let chosen = named(self.following(at))
            .or_else(|| named(self.preceding(at)))
            .or_else(|| choices.iter().find(|(f, _)| known(*f)))
            .or_else(|| choices.iter().min_by_key(|(f, _)| self.data.fields[*f].column.distinct));
        let Some((field, value)) = chosen else { return };
        let op = if self.mode == Mode::Not { Op::NotIn } else { Op::In };
        let source = self.data.fields[*field].source();
        let predicate = Predicate { source, part: None, op, values: vec![value.clone()] };
        self.intent.add_filters(vec![predicate]);
    }

    fn number(&mut self, value: f64, at: usize) {
        let whole = (value.fract() == 0.0 && (1.0..=1_000.0).contains(&value)).then_some(value as u64);
        let ranked = matches!(self.preceding(at), Some(Meaning::Keyword(Keyword::Rank(_) | Keyword::Last)));
        let counts = match self.following(at) {
            Some(Meaning::Column(c)) => c.iter().any(|&i| self.data.fields[i].is_dimension()),
            Some(Meaning::Rows | Meaning::Keyword(Keyword::Rank(_) | Keyword::Row)) => true,
            _ => false,
        };
        let spelled = matches!(&self.pieces[at], Piece::Item(i) if self.tokens[i.from].kind == Kind::Word);
        match whole {
            Some(n) if ranked || (counts && !spelled) => self.intent.top = Some(n),
            Some(n) if counts && n > 1 => self.intent.top = Some(n),
            _ if spelled => {}
            _ => self.unmatched(at),
        }
    }

    fn keyword(&mut self, keyword: Keyword, at: usize, last: Option<usize>) {
        match keyword {
            Keyword::Agg(agg) => self.agg = Some(agg),
            Keyword::Count => self.counting = true,
            Keyword::Chart(kind) => self.intent.chart = Some(kind),
            Keyword::Stacked => self.intent.stacked = true,
            Keyword::By | Keyword::Compared(_) | Keyword::Dated(_) => {
                if self.counting {
                    self.count_rows();
                }
                self.mode = Mode::By;
            }
            Keyword::Colour => {
                self.mode = Mode::By;
                self.intent.colour = true;
            }
            Keyword::Only | Keyword::Between | Keyword::Last => {
                self.mode = Mode::Only;
                self.last = last;
            }
            Keyword::Not => self.mode = Mode::Not,
            Keyword::Versus | Keyword::Correlation => self.intent.correlation = true,
            Keyword::Compare => self.intent.compare = true,
            Keyword::Trend => self.intent.add_group(Group { field: None, grain: None }),
            Keyword::Grain(grain) => self.grain(grain, at),
            Keyword::Rank(rank) => self.rank(rank, at),
            Keyword::Share => self.share(at),
            Keyword::Unsupported => self.unmatched(at),
            Keyword::Breakdown => self.intent.breakdown = true,
            Keyword::Distribution => self.intent.distribution = true,
            Keyword::Overview => self.intent.overview = true,
            Keyword::Kpi => self.intent.kpi = true,
            Keyword::Margin => self.margin(at),
            Keyword::Descending => self.intent.descending = Some(true),
            Keyword::Ascending => self.intent.descending = Some(false),
            Keyword::Row => self.count_rows(),
            Keyword::Order => {
                if self.data.sells() {
                    self.count_rows();
                } else {
                    self.unmatched(at);
                }
            }
            Keyword::Rate => {
                if !self.intent.rate {
                    self.unmatched(at);
                }
            }
            Keyword::And | Keyword::Sort | Keyword::Filler => {}
        }
    }

    /// `share of women by country` asks for a rate; `share of sales by country` for the parts of a whole.
    fn share(&mut self, at: usize) {
        self.intent.share = true;
        self.intent.rate |= match self.following(at) {
            Some(Meaning::Value(_)) => true,
            Some(Meaning::Column(c)) => c.iter().any(|&i| self.data.fields[i].role == Role::Flag),
            _ => false,
        };
    }

    fn rank(&mut self, rank: Rank, at: usize) {
        self.intent.rank = Some(rank);
        let before_figure = matches!(self.following(at), Some(Meaning::Column(c)) if c.iter().any(|&i| self.data.fields[i].is_measure()));
        if before_figure && matches!(rank, Rank::Most | Rank::Least) {
            self.extreme = Some((rank, self.intent.asks.len()));
        }
    }

    fn grain(&mut self, grain: Grain, at: usize) {
        let Piece::Item(item) = &self.pieces[at] else { return };
        let said = &self.tokens[item.to - 1].lower;
        let adverb = said.ends_with("ly") || said == "annual" || item.to - item.from > 1;
        let counted = self.counting && self.mode != Mode::By;
        if self.data.time_group(grain).is_none() {
            // The word may still only name the rows: `days` in a table of days.
            self.unmatched(at);
            return;
        }
        self.intent.matched += 1;
        if counted && self.data.row_grain() == Some(grain) {
            self.count_rows();
        } else if adverb || (self.mode == Mode::By && !counted) {
            self.intent.add_group(Group { field: None, grain: Some(grain) });
            self.intent.by |= self.mode == Mode::By;
        } else {
            self.intent.noun_grain = Some(grain);
        }
    }

    /// `profit margin`: profit by sales, where the data has both.
    fn margin(&mut self, at: usize) {
        let find = |word: &str| {
            self.data.fields.iter().position(|f| f.role == Role::Sum && f.words.iter().any(|w| w.lower == word))
        };
        let profit = self.intent.asks.last().and_then(|a| a.field).or_else(|| find("profit"));
        let sales = ["sales", "revenue", "turnover"].into_iter().find_map(find);
        match (profit, sales) {
            (Some(profit), Some(sales)) if profit != sales => {
                self.intent.asks.retain(|a| a.field != Some(profit));
                self.intent.asks.push(Ask { agg: Some(Agg::Sum), field: Some(profit), over: Some(sales) });
                self.intent.matched += 1;
            }
            _ => self.unmatched(at),
        }
    }

    /// What the segment asks for.
    pub fn finish(mut self) -> Intent {
        if self.counting {
            self.intent.rows = true;
            self.intent.add_ask(Ask { agg: Some(Agg::Count), field: None, over: None });
        }
        match (self.agg.take(), self.intent.asks.as_mut_slice()) {
            (Some(agg), [only]) if only.agg.is_none() && agg != Agg::Distinct => only.agg = Some(agg),
            (agg, []) => self.intent.agg = agg,
            _ => {}
        }
        self.implied();
        self.extremes();
        self.nouns();
        self.intent
    }

    /// `hottest days`: the adjective names the figure.
    fn implied(&mut self) {
        if self.intent.rank.is_none() || !self.intent.asks.is_empty() {
            return;
        }
        for at in 0..self.pieces.len() {
            let Piece::Item(item) = &self.pieces[at] else { continue };
            let Some(words) = super::vocabulary::implied_measure(&self.tokens[item.from].lower) else { continue };
            let names = |f: &super::fields::Field<'_>| {
                f.is_measure() && f.words.iter().any(|w| words.split(' ').any(|i| i == w.lower))
            };
            match self.data.fields.iter().position(names) {
                Some(field) => self.intent.add_ask(Ask { agg: None, field: Some(field), over: None }),
                None => self.unmatched(at),
            }
            return;
        }
    }

    /// `highest price per symbol` is a maximum; `the symbols with the highest price` is a ranking.
    fn extremes(&mut self) {
        let Some((rank, index)) = self.extreme else { return };
        let ranking =
            self.subjects || self.intent.rows || self.intent.top.is_some() || self.intent.noun_grain.is_some();
        if ranking {
            return;
        }
        if let Some(ask) = self.intent.asks.get_mut(index)
            && ask.agg.is_none()
        {
            ask.agg = Some(if rank == Rank::Least { Agg::Min } else { Agg::Max });
            self.intent.rank = None;
        }
    }

    /// `which month had the most` groups by month; `rainy days` only names the rows.
    fn nouns(&mut self) {
        let Some(grain) = self.intent.noun_grain else { return };
        let timed = self.intent.groups.iter().any(|g| g.field.is_none());
        if self.intent.rank.is_some() && !timed {
            self.intent.noun_grain = None;
            self.intent.groups.insert(0, Group { field: None, grain: Some(grain) });
        } else if self.data.row_grain() == Some(grain) {
            self.intent.noun_grain = None;
            self.intent.rows = true;
        }
    }
}
