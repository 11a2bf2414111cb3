//! The shape of everything on a socket: one JSON text message `{"type", "data", "metadata"}`, both ways.

use std::fmt;

use schemars::JsonSchema;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::error::Error;
use crate::id::{EventId, RoomId};

/// A frame from a client. `type` is an operation's name; `data` stays unparsed until the bus knows its type.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call<D = Box<RawValue>> {
    #[serde(rename = "type")]
    pub name: String,
    /// Absent means `{}`. Of a frame that stays where it is, borrowed.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub data: Option<D>,
    #[serde(default)]
    pub metadata: CallMetadata,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallMetadata {
    /// Comes back as `reply_to`: a number or a string of at most 64 characters. Absent: no reply, errors still come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CallId>,
    /// The same key from the same caller gives the first result again and does nothing twice. At most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// The client's own name for a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum CallId {
    Number(u64),
    Text(String),
}

/// By hand: serde tells untagged variants apart by failing, and words an error for each string.
impl<'de> Deserialize<'de> for CallId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = CallId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 0 on or a string")
            }

            fn visit_u64<E>(self, number: u64) -> Result<CallId, E> {
                Ok(CallId::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<CallId, E> {
                Ok(CallId::Text(text.into()))
            }

            fn visit_string<E>(self, text: String) -> Result<CallId, E> {
                Ok(CallId::Text(text))
            }
        }
        from.deserialize_any(Either)
    }
}

/// A frame from the server, as a client reads it: a reply, an error or an event, told apart by `kind`.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Incoming {
    /// `reply`, `error`, or the event's name.
    #[serde(rename = "type")]
    pub kind: String,
    pub data: Box<RawValue>,
    #[serde(default)]
    pub metadata: Metadata,
}

/// What a server's frame says about itself. Nothing in it depends on the connection, so that an event's
/// bytes are the same for every member; a reply has only `reply_to`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Metadata {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<CallId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// Place in the room's log; durable events only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Events of class `latest`: what a newer one of the same key replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Counts up per key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// RFC 3339, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// The event this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<EventId>,
}

/// [`Metadata`] of an event as it is written: all but the number, with nothing copied for it.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct EventMetadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ts: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<&'a Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<EventId>,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    User,
    Agent,
    System,
}

/// A reply's text.
pub fn reply(id: &CallId, data: &RawValue) -> String {
    let id = serde_json::to_string(id).expect("a call id is a number or a string");
    [r#"{"type":"reply","data":"#, data.get(), r#","metadata":{"reply_to":"#, &id, "}}"].concat()
}

/// An error's text; `id` is absent where the call had none or could not be read.
pub fn error(id: Option<&CallId>, error: &Error) -> String {
    #[derive(Serialize)]
    struct Frame<'a> {
        r#type: &'static str,
        data: &'a Error,
        metadata: Metadata,
    }
    let metadata = Metadata { reply_to: id.cloned(), ..Metadata::default() };
    serde_json::to_string(&Frame { r#type: "error", data: error, metadata }).expect("an error is plain data")
}

/// An event's text in two halves: the room writes the sequence number (or a key's revision) between them,
/// so that whoever assigns it need not understand JSON.
///
/// `{"type":…,"data":…,"metadata":{"room_id":…,"epoch":…,"event_id":…,"ts":…,"actor":…,"seq":` + seq + `}}`
#[derive(Debug, Clone)]
pub struct Envelope {
    pub before: String,
    pub after: &'static str,
}

impl Envelope {
    /// Writes everything but the number.
    ///
    /// # Errors
    /// If `data` cannot be JSON.
    pub fn new(
        name: &str,
        data: &impl Serialize,
        metadata: &EventMetadata<'_>,
        number: Number,
    ) -> serde_json::Result<Self> {
        let mut before = Vec::with_capacity(1_024);
        before.extend_from_slice(br#"{"type":""#);
        before.extend_from_slice(name.as_bytes());
        before.extend_from_slice(br#"","data":"#);
        serde_json::to_writer(&mut before, data)?;
        before.extend_from_slice(br#","metadata":"#);
        serde_json::to_writer(&mut before, metadata)?;
        before.pop();
        before.extend_from_slice(match number {
            Number::Seq => br#","seq":"#,
            Number::Rev => br#","rev":"#,
            Number::None => b"",
        });
        let before = String::from_utf8(before).map_err(serde::ser::Error::custom)?;
        Ok(Self { before, after: "}}" })
    }

    /// The whole text, with its number.
    pub fn text(&self, number: Option<u64>) -> String {
        match number {
            Some(n) => format!("{}{n}{}", self.before, self.after),
            None => format!("{}{}", self.before, self.after),
        }
    }
}

/// Which number an event carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// A durable event's place in the log.
    Seq,
    /// A latest event's revision.
    Rev,
    None,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_call_is_named_by_a_number_or_a_string() {
        let read = |json: &str| serde_json::from_str::<CallId>(json);
        assert_eq!(read("7").expect("a number"), CallId::Number(7));
        assert_eq!(read(r#""a\u00e9""#).expect("a string"), CallId::Text("aé".into()));
        for wrong in ["-1", "1.5", "true", "null", "[1]", "{}"] {
            let error = read(wrong).expect_err(wrong).to_string();
            assert!(error.contains("a whole number from 0 on or a string"), "{error}");
        }
    }

    #[test]
    fn an_event_is_read_as_it_was_written() {
        let actor = Actor { kind: ActorKind::User, id: "u".into(), name: "Ada".into() };
        let written = EventMetadata {
            room_id: Some(RoomId(Uuid::from_u128(1))),
            epoch: Some("e"),
            key: Some("k"),
            event_id: Some(EventId(Uuid::from_u128(2))),
            ts: Some("2026-01-31T09:30:00.000Z"),
            actor: Some(&actor),
            parent: Some(EventId(Uuid::from_u128(3))),
        };
        let envelope = Envelope::new("chat.message", &1, &written, Number::Seq).expect("plain data");
        let read: Incoming = serde_json::from_str(&envelope.text(Some(9))).expect("an event");
        let expected = Metadata {
            reply_to: None,
            room_id: written.room_id,
            epoch: Some("e".into()),
            seq: Some(9),
            key: Some("k".into()),
            rev: None,
            event_id: written.event_id,
            ts: written.ts.map(Into::into),
            actor: Some(actor.clone()),
            parent: written.parent,
        };
        assert_eq!(read.metadata, expected);
    }
}
