//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use vizroom::clock::Clock;
use vizroom::config::Config;
use vizroom::server::{self, StartError};

/// Rooms in which people and AI agents build dashboards from their data together, live.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until it is told to stop (SIGTERM, SIGINT).
    Serve(Serve),
}

/// Flags; each is also `VIZROOM_*` in the environment and a field of the configuration file.
#[derive(clap::Args, Serialize)]
struct Serve {
    /// Configuration file; `vizroom.toml` is read if it is there.
    #[arg(long, env = "VIZROOM_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Address and port; port 0 takes a free one.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    /// Database file, uploads and secret key live here.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`; absent: SQLite in the data folder.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url: Option<String>,
    /// A folder of data files to offer as a demo while nobody has registered.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    demo: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Args { command: Command::Serve(flags) } = Args::parse();
    match serve(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vizroom: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(mut flags: Serve) -> Result<(), StartError> {
    let config = Config::load(flags.config.take(), flags)?;
    let filter = EnvFilter::try_new(&config.log)?;
    // A log on a full disk ends nothing: what cannot be written to it is not complained of there either.
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    if config.log_json {
        logs.json().init()
    } else {
        logs.init()
    }
    // Before anybody is told that the server is there, and might end it.
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let shutdown = CancellationToken::new();
    let asked = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        tracing::info!("draining");
        asked.cancel();
    });
    let listener =
        TcpListener::bind(&config.listen).await.map_err(|e| format!("cannot listen on {}: {e}", config.listen))?;
    println!("vizroom listening on http://{}", listener.local_addr()?);
    server::run(listener, config, Clock::default(), shutdown).await
}
