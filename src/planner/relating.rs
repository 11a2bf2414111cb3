//! Questions of how two figures go together, however their verb says it: `does a bigger engine mean a worse mileage`, `does
//! income go hand in hand with the limit`, `is there a link between wind and pressure`.

use super::intent::{Ask, Intent};
use super::query::Agg;
use super::words::{Token, is, tokens};

/// Turns of phrase for going together; those after which the second figure comes.
const PHRASES: [&str; 3] = ["hand in hand with", "hand in hand", "in line with"];
const VERBS: &str = "go goes come comes move moves rise rises grow grows vary varies change changes fall falls drop drops \
    increase increases decrease decreases shrink shrinks tied connected correlated";
const AFTER: &str = "with to together";
const NOUNS: &str = "link connection association dependence dependency tie correlation relationship relation";

/// The sentence with such a turn of phrase as others would say it.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    let asks =
        is(said.first(), "do does did is are was were") || is(said.first(), "how") && is(said.get(1), "do does did");
    if !asks {
        return said;
    }
    // `do those with a longer tenure also have higher charges`
    said.retain(|t| !is(Some(t), "also"));
    let relates = |at: usize, said: &[Token]| -> Option<usize> {
        let phrase = PHRASES.iter().find(|p| {
            let words = p.split_ascii_whitespace();
            words.clone().enumerate().all(|(i, w)| is(said.get(at + i), w))
        });
        if let Some(phrase) = phrase {
            return Some(phrase.split_ascii_whitespace().count());
        }
        let up = usize::from(is(said.get(at + 1), "up down along"));
        match () {
            () if is(said.get(at), VERBS) && is(said.get(at + 1 + up), AFTER) => Some(2 + up),
            () if is(said.get(at), NOUNS) && is(said.get(at + 1), "between") => Some(2),
            () if is(said.get(at), "mean means") && worse(said, at + 1) => Some(1),
            () => None,
        }
    };
    if let Some((at, long)) = (1..said.len()).find_map(|at| Some((at, relates(at, &said)?))) {
        said.splice(at..at + long, tokens("related to"));
    }
    said
}

/// `higher`, `a worse`
fn worse(said: &[Token], at: usize) -> bool {
    let at = at + usize::from(is(said.get(at), "a an"));
    let word = said.get(at).map_or("", |t| t.lower.as_str());
    is(said.get(at), "more less worse better") || word.len() > 4 && word.ends_with("er")
}

/// Two figures point by point: how many there are of something is a figure of each row there.
pub fn point_by_point(intent: &mut Intent) {
    let whole = |a: &Ask| a.field.is_some() && a.over.is_none() && matches!(a.agg, None | Some(Agg::Sum | Agg::Value));
    let alone = intent.groups.is_empty() && intent.periods.is_empty() && intent.chart.is_none();
    if intent.correlation && alone && intent.asks.len() == 2 && intent.asks.iter().all(whole) {
        intent.asks.iter_mut().for_each(|a| a.agg = None);
    }
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::dashboard::CardKind;
    use vizroom_protocol::file::Dataset;

    use crate::samples::{figure, text};

    #[test]
    fn two_figures_are_points_however_they_are_related() {
        for prompt in [
            "does a bigger engine mean a worse mileage?",
            "do cars with a larger engine also have a lower mileage?",
            "is there a link between engine and mileage?",
            "does the mileage go hand in hand with the number of doors?",
            "is mileage connected with engine",
        ] {
            let names = ["engine", "mileage", "doors"];
            let figures = names.map(|n| figure(n, 300, 1, 400)).into_iter();
            let columns = figures.chain([text("maker", 9, 0, &["Kia", "Audi"])]).collect();
            let data = Dataset { name: "cars".into(), rows: 2_000, columns };
            let goals = crate::plan(prompt, &[data], None).goals;
            assert!(goals.len() == 1 && goals[0].kind == CardKind::Scatter, "{prompt}: {goals:#?}");
        }
    }
}
