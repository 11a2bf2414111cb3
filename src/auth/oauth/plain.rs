//! A provider that speaks OAuth 2.0 only, such as GitHub: who somebody is, it says in a JSON object of its own.

use http::header::{ACCEPT, AUTHORIZATION};
use openidconnect::url::Url;
use openidconnect::{HttpRequest, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl};
use serde_json::Value;
use vizroom_protocol::Error;

use super::web::Web;
use super::{Person, Secrets, refused, silent};
use crate::config;

#[derive(Debug)]
pub(super) struct Plain {
    config: config::Oauth,
    auth_url: Url,
    token_url: Url,
    userinfo_url: Url,
    back: RedirectUrl,
}

impl Plain {
    pub(super) fn new(config: &config::Oauth, back: RedirectUrl) -> Result<Self, String> {
        let url = |name: &str, url: &Option<String>| {
            let url = url.as_deref().ok_or_else(|| format!("`issuer` or `{name}` is missing"))?;
            Url::parse(url).map_err(|e| format!("{name}: {e}"))
        };
        Ok(Self {
            auth_url: url("auth_url", &config.auth_url)?,
            token_url: url("token_url", &config.token_url)?,
            userinfo_url: url("userinfo_url", &config.userinfo_url)?,
            config: config.clone(),
            back,
        })
    }

    /// Where the browser goes.
    pub(super) fn address(&self, state: &str, secrets: &Secrets) -> String {
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let mut url = self.auth_url.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &self.back)
            .append_pair("scope", &self.config.scopes.clone().unwrap_or_default().join(" "))
            .append_pair("state", state)
            .append_pair("code_challenge", challenge.as_str())
            .append_pair("code_challenge_method", "S256");
        url.into()
    }

    /// Whom the code is about.
    pub(super) async fn person(&self, web: &Web, code: &str, secrets: Secrets) -> Result<Person, Error> {
        let token = self.token(web, code, &secrets).await?;
        let about = get(web, self.userinfo_url.as_str(), &token).await?;
        let config = &self.config;
        let text = |name: &str| about[name].as_str().map(str::to_owned);
        let subject = match &about[&config.id_field] {
            Value::String(id) => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => return Err(refused(&format!("the user has no `{}`", config.id_field))),
        };
        let mut person = Person {
            subject,
            email: text(&config.email_field),
            verified: about[&config.verified_field].as_bool().unwrap_or(false),
            name: text(&config.name_field),
        };
        if let Some(url) = config.emails_url.as_deref().filter(|_| !person.verified) {
            let emails = get(web, url, &token).await?;
            let primary = emails.as_array().into_iter().flatten().find(|email| email["primary"] == true);
            if let Some(primary) = primary {
                person.email = primary["email"].as_str().map(str::to_owned);
                person.verified = primary["verified"] == true;
            }
        }
        Ok(person)
    }

    async fn token(&self, web: &Web, code: &str, secrets: &Secrets) -> Result<String, Error> {
        let form = openidconnect::url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.back)
            .append_pair("client_id", &self.config.client_id)
            .append_pair("client_secret", &self.config.client_secret)
            .append_pair("code_verifier", &secrets.verifier)
            .finish();
        let request = http::Request::post(self.token_url.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form.into_bytes())
            .map_err(|e| refused(&e))?;
        let answer = json(web, request).await?;
        answer["access_token"].as_str().map(str::to_owned).ok_or_else(|| refused(&answer["error"]))
    }
}

async fn get(web: &Web, url: &str, token: &str) -> Result<Value, Error> {
    let request = http::Request::get(url)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|e| refused(&e))?;
    json(web, request).await
}

async fn json(web: &Web, request: HttpRequest) -> Result<Value, Error> {
    let answer = web.ask(request).await.map_err(|e| silent(&e))?;
    let status = answer.status();
    if status.is_server_error() {
        return Err(silent(&status));
    }
    serde_json::from_slice(answer.body()).map_err(|_| refused(&format!("{status}, and not JSON")))
}
