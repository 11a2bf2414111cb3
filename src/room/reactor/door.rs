//! Fresh sockets: watched until it is known what they are.
//!
//! One that asks for what a reactor serves becomes a connection where it is, without a task and without being woken
//! for; any other goes on to somebody else, with nothing read from it.

use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use mio::net::TcpStream;
use mio::unix::SourceFd;
use mio::{Interest, Token};

use super::{Reactor, Receive};
use crate::hub::Hub;
use crate::peer::Peer;

/// Marks the place of a newcomer among those that the kernel and the wheel are given.
const NEWCOMER: usize = 1 << (usize::BITS - 1);

/// Finds out what fresh sockets are.
pub trait Door: Send + Sync + 'static {
    /// Looks at what `socket` brings. Called by the reactor of that number, which must not be held up.
    fn look(self: Arc<Self>, socket: TcpStream, remote: SocketAddr, reactor: usize) -> Look;

    /// Takes over a socket that is [another's](Look::Other).
    fn pass(self: Arc<Self>, socket: TcpStream, remote: SocketAddr);

    /// How long a socket that brings nothing is kept, in milliseconds.
    fn patience_ms(&self) -> u64;
}

/// What a fresh socket turned out to be.
pub enum Look {
    /// Nothing has come in yet.
    Wait(TcpStream),
    /// A connection, whose peer was [made](Hub::connect_on) for the reactor that asked.
    Connection(Arc<Peer>, Box<dyn Receive>),
    /// Nothing for a reactor.
    Other(TcpStream),
    /// The other side has gone, or has been sent away.
    Gone,
}

/// A socket that a reactor has not seen yet.
pub struct Newcomer {
    pub(crate) socket: TcpStream,
    pub(crate) remote: SocketAddr,
    pub(crate) door: Arc<dyn Door>,
}

/// A newcomer that has brought nothing yet.
pub(super) struct Waiting {
    newcomer: Newcomer,
    /// Which of all that stood in its place it is.
    id: u64,
    /// At this tick it is given up.
    until: u64,
}

/// The newcomer's place that `place` is.
pub(super) fn newcomer(place: usize) -> Option<usize> {
    (place & NEWCOMER != 0).then_some(place & !NEWCOMER)
}

impl Reactor {
    /// Looks at a socket for the first time.
    pub(super) fn look(&mut self, hub: &Arc<Hub>, newcomer: Newcomer) {
        if let Some(newcomer) = self.find_out(hub, newcomer, false) {
            let until = self.wheel.now() + self.wheel.ticks(newcomer.door.patience_ms()).max(1);
            let (fd, id) = (newcomer.socket.as_raw_fd(), self.came);
            self.came += 1;
            let place = self.newcomers.insert(Waiting { newcomer, id, until });
            if let Some(registry) = &self.registry
                && let Err(error) = registry.register(&mut SourceFd(&fd), Token(place | NEWCOMER), Interest::READABLE)
            {
                tracing::warn!(%error, "a fresh socket could not be watched");
                self.newcomers.remove(place);
                return;
            }
            self.wheel.set(place | NEWCOMER, id, until);
        }
    }

    /// Looks at a socket once more: it has brought something, or is at its end.
    pub(super) fn look_again(&mut self, hub: &Arc<Hub>, place: usize) {
        let Some(Waiting { newcomer, id, until }) = self.newcomers.try_remove(place) else { return };
        if let Some(newcomer) = self.find_out(hub, newcomer, true) {
            // Told too early; the place is the same, since it was freed last.
            let again = self.newcomers.insert(Waiting { newcomer, id, until });
            debug_assert_eq!(again, place);
        }
    }

    /// Gives it up, if its time has come.
    pub(super) fn wait_on(&mut self, place: usize, id: u64) {
        let Some(waiting) = self.newcomers.get(place).filter(|waiting| waiting.id == id) else { return };
        if waiting.until <= self.wheel.now() {
            self.newcomers.remove(place);
        } else {
            self.wheel.set(place | NEWCOMER, id, waiting.until);
        }
    }

    /// Has the door look at it. The newcomer, if it must wait. `watched`: the kernel tells of it.
    fn find_out(&mut self, hub: &Arc<Hub>, newcomer: Newcomer, watched: bool) -> Option<Newcomer> {
        let Newcomer { socket, remote, door } = newcomer;
        // As with connections, a panic is the end of one.
        let look = panic::catch_unwind(AssertUnwindSafe(|| door.clone().look(socket, remote, self.index)));
        match look {
            Ok(Look::Wait(socket)) => return Some(Newcomer { socket, remote, door }),
            Ok(Look::Connection(peer, receive)) => self.arrive(hub, peer, receive, watched),
            Ok(Look::Other(socket)) => {
                if watched && let Some(registry) = &self.registry {
                    // Where it cannot be, it is at its end.
                    let _ = registry.deregister(&mut SourceFd(&socket.as_raw_fd()));
                }
                door.pass(socket, remote);
            }
            Ok(Look::Gone) => {}
            Err(_) => tracing::error!(%remote, "closed: what it sent first made the server panic"),
        }
        None
    }
}
