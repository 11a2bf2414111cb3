//! The other end: a strict WebSocket client that remembers what it may expect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;

use super::line::{Ask, Call, room_id};
use super::model::{Item, World, field};
use super::socket::Pipe;
use crate::{Close, Limits, Peer, deflate, lock};

pub struct Client {
    pub conn: usize,
    pub user: usize,
    pub pipe: Arc<Mutex<Pipe>>,
    pub peer: Weak<Peer>,
    /// Not sent yet.
    pub outgoing: Vec<u8>,
    got: Vec<u8>,
    /// Stays by room, as the replies said.
    stays: BTreeMap<u8, usize>,
    /// Rooms that it is joining, by call: it does not join one twice at once.
    joining: BTreeMap<u32, u8>,
    /// Calls without a reply.
    pub asked: BTreeSet<u32>,
    next: u32,
    pub answers_pings: bool,
    /// Pings that came.
    pings: u64,
    /// The code of the close frame.
    pub closed: Option<u16>,
    /// It has hung up itself.
    pub gone: bool,
    /// The server may close it without saying why.
    pub excused: bool,
    /// Codes it may be closed with.
    pub codes: BTreeSet<u16>,
    /// When something reached the server last, and when it took a byte last: milliseconds.
    pub heard: (u64, u64),
    pub progress: (u64, u64),
    pub expires_ms: i64,
    /// Numbers of durable events seen, by room.
    pub seen: Vec<(u8, u64)>,
}

impl Client {
    /// Every second user can inflate.
    pub fn inflates(user: usize) -> bool {
        user % 2 == 1
    }

    pub fn new(conn: usize, user: usize, pipe: Arc<Mutex<Pipe>>, peer: &Arc<Peer>, now: u64, expires_ms: i64) -> Self {
        Self {
            conn,
            user,
            pipe,
            peer: Arc::downgrade(peer),
            outgoing: Vec::new(),
            got: Vec::new(),
            stays: BTreeMap::new(),
            joining: BTreeMap::new(),
            asked: BTreeSet::new(),
            next: 0,
            answers_pings: true,
            pings: 0,
            closed: None,
            gone: false,
            excused: false,
            codes: BTreeSet::new(),
            heard: (0, now),
            progress: (0, now),
            expires_ms,
            seen: Vec::new(),
        }
    }

    /// Whether the server should still serve it.
    pub fn is_open(&self) -> bool {
        !self.gone && self.closed.is_none() && !lock(&self.pipe).finished
    }

    /// Takes down when it was heard, and when it took something.
    pub fn observe(&mut self, now: u64) {
        let pipe = lock(&self.pipe);
        if pipe.read != self.heard.0 {
            self.heard = (pipe.read, now);
        }
        if pipe.written != self.progress.0 || !pipe.starved {
            self.progress = (pipe.written, now);
        }
    }

    /// Takes down what the server may close it for when it looks at `now`.
    pub fn excuse(&mut self, now: u64, wall_ms: i64, limits: &Limits) {
        // Time is counted in ticks there.
        let late = now + 2 * (limits.no_progress_ms_max.min(limits.ping_after_ms) / 8).clamp(10, 1_000);
        self.excused |= late - self.progress.1 >= limits.no_progress_ms_max;
        if late - self.heard.1 > 2 * limits.ping_after_ms {
            self.codes.insert(Close::NoPong as u16);
        }
        if wall_ms > self.expires_ms + limits.token_grace_ms {
            self.codes.insert(Close::BadToken as u16);
        }
    }

    pub fn ask(&mut self, call: Call, replied: bool) {
        let joins = matches!(call.ask, Ask::JoinHead | Ask::JoinFresh | Ask::JoinAfter | Ask::JoinElsewhere);
        if joins && self.joining.values().any(|room| *room == call.room) {
            return;
        }
        self.next += 1;
        if joins {
            self.joining.insert(self.next, call.room);
        }
        if replied {
            self.asked.insert(self.next);
        }
        self.outgoing.extend_from_slice(&Call { id: self.next, ..call }.bytes());
    }

    /// Sends up to `n` bytes.
    pub fn send(&mut self, n: usize) {
        let mut pipe = lock(&self.pipe);
        if self.gone || pipe.hung_up {
            return;
        }
        let n = n.min(self.outgoing.len());
        pipe.to_server.extend(self.outgoing.drain(..n));
        pipe.readable |= n > 0;
    }

    /// Reads up to `n` bytes.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(&mut self, n: usize, world: &World) -> Result<Vec<Item>, String> {
        let bytes = lock(&self.pipe).take(n);
        self.got.extend_from_slice(&bytes);
        let mut items = Vec::new();
        while let Some((opcode, payload)) = self.frame()? {
            if let Some(code) = self.closed {
                return Err(format!("a frame after the close frame {code}"));
            }
            self.frame_came(opcode, payload, world, &mut items)
                .map_err(|what| format!("connection {}: {what}", self.conn))?;
        }
        Ok(items)
    }

    /// RFC 6455 §5.2, as strictly as it can be read.
    fn frame(&mut self) -> Result<Option<(u8, Bytes)>, String> {
        let [first, second, ..] = self.got[..] else { return Ok(None) };
        let deflated = first & 0x40 != 0;
        let may_be = Self::inflates(self.user) && first & 0x0F == 1;
        if first & 0xB0 != 0x80 || second & 0x80 != 0 || (deflated && !may_be) {
            return Err(format!("not a whole, unmasked frame, deflated only if that may be: {first:x} {second:x}"));
        }
        let header = match second {
            127 => 10,
            126 => 4,
            _ => 2,
        };
        if self.got.len() < header {
            return Ok(None);
        }
        let long = self.got[2..header].iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        let len = if header == 2 { u64::from(second) } else { long };
        let shortest = if len < 126 {
            2
        } else if len < 65_536 {
            4
        } else {
            10
        };
        let opcode = first & 0x0F;
        if shortest != header || len > 1 << 20 || (opcode >= 8 && len > 125) {
            return Err(format!("a frame of {len} bytes with a header of {header}, opcode {opcode}"));
        }
        let end = header + len as usize;
        if self.got.len() < end {
            return Ok(None);
        }
        let payload: Vec<u8> = self.got.drain(..end).skip(header).collect();
        let payload =
            if deflated { deflate::inflate(&payload, 1 << 20).map_err(|b| format!("{b:?}"))? } else { payload };
        Ok(Some((opcode, payload.into())))
    }

    fn frame_came(&mut self, opcode: u8, payload: Bytes, world: &World, out: &mut Vec<Item>) -> Result<(), String> {
        match opcode {
            1 if payload.first() == Some(&b'{') => self.event(&payload, world, out),
            1 => self.reply(std::str::from_utf8(&payload).map_err(|_| "not UTF-8")?),
            8 => {
                let code = payload.get(..2).ok_or("a close frame without a code")?;
                let code = u16::from_be_bytes([code[0], code[1]]);
                self.closed = Some(code);
                if code == Close::NoPong as u16 && self.pings == 0 {
                    return Err("closed without a ping".into());
                }
                if self.codes.contains(&code) { Ok(()) } else { Err(format!("closed for no reason: {code}")) }
            }
            9 => {
                self.pings += 1;
                if self.answers_pings {
                    self.ask(Call { ask: Ask::Pong, room: 0, key: 0, id: 0, number: 0 }, false);
                    self.send(usize::MAX);
                }
                Ok(())
            }
            10 => {
                let id = payload[..].try_into().map(u32::from_be_bytes).map_err(|_| "a pong of something else")?;
                if self.asked.remove(&id) { Ok(()) } else { Err(format!("a pong to {id}, which was not asked")) }
            }
            other => Err(format!("opcode {other}")),
        }
    }

    fn reply(&mut self, text: &str) -> Result<(), String> {
        let words: Vec<&str> = text.split(' ').collect();
        let number = |at: usize| words.get(at).and_then(|w| w.parse::<usize>().ok()).ok_or(format!("reply {text}"));
        let (id, room) = (number(0)? as u32, number(words.len() - 1)? as u8);
        if !self.asked.remove(&id) {
            return Err(format!("a reply to {id}, which was not asked or has been answered"));
        }
        self.joining.remove(&id);
        if words[1] == "joined" {
            self.stays.insert(room, number(2)?);
        } else if words[1] == "left" {
            self.stays.remove(&room);
        }
        Ok(())
    }

    fn event(&mut self, text: &Bytes, world: &World, out: &mut Vec<Item>) -> Result<(), String> {
        if text.starts_with(b"{\"type\":\"server.drain\"") {
            return Ok(());
        }
        let id = text.windows(11).position(|w| w == b"\"room_id\":\"").ok_or("an event of no room")?;
        let id = std::str::from_utf8(&text[id + 11..id + 47]).map_err(|_| "a room's id")?;
        let stay = self.stays.iter().find(|(room, _)| room_id(**room as usize).to_string() == id);
        let Some((room, stay)) = stay else {
            let kind = field(text, "{\"type\":\"").unwrap_or_default();
            return Err(format!("{kind} of a room that it is not in, or not yet"));
        };
        let mut model = lock(&world.model);
        let model = &mut *model;
        let stay = &mut model.memberships[*stay];
        let item = model.histories[stay.history].find(text, &world.store)?;
        if let Item::Durable(seq) = item {
            self.seen.push((*room, seq));
        }
        stay.items.push(item);
        out.push(item);
        Ok(())
    }
}
