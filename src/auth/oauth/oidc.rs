//! A provider that speaks OpenID Connect: its addresses and keys are discovered, its ID tokens verified.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndUserName, IssuerUrl, LocalizedClaim,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    TokenResponse,
};
use vizroom_protocol::Error;

use super::web::Web;
use super::{Person, Secrets, refused, silent};
use crate::config;

/// How long what was discovered is good: keys change rarely, and are announced before.
const METADATA_MS: i64 = 10 * 60 * 1000;

#[derive(Debug)]
pub(super) struct Oidc {
    issuer: IssuerUrl,
    id: ClientId,
    secret: Option<ClientSecret>,
    scopes: Vec<Scope>,
    back: RedirectUrl,
    /// What was discovered, and when. Held for a few instructions.
    known: Mutex<Option<(Arc<CoreProviderMetadata>, i64)>>,
}

impl Oidc {
    pub(super) fn new(config: &config::Oauth, back: RedirectUrl) -> Result<Self, String> {
        let issuer = IssuerUrl::new(config.issuer.clone().unwrap_or_default()).map_err(|e| e.to_string())?;
        let usual = || vec!["email".to_owned(), "profile".to_owned()];
        Ok(Self {
            issuer,
            id: ClientId::new(config.client_id.clone()),
            secret: Some(config.client_secret.clone()).filter(|s| !s.is_empty()).map(ClientSecret::new),
            scopes: config.scopes.clone().unwrap_or_else(usual).into_iter().map(Scope::new).collect(),
            back,
            known: Mutex::default(),
        })
    }

    /// Where the browser goes.
    pub(super) async fn address(
        &self,
        web: &Web,
        state: &str,
        secrets: &Secrets,
        now_ms: i64,
    ) -> Result<String, Error> {
        let metadata = self.metadata(web, now_ms).await?;
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.id.clone(), self.secret.clone())
            .set_redirect_uri(self.back.clone());
        let (state, nonce) = (state.to_owned(), secrets.nonce.clone());
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let (url, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url.into())
    }

    /// Whom the code is about.
    pub(super) async fn person(&self, web: &Web, code: &str, secrets: Secrets, now_ms: i64) -> Result<Person, Error> {
        let metadata = self.metadata(web, now_ms).await?;
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.id.clone(), self.secret.clone())
            .set_redirect_uri(self.back.clone());
        let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(|e| refused(&e))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier));
        let tokens = exchange.request_async(web).await.map_err(|error| match error {
            RequestTokenError::Request(error) => silent(&error),
            error => refused(&error),
        })?;
        let id_token = tokens.id_token().ok_or_else(|| refused(&"no ID token"))?;
        let now = DateTime::<Utc>::from_timestamp_millis(now_ms).unwrap_or_default();
        let verifier = client.id_token_verifier().set_time_fn(move || now);
        let claims = id_token.claims(&verifier, &Nonce::new(secrets.nonce)).map_err(|e| refused(&e))?;
        if let Some(expected) = claims.access_token_hash() {
            let (algorithm, key) = (id_token.signing_alg(), id_token.signing_key(&verifier));
            let (algorithm, key) = (algorithm.map_err(|e| refused(&e))?, key.map_err(|e| refused(&e))?);
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
            if actual.map_err(|e| refused(&e))? != *expected {
                return Err(refused(&"the access token is not the ID token's"));
            }
        }
        let mut person = Person {
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            verified: claims.email_verified().unwrap_or(false),
            name: first(claims.name()),
        };
        // In the code flow many providers tell the rest only there.
        if person.email.is_none() && metadata.userinfo_endpoint().is_some() {
            let subject = Some(claims.subject().clone());
            let about = client.user_info(tokens.access_token().clone(), subject).map_err(|e| refused(&e))?;
            let about: CoreUserInfoClaims = about.request_async(web).await.map_err(|e| refused(&e))?;
            person.email = about.email().map(|email| email.to_string());
            person.verified = about.email_verified().unwrap_or(false);
            person.name = person.name.or_else(|| first(about.name()));
        }
        Ok(person)
    }

    async fn metadata(&self, web: &Web, now_ms: i64) -> Result<Arc<CoreProviderMetadata>, Error> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((metadata, at_ms)) = known
            && (now_ms - METADATA_MS..=now_ms).contains(&at_ms)
        {
            return Ok(metadata);
        }
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), web).await;
        let found = Arc::new(found.map_err(|error| silent(&error))?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((found.clone(), now_ms));
        Ok(found)
    }
}

/// A name in whichever language comes first.
fn first(name: Option<&LocalizedClaim<EndUserName>>) -> Option<String> {
    let (_, name) = name?.iter().next()?;
    Some(name.to_string())
}
