//! One query over a database: in it, where its words mean the same there; else over what it gives.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::TableReference;
use datafusion::datasource::TableType;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::ast::Statement;
use vizroom_protocol::error::Error;
use vizroom_protocol::file::Table;

use super::pool::Most;
use super::survey::{Relation, quoted};
use super::{Database, cells, render};
use crate::allowed::EMBEDDED;
use crate::engine::{self, COLUMNS_MAX, Engine, lock};
use crate::refusal::{failed, internal, over_limit};
use crate::table::{Full, Rows};
use crate::{Answer, Bounds, Conditions, filter, guard, names, shape};

/// See [`crate::Analytics::ask`].
pub(super) async fn ask(
    engine: &Arc<Engine>,
    sql: &str,
    database: &Database,
    relations: &[Relation],
    conditions: &Conditions,
    bounds: Bounds,
) -> Result<Answer, Error> {
    let known: BTreeSet<&str> = relations.iter().map(|relation| relation.name.as_str()).collect();
    let mut checked = guard::check(sql, &known, &EMBEDDED).map_err(|why| Error::invalid("sql", why))?;
    let used: Vec<&Relation> = relations.iter().filter(|relation| checked.tables.contains(&relation.name)).collect();
    let columns = || used.iter().flat_map(|relation| &relation.columns);
    let widest = used.iter().map(|relation| relation.columns.len()).max().unwrap_or(0);
    if widest.saturating_mul(checked.spread) > COLUMNS_MAX {
        return Err(Error::invalid("sql", format!("what `*` stands for is more than {COLUMNS_MAX} columns")));
    }
    let spelled: HashSet<&str> = columns().map(|column| column.name.as_str()).collect();
    names::resolve(&mut checked.statement, &spelled);
    let columns: Vec<Vec<String>> =
        relations.iter().map(|r| r.columns.iter().map(|column| column.name.clone()).collect()).collect();
    let named = relations.iter().zip(&columns).map(|(relation, columns)| (relation.name.as_str(), columns.as_slice()));
    let mut tables = filter::Tables::new(named.collect(), &[]);
    for relation in used.iter().copied() {
        // Only what columns it has is looked at.
        tables.open(&relation.name, Arc::new(EmptyTable::new(relation.schema())));
    }
    let mut heard = filter::Heard::default();
    let mut seen = Vec::new();
    for relation in used {
        let reach = tables.reach(&relation.name, conditions, &mut heard)?;
        seen.push((relation, reach.condition(&tables).map_err(|error| failed(&error))?));
    }
    let key = key(&checked.statement, &seen, &heard.canonical(conditions), bounds)?;
    let question = Arc::new(Question::new(engine, database, checked.statement, &seen, bounds).await?);
    let table = match checked.volatile || database.0.connections.closed() {
        true => question.answer().await?,
        false => database.0.flights.join(engine.tally(), key, move || question.clone().answer()).await?,
    };
    Ok(Answer { table: (*table).clone(), filters_skipped: heard.skipped() })
}

/// What makes two questions to one database the same: also what its tables were when they were asked.
fn key(
    statement: &Statement,
    seen: &[(&Relation, Option<Expr>)],
    canonical: &impl serde::Serialize,
    bounds: Bounds,
) -> Result<String, Error> {
    let canonical = serde_json::to_string(canonical).map_err(|error| internal(&error))?;
    let tables = seen.iter().map(|(relation, _)| format!("\0{relation:?}"));
    Ok(format!("{statement}\0{canonical}\0{bounds:?}{}", tables.collect::<String>()))
}

/// A query that has passed, ready to be run.
struct Question {
    engine: Arc<Engine>,
    database: Database,
    session: SessionContext,
    plan: LogicalPlan,
    /// In the database's own words, if it has them.
    theirs: Option<String>,
    given: Arc<Given>,
    bounds: Bounds,
}

impl Question {
    async fn new(
        engine: &Arc<Engine>,
        database: &Database,
        statement: Statement,
        seen: &[(&Relation, Option<Expr>)],
        bounds: Bounds,
    ) -> Result<Self, Error> {
        let session = engine.session().map_err(|error| failed(&error))?;
        let given = Arc::new(Given::new(engine));
        for (relation, condition) in seen {
            let remote = Remote {
                schema: relation.schema(),
                select: relation.select.clone(),
                condition: condition.as_ref().and_then(|condition| render::condition(database.0.kind, condition).ok()),
                database: database.clone(),
                given: given.clone(),
            };
            let mut visible: Arc<dyn TableProvider> = Arc::new(remote);
            if let Some(condition) = condition.clone() {
                let rows = session.read_table(visible).and_then(|rows| rows.filter(condition));
                visible = rows.map_err(|error| failed(&error))?.into_view();
            }
            let name = TableReference::bare(relation.name.as_str());
            session.register_table(name, visible).map_err(|error| failed(&error))?;
        }
        // Also where it runs elsewhere: so names, types and mistakes are the same.
        let plan = engine::planned(&session, statement.clone()).await?;
        shape::check(&plan).map_err(|error| failed(&error))?;
        let tables: Vec<(&Relation, Option<&Expr>)> =
            seen.iter().map(|(r, condition)| (*r, condition.as_ref())).collect();
        let theirs = render::query(database.0.kind, &statement, &tables, bounds.rows)
            .inspect_err(|why| tracing::debug!(why, "a query is computed here, over what its database gives"))
            .ok();
        let (engine, database) = (engine.clone(), database.clone());
        Ok(Self { engine, database, session, plan, theirs, given, bounds })
    }

    /// Its rows, within the time that one asker has.
    async fn answer(self: Arc<Self>) -> Result<Arc<Table>, Error> {
        self.engine.tally().run.fetch_add(1, Ordering::Relaxed);
        let run = async {
            match &self.theirs {
                Some(theirs) => self.there(theirs.clone()).await,
                None => self.here().await,
            }
        };
        let Ok(rows) = tokio::time::timeout(self.bounds.timeout, run).await else {
            return Err(over_limit("time", format!("the query took longer than {:?}", self.bounds.timeout)));
        };
        Ok(Arc::new(rows?.finish()))
    }

    /// Computes it over what the database gives.
    async fn here(&self) -> Result<Rows, Error> {
        self.given.begin();
        let _turn = self.engine.turn(self.bounds).await?;
        let rows = engine::collected(&self.session, self.plan.clone(), self.bounds).await;
        rows.map_err(|error| lock(&self.given.failed).take().unwrap_or(error))
    }

    /// Runs it in the database.
    async fn there(&self, sql: String) -> Result<Rows, Error> {
        let (schema, bounds) = (cells::readable(self.plan.schema().as_arrow()), self.bounds);
        let mut rows = Rows::new(&schema, bounds.rows, bounds.bytes);
        let take = |batch: RecordBatch| match rows.push(&batch) {
            Ok(()) => Ok(true),
            Err(Full::Rows) => Ok(false),
            Err(Full::Bytes) => Err(over_limit("bytes", format!("the result is larger than {} bytes", bounds.bytes))),
            Err(Full::Failed(error)) => Err(failed(&error.into())),
        };
        // One row more than are wanted says that there are more.
        let most = Most { rows: usize::MAX, bytes: bounds.bytes.saturating_mul(2) };
        self.database.0.connections.read(sql, &schema, &most, take).await?;
        Ok(rows)
    }
}

/// What one query has been given by its database, all tables together.
#[derive(Debug)]
struct Given {
    rows_left: AtomicUsize,
    bytes_left: AtomicUsize,
    rows_max: usize,
    bytes_max: usize,
    /// Why it gave no more: what the engine says of it is less.
    failed: Mutex<Option<Error>>,
}

impl Given {
    fn new(engine: &Engine) -> Self {
        let (rows, bytes) = (engine.limits.source_rows, engine.limits.source_bytes);
        Self {
            rows_left: AtomicUsize::new(rows),
            bytes_left: AtomicUsize::new(bytes),
            rows_max: rows,
            bytes_max: bytes,
            failed: Mutex::default(),
        }
    }

    /// Nothing has been given yet.
    fn begin(&self) {
        self.rows_left.store(self.rows_max, Ordering::Relaxed);
        self.bytes_left.store(self.bytes_max, Ordering::Relaxed);
        lock(&self.failed).take();
    }

    fn take(&self, batch: &RecordBatch) -> Result<(), Error> {
        let less = |left: &AtomicUsize, by: usize| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(by)).is_ok()
        };
        let why = "for this question, which it cannot compute itself: narrow it down";
        if !less(&self.rows_left, batch.num_rows()) {
            return Err(over_limit("rows", format!("the database would give more than {} rows {why}", self.rows_max)));
        }
        if !less(&self.bytes_left, batch.get_array_memory_size()) {
            return Err(over_limit(
                "bytes",
                format!("the database would give more than {} bytes {why}", self.bytes_max),
            ));
        }
        Ok(())
    }
}

/// A table whose columns are fetched when they are needed.
struct Remote {
    schema: SchemaRef,
    select: String,
    /// What the filter leaves, where the database can say it: fewer rows come, and those are looked at again.
    condition: Option<String>,
    database: Database,
    given: Arc<Given>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").finish_non_exhaustive()
    }
}

impl Remote {
    async fn fetch(&self, schema: &SchemaRef) -> Result<Vec<RecordBatch>, Error> {
        let picked: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
        let rows = self.condition.as_ref().map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
        let sql = format!(
            "SELECT {} FROM ({}) AS \"r\"{rows} LIMIT {}",
            picked.join(", "),
            self.select,
            self.given.rows_max.saturating_add(1)
        );
        let mut batches = Vec::new();
        let take = |batch: RecordBatch| {
            self.given.take(&batch)?;
            batches.push(batch);
            Ok(true)
        };
        let most = Most { rows: usize::MAX, bytes: usize::MAX };
        self.database.0.connections.read(sql, schema, &most, take).await?;
        Ok(batches)
    }
}

#[async_trait]
impl TableProvider for Remote {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let all = || (0..self.schema.fields().len()).collect();
        let wanted: Vec<usize> = projection.cloned().unwrap_or_else(all);
        // Where rows are only counted, one column stands for them.
        let fetched = if wanted.is_empty() { vec![0] } else { wanted.clone() };
        let schema: SchemaRef = Arc::new(self.schema.project(&fetched)?);
        let batches = self.fetch(&schema).await.map_err(|error| {
            let said = DataFusionError::Execution(error.message.clone());
            lock(&self.given.failed).get_or_insert(error);
            said
        })?;
        let kept = wanted.is_empty().then(Vec::new);
        Ok(MemorySourceConfig::try_new_exec(&[batches], schema, kept)?)
    }
}
