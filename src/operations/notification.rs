//! What concerns one person: the list of it, and what of it comes from rooms.

use vizroom_protocol::Error;
use vizroom_protocol::chat::Message;
use vizroom_protocol::frame::Actor;
use vizroom_protocol::id::{EventId, RoomId, UserId};
use vizroom_protocol::notification::{Kind, List, Listed, Read, Unread};
use vizroom_protocol::room::Member;

use crate::app::App;
use crate::bus::Ctx;
use crate::notice::About;

/// Notifications marked as read in one call.
const MARKED_MAX: usize = 500;
const LISTED_DEFAULT: u32 = 50;
const LISTED_MAX: u32 = 200;
/// Members that one message notifies.
const MENTIONED_MAX: usize = 50;
/// Of a message, so many characters stand in a notification.
const QUOTED: usize = 120;

/// `notification.list`
pub(super) async fn list(ctx: Ctx, input: List) -> Result<Listed, Error> {
    let limit = input.limit.unwrap_or(LISTED_DEFAULT);
    if !(1..=LISTED_MAX).contains(&limit) {
        return Err(Error::invalid("limit", format!("1 to {LISTED_MAX}")));
    }
    let (store, user) = (&ctx.app.store, ctx.caller()?.user_id);
    let notifications = store.notifications_of(user, input.before, limit).await?;
    Ok(Listed { notifications, unread: store.unread(user).await? })
}

/// `notification.read`
pub(super) async fn read(ctx: Ctx, input: Read) -> Result<Unread, Error> {
    if input.ids.as_ref().is_some_and(|ids| ids.len() > MARKED_MAX) {
        return Err(Error::invalid("ids", format!("at most {MARKED_MAX}")));
    }
    let (store, user) = (&ctx.app.store, ctx.caller()?.user_id);
    store.mark_read(user, input.ids.as_deref()).await?;
    Ok(Unread { unread: store.unread(user).await? })
}

/// Tells a user that somebody let them into a room.
pub(super) async fn added(app: &App, room_id: RoomId, room: &str, by: &str, user: UserId) {
    let text = format!("{by} added you to {room}");
    app.notices.tell(user, About { room_id: Some(room_id), ..About::new(Kind::RoomAdded, text) }).await;
}

/// A message that may name members of its room.
pub(super) struct Mentioning {
    pub room_id: RoomId,
    pub event_id: EventId,
    pub by: Actor,
    pub message: Message,
}

/// Tells the members of a room whom a message names, as `@name` or `@email`; not its author.
pub(super) async fn mentions(app: &App, mentioning: Mentioning) {
    let Mentioning { room_id, event_id, by, message } = mentioning;
    let members = match app.store.members(room_id).await {
        Ok(members) => members,
        Err(error) => return tracing::warn!(%error, room = %room_id, "nobody was told of being mentioned"),
    };
    let text = format!("{}: {}", by.name, message.content.chars().take(QUOTED).collect::<String>());
    let others = members.iter().filter(|member| member.user_id.to_string() != by.id);
    for member in others.filter(|member| mentioned(&message.content, member)).take(MENTIONED_MAX) {
        let about = About::new(Kind::Mention, text.clone());
        app.notices.tell(member.user_id, About { room_id: Some(room_id), event_id: Some(event_id), ..about }).await;
    }
}

/// Whether `@` and the member's name or address stand in a text, as words: `@ann` does not stand in `x@anna`.
fn mentioned(content: &str, member: &Member) -> bool {
    let content = content.to_lowercase();
    [&member.name, &member.email].iter().any(|name| {
        let name = name.to_lowercase();
        !name.is_empty()
            && content.match_indices('@').any(|(at, _)| {
                let before = content[..at].chars().next_back();
                let rest = content[at + 1..].strip_prefix(name.as_str());
                !before.is_some_and(char::is_alphanumeric)
                    && rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '@'))
            })
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use vizroom_protocol::room::Role;

    use super::*;

    #[test]
    fn names_are_found_as_words() {
        let member = |name: &str| Member {
            user_id: UserId(Uuid::nil()),
            name: name.into(),
            email: "ann@example.com".into(),
            role: Role::Viewer,
        };
        let ann = member("Ann");
        for yes in ["@ann", "hi @Ann!", "(@ann)", "@ann, @bob", "@ann@example.com: look", "x@ann.com @ann"] {
            assert!(mentioned(yes, &ann), "{yes}");
        }
        for no in ["ann", "@anna", "x@ann", "@ ann", "@ann@example.org", "mail ann@example.com", ""] {
            assert!(!mentioned(no, &ann), "{no}");
        }
        assert!(mentioned("so, @jörg müller?", &member("Jörg Müller")));
        assert!(!mentioned("@", &member("")));
    }
}
