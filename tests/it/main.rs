//! Tests of the whole, through its public doors. One binary, so that it is linked once.

mod accounts;
mod crash;
mod dashboards;
mod documents;
mod doubt;
mod drain;
mod events;
mod faults;
mod generation;
mod http;
mod journal;
mod live;
mod operate;
mod parity;
mod postgres;
mod program;
mod publish;
mod refresh;
mod rooms;
mod server;
mod socket;
mod store;
mod stuck;
mod tidy;
mod uploads;
