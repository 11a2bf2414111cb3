//! What a refinement no longer wants, as an order to remove it: `take the second one away`, `I don't need 2016 any more`,
//! `the pie can go`, `no Sundays please`.

use super::commands::read;
use super::fields::Data;
use super::refining::Work;
use super::targets::Target;
use super::words::{Kind, Token, is, tokens};

/// The sentence with such turns as `remove …`; lists of years are left out.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    if let Some(rest) =
        taken_away(&said).or_else(|| not_needed(&said)).or_else(|| can_go(&said)).or_else(|| none(&said))
    {
        said = tokens("remove").into_iter().chain(rest).collect();
        it(&mut said);
    }
    // `can you drop the West?`
    let from = begin(&said);
    if word(&said, from, "remove drop hide delete exclude") {
        said.drain(..from);
    }
    if word(&said, from, "get") && word(&said, from + 1, "rid") && word(&said, from + 2, "of") {
        said.splice(..from + 3, tokens("remove"));
        it(&mut said);
    }
    none_of(&mut said);
    years(&mut said);
    said
}

/// `only the height, no weight`: without it.
fn none_of(said: &mut [Token]) {
    let after = |i: usize| said[i - 1].is(',') || word(said, i - 1, "and but");
    let no = (1..said.len()).find(|&i| word(said, i, "no") && after(i) && said.len() <= i + 4);
    if let (Some(at), Some(without)) = (no, tokens("without").into_iter().next()) {
        said[at] = without;
    }
}

fn word(said: &[Token], at: usize, list: &str) -> bool {
    is(said.get(at), list)
}

/// Where the sentence begins, past politeness.
fn begin(said: &[Token]) -> usize {
    const SMALL: &str = "please and also can could would you now then just ok okay plus so but actually maybe lets , ;";
    (0..said.len()).find(|&i| !word(said, i, SMALL) && said[i].kind == Kind::Word).unwrap_or(said.len())
}

/// Without what ends a sentence: `please`, `any more`, `at all`.
fn trimmed(rest: &[Token]) -> Vec<Token> {
    const SMALL: &str = "please anymore more any longer now here there in at all again thanks thank you really";
    let end = (0..rest.len()).rev().find(|&i| !word(rest, i, SMALL) && rest[i].kind != Kind::Punctuation('.'));
    let end = end.filter(|_| !rest.iter().any(|t| is(Some(t), "than")));
    rest[..end.map_or(rest.len(), |e| e + 1)].to_vec()
}

/// `take the West away`
fn taken_away(said: &[Token]) -> Option<Vec<Token>> {
    let from = begin(said);
    let away = (from + 1..said.len().min(from + 9)).find(|&i| word(said, i, "away"))?;
    let end =
        (away + 1..said.len()).all(|i| word(said, i, "please again now completely thanks , . from here the chart"));
    let end = end && word(said, from, "take throw put leave give");
    let what: Vec<Token> = said[from + 1..away].iter().chain(&[]).cloned().collect();
    // `take away the West`
    if what.is_empty() && word(said, from, "take throw") {
        return Some(trimmed(&said[away + 1..]));
    }
    (end && !what.is_empty()).then_some(what)
}

/// `I don't need the second chart any more`, `we no longer want 2016`
fn not_needed(said: &[Token]) -> Option<Vec<Token>> {
    let from = begin(said);
    let who = from + usize::from(word(said, from, "i we"));
    let verb = match () {
        () if word(said, who, "dont") => who + 1,
        () if word(said, who, "do") && word(said, who + 1, "not") => who + 2,
        () if word(said, who, "no") && word(said, who + 1, "longer") => who + 2,
        () => return None,
    };
    let verb = verb + usize::from(word(said, verb, "really actually even"));
    let need = word(said, verb, "need want") && who > from;
    // `I don't want it to be a pie`, `I don't need to see all of it`
    let other = (verb + 1..said.len()).any(|i| word(said, i, "to but as only just instead rather use show"));
    let comma = (verb + 1..said.len()).find(|&i| said[i].is(',') || said[i].is('.'));
    let rest = trimmed(&said[verb + 1..comma.unwrap_or(said.len())]);
    (need && !other && !rest.is_empty()).then_some(rest)
}

/// `the second chart can go`, `2016 isn't needed`
fn can_go(said: &[Token]) -> Option<Vec<Token>> {
    let from = begin(said);
    let trimmed = trimmed(said);
    let goes = |end: usize| {
        let go = word(&trimmed, end, "go") && word(&trimmed, end - 1, "can could should must may to");
        let needed = word(&trimmed, end, "needed necessary useful interesting")
            && word(&trimmed, end - 1, "isnt arent not unnecessary longer");
        let verb = (0..end)
            .rev()
            .take(3)
            .find(|&i| word(&trimmed, i, "can could should must may has have had needs isnt arent is are"));
        verb.filter(|_| go || needed)
    };
    let verb = goes(trimmed.len().checked_sub(1).filter(|e| *e > from)?)?;
    (verb > from).then(|| trimmed[from..verb].to_vec())
}

/// `no Sundays`, of what is neither drawn nor asked about.
fn none(said: &[Token]) -> Option<Vec<Token>> {
    let from = begin(said);
    let rest = trimmed(said.get(from + 1..)?);
    let name = |t: &Token| {
        let drawn = super::lexicon::keyword(&t.lower, &t.stem).is_some() || super::lexicon::is_filler(&t.lower);
        t.kind == Kind::Word && !drawn || is(Some(t), "and or")
    };
    (word(said, from, "no") && (1..=4).contains(&rest.len()) && rest.iter().all(name)).then_some(rest)
}

/// `remove it`: the chart.
fn it(said: &mut Vec<Token>) {
    let one = said.len() == 2 && word(said, 1, "it this that");
    let this = said.len() == 3 && word(said, 1, "this that") && word(said, 2, "one");
    if one || this {
        said.splice(1.., tokens("this chart"));
    }
}

/// `drop 1963 and 2007`: without them.
fn years(said: &mut [Token]) {
    let from = begin(said);
    let year = |t: &Token| t.text.len() == 4 && t.number().is_some_and(|n| (1500.0..=2200.0).contains(&n));
    let small = |t: &Token| is(Some(t), "and or the years year please") || t.kind != Kind::Word && t.number().is_none();
    let rest = said.get(from + 1..).unwrap_or_default();
    let several = rest.iter().filter(|t| year(t)).count() > 1;
    if several
        && word(said, from, "drop remove delete exclude hide skip omit")
        && rest.iter().all(|t| year(t) || small(t))
        && let Some(without) = tokens("without").into_iter().next()
    {
        said[from] = without;
    }
}

impl Work<'_> {
    /// `too noisy, weekly please`: what is asked for, where another part of the sentence names nothing of the data.
    pub(super) fn without_aside(&mut self, rest: &[Token], target: &Target) -> Option<()> {
        // `remove Other`, which is a value here.
        if let [verb, more @ ..] = rest
            && super::words::is(Some(verb), "remove drop hide delete exclude")
        {
            let left_out = super::words::tokens("without").into_iter().chain(more.iter().cloned()).collect::<Vec<_>>();
            return self.change_all(&left_out, target).ok();
        }
        // `explode it by region`: whatever the verb is.
        if let [verb, it, more @ ..] = rest
            && super::words::is(Some(it), "it this that them these")
            && !more.is_empty()
            && self.all.iter().all(|d| !read(d, std::slice::from_ref(verb)).unknown.is_empty())
        {
            let split: Vec<Token> = super::words::tokens("split").into_iter().chain(more.iter().cloned()).collect();
            return self.change_all(&split, target).ok();
        }
        let comma = rest.iter().position(|t| t.is(','))?;
        for (part, aside) in [(&rest[comma + 1..], &rest[..comma]), (&rest[..comma], &rest[comma + 1..])] {
            let silent = |d: &Data<'_>| {
                let said = read(d, aside);
                let shown = said.asks.is_empty() && said.groups.is_empty() && said.noun_grain.is_none();
                shown && said.filters.is_empty() && said.periods.is_empty() && said.having.is_empty()
            };
            if !self.all.iter().all(silent) {
                continue;
            }
            let state = (self.now.clone(), self.changes.clone());
            if self.change_all(part, target).is_ok() {
                return Some(());
            }
            (self.now, self.changes) = state;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::rewritten;
    use crate::words::tokens;

    #[test]
    fn what_is_not_wanted_is_removed() {
        for (said, wanted) in [
            ("take the West away please", "remove the West"),
            ("I don't need this one any more, take it away", "remove this chart"),
            ("we don't need the West", "remove the West"),
            ("the second chart can go", "remove the second chart"),
            ("this one can go", "remove this chart"),
            ("no Sundays", "remove Sundays"),
            ("drop 1963 and 2007", "without 1963 and 2007"),
            ("I don't want a pie but bars", "I dont want a pie but bars"),
            ("no average, the median", "no average , the median"),
        ] {
            let got: Vec<String> = rewritten(tokens(said)).into_iter().map(|t| t.text).collect();
            assert_eq!(got.join(" "), wanted, "{said}");
        }
    }
}
