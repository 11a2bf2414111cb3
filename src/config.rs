//! Configuration: one struct, filled from defaults, then a TOML file, then `VIZROOM_*`, then flags.

mod network;
mod outside;

use std::collections::BTreeMap;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::limits::{Limits, Tier, tiers};

pub use network::Network;
pub use outside::{Connections, Mail, Oauth};

/// Everything an operator can set. In the environment `VIZROOM_DATA_DIR`, nested ones with two underscores:
/// `VIZROOM_LIMITS__UPLOAD_BYTES_MAX`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Database file, uploads and secret key live here; one server has it.
    pub data_dir: PathBuf,
    /// Where uploaded files and their datasets are kept, which servers with one database share; absent: in the data folder.
    pub files_dir: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`; absent: SQLite in the data folder.
    pub database_url: Option<String>,
    /// How browsers reach this server, such as `https://rooms.example.com`; absent: the address it listens on.
    pub public_url: Option<String>,
    /// Origins that may open a WebSocket besides the server's own. `*` allows all.
    pub allowed_origins: Vec<String>,
    /// Pages that may show a published dashboard in a frame, as `frame-ancestors` of CSP names them: `'self'`,
    /// `https://intranet.example.com`. Absent: none.
    pub frame_ancestors: Vec<String>,
    /// A folder of data files. If set and nobody has registered, the page offers a demo room with them.
    pub demo: Option<PathBuf>,
    /// What to log, such as `info` or `vizroom=debug`.
    pub log: String,
    /// One JSON object a line instead of text.
    pub log_json: bool,
    /// Who may read `GET /metrics`: whoever sends this as `Authorization: Bearer …`. Absent: whoever asks from this
    /// very machine, and not through a proxy; so behind a proxy on the same machine, set it.
    pub metrics_token: Option<String>,
    /// `redis://HOST:PORT`: all servers that have the same count requests together. Absent: this one counts for itself.
    pub redis_url: Option<String>,
    /// What tenants may, by the name of their tier; `free`, `standard`, `enterprise` and `unlimited` are there. Requests
    /// without a credential have the tier `anonymous`, for each address; those who look at a published dashboard have the
    /// tier `viewers`, for each link.
    pub tiers: BTreeMap<String, Tier>,
    /// The tier of a tenant that was given none (`vizroom tenant set-tier`).
    pub default_tier: String,
    /// Networks, such as `10.0.0.0/8`, whose `X-Forwarded-For` says who asks.
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may use the API, such as `https://app.example.com`. `*` allows all.
    pub cors_origins: Vec<String>,
    /// How long what was done is remembered in the audit log.
    pub audit_days: u32,
    /// The month, 1–12, that the fiscal years of new dashboards begin with; each can be given another.
    #[serde(deserialize_with = "month")]
    pub fiscal_year_begins: u8,
    /// Absent: mails are printed to the log.
    pub mail: Option<Mail>,
    /// Providers that people may sign in by, by the name that stands in their addresses.
    pub oauth: BTreeMap<String, Oauth>,
    pub websocket: WebSocket,
    pub callbacks: Callbacks,
    pub connections: Connections,
    pub limits: Limits,
}

/// How WebSockets are spoken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebSocket {
    /// Deflate what is sent to clients that can inflate it (RFC 7692): fewer bytes, a little more computing. Every event
    /// is deflated once, whoever gets it.
    pub compression: bool,
}

impl Default for WebSocket {
    fn default() -> Self {
        Self { compression: true }
    }
}

/// How `callback_url`s are told that a dashboard is ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callbacks {
    /// Also tell addresses that are not public: this machine, this network. Whoever may generate then reaches them.
    pub allow_private: bool,
    /// Wait before the second try; each further one waits four times as long.
    pub retry_ms: i64,
    /// How long a try may take. One whose process died is made again after three times that.
    pub timeout_ms: u64,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self { allow_private: false, retry_ms: 5_000, timeout_ms: 10_000 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8000".into(),
            data_dir: "data".into(),
            files_dir: None,
            database_url: None,
            public_url: None,
            allowed_origins: Vec::new(),
            frame_ancestors: Vec::new(),
            demo: None,
            log: "info".into(),
            log_json: false,
            metrics_token: None,
            redis_url: None,
            tiers: tiers(),
            default_tier: "enterprise".into(),
            trusted_proxies: Network::loopback(),
            cors_origins: Vec::new(),
            audit_days: 365,
            fiscal_year_begins: 1,
            mail: None,
            oauth: BTreeMap::new(),
            websocket: WebSocket::default(),
            callbacks: Callbacks::default(),
            connections: Connections::default(),
            limits: Limits::default(),
        }
    }
}

impl Config {
    /// Reads all sources; later ones win: defaults, `file` (or `vizroom.toml` if there is one), environment, `flags`.
    ///
    /// # Errors
    /// Says which source has which field wrong.
    pub fn load(file: Option<PathBuf>, flags: impl Serialize) -> Result<Self, Box<figment::Error>> {
        let toml = match file {
            Some(path) => Toml::file_exact(path),
            None => Toml::file("vizroom.toml"),
        };
        Figment::from(Serialized::defaults(Self::default()))
            .merge(toml)
            .merge(Env::prefixed("VIZROOM_").ignore(&["config"]).split("__"))
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(Box::new)
    }

    /// Where files are kept.
    pub fn files_dir(&self) -> PathBuf {
        self.files_dir.clone().unwrap_or_else(|| self.data_dir.join("files"))
    }

    /// The database to open.
    pub fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("vizroom.db").display()))
    }
}

fn month<'de, D: serde::Deserializer<'de>>(number: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(number)?;
    let wrong = || serde::de::Error::custom(format!("{number} is no month: 1 to 12"));
    (1..=12).contains(&number).then_some(number).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Flags {
        listen: &'static str,
    }

    fn load(toml: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let file = folder.path().join("vizroom.toml");
        std::fs::write(&file, toml).map_err(|e| e.to_string())?;
        Config::load(Some(file), Flags { listen: "127.0.0.1:0" }).map_err(|e| e.to_string())
    }

    #[test]
    fn later_sources_win() {
        let config = load("listen = \"1.1.1.1:1\"\nlog = \"debug\"\ndata_dir = \"/there\"\n[limits]\nruns_max = 3\n");
        let config = config.expect("a good file");
        assert_eq!(config.listen, "127.0.0.1:0");
        assert_eq!(config.log, "debug");
        assert_eq!((config.limits.runs_max, config.limits.columns_max), (3, Limits::default().columns_max));
        assert_eq!(config.database_url(), "sqlite:/there/vizroom.db");
    }

    #[test]
    fn a_month_is_one_of_twelve() {
        assert_eq!(load("fiscal_year_begins = 10\n").map(|config| config.fiscal_year_begins), Ok(10));
        assert!(load("fiscal_year_begins = 13\n").is_err_and(|why| why.contains("no month")));
    }

    #[test]
    fn tiers_are_changed_and_added() {
        let config = load("default_tier = \"mine\"\n[tiers.free]\nwebsockets = 1\n[tiers.mine]\nwebsockets = 9\n");
        let tiers = config.expect("a good file").tiers;
        assert_eq!(tiers["free"], Tier { requests_per_minute: Some(60), websockets: Some(1) });
        assert_eq!(tiers["mine"], Tier { requests_per_minute: None, websockets: Some(9) });
        assert_eq!(tiers["enterprise"].requests_per_minute, Some(1_000));
    }

    #[test]
    fn an_unknown_or_wrong_field_is_named() {
        let unknown = load("lisen = \"x\"\n").expect_err("a misspelt field");
        assert!(unknown.contains("lisen"), "{unknown}");
        let wrong = load("[limits]\nruns_max = \"many\"\n").expect_err("a wrong type");
        assert!(wrong.contains("runs_max"), "{wrong}");
    }
}
