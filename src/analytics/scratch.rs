//! Files beside an upload, for as long as it is read.

use std::path::{Path, PathBuf};

/// The name of a file that is removed when dropped, if it is there by then.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// The file of the same name with another ending.
    pub(super) fn beside(path: &Path, ending: &str) -> Self {
        Self(path.with_added_extension(ending))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "a file made of an upload stays behind");
            }
            _ => {}
        }
    }
}
