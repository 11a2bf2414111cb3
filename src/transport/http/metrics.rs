//! `GET /metrics`: the process in numbers, as Prometheus reads them (OpenMetrics text). `docs/operations.md` says what
//! each is good for.
//!
//! Whoever counts does so in plain atomics; names, labels and units are given here, when somebody asks.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use http::header::AUTHORIZATION;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use vizroom_protocol::event::Class;
use vizroom_protocol::room::Mode;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::Ask;
use super::process::Process;
use super::{Route, respond, route};
use crate::bus::Bus;
use crate::room::Close;
use crate::room::count::{Histogram, Outcomes};
use crate::room::readers::Census;

pub(super) const ROUTES: &[Route] = &[route!(GET "/metrics", metrics)
    .about("The process in numbers, as Prometheus reads them; with the `metrics_token`, or from this machine.")
    .open()
    .gives_text(CONTENT_TYPE)];

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

async fn metrics(ask: Ask) -> Result<Response, Error> {
    permitted(&ask)?;
    let bus = ask.bus.clone();
    // Every cursor is looked at, and the kernel is asked.
    let text = tokio::task::spawn_blocking(move || written(bus)).await.map_err(|error| {
        tracing::error!(%error, "the metrics could not be written");
        Error::new(Code::InternalError, "the metrics could not be written")
    })?;
    Ok(respond(StatusCode::OK, CONTENT_TYPE, text.into()))
}

/// Whoever has the token; where there is none, this very machine.
fn permitted(ask: &Ask) -> Result<(), Error> {
    let Some(token) = &ask.bus.app.config.metrics_token else {
        let here = ask.remote.is_some_and(|remote| remote.ip().to_canonical().is_loopback());
        let passed_on =
            ["forwarded", "x-forwarded-for", "x-real-ip", "via"].iter().any(|h| ask.headers.contains_key(*h));
        let why = "without a `metrics_token` in the configuration, metrics are for this machine only";
        return if here && !passed_on { Ok(()) } else { Err(Error::forbidden(why)) };
    };
    let sent = ask.headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    // How long this takes says nothing of where the two differ.
    let differ = |sent: &str| sent.bytes().zip(token.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) != 0;
    if sent.is_some_and(|sent| sent.len() == token.len() && !differ(sent)) {
        return Ok(());
    }
    Err(Error::unauthorized("metrics need the `metrics_token` of the configuration"))
}

fn written(bus: Arc<Bus>) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Scrape(bus)));
    let mut out = String::new();
    text::encode(&mut out, &registry).unwrap_or_else(|error| unreachable!("a string takes everything: {error}"));
    out
}

/// What is read at this moment.
struct Scrape(Arc<Bus>);

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let bus = &self.0;
        let census = bus.app.hub.census();
        let mut page = Page(encoder);
        page.connections(bus, &census)?;
        page.rooms(&census)?;
        page.events(&census)?;
        page.commits(bus, &census)?;
        page.calls(bus)?;
        page.work(bus)?;
        page.process(&Process::read())
    }
}

/// The text, as far as it is written.
struct Page<'a>(DescriptorEncoder<'a>);

/// One label and its value.
type Label = (&'static str, String);

impl Page<'_> {
    fn connections(&mut self, bus: &Bus, census: &Census) -> fmt::Result {
        let counted = &census.counted;
        self.gauge("vizroom_connections", "WebSockets open now", census.connections)?;
        self.counter("vizroom_connections_opened", "WebSockets taken since the start", census.connected)?;
        let closes = Close::ALL.map(|code| (("code", (code as u16).to_string()), counted.closes(code).get()));
        self.counters("vizroom_closes", "Connections ended, by close code; 1006 is one that just vanished", closes)?;
        let upgrades = &bus.app.counters.upgrades;
        let refused = Code::ALL.map(|code| (code, upgrades.failed(code).get())).into_iter();
        let refused = refused.filter(|(_, n)| *n > 0).map(|(code, n)| (("error", name(code)), n));
        self.counters("vizroom_upgrades_refused", "WebSocket handshakes refused, by error", refused)?;
        self.counter("vizroom_sent_bytes", "Bytes written to WebSockets", counted.bytes_sent.get())
    }

    fn rooms(&mut self, census: &Census) -> fmt::Result {
        self.gauge("vizroom_rooms", "Rooms open in memory", census.rooms)?;
        self.gauge("vizroom_ring_bytes", "Bytes of events kept in memory, of all rooms", census.ring_bytes)?;
        self.gauge("vizroom_followers", "Readers over Server-Sent Events", census.followers)?;
        let cursors = census.cursors.map(|(state, n)| (("state", name(state)), n));
        self.gauges("vizroom_cursors", "Connections' places in rooms, by how they keep up", cursors)?;
        let fell = census.counted.fell_behind.get();
        self.counter("vizroom_cursors_fell_behind", "Cursors that fell out of memory and read the store", fell)?;
        let joins = [Mode::Live, Mode::Replay, Mode::Snapshot];
        let joins = joins.map(|mode| (("mode", name(mode)), census.counted.joins(mode).get()));
        self.counters("vizroom_joins", "Joins and resumes, by how they went on", joins)
    }

    fn events(&mut self, census: &Census) -> fmt::Result {
        let counted = &census.counted;
        let classes = [Class::Durable, Class::Latest, Class::Ephemeral];
        let published = classes.map(|class| (("class", name(class)), counted.published.of(class).get()));
        self.counters("vizroom_events_published", "Events told to rooms", published)?;
        let delivered = classes.map(|class| (("class", name(class)), counted.delivered.of(class).get()));
        self.counters("vizroom_events_delivered", "Events written to members as they were told", delivered)?;
        let (memory, store) = (counted.replayed_from_memory.get(), counted.replayed_from_store.get());
        let replayed = [(("source", "memory".into()), memory), (("source", "store".into()), store)];
        self.counters("vizroom_events_replayed", "Durable events sent to who resumed or fell behind", replayed)?;
        let merged = [(("class", name(Class::Latest)), counted.merged.get())];
        self.counters("vizroom_events_merged", "Events that a lagging reader got only a newer one of", merged)?;
        let dropped = [(("class", name(Class::Ephemeral)), counted.dropped.get())];
        self.counters("vizroom_events_dropped", "Events that a lagging reader did not get", dropped)?;
        self.sizes("vizroom_drain_events", "Events in one write to one member", &counted.drain_events)
    }

    fn commits(&mut self, bus: &Bus, census: &Census) -> fmt::Result {
        let commits = bus.app.hub.commits();
        self.gauge("vizroom_commits_waiting", "Events waiting for the store", census.commits_waiting)?;
        self.sizes("vizroom_commit_events", "Events in one transaction", &commits.events)?;
        self.durations("vizroom_commit", "How long a transaction took", [(None, &commits.micros)])?;
        self.counter("vizroom_commits_failed", "Transactions that the store refused", commits.failed.get())
    }

    fn calls(&mut self, bus: &Bus) -> fmt::Result {
        let mut page =
            self.0.encode_descriptor("vizroom_calls", "Calls, by what became of them", None, MetricType::Counter)?;
        for (operation, outcomes) in bus.outcomes() {
            for (outcome, n) in became(outcomes) {
                count(&mut page.encode_family(&[("operation", operation), ("outcome", outcome.as_str())])?, n)?;
            }
        }
        let unknown = [("operation", "unknown"), ("outcome", &name(Code::InvalidRequest))];
        count(&mut page.encode_family(&unknown)?, bus.unknown.get())?;
        let durations =
            bus.outcomes().map(|(operation, outcomes)| (Some(("operation", operation.to_owned())), &outcomes.micros));
        self.durations("vizroom_call_duration", "How long calls took", durations)
    }

    fn work(&mut self, bus: &Bus) -> fmt::Result {
        let counters = &bus.app.counters;
        let uploads = became(&counters.uploads).into_iter().map(|(outcome, n)| (("outcome", outcome), n));
        self.counters("vizroom_uploads", "Uploads, by what became of them", uploads)?;
        self.durations(
            "vizroom_upload_duration",
            "From an upload's first byte to its datasets",
            [(None, &counters.uploads.micros)],
        )?;
        self.counter("vizroom_uploaded_bytes", "Bytes of the files that were taken", counters.uploaded_bytes.get())?;
        let generations = &bus.app.generations;
        let (running, waiting) = generations.under_way();
        self.gauge("vizroom_generations_running", "Generations being worked on", running as u64)?;
        self.gauge("vizroom_generations_waiting", "Generations waiting for their turn", waiting as u64)?;
        let ended = &generations.counters;
        let ended = [
            ("completed", &ended.completed),
            ("failed", &ended.failed),
            ("cancelled", &ended.cancelled),
            ("left_off", &ended.left_off),
        ];
        let ended = ended.map(|(outcome, n)| (("outcome", outcome.to_owned()), n.get()));
        self.counters("vizroom_generations", "Generations ended", ended)?;
        let queries = bus.app.analytics.counts();
        let queries = [("run", queries.run), ("shared", queries.shared), ("remembered", queries.remembered)];
        let queries = queries.map(|(outcome, n)| (("outcome", outcome.to_owned()), n));
        self.counters("vizroom_queries", "Queries of data: run, shared with one that ran, or remembered", queries)
    }

    fn process(&mut self, process: &Process) -> fmt::Result {
        if let Some(seconds) = process.cpu_seconds {
            let (help, unit) = ("User and system time", Some(&Unit::Seconds));
            let mut page = self.0.encode_descriptor("process_cpu", help, unit, MetricType::Counter)?;
            page.encode_counter::<NoLabelSet, _, f64>(&seconds, None)?;
        }
        let gauges = [
            ("process_resident_memory_bytes", "Memory in use", process.resident_bytes),
            ("process_threads", "Threads", process.threads),
            ("process_open_fds", "File descriptors open", process.open_fds),
            ("process_max_fds", "File descriptors allowed", process.max_fds),
        ];
        gauges
            .into_iter()
            .filter_map(|(name, help, n)| Some((name, help, n?)))
            .try_for_each(|(name, help, n)| self.gauge(name, help, n))
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl EncodeGaugeValue) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn gauges(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (Label, u64)>) -> fmt::Result {
        let mut page = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        values.into_iter().try_for_each(|(label, n)| page.encode_family(&[label])?.encode_gauge(&n))
    }

    /// `name` without its `_total`.
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        count(&mut self.0.encode_descriptor(name, help, None, MetricType::Counter)?, value)
    }

    fn counters(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (Label, u64)>) -> fmt::Result {
        let mut page = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        values.into_iter().try_for_each(|(label, n)| count(&mut page.encode_family(&[label])?, n))
    }

    fn sizes(&mut self, name: &str, help: &str, sizes: &Histogram) -> fmt::Result {
        spread(&mut self.0.encode_descriptor(name, help, None, MetricType::Histogram)?, sizes, 1.0)
    }

    /// `name` without its `_seconds`.
    fn durations<'a>(
        &mut self,
        name: &str,
        help: &str,
        micros: impl IntoIterator<Item = (Option<Label>, &'a Histogram)>,
    ) -> fmt::Result {
        let mut page = self.0.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Histogram)?;
        micros.into_iter().try_for_each(|(label, micros)| match label {
            Some(label) => spread(&mut page.encode_family(&[label])?, micros, 1e6),
            None => spread(&mut page, micros, 1e6),
        })
    }
}

fn count(page: &mut MetricEncoder<'_>, value: u64) -> fmt::Result {
    page.encode_counter::<NoLabelSet, _, f64>(&value, None)
}

/// A histogram, `scale` of whose units make one of those shown.
fn spread(page: &mut MetricEncoder<'_>, sizes: &Histogram, scale: f64) -> fmt::Result {
    let (bounds, counts) = sizes.buckets();
    let bounds = bounds.iter().map(|bound| *bound as f64 / scale).chain([f64::INFINITY]);
    let buckets: Vec<(f64, u64)> = bounds.zip(counts.iter().copied()).collect();
    page.encode_histogram::<NoLabelSet>(sizes.sum() as f64 / scale, counts.iter().sum(), &buckets, None)
}

/// `ok`, and the errors that there were.
fn became(outcomes: &Outcomes) -> Vec<(String, u64)> {
    let failed = Code::ALL.map(|code| (name(code), outcomes.failed(code).get())).into_iter().filter(|(_, n)| *n > 0);
    [("ok".to_owned(), outcomes.done.get())].into_iter().chain(failed).collect()
}

/// A word of the protocol, as the protocol writes it.
fn name(word: impl serde::Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(name)) => name,
        other => unreachable!("a word is a string: {other:?}"),
    }
}
