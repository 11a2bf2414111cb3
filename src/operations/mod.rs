//! What the server can do: one file per noun, one plain async function per operation of the table.
//!
//! The bus has checked the caller's rights on what the call is about before any of these runs; what only the
//! operation can know (whose invitation, which tenant's files) is checked here. No transport, no SQL.

mod account;
mod chat;
mod file;
mod room;
mod valid;

use vizroom_protocol::operation::{
    AccountInvite, AccountLogin, AccountLogout, AccountMe, AccountRefresh, AccountRegister, ChatSend, FileDelete,
    FileLink, FileList, RoomAddMember, RoomCreate, RoomDelete, RoomHistory, RoomList, RoomRemoveMember, RoomStatus,
};

use crate::bus::Bus;

/// Puts every operation on the bus.
pub fn register(bus: &mut Bus) {
    bus.register::<AccountRegister, _, _>(account::register);
    bus.register::<AccountLogin, _, _>(account::login);
    bus.register::<AccountRefresh, _, _>(account::refresh);
    bus.register::<AccountLogout, _, _>(account::logout);
    bus.register::<AccountMe, _, _>(account::me);
    bus.register::<AccountInvite, _, _>(account::invite);

    bus.register::<RoomCreate, _, _>(room::create);
    bus.register::<RoomList, _, _>(room::list);
    bus.register::<RoomDelete, _, _>(room::delete);
    bus.register::<RoomAddMember, _, _>(room::add_member);
    bus.register::<RoomRemoveMember, _, _>(room::remove_member);
    bus.register::<RoomStatus, _, _>(room::status);
    bus.register::<RoomHistory, _, _>(room::history);

    bus.register_logged::<ChatSend, _, _>(chat::send);

    bus.register::<FileList, _, _>(file::list);
    bus.register::<FileDelete, _, _>(file::delete);
    bus.register::<FileLink, _, _>(file::link);
}
