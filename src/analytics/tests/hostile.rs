//! What strangers may send, through the whole engine: refused with the reason, or answered within the bounds.

use std::time::{Duration, Instant};

use vizroom_protocol::error::{Code, Error};

use super::written::{Expected, Written, statements};
use super::{Answer, Bounds, Desk};
use crate::AnalyticsLimits;

const REFUSED: &[(&str, &str)] = &[
    ("statements", include_str!("hostile/statements.sql")),
    ("stacked", include_str!("hostile/stacked.sql")),
    ("modifying", include_str!("hostile/modifying.sql")),
    ("files", include_str!("hostile/files.sql")),
    ("names", include_str!("hostile/names.sql")),
    ("disguise", include_str!("hostile/disguise.sql")),
    ("forms", include_str!("hostile/forms.sql")),
    ("functions", include_str!("hostile/functions.sql")),
    ("size", include_str!("hostile/size.sql")),
];

const EDGES: (&str, &str) = ("edges", include_str!("hostile/edges.sql"));
const EXPLODE: (&str, &str) = ("explode", include_str!("hostile/explode.sql"));

/// What queries may take here.
pub(super) const MEMORY_BYTES: usize = 64 << 20;
/// What the process may take beside that: batches under way, plans, the test itself.
const BESIDE_BYTES: u64 = 400 << 20;
const ROWS: usize = 1_000;
const TIME: Duration = Duration::from_millis(300);
/// How long a query may go on after its time, until it next looks.
pub(super) const GRACE: Duration = Duration::from_secs(15);

/// What only the other tenant's table says.
pub(super) const SECRET: &str = "correct horse battery staple";

const CARS: &str = "name,mpg,origin,year,Weight in lbs,Horsepower\n\
    ford,18.5,USA,1970-01-01,3504,130\nfiat,30,Europe,1971-01-01,2000,90\ntoyota,NA,Japan,1972-01-01,2100,95\n";
const SALES: &str = "region,amount\nUSA,10\nJapan,20\n";

/// An engine with small tables, tables that multiply, and one that belongs to somebody else.
pub(super) async fn desk(memory_bytes: usize) -> Desk {
    let spill_bytes = memory_bytes as u64;
    let mut desk = Desk::with(AnalyticsLimits { memory_bytes, spill_bytes, ..AnalyticsLimits::default() });
    desk.ingest("cars.csv", CARS).await.unwrap();
    desk.ingest("sales.csv", SALES).await.unwrap();
    let big: String = (0..40_000).map(|n| format!("{n},name {n} {},1,\n", n * 7_919 % 40_000)).collect();
    desk.ingest("big.csv", format!("n,name,one,nothing\n{big}")).await.unwrap();
    let row = |cell: fn(usize) -> String| (0..200).map(cell).collect::<Vec<_>>().join(",");
    let wide = [row(|n| format!("c{n}")), row(|n| n.to_string()), row(|n| (n * 2).to_string())].join("\n");
    desk.ingest("wide.csv", wide).await.unwrap();
    let long: String = (1..=400).map(|n| format!("{n},{}\n", "abcdefghij".repeat(n))).collect();
    desk.ingest("long.csv", format!("n,text\n{long}")).await.unwrap();
    // Ingested by the same engine, and not among what the caller may read.
    desk.ingest("secrets.csv", format!("code,text\n42,{SECRET}\n")).await.unwrap();
    desk.datasets.pop();
    desk
}

/// Asks within `timeout`; whatever comes must be an answer or a reason that names its kind.
pub(super) async fn ask(desk: &Desk, sql: &str, timeout: Duration) -> Result<Answer, Error> {
    let answer = asked(desk, sql, timeout).await;
    assert!(sound(&answer), "{answer:?} for {}", excerpt(sql));
    answer
}

async fn asked(desk: &Desk, sql: &str, timeout: Duration) -> Result<Answer, Error> {
    let bounds = Bounds { timeout, rows: ROWS, bytes: 1 << 20 };
    desk.analytics.query(sql, &desk.datasets, &Default::default(), bounds).await
}

fn sound(answer: &Result<Answer, Error>) -> bool {
    let Err(error) = answer else { return answer.as_ref().is_ok_and(|answer| answer.table.rows.len() <= ROWS) };
    match error.code {
        Code::InvalidRequest => error.field.as_deref() == Some("sql") && !error.message.is_empty(),
        Code::TooLarge => error
            .details
            .as_ref()
            .is_some_and(|details| ["time", "memory", "bytes"].iter().any(|limit| details["limit"] == *limit)),
        _ => false,
    }
}

/// Waits until the engine's threads have let go of a query whose time is over.
pub(super) async fn at_rest(desk: &Desk) -> Duration {
    let engine = &desk.analytics.engine;
    let since = Instant::now();
    while engine.turns.available_permits() < engine.limits.queries_at_once {
        assert!(since.elapsed() < Duration::from_secs(90), "a query never ends");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    since.elapsed()
}

pub(super) fn excerpt(sql: &str) -> String {
    sql.chars().take(200).collect()
}

fn judge(written: &Written, answer: Result<(), String>, complaints: &mut Vec<String>) {
    let complaint = match (&written.expected, answer) {
        (Expected::Refused(reason), Ok(())) => format!("passes, not refused for {reason:?}"),
        (Expected::Refused(reason), Err(why)) if !why.contains(reason.as_str()) => format!("{why:?}, not {reason:?}"),
        (Expected::Answered, Err(why)) => why,
        _ => return,
    };
    complaints.push(format!("{}\n  {}\n  {complaint}", written.place, excerpt(&written.sql)));
}

#[tokio::test]
async fn hostile_statements_are_refused_with_the_reason() {
    let desk = desk(MEMORY_BYTES).await;
    let (mut complaints, mut count) = (Vec::new(), 0);
    for written in REFUSED.iter().flat_map(|(file, text)| statements(file, text)) {
        count += 1;
        let since = Instant::now();
        let asked = ask(&desk, &written.sql, Duration::from_secs(30)).await.map(drop).map_err(|error| error.message);
        if since.elapsed() > Duration::from_secs(10) {
            complaints.push(format!("{}\n  {}\n  took {:?}", written.place, excerpt(&written.sql), since.elapsed()));
        }
        judge(&written, asked, &mut complaints);
    }
    assert!(complaints.is_empty(), "{} of {count}:\n{}", complaints.len(), complaints.join("\n"));
    assert!(count >= 450, "{count}");
}

#[tokio::test]
async fn values_at_the_edge_give_an_answer_or_a_reason() {
    let desk = desk(MEMORY_BYTES).await;
    let (mut complaints, mut count) = (Vec::new(), 0);
    for written in statements(EDGES.0, EDGES.1) {
        count += 1;
        let answer = asked(&desk, &written.sql, Duration::from_secs(30)).await;
        if !sound(&answer) {
            complaints.push(format!("{}\n  {answer:?}", excerpt(&written.sql)));
        }
        at_rest(&desk).await;
    }
    assert!(complaints.is_empty(), "{} of {count}:\n{}", complaints.len(), complaints.join("\n"));
    assert!(count >= 150, "{count}");
}

#[tokio::test]
async fn what_explodes_stays_within_memory_and_time() {
    let desk = desk(MEMORY_BYTES).await;
    let mut complaints = Vec::new();
    let mut peak = Peak::begin();
    for written in statements(EXPLODE.0, EXPLODE.1) {
        let since = Instant::now();
        let time = if matches!(written.expected, Expected::Refused(_)) { Duration::from_secs(10) } else { TIME };
        let asked = ask(&desk, &written.sql, time).await.map(drop).map_err(|error| error.message);
        let (answered, rested) = (since.elapsed(), at_rest(&desk).await);
        if answered > time + Duration::from_secs(5) || rested > GRACE {
            complaints
                .push(format!("{}\n  answered after {answered:?}, ended {rested:?} later", excerpt(&written.sql)));
        }
        let taken = peak.taken();
        println!("{answered:>9.0?} +{rested:>9.0?} {:>6} MB  {} {asked:.90?}", taken >> 20, excerpt(&written.sql));
        if taken > MEMORY_BYTES as u64 + BESIDE_BYTES {
            complaints.push(format!("{}\n  took {} MB", excerpt(&written.sql), taken >> 20));
            peak = Peak::begin();
        }
        judge(&written, asked, &mut complaints);
    }
    assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
    // None of that hurts the next.
    assert_eq!(desk.rows("SELECT count(*) FROM big").await, "[[40000]]");
}

/// The memory of this process at its highest, as the kernel counts it.
struct Peak {
    before: u64,
}

impl Peak {
    fn begin() -> Self {
        // Forgets the highest so far.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Self { before: status("VmRSS:") }
    }

    /// Bytes that were taken at once since then, at most.
    fn taken(&self) -> u64 {
        status("VmHWM:").saturating_sub(self.before)
    }
}

fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) << 10
}
