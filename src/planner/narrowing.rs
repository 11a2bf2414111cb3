//! Words that narrow each other down: `raw` and `Clinton` are one column of several that each of them names.

use vizroom_protocol::dashboard::CardKind;

use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::roles::{MEAN_WORDS, SUM_WORDS, has};
use super::words::Token;

/// The items, with columns that stand together made one, and nouns that only say that a figure is one left out.
pub fn narrowed(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    for at in 0..items.len() {
        forwards(data, &mut items, at);
    }
    for at in 1..items.len() {
        backwards(&mut items, at);
    }
    figures_of_rows(data, tokens, &mut items);
    attributes(data, &mut items);
    named_like_rows(data, tokens, &mut items);
    ranked_things(data, tokens, &mut items);
    let mut items = super::spans::changed(data, tokens, items);
    keyed(data, tokens, &mut items);
    super::tallies::units(data, tokens, super::heads::qualified(data, tokens, computed(data, tokens, items)))
}

/// `distribution of school sizes`: whose they are is no group of what is spread; nor is the noun in `Catholic vs public
/// schools` one beside the kinds.
fn attributes(data: &Data<'_>, items: &mut [Item]) {
    let has = |items: &[Item], keywords: &[Keyword]| {
        items.iter().any(|i| matches!(i.meaning, Meaning::Keyword(k) if keywords.contains(&k)))
    };
    let spread = has(items, &[Keyword::Distribution, Keyword::Chart(CardKind::Histogram)]);
    let sides = has(items, &[Keyword::Versus]);
    for at in 0..items.len() {
        let names = |f: usize| matches!(data.fields[f].role, Role::Category | Role::Label | Role::Id);
        let Some(named) = columns(&items[at]).map(|c| c[0]).filter(|f| names(*f)) else { continue };
        let before = at.checked_sub(1).map(|i| &items[i]);
        if before.is_some_and(|i| i.meaning == Meaning::Keyword(Keyword::By)) {
            continue;
        }
        let figure = columns(items.get(at + 1).unwrap_or(&items[at])).is_some_and(|c| data.fields[c[0]].is_measure());
        let of_kind = before.is_some_and(|i| {
            matches!(&i.meaning, Meaning::Value(v) if v.iter().all(|(f, _)| *f != named)) && i.to == items[at].from
        });
        if spread && figure || sides && of_kind {
            items[at].meaning = Meaning::Filler;
        }
    }
}

/// `10 most expensive rooms`, where a price of rooms is all that is called so: what is ranked by what the adjective names is
/// no further figure, but a kind that is called so, or else the rows.
fn ranked_things(data: &Data<'_>, tokens: &[Token], items: &mut [Item]) {
    let measured = |i: &Item| columns(i).is_some_and(|c| data.fields[c[0]].is_measure());
    for at in 2..items.len() {
        let (before, item) = (&items[at - 1], &items[at]);
        let adjective = super::thesaurus::is_superlative(&tokens[before.from].lower).is_some();
        let graded = before.meaning == Meaning::Keyword(Keyword::Quality) || adjective && measured(before);
        let ranked =
            items[at.saturating_sub(3)..at - 1].iter().any(|i| matches!(i.meaning, Meaning::Keyword(Keyword::Rank(_))));
        if !(graded && ranked && measured(item) && super::supposed::names_several(&tokens[item.to - 1])) {
            continue;
        }
        let stem = &tokens[item.to - 1].stem;
        let named = |f: &usize| {
            let field = &data.fields[*f];
            let kinds = matches!(field.role, Role::Category | Role::Label) && !field.joined;
            kinds && field.words.last().is_some_and(|w| w.stem == *stem)
        };
        let kind = columns(item).and_then(|c| c.iter().copied().find(named));
        items[at].meaning = kind.map_or(Meaning::Rows, |f| Meaning::Column(vec![f]));
    }
}

/// `house prices` of a table that is called so: the figure that ends the name, rather than the rows.
fn named_like_rows(data: &Data<'_>, tokens: &[Token], items: &mut [Item]) {
    for item in items.iter_mut().filter(|i| i.meaning == Meaning::Rows && i.to > i.from + 1) {
        let last = &tokens[item.to - 1];
        let called = |f: &super::fields::Field<'_>| {
            f.is_measure() && !f.joined && matches!(f.words.as_slice(), [one] if one.stem == last.stem)
        };
        if let Some(field) = data.fields.iter().position(called) {
            item.meaning = Meaning::Column(vec![field]);
        }
    }
}

/// `patients with more than 3 admissions`, `top 5 patients by number of admissions`, where each row is an admission: those
/// of whom several rows tell, by their key.
fn keyed(data: &Data<'_>, tokens: &[Token], items: &mut [Item]) {
    let rows: Vec<usize> = (0..items.len()).filter(|&i| items[i].meaning == Meaning::Rows).collect();
    let word = |i: usize| &tokens[items[i].to - 1];
    let key = |i: usize| {
        let field = super::nouns::key_of(data, word(i))?;
        let column = data.fields[field].column;
        (!data.fields[field].joined && column.distinct * 10 < data.dataset.rows * 9).then_some(field)
    };
    let limited = items
        .iter()
        .any(|i| matches!(i.meaning, Meaning::Keyword(Keyword::Compared(_) | Keyword::Rank(_) | Keyword::Between)));
    let other = |at: usize| rows.iter().any(|&o| word(o).stem != word(at).stem && key(o).is_none());
    let found = rows.iter().filter_map(|&at| key(at).filter(|_| limited && other(at)).map(|f| (at, f)));
    for (at, field) in found.collect::<Vec<_>>() {
        items[at].meaning = Meaning::Column(vec![field]);
    }
}

fn columns(item: &Item) -> Option<&[usize]> {
    match &item.meaning {
        Meaning::Column(c) => Some(c),
        _ => None,
    }
}

/// What both name, where that is less than either.
fn shared(wide: &[usize], named: &[usize]) -> Option<Vec<usize>> {
    let both: Vec<usize> = named.iter().copied().filter(|c| wide.contains(c)).collect();
    (!both.is_empty() && both.len() < wide.len()).then_some(both)
}

/// `raw poll share of Clinton and Trump`, `tea from Mombasa`: the first words narrow all that follow.
fn forwards(data: &Data<'_>, items: &mut [Item], at: usize) {
    let Some(wide) = columns(&items[at]).filter(|c| c.len() > 1).map(<[usize]>::to_vec) else { return };
    // A share that columns hold already is asked of nothing.
    let held =
        wide.iter().all(|&i| data.fields[i].role == Role::Mean && data.fields[i].max().is_some_and(|m| m <= 100.0));
    let mut used = false;
    for next in at + 1..items.len() {
        match &items[next].meaning {
            Meaning::Filler => {}
            Meaning::Keyword(Keyword::Only | Keyword::Share) if !used => {}
            Meaning::Keyword(Keyword::And | Keyword::Versus) | Meaning::Mark(',') if used => {}
            Meaning::Column(named) => {
                let Some(both) = shared(&wide, named) else { break };
                let between = at + 1..next;
                if !used
                    && items[between.clone()].iter().any(|i| i.meaning == Meaning::Keyword(Keyword::Share))
                    && !held
                {
                    break;
                }
                if !used {
                    items[between].iter_mut().for_each(|i| i.meaning = Meaning::Filler);
                }
                items[next].meaning = Meaning::Column(both);
                used = true;
            }
            _ => break,
        }
    }
    if used {
        items[at].meaning = Meaning::Filler;
    }
}

/// `Clinton against Trump, raw`: the last word narrows all that stand before it.
fn backwards(items: &mut [Item], at: usize) {
    let said = columns(&items[at]).filter(|c| c.len() > 1 && items[at - 1].meaning == Meaning::Mark(','));
    let Some(wide) = said.map(<[usize]>::to_vec) else { return };
    let before: Vec<(usize, Option<Vec<usize>>)> =
        (0..at).filter_map(|i| columns(&items[i]).map(|c| (i, shared(&wide, c)))).collect();
    let all: Option<Vec<(usize, Vec<usize>)>> = before.into_iter().map(|(i, both)| Some((i, both?))).collect();
    let Some(all) = all.filter(|a| a.len() > 1) else { return };
    for (i, both) in all {
        items[i].meaning = Meaning::Column(both);
    }
    items[at].meaning = Meaning::Filler;
}

/// `price` beside a figure, in a table of prices; `freedom` after the one of trade.
fn figures_of_rows(data: &Data<'_>, tokens: &[Token], items: &mut [Item]) {
    let name = super::text::name_of_rows(&data.dataset.name);
    let last = name.last().map(|w| super::fields::Word::new(w));
    // `homes` of house prices are the rows.
    let figure = |i: &Item| {
        let called = |w: &super::fields::Word| w.stem == tokens[i.from].stem;
        last.as_ref()
            .is_some_and(|w| called(w) && [MEAN_WORDS, SUM_WORDS].iter().any(|l| has(std::slice::from_ref(w), l)))
    };
    let measure = |i: &Item| columns(i).is_some_and(|c| data.fields[c[0]].is_measure());
    let named = items.iter().any(measure);
    for at in 0..items.len() {
        let plural = super::supposed::names_several(&tokens[items[at].from]);
        let behind = at > 0 && measure(&items[at - 1]) && !plural;
        // `at least 100 ratings` counts them.
        let counted = at > 0 && plural && matches!(items[at - 1].meaning, Meaning::Number { .. });
        if !counted && items[at].meaning == Meaning::Rows && (named && figure(&items[at]) || behind) {
            items[at].meaning = Meaning::Filler;
        }
    }
}

/// `median inventory`, where a column is called `median`, too: how the figure after it is computed.
fn computed(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    for at in 1..items.len() {
        let measure = |i: &Item| match &i.meaning {
            Meaning::Column(c) => c.iter().copied().find(|&f| data.fields[f].is_measure()),
            _ => None,
        };
        let (Some(way), Some(figure)) = (measure(&items[at - 1]), measure(&items[at])) else { continue };
        let word = &tokens[items[at - 1].from];
        let one = items[at - 1].to == items[at - 1].from + 1 && way != figure;
        if let Some(agg @ Keyword::Agg(_)) = super::lexicon::keyword(&word.lower, &word.stem).filter(|_| one) {
            items[at - 1].meaning = Meaning::Keyword(agg);
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn what_an_adjective_ranks_are_things() {
        let columns = || {
            let figures = [figure("avg_price_per_room", 900, 10, 500), figure("price", 900, 10, 500)];
            figures.into_iter().chain([text("meal", 8, 0, &["full", "half"])]).collect::<Vec<_>>()
        };
        let query = sql("10 most expensive rooms", "room_prices", columns());
        assert!(query.contains("LIMIT 10") && !query.contains("AVG"), "{query}");
        let spread = sql("distribution of room prices", "room_prices", columns());
        assert!(spread.contains("floor("), "{spread}");
    }

    #[test]
    fn words_narrow_each_other_down() {
        let columns = || {
            let names = ["tea_assam", "tea_ceylon", "coffee_java", "coffee_ceylon"];
            let figures = names.into_iter().map(|n| figure(n, 300, 0, 100));
            figures.chain([text("grade", 8, 0, &["fine", "coarse"])]).collect::<Vec<_>>()
        };
        let sql = |prompt: &str| sql(prompt, "market_prices", columns());
        let one = sql("average price of tea from Ceylon by grade");
        assert!(one.contains("AVG(\"tea_ceylon\")") && !one.contains("assam"), "{one}");
        let both = sql("average tea price of Assam and Ceylon by grade");
        assert!(
            both.contains("\"tea_assam\"") && both.contains("\"tea_ceylon\"") && !both.contains("coffee"),
            "{both}"
        );
    }
}
