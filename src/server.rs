//! Builds everything and opens the doors.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use warp::reply::Response;

use crate::app::App;
use crate::auth::crypto;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::Config;
use crate::files::Hold;
use crate::operations;
use crate::room::{Door, Look, sweep};
use crate::transport::{http, websocket};
use crate::upload::resumable;

/// Connections that may wait for being accepted.
const BACKLOG: i32 = 4096;

/// Bytes that the kernel takes for a connection beyond those on their way.
#[cfg(target_os = "linux")]
const UNSENT_BYTES_MAX: u32 = 128 * 1024;

/// Why the server could not start.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// Serves until `shutdown`, then drains: no new connections, members are told when to come back, what is under way
/// ends within `drain_ms_max`. `hold` is that of the configuration's data folder. In a box, so that all of it is
/// compiled here, and not again in every program that calls it.
///
/// # Errors
/// If the data folder or the database cannot be opened.
pub fn run(
    hold: Hold,
    listener: TcpListener,
    config: Config,
    clock: Clock,
    shutdown: CancellationToken,
) -> Pin<Box<dyn Future<Output = Result<(), StartError>> + Send>> {
    crypto::install();
    Box::pin(async move {
        // Until all has ended.
        let _hold = hold;
        let app = App::open(config, listener.local_addr()?, clock).await?;
        let mut bus = Bus::new(app.clone());
        operations::register(&mut bus);
        let bus = bus.complete();
        app.resume().await?;
        app.tasks.spawn(app.clone().keep());
        if app.budgets.sockets.is_shared() {
            app.tasks.spawn(app.budgets.sockets.clone().run(app.draining.clone()));
        }
        resumable::resume(&app).await?;
        app.tasks.spawn(resumable::sweep(app.clone()));
        app.tasks.spawn(sweep::run(app.hub.clone(), app.draining.clone()));
        app.tasks.spawn(app.publishing.clone().run());
        app.tasks.spawn(app.refreshing.clone().run());
        open_doors(listener, bus)?;
        shutdown.cancelled().await;
        drain(&app).await;
        Ok(())
    })
}

/// What is behind the listening socket: rooms for those who ask for them, HTTP for all others.
struct Entrance<S> {
    bus: Arc<Bus>,
    service: S,
    http: http1::Builder,
}

impl<S> Door for Entrance<S>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    fn look(self: Arc<Self>, socket: mio::net::TcpStream, remote: SocketAddr, reactor: usize) -> Look {
        websocket::look(&self.bus, socket, remote, reactor)
    }

    fn pass(self: Arc<Self>, socket: mio::net::TcpStream, remote: SocketAddr) {
        match TcpStream::from_std(socket.into()) {
            Ok(socket) => drop(self.bus.app.tasks.spawn(self.clone().serve(socket, remote))),
            Err(error) => tracing::warn!(%error, "a connection cannot be waited for"),
        }
    }

    fn patience_ms(&self) -> u64 {
        self.bus.app.config.limits.headers_ms_max
    }
}

impl<S> Entrance<S>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    /// Serves HTTP, and upgrades that must wait for something.
    async fn serve(self: Arc<Self>, socket: TcpStream, remote: SocketAddr) {
        let draining = &self.bus.app.draining;
        let patience = Duration::from_millis(self.patience_ms());
        let first = tokio::time::timeout(patience, websocket::take(&self.bus, socket));
        let Some(Ok(Some(socket))) = draining.run_until_cancelled(first).await else { return };
        let service = self.service.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(remote);
            service.call(request)
        });
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(socket), service).with_upgrades());
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = draining.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// Has connections accepted. HTTP/2 is for the proxy that ends TLS. To find out which of the two a client speaks, the
/// library would wait for its first bytes without end.
fn open_doors(listener: TcpListener, bus: Arc<Bus>) -> io::Result<()> {
    furnish(&listener)?;
    #[cfg(target_os = "linux")]
    make_room(&listener, bus.app.config.limits.connections_max);
    let mut http = http1::Builder::new();
    let patience = Duration::from_millis(bus.app.config.limits.headers_ms_max);
    http.timer(TokioTimer::new()).header_read_timeout(patience);
    let hub = bus.app.hub.clone();
    let service = TowerToHyperService::new(warp::service(http::routes(bus.clone())));
    hub.listen(mio::net::TcpListener::from_std(listener.into_std()?), Arc::new(Entrance { bus, service, http }));
    Ok(())
}

/// Sets what the sockets that are accepted take over, and how many may wait for that.
fn furnish(listener: &TcpListener) -> io::Result<()> {
    let listener = socket2::SockRef::from(listener);
    // As it was made it has room for 128: of more that come at once, as all do after a cut, the kernel would have each try again
    // a second later. (It may be told so again; more than `somaxconn` it does not grant.)
    listener.listen(BACKLOG)?;
    // Without it, small frames wait for the peer's acknowledgement.
    listener.set_tcp_nodelay(true)?;
    // Without it a client that stops reading costs the machine some 1.5 MB, which is no memory of this process, and few
    // thousands of them the other connections' speed: the kernel is to take no more than it can send soon.
    #[cfg(target_os = "linux")]
    listener.set_tcp_notsent_lowat(UNSENT_BYTES_MAX)?;
    Ok(())
}

/// Has the kernel make its table of this process's descriptors as large as `most` connections will need, or as large as it may be. It
/// grows by doubling, and of a process with several threads whoever opens the socket that no longer fits is held until
/// no core can be reading the old one: 8 to 15 ms in which a reactor serves nobody, eight times on the way to 10,000.
#[cfg(target_os = "linux")]
fn make_room(any: &TcpListener, most: usize) {
    // The table has place for twice the number of a descriptor that is a power of two; of a million it takes 8 MB.
    let mut number = i32::try_from(most.min(1 << 20).next_power_of_two() / 2).unwrap_or_default();
    while number > 0 && rustix::io::fcntl_dupfd_cloexec(any, number).is_err() {
        number /= 2;
    }
}

async fn drain(app: &Arc<App>) {
    app.draining.cancel();
    app.tasks.close();
    let patience = Duration::from_millis(app.config.limits.drain_ms_max);
    let ended = tokio::time::timeout(patience, async {
        app.hub.close_doors().await;
        // Before anybody is told to go to another node, where they would count twice.
        app.budgets.sockets.leave().await;
        app.hub.drain().await;
        app.tasks.wait().await;
    });
    if ended.await.is_err() {
        tracing::warn!("some connections did not end within {patience:?}");
    }
    app.audit.finish().await;
    app.hub.stop();
    app.store.close().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_may_come_at_once() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        furnish(&listener).unwrap();
        let here = listener.local_addr().unwrap();
        // Nobody accepts them; who finds no place would try again after a second.
        let patience = Duration::from_millis(900);
        let waiting: Vec<_> = (0..400).map(|_| std::net::TcpStream::connect_timeout(&here, patience)).collect();
        assert!(waiting.iter().all(Result::is_ok), "{:?}", waiting.iter().find(|w| w.is_err()));
    }
}
