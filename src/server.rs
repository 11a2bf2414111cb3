//! Builds everything and opens the doors.

use std::future::Future;
use std::os::fd::AsRawFd;
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

use crate::app::App;
use crate::auth::crypto;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::Config;
use crate::files::Hold;
use crate::operations;
use crate::room::sweep;
use crate::transport::{http, websocket};
use crate::upload::resumable;

/// After a failed accept (no descriptors left, say) the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Bytes that the kernel takes for a connection beyond those on their way.
#[cfg(target_os = "linux")]
const UNSENT_BYTES_MAX: libc::c_int = 128 * 1024;

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
        shutdown.run_until_cancelled(accept(&listener, &bus)).await;
        drop(listener);
        drain(&app).await;
        Ok(())
    })
}

async fn accept(listener: &TcpListener, bus: &Arc<Bus>) {
    let service = warp::service(http::routes(bus.clone()));
    let patience = Duration::from_millis(bus.app.config.limits.headers_ms_max);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience);
    let mut failing = false;
    loop {
        // HTTP/2 is for the proxy that ends TLS. To find out which of the two a client speaks, the library would wait
        // for its first bytes without end.
        let (socket, remote) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Once for all that fail in a row.
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "connections cannot be accepted");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if std::mem::take(&mut failing) {
            tracing::warn!("connections are accepted again");
        }
        // Without it, small frames wait for the peer's acknowledgement.
        let _ = socket.set_nodelay(true);
        bound_unsent(&socket);
        let (bus, service, builder) = (bus.clone(), service.clone(), builder.clone());
        let tasks = bus.app.tasks.clone();
        tasks.spawn(async move {
            let draining = &bus.app.draining;
            let first = tokio::time::timeout(patience, websocket::take(&bus, socket));
            let Some(Ok(Some(socket))) = draining.run_until_cancelled(first).await else { return };
            let service = TowerToHyperService::new(service);
            let service = service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(remote);
                service.call(request)
            });
            let mut connection = pin!(builder.serve_connection(TokioIo::new(socket), service).with_upgrades());
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
        });
    }
}

/// Has the kernel take no more for a connection than it can send soon. Without it a client that stops reading costs
/// the machine some 1.5 MB, which is no memory of this process, and few thousands of them the other connections' speed.
fn bound_unsent(socket: &TcpStream) {
    #[cfg(target_os = "linux")]
    // SAFETY: the descriptor is open, and the option is an int that outlives the call. Where it fails, it is as without.
    unsafe {
        let (value, len) = (std::ptr::from_ref(&UNSENT_BYTES_MAX), size_of::<libc::c_int>() as libc::socklen_t);
        libc::setsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT, value.cast(), len);
    }
}

async fn drain(app: &Arc<App>) {
    app.draining.cancel();
    app.tasks.close();
    let patience = Duration::from_millis(app.config.limits.drain_ms_max);
    let ended = tokio::time::timeout(patience, async {
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
