//! Rooms in which people and AI agents build dashboards from their data together, live.
//!
//! The map, top down; imports go down only, siblings do not meet (a test reads the `use` lines):
//!
//! 1. `server` builds everything and opens the doors.
//! 2. `transport` is how calls come in and frames go out; `operations` is what they do. Neither sees the other.
//! 3. `bus` leads a call to its operation; `app` is what operations share.
//! 4. `publishing` shows dashboards to those who are in no room; `refreshing` keeps them fresh.
//! 5. `generation` makes dashboards; `upload` makes files; `audit` remembers who did what, `notice` tells one person.
//! 6. `sources` are databases beside uploaded files.
//! 7. `analytics`, `planner`, `files`, `auth`, `mail`, `budget`, `store`: one capability each.
//! 8. `config`, `limits`.
//! 9. `room`; `clock` and `address`.
//!
//! `analytics`, `planner`, `room` and `store` are crates of their own below this folder: each builds and is tested alone.

#![allow(rustdoc::private_intra_doc_links, reason = "the documentation is read with its private parts")]

pub mod server;

mod operations;
mod transport;

pub mod bus;

pub mod upload;

pub mod app;

pub mod audit;
pub mod publishing;
pub mod refreshing;

pub mod auth;
pub mod budget;
pub mod files;
pub mod generation;
pub mod mail;
pub mod notice;
pub mod sources;

pub mod config;
pub mod limits;

mod address;

pub use vizroom_analytics as analytics;
pub use vizroom_planner as planner;
pub use vizroom_room as room;
pub use vizroom_room::clock;
pub use vizroom_store as store;
