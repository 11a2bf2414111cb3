//! What changed from one period to another, by groups: `growth from 2000 to 2010 by country`, `which region grew fastest?`

use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Rank;
use super::period::{self, Date};
use super::query::{Course, Having, Op, Predicate};
use super::reading::Reader;

impl Reader<'_, '_> {
    /// `grew the most`, `fastest growing`: what it is of is told by the rest.
    pub fn grown(&mut self, rank: Rank, fast: bool) {
        self.intent.rank = Some(rank);
        self.intent.contrast = true;
        // `grew the most, in percent`
        let parts = self.tokens.iter().any(|t| super::words::is(Some(t), "percent percentage relative relatively"));
        self.intent.course = (fast || parts).then_some(Course::Change);
        self.intent.matched += 1;
    }

    /// `which countries had fewer people in 2022 than in 2000?`: those whose change goes that way.
    fn differs(&mut self, apart: bool) {
        const FEWER: &str = "fewer less lower smaller worse";
        const MORE: &str = "more higher greater larger bigger better";
        let said = |list: &str| self.tokens.iter().any(|t| super::words::is(Some(t), list));
        let asks = apart && self.intent.periods.len() == 2 && self.subjects && said("than") && said("which what that");
        let op = match () {
            () if said(FEWER) => Op::Lt,
            () if said(MORE) => Op::Gt,
            () => return,
        };
        if asks && self.intent.having.is_empty() && !self.intent.by {
            self.intent.contrast = true;
            self.intent.having.push(Having { op, value: 0.into(), of: None });
            self.intent.descending = Some(op == Op::Gt);
        }
    }

    /// `which countries shrank between 2000 and 2022?`: those whose figure did, the most changed first.
    fn asked_which(&mut self, moved: bool) -> bool {
        const DOWN: &str =
            "shrink shrank shrunk drop dropped fall fell fallen decline declined decrease decreased lose lost";
        const UP: &str = "grow grew grown increase increased rise rose risen gain gained improve improved swung";
        let said = |list: &str| self.tokens.iter().any(|t| super::lists::has(list, &t.lower));
        let which = said("which what that who") && self.subjects && !self.intent.by;
        let way = match () {
            () if said(DOWN) => Some((Rank::Least, Op::Lt)),
            () if said(UP) => Some((Rank::Most, Op::Gt)),
            () => None,
        };
        let Some((rank, op)) = way.filter(|_| moved && which && self.intent.having.is_empty()) else { return false };
        if self.intent.rank.is_none() && self.intent.top.is_none() {
            self.intent.having.push(Having { op, value: 0.into(), of: None });
        }
        self.intent.descending = Some(rank == Rank::Most);
        true
    }

    /// Two periods out of one span, where what lies between them is not asked for.
    pub fn changed(&mut self) {
        const MOVES: &str = "change changed grow grew grown increase increased rise rose risen gain gained drop dropped fall fell \
            fallen decline declined decrease decreased shrink shrank improve improved swing swung";
        let data = self.data;
        let timed = |g: &Group| g.field.is_none_or(|f| matches!(data.fields[f].role, Role::Time | Role::Part(_)));
        let stepped = self.intent.noun_grain.is_some() || self.intent.groups.iter().any(timed);
        let asked = std::mem::take(&mut self.intent.contrast);
        let moved = self.tokens.iter().any(|t| MOVES.split_ascii_whitespace().any(|w| w == t.lower));
        let apart = self.intent.groups.iter().any(|g| !timed(g));
        let amount = self.intent.exact && moved;
        let along = self.intent.course == Some(Course::Change) && apart;
        let spanned = moved && !stepped && ends(data, &self.intent, amount).is_some();
        let asked = self.asked_which(apart && spanned && !asked) || asked;
        if (asked || amount && spanned) && self.intent.asks.is_empty() {
            let figure = data.main_measure().map(|f| Ask { agg: None, field: Some(f), over: None });
            self.intent
                .asks
                .push(figure.filter(|_| !self.intent.rows).unwrap_or_else(|| super::building::counted(data)));
        }
        self.differs(apart);
        // `which year had the biggest increase?`: from each to the next.
        if stepped && asked {
            self.intent.course = Some(Course::Change);
        }
        if stepped || !self.intent.periods.is_empty() || self.intent.asks.is_empty() && !self.intent.rows {
            return;
        }
        let Some((earlier, later)) = ends(data, &self.intent, asked && apart || amount) else {
            if asked {
                self.intent.unknown.push("from when to when".into());
            }
            return;
        };
        // `change in sales by region between 2015 and 2017`
        let noun =
            spanned && apart && self.tokens.iter().any(|t| super::words::is(Some(t), "change increase decrease"));
        if !(asked && apart || along || amount || noun) {
            return;
        }
        self.intent.filters.retain(|p| !period::is_timed(data, p));
        self.intent.periods = vec![later, earlier];
        self.intent.contrast = true;
        self.intent.exact = false;
        // A change is a difference, unless it is said to be a part.
        const PART: &str = "growth percent percentage rate relative relatively pct";
        let part = self.tokens.iter().any(|t| super::lists::has(PART, &t.lower));
        if !asked && !part {
            self.intent.course = None;
        }
    }
}

/// The first and the last year of the data.
fn years(data: &Data<'_>) -> Option<(i64, i64)> {
    let years = data.part(super::fields::Part::Year).map(|f| &data.fields[f]);
    let numbers = years.and_then(|f| Some((f.min()? as i64, f.max()? as i64)));
    numbers.or_else(|| period::range(data, &data.date()?).map(|(a, b)| (a.year, b.year)))
}

/// The first and the last year of the span that is said; the newest of the data, where only the first need be.
pub fn ends(data: &Data<'_>, intent: &Intent, open: bool) -> Option<(Vec<Predicate>, Vec<Predicate>)> {
    let timed: Vec<&Predicate> = intent.filters.iter().filter(|p| period::is_timed(data, p)).collect();
    let year = |p: &Predicate| {
        let value = p.values.first()?;
        let date = value.as_str().and_then(Date::parse);
        let whole = date.is_none_or(|d| d.month == 1 && d.day == 1);
        value.as_i64().or(date.map(|d| d.year)).filter(|_| whole && p.part.is_none())
    };
    let first = timed.iter().find(|p| p.op == Op::Gte).map(|p| year(p));
    let last = timed.iter().find_map(|p| match p.op {
        Op::Lte => Some(year(p)),
        Op::Lt => Some(year(p).map(|y| y - 1)),
        _ => None,
    });
    let (first, last) = match (first, last) {
        (Some(first), Some(last)) => (first?, last?),
        (Some(first), None) if open => (first?, years(data)?.1),
        _ => return None,
    };
    (first < last).then(|| Some((period::year(data, first)?, period::year(data, last)?)))?
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    fn planned(prompt: &str) -> crate::Plan {
        let column = |name: &str, kind, distinct, range: Option<(Value, Value)>, top: Vec<Value>| {
            let (min, max) = range.unzip();
            Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean: None, top }
        };
        let columns = vec![
            column("year", ColumnType::Integer, 31, Some((json!(1990), json!(2020))), Vec::new()),
            column("country", ColumnType::Text, 5, None, vec![json!("Chile"), json!("Egypt")]),
            column("consumption_twh", ColumnType::Number, 150, Some((json!(20.5), json!(300.5))), Vec::new()),
        ];
        crate::plan(prompt, &[Dataset { name: "energy".into(), rows: 155, columns }], None)
    }

    #[test]
    fn a_change_by_groups_is_from_the_first_period_to_the_last() {
        for (prompt, relative) in [
            ("which country's consumption grew the most between 2000 and 2010?", false),
            ("fastest growing countries by consumption from 2000 to 2010", true),
            ("growth of consumption from 2000 to 2010 by country", true),
            ("how much did consumption in Chile change between 2000 and 2010?", false),
        ] {
            let plan = planned(prompt);
            let sql = plan.goals.first().map(|g| g.query.sql()).unwrap_or_default();
            assert!(sql.contains("\"year\" = 2010") && sql.contains("\"year\" = 2000"), "{prompt}: {sql}");
            assert_eq!(sql.contains("- 1"), relative, "{prompt}: {sql}");
        }
    }

    #[test]
    fn who_says_no_period_is_asked_and_steps_are_told_from_each_other() {
        assert!(planned("countries with the fastest growing consumption").clarification.is_some());
        for prompt in [
            "which countries' consumption fell between 1990 and 2020?",
            "which countries had a lower consumption in 2020 than in 1990?",
        ] {
            let sql = planned(prompt).goals[0].query.sql();
            let ends = sql.contains("\"year\" = 2020") && sql.contains("\"year\" = 1990");
            assert!(ends && sql.contains("< 0"), "{prompt}: {sql}");
        }
        for (prompt, wanted) in [
            ("consumption in 1990, 2000 and 2010", "IN (1990, 2000, 2010)"),
            ("how much has the consumption of Chile changed since 2000?", "\"year\" = 2020"),
        ] {
            let sql = planned(prompt).goals[0].query.sql();
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
        let plan = planned("change of consumption compared to the previous year");
        assert!(plan.goals[0].query.sql().contains("LAG"), "{plan:#?}");
    }
}
