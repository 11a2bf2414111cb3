//! Calls that a connection's reactor goes on with itself, once what they wait for is there.
//!
//! A call that tells the room something waits for one commit, and has next to nothing to do after it: a task of its own
//! would cost more than the call, and its reply would leave in a write of its own.

use std::cell::RefCell;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker, ready};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::value::RawValue;
use tokio_util::sync::ReusableBoxFuture;
use tokio_util::task::task_tracker::{TaskTracker, TaskTrackerToken};
use vizroom_protocol::Error;
use vizroom_protocol::frame::{self, Call, CallId};

use crate::auth::Caller;
use crate::bus::{Bus, Line, Request};
use crate::room::{Hub, Peer, lock};

/// So many places of calls that are done are kept for the next, by each reactor: at most 2 MB.
const SPARES_MAX: usize = 1_000;

thread_local! {
    static SPARES: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
}

type Place = ReusableBoxFuture<'static, Answer>;

/// A call until it is answered. Where a reactor goes on with it, it leaves its memory to the next: calls come and go in
/// bursts, of which the C library keeps only the first few pieces at hand.
pub(super) struct Working(Option<Place>);

impl Working {
    pub fn new(call: impl Future<Output = Answer> + Send + 'static) -> Self {
        let Some(mut place) = SPARES.with_borrow_mut(Vec::pop) else { return Self(Some(Place::new(call))) };
        Self(Some(match place.try_set(call) {
            Ok(()) => place,
            Err(call) => Place::new(call),
        }))
    }

    /// For a task: where that ends, nobody begins a call.
    pub async fn alone(self) -> Answer {
        match self.0 {
            Some(place) => place.await,
            None => unreachable!("what is answered is not asked again"),
        }
    }
}

impl Future for Working {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let Some(place) = &mut self.0 else { unreachable!("nobody asks again once it is answered") };
        let answer = ready!(place.poll(cx));
        SPARES.with_borrow_mut(|spares| spares.extend(self.0.take().filter(|_| spares.len() < SPARES_MAX)));
        Poll::Ready(answer)
    }
}

/// Of one connection. Bounded by `calls_in_flight_max`.
pub(super) struct Calls {
    under_way: FuturesUnordered<Working>,
    waker: Waker,
    /// The server waits for them when it stops.
    _counted: TaskTrackerToken,
}

/// Has the reactor go on with a connection's calls.
struct Bell {
    hub: Arc<Hub>,
    peer: Arc<Peer>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.hub.wake(&self.peer);
    }
}

impl Calls {
    pub fn new(hub: &Arc<Hub>, peer: &Arc<Peer>, tasks: &TaskTracker) -> Self {
        let bell = Bell { hub: hub.clone(), peer: peer.clone() };
        Self { under_way: FuturesUnordered::new(), waker: Arc::new(bell).into(), _counted: tasks.token() }
    }

    /// Adds one; it begins with the next [`Calls::answered`].
    pub fn push(&mut self, call: Working) {
        self.under_way.push(call);
    }

    /// The next that is done, if one is. Goes on with those that were woken.
    pub fn answered(&mut self) -> Option<Answer> {
        match self.under_way.poll_next_unpin(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(answer) => answer,
            Poll::Pending => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Those that are not done, for somebody else to go on with.
    pub fn into_rest(self) -> impl Iterator<Item = Working> {
        self.under_way.into_iter()
    }
}

/// The result of a call: the line it came by, its id, its answer.
pub(super) type Answer = (Arc<Line>, Option<CallId>, Result<Box<RawValue>, Error>);

/// Has a call done. What it waits with is small: there may be many.
pub(super) fn answer(
    bus: &Arc<Bus>,
    line: Arc<Line>,
    caller: Arc<Caller>,
    remote: Option<IpAddr>,
    call: Call<&RawValue>,
) -> impl Future<Output = Answer> + Send + use<> {
    let request = Request {
        name: &call.name,
        data: call.data,
        caller: Some(caller),
        idempotency_key: call.metadata.idempotency_key,
        line: Some(line.clone()),
        remote,
    };
    let (outcome, id) = (bus.call(request), call.metadata.id);
    async move { (line, id, outcome.await) }
}

/// Answers a call that had to wait, and makes room for another.
pub(super) fn finish(bus: &Bus, peer: &Arc<Peer>, answer: Answer) {
    answer.0.find_place(&bus.app.hub);
    deliver(bus, peer, answer);
    peer.calls.fetch_sub(1, Ordering::SeqCst);
    bus.app.hub.go_on(peer);
}

/// Sends an answer.
pub(super) fn deliver(bus: &Bus, peer: &Arc<Peer>, (line, id, outcome): Answer) {
    let hub = &bus.app.hub;
    match (&outcome, &id) {
        (Ok(data), Some(id)) => hub.send_text(peer, &frame::reply(id, data)),
        (Ok(_), None) => {}
        (Err(error), id) => hub.send_text(peer, &frame::error(id.as_ref(), error)),
    }
    for seat in lock(&line.joined).drain(..) {
        hub.open_seat(peer, seat);
    }
}
