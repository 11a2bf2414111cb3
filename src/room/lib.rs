//! The hot path: a room is a log, a member is a cursor on it.
//!
//! Read in this order: [`log`] (the bytes of a room's newest events), [`members`] (cursors, and how they are drained
//! into sockets), [`peer`] (one connection), [`reactor`] (who reads and drains, when), [`commit`] (how durable
//! events reach the store before the log), [`hub`] (all rooms of this process), [`tell`] (how an event becomes bytes),
//! [`readers`] and [`counters`] (what whoever is on call asks); [`messages`] (how bytes become messages) and
//! [`deflate`] (compression).
//!
//! Invariants:
//! - This module knows nothing of SQL (see [`journal`]), of what an event's JSON says, or of what a user may do.
//! - An event is encoded once. The same bytes serve every member, resume and lag.
//! - A durable event is in the store before anyone sees it, and in the log in the order of the store.
//! - No lock here is held across an await; all are `std` mutexes around short sections.
//! - Locks are taken in the order members → log → peer.

#![allow(rustdoc::private_intra_doc_links, reason = "the documentation is read with its private parts")]

pub mod log;

pub mod members;
pub mod peer;

pub mod catch_up;
pub mod clock;
mod close;
pub mod commit;
pub mod count;
pub mod counters;
pub mod deflate;
pub mod hub;
mod inbox;
pub mod journal;
pub mod limits;
pub mod messages;
pub mod presence;
mod put_out;
pub mod reactor;
pub mod readers;
pub mod room;
#[cfg(test)]
mod simulation;
pub mod sweep;
pub mod tail;
pub mod tell;
mod wheel;
pub mod wire;

pub use close::Close;
pub use hub::Hub;
pub use journal::{Draft, Journal, Stored};
pub use limits::Limits;
pub use peer::{Owner, Peer, Seat, Socket};
pub use reactor::{Door, Flow, Look, Receive};
pub use room::Room;
pub use tail::Tail;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whatever happened to an earlier holder: no section here leaves its data half-changed when it panics.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
