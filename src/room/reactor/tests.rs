use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use uuid::Uuid;
use vizroom_protocol::id::{TenantId, UserId};

use super::{Flow, Receive};
use crate::clock::Clock;
use crate::journal::Roomless;
use crate::{Close, Hub, Limits, Owner, Peer};

/// Sends back what it gets, and cannot stand an `x`.
struct Touchy {
    hub: Arc<Hub>,
    peer: Arc<Peer>,
}

impl Receive for Touchy {
    fn receive(&mut self, bytes: &mut [u8]) -> Flow {
        assert!(!bytes.contains(&b'x'), "a fault of ours");
        self.hub.send_text(&self.peer, &String::from_utf8_lossy(bytes));
        Flow::On
    }

    fn resume(&mut self) -> Flow {
        Flow::On
    }
}

/// A connection of `hub`, seen from the other side.
fn client(hub: &Arc<Hub>) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    server.set_nonblocking(true).unwrap();
    let owner = Owner { user: UserId(Uuid::nil()), tenant: TenantId(Uuid::nil()), family: "".into() };
    let socket = Box::new(mio::net::TcpStream::from_std(server));
    let peer = hub.connect(owner, socket, None, i64::MAX / 2, 9).ok().unwrap();
    hub.adopt(&peer, Box::new(Touchy { hub: hub.clone(), peer: peer.clone() }));
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_its_connection_and_no_other() {
    let limits = Limits {
        rooms_per_connection_max: 1,
        room_ring_bytes_max: 0,
        replay_events_max: 0,
        replay_bytes_max: 0,
        room_latest_keys_max: 0,
        presence_listed_max: 0,
        commit_queue_max: 1,
        commit_batch_max: 1,
        no_progress_ms_max: 30_000,
        ping_after_ms: 30_000,
        token_grace_ms: 0,
    };
    let hub = Hub::start(Arc::new(Roomless), limits, Clock::default(), 1).unwrap();
    let played = tokio::task::spawn_blocking(move || {
        let (mut bad, mut good) = (client(&hub), client(&hub));
        bad.write_all(b"x").unwrap();
        let mut farewell = [0; 4];
        bad.read_exact(&mut farewell).unwrap();
        assert_eq!((farewell[0], &farewell[2..]), (0x88, &(Close::Failed as u16).to_be_bytes()[..]));
        good.write_all(b"hello").unwrap();
        let mut echo = [0; 7];
        good.read_exact(&mut echo).unwrap();
        assert_eq!(&echo[2..], b"hello");
    });
    tokio::time::timeout(std::time::Duration::from_secs(10), played).await.unwrap().unwrap();
}
