use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use uuid::Uuid;
use vizroom_protocol::id::{RoomId, TenantId, UserId};

use super::time::Soon;
use super::{Door, Flow, Look, Receive};
use crate::clock::Clock;
use crate::journal::Roomless;
use crate::room::Room;
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

/// A socket of the server, and its other side.
fn pair() -> (mio::net::TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    server.set_nonblocking(true).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    (mio::net::TcpStream::from_std(server), client)
}

fn owner() -> Owner {
    Owner { user: UserId(Uuid::nil()), tenant: TenantId(Uuid::nil()), family: "".into() }
}

/// A connection of `hub`, seen from the other side.
fn client(hub: &Arc<Hub>) -> TcpStream {
    let (server, client) = pair();
    let peer = hub.connect(owner(), Box::new(server), None, i64::MAX / 2, 9).ok().unwrap();
    hub.adopt(&peer, Box::new(Touchy { hub: hub.clone(), peer: peer.clone() }));
    client
}

fn hub(reactors: usize) -> Arc<Hub> {
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
    Hub::start(Arc::new(Roomless), limits, Clock::default(), reactors).unwrap()
}

/// What the test does, with an end to its patience.
async fn within_seconds(play: impl FnOnce() + Send + 'static) {
    tokio::time::timeout(Duration::from_secs(20), tokio::task::spawn_blocking(play)).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_its_connection_and_no_other() {
    let hub = hub(1);
    within_seconds(move || {
        let (mut bad, mut good) = (client(&hub), client(&hub));
        bad.write_all(b"x").unwrap();
        let mut farewell = [0; 4];
        bad.read_exact(&mut farewell).unwrap();
        assert_eq!((farewell[0], &farewell[2..]), (0x88, &(Close::Failed as u16).to_be_bytes()[..]));
        good.write_all(b"hello").unwrap();
        let mut echo = [0; 7];
        good.read_exact(&mut echo).unwrap();
        assert_eq!(&echo[2..], b"hello");
    })
    .await;
}

/// Lets in who knocks, sends others on, and cannot stand an `x` either.
struct Porter(Arc<Hub>);

impl Door for Porter {
    fn look(self: Arc<Self>, mut socket: mio::net::TcpStream, _: SocketAddr, reactor: usize) -> Look {
        let mut first = [0; 5];
        match socket.peek(&mut first) {
            Ok(0) => Look::Gone,
            Ok(n) if &first[..n] == b"knock" => {
                socket.read_exact(&mut first).unwrap();
                let peer = self.0.connect_on(reactor, owner(), Box::new(socket), None, i64::MAX / 2, 9).ok().unwrap();
                self.0.queue(&peer, b"welcome");
                Look::Connection(peer.clone(), Box::new(Touchy { hub: self.0.clone(), peer }))
            }
            Ok(_) if first[0] == b'x' => panic!("a fault of ours"),
            Ok(_) => Look::Other(socket),
            Err(_) => Look::Wait(socket),
        }
    }

    fn pass(self: Arc<Self>, socket: mio::net::TcpStream, _: SocketAddr) {
        let mut socket = std::net::TcpStream::from(socket);
        let mut all = [0; 5];
        socket.read_exact(&mut all).unwrap();
        socket.write_all(&[b"not for us: ", &all[..]].concat()).unwrap();
    }

    fn patience_ms(&self) -> u64 {
        100
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_is_let_in_sent_on_or_given_up() {
    let hub = hub(2);
    within_seconds(move || {
        let porter = Arc::new(Porter(hub.clone()));
        let knock = |early: &[u8]| {
            let (server, mut client) = pair();
            client.write_all(early).unwrap();
            hub.welcome(server, client.local_addr().unwrap(), porter.clone());
            client
        };
        let says = |mut client: &TcpStream, all: &[u8]| {
            let mut heard = vec![0; all.len()];
            client.read_exact(&mut heard).unwrap();
            assert_eq!(String::from_utf8_lossy(&heard), String::from_utf8_lossy(all));
        };
        // The request is there when it is looked at, or comes later.
        for early in [&b"knock"[..], b""] {
            let mut guest = knock(early);
            guest.write_all(&b"knock"[early.len()..]).unwrap();
            guest.write_all(b"hi").unwrap();
            says(&guest, b"welcome\x81\x02hi");
        }
        for early in [&b"other"[..], b""] {
            let mut other = knock(early);
            other.write_all(&b"other"[early.len()..]).unwrap();
            says(&other, b"not for us: other");
        }
        // Ended: by a panic, because nothing came, because the other side has gone; and nobody else with them.
        for early in [&b"xxxxx"[..], b""] {
            assert!(matches!(knock(early).read(&mut [0]), Ok(0) | Err(_)));
        }
        drop(knock(b""));
        let stays = knock(b"knock");
        says(&stays, b"welcome");
        // Those who left are found out about in their reactors' time, which the test's patience bounds.
        while hub.connections() > 1 {
            std::thread::yield_now();
        }
        assert_eq!(hub.connections(), 1);
    })
    .await;
}

/// Does what there is to do when it is woken, and says how much that was in all.
struct Sleeper {
    hub: Arc<Hub>,
    peer: Arc<Peer>,
    to_do: Arc<AtomicUsize>,
    done: usize,
}

impl Receive for Sleeper {
    fn receive(&mut self, _: &mut [u8]) -> Flow {
        Flow::On
    }

    fn resume(&mut self) -> Flow {
        Flow::On
    }

    fn go_on(&mut self) {
        self.done += self.to_do.swap(0, Ordering::SeqCst);
        if self.done == WAKES {
            self.hub.send_text(&self.peer, "all");
        }
    }
}

const WAKES: usize = 100_000;

#[tokio::test(flavor = "multi_thread")]
async fn no_wake_is_lost() {
    let hub = hub(1);
    within_seconds(move || {
        let (server, mut client) = pair();
        let peer = hub.connect(owner(), Box::new(server), None, i64::MAX / 2, 9).ok().unwrap();
        let to_do = Arc::new(AtomicUsize::new(0));
        let sleeper = Sleeper { hub: hub.clone(), peer: peer.clone(), to_do: to_do.clone(), done: 0 };
        hub.adopt(&peer, Box::new(sleeper));
        for _ in 0..WAKES {
            to_do.fetch_add(1, Ordering::SeqCst);
            hub.wake(&peer);
        }
        let mut said = [0; 5];
        client.read_exact(&mut said).unwrap();
        assert_eq!(&said[2..], b"all");
    })
    .await;
}

#[tokio::test]
async fn who_came_and_went_is_told_when_the_wave_has_passed() {
    let (hub, ms) = (hub(1), Duration::from_millis);
    let room = Room::open(&hub, RoomId(Uuid::nil()), "k".into(), 0);
    let mut soon = Soon::default();
    soon.put_off(&mut vec![room.clone()], ms(1_000));
    assert_eq!((soon.due(ms(1_049)).len(), soon.due(ms(1_050)).len(), soon.due(ms(1_050)).len()), (0, 1, 0));
    soon.put_off(&mut vec![room.clone()], ms(2_000));
    for now in (2_050..2_200).step_by(50) {
        soon.moved = 40;
        assert!(soon.due(ms(now)).is_empty(), "{now}");
    }
    soon.moved = 40;
    assert_eq!(soon.due(ms(2_200)).len(), 1, "that is enough");
    soon.put_off(&mut vec![room], ms(4_000));
    soon.moved = 40;
    assert_eq!((soon.due(ms(4_050)).len(), soon.due(ms(4_100)).len()), (0, 1), "it has passed");
    hub.stop();
}
