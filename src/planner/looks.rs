//! The colours that a refinement asks for.

use vizroom_protocol::dashboard::Theme;

use super::words::Token;
use super::{lexicon, vocabulary};

/// A theme, where colours are spoken of.
pub fn theme(said: &[Token]) -> Option<Theme> {
    let named = said.iter().filter_map(|t| vocabulary::theme(&t.lower));
    // `dark blue` is a blue.
    let named = named.min_by_key(|theme| matches!(theme, Theme::Dark | Theme::Slate))?;
    let of_colours = said.iter().any(|t| {
        matches!(
            t.lower.as_str(),
            "theme"
                | "mode"
                | "background"
                | "skin"
                | "colour"
                | "color"
                | "colours"
                | "colors"
                | "palette"
                | "scheme"
                | "style"
                | "look"
        )
    });
    let short = said.len() <= 6
        && said.iter().all(|t| {
            vocabulary::theme(&t.lower).is_some()
                || lexicon::is_filler(&t.lower)
                || matches!(t.lower.as_str(), "in" | "to" | "use" | "switch" | "go")
        });
    (of_colours || short).then_some(named)
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::dashboard::Theme;

    use super::theme;
    use crate::words::tokens;

    #[test]
    fn a_look_is_a_theme() {
        for (said, wanted) in [
            ("dark mode pls", Some(Theme::Dark)),
            ("switch to the dark look", Some(Theme::Dark)),
            ("light theme please", Some(Theme::Slate)),
            ("a dark green palette", Some(Theme::Forest)),
            ("only dark chocolate", None),
        ] {
            assert_eq!(theme(&tokens(said)), wanted, "{said}");
        }
    }
}
