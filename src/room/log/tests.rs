//! The log against a plain list of everything ever told.

use proptest::prelude::*;

use super::*;
use crate::messages::{Assembler, Message};

#[derive(Debug, Clone)]
enum Step {
    Durable(usize),
    Latest(u8, usize),
    Ephemeral(usize),
    Seal,
    /// A reader of the deflated lane comes, or goes.
    Enter,
    Leave,
}

/// An event as the model remembers it.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    class: Class,
    /// Position of its first byte, and of the first after it, in each lane.
    spans: [(u64, u64); LANES.len()],
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
        1 => Just(Step::Enter),
        1 => Just(Step::Leave),
    ]
}

/// Runs the steps; gives the log and all that was told.
fn play(steps: &[Step], head: u64, ring: usize) -> (Log, Vec<Told>) {
    let (mut log, mut told) = (Log::new(head, 0, ring, 16), Vec::new());
    go_on(&mut log, &mut told, steps);
    (log, told)
}

fn go_on(log: &mut Log, told: &mut Vec<Told>, steps: &[Step]) {
    let readers = log.inflating;
    for (i, step) in steps.iter().enumerate() {
        let before = LANES.map(|lane| log.end(lane));
        let filler = |size: usize| format!("{i:>6}{}", "x".repeat(size));
        let (class, key, text) = match step {
            Step::Seal => {
                log.seal();
                continue;
            }
            Step::Enter => {
                log.enter(Lane::Deflated);
                continue;
            }
            Step::Leave => {
                if log.inflating > readers {
                    log.leave(Lane::Deflated);
                }
                continue;
            }
            Step::Durable(size) => {
                let text = filler(*size).into_bytes();
                log.append_durable(log.head() + 1, &text);
                (Class::Durable, None, text)
            }
            Step::Latest(key, size) => {
                let rev = log.append_latest(&key.to_string(), key % 2 == 0, &filler(*size), "!");
                let revs = told.iter().filter(|t| t.key.is_some()).count() as u64 + 1;
                assert_eq!(rev, revs, "revisions count up");
                (Class::Latest, Some(*key), format!("{}{rev}!", filler(*size)).into_bytes())
            }
            Step::Ephemeral(size) => {
                log.append_ephemeral(&filler(*size), "!");
                (Class::Ephemeral, None, format!("{}!", filler(*size)).into_bytes())
            }
        };
        let spans = LANES.map(|lane| (before[lane as usize], log.end(lane)));
        told.push(Told { class, spans, seq: log.head(), key, text });
    }
    log.seal();
}

/// What a client would read.
fn texts(run: Vec<Bytes>) -> Vec<Vec<u8>> {
    run.into_iter().flat_map(frames).map(|frame| inflated(&frame)).collect()
}

fn frames(mut run: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || (!run.is_empty()).then(|| run.split_to(wire::boundary(&run, 1))))
}

/// The text of a frame, by way of a client's mask.
fn inflated(frame: &[u8]) -> Vec<u8> {
    let (header, _) = wire::measure(frame);
    let mut bytes = [&frame[..header], &[0; 4], &frame[header..]].concat();
    bytes[1] |= 0x80;
    let mut out = Vec::new();
    assert_eq!(Assembler::new(true).feed(&mut bytes, 1 << 20, &mut out), Ok(()));
    match out.pop() {
        Some(Message::Text(text)) if out.is_empty() => text.into_owned().into_bytes(),
        other => panic!("{other:?}"),
    }
}

/// What has been told after a reader's position in a lane.
fn after(told: &[Told], lane: Lane, at: u64) -> Vec<Vec<u8>> {
    told.iter().filter(|t| t.spans[lane as usize].0 >= at).map(|t| t.text.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_reader_gets_exactly_what_follows(steps in prop::collection::vec(step(), 0..60), head in 0u64..5, ring in 200usize..200_000) {
        let (mut log, told) = play(&steps, head, ring);
        for at in [0].into_iter().chain(told.iter().map(|t| t.spans[0].1)) {
            let mut run = Vec::new();
            let readable = log.read(Lane::Plain, at, &mut run);
            prop_assert_eq!(readable, at >= log.start(Lane::Plain));
            if readable {
                prop_assert_eq!(texts(run), after(&told, Lane::Plain, at));
                let before: Vec<_> = told.iter().filter(|t| t.spans[0].1 <= at).collect();
                let count = |class| before.iter().filter(|t| t.class == class).count() as u64;
                let tally = Tally { seq: head + count(Class::Durable), latest: count(Class::Latest), ephemeral: count(Class::Ephemeral) };
                prop_assert_eq!(log.tally_at(Lane::Plain, at), tally);
            }
        }
    }

    #[test]
    fn the_deflated_lane_says_the_same(before in prop::collection::vec(step(), 0..20), steps in prop::collection::vec(step(), 0..40), ring in 200usize..200_000) {
        let (mut log, mut told) = play(&before, 0, ring);
        let opened = log.enter(Lane::Deflated);
        // A reader that stays: wherever the others come and go, the lane is there from here on.
        let skipped = told.len();
        go_on(&mut log, &mut told, &steps);
        prop_assert!(log.start(Lane::Deflated) >= opened || log.inflating > 1);
        for t in told[skipped..].iter().cloned() {
            let (plain, deflated) = (t.spans[0].1, t.spans[1].1);
            let mut run = Vec::new();
            let readable = log.read(Lane::Deflated, deflated, &mut run);
            prop_assert_eq!(readable, log.read(Lane::Plain, plain, &mut Vec::new()), "both reach back equally far");
            if readable {
                let read = run.iter().map(Bytes::len).sum::<usize>() as u64;
                prop_assert_eq!(read, log.end(Lane::Deflated) - deflated);
                prop_assert!(read <= log.end(Lane::Plain) - plain, "never longer");
                prop_assert_eq!(texts(run), after(&told, Lane::Plain, plain));
                prop_assert_eq!(log.tally_at(Lane::Deflated, deflated), log.tally_at(Lane::Plain, plain));
            }
            if t.class == Class::Durable {
                let at = log.position_after(Lane::Plain, t.seq).filter(|_| t.spans[0].1 > log.start(Lane::Plain));
                let expected = at.map(|_| deflated);
                prop_assert_eq!(log.position_after(Lane::Deflated, t.seq).filter(|_| at.is_some()), expected);
            }
        }
        (0..log.inflating).for_each(|_| log.leave(Lane::Deflated));
        prop_assert!(log.rings[1].chunks.is_empty() && log.rings[1].tail.capacity() == 0, "it goes with its last reader");
        prop_assert!(log.position_after(Lane::Deflated, log.head()) == Some(log.end(Lane::Deflated)));
    }

    #[test]
    fn a_resume_gets_every_durable_event_or_none(steps in prop::collection::vec(step(), 0..60), head in 0u64..5, ring in 200usize..200_000) {
        let (mut log, told) = play(&steps, head, ring);
        for seq in 0..=log.head() + 1 {
            let after: Vec<_> = told.iter().filter(|t| t.class == Class::Durable && t.seq > seq).map(|t| t.text.clone()).collect();
            let in_memory = told.iter().filter(|t| t.class == Class::Durable && t.seq > seq).all(|t| t.spans[0].0 >= log.start(Lane::Plain));
            match log.durable_after(seq, usize::MAX) {
                Some(run) => prop_assert_eq!(texts(vec![run]), after),
                None => prop_assert!(seq > log.head() || seq < head || !in_memory, "{seq} could have been served"),
            }
        }
    }

    #[test]
    fn memory_is_bounded_and_latest_is_the_newest(steps in prop::collection::vec(step(), 0..120), ring in 200usize..50_000) {
        let (log, told) = play(&steps, 0, ring);
        let newest_chunk = log.rings[0].chunks.back().map_or(0, |c| c.bytes.len());
        let len = |lane| (log.end(lane) - log.start(lane)) as usize;
        prop_assert!(len(Lane::Plain) <= ring + newest_chunk.max(ring));
        prop_assert!(len(Lane::Deflated) <= len(Lane::Plain));
        let mut newest: Vec<&Told> = (0..4).filter_map(|key| told.iter().rfind(|t| t.key == Some(key))).collect();
        newest.sort_by_key(|t| t.spans[0].0);
        let all: Vec<_> = newest.iter().map(|t| t.text.clone()).collect();
        prop_assert_eq!(texts(log.latest_between(Tally::default(), log.tally())), all);
        let kept: Vec<_> = newest.iter().filter(|t| t.key.is_some_and(|k| k % 2 == 0)).map(|t| t.text.clone()).collect();
        prop_assert_eq!(texts(log.kept()), kept);
    }
}

#[test]
fn the_oldest_keys_make_room() {
    let mut log = Log::new(0, 0, 1 << 20, 2);
    for key in ["a", "b", "c"] {
        log.append_latest(key, true, "{", "}");
    }
    assert_eq!(log.kept().len(), 2);
}
