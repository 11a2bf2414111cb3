//! `sales in the West vs the rest`: rows for which something holds, against all others.

use serde::{Deserialize, Serialize};

use super::axes::{Axis, Names};
use super::conditions::tests_of;
use super::fields::{Data, Role};
use super::intent::Group;
use super::query::{Dimension, Op, Predicate};
use super::reading::Reader;
use super::text;
use super::words::{Kind, Token, is, tokens};

/// The two sides of a condition: what holds for one is what the other lacks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sides {
    /// All hold for the one side.
    pub when: Vec<Predicate>,
    /// What the one side is called, and the other.
    pub names: [String; 2],
}

/// What stands between the two sides.
const JOINTS: &str = "vs versus against than";

/// Rewrites the ways to say all others: `vs all other states`, `against everyone else`, `versus those without`, `compared to the
/// rest of the world`.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    for at in 1..said.len() {
        let compared = is(said.get(at), "compared") && is(said.get(at + 1), "to with");
        // `with a garden and without`
        let lacking = is(said.get(at), "and or") && is(said.get(at + 1), "without") && said.len() == at + 2;
        let joint = is(said.get(at), JOINTS) || compared || lacking;
        let from = at + 1 + usize::from(compared);
        if let Some(to) = Some(from).filter(|_| joint).and_then(|from| others(&said, from)) {
            let lacks = said[to - 1].lower == "without";
            let (from, new) = if lacking { (at, "vs the rest") } else { (from, "the rest") };
            said.splice(from..to, tokens(new));
            // `average price with a pool vs without`: of those that have one.
            let with = said[..at].iter().rposition(|t| t.lower == "with").filter(|_| lacks);
            if let Some(with) = with.filter(|&w| w > 0 && !super::supposed::names_several(&said[w - 1])) {
                said.splice(with..with, tokens("of rows"));
            }
            return said;
        }
    }
    said
}

/// Where words end that mean all others.
fn others(said: &[Token], from: usize) -> Option<usize> {
    let small = (from..said.len()).take_while(|&i| is(said.get(i), "all the in of with for at from on any")).last();
    let at = small.map_or(from, |i| i + 1);
    let ends = |i: usize| said.get(i).is_none_or(|t| t.kind != Kind::Word || is(Some(t), ENDS));
    let one = said.get(at);
    // `the rest of the world`
    let whole = |i: usize| {
        let article = i + 1 + usize::from(is(said.get(i + 1), "the its their"));
        let noun = is(said.get(i), "of") && said.get(article).is_some_and(|t| t.kind == Kind::Word);
        if noun { article + 1 } else { i }
    };
    match () {
        () if is(one, "rest remainder") => Some(whole(at + 1)),
        () if is(one, "everyone everybody everything anyone anybody anything all") && is(said.get(at + 1), "else") => {
            Some(at + 2)
        }
        () if is(one, "elsewhere") => Some(at + 1),
        () if is(one, "everywhere") => Some(at + 1 + usize::from(is(said.get(at + 1), "else"))),
        () if is(one, "others") => Some(whole(at + 1)),
        () if is(one, "other remaining") && said.get(at + 1).is_some_and(super::supposed::names_several) => {
            Some(at + 2)
        }
        // `versus those without`, `with children vs without`
        () if is(one, "without") && ends(at + 1) => Some(at + 1),
        () if is(one, "those ones people") && is(said.get(at + 1), "without") && ends(at + 2) => Some(at + 2),
        () => None,
    }
}

/// What goes on after all that is said of a side.
const ENDS: &str = "by per over in for each across and on since during";

/// The two sides as an axis.
pub fn of(data: &Data<'_>, when: &[Predicate], axis: Axis, names: &mut Names) -> Axis {
    let one = text::conditions(data, when);
    let label = format!("{} ({one} and others)", axis.label);
    let sides = Sides { when: when.to_vec(), names: [one, "others".to_owned()] };
    let cut = super::query::Cut::Whole;
    let dimension = Dimension { cut, alias: names.computed("side"), sides: Some(sides), ..axis.dimension };
    Axis { dimension, label, grain: None, ordered: false, distinct: 2, ..axis }
}

impl Reader<'_, '_> {
    /// `homes on the waterfront compared with the others`: both sides of a condition, side by side.
    pub fn others(&mut self, at: usize) {
        let flag = |p: &Predicate| {
            let field = self.data.index(p.source.column()?)?;
            (self.data.fields[field].role == Role::Flag && p.op == Op::In).then_some(field)
        };
        let found = self.intent.filters.iter().enumerate().find_map(|(i, p)| flag(p).map(|f| (i, f)));
        let field = match found {
            Some((index, field)) => {
                self.intent.filters.remove(index);
                field
            }
            None => match self.one_side() {
                Some(field) => field,
                None => return self.unmatched(at),
            },
        };
        self.intent.groups.retain(|g| g.field != Some(field));
        self.intent.add_group(Group { field: Some(field), grain: None });
        self.intent.by = true;
        self.intent.correlation = false;
        self.intent.compare = true;
    }

    /// Takes the condition named last for the one side.
    fn one_side(&mut self) -> Option<usize> {
        if let Some((field, limits)) = self.limits.pop() {
            self.intent.sides = tests_of(self.data, field, &limits);
            return Some(field);
        }
        let plain = |p: &Predicate| {
            let field = p.part.is_none().then(|| self.data.index(p.source.column()?))??;
            (self.data.fields[field].role != Role::Time).then_some(field)
        };
        let field = self.intent.filters.last().and_then(plain)?;
        let source = self.data.fields[field].source();
        let from = self.intent.filters.iter().rposition(|p| p.source != source).map_or(0, |i| i + 1);
        self.intent.sides = self.intent.filters.split_off(from);
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, Dataset};

    use crate::samples::{figure, refined, sql, text};

    #[test]
    fn one_side_stands_against_all_others() {
        let columns = || {
            vec![
                text("region", 4, 0, &["West", "East", "South", "North"]),
                text("category", 3, 0, &["Chairs", "Phones"]),
                figure("profit", 900, -50, 4_000),
                Column { top: vec![json!(0), json!(1)], ..figure("discount", 9, 0, 8) },
                figure("year", 12, 2001, 2012),
            ]
        };
        let west = "CASE WHEN \"region\" = 'West' THEN 'West' ELSE 'others' END";
        for (prompt, wanted) in [
            ("profit in the West vs the rest", west),
            ("profit of the West compared to all other regions", west),
            ("average profit in the West against everywhere else by category", "\"category\""),
            ("profit per year in the West vs the other regions", west),
            ("average profit, West vs the rest", west),
            ("West vs everywhere else, average profit", west),
            ("average profit with a discount versus those without", "CASE WHEN \"discount\" > 0 THEN"),
        ] {
            let sql = sql(prompt, "orders", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
        // No value is called `others`: a click cannot filter by it.
        let table = Dataset { name: "orders".into(), rows: 1_000, columns: columns() };
        let plan = crate::plan("profit in the West vs the rest", &[table], None);
        assert_eq!(plan.goals[0].encoding.x.as_ref().and_then(|x| x.filter.clone()), None, "{plan:#?}");
        let (_, sql) = refined("profit in the West vs the rest", "by category please", "orders", columns());
        assert!(sql.contains("\"category\""), "{sql}");
    }
}
