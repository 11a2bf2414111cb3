//! Servers of others that this one talks to: for mail, for signing in, and for data.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How mail is sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `smtps://user:password@host:465`, or `smtp://…?tls=required` for STARTTLS. Without `tls`, nothing is encrypted.
    pub url: String,
    /// Who it is from: `vizroom <rooms@example.com>`.
    pub from: String,
    /// A PEM file with a certificate to trust besides the usual ones.
    pub ca_file: Option<PathBuf>,
}

/// Databases that tenants make dashboards from, beside uploaded files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Connections {
    /// Also reach addresses that are not public: this machine, this network. Whoever owns a tenant then reaches them.
    pub allow_private: bool,
    /// Folders whose SQLite files may be read, by every tenant. Absent: none.
    pub sqlite_folders: Vec<PathBuf>,
    /// Where the key is that passwords are encrypted with: 32 bytes, made if there are none. Absent: `connections.key` in
    /// the data folder. Several nodes on one database need the same.
    pub key_file: Option<PathBuf>,
}

/// A provider that people may sign in by: OpenID Connect with `issuer`, or plain OAuth 2.0 with the three addresses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oauth {
    /// What its button says; absent: its name.
    pub label: Option<String>,
    pub client_id: String,
    pub client_secret: String,
    /// Absent: `email profile` (besides `openid`) with an issuer, none without.
    pub scopes: Option<Vec<String>>,
    /// Its OpenID Connect issuer, such as `https://accounts.google.com`. All else is discovered there.
    pub issuer: Option<String>,
    /// Where the browser is sent.
    pub auth_url: Option<String>,
    /// Where a code is exchanged.
    pub token_url: Option<String>,
    /// Answers a JSON object about the user.
    pub userinfo_url: Option<String>,
    /// Answers a list of `{email, primary, verified}`, as GitHub does, where `userinfo_url` says no e-mail.
    pub emails_url: Option<String>,
    /// Which field of that object is the user's lasting name: text or a number.
    pub id_field: String,
    pub email_field: String,
    /// Which field says, as a boolean, that the e-mail is proven.
    pub verified_field: String,
    pub name_field: String,
}

impl Default for Oauth {
    fn default() -> Self {
        Self {
            label: None,
            client_id: String::new(),
            client_secret: String::new(),
            scopes: None,
            issuer: None,
            auth_url: None,
            token_url: None,
            userinfo_url: None,
            emails_url: None,
            id_field: "id".into(),
            email_field: "email".into(),
            verified_field: "email_verified".into(),
            name_field: "name".into(),
        }
    }
}
