//! Accounts, rooms, data and chat: the routes under `/server`.

use vizroom_protocol::Error;
use warp::reply::Response;

use super::ask::Ask;
use super::{Route, route, upload};

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/server/auth/register", |ask| body(ask, "account.register")),
    route!(POST "/server/auth/login", |ask| body(ask, "account.login")),
    route!(POST "/server/auth/refresh", |ask| body(ask, "account.refresh")),
    route!(POST "/server/auth/logout", |ask| body(ask, "account.logout")),
    route!(POST "/server/auth/invitations", |ask| body(ask, "account.invite")),
    route!(GET "/server/auth/me", |ask| plain(ask, "account.me")),
    route!(POST "/server/rooms/create", |ask| body(ask, "room.create")),
    route!(GET "/server/rooms/list", |ask| plain(ask, "room.list")),
    route!(DELETE "/server/rooms/{room_id}/delete", |ask| path(ask, "room.delete", &["room_id"])),
    route!(POST "/server/rooms/{room_id}/members", |ask| path_and_body(ask, "room.add_member", &["room_id"])),
    route!(DELETE "/server/rooms/{room_id}/members/{user_id}", |ask| {
        path(ask, "room.remove_member", &["room_id", "user_id"])
    }),
    route!(GET "/server/rooms/{room_id}/readers", |ask| path(ask, "room.readers", &["room_id"])),
    route!(POST "/server/rooms/{room_id}/link-files", |ask| path_and_body(ask, "file.link", &["room_id"])),
    route!(GET "/server/room/status", |ask| query(ask, "room.status", &["room_id"], &[])),
    route!(GET "/server/data/list", |ask| query(ask, "file.list", &["room_id"], &[])),
    route!(POST "/server/data/upload", upload::add),
    route!(DELETE "/server/data/{file_id}", |ask| path(ask, "file.delete", &["file_id"])),
    route!(POST "/server/data/{file_id}/reupload", upload::replace),
    route!(POST "/server/chat/messages", |ask| body(ask, "chat.send")),
    route!(GET "/server/get_history", |ask| query(ask, "room.history", &["room_id", "kind"], &["before", "limit"])),
];

/// An operation that needs no input.
async fn plain(ask: Ask, name: &str) -> Result<Response, Error> {
    ask.answer(name, None).await
}

/// An operation whose input is the body.
async fn body(mut ask: Ask, name: &str) -> Result<Response, Error> {
    let data = ask.json().await?;
    ask.answer(name, Some(&data)).await
}

/// An operation whose input stands in the path.
async fn path(ask: Ask, name: &str, fields: &[&str]) -> Result<Response, Error> {
    ask.answer(name, Some(&ask.path_fields(fields))).await
}

/// An operation whose input stands in the path and in the body.
async fn path_and_body(mut ask: Ask, name: &str, fields: &[&str]) -> Result<Response, Error> {
    let data = ask.json_with(fields).await?;
    ask.answer(name, Some(&data)).await
}

/// An operation whose input stands in the query string.
async fn query(ask: Ask, name: &str, texts: &[&str], numbers: &[&str]) -> Result<Response, Error> {
    let data = ask.query_fields(texts, numbers)?;
    ask.answer(name, Some(&data)).await
}
