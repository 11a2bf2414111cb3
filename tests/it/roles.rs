//! What each role may do: the page that says so is made of the table of operations, and each of its cells is tried.

use serde_json::{Value, json};
use vizroom_protocol::operation::{self, Access};
use vizroom_protocol::room::Role;

use crate::server::{Person, Server};

const ROLES: [(&str, Role); 4] =
    [("viewer", Role::Viewer), ("agent", Role::Agent), ("editor", Role::Editor), ("owner", Role::Owner)];

const HEAD: &str = "# Roles

Who is in a room has one of four roles there. This page is made of the table of operations
([`protocol/src/operation.rs`](../protocol/src/operation.rs)) by `UPDATE=1 cargo test --test it -- roles`; a test calls each
operation as each role.

- A room keeps an owner: the last one can neither leave nor be given another role (409). An owner hands a room over by
  `room.set_role` to `owner` for somebody else, and leaves.
- An agent may do what an editor may.
- Who is not in a room does not learn that it is there (404). The same goes for everything of another tenant.
- A guest is somebody of another tenant who was invited to one room: there they have their role, and see nothing else.
  Files that a guest links to it stay files of the guest's tenant.
- Files belong to the tenant: all of its people may list, replace and delete them. Who is in a room a file is linked to may
  look at it there.
- A message is changed by its author alone, and taken back by its author or an owner.

";

/// The page.
fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("## In a room, or on a dashboard of it\n\n");
    page.push_str("| operation | | viewer | agent | editor | owner |\n|---|---|---|---|---|---|\n");
    for info in operation::ALL {
        if let Access::Member(needed) = info.access {
            let may = ROLES.map(|(_, role)| if role.covers(needed) { "yes" } else { "" }).join(" | ");
            page.push_str(&format!("| `{}` | {} | {may} |\n", info.name, info.about.trim()));
        }
    }
    let lists = [
        (Access::Connected, "On a WebSocket; in a room, as any member"),
        (Access::SignedIn, "Whoever is signed in, on what is theirs"),
        (Access::Anyone, "Anyone"),
    ];
    for (access, title) in lists {
        page.push_str(&format!("\n## {title}\n\n"));
        for info in operation::ALL.iter().filter(|info| info.access == access) {
            page.push_str(&format!("- `{}`: {}\n", info.name, info.about.trim()));
        }
    }
    page
}

#[test]
fn the_page_is_the_committed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/roles.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == page(), "docs/roles.md is not what the code says: UPDATE=1 cargo test --test it -- roles");
}

/// An input that an operation's schema allows, about this room. None for fields nobody here knows.
fn input(info: &operation::Info, known: &Value) -> Option<Value> {
    let mut generator = schemars::SchemaGenerator::default();
    let schema = (info.input)(&mut generator);
    let schema = match schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        Some(name) => generator.definitions().get(name)?.clone(),
        None => schema.to_value(),
    };
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut fields = serde_json::Map::new();
    for field in required {
        let field = field.as_str()?;
        fields.insert(field.to_owned(), known.get(field)?.clone());
    }
    if schema["properties"].get("room_id").is_some() {
        fields.insert("room_id".into(), known["room_id"].clone());
    }
    Some(Value::Object(fields))
}

/// Whether an answer refuses for the role.
fn refused(answer: &Value) -> bool {
    answer["errors"][0]["message"].as_str().is_some_and(|why| why.starts_with("this needs the role"))
}

#[tokio::test]
async fn each_role_may_do_what_the_page_says() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let mut people: Vec<(Role, Person)> = Vec::new();
    for (name, role) in ROLES {
        let token = ada.post("/server/auth/invitations", json!({})).await.data()["invitation"].clone();
        people.push((role, server.invited(name, token.as_str()).await));
    }
    let stranger = server.person("stranger").await;
    let mut tried = 0;
    for info in operation::ALL {
        let Access::Member(needed) = info.access else { continue };
        // What was called may be gone: each operation has a room of its own.
        let room = ada.room().await;
        for (role, person) in &people {
            let member = json!({ "room_id": room, "user_id": person.id(), "role": role });
            ada.call("room.add_member", member).await.data();
        }
        let generate = json!({ "room_id": room, "user_prompt": "sales by region" });
        let dashboard = ada.call("dashboard.generate", generate).await.data()["session_id"].clone();
        let known = json!({
            "room_id": room, "dashboard_id": dashboard, "session_id": dashboard, "user_id": stranger.id(),
            "role": "viewer", "name": "x", "content": "x", "seq": 1, "file_ids": [stranger.id()], "file_id": stranger.id(),
            "user_prompt": "x", "new_feedback": "x", "filter_state": {}, "status": "online",
        });
        let Some(input) = input(info, &known) else { continue };
        tried += 1;
        let outside = stranger.call(info.name, input.clone()).await;
        assert_eq!(outside.status, 404, "{} from outside: {outside:?}", info.name);
        for (role, person) in &people {
            let answer = person.call(info.name, input.clone()).await;
            let may = role.covers(needed);
            assert_eq!(refused(&answer.json()), !may, "{} as {role:?}: {answer:?}", info.name);
            assert_eq!(answer.status == 403 && !may, !may, "{} as {role:?}: {answer:?}", info.name);
        }
    }
    assert!(tried >= 20, "{tried} operations were tried");
    server.stop().await;
}
