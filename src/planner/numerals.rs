//! Numbers as people write them, in digits: `10 000 000`, `half an hour`, `six or more`, `a million`.

use super::vocabulary::number_word;
use super::words::{Kind, Token, is, tokens};

/// What goes before a number that limits something.
const LIMITS: &str = "over above under below than least most exceeding exceeds exceeded";

/// The sentence with such numbers in digits.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    let mut at = 0;
    while at < said.len() {
        if let Some((used, text)) = grouped(&said, at).or_else(|| part(&said, at)).or_else(|| limit(&said, at)) {
            said.splice(at..at + used, tokens(&text));
        }
        at += 1;
    }
    said
}

/// `10 000 000`
fn grouped(said: &[Token], at: usize) -> Option<(usize, String)> {
    let plain = |i: usize, digits: std::ops::RangeInclusive<usize>| {
        said.get(i).is_some_and(|t| digits.contains(&t.text.len()) && t.text.bytes().all(|b| b.is_ascii_digit()))
    };
    let first = plain(at, 1..=3) && !(at > 0 && plain(at - 1, 1..=3));
    let groups = (at + 1..said.len()).take_while(|&i| plain(i, 3..=3)).count();
    let zeros = groups > 0 && said[at + groups].text == "000";
    let text: String = said[at..=at + groups].iter().map(|t| t.text.as_str()).collect();
    (first && zeros).then_some((groups + 1, text))
}

/// `half an hour`, `an hour and a half`, `half a million`, `a dozen`
fn part(said: &[Token], at: usize) -> Option<(usize, String)> {
    let word = |i: usize, list: &str| is(said.get(i), list);
    if word(at, "half") && word(at + 1, "a an") {
        return match said.get(at + 2)?.lower.as_str() {
            "hour" => Some((3, "30 minutes".into())),
            "minute" => Some((3, "30 seconds".into())),
            "million" => Some((3, "500000".into())),
            "billion" => Some((3, "500000000".into())),
            "dozen" => Some((3, "6".into())),
            _ => None,
        };
    }
    if word(at, "quarter") && word(at + 1, "of") && word(at + 2, "an") && word(at + 3, "hour") {
        return Some((4, "15 minutes".into()));
    }
    let one = word(at, "a an one") && at > 0 && is(said.get(at - 1), LIMITS);
    if !one {
        return None;
    }
    let text = match said.get(at + 1)?.lower.as_str() {
        "hour" if word(at + 2, "and") && word(at + 3, "a") && word(at + 4, "half") => {
            return Some((5, "90 minutes".into()));
        }
        "hour" => "1 hour",
        "day" => "1 day",
        "minute" => "1 minute",
        "hundred" => "100",
        "thousand" => "1000",
        "million" => "1000000",
        "billion" => "1000000000",
        "dozen" => "12",
        _ => return None,
    };
    Some((2, text.into()))
}

/// `six or more`, `two or fewer`
fn limit(said: &[Token], at: usize) -> Option<(usize, String)> {
    let token = said.get(at).filter(|t| t.kind == Kind::Word)?;
    let number = number_word(&token.lower)?;
    let open = is(said.get(at + 1), "or and")
        && is(said.get(at + 2), "more fewer less better higher above over up older younger larger bigger worse lower");
    open.then(|| (1, format!("{number}")))
}

#[cfg(test)]
mod tests {
    use super::rewritten;
    use crate::words::tokens;

    #[test]
    fn numbers_are_written_in_digits() {
        for (said, wanted) in [
            ("stations with over 10 000 000 visitors", "stations with over 10000000 visitors"),
            ("more than half an hour late", "more than 30 minutes late"),
            ("parties of six or more", "parties of 6 or more"),
            ("over a million people", "over 1000000 people"),
            ("top 5 500 metre races", "top 5 500 metre races"),
            ("a million ways", "a million ways"),
        ] {
            let got: Vec<String> = rewritten(tokens(said)).into_iter().map(|t| t.text).collect();
            assert_eq!(got.join(" "), wanted, "{said}");
        }
    }
}
