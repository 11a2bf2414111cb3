//! Words that texts have in them: `songs with love in the title`, `tweets that mention taxes`, `items named deluxe`.

use vizroom_protocol::file::ColumnType;

use super::conditions::Piece;
use super::fields::{Data, Field};
use super::matching::{Item, Meaning};
use super::query::{Op, Predicate};
use super::words::{Kind, Token, is};

const MENTION: &str = "mention mentions mentioning mentioned contain contains containing";
const HAVE: &str = "with have has having had including";
const CALLED: &str = "called named titled";
const SMALL: &str = "the word words term phrase string a an their its his her";
/// What a text may be called that has no such name in the data.
const NAMES: &str = "name names title titles text texts";
/// Most items of what is mentioned.
const SAID_MAX: usize = 3;

/// The condition that begins at `at`, and how many items tell it.
pub fn mentioned(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let said = |i: usize, list: &str| items.get(i).is_some_and(|i| is(tokens.get(i.from), list));
    let verb = said(at, MENTION);
    let named = said(at, CALLED);
    if !(verb || named || said(at, HAVE)) {
        return None;
    }
    let not = at > 0 && said(at - 1, "not dont doesnt without never");
    let start = (at + 1..).find(|&i| !said(i, SMALL))?;
    // `with love in the title`: the text is named after it.
    let place = |i: usize| {
        let column = (i + 1..).find(|&n| !said(n, SMALL))?;
        said(i, "in inside within").then(|| Some((text_of(data, tokens, items.get(column)?)?, column + 1)))?
    };
    let later = (start + 1..=start + SAID_MAX).find_map(|i| Some((i, place(i)?)));
    let (end, (field, used)) = match later {
        Some(found) => found,
        None => {
            let known = matches!(
                items.get(start)?.meaning,
                Meaning::Value(_) | Meaning::Values(..) | Meaning::Column(_) | Meaning::Number { .. }
            );
            if !(verb || named) || known {
                return None;
            }
            // `titles containing love`
            let before = at.checked_sub(1).and_then(|i| text_of(data, tokens, &items[i]));
            let field = before.or_else(|| if named { name(data) } else { free(data).or_else(|| name(data)) })?;
            let open = |i: &usize| matches!(items.get(*i).map(|i| &i.meaning), Some(Meaning::Unknown(_)));
            let end = (start + 1..start + SAID_MAX).find(|i| !open(i)).unwrap_or(start + SAID_MAX);
            (end, (field, end))
        }
    };
    let words = &tokens[items.get(start)?.from..items.get(end - 1)?.to];
    let text = words.iter().map(|t| t.lower.as_str()).collect::<Vec<_>>().join(" ");
    let whole = words.iter().all(|t| matches!(t.kind, Kind::Word | Kind::Quoted)) && !text.is_empty();
    let op = if not { Op::Lacks } else { Op::Contains };
    let test = Predicate { source: data.fields[field].source(), part: None, op, values: vec![text.into()] };
    whole.then(|| (Piece::Condition(vec![test]), used - at))
}

/// The column of texts that an item names: one of many different ones.
fn text_of(data: &Data<'_>, tokens: &[Token], item: &Item) -> Option<usize> {
    let text = |f: &usize| is_text(&data.fields[*f]);
    let word = &tokens[item.to - 1];
    let exact = |f: &usize| text(f) && matches!(data.fields[*f].words.as_slice(), [one] if one.stem == word.stem);
    match &item.meaning {
        Meaning::Column(c) if item.to > item.from + 1 || !is(Some(word), NAMES) => c.iter().copied().find(text),
        _ if is(Some(word), NAMES) => (0..data.fields.len()).find(exact).or_else(|| name(data)),
        _ => None,
    }
}

fn is_text(field: &Field<'_>) -> bool {
    const FEW: u64 = 20;
    field.column.kind == ColumnType::Text && field.column.distinct > FEW && field.spelled.is_none()
}

/// What the rows are called by.
fn name(data: &Data<'_>) -> Option<usize> {
    let texts = || (0..data.fields.len()).filter(|&i| is_text(&data.fields[i]) && !data.fields[i].joined);
    let called = |i: &usize| super::roles::has(&data.fields[*i].words, "name title");
    // `track_name` rather than `album_name`: it tells more of them apart.
    let own = texts().filter(called).max_by_key(|&i| (data.fields[i].column.distinct, std::cmp::Reverse(i)));
    own.or_else(|| texts().find(|&i| data.names_each(i)))
}

/// The column that is written freely.
fn free(data: &Data<'_>) -> Option<usize> {
    (0..data.fields.len()).find(|&i| is_text(&data.fields[i]) && data.fields[i].is_free_text())
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn texts_have_words_in_them() {
        let columns = || {
            vec![
                text("title", 900, 0, &["A long night", "Secret love"]),
                text("genre", 6, 0, &["rock", "jazz"]),
                figure("length", 300, 60, 900),
            ]
        };
        for (prompt, wanted) in [
            ("how many songs have love in the title?", "strpos(lower(\"title\"), 'love') > 0"),
            ("songs with \"night\" in their name by genre", "strpos(lower(\"title\"), 'night') > 0"),
            ("average length of songs whose title contains dance", "strpos(lower(\"title\"), 'dance') > 0"),
        ] {
            let sql = sql(prompt, "songs", columns());
            assert!(sql.contains(wanted) && !sql.contains("\"title\" AS"), "{prompt}: {sql}");
        }
    }
}
