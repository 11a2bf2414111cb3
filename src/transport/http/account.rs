//! Accounts: the routes under `/server/auth`, and what belongs to one user or tenant.

use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use vizroom_protocol::account::{OauthBegun, OauthFinished, Tokens};
use vizroom_protocol::operation::SettingsUpdate;
use vizroom_protocol::settings::Settings;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::{Ask, object};
use super::{Route, respond, route, set, succeeded};

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/server/auth/register" => AccountRegister),
    route!(POST "/server/auth/login" => AccountLogin),
    route!(POST "/server/auth/refresh" => AccountRefresh),
    route!(POST "/server/auth/logout" => AccountLogout),
    // Always the same: whether a mail goes out is nobody's business.
    route!(POST "/server/auth/forgot-password" => AccountForgotPassword).status(202),
    route!(POST "/server/auth/reset-password" => AccountResetPassword),
    route!(POST "/server/auth/change-password" => AccountChangePassword),
    route!(GET "/server/auth/providers", providers)
        .about("Whose accounts can be used to sign in here.")
        .open()
        .answers::<Known>(),
    route!(POST "/server/auth/oauth/exchange", exchange)
        .about("Gives tokens for the code in the fragment of the page's address, to the browser that began.")
        .open()
        .takes::<Exchange>()
        .answers::<Tokens>(),
    route!(GET "/server/auth/oauth/{provider}", begin)
        .about("Sends the browser to a provider, with a cookie that it must bring back.")
        .open()
        .takes::<Begin>()
        .status(302),
    route!(GET "/server/auth/oauth/{provider}/callback", finish)
        .about("Takes the browser back from a provider, and sends it to the page with a code in the fragment.")
        .open()
        .takes::<Finish>()
        .status(302),
    route!(POST "/server/auth/invitations" => AccountInvite),
    route!(GET "/server/auth/invitations" => AccountInvitations),
    route!(DELETE "/server/auth/invitations/{invitation_id}" => AccountRevokeInvitation),
    route!(GET "/server/auth/me" => AccountMe),
    route!(GET "/server/user/settings" => SettingsGet),
    route!(POST "/server/user/settings", update_settings)
        .calls::<SettingsUpdate>()
        .takes::<Settings>()
        .answers::<Settings>(),
    route!(GET "/server/callbacks" => CallbackSettings),
    route!(PUT "/server/callbacks/secret" => CallbackSetSecret),
    route!(GET "/server/audit" => AuditList),
];

/// Providers to sign in by.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Providers")]
struct Known {
    providers: Vec<Provider>,
}

/// A provider to sign in by.
#[derive(JsonSchema, Serialize)]
struct Provider {
    /// As it stands in the routes.
    name: String,
    /// For a person.
    label: String,
}

/// Where a sign-in by a provider begins.
#[derive(JsonSchema)]
#[schemars(rename = "ProviderBegin")]
#[expect(dead_code, reason = "said, not read")]
struct Begin {
    provider: String,
    /// As of registering.
    invitation: Option<String>,
}

/// What a provider sends a browser back with.
#[derive(JsonSchema)]
#[schemars(rename = "ProviderFinish")]
#[expect(dead_code, reason = "said, not read")]
struct Finish {
    provider: String,
    state: String,
    code: Option<String>,
    error: Option<String>,
}

/// What a sign-in by a provider ends with.
#[derive(JsonSchema)]
#[schemars(rename = "ProviderExchange")]
#[expect(dead_code, reason = "said, not read")]
struct Exchange {
    code: String,
}

/// The browser's part of a sign-in by a provider.
const COOKIE_NAME: &str = "vizroom_sign_in";
const COOKIE_PATH: &str = "/server/auth/oauth";
const COOKIE_SECONDS: u32 = 10 * 60;

/// `{providers: [{name, label}]}`
async fn providers(ask: Ask) -> Result<Response, Error> {
    let labels = ask.bus.app.providers.labels();
    let providers = labels.map(|(name, label)| Provider { name: name.into(), label: label.into() }).collect();
    let known = to_raw_value(&Known { providers }).unwrap_or_else(|error| unreachable!("plain data: {error}"));
    Ok(succeeded(&known, ask.started))
}

/// The body is the settings themselves.
async fn update_settings(mut ask: Ask) -> Result<Response, Error> {
    let body: Value = read(&ask.json().await?)?;
    ask.answer("settings.update", Some(&object(Map::from_iter([("settings".to_owned(), body)])))).await
}

/// Sends the browser to the provider.
async fn begin(ask: Ask) -> Result<Response, Error> {
    try_begin(&ask).await.or_else(|error| explained(&ask, error))
}

async fn try_begin(ask: &Ask) -> Result<Response, Error> {
    let mut input = queried(ask, &["invitation"]);
    input.insert("provider".into(), ask.param(0).into());
    let begun: OauthBegun = read(&ask.call("account.oauth_begin", Some(&object(input))).await?)?;
    let mut response = to(&begun.url);
    set(&mut response, SET_COOKIE, &cookie(ask, &begun.browser, COOKIE_SECONDS));
    Ok(response)
}

/// Takes the browser back from the provider, and shows it the page with a code in the fragment, which no server or log
/// between here and there gets to see.
async fn finish(ask: Ask) -> Result<Response, Error> {
    try_finish(&ask).await.or_else(|error| explained(&ask, error))
}

async fn try_finish(ask: &Ask) -> Result<Response, Error> {
    let mut input = queried(ask, &["state", "code", "error"]);
    input.insert("provider".into(), ask.param(0).into());
    input.insert("browser".into(), browser(&ask.headers).unwrap_or_default().into());
    if !input.contains_key("state") {
        return Err(Error::invalid("state", "the provider sent no state"));
    }
    let finished: OauthFinished = read(&ask.call("account.oauth_finish", Some(&object(input))).await?)?;
    Ok(to(&format!("{}/#/signed-in/{}", ask.bus.app.base_url, finished.code)))
}

/// `{code}`, with the cookie of the browser that began.
async fn exchange(mut ask: Ask) -> Result<Response, Error> {
    let mut input: Map<String, Value> = read(&ask.json().await?)?;
    if let Some(browser) = browser(&ask.headers) {
        input.insert("browser".into(), browser.into());
    }
    let mut response = ask.answer("account.oauth_exchange", Some(&object(input))).await?;
    set(&mut response, SET_COOKIE, &cookie(&ask, "", 0));
    Ok(response)
}

/// Those of the query's fields that are named: providers add more.
fn queried(ask: &Ask, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), ask.query_text(name)?.into()))).collect()
}

/// Only this server's sign-in gets to see it, not even the page; and it comes along when the provider sends the browser
/// back, which is another site.
fn cookie(ask: &Ask, value: &str, seconds: u32) -> String {
    let secure = if ask.bus.app.base_url.starts_with("https:") { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={value}; Path={COOKIE_PATH}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn browser(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}

fn to(url: &str) -> Response {
    let mut response = Response::new("".into());
    *response.status_mut() = StatusCode::FOUND;
    set(&mut response, LOCATION, url);
    response
}

/// A browser gets a page for its person.
fn explained(ask: &Ask, error: Error) -> Result<Response, Error> {
    let accept = ask.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) { Ok(page(&error)) } else { Err(error) }
}

/// A sign-in that came to nothing, for a person in a browser.
fn page(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut message = escaped(&error.message);
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let text = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Not signed in</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:32em;margin:18vh auto;\
         padding:0 1.5em;color-scheme:light dark}}h1{{font-size:1.5em}}</style><h1>You are not signed in</h1>\
         <p>{message}.</p><p><a href=\"/\">Back to the start</a></p></html>"
    );
    let mut response = respond(status, "text/html; charset=utf-8", text.into());
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    set(&mut response, CONTENT_SECURITY_POLICY, policy);
    set(&mut response, CACHE_CONTROL, "no-store");
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn read<T: DeserializeOwned>(data: &RawValue) -> Result<T, Error> {
    serde_json::from_str(data.get()).map_err(|error| {
        tracing::debug!(%error, "not what was expected");
        Error::new(Code::InvalidRequest, "an object is expected")
    })
}
