//! Fills a fresh data folder for the load comparison: one tenant, its users, rooms and memberships, written by the
//! server's own store, and `tokens.txt` and `rooms.txt` beside them for the generator, one a line.
//!
//! No passwords are hashed: nobody signs in, the tokens are minted here.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Parser;
use uuid::Uuid;
use vizroom::auth::{Auth, Opaque, random_word};
use vizroom::clock::Clock;
use vizroom::config::Config;
use vizroom::store::{Invitation, NewRoom, NewUser, Store};
use vizroom_protocol::account::User;
use vizroom_protocol::id::{InvitationId, RoomId, TenantId, UserId};
use vizroom_protocol::room::Role;

/// Room r is for the users from r × this on, in turn: as many of them as its scenarios need. As in `vizroom.rs`.
const MEMBERS: usize = 10;
/// The first rooms also serve the reconnect storm (20 rooms × 100 and one more who stays) …
const STORM_ROOMS: usize = 20;
const STORM_MEMBERS: usize = 101;
/// … and the very first is everybody's.
const EVERYBODYS_ROOM: usize = 0;
/// An access token lives a quarter of an hour from when it is issued, which is therefore tomorrow.
const ISSUED_AHEAD_MS: i64 = 24 * 60 * 60 * 1000;

/// Fills a fresh data folder for the load comparison.
#[derive(Parser)]
struct Args {
    data_dir: PathBuf,
    #[arg(long, default_value_t = 1_000)]
    users: usize,
    #[arg(long, default_value_t = 2_100)]
    rooms: usize,
    /// `postgres://…` of an empty database; absent: SQLite in the data folder.
    #[arg(long)]
    database_url: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let Args { data_dir, users, rooms, database_url } = Args::parse();
    std::fs::create_dir_all(&data_dir)?;
    let config = Config { data_dir: data_dir.clone(), database_url, ..Config::default() };
    let store = Store::open(&config.database_url()).await?;
    if store.has_users().await? {
        return Err(format!("{} is in use already", config.database_url()).into());
    }
    let auth = Auth::open(&data_dir)?;
    let now_ms = Clock::default().now_ms();

    let people = register(&store, users, now_ms).await?;
    let mut tokens = String::new();
    for user in &people {
        writeln!(tokens, "{}", auth.tokens.issue(user, &random_word::<16>(), now_ms + ISSUED_AHEAD_MS)?)?;
    }
    let mut ids = String::new();
    for room in 0..rooms {
        writeln!(ids, "{}", furnish(&store, room, &people, now_ms).await?)?;
    }
    store.close().await;
    std::fs::write(data_dir.join("tokens.txt"), tokens)?;
    std::fs::write(data_dir.join("rooms.txt"), ids)?;
    Ok(())
}

/// `count` users of one tenant: the first one's, who invites the others.
async fn register(store: &Store, count: usize, now_ms: i64) -> Result<Vec<User>, Box<dyn Error + Send + Sync>> {
    let tenant_id = TenantId(Uuid::now_v7());
    let mut people = Vec::with_capacity(count);
    for n in 0..count {
        let new = NewUser {
            id: UserId(Uuid::now_v7()),
            tenant_id,
            email: format!("user{n}@example.com"),
            name: format!("User {n}"),
            password_hash: "nobody signs in".into(),
        };
        let invitation = Invitation {
            id: InvitationId(Uuid::now_v7()),
            hash: Opaque::new().hash,
            tenant_id,
            room: None,
            email: None,
            guest: false,
            inviter_id: None,
            created_ms: now_ms,
            expires_ms: now_ms + 60_000,
        };
        let hash = (n > 0).then_some(invitation.hash.as_str());
        if n > 0 {
            store.invite(&invitation).await?;
        }
        people.push(store.register(&new, hash, now_ms).await?.user);
    }
    Ok(people)
}

/// Makes room number `room` and lets in whoever the scenarios will send there.
async fn furnish(
    store: &Store,
    room: usize,
    people: &[User],
    now_ms: i64,
) -> Result<RoomId, Box<dyn Error + Send + Sync>> {
    let members = match room {
        EVERYBODYS_ROOM => people.len(),
        1..STORM_ROOMS => STORM_MEMBERS,
        _ => MEMBERS,
    };
    let mut turn = people.iter().cycle().skip(room * MEMBERS % people.len()).take(members.min(people.len()));
    let owner = turn.next().ok_or("no users")?;
    let id = RoomId(Uuid::now_v7());
    let (tenant_id, name, epoch) = (owner.tenant_id, format!("Room {room}"), random_word::<8>());
    let new = NewRoom { id, tenant_id, name, description: String::new(), epoch, owner: owner.id };
    store.create_room(new, now_ms).await?;
    for user in turn {
        store.put_member(id, user.id, Role::Editor, now_ms).await?;
    }
    Ok(id)
}
