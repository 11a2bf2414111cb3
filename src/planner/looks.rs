//! The colours that a refinement asks for.

use vizroom_protocol::dashboard::Theme;

use super::words::Token;
use super::{lexicon, vocabulary};

/// Whether it asks for a dark or a light page: `dark mode please`, which no theme is.
pub fn is_look(said: &[Token]) -> bool {
    let is = |t: &Token, list: &str| super::words::is(Some(t), list);
    let of_page = |t: &Token| is(t, "mode theme look background style skin colours colors version");
    let look = said.iter().any(|t| is(t, "dark light darker lighter night"));
    let small = |t: &Token| {
        let word = is(t, "dark light darker lighter night in to use switch go") || of_page(t);
        word || lexicon::is_filler(&t.lower) || !t.lower.chars().any(char::is_alphanumeric)
    };
    look && said.iter().any(of_page) && said.iter().all(small)
}

/// A theme, where colours are spoken of.
pub fn theme(said: &[Token]) -> Option<Theme> {
    let named = said.iter().find_map(|t| vocabulary::theme(&t.lower))?;
    let of_colours = said.iter().any(|t| {
        matches!(
            t.lower.as_str(),
            "theme" | "colour" | "color" | "colours" | "colors" | "palette" | "scheme" | "style" | "look"
        )
    });
    let short = said.len() <= 6
        && said.iter().all(|t| {
            vocabulary::theme(&t.lower).is_some()
                || lexicon::is_filler(&t.lower)
                || matches!(t.lower.as_str(), "dark" | "light" | "in" | "to" | "use" | "switch")
        });
    (of_colours || short).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::{is_look, theme};
    use crate::words::tokens;

    #[test]
    fn a_look_is_no_theme() {
        for said in ["dark mode pls", "switch to the dark look", "light theme please"] {
            assert!(is_look(&tokens(said)) && theme(&tokens(said)).is_none(), "{said}");
        }
        assert!(!is_look(&tokens("use the ocean theme")) && !is_look(&tokens("only dark chocolate")));
    }
}
