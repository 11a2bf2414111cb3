//! What is told by a column of yes and no under another name: `died` of who `survived`, `rejected` of what is `approved`.

use super::fields::{Data, Field, Role};
use super::hinted::taken;
use super::matching::{Item, Meaning};
use super::supposed::Candidate;
use super::words::{Token, is};

/// What is so, and what is not: each a word for its side of one thing.
const SIDES: [(&str, &str); 9] = [
    (
        "survived survive survival survivor survivors alive",
        "died die dead death deaths deceased perished killed fatal fatality fatalities fatally drowned",
    ),
    ("churn churned attrition exited quit left", "stayed retained loyal remained"),
    ("approved approval accepted granted admitted", "denied deny denial denials rejected rejection refused declined"),
    ("won win winner winners winning victory", "lost lose loser losers losing"),
    ("passed pass", "failed fail failing"),
    ("default defaulted defaulting defaults", "repaid"),
    ("employed working", "unemployed jobless"),
    ("active", "inactive retired"),
    ("spam junk", "ham legitimate genuine"),
];

/// The side of a column that a word is of which nothing in the data has.
pub fn candidate(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    let token = tokens.get(item.from).filter(|_| matches!(item.meaning, Meaning::Unknown(_)))?;
    let (yes, no) = SIDES.iter().find(|(yes, no)| is(Some(token), yes) || is(Some(token), no))?;
    let side = |list: &str, f: &Field<'_>| f.words.iter().any(|w| super::lists::has(list, &w.lower));
    let told = |f: &Field<'_>| f.role == Role::Flag && !f.joined && (side(yes, f) || side(no, f));
    let field = data.fields.iter().position(told)?;
    let same = side(yes, &data.fields[field]) == is(Some(token), yes);
    let value = data.fields[field].truth(same)?;
    let note = taken(tokens, item, &format!("{}{}", if same { "" } else { "not " }, data.fields[field].label));
    let one = Item { meaning: Meaning::Value(vec![(field, value)]), ..item.clone() };
    Some(Candidate { from: at, to: at + 1, items: vec![one], price: 3, note })
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn the_other_side_of_what_is_so_has_names_of_its_own() {
        let people = || {
            vec![
                text("class", 3, 0, &["1st", "2nd", "3rd"]),
                text("sex", 2, 0, &["male", "female"]),
                figure("survived", 2, 0, 1),
                figure("age", 70, 0, 90),
            ]
        };
        for (prompt, wanted) in [
            ("women who died by class", "\"survived\" = 0"),
            ("average age of those who perished", "\"survived\" = 0"),
            ("how many passengers died", "\"survived\" = 0"),
        ] {
            let sql = sql(prompt, "passengers", people());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
