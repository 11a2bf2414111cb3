//! What a refinement says about order: `biggest first`, `sort by name`, `z to a`, `reverse it`.

use super::Goal;
use super::building::descends;
use super::fields::Data;
use super::intent::{Group, Intent};
use super::lexicon::{self, Keyword, Rank};
use super::restoring::is_time;
use super::words::{Token, is};

/// An order that a sentence asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    by: By,
    end: Option<End>,
    /// What comes first is said: `cheapest city first` names what is shown, not what it goes by.
    front: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Figure,
    /// The groups' own names, or their time.
    Name,
    Time,
    /// The other way round.
    Reverse,
}

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Large,
    Small,
    Good,
    Bad,
}

fn end(token: &Token) -> Option<End> {
    const LARGE: &str = "high large big greater larger bigger higher descending desc decreasing";
    const SMALL: &str = "low small little lower smaller less ascending asc increasing";
    match lexicon::keyword(&token.lower, &token.stem) {
        Some(Keyword::Rank(Rank::Worst)) => Some(End::Bad),
        Some(Keyword::Rank(Rank::Best)) => Some(End::Good),
        Some(Keyword::Rank(Rank::Bottom | Rank::Least)) => Some(End::Small),
        Some(Keyword::Rank(_)) => Some(End::Large),
        _ if is(Some(token), LARGE) => Some(End::Large),
        _ if is(Some(token), SMALL) => Some(End::Small),
        _ => None,
    }
}

/// What comes first in time; `oldest` also ranks ages, which the card tells apart.
fn age(token: &Token) -> Option<End> {
    match () {
        () if is(Some(token), "newest latest recent") => Some(End::Large),
        () if is(Some(token), "oldest earliest") => Some(End::Small),
        () => None,
    }
}

/// Words that only belong to sorting, where something else says how.
const SORTS: &str = "sort sorted sorting order ordered ordering rank ranked ranking arrange arranged";

/// Whether the word says to sort; `order` and `rank` may be what the data is about.
pub fn sorts(said: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| said.get(i));
    let leads = at == 0 || is(before, "please now and then also you to be , ; but");
    match said.get(at) {
        token if is(token, "sort sorted sorting arrange arranged") => true,
        token if is(token, "order ordered ordering rank ranked") => {
            leads || is(said.get(at + 1), "by it them from alphabetically")
        }
        _ => false,
    }
}

/// The order a sentence asks for, and the sentence without the words that say it.
pub fn order(said: &[Token]) -> (Vec<Token>, Option<Order>) {
    let found = spelled(said).or_else(|| to_the_front(said)).or_else(|| named(said)).or_else(|| reversed(said));
    let Some((order, used)) = found else { return (said.to_vec(), None) };
    let rest = said.iter().enumerate().filter(|(i, _)| !used.contains(i)).map(|(_, t)| t.clone());
    (rest.collect(), Some(order))
}

type Found = Option<(Order, Vec<usize>)>;

/// The words that only belong to sorting, where something else says how.
fn with_verbs(said: &[Token], mut used: Vec<usize>) -> Vec<usize> {
    used.extend((0..said.len()).filter(|&i| is(said.get(i), SORTS)));
    used
}

/// `a to z`, `alphabetically`, `low to high`, `oldest to newest`, `descending`
fn spelled(said: &[Token]) -> Found {
    let at = |i: usize| said.get(i);
    for i in 0..said.len() {
        let joint = is(at(i + 1), "to -") || at(i + 1).is_some_and(|t| t.is('-'));
        let letters = match (said[i].lower.as_str(), at(i + 2).map_or("", |t| t.lower.as_str())) {
            ("a", "z") if joint => Some(End::Small),
            ("z", "a") if joint => Some(End::Large),
            _ => None,
        };
        if letters.is_some() {
            return Some((Order::new(By::Name, letters), with_verbs(said, vec![i, i + 1, i + 2])));
        }
        if is(at(i), "alphabetical alphabetically alphabetic alphabet") {
            let back = (0..said.len()).find(|&j| is(at(j), "reverse reversed inverse descending desc"));
            let end = Some(if back.is_some() { End::Large } else { End::Small });
            let used = [i].into_iter().chain(back).collect();
            return Some((Order::new(By::Name, end), with_verbs(said, used)));
        }
        if is(at(i), "chronological chronologically") {
            let back = (0..said.len()).find(|&j| is(at(j), "reverse reversed inverse"));
            let end = Some(if back.is_some() { End::Large } else { End::Small });
            let used = [i].into_iter().chain(back).collect();
            return Some((Order::new(By::Time, end), with_verbs(said, used)));
        }
        // `from low to high`
        let pair = |of: fn(&Token) -> Option<End>| Some((of(&said[i])?, of(at(i + 2)?)?)).filter(|(a, b)| a != b);
        let range = is(at(i + 1), "to");
        if let Some((first, _)) = pair(age).filter(|_| range) {
            return Some((Order::new(By::Time, Some(first)), with_verbs(said, vec![i, i + 1, i + 2])));
        }
        if let Some((first, _)) = pair(end).filter(|_| range) {
            return Some((Order::new(By::Figure, Some(first)), with_verbs(said, vec![i, i + 1, i + 2])));
        }
    }
    None
}

/// `lowest rated first`, `biggest on top`, `newest first`, `smallest last`
fn to_the_front(said: &[Token]) -> Found {
    for i in 0..said.len() {
        let (age, size) = (age(&said[i]), end(&said[i]));
        let Some(end) = age.or(size) else { continue };
        let near = i + 1..said.len().min(i + 5);
        for j in near {
            let first = is(said.get(j), "first");
            let top = is(said.get(j), "top") && j > i + 1 && is(said.get(j - 1), "on the at");
            let last = is(said.get(j), "last") && j + 1 == said.len();
            let bottom = is(said.get(j), "bottom") && is(said.get(j - 1), "the") && j > i + 2;
            // `the top 5 first` is how many, `the first chart` which.
            let number = said.get(j + 1).is_some_and(|t| t.number().is_some() || super::targets::is_card_word(t));
            if !(first || top || last || bottom) || number {
                continue;
            }
            let end = if last || bottom { opposite(end) } else { end };
            let by = if age.is_some() { By::Time } else { By::Figure };
            let small = (i + 1..j).filter(|&k| is(said.get(k), "on the at ones one values value bars comes come"));
            let used = [i, j].into_iter().chain(small).collect();
            let order = Order { front: true, ..Order::new(by, Some(end)) };
            return Some((order, with_verbs(said, used)));
        }
    }
    None
}

fn opposite(end: End) -> End {
    match end {
        End::Large => End::Small,
        End::Small => End::Large,
        End::Good => End::Bad,
        End::Bad => End::Good,
    }
}

/// `sort by name`, `order by date`, `sort it by size`, `sort ascending`, `in descending order`
fn named(said: &[Token]) -> Found {
    let bare = "ascending asc increasing descending desc decreasing";
    let verb = (0..said.len()).find(|&i| sorts(said, i));
    let plain = (0..said.len()).find(|&i| is(said.get(i), bare));
    let direction =
        plain.or_else(|| (0..said.len()).find(|&i| verb.is_some_and(|v| v != i) && end(&said[i]).is_some()));
    let by = verb.and_then(|v| (v + 1..said.len().min(v + 4)).find(|&i| is(said.get(i), "by on")));
    let (by, noun) = match by {
        Some(b) => {
            let noun = (b + 1..said.len().min(b + 3)).find(|&i| !is(said.get(i), "the its their"));
            match noun {
                Some(n) if is(said.get(n), "name names label labels alphabet") => (By::Name, vec![b, n]),
                Some(n) if is(said.get(n), "date time chronology") => (By::Time, vec![b, n]),
                Some(n) if is(said.get(n), "value values size height bars bar figure figures number numbers") => {
                    (By::Figure, vec![b, n])
                }
                _ => (By::Figure, Vec::new()),
            }
        }
        None => (By::Figure, Vec::new()),
    };
    let direction = if by == By::Name { plain } else { direction };
    let end = direction.and_then(|i| end(&said[i]));
    let column = verb.is_some_and(|v| said[v..].iter().any(|t| t.lower == "by"));
    // `split by sex and sort it`: as it usually is.
    if let Some(verb) = verb.filter(|_| end.is_none() && !column && said.iter().any(|t| t.lower == "by")) {
        let it = (verb + 1..said.len()).filter(|&i| is(said.get(i), "it them these those bars"));
        return Some((Order::new(By::Figure, None), with_verbs(said, it.collect())));
    }
    if end.is_none() && noun.is_empty() && !column {
        return None;
    }
    let used = noun.into_iter().chain(direction).collect();
    // The verb stays where a column follows it: it tells what is sorted by.
    let keep_verb = by == By::Figure;
    let used = if keep_verb { used } else { with_verbs(said, used) };
    Some((Order::new(by, end), used))
}

/// `reverse the order`, `flip it`, `the other way round`
fn reversed(said: &[Token]) -> Found {
    let verb = (0..said.len()).find(|&i| is(said.get(i), "reverse reversed flip flipped invert inverted backwards"));
    // `flip it into a table` speaks of its kind.
    let into = |v: &usize| (v + 1..said.len().min(v + 4)).any(|i| is(said.get(i), "into to as"));
    if let Some(v) = verb.filter(|v| !into(v)) {
        return Some((Order::new(By::Reverse, None), with_verbs(said, vec![v])));
    }
    let other =
        (0..said.len()).find(|&i| is(said.get(i), "other opposite") && is(said.get(i + 1), "way direction order"))?;
    let round = (other + 2..said.len()).filter(|&i| is(said.get(i), "round around"));
    let used = [other, other + 1].into_iter().chain(round).collect();
    Some((Order::new(By::Reverse, None), with_verbs(said, used)))
}

impl Order {
    fn new(by: By, end: Option<End>) -> Self {
        Self { by, end, front: false }
    }

    /// The end that comes first, of a card of which nothing else is known.
    pub fn down(self) -> bool {
        !matches!(self.end, Some(End::Small | End::Bad))
    }

    /// What is sorted by, where the sentence names it: a group of the card, or one of its figures.
    pub fn of(self, data: &Data<'_>, patch: &mut Intent, base: &Intent) -> Sorted {
        let time = |g: &Group| is_time(data, g) && base.groups.iter().any(|b| is_time(data, b));
        let there = |g: &Group| time(g) || base.groups.iter().any(|b| b.field == g.field);
        // `sort by profit` names a figure, though `by` groups elsewhere.
        let measure = |g: &Group| g.field.is_some_and(|f| data.fields[f].is_measure() && !there(g));
        if self.by == By::Figure && patch.asks.is_empty() && patch.groups.len() == 1 && patch.groups.iter().all(measure)
        {
            patch.asks.extend(patch.groups.drain(..).map(|g| super::intent::Ask {
                agg: None,
                field: g.field,
                over: None,
            }));
        }
        let grain = patch.noun_grain.map(|grain| Group { field: None, grain: Some(grain) });
        let mut named = patch.groups.iter().copied().chain(grain).peekable();
        if self.by == By::Figure && patch.asks.is_empty() && named.peek().is_some() && named.all(|g| there(&g)) {
            patch.noun_grain = None;
            patch.groups.clear();
            let by = if self.front { By::Figure } else { By::Name };
            return Sorted { order: Self { by, ..self }, figure: None };
        }
        let mut figure = None;
        if self.by == By::Figure
            && let [one] = patch.asks.as_slice()
            && let Some(at) = base.asks.iter().position(|a| a.field == one.field)
        {
            figure = base.asks[at].field.filter(|_| at > 0);
            patch.asks.clear();
        }
        if patch.rank.is_some() && patch.top.is_none() {
            patch.rank = None;
        }
        Sorted { order: self, figure }
    }
}

/// An order, and the figure it goes by, where that is not the card's first.
#[derive(Clone, Copy, Debug)]
pub struct Sorted {
    order: Order,
    figure: Option<usize>,
}

impl Sorted {
    /// Sorts by the figure that was named, where it is not the first one.
    pub fn by_another(self, data: &Data<'_>, goal: &mut Goal) {
        let Some(name) = self.figure.map(|f| &data.fields[f].column.name) else { return };
        let measures = &goal.query.measures;
        let named = measures.iter().find(|m| m.column.as_ref() == Some(name)).map(|m| m.alias.clone());
        if let (Some(alias), Some(first)) = (named, goal.query.sort.first_mut()) {
            first.alias = alias;
        }
    }

    /// Puts the order into what a card asks for.
    pub fn put(self, data: &Data<'_>, intent: &mut Intent) {
        self.order.put(data, intent);
    }
}

impl Order {
    /// Puts the order into what a card asks for.
    fn put(self, data: &Data<'_>, intent: &mut Intent) {
        use vizroom_protocol::dashboard::CardKind::{Area, Bar, Line};
        let timed = intent.groups.first().is_some_and(|g| is_time(data, g));
        let down = match self.end {
            Some(End::Large) => Some(true),
            Some(End::Small) => Some(false),
            Some(end) => {
                let figure = intent.asks.first().and_then(|a| a.field);
                let stems: Vec<String> =
                    figure.map_or_else(Vec::new, |f| data.fields[f].words.iter().map(|w| w.stem.clone()).collect());
                let rank = if end == End::Good { Rank::Best } else { Rank::Worst };
                let asks = intent.asks.clone();
                Some(descends(&Intent { rank: Some(rank), asks, ..Intent::default() }, &stems))
            }
            None => None,
        };
        let by_name = match self.by {
            By::Name => true,
            By::Time => timed,
            By::Figure => false,
            By::Reverse => intent.by_name || (timed && intent.descending.is_none()),
        };
        let was = intent.descending.unwrap_or(!by_name);
        intent.descending = match self.by {
            By::Reverse => Some(!was),
            _ => down.or(Some(!by_name)),
        };
        // The first five by their figure stay these five.
        let ranked = by_name && intent.top.is_some();
        let kept = if was { Rank::Top } else { Rank::Bottom };
        intent.rank =
            if ranked && !intent.by_name { Some(kept) } else { intent.rank.filter(|_| intent.rows || ranked) };
        intent.by_name = by_name;
        // A line goes along time, whatever its height.
        if !by_name && timed && matches!(intent.chart, Some(Line | Area)) {
            intent.chart = Some(Bar);
        }
    }
}
