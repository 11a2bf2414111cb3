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
"$1/initdb" -D "$dir/data" -U postgres --auth-local=trust --auth-host=scram-sha-256 --no-locale -E UTF8 >/dev/null
heard="-c listen_addresses=''"
if [ -n "$2" ]; then
    # For strangers: over TCP, with passwords, and with a certificate for `localhost` of an authority of its own.
    heard="-c listen_addresses=127.0.0.1 -c port=$2 -c ssl=on"
    cd "$dir/data"
    new="req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    {
        openssl $new -x509 -subj /CN=authority -keyout ca.key -out "$dir/ca.crt"
        openssl $new -subj /CN=localhost -keyout server.key -out server.csr
        printf 'subjectAltName=DNS:localhost' >san
        openssl x509 -req -in server.csr -CA "$dir/ca.crt" -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.crt
    } 2>/dev/null
    chmod 600 server.key
    chmod 755 "$dir"
    cd /
fi
start() {
    "$1/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir $heard -c max_connections=400" start >/dev/null
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
    /// Where it listens for strangers, if it does.
    pub port: Option<u16>,
    // Its input closes with this process, or when this is dropped.
    keeper: Child,
    answers: BufReader<ChildStdout>,
}

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

impl Server {
    /// Takes a second or two.
    pub fn start() -> Self {
        Self::start_at(None)
    }

    /// One that strangers reach over TCP, by a password.
    pub fn start_for_strangers() -> Self {
        Self::start_at(Some(free_port()))
    }

    fn start_at(port: Option<u16>) -> Self {
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
        command.args(port.map(|port| port.to_string()));
        let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the keeper starts");
        let mut socket_dir = String::new();
        let mut answers = BufReader::new(keeper.stdout.take().expect("its output is piped"));
        answers.read_line(&mut socket_dir).expect("the keeper speaks");
        assert!(!socket_dir.is_empty(), "PostgreSQL in {} did not start; its message is above", binaries.display());
        Self { socket_dir: socket_dir.trim().to_owned(), port, keeper, answers }
    }

    /// Where it is.
    pub fn address(&self) -> String {
        let port = self.port.unwrap_or(5432);
        format!("postgres://postgres@localhost:{port}/postgres?host={}", self.socket_dir)
    }

    /// The authority that signed its certificate.
    pub fn authority(&self) -> String {
        std::fs::read_to_string(format!("{}/ca.crt", self.socket_dir)).expect("it has an authority")
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

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
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
