//! A simulation of the whole of this crate: real rooms, cursors, committer and reactors between a store, sockets and
//! clients that are made up, one thing after the other as a seed decides. A model beside it knows what everybody is to
//! get (see [`oracle`]).
//!
//! `VIZROOM_SEED=… cargo test -p vizroom-room simulation` runs one seed and, if it fails, prints its shortest history;
//! `VIZROOM_SEEDS=…` says how many to run, `VIZROOM_FROM=…` from which on.

mod client;
mod journal;
mod line;
mod model;
mod oracle;
mod pull;
mod random;
mod run;
mod setup;
mod socket;
mod steps;

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use random::Random;
use run::Run;
use setup::Setup;
use steps::STEPS;

use crate::lock;

/// Seeds of an ordinary test run.
const SEEDS: u64 = 5_000;

thread_local! {
    /// What panicked on this thread, in a task or elsewhere, if a simulation runs there.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    static SIMULATES: RefCell<bool> = const { RefCell::new(false) };
}

/// Plays some steps of a seed. What is wrong, if something is; `trace` gets what happened.
fn play(seed: u64, steps: &[u64], trace: &mut Vec<String>) -> Option<String> {
    PANIC.take();
    let weights: Vec<u64> = STEPS.iter().map(|(_, usual, _)| *usual).collect();
    let mut wrong = None;
    let played = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut run = Run::new(Setup::new(seed, &weights));
        wrong = go(&mut run, steps, trace);
    }));
    PANIC.take().or(wrong).or(played.err().map(|_| "it panicked".into()))
}

fn go(run: &mut Run, steps: &[u64], trace: &mut Vec<String>) -> Option<String> {
    let world = run.world.clone();
    let wrong = || PANIC.take().or_else(|| lock(&world.wrong).take());
    for number in steps {
        // Each step has its own chance, so that without it the others stay as they are.
        let mut r = Random::new(run.setup.seed, *number);
        let (name, _, act) = STEPS[r.weighted(&run.setup.weights)];
        trace.push(format!("{number:>4} {name}"));
        let what = act(run, &mut r);
        if let Some(line) = trace.last_mut() {
            *line = format!("{line}: {what}");
        }
        run.measure();
        if let Some(wrong) = wrong() {
            return Some(wrong);
        }
    }
    trace.push("     rest".into());
    run.rest();
    run.measure();
    run.judge(true);
    for pull in &run.pulls {
        if let Err(what) = pull.judge(&run.world) {
            run.world.fail(what);
        }
    }
    if let Some(wrong) = wrong() {
        return Some(wrong);
    }
    trace.push("     end".into());
    run.finish(&mut Random::new(run.setup.seed, u64::MAX - 3));
    wrong()
}

fn all_steps(seed: u64) -> Vec<u64> {
    let weights: Vec<u64> = STEPS.iter().map(|(_, usual, _)| *usual).collect();
    (0..Setup::new(seed, &weights).steps).collect()
}

/// A short part of `steps` that fails all the same.
fn shorten(seed: u64, mut steps: Vec<u64>) -> Vec<u64> {
    let fails = |steps: &[u64]| play(seed, steps, &mut Vec::new()).is_some();
    let mut size = steps.len().div_ceil(2).max(1);
    loop {
        let (mut at, before) = (0, steps.len());
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + size).min(steps.len()));
            if fails(&fewer) { steps = fewer } else { at += size }
        }
        if size == 1 && steps.len() == before {
            return steps;
        }
        size = size.div_ceil(2).max(1);
    }
}

/// Why a seed fails, with its shortest history.
fn report(seed: u64) -> Option<String> {
    let steps = all_steps(seed);
    play(seed, &steps, &mut Vec::new())?;
    let steps = shorten(seed, steps);
    let mut trace = Vec::new();
    let wrong = play(seed, &steps, &mut trace).unwrap_or_else(|| "it fails only sometimes".into());
    let replay = format!("VIZROOM_SEED={seed} cargo test -p vizroom-room simulation");
    Some(format!("seed {seed}: {wrong}\n\nafter\n{}\n\nagain: {replay}", trace.join("\n")))
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// Has panics on this thread taken down instead of printed.
fn listen_for_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if SIMULATES.with_borrow(|s| *s) {
                PANIC.with_borrow_mut(|p| *p = p.take().or_else(|| Some(info.to_string())));
            } else {
                usual(info);
            }
        }));
    });
    SIMULATES.set(true);
}

/// The first seed of some that fails.
fn first_failure(from: u64, n: u64) -> Option<u64> {
    let next = AtomicU64::new(from);
    let failed = AtomicU64::new(u64::MAX);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                listen_for_panics();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + n || seed > failed.load(Ordering::Relaxed) {
                        return;
                    }
                    if play(seed, &all_steps(seed), &mut Vec::new()).is_some() {
                        failed.fetch_min(seed, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    Some(failed.into_inner()).filter(|seed| *seed != u64::MAX)
}

#[test]
fn everybody_gets_what_they_should() {
    let failed = match number("VIZROOM_SEED") {
        Some(seed) => Some(seed),
        None => first_failure(number("VIZROOM_FROM").unwrap_or(0), number("VIZROOM_SEEDS").unwrap_or(SEEDS)),
    };
    listen_for_panics();
    let wrong = failed.and_then(report);
    SIMULATES.set(false);
    if let Some(wrong) = wrong {
        panic!("{wrong}");
    }
}

#[test]
fn a_seed_repeats() {
    listen_for_panics();
    let once = |seed| {
        let mut trace = Vec::new();
        let wrong = play(seed, &all_steps(seed), &mut trace);
        (trace, wrong)
    };
    let differs = (0..50).find(|seed| once(*seed) != once(*seed));
    SIMULATES.set(false);
    assert_eq!(differs, None, "this seed takes two courses");
}
