//! Operation name → function. Decodes, authorizes, limits, calls, encodes; the same for every transport.

mod ctx;
mod decode;

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dashmap::DashMap;
use serde_json::value::RawValue;
use tracing::Instrument;
use vizroom_protocol::id::{DashboardId, FileId, RoomId};
use vizroom_protocol::room::Role;
use vizroom_protocol::{Access, Code, Error, Operation, Scope, operation};

use crate::app::App;
use crate::audit::Deed;
use crate::auth::{Caller, Grant};
use crate::budget::{Payer, Standing};
use crate::room::count::{Counter, Outcomes};
pub use ctx::{Ctx, Line};
use decode::decode;

/// Operations up to this cost do no work to speak of before they first wait.
const QUICK_COST: u32 = 2;
/// Keyed calls remembered before those that are over are cleared away.
const UNDER_WAY_MAX: usize = 10_000;

/// A call, whatever brought it in.
pub struct Request<'a> {
    pub name: &'a str,
    /// Absent means `{}`. It is read at once: who waits for the outcome need not hold it.
    pub data: Option<&'a RawValue>,
    pub caller: Option<Arc<Caller>>,
    pub idempotency_key: Option<String>,
    pub line: Option<Arc<Line>>,
    /// The address that it came from, where that is known.
    pub remote: Option<IpAddr>,
}

type Outcome = Result<Box<RawValue>, Error>;
type Working = Pin<Box<dyn Future<Output = Outcome> + Send>>;
/// What is left of a call once its input is read: to be done for who is found to be allowed to.
type Work = Box<dyn FnOnce(Ctx) -> Working + Send>;
type Handler = Box<dyn Fn(&RawValue) -> Result<(Scope, Work), Error> + Send + Sync>;

/// A call that may be begun, its input read.
struct Begun {
    entry: Arc<Entry>,
    began: Instant,
    deed: Option<Box<Deed>>,
    work: Result<Box<Admitted>, Box<Error>>,
}

/// In a box, since futures hold what they are given twice.
struct Admitted {
    ctx: Ctx,
    scope: Scope,
    work: Work,
}

struct Entry {
    info: &'static operation::Info,
    handler: Handler,
    once: Once,
    outcomes: Outcomes,
}

/// See the module.
pub struct Bus {
    pub app: Arc<App>,
    entries: HashMap<&'static str, Arc<Entry>>,
    /// Keyed calls being worked on, so that the same one twice at once is done once.
    under_way: DashMap<String, Arc<tokio::sync::Mutex<()>>>,
    /// Calls of operations that there are not.
    pub unknown: Counter,
}

/// Who remembers that an idempotency key has been used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Once {
    /// The first reply is stored and given again.
    Reply,
    /// The operation: it tells one durable event, whose log takes the key only once.
    Log,
    /// Nobody: the reply holds a secret, which is kept nowhere, or is about a connection, and wrong on the next one.
    Nobody,
}

/// How an operation is to be called.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// It is so cheap that its beginning may hold up whoever calls.
    pub quick: bool,
    /// It tells one durable event and does next to nothing more. What it says must keep its place among the other calls of
    /// its connection, also where it has to ask the store for something first.
    pub tells: bool,
}

impl Bus {
    /// A bus without operations.
    pub fn new(app: Arc<App>) -> Self {
        Self { app, entries: HashMap::new(), under_way: DashMap::new(), unknown: Counter::default() }
    }

    /// Serves `O` by `function`.
    ///
    /// # Panics
    /// If it is served already.
    pub fn register<O, F, R>(&mut self, function: F)
    where
        O: Operation,
        F: Fn(Ctx, O::Input) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Error>> + Send + 'static,
    {
        let of_connection = matches!(O::ACCESS, Access::Connected | Access::Viewing);
        self.serve::<O, F, R>(function, if of_connection { Once::Nobody } else { Once::Reply });
    }

    /// As [`Bus::register`], for an operation that passes the idempotency key on to the room's log.
    pub fn register_logged<O, F, R>(&mut self, function: F)
    where
        O: Operation,
        F: Fn(Ctx, O::Input) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Error>> + Send + 'static,
    {
        self.serve::<O, F, R>(function, Once::Log);
    }

    /// As [`Bus::register`], for an operation whose reply holds a secret: it is not stored, so that a second call with
    /// the same key is done again.
    pub fn register_secret<O, F, R>(&mut self, function: F)
    where
        O: Operation,
        F: Fn(Ctx, O::Input) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Error>> + Send + 'static,
    {
        self.serve::<O, F, R>(function, Once::Nobody);
    }

    fn serve<O, F, R>(&mut self, function: F, once: Once)
    where
        O: Operation,
        F: Fn(Ctx, O::Input) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Error>> + Send + 'static,
    {
        let Some(info) = operation::ALL.iter().find(|i| i.name == O::NAME) else {
            unreachable!("{} is an operation, so it is in the table", O::NAME)
        };
        let handler: Handler = Box::new(move |data| {
            let input = decode::<O::Input>(data)?;
            let scope = O::scope(&input);
            let work = move |ctx| -> Working { Box::pin(async move { encode(&function(ctx, input).await?) }) };
            Ok((scope, Box::new(work)))
        });
        let entry = Entry { info, handler, once, outcomes: Outcomes::default() };
        let earlier = self.entries.insert(O::NAME, Arc::new(entry));
        assert!(earlier.is_none(), "operation {} is registered twice", O::NAME);
    }

    /// Checks that every operation of the table is served.
    ///
    /// # Panics
    /// Names those that are not.
    pub fn complete(self) -> Arc<Self> {
        let missing: Vec<&str> =
            operation::ALL.iter().map(|i| i.name).filter(|n| !self.entries.contains_key(n)).collect();
        assert!(missing.is_empty(), "operations without a function: {missing:?}");
        Arc::new(self)
    }

    /// How an operation is to be called.
    pub fn manner(&self, name: &str) -> Manner {
        let entry = self.entries.get(name);
        Manner {
            quick: entry.is_none_or(|entry| entry.info.cost <= QUICK_COST),
            tells: entry.is_some_and(|entry| entry.once == Once::Log),
        }
    }

    /// Whether an operation is for anyone: a credential that is no longer good is no reason to refuse it.
    pub fn is_open(&self, name: &str) -> bool {
        self.entries.get(name).is_some_and(|entry| entry.info.access == Access::Anyone)
    }

    /// Does what is asked. Its input is read, and whether it may be begun is found out, at once.
    ///
    /// # Errors
    /// Whatever the operation answers; and for an unknown one, a bad input, missing rights, a spent budget, a
    /// passed deadline.
    pub fn call(self: &Arc<Self>, request: Request<'_>) -> impl Future<Output = Outcome> + Send + use<> {
        let (bus, begun) = (self.clone(), self.begin(request));
        async move {
            let Begun { entry, began, deed, work } = begun.map_err(|error| *error)?;
            let outcome = match work {
                Ok(admitted) => bus.perform(&entry, admitted).await,
                Err(error) => Err(*error),
            };
            entry.outcomes.count(&outcome, began.elapsed());
            bus.app.audit.note(deed.map(|deed| *deed), &outcome);
            outcome
        }
    }

    fn begin(&self, request: Request<'_>) -> Result<Begun, Box<Error>> {
        let Some(entry) = self.entries.get(request.name) else {
            self.unknown.add(1);
            return Err(Box::new(Error::invalid("type", format!("there is no operation `{}`", clip(request.name)))));
        };
        let began = Instant::now();
        let admissible = self.admissible(entry.info, &request);
        let Request { data, caller, idempotency_key, line, remote, .. } = request;
        let deed = Deed::of(entry.info.name, caller.as_deref(), data, remote).map(Box::new);
        let read = admissible.and_then(|()| data.map_or_else(|| (entry.handler)(&empty()), &entry.handler));
        let ctx = Ctx { app: self.app.clone(), caller, role: None, idempotency_key, line, remote };
        let work = read.map(|(scope, work)| Box::new(Admitted { ctx, scope, work })).map_err(Box::new);
        Ok(Begun { entry: entry.clone(), began, deed, work })
    }

    /// Counts a request over HTTP: of the caller's tenant, or without one of the address that it comes from. What is left
    /// then; None where there is no limit.
    ///
    /// # Errors
    /// What is left where it is one too many.
    pub async fn admit(&self, caller: Option<&Caller>, address: Option<IpAddr>) -> Result<Option<Standing>, Standing> {
        let (payer, tier) = match (caller, address) {
            (Some(caller), _) => (Payer::Tenant(caller.tenant_id), self.app.tier(caller)),
            (None, Some(address)) => (Payer::at(address), self.app.tiers.anonymous()),
            (None, None) => return Ok(None),
        };
        let Some(limit) = tier.requests_per_minute else { return Ok(None) };
        self.app.budgets.spend_shared(payer, limit, self.app.clock.now_ms()).await.map(Some)
    }

    /// Counts a call on a socket. Never waits: calls of one connection begin in order.
    fn spend(&self, caller: &Caller, cost: u32) -> Result<(), Error> {
        let (payer, limit) = match cost {
            0 => (Payer::Signals(caller.user_id), Some(self.app.config.limits.signals_per_minute_max)),
            _ => (Payer::Tenant(caller.tenant_id), self.app.tier(caller).requests_per_minute),
        };
        let Some(limit) = limit else { return Ok(()) };
        self.app.budgets.spend(payer, limit, self.app.clock.now_ms()).map(drop).map_err(|standing| standing.refusal())
    }

    /// What became of the calls of each operation, in the order of the table.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, &Outcomes)> {
        operation::ALL.iter().filter_map(|info| Some((info.name, &self.entries.get(info.name)?.outcomes)))
    }

    /// Counts a call that a transport has done itself.
    pub fn count<T>(&self, name: &str, outcome: &Result<T, Error>, took: Duration) {
        if let Some(entry) = self.entries.get(name) {
            entry.outcomes.count(outcome, took);
        }
    }

    /// Whether a call may be begun, as far as that can be said without its input.
    fn admissible(&self, info: &operation::Info, request: &Request<'_>) -> Result<(), Error> {
        if info.access != Access::Anyone && request.caller.is_none() {
            return Err(Error::unauthorized("sign in first"));
        }
        // Here, and nowhere else, is it decided what a viewer may: what the table has for viewers, and what anyone may.
        let views = request.caller.as_ref().is_some_and(|caller| matches!(caller.grant, Grant::Viewer { .. }));
        match info.access {
            Access::Anyone => {}
            Access::Viewing if !views => return Err(viewers_only()),
            Access::Viewing => {}
            // A sign of life.
            Access::SignedIn if info.name == operation::Ping::NAME => {}
            _ if views => return Err(Error::forbidden("a viewer looks at one dashboard, and does nothing else")),
            _ => {}
        }
        if info.access == Access::Connected && request.line.is_none() {
            return Err(Error::invalid("type", format!("`{}` needs a WebSocket connection", info.name)));
        }
        if let Some(key) = &request.idempotency_key
            && (key.is_empty() || key.len() > 64)
        {
            return Err(Error::invalid("metadata.idempotency_key", "1 to 64 characters"));
        }
        if let Some(caller) = &request.caller {
            caller.grant.check(info.key)?;
            // A request over HTTP has been counted where it came in, whatever it calls.
            if request.line.is_some() {
                self.spend(caller, info.cost)?;
            }
        }
        Ok(())
    }

    /// Does what a call asks, within the time that one may take. Nothing large is kept: there may be many waiting.
    fn perform<'a>(&'a self, entry: &'a Entry, call: Box<Admitted>) -> impl Future<Output = Outcome> + Send + 'a {
        let info = entry.info;
        let user = call.ctx.caller.as_ref().map(|caller| tracing::field::display(caller.user_id));
        let span = tracing::debug_span!("call", operation = info.name, user);
        let deadline = Duration::from_millis(self.app.config.limits.call_ms_max);
        let work = tokio::time::timeout(deadline, self.invoke(entry, call).instrument(span));
        async move {
            let late = |_| Err(Error::new(Code::Unavailable, format!("not done within {deadline:?}")));
            let outcome = work.await.unwrap_or_else(late);
            if let Err(error) = &outcome
                && error.code.status() >= 500
            {
                tracing::warn!(operation = info.name, %error, "a call failed");
            }
            outcome
        }
    }

    async fn invoke(&self, entry: &Entry, mut call: Box<Admitted>) -> Outcome {
        let (info, once) = (entry.info, entry.once);
        call.ctx.role = self.authorize(&call.ctx, info.access, call.scope).await?;
        let key = call.ctx.idempotency_key.clone().filter(|_| once == Once::Reply);
        let (Some(key), Some(caller)) = (key, &call.ctx.caller) else { return (call.work)(call.ctx).await };
        let who = caller.user_id.to_string();
        // Few calls have a key: the others need not carry the place for it.
        Box::pin(self.invoke_once(info, &who, &key, (call.work)(call.ctx))).await
    }

    /// Does what has not been done under this key yet; else gives the answer of then.
    async fn invoke_once(&self, info: &operation::Info, who: &str, key: &str, work: Working) -> Outcome {
        let now_ms = self.app.clock.now_ms();
        let place = format!("{who} {key}");
        if self.under_way.len() >= UNDER_WAY_MAX {
            // Calls that were given up left theirs behind.
            self.under_way.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        let turn = self.under_way.entry(place.clone()).or_default().clone();
        let _turn = turn.lock().await;
        let done = match self.app.store.recall(who, None, key).await? {
            Some((operation, _)) if operation != info.name => {
                let why = format!("this key was used for `{operation}`");
                Err(Error { field: Some("metadata.idempotency_key".into()), ..Error::new(Code::Conflict, why) })
            }
            Some((_, reply)) => RawValue::from_string(reply).map_err(internal),
            None => match work.await {
                Ok(reply) => {
                    self.app.store.remember(who, None, key, info.name, reply.get(), now_ms).await?;
                    Ok(reply)
                }
                Err(error) => Err(error),
            },
        };
        self.under_way.remove(&place);
        done
    }

    /// Whether the caller may, and as what.
    async fn authorize(&self, ctx: &Ctx, access: Access, scope: Scope) -> Result<Option<Role>, Error> {
        let needed = match access {
            Access::Anyone | Access::SignedIn | Access::Connected | Access::Viewing => Role::Viewer,
            Access::Member(role) => role,
        };
        let role = match scope {
            Scope::Own => return Ok(None),
            Scope::Room(room) => self.role(ctx, room).await?,
            // In boxes, for the same reason.
            Scope::Dashboard(id) => Box::pin(self.role_on(ctx, id)).await?,
            Scope::File(id) => return Box::pin(self.owns(ctx, id)).await.map(|()| None),
        };
        if !role.covers(needed) {
            let needed = format!("{needed:?}").to_lowercase();
            return Err(Error::forbidden(format!("this needs the role {needed} in the room")));
        }
        Ok(Some(role))
    }

    async fn role(&self, ctx: &Ctx, room: RoomId) -> Result<Role, Error> {
        let user = ctx.caller()?.user_id;
        self.app.role(room, user).await?.ok_or_else(|| Error::not_found("room"))
    }

    async fn role_on(&self, ctx: &Ctx, id: DashboardId) -> Result<Role, Error> {
        self.app.role_on(id, ctx.caller()?.user_id).await?.ok_or_else(|| Error::not_found("dashboard"))
    }

    async fn owns(&self, ctx: &Ctx, id: FileId) -> Result<(), Error> {
        let file = self.app.store.file(id).await?;
        let own = file.is_some_and(|f| ctx.caller.as_ref().is_some_and(|c| c.tenant_id == f.tenant_id));
        own.then_some(()).ok_or_else(|| Error::not_found("file"))
    }
}

fn viewers_only() -> Error {
    Error::forbidden("this is for who came by a public link: open it, and use the token that it gives")
}

fn empty() -> Box<RawValue> {
    serde_json::value::to_raw_value(&serde_json::Map::new()).expect("an empty object is JSON")
}

fn encode(output: &impl serde::Serialize) -> Outcome {
    serde_json::value::to_raw_value(output).map_err(internal)
}

fn internal(error: serde_json::Error) -> Error {
    tracing::error!(%error, "a reply could not be encoded");
    Error::new(Code::InternalError, "the reply could not be encoded")
}

/// A caller's word, short enough for a message.
fn clip(word: &str) -> String {
    word.chars().take(64).collect()
}
