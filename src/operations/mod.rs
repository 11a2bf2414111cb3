//! What the server can do: one file per noun, one plain async function per operation of the table.
//!
//! The bus has checked the caller's rights on what the call is about before any of these runs; what only the
//! operation can know (whose invitation, which tenant's files) is checked here. No transport, no SQL.

mod account;
mod audit;
mod callback;
mod chat;
mod connection;
mod dashboard;
mod data_connection;
mod file;
mod invitation;
mod join;
mod key;
mod notification;
mod oauth;
mod presence;
mod publish;
mod recovery;
mod room;
mod settings;
mod valid;
mod view;

use vizroom_protocol::operation as op;

use crate::bus::Bus;

/// Puts every operation on the bus.
pub fn register(bus: &mut Bus) {
    bus.register::<op::Auth, _, _>(connection::auth);
    bus.register::<op::AuthRefresh, _, _>(connection::auth);
    bus.register::<op::Ping, _, _>(connection::ping);
    bus.register::<op::ConnectionStats, _, _>(connection::stats);

    people(bus);
    rooms(bus);
    dashboards(bus);
}

fn people(bus: &mut Bus) {
    bus.register_secret::<op::AccountRegister, _, _>(account::register);
    bus.register_secret::<op::AccountLogin, _, _>(account::login);
    bus.register_secret::<op::AccountRefresh, _, _>(account::refresh);
    bus.register::<op::AccountLogout, _, _>(account::logout);
    bus.register::<op::AccountMe, _, _>(account::me);
    bus.register_secret::<op::AccountInvite, _, _>(invitation::invite);
    bus.register::<op::AccountInvitations, _, _>(invitation::list);
    bus.register::<op::AccountRevokeInvitation, _, _>(invitation::revoke);
    bus.register::<op::AccountForgotPassword, _, _>(recovery::forgot);
    bus.register_secret::<op::AccountResetPassword, _, _>(recovery::reset);
    bus.register_secret::<op::AccountChangePassword, _, _>(recovery::change);
    bus.register_secret::<op::AccountOauthBegin, _, _>(oauth::begin);
    bus.register_secret::<op::AccountOauthFinish, _, _>(oauth::finish);
    bus.register_secret::<op::AccountOauthExchange, _, _>(oauth::exchange);

    bus.register::<op::SettingsGet, _, _>(settings::get);
    bus.register::<op::SettingsUpdate, _, _>(settings::update);
    bus.register::<op::CallbackSettings, _, _>(callback::settings);
    bus.register::<op::CallbackSetSecret, _, _>(callback::set_secret);
    bus.register::<op::AuditList, _, _>(audit::list);

    bus.register_secret::<op::KeyCreate, _, _>(key::create);
    bus.register::<op::KeyList, _, _>(key::list);
    bus.register::<op::KeyRevoke, _, _>(key::revoke);

    bus.register_secret::<op::DataConnectionCreate, _, _>(data_connection::create);
    bus.register::<op::DataConnectionList, _, _>(data_connection::list);
    bus.register::<op::DataConnectionGet, _, _>(data_connection::get);
    bus.register_secret::<op::DataConnectionUpdate, _, _>(data_connection::update);
    bus.register::<op::DataConnectionDelete, _, _>(data_connection::delete);
    bus.register::<op::DataConnectionTest, _, _>(data_connection::test);
    bus.register::<op::DataConnectionSchema, _, _>(data_connection::schema);

    bus.register::<op::NotificationList, _, _>(notification::list);
    bus.register::<op::NotificationRead, _, _>(notification::read);
}

fn rooms(bus: &mut Bus) {
    bus.register::<op::RoomCreate, _, _>(room::create);
    bus.register::<op::RoomList, _, _>(room::list);
    bus.register::<op::RoomUpdate, _, _>(room::update);
    bus.register::<op::RoomDelete, _, _>(room::delete);
    bus.register::<op::RoomJoin, _, _>(join::join);
    bus.register::<op::RoomLeave, _, _>(join::leave);
    bus.register_secret::<op::RoomAddMember, _, _>(room::add_member);
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
}

fn dashboards(bus: &mut Bus) {
    bus.register::<op::DashboardGenerate, _, _>(dashboard::generate);
    bus.register::<op::DashboardRefine, _, _>(dashboard::refine);
    bus.register::<op::DashboardFilter, _, _>(dashboard::filter);
    bus.register::<op::DashboardCancel, _, _>(dashboard::cancel);
    bus.register::<op::DashboardList, _, _>(dashboard::list);
    bus.register::<op::DashboardGet, _, _>(dashboard::get);
    bus.register::<op::DashboardProcess, _, _>(dashboard::process);
    bus.register::<op::DashboardCreate, _, _>(dashboard::create);
    bus.register::<op::DashboardUpdate, _, _>(dashboard::update);
    bus.register::<op::DashboardLayout, _, _>(dashboard::layout);
    bus.register::<op::DashboardAddPanel, _, _>(dashboard::add_panel);
    bus.register::<op::DashboardUpdatePanel, _, _>(dashboard::update_panel);
    bus.register::<op::DashboardRemovePanel, _, _>(dashboard::remove_panel);
    bus.register::<op::DashboardStart, _, _>(dashboard::start);
    bus.register::<op::DashboardClone, _, _>(dashboard::copy);
    bus.register::<op::DashboardSave, _, _>(dashboard::save);
    bus.register::<op::DashboardChanges, _, _>(dashboard::changes);
    bus.register::<op::DashboardRows, _, _>(dashboard::rows);
    bus.register::<op::DashboardShare, _, _>(dashboard::share);
    bus.register::<op::DashboardUnshare, _, _>(dashboard::unshare);
    bus.register::<op::DashboardShares, _, _>(dashboard::shares);
    bus.register::<op::DashboardFollow, _, _>(dashboard::follow);
    bus.register::<op::DashboardUnfollow, _, _>(dashboard::unfollow);
    bus.register::<op::DashboardDelete, _, _>(dashboard::delete);

    bus.register::<op::DashboardPublish, _, _>(publish::publish);
    bus.register::<op::DashboardUnpublish, _, _>(publish::unpublish);
    bus.register::<op::DashboardLinks, _, _>(publish::links);
    bus.register::<op::DashboardAddLink, _, _>(publish::add_link);
    bus.register::<op::DashboardChangeLink, _, _>(publish::change_link);
    bus.register::<op::DashboardRemoveLink, _, _>(publish::remove_link);
    bus.register::<op::DashboardRefresh, _, _>(publish::refresh);
    bus.register::<op::DashboardRefreshSettings, _, _>(publish::refresh_settings);
    bus.register::<op::DashboardSetRefresh, _, _>(publish::set_refresh);

    bus.register::<op::ViewOpen, _, _>(view::open);
    bus.register::<op::ViewFollow, _, _>(view::follow);
    bus.register::<op::ViewFilter, _, _>(view::filter);
}
