//! A prompt cut at commas, `and` and full stops; each segment is read by itself.

use super::conditions::{Piece, pieces};
use super::fields::{Data, Role};
use super::intent::Intent;
use super::lexicon::Keyword;
use super::matching::{Item, Matcher, Meaning};
use super::reading::{Mode, Reader};
use super::words::Token;

/// What stands before a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    Start,
    Comma,
    And,
    Sentence,
    /// It is said to be a card of its own.
    Card,
}

/// One segment read by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    pub joint: Joint,
    pub intent: Intent,
    /// The first thing in it is a value of the data.
    pub starts_with_value: bool,
    /// How many words of it are in the data.
    pub covered: usize,
    /// How often the rows are named.
    pub named: usize,
    /// How many columns are called by all of their names' words.
    pub exact: usize,
    /// It ends with groups.
    pub ends_by: bool,
    /// It says that what stands before is to be split.
    pub splits: bool,
    /// It begins with a word that narrows what stands before: `only films after 2000`.
    pub only: bool,
    /// It ends with a question mark.
    pub asked: bool,
    /// It follows a question, and is none.
    pub restates: bool,
    /// What the rows are called in it.
    pub noun: Option<String>,
}

/// Reads all segments of a prompt against one dataset.
pub fn segments(data: &Data<'_>, tokens: &[Token]) -> Vec<Segment> {
    alone(data, tokens, Matcher::new(data, tokens).items(tokens))
}

/// The same for segments that stand by themselves: a refinement's.
pub fn alone(data: &Data<'_>, tokens: &[Token], items: Vec<Item>) -> Vec<Segment> {
    // `only those with more than 50 orders` limits the groups that the card has.
    let counts = |s: &Segment| !s.intent.having.is_empty() && s.intent.having.iter().all(|h| h.of.is_some());
    let whole = |s: Segment| match counts(&s) {
        true => s,
        false => Segment { intent: super::limiting::groupless(data, s.intent), ..s },
    };
    cut(data, tokens, items).into_iter().map(whole).collect()
}

/// Cuts the items of a sentence, and reads each segment.
pub fn cut(data: &Data<'_>, tokens: &[Token], items: Vec<Item>) -> Vec<Segment> {
    let items = super::sidewise::grouped(data, tokens, super::related::plainly(data, tokens, items));
    let items = super::leading::last(data, super::averaged::of_figure(data, tokens, items));
    let items = super::averaged::of_flow(data, tokens, super::ratios::computed(data, tokens, items));
    let items = super::journeys::ended(data, tokens, super::years::seasons(data, tokens, items));
    let items = super::opposites::both(data, tokens, super::years::resolved(data, tokens, items));
    let mut out = Vec::new();
    let mut joint = Joint::Start;
    let mut current: Vec<Piece> = Vec::new();
    let mut by = false;
    for piece in pieces(data, tokens, &items) {
        let next = match &piece {
            // `for married students: mean balance and mean rating`
            Piece::Item(i) if tokens[i.from].is(':') && are_conditions(data, &current) => Some(Joint::Comma),
            Piece::Item(Item { meaning: Meaning::Mark(',' | ';'), .. }) => Some(Joint::Comma),
            Piece::Item(Item { meaning: Meaning::Mark('.' | '?' | '!' | '\n'), .. }) => Some(Joint::Sentence),
            Piece::Item(Item { meaning: Meaning::Mark(super::parted::CUT), .. }) => Some(Joint::Card),
            Piece::Item(Item { meaning: Meaning::Keyword(Keyword::And), .. }) => Some(Joint::And),
            _ => None,
        };
        match next {
            None => current.push(piece),
            Some(next) => {
                let mut read = segment(data, tokens, std::mem::take(&mut current), joint, by);
                let asked = matches!(piece, Piece::Item(Item { meaning: Meaning::Mark('?'), .. }));
                read.iter_mut().for_each(|r| r.asked = asked);
                let colon = matches!(&piece, Piece::Item(i) if tokens[i.from].is(':'));
                read.iter_mut().for_each(|r| r.intent.rows &= !colon);
                by = read.as_ref().map_or(by, |r| r.ends_by) && !matches!(next, Joint::Sentence | Joint::Card);
                // `, and` is an `and`; an empty segment keeps the stronger of the two joints.
                joint = match (&read, joint, next) {
                    (None, Joint::Sentence | Joint::Card, _) => joint,
                    _ => next,
                };
                out.extend(read);
            }
        }
    }
    out.extend(segment(data, tokens, current, joint, by));
    for at in 1..out.len() {
        // `gross by genre, only films after 2000`: the rows are those meant before.
        let narrows = out[at].only && out[at].joint == Joint::Comma;
        if narrows && (Intent { rows: false, ..out[at].intent.clone() }).only_filters() {
            out[at].intent.rows = false;
        }
        out[at].restates = out[at - 1].asked && !out[at..].iter().any(|s| s.asked);
    }
    out
}

/// Whether pieces of a sentence say nothing but of which rows it is.
fn are_conditions(data: &Data<'_>, pieces: &[Piece]) -> bool {
    let small = |i: &Item| match i.meaning {
        Meaning::Filler | Meaning::Rows => true,
        Meaning::Keyword(k) => matches!(k, Keyword::Only | Keyword::Filler),
        _ => false,
    };
    let condition = |p: &Piece| match p {
        Piece::Item(Item { meaning: Meaning::Column(c), .. }) => data.fields[c[0]].role == Role::Flag,
        Piece::Item(i) => matches!(i.meaning, Meaning::Value(_) | Meaning::Values(..)),
        Piece::Condition(_) | Piece::Period(_) => true,
        _ => false,
    };
    pieces.iter().any(condition) && pieces.iter().all(|p| condition(p) || matches!(p, Piece::Item(i) if small(i)))
}

fn segment(data: &Data<'_>, tokens: &[Token], pieces: Vec<Piece>, joint: Joint, by: bool) -> Option<Segment> {
    let starts_with_value = pieces
        .iter()
        .find(|p| !matches!(p, Piece::Item(Item { meaning: Meaning::Filler | Meaning::Keyword(Keyword::Only), .. })))
        .is_some_and(|p| matches!(p, Piece::Item(Item { meaning: Meaning::Value(_) | Meaning::Values(..), .. })));
    let mut reader = Reader::new(data, tokens, &pieces);
    reader.follows_by = by;
    for at in 0..pieces.len() {
        reader.piece(at);
    }
    let ends_by = reader.mode == Mode::By || (by && reader.intent.only_groups());
    let intent = reader.finish();
    let covered = pieces.iter().map(|p| match p {
        Piece::Item(Item {
            meaning: Meaning::Column(_) | Meaning::Value(_) | Meaning::Values(..) | Meaning::Rows,
            from,
            to,
        }) => to - from,
        _ => 0,
    });
    let covered = covered.sum();
    let rows = |p: &&Piece| matches!(p, Piece::Item(Item { meaning: Meaning::Rows, .. }));
    // `customer` in `customer country` only says whose it is.
    let column = |at: usize| matches!(pieces.get(at), Some(Piece::Item(Item { meaning: Meaning::Column(_), .. })));
    let named = pieces.iter().enumerate().filter(|(at, p)| rows(p) && !column(at + 1)).count();
    let exact = |p: &&Piece| {
        let Piece::Item(Item { meaning: Meaning::Column(c), from, to }) = p else { return false };
        let field = &data.fields[c[0]];
        let of = |w: &super::fields::Word| tokens[*from..*to].iter().any(|t| t.stem == w.stem);
        !field.words.is_empty() && field.words.iter().all(of)
    };
    let exact = pieces.iter().filter(exact).count();
    let whole = |p: &&Piece| {
        let Piece::Item(Item { meaning: Meaning::Column(c), from, .. }) = p else { return false };
        super::wholes::names_whole(data, &tokens[*from].stem).is_some_and(|w| c.contains(&w))
    };
    let named = named + pieces.iter().filter(whole).count();
    let splits = pieces.first().is_some_and(|p| match p {
        Piece::Item(i) => matches!(tokens[i.from].lower.as_str(), "split" | "broken" | "break") && i.to - i.from > 1,
        _ => false,
    });
    let only = pieces.first().is_some_and(|p| match p {
        Piece::Item(i) => super::words::is(tokens.get(i.from), "only just leaving without excluding except ignoring"),
        _ => false,
    });
    let noun = pieces.iter().filter(rows).find_map(|p| noun_of(tokens, p));
    (!intent.is_empty()).then_some(Segment {
        joint,
        intent,
        starts_with_value,
        covered,
        named,
        exact,
        ends_by,
        splits,
        only,
        asked: false,
        restates: false,
        noun,
    })
}

/// The word for the rows, if it is one in the plural and tells what they are.
fn noun_of(tokens: &[Token], piece: &Piece) -> Option<String> {
    let Piece::Item(item) = piece else { return None };
    let [word] = &tokens[item.from..item.to] else { return None };
    let lower = word.lower.as_str();
    let plural = lower.len() > 3
        && lower.ends_with('s')
        && !lower.ends_with("ss")
        && lower.bytes().all(|b| b.is_ascii_lowercase());
    plural.then(|| word.lower.clone())
}
