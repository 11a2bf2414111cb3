//! What people type, checked once; an error names the field.

use vizroom_protocol::Error;

/// Characters of an e-mail address, as RFC 5321 counts them.
const EMAIL_MAX: usize = 254;
const EMAIL_LOCAL_MAX: usize = 64;

/// An e-mail address in the form it is stored: trimmed, lower case. Whether mail arrives there, only mail can tell.
pub(super) fn email(field: &str, text: &str) -> Result<String, Error> {
    let email = text.trim().to_lowercase();
    let good = email.len() <= EMAIL_MAX
        && email.split_once('@').is_some_and(|(local, domain)| {
            let label = |l: &str| !l.is_empty() && l.chars().all(|c| c.is_alphanumeric() || c == '-');
            let odd = |c: char| c.is_whitespace() || c.is_control() || "<>(),;:\"\\".contains(c);
            (1..=EMAIL_LOCAL_MAX).contains(&local.len()) && !local.contains(odd) && domain.split('.').all(label)
        });
    good.then_some(email).ok_or_else(|| Error::invalid(field, "not an e-mail address"))
}

/// A name for people and things: trimmed, 1 to `max` characters, none of them control characters.
pub(super) fn name(field: &str, text: &str, max: usize) -> Result<String, Error> {
    let name = text.trim();
    if name.chars().any(char::is_control) {
        return Err(Error::invalid(field, "holds control characters"));
    }
    length(field, name, 1, max)?;
    Ok(name.to_owned())
}

/// What people write about something: trimmed, at most `max` characters, of the control characters only those that part
/// lines and columns.
pub(super) fn text(field: &str, text: &str, max: usize) -> Result<String, Error> {
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)) {
        return Err(Error::invalid(field, "holds control characters"));
    }
    length(field, text, 0, max)?;
    Ok(text.to_owned())
}

/// That `text` has `min` to `max` characters.
pub(super) fn length(field: &str, text: &str, min: usize, max: usize) -> Result<(), Error> {
    // Counting stops at the first character too many: the text may be large.
    if (min..=max).contains(&text.chars().take(max + 1).count()) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("{min} to {max} characters")))
}

/// A moment in RFC 3339, in milliseconds since 1970.
pub(super) fn moment(field: &str, text: &str) -> Result<i64, Error> {
    let moment = chrono::DateTime::parse_from_rfc3339(text);
    moment
        .map(|moment| moment.timestamp_millis())
        .map_err(|_| Error::invalid(field, "not a time as RFC 3339 writes it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        for good in ["a@b", "Ada.Love+x@Example.com ", "jörg@bücher.de", "a@b-c.d"] {
            assert_eq!(email("email", good).unwrap(), good.trim().to_lowercase());
        }
        let long = format!("{}@b", "a".repeat(65));
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b..c", "a@.b", "a@b.", "a@b c", "<a>@b", "a@b\n.c", &long]
        {
            assert_eq!(email("data.email", bad).unwrap_err().field.as_deref(), Some("data.email"), "{bad:?}");
        }
    }

    #[test]
    fn names_and_lengths() {
        assert_eq!(name("name", " Züri ", 4).unwrap(), "Züri");
        for bad in ["", "  ", "12345", "a\nb"] {
            assert!(name("name", bad, 4).is_err(), "{bad:?}");
        }
        assert!(length("x", "", 0, 1).is_ok());
        assert_eq!(text("text", " a\n\tb ", 4).unwrap(), "a\n\tb");
        for bad in ["12345", "a\0"] {
            assert!(text("text", bad, 4).is_err(), "{bad:?}");
        }
    }
}
