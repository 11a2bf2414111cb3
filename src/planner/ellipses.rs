//! `people who smoke or people who don't`, `with a garage and without`: the other side of what is said, by nothing but that it is not so.

use super::words::{Kind, Token, is, tokens};

const DENIALS: &str = "dont doesnt didnt isnt arent wasnt werent hasnt havent hadnt wont cant without not";
const JOINTS: &str = "and or vs versus against than";
/// What stands between the joint and the denial: whose side it is.
const SMALL: &str = "who that which those these when where if whose ones one he she it they the a of in on at for with by is are was \
    were has have had do does did to what how much many";
/// Most words between the joint and the denial.
const BETWEEN: usize = 7;
/// What goes on after all that is said of a side.
const ENDS: &str = "by per over in for each across on since during earn earns pay pays cost costs";

/// Rewrites the side that only lacks what the other has as all others.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    let found = (2..said.len()).find_map(|at| Some((joint(&said, denial(&said, at)?, at)?, at)));
    let Some((from, at)) = found else { return said };
    let end = again(&said, from, at + 1);
    let other = if is(said.get(at), "without") { "vs without" } else { "vs the rest" };
    said.splice(from..end, tokens(other));
    said
}

/// Where a denial begins that ends at `at`, and that nothing new follows.
fn denial(said: &[Token], at: usize) -> Option<usize> {
    if !is(said.get(at), DENIALS) {
        return None;
    }
    Some(if is(said.get(at), "not") && is(said.get(at - 1), "do does did is are was were has have had") {
        at - 1
    } else {
        at
    })
}

/// Where the other side begins: at the word that joins it to the first.
fn joint(said: &[Token], denial: usize, at: usize) -> Option<usize> {
    let mut joint = denial.checked_sub(1)?;
    while !is(said.get(joint), JOINTS) {
        let whose = super::nouns::is_person(&said[joint]) || super::supposed::names_several(&said[joint]);
        let known = said[..joint].iter().any(|t| t.stem == said[joint].stem);
        if joint < 2 || denial - joint > BETWEEN || !(is(said.get(joint), SMALL) || whose || known) {
            return None;
        }
        joint -= 1;
    }
    let over = again(said, joint, at + 1);
    let ends = said.get(over).is_none_or(|t| t.kind != Kind::Word || is(Some(t), ENDS));
    // `whether they smoke or not`, `rows with and without a price`: neither tells of a side by itself.
    let whether = said[..joint].iter().any(|t| is(Some(t), "whether"));
    let both = joint + 1 == denial && is(said.get(joint - 1), "with");
    (ends && !whether && !both && joint > 0).then_some(joint)
}

/// Where words end that say again what the first side has: `those who don't smoke`.
fn again(said: &[Token], joint: usize, from: usize) -> usize {
    let alike = |a: &Token, b: &Token| a.stem == b.stem || b.stem.len() >= 4 && a.lower.starts_with(&b.stem);
    let told = |i: usize| {
        let word = said.get(i).filter(|t| t.kind == Kind::Word);
        word.is_some_and(|w| said[..joint].iter().any(|t| alike(t, w) && !is(Some(t), ENDS)))
    };
    (from..said.len()).find(|&i| !told(i)).unwrap_or(said.len())
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;

    #[test]
    fn what_lacks_the_same_is_the_other_side() {
        for (said, wanted) in [
            ("tips of people who smoke or people who don't", "tips of people who smoke vs the rest"),
            ("weight when the mother smokes and when she doesn't", "weight when the mother smokes vs the rest"),
            ("price of homes with a pool and homes without by city", "price of homes with a pool vs without by city"),
            ("pay of those who left and of those who did not", "pay of those who left vs the rest"),
            ("do smokers tip more than people who don't smoke", "do smokers tip more vs the rest"),
            ("tips by whether they smoke or not", "tips by whether they smoke or not"),
            ("sales of lamps and not of mugs", "sales of lamps and not of mugs"),
        ] {
            let words = |all: Vec<super::Token>| all.into_iter().map(|t| t.text).collect::<Vec<_>>().join(" ");
            assert_eq!(words(super::rewritten(tokens(said))), wanted);
        }
    }
}
