//! That ring does the cryptography: under TLS, and of access tokens.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use ring::hmac::{self, HMAC_SHA256};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |&algorithm, key: &EncodingKey| Ok(Box::new(Hs256::new(algorithm, key.as_bytes())?)),
    verifier_factory: |&algorithm, key: &DecodingKey| Ok(Box::new(Hs256::new(algorithm, key.try_get_as_bytes()?)?)),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Tells the libraries of TLS and of tokens, once for the process. Whoever has chosen another before keeps it.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let _ = PROVIDER.install_default();
    });
}

/// HMAC with SHA-256, the one algorithm of our tokens.
struct Hs256(hmac::Key);

impl Hs256 {
    fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self> {
        match algorithm {
            Algorithm::HS256 => Ok(Self(hmac::Key::new(HMAC_SHA256, key))),
            _ => Err(ErrorKind::InvalidAlgorithm.into()),
        }
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        hmac::verify(&self.0, message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Header, Validation, decode, encode};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn tokens_are_those_of_the_standard() {
        install();
        // RFC 7515, appendix A.1; made by others.
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        use base64::Engine;
        let secret = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(secret).unwrap();
        let mut rules = Validation::new(Algorithm::HS256);
        rules.validate_exp = false;
        let read = |token: &str| decode::<Value>(token, &DecodingKey::from_secret(&secret), &rules);
        assert_eq!(read(token).unwrap().claims["iss"], "joe");
        assert!(read(&token.replace("dBjf", "dBjg")).is_err());
        let ours = encode(&Header::default(), &json!({ "exp": 1, "iss": "ann" }), &EncodingKey::from_secret(&secret));
        assert_eq!(read(&ours.unwrap()).unwrap().claims["iss"], "ann");
        let other = Header::new(Algorithm::HS512);
        assert!(encode(&other, &json!({ "exp": 1 }), &EncodingKey::from_secret(&secret)).is_err());
    }
}
