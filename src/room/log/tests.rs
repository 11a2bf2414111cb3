//! The log against a plain list of everything ever told.

use proptest::prelude::*;

use super::*;
use crate::wire::payloads;

#[derive(Debug, Clone)]
enum Step {
    Durable(usize),
    Latest(u8, usize),
    Ephemeral(usize),
    Seal,
}

/// An event as the model remembers it.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    class: Class,
    /// Position of its first byte, and of the first after it.
    span: (u64, u64),
    seq: u64,
    key: Option<u8>,
    text: Vec<u8>,
}

fn step() -> impl Strategy<Value = Step> {
    // Sizes around the frame formats' and the segments' edges as well as usual ones.
    let size = prop_oneof![4 => 0usize..300, 1 => Just(125), 1 => Just(126), 1 => 900usize..3000, 1 => Just(70_000)];
    prop_oneof![
        4 => size.clone().prop_map(Step::Durable),
        2 => (0u8..4, size.clone()).prop_map(|(key, size)| Step::Latest(key, size)),
        2 => size.prop_map(Step::Ephemeral),
        2 => Just(Step::Seal),
    ]
}

/// Runs the steps; gives the log and all that was told.
fn play(steps: &[Step], head: u64, ring: usize) -> (Log, Vec<Told>) {
    let mut log = Log::new(head, ring, 16);
    let mut told: Vec<Told> = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let before = log.end();
        let filler = |size: usize| format!("{i:>6}{}", "x".repeat(size));
        let (class, key, text) = match step {
            Step::Seal => {
                log.seal();
                continue;
            }
            Step::Durable(size) => {
                let text = filler(*size).into_bytes();
                log.append_durable(log.head() + 1, &text);
                (Class::Durable, None, text)
            }
            Step::Latest(key, size) => {
                let rev = log.append_latest(&key.to_string(), key % 2 == 0, &filler(*size), "!");
                let revs = told.iter().filter(|t| t.key == Some(*key)).count() as u64 + 1;
                assert_eq!(rev, revs, "revisions count up per key");
                (Class::Latest, Some(*key), format!("{}{rev}!", filler(*size)).into_bytes())
            }
            Step::Ephemeral(size) => {
                log.append_ephemeral(&filler(*size), "!");
                (Class::Ephemeral, None, format!("{}!", filler(*size)).into_bytes())
            }
        };
        told.push(Told { class, span: (before, log.end()), seq: log.head(), key, text });
    }
    log.seal();
    (log, told)
}

fn texts(run: Vec<Bytes>) -> Vec<Vec<u8>> {
    run.into_iter().flat_map(payloads).map(|b| b.to_vec()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_reader_gets_exactly_what_follows(steps in prop::collection::vec(step(), 0..60), head in 0u64..5, ring in 200usize..200_000) {
        let (mut log, told) = play(&steps, head, ring);
        for at in [0].into_iter().chain(told.iter().map(|t| t.span.1)) {
            let mut run = Vec::new();
            let readable = log.read(at, &mut run);
            prop_assert_eq!(readable, at >= log.start());
            if readable {
                let expected: Vec<_> = told.iter().filter(|t| t.span.0 >= at).map(|t| t.text.clone()).collect();
                prop_assert_eq!(texts(run), expected);
                let before: Vec<_> = told.iter().filter(|t| t.span.1 <= at).collect();
                let count = |class| before.iter().filter(|t| t.class == class).count() as u64;
                let tally = Tally { seq: head + count(Class::Durable), latest: count(Class::Latest), ephemeral: count(Class::Ephemeral) };
                prop_assert_eq!(log.tally_at(at), tally);
            }
        }
    }

    #[test]
    fn a_resume_gets_every_durable_event_or_none(steps in prop::collection::vec(step(), 0..60), head in 0u64..5, ring in 200usize..200_000) {
        let (mut log, told) = play(&steps, head, ring);
        for seq in 0..=log.head() + 1 {
            let after: Vec<_> = told.iter().filter(|t| t.class == Class::Durable && t.seq > seq).map(|t| t.text.clone()).collect();
            let in_memory = told.iter().filter(|t| t.class == Class::Durable && t.seq > seq).all(|t| t.span.0 >= log.start());
            match log.durable_after(seq, usize::MAX) {
                Some(run) => prop_assert_eq!(texts(vec![run]), after),
                None => prop_assert!(seq > log.head() || seq < head || !in_memory, "{seq} could have been served"),
            }
        }
    }

    #[test]
    fn memory_is_bounded_and_latest_is_the_newest(steps in prop::collection::vec(step(), 0..120), ring in 200usize..50_000) {
        let (log, told) = play(&steps, 0, ring);
        let newest_chunk = log.chunks.back().map_or(0, |c| c.bytes.len());
        prop_assert!((log.end() - log.start()) as usize <= ring + newest_chunk.max(ring));
        let mut newest: Vec<&Told> = (0..4).filter_map(|key| told.iter().rfind(|t| t.key == Some(key))).collect();
        newest.sort_by_key(|t| t.span.0);
        let all: Vec<_> = newest.iter().map(|t| t.text.clone()).collect();
        prop_assert_eq!(texts(log.latest_between(0, log.end())), all);
        let kept: Vec<_> = newest.iter().filter(|t| t.key.is_some_and(|k| k % 2 == 0)).map(|t| t.text.clone()).collect();
        prop_assert_eq!(texts(log.kept()), kept);
    }
}

#[test]
fn the_oldest_keys_make_room() {
    let mut log = Log::new(0, 1 << 20, 2);
    for key in ["a", "b", "c"] {
        log.append_latest(key, true, "{", "}");
    }
    assert_eq!(log.kept().len(), 2);
}
