//! A client that stays connected: it reconnects, resumes every joined room where it left off, and repeats calls that
//! a lost connection cut, under the same idempotency key, so that nothing is done twice and nothing is missed.
//!
//! ```no_run
//! # async fn example() -> Result<(), vizroom_protocol::client::CallError> {
//! use vizroom_protocol::client::{Client, News, Options};
//! use vizroom_protocol::{account::Empty, chat, operation as op};
//!
//! let (client, mut news) = Client::connect(Options::new("ws://127.0.0.1:8000/ws/events", "token"));
//! let room = client.call::<op::RoomList>(&Empty {}).await?.rooms.remove(0);
//! client.join(room.id, None).await?;
//! client.call::<op::ChatSend>(&chat::Send { room_id: room.id, content: "Hello".into(), parent: None }).await?;
//! while let Some(News::Event(event)) = news.recv().await {
//!     println!("{}: {}", event.kind, event.data);
//! }
//! # Ok(()) }
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use crate::connection::Drain;
use crate::error::{Code, Error};
use crate::event::{Event, ServerDrain};
use crate::frame::{Call, CallId, CallMetadata, Incoming};
use crate::id::RoomId;
use crate::operation::{Operation, RoomJoin, RoomLeave};
use crate::room::{self, Join, Joined, Mode, Position, Since};

/// Calls and news waiting on either side; beyond, whoever brings more waits.
const QUEUE_MAX: usize = 1024;
/// A connection on which nothing comes for so long (the server pings after 30 s) is taken for dead.
const SILENCE_MAX: Duration = Duration::from_secs(75);
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// A connection that lasted so long was a good one: the next is tried for soon.
const STABLE: Duration = Duration::from_secs(1);
/// No server is waited for longer because it says so.
const TOLD_MAX: Duration = Duration::from_secs(60);
const BACKOFF: std::ops::Range<Duration> = Duration::from_millis(100)..Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Outcome = Result<Box<RawValue>, CallError>;

/// Where to connect, and as whom.
#[derive(Clone)]
pub struct Options {
    /// `ws://host:port/ws/events`
    pub url: String,
    /// Gives a valid access token; asked for anew at every connect.
    pub token: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Options {
    /// With a token that does not change.
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        let token = token.into();
        Self { url: url.into(), token: Arc::new(move || token.clone()) }
    }
}

/// Why a call gave no reply.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The server's answer.
    #[error(transparent)]
    Refused(#[from] Error),
    /// The client has ended: the server said not to come back, or the [`Client`] was dropped.
    #[error("the connection has ended: {0}")]
    Ended(String),
    /// The reply is not what this version of the protocol says.
    #[error("the reply cannot be read: {0}")]
    Unreadable(String),
}

/// What comes without being asked for.
#[derive(Debug, Clone)]
pub enum News {
    /// An event of a joined room or of the connection; durable ones exactly once and in order.
    Event(Box<Incoming>),
    /// A room was joined anew and what was missed is too much to replay: its state now, inside.
    Snapshot(Box<Joined>),
    /// The connection is up (again), rooms resumed.
    Connected,
    /// The connection is lost; the client is trying again.
    Disconnected,
}

/// A handle; clones share the connection. It ends when the last one is dropped.
#[derive(Clone)]
pub struct Client {
    commands: mpsc::Sender<Command>,
}

struct Command {
    call: Call,
    /// Where a join begins reading, if it says.
    from: Option<Position>,
    leaves: Option<RoomId>,
    done: oneshot::Sender<Outcome>,
}

impl Client {
    /// Starts connecting, in a task of its own. News that nobody receives in time make the client wait, not lose.
    pub fn connect(options: Options) -> (Self, mpsc::Receiver<News>) {
        let (commands, calls) = mpsc::channel(QUEUE_MAX);
        let (news, receiver) = mpsc::channel(QUEUE_MAX);
        let driver =
            Driver { options, calls, news, waiting: BTreeMap::new(), rooms: HashMap::new(), next: 1, told: None };
        tokio::spawn(driver.run());
        (Self { commands }, receiver)
    }

    /// Calls an operation. Survives reconnects.
    ///
    /// # Errors
    /// The server's error, or that the client has ended.
    pub async fn call<O: Operation>(&self, input: &O::Input) -> Result<O::Output, CallError> {
        self.send::<O>(input, None, None).await
    }

    /// Joins a room; its events arrive as [`News`], across reconnects, until [`Client::leave`].
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn join(&self, room_id: RoomId, since: Option<Since>) -> Result<Joined, CallError> {
        let from = match &since {
            Some(Since::Position(position)) => Some(position.clone()),
            _ => None,
        };
        self.send::<RoomJoin>(&Join { room_id, since }, from, None).await
    }

    /// Leaves a room.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn leave(&self, room_id: RoomId) -> Result<(), CallError> {
        self.send::<RoomLeave>(&room::ById { room_id }, None, Some(room_id)).await.map(|_| ())
    }

    async fn send<O: Operation>(
        &self,
        input: &O::Input,
        from: Option<Position>,
        leaves: Option<RoomId>,
    ) -> Result<O::Output, CallError> {
        let data = serde_json::value::to_raw_value(input).map_err(|e| CallError::Unreadable(e.to_string()))?;
        // Joining again is what a reconnect does; everything else must not be done twice.
        let idempotency_key = (O::NAME != RoomJoin::NAME).then(|| Uuid::now_v7().to_string());
        let metadata = CallMetadata { id: None, idempotency_key };
        let call = Call { name: O::NAME.into(), data: Some(data), metadata };
        let (done, outcome) = oneshot::channel();
        let ended = || CallError::Ended("closed".into());
        self.commands.send(Command { call, from, leaves, done }).await.map_err(|_| ended())?;
        let reply = outcome.await.map_err(|_| ended())??;
        serde_json::from_str(reply.get()).map_err(|e| CallError::Unreadable(e.to_string()))
    }
}

/// The task behind a client.
struct Driver {
    options: Options,
    calls: mpsc::Receiver<Command>,
    news: mpsc::Sender<News>,
    /// Calls without a reply, oldest first.
    waiting: BTreeMap<u64, Command>,
    rooms: HashMap<RoomId, Position>,
    next: u64,
    /// When the server, about to stop, said to come back.
    told: Option<Duration>,
}

/// Why a connection ended.
enum End {
    /// Try again.
    Lost,
    /// Do not.
    Final(String),
}

impl Driver {
    async fn run(mut self) {
        let mut pause = BACKOFF.start;
        let why = loop {
            let mut connected = None;
            let end = match timeout(CONNECT_MAX, self.open()).await {
                Ok(Ok(socket)) => {
                    connected = Some(Instant::now());
                    self.drive(socket).await
                }
                Ok(Err(end)) => end,
                Err(_) => End::Lost,
            };
            if let End::Final(why) = end {
                break why;
            }
            if self.news.send(News::Disconnected).await.is_err() {
                break "nobody listens".into();
            }
            let stable = connected.is_some_and(|since| since.elapsed() > STABLE);
            pause = if stable { BACKOFF.start } else { (pause * 2).min(BACKOFF.end) };
            if let Some(told) = self.told.take() {
                tokio::time::sleep(told).await;
                continue;
            }
            // Spread by up to half, so that many clients do not come back at once.
            let jitter = pause.mul_f64(f64::from(Uuid::now_v7().as_bytes()[15]) / 512.0);
            tokio::time::sleep(pause / 2 + jitter).await;
        };
        for (_, command) in self.waiting {
            // Whoever asked may be gone.
            let _ = command.done.send(Err(CallError::Ended(why.clone())));
        }
    }

    /// Connects and resumes all rooms.
    async fn open(&mut self) -> Result<Socket, End> {
        let token = (self.options.token)();
        let rooms: Vec<(RoomId, Position)> = self.rooms.iter().map(|(id, p)| (*id, p.clone())).collect();
        // The first is joined with the connection, which saves it a way there and back.
        let query = rooms.first().map(|(id, p)| format!("?room_id={id}&since={}:{}", p.epoch, p.seq));
        let url = format!("{}{}", self.options.url, query.unwrap_or_default());
        let mut request = url.into_client_request().map_err(|e| End::Final(e.to_string()))?;
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|e| End::Final(e.to_string()))?;
        request.headers_mut().insert("authorization", bearer);
        let (mut socket, _) = match connect_async(request).await {
            Ok(connected) => connected,
            Err(tungstenite::Error::Http(r)) if r.status().is_client_error() => {
                return Err(End::Final(format!("the server answered {}", r.status())));
            }
            Err(_) => return Err(End::Lost),
        };
        for (place, (room_id, position)) in rooms.into_iter().enumerate() {
            let id = match place {
                0 => CallId::Text("join".into()),
                _ => self.rejoin(&mut socket, room_id, position).await?,
            };
            self.rejoined(&mut socket, room_id, &id).await?;
        }
        for (id, command) in &self.waiting {
            send(&mut socket, &command.call, *id).await?;
        }
        self.tell(News::Connected).await?;
        Ok(socket)
    }

    /// Asks to join a room again; the call's id.
    async fn rejoin(&mut self, socket: &mut Socket, room_id: RoomId, position: Position) -> Result<CallId, End> {
        let join = Join { room_id, since: Some(Since::Position(position)) };
        let data = serde_json::value::to_raw_value(&join).map_err(|e| End::Final(e.to_string()))?;
        let call = Call { name: RoomJoin::NAME.into(), data: Some(data), metadata: CallMetadata::default() };
        let id = self.take_id();
        send(socket, &call, id).await?;
        Ok(CallId::Number(id))
    }

    /// Waits until it is joined; replayed events that follow are read by [`Driver::drive`].
    async fn rejoined(&mut self, socket: &mut Socket, room_id: RoomId, id: &CallId) -> Result<(), End> {
        loop {
            let frame = receive(socket).await?;
            if frame.metadata.reply_to.as_ref() != Some(id) {
                self.event(frame).await?;
                continue;
            }
            if frame.kind == "error" {
                // No longer a member, or the room is gone: the room is left, the connection is good.
                self.rooms.remove(&room_id);
                return Ok(());
            }
            let joined: Joined = serde_json::from_str(frame.data.get()).map_err(|e| End::Final(e.to_string()))?;
            let known = self.rooms.get(&room_id).map(|p| p.seq);
            self.joined(&joined, known);
            if joined.mode == Mode::Snapshot {
                self.tell(News::Snapshot(Box::new(joined))).await?;
            }
            return Ok(());
        }
    }

    async fn drive(&mut self, mut socket: Socket) -> End {
        loop {
            let step = tokio::select! {
                command = self.calls.recv() => match command {
                    Some(command) => {
                        let id = self.take_id();
                        let sent = send(&mut socket, &command.call, id).await;
                        self.waiting.insert(id, command);
                        sent
                    }
                    None => {
                        let _ = socket.close(None).await;
                        Err(End::Final("dropped".into()))
                    }
                },
                frame = receive(&mut socket) => match frame {
                    Ok(frame) => self.take(frame).await,
                    Err(end) => Err(end),
                },
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn take(&mut self, frame: Incoming) -> Result<(), End> {
        let waiting = match &frame.metadata.reply_to {
            Some(CallId::Number(id)) => self.waiting.remove(id),
            _ => None,
        };
        let Some(command) = waiting else { return self.event(frame).await };
        let outcome: Outcome = match frame.kind.as_str() {
            "error" => Err(serde_json::from_str::<Error>(frame.data.get())
                .unwrap_or_else(|e| Error::new(Code::InternalError, e.to_string()))
                .into()),
            _ => Ok(frame.data),
        };
        if let Ok(data) = &outcome {
            if command.call.name == RoomJoin::NAME
                && let Ok(joined) = serde_json::from_str(data.get())
            {
                self.joined(&joined, command.from.map(|p| p.seq));
            }
            command.leaves.and_then(|room| self.rooms.remove(&room));
        }
        // Whoever asked may be gone.
        let _ = command.done.send(outcome);
        Ok(())
    }

    /// Where reading goes on: after `from` if what is missing follows, else at the head.
    fn joined(&mut self, joined: &Joined, from: Option<u64>) {
        let seq = from.filter(|_| joined.mode == Mode::Replay).unwrap_or(joined.head);
        self.rooms.insert(joined.room_id, Position { epoch: joined.epoch.clone(), seq });
    }

    async fn event(&mut self, frame: Incoming) -> Result<(), End> {
        if let (Some(room), Some(seq)) = (frame.metadata.room_id, frame.metadata.seq)
            && let Some(position) = self.rooms.get_mut(&room)
        {
            if seq <= position.seq {
                return Ok(());
            }
            position.seq = seq;
        }
        if frame.kind == ServerDrain::NAME
            && let Ok(Drain { reconnect_after_ms }) = serde_json::from_str(frame.data.get())
        {
            self.told = Some(Duration::from_millis(reconnect_after_ms).min(TOLD_MAX));
        }
        self.tell(News::Event(Box::new(frame))).await
    }

    async fn tell(&self, news: News) -> Result<(), End> {
        self.news.send(news).await.map_err(|_| End::Final("nobody listens".into()))
    }

    fn take_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

async fn send(socket: &mut Socket, call: &Call, id: u64) -> Result<(), End> {
    let metadata = CallMetadata { id: Some(CallId::Number(id)), ..call.metadata.clone() };
    let call = Call { name: call.name.clone(), data: call.data.clone(), metadata };
    let text = serde_json::to_string(&call).map_err(|e| End::Final(e.to_string()))?;
    socket.send(Message::text(text)).await.map_err(|_| End::Lost)
}

async fn receive(socket: &mut Socket) -> Result<Incoming, End> {
    loop {
        match timeout(SILENCE_MAX, socket.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => {
                return serde_json::from_str(&text).map_err(|e| End::Final(format!("not a frame: {e}")));
            }
            Ok(Some(Ok(Message::Close(Some(close))))) if (4500..5000).contains(&u16::from(close.code)) => {
                return Err(End::Final(format!("{} {}", u16::from(close.code), close.reason)));
            }
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) | Err(_) => return Err(End::Lost),
            // Pings are answered by the library when it next writes or reads.
            Ok(Some(Ok(_))) => {}
        }
    }
}
