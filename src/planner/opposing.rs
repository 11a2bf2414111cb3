//! What stands against what: the two sides of a column of yes and no, figures side by side.

use super::conditions::Piece;
use super::fields::{Data, Role};
use super::hinted::taken;
use super::intent::{Ask, Group};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::{Agg, Op};
use super::reading::Reader;
use super::supposed::Candidate;
use super::words::{Kind, Token};

/// `holidays vs normal days`, `smokers against the others`: both sides of a column of yes and no, as its groups; how many
/// items say so.
fn sides(data: &Data<'_>, said: &[Token], items: &[Item], at: usize) -> Option<(Vec<Piece>, usize)> {
    const OTHERS: &str = "normal regular ordinary other others usual rest remaining everyone everybody everything not";
    let Meaning::Column(columns) = &items.get(at)?.meaning else { return None };
    let flag = columns.iter().copied().find(|&f| data.fields[f].role == Role::Flag)?;
    if let Some(used) = told_against(said, items, at) {
        let piece = |meaning: Meaning| Piece::Item(Item { meaning, ..items[at].clone() });
        let compared = [Meaning::Keyword(Keyword::Compare), Meaning::Keyword(Keyword::By), Meaning::Column(vec![flag])];
        return Some((compared.map(piece).to_vec(), used));
    }
    let joint = at + 1;
    let against = matches!(items.get(joint)?.meaning, Meaning::Keyword(Keyword::Versus | Keyword::Than | Keyword::And));
    let small = |i: &usize| items.get(*i).is_some_and(|i| super::words::is(said.get(i.from), "the all with to on at"));
    let other = (joint + 1..joint + 4).find(|i| !small(i))?;
    let last = items.get(other).filter(|_| against)?;
    let named = last.meaning == Meaning::Keyword(Keyword::Others) || super::words::is(said.get(last.from), OTHERS);
    // `normal days`: a noun, unless something else begins there.
    let noun = items.get(other + 1).is_some_and(|i| {
        let word = said[i.from].kind == Kind::Word && super::supposed::names_several(&said[i.from]);
        word && !matches!(i.meaning, Meaning::Keyword(Keyword::By | Keyword::Only))
    });
    let piece = |meaning: Meaning| Piece::Item(Item { meaning, ..items[at].clone() });
    let both = vec![piece(Meaning::Keyword(Keyword::By)), piece(Meaning::Column(vec![flag]))];
    named.then_some((both, other + 1 + usize::from(noun) - at))
}

/// `people who churned vs people who stayed`, `with a garage vs without`, `when one was involved vs not`: what stands
/// against one side of a column names nothing of the data but that it is not so; how many items say all that.
fn told_against(said: &[Token], items: &[Item], at: usize) -> Option<usize> {
    let small = |i: &Item| matches!(i.meaning, Meaning::Filler | Meaning::Rows | Meaning::Unknown(_));
    let joint = (at + 1..items.len().min(at + 4)).find(|&i| !small(&items[i]))?;
    if items[joint].meaning != Meaning::Keyword(Keyword::Versus) {
        return None;
    }
    let goes_on = |i: &Item| small(i) || matches!(i.meaning, Meaning::Keyword(Keyword::Not | Keyword::Others));
    let end = (joint + 1..items.len()).find(|&i| !goes_on(&items[i])).unwrap_or(items.len());
    let denies = |i: &Item| matches!(i.meaning, Meaning::Keyword(Keyword::Not | Keyword::Others));
    let done = |i: &Item| {
        let word = &said[i.from];
        super::supposed::is_participle(word)
            || super::words::is(Some(word), "stay stays remain remains keep kept left not")
    };
    let other = items[joint + 1..end].iter().any(|i| denies(i) || small(i) && done(i));
    let bound = items.get(end).is_some_and(|i| matches!(i.meaning, Meaning::Column(_) | Meaning::Value(_)));
    (other && !bound).then_some(end - at)
}

/// `denied vs approved`: what is not known and stands against one side of a column is its other side.
pub fn other_side(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let [first, joint] = items.get(at.checked_sub(2)?..at)? else { return None };
    let flag = |f: &usize| data.fields[*f].role == Role::Flag;
    let side = matches!(&first.meaning, Meaning::Column(c) if c.iter().any(flag));
    let open = matches!(items[at].meaning, Meaning::Unknown(_)) && joint.meaning == Meaning::Keyword(Keyword::Versus);
    let one = Item { meaning: Meaning::Keyword(Keyword::Others), ..items[at].clone() };
    let note = taken(tokens, &one, "the others");
    (side && open).then(|| Candidate { from: at, to: at + 1, items: vec![one], price: 4, note })
}

/// `hours of tv per day` of what has no days: how often the figure is told goes without saying.
pub fn told_per_step(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let [figure, by, step] = items.get(at.checked_sub(1)?..at + 2)? else { return None };
    let measured = matches!(&figure.meaning, Meaning::Column(c) if c.iter().any(|&f| data.fields[f].is_measure()));
    let absent = match step.meaning {
        Meaning::Keyword(Keyword::Grain(grain)) => data.time_group(grain).is_none() && data.named_step(grain).is_none(),
        // `price per night`
        Meaning::Unknown(_) => super::words::is(tokens.get(step.from), "night stay visit session shift"),
        _ => false,
    };
    let per = by.meaning == Meaning::Keyword(Keyword::By) && super::words::is(tokens.get(by.from), "per a each every");
    let item = super::hinted::spanning(items, at, at + 2, Meaning::Filler);
    // `balance per month` asks for months.
    let by = |i: &Item| i.meaning == Meaning::Keyword(Keyword::By);
    let grouped = items.iter().enumerate().any(|(i, item)| i != at && by(item));
    let lone = matches!(step.meaning, Meaning::Unknown(_));
    (measured && absent && per && (grouped || lone)).then(|| Candidate {
        from: at,
        to: at + 2,
        items: vec![item],
        price: 5,
        note: None,
    })
}

/// What groups although it is a condition elsewhere: `per year since 2000`, `by weekend`, `holidays vs normal days`.
pub fn grouped(data: &Data<'_>, said: &[Token], items: &[Item], at: usize) -> Option<(Vec<Piece>, usize)> {
    let keyword = |i: usize| super::conditions::keyword(items.get(i));
    let per = at > 0 && keyword(at - 1) == Some(Keyword::By);
    // `per year from 1990 on`
    let onward = items.get(at + 1).is_some_and(|i| super::words::is(said.get(i.from), "from starting beginning"));
    let dated = onward || matches!(keyword(at + 1), Some(Keyword::Dated(_) | Keyword::Between));
    let years = matches!(&items[at].meaning, Meaning::Column(c) if c.iter().any(|&i| data.fields[i].holds_years()));
    let step = years || matches!(keyword(at), Some(Keyword::Grain(_)));
    if per && (dated && step || items[at].meaning == Meaning::Weekend) {
        return Some((vec![Piece::Item(items[at].clone())], 1));
    }
    // `published per year since 1990`, where that is one column's name
    let inner = said[items[at].from..items[at].to].iter().any(|t| matches!(t.lower.as_str(), "per" | "by" | "each"));
    if years && dated && inner {
        let by = Item { meaning: Meaning::Keyword(Keyword::By), ..items[at].clone() };
        return Some((vec![Piece::Item(by), Piece::Item(items[at].clone())], 1));
    }
    sides(data, said, items, at)
}

impl Reader<'_, '_> {
    /// `do smokers tip more?` asks how they differ from all others: both sides, not one.
    pub fn opposed(&mut self) {
        const DIFFER: &str = "more less higher lower better worse fewer greater bigger larger smaller longer shorter change \
            changes affect affects matter matters differ differs influence influences impact";
        let has = |list: &str| self.tokens.iter().any(|t| list.split_ascii_whitespace().any(|w| w == t.lower));
        let asks = super::words::is(self.tokens.first(), "does do did is are was were has have");
        let measured = |t: &super::words::Token| {
            let fields = 0..self.data.fields.len();
            let graded = || fields.clone().any(|f| super::bounds::graded(self.data, &t.lower, f));
            super::thesaurus::is_comparative(&t.lower) || t.lower.ends_with("er") && graded()
        };
        let differ = has(DIFFER) || self.tokens.iter().any(measured) || self.intent.correlation;
        let other = has("than vs versus") || !self.intent.periods.is_empty() || !self.intent.groups.is_empty();
        let plain = |a: &Ask| a.over.is_none() && a.field.is_some();
        let figures = !self.intent.asks.is_empty() && self.intent.asks.iter().all(plain);
        let [filter] = self.intent.filters.as_slice() else { return };
        let side = |f: &usize| match self.data.fields[*f].role {
            Role::Flag => true,
            Role::Category => filter.op == Op::In && filter.values.len() == 1 && filter.part.is_none(),
            _ => false,
        };
        let field = filter.source.column().and_then(|c| self.data.index(c)).filter(side);
        let Some(field) = field.filter(|_| asks && differ && !other && figures && self.intent.rank.is_none()) else {
            return;
        };
        self.intent.filters.clear();
        self.intent.correlation = false;
        self.intent.rows = false;
        self.intent.add_group(Group { field: Some(field), grain: None });
    }

    /// Whether an adjective compares values, by the figure that it is of: `are comedies longer than dramas?`
    pub fn compares_sides(&self, at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let side = matches!(self.following(at), Some(Meaning::Value(_) | Meaning::Values(..)));
        side && self.asks_whether() && super::thesaurus::is_comparative(&self.tokens[item.from].lower)
    }

    /// `average home goals vs away goals`, `casual vs registered per season`.
    pub fn side_by_side(&mut self) {
        // `average home goals vs away goals`: what is said of the first holds for the other.
        if let [Ask { agg: Some(agg), field: Some(_), over: None }, second] = self.intent.asks.as_mut_slice()
            && self.intent.correlation
            && !matches!(agg, Agg::Count | Agg::Distinct)
        {
            second.agg.get_or_insert(*agg);
        }
        // `casual vs registered riders per season`: side by side, not point by point.
        let per = self.tokens.iter().any(|t| matches!(t.lower.as_str(), "per" | "each" | "every"));
        if per && self.intent.correlation && self.intent.asks.len() > 1 && !self.intent.groups.is_empty() {
            self.intent.correlation = false;
            self.intent.compare = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    fn sql(prompt: &str) -> String {
        let column = |name: &str, kind, distinct, range: Option<(Value, Value)>, top: Vec<Value>| {
            let (min, max) = range.unzip();
            Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean: None, top }
        };
        let days = Some((json!("2014-01-01"), json!("2017-09-20")));
        let columns = vec![
            column("ride_date", ColumnType::Date, 1_200, days, Vec::new()),
            column("season", ColumnType::Text, 2, None, vec![json!("winter"), json!("summer")]),
            column("holiday", ColumnType::Boolean, 2, None, vec![json!(false), json!(true)]),
            column("casual", ColumnType::Integer, 300, Some((json!(0), json!(367))), Vec::new()),
            column("registered", ColumnType::Integer, 700, Some((json!(0), json!(886))), Vec::new()),
        ];
        let plan = crate::plan(prompt, &[Dataset { name: "rides".into(), rows: 8_000, columns }], None);
        assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
        plan.goals[0].query.sql()
    }

    #[test]
    fn both_sides_are_groups() {
        for prompt in ["casual on weekends vs weekdays", "weekday vs weekend casual", "casual by weekend or weekday"] {
            assert!(sql(prompt).contains("'Weekend' ELSE 'Weekday' END"), "{prompt}: {}", sql(prompt));
        }
        let sides = sql("casual on holidays vs normal days");
        assert!(sides.contains("\"holiday\" AS") && !sides.contains("WHERE"), "{sides}");
        let beside = sql("casual vs registered per season");
        assert!(beside.contains("GROUP BY 1") && beside.contains("\"registered\""), "{beside}");
    }
}
