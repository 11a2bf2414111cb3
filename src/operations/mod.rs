//! What the server can do: one file per noun, one plain async function per operation of the table.
//!
//! The bus has checked the caller's rights on what the call is about before any of these runs; what only the
//! operation can know (whose invitation, which tenant's files) is checked here. No transport, no SQL.

mod account;
mod chat;
mod connection;
mod dashboard;
mod file;
mod join;
mod presence;
mod room;
mod valid;

use vizroom_protocol::operation as op;

use crate::bus::Bus;

/// Puts every operation on the bus.
pub fn register(bus: &mut Bus) {
    bus.register::<op::Auth, _, _>(connection::auth);
    bus.register::<op::AuthRefresh, _, _>(connection::auth);
    bus.register::<op::Ping, _, _>(connection::ping);
    bus.register::<op::ConnectionStats, _, _>(connection::stats);

    bus.register::<op::AccountRegister, _, _>(account::register);
    bus.register::<op::AccountLogin, _, _>(account::login);
    bus.register::<op::AccountRefresh, _, _>(account::refresh);
    bus.register::<op::AccountLogout, _, _>(account::logout);
    bus.register::<op::AccountMe, _, _>(account::me);
    bus.register::<op::AccountInvite, _, _>(account::invite);

    bus.register::<op::RoomCreate, _, _>(room::create);
    bus.register::<op::RoomList, _, _>(room::list);
    bus.register::<op::RoomUpdate, _, _>(room::update);
    bus.register::<op::RoomDelete, _, _>(room::delete);
    bus.register::<op::RoomJoin, _, _>(join::join);
    bus.register::<op::RoomLeave, _, _>(join::leave);
    bus.register::<op::RoomAddMember, _, _>(room::add_member);
    bus.register::<op::RoomRemoveMember, _, _>(room::remove_member);
    bus.register::<op::RoomSetRole, _, _>(room::set_role);
    bus.register::<op::RoomResign, _, _>(room::resign);
    bus.register::<op::RoomStatus, _, _>(room::status);
    bus.register::<op::RoomReaders, _, _>(room::readers);
    bus.register::<op::RoomHistory, _, _>(room::history);

    bus.register::<op::PresenceUpdate, _, _>(presence::update);

    bus.register_logged::<op::ChatSend, _, _>(chat::send);
    bus.register::<op::ChatEdit, _, _>(chat::edit);
    bus.register::<op::ChatDelete, _, _>(chat::delete);

    bus.register::<op::FileList, _, _>(file::list);
    bus.register::<op::FileGet, _, _>(file::get);
    bus.register::<op::FileUpload, _, _>(file::upload);
    bus.register::<op::FileUsage, _, _>(file::usage);
    bus.register::<op::FileDelete, _, _>(file::delete);
    bus.register::<op::FileLink, _, _>(file::link);
    bus.register::<op::FileUnlink, _, _>(file::unlink);

    bus.register::<op::DashboardGenerate, _, _>(dashboard::generate);
    bus.register::<op::DashboardRefine, _, _>(dashboard::refine);
    bus.register::<op::DashboardFilter, _, _>(dashboard::filter);
    bus.register::<op::DashboardCancel, _, _>(dashboard::cancel);
    bus.register::<op::DashboardList, _, _>(dashboard::list);
    bus.register::<op::DashboardGet, _, _>(dashboard::get);
    bus.register::<op::DashboardDelete, _, _>(dashboard::delete);
}
