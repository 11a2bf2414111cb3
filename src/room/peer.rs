//! The write half of one connection: a socket, and the little that the kernel did not take at once.
//!
//! Room events are not queued here: a member's cursor simply stays where it is while the socket is blocked. What does
//! wait here is bounded: replies (whose number the transport bounds by not reading further calls) and the rest of one
//! event that was written in part.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use vizroom_protocol::id::{TenantId, UserId};

use crate::room::hub::Room;
use crate::room::lock;
use crate::room::wire::{self, Opcode};

/// Buffers handed to the kernel in one call.
const VECTORS_MAX: usize = 64;

/// Why a connection was closed. 4000–4499: reconnect; 4500–4999: do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Close {
    Normal = 1000,
    Draining = 4001,
    NoProgress = 4008,
    NoPong = 4012,
    TooManyCalls = 4029,
    BadToken = 4501,
    BadFrame = 4502,
    Revoked = 4503,
    ConnectionLimit = 4504,
    TooBig = 4509,
}

/// Whose connection it is; what revocation goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub user: UserId,
    pub tenant: TenantId,
    /// The family of refresh tokens that the connection's token came from.
    pub family: String,
}

/// See the module.
pub struct Peer {
    pub id: u64,
    /// The flusher that drains this peer's rooms.
    pub(super) flusher: usize,
    pub owner: Owner,
    socket: TcpStream,
    out: Mutex<Out>,
    pub(super) seats: Mutex<Vec<Seat>>,
    /// Woken when the backlog has shrunk.
    drained: Notify,
    closed: CancellationToken,
    /// When the token expires, in milliseconds since 1970.
    pub expires_ms: AtomicI64,
    /// When the last byte came in.
    pub heard_ms: AtomicI64,
    pub pinged: AtomicBool,
    sent: AtomicU64,
}

/// A place in a room's member list.
#[derive(Clone)]
pub(super) struct Seat {
    pub room: Arc<Room>,
    pub slot: usize,
}

#[derive(Default)]
struct Out {
    backlog: VecDeque<Bytes>,
    backlog_bytes: usize,
    /// The kernel's buffer is full and a task waits for it; nobody else writes.
    blocked: bool,
    /// A close frame is the last thing that leaves.
    closing: bool,
}

/// How far a write got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    All,
    /// This many bytes of what was given will leave: always whole frames. The socket is blocked by this.
    Part(u64),
    /// Nothing: the socket was blocked already, and whoever waits for it comes back here.
    Waiting,
    Gone,
}

impl Peer {
    /// Takes over a connected socket.
    pub fn new(id: u64, flusher: usize, owner: Owner, socket: TcpStream, expires_ms: i64, now_ms: i64) -> Self {
        Self {
            id,
            flusher,
            owner,
            socket,
            out: Mutex::default(),
            seats: Mutex::default(),
            drained: Notify::new(),
            closed: CancellationToken::new(),
            expires_ms: AtomicI64::new(expires_ms),
            heard_ms: AtomicI64::new(now_ms),
            pinged: AtomicBool::new(false),
            sent: AtomicU64::new(0),
        }
    }

    /// The socket, for reading.
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Ends when the connection does.
    pub fn closed(&self) -> &CancellationToken {
        &self.closed
    }

    /// Bytes written so far.
    pub fn bytes_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes of replies that wait for the socket.
    pub fn backlog_bytes(&self) -> usize {
        lock(&self.out).backlog_bytes
    }

    /// Waits until fewer than `bytes` wait for the socket, or the connection ends.
    pub async fn room_for(&self, bytes: usize) {
        loop {
            let drained = self.drained.notified();
            if self.backlog_bytes() < bytes || self.closed.is_cancelled() {
                return;
            }
            tokio::select! {
                () = drained => {}
                () = self.closed.cancelled() => return,
            }
        }
    }

    /// Sends whole frames that are for this connection alone. True if the socket is blocked by it: see `Hub::wait_for`.
    pub(super) fn push(&self, frames: Bytes) -> bool {
        let mut out = lock(&self.out);
        if out.closing {
            return false;
        }
        if out.blocked {
            out.queue(frames);
            return false;
        }
        match self.write(std::slice::from_ref(&frames)) {
            Ok(n) if n == frames.len() => false,
            Ok(n) => out.block(frames.slice(n..)),
            Err(_) => self.fail(),
        }
    }

    /// Sends what of a room's log is next for this member.
    pub(super) fn deliver(&self, run: &[Bytes]) -> Written {
        let mut out = lock(&self.out);
        if out.closing || self.closed.is_cancelled() {
            return Written::Gone;
        }
        if out.blocked {
            return Written::Waiting;
        }
        let (mut done, mut rest) = (0, run);
        while !rest.is_empty() {
            let now = &rest[..rest.len().min(VECTORS_MAX)];
            let len: usize = now.iter().map(Bytes::len).sum();
            match self.write(now) {
                Ok(n) if n == len => (done, rest) = (done + n as u64, &rest[now.len()..]),
                Ok(n) => {
                    let (whole, part) = cut(now, n);
                    out.block(part);
                    return Written::Part(done + whole as u64);
                }
                Err(_) => {
                    self.fail();
                    return Written::Gone;
                }
            }
        }
        Written::All
    }

    /// One attempt to write; 0 bytes if the kernel takes none.
    fn write(&self, run: &[Bytes]) -> io::Result<usize> {
        let result = match run {
            [one] => self.socket.try_write(one),
            many => {
                let slices: Vec<IoSlice<'_>> = many.iter().map(|b| IoSlice::new(b)).collect();
                self.socket.try_write_vectored(&slices)
            }
        };
        match result {
            Ok(n) => {
                self.sent.fetch_add(n as u64, Ordering::Relaxed);
                Ok(n)
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(e) => Err(e),
        }
    }

    fn fail(&self) -> bool {
        self.closed.cancel();
        false
    }

    /// Whether nothing but room events may be waiting: writes the backlog as far as the kernel takes it.
    /// On true the socket is free again.
    pub(super) fn write_backlog(&self) -> bool {
        let mut out = lock(&self.out);
        while let Some(front) = out.backlog.front().cloned() {
            match self.write(std::slice::from_ref(&front)) {
                Ok(0) => return false,
                Ok(n) => {
                    out.backlog_bytes -= n;
                    self.drained.notify_waiters();
                    if n == front.len() {
                        out.backlog.pop_front();
                    } else {
                        out.backlog[0] = front.slice(n..);
                    }
                }
                Err(_) => {
                    self.fail();
                    return true;
                }
            }
        }
        out.blocked = false;
        if out.closing {
            self.closed.cancel();
        }
        true
    }

    /// Waits until the kernel takes bytes again.
    ///
    /// # Errors
    /// The socket's own.
    pub(super) async fn writable(&self) -> io::Result<()> {
        self.socket.writable().await
    }

    /// Says why, and ends the connection as soon as that has left. True if the socket is blocked by it.
    pub(super) fn push_close(&self, code: Close, reason: &str) -> bool {
        let mut payload = (code as u16).to_be_bytes().to_vec();
        // A control frame holds 125 bytes; a reason is ASCII of ours.
        payload.extend_from_slice(&reason.as_bytes()[..reason.len().min(123)]);
        let blocked = self.push(wire::frame(Opcode::Close, &payload));
        let mut out = lock(&self.out);
        out.closing = true;
        if !out.blocked {
            self.closed.cancel();
        }
        blocked
    }
}

impl Out {
    fn queue(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.backlog_bytes += bytes.len();
            self.backlog.push_back(bytes);
        }
    }

    fn block(&mut self, rest: Bytes) -> bool {
        self.queue(rest);
        self.blocked = true;
        true
    }
}

/// Of a run of whole frames of which `n` bytes were written: where the frame that was cut ends, and a copy of
/// its rest, so that a blocked socket does not keep the log's memory alive.
fn cut(run: &[Bytes], n: usize) -> (usize, Bytes) {
    let mut start = 0;
    for bytes in run {
        if n < start + bytes.len() {
            let end = wire::boundary(bytes, n - start);
            return (start + end, Bytes::copy_from_slice(&bytes[n - start..end]));
        }
        start += bytes.len();
    }
    (start, Bytes::new())
}
