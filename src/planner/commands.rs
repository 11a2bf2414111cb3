//! What the words of a refinement ask for, before it is known what they do to a card.

use super::fields::Data;
use super::intent::Intent;
use super::lexicon::Rank;
use super::patching::Manner;
use super::readings::Reading;
use super::words::Token;
use super::{lexicon, segments};

/// The sentence cut where a new command begins: at full stops, and at `and` before a verb.
pub fn commands(feedback: &str) -> Vec<String> {
    const VERBS: &str = "add remove delete drop rename retitle call make turn switch convert change set";
    let mut out = vec![String::new()];
    let short: String = feedback.chars().take(super::words::LENGTH_MAX).collect();
    let quoted = |text: &str| text.matches(['"', '“', '”']).count() % 2 == 1;
    for piece in short.split_inclusive(['.', ';', '\n', '!', ' ', ',']) {
        let ends = piece.ends_with(['.', ';', '\n', '!', ' ', ',']);
        let word = if ends { &piece[..piece.len() - 1] } else { piece };
        let Some(current) = out.last_mut() else { break };
        let joined = current.trim_end().trim_end_matches(',').to_lowercase();
        let after_joint = joined.ends_with(" and") || joined.ends_with(" then") || current.trim_end().ends_with(',');
        let is_verb = VERBS.split(' ').any(|v| v == word.to_lowercase());
        if after_joint && is_verb && !quoted(current) {
            out.push(piece.to_owned());
        } else {
            current.push_str(piece);
        }
        let stop = piece.ends_with(['.', ';', '\n', '!']) && !word.ends_with(|c: char| c.is_ascii_digit());
        if stop && out.last().is_some_and(|c| !quoted(c)) {
            out.push(String::new());
        }
    }
    let mut out: Vec<String> = out.into_iter().flat_map(|command| each_card(&command)).collect();
    out.retain(|c| c.chars().any(char::is_alphanumeric));
    out.truncate(12);
    out
}

/// `the first one as a line and the second one as a bar` are two commands.
fn each_card(command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let lower = |i: usize| words.get(i).map_or_else(String::new, |w| w.trim_end_matches(',').to_lowercase());
    let card = |i: usize| {
        let place = super::vocabulary::ordinal(&lower(i)).is_some() || lower(i) == "last";
        let noun = matches!(lower(i + 1).as_str(), "one" | "chart" | "card" | "graph" | "plot");
        let key = lower(i) == "chart" && lower(i + 1).chars().all(|c| c.is_ascii_digit()) && !lower(i + 1).is_empty();
        (place && noun) || key
    };
    let named = |i: usize| card(i) || (lower(i) == "the" && card(i + 1));
    let before = |at: usize| (0..at).any(card);
    let cut = (1..words.len()).find(|&i| lower(i) == "and" && named(i + 1) && before(i) && i + 3 < words.len());
    // `the first and the second chart as a table` says one thing of both.
    let after = |at: usize| words[at + 1..].iter().skip(3).any(|w| w.chars().any(char::is_alphanumeric));
    let said = |at: usize| (0..at).any(|i| card(i) && i + 2 < at);
    match cut.filter(|&at| after(at) && said(at)) {
        Some(at) => vec![words[..at].join(" "), words[at + 1..].join(" ")],
        None => vec![command.to_owned()],
    }
}

/// Words that tell what to do with the rest.
pub fn is_instruction(token: &Token) -> bool {
    matches!(
        token.lower.as_str(),
        "add"
            | "include"
            | "filter"
            | "filters"
            | "limit"
            | "remove"
            | "drop"
            | "hide"
            | "delete"
            | "zoom"
            | "drill"
            | "focus"
            | "narrow"
            | "unstacked"
            | "unstack"
            | "clustered"
            | "dodged"
            | "dimension"
            | "dimensions"
    )
}

/// Everything a command says, as one intent.
pub fn read(data: &Data<'_>, said: &[Token]) -> Intent {
    let whole = |segments: Vec<segments::Segment>| {
        let mut out = Intent::default();
        segments.into_iter().for_each(|s| out.absorb(s.intent));
        out
    };
    let plain = whole(segments::segments(data, said));
    if plain.unknown.is_empty() {
        return plain;
    }
    Reading::part(data, said).map_or(plain, whole)
}

/// Words that change a card without naming anything in the data: `remove`, `all`, `reverse`, `alphabetically`.
pub fn worded(data: &Data<'_>, rest: &[Token], patch: &mut Intent, base: &mut Intent) -> bool {
    let has = |list: &str| rest.iter().any(|t| super::lists::has(list, &t.lower));
    let first = |list: &str| rest.first().is_some_and(|t| super::lists::has(list, &t.lower));
    if first("remove drop hide delete exclude") {
        // A column that is taken away, not asked for.
        patch.dropped.extend(patch.asks.drain(..).filter_map(|a| a.field));
        patch.dropped.extend(patch.groups.drain(..).filter_map(|g| g.field));
        let span = super::period::outside(&patch.filters);
        let outside = span.and_then(|o| o.ok().or_else(|| super::period::but_an_end(data, &patch.filters)));
        match outside {
            // `drop 2017` of what has dates
            Some(outside) => patch.filters = vec![outside],
            None => {
                for filter in patch.filters.iter_mut().filter(|f| f.op == super::query::Op::In) {
                    filter.op = super::query::Op::NotIn;
                }
            }
        }
    }
    let mut changed = has("together combined merged pooled") && super::another::together(data, patch, base);
    let aside = (0..rest.len()).any(|i| rest[i].lower == "side" && rest.get(i + 2).is_some_and(|t| t.lower == "side"));
    if (aside || has("unstacked unstack clustered dodged")) && base.groups.len() > 1 && patch.chart.is_none() {
        patch.chart = Some(vizroom_protocol::dashboard::CardKind::Bar);
    }
    let sorts = (0..rest.len()).any(|at| super::ordering::sorts(rest, at));
    if has("all every everything") && patch.top.is_none() && base.top.is_some() {
        unlimited(data, base);
        patch.groups.clear();
        changed = true;
    }
    // `sort by the lowest` cuts nothing off.
    if sorts
        && patch.top.is_none()
        && let Some(rank) = patch.rank.take()
    {
        patch.descending = Some(!matches!(rank, Rank::Bottom | Rank::Least));
    }
    let figure = |g: &super::intent::Group| g.field.is_some_and(|f| data.fields[f].is_measure());
    if sorts && patch.asks.is_empty() && !patch.groups.is_empty() && !patch.groups.iter().any(figure) {
        patch.by_name = true;
        patch.groups.clear();
        changed = true;
    }
    changed
}

/// `swap region and category`, `category first`: the same two groups, the other one first.
pub fn swaps_groups(said: &[Token], patch: &Intent, base: &Intent) -> bool {
    let has = |list: &str| said.iter().any(|t| super::lists::has(list, &t.lower));
    let [first, second] = base.groups.as_slice() else { return false };
    let named = |g: &super::intent::Group| patch.groups.iter().any(|p| p.field == g.field && g.field.is_some());
    let both = patch.groups.len() == 2 && named(first) && named(second);
    let one = patch.groups.len() == 1 && named(second);
    both && has("swap switch exchange flip interchange") || one && has("first") && !has("top bottom last")
}

/// All that a ranking cut off; of single rows, as many as a table shows.
pub fn unlimited(data: &Data<'_>, base: &mut Intent) {
    const BARS_MAX: u64 = 50;
    if !base.rows {
        base.top = None;
        base.rank = None;
        return;
    }
    base.top = Some(data.dataset.rows.min(1_000));
    if data.dataset.rows > BARS_MAX {
        base.chart = Some(vizroom_protocol::dashboard::CardKind::Table);
    }
}

/// `swap the axes`, `x and y the other way round`
pub fn swaps(said: &[Token]) -> bool {
    let has = |list: &str| said.iter().any(|t| super::lists::has(list, &t.lower));
    let axes = has("axes axis") || (has("x") && has("y")) || (has("rows") && has("columns"));
    axes && has("swap switch flip exchange transpose invert interchange turn other")
}

/// `limit it to 5`, `only show 3`, `the 5 biggest`: how many, without the words that say it.
pub fn count(said: &[Token]) -> (Vec<Token>, Option<u64>) {
    let limits = |t: &Token| matches!(t.lower.as_str(), "limit" | "cut" | "cap" | "restrict" | "reduce" | "fewer");
    let value = |t: &Token| t.number().or_else(|| super::vocabulary::number_word(&t.lower).filter(|n| *n > 1.0));
    let whole = |t: &Token| value(t).is_some_and(|n| n.fract() == 0.0 && (1.0..=1_000.0).contains(&n));
    let taken = |at: usize, drops: &dyn Fn(&Token) -> bool| {
        let kept = said.iter().enumerate().filter(|(i, t)| *i != at && !drops(t)).map(|(_, t)| t.clone());
        (kept.collect(), value(&said[at]).map(|n| n as u64))
    };
    // `20 instead of 10`
    let other = |at: usize| {
        let pair = (said.get(at + 1).map_or("", |t| &t.lower), said.get(at + 2).map_or("", |t| &t.lower));
        let limit = at > 0 && super::words::is(said.get(at - 1), "than least most over under above below to");
        let instead = matches!(pair, ("instead", "of") | ("rather", "than"));
        instead && !limit && whole(&said[at]) && said.get(at + 3).is_some_and(whole)
    };
    if let Some(at) = (0..said.len()).find(|&at| other(at)) {
        let kept = said[..at].iter().chain(&said[at + 4..]).cloned().collect();
        return (kept, value(&said[at]).map(|n| n as u64));
    }
    if let Some(at) = (0..said.len()).find(|&at| whole(&said[at]) && beside_rank(said, at)) {
        return taken(at, &|_| false);
    }
    // `show ten`, `only 3`: nothing else is said.
    let bare = said.len() <= 10
        && said.iter().all(|t| {
            value(t).is_some()
                || lexicon::is_filler(&t.lower)
                || limits(t)
                || matches!(t.lower.as_str(), "only" | "just" | "or" | "not" | "," | ".")
        });
    let drawn = |t: &Token| super::words::is(Some(t), "bars lines slices entries groups");
    let last = |at: usize| {
        let empty = |t: &Token| lexicon::is_filler(&t.lower) || !t.lower.chars().any(char::is_alphanumeric);
        said[at + 1..].iter().all(|t| empty(t) || drawn(t))
    };
    let than = |at: usize| at > 0 && super::words::is(said.get(at - 1), "than over under above below least most");
    let number = said.iter().rposition(whole).filter(|&at| !than(at));
    match number.filter(|&at| (bare || said[..at].iter().any(limits)) && last(at)) {
        Some(at) => taken(at, &limits),
        None => (said.to_vec(), None),
    }
}

/// `by type` where one column is a type: a word that says nothing elsewhere, and is part of one name here.
pub fn by_part_of_name(data: &Data<'_>, said: &[Token]) -> Option<Intent> {
    let of = |t: &Token| -> Vec<usize> {
        let names = |i: usize| super::words::name_words(&data.fields[i].column.name);
        let has = |i: &usize| names(*i).iter().any(|w| super::words::stem(w) == t.stem);
        (0..data.fields.len()).filter(has).collect()
    };
    let weak = |t: &Token| t.lower.len() > 3 && (lexicon::is_filler(&t.lower) || is_instruction(t));
    let (at, field) = said.iter().enumerate().rev().find_map(|(at, t)| match of(t).as_slice() {
        [one] if weak(t) => Some((at, *one)),
        _ => None,
    })?;
    let name: Vec<&str> = data.fields[field].words.iter().map(|w| w.lower.as_str()).collect();
    let mut words: Vec<Token> = said.iter().filter(|t| !is_instruction(t)).cloned().collect();
    let at = said[..at].iter().filter(|t| !is_instruction(t)).count();
    let end = if words.get(at).is_some_and(weak) { at + 1 } else { at };
    words.splice(at..end, super::words::tokens(&name.join(" ")));
    let patch = read(data, &words);
    let found = patch.unknown.is_empty() && !(patch.groups.is_empty() && patch.asks.is_empty());
    found.then_some(patch)
}

/// `1996 instead` of a figure whose column is of another year: the same of that year.
pub fn in_year(data: &Data<'_>, said: &[Token], base: &Intent) -> Option<Intent> {
    let field = &data.fields[base.asks.first()?.field?];
    let years = said.iter().filter_map(Token::number).any(|n| {
        let of = |f: &super::fields::Field<'_>| f.years.contains(&(n as i64)) && f.words.len() == field.words.len();
        n.fract() == 0.0 && data.fields.iter().any(of)
    });
    if field.years.is_empty() || !years {
        return None;
    }
    // `average density by status in 2021` names a figure of its own.
    let named = read(data, said);
    if named.unknown.is_empty() && !named.asks.is_empty() {
        return None;
    }
    let name: Vec<&str> = field.words.iter().map(|w| w.lower.as_str()).collect();
    let mut words = super::words::tokens(&name.join(" "));
    words.extend(said.iter().cloned());
    let patch = read(data, &words);
    (patch.unknown.is_empty() && !patch.asks.is_empty()).then_some(patch)
}

/// What of a chart's drawing a sentence speaks of, that nobody can choose.
pub fn furniture(said: &[Token]) -> Option<String> {
    const WORDS: &str = "labels label legend legends gridlines gridline tooltip tooltips font fonts logarithmic log scale scales axis axes ticks";
    let is = |t: &Token, list: &str| super::lists::has(list, &t.lower);
    // `add a trend line`
    let line = |w: &[Token]| is(&w[0], "trend regression reference average fit fitted") && is(&w[1], "line lines");
    let drawn = said.iter().any(|t| is(t, "trendline trendlines")) || said.windows(2).any(line);
    if drawn && said.iter().any(|t| is(t, "add include draw with put")) {
        return Some("trend lines".to_owned());
    }
    let what = said.iter().find(|t| is(t, WORDS))?;
    let small = |t: &Token| {
        is(t, WORDS)
            || is(
                t,
                "add show hide remove zero data value values font bigger larger smaller y x no without use start from at",
            )
            || lexicon::is_filler(&t.lower)
            || !t.lower.chars().any(char::is_alphabetic)
    };
    let logarithmic = is(what, "log logarithmic");
    let what = if logarithmic { "logarithmic axes".to_owned() } else { what.lower.clone() };
    (said.iter().all(small) && !swaps(said)).then_some(what)
}

/// `just 3 regions`, `show 15 movies`: a number before what the card shows, and nothing else.
pub fn count_of_groups(data: &Data<'_>, said: &[Token], base: &Intent) -> (Vec<Token>, Option<u64>) {
    let per_row = super::shown::per_row(data, said);
    let said = per_row.as_deref().unwrap_or(said);
    let unsaid = (said.to_vec(), None);
    let whole = |t: &Token| t.number().is_some_and(|n| n.fract() == 0.0 && (1.0..=1_000.0).contains(&n));
    let Some(at) = said.iter().position(whole).filter(|_| said.iter().filter(|t| t.number().is_some()).count() == 1)
    else {
        return unsaid;
    };
    let rest: Vec<Token> = said.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, t)| t.clone()).collect();
    let compared = at > 0
        && "than least most over under above below between to exactly after before since until in of"
            .split(' ')
            .any(|w| w == said[at - 1].lower);
    let next = !compared && said.get(at + 1).is_some_and(|t| !lexicon::is_filler(&t.lower) && t.number().is_none());
    let named = read(data, &rest);
    let shown = named.groups.iter().all(|g| base.groups.iter().any(|b| b.field == g.field)) && !named.groups.is_empty();
    let rows = named.rows && base.rows && named.groups.is_empty();
    let bare = Intent { groups: Vec::new(), rows: false, by: false, matched: 0, asks: Vec::new(), ..named.clone() };
    let counts = named.asks.iter().all(|a| a.field.is_none());
    if next && (shown || rows) && counts && bare.is_empty() {
        let n = said[at].number().map(|n| n as u64);
        return (Vec::new(), n);
    }
    unsaid
}

/// `top 5`, `5 best`, `the 3 with the highest`: a number that says how many come first.
fn beside_rank(said: &[Token], at: usize) -> bool {
    let rank = |i: usize| {
        said.get(i).is_some_and(|t| matches!(lexicon::keyword(&t.lower, &t.stem), Some(lexicon::Keyword::Rank(_))))
    };
    // `5 to 10`, `highest 30 minutes`
    let other =
        said.get(at + 1).is_some_and(|t| super::vocabulary::is_unit(&t.lower) || t.number().is_some() || t.is('-'));
    // `at least 100 flights`
    let limits = at > 1 && (said[at - 2].lower == "at" || said[at - 1].lower == "than");
    let before = at.checked_sub(1).is_some_and(rank) && !limits;
    // `the 15 with the fewest`
    let small = |i: &usize| super::words::is(said.get(*i), "with of that have having the which who");
    let later = (at + 1..at + 4).find(|i| !small(i)).filter(|&i| i > at + 1 && said[at + 1].lower != "of");
    !other && (before || rank(at + 1) || later.is_some_and(rank))
}

/// What is wanted, what it replaces, and how it is meant.
pub fn manner(said: &[Token]) -> (Vec<Token>, Vec<Token>, Manner) {
    let lower = |i: usize| said.get(i).map_or("", |t| t.lower.as_str());
    // `replace profit with discount`: what stands between is what goes.
    if let Some(verb) = (0..said.len()).find(|&i| matches!(lower(i), "replace" | "swap" | "substitute" | "exchange"))
        && let Some(joint) = (verb + 2..said.len()).find(|&i| matches!(lower(i), "with" | "for" | "by"))
    {
        let kept = said[..verb].iter().chain(&said[joint + 1..]).cloned().collect();
        return (kept, said[verb + 1..joint].to_vec(), Manner { instead: true, ..Manner::default() });
    }
    // `forget ram, use screen`
    let goes = |i: usize| matches!(lower(i), "forget" | "ditch" | "skip" | "scrap" | "scratch");
    if let Some(verb) = (0..said.len()).find(|&i| goes(i))
        && let Some(joint) =
            (verb + 2..said.len()).find(|&i| matches!(lower(i), "use" | "show" | "take" | "try" | "give" | "plot"))
    {
        let kept = said[..verb].iter().chain(&said[joint + 1..]).cloned().collect();
        return (kept, said[verb + 1..joint].to_vec(), Manner { instead: true, ..Manner::default() });
    }
    let mut cut = None;
    for at in 0..said.len() {
        let pair = (lower(at), lower(at + 1));
        if matches!(pair, ("instead", "of") | ("rather", "than")) {
            cut = Some((at, at + 2));
        }
    }
    let is = |list: &str| said.iter().any(|t| super::lists::has(list, &t.lower));
    let manner = Manner {
        // `switch to bars split by sex` keeps what is split.
        instead: is("instead rather replace") || is("switch") && !is("split break broken stack stacked"),
        split: said.iter().any(|t| {
            matches!(
                t.lower.as_str(),
                "split"
                    | "break"
                    | "broken"
                    | "breakdown"
                    | "separate"
                    | "separately"
                    | "distinguish"
                    | "add"
                    | "series"
                    | "also"
                    | "stack"
                    | "stacked"
                    | "grouped"
                    | "too"
                    | "well"
                    | "additionally"
                    | "further"
            )
        }),
        also: adds(said),
        replaced: None,
    };
    let Some((from, to)) = cut else { return (said.to_vec(), Vec::new(), manner) };
    // `instead of China show Kenya`
    let verb =
        |i: usize| from == 0 && matches!(lower(i), "show" | "use" | "take" | "give" | "plot" | "put" | "try" | "have");
    let ends = |i: &usize| said[*i].is(',') || lower(*i) == "and" || verb(*i);
    let end = (to..said.len()).find(ends).unwrap_or(said.len());
    let kept = said[..from].iter().chain(&said[end..]).cloned().collect();
    (kept, said[to..end].to_vec(), manner)
}

/// Whether what is named joins what is there: `add Brazil`, `compare it with Kenya`, `and Peru too`.
fn adds(said: &[Token]) -> bool {
    let is = |t: &Token, list: &str| super::lists::has(list, &t.lower);
    let compares = said.iter().position(|t| is(t, "compare compared"));
    let with = compares.is_some_and(|at| said[at..].iter().any(|t| is(t, "with to against")));
    // `against the Cubs`, `bring India back`
    let leads = said.iter().find(|t| !matches!(t.lower.as_str(), "and" | "now" | "but" | "show" | "plot"));
    let against = leads.is_some_and(|t| is(t, "against versus vs"));
    let back = said.iter().any(|t| is(t, "bring put")) && said.iter().any(|t| is(t, "back"));
    // `as a second measure`
    let second = (0..said.len()).any(|i| {
        is(&said[i], "second third another")
            && said.get(i + 1).is_some_and(|t| is(t, "measure metric figure series axis"))
    });
    let joins = said.iter().any(|t| is(t, "add include also too plus additionally well addition alongside"));
    let joins = joins || said.windows(2).any(|w| is(&w[0], "same") && is(&w[1], "chart graph plot axes axis"));
    // `show cost next to it`
    let beside = (0..said.len()).any(|i| {
        let near = is(&said[i], "next") && said.get(i + 1).is_some_and(|t| is(t, "to")) || is(&said[i], "beside");
        near && said.get(i + 1..).is_some_and(|rest| rest.iter().any(|t| is(t, "it that this them")))
    });
    with || against || back || second || beside || joins
}
