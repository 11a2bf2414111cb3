//! Secrets that must be read again, encrypted for the place they are kept in.

use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use vizroom_protocol::{Code, Error};

use super::token::load_or_make_key;

/// Encrypts and decrypts with one key: AES-256-GCM, a random nonce each, which stands in front.
pub struct Seal(LessSafeKey);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

impl Seal {
    /// Reads the key of 32 bytes at `path`, or makes it (readable by its owner only).
    ///
    /// # Errors
    /// If it can be neither read nor made, or holds something else than a key.
    pub fn open(path: &Path) -> io::Result<Self> {
        let key = load_or_make_key(path)?;
        let key = UnboundKey::new(&AES_256_GCM, &key);
        key.map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the key cannot be used"))
    }

    /// `secret`, encrypted for `place`: nowhere else can it be read.
    ///
    /// # Errors
    /// Only ours.
    pub fn sealed(&self, secret: &str, place: &str) -> Result<String, Error> {
        let seal = || {
            let mut nonce = [0; NONCE_LEN];
            getrandom::fill(&mut nonce).ok()?;
            let mut text = secret.as_bytes().to_vec();
            let (unique, place) = (Nonce::assume_unique_for_key(nonce), Aad::from(place.as_bytes()));
            self.0.seal_in_place_append_tag(unique, place, &mut text).ok()?;
            Some(STANDARD_NO_PAD.encode([&nonce[..], &text].concat()))
        };
        seal().ok_or_else(|| Error::new(Code::InternalError, "a secret cannot be encrypted"))
    }

    /// What was encrypted for `place`.
    ///
    /// # Errors
    /// `CONFLICT` if the key is another by now, or the text was brought from elsewhere.
    pub fn unsealed(&self, sealed: &str, place: &str) -> Result<String, Error> {
        let open = || {
            let mut whole = STANDARD_NO_PAD.decode(sealed).ok()?;
            let (nonce, text) = whole.split_at_mut_checked(NONCE_LEN)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let text = self.0.open_in_place(nonce, Aad::from(place.as_bytes()), text).ok()?;
            String::from_utf8(text.to_vec()).ok()
        };
        open().ok_or_else(|| {
            tracing::error!(place, "a secret cannot be decrypted: the key is not the one it was encrypted with");
            Error::new(Code::Conflict, "the password cannot be read any more: give it again")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_encrypted_is_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.key"), [7; 32]).unwrap();
        let seal = Seal::open(&dir.path().join("a.key")).unwrap();
        // Python's `cryptography`: AESGCM(key).encrypt(nonce, …) behind the nonce 0, 1, … 11.
        let sealed = "AAECAwQFBgcICQoLbPPZBX89vSYFi+19XH4vNihPZkGjOdTKLw";
        assert_eq!(seal.unsealed(sealed, "row 1").unwrap(), "tr0ub4dor");
    }

    #[test]
    fn a_secret_is_read_where_it_was_put_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let seal = Seal::open(&dir.path().join("a.key")).unwrap();
        let (one, two) = (seal.sealed("tr0ub4dor", "row 1").unwrap(), seal.sealed("tr0ub4dor", "row 1").unwrap());
        assert_ne!(one, two);
        assert!(!one.contains("tr0ub4dor"));
        let again = Seal::open(&dir.path().join("a.key")).unwrap();
        assert_eq!(again.unsealed(&one, "row 1").unwrap(), "tr0ub4dor");
        assert_eq!(seal.unsealed(&one, "row 2").unwrap_err().code, Code::Conflict);
        let mut bent = one.clone().into_bytes();
        bent[20] = if bent[20] == b'A' { b'B' } else { b'A' };
        assert!(seal.unsealed(&String::from_utf8(bent).unwrap(), "row 1").is_err());
        assert!(seal.unsealed("", "row 1").is_err());
        let other = Seal::open(&dir.path().join("b.key")).unwrap();
        assert!(other.unsealed(&one, "row 1").is_err());
    }
}
