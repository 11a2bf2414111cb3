//! Questions that many ask at the same time, put once. Nothing outlives its asking: what has been answered is forgotten,
//! and what nobody waits for any more ends.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use vizroom_protocol::error::{Code, Error};

use crate::cache::Tally;
use crate::engine::lock;

type Flight<T> = BoxFuture<'static, Result<T, Error>>;

/// The questions of one database that are under way. Whoever asks holds one of them: there are no more than askers.
pub(super) struct Flights<T>(Arc<Mutex<Aloft<T>>>);

struct Aloft<T> {
    flights: HashMap<String, Known<T>>,
    begun: u64,
}

struct Known<T> {
    number: u64,
    /// Held by those who wait, and by nobody else.
    flight: WeakShared<Flight<T>>,
    /// Somebody asked who did not begin it.
    joined: Arc<AtomicBool>,
}

/// Takes a flight off the list, also where it is left in the air.
struct Landing<T> {
    aloft: Arc<Mutex<Aloft<T>>>,
    key: String,
    number: u64,
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        if let Entry::Occupied(entry) = lock(&self.aloft).flights.entry(std::mem::take(&mut self.key))
            && entry.get().number == self.number
        {
            entry.remove();
        }
    }
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Aloft { flights: HashMap::new(), begun: 0 })))
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// What `work` answers, or what others are being answered who ask the same. The work goes on as long as one of them
    /// waits, whoever began it.
    ///
    /// A failure that began before somebody asked need not be theirs: it is tried once more, for all. That it was too
    /// much stays true.
    pub(super) fn join<W>(&self, tally: &Tally, key: String, work: impl Fn() -> W + Send + 'static) -> Shared<Flight<T>>
    where
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let mut aloft = lock(&self.0);
        if let Some(known) = aloft.flights.get(&key)
            && let Some(flight) = known.flight.upgrade()
        {
            known.joined.store(true, Ordering::Relaxed);
            tally.shared.fetch_add(1, Ordering::Relaxed);
            return flight;
        }
        aloft.begun += 1;
        let (number, joined) = (aloft.begun, Arc::new(AtomicBool::new(false)));
        let (landing, others) = (Landing { aloft: self.0.clone(), key: key.clone(), number }, joined.clone());
        let flight = async move {
            let _landing = landing;
            match work().await {
                Err(error) if error.code != Code::TooLarge && others.load(Ordering::Relaxed) => work().await,
                answer => answer,
            }
        };
        let flight = flight.boxed().shared();
        if let Some(weak) = flight.downgrade() {
            aloft.flights.insert(key, Known { number, flight: weak, joined });
        }
        flight
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Semaphore;

    use super::*;

    /// Work that waits to be let go, then answers how often it was begun, or fails.
    struct Desk {
        flights: Flights<usize>,
        tally: Tally,
        begun: Arc<AtomicUsize>,
        ended: Arc<AtomicUsize>,
        go: Arc<Semaphore>,
    }

    struct Ends(Arc<AtomicUsize>);

    impl Drop for Ends {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Desk {
        fn new() -> Self {
            let (flights, tally, go) = (Flights::default(), Tally::default(), Arc::new(Semaphore::new(0)));
            Self { flights, tally, begun: Arc::default(), ended: Arc::default(), go }
        }

        /// The first `failing` of the works fail with `code`.
        fn ask(&self, key: &str, failing: usize, code: Code) -> Shared<Flight<usize>> {
            let (begun, ended, go) = (self.begun.clone(), self.ended.clone(), self.go.clone());
            let work = move || {
                let number = begun.fetch_add(1, Ordering::Relaxed) + 1;
                let (go, ends) = (go.clone(), Ends(ended.clone()));
                async move {
                    let _ends = ends;
                    go.acquire().await.unwrap().forget();
                    if number <= failing { Err(Error::new(code, number.to_string())) } else { Ok(number) }
                }
            };
            self.flights.join(&self.tally, key.to_owned(), work)
        }

        /// How often it was begun, how many were answered with another's, and how many are under way.
        fn counted(&self) -> (usize, u64, usize) {
            let begun = self.begun.load(Ordering::Relaxed);
            (begun, self.tally.counts().shared, lock(&self.flights.0).flights.len())
        }
    }

    /// So many ask, and nobody is answered before all have.
    async fn together(desk: &Desk, many: usize, failing: usize, code: Code) -> Vec<Result<usize, Error>> {
        let all: Vec<_> = (0..many).map(|_| desk.ask("a", failing, code)).collect();
        desk.go.add_permits(2);
        futures_util::future::join_all(all).await
    }

    #[tokio::test]
    async fn who_asks_the_same_at_the_same_time_is_answered_once() {
        let desk = Desk::new();
        assert_eq!(together(&desk, 50, 0, Code::Unavailable).await, vec![Ok(1); 50]);
        assert_eq!(desk.counted(), (1, 49, 0));
        // Nothing is remembered, and nothing else is the same.
        desk.go.add_permits(2);
        assert_eq!(desk.ask("a", 0, Code::Unavailable).await, Ok(2));
        let both = tokio::join!(desk.ask("a", 0, Code::Unavailable), desk.ask("b", 0, Code::Unavailable));
        assert_eq!(both, (Ok(3), Ok(4)));
    }

    #[tokio::test]
    async fn a_failure_is_tried_once_more_where_others_wait() {
        let desk = Desk::new();
        assert_eq!(together(&desk, 50, 1, Code::Unavailable).await, vec![Ok(2); 50]);
        assert_eq!(desk.counted(), (2, 49, 0));
        // Not twice, not for who is alone, and not where it was too much.
        for (many, code, tried) in [(50, Code::Unavailable, 2), (1, Code::Unavailable, 1), (50, Code::TooLarge, 1)] {
            let desk = Desk::new();
            let answers = together(&desk, many, 9, code).await;
            assert!(
                answers.iter().all(|answer| answer.as_ref().unwrap_err().message == tried.to_string()),
                "{answers:?}"
            );
            assert_eq!(desk.counted(), (tried, many as u64 - 1, 0));
        }
    }

    #[tokio::test]
    async fn whoever_began_may_leave_and_with_the_last_it_ends() {
        let desk = Desk::new();
        let mut first = desk.ask("a", 0, Code::Unavailable);
        let second = desk.ask("a", 0, Code::Unavailable);
        assert!((&mut first).now_or_never().is_none());
        drop(first);
        desk.go.add_permits(1);
        assert_eq!((second.await, desk.counted()), (Ok(1), (1, 1, 0)));
        // All leave: the work is dropped where it is, and the next begins anew.
        let mut third = desk.ask("a", 0, Code::Unavailable);
        assert!((&mut third).now_or_never().is_none());
        assert_eq!((desk.ended.load(Ordering::Relaxed), desk.counted().2), (1, 1));
        drop(third);
        assert_eq!((desk.ended.load(Ordering::Relaxed), desk.counted().2), (2, 0));
        desk.go.add_permits(1);
        assert_eq!(desk.ask("a", 0, Code::Unavailable).await, Ok(3));
    }
}
