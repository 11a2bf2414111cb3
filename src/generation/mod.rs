//! From a sentence to a dashboard: `strategy → data → viz → layout`.
pub mod layout;
pub mod theme;
pub mod viz;
