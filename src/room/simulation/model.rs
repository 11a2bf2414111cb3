//! What rooms have told, kept beside the real logs, and who is to hear what of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use vizroom_protocol::Error;
use vizroom_protocol::event::{Class, Event};
use vizroom_protocol::id::RoomId;

use super::journal::Store;
use super::random::Random;
use crate::hub::Hub;
use crate::log::{Lane, Tally};
use crate::room::Room;
use crate::tell::{self, Told, With};
use crate::{Limits, lock, wire};

macro_rules! events {
    ($($marker:ident $name:literal $class:ident;)*) => {$(
        pub enum $marker {}
        impl Event for $marker {
            const NAME: &'static str = $name;
            const CLASS: Class = Class::$class;
            type Data = String;
        }
    )*};
}

events! {
    Lasting "sim.lasting" Durable;
    Newest "sim.newest" Latest;
    Passing "sim.passing" Ephemeral;
}

/// What everything in a run shares.
pub struct World {
    pub store: Arc<Store>,
    pub limits: Limits,
    /// Calls of a connection, and bytes of replies, beyond which it is not read from.
    pub calls_max: usize,
    pub backlog_max: usize,
    pub hub: Mutex<Weak<Hub>>,
    pub model: Mutex<Model>,
    /// What was found first.
    pub wrong: Mutex<Option<String>>,
    /// How often something is told while a socket is written to.
    pub interrupts: Mutex<(Random, u64)>,
}

#[derive(Default)]
pub struct Model {
    pub histories: Vec<History>,
    pub memberships: Vec<Membership>,
    pub serial: u64,
    /// What has been acknowledged.
    pub acknowledged: Vec<(RoomId, Told)>,
}

/// All that one opened room has told, in its order.
pub struct History {
    pub room: Weak<Room>,
    pub id: RoomId,
    /// Newest number when it was opened, and now.
    pub base: u64,
    head: u64,
    latest: u64,
    end: u64,
    pub told: Vec<Entry>,
    /// Places of the durable ones, from `base + 1`.
    pub durable: Vec<usize>,
    passing: HashMap<u64, usize>,
    newest: HashMap<Bytes, usize>,
    /// The newest of each key that the room remembers, oldest first.
    pub remembered: Vec<(String, usize)>,
    /// Some key has been forgotten.
    pub overflowed: bool,
}

pub struct Entry {
    pub class: Class,
    pub key: Option<String>,
    /// Passing ones: as the first reader got it.
    pub text: Option<Bytes>,
}

/// One stay of a connection in a room.
pub struct Membership {
    pub conn: usize,
    pub history: usize,
    /// Replayed after this.
    pub since: Option<u64>,
    /// Place of the first event that comes live.
    pub from: usize,
    /// Places of the kept values that come first.
    pub kept: Vec<usize>,
    pub ended: Option<Ending>,
    pub items: Vec<Item>,
}

/// How much a member may have heard when it is out: at least, if its socket is, and at most.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    pub least: usize,
    pub most: usize,
}

/// What a member got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Durable(u64),
    Newest(usize),
    Passing(usize),
    Lag { replayed: u64, merged: u64, dropped: u64 },
}

impl World {
    pub fn fail(&self, what: impl Into<String>) {
        lock(&self.wrong).get_or_insert(what.into());
    }

    /// The place of a room's history, which begins where it is seen first.
    pub fn meet(&self, room: &Arc<Room>) -> usize {
        let mut model = lock(&self.model);
        if let Some(at) = model.histories.iter().position(|h| std::ptr::eq(h.room.as_ptr(), Arc::as_ptr(room))) {
            return at;
        }
        let log = lock(&room.log);
        let (tally, end) = (log.tally(), log.end(Lane::Plain));
        drop(log);
        if end > 0 {
            self.fail("a room told something before it was seen");
        }
        model.histories.push(History::new(room, tally.seq));
        model.histories.len() - 1
    }

    /// Takes down what the logs have grown by since: either durable events, as the store has them, or newest values.
    pub fn sync(&self) {
        let mut model = lock(&self.model);
        for history in &mut model.histories {
            let Some(room) = history.room.upgrade() else { continue };
            if let Err(what) = history.sync(&room, &self.store, self.limits.room_latest_keys_max) {
                self.fail(what);
            }
        }
    }

    /// A text that nobody else tells.
    fn data(&self, size: usize) -> String {
        let mut model = lock(&self.model);
        model.serial += 1;
        format!("{}.{}", model.serial, "x".repeat(size))
    }

    pub fn tell_newest(&self, hub: &Hub, room: &Arc<Room>, key: u8, size: usize) {
        self.meet(room);
        self.sync();
        // Those with even numbers are for later joiners, too.
        hub.tell_latest::<Newest>(room, &tell::system(), &format!("k{key}"), key.is_multiple_of(2), &self.data(size));
        self.sync();
    }

    pub fn tell_passing(&self, hub: &Hub, room: &Arc<Room>, size: usize) {
        let at = self.meet(room);
        self.sync();
        let data = self.data(size);
        hub.tell_ephemeral::<Passing>(room, &tell::system(), &data);
        let mut model = lock(&self.model);
        let serial = model.serial;
        let history = &mut model.histories[at];
        history.passing.insert(serial, history.told.len());
        history.told.push(Entry { class: Class::Ephemeral, key: None, text: None });
    }

    /// # Errors
    /// The store's.
    pub async fn tell(&self, hub: &Hub, room: &Arc<Room>, dedup: Option<String>, size: usize) -> Result<Told, Error> {
        self.meet(room);
        let with = With { parent: None, dedup, ..With::default() };
        let told = hub.tell::<Lasting>(room, &tell::system(), &self.data(size), with).await?;
        self.sync();
        match self.store.event(room.id, told.seq) {
            Some((event, _)) if event == told.event => {}
            _ => self.fail(format!("acknowledged, but not stored: {told:?}")),
        }
        if room.head() < told.seq {
            self.fail(format!("acknowledged before it was told: {told:?}"));
        }
        lock(&self.model).acknowledged.push((room.id, told.clone()));
        Ok(told)
    }

    /// Somebody else does something in the middle of a write.
    pub fn interrupt(&self) {
        // What everybody has read may be forgotten after this.
        self.sync();
        let (chosen, latest, size) = {
            let mut interrupts = lock(&self.interrupts);
            let chance = interrupts.1;
            if !interrupts.0.percent(chance) {
                return;
            }
            let random = &mut interrupts.0;
            (random.draw() as usize, random.percent(50), random.below(200))
        };
        let Some(hub) = lock(&self.hub).upgrade() else { return };
        let open: Vec<Arc<Room>> = {
            let model = lock(&self.model);
            model.histories.iter().filter_map(|h| h.room.upgrade()).collect()
        };
        if open.is_empty() {
            return;
        }
        let room = &open[chosen % open.len()];
        match latest {
            true => self.tell_newest(&hub, room, chosen as u8 % 5, size),
            false => self.tell_passing(&hub, room, size),
        }
    }
}

impl History {
    fn new(room: &Arc<Room>, head: u64) -> Self {
        Self {
            room: Arc::downgrade(room),
            id: room.id,
            base: head,
            head,
            latest: 0,
            end: 0,
            told: Vec::new(),
            durable: Vec::new(),
            passing: HashMap::new(),
            newest: HashMap::new(),
            remembered: Vec::new(),
            overflowed: false,
        }
    }

    fn sync(&mut self, room: &Room, store: &Store, keys_max: usize) -> Result<(), String> {
        let log = lock(&room.log);
        let (tally, end) = (log.tally(), log.end(Lane::Plain));
        let frames = if tally.latest > self.latest {
            log.latest_between(Tally { latest: self.latest, ..tally }, tally)
        } else {
            Vec::new()
        };
        drop(log);
        for seq in self.head + 1..=tally.seq {
            let (_, text) = store.event(self.id, seq).ok_or(format!("told, but not stored: {seq}"))?;
            self.durable.push(self.told.len());
            self.told.push(Entry { class: Class::Durable, key: None, text: Some(text) });
        }
        if frames.len() as u64 != tally.latest - self.latest {
            return Err(format!("{} newest values told, {} found", tally.latest - self.latest, frames.len()));
        }
        for text in frames.into_iter().flat_map(wire::payloads) {
            self.told_newest(text, keys_max)?;
        }
        (self.head, self.latest, self.end) = (tally.seq, tally.latest, end);
        Ok(())
    }

    fn told_newest(&mut self, text: Bytes, keys_max: usize) -> Result<(), String> {
        let key = field(&text, "\"key\":\"").ok_or("a newest value without a key")?.to_owned();
        let at = self.told.len();
        match self.remembered.iter().position(|(k, _)| *k == key) {
            Some(before) => drop(self.remembered.remove(before)),
            None => {
                let alike = |(k, _): &&(String, usize)| is_kept(k) == is_kept(&key);
                if self.remembered.iter().filter(alike).count() >= keys_max {
                    self.overflowed = true;
                    let oldest = self.remembered.iter().position(|(k, _)| is_kept(k) == is_kept(&key));
                    oldest.map(|at| self.remembered.remove(at));
                }
            }
        }
        self.remembered.push((key.clone(), at));
        self.newest.insert(text.clone(), at);
        self.told.push(Entry { class: Class::Latest, key: Some(key), text: Some(text) });
        Ok(())
    }

    /// Where somebody reads on who knows everything up to `seq`, or up to now.
    pub fn place_after(&self, seq: Option<u64>) -> usize {
        let Some(seq) = seq else { return self.told.len() };
        seq.checked_sub(self.base + 1).map_or(0, |known| self.durable[known as usize] + 1)
    }

    /// What somebody who joins now and does not say `head` gets first.
    pub fn kept(&self) -> Vec<usize> {
        self.remembered.iter().filter(|(key, _)| is_kept(key)).map(|(_, at)| *at).collect()
    }

    /// Which event a text is.
    pub fn find(&mut self, text: &Bytes, store: &Store) -> Result<Item, String> {
        let kind = field(text, "{\"type\":\"").ok_or("a frame without a type")?;
        let number = |name: &str| field(text, name).and_then(|n| n.parse::<u64>().ok());
        match kind {
            "sim.lasting" => {
                let seq = number("\"seq\":").ok_or("a durable event without a number")?;
                let (_, stored) = store.event(self.id, seq).ok_or("received, but not stored")?;
                if stored != *text {
                    return Err(format!("not what is stored as {seq}"));
                }
                Ok(Item::Durable(seq))
            }
            "sim.newest" | "presence.joined" | "presence.left" => {
                self.newest.get(text).map(|at| Item::Newest(*at)).ok_or("a newest value that nobody told".into())
            }
            "sim.passing" => {
                let at = number("\"data\":\"").and_then(|serial| self.passing.get(&serial));
                let at = *at.ok_or("a passing event that nobody told")?;
                if self.told[at].text.get_or_insert(text.clone()) != text {
                    return Err("two readers got different bytes of one event".into());
                }
                Ok(Item::Passing(at))
            }
            "room.lag" => {
                let count = |name| number(name).ok_or("a lag without counts");
                let (replayed, merged) = (count("\"replayed\":")?, count("\"merged\":")?);
                Ok(Item::Lag { replayed, merged, dropped: count("\"dropped\":")? })
            }
            other => Err(format!("an event of type {other}")),
        }
    }
}

/// Whether those who join later are told.
fn is_kept(key: &str) -> bool {
    key.strip_prefix('k').and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| n % 2 == 0)
}

/// What follows `name` in a text of ours, up to whatever ends it.
pub fn field<'a>(text: &'a [u8], name: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(text).ok()?;
    let rest = &text[text.find(name)? + name.len()..];
    let numeric = name.ends_with(':') || rest.starts_with(|c: char| c.is_ascii_digit());
    let end = rest.find(|c: char| if numeric { !c.is_ascii_digit() } else { c == '"' });
    Some(&rest[..end.unwrap_or(rest.len())])
}
