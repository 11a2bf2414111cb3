//! Who calls: registration, tokens, users.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{InvitationId, RoomId, TenantId, UserId};

/// `account.register`: makes a user, and a tenant of their own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    #[schemars(email)]
    pub email: String,
    /// 8–256 characters.
    #[schemars(length(min = 8, max = 256))]
    pub password: String,
    /// Absent: the part of the e-mail before the `@`.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f]*\S[^\x00-\x1f\x7f-\x9f]*$"))]
    #[serde(default)]
    pub name: Option<String>,
    /// A token from `account.invite`: joins its tenant instead of making one.
    #[serde(default)]
    pub invitation: Option<String>,
}

/// `account.login`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub email: String,
    pub password: String,
    /// A token from `room.add_member` or `account.invite`: lets somebody who has an account already into its room.
    #[serde(default)]
    pub invitation: Option<String>,
}

/// `account.refresh`: the old refresh token is used up; using it again revokes everything it led to.
/// Also the input of `account.logout`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    pub refresh_token: String,
}

/// `account.invite`: an invitation to the caller's tenant and, with `room_id`, to that room.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    #[serde(default)]
    #[schemars(email)]
    pub email: Option<String>,
    #[serde(default)]
    pub room_id: Option<RoomId>,
    #[serde(default)]
    pub role: Option<crate::room::Role>,
}

/// Reply to `account.invite`. The token is shown once.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Invited {
    pub id: InvitationId,
    /// To be given to whoever registers.
    pub invitation: String,
    /// RFC 3339.
    pub expires_at: String,
}

/// `account.invitations`: with `room_id` those to a room that the caller owns; without, those the caller has made, and all of
/// the tenant for its owner.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListInvitations {
    #[serde(default)]
    pub room_id: Option<RoomId>,
}

/// Reply to `account.invitations`, newest first: those that somebody may still use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invitations {
    pub invitations: Vec<Invitation>,
}

/// An invitation that nobody has used yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    pub id: InvitationId,
    /// Only who has this address may use it; anyone if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<crate::room::Role>,
    /// Whether it leads only to the room, not to the tenant.
    pub guest: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<UserId>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
}

/// `account.revoke_invitation`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeInvitation {
    pub invitation_id: InvitationId,
}

/// `account.forgot_password`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgotPassword {
    pub email: String,
}

/// `account.reset_password`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// From the mail; works once, for 30 minutes.
    pub token: String,
    /// 8–256 characters.
    pub password: String,
}

/// `account.change_password`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    pub old_password: String,
    /// The new one: 8–256 characters.
    #[schemars(length(min = 8, max = 256))]
    pub password: String,
}

/// `account.oauth_begin`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthBegin {
    /// Its name in the server's configuration.
    pub provider: String,
    /// As of `account.register`.
    #[serde(default)]
    pub invitation: Option<String>,
}

/// Reply to `account.oauth_begin`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OauthBegun {
    /// The provider's page where the user signs in.
    pub url: String,
    /// A secret that the browser keeps: only with it the sign-in can be finished.
    pub browser: String,
}

/// `account.oauth_finish`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthFinish {
    pub provider: String,
    pub state: String,
    /// The provider's code.
    #[serde(default)]
    pub code: Option<String>,
    /// What the provider says instead, such as `access_denied`.
    #[serde(default)]
    pub error: Option<String>,
    /// From the reply to `account.oauth_begin`.
    pub browser: String,
}

/// Reply to `account.oauth_finish`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OauthFinished {
    /// For `account.oauth_exchange`; works once, for a minute.
    pub code: String,
}

/// `account.oauth_exchange`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthExchange {
    pub code: String,
    /// From the reply to `account.oauth_begin`.
    pub browser: String,
}

/// A user, as members of the same tenant see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    pub id: UserId,
    pub tenant_id: TenantId,
    pub email: String,
    pub name: String,
    /// RFC 3339.
    pub created_at: String,
}

/// Reply to registering, logging in and refreshing.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    pub user: User,
    /// A JWT carrying `user_id` and `tenant_id`.
    pub access_token: String,
    /// Opaque; works once.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Life of the access token, in seconds.
    pub expires_in: u64,
}

/// Nothing: the input or output of operations that need none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}
