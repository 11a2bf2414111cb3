//! Both sides of what is so or not, said side by side: `weekend or not`, `people who smoke or people who don't`, `local yes
//! vs no`, `with and without a record` ask for each of the two.

use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::words::{Token, is};

/// Words that say that it is not so.
const DENIES: &str = "not no non dont doesnt didnt isnt arent wasnt werent hasnt havent cant don doesn didn isn aren wasn weren \
    without none never otherwise other others rest neither else";
/// Words that set one side against the other.
const JOINTS: &str = "and or vs versus against than to with from";
/// Words beside these that name nothing: who they are, and that it is the case.
const BESIDE: &str = "yes no true false the a an of those these that this who which when where whose ones one people he she it \
    they is are was were be been do does did has have had t for with among in on at to as compared rather whether if any all \
    by";
/// Most items between the column and the word that denies it.
const FAR: usize = 7;

/// The items with both sides of a column as its groups.
pub fn grouped(data: &Data<'_>, tokens: &[Token], items: Vec<Item>) -> Vec<Item> {
    let items = beside_yes_and_no(data, tokens, items);
    for at in 0..items.len() {
        let Some(field) = sided(data, &items[at]) else { continue };
        let said = denied_after(tokens, &items, at, field).map(|to| (at, to));
        let Some((from, to)) = said.or_else(|| denied_before(tokens, &items, at).map(|from| (from, at + 1))) else {
            continue;
        };
        let from = opened(data, tokens, &items, from);
        let of = |meaning: Meaning| Item { meaning, ..items[at].clone() };
        let mut out = items[..from].to_vec();
        if !out.last().is_some_and(|i| i.meaning == Meaning::Keyword(Keyword::By)) {
            out.push(of(Meaning::Keyword(Keyword::By)));
        }
        out.push(of(Meaning::Column(vec![field])));
        out.extend_from_slice(&items[to..]);
        return out;
    }
    items
}

/// `does it matter … ? mean price for yes and no`: the column that was named stands where its sides are.
fn beside_yes_and_no(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let said = |i: &Item, list: &str| is(word(tokens, i), list);
    let sides = |w: &[Item]| said(&w[0], "yes") && said(&w[1], "and or vs versus") && said(&w[2], "no");
    let Some(at) = items.windows(3).position(sides) else { return items };
    let flag = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].role == Role::Flag);
    let far = |n: usize| n + 1 < at;
    if let Some(named) = (0..at).rev().find(|&n| flag(&items[n])).filter(|&n| far(n)) {
        let column = items[named].meaning.clone();
        items[named].meaning = Meaning::Filler;
        items[at].meaning = column;
    }
    items
}

/// The column of two sides that an item names, or one side of.
fn sided(data: &Data<'_>, item: &Item) -> Option<usize> {
    match &item.meaning {
        Meaning::Column(c) => c.first().copied().filter(|&f| data.fields[f].role == Role::Flag),
        Meaning::Value(v) => {
            let two = |f: usize| {
                matches!(data.fields[f].role, Role::Flag | Role::Category) && data.fields[f].column.distinct == 2
            };
            v.first().map(|(f, _)| *f).filter(|&f| two(f))
        }
        _ => None,
    }
}

fn word<'t>(tokens: &'t [Token], item: &Item) -> Option<&'t Token> {
    tokens.get(item.from).filter(|_| item.to == item.from + 1)
}

/// Where the other side ends that is said after the column.
fn denied_after(tokens: &[Token], items: &[Item], at: usize, field: usize) -> Option<usize> {
    let (mut joint, mut denied, mut to) = (false, false, at + 1);
    for (n, item) in items.iter().enumerate().skip(at + 1).take(FAR) {
        let said = word(tokens, item);
        let same = matches!(&item.meaning, Meaning::Column(c) if c[0] == field)
            || matches!(&item.meaning, Meaning::Value(v) if v.iter().any(|(f, _)| *f == field));
        let against = items[at + 1..n].iter().any(|i| i.meaning == Meaning::Keyword(Keyword::Versus));
        let manner = matches!(item.meaning, Meaning::Unknown(_)) && said.is_some_and(super::supposed::is_participle);
        let denies = is(said, DENIES) || matches!(item.meaning, Meaning::Keyword(Keyword::Not | Keyword::Others));
        match () {
            () if joint && denies => denied = true,
            // `who made it vs those who missed it`
            () if against && manner => denied = true,
            () if is(said, JOINTS) && !denied => joint |= !is(said, "with to from"),
            () if item.meaning == Meaning::Keyword(Keyword::Versus) && !denied => joint = true,
            () if is(said, BESIDE) || manner => {}
            () if same && denied => {}
            () if item.meaning == Meaning::Rows && joint => {}
            () if matches!(item.meaning, Meaning::Mark('-' | '\'' | '’')) => {}
            () => break,
        }
        if denied {
            to = n + 1;
        }
    }
    // `smokers and other people`: what follows names them.
    let follows = items.get(to).is_some_and(|i| matches!(i.meaning, Meaning::Value(_) | Meaning::Column(_)));
    (denied && !follows).then_some(to)
}

/// Where both sides begin that are said before the column: `with or without a`.
fn denied_before(tokens: &[Token], items: &[Item], at: usize) -> Option<usize> {
    let before: Vec<usize> =
        (at.saturating_sub(4)..at).rev().take_while(|&i| !matches!(items[i].meaning, Meaning::Column(_))).collect();
    // `in states with and without the law`, where that is one turn of phrase.
    let by = |i: &usize| items[*i].meaning == Meaning::Keyword(Keyword::By);
    let told = |i: usize| {
        i > 1
            && matches!(items[i - 1].meaning, Meaning::Column(_))
            && is(tokens.get(items[i - 2].from), "in among of for")
    };
    if let Some(&by) = before.iter().find(|i| by(i)).filter(|&&i| told(i)) {
        return Some(by);
    }
    let without = before.iter().copied().find(|&i| is(word(tokens, &items[i]), "without no non"))?;
    let joint = without.checked_sub(1).filter(|&i| is(word(tokens, &items[i]), "and or vs versus"))?;
    joint.checked_sub(1).filter(|&i| is(word(tokens, &items[i]), "with yes"))
}

/// Where what belongs to the sides begins: `for those who`, `states` in `in states with or without a law`.
fn opened(data: &Data<'_>, tokens: &[Token], items: &[Item], mut from: usize) -> usize {
    let small = |i: &Item| {
        let aside =
            matches!(i.meaning, Meaning::Filler | Meaning::Rows | Meaning::Keyword(Keyword::Only | Keyword::Versus));
        aside && is(tokens.get(i.from), BESIDE)
    };
    while from > 0 && small(&items[from - 1]) {
        from -= 1;
    }
    let whose = |i: &Item| {
        let several = super::supposed::names_several(&tokens[i.to - 1]);
        matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_dimension() && several)
    };
    let by = |i: &Item| matches!(i.meaning, Meaning::Keyword(Keyword::By));
    if from > 1 && whose(&items[from - 1]) && !by(&items[from - 2]) {
        from -= 1;
        while from > 0 && small(&items[from - 1]) {
            from -= 1;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn what_is_so_and_what_is_not_are_groups() {
        let columns = || {
            let flags = [text("smoker", 2, 0, &["yes", "no"]), text("town", 40, 0, &["Bath", "York"])];
            flags.into_iter().chain([figure("tip", 300, 1, 40)]).collect::<Vec<_>>()
        };
        for prompt in [
            "average tip, smoker or not",
            "smoker yes or no, what's the average tip?",
            "average tip of smokers and of those who aren't",
            "average tip of smokers and non-smokers",
            "average tip in towns with and without a smoker",
        ] {
            let query = sql(prompt, "bills", columns());
            let sides = query.contains("GROUP BY 1 ") && !query.contains("WHERE") && !query.contains("town");
            assert!(query.contains("\"smoker\"") && sides, "{prompt}: {query}");
        }
        let one = sql("average tip of smokers and other figures", "bills", columns());
        assert!(one.contains("AVG(\"tip\")"), "{one}");
    }
}
