//! What is ranked, and by which names: the groups before, single rows, things by a figure that is computed or looked up.

use super::conditions::Piece;
use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::reading::Reader;
use super::rowwise::names_well;
use super::words::{Kind, Token, is};

/// `who were the oldest people? five of them`, `rank the nations by gold medals, first ten`: how many, said before what ranks.
pub fn numbered(mut said: Vec<Token>) -> Vec<Token> {
    let number = |t: Option<&Token>| t.and_then(|t| t.number().or_else(|| super::vocabulary::number_word(&t.lower)));
    let Some(from) = (1..said.len()).rev().find(|&at| said[at].is(',') || said[at].is('?')) else { return said };
    let begin = (from + 1..said.len()).find(|&at| !is(said.get(at), "just only the top first")).unwrap_or(said.len());
    let count = number(said.get(begin)).filter(|n| n.fract() == 0.0 && (1.0..=100.0).contains(n));
    let theirs = is(said.get(begin + 1), "of") && is(said.get(begin + 2), "them those these");
    let end = begin + if theirs { 3 } else { 1 };
    let closes = (end..said.len()).all(|at| is(said.get(at), "only please rows entries") || said[at].is('?'));
    let listed = theirs && is(said.get(end), "with and");
    let (Some(count), true) = (count, listed || closes && (theirs || is(said.get(begin - 1), "first"))) else {
        return said;
    };
    let ranks = |t: &Token| {
        let word = t.lower.as_str();
        is(Some(t), "most least best worst")
            || word.len() > 5 && word.ends_with("est") && !super::lexicon::is_filler(word)
    };
    let rank = said[..from].iter().position(ranks).filter(|&at| at == 0 || number(said.get(at - 1)).is_none());
    let short = match (rank, listed) {
        (Some(_), true) => (from, end),
        _ => (from, said.len()),
    };
    match rank {
        Some(at) => {
            said.drain(short.0..short.1);
            said.splice(at..at, super::words::tokens(&count.to_string()));
        }
        None => {
            said.splice(from + 1..end, super::words::tokens(&format!("top {count}")));
        }
    }
    said
}

/// `cats and dogs by zip, ten biggest zips`: how many of the groups are shown.
pub fn ranks_groups(previous: &Intent, next: &Intent) -> bool {
    let of_groups = |g: &Group| previous.groups.iter().any(|p| p.field == g.field && g.field.is_some());
    ranks_only(previous, next) && !next.rows && next.groups.len() == 1 && next.groups.iter().all(of_groups)
}

/// `gross minus budget, top 10 films`, `share of all births, top 10 countries`: whose figure it is, and how many of them.
pub fn ranks_figures(previous: &Intent, next: &Intent) -> bool {
    let figures = !previous.asks.is_empty() && previous.groups.is_empty() && previous.periods.is_empty();
    let whose = next.rows || next.groups.len() == 1;
    figures && !previous.distribution && !previous.correlation && whose && ranks_only(previous, next)
}

fn ranks_only(previous: &Intent, next: &Intent) -> bool {
    let rest = Intent { groups: Vec::new(), by: false, rank: None, top: None, rows: false, matched: 0, ..next.clone() };
    next.top.is_some() && previous.top.is_none() && previous.rank.is_none() && rest.is_empty()
}

/// `top 10 companies by profits divided by assets`: a computed figure is ranked by what the rows are called.
pub fn by_computed(data: &Data<'_>, intent: &mut Intent) {
    let computed = |a: &Ask| a.field.is_some() && (a.over.is_some() || intent.less.is_some());
    let ranked = (intent.rank.is_some() || intent.top.is_some()) && intent.groups.is_empty();
    if !(ranked && !intent.asks.is_empty() && intent.asks.iter().all(computed)) {
        return;
    }
    if let Some(name) = naming(data) {
        intent.groups.push(Group { field: Some(name), grain: None });
        intent.by = true;
        intent.rows = false;
    }
}

/// The column that names the rows, if one does.
pub fn naming(data: &Data<'_>) -> Option<usize> {
    let link = |f: &super::fields::Field<'_>| super::roles::has(&f.words, "url link website image photo picture icon");
    let fields = || data.fields.iter().enumerate().filter(|(_, f)| !link(f));
    let labels = fields().filter(|(_, f)| f.role == Role::Label && !f.joined);
    let kinds = || fields().filter(|(_, f)| f.role == Role::Category).max_by_key(|(_, f)| f.column.distinct);
    let mostly = |f: &super::fields::Field<'_>| f.role == Role::Label || f.column.distinct * 2 > data.dataset.rows;
    let best = labels.min_by_key(|(_, f)| names_well(data, f)).or_else(kinds);
    best.filter(|(_, f)| mostly(f)).map(|(at, _)| at)
}

impl Reader<'_, '_> {
    /// `mean best squat`: whether the word begins one of the name of the figure that follows, which is computed.
    pub(super) fn is_of_name(&self, at: usize) -> bool {
        let (Piece::Item(item), Some(Meaning::Column(c))) = (&self.pieces[at], self.following(at)) else {
            return false;
        };
        let said = self.tokens[item.from].lower.as_str();
        self.agg.is_some() && self.data.fields[c[0]].words.iter().any(|w| w.lower.starts_with(said))
    }

    /// Whether a ranking's words come after it.
    pub(super) fn ranks_later(&self, at: usize) -> bool {
        let ranks = |p: &Piece| match p {
            Piece::Item(item) => matches!(item.meaning, Meaning::Keyword(Keyword::Rank(_) | Keyword::Loss)),
            _ => false,
        };
        self.pieces[at + 1..].iter().any(ranks)
    }

    pub fn number(&mut self, value: f64, at: usize) {
        let whole = (value.fract() == 0.0 && (1.0..=1_000.0).contains(&value)).then_some(value as u64);
        let ranked = matches!(self.preceding(at), Some(Meaning::Keyword(Keyword::Rank(_) | Keyword::Last)));
        let counts = match self.following(at) {
            Some(Meaning::Column(c)) => {
                // `the two leagues`, of which there are no more.
                let all = |&i: &usize| Some(self.data.fields[i].column.distinct) == whole;
                let every = !ranked && !self.ranks_later(at) && c.iter().any(all);
                !every && c.iter().any(|&i| self.data.fields[i].is_dimension())
            }
            // `the 10 days with the fewest births`
            Some(Meaning::Keyword(Keyword::Grain(_))) => self.ranks_later(at),
            Some(Meaning::Value(_)) => self.ranks_later(at),
            Some(Meaning::Rows | Meaning::Keyword(Keyword::Rank(_) | Keyword::Row | Keyword::Selling)) => true,
            _ => false,
        };
        let spelled = matches!(&self.pieces[at], Piece::Item(i) if self.tokens[i.from].kind == Kind::Word);
        if let (Some(n), Some(Meaning::Keyword(Keyword::Grain(_)))) = (whole, self.following(at))
            && self.tells_steps(at)
        {
            self.steps = u32::try_from(n).ok();
            return;
        }
        // `which are the cheapest? show 10`
        let small = |p: &Piece| matches!(p, Piece::Item(Item { meaning: Meaning::Filler | Meaning::Mark(_), .. }));
        let rest = self.pieces.iter().enumerate().filter(|(i, _)| *i != at);
        let alone = self.pieces.len() > 1 && rest.into_iter().all(|(_, p)| small(p));
        match whole {
            Some(n) if alone && (2..=100).contains(&n) => self.intent.top = Some(n),
            Some(n) if ranked || (counts && !spelled) => self.intent.top = Some(n),
            Some(n) if counts && n > 1 => self.intent.top = Some(n),
            _ if spelled => {}
            _ => self.unmatched(at),
        }
    }

    /// `products` are told by their name rather than by their key, where another table has one name for each key.
    pub fn by_name(&self, columns: &[usize], at: usize) -> Vec<usize> {
        let fields = &self.data.fields;
        let key = |w: &str| matches!(w, "id" | "key" | "code" | "number" | "uuid");
        let spoken = match &self.pieces[at] {
            Piece::Item(item) => self.tokens[item.from..item.to].iter().any(|t| key(&t.lower)),
            _ => false,
        };
        let named = |&index: &usize| {
            let field = &fields[index];
            if spoken || self.counting || self.agg.is_some() || !field.words.last().is_some_and(|w| key(&w.lower)) {
                return index;
            }
            let join = self.data.joins.iter().find(|j| j.column == field.column.name);
            let name = |f: &&super::query::Taken| {
                super::words::name_words(&f.column)
                    .last()
                    .is_some_and(|w| matches!(w.as_str(), "name" | "title" | "label"))
            };
            let taken = join.and_then(|j| j.takes.iter().find(name)).and_then(|t| self.data.index(&t.name));
            // A job title names nobody: of what several share, the key tells more.
            let each = |i: usize| {
                let all = join.into_iter().flat_map(|j| &j.takes).filter_map(|t| self.data.index(&t.name));
                let most = all.map(|i| fields[i].column.distinct).max().unwrap_or(0);
                fields[i].words.last().is_some_and(|w| w.lower == "name") || fields[i].column.distinct * 10 >= most * 9
            };
            taken.filter(|&i| fields[i].column.distinct >= field.column.distinct && each(i)).unwrap_or(index)
        };
        let mut out: Vec<usize> = columns.iter().map(named).collect();
        out.dedup();
        out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    #[test]
    fn how_many_may_be_said_after_what_ranks() {
        let columns =
            || vec![text("name", 2_000, 0, &["Ann"]), figure("age", 80, 0, 99), text("club", 40, 0, &["Ajax"])];
        for prompt in ["who were the oldest players? five of them", "oldest players, 5 of them"] {
            let query = sql(prompt, "players", columns());
            assert!(query.contains("LIMIT 5") && query.contains("\"age\" DESC"), "{prompt}: {query}");
        }
        let several = vec![text("name", 300, 0, &["Ann", "Bob"]), figure("age", 80, 0, 99)];
        let several = sql("how many people won more than 3 times", "winners", several);
        assert!(several.contains("HAVING COUNT(*) > 3") && several.starts_with("SELECT COUNT(*)"), "{several}");
        // Who have something are a part of those named before.
        let part = sql("what share of players from Ajax were older than 30", "players", columns());
        assert!(part.contains("\"age\" > 30 THEN") && part.contains("WHERE \"club\" = 'Ajax'"), "{part}");
    }

    #[test]
    fn groups_are_ranked_by_how_many_rows_they_have() {
        let columns = || {
            let (min, max) = (Some(json!("1990-01-01")), Some(json!("2017-02-20")));
            let date = Column { kind: ColumnType::Date, min, max, ..text("death_date", 1_200, 0, &[]) };
            let affected = Column { mean: Some(12.0), ..figure("individuals_affected", 60, 2, 36) };
            vec![date, text("state", 50, 0, &["TX", "OH"]), text("cause", 9, 0, &["Theft"]), affected]
        };
        for prompt in [
            "top 10 states by breaches",
            "top 10 states by deaths",
            "states ranked by breaches",
            "which state was hit most often",
            "top states by incidents",
        ] {
            let query = sql(prompt, "health_breaches", columns());
            assert!(query.starts_with("SELECT \"state\" AS \"state\", COUNT(*)"), "{prompt}: {query}");
        }
        let query = sql("top 5 states by individuals affected", "health_breaches", columns());
        assert!(query.contains("\"individuals_affected\""), "{query}");
    }

    #[test]
    fn figures_go_before_the_rows_that_are_called_alike() {
        let density = Column { mean: Some(9.0), ..figure("density", 1_900, 1, 900) };
        let columns = || vec![text("country", 2_000, 0, &["Malta"]), density.clone()];
        let query = sql("population density of Malta", "population_density", columns());
        assert!(query.contains("\"density\"") && !query.contains("COUNT"), "{query}");
        let invoices = || {
            vec![
                text("billing_country", 30, 0, &["Malta"]),
                figure("customer_id", 60, 1, 60),
                figure("total", 90, 1, 25),
            ]
        };
        let query = sql("sales by country", "invoice", invoices());
        assert!(query.contains("SUM(\"total\")"), "{query}");
        let link = text("url", 2_000, 0, &["https://a.b"]);
        let teams = vec![link, text("squad", 2_000, 0, &["Ajax"]), figure("goals", 90, 1, 110)];
        let query = sql("goals by team", "league_teams", teams);
        assert!(query.contains("\"squad\"") && query.contains("SUM(\"goals\")"), "{query}");
    }
}
