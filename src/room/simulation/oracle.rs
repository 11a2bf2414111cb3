//! Whether what a member got is what it should have got.
//!
//! A member's stay reads: what it missed, then the log as it comes; and each time it fell out of memory, the durable
//! events it missed, the newest values of those keys that nobody has told anew, a `room.lag` that counts what is
//! missing, and the log again. Where exactly it fell and came back is not said, so all that fits is tried.

use std::collections::HashSet;

use vizroom_protocol::event::Class;

use super::model::{Ending, History, Item, Membership};

/// How a stay ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is still there, and everything has come to rest: nothing may be missing.
    Quiet,
    /// It was put out of the room, and its connection has come to rest.
    Out(Ending),
    /// Its connection was cut, at any byte.
    Cut,
}

struct Reading<'a> {
    history: &'a History,
    items: &'a [Item],
    end: End,
    /// Counts of each class up to each place.
    latest: Vec<u64>,
    passing: Vec<u64>,
    /// Where it joined: of the newest values before, it is owed those that are kept, and has got them.
    joined: usize,
    most: usize,
    /// Tried in vain: an item, and a place in the log.
    failed: HashSet<(usize, usize)>,
}

/// # Errors
/// What is wrong with it.
pub fn check(history: &History, stay: &Membership, end: End) -> Result<(), String> {
    let count = |class| {
        let mut n = 0;
        let mut counts = vec![0];
        counts.extend(history.told.iter().map(|e| {
            n += u64::from(e.class == class);
            n
        }));
        counts
    };
    let most = stay.ended.map_or(history.told.len(), |e| e.most);
    let (latest, passing) = (count(Class::Latest), count(Class::Ephemeral));
    let (items, joined, failed) = (&stay.items, stay.from, HashSet::new());
    let mut reading = Reading { history, items, end, latest, passing, joined, most, failed };
    if reading.opening(stay) {
        return Ok(());
    }
    let told: Vec<String> = history.told.iter().enumerate().map(|(i, e)| format!("{i}{:?}", e.class)).collect();
    let wanted = match end {
        End::Quiet => "everything".into(),
        End::Out(Ending { least, most }) => format!("{least} to {most}"),
        End::Cut => format!("at most {most}"),
    };
    Err(format!(
        "connection {} got of room {}: {:?}\nfrom {} (replayed after {:?}, kept {:?}, base {}), wanted: {wanted}\nof {}",
        stay.conn,
        history.id,
        stay.items,
        stay.from,
        stay.since,
        stay.kept,
        history.base,
        told.join(" ")
    ))
}

impl Reading<'_> {
    fn opening(&mut self, stay: &Membership) -> bool {
        // Put out before the reply had left.
        if stay.items.is_empty() && matches!(self.end, End::Out(_)) && !self.owed() {
            return true;
        }
        let Some(since) = stay.since else {
            let kept = self.begins_with(0, stay.kept.iter().map(|at| Item::Newest(*at)));
            return kept.is_some_and(|at| self.live(at, stay.from));
        };
        // From memory: as one run, then what is kept.
        let first = stay.from - self.history.told[..stay.from].iter().filter(|e| e.class != Class::Durable).count();
        let head = self.history.base + first as u64;
        let run = (since + 1..=head).map(Item::Durable).chain(stay.kept.iter().map(|at| Item::Newest(*at)));
        if let Some(at) = self.begins_with(0, run)
            && self.live(at, stay.from)
        {
            return true;
        }
        // From the store: first what is kept.
        let Some(start) = self.begins_with(0, stay.kept.iter().map(|at| Item::Newest(*at))) else { return false };
        let replayed =
            self.items[start..].iter().zip(since + 1..).take_while(|(i, s)| **i == Item::Durable(*s)).count();
        if self.end != End::Quiet && !self.owed() && start + replayed == self.items.len() {
            return true;
        }
        (0..=replayed).rev().any(|n| self.back(since + n as u64, 0, self.most).any_live(self, start + n))
    }

    /// Whether what it was told before it was put out has to be here.
    fn owed(&self) -> bool {
        matches!(self.end, End::Out(Ending { least, .. }) if least > 0)
    }

    /// The place after `expected`, of which a cut may have taken the end.
    fn begins_with(&self, at: usize, expected: impl Iterator<Item = Item>) -> Option<usize> {
        let mut at = at;
        for item in expected {
            match self.items.get(at) {
                Some(found) if *found == item => at += 1,
                None if self.end == End::Cut => return Some(at),
                _ => return None,
            }
        }
        Some(at)
    }

    /// Places to which a reader may come back that knows everything up to `seq`.
    fn back(&self, seq: u64, from: usize, to: usize) -> Places {
        let durable = &self.history.durable;
        let Some(known) = seq.checked_sub(self.history.base) else { return Places(1..1) };
        let known = known as usize;
        if known > durable.len() {
            return Places(1..1);
        }
        let first = if known == 0 { 0 } else { durable[known - 1] + 1 };
        let last = durable.get(known).copied().unwrap_or(self.history.told.len());
        Places(first.max(from)..last.min(to) + 1)
    }

    /// The number of the newest durable event before a place.
    fn seq_at(&self, place: usize) -> u64 {
        self.history.base + self.history.durable.partition_point(|at| *at < place) as u64
    }

    fn item_at(&self, place: usize) -> Item {
        match self.history.told[place].class {
            Class::Durable => Item::Durable(self.seq_at(place) + 1),
            Class::Latest => Item::Newest(place),
            Class::Ephemeral => Item::Passing(place),
        }
    }

    /// Whether the items from `item` on can be the log from `place` on.
    fn live(&mut self, item: usize, place: usize) -> bool {
        if place > self.most || !self.failed.insert((item, place)) {
            return false;
        }
        let log = (place..self.most).take(self.items.len() - item);
        let same = log.zip(&self.items[item..]).take_while(|(p, i)| self.item_at(*p) == **i).count();
        let lag = self.items[item..].iter().position(|i| matches!(i, Item::Lag { .. }));
        match lag {
            Some(len) => self.lagged(item, place, same, item + len),
            None => self.last(item, place, same),
        }
    }

    fn last(&self, item: usize, place: usize, same: usize) -> bool {
        let whole = item + same == self.items.len();
        match self.end {
            End::Quiet => return whole && place + same == self.history.told.len(),
            End::Out(Ending { least, .. }) if whole && place + same >= least => return true,
            End::Out(_) if self.owed() => return false,
            End::Out(_) | End::Cut if whole => return true,
            End::Out(_) | End::Cut => {}
        }
        // It fell, and was cut while it was caught up.
        (0..=same).rev().any(|n| {
            let (rest, seq) = (&self.items[item + n..], self.seq_at(place + n));
            let replayed = rest.iter().zip(seq + 1..).take_while(|(i, s)| **i == Item::Durable(*s)).count();
            self.newest(&rest[replayed..], place + n).is_some()
        })
    }

    /// The places of newest values, if that is what `items` are, in order.
    fn newest(&self, items: &[Item], from: usize) -> Option<Vec<usize>> {
        let places = items.iter().map(|i| if let Item::Newest(at) = i { Some(*at) } else { None });
        let places: Vec<usize> = places.collect::<Option<_>>()?;
        (places.is_sorted() && places.first().is_none_or(|at| *at >= from)).then_some(places)
    }

    fn lagged(&mut self, item: usize, place: usize, same: usize, lag: usize) -> bool {
        let Item::Lag { replayed, merged, dropped } = self.items[lag] else { return false };
        let replayed = replayed as usize;
        for n in (0..=same.min(lag - item)).rev() {
            let (rest, fell, seq) = (&self.items[item + n..lag], place + n, self.seq_at(place + n));
            if rest.len() < replayed || !rest[..replayed].iter().zip(seq + 1..).all(|(i, s)| *i == Item::Durable(s)) {
                continue;
            }
            let Some(newest) = self.newest(&rest[replayed..], fell) else { continue };
            for back in self.back(seq + replayed as u64, fell, self.most).0 {
                let counted = (
                    self.latest[back] - self.latest[fell] == merged + newest.len() as u64,
                    self.passing[back] - self.passing[fell] == dropped,
                );
                if counted == (true, true) && self.none_lost(&newest, fell, back) && self.live(lag + 1, back) {
                    return true;
                }
            }
        }
        false
    }

    /// Whether of each key told in between, the newest value came or a newer one is to come.
    fn none_lost(&self, newest: &[usize], fell: usize, back: usize) -> bool {
        let told = &self.history.told;
        let key = |at: usize| told[at].key.as_ref();
        let newer = |at: usize, to: usize| (at + 1..to).any(|later| key(later) == key(at));
        let right = newest.iter().all(|at| *at < back && !newer(*at, back));
        right
            && (self.history.overflowed
                || (fell.max(self.joined)..back)
                    .filter(|at| key(*at).is_some())
                    .all(|at| newest.contains(&at) || newer(at, told.len())))
    }
}

struct Places(std::ops::Range<usize>);

impl Places {
    fn any_live(self, reading: &mut Reading<'_>, item: usize) -> bool {
        self.0.into_iter().any(|place| reading.live(item, place))
    }
}
