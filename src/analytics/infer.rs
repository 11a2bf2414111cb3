//! The type of a column of texts, told from all of its values: a later value widens the type, none is lost.

use super::moment::{self, Order};

/// What a column of texts holds, and how to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Number {
        decimal_comma: bool,
    },
    Date(Order),
    Timestamp(Order),
    Text,
    /// A text, as long as nothing but words for "nothing" is seen.
    Nothing,
}

/// What a column may still be after the values seen so far.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    possible: u8,
    /// A value that is neither empty nor a word for "nothing" was seen.
    real: bool,
    /// A value with a time of day was seen.
    timed: bool,
    /// A whole number was seen that a float cannot hold.
    precise: bool,
}

const BOOLEAN: u8 = 1;
const INTEGER: u8 = 2;
const NUMBER: u8 = 4;
const DECIMAL_COMMA: u8 = 8;
const MONTH_FIRST: u8 = 16;
const DAY_FIRST: u8 = 32;
const MOMENT: u8 = MONTH_FIRST | DAY_FIRST;

impl Guess {
    /// `decimal_comma`: whether `1,5` may be a number, as in files separated by semicolons.
    pub(super) fn new(decimal_comma: bool) -> Self {
        let all = BOOLEAN | INTEGER | NUMBER | MOMENT;
        let possible = if decimal_comma { all | DECIMAL_COMMA } else { all };
        Self { possible, real: false, timed: false, precise: false }
    }

    pub(super) fn see(&mut self, value: &str) {
        if self.possible == 0 {
            return;
        }
        let value = trimmed(value);
        if value.is_empty() {
            return;
        }
        if self.possible & INTEGER != 0
            && let Some(whole) = integer(value)
        {
            self.real = true;
            self.precise |= whole.unsigned_abs() > 1 << 53;
            self.possible &= INTEGER | NUMBER | DECIMAL_COMMA;
            return;
        }
        if is_nothing(value) {
            return;
        }
        self.real = true;
        let mut still = 0;
        if self.possible & BOOLEAN != 0 && boolean(value).is_some() {
            still |= BOOLEAN;
        }
        if self.possible & NUMBER != 0 && number(value, false).is_some() {
            still |= NUMBER;
            self.precise |= is_whole_and_long(value);
        }
        if self.possible & DECIMAL_COMMA != 0 && number(value, true).is_some() {
            still |= DECIMAL_COMMA;
            self.precise |= is_whole_and_long(value);
        }
        if self.possible & MOMENT != 0 {
            let orders = [(Order::MonthFirst, MONTH_FIRST), (Order::DayFirst, DAY_FIRST)];
            let possible = orders.into_iter().filter(|(_, bit)| self.possible & bit != 0);
            for (order, bit) in possible {
                let Some(moment) = moment::parse(value, order) else { continue };
                self.timed |= moment.time.is_some();
                // With the year first there is but one reading.
                let certain = value.as_bytes().get(4) == Some(&b'-');
                still |= if certain { self.possible & MOMENT } else { bit };
                if certain {
                    break;
                }
            }
        }
        self.possible &= still;
    }

    /// What is known once another has seen other values of the same column.
    pub(super) fn with(&mut self, other: &Self) {
        self.possible &= other.possible;
        self.real |= other.real;
        self.timed |= other.timed;
        self.precise |= other.precise;
    }

    /// The narrowest type that holds every value seen. While others fit it as well ([`super::write::Batch::push`]), it
    /// stays that.
    pub(super) fn so_far(&self) -> Kind {
        if self.real { self.kind() } else { Kind::Nothing }
    }

    /// The narrowest type that holds every value seen.
    pub(super) fn kind(&self) -> Kind {
        let may = |bit| self.real && self.possible & bit != 0;
        if may(INTEGER) {
            Kind::Integer
        } else if may(NUMBER) && !self.precise {
            Kind::Number { decimal_comma: false }
        } else if may(DECIMAL_COMMA) && !self.precise {
            Kind::Number { decimal_comma: true }
        } else if may(BOOLEAN) {
            Kind::Boolean
        } else if may(MOMENT) {
            // Where the whole column leaves it open, as in the United States.
            let order = if may(MONTH_FIRST) { Order::MonthFirst } else { Order::DayFirst };
            if self.timed { Kind::Timestamp(order) } else { Kind::Date(order) }
        } else {
            Kind::Text
        }
    }
}

/// Without white space around it, of which there seldom is any.
pub(super) fn trimmed(value: &str) -> &str {
    match value.as_bytes() {
        [first, .., last] if *first > b' ' && *last > b' ' => value,
        _ => value.trim_ascii(),
    }
}

/// Words for "nothing" in a column of numbers, dates or truth values.
pub(super) fn is_nothing(value: &str) -> bool {
    const WORDS: [&str; 7] = ["na", "n/a", "nan", "null", "-", "none", "#n/a"];
    value.is_empty() || (value.len() <= 4 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(value)))
}

pub(super) fn boolean(value: &str) -> Option<bool> {
    if value.eq_ignore_ascii_case("true") {
        Some(true)
    } else if value.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A whole number; not `007`, which is a code, nor `+49`.
pub(super) fn integer(value: &str) -> Option<i64> {
    if is_code(value) { None } else { value.parse().ok() }
}

/// A finite decimal number.
pub(super) fn number(value: &str, decimal_comma: bool) -> Option<f64> {
    let shaped = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b',' | b'e' | b'E');
    if is_code(value) || !value.as_bytes().iter().all(shaped) {
        return None;
    }
    let parsed = match (decimal_comma, value.contains(',')) {
        (false, _) => value.parse::<f64>(),
        // A dot would be a thousands separator there: better a text than a guess.
        (true, _) if value.contains('.') => return None,
        (true, _) => value.replace(',', ".").parse(),
    };
    parsed.ok().filter(|number| number.is_finite())
}

/// Starts like a code: a plus sign, or a zero before another digit.
fn is_code(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value).as_bytes();
    matches!(digits, [b'+', ..] | [b'0', b'0'..=b'9', ..])
}

/// A whole number of more digits than a float holds.
pub(super) fn is_whole_and_long(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    digits.len() > 15
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.parse::<u64>().map_or(true, |whole| whole > 1 << 53)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(values: &[&str]) -> Kind {
        let mut guess = Guess::new(false);
        values.iter().for_each(|value| guess.see(value));
        guess.kind()
    }

    #[test]
    fn the_narrowest_type_that_holds_every_value() {
        let number = Kind::Number { decimal_comma: false };
        for (values, expected) in [
            (&["1", "2", "NA", ""][..], Kind::Integer),
            (&["1", "2.5", "-", "null"], number),
            (&["1", "2", "x"], Kind::Text),
            (&["00501", "10001"], Kind::Text),
            (&["+49", "1"], Kind::Text),
            (&["0", "-5", "0.5"], number),
            (&["-0.25", "1e6"], number),
            (&["true", "FALSE", "N/A"], Kind::Boolean),
            (&["true", "1"], Kind::Text),
            (&["2000-01-31", ""], Kind::Date(Order::MonthFirst)),
            (&["3/4/2000", "31/1/2000"], Kind::Date(Order::DayFirst)),
            (&["3/4/2000", "1/31/2000"], Kind::Date(Order::MonthFirst)),
            (&["3/4/2000", "4/3/2000"], Kind::Date(Order::MonthFirst)),
            (&["31/1/2000", "1/31/2000"], Kind::Text),
            (&["2000-01-31", "2000-01-31 12:00"], Kind::Timestamp(Order::MonthFirst)),
            (&["2000-01-31", "17"], Kind::Text),
            (&["", "NA"], Kind::Text),
            (&[], Kind::Text),
            (&["9223372036854775807"], Kind::Integer),
            (&["9223372036854775808"], Kind::Text),
            (&["9007199254740993", "0.5"], Kind::Text),
            (&["inf", "nan"], Kind::Text),
            (&["1e999"], Kind::Text),
        ] {
            assert_eq!(kind(values), expected, "{values:?}");
        }
    }

    #[test]
    fn a_decimal_comma_needs_a_file_that_may_have_one() {
        assert_eq!(kind(&["1,5", "2"]), Kind::Text);
        let mut guess = Guess::new(true);
        ["1,5", "2", "-0,25"].iter().for_each(|value| guess.see(value));
        assert_eq!(guess.kind(), Kind::Number { decimal_comma: true });
        guess.see("1.5");
        assert_eq!(guess.kind(), Kind::Text);
    }

    proptest::proptest! {
        /// It makes no difference who sees which of the values.
        #[test]
        fn two_see_what_one_sees(values in proptest::collection::vec("(|NA|true|-?[0-9]{1,17}|[0-9]{1,17}[.,][0-9]|[0-9]{1,2}/[0-9]{1,2}/20[0-9]{2}|2000-01-0[1-9]( 12:00)?|[a-z]{0,3})", 0..6), at in 0..6_usize, comma: bool) {
            let guess = |values: &[String]| {
                let mut guess = Guess::new(comma);
                values.iter().for_each(|value| guess.see(value));
                guess
            };
            let (first, second) = values.split_at(at.min(values.len()));
            let mut both = guess(first);
            both.with(&guess(second));
            proptest::prop_assert_eq!(both.kind(), guess(&values).kind());
        }

        /// Whatever is seen, the type decided on can read every value.
        #[test]
        fn no_value_is_lost(values in proptest::collection::vec("(NA|true|-?[0-9]{1,20}|[0-9]\\.[0-9]|[0-9]{1,2}/[0-9]{1,2}/20[0-9]{2}|[a-z]{0,3})", 0..6)) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let kind = kind(&values);
            for value in values.into_iter().filter(|value| !is_nothing(value)) {
                let read = match kind {
                    Kind::Boolean => boolean(value).is_some(),
                    Kind::Integer => integer(value).is_some_and(|whole| whole.to_string().trim_start_matches('-') == value.trim_start_matches('-')),
                    Kind::Number { decimal_comma } => number(value, decimal_comma).is_some(),
                    Kind::Date(order) => moment::parse(value, order).is_some_and(|moment| moment.time.is_none()),
                    Kind::Timestamp(order) => moment::parse(value, order).is_some(),
                    Kind::Text | Kind::Nothing => true,
                };
                proptest::prop_assert!(read, "{value} as {kind:?}");
            }
        }
    }
}
