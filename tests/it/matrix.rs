//! Every operation of the table for every kind of caller: who may, may; who may not is told so, and changes nothing.
//!
//! A new operation needs an input in [`cases`]; what each caller is to get follows from its row in the table.

use serde_json::{Value, json};
use vizroom_protocol::operation::{self, Access, Info, Key};
use vizroom_protocol::room::Role;

use crate::server::{PASSWORD, Person, Server};
use crate::socket::Socket;

/// Whom a call must come from, where the table's row does not say all of it.
#[derive(Clone, Copy, PartialEq)]
enum Needs {
    /// Nothing but what the row says.
    Row,
    /// A role in the room that the operation itself looks at.
    Role(Role),
    /// The tenant whose the thing is.
    Tenant,
    /// The user whose the thing is.
    Owner,
    /// Whoever registered the tenant.
    Founder,
    /// The tenant whose the thing is, and there whoever registered it.
    House,
    /// The tenant whose the file is, or a role in the room it is linked to.
    Reach,
    /// A member, and then the one who said it.
    Author,
    /// A member of the tenant, or one who may change the room.
    Copy,
}

/// One way of calling an operation.
struct Case {
    input: Value,
    needs: Needs,
    /// What those who may get: empty for an answer, or the code of an error that only they get.
    answer: &'static str,
    /// What ann gets herself, if that is another.
    own: Option<&'static str>,
    /// The call changes what others are tried on.
    uses_up: bool,
}

impl Case {
    fn new(input: Value) -> Self {
        Self { input, needs: Needs::Row, answer: "", own: None, uses_up: false }
    }

    fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    fn answers(self, answer: &'static str) -> Self {
        Self { answer, ..self }
    }

    fn own(self, own: &'static str) -> Self {
        Self { own: Some(own), ..self }
    }

    fn uses_up(self) -> Self {
        Self { uses_up: true, ..self }
    }
}

/// What calls are tried on: all of it ann's.
struct Place {
    room: String,
    file: String,
    dashboard: String,
    /// As it is.
    layout: Value,
    /// Number of something ann said.
    message: u64,
    key: String,
    /// A data connection that leads nowhere.
    connection: String,
    /// A member of the room, and somebody of the tenant who is none.
    member: String,
    colleague: String,
}

/// An id of nothing.
const NOTHING: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

/// The inputs of an operation.
fn cases(name: &str, place: &Place) -> Vec<Case> {
    match name.split('.').next() {
        Some("dashboard" | "view") => of_dashboards(name, place),
        Some("room" | "presence" | "chat" | "file") => of_rooms(name, place),
        _ => of_people(name, place),
    }
}

/// Those of connections, accounts, keys and notifications.
fn of_people(name: &str, place: &Place) -> Vec<Case> {
    let Place { room, key, connection, .. } = place;
    let on_connection = || Case::new(json!({ "connection_id": connection }));
    let in_room = || Case::new(json!({ "room_id": room }));
    match name {
        // Answered by the connection itself: see `tests/it/live.rs`.
        "auth" | "auth.refresh" => vec![],
        "ping" | "connection.stats" | "account.me" | "key.list" | "notification.list" | "notification.read"
        | "settings.get" => vec![Case::new(json!({}))],
        "callback.settings" => vec![Case::new(json!({}))],
        "callback.set_secret" => {
            vec![
                Case::new(json!({ "secret": "0123456789abcdef" })).needs(Needs::Founder),
                Case::new(json!({ "secret": null })).needs(Needs::Founder),
            ]
        }
        "settings.update" => vec![Case::new(json!({ "settings": {} }))],
        "audit.list" => vec![Case::new(json!({})).needs(Needs::Founder)],
        "account.invitations" => vec![Case::new(json!({})), in_room().needs(Needs::Role(Role::Owner))],
        "account.revoke_invitation" => vec![Case::new(json!({ "invitation_id": NOTHING })).answers("NOT_FOUND")],
        "account.forgot_password" => vec![Case::new(json!({ "email": "nobody@example.com" }))],
        "account.reset_password" => {
            vec![Case::new(json!({ "token": "unknown", "password": PASSWORD })).answers("INVALID_REQUEST")]
        }
        "account.change_password" => {
            let wrong = json!({ "old_password": "wrong wrong", "password": PASSWORD });
            vec![Case::new(wrong).answers("FORBIDDEN")]
        }
        "account.oauth_begin" => vec![Case::new(json!({ "provider": "none" })).answers("NOT_FOUND")],
        "account.oauth_finish" => {
            let input = json!({ "provider": "none", "state": "x", "code": "x", "browser": "x" });
            vec![Case::new(input).answers("UNAUTHORIZED")]
        }
        "account.oauth_exchange" => {
            vec![Case::new(json!({ "code": "x", "browser": "x" })).answers("UNAUTHORIZED")]
        }
        "account.register" => vec![Case::new(json!({ "email": "x", "password": PASSWORD })).answers("INVALID_REQUEST")],
        "account.login" => vec![Case::new(json!({ "email": "ann@example.com", "password": PASSWORD }))],
        "account.refresh" => vec![Case::new(json!({ "refresh_token": "unknown" })).answers("UNAUTHORIZED")],
        "account.logout" => vec![Case::new(json!({ "refresh_token": "unknown" }))],
        "account.invite" => vec![Case::new(json!({})), in_room().needs(Needs::Role(Role::Owner))],
        "key.create" => vec![Case::new(json!({ "name": "x", "scopes": ["admin"] }))],
        "key.revoke" => vec![Case::new(json!({ "key_id": key })).needs(Needs::Owner).uses_up()],
        "data_connection.create" => {
            vec![Case::new(json!({ "name": "x", "kind": "postgres" })).needs(Needs::Founder).answers("INVALID_REQUEST")]
        }
        "data_connection.list" => vec![Case::new(json!({}))],
        "data_connection.get" => vec![on_connection().needs(Needs::Tenant)],
        "data_connection.update" | "data_connection.test" => vec![on_connection().needs(Needs::House)],
        "data_connection.schema" => vec![on_connection().needs(Needs::Tenant).answers("UNAVAILABLE")],
        "data_connection.delete" => vec![on_connection().needs(Needs::House).uses_up()],
        new => panic!("`{new}` has no input here: say how it is called, so that it is tried by everybody"),
    }
}

/// Those of rooms, what is said and what is in them.
fn of_rooms(name: &str, place: &Place) -> Vec<Case> {
    let Place { room, file, message, member, colleague, .. } = place;
    let in_room = || Case::new(json!({ "room_id": room }));
    match name {
        "room.list" | "file.usage" => vec![Case::new(json!({}))],
        "room.create" => vec![Case::new(json!({ "name": "Room" }))],
        "room.delete" => vec![in_room().uses_up()],
        "room.join" => vec![in_room()],
        "room.leave" => vec![in_room().answers("INVALID_REQUEST")],
        "room.add_member" => {
            vec![Case::new(json!({ "room_id": room, "user_id": colleague, "role": "viewer" })).uses_up()]
        }
        "room.remove_member" => vec![Case::new(json!({ "room_id": room, "user_id": member })).uses_up()],
        "room.update" => vec![Case::new(json!({ "room_id": room, "name": "Another" }))],
        "room.set_role" => {
            vec![Case::new(json!({ "room_id": room, "user_id": member, "role": "editor" })).uses_up()]
        }
        "room.resign" => vec![in_room().own("CONFLICT").uses_up()],
        "room.status" | "room.readers" | "room.history" => vec![in_room()],
        "presence.update" => vec![Case::new(json!({ "room_id": room, "typing": true }))],
        "chat.send" => vec![Case::new(json!({ "room_id": room, "content": "hello" }))],
        "chat.edit" => {
            let input = json!({ "room_id": room, "seq": message, "content": "better" });
            vec![Case::new(input).needs(Needs::Author)]
        }
        "chat.delete" => {
            vec![Case::new(json!({ "room_id": room, "seq": message })).needs(Needs::Author).uses_up()]
        }
        "file.get" => vec![Case::new(json!({ "file_id": file })).needs(Needs::Reach)],
        "file.upload" => vec![Case::new(json!({ "upload_id": NOTHING })).answers("NOT_FOUND")],
        "file.unlink" => vec![Case::new(json!({ "room_id": room, "file_ids": [file] })).uses_up()],
        "file.list" => vec![Case::new(json!({})), in_room().needs(Needs::Role(Role::Viewer))],
        "file.delete" => vec![Case::new(json!({ "file_id": file })).needs(Needs::Tenant).uses_up()],
        "file.link" => vec![Case::new(json!({ "room_id": room, "file_ids": [file] }))],
        new => panic!("`{new}` has no input here: say how it is called, so that it is tried by everybody"),
    }
}

/// Those of dashboards.
fn of_dashboards(name: &str, place: &Place) -> Vec<Case> {
    let Place { room, dashboard, layout, colleague, .. } = place;
    let in_room = || Case::new(json!({ "room_id": room }));
    let on_dashboard = || Case::new(json!({ "dashboard_id": dashboard }));
    match name {
        "dashboard.generate" => {
            vec![Case::new(json!({ "room_id": room, "user_prompt": "sales by region" })).uses_up()]
        }
        "dashboard.refine" => {
            vec![Case::new(json!({ "session_id": dashboard, "new_feedback": "make chart 1 a pie" })).uses_up()]
        }
        "dashboard.filter" => vec![Case::new(json!({ "session_id": dashboard, "filter_state": {} })).uses_up()],
        "dashboard.cancel" => vec![Case::new(json!({ "session_id": dashboard }))],
        "dashboard.list" => vec![in_room()],
        "dashboard.get"
        | "dashboard.changes"
        | "dashboard.shares"
        | "dashboard.start"
        | "dashboard.refresh"
        | "dashboard.refresh_settings"
        | "dashboard.publish"
        | "dashboard.links" => vec![on_dashboard()],
        "dashboard.follow" => vec![on_dashboard()],
        "dashboard.unfollow" => vec![on_dashboard().answers("INVALID_REQUEST")],
        "dashboard.rows" => vec![Case::new(json!({ "dashboard_id": dashboard, "panel_id": "chart_1" }))],
        "dashboard.unpublish" => vec![on_dashboard()],
        "dashboard.add_link" => vec![Case::new(json!({ "dashboard_id": dashboard, "name": "x", "filter_state": {} }))],
        "dashboard.change_link" | "dashboard.remove_link" => {
            vec![Case::new(json!({ "dashboard_id": dashboard, "link_id": NOTHING })).answers("NOT_FOUND")]
        }
        "dashboard.set_refresh" => vec![Case::new(json!({ "dashboard_id": dashboard, "enabled": false }))],
        "dashboard.process" => vec![Case::new(json!({ "session_id": dashboard }))],
        "dashboard.create" => vec![Case::new(json!({ "room_id": room, "title": "Made" }))],
        "dashboard.save" => vec![Case::new(json!({ "room_id": room, "title": "Saved" }))],
        "dashboard.update" => vec![Case::new(json!({ "dashboard_id": dashboard, "title": "Other" }))],
        "dashboard.layout" => vec![Case::new(json!({ "dashboard_id": dashboard, "layout": layout }))],
        "dashboard.add_panel" => {
            vec![Case::new(json!({ "dashboard_id": dashboard, "panel": { "type": "insight", "text": "so" } }))]
        }
        "dashboard.update_panel" => {
            let input = json!({ "dashboard_id": dashboard, "panel_id": "chart_1", "panel": { "title": "Other" } });
            vec![Case::new(input)]
        }
        "dashboard.remove_panel" => {
            vec![Case::new(json!({ "dashboard_id": dashboard, "panel_id": "chart_1" })).uses_up()]
        }
        "dashboard.clone" => vec![on_dashboard().needs(Needs::Copy)],
        "dashboard.share" => {
            let input = json!({ "dashboard_id": dashboard, "user_id": colleague, "role": "viewer" });
            vec![Case::new(input).uses_up()]
        }
        "dashboard.unshare" => {
            vec![Case::new(json!({ "dashboard_id": dashboard, "user_id": colleague })).answers("NOT_FOUND")]
        }
        "view.open" => vec![Case::new(json!({ "slug": "none" })).answers("NOT_FOUND")],
        "view.follow" => vec![Case::new(json!({}))],
        "view.filter" => vec![Case::new(json!({ "filter_state": {} }))],
        "dashboard.delete" => vec![on_dashboard().uses_up()],
        new => panic!("`{new}` has no input here: say how it is called, so that it is tried by everybody"),
    }
}

/// A kind of caller.
struct Who {
    name: String,
    person: Person,
    signed_in: bool,
    /// Of ann's tenant.
    inside: bool,
    /// In the room.
    role: Option<Role>,
    /// Ann herself.
    owner: bool,
    key: Option<Key>,
    /// Came by a public link.
    views: bool,
}

impl Who {
    /// What the table says this caller gets: nothing where they may.
    fn refusal(&self, info: &Info, case: &Case) -> Option<&'static str> {
        if !self.signed_in {
            return (info.access != Access::Anyone).then_some("UNAUTHORIZED");
        }
        match (self.views, info.access) {
            (_, Access::Anyone) => {}
            (true, Access::Viewing) => return None,
            (true, _) => return (info.name != "ping").then_some("FORBIDDEN"),
            (false, Access::Viewing) => return Some("FORBIDDEN"),
            (false, _) => {}
        }
        if self.key.is_some_and(|key| key != info.key) {
            return Some("FORBIDDEN");
        }
        let role = match (case.needs, info.access) {
            (Needs::Tenant, _) => return (!self.inside).then_some("NOT_FOUND"),
            (Needs::Owner, _) => return (!self.owner).then_some("NOT_FOUND"),
            (Needs::Founder, _) => return (self.inside && !self.owner).then_some("FORBIDDEN"),
            (Needs::House, _) if !self.inside => return Some("NOT_FOUND"),
            (Needs::House, _) => return (!self.owner).then_some("FORBIDDEN"),
            (Needs::Reach, _) => return (!self.inside && self.role.is_none()).then_some("NOT_FOUND"),
            (Needs::Author, _) if self.owner => return None,
            (Needs::Author, _) => return Some(if self.role.is_none() { "NOT_FOUND" } else { "FORBIDDEN" }),
            (Needs::Copy, _) if self.inside => Role::Viewer,
            (Needs::Copy, _) => Role::Editor,
            (Needs::Role(role), _) | (Needs::Row, Access::Member(role)) => role,
            (Needs::Row, Access::Connected)
                if case.input.get("room_id").or_else(|| case.input.get("dashboard_id")).is_some() =>
            {
                Role::Viewer
            }
            (Needs::Row, _) => return None,
        };
        match self.role {
            None => Some("NOT_FOUND"),
            Some(has) if !has.covers(role) => Some("FORBIDDEN"),
            Some(_) => None,
        }
    }

    /// The error's code, or nothing.
    async fn call(&self, info: &Info, input: &Value) -> String {
        // What a link shows is told over a connection; who may not look is told so anywhere.
        let connected = info.access == Access::Connected || (info.access == Access::Viewing && self.views);
        if connected && self.signed_in {
            let mut socket: Socket = self.person.socket().await;
            let answer = socket.try_call(info.name, input.clone(), None).await;
            return answer.map_or_else(|error| error["code"].as_str().unwrap().to_owned(), |_| String::new());
        }
        let answer = self.person.call(info.name, input.clone()).await;
        if answer.status == 200 { String::new() } else { answer.error().1 }
    }
}

struct Stage {
    ann: Person,
    vic: Person,
    colleague: Person,
    everybody: Vec<Who>,
}

async fn stage(server: &Server) -> Stage {
    let ann = server.person("ann").await;
    let join = async |name: &str| {
        let invitation = ann.call("account.invite", json!({})).await.data();
        server.invited(name, invitation["invitation"].as_str()).await
    };
    let (vic, edi, colleague) = (join("vic").await, join("edi").await, join("col").await);
    let (guest, eve) = (server.person("guest").await, server.person("eve").await);
    let who = |name: &str, person: &Person, inside: bool, role: Option<Role>| Who {
        name: name.into(),
        person: person.clone(),
        signed_in: !person.tokens.is_null(),
        inside,
        role,
        owner: person.tokens == ann.tokens,
        key: None,
        views: false,
    };
    let mut everybody = vec![
        who("nobody", &server.stranger(), false, None),
        who("another tenant", &eve, false, None),
        who("a guest", &guest, false, Some(Role::Viewer)),
        who("a colleague", &colleague, true, None),
        who("a viewer", &vic, true, Some(Role::Viewer)),
        who("an editor", &edi, true, Some(Role::Editor)),
        who("the owner", &ann, true, Some(Role::Owner)),
    ];
    for key in [Key::Read, Key::Write, Key::Rooms, Key::Dashboards, Key::Ai, Key::Admin] {
        let made = ann.call("key.create", json!({ "name": "x", "scopes": [key] })).await.data();
        let tokens = json!({ "user": ann.tokens["user"], "access_token": made["key"] });
        let person = Person { tokens, ..ann.clone() };
        let name = format!("a key that may {key:?}");
        everybody.push(Who { name, key: Some(key), owner: true, ..who("", &person, true, Some(Role::Owner)) });
    }
    everybody.push(Who { views: true, ..who("a viewer of a public link", &by_link(server, &ann).await, false, None) });
    Stage { ann, vic, colleague, everybody }
}

/// Somebody who came by a public link to a dashboard of ann's.
async fn by_link(server: &Server, ann: &Person) -> Person {
    let made = ann.call("dashboard.create", json!({ "title": "Public" })).await.data();
    let link = ann.call("dashboard.publish", json!({ "dashboard_id": made["id"] })).await.data();
    let opened = server.stranger().call("view.open", json!({ "slug": link["slug"] })).await.data();
    Person { tokens: json!({ "access_token": opened["token"] }), ..server.stranger() }
}

impl Stage {
    /// A room with its members, a file and a finished dashboard.
    async fn place(&self, server: &Server) -> Place {
        let ann = &self.ann;
        let room = ann.room().await;
        for who in &self.everybody {
            // Guests come by invitation, everybody else is put in.
            let (Some(role), None, false) = (who.role, who.key, who.owner) else { continue };
            let id = who.person.id();
            if who.inside {
                ann.call("room.add_member", json!({ "room_id": room, "user_id": id, "role": role })).await.data();
            } else {
                let invitation = ann.call("account.invite", json!({ "room_id": room, "role": role })).await.data();
                let email = format!("{}@example.com", who.person.tokens["user"]["name"].as_str().unwrap());
                let login = json!({ "email": email, "password": PASSWORD, "invitation": invitation["invitation"] });
                // With the invitation of an owner to a room of theirs, a stranger becomes a member of it only.
                server.stranger().call("account.login", login).await.data();
            }
        }
        let csv = "region,sales\nNorth,10\nSouth,20\n";
        let file = ann.upload("/server/data/upload", "sales.csv", csv, Some(&room)).await.data()["id"].clone();
        let mut socket = ann.socket().await;
        socket.join(&room, json!("head")).await;
        let prompt = json!({ "room_id": room, "user_prompt": "sales by region" });
        let begun = socket.call("dashboard.generate", prompt).await;
        socket.event("generation.completed").await;
        let key = ann.call("key.create", json!({ "name": "spare", "scopes": ["read"] })).await.data()["id"].clone();
        let nowhere = json!({
            "name": uuid::Uuid::now_v7().to_string(), "kind": "postgres", "host": "db.invalid", "database": "x",
            "username": "x",
        });
        let connection = ann.call("data_connection.create", nowhere).await.data()["id"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let said = json!({ "room_id": room, "content": "as I said" });
        let message = ann.call("chat.send", said).await.data()["seq"].as_u64().unwrap();
        let drawn = ann.call("dashboard.get", json!({ "dashboard_id": begun["session_id"] })).await.data();
        Place {
            layout: drawn["layout"].clone(),
            message,
            room,
            file: text(&file),
            dashboard: text(&begun["session_id"]),
            key: text(&key),
            connection: text(&connection),
            member: self.vic.id().to_owned(),
            colleague: self.colleague.id().to_owned(),
        }
    }

    /// All that calls could change, as ann sees it.
    async fn seen(&self, place: &Place) -> Vec<Value> {
        let room = json!({ "room_id": place.room });
        let mut seen = Vec::new();
        for (name, input) in [
            ("room.list", json!({})),
            ("room.history", json!({ "room_id": place.room, "limit": 500 })),
            ("file.list", json!({})),
            ("file.list", room.clone()),
            ("dashboard.list", room.clone()),
            ("dashboard.get", json!({ "dashboard_id": place.dashboard })),
            ("key.list", json!({})),
            ("data_connection.list", json!({})),
        ] {
            let mut data = self.ann.call(name, input).await.data();
            // That a key is used is written down beside the calls.
            for key in data["keys"].as_array_mut().into_iter().flatten() {
                key["last_used_at"] = Value::Null;
            }
            seen.push(data);
        }
        let mut status = self.ann.call("room.status", room).await.data();
        // Connections end beside the calls, too.
        status["connected"] = Value::Null;
        seen.push(status);
        seen
    }
}

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let server = Server::start().await;
    let stage = stage(&server).await;
    let mut place = stage.place(&server).await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for info in operation::ALL {
        for at in 0..cases(info.name, &place).len() {
            let case = |place: &Place| cases(info.name, place).swap_remove(at);
            let now = case(&place);
            let (refused, allowed): (Vec<&Who>, Vec<&Who>) =
                stage.everybody.iter().partition(|who| who.refusal(info, &now).is_some());
            assert!(!allowed.is_empty(), "nobody may `{}`", info.name);
            let (before, known) = (stage.seen(&place).await, wrong.len());
            for who in refused {
                let (expected, got) = (who.refusal(info, &now).unwrap(), who.call(info, &now.input).await);
                tried += 1;
                if got != expected {
                    wrong.push(format!("{}: {} {} gets `{got}`, not {expected}", who.name, info.name, now.input));
                }
            }
            if wrong.len() > known {
                // Who got what they should not may have left nothing to compare.
                place = stage.place(&server).await;
            } else if stage.seen(&place).await != before {
                wrong.push(format!("{} was refused, and changed something", info.name));
            }
            for who in allowed {
                let now = case(&place);
                let got = who.call(info, &now.input).await;
                tried += 1;
                let expected = now.own.filter(|_| who.owner).unwrap_or(now.answer);
                if got != expected {
                    wrong.push(format!("{}: {} {} gets `{got}`, not `{expected}`", who.name, info.name, now.input));
                }
                if now.uses_up {
                    place = stage.place(&server).await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > operation::ALL.len() * 10, "{tried}");
}
