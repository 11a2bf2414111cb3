//! What the kernel says of this process (Linux; elsewhere it says nothing).

use std::fs;

/// Clock ticks a second as `/proc` counts them: a constant of the kernel's interface.
const TICKS: f64 = 100.0;

/// See the module. What could not be read is absent.
#[derive(Debug, Default)]
pub(super) struct Process {
    pub cpu_seconds: Option<f64>,
    pub resident_bytes: Option<u64>,
    pub threads: Option<u64>,
    pub open_fds: Option<u64>,
    pub max_fds: Option<u64>,
}

impl Process {
    /// Reads a few small files.
    pub fn read() -> Self {
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        Self {
            cpu_seconds: cpu_seconds(&stat),
            resident_bytes: number(&status, "VmRSS:").map(|kib| kib * 1024),
            threads: number(&status, "Threads:"),
            open_fds: open_fds(),
            max_fds: number(&limits, "Max open files"),
        }
    }
}

/// User and system time. The second field is the program's name, which may hold anything, in parentheses.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, after) = stat.rsplit_once(')')?;
    let mut fields = after.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some((ticks()? + ticks()?) as f64 / TICKS)
}

/// The number after a line's title.
fn number(text: &str, title: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(title))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Newer kernels say how many there are without listing them all.
fn open_fds() -> Option<u64> {
    let folder = "/proc/self/fd";
    match fs::metadata(folder).ok()?.len() {
        0 => Some(fs::read_dir(folder).ok()?.count() as u64),
        open => Some(open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 8 0 1 2 3";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(number("Name:\tx\nVmRSS:\t   12 kB\n", "VmRSS:"), Some(12));
        assert_eq!(number("Max open files            1024      4096     files\n", "Max open files"), Some(1024));
        assert_eq!(number("Max open files            unlimited unlimited files\n", "Max open files"), None);
        let now = Process::read();
        assert!(now.cpu_seconds.is_some() && now.open_fds > Some(2) && now.resident_bytes > Some(1 << 20), "{now:?}");
    }
}
