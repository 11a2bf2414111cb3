//! Signing in by providers of others: OpenID Connect, and plain OAuth 2.0 by configuration. The authorization code flow
//! with PKCE and state; with OpenID Connect also a nonce, and an ID token that is verified.

mod oidc;
mod plain;
mod web;

use std::collections::BTreeMap;

use openidconnect::RedirectUrl;
use openidconnect::url::{Host, Url};
use vizroom_protocol::{Code, Error};

use super::{Opaque, random_word};
use crate::config;
use oidc::Oidc;
use plain::Plain;
use web::Web;

/// A claim of a provider that is longer is none.
const CLAIM_MAX: usize = 320;

/// The providers of the configuration, by name.
#[derive(Debug)]
pub struct Providers {
    all: BTreeMap<String, Provider>,
    web: Web,
}

#[derive(Debug)]
struct Provider {
    label: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Oidc(Box<Oidc>),
    Plain(Box<Plain>),
}

/// A sign-in that a provider is asked for.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// Comes back with the code.
    pub state: Opaque,
    pub secrets: Secrets,
}

/// What only we know of a sign-in under way.
#[derive(Debug)]
pub struct Secrets {
    /// Must stand in the ID token.
    pub nonce: String,
    /// Of PKCE.
    pub verifier: String,
}

/// Who somebody is, as their provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The provider's lasting name for them.
    pub subject: String,
    pub email: Option<String>,
    /// Whether the provider has proven that the e-mail is theirs.
    pub verified: bool,
    pub name: Option<String>,
}

impl Providers {
    /// `base_url` is where browsers reach us.
    ///
    /// # Errors
    /// Which provider's configuration makes no sense.
    pub fn new(config: &BTreeMap<String, config::Oauth>, base_url: &str) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        for (name, config) in config {
            let wrong = |why: String| format!("oauth.{name}: {why}");
            let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if !name.chars().all(good) || config.client_id.is_empty() {
                return Err(wrong("a name of letters, digits, - and _, and a `client_id` are needed".into()));
            }
            safe(config).map_err(wrong)?;
            let back = format!("{base_url}/server/auth/oauth/{name}/callback");
            let back = RedirectUrl::new(back).map_err(|e| wrong(e.to_string()))?;
            let kind = match config.issuer {
                Some(_) => Kind::Oidc(Box::new(Oidc::new(config, back).map_err(wrong)?)),
                None => Kind::Plain(Box::new(Plain::new(config, back).map_err(wrong)?)),
            };
            let label = config.label.clone().unwrap_or_else(|| name.clone());
            all.insert(name.clone(), Provider { label, kind });
        }
        Ok(Self { all, web: Web::new()? })
    }

    /// Name and label of each.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|(name, provider)| (name.as_str(), provider.label.as_str()))
    }

    /// Prepares a sign-in by a provider.
    ///
    /// # Errors
    /// `NOT_FOUND`; `UNAVAILABLE` if the provider does not answer.
    pub async fn begin(&self, name: &str, now_ms: i64) -> Result<Begun, Error> {
        let (state, secrets) = (Opaque::new(), Secrets { nonce: random_word::<32>(), verifier: random_word::<32>() });
        let url = match &self.provider(name)?.kind {
            Kind::Oidc(oidc) => oidc.address(&self.web, &state.token, &secrets, now_ms).await?,
            Kind::Plain(plain) => plain.address(&state.token, &secrets),
        };
        Ok(Begun { url, state, secrets })
    }

    /// Asks the provider who has come back with `code`.
    ///
    /// # Errors
    /// `UNAUTHORIZED` if the code or what it leads to is refused; `UNAVAILABLE` if the provider does not answer.
    pub async fn finish(&self, name: &str, code: &str, secrets: Secrets, now_ms: i64) -> Result<Person, Error> {
        let mut person = match &self.provider(name)?.kind {
            Kind::Oidc(oidc) => oidc.person(&self.web, code, secrets, now_ms).await?,
            Kind::Plain(plain) => plain.person(&self.web, code, secrets).await?,
        };
        let fits = |text: &String| !text.trim().is_empty() && text.len() <= CLAIM_MAX;
        person.email = person.email.filter(fits);
        person.name = person.name.filter(fits);
        if !fits(&person.subject) {
            return Err(refused(&"no usable name for the user"));
        }
        Ok(person)
    }

    fn provider(&self, name: &str) -> Result<&Provider, Error> {
        self.all.get(name).ok_or_else(|| Error::not_found("provider"))
    }
}

/// That secrets travel encrypted, or not beyond this machine.
fn safe(config: &config::Oauth) -> Result<(), String> {
    let urls = [&config.issuer, &config.auth_url, &config.token_url, &config.userinfo_url, &config.emails_url];
    for text in urls.into_iter().flatten() {
        let url = Url::parse(text).map_err(|e| format!("{text}: {e}"))?;
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if url.scheme() != "https" && !(here && url.scheme() == "http") {
            return Err(format!("{text}: https is needed"));
        }
    }
    Ok(())
}

/// The provider, or what it says, is not to be trusted. The reason is for the log.
fn refused(why: &dyn std::fmt::Display) -> Error {
    tracing::warn!(%why, "a sign-in by a provider was refused");
    Error::unauthorized("the provider did not confirm who you are; please try again")
}

/// The provider does not answer.
fn silent(why: &dyn std::fmt::Display) -> Error {
    tracing::warn!(%why, "a provider to sign in by does not answer");
    Error::new(Code::Unavailable, "the provider does not answer; please try again later")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_that_cannot_work_is_refused_at_the_start() {
        crate::auth::crypto::install();
        let of = |name: &str, issuer: Option<&str>, client_id: &str| {
            let config =
                config::Oauth { issuer: issuer.map(str::to_owned), client_id: client_id.into(), ..Default::default() };
            Providers::new(&BTreeMap::from([(name.to_owned(), config)]), "https://rooms.example.com").map(|_| ())
        };
        of("work", Some("https://id.example.com"), "rooms").unwrap();
        of("work", Some("http://127.0.0.1:9"), "rooms").unwrap();
        let wrong = [
            ("work", Some("http://id.example.com"), "rooms", "https is needed"),
            ("work", Some("id.example.com"), "rooms", "id.example.com"),
            ("work", Some("https://id.example.com"), "", "client_id"),
            ("a/b", Some("https://id.example.com"), "rooms", "a name of"),
            ("work", None, "rooms", "auth_url"),
        ];
        for (name, issuer, client_id, why) in wrong {
            let error = of(name, issuer, client_id).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
