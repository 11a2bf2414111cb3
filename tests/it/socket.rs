//! A raw WebSocket client: sees every frame as it is.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use crate::server::{Person, Server};

/// A frame that does not come within this never will.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Frames that came while something else was waited for.
    passed: VecDeque<Value>,
    calls: u64,
}

impl Server {
    /// A WebSocket with these headers; the answer to the handshake if it is refused.
    pub async fn handshake(&self, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        handshake(&self.url, headers).await
    }

    /// The same with a query in the address.
    pub async fn handshake_at(&self, query: &str, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        let mut request = request(&self.url, headers);
        *request.uri_mut() = format!("{}?{query}", request.uri()).parse().unwrap();
        opened(request).await
    }

    /// A WebSocket of this person, past `connection.ready`.
    pub async fn socket(&self, person: &Person) -> Socket {
        person.socket().await
    }
}

impl Person {
    /// A WebSocket of this person, whatever it is told first.
    pub async fn opened(&self) -> Socket {
        let bearer = format!("Bearer {}", self.token());
        handshake(&self.url, &[("authorization", &bearer)]).await.unwrap()
    }

    /// A WebSocket of this person, past `connection.ready`.
    pub async fn socket(&self) -> Socket {
        let mut socket = self.opened().await;
        assert_eq!(socket.next().await["type"], "connection.ready");
        socket
    }
}

impl Person {
    /// As [`Person::socket`], with as small a buffer as the kernel allows: soon full when nobody reads.
    pub async fn narrow_socket(&self) -> Socket {
        let address = self.url.trim_start_matches("http://").parse().unwrap();
        let narrow = TcpSocket::new_v4().unwrap();
        narrow.set_recv_buffer_size(1).unwrap();
        let stream = MaybeTlsStream::Plain(narrow.connect(address).await.unwrap());
        let bearer = format!("Bearer {}", self.token());
        let (stream, _) = client_async(request(&self.url, &[("authorization", &bearer)]), stream).await.unwrap();
        let mut socket = Socket::over(stream);
        assert_eq!(socket.next().await["type"], "connection.ready");
        socket
    }

    /// A WebSocket of this person as plain bytes; what came right behind the handshake is in them.
    pub async fn raw_socket(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://")).await.unwrap();
        let hello = format!(
            "GET /ws/events HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             authorization: Bearer {}\r\n\r\n",
            self.token()
        );
        stream.write_all(hello.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        stream
    }
}

/// A client's frame: masked, with the key that changes nothing.
pub fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        len @ 0..126 => frame.push(0x80 | len as u8),
        len => frame.extend([&[0x80 | 126][..], &u16::try_from(len).unwrap().to_be_bytes()].concat()),
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

fn request(url: &str, headers: &[(&'static str, &str)]) -> tungstenite::handshake::client::Request {
    let url = format!("{}/ws/events", url.replace("http", "ws"));
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

async fn handshake(url: &str, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
    opened(request(url, headers)).await
}

async fn opened(request: tungstenite::handshake::client::Request) -> Result<Socket, u16> {
    match connect_async(request).await {
        Ok((stream, _)) => Ok(Socket::over(stream)),
        Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

impl Socket {
    fn over(stream: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self { stream, passed: VecDeque::new(), calls: 0 }
    }

    /// Sends all these while it reads; the answers to them, in the order in which they come. Other frames are dropped.
    pub async fn burst(&mut self, frames: &[Value]) -> Vec<Value> {
        let (mut sink, mut stream) = (&mut self.stream).split();
        let sending = async {
            for frame in frames {
                sink.feed(Message::text(frame.to_string())).await.unwrap();
            }
            sink.flush().await.unwrap();
        };
        let reading = async {
            let mut answers = Vec::new();
            while answers.len() < frames.len() {
                let message = timeout(PATIENCE, stream.next()).await.expect("an answer in time").unwrap().unwrap();
                let Message::Text(text) = message else { continue };
                let frame: Value = serde_json::from_str(&text).unwrap();
                if !frame["metadata"]["reply_to"].is_null() {
                    answers.push(frame);
                }
            }
            answers
        };
        tokio::join!(sending, reading).1
    }

    /// The next frame.
    ///
    /// # Panics
    /// If the connection is closed instead.
    pub async fn next(&mut self) -> Value {
        match self.passed.pop_front() {
            Some(frame) => frame,
            None => self.read().await.expect("the connection is open"),
        }
    }

    /// Reads until a text frame or the close code.
    async fn read(&mut self) -> Result<Value, u16> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(close))) => return Err(close.map_or(1005, |c| c.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// The next frame, or the code that the connection is closed with.
    pub async fn try_next(&mut self) -> Result<Value, u16> {
        self.read().await
    }

    /// The code that the server closes with, whatever comes before.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.read().await {
                return code;
            }
        }
    }

    /// The next event of this type; others before it are dropped.
    pub async fn event(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_raw(&frame.to_string()).await;
    }

    pub async fn send_raw(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    pub async fn send_message(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// Calls an operation; the `data` of its reply, or of its error. Events that come first are kept.
    pub async fn try_call(&mut self, name: &str, data: Value, key: Option<&str>) -> Result<Value, Value> {
        self.calls += 1;
        let id = self.calls;
        self.send(json!({ "type": name, "data": data, "metadata": { "id": id, "idempotency_key": key } })).await;
        loop {
            let frame = self.read().await.expect("the connection is open");
            if frame["metadata"]["reply_to"] == id {
                let data = frame["data"].clone();
                return if frame["type"] == "error" { Err(data) } else { Ok(data) };
            }
            self.passed.push_back(frame);
        }
    }

    pub async fn call(&mut self, name: &str, data: Value) -> Value {
        self.try_call(name, data, None).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Joins; `since` may be null.
    pub async fn join(&mut self, room: &str, since: Value) -> Value {
        let mut data = json!({ "room_id": room });
        if !since.is_null() {
            data["since"] = since;
        }
        self.call("room.join", data).await
    }

    pub async fn say(&mut self, room: &str, content: &str) -> Value {
        self.call("chat.send", json!({ "room_id": room, "content": content })).await
    }

    /// The next chat message: its seq and content.
    pub async fn heard(&mut self) -> (u64, String) {
        let event = self.event("chat.message").await;
        (event["metadata"]["seq"].as_u64().unwrap(), event["data"]["content"].as_str().unwrap().to_owned())
    }

    /// Cuts the connection without a word.
    pub fn cut(self) {
        drop(self);
    }
}
