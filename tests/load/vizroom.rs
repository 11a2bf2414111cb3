//! vizroom as a target of peerbench. `run.sh` copies this file into a copy of the generator; it belongs to no crate here.
//!
//! `LOAD_SEED` names the folder that `load-seed` wrote: `rooms.txt` and `tokens.txt`.
use crate::net::{MARK, Out};
use crate::target::{Proto, Target};

/// As in `seed.rs`: who may be in which room.
const MEMBERS: usize = 10;
/// The mark with the time, the sequence and the publisher that follow it.
const MARK_BYTES: usize = 28;

pub fn from_name(name: &str) -> Option<Box<dyn Target>> {
    let publish = match name {
        "vizroom" => Publish::Signal,
        "vizroom-durable" => Publish::Chat,
        "vizroom-ack" => Publish::Acknowledged,
        _ => return None,
    };
    Some(Box::new(Vizroom { publish, rooms: seed("rooms.txt"), tokens: seed("tokens.txt") }))
}

fn seed(file: &str) -> Vec<String> {
    let folder = std::env::var("LOAD_SEED").expect("LOAD_SEED names the folder that load-seed wrote");
    let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap_or_else(|e| panic!("{folder}/{file}: {e}"));
    text.lines().map(str::to_owned).collect()
}

#[derive(PartialEq)]
enum Publish {
    /// `presence.update` with a signal: passing, what the peers offer. A delivery is a `presence.signal`.
    Signal,
    /// `chat.send` without an id: stored before it is told. A delivery is a `chat.message`.
    Chat,
    /// `chat.send` with the mark as the call's id: a delivery is the *reply*, so what is counted and timed is that
    /// the message is stored. (The event still comes to every member; its own mark is blanked.)
    Acknowledged,
}

struct Vizroom {
    publish: Publish,
    rooms: Vec<String>,
    tokens: Vec<String>,
}

/// The N of the generator's room names `r<run>x<N>`; `verify` has one room and no N.
fn number(room: &str) -> usize {
    room.rsplit_once('x').map_or(0, |(_, n)| n.parse().expect("a room's number"))
}

impl Vizroom {
    fn room(&self, p: &Proto) -> &str {
        let n = number(&p.room);
        self.rooms.get(n).unwrap_or_else(|| panic!("room {n} is not seeded"))
    }
}

impl Target for Vizroom {
    fn request(&self, p: &mut Proto) -> (String, String) {
        let user = (number(&p.room) * MEMBERS + p.member as usize) % self.tokens.len();
        let since = match p.resume && !p.last.is_empty() {
            true => format!("{}:{}", p.key, p.last),
            false => "head".into(),
        };
        let path = format!("/ws/events?room_id={}&since={since}", self.room(p));
        (path, format!("Authorization: Bearer {}\r\n", self.tokens[user]))
    }

    /// A frame begins with `{"type":"`, so one byte of the name tells what is counted from all else that comes:
    /// presence.(s)ignal, c(h)at.message, (r)eply. The others are looked at, since they are few.
    fn on_frame(&self, p: &mut Proto, _op: u8, b: &[u8], _o: &mut Out) -> u32 {
        let counted = match self.publish {
            Publish::Signal => b.get(18) == Some(&b's'),
            Publish::Chat => b.get(10) == Some(&b'h'),
            Publish::Acknowledged => p.joined && b.get(9) == Some(&b'r') && b.get(10) == Some(&b'e'),
        };
        if counted {
            if p.track {
                p.key = field(b, br#""epoch":""#, b'"');
                p.last = field(b, br#","seq":"#, b'}');
            }
            return 1;
        }
        if b.starts_with(br#"{"type":"error""#) {
            eprintln!("vizroom: {}", String::from_utf8_lossy(b));
        }
        p.joined |= b.starts_with(br#"{"type":"reply""#);
        0
    }

    fn publish(&self, p: &mut Proto, body: &[u8], o: &mut Out) {
        let room = self.room(p).as_bytes();
        if self.publish == Publish::Signal {
            let head = br#"{"type":"presence.update","data":{"room_id":""#;
            return o.frame(1, &[head, room, br#"","signal":"#, body, b"}}"]);
        }
        let head = br#"{"type":"chat.send","data":{"room_id":""#;
        let mut content = Vec::with_capacity(body.len() + 16);
        for &c in body {
            if c == b'"' {
                content.push(b'\\');
            }
            content.push(c);
        }
        if self.publish == Publish::Chat {
            return o.frame(1, &[head, room, br#"","content":""#, &content, br#""}}"#]);
        }
        let at = memchr::memmem::find(body, MARK).expect("a body holds the mark");
        let mark = &body[at..at + MARK_BYTES];
        let at = memchr::memmem::find(&content, MARK).expect("so does the content");
        content[at] = b'-';
        o.frame(1, &[head, room, br#"","content":""#, &content, br#""},"metadata":{"id":""#, mark, br#""}}"#]);
    }

    /// A position is known once a durable event has come.
    fn recovers(&self) -> bool {
        self.publish == Publish::Chat
    }
}

/// The last `name` followed by text up to `end`; empty if there is none.
fn field(b: &[u8], name: &[u8], end: u8) -> String {
    let text = memchr::memmem::rfind(b, name).map(|at| &b[at + name.len()..]);
    let value = text.and_then(|t| Some(&t[..memchr::memchr(end, t)?]));
    value.map(|v| String::from_utf8_lossy(v).into_owned()).unwrap_or_default()
}
