//! Tests of the whole, through its public doors. One binary, so that it is linked once.

mod accounts;
mod callbacks;
mod crash;
mod dashboards;
mod doubt;
mod drain;
mod edits;
mod events;
mod faces;
mod faults;
mod generation;
mod http;
mod journal;
mod kinds;
mod live;
mod operate;
mod parity;
mod postgres;
mod program;
mod rooms;
mod server;
mod socket;
mod store;
mod stuck;
mod tidy;
mod uploads;
