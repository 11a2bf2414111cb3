//! Groups said before what is told of them: `for each region, sales and profit` is `sales and profit by region`.

use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};

/// Most items of the groups that a sentence begins with.
const GROUPS_MAX: usize = 6;

/// The items of a sentence with the groups that it begins with after all else.
pub fn last(data: &Data<'_>, items: Vec<Item>) -> Vec<Item> {
    let keyword = |i: &Item, k: Keyword| i.meaning == Meaning::Keyword(k);
    let Some(from) = items.iter().position(|i| i.meaning != Meaning::Filler) else { return items };
    let begins = items.get(from).is_some_and(|i| keyword(i, Keyword::By));
    let Some(to) = begins.then(|| ended(data, &items, from + 1)).flatten() else { return items };
    let ends = |i: &Item| matches!(i.meaning, Meaning::Mark('.' | '?' | '!' | ';' | '\n'));
    let rest = to..items[to..].iter().position(ends).map_or(items.len(), |n| to + n);
    let parted = items.get(to).is_some_and(|i| matches!(i.meaning, Meaning::Mark(',' | ':')));
    let told = &items[rest.start + usize::from(parted)..rest.end];
    let grouped = told.iter().any(|i| keyword(i, Keyword::By) || keyword(i, Keyword::Trend));
    if grouped || !told.iter().any(|i| tells(data, i)) {
        return items;
    }
    // A manner that follows, as `in a table`, stays what it is.
    let joined = told.iter().enumerate().map(|(at, item)| {
        let next = told[at + 1..].iter().take_while(|i| !matches!(i.meaning, Meaning::Mark(',')));
        let lists = item.meaning == Meaning::Mark(',') && next.clone().any(|i| tells(data, i));
        if lists { Item { meaning: Meaning::Keyword(Keyword::And), ..item.clone() } } else { item.clone() }
    });
    let mut out: Vec<Item> = items[..from].to_vec();
    out.extend(joined);
    out.extend_from_slice(&items[from..to]);
    out.extend_from_slice(&items[rest.end..]);
    out
}

/// Where the groups end that begin here: at a mark, or after the one that is named.
fn ended(data: &Data<'_>, items: &[Item], from: usize) -> Option<usize> {
    let group = |i: &Item| match &i.meaning {
        Meaning::Column(c) => c.iter().any(|&f| data.fields[f].is_dimension() || data.fields[f].role == Role::Ordinal),
        Meaning::Keyword(Keyword::Grain(_) | Keyword::Decade) | Meaning::Rows => true,
        _ => false,
    };
    let mark = items[from..].iter().take(GROUPS_MAX).position(|i| matches!(i.meaning, Meaning::Mark(',' | ':')));
    let named = items[from..].iter().take(GROUPS_MAX).position(group).map(|n| from + n)?;
    let whole = |to: usize| {
        let small = |i: &Item| {
            let joint = matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::And | Keyword::Count));
            joint || group(i)
        };
        items[from..to].iter().all(small)
    };
    match mark.map(|n| from + n) {
        Some(mark) if whole(mark) => Some(mark),
        _ => Some(named + 1).filter(|&to| whole(to)),
    }
}

/// Whether something is told of the groups: a figure, or how many there are.
fn tells(data: &Data<'_>, item: &Item) -> bool {
    match &item.meaning {
        Meaning::Column(c) => c.iter().any(|&f| data.fields[f].is_measure() || data.fields[f].role == Role::Flag),
        Meaning::Keyword(Keyword::Count | Keyword::Share) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn groups_said_first_are_of_all_that_follows() {
        let columns = || {
            let figures = ["height", "width", "depth"].map(|n| figure(n, 300, 1, 400));
            figures.into_iter().chain([text("region", 40, 0, &["North", "South"])]).collect::<Vec<_>>()
        };
        for prompt in [
            "for every region, mean height and mean width",
            "by region: mean height, mean width and mean depth",
            "per region height and width",
            "for each region give me height and width, as a table",
        ] {
            let query = sql(prompt, "boxes", columns());
            let both = query.contains("(\"height\")") && query.contains("(\"width\")");
            assert!(both && query.contains("\"region\"") && query.contains("GROUP BY 1 "), "{prompt}: {query}");
        }
        let ends = sql("for each region the minimum and maximum height", "boxes", columns());
        assert!(ends.contains("MIN(\"height\")") && ends.contains("MAX(\"height\")"), "{ends}");
    }
}
