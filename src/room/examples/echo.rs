//! Sends back what it gets: the codec, the negotiation and the reactor of the server for conformance suites, which speak
//! to servers that echo. Codes are RFC 6455's own, since that is what they expect.
//!
//! `cargo run --release --example echo -p vizroom-room` prints the address it listens on.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use uuid::Uuid;
use vizroom_protocol::id::{TenantId, UserId};
use vizroom_room::clock::Clock;
use vizroom_room::deflate::{self, Agreed};
use vizroom_room::journal::Roomless;
use vizroom_room::messages::{Assembler, Breach, Message};
use vizroom_room::wire::Opcode;
use vizroom_room::{Flow, Hub, Limits, Owner, Peer, Receive};

/// The suites send messages of 16 MiB.
const MESSAGE_BYTES_MAX: usize = 16 << 20;
const BACKLOG_BYTES_MAX: usize = 32 << 20;
const REQUEST_BYTES_MAX: usize = 16 << 10;

struct Echo {
    hub: Arc<Hub>,
    peer: Arc<Peer>,
    assembler: Assembler,
    waiting: VecDeque<Message<'static>>,
}

impl Receive for Echo {
    fn receive(&mut self, bytes: &mut [u8]) -> Flow {
        let mut messages = Vec::new();
        let fed = self.assembler.feed(bytes, MESSAGE_BYTES_MAX, &mut messages);
        self.waiting.extend(messages);
        let flow = self.resume();
        let Err(breach) = fed else { return flow };
        let code: u16 = match breach {
            Breach::Protocol => 1002,
            Breach::NotText => 1007,
            Breach::TooBig => 1009,
        };
        self.hub.close_as(&self.peer, code, "");
        Flow::Stop
    }

    fn resume(&mut self) -> Flow {
        while let Some(message) = self.waiting.pop_front() {
            if !self.peer.may_take(1, BACKLOG_BYTES_MAX, || true) {
                self.waiting.push_front(message);
                return Flow::Pause;
            }
            match message {
                Message::Text(text) => self.hub.send_text(&self.peer, &text),
                Message::Binary(bytes) => self.hub.send_message(&self.peer, Opcode::Binary, &bytes),
                Message::Ping(payload) => self.hub.send_message(&self.peer, Opcode::Pong, &payload),
                Message::Pong => {}
                Message::Close(code) => {
                    self.hub.close_as(&self.peer, code.unwrap_or(1000), "");
                    return Flow::Stop;
                }
            }
        }
        Flow::On
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let limits = Limits {
        rooms_per_connection_max: 0,
        room_ring_bytes_max: 0,
        replay_events_max: 0,
        replay_bytes_max: 0,
        room_latest_keys_max: 0,
        presence_listed_max: 0,
        commit_queue_max: 1,
        commit_batch_max: 1,
        no_progress_ms_max: 30_000,
        ping_after_ms: 600_000,
        token_grace_ms: 0,
    };
    let hub = Hub::start(Arc::new(Roomless), limits, Clock::default(), 1)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("ws://{}", listener.local_addr()?);
    tokio::task::spawn_blocking(move || {
        for socket in listener.incoming() {
            if let Err(error) = socket.and_then(|socket| serve(&hub, socket)) {
                eprintln!("{error}");
            }
        }
    })
    .await?;
    Ok(())
}

/// Answers the handshake and gives the connection to the hub.
fn serve(hub: &Arc<Hub>, mut socket: TcpStream) -> io::Result<()> {
    let (request, mut already) = request(&mut socket)?;
    let header = |name: &str| {
        let lines = request.lines().filter_map(|line| line.split_once(':'));
        let found: Vec<&str> =
            lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect();
        found
    };
    let accept = derive_accept_key(header("sec-websocket-key").first().unwrap_or(&"").as_bytes());
    let deflate = deflate::negotiate(header("sec-websocket-extensions"));
    let extensions = deflate.map(|d| format!("Sec-WebSocket-Extensions: {}\r\n", d.answer())).unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{extensions}\r\n"
    );
    socket.write_all(answer.as_bytes())?;
    socket.set_nodelay(true)?;
    socket.set_nonblocking(true)?;
    let peer = connect(hub, socket, deflate)?;
    let assembler = Assembler::new(deflate.is_some());
    let mut echo = Echo { hub: hub.clone(), peer: peer.clone(), assembler, waiting: VecDeque::new() };
    echo.receive(&mut already);
    hub.adopt(&peer, Box::new(echo));
    Ok(())
}

fn connect(hub: &Arc<Hub>, socket: TcpStream, deflate: Option<Agreed>) -> io::Result<Arc<Peer>> {
    let owner = Owner { user: UserId(Uuid::nil()), tenant: TenantId(Uuid::nil()), family: "".into() };
    let socket = Box::new(mio::net::TcpStream::from_std(socket));
    hub.connect(owner, socket, deflate, i64::MAX / 2, 100).map_err(|_| io::Error::other("too many connections"))
}

/// The head of the request, and what came after it.
fn request(socket: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            let head = String::from_utf8(bytes).map_err(io::Error::other)?;
            return Ok((head, rest));
        }
        let mut part = [0; 1024];
        let n = socket.read(&mut part)?;
        if n == 0 || bytes.len() > REQUEST_BYTES_MAX {
            return Err(io::Error::other("not a request"));
        }
        bytes.extend_from_slice(&part[..n]);
    }
}
