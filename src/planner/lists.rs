//! Lists of words, each written as one text with a space between every two. They are short and looked through for nearly
//! every word of a sentence: a plain loop over their bytes takes a fifth of what splitting them does.

/// Whether a word is in the list.
pub fn has(list: &str, word: &str) -> bool {
    let (list, word) = (list.as_bytes(), word.as_bytes());
    let mut at = 0;
    while at + word.len() <= list.len() {
        let end = at + word.len();
        if list.get(end).is_none_or(|b| *b == b' ') && list[at..end] == *word {
            return true;
        }
        at = after(list, at);
    }
    false
}

/// The words of a list.
pub fn words(list: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let rest = list.get(start..)?;
        at = after(list.as_bytes(), start);
        Some(&rest[..(at - start - 1).min(rest.len())])
    })
}

/// Where the word after the one at `at` begins; beyond the end there is none.
fn after(list: &[u8], at: usize) -> usize {
    let mut next = at;
    while next < list.len() && list[next] != b' ' {
        next += 1;
    }
    next + 1
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_are_read_as_they_are_split() {
        for list in ["", "one", "one two", "one two three", "über größe", " one", "one  two", "one "] {
            assert_eq!(super::words(list).collect::<Vec<_>>(), list.split(' ').collect::<Vec<_>>(), "{list:?}");
            for word in ["", "one", "two", "on", "ne", "one two", "three", "größe", "thre"] {
                let single = !word.contains(' ');
                assert_eq!(single && super::has(list, word), list.split(' ').any(|w| w == word), "{list:?} {word:?}");
            }
        }
    }
}
