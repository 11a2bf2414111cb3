//! A commit whose answer was lost: the store has the events, nobody knows. They are told all the same, once and in
//! their place, to who was listening; who said them and repeats it is told that it is said.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use uuid::Uuid;
use vizroom::clock::Clock;
use vizroom::limits::Limits;
use vizroom::room::journal::Later;
use vizroom::room::tell::{With, system};
use vizroom::room::{Draft, Hub, Journal, Stored, Tail};
use vizroom_protocol::chat::Message;
use vizroom_protocol::event::ChatMessage;
use vizroom_protocol::id::{EventId, RoomId};
use vizroom_protocol::{Code, Error};

/// One room's events in memory, and a store that can be made to go wrong.
#[derive(Default)]
struct Shaky {
    events: Mutex<Vec<(Draft, Bytes)>>,
    /// The next commit works, but says that it did not.
    lies: AtomicBool,
    /// Nothing works.
    gone: AtomicBool,
}

impl Shaky {
    fn works(&self) -> Result<(), Error> {
        let gone = self.gone.load(Ordering::SeqCst);
        if gone { Err(Error::new(Code::Unavailable, "gone")) } else { Ok(()) }
    }
}

impl Journal for Shaky {
    fn append<'a>(&'a self, drafts: &'a [Draft]) -> Later<'a, Result<Vec<Result<Stored, Error>>, Error>> {
        Box::pin(async move {
            self.works()?;
            let mut events = self.events.lock().unwrap();
            let mut stored = Vec::new();
            for draft in drafts {
                let known = events.iter().position(|(e, _)| e.dedup.is_some() && e.dedup == draft.dedup);
                stored.push(Ok(match known {
                    Some(at) => Stored::Duplicate { seq: at as u64 + 1, event: events[at].0.event },
                    None => {
                        let seq = events.len() as u64 + 1;
                        let text = Bytes::from(format!("{}{seq}{}", draft.before, draft.after));
                        events.push((draft.clone(), text.clone()));
                        Stored::New { seq, text }
                    }
                }));
            }
            if self.lies.swap(false, Ordering::SeqCst) {
                self.gone.store(true, Ordering::SeqCst);
                return Err(Error::new(Code::Unavailable, "the answer was lost"));
            }
            Ok(stored)
        })
    }

    fn read(&self, _: RoomId, seq: u64, _: usize, _: usize) -> Later<'_, Result<Vec<(u64, Bytes)>, Error>> {
        Box::pin(async move {
            self.works()?;
            let events = self.events.lock().unwrap();
            Ok((1..).zip(events.iter().map(|(_, text)| text.clone())).skip(seq as usize).collect())
        })
    }

    fn head(&self, _: RoomId) -> Later<'_, Result<(String, u64), Error>> {
        Box::pin(async { Ok(("e".into(), 0)) })
    }
}

struct Room {
    hub: Arc<Hub>,
    room: Arc<vizroom::room::Room>,
    store: Arc<Shaky>,
    tail: Tail,
    heard: Vec<(u64, String)>,
}

impl Room {
    async fn open() -> Self {
        let store = Arc::new(Shaky::default());
        let hub = Hub::start(store.clone(), Limits::default().room(), Clock::default(), 1).unwrap();
        let room = hub.room(RoomId(Uuid::now_v7())).await.unwrap();
        let tail = Tail::new(hub.clone(), room.clone(), None).unwrap();
        Self { hub, room, store, tail, heard: Vec::new() }
    }

    /// Says it under a key: its number, or nothing if that was refused.
    async fn say(&self, content: &str) -> Option<(u64, EventId)> {
        let message = Message { content: content.into(), ..Message::default() };
        let with = With { dedup: Some(content.into()), ..With::default() };
        let told = self.hub.tell::<ChatMessage>(&self.room, &system(), &message, with).await;
        told.ok().map(|told| (told.seq, told.event))
    }

    async fn hears(&mut self, expected: &[&str]) {
        while self.heard.len() < expected.len() {
            for text in self.tail.next().await.unwrap() {
                let event: serde_json::Value = serde_json::from_slice(&text).unwrap();
                let content = event["data"]["content"].as_str().unwrap().to_owned();
                self.heard.push((event["metadata"]["seq"].as_u64().unwrap(), content));
            }
        }
        let expected: Vec<(u64, String)> = (1..).zip(expected.iter().map(|c| (*c).to_owned())).collect();
        assert_eq!(self.heard, expected);
    }

    fn store_is_gone(&self, gone: bool) {
        self.store.gone.store(gone, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn what_was_stored_unheard_is_told_before_what_comes_next() {
    let mut room = Room::open().await;
    room.say("a").await.unwrap();
    room.store.lies.store(true, Ordering::SeqCst);
    assert_eq!(room.say("b").await, None);
    assert_eq!(room.say("c").await, None, "it is gone");
    room.store_is_gone(false);
    assert_eq!(room.say("d").await.unwrap().0, 3);
    let b = room.say("b").await.unwrap();
    assert_eq!(b.0, 2, "said again, it is said already");
    room.hears(&["a", "b", "d"]).await;
    room.hub.stop();
}

#[tokio::test]
async fn what_was_stored_unheard_is_told_even_if_nothing_comes_next() {
    let mut room = Room::open().await;
    room.store.lies.store(true, Ordering::SeqCst);
    assert_eq!(room.say("a").await, None);
    room.store_is_gone(false);
    room.hears(&["a"]).await;
    room.hub.stop();
}
