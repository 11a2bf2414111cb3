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
