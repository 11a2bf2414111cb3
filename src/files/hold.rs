//! One server to a data folder: it empties the spool when it starts, and knows of no other's uploads.

use std::fs::{File, TryLockError, create_dir_all};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// In the folder; it holds the number of the process that has it, and stays when that ends.
const NAME: &str = "lock";
/// Characters of a process's number.
const NUMBER_MAX: u64 = 20;

/// The folder is this process's as long as this lives; the kernel takes it back however the process ends.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "closing it gives the folder back")] File);

impl Hold {
    /// Takes the folder, which is made if it is not there.
    ///
    /// # Errors
    /// If another process has it, which is named; or if it cannot be made, or its file system knows no locks.
    pub fn take(data_dir: &Path) -> io::Result<Self> {
        create_dir_all(data_dir)?;
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(data_dir.join(NAME))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(data_dir, file)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        file.set_len(0)?;
        file.rewind()?;
        write!(file, "{}", std::process::id())?;
        Ok(Self(file))
    }
}

fn taken(data_dir: &Path, holder: File) -> io::Error {
    let mut number = String::new();
    // Who has just taken it may not have written yet.
    let read = holder.take(NUMBER_MAX).read_to_string(&mut number);
    let who = if read.is_ok() && !number.is_empty() { format!(" (process {number})") } else { String::new() };
    let folder = data_dir.display();
    io::Error::other(format!(
        "another vizroom{who} has the data folder {folder}: every server needs one of its own, also where they share a \
         database; `files_dir` is what they may share"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_server_s_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("data");
        let hold = Hold::take(&folder).unwrap();
        let refused = Hold::take(&folder).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        assert!(refused.contains(&folder.display().to_string()), "{refused}");
        drop(hold);
        Hold::take(&folder).unwrap();
    }
}
