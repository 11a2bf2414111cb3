//! Tenants, users, what signs them in, and invitations.

use vizroom_protocol::account::User;
use vizroom_protocol::id::{InvitationId, RoomId, TenantId, UserId};
use vizroom_protocol::room::Role;

use super::sign_in::{ADD_IDENTITY, Identity};
use super::{Error, Store, decoded, decoded_option, word};
use vizroom_room::clock::rfc3339;

/// Somebody about to be registered.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub id: UserId,
    /// Of the tenant made for them, unless an invitation says which.
    pub tenant_id: TenantId,
    /// Lower-cased.
    pub email: String,
    pub name: String,
    /// Empty: they have none, and sign in by others.
    pub password_hash: String,
}

/// Somebody registered, and the room their invitation let them into.
#[derive(Debug, Clone)]
pub struct Registered {
    pub user: User,
    pub room: Option<(RoomId, Role)>,
}

/// An invitation to a tenant or, for a guest, only to a room of it.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: InvitationId,
    /// SHA-256 of the token.
    pub hash: String,
    pub tenant_id: TenantId,
    pub room: Option<(RoomId, Role)>,
    /// Lower-cased; only this address may use it.
    pub email: Option<String>,
    pub guest: bool,
    pub inviter_id: Option<UserId>,
    pub created_ms: i64,
    pub expires_ms: i64,
}

/// What came of presenting a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was good and is used up; its successor is stored.
    Rotated { user_id: UserId, family: String },
    /// It had been used before: its family is revoked now.
    Reused { family: String },
    /// Unknown, expired or revoked.
    Refused,
}

row_struct! {
    pub(super) struct UserRow {
        id: String,
        tenant_id: String,
        email: String,
        name: String,
        password_hash: String,
        created: i64,
    }
}

impl UserRow {
    /// With the hash of the password, if there is one.
    pub(super) fn user(self) -> Result<(User, Option<String>), Error> {
        let user = User {
            id: decoded("users.id", &self.id)?,
            tenant_id: decoded("users.tenant_id", &self.tenant_id)?,
            email: self.email,
            name: self.name,
            created_at: rfc3339(self.created),
        };
        Ok((user, Some(self.password_hash).filter(|hash| !hash.is_empty())))
    }
}

row_struct! {
    struct InvitationRow {
        tenant_id: String,
        room_id: Option<String>,
        role: Option<String>,
        guest: bool,
    }
}

impl InvitationRow {
    fn room(&self) -> Result<Option<(RoomId, Role)>, Error> {
        let room = decoded_option("invitations.room_id", self.room_id.as_deref())?;
        let role = decoded_option("invitations.role", self.role.as_deref())?;
        Ok(room.zip(role))
    }
}

/// What somebody is in their tenant.
const OWNER: &str = "owner";
const MEMBER: &str = "member";

const ADD_USER: &str = "INSERT INTO users (id, tenant_id, email, name, password_hash, created, role, email_proven)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email) DO NOTHING";
const USE_INVITATION: &str = "UPDATE invitations SET used = $2
    WHERE hash = $1 AND used IS NULL AND expires > $2 AND (email IS NULL OR email = $3)
    RETURNING tenant_id, room_id, role, guest";
/// Whoever is in the room already keeps their role.
const JOIN_ROOM: &str = "INSERT INTO members (room_id, user_id, role, joined) VALUES ($1, $2, $3, $4)
    ON CONFLICT (room_id, user_id) DO NOTHING";
const ADD_REFRESH_TOKEN: &str = "INSERT INTO refresh_tokens (hash, family, user_id, expires) VALUES ($1, $2, $3, $4)";

impl Store {
    /// Registers a user: with a tenant of their own or, if `invitation` (a hash) says so, in an existing one.
    ///
    /// # Errors
    /// `Taken("email")`; `Missing("invitation")` if it is unknown, used, expired or for another address.
    pub async fn register(&self, new: &NewUser, invitation: Option<&str>, now_ms: i64) -> Result<Registered, Error> {
        self.register_by(new, None, invitation, now_ms).await
    }

    /// The same for somebody who comes from another provider, which may have proven their e-mail address.
    ///
    /// # Errors
    /// As [`Store::register`]; `Taken("identity")`.
    pub async fn register_by(
        &self,
        new: &NewUser,
        identity: Option<(Identity<'_>, bool)>,
        invitation: Option<&str>,
        now_ms: i64,
    ) -> Result<Registered, Error> {
        let NewUser { id, email, name, .. } = new;
        writing!(self, |tx| {
            let (mut tenant_id, mut room, mut guest) = (new.tenant_id, None, true);
            if let Some(hash) = invitation {
                let row: Option<InvitationRow> = row!(&mut *tx, USE_INVITATION, hash, now_ms, email);
                let row = row.ok_or(Error::Missing("invitation"))?;
                (room, guest) = (row.room()?, row.guest);
                if !guest {
                    tenant_id = decoded("invitations.tenant_id", &row.tenant_id)?;
                }
            }
            if guest {
                let insert = "INSERT INTO tenants (id, name, created) VALUES ($1, $2, $3)";
                run!(&mut *tx, insert, tenant_id.to_string(), name, now_ms);
            }
            // Who gets a tenant of their own, owns it.
            let (hash, role) = (&new.password_hash, if guest { OWNER } else { MEMBER });
            let proven = identity.and_then(|(_, proven)| proven.then_some(now_ms));
            let (user_id, tenant) = (id.to_string(), tenant_id.to_string());
            if run!(&mut *tx, ADD_USER, &user_id, &tenant, email, name, hash, now_ms, role, proven) == 0 {
                return Err(Error::Taken("email"));
            }
            if let Some((Identity { provider, subject }, _)) = identity
                && run!(&mut *tx, ADD_IDENTITY, provider, subject, &user_id, now_ms) == 0
            {
                return Err(Error::Taken("identity"));
            }
            if let Some((room_id, role)) = room {
                run!(&mut *tx, JOIN_ROOM, room_id.to_string(), id.to_string(), word(role), now_ms);
            }
            let (email, name, created_at) = (email.clone(), name.clone(), rfc3339(now_ms));
            Ok(Registered { user: User { id: *id, tenant_id, email, name, created_at }, room })
        })
    }

    /// Lets somebody who is registered already into the room of an invitation (a hash), and says which.
    ///
    /// # Errors
    /// `Missing("invitation")` also if it is only to a tenant: a user has one, and keeps it.
    pub async fn accept_invitation(&self, user: &User, hash: &str, now_ms: i64) -> Result<(RoomId, Role), Error> {
        writing!(self, |tx| {
            let row: Option<InvitationRow> = row!(&mut *tx, USE_INVITATION, hash, now_ms, &user.email);
            let room = row.as_ref().map(InvitationRow::room).transpose()?.flatten();
            let (room_id, role) = room.ok_or(Error::Missing("invitation"))?;
            run!(&mut *tx, JOIN_ROOM, room_id.to_string(), user.id.to_string(), word(role), now_ms);
            Ok((room_id, role))
        })
    }

    /// Stores an invitation.
    ///
    /// # Errors
    /// Only ours.
    pub async fn invite(&self, invitation: &Invitation) -> Result<(), Error> {
        let Invitation { id, hash, tenant_id, room, email, guest, inviter_id, created_ms, expires_ms } = invitation;
        let (room_id, role) = room.map(|(id, role)| (id.to_string(), word(role))).unzip();
        let insert = "INSERT INTO invitations
            (id, hash, tenant_id, room_id, role, email, guest, inviter_id, created, expires)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let (id, tenant_id, inviter) = (id.to_string(), tenant_id.to_string(), inviter_id.map(|id| id.to_string()));
        writing!(self, |tx| run!(
            &mut *tx, insert, &id, hash, &tenant_id, &room_id, &role, email, guest, &inviter, created_ms, expires_ms
        ));
        Ok(())
    }

    /// Somebody and their password's hash, if they have one, by e-mail (lower-cased).
    ///
    /// # Errors
    /// Only ours.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<(User, Option<String>)>, Error> {
        let row: Option<UserRow> = reading!(self, |db| row!(db, "SELECT * FROM users WHERE email = $1", email));
        row.map(UserRow::user).transpose()
    }

    /// Somebody, by id.
    ///
    /// # Errors
    /// Only ours.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        let row: Option<UserRow> = reading!(self, |db| row!(db, "SELECT * FROM users WHERE id = $1", id.to_string()));
        Ok(row.map(UserRow::user).transpose()?.map(|(user, _)| user))
    }

    /// Whether somebody owns their tenant.
    ///
    /// # Errors
    /// Only ours.
    pub async fn owns_tenant(&self, id: UserId) -> Result<bool, Error> {
        let select = "SELECT id FROM users WHERE id = $1 AND role = $2";
        let row: Option<(String,)> = reading!(self, |db| row!(db, select, id.to_string(), OWNER));
        Ok(row.is_some())
    }

    /// Whether anybody has registered.
    ///
    /// # Errors
    /// Only ours.
    pub async fn has_users(&self) -> Result<bool, Error> {
        let row: Option<(String,)> = reading!(self, |db| row!(db, "SELECT id FROM users LIMIT 1"));
        Ok(row.is_some())
    }

    /// Stores the first refresh token of a family, and forgets the user's expired ones. Who was let in by a password's
    /// hash must still have it: a new one has ended all sign-ins meanwhile.
    ///
    /// # Errors
    /// `Missing("user")` if it is another by now.
    pub async fn add_refresh_token(
        &self,
        hash: &str,
        family: &str,
        user_id: UserId,
        password_hash: Option<&str>,
        expires_ms: i64,
        now_ms: i64,
    ) -> Result<(), Error> {
        // Locks the row, so that a new password comes before or after.
        let same = "UPDATE users SET password_hash = password_hash
            WHERE id = $1 AND password_hash = COALESCE($2, password_hash)";
        let user_id = user_id.to_string();
        writing!(self, |tx| {
            if run!(&mut *tx, same, &user_id, password_hash) == 0 {
                return Err(Error::Missing("user"));
            }
            run!(&mut *tx, "DELETE FROM refresh_tokens WHERE user_id = $1 AND expires <= $2", &user_id, now_ms);
            run!(&mut *tx, ADD_REFRESH_TOKEN, hash, family, &user_id, expires_ms)
        });
        Ok(())
    }

    /// Uses up a refresh token and stores its successor, or revokes the family if it had been used before.
    ///
    /// # Errors
    /// Only ours.
    pub async fn rotate_refresh_token(
        &self,
        hash: &str,
        next_hash: &str,
        next_expires_ms: i64,
        now_ms: i64,
    ) -> Result<Rotation, Error> {
        let use_up = "UPDATE refresh_tokens SET used = $2
            WHERE hash = $1 AND used IS NULL AND revoked IS NULL AND expires > $2 RETURNING user_id, family";
        let revoke = "UPDATE refresh_tokens SET revoked = $2
            WHERE family = (SELECT family FROM refresh_tokens WHERE hash = $1 AND used IS NOT NULL AND expires > $2)
            AND revoked IS NULL RETURNING family";
        writing!(self, |tx| {
            let good: Option<(String, String)> = row!(&mut *tx, use_up, hash, now_ms);
            if let Some((user_id, family)) = good {
                run!(&mut *tx, ADD_REFRESH_TOKEN, next_hash, &family, &user_id, next_expires_ms);
                Ok(Rotation::Rotated { user_id: decoded("refresh_tokens.user_id", &user_id)?, family })
            } else {
                let revoked: Vec<(String,)> = rows!(&mut *tx, revoke, hash, now_ms);
                let family = revoked.into_iter().next();
                Ok(family.map_or(Rotation::Refused, |(family,)| Rotation::Reused { family }))
            }
        })
    }

    /// Whose refresh token (a hash) this is, or was.
    ///
    /// # Errors
    /// Only ours.
    pub async fn user_of_refresh_token(&self, hash: &str) -> Result<Option<User>, Error> {
        let select = "SELECT users.* FROM users JOIN refresh_tokens ON user_id = users.id WHERE hash = $1";
        let row: Option<UserRow> = reading!(self, |db| row!(db, select, hash));
        Ok(row.map(UserRow::user).transpose()?.map(|(user, _)| user))
    }

    /// Revokes the family of a refresh token (a hash), and says which it was; none if the token is unknown.
    ///
    /// # Errors
    /// Only ours.
    pub async fn revoke_family_of(&self, hash: &str, now_ms: i64) -> Result<Option<String>, Error> {
        let revoke = "UPDATE refresh_tokens SET revoked = COALESCE(revoked, $2)
            WHERE family = (SELECT family FROM refresh_tokens WHERE hash = $1) RETURNING family";
        let revoked: Vec<(String,)> = writing!(self, |tx| rows!(&mut *tx, revoke, hash, now_ms));
        Ok(revoked.into_iter().next().map(|(family,)| family))
    }

    /// Families revoked after `since_ms`, with the time they were: their access tokens may not have expired yet.
    ///
    /// # Errors
    /// Only ours.
    pub async fn revoked_families(&self, since_ms: i64) -> Result<Vec<(String, i64)>, Error> {
        let select = "SELECT family, MAX(revoked) FROM refresh_tokens WHERE revoked > $1 GROUP BY family";
        Ok(reading!(self, |db| rows!(db, select, since_ms)))
    }
}
