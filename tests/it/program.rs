//! The program as an operator runs it: a process that can be stopped, killed, starved and watched.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::server::Person;

/// The long form of the tests that have one: `LONG_TESTS=1 cargo test --test it -- NAME`.
pub fn long() -> bool {
    std::env::var_os("LONG_TESTS").is_some()
}

pub struct Program {
    pub child: Child,
    pub url: String,
}

impl Program {
    pub fn start(data: &Path, listen: &str) -> Self {
        Self::start_with(data, listen, "", |_| {})
    }

    /// After `prelude`, words of the shell that limit what the program may have; configured by `change`.
    pub fn start_with(data: &Path, listen: &str, prelude: &str, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("{prelude}\nexec \"$@\""), "sh", env!("CARGO_BIN_EXE_vizroom")])
            .args(["serve", "--listen", listen, "--data-dir"])
            .arg(data)
            .env("VIZROOM_LOG", "error")
            .env("VIZROOM_DEFAULT_TIER", "unlimited")
            .env("VIZROOM_TIERS__ANONYMOUS__REQUESTS_PER_MINUTE", "1000000")
            .stdout(Stdio::piped());
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url =
            first.trim_end().strip_prefix("vizroom listening on ").unwrap_or_else(|| panic!("{first}")).to_owned();
        Self { child, url }
    }

    /// One of several servers below `root` that share the database `url`, files, and the key of the tokens.
    pub fn one_of_several(root: &Path, name: &str, url: &str, change: impl FnOnce(&mut Command)) -> Self {
        let data = root.join(name);
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("secret.key"), [7; 32]).unwrap();
        Self::start_with(&data, "127.0.0.1:0", "", |command| {
            command.env("VIZROOM_DATABASE_URL", url).env("VIZROOM_FILES_DIR", root.join("files"));
            change(command);
        })
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.id()]).status().unwrap().success());
    }

    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    pub fn stranger(&self) -> Person {
        Person::at(&self.url)
    }

    /// Bytes of memory it holds.
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Hundredths of a second of processor time it has used.
    pub fn cpu_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let after = stat.rsplit_once(") ").unwrap().1;
        after.split(' ').skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
