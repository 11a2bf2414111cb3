//! How an event becomes bytes: once, whoever reads it.

use std::sync::Arc;

use uuid::Uuid;
use vizroom_protocol::event::{Class, Event};
use vizroom_protocol::frame::{Actor, ActorKind, Envelope, EventMetadata, Number};
use vizroom_protocol::id::{EventId, UserId};
use vizroom_protocol::{Code, Error};

use crate::clock::rfc3339;
use crate::hub::Hub;
use crate::journal::{Draft, Stored};
use crate::lock;
use crate::room::Room;

/// A durable event that has been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub event: EventId,
    pub seq: u64,
    /// It had been told before, under the same key.
    pub again: bool,
}

/// What a durable event may carry besides its data.
#[derive(Debug, Clone, Default)]
pub struct With {
    /// The event it answers.
    pub parent: Option<EventId>,
    /// Tell it at most once in this room: a second one with the same key gives the first.
    pub dedup: Option<String>,
    /// The last that this user hears of the room: taken out right after it.
    pub last_for: Option<UserId>,
}

/// The server itself, as an actor.
pub fn system() -> Actor {
    Actor { kind: ActorKind::System, id: "vizroom".into(), name: "vizroom".into() }
}

/// The text of an event for one connection only.
pub fn private<E: Event>(data: &E::Data) -> String {
    match Envelope::new(E::NAME, data, &EventMetadata::default(), Number::None) {
        Ok(envelope) => envelope.text(None),
        Err(error) => unreachable!("events of ours are plain data: {error}"),
    }
}

impl Hub {
    /// Stores an event and tells the room. It takes its turn with the call; whoever does not wait only does not hear of it.
    ///
    /// # Errors
    /// The store's: nobody has been told.
    pub fn tell<E: Event>(
        &self,
        room: &Arc<Room>,
        actor: &Actor,
        data: &E::Data,
        with: With,
    ) -> impl Future<Output = Result<Told, Error>> + Send + use<E> {
        const { assert!(matches!(E::CLASS, Class::Durable)) };
        let event = EventId(Uuid::now_v7());
        let ts = rfc3339(self.clock.now_ms());
        let metadata = EventMetadata { parent: with.parent, ..metadata(room, actor, event, &ts) };
        // What waits for the commit is small: there may be many.
        let stored = envelope::<E>(data, &metadata, Number::Seq).map_err(Box::new).map(|Envelope { before, after }| {
            let draft = Draft { room: room.id, event, kind: E::NAME, dedup: with.dedup, before, after };
            self.committer.commit(room.clone(), draft, with.last_for)
        });
        async move {
            Ok(match stored.map_err(|error| *error)?.await? {
                Stored::New { seq, .. } => Told { event, seq, again: false },
                Stored::Duplicate { seq, event } => Told { event, seq, again: true },
            })
        }
    }

    /// Tells the room the newest value of `key`; with `keep`, those who join later as well.
    pub fn tell_latest<E: Event>(&self, room: &Arc<Room>, actor: &Actor, key: &str, keep: bool, data: &E::Data) {
        self.append_latest::<E>(room, actor, key, keep, data);
        self.mark(room);
    }

    /// The same without saying so to the reactors.
    pub(super) fn append_latest<E: Event>(
        &self,
        room: &Arc<Room>,
        actor: &Actor,
        key: &str,
        keep: bool,
        data: &E::Data,
    ) {
        const { assert!(matches!(E::CLASS, Class::Latest)) };
        let ts = rfc3339(self.clock.now_ms());
        let metadata = metadata(room, actor, EventId(Uuid::now_v7()), &ts);
        match envelope::<E>(data, &EventMetadata { key: Some(key), ..metadata }, Number::Rev) {
            Ok(Envelope { before, after }) => {
                lock(&room.log).append_latest(key, keep, &before, after);
                self.others().published.of(Class::Latest).add(1);
            }
            Err(error) => tracing::error!(%error, "an event was not told"),
        }
    }

    /// Tells the room something passing. It has neither a name nor a place in the log: nobody will ask for it again.
    pub fn tell_ephemeral<E: Event>(&self, room: &Arc<Room>, actor: &Actor, data: &E::Data) {
        const { assert!(matches!(E::CLASS, Class::Ephemeral)) };
        let ts = rfc3339(self.clock.now_ms());
        let metadata =
            EventMetadata { room_id: Some(room.id), ts: Some(&ts), actor: Some(actor), ..EventMetadata::default() };
        match envelope::<E>(data, &metadata, Number::None) {
            Ok(Envelope { before, after }) => {
                lock(&room.log).append_ephemeral(&before, after);
                self.others().published.of(Class::Ephemeral).add(1);
                self.mark(room);
            }
            Err(error) => tracing::error!(%error, "an event was not told"),
        }
    }

    /// Tells all connections of one user, whichever rooms they have joined.
    pub fn tell_user<E: Event>(&self, user: UserId, data: &E::Data) {
        const { assert!(matches!(E::CLASS, Class::Ephemeral)) };
        let text = private::<E>(data);
        for peer in self.peers().iter().filter(|peer| peer.owner.user == user) {
            self.send_text(peer, &text);
        }
    }
}

fn metadata<'a>(room: &'a Room, actor: &'a Actor, event: EventId, ts: &'a str) -> EventMetadata<'a> {
    EventMetadata {
        room_id: Some(room.id),
        epoch: Some(&room.epoch),
        event_id: Some(event),
        ts: Some(ts),
        actor: Some(actor),
        ..EventMetadata::default()
    }
}

fn envelope<E: Event>(data: &E::Data, metadata: &EventMetadata<'_>, number: Number) -> Result<Envelope, Error> {
    Envelope::new(E::NAME, data, metadata, number).map_err(|error| {
        tracing::error!(%error, event = E::NAME, "an event could not be encoded");
        Error::new(Code::InternalError, "an event could not be encoded")
    })
}
