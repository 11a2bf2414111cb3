//! The WebSocket handshake (RFC 6455 §4.2), and who is behind it.

use std::io::{ErrorKind, Read};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use vizroom_protocol::at_once::AtOnce;
use vizroom_protocol::{Code, Error, PROTOCOL};

use crate::auth::Caller;
use crate::bus::Bus;
use crate::room::{Look, deflate};
use crate::transport::address;
use crate::transport::connection::{self, Handshake};

/// The path of the room event hub.
pub const PATH: &str = "/ws/events";
/// Headers of an upgrade that are worth the short way: in bytes, and how many.
const HEAD_BYTES_MAX: usize = 4 * 1024;
const HEADERS_MAX: usize = 32;

/// What both sides of a handshake agreed on.
struct Agreed {
    handshake: Handshake,
    response: Response<()>,
}

/// Answers an upgrade request that came by way of the HTTP routes; the connection is served in a task of its own.
///
/// # Errors
/// Why the upgrade is refused. Wrong credentials count against the address that they come from, as over HTTP.
pub async fn upgrade(
    bus: &Arc<Bus>,
    request: &mut Request<()>,
    query: Vec<(String, String)>,
    address: Option<IpAddr>,
) -> Result<Response<()>, Error> {
    let Agreed { handshake, response } = match agree(bus, request.headers(), query, address).await {
        Err(error) if error.code == Code::Unauthorized => return Err(address::counted(bus, error, address).await),
        agreed => agreed?,
    };
    let on_upgrade = request.extensions_mut().remove::<OnUpgrade>().ok_or_else(|| bad_handshake("connection"))?;
    let bus = bus.clone();
    let tasks = bus.app.tasks.clone();
    tasks.spawn(async move {
        let Ok(upgraded) = on_upgrade.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
            tracing::error!("an upgraded connection is not the socket that was accepted");
            return;
        };
        connection::serve(bus, parts.io.into_inner(), parts.read_buf, handshake).await;
    });
    Ok(response)
}

/// The short way for a fresh socket that begins with an upgrade request, whole and in order: it never becomes an HTTP
/// connection. Anything else is given back with nothing read from it.
pub async fn take(bus: &Arc<Bus>, mut socket: TcpStream) -> Option<TcpStream> {
    let mut head = [0; HEAD_BYTES_MAX];
    let (Ok(n), Ok(remote)) = (socket.peek(&mut head).await, socket.peer_addr()) else { return Some(socket) };
    let Some(Asked { bytes, headers, query }) = upgrade_request(&head[..n]) else { return Some(socket) };
    let address = address::of(&bus.app.config, remote.ip(), &headers);
    // Why it is refused is told the long way.
    let agreed = agree(bus, &headers, form_urlencoded::parse(query.as_bytes()), Some(address)).await;
    let Ok(Agreed { handshake, response }) = agreed else { return Some(socket) };
    let text = text(&response);
    if socket.read_exact(&mut head[..bytes]).await.is_ok() && socket.write_all(&text).await.is_ok() {
        connection::serve(bus.clone(), socket, Bytes::new(), handshake).await;
    }
    None
}

/// The shortest way: as [`take`], on a reactor, where nothing need be waited for to know whose it is.
pub fn look(bus: &Arc<Bus>, mut socket: mio::net::TcpStream, remote: SocketAddr, reactor: usize) -> Look {
    let mut head = [0; HEAD_BYTES_MAX];
    let n = match socket.peek(&mut head) {
        Ok(0) => return Look::Gone,
        Ok(n) => n,
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            return Look::Wait(socket);
        }
        Err(_) => return Look::Gone,
    };
    let Some(Asked { bytes, headers, query }) = upgrade_request(&head[..n]) else { return Look::Other(socket) };
    let address = address::of(&bus.app.config, remote.ip(), &headers);
    let agreed = pin!(agree(bus, &headers, form_urlencoded::parse(query.as_bytes()), Some(address)));
    let agreed = agreed.poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Ok(Agreed { handshake, response })) = agreed else { return Look::Other(socket) };
    if handshake.caller.is_none() || bus.app.budgets.sockets.is_shared() {
        return Look::Other(socket);
    }
    match socket.read(&mut head[..bytes]) {
        Ok(read) if read == bytes => {
            connection::serve_at_once(bus.clone(), socket, handshake, &text(&response), reactor)
        }
        // It was there a moment ago.
        _ => Look::Gone,
    }
}

fn text(response: &Response<()>) -> Vec<u8> {
    let mut text = b"HTTP/1.1 101 Switching Protocols\r\n".to_vec();
    for (name, value) in response.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            text.extend_from_slice(part);
        }
    }
    text.extend(b"\r\n");
    text
}

/// A whole `GET /ws/events`.
struct Asked {
    bytes: usize,
    headers: HeaderMap,
    /// Empty if there is none.
    query: String,
}

fn upgrade_request(bytes: &[u8]) -> Option<Asked> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(len)) = request.parse(bytes) else { return None };
    let (path, query) = request.path.map(|path| path.split_once('?').unwrap_or((path, "")))?;
    let plain = request.method == Some("GET") && path == PATH && request.version == Some(1);
    let pair = |h: &httparse::Header<'_>| {
        Some((HeaderName::from_bytes(h.name.as_bytes()).ok()?, HeaderValue::from_bytes(h.value).ok()?))
    };
    let map = request.headers.iter().map(pair).collect::<Option<HeaderMap>>()?;
    // A body would have to be read first.
    let bodiless = !map.contains_key(header::CONTENT_LENGTH) && !map.contains_key(header::TRANSFER_ENCODING);
    (plain && bodiless).then(|| Asked { bytes: len, headers: map, query: query.to_owned() })
}

async fn agree<T: AsRef<str>>(
    bus: &Bus,
    headers: &HeaderMap,
    query: impl IntoIterator<Item = (T, T)>,
    address: Option<IpAddr>,
) -> Result<Agreed, Error> {
    let first = AtOnce::call(query)?;
    let key = websocket_key(headers)?;
    check_origin(bus, headers)?;
    if bus.app.draining.is_cancelled() || bus.app.hub.connections() >= bus.app.config.limits.connections_max {
        return Err(Error::new(Code::Unavailable, "the server takes no connections now"));
    }
    let (caller, protocol) = credential(bus, headers).await?;
    let offers = headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS).iter().filter_map(|v| v.to_str().ok());
    let deflate = deflate::negotiate(offers).filter(|_| bus.app.config.websocket.compression);
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let out = response.headers_mut();
    out.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    out.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept = derive_accept_key(key.as_bytes());
    out.insert(header::SEC_WEBSOCKET_ACCEPT, HeaderValue::from_str(&accept).map_err(|_| bad_handshake("key"))?);
    if protocol {
        out.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    }
    if let Some(agreed) = deflate {
        let answer = HeaderValue::from_str(&agreed.answer()).map_err(|_| bad_handshake("extensions"))?;
        out.insert(header::SEC_WEBSOCKET_EXTENSIONS, answer);
    }
    Ok(Agreed { handshake: Handshake { caller, first, deflate, address }, response })
}

fn bad_handshake(what: &str) -> Error {
    Error::invalid(what, format!("not a WebSocket handshake: {what}"))
}

fn websocket_key(headers: &HeaderMap) -> Result<String, Error> {
    let is = |name: HeaderName, word: &str| list(headers, name).any(|v| v.eq_ignore_ascii_case(word));
    if !is(header::CONNECTION, "upgrade") || !is(header::UPGRADE, "websocket") {
        return Err(bad_handshake("upgrade"));
    }
    if !is(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(bad_handshake("sec-websocket-version"));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|k| k.to_str().ok());
    key.map(str::to_owned).ok_or_else(|| bad_handshake("sec-websocket-key"))
}

/// The items of a header that is a comma-separated list.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).map(str::trim)
}

/// Browsers say which page opens a connection: only our own and configured ones may. Other clients say nothing.
fn check_origin(bus: &Bus, headers: &HeaderMap) -> Result<(), Error> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let config = &bus.app.config;
    let allowed = |o: &String| o == "*" || o.eq_ignore_ascii_case(origin);
    if config.allowed_origins.iter().any(allowed) || config.public_url.as_ref().is_some_and(allowed) {
        return Ok(());
    }
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let (_, page_host) = origin.split_once("://").unwrap_or_default();
    if !host.is_empty() && page_host.eq_ignore_ascii_case(host) && trusted_host(config.public_url.is_some(), host) {
        return Ok(());
    }
    Err(Error::forbidden(format!("pages of `{origin}` may not connect; see `allowed_origins`")))
}

/// Without a `public_url` any host name that leads here is our own, so that a first run needs no configuration;
/// with one, only addresses are (a rebound DNS name is no address).
fn trusted_host(public_url_known: bool, host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    !public_url_known || name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// By the `Authorization` header, by the subprotocol pair `vizroom.v1, bearer.<token>`, or later. Also whether the
/// subprotocol is to be confirmed.
async fn credential(bus: &Bus, headers: &HeaderMap) -> Result<(Option<Caller>, bool), Error> {
    let offered = list(headers, header::SEC_WEBSOCKET_PROTOCOL).any(|p| p == PROTOCOL);
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    let token =
        bearer.or_else(|| list(headers, header::SEC_WEBSOCKET_PROTOCOL).find_map(|p| p.strip_prefix("bearer.")));
    match token {
        Some(token) => Ok((Some(bus.app.caller(token).await?), offered)),
        None => Ok((None, offered)),
    }
}
