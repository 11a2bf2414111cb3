//! Builds everything and opens the doors.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

use crate::app::App;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::Config;
use crate::operations;
use crate::room::sweep;
use crate::transport::{http, websocket};

/// A client gets this long to send the headers of a request.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(15);
/// After a failed accept (no descriptors left, say) the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why the server could not start.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// Serves until `shutdown` is done, then drains: no new connections, members are told when to come back, what is
/// under way ends within `drain_ms_max`.
///
/// # Errors
/// If the data folder or the database cannot be opened.
pub async fn run(
    listener: TcpListener,
    config: Config,
    clock: Clock,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let app = App::open(config, clock).await?;
    let mut bus = Bus::new(app.clone());
    operations::register(&mut bus);
    let bus = bus.complete();
    app.resume().await?;
    app.tasks.spawn(sweep::run(app.hub.clone(), app.draining.clone()));
    let graceful = GracefulShutdown::new();
    tokio::select! {
        () = accept(&listener, &bus, &graceful) => {}
        () = shutdown => {}
    }
    drop(listener);
    drain(&app, graceful).await;
    Ok(())
}

async fn accept(listener: &TcpListener, bus: &Arc<Bus>, graceful: &GracefulShutdown) {
    let service = warp::service(http::routes(bus.clone()));
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            Err(error) => {
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Without it, small frames wait for the peer's acknowledgement.
        let _ = socket.set_nodelay(true);
        let (bus, service, watcher) = (bus.clone(), service.clone(), graceful.watcher());
        tokio::spawn(async move {
            let draining = bus.app.draining.clone();
            let first = tokio::time::timeout(HEADERS_TIMEOUT, websocket::take(&bus, socket));
            let Some(Ok(Some(socket))) = draining.run_until_cancelled(first).await else { return };
            let mut builder = auto::Builder::new(TokioExecutor::new());
            builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_TIMEOUT);
            let service = TowerToHyperService::new(service);
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(socket), service).into_owned();
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
}

async fn drain(app: &Arc<App>, graceful: GracefulShutdown) {
    app.draining.cancel();
    app.tasks.close();
    let patience = Duration::from_millis(app.config.limits.drain_ms_max);
    let ended = tokio::time::timeout(patience, async {
        app.hub.drain().await;
        graceful.shutdown().await;
        app.tasks.wait().await;
    });
    if ended.await.is_err() {
        tracing::warn!("some connections did not end within {patience:?}");
    }
    app.hub.stop();
    app.store.close().await;
}
