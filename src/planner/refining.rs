//! A sentence about a dashboard that is already there.

use vizroom_protocol::file::Dataset;

use super::{Placed, Refinement};

/// Changes cards by a sentence. `target` is the key of the card meant, if the caller knows.
///
/// Nothing is guessed: a sentence that cannot be followed leads to a clarification and no change.
pub fn refine(_feedback: &str, _target: Option<&str>, _cards: &[Placed<'_>], _datasets: &[Dataset]) -> Refinement {
    Refinement::default()
}
