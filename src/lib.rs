//! Rooms in which people and AI agents build dashboards from their data together, live.

pub mod planner;
