//! A real MariaDB, in a temporary folder, gone when the tests are.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::{ConnectOptions, MySqlConnection};

use crate::postgres::free_port;

/// Starts the server, says where, and waits for its input to end: however the tests end, the server does, too. It has a
/// certificate for `localhost` of an authority of its own; another authority has signed nothing.
const KEEPER: &str = r#"
set -e
dir=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
# A server that starts clears away what another has in the folder for temporary tables.
export TMPDIR="$dir"
new="req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
{
    openssl $new -x509 -subj /CN=authority -keyout ca.key -out ca.crt
    openssl $new -x509 -subj /CN=authority -keyout other.key -out other.crt
    openssl $new -subj /CN=localhost -keyout server.key -out server.csr
    printf 'subjectAltName=DNS:localhost' >san
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.crt
} 2>/dev/null
cd /
mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db >"$dir/log" 2>&1 ||
    { cat "$dir/log" >&2; exit 1; }
mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/socket" --bind-address=127.0.0.1 --port="$1" \
    --ssl-ca="$dir/ca.crt" --ssl-cert="$dir/server.crt" --ssl-key="$dir/server.key" --require-secure-transport="$2" \
    --pid-file="$dir/pid" --skip-name-resolve --innodb-flush-log-at-trx-commit=0 >"$dir/log" 2>&1 &
server=$!
until mariadb-admin --no-defaults --socket="$dir/socket" -u root ping >/dev/null 2>&1; do
    kill -0 "$server" || { cat "$dir/log" >&2; exit 1; }
    sleep 0.1
done
chmod 755 "$dir"
echo "$dir"
cat >/dev/null
"#;

pub struct Server {
    pub port: u16,
    dir: PathBuf,
    // Its input closes with this process, or when this is dropped.
    keeper: Child,
}

impl Server {
    /// Takes some seconds.
    pub fn start() -> Self {
        Self::start_with("OFF")
    }

    /// One that nobody talks to over TCP but by TLS.
    pub fn start_secured() -> Self {
        Self::start_with("ON")
    }

    fn start_with(secured: &str) -> Self {
        let port = free_port();
        // MariaDB refuses to run as root without being told so; whoever has the right becomes its user.
        // SAFETY: geteuid cannot fail and touches nothing.
        let mut command = if unsafe { libc::geteuid() } == 0 {
            let mut command = Command::new("runuser");
            command.args(["-u", "mysql", "--", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        command.args(["-c", KEEPER, "keeper"]).arg(port.to_string()).arg(secured).current_dir("/");
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin:/usr/local/sbin");
        let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the keeper starts");
        let mut said = String::new();
        let output = keeper.stdout.take().expect("its output is piped");
        BufReader::new(output).read_line(&mut said).expect("the keeper speaks");
        assert!(
            !said.is_empty(),
            "MariaDB did not start; is it installed? `make test` does it (Debian: mariadb-server)"
        );
        Self { port, dir: PathBuf::from(said.trim()), keeper }
    }

    /// Whoever may do all.
    pub async fn root(&self, database: &str) -> MySqlConnection {
        let options = MySqlConnectOptions::new().socket(self.dir.join("socket")).username("root");
        let options = options.database(database).ssl_mode(MySqlSslMode::Disabled);
        options.connect().await.expect("MariaDB answers")
    }

    /// The authority that signed its certificate, and one of the same name that did not.
    pub fn authorities(&self) -> [String; 2] {
        ["ca.crt", "other.crt"].map(|file| std::fs::read_to_string(self.dir.join(file)).expect("it has an authority"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
