//! The listening socket: the first reactor accepts, as it reads, and shares what has come among all.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mio::net::TcpListener;
use mio::{Interest, Token};
use tokio::sync::oneshot;

use super::{Door, Newcomer, Reactor};
use crate::hub::Hub;

/// The listening socket's place among those that the kernel is given.
pub(super) const LISTENER: usize = usize::MAX - 1;
/// Accepted in a row: they are answered, and go on, before the next are; and others are read in between.
const ACCEPTS: usize = 64;
/// After a failed accept (no descriptors left, say) the next try waits this long.
const PAUSE: Duration = Duration::from_millis(50);

/// The socket that a reactor listens on.
pub(super) struct Listening {
    socket: TcpListener,
    door: Arc<dyn Door>,
    /// It could not accept the last time.
    failing: bool,
    /// When it tries again; none: when the kernel says that somebody has come.
    again: Option<Duration>,
}

/// What a reactor is told of listening.
pub enum Ear {
    Open(TcpListener, Arc<dyn Door>),
    /// Says when nobody is accepted any more, and the address is free.
    Close(oneshot::Sender<()>),
}

impl Reactor {
    pub(super) fn listen(&mut self, ear: Ear) {
        match ear {
            Ear::Open(mut socket, door) => {
                if let Some(registry) = &self.registry
                    && let Err(error) = registry.register(&mut socket, Token(LISTENER), Interest::READABLE)
                {
                    return tracing::error!(%error, "nobody can be heard coming");
                }
                self.listening = Some(Listening { socket, door, failing: false, again: None });
            }
            Ear::Close(done) => {
                self.listening = None;
                // Whoever waited for that may have given up.
                let _ = done.send(());
            }
        }
    }

    /// Accepts who has come.
    pub(super) fn accept(&mut self, hub: &Hub) {
        let Some(listening) = &mut self.listening else { return };
        for _ in 0..ACCEPTS {
            match listening.socket.accept() {
                Ok((socket, remote)) => {
                    hub.welcome(socket, remote, listening.door.clone());
                    if std::mem::take(&mut listening.failing) {
                        tracing::warn!("connections are accepted again");
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return listening.again = None,
                // Gone before it was looked at.
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
                Err(error) => {
                    // Once for all that fail in a row.
                    if !std::mem::replace(&mut listening.failing, true) {
                        tracing::warn!(%error, "connections cannot be accepted");
                    }
                    return listening.again = Some(self.elapsed + PAUSE);
                }
            }
        }
        listening.again = Some(self.elapsed);
    }

    /// When to try to accept by itself.
    pub(super) fn accepts_at(&self) -> Option<Duration> {
        self.listening.as_ref()?.again
    }
}

impl Hub {
    /// Accepts connections on a socket, for `door` to find out what they are.
    pub fn listen(&self, socket: mio::net::TcpListener, door: Arc<dyn Door>) {
        self.inboxes[0].listen(Ear::Open(socket, door));
    }

    /// Accepts no more, and frees the address.
    pub async fn close_doors(&self) {
        let (done, closed) = oneshot::channel();
        self.inboxes[0].listen(Ear::Close(done));
        // A reactor that has ended does not listen either.
        let _ = closed.await;
    }

    /// Gives a reactor a fresh socket, for `door` to find out what it is once it brings something.
    pub(super) fn welcome(&self, socket: mio::net::TcpStream, remote: SocketAddr, door: Arc<dyn Door>) {
        let turn = self.next_newcomer.fetch_add(1, Ordering::Relaxed);
        self.inboxes[turn % self.inboxes.len()].welcome(Newcomer { socket, remote, door });
    }
}
