//! Accounts in the store: every test on SQLite and on PostgreSQL.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;
use vizroom::store::{
    AuditRow, DataConnectionRow, Ended, Error, Identity, Invitation, Invited, NewKey, NewUser, SignIn, Store,
};
use vizroom_protocol::account::User;
use vizroom_protocol::data_connection::Target;
use vizroom_protocol::id::{AuditId, DataConnectionId, InvitationId, KeyId, TenantId, UserId};
use vizroom_protocol::operation::Key;
use vizroom_protocol::settings::Settings;

use crate::store::{on_both, open, raw, room, user};

on_both! {
    a_password_is_reset_once_and_in_time,
    an_identity_is_one_user_and_the_first_proof_of_an_address_counts,
    a_sign_in_is_taken_once,
    settings_stay_within_their_bound,
    audit_lines_are_paged_and_pruned,
    old_audit_lines_lose_their_secrets,
    a_password_is_changed_where_the_old_one_still_is,
    pending_invitations_are_listed,
    data_connections_are_their_tenants_and_change_once,
}

async fn a_password_is_reset_once_and_in_time(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    store.add_refresh_token("r1", "fam1", ada.id, None, 9_000, 0).await.unwrap();
    store.add_refresh_token("r2", "fam2", ada.id, None, 9_000, 0).await.unwrap();
    store.rotate_refresh_token("r2", "r3", 9_000, 1).await.unwrap();
    store.add_password_reset("one", ada.id, 100, 0).await.unwrap();
    store.add_password_reset("two", ada.id, 100, 0).await.unwrap();
    assert!(store.has_password_reset("one", 99).await.unwrap());
    assert!(!store.has_password_reset("one", 100).await.unwrap());
    assert!(matches!(store.reset_password("one", "new", 100).await, Err(Error::Missing("token"))));
    let (id, ended) = store.reset_password("one", "new", 50).await.unwrap();
    assert_eq!((id, ended.families, ended.keys), (ada.id, vec!["fam1".to_owned(), "fam2".to_owned()], vec![]));
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap().unwrap().1.as_deref(), Some("new"));
    for hash in ["one", "two"] {
        assert!(matches!(store.reset_password(hash, "x", 50).await, Err(Error::Missing("token"))), "all are used up");
    }
    assert_eq!(store.revoked_families(0).await.unwrap().len(), 2);
    // Somebody whose old password was found to be right just before.
    let late = store.add_refresh_token("r4", "fam3", ada.id, Some("hash"), 9_000, 60).await;
    assert!(matches!(late, Err(Error::Missing("user"))), "{late:?}");
    store.add_refresh_token("r4", "fam3", ada.id, Some("new"), 9_000, 60).await.unwrap();
}

async fn an_identity_is_one_user_and_the_first_proof_of_an_address_counts(url: &str) {
    let store = open(url).await;
    let identity = Identity { provider: "work", subject: "7" };
    assert_eq!(store.user_by_identity(identity).await.unwrap(), None);
    let ada = user(&store, "ada@example.com").await;
    store.add_refresh_token("r1", "fam", ada.id, None, 9_000, 0).await.unwrap();
    let key = key_of(&store, ada.id, "k1").await;
    let ended = store.link_identity(ada.id, identity, 10).await.unwrap();
    assert_eq!(ended, Ended { families: vec!["fam".to_owned()], keys: vec![key] });
    assert_eq!(store.keys_of(ada.id).await.unwrap(), []);
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), Some((ada.clone(), None)), "not her password");
    assert_eq!(store.user_by_identity(identity).await.unwrap(), Some(ada.clone()));
    let other = Identity { provider: "other", subject: "7" };
    store.add_refresh_token("r2", "fam2", ada.id, None, 9_000, 0).await.unwrap();
    key_of(&store, ada.id, "k2").await;
    assert_eq!(store.link_identity(ada.id, other, 20).await.unwrap(), Ended::default(), "proven already");
    assert_eq!(store.keys_of(ada.id).await.unwrap().len(), 1);
    assert!(store.user_by_identity(identity).await.unwrap().is_some());
    let bob = user(&store, "bob@example.com").await;
    assert!(matches!(store.link_identity(bob.id, other, 30).await, Err(Error::Taken("identity"))));
    assert!(store.user_by_email("bob@example.com").await.unwrap().unwrap().1.is_some(), "rolled back");
    let cem = NewUser {
        id: UserId(Uuid::now_v7()),
        tenant_id: TenantId(Uuid::now_v7()),
        email: "cem@example.com".into(),
        name: "cem".into(),
        password_hash: String::new(),
    };
    let third = Identity { provider: "work", subject: "8" };
    store.register_by(&cem, Some((third, false)), None, 40).await.unwrap();
    assert_eq!(store.user_by_identity(third).await.unwrap().unwrap().id, cem.id);
    // Somebody proves by mail that the address is theirs: who only claimed it is out.
    store.add_password_reset("reset", cem.id, 100, 0).await.unwrap();
    store.reset_password("reset", "new", 50).await.unwrap();
    assert_eq!(store.user_by_identity(third).await.unwrap(), None);
    assert!(store.owns_tenant(cem.id).await.unwrap());
}

async fn key_of(store: &Store, user_id: UserId, hash: &str) -> KeyId {
    let (id, name, prefix) = (KeyId(Uuid::now_v7()), "a key".into(), "vizroom_".into());
    let new = NewKey { id, hash: hash.into(), user_id, name, prefix, scopes: vec![Key::Read], expires_ms: None };
    store.add_key(&new, 0).await.unwrap();
    id
}

async fn a_sign_in_is_taken_once(url: &str) {
    let store = open(url).await;
    let sign_in = SignIn {
        browser_hash: "browser".into(),
        provider: "work".into(),
        nonce: "n".into(),
        verifier: "v".into(),
        invitation_hash: None,
    };
    store.begin_sign_in("late", &sign_in, 100, 0).await.unwrap();
    assert_eq!(store.take_sign_in("late", 100).await.unwrap(), None);
    store.begin_sign_in("state", &sign_in, 300, 200).await.unwrap();
    assert_eq!(store.take_sign_in("late", 50).await.unwrap(), None, "expired ones are forgotten");
    assert_eq!(store.take_sign_in("state", 250).await.unwrap(), Some(sign_in));
    assert_eq!(store.take_sign_in("state", 250).await.unwrap(), None);
    let ada = user(&store, "ada@example.com").await;
    store.add_sign_in_code("code", "browser", ada.id, 100, 0).await.unwrap();
    assert_eq!(store.take_sign_in_code("code", "other", 50).await.unwrap(), None);
    assert_eq!(store.take_sign_in_code("code", "browser", 50).await.unwrap(), None);
    store.add_sign_in_code("code", "browser", ada.id, 100, 0).await.unwrap();
    assert_eq!(store.take_sign_in_code("code", "browser", 50).await.unwrap(), Some(ada.id));
}

async fn settings_stay_within_their_bound(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let patch = |value| serde_json::from_value::<Settings>(value).unwrap();
    let half = patch(json!({ "a": "x".repeat(40_000) }));
    assert_eq!(store.update_settings(ada.id, &half).await.unwrap(), half);
    let too_much = store.update_settings(ada.id, &patch(json!({ "b": "x".repeat(40_000) }))).await;
    assert!(matches!(too_much, Err(Error::TooLarge { what: "settings", .. })), "{too_much:?}");
    assert_eq!(store.settings(ada.id).await.unwrap(), half);
    let nobody = store.update_settings(UserId(Uuid::now_v7()), &half).await;
    assert!(matches!(nobody, Err(Error::Missing("user"))));
}

async fn audit_lines_are_paged_and_pruned(url: &str) {
    let store = open(url).await;
    let (ada, bob) = (user(&store, "ada@example.com").await, user(&store, "bob@example.com").await);
    let room_id = room(&store, &ada).await;
    let line = |ts_ms: i64, room_id| AuditRow {
        id: AuditId(Uuid::now_v7()),
        tenant_id: bob.tenant_id,
        room_id,
        user_id: Some(bob.id),
        operation: "room.delete",
        target: BTreeMap::from([("room_id".to_owned(), "x".to_owned())]),
        outcome: "ok".into(),
        ts_ms,
        remote: None,
    };
    store.add_audit(&[line(1_000, None), line(2_000, Some(room_id)), line(3_000, None)]).await.unwrap();
    let (of_bob, more) = store.audit(bob.tenant_id, None, 1).await.unwrap();
    assert_eq!((of_bob.len(), of_bob[0].ts.as_str(), more), (1, "1970-01-01T00:00:03.000Z", true));
    let (older, more) = store.audit(bob.tenant_id, Some(of_bob[0].id), 10).await.unwrap();
    assert_eq!((older.len(), older[0].user_id, more), (1, Some(bob.id), false));
    let (of_ada, _) = store.audit(ada.tenant_id, None, 10).await.unwrap();
    assert_eq!(of_ada.len(), 1, "what was about her room");
    assert_eq!(store.prune_audit(2_500).await.unwrap(), 2);
    assert_eq!(store.audit(bob.tenant_id, None, 10).await.unwrap().0.len(), 1);
}

async fn pending_invitations_are_listed(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let invitation = |hash: &str, created_ms| Invitation {
        id: InvitationId(Uuid::now_v7()),
        hash: hash.into(),
        tenant_id: ada.tenant_id,
        room: None,
        email: None,
        guest: false,
        inviter_id: Some(ada.id),
        created_ms,
        expires_ms: created_ms + 100,
    };
    let (one, two) = (invitation("one", 0), invitation("two", 50));
    store.invite(&one).await.unwrap();
    store.invite(&two).await.unwrap();
    let ids = async |which, now_ms| -> Vec<InvitationId> {
        store.invitations(which, now_ms).await.unwrap().into_iter().map(|one| one.id).collect()
    };
    assert_eq!(ids(Invited::By(ada.id), 60).await, [two.id, one.id]);
    assert_eq!(ids(Invited::ToTenant(ada.tenant_id), 110).await, [two.id]);
    assert_eq!(store.invitation(one.id, 60).await.unwrap().unwrap().1, ada.tenant_id);
    store.revoke_invitation(two.id).await.unwrap();
    assert!(matches!(store.revoke_invitation(two.id).await, Err(Error::Missing("invitation"))));
    assert_eq!(ids(Invited::ToTenant(ada.tenant_id), 60).await, [one.id]);
}

async fn data_connections_are_their_tenants_and_change_once(url: &str) {
    let store = open(url).await;
    let (ada, eve) = (user(&store, "ada@example.com").await, user(&store, "eve@example.com").await);
    let target: Target = serde_json::from_value(json!({"kind": "mysql", "host": "db.example.com"})).unwrap();
    let row = |owner: &User, name: &str| DataConnectionRow {
        id: DataConnectionId(Uuid::now_v7()),
        tenant_id: owner.tenant_id,
        name: name.into(),
        target: target.clone(),
        secret: Some("sealed".into()),
        version: 1,
        created_by: owner.id,
        created_ms: 5,
        updated_ms: 5,
    };
    let shop = row(&ada, "shop");
    store.add_data_connection(&shop, 2).await.unwrap();
    assert!(matches!(store.add_data_connection(&row(&ada, "shop"), 2).await, Err(Error::Taken("name"))));
    store.add_data_connection(&row(&eve, "shop"), 2).await.unwrap();
    store.add_data_connection(&row(&ada, "books"), 2).await.unwrap();
    assert!(matches!(store.add_data_connection(&row(&ada, "more"), 2).await, Err(Error::Many(_))));
    let names = |rows: Vec<DataConnectionRow>| rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(names(store.data_connections(ada.tenant_id).await.unwrap()), ["books", "shop"]);
    assert_eq!(store.data_connection(eve.tenant_id, shop.id).await.unwrap(), None);
    assert_eq!(store.data_connection_named(ada.tenant_id, "shop").await.unwrap().as_ref(), Some(&shop));

    let taken = DataConnectionRow { name: "books".into(), ..shop.clone() };
    assert!(matches!(store.change_data_connection(&taken).await, Err(Error::Taken("name"))));
    let changed = DataConnectionRow { name: "Shop".into(), secret: None, updated_ms: 9, ..shop.clone() };
    store.change_data_connection(&changed).await.unwrap();
    let read = store.data_connection(ada.tenant_id, shop.id).await.unwrap().unwrap();
    assert_eq!(read, DataConnectionRow { version: 2, ..changed.clone() });
    assert!(
        matches!(store.change_data_connection(&changed).await, Err(Error::Missing("connection"))),
        "an old version"
    );

    assert!(matches!(store.delete_data_connection(eve.tenant_id, shop.id).await, Err(Error::Missing("connection"))));
    store.delete_data_connection(ada.tenant_id, shop.id).await.unwrap();
    assert_eq!(names(store.data_connections(ada.tenant_id).await.unwrap()), ["books"]);
    assert_eq!(names(store.data_connections(eve.tenant_id).await.unwrap()), ["shop"]);
}

/// As an earlier version left them: once the schema is brought up to date, no secret is there any more.
async fn old_audit_lines_lose_their_secrets(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    let dashboard = Uuid::now_v7().to_string();
    let on = |more: &str| format!(r#"{{"dashboard_id":"{dashboard}"{more}}}"#);
    let kept = on("");
    let quoted = on(r#","name":",\"password\":\"x\"""#);
    let lines = [
        ("dashboard.publish", on(r#","expires_at":"2030-01-01T00:00:00Z","password":"hun\"ter2""#), kept.clone()),
        ("dashboard.change_link", on(r#","link_id":"x","name":"A","password":"hunter2""#), kept.clone()),
        ("dashboard.publish", kept.clone(), kept),
        ("dashboard.publish", r#"{"dashboard_id":"short","password":"hunter2"}"#.into(), "{}".into()),
        ("callback.set_secret", r#"{"secret":"hunter2hunter2hunter2"}"#.into(), "{}".into()),
        ("data_connection.create", r#"{"kind":"postgres","password":"hunter2","username":"u"}"#.into(), "{}".into()),
        ("dashboard.add_link", quoted.clone(), quoted),
    ];
    for (operation, target, _) in &lines {
        let (id, target) = (Uuid::now_v7(), target.replace('\'', "''"));
        let (tenant, values) = (ada.tenant_id, format!("'{operation}', '{target}', 'ok', 1"));
        let columns = "id, tenant_id, operation, target, outcome, ts";
        raw(url, &format!("INSERT INTO audit ({columns}) VALUES ('{id}', '{tenant}', {values})")).await;
    }
    store.close().await;
    raw(url, "DELETE FROM _sqlx_migrations WHERE version = 13").await;
    let store = open(url).await;
    let (found, _) = store.audit(ada.tenant_id, None, 10).await.unwrap();
    let found: Vec<String> = found.iter().rev().map(|line| json!(line.target).to_string()).collect();
    assert_eq!(found, lines.map(|(_, _, expected)| expected));
}

async fn a_password_is_changed_where_the_old_one_still_is(url: &str) {
    let store = open(url).await;
    let ada = user(&store, "ada@example.com").await;
    for family in ["here", "there"] {
        store.add_refresh_token(family, family, ada.id, None, 9_000, 0).await.unwrap();
    }
    store.add_password_reset("mailed", ada.id, 9_000, 0).await.unwrap();
    let wrong = store.change_password(ada.id, "other", "new", "here", 1).await;
    assert!(matches!(wrong, Err(Error::Missing("password"))), "{wrong:?}");
    let ended = store.change_password(ada.id, "hash", "new", "here", 1).await.unwrap();
    assert_eq!(ended, Ended { families: vec!["there".into()], keys: vec![] });
    assert!(!store.has_password_reset("mailed", 2).await.unwrap());
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap().unwrap().1.as_deref(), Some("new"));
    assert_eq!(store.change_password(ada.id, "new", "newer", "here", 2).await.unwrap(), Ended::default());
}
