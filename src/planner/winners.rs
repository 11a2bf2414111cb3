//! The best of each group with its name: `the largest city of each country`, `top 3 products per region`.

use super::Goal;
use super::conditions::Piece;
use super::fields::{Data, Role};
use super::intent::{Ask, Group};
use super::lexicon::{Keyword, Rank};
use super::matching::{Item, Meaning};
use super::query::{Agg, First, Sort};
use super::reading::Reader;
use super::supposed::names_several;
use super::text;
use super::words::{Token, is};

/// How many are shown of each group, where several are asked for and nobody says how many.
const SEVERAL: u64 = 3;

/// Within how many words a sentence says what it goes by first of all.
const LEAD_MAX: usize = 6;

impl Reader<'_, '_> {
    /// Whether something is ranked within each group, and what: the group comes first, then what is ranked in it.
    pub fn winners(&mut self) {
        let Some(rank) = self.intent.rank.filter(|_| self.intent.first_of_each.is_none()) else { return };
        let Some((at, outer)) = self.of_each() else { return };
        let Some((inner, several)) = self.ranked_in(at, outer) else { return };
        let listed = several && matches!(rank, Rank::Top | Rank::Bottom);
        let count = match self.intent.top {
            Some(count) => count,
            None if listed => SEVERAL,
            None => 1,
        };
        let bare = self.intent.asks.is_empty();
        let common = self.tokens.iter().any(|t| is(Some(t), "popular common frequent"));
        // What is best is not what there is most of.
        if bare && matches!(rank, Rank::Best | Rank::Worst) && !common {
            let Some(field) = self.data.main_measure().filter(|_| self.data.names_each(inner)) else { return };
            self.intent.asks.push(Ask { agg: None, field: Some(field), over: None });
        }
        self.single_figures(rank, inner);
        self.intent.groups = vec![outer, Group { field: Some(inner), grain: None }];
        let rank = match rank {
            Rank::Top => Rank::Most,
            Rank::Bottom => Rank::Least,
            other => other,
        };
        (self.intent.rank, self.intent.top) = (Some(rank), None);
        (self.intent.rows, self.intent.noun_grain) = (false, None);
        self.intent.first_of_each = Some(count);
        self.extreme = None;
    }

    /// Where `each` or `per` is said, and the group that follows.
    fn of_each(&self) -> Option<(usize, Group)> {
        let each = |p: &Piece| match p {
            Piece::Item(item) => is(self.tokens.get(item.to - 1), "each every per within"),
            _ => false,
        };
        let at = self.pieces.iter().position(each)?;
        let next = self.pieces[at + 1..].iter().find_map(|p| match p {
            Piece::Item(item) if item.meaning == Meaning::Filler => None,
            Piece::Item(item) => Some(&item.meaning),
            _ => None,
        })?;
        let of = |g: &&Group| match next {
            Meaning::Column(columns) => g.field.is_some_and(|f| columns.contains(&f)),
            Meaning::Keyword(Keyword::Grain(_) | Keyword::Decade) => {
                g.field.is_none_or(|f| matches!(self.data.fields[f].role, Role::Time | Role::Part(_)))
            }
            _ => false,
        };
        let outer = self.intent.groups.iter().find(of).copied()?;
        // `top 5 carriers by delay per month` are five courses.
        let timed = outer.field.is_none_or(|f| matches!(self.data.fields[f].role, Role::Time | Role::Part(_)));
        let courses = timed && self.intent.top.is_some_and(|n| n > 1);
        (self.strictly(at) || !courses).then_some((at, outer))
    }

    /// What is ranked within a group, and whether several are asked for: what is named beside the group, or the rows.
    fn ranked_in(&self, at: usize, outer: Group) -> Option<(usize, bool)> {
        let named = |f: &usize| {
            let field = &self.data.fields[*f];
            matches!(field.role, Role::Category | Role::Label) && outer.field != Some(*f)
        };
        let whole = super::ranking::naming(self.data).filter(|&f| self.data.names_each(f));
        let rows = whole.or_else(|| self.data.named_kinds()).filter(named);
        let noun = text::rows_noun(self.data);
        let own = |t: &Token| super::words::stem(&noun) == t.stem || super::nouns::names_rows(self.data, t);
        let last = |i: &Item| &self.tokens[i.to - 1];
        let column = |p: &Piece| match p {
            Piece::Item(item) => match &item.meaning {
                Meaning::Column(c) => c.first().copied().filter(named).map(|f| (f, names_several(last(item)))),
                _ => None,
            },
            _ => None,
        };
        let row = |p: &Piece| match p {
            Piece::Item(item)
                if item.meaning == Meaning::Rows || item.meaning == Meaning::Filler && own(last(item)) =>
            {
                rows.map(|f| (f, names_several(last(item))))
            }
            _ => None,
        };
        let (before, after) = self.pieces.split_at(at);
        let leads = before.iter().all(|p| matches!(p, Piece::Item(i) if i.meaning == Meaning::Filler));
        let side = if leads { after } else { before };
        let mut found = side.iter().filter_map(column);
        // `the borough with the most murders` counts the rows.
        let (field, several) = found.next().or_else(|| side.iter().find_map(row))?;
        let alone = found.all(|(other, _)| other == field);
        // `number of firms per category, top 5` ranks the categories.
        let ranks = |p: &Piece| matches!(p, Piece::Item(i) if matches!(i.meaning, Meaning::Keyword(Keyword::Rank(_))));
        if !side.iter().any(ranks) {
            return None;
        }
        let others = |g: &Group| *g == outer || g.field == Some(field);
        // `carriers by delay per month` goes by both.
        let ranked = !several || self.intent.top.is_some() || self.strictly(at);
        (alone && ranked && self.intent.groups.iter().all(others)).then_some((field, several))
    }

    /// Whether what is ranked goes by the column at `at`: `carriers by delay`, not `the worst delay per carrier`.
    pub fn ranked_by(&self, at: usize) -> bool {
        let ranked = self.subjects || self.intent.rank.is_some();
        ranked && self.intent.asks.is_empty() && !self.is_each(at)
    }

    /// Whether the column at `at` is said to be one of which each is told: `per precinct`.
    fn is_each(&self, at: usize) -> bool {
        let before =
            self.pieces[..at].iter().rev().find(|p| !matches!(p, Piece::Item(i) if i.meaning == Meaning::Filler));
        matches!(before, Some(Piece::Item(i)) if is(self.tokens.get(i.to - 1), "each every per"))
    }

    /// Whether each one is asked for in so many words.
    fn strictly(&self, at: usize) -> bool {
        matches!(&self.pieces[at], Piece::Item(i) if is(self.tokens.get(i.to - 1), "each every"))
    }

    /// `the storm with the strongest wind`: of what has several rows, the most it ever had; what adds up is added up.
    fn single_figures(&mut self, rank: Rank, inner: usize) {
        let label = self.data.fields[inner].role == Role::Label || self.data.named_kinds() == Some(inner);
        let [Ask { agg: agg @ None, field: Some(field), over: None }] = self.intent.asks.as_mut_slice() else { return };
        let field = &self.data.fields[*field];
        if field.role == Role::Sum || !label {
            return;
        }
        let bad = field.words.iter().any(|w| super::vocabulary::is_bad(&w.stem));
        let most = match rank {
            Rank::Most | Rank::Top => true,
            Rank::Least | Rank::Bottom => false,
            Rank::Best => !bad,
            Rank::Worst => bad,
        };
        *agg = Some(if most { Agg::Max } else { Agg::Min });
    }
}

fn is_name(label: &str) -> bool {
    matches!(label, "name" | "title")
}

/// `For each region, the best product`: the comma parts no two questions.
pub fn led(mut said: Vec<Token>) -> Vec<Token> {
    let comma = said.iter().take(LEAD_MAX).position(|t| t.is(','));
    let each = is(said.first(), "for in within") && is(said.get(1), "each every") || is(said.first(), "per");
    if let Some(at) = comma.filter(|_| each) {
        said.remove(at);
    }
    said
}

/// Only the first of each value of the first group, in the order of these.
pub fn first_of_each(data: &Data<'_>, mut goal: Goal, count: u64) -> Goal {
    let query = &mut goal.query;
    let [outer, inner, ..] = query.dimensions.as_slice() else { return goal };
    let (of_each, inner) = (outer.alias.clone(), inner.alias.clone());
    let figure = query.measures.first().map(|m| m.alias.clone()).unwrap_or_default();
    let descending = query.sort.iter().find(|s| s.alias == figure).is_none_or(|s| s.descending);
    query.sort = [(&of_each, false), (&figure, descending), (&inner, false)]
        .map(|(alias, descending)| Sort { alias: alias.clone(), descending })
        .to_vec();
    (query.limit, query.keep) = (None, None);
    let label = |alias: &str, channel: Option<&vizroom_protocol::dashboard::Channel>| {
        channel.map_or_else(|| alias.replace('_', " "), |c| c.label.to_lowercase())
    };
    let each = label(&of_each, goal.encoding.x.as_ref());
    let what = label(&inner, goal.encoding.series.as_ref());
    // Its name says of nothing what it is.
    let noun = text::rows_noun(data);
    let what = if is_name(&what) && noun != "rows" { text::singular(&noun) } else { what };
    let (which, noun) = match count {
        1 => ("first".to_owned(), what),
        n => (format!("first {n}"), text::plural(&what)),
    };
    goal.description.push_str(
        &format!(" Only the {which} of each {each} is shown.")
            .replace("is shown", if count == 1 { "is shown" } else { "are shown" }),
    );
    let by = goal.encoding.y.first().map_or_else(String::new, |c| c.label.to_lowercase());
    let end = if descending { "Top" } else { "Bottom" };
    let conditions = goal.title.find(" (").map(|at| goal.title[at..].to_owned()).unwrap_or_default();
    goal.title = match count {
        1 => format!("{end} {noun} of each {each} by {by}{conditions}"),
        n => format!("{end} {n} {noun} of each {each} by {by}{conditions}"),
    };
    query.first = Some(First { of_each, count });
    goal
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, refined, sql, text};
    use vizroom_protocol::file::Column;

    fn films() -> Vec<Column> {
        let rating = Column { mean: Some(6.0), ..figure("rating", 60, 1, 10) };
        vec![
            text("title", 1_990, 0, &["Alien"]),
            text("genre", 9, 0, &["Drama", "Comedy"]),
            text("studio", 30, 0, &["Fox"]),
            figure("year", 40, 1980, 2019),
            figure("gross", 1_900, 1, 900_000),
            rating,
        ]
    }

    #[test]
    fn the_best_of_each_group_is_told_by_its_name() {
        for (prompt, each, ranked, count) in [
            ("highest grossing film of each genre", "genre", "title", 1),
            ("studio with the highest gross in each genre", "genre", "studio", 1),
            ("which studio had the most films each year", "year", "studio", 1),
            ("top 3 studios by gross per genre", "genre", "studio", 3),
            ("for each genre, the 5 best rated films", "genre", "title", 5),
            ("most common genre per studio", "studio", "genre", 1),
        ] {
            let query = sql(prompt, "films", films());
            let within = format!("PARTITION BY \"{each}\" ORDER BY");
            let kept = format!("\"place_in_group\" <= {count} ");
            assert!(query.contains(&within) && query.contains(&kept), "{prompt}: {query}");
            assert!(query.starts_with(&format!("SELECT \"{each}\", \"{ranked}\"")), "{prompt}: {query}");
        }
    }

    #[test]
    fn courses_and_ends_are_no_winners() {
        for prompt in ["top 5 studios by gross per year", "highest gross per genre", "gross per genre and studio"] {
            assert!(!sql(prompt, "films", films()).contains("PARTITION"), "{prompt}");
        }
    }

    #[test]
    fn a_refinement_keeps_them() {
        let (change, query) = refined("highest grossing film of each genre", "only since 2000", "films", films());
        assert_eq!(change, "replace");
        assert!(query.contains("PARTITION BY \"genre\"") && query.contains("\"year\" >= 2000"), "{query}");
    }
}
