//! How calls come in and frames go out. Knows no rule: everything is a call on the bus.

mod address;
mod calls;
mod connection;
pub mod http;
pub mod websocket;
