//! The store: every test on SQLite and on PostgreSQL.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::{Connection, PgConnection, SqliteConnection};
use uuid::Uuid;
use vizroom::store::{
    Allowed, DashboardRow, Error, FileRow, Invitation, KeyHolder, NewKey, NewRoom, NewUser, Registered, Rotation,
    RunRow, Store,
};
use vizroom_protocol::account::User;
use vizroom_protocol::dashboard::{Change, Dashboard, Generate, Status};
use vizroom_protocol::file::{File, Format};
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::{DashboardId, FileId, InvitationId, KeyId, NotificationId, RoomId, RunId, TenantId, UserId};
use vizroom_protocol::notification::{Kind, Notification};
use vizroom_protocol::operation::Key;
use vizroom_protocol::room::Role;

/// Makes a test on each database of every function named.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {$(
            #[tokio::test]
            async fn $name() {
                let dir = tempfile::tempdir().unwrap();
                super::$name(&format!("sqlite:{}", dir.path().join("test.db").display())).await;
            }
        )*}
        mod on_postgres {$(
            #[tokio::test]
            async fn $name() {
                super::$name(&crate::postgres::database().await).await;
            }
        )*}
    };
}
pub(crate) use on_both;

on_both! {
    an_email_is_taken_once,
    an_invitation_leads_to_its_tenant_or_only_its_room,
    an_invitation_works_once_in_time_and_for_its_address,
    refresh_tokens_rotate_and_reuse_revokes_the_family,
    rooms_are_seen_by_their_members,
    a_room_keeps_an_owner,
    files_are_linked_replaced_and_deleted,
    a_dashboard_is_changed_only_from_the_revision_it_has,
    a_dashboard_remembers_its_newest_changes,
    a_share_ends_with_what_it_rests_on,
    who_may_see_a_dashboard_is_known,
    a_dashboard_with_older_rows_in_it_is_stale,
    what_cards_skip_is_read_as_it_was_stored_before,
    a_callback_waits_for_its_turn,
    a_run_ends_once,
    a_reply_is_remembered_for_its_caller_and_key,
    a_key_has_a_holder_until_it_is_revoked,
    a_tenant_has_a_tier_or_the_default,
    the_newest_notifications_are_kept,
    a_store_opens_again_with_what_it_had,
}

const PLENTY: Allowed = Allowed { files: 10, bytes: 1_000 };

pub(crate) async fn open(url: &str) -> Store {
    Store::open(url).await.unwrap()
}

fn new_user(email: &str) -> NewUser {
    NewUser {
        id: UserId(Uuid::now_v7()),
        tenant_id: TenantId(Uuid::now_v7()),
        email: email.into(),
        name: email.split('@').next().unwrap().into(),
        password_hash: "hash".into(),
    }
}

pub(crate) async fn user(store: &Store, email: &str) -> User {
    store.register(&new_user(email), None, 1_000).await.unwrap().user
}

pub(crate) async fn room(store: &Store, owner: &User) -> RoomId {
    let id = RoomId(Uuid::now_v7());
    store.create_room(new_room(id, owner.tenant_id, owner.id), 2_000).await.unwrap();
    id
}

pub(crate) fn new_room(id: RoomId, tenant_id: TenantId, owner: UserId) -> NewRoom {
    NewRoom { id, tenant_id, name: "Room".into(), description: String::new(), epoch: "e1".into(), owner }
}

async fn an_email_is_taken_once(url: &str) {
    let store = open(url).await;
    assert!(!store.has_users().await.unwrap());
    let ada = user(&store, "ada@example.com").await;
    assert!(store.has_users().await.unwrap());
    let again = store.register(&new_user("ada@example.com"), None, 1_000).await;
    assert!(matches!(again, Err(Error::Taken("email"))), "{again:?}");
    assert_eq!(store.user(ada.id).await.unwrap(), Some(ada.clone()));
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), Some((ada, Some("hash".into()))));
    assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
}

fn invitation(hash: &str, tenant_id: TenantId, room: Option<(RoomId, Role)>, guest: bool) -> Invitation {
    let id = InvitationId(Uuid::now_v7());
    Invitation {
        id,
        hash: hash.into(),
        tenant_id,
        room,
        email: None,
        guest,
        inviter_id: None,
        created_ms: 0,
        expires_ms: 10_000,
    }
}

async fn an_invitation_leads_to_its_tenant_or_only_its_room(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let room = room(&store, &ada).await;
    let to = Some((room, Role::Editor));
    for (hash, room, guest) in [("tenant", None, false), ("both", to, false), ("guest", to, true), ("late", to, true)] {
        store.invite(&invitation(hash, ada.tenant_id, room, guest)).await.unwrap();
    }
    let register = async |hash: &str| {
        let new = new_user(&format!("{hash}@example.com"));
        store.register(&new, Some(hash), 5_000).await.unwrap()
    };
    let Registered { user: bob, room: none } = register("tenant").await;
    assert_eq!((bob.tenant_id, none), (ada.tenant_id, None));
    let Registered { user: eve, room: entered } = register("both").await;
    assert_eq!((eve.tenant_id, entered), (ada.tenant_id, to));
    let Registered { user: guest, room: entered } = register("guest").await;
    assert_ne!(guest.tenant_id, ada.tenant_id);
    assert_eq!(entered, to);
    assert_eq!(store.role(room, guest.id).await.unwrap(), Some(Role::Editor));
    assert_eq!(store.role(room, bob.id).await.unwrap(), None);
    let stranger = user(&store, "stranger@example.com").await;
    assert_eq!(store.accept_invitation(&stranger, "late", 5_000).await.unwrap(), (room, Role::Editor));
    assert_eq!(store.role(room, stranger.id).await.unwrap(), Some(Role::Editor));
}

async fn an_invitation_works_once_in_time_and_for_its_address(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let email = Some("bob@example.com".to_owned());
    store.invite(&Invitation { email, ..invitation("bob", ada.tenant_id, None, false) }).await.unwrap();
    let tries =
        [("eve@example.com", "bob", 5_000), ("bob@example.com", "bob", 10_000), ("bob@example.com", "no", 5_000)];
    for (email, hash, now) in tries {
        let refused = store.register(&new_user(email), Some(hash), now).await;
        assert!(matches!(refused, Err(Error::Missing("invitation"))), "{refused:?}");
        assert_eq!(store.user_by_email(email).await.unwrap(), None);
    }
    // A taken address does not use it up.
    assert!(store.register(&new_user("ada@example.com"), Some("bob"), 5_000).await.is_err());
    store.register(&new_user("bob@example.com"), Some("bob"), 5_000).await.unwrap();
    let bob = store.user_by_email("bob@example.com").await.unwrap().unwrap().0;
    let again = store.accept_invitation(&bob, "bob", 5_000).await;
    assert!(matches!(again, Err(Error::Missing("invitation"))), "{again:?}");
}

async fn refresh_tokens_rotate_and_reuse_revokes_the_family(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    store.add_refresh_token("one", "fam", ada.id, None, 100, 0).await.unwrap();
    store.add_refresh_token("other", "fam2", ada.id, None, 100, 0).await.unwrap();
    let rotated = Rotation::Rotated { user_id: ada.id, family: "fam".into() };
    assert_eq!(store.rotate_refresh_token("one", "two", 200, 10).await.unwrap(), rotated);
    assert_eq!(store.rotate_refresh_token("two", "three", 300, 20).await.unwrap(), rotated);
    assert_eq!(store.rotate_refresh_token("no", "x", 300, 20).await.unwrap(), Rotation::Refused);
    assert_eq!(store.rotate_refresh_token("other", "x", 300, 100).await.unwrap(), Rotation::Refused, "expired");
    let reused = Rotation::Reused { family: "fam".into() };
    assert_eq!(store.rotate_refresh_token("one", "x", 300, 30).await.unwrap(), reused);
    assert_eq!(store.rotate_refresh_token("three", "x", 300, 30).await.unwrap(), Rotation::Refused);
    assert_eq!(store.revoked_families(29).await.unwrap(), [("fam".to_owned(), 30)]);
    assert_eq!(store.revoked_families(30).await.unwrap(), []);
    assert_eq!(store.revoke_family_of("other", 40).await.unwrap().as_deref(), Some("fam2"));
    assert_eq!(store.revoke_family_of("no", 40).await.unwrap(), None);
}

async fn rooms_are_seen_by_their_members(url: &str) {
    let store = open(url).await;
    let (ada, bob) = (user(&store, "ada@example.com").await, user(&store, "bob@example.com").await);
    let (first, second) = (room(&store, &ada).await, room(&store, &ada).await);
    let ids = async |user: &User| store.rooms_of(user.id).await.unwrap().iter().map(|r| r.id).collect::<Vec<_>>();
    assert_eq!(ids(&ada).await, [second, first]);
    assert_eq!(ids(&bob).await, []);
    assert_eq!(store.room(first, bob.id).await.unwrap(), None);
    store.put_member(first, bob.id, Role::Viewer, 3_000).await.unwrap();
    let seen = store.room(first, bob.id).await.unwrap().unwrap();
    assert_eq!((seen.role, seen.members, seen.name.as_str()), (Role::Viewer, 2, "Room"));
    let members: Vec<_> = store.members(first).await.unwrap().into_iter().map(|m| (m.user_id, m.role)).collect();
    assert_eq!(members, [(ada.id, Role::Owner), (bob.id, Role::Viewer)]);
    store.remove_member(first, bob.id).await.unwrap();
    assert_eq!(ids(&bob).await, []);
    assert!(matches!(store.remove_member(first, bob.id).await, Err(Error::Missing("member"))));
    let nowhere = RoomId(Uuid::now_v7());
    assert!(matches!(store.put_member(nowhere, bob.id, Role::Viewer, 0).await, Err(Error::Missing("room"))));
    assert_eq!(store.tenant_of_room(first).await.unwrap(), Some(ada.tenant_id));
}

async fn a_room_keeps_an_owner(url: &str) {
    let store = open(url).await;
    let (ada, bob) = (user(&store, "ada@example.com").await, user(&store, "bob@example.com").await);
    let room = room(&store, &ada).await;
    assert!(matches!(store.remove_member(room, ada.id).await, Err(Error::LastOwner)));
    assert!(matches!(store.put_member(room, ada.id, Role::Editor, 0).await, Err(Error::LastOwner)));
    assert_eq!(store.role(room, ada.id).await.unwrap(), Some(Role::Owner));
    store.put_member(room, bob.id, Role::Owner, 0).await.unwrap();
    store.remove_member(room, ada.id).await.unwrap();
    assert_eq!(store.role(room, ada.id).await.unwrap(), None);
}

fn file_row(owner: &User, name: &str) -> FileRow {
    let file = File {
        id: FileId(Uuid::now_v7()),
        name: name.into(),
        size: 10,
        format: Format::Csv,
        version: 1,
        datasets: Vec::new(),
        relations: Vec::new(),
        warnings: Vec::new(),
        created_at: "2026-01-01T00:00:00.000Z".into(),
    };
    let paths = BTreeMap::from([(name.to_owned(), "a/b".to_owned())]);
    FileRow { file, tenant_id: owner.tenant_id, owner_id: owner.id, paths, original: Some("a/b/original".into()) }
}

async fn files_are_linked_replaced_and_deleted(url: &str) {
    let store = open(url).await;
    let (ada, bob) = (user(&store, "ada@example.com").await, user(&store, "bob@example.com").await);
    let room = room(&store, &ada).await;
    let (mut mine, second, foreign) = (file_row(&ada, "a"), file_row(&ada, "b"), file_row(&bob, "c"));
    for (row, now) in [(&mine, 1), (&second, 2), (&foreign, 3)] {
        store.add_file(row, None, PLENTY, now).await.unwrap();
    }
    assert_eq!(store.file(mine.file.id).await.unwrap(), Some(mine.clone()));
    assert_eq!(store.files_of_tenant(ada.tenant_id, None, 10).await.unwrap(), [second.clone(), mine.clone()]);
    assert_eq!(store.files_of_tenant(ada.tenant_id, None, 1).await.unwrap(), [second]);
    let refused = store.link_files(room, ada.tenant_id, &[mine.file.id, foreign.file.id]).await;
    assert!(matches!(refused, Err(Error::Missing("file"))), "{refused:?}");
    assert!(store.files_of_room(room, None, 10).await.unwrap().is_empty(), "all or none");
    store.link_files(room, ada.tenant_id, &[mine.file.id]).await.unwrap();
    store.link_files(room, ada.tenant_id, &[mine.file.id]).await.unwrap();
    mine.file.version = 2;
    store.replace_file(&mine, None, PLENTY).await.unwrap();
    assert!(
        matches!(store.replace_file(&mine, None, PLENTY).await, Err(Error::Stale(2))),
        "version 2 follows version 1 once"
    );
    assert_eq!(store.files_of_room(room, None, 10).await.unwrap(), [mine.clone()]);
    assert_eq!(store.rooms_of_file(mine.file.id).await.unwrap(), [room]);
    assert_eq!(store.delete_file(mine.file.id).await.unwrap(), (mine.clone(), vec![room]));
    assert!(matches!(store.delete_file(mine.file.id).await, Err(Error::Missing("file"))));
    assert!(store.files_of_room(room, None, 10).await.unwrap().is_empty());
}

pub(crate) fn dashboard_row(owner: &User, room_id: Option<RoomId>, title: &str) -> DashboardRow {
    let dashboard: Dashboard = serde_json::from_value(json!({
        "id": Uuid::now_v7(), "room_id": room_id, "title": title, "status": "processing", "revision": 1, "cards": [],
        "layout": {"columns": 12, "items": []}, "created_by": owner.id, "created_at": "", "updated_at": "",
    }))
    .unwrap();
    DashboardRow { dashboard, tenant_id: owner.tenant_id, recipe: json!({"goals": []}) }
}

async fn a_dashboard_is_changed_only_from_the_revision_it_has(url: &str) {
    let store = open(url).await;
    let (ada, bob) = (user(&store, "ada@example.com").await, user(&store, "bob@example.com").await);
    let room = room(&store, &ada).await;
    let (shared, own) = (dashboard_row(&ada, Some(room), "shared"), dashboard_row(&ada, None, "own"));
    store.add_dashboard(&shared, 1).await.unwrap();
    store.add_dashboard(&own, 2).await.unwrap();
    let lost = store.add_dashboard(&dashboard_row(&ada, Some(RoomId(Uuid::now_v7())), "lost"), 3).await;
    assert!(matches!(lost, Err(Error::Missing("room"))), "{lost:?}");
    let mut changed = DashboardRow { recipe: json!({"goals": [1]}), ..shared.clone() };
    let body = &mut changed.dashboard;
    (body.title, body.revision, body.status) = ("new".into(), 2, Status::Completed);
    store.update_dashboard(&changed, 1, 4).await.unwrap();
    assert!(matches!(store.update_dashboard(&changed, 1, 4).await, Err(Error::Stale(2))));
    assert_eq!(store.dashboard(changed.dashboard.id).await.unwrap().unwrap(), changed);
    let place = store.place_of_dashboard(changed.dashboard.id).await.unwrap().unwrap();
    assert_eq!((place.tenant_id, place.room_id, place.owner_id), (ada.tenant_id, Some(room), ada.id));
    let titles = async |user: &User| {
        let all = store.dashboards_of_user(user.id, 10, 0).await.unwrap();
        all.into_iter().map(|s| (s.title, s.revision)).collect::<Vec<_>>()
    };
    assert_eq!(titles(&ada).await, [("own".to_owned(), 1), ("new".to_owned(), 2)]);
    assert_eq!(titles(&bob).await, []);
    store.put_member(room, bob.id, Role::Viewer, 0).await.unwrap();
    assert_eq!(titles(&bob).await, [("new".to_owned(), 2)]);
    assert_eq!(store.dashboards_of_room(room, 10, 0).await.unwrap().len(), 1);
    store.delete_dashboard(own.dashboard.id).await.unwrap();
    assert!(matches!(store.delete_dashboard(own.dashboard.id).await, Err(Error::Missing("dashboard"))));
    store.delete_room(room).await.unwrap();
    assert_eq!(store.dashboard(changed.dashboard.id).await.unwrap(), None);
    let gone = store.update_dashboard(&changed, 2, 5).await;
    assert!(matches!(gone, Err(Error::Missing("dashboard"))), "{gone:?}");
    assert_eq!(store.place_of_dashboard(DashboardId(Uuid::now_v7())).await.unwrap(), None);
}

async fn a_dashboard_remembers_its_newest_changes(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let mut row = dashboard_row(&ada, None, "board");
    store.add_dashboard(&row, 1).await.unwrap();
    let change = |revision: u64| Change {
        revision,
        by: Actor { kind: ActorKind::User, id: ada.id.to_string(), name: "ada".into() },
        at: String::new(),
        changes: vec![format!("to {revision}")],
        cards: Vec::new(),
        removed: Vec::new(),
    };
    for base in 1..=110 {
        row.dashboard.revision = base + 1;
        store.change_dashboard(&row, base, &change(base + 1), 2).await.unwrap();
    }
    assert!(matches!(store.change_dashboard(&row, 7, &change(8), 2).await, Err(Error::Stale(111))));
    let kept = store.changes_of_dashboard(row.dashboard.id, 0).await.unwrap();
    assert_eq!((kept.len(), kept[0].revision, kept[99].clone()), (100, 12, change(111)));
    assert_eq!(store.changes_of_dashboard(row.dashboard.id, 109).await.unwrap(), [change(110), change(111)]);
}

async fn a_share_ends_with_what_it_rests_on(url: &str) {
    let store = open(url).await;
    let (ada, eve) = (user(&store, "ada@example.com").await, user(&store, "eve@example.com").await);
    let room = room(&store, &ada).await;
    let row = dashboard_row(&ada, Some(room), "board");
    let id = row.dashboard.id;
    store.add_dashboard(&row, 1).await.unwrap();
    assert!(store.share_dashboard(id, eve.id, Role::Viewer, 1, 2).await.unwrap());
    assert!(store.share_dashboard(id, eve.id, Role::Editor, 1, 3).await.unwrap(), "the same one as something else");
    assert!(!store.share_dashboard(id, ada.id, Role::Viewer, 1, 4).await.unwrap(), "no room for one more");
    let sees = async || {
        (store.shared_role(id, eve.id).await.unwrap(), store.dashboards_of_user(eve.id, 9, 0).await.unwrap().len())
    };
    assert_eq!(sees().await, (None, 0), "of another tenant, and not in the room");
    store.put_member(room, eve.id, Role::Viewer, 0).await.unwrap();
    assert_eq!(sees().await, (Some(Role::Editor), 1));
    assert_eq!(store.shares_of_dashboard(id).await.unwrap()[0].email, "eve@example.com");
    store.unshare_dashboard(id, eve.id).await.unwrap();
    assert!(matches!(store.unshare_dashboard(id, eve.id).await, Err(Error::Missing("share"))));
    assert_eq!(sees().await, (None, 1));
}

async fn a_callback_waits_for_its_turn(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let (run, lost) = (RunId(Uuid::now_v7()), RunId(Uuid::now_v7()));
    let add = async |id, run| store.add_callback((id, ada.tenant_id, run), ("http://x", "secret"), 2, 1).await.unwrap();
    assert!(add("a", run).await && add("b", lost).await);
    assert!(!add("c", run).await, "two may wait");
    assert_eq!(store.callback_due().await.unwrap(), None);
    assert!(store.arm_callbacks(run, "{}", 10).await.unwrap());
    assert!(!store.arm_callbacks(run, "{\"late\": 1}", 11).await.unwrap(), "the first end counts");
    assert!(store.take_callbacks(9, 5, 8).await.unwrap().is_empty());
    let taken = store.take_callbacks(10, 5, 8).await.unwrap();
    assert_eq!((taken.len(), taken[0].body.as_str(), taken[0].attempts), (1, "{}", 1));
    assert!(store.take_callbacks(14, 5, 8).await.unwrap().is_empty(), "somebody is at it");
    assert_eq!(store.take_callbacks(15, 5, 8).await.unwrap()[0].attempts, 2, "who died is followed by the next");
    store.retry_callback("a", 30).await.unwrap();
    assert_eq!(store.callback_due().await.unwrap(), Some(30));
    store.end_callback("a").await.unwrap();
    store.drop_lost_callbacks().await.unwrap();
    assert!(add("d", run).await && add("e", run).await, "the tenant has room again");
}

async fn a_run_ends_once(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let board = dashboard_row(&ada, None, "board");
    store.add_dashboard(&board, 1).await.unwrap();
    let request: Generate = serde_json::from_value(json!({ "user_prompt": "sales by month" })).unwrap();
    let run = RunRow {
        id: RunId(Uuid::now_v7()),
        dashboard_id: board.dashboard.id,
        room_id: None,
        tenant_id: ada.tenant_id,
        user_id: ada.id,
        request,
    };
    store.start_run(&run, 1).await.unwrap();
    let under_way = store.runs_under_way(10).await.unwrap();
    assert_eq!(
        under_way.iter().map(|r| (r.id, r.request.user_prompt.as_str())).collect::<Vec<_>>(),
        [(run.id, "sales by month")]
    );
    assert!(store.end_run(run.id, Status::Failed, 2).await.unwrap());
    assert!(!store.end_run(run.id, Status::Completed, 3).await.unwrap());
    assert!(store.runs_under_way(10).await.unwrap().is_empty());
}

async fn a_reply_is_remembered_for_its_caller_and_key(url: &str) {
    let store = open(url).await;
    let room = Some(RoomId(Uuid::now_v7()));
    store.remember("ada", room, "k", "room.create", "1", 10).await.unwrap();
    store.remember("ada", room, "k", "room.create", "2", 11).await.unwrap();
    store.remember("ada", None, "k", "chat.send", "3", 12).await.unwrap();
    let recall = async |caller: &str, room, key: &str| store.recall(caller, room, key).await.unwrap();
    assert_eq!(recall("ada", room, "k").await, Some(("room.create".into(), "1".into())));
    assert_eq!(recall("ada", None, "k").await, Some(("chat.send".into(), "3".into())));
    assert_eq!(recall("bob", room, "k").await, None);
    assert_eq!(store.forget_replies(12).await.unwrap(), 1);
    assert_eq!(recall("ada", room, "k").await, None);
}

async fn a_store_opens_again_with_what_it_had(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    store.close().await;
    assert!(store.ping().await.is_err());
    let store = open(url).await;
    store.ping().await.unwrap();
    assert_eq!(store.user(ada.id).await.unwrap(), Some(ada));
}

#[tokio::test]
async fn an_address_that_is_neither_is_refused() {
    for url in ["mysql://localhost/x", "nonsense", "sqlite::memory:", "sqlite:/no/such/folder/x.db"] {
        assert!(Store::open(url).await.is_err(), "{url}");
    }
}

async fn a_key_has_a_holder_until_it_is_revoked(url: &str) {
    let store = open(url).await;
    let (ada, eve) = (user(&store, "ada@example.com").await, user(&store, "eve@example.com").await);
    let new = |hash: &str, expires_ms| NewKey {
        id: KeyId(Uuid::now_v7()),
        hash: hash.into(),
        user_id: ada.id,
        name: "a program".into(),
        prefix: "vizroom_abcd".into(),
        scopes: vec![Key::Read, Key::Ai],
        expires_ms,
    };
    let (one, two) = (new("one", None), new("two", Some(9_000)));
    let first = store.add_key(&one, 1_000).await.unwrap();
    assert_eq!((first.id, &first.scopes, first.expires_at.as_deref()), (one.id, &one.scopes, None));
    let second = store.add_key(&two, 2_000).await.unwrap();
    assert_eq!(second.expires_at.as_deref(), Some("1970-01-01T00:00:09.000Z"));
    assert_eq!(store.keys_of(ada.id).await.unwrap(), [second, first], "newest first");
    assert_eq!(store.keys_of(eve.id).await.unwrap(), []);
    let holder = KeyHolder { id: two.id, user: ada.clone(), scopes: two.scopes.clone(), expires_ms: Some(9_000) };
    assert_eq!(store.key_holder("two").await.unwrap(), Some(holder));
    store.key_used(two.id, 3_000).await.unwrap();
    let used = store.keys_of(ada.id).await.unwrap()[0].last_used_at.clone();
    assert_eq!(used.as_deref(), Some("1970-01-01T00:00:03.000Z"));
    let somebody_elses = store.revoke_key(eve.id, two.id).await;
    assert!(matches!(somebody_elses, Err(Error::Missing("key"))), "{somebody_elses:?}");
    store.revoke_key(ada.id, two.id).await.unwrap();
    assert!(matches!(store.revoke_key(ada.id, two.id).await, Err(Error::Missing("key"))));
    assert_eq!(store.key_holder("two").await.unwrap(), None);
    assert!(store.key_holder("one").await.unwrap().is_some());
}

async fn a_tenant_has_a_tier_or_the_default(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    assert_eq!(store.tiers().await.unwrap(), []);
    store.set_tier(ada.tenant_id, Some("free")).await.unwrap();
    assert_eq!(store.tiers().await.unwrap(), [(ada.tenant_id, "free".to_owned())]);
    store.set_tier(ada.tenant_id, None).await.unwrap();
    assert_eq!(store.tiers().await.unwrap(), []);
    let nobody = store.set_tier(TenantId(Uuid::now_v7()), Some("free")).await;
    assert!(matches!(nobody, Err(Error::Missing("tenant"))), "{nobody:?}");
}

async fn the_newest_notifications_are_kept(url: &str) {
    let store = open(url).await;
    let (ada, eve) = (user(&store, "ada@example.com").await, user(&store, "eve@example.com").await);
    let new = |n: u128| Notification {
        id: NotificationId(Uuid::from_u128(n << 64)),
        kind: Kind::Mention,
        text: n.to_string(),
        room_id: None,
        event_id: None,
        dashboard_id: None,
        read: false,
        created_at: "now".into(),
    };
    for n in 1..=5 {
        store.notify(ada.id, &new(n), 3).await.unwrap();
    }
    store.notify(eve.id, &new(9), 3).await.unwrap();
    assert_eq!(store.notifications_of(ada.id, None, 10).await.unwrap(), [new(5), new(4), new(3)]);
    assert_eq!(store.notifications_of(ada.id, Some(new(5).id), 1).await.unwrap(), [new(4)]);
    assert_eq!(store.unread(ada.id).await.unwrap(), 3);
    store.mark_read(ada.id, Some(&[new(4).id, new(9).id])).await.unwrap();
    assert_eq!(store.unread(ada.id).await.unwrap(), 2);
    assert!(store.notifications_of(ada.id, None, 2).await.unwrap()[1].read);
    store.mark_read(ada.id, None).await.unwrap();
    assert_eq!((store.unread(ada.id).await.unwrap(), store.unread(eve.id).await.unwrap()), (0, 1), "not eve's");
}

/// Runs statements past the store.
pub(crate) async fn raw(url: &str, statements: &str) {
    let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()));
    if url.starts_with("sqlite:") {
        statements.execute(&mut SqliteConnection::connect(url).await.unwrap()).await.unwrap();
    } else {
        statements.execute(&mut PgConnection::connect(url).await.unwrap()).await.unwrap();
    }
}

async fn who_may_see_a_dashboard_is_known(url: &str) {
    let store = open(url).await;
    let (ada, eve) = (user(&store, "ada@example.com").await, user(&store, "eve@example.com").await);
    let tenant = invitation("colleague", ada.tenant_id, None, false);
    store.invite(&tenant).await.unwrap();
    let bob = store.register(&new_user("bob@example.com"), Some("colleague"), 1).await.unwrap().user;
    let room = room(&store, &ada).await;
    let (inside, alone) = (dashboard_row(&ada, Some(room), "inside"), dashboard_row(&ada, None, "alone"));
    for row in [&inside, &alone] {
        store.add_dashboard(row, 1).await.unwrap();
        for user in [&bob, &eve] {
            assert!(store.share_dashboard(row.dashboard.id, user.id, Role::Viewer, 9, 2).await.unwrap());
        }
    }
    let seers = async |row: &DashboardRow| {
        let mut all: Vec<UserId> = store.seers_of_dashboard(row.dashboard.id).await.unwrap().into_iter().collect();
        all.sort();
        all
    };
    let sorted = |users: &[&User]| {
        let mut all: Vec<UserId> = users.iter().map(|user| user.id).collect();
        all.sort();
        all
    };
    assert_eq!(seers(&inside).await, sorted(&[&ada, &bob]), "eve is of another tenant");
    assert_eq!(seers(&alone).await, sorted(&[&ada, &bob]));
    store.put_member(room, eve.id, Role::Viewer, 0).await.unwrap();
    store.unshare_dashboard(inside.dashboard.id, bob.id).await.unwrap();
    assert_eq!(seers(&inside).await, sorted(&[&ada, &eve]));
    store.delete_room(room).await.unwrap();
    assert_eq!(seers(&inside).await, []);
}

fn card(more: serde_json::Value) -> vizroom_protocol::dashboard::Card {
    let mut card = json!({"id": Uuid::now_v7(), "key": "chart_1", "type": "kpi", "title": "x"});
    card.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(card).unwrap()
}

async fn a_dashboard_with_older_rows_in_it_is_stale(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let mut row = dashboard_row(&ada, None, "board");
    row.dashboard.cards = vec![card(json!({"stale": {"code": "UNAVAILABLE", "message": "too slow"}})), card(json!({}))];
    store.add_dashboard(&row, 1).await.unwrap();
    let stale = async || {
        let whole = store.dashboard(row.dashboard.id).await.unwrap().unwrap().dashboard;
        let listed = store.dashboards_of_user(ada.id, 1, 0).await.unwrap();
        (whole.stale, listed[0].stale)
    };
    assert_eq!(stale().await, (true, true));
    let mut fresh = row.clone();
    (fresh.dashboard.cards[0].stale, fresh.dashboard.revision) = (None, 2);
    store.update_dashboard(&fresh, 1, 2).await.unwrap();
    assert_eq!(stale().await, (false, false));
    row.dashboard.revision = 3;
    store.update_dashboard(&row, 2, 3).await.unwrap();
    assert_eq!(stale().await, (true, true));
}

async fn what_cards_skip_is_read_as_it_was_stored_before(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let mut row = dashboard_row(&ada, None, "board");
    let skipped = json!([{"key": "planet", "reason": "no_relation", "message": "m"}]);
    row.dashboard.cards = vec![card(json!({"filters_skipped": skipped}))];
    store.add_dashboard(&row, 1).await.unwrap();
    let read = async || {
        let cards = store.dashboard(row.dashboard.id).await.unwrap().unwrap().dashboard.cards;
        json!(cards[0].filters_skipped)
    };
    assert_eq!(read().await, skipped);
    let before = r#"replace(body, '{"key":"planet","reason":"no_relation","message":"m"}', '"planet"')"#;
    raw(url, &format!("UPDATE dashboards SET body = {before}")).await;
    let found = read().await;
    assert_eq!((&found[0]["key"], &found[0]["reason"]), (&json!("planet"), &json!("no_column")));
    assert_eq!(store.dashboards_of_user(ada.id, 1, 0).await.unwrap()[0].cards, 1);
}
