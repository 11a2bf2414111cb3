//! Servers of others that the tests run: a mail server, an OpenID Connect provider. Each says its port on its first line,
//! and ends with its input.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A line that does not come within this never will.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Outside {
    // Its input closes with this process, or when this is dropped.
    child: Child,
    lines: UnboundedReceiver<Value>,
    pub port: u64,
}

impl Outside {
    /// Runs `script` (below `tests`) in Node.
    pub async fn start(script: &str, args: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(script);
        let folder = script.parent().unwrap();
        let installed = folder.join("node_modules").exists();
        assert!(installed, "first: npm --prefix {} ci", folder.display());
        let mut command = Command::new("node");
        command.arg(&script).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (told, lines) = unbounded_channel();
        std::thread::spawn(move || {
            // What is not JSON is for people.
            let lines = out.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok());
            lines.for_each(|line| drop(told.send(line)));
        });
        let mut outside = Self { child, lines, port: 0 };
        outside.port = outside.next().await["port"].as_u64().unwrap();
        outside
    }

    /// What it says next.
    pub async fn next(&mut self) -> Value {
        tokio::time::timeout(PATIENCE, self.lines.recv()).await.expect("a line in time").expect("a server that runs")
    }

    /// That it has said nothing more.
    pub fn is_quiet(&mut self) -> bool {
        self.lines.try_recv().is_err()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A key and a certificate for 127.0.0.1 that vouches for itself, below `folder`.
pub fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let (key, cert) = (folder.join("key.pem"), folder.join("cert.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=mail", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (key, cert)
}
