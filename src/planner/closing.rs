//! What a segment asks for, once all of it has been read: what its words imply together.

use vizroom_protocol::dashboard::Grain;

use super::conditions::Piece;
use super::fields::{Field, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Rank;
use super::matching::{Item, Meaning};
use super::query::{Agg, Op};
use super::reading::Reader;
use super::words::Token;

/// What an overview may be said to be of without saying more.
const VAGUE: &str =
    "market business industry situation landscape picture state scene sector story game field area topic domain";

impl Reader<'_, '_> {
    /// What the segment asks for.
    pub fn finish(mut self) -> Intent {
        if self.counting {
            self.intent.rows = true;
            self.intent.add_ask(super::building::counted(self.data));
        }
        match (self.agg.take(), self.intent.asks.as_mut_slice()) {
            (Some(agg), [only]) if only.agg.is_none() && agg != Agg::Distinct => only.agg = Some(agg),
            (agg, []) => self.intent.agg = agg,
            _ => {}
        }
        self.newest();
        // `sorted alphabetically`
        let by_name = |t: &super::words::Token| super::words::is(Some(t), "alphabetically alphabetical");
        self.intent.by_name |= self.tokens.iter().any(by_name) && !self.intent.groups.is_empty();
        self.spread_of_limited();
        self.rows_by_name();
        self.side_by_side();
        self.worth();
        self.common();
        self.things();
        self.untold();
        self.namesakes();
        self.kinds();
        self.who();
        self.implied();
        self.moved();
        self.when();
        self.winners();
        self.extremes();
        self.habitual();
        self.occasions();
        self.nouns();
        self.recurring();
        self.stepwise();
        super::period::one_step(self.data, &mut self.intent);
        self.cycle();
        self.listed();
        self.single();
        self.limited();
        self.best_of_each();
        self.first_and_last();
        self.changed();
        self.likelier();
        self.opposed();
        self.related();
        self.implied_course();
        self.counted_each();
        self.years_told();
        self.record();
        self.one_of_steps();
        if self.intent.overview {
            self.intent.unknown.retain(|w| !VAGUE.split(' ').any(|v| v == w.to_lowercase()));
        }
        // A list of groups that goes on is of the `by` before it.
        self.intent.by &= !self.listing;
        self.intent
    }

    /// `distribution of sizes below 3000`: of the figure that is limited.
    fn spread_of_limited(&mut self) {
        let spread =
            self.intent.distribution || self.intent.chart == Some(vizroom_protocol::dashboard::CardKind::Histogram);
        let bare = self.intent.asks.is_empty() && self.intent.groups.is_empty();
        if let [(field, _)] = self.limits.as_slice()
            && spread
            && bare
        {
            self.intent.add_ask(Ask { agg: None, field: Some(*field), over: None });
        }
    }

    /// `top 10 salaries` ranks the rows; `top 10 jobs` of a table of jobs ranks them, where rows are not single ones.
    fn namesakes(&mut self) {
        let bare = matches!(self.intent.asks.as_slice(), [Ask { agg: None, field: Some(_), over: None }]);
        let several = self.intent.top.is_some_and(|n| n > 1) && self.intent.groups.is_empty();
        self.intent.rows |= bare && several && self.intent.rank.is_some() && self.intent.noun_grain.is_none();
        let ranked = self.intent.rank.is_some() && self.intent.rows && self.intent.groups.is_empty();
        if ranked
            && self.intent.asks.is_empty()
            && let Some(field) = self.data.namesake()
        {
            self.intent.rows = false;
            self.subjects = true;
            self.intent.add_group(Group { field: Some(field), grain: None });
        }
    }

    /// `companies with sales over 150`: which they are, where they have names; `how many` asks for less.
    fn listed(&mut self) {
        let bare = self.intent.rows && self.intent.asks.is_empty() && self.intent.groups.is_empty();
        let free = self.intent.chart.is_none()
            && self.intent.rank.is_none()
            && self.intent.noun_grain.is_none()
            && !(self.intent.share || self.intent.kpi || self.intent.overview || self.intent.exact);
        let named = (0..self.data.fields.len()).any(|i| {
            let field = &self.data.fields[i];
            let called = super::roles::has(&field.words, "name title");
            field.role == Role::Label && (field.words.len() <= 2 && self.data.names_each(i) || called && !field.joined)
        });
        // `all songs by Eminem`, `which products are discontinued`, `show me the bookings of more than 3 nights`
        let asks = |at: usize| self.pieces.iter().any(|p| matches!(p, Piece::Item(i) if i.from <= at));
        // `which are heavier, Adelie or Gentoo penguins?` asks for no list in its second part.
        let asked = super::details::asks_for_list(self.tokens).is_some_and(asks);
        let kinds = named && super::details::is_of_kind(self.data, self.tokens, self.pieces, &self.intent.filters);
        // `companies with profits over 10 with their sales`
        let theirs = self
            .tokens
            .windows(2)
            .any(|w| super::words::is(Some(&w[0]), "with including and") && super::words::is(Some(&w[1]), "their its"));
        let told = self.intent.asks.iter().all(|a| a.agg.is_none() && a.over.is_none() && a.field.is_some());
        let which = !(self.intent.filters.is_empty() && self.limits.is_empty());
        let tells = theirs && self.intent.rows && told && !self.intent.by && which;
        let whole = bare && which && (asked || kinds || named && !self.limits.is_empty());
        if free && (whole || named && tells) {
            self.intent.chart = Some(vizroom_protocol::dashboard::CardKind::Table);
        }
    }

    /// `best selling pizzas`, `pizzas with fewer than 30,000 orders`: of rows of which several have one name, the names.
    fn kinds(&mut self) {
        let Some(field) = self.data.named_kinds().filter(|_| self.intent.rows && self.intent.groups.is_empty()) else {
            return;
        };
        let adds = |f: usize| self.data.fields[f].role == Role::Sum;
        // `least popular pizzas`: those of which most or fewest are told.
        let popular =
            self.tokens.iter().any(|t| matches!(t.lower.as_str(), "popular" | "common" | "frequent" | "ordered"));
        if popular && self.intent.rank.is_some() && self.intent.asks.is_empty() {
            self.intent.rows = false;
            self.subjects = true;
            self.intent.add_ask(super::building::counted(self.data));
            return self.intent.add_group(Group { field: Some(field), grain: None });
        }
        let ranked = self.intent.rank.is_some()
            && !self.intent.asks.is_empty()
            && self.intent.asks.iter().all(|a| a.field.is_some_and(|f| adds(f) || a.agg == Some(Agg::Sum)));
        // `top 5 lifters by bench press`: each by the best of its rows.
        let best = |a: &Ask| {
            a.agg.is_none() && a.over.is_none() && a.field.is_some_and(|f| self.data.fields[f].role == Role::Mean)
        };
        if let [ask] = self.intent.asks.as_slice()
            && self.intent.rank.is_some()
            && best(ask)
        {
            let least = self.intent.rank == Some(Rank::Least) || self.intent.rank == Some(Rank::Bottom);
            self.intent.asks[0].agg = Some(if least { Agg::Min } else { Agg::Max });
            self.intent.rows = false;
            self.subjects = true;
            return self.intent.add_group(Group { field: Some(field), grain: None });
        }
        let limited = self.intent.asks.is_empty() && self.limits.iter().any(|(f, _)| adds(*f));
        if ranked || limited {
            self.intent.rows = false;
            self.subjects = true;
            self.intent.add_group(Group { field: Some(field), grain: None });
        }
    }

    /// `does temperature drive ozone?` asks how the two go together, whatever the verb.
    fn related(&mut self) {
        let asks =
            self.tokens.first().is_some_and(|t| matches!(t.lower.as_str(), "does" | "do" | "did" | "is" | "are"));
        let pair = matches!(self.intent.asks.as_slice(), [a, b] if [a, b].iter().all(|x| matches!(x.agg, None | Some(Agg::Sum)) && x.field.is_some() && x.over.is_none()));
        let plain = self.intent.groups.is_empty() && self.intent.rank.is_none() && self.intent.periods.is_empty();
        self.intent.correlation |= asks && pair && plain;
    }

    /// `which states lose money`: a profit below zero; with `most`, the lowest.
    pub fn loss(&mut self, at: usize) {
        let profit = |w: &str| matches!(w, "profit" | "earnings" | "margin" | "result");
        let field = self.data.fields.iter().position(|f| {
            f.is_measure()
                && f.min().is_some_and(|m| m < 0.0)
                && f.words.iter().any(|w| profit(&super::text::singular(&w.lower)) || profit(&w.lower))
        });
        let Some(field) = field else { return self.unmatched(at) };
        self.intent.matched += 1;
        let Piece::Item(item) = &self.pieces[at] else { return };
        let most = self.tokens[item.from..item.to].iter().any(|t| t.lower == "most");
        if most || self.intent.rank.is_some() {
            self.intent.add_ask(Ask { agg: None, field: Some(field), over: None });
            self.intent.rank = Some(Rank::Least);
        } else {
            self.limits.push((field, vec![(Op::Lt, 0.into())]));
        }
    }

    /// `best selling products`: by what was sold, unless the figure is said.
    pub fn selling(&mut self, at: usize) {
        let Piece::Item(item) = &self.pieces[at] else { return };
        let worst = self.tokens[item.from].lower == "worst";
        self.intent.rank = Some(if worst { Rank::Least } else { Rank::Best });
        let figure = |p: &Piece| match p {
            Piece::Item(Item { meaning: Meaning::Column(c), .. }) => {
                c.iter().any(|&i| self.data.fields[i].role == Role::Sum)
            }
            _ => false,
        };
        if self.pieces.iter().any(figure) && self.data.date().is_some() {
            return;
        }
        let sold = |f: &Field<'_>| f.words.iter().any(|w| matches!(w.lower.as_str(), "sales" | "revenue" | "sold"));
        let sells = self.data.date().is_some() || self.data.fields.iter().any(sold);
        match self.implied_by("selling", None).filter(|_| sells) {
            Some(field) => self.intent.add_ask(Ask { agg: None, field: Some(field), over: None }),
            None => self.unmatched(at),
        }
    }

    /// `who earns most`: the verb names the figure, unless another one is.
    pub fn doing(&mut self, at: usize) {
        let Piece::Item(item) = &self.pieces[at] else { return };
        let figure = |p: &Piece| match p {
            Piece::Item(Item { meaning: Meaning::Column(c), .. }) => {
                c.iter().any(|&i| self.data.fields[i].is_measure())
            }
            Piece::Limits { .. } => true,
            _ => false,
        };
        // `do taller players weigh more?` asks of two.
        let second = self.asks_whether() && self.intent.asks.len() == 1;
        if self.pieces.iter().any(figure) || self.counting || !(second || self.intent.asks.is_empty()) {
            return;
        }
        if let Some(field) = self.implied_by(&self.tokens[item.from].lower, self.tokens.get(item.to)) {
            self.intent.matched += 1;
            self.intent.add_ask(Ask { agg: self.agg.take(), field: Some(field), over: None });
            // The earners are the rows.
            self.intent.rows |= self.tokens[item.from].lower.starts_with("earner");
        }
    }

    /// `most populous`: the adjective names the figure.
    pub fn quality(&mut self, at: usize) {
        let Piece::Item(item) = &self.pieces[at] else { return };
        // `are orders bigger on weekends?`: by what they are worth.
        let figure = |p: &Piece| match p {
            Piece::Item(Item { meaning: Meaning::Column(c), .. }) => {
                c.iter().any(|&i| self.data.fields[i].is_measure())
            }
            _ => false,
        };
        let large = || {
            let named = self.pieces.iter().any(figure);
            !named && super::words::is(self.tokens.get(item.from), "bigger larger smaller")
        };
        let worth = || super::bounds::worth(self.data).filter(|_| large());
        // `most expensive publishers by average list price` says the figure itself.
        let implied = self.implied_by(&self.tokens[item.from].lower, self.tokens.get(item.to)).or_else(worth);
        let said = |p: &Piece| match p {
            Piece::Item(Item { meaning: Meaning::Column(c), .. }) => implied.is_some_and(|i| c.contains(&i)),
            _ => false,
        };
        match implied {
            Some(_) if self.pieces[at + 1..].iter().any(said) => {}
            Some(field) => self.intent.add_ask(Ask { agg: None, field: Some(field), over: None }),
            // `when was tea most expensive?`: the figure is named.
            None if self.intent.rank.is_some() && self.pieces.iter().any(figure) => {}
            // `does longer service mean better pay?`
            None if self.intent.correlation || self.asks_whether() && self.pieces[at + 1..].iter().any(figure) => {}
            None => self.unmatched(at),
        }
    }

    /// The figure an adjective ranks by; of a lowest and a highest one, the one at that end.
    fn implied_by(&self, adjective: &str, thing: Option<&Token>) -> Option<usize> {
        let asked = super::thesaurus::figures_of(self.data, adjective, thing)?;
        let end = match self.intent.rank {
            Some(Rank::Least) => "minimum low lowest",
            _ => "maximum high highest",
        };
        let fields = asked.fields.into_iter();
        let has = |i: usize, word: &str| self.data.fields[i].words.iter().any(|w| w.lower == word);
        // What is sold is counted, or paid for; a price of one is neither.
        let sold = matches!(adjective, "selling" | "sold" | "sell" | "sells");
        let adds = |i: usize| !sold || self.data.fields[i].role == Role::Sum;
        fields.min_by_key(|&i| {
            (
                !adds(i),
                self.data.fields[i].joined,
                has(i, "direction"),
                !super::roles::has(&self.data.fields[i].words, end),
                !has(i, "total") && !has(i, "body"),
            )
        })
    }

    /// `hottest days`: the adjective names the figure.
    fn implied(&mut self) {
        if self.intent.rank.is_none() || !self.intent.asks.is_empty() {
            return;
        }
        for at in 0..self.pieces.len() {
            let Piece::Item(item) = &self.pieces[at] else { continue };
            let adjective = &self.tokens[item.from].lower;
            // `fastest growing` is of no speed.
            let grown = matches!(item.meaning, Meaning::Keyword(super::lexicon::Keyword::Grown { .. }));
            let after =
                super::words::is(item.from.checked_sub(1).and_then(|i| self.tokens.get(i)), "most least more less");
            let superlative = super::thesaurus::is_superlative(adjective).filter(|most| !grown && (*most || after));
            let Some(superlative) = superlative else { continue };
            match self.implied_by(&self.tokens[item.from].lower, self.tokens.get(item.to)) {
                // Who takes the least time is the fastest.
                Some(field) if superlative => {
                    let high = super::thesaurus::figures(self.data, adjective).and_then(|asked| asked.high);
                    self.intent.rank = Some(if high == Some(false) { Rank::Least } else { Rank::Most });
                    self.intent.add_ask(Ask { agg: None, field: Some(field), over: None });
                }
                Some(field) => self.intent.add_ask(Ask { agg: None, field: Some(field), over: None }),
                // What is busy has many rows.
                None if adjective == "busiest" => self.intent.add_ask(super::building::counted(self.data)),
                // `oldest book`: the first year there is.
                None if matches!(adjective.as_str(), "oldest" | "youngest") && self.years_alone().is_some() => {
                    let old = adjective == "oldest";
                    self.intent.rank = Some(if old { Rank::Least } else { Rank::Most });
                    self.intent.add_ask(Ask { agg: None, field: self.years_alone(), over: None });
                }
                // These rank by whatever is meant.
                None if matches!(adjective.as_str(), "highest" | "lowest" | "largest" | "biggest" | "smallest") => {}
                None if !superlative => {}
                None => self.unmatched(at),
            }
            return;
        }
    }

    /// The only column of years.
    fn years_alone(&self) -> Option<usize> {
        let years = |f: &usize| self.data.fields[*f].holds_years() && !self.data.fields[*f].joined;
        let mut all = (0..self.data.fields.len()).filter(years);
        all.next().filter(|_| all.next().is_none())
    }

    /// `by month and year`: the months of each year; with `seasonal`, of all.
    fn cycle(&mut self) {
        let has = |grain: Grain| self.intent.groups.iter().any(|g| g.field.is_none() && g.grain == Some(grain));
        let (cyclic, years) = (has(Grain::MonthOfYear), has(Grain::Year));
        let month = self.intent.groups.iter().position(|g| g.field.is_none() && g.grain == Some(Grain::Month));
        let Some(month) = month.filter(|_| (cyclic || years) && self.data.time_group(Grain::MonthOfYear).is_some())
        else {
            return;
        };
        if cyclic {
            self.intent.groups.remove(month);
        } else {
            self.intent.groups[month].grain = Some(Grain::MonthOfYear);
        }
    }

    /// `highest price per symbol` is a maximum; `the symbols with the highest price` is a ranking.
    fn extremes(&mut self) {
        let Some((rank, index)) = self.extreme else { return };
        let which = self.tokens.iter().take(2).any(|t| matches!(t.lower.as_str(), "which" | "what" | "when"))
            && self.intent.groups.iter().any(|g| g.field.is_none());
        let ranking =
            which || self.subjects || self.intent.rows || self.intent.top.is_some() || self.intent.noun_grain.is_some();
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
        // `unusual days in revenue`: the figure day by day, in which they stand out.
        if self.intent.outliers && !self.intent.asks.is_empty() && self.intent.groups.is_empty() {
            self.intent.noun_grain = None;
            self.intent.outliers = false;
            self.intent.add_group(Group { field: None, grain: Some(grain) });
            return;
        }
        // `hour by weekday heatmap`
        if self.intent.chart == Some(vizroom_protocol::dashboard::CardKind::Heatmap) && self.intent.groups.len() == 1 {
            self.intent.noun_grain = None;
            self.intent.groups.insert(0, Group { field: None, grain: Some(grain) });
            return;
        }
        let timed = self.intent.groups.iter().any(|g| g.field.is_none());
        // `years with more than 27,000 of beef`: the steps whose figure is so.
        // `years with more than 900 orders`
        let counted = self.intent.having.iter().any(|h| h.of.is_some());
        // `number of days with more than 900 orders`: which they are tells how many, too.
        let rows = |a: &Ask| a.field.is_none() && a.agg == Some(Agg::Count);
        if !self.limits.is_empty() && self.intent.asks.iter().all(rows) && self.data.is_finer(grain) {
            self.intent.rows &= self.intent.asks.is_empty();
            self.intent.asks.clear();
        }
        let of_steps = !self.limits.is_empty()
            && self.intent.groups.is_empty()
            && self.intent.asks.is_empty()
            && !self.intent.rows
            || counted && self.intent.groups.is_empty() && self.intent.asks.is_empty();
        if of_steps && self.data.is_finer(grain) {
            self.intent.noun_grain = None;
            self.subjects = true;
            self.intent.groups.insert(0, Group { field: None, grain: Some(grain) });
        } else if self.intent.rank.is_some() && !timed {
            self.intent.noun_grain = None;
            self.intent.groups.insert(0, Group { field: None, grain: Some(grain) });
        } else if self.data.row_grain() == Some(grain) || self.data.kinds_grain() == Some(grain) {
            self.intent.noun_grain = None;
            self.intent.rows = true;
        }
    }
}
