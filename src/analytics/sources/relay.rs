//! A way to one address that still says a name: the driver opens a socket here, in a folder that only this process
//! enters, and what it says goes to the very address that was looked at. Certificates are compared with the name.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpStream, UnixListener};
use tokio_util::task::AbortOnDropHandle;

/// Ends, with its folder, when dropped.
pub(super) struct Relay {
    folder: tempfile::TempDir,
    port: u16,
    _accepts: AbortOnDropHandle<()>,
}

impl Relay {
    /// # Errors
    /// If the socket cannot be made.
    pub(super) fn open(to: SocketAddr) -> std::io::Result<Self> {
        // Made readable for this user alone.
        let folder = tempfile::tempdir()?;
        let listener = UnixListener::bind(path(folder.path(), to.port()))?;
        let accepts = tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                tokio::spawn(async move {
                    // Whoever is on the other side is told by the end of its stream.
                    if let Ok(mut far) = TcpStream::connect(to).await {
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
        Ok(Self { folder, port: to.port(), _accepts: AbortOnDropHandle::new(accepts) })
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn path(&self) -> PathBuf {
        path(self.folder.path(), self.port)
    }
}

/// Where PostgreSQL's driver looks for it.
fn path(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!(".s.PGSQL.{port}"))
}
