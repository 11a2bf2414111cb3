//! Everything that crosses vizroom's wire: operations, events, frames, errors.
//!
//! Read [`operation`] first: it is the whole API on a page. Then [`event`] (what rooms tell), [`frame`]
//! (how both look on a socket) and [`error`]. The other modules hold one noun each: its requests, replies
//! and events. With the feature `client` there is a client that reconnects and resumes by itself.

pub mod operation;

pub mod account;
pub mod at_once;
pub mod audit;
pub mod callback;
pub mod chat;
pub mod connection;
pub mod dashboard;
pub mod data_connection;
pub mod file;
pub mod key;
pub mod notification;
pub mod presence;
pub mod publish;
pub mod room;
pub mod settings;

pub mod asyncapi;
pub mod error;
pub mod event;
pub mod example;
pub mod frame;
pub mod id;
pub mod schema;

#[cfg(feature = "client")]
pub mod client;

pub use error::{Code, Error};
pub use operation::{Access, Operation, Scope};

/// The WebSocket subprotocol, and the version of everything here.
pub const PROTOCOL: &str = "vizroom.v1";
