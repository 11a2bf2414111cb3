//! A real PostgreSQL for the whole test binary: in a temporary folder, on a Unix socket, gone when the tests are.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Starts the server, says where, and waits for its input to end: however the tests end, the server does, too.
const KEEPER: &str = r#"
set -e
dir=$(mktemp -d)
trap '"$1/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1; rm -rf "$dir"' EXIT
"$1/initdb" -D "$dir/data" -U postgres --auth=trust --no-locale -E UTF8 >/dev/null
"$1/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir -c listen_addresses='' -c max_connections=400" start >/dev/null
echo "$dir"
cat >/dev/null
"#;

struct Server {
    socket_dir: String,
    // Its input closes with this process.
    _keeper: Child,
}

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let binaries =
        binaries().expect("PostgreSQL is not installed; `make test` does it (Debian: apt install postgresql)");
    // PostgreSQL refuses to run as root.
    // SAFETY: geteuid cannot fail and touches nothing.
    let mut command = if unsafe { libc::geteuid() } == 0 {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command.args(["-c", KEEPER, "keeper"]).arg(&binaries).current_dir("/");
    let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the keeper starts");
    let mut socket_dir = String::new();
    let output = keeper.stdout.take().expect("its output is piped");
    BufReader::new(output).read_line(&mut socket_dir).expect("the keeper speaks");
    assert!(!socket_dir.is_empty(), "PostgreSQL in {} did not start; its message is above", binaries.display());
    Server { socket_dir: socket_dir.trim().to_owned(), _keeper: keeper }
});

/// Where Debian and others put the server's own programs; the newest version wins.
fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|dir| Path::new(dir).join("initdb").exists())
    };
    versions.pop().or_else(on_path)
}

/// The address of an empty schema of its own: as good as a database, and made in no time.
pub async fn database() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let server = tokio::task::spawn_blocking(|| &*SERVER).await.expect("PostgreSQL starts");
    let address = format!("postgres://postgres@localhost/postgres?host={}", server.socket_dir);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&address).await.expect("PostgreSQL answers");
    let create = AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::query(create).execute(&mut admin).await.expect("a schema is made");
    format!("{address}&options[search_path]={name}")
}
