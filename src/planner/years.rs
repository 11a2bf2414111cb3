//! Years in names: `obesity_2016` and `obesity_2024` are one figure in two years, `incidents_85_99` one of fifteen.

use vizroom_protocol::dashboard::Grain;

use super::fields::{Data, Part};
use super::intent::{Group, Intent};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::{Op, Predicate};
use super::words::Token;

/// Splits a name's words into those that name something, and the years it is of: one, or the first and the last.
pub fn parted(names: Vec<String>) -> (Vec<String>, Vec<i64>) {
    let digits = |w: &String, n: usize| w.len() == n && w.chars().all(|c| c.is_ascii_digit());
    let full = |w: &String| w.parse::<i64>().ok().filter(|y| digits(w, 4) && (1800..=2100).contains(y));
    let pair = names.windows(2).position(|p| digits(&p[0], 2) && digits(&p[1], 2));
    let (at, years) = match (names.iter().position(|w| full(w).is_some()), pair) {
        (Some(at), _) => (at, names[at..].iter().map_while(full).take(2).collect::<Vec<i64>>()),
        (None, Some(at)) => (at, names[at..at + 2].iter().filter_map(|w| w.parse().ok()).map(century).collect()),
        (None, None) => return (names, Vec::new()),
    };
    if years.len() == names.len() || years.windows(2).any(|y| y[0] >= y[1]) {
        return (names, Vec::new());
    }
    let kept = names.iter().enumerate().filter(|(i, _)| !(at..at + years.len()).contains(i));
    (kept.map(|(_, w)| w.clone()).collect(), years)
}

/// `in 1950, 1970 and 1990`: more years than two are no comparison of the last two, but each of them.
pub fn listed(data: &Data<'_>, intent: &mut Intent) {
    let Some(year) = data.part(Part::Year) else { return };
    let source = data.fields[year].source();
    let one = |p: &Predicate| p.source == source && p.op == Op::In && p.part.is_none();
    let single = |period: &Vec<Predicate>| matches!(period.as_slice(), [p] if one(p));
    let [later, earlier] = intent.periods.as_slice() else { return };
    if !single(later) || !single(earlier) {
        return;
    }
    let more: Vec<Predicate> = [earlier, later].into_iter().flatten().cloned().collect();
    if let Some(first) = intent.filters.iter_mut().find(|p| one(p)) {
        more.into_iter().for_each(|p| first.values.extend(p.values));
        intent.periods.clear();
        let group = Group { field: Some(year), grain: None };
        if !intent.groups.iter().any(|g| g.field.is_none() || *g == group) {
            intent.groups.push(group);
        }
    }
}

/// `85` is 1985, `14` is 2014.
fn century(short: i64) -> i64 {
    if short > 40 { 1900 + short } else { 2000 + short }
}

/// Years as they are said, and the items that say them.
struct Said {
    years: Vec<i64>,
    from: usize,
    to: usize,
}

/// Columns that differ only by their years: the ones that are meant by the years said, else the newest.
pub fn resolved(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    if data.fields.iter().all(|f| f.years.is_empty()) {
        return items;
    }
    let open = |at: &usize| !variants(data, &items[*at]).is_empty() && !super::spans::is_told(&items, *at);
    let dated: Vec<usize> = (0..items.len()).filter(open).collect();
    let said = said(tokens, &items);
    let every = every(tokens, &items);
    let mut more: Vec<(usize, Vec<usize>)> = Vec::new();
    for (n, &at) in dated.iter().enumerate() {
        let all = variants(data, &items[at]);
        let next = dated.get(n + 1).copied().unwrap_or(items.len());
        let fits = |s: &&Said| all.iter().any(|&v| within(&data.fields[v].years, &s.years));
        let own: Vec<&Said> = said.iter().filter(|s| s.from > at && s.to <= next).filter(fits).collect();
        let own = if own.is_empty() { said.iter().filter(fits).collect() } else { own };
        let mut meant: Vec<usize> = Vec::new();
        for said in &own {
            for &v in all.iter().filter(|&&v| within(&data.fields[v].years, &said.years)) {
                if !meant.contains(&v) {
                    meant.push(v);
                }
            }
        }
        if let Some(words) = every.clone().filter(|_| all.len() > 1) {
            meant.clone_from(&all);
            words.for_each(|i| items[i].meaning = Meaning::Filler);
        }
        let end = own.iter().map(|s| s.to).max().unwrap_or(at);
        let start = own.iter().map(|s| s.from).min().unwrap_or(at).min(at + 1);
        let told = |i: usize| own.iter().any(|s| (s.from..s.to).contains(&i));
        for (i, item) in items.iter_mut().enumerate().take(end).skip(start.min(end)) {
            let joint = matches!(item.meaning, Meaning::Keyword(Keyword::Versus | Keyword::Than | Keyword::And));
            let only = matches!(item.meaning, Meaning::Keyword(Keyword::Only | Keyword::Between | Keyword::Dated(_)));
            if joint && meant.len() > 1 || only && told(i) || told(i) && matches!(item.meaning, Meaning::Number { .. })
            {
                item.meaning = Meaning::Filler;
            }
        }
        match meant.split_first() {
            Some((first, rest)) => {
                items[at].meaning = Meaning::Column(vec![*first]);
                more.push((at, rest.to_vec()));
            }
            None => {
                let newest = all.iter().copied().max_by_key(|&v| data.fields[v].years.last().copied());
                items[at].meaning = Meaning::Column(newest.into_iter().collect());
            }
        }
    }
    for (at, rest) in more.into_iter().rev() {
        for column in rest.into_iter().rev() {
            let (from, to) = (items[at].from, items[at].to);
            items.insert(at + 1, Item { meaning: Meaning::Column(vec![column]), from, to });
        }
    }
    items
}

/// Seasons of games are years: `in the last 5 seasons`, `the 2008 season`.
pub fn seasons(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let grain = Meaning::Keyword(Keyword::Grain(Grain::MonthOfYear));
    let season = |i: &Item| i.meaning == grain && matches!(tokens[i.from].lower.as_str(), "season" | "seasons");
    if !data.is_played() {
        return items;
    }
    for at in 0..items.len() {
        if season(&items[at]) {
            let year = at > 0 && super::conditions::calendar_year(items.get(at - 1)).is_some();
            items[at].meaning = if year { Meaning::Filler } else { Meaning::Keyword(Keyword::Grain(Grain::Year)) };
        }
    }
    items
}

/// The columns of an item that differ from its first one by their years only.
fn variants(data: &Data<'_>, item: &Item) -> Vec<usize> {
    let Meaning::Column(columns) = &item.meaning else { return Vec::new() };
    let Some(first) = columns.first().map(|&i| &data.fields[i]).filter(|f| !f.years.is_empty()) else {
        return Vec::new();
    };
    let same = |i: &usize| !data.fields[*i].years.is_empty() && data.fields[*i].words == first.words;
    (0..data.fields.len()).filter(same).collect()
}

/// Whether the years of a name are those said, or lie within them.
fn within(years: &[i64], said: &[i64]) -> bool {
    match (years, said) {
        ([year], [from, to]) => (from..=to).contains(&year),
        ([from, to], [year]) => (from..=to).contains(&year),
        _ => years == said,
    }
}

/// `2016`, `85-99`, `from 2000 to 2014`, `between 2000 and 2014`
fn said(tokens: &[Token], items: &[Item]) -> Vec<Said> {
    let number = |at: usize, short: bool| {
        let item = items.get(at)?;
        let Meaning::Number { value, percent: false } = item.meaning else { return None };
        let (year, length) = (value as i64, tokens[item.from].text.len());
        match length {
            4 if (1800..=2100).contains(&year) => Some(year),
            2 if short && value.fract() == 0.0 => Some(century(year)),
            _ => None,
        }
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let small = |i: usize| {
            let word = items.get(i).map_or("", |item| tokens[item.from].lower.as_str());
            matches!(word, "-" | "to" | "until" | "till" | "through" | "/")
                || word == "and" && at > 0 && matches!(items[at - 1].meaning, Meaning::Keyword(Keyword::Between))
        };
        let before = |at: usize| match at.checked_sub(1).map(|i| &items[i].meaning) {
            Some(Meaning::Keyword(Keyword::Only | Keyword::Between)) => at - 1,
            _ => at,
        };
        if let (Some(from), true, Some(to)) = (number(at, true), small(at + 1), number(at + 2, true))
            && from < to
        {
            out.push(Said { years: vec![from, to], from: before(at), to: at + 3 });
            at += 3;
            continue;
        }
        if let Some(year) = number(at, false) {
            out.push(Said { years: vec![year], from: before(at), to: at + 1 });
        }
        at += 1;
    }
    out
}

/// `in both periods`, `for all years`: the items that say so.
fn every(tokens: &[Token], items: &[Item]) -> Option<std::ops::Range<usize>> {
    let is =
        |at: usize, words: &str| items.get(at).is_some_and(|i| words.split(' ').any(|w| w == tokens[i.from].lower));
    (0..items.len()).find_map(|at| {
        let end = (at + 1..at + 3).find(|&i| is(i, "periods years times spans decades eras"))?;
        is(at, "both all each two").then_some(at..end + 1)
    })
}
