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
use vizroom::files::Hold;
use vizroom::server::{self, StartError};
use vizroom::store::{Allowed, Store};
use vizroom_protocol::file::Usage;
use vizroom_protocol::id::TenantId;

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
    /// What an operator changes of a tenant; a server that runs notices within seconds.
    #[command(subcommand)]
    Tenant(Tenant),
}

#[derive(Subcommand)]
enum Tenant {
    /// Gives a tenant a tier of the configuration, or `default`.
    SetTier {
        /// Its id, or the e-mail of one of its users.
        tenant: String,
        tier: String,
        #[command(flatten)]
        data: Data,
    },
    /// Says how much a tenant may store. What is not said stays.
    SetFiles {
        /// Its id, or the e-mail of one of its users.
        tenant: String,
        /// A number, or `default`: `limits.tenant_files_max`.
        #[arg(long)]
        files_max: Option<String>,
        /// A number, or `default`: `limits.tenant_bytes_max`.
        #[arg(long)]
        bytes_max: Option<String>,
        #[command(flatten)]
        data: Data,
    },
}

/// Where the data is.
#[derive(clap::Args, Serialize)]
struct Data {
    /// Configuration file; `vizroom.toml` is read if it is there.
    #[arg(long, env = "VIZROOM_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Database file, uploads and secret key live here.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`; absent: SQLite in the data folder.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url: Option<String>,
}

/// Flags; each is also `VIZROOM_*` in the environment and a field of the configuration file.
#[derive(clap::Args, Serialize)]
struct Serve {
    #[command(flatten)]
    #[serde(flatten)]
    data: Data,
    /// Address and port; port 0 takes a free one.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    /// A folder of data files to offer as a demo while nobody has registered.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    demo: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Serve(flags) => serve(flags).await,
        Command::Tenant(Tenant::SetTier { tenant, tier, data }) => set_tier(&tenant, &tier, data).await,
        Command::Tenant(Tenant::SetFiles { tenant, files_max, bytes_max, data }) => {
            set_files(&tenant, files_max, bytes_max, data).await
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vizroom: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(mut flags: Serve) -> Result<(), StartError> {
    let config = Config::load(flags.data.config.take(), flags)?;
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
    // Also before that: who may not have the folder does not serve.
    let hold = Hold::take(&config.data_dir)?;
    let listener =
        TcpListener::bind(&config.listen).await.map_err(|e| format!("cannot listen on {}: {e}", config.listen))?;
    println!("vizroom listening on http://{}", listener.local_addr()?);
    server::run(hold, listener, config, Clock::default(), shutdown).await
}

async fn set_tier(tenant: &str, tier: &str, mut data: Data) -> Result<(), StartError> {
    let config = Config::load(data.config.take(), data)?;
    let tier = Some(tier).filter(|tier| *tier != "default");
    if let Some(unknown) = tier.filter(|tier| !config.tiers.contains_key(*tier)) {
        let tiers: Vec<&str> = config.tiers.keys().map(String::as_str).collect();
        return Err(format!("there is no tier `{unknown}`, only {}", tiers.join(", ")).into());
    }
    let store = Store::open(&config.database_url()).await?;
    let id = named(&store, tenant).await?;
    store.set_tier(id, tier).await?;
    println!("tenant {id}: {}", tier.unwrap_or(&config.default_tier));
    store.close().await;
    Ok(())
}

async fn set_files(
    tenant: &str,
    files: Option<String>,
    bytes: Option<String>,
    mut data: Data,
) -> Result<(), StartError> {
    let config = Config::load(data.config.take(), data)?;
    let number = |text: &String| match text.as_str() {
        "default" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("`{text}` is neither a number nor `default`")),
    };
    let (files, bytes) = (files.as_ref().map(number).transpose()?, bytes.as_ref().map(number).transpose()?);
    let store = Store::open(&config.database_url()).await?;
    let id = named(&store, tenant).await?;
    store.set_allowed(id, files, bytes).await?;
    let limits = &config.limits;
    let usage = store.usage(id, Allowed { files: limits.tenant_files_max, bytes: limits.tenant_bytes_max }).await?;
    let Usage { files, files_max, bytes, bytes_max } = usage;
    println!("tenant {id}: {files} of {files_max} files, {bytes} of {bytes_max} bytes");
    store.close().await;
    Ok(())
}

/// The tenant that an operator means.
async fn named(store: &Store, tenant: &str) -> Result<TenantId, StartError> {
    Ok(match store.user_by_email(&tenant.to_lowercase()).await? {
        Some((user, _)) => user.tenant_id,
        None => tenant.parse().map_err(|_| format!("nobody has the e-mail `{tenant}`, nor is it a tenant's id"))?,
    })
}
