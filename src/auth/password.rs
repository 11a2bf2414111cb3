//! Passwords: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), never on a thread that serves sockets.

use std::num::NonZero;
use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use vizroom_protocol::{Code, Error};

/// Verified in place of the hash of somebody who does not exist, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let salt = b"nobody has this!";
    let hash: PasswordHash = Argon2::default().hash_password_with_salt(b"", salt).expect("the parameters are valid");
    hash.to_string()
});

/// Hashes and verifies, as many at a time as there are cores: each needs 19 MiB and a core.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { turns: Arc::new(Semaphore::new(cores)) }
    }
}

/// The right to hash or verify one password now.
#[derive(Debug)]
pub struct Turn {
    permit: OwnedSemaphorePermit,
}

impl Passwords {
    /// Waits until there is a core to hash on.
    ///
    /// # Errors
    /// Only ours.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let permit = Arc::clone(&self.turns).acquire_owned().await.map_err(ours)?;
        Ok(Turn { permit })
    }
}

impl Turn {
    /// A password's hash, with its parameters and a salt of its own (PHC string).
    ///
    /// # Errors
    /// Only ours.
    pub async fn hash(self, password: String) -> Result<String, Error> {
        let hash = spawn_blocking(move || {
            let _turn = self.permit;
            let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string())
        });
        hash.await.map_err(ours)?.map_err(ours)
    }

    /// Whether `password` is the one `hash` was made from. No hash, no match, in the same time.
    ///
    /// # Errors
    /// Only ours.
    pub async fn verify(self, password: String, hash: Option<String>) -> Result<bool, Error> {
        let verified = spawn_blocking(move || {
            let _turn = self.permit;
            let parsed = PasswordHash::new(hash.as_deref().unwrap_or(&NOBODY))?;
            let matches = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok::<_, argon2::password_hash::phc::Error>(matches && hash.is_some())
        });
        verified.await.map_err(ours)?.map_err(ours)
    }
}

fn ours(error: impl std::fmt::Display) -> Error {
    Error::new(Code::InternalError, format!("password: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches_and_nobody_never_does() {
        let passwords = Passwords::default();
        let hash = passwords.turn().await.unwrap().hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |password: &str, hash: Option<&String>| {
            let turn = passwords.turn().await.unwrap();
            turn.verify(password.into(), hash.cloned()).await.unwrap()
        };
        assert!(verify("correct horse", Some(&hash)).await);
        assert!(!verify("correct horsf", Some(&hash)).await);
        assert!(!verify("", None).await, "the empty password is what the stand-in was made from");
    }
}
