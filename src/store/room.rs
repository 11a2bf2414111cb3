//! Rooms and who is in them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use vizroom_protocol::id::{RoomId, TenantId, UserId};
use vizroom_protocol::room::{Member, Role, Room};

use super::together::{Texts, sized, texts};
use super::{Error, Store, decoded, unsigned, word};
use vizroom_room::clock::rfc3339;

/// Members of a room whose roles are all looked up at once.
pub const COMPANY_MAX: usize = 100;
/// What members of one room may there.
pub type Roles = Arc<[(UserId, Role)]>;

/// Rooms as they are, and who is in them.
#[derive(Debug)]
pub struct Newest {
    /// Each with its epoch and the newest `seq` of its log.
    pub rooms: Vec<(RoomId, String, u64)>,
    pub members: Vec<(RoomId, UserId, Role)>,
}

/// A room to be made.
#[derive(Debug, Clone)]
pub struct NewRoom {
    pub id: RoomId,
    pub tenant_id: TenantId,
    pub name: String,
    /// Empty: none.
    pub description: String,
    /// A short random word: it tells this room's log from any other.
    pub epoch: String,
    pub owner: UserId,
}

row_struct! {
    struct RoomRow {
        id: String,
        name: String,
        description: String,
        role: String,
        members: i64,
        created: i64,
    }
}

impl RoomRow {
    fn room(self) -> Result<Room, Error> {
        Ok(Room {
            id: decoded("rooms.id", &self.id)?,
            name: self.name,
            description: self.description,
            role: decoded("members.role", &self.role)?,
            members: unsigned(self.members),
            created_at: rfc3339(self.created),
        })
    }
}

row_struct! {
    struct MemberRow {
        id: String,
        name: String,
        email: String,
        role: String,
    }
}

impl MemberRow {
    fn member(self) -> Result<Member, Error> {
        Ok(Member {
            user_id: decoded("members.user_id", &self.id)?,
            name: self.name,
            email: self.email,
            role: decoded("members.role", &self.role)?,
        })
    }
}

impl Store {
    /// Makes a room, and its owner a member of it.
    ///
    /// # Errors
    /// Only ours.
    pub async fn create_room(&self, new: NewRoom, now_ms: i64) -> Result<Room, Error> {
        let NewRoom { id, tenant_id, name, description, epoch, owner } = new;
        let insert =
            "INSERT INTO rooms (id, tenant_id, name, description, epoch, created) VALUES ($1, $2, $3, $4, $5, $6)";
        let join = "INSERT INTO members (room_id, user_id, role, joined) VALUES ($1, $2, $3, $4)";
        writing!(self, |tx| {
            run!(&mut *tx, insert, id.to_string(), tenant_id.to_string(), &name, &description, &epoch, now_ms);
            run!(&mut *tx, join, id.to_string(), owner.to_string(), word(Role::Owner), now_ms)
        });
        Ok(Room { id, name, description, role: Role::Owner, members: 1, created_at: rfc3339(now_ms) })
    }

    /// The rooms somebody is a member of, newest first.
    ///
    /// # Errors
    /// Only ours.
    pub async fn rooms_of(&self, user_id: UserId) -> Result<Vec<Room>, Error> {
        let select = "SELECT r.id, r.name, r.description, m.role, r.created,
                (SELECT COUNT(*) FROM members WHERE room_id = r.id) AS members
            FROM members m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = $1 ORDER BY r.created DESC, r.id DESC";
        let rows: Vec<RoomRow> = reading!(self, |db| rows!(db, select, user_id.to_string()));
        rows.into_iter().map(RoomRow::room).collect()
    }

    /// A room as one of its members sees it; none if they are not.
    ///
    /// # Errors
    /// Only ours.
    pub async fn room(&self, id: RoomId, user_id: UserId) -> Result<Option<Room>, Error> {
        let select = "SELECT r.id, r.name, r.description, m.role, r.created,
                (SELECT COUNT(*) FROM members WHERE room_id = r.id) AS members
            FROM members m JOIN rooms r ON r.id = m.room_id WHERE m.room_id = $1 AND m.user_id = $2";
        let row: Option<RoomRow> = reading!(self, |db| row!(db, select, id.to_string(), user_id.to_string()));
        row.map(RoomRow::room).transpose()
    }

    /// What somebody may do in a room; none if they are not a member or there is no such room.
    ///
    /// # Errors
    /// Only ours.
    pub async fn role(&self, room_id: RoomId, user_id: UserId) -> Result<Option<Role>, vizroom_protocol::Error> {
        let known = self.roles(room_id, user_id).await?;
        Ok(known.and_then(|known| known.iter().find_map(|(user, role)| (*user == user_id).then_some(*role))))
    }

    /// As [`Store::role`], with what the others may in a room of up to [`COMPANY_MAX`]: who comes into it seldom comes
    /// alone.
    ///
    /// # Errors
    /// Only ours.
    pub async fn roles(&self, room_id: RoomId, user_id: UserId) -> Result<Option<Roles>, vizroom_protocol::Error> {
        self.roles.find((room_id, user_id), |members| self.find_roles(members)).await
    }

    async fn find_roles(&self, members: Vec<(RoomId, UserId)>) -> Result<HashMap<(RoomId, UserId), Roles>, Error> {
        static WANTED: LazyLock<Texts> = LazyLock::new(|| {
            texts(2, |values| {
                format!(
                    "WITH wanted (room_id, user_id) AS (VALUES {values})
                     SELECT m.room_id, m.user_id, m.role
                     FROM wanted w JOIN members m ON m.room_id = w.room_id AND m.user_id = w.user_id
                     UNION
                     SELECT m.room_id, m.user_id, m.role
                     FROM (SELECT DISTINCT room_id FROM wanted) w JOIN members m ON m.room_id = w.room_id
                     WHERE (SELECT count(*) FROM (SELECT 1 FROM members x WHERE x.room_id = w.room_id
                            LIMIT {COMPANY_MAX} + 1) y) <= {COMPANY_MAX}"
                )
            })
        });
        let mut rooms: HashMap<RoomId, Vec<(UserId, Role)>> = HashMap::new();
        for (piece, statement) in sized(&members, &WANTED) {
            let rows: Vec<(String, String, String)> = reading!(self, |db| {
                let mut query = sqlx::query_as(statement);
                for (room, user) in piece {
                    query = query.bind(room.to_string()).bind(user.to_string());
                }
                query.fetch_all(db).await?
            });
            for (room, user, role) in rows {
                let member = (decoded("members.user_id", &user)?, decoded("members.role", &role)?);
                rooms.entry(decoded("members.room_id", &room)?).or_default().push(member);
            }
        }
        let rooms: HashMap<RoomId, Roles> = rooms.into_iter().map(|(room, roles)| (room, roles.into())).collect();
        let of = |(room, user): (RoomId, UserId)| {
            let roles = rooms.get(&room)?;
            roles.iter().any(|(member, _)| *member == user).then(|| ((room, user), roles.clone()))
        };
        Ok(members.into_iter().filter_map(of).collect())
    }

    /// The newest rooms, with their members.
    ///
    /// # Errors
    /// Only ours.
    pub async fn newest_rooms(&self, rooms_max: u32, members_max: u32) -> Result<Newest, Error> {
        let heads = "SELECT r.id, r.epoch, COALESCE((
                SELECT e.last_seq FROM events e WHERE e.room_id = r.id ORDER BY e.first_seq DESC LIMIT 1), 0)
            FROM rooms r ORDER BY r.created DESC, r.id DESC LIMIT $1";
        let roles = "SELECT m.room_id, m.user_id, m.role
            FROM (SELECT id FROM rooms ORDER BY created DESC, id DESC LIMIT $1) r JOIN members m ON m.room_id = r.id
            LIMIT $2";
        let (rooms_max, members_max) = (i64::from(rooms_max), i64::from(members_max));
        let rooms: Vec<(String, String, i64)> = reading!(self, |db| rows!(db, heads, rooms_max));
        let members: Vec<(String, String, String)> = reading!(self, |db| rows!(db, roles, rooms_max, members_max));
        let room = |(id, epoch, head): (String, String, i64)| Ok((decoded("rooms.id", &id)?, epoch, unsigned(head)));
        let member = |(room, user, role): (String, String, String)| {
            let room = decoded("members.room_id", &room)?;
            Ok((room, decoded("members.user_id", &user)?, decoded("members.role", &role)?))
        };
        Ok(Newest {
            rooms: rooms.into_iter().map(room).collect::<Result<_, Error>>()?,
            members: members.into_iter().map(member).collect::<Result<_, Error>>()?,
        })
    }

    /// The tenant a room belongs to: its data is what the room's queries may read.
    ///
    /// # Errors
    /// Only ours.
    pub async fn tenant_of_room(&self, room_id: RoomId) -> Result<Option<TenantId>, Error> {
        let select = "SELECT tenant_id FROM rooms WHERE id = $1";
        let row: Option<(String,)> = reading!(self, |db| row!(db, select, room_id.to_string()));
        row.map(|(id,)| decoded("rooms.tenant_id", &id)).transpose()
    }

    /// Everybody in a room, in the order they came.
    ///
    /// # Errors
    /// Only ours.
    pub async fn members(&self, room_id: RoomId) -> Result<Vec<Member>, Error> {
        let select = "SELECT u.id, u.name, u.email, m.role FROM members m JOIN users u ON u.id = m.user_id
            WHERE m.room_id = $1 ORDER BY m.joined, u.id";
        let rows: Vec<MemberRow> = reading!(self, |db| rows!(db, select, room_id.to_string()));
        rows.into_iter().map(MemberRow::member).collect()
    }

    /// Puts somebody into a room, or gives a member another role.
    ///
    /// # Errors
    /// `Missing("room")`; `LastOwner` if the room would have none left.
    pub async fn put_member(&self, room_id: RoomId, user_id: UserId, role: Role, now_ms: i64) -> Result<(), Error> {
        let (room_id, user_id) = (room_id.to_string(), user_id.to_string());
        let put = "INSERT INTO members (room_id, user_id, role, joined) SELECT id, $2, $3, $4 FROM rooms WHERE id = $1
            ON CONFLICT (room_id, user_id) DO UPDATE SET role = excluded.role";
        writing!(self, |tx| {
            run!(&mut *tx, LOCK_ROOM, &room_id);
            if run!(&mut *tx, put, &room_id, &user_id, word(role), now_ms) == 0 {
                return Err(Error::Missing("room"));
            }
            let owners: Option<(i64,)> = row!(&mut *tx, COUNT_OWNERS, &room_id);
            if owners.is_none_or(|(n,)| n == 0) {
                return Err(Error::LastOwner);
            }
        });
        Ok(())
    }

    /// Gives a room another name, or description; None: as it is. Both as they are then.
    ///
    /// # Errors
    /// `Missing("room")`.
    pub async fn update_room(
        &self,
        room_id: RoomId,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<(String, String), Error> {
        let update = "UPDATE rooms SET name = COALESCE($2, name), description = COALESCE($3, description)
            WHERE id = $1 RETURNING name, description";
        let row: Option<(String, String)> =
            writing!(self, |tx| row!(&mut *tx, update, room_id.to_string(), name, description));
        row.ok_or(Error::Missing("room"))
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// `Missing("member")`; `LastOwner` if the room would have none left.
    pub async fn set_role(&self, room_id: RoomId, user_id: UserId, role: Role) -> Result<Member, Error> {
        let update = "UPDATE members SET role = $3 WHERE room_id = $1 AND user_id = $2";
        let select = "SELECT u.id, u.name, u.email, m.role FROM members m JOIN users u ON u.id = m.user_id
            WHERE m.room_id = $1 AND m.user_id = $2";
        let (room_id, user_id) = (room_id.to_string(), user_id.to_string());
        writing!(self, |tx| {
            run!(&mut *tx, LOCK_ROOM, &room_id);
            run!(&mut *tx, update, &room_id, &user_id, word(role));
            let member: Option<MemberRow> = row!(&mut *tx, select, &room_id, &user_id);
            let member = member.ok_or(Error::Missing("member"))?.member()?;
            let owners: Option<(i64,)> = row!(&mut *tx, COUNT_OWNERS, &room_id);
            if owners.is_none_or(|(n,)| n == 0) {
                return Err(Error::LastOwner);
            }
            Ok(member)
        })
    }

    /// Takes somebody out of a room.
    ///
    /// # Errors
    /// `Missing("member")`; `LastOwner` if the room would have none left.
    pub async fn remove_member(&self, room_id: RoomId, user_id: UserId) -> Result<(), Error> {
        let (room_id, user_id) = (room_id.to_string(), user_id.to_string());
        let delete = "DELETE FROM members WHERE room_id = $1 AND user_id = $2";
        writing!(self, |tx| {
            run!(&mut *tx, LOCK_ROOM, &room_id);
            if run!(&mut *tx, delete, &room_id, &user_id) == 0 {
                return Err(Error::Missing("member"));
            }
            let owners: Option<(i64,)> = row!(&mut *tx, COUNT_OWNERS, &room_id);
            if owners.is_none_or(|(n,)| n == 0) {
                return Err(Error::LastOwner);
            }
        });
        Ok(())
    }

    /// Deletes a room with its log, dashboards and links. Files belong to their tenant and stay.
    ///
    /// # Errors
    /// `Missing("room")`.
    pub async fn delete_room(&self, room_id: RoomId) -> Result<(), Error> {
        // Holding the heads keeps the appender out: nothing is written to the log of a room that is gone.
        let mut heads = self.heads.lock().await;
        let id = room_id.to_string();
        writing!(self, |tx| {
            run!(&mut *tx, "DELETE FROM events WHERE room_id = $1", &id);
            run!(&mut *tx, "DELETE FROM event_keys WHERE room_id = $1", &id);
            if run!(&mut *tx, "DELETE FROM rooms WHERE id = $1", &id) == 0 {
                return Err(Error::Missing("room"));
            }
        });
        heads.remove(&room_id);
        Ok(())
    }
}

/// Of two owners that leave at once, one finds the other gone: whoever has changed the room's row is alone with its members.
pub(super) const LOCK_ROOM: &str = "UPDATE rooms SET name = name WHERE id = $1";
const COUNT_OWNERS: &str = "SELECT COUNT(*) FROM members WHERE room_id = $1 AND role = 'owner'";
