//! Joining a room by the address of the socket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::frame::{Call, CallId, CallMetadata};
use crate::id::RoomId;
use crate::room::{Head, Join, Position, Since};

/// What the query string of `/ws/events` may say: the connection's first call is then a [`Join`] with the id `join`, done
/// as soon as the caller is known. Who comes back is in the room after one way there and back instead of two.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct AtOnce {
    /// The room to join.
    pub room_id: Option<RoomId>,
    /// `head`, or the epoch and the `seq` where the caller left off: `k3:1040`. Absent: the reply carries a snapshot.
    pub since: Option<String>,
}

impl AtOnce {
    /// The call that a query string asks for, if it asks for one.
    ///
    /// # Errors
    /// Names the parameter that is unknown, or cannot be read.
    pub fn call<T: AsRef<str>>(query: impl IntoIterator<Item = (T, T)>) -> Result<Option<Call>, Error> {
        let (mut room_id, mut since) = (None, None);
        for (name, value) in query {
            match (name.as_ref(), value.as_ref()) {
                // `since=` says no more than nothing.
                ("room_id" | "since", "") => {}
                ("room_id", id) => {
                    room_id = Some(id.parse::<RoomId>().map_err(|_| Error::invalid("room_id", "an id is expected"))?);
                }
                ("since", place) => since = Some(read(place)?),
                (name, _) => return Err(Error::invalid(name, "unknown query parameter")),
            }
        }
        let Some(room_id) = room_id else {
            return since.map_or(Ok(None), |_| Err(Error::invalid("since", "of which room? `room_id` is missing")));
        };
        let data = serde_json::value::to_raw_value(&Join { room_id, since });
        let data = Some(data.map_err(|error| Error::invalid("since", error.to_string()))?);
        let metadata = CallMetadata { id: Some(CallId::Text("join".into())), idempotency_key: None };
        Ok(Some(Call { name: "room.join".into(), data, metadata }))
    }
}

fn read(place: &str) -> Result<Since, Error> {
    if place == "head" {
        return Ok(Since::Head(Head::Head));
    }
    let position = place.rsplit_once(':').and_then(|(epoch, seq)| Some((epoch.to_owned(), seq.parse().ok()?)));
    let (epoch, seq) = position.ok_or_else(|| Error::invalid("since", "`head` or `EPOCH:SEQ` is expected"))?;
    Ok(Since::Position(Position { epoch, seq }))
}
