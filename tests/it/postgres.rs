//! A real PostgreSQL for the whole test binary: in a temporary folder, on a Unix socket, gone when the tests are. And
//! others for single tests, which may kill them.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Starts the server, says where, and waits for its input to end: however the tests end, the server does, too.
/// Until then it does what it reads: `kill` and `start` the server.
const KEEPER: &str = r#"
set -e
dir=$(mktemp -d)
trap '"$1/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1; rm -rf "$dir"' EXIT
"$1/initdb" -D "$dir/data" -U postgres --auth=trust --no-locale -E UTF8 >/dev/null
start() {
    "$1/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir -c listen_addresses='' -c max_connections=400" start >/dev/null
}
start "$1"
echo "$dir"
while read -r word; do
    case $word in
        kill) "$1/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null ;;
        start) start "$1" ;;
    esac
    echo done
done
"#;

/// A database server of its own, for who wants to kill it.
pub struct Server {
    socket_dir: String,
    // Its input closes with this process, or when this is dropped.
    keeper: Child,
    answers: BufReader<ChildStdout>,
}

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

impl Server {
    /// Takes a second or two.
    pub fn start() -> Self {
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
        let mut answers = BufReader::new(keeper.stdout.take().expect("its output is piped"));
        answers.read_line(&mut socket_dir).expect("the keeper speaks");
        assert!(!socket_dir.is_empty(), "PostgreSQL in {} did not start; its message is above", binaries.display());
        Self { socket_dir: socket_dir.trim().to_owned(), keeper, answers }
    }

    /// Where it is.
    pub fn address(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.socket_dir)
    }

    /// Has it die at once (`kill`) or come back (`start`).
    pub fn told(&mut self, word: &str) {
        writeln!(self.keeper.stdin.as_mut().expect("its input is piped"), "{word}").expect("the keeper listens");
        let mut done = String::new();
        self.answers.read_line(&mut done).expect("the keeper answers");
        assert_eq!(done, "done\n", "{word}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

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
    let address = server.address();
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&address).await.expect("PostgreSQL answers");
    let create = AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::query(create).execute(&mut admin).await.expect("a schema is made");
    format!("{address}&options[search_path]={name}")
}
