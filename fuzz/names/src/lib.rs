//! The guard reads SQL by the query engine's parser. Here is the parser alone, under the engine's name.

pub mod sql {
    pub use sqlparser;
}
