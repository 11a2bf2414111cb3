//! Tests of the whole, through its public doors. One binary, so that it is linked once.

mod accounts;
mod crash;
mod dashboards;
mod events;
mod generation;
mod http;
mod journal;
mod parity;
mod postgres;
mod rooms;
mod server;
mod socket;
mod store;
mod tidy;
mod uploads;
