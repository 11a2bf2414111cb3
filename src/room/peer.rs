//! One connection: its socket, and what waits to leave by it.
//!
//! Only the connection's [reactor](super::reactor) writes. Whoever has something for it puts it here and enlists it
//! there; what gathers in one turn leaves in one write. Room events are not queued here: a member's cursor simply
//! stays where it is while the socket is blocked. What does wait is bounded: replies (whose number the transport
//! bounds by not taking further calls) and the rest of one event that was written in part.

use std::io::{self, IoSlice};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use tokio::sync::Notify;
use vizroom_protocol::id::{RoomId, TenantId, UserId};

use crate::counters::Counters;
use crate::deflate::{self, Agreed};
use crate::lock;
use crate::log::Lane;
use crate::members::Slot;
use crate::room::Room;
use crate::wire::{self, Opcode};

/// Buffers handed to the kernel in one call.
const VECTORS_MAX: usize = if cfg!(test) { 3 } else { 64 };

/// Whose connection it is; what revocation goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub user: UserId,
    pub tenant: TenantId,
    /// The family of refresh tokens that the connection's token came from.
    pub family: Arc<str>,
}

/// A non-blocking byte stream. The real one is TCP; tests have one that fails at will.
pub trait Socket: Send + Sync + 'static {
    /// As [`io::Read::read`].
    ///
    /// # Errors
    /// `WouldBlock` where there is nothing to read yet.
    fn read(&self, into: &mut [u8]) -> io::Result<usize>;

    /// As [`io::Write::write_vectored`].
    ///
    /// # Errors
    /// `WouldBlock` where nothing fits now.
    fn write(&self, from: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Says that nothing more will be written.
    fn finish(&self);

    /// Has `registry` tell `token` of every change from now on. `known`: it has told another of some of them so far.
    ///
    /// # Errors
    /// The kernel's.
    fn watch(&self, registry: &Registry, token: Token, known: bool) -> io::Result<()>;
}

impl Socket for mio::net::TcpStream {
    fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut &*self, into)
    }

    fn write(&self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        match from {
            [one] => io::Write::write(&mut &*self, one),
            many => io::Write::write_vectored(&mut &*self, many),
        }
    }

    fn finish(&self) {
        // The other side may be gone already.
        let _ = self.shutdown(std::net::Shutdown::Write);
    }

    fn watch(&self, registry: &Registry, token: Token, known: bool) -> io::Result<()> {
        let (fd, interest) = (self.as_raw_fd(), Interest::READABLE | Interest::WRITABLE);
        match known {
            true => registry.reregister(&mut SourceFd(&fd), token, interest),
            false => registry.register(&mut SourceFd(&fd), token, interest),
        }
    }
}

/// See the module.
pub struct Peer {
    pub id: u64,
    /// The reactor that owns this connection.
    pub(super) reactor: usize,
    /// Its place there, once it has one.
    pub(super) place: AtomicUsize,
    pub owner: Owner,
    pub(super) socket: Box<dyn Socket>,
    /// Whether and how what it gets may be deflated.
    deflate: Option<Agreed>,
    out: Mutex<Out>,
    pub(super) seats: Mutex<Vec<Seat>>,
    /// Woken when the backlog has shrunk, and when the connection ends.
    drained: Notify,
    /// Nothing is read or written any more.
    ended: AtomicBool,
    /// Waits in its reactor's list of those with something to write.
    pub(super) enlisted: AtomicBool,
    /// What it waits for may be there.
    woken: AtomicBool,
    /// Calls being worked on.
    pub calls: AtomicUsize,
    /// Not read from until calls or replies have become fewer.
    paused: AtomicBool,
    /// When the token expires, in milliseconds since 1970.
    pub expires_ms: AtomicI64,
    sent: AtomicU64,
    /// When something came in last, in milliseconds since 1970, to about a second.
    pub heard_ms: AtomicI64,
    /// Its end has been counted.
    pub(super) counted_out: AtomicBool,
    /// Those of its reactor.
    pub(super) counters: Arc<Counters>,
}

/// One stay of a connection in a room.
#[derive(Clone)]
pub struct Seat {
    pub(super) room: Arc<Room>,
    pub(super) slot: Slot,
}

#[derive(Default)]
struct Out {
    /// Whole frames, the first perhaps in part.
    backlog: Vec<u8>,
    /// How much of the backlog has left.
    gone: usize,
    /// The kernel's buffer is full; the reactor is told when it is not.
    blocked: bool,
    /// A close frame is the last thing that leaves.
    closing: bool,
}

/// How far a write got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    All,
    /// This many bytes of what was given will leave: always whole frames. The socket is blocked.
    Part(u64),
    Gone,
}

/// What is left to do for a connection after its backlog was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Nothing,
    /// It was blocked before and no longer is: its rooms may have news.
    Unblocked,
    /// The close frame must wait.
    Closing,
    /// The close frame has left, or the socket failed.
    End,
}

impl Peer {
    /// Takes over a connected, non-blocking socket.
    pub(super) fn new(
        id: u64,
        reactor: usize,
        owner: Owner,
        socket: Box<dyn Socket>,
        deflate: Option<Agreed>,
        (expires_ms, now_ms): (i64, i64),
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            id,
            reactor,
            place: AtomicUsize::new(usize::MAX),
            owner,
            socket,
            deflate,
            out: Mutex::default(),
            seats: Mutex::default(),
            drained: Notify::new(),
            ended: AtomicBool::new(false),
            enlisted: AtomicBool::new(false),
            woken: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            paused: AtomicBool::new(false),
            expires_ms: AtomicI64::new(expires_ms),
            sent: AtomicU64::new(0),
            heard_ms: AtomicI64::new(now_ms),
            counted_out: AtomicBool::new(false),
            counters,
        }
    }

    /// Whether the connection is over.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.drained.notify_waiters();
    }

    /// Whether a further call may be taken, as far as the peer knows and `ready` says; else whoever ends one, or makes it
    /// ready, or the reactor when replies have left, goes on.
    pub fn may_take(&self, calls_max: usize, backlog_max: usize, ready: impl Fn() -> bool) -> bool {
        let may = || ready() && self.calls.load(Ordering::SeqCst) < calls_max && self.backlog_bytes() < backlog_max;
        if may() {
            return true;
        }
        self.paused.store(true, Ordering::SeqCst);
        // What ended before the mark was there would not have seen it.
        let may = may();
        if may {
            self.paused.store(false, Ordering::SeqCst);
        }
        may
    }

    /// Says that it was woken, or not; gives what was said before.
    pub(super) fn set_woken(&self, woken: bool) -> bool {
        self.woken.swap(woken, Ordering::SeqCst)
    }

    pub(super) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::SeqCst)
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    pub(super) fn unpause(&self) {
        self.paused.store(false, Ordering::SeqCst);
    }

    /// Bytes written so far.
    pub fn bytes_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes of replies that wait for the socket.
    pub fn backlog_bytes(&self) -> usize {
        let out = lock(&self.out);
        out.backlog.len() - out.gone
    }

    /// Waits until fewer than `bytes` wait for the socket, or the connection ends.
    pub(super) async fn room_for(&self, bytes: usize) {
        loop {
            let mut drained = std::pin::pin!(self.drained.notified());
            drained.as_mut().enable();
            if self.backlog_bytes() < bytes || self.has_ended() {
                return;
            }
            drained.await;
        }
    }

    /// Puts whole frames that are for this connection alone behind what waits already. The caller enlists it.
    pub(super) fn queue(&self, frames: &[u8]) {
        let mut out = lock(&self.out);
        if !out.closing && !self.has_ended() {
            out.backlog.extend_from_slice(frames);
        }
    }

    /// As [`Peer::queue`], for one message.
    pub(super) fn queue_message(&self, opcode: Opcode, payload: &[u8]) {
        let worth_it = payload.len() >= deflate::REPLY_BYTES_MIN;
        let agreed = self.deflate.filter(|_| worth_it && matches!(opcode, Opcode::Text | Opcode::Binary));
        let deflated = agreed.and_then(|agreed| deflate::deflate(payload, agreed.window_bits()));
        let mut out = lock(&self.out);
        if out.closing || self.has_ended() {
            return;
        }
        match deflated {
            Some(deflated) => wire::put_deflated(&mut out.backlog, opcode, &deflated),
            None => wire::put_frame(&mut out.backlog, opcode, payload),
        }
    }

    /// The lane of the rooms' logs that it reads.
    pub(super) fn lane(&self) -> Lane {
        if self.deflate.is_some_and(Agreed::shares) { Lane::Deflated } else { Lane::Plain }
    }

    /// Says why; the connection ends as soon as that has left. The caller enlists it.
    pub(super) fn queue_close(&self, code: u16, reason: &str) {
        let mut payload = code.to_be_bytes().to_vec();
        // A control frame holds 125 bytes; a reason is ASCII of ours.
        payload.extend_from_slice(&reason.as_bytes()[..reason.len().min(123)]);
        self.queue_message(Opcode::Close, &payload);
        lock(&self.out).closing = true;
    }

    /// Sends what of a room's log is next for this member, behind what waits already.
    pub(super) fn deliver(&self, run: &[Bytes]) -> Written {
        let mut out = lock(&self.out);
        if out.closing || self.has_ended() {
            return Written::Gone;
        }
        if out.blocked {
            return Written::Part(0);
        }
        let (mut done, mut rest) = (0, run);
        while !rest.is_empty() {
            let waiting = out.backlog.len() - out.gone;
            let now = &rest[..rest.len().min(VECTORS_MAX)];
            let len: usize = now.iter().map(Bytes::len).sum();
            let Ok(n) = self.write(&out.backlog[out.gone..], now) else { return Written::Gone };
            if waiting > 0 {
                out.forget(n.min(waiting));
                self.drained.notify_waiters();
            }
            let n = n.saturating_sub(waiting);
            if n == len {
                (done, rest) = (done + n as u64, &rest[now.len()..]);
                continue;
            }
            out.blocked = true;
            if !out.backlog.is_empty() {
                return Written::Part(done);
            }
            let (whole, part) = cut(now, n);
            out.backlog.extend_from_slice(part);
            return Written::Part(done + whole as u64);
        }
        Written::All
    }

    /// Writes what waits, as far as the kernel takes it. `writable`: the kernel says that it takes bytes again.
    pub(super) fn write_backlog(&self, writable: bool) -> After {
        let mut out = lock(&self.out);
        let wait = if out.closing { After::Closing } else { After::Nothing };
        if out.blocked && !writable {
            return wait;
        }
        let was_blocked = std::mem::replace(&mut out.blocked, false);
        while !out.backlog.is_empty() {
            match self.write(&out.backlog[out.gone..], &[]) {
                Ok(0) => {
                    out.blocked = true;
                    return wait;
                }
                Ok(n) => {
                    out.forget(n);
                    self.drained.notify_waiters();
                }
                Err(_) => return After::End,
            }
        }
        match (out.closing, was_blocked) {
            (true, _) => After::End,
            (false, true) => After::Unblocked,
            (false, false) => After::Nothing,
        }
    }

    /// One attempt to write `first` and then `run`; 0 bytes if the kernel takes none. A socket that fails ends the
    /// connection.
    fn write(&self, first: &[u8], run: &[Bytes]) -> io::Result<usize> {
        let result = match (first, run) {
            ([], [one]) => self.socket.write(&[IoSlice::new(one)]),
            (first, run) => {
                let mut slices = [IoSlice::new(&[]); VECTORS_MAX + 1];
                slices[0] = IoSlice::new(first);
                slices[1..].iter_mut().zip(run).for_each(|(slice, bytes)| *slice = IoSlice::new(bytes));
                self.socket.write(&slices[usize::from(first.is_empty())..=run.len()])
            }
        };
        match result {
            Ok(n) => {
                self.sent.fetch_add(n as u64, Ordering::Relaxed);
                self.counters.bytes_sent.add(n as u64);
                Ok(n)
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(e) => {
                self.end();
                Err(e)
            }
        }
    }

    /// Whether it has something that the kernel does not take.
    pub(super) fn is_blocked(&self) -> bool {
        lock(&self.out).blocked
    }

    pub(super) fn seat(&self, room: RoomId) -> Option<Seat> {
        lock(&self.seats).iter().find(|s| s.room.id == room).cloned()
    }

    /// Whether this connection has joined the room.
    pub fn has_joined(&self, room: RoomId) -> bool {
        self.seat(room).is_some()
    }
}

impl Out {
    /// `n` more bytes of the backlog have left.
    fn forget(&mut self, n: usize) {
        self.gone += n;
        if self.gone == self.backlog.len() {
            // An idle connection keeps no memory for a backlog it once had.
            (self.backlog, self.gone) = (Vec::new(), 0);
        }
    }
}

/// Of a run of whole frames of which `n` bytes were written: where the frame that was cut ends, and its rest.
fn cut(run: &[Bytes], n: usize) -> (usize, &[u8]) {
    let mut start = 0;
    for bytes in run {
        if n < start + bytes.len() {
            let end = wire::boundary(bytes, n - start);
            return (start + end, &bytes[n - start..end]);
        }
        start += bytes.len();
    }
    (start, &[])
}
