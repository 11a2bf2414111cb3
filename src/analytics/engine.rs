//! Running queries: on threads of their own, within memory, time and turn, identical ones once.

use std::collections::{BTreeSet, HashSet};
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use datafusion::catalog::memory::{MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider};
use datafusion::catalog::{CatalogProvider, CatalogProviderList, TableProvider};
use datafusion::common::TableReference;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream as Stream;
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::object_store::path::Path;
use datafusion::object_store::{ObjectStore, ObjectStoreExt};
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement as PlannedStatement;
use datafusion::sql::sqlparser::ast::Statement;
use futures_util::StreamExt;
use tokio::runtime::Runtime;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use tokio_util::task::AbortOnDropHandle;
use vizroom_protocol::error::{Code, Error};
use vizroom_protocol::file::Table;

use super::allowed::EMBEDDED;
use super::cache::{self, Cache, Tally};
use super::deadline;
use super::filter::{Heard, Reach, Tables};
use super::refusal::{failed, internal, over_limit};
use super::table::{Full, Rows, table_weight};
use super::windows::CountWindows;
use super::{AnalyticsLimits, Answer, Bounds, Conditions, Counts, DatasetRef, floor, growth, guard, names, shape};

/// Under which the store is known to DataFusion.
const STORE_URL: &str = "vizroom://store";
/// Stack of a thread that plans and runs queries: both recurse as deep as the guard lets a query nest.
const STACK_BYTES: usize = 32 << 20;
/// Opened Parquet files kept with their schema.
const TABLES_MAX: usize = 1_000;
/// Columns that the `*` of a query may stand for, together.
pub(super) const COLUMNS_MAX: usize = 10_000;
/// Assumed weight of a result that is still being computed.
const UNKNOWN_BYTES: usize = 1_024;

pub(super) struct Engine {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) limits: AnalyticsLimits,
    threads: Threads,
    /// Cloned for every query; only the catalogue differs.
    template: SessionState,
    pub(super) turns: Semaphore,
    /// Turns of conversions.
    pub(super) conversions: Arc<Semaphore>,
    // Both are held for a lookup only, never across an await.
    tables: Mutex<Cache<(Path, String), Arc<dyn TableProvider>>>,
    answers: Mutex<Cache<String, Arc<OnceCell<Arc<Table>>>>>,
    tally: Tally,
}

/// A query, its tables, and what the conditions are for each of them.
struct Prepared<'a> {
    statement: Statement,
    tables: Tables<'a>,
    reached: Vec<(&'a str, Reach)>,
}

/// What a query needs of a dataset.
pub(super) struct Source {
    pub(super) name: String,
    columns: Vec<String>,
    pub(super) path: Path,
    pub(super) version: String,
}

impl From<&DatasetRef> for Source {
    fn from(dataset: &DatasetRef) -> Self {
        Self {
            name: dataset.dataset.name.clone(),
            columns: dataset.dataset.columns.iter().map(|column| column.name.clone()).collect(),
            path: dataset.path.clone(),
            version: dataset.version.clone(),
        }
    }
}

/// Threads apart from those that serve rooms: a query may keep them busy. Always there until dropped.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for them is forbidden where async code drops us.
            runtime.shutdown_background();
        }
    }
}

impl Engine {
    pub(super) fn new(store: Arc<dyn ObjectStore>, limits: AnalyticsLimits) -> Result<Self, Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores)
            .thread_name("analytics")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map_err(|error| internal(&error))?;
        let template = template(&store, &limits, cores).map_err(|error| internal(&error))?;
        Ok(Self {
            threads: Threads(Some(runtime)),
            template,
            turns: Semaphore::new(limits.queries_at_once),
            conversions: Arc::new(Semaphore::new(limits.ingests_at_once)),
            tables: Mutex::new(Cache::new(TABLES_MAX)),
            answers: Mutex::new(Cache::new(limits.cache_bytes)),
            tally: Tally::default(),
            store,
            limits,
        })
    }

    /// Runs `work` on the engine's threads; dropping the future ends it.
    pub(super) async fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let Some(runtime) = &self.threads.0 else { return Err(Error::new(Code::Unavailable, "shutting down")) };
        AbortOnDropHandle::new(runtime.spawn(work)).await.unwrap_or_else(|error| Err(internal(&error)))
    }

    /// Runs `work` on the engine's threads, whoever still waits for it.
    pub(super) fn leave(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.threads.0 {
            runtime.spawn(work);
        }
    }

    /// A context that sees no table yet; memory and caches are shared by all.
    pub(super) fn session(&self) -> Result<SessionContext, DataFusionError> {
        let options = self.template.config_options().catalog.clone();
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(&options.default_schema, Arc::new(MemorySchemaProvider::new()))?;
        let catalogs = MemoryCatalogProviderList::new();
        catalogs.register_catalog(options.default_catalog, Arc::new(catalog));
        let mut state = self.template.clone();
        state.register_catalog_list(Arc::new(catalogs));
        Ok(SessionContext::new_with_state(state))
    }

    /// A Parquet file as a table, opened once for each version.
    async fn table(&self, path: &Path, version: &str) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        let key = (path.clone(), version.to_owned());
        if let Some(table) = lock(&self.tables).get(&key) {
            return Ok(table);
        }
        let table = self.open(path).await?;
        lock(&self.tables).insert(key, table.clone(), 1);
        Ok(table)
    }

    /// A Parquet file as a table.
    pub(super) async fn open(&self, path: &Path) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        // A listing of nothing would be a table without columns.
        self.store.head(path).await?;
        let url = ListingTableUrl::parse(format!("{STORE_URL}/{path}"))?;
        let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
        let schema = options.infer_schema(&self.template, &url).await?;
        let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(schema);
        let statistics = self.template.runtime_env().cache_manager.get_file_statistic_cache();
        Ok(Arc::new(ListingTable::try_new(config)?.with_cache(statistics)))
    }

    pub(super) fn counts(&self) -> Counts {
        self.tally.counts()
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) async fn query(
        &self,
        sql: &str,
        sources: &[Source],
        conditions: &Conditions,
        bounds: Bounds,
    ) -> Result<Answer, Error> {
        let names: BTreeSet<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        let mut checked = guard::check(sql, &names, &EMBEDDED).map_err(|why| Error::invalid("sql", why))?;
        let used: Vec<&Source> = sources.iter().filter(|source| checked.tables.contains(&source.name)).collect();
        let widest = used.iter().map(|source| source.columns.len()).max().unwrap_or(0);
        if widest.saturating_mul(checked.spread) > COLUMNS_MAX {
            return Err(Error::invalid("sql", format!("what `*` stands for is more than {COLUMNS_MAX} columns")));
        }
        let columns: HashSet<&str> = used.iter().flat_map(|source| &source.columns).map(String::as_str).collect();
        names::resolve(&mut checked.statement, &columns);
        let tables = self.tables(sources, &used, conditions).await?;
        let (mut heard, mut reached) = (Heard::default(), Vec::new());
        for source in &used {
            reached.push((source.name.as_str(), tables.reach(&source.name, conditions, &mut heard)?));
        }
        let filters_skipped = heard.skipped();
        let read: Vec<&Source> = sources.iter().filter(|source| tables.is_open(&source.name)).collect();
        let canonical = (heard.canonical(conditions), tables.relations().collect::<Vec<_>>());
        let key = cache::key(&checked.statement, &read, &canonical, bounds)?;
        let prepared = Prepared { statement: checked.statement, tables, reached };
        let table = match checked.volatile {
            true => self.run(prepared, bounds).await?,
            false => (*self.once(key, prepared, bounds).await?).clone(),
        };
        Ok(Answer { table, filters_skipped })
    }

    /// The answer to a question that others may be asking as well, or have asked before.
    async fn once(&self, key: String, prepared: Prepared<'_>, bounds: Bounds) -> Result<Arc<Table>, Error> {
        let cell = {
            let mut answers = lock(&self.answers);
            answers.get(&key).unwrap_or_else(|| {
                let cell = Arc::new(OnceCell::new());
                answers.insert(key.clone(), cell.clone(), UNKNOWN_BYTES + key.len());
                cell
            })
        };
        if let Some(table) = cell.get() {
            self.tally.remembered.fetch_add(1, Ordering::Relaxed);
            return Ok(table.clone());
        }
        // Callers with the same question wait for the first; should that one fail or leave, the next tries.
        let (key, ran) = (&key, &AtomicBool::new(false));
        let compute = || async move {
            ran.store(true, Ordering::Relaxed);
            let table = Arc::new(self.run(prepared, bounds).await?);
            let weight = table_weight(&table) + key.len();
            let done = Arc::new(OnceCell::new_with(Some(table.clone())));
            lock(&self.answers).insert(key.clone(), done, weight);
            Ok(table)
        };
        let table = cell.get_or_try_init(compute).await.cloned();
        if !ran.load(Ordering::Relaxed) {
            self.tally.shared.fetch_add(1, Ordering::Relaxed);
        }
        table
    }

    /// Waits until fewer than `queries_at_once` others run.
    pub(super) async fn turn(&self, bounds: Bounds) -> Result<SemaphorePermit<'_>, Error> {
        // Half the time for waiting leaves half for running.
        match tokio::time::timeout(bounds.timeout / 2, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => {
                let busy = Error::new(Code::Unavailable, "too many queries are running");
                Err(Error { retry_after_ms: Some(1_000), ..busy })
            }
        }
    }

    /// The tables that a query reads, and where there are conditions those that relations lead to.
    async fn tables<'a>(
        &self,
        sources: &'a [Source],
        used: &[&'a Source],
        conditions: &'a Conditions,
    ) -> Result<Tables<'a>, Error> {
        let known = sources.iter().map(|source| (source.name.as_str(), source.columns.as_slice())).collect();
        let mut tables = Tables::new(known, &conditions.relations);
        let narrows = !conditions.locked.is_empty() || conditions.filters.iter().any(|filter| !filter.is_empty());
        let mut wanted: BTreeSet<&str> = used.iter().map(|source| source.name.as_str()).collect();
        if narrows {
            wanted.extend(used.iter().flat_map(|source| tables.within_reach(&source.name)));
        }
        for source in sources.iter().filter(|source| wanted.contains(source.name.as_str())) {
            let table = self.table(&source.path, &source.version).await.map_err(|error| failed(&error))?;
            tables.open(&source.name, table);
        }
        Ok(tables)
    }

    async fn run(&self, prepared: Prepared<'_>, bounds: Bounds) -> Result<Table, Error> {
        let _turn = self.turn(bounds).await?;
        self.tally.run.fetch_add(1, Ordering::Relaxed);
        let Prepared { statement, tables, reached } = prepared;
        let session = self.session().map_err(|error| failed(&error))?;
        for (name, reach) in reached {
            let visible = tables.narrowed(&session, name, reach).map_err(|error| failed(&error))?;
            session.register_table(TableReference::bare(name), visible).map_err(|error| failed(&error))?;
        }
        Ok(run(&session, statement, bounds).await?.finish())
    }
}

async fn run(session: &SessionContext, statement: Statement, bounds: Bounds) -> Result<Rows, Error> {
    let plan = planned(session, statement).await?;
    collected(session, plan, bounds).await
}

/// What a statement means over the tables that a session has.
pub(super) async fn planned(session: &SessionContext, statement: Statement) -> Result<LogicalPlan, Error> {
    let plan = session.state().statement_to_plan(PlannedStatement::Statement(Box::new(statement))).await;
    let plan = plan.map_err(|error| failed(&error))?;
    // The guard lets only queries through; this holds even if it should once be wrong.
    let queries_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    queries_only.verify_plan(&plan).map_err(|error| failed(&error))?;
    Ok(plan)
}

/// Its rows, within bounds.
pub(super) async fn collected(session: &SessionContext, plan: LogicalPlan, bounds: Bounds) -> Result<Rows, Error> {
    let state = session.state();
    let mut stream = start(state, plan, bounds).await.map_err(|error| failed(&error))?;
    let mut rows = Rows::new(&stream.schema(), bounds.rows, bounds.bytes);
    while let Some(batch) = stream.next().await {
        match rows.push(&batch.map_err(|error| failed(&error))?) {
            Ok(()) => {}
            Err(Full::Rows) => break,
            Err(Full::Bytes) => {
                return Err(over_limit("bytes", format!("the result is larger than {} bytes", bounds.bytes)));
            }
            Err(Full::Failed(error)) => return Err(failed(&error.into())),
        }
    }
    Ok(rows)
}

async fn start(mut state: SessionState, plan: LogicalPlan, bounds: Bounds) -> Result<Stream, DataFusionError> {
    shape::check(&plan)?;
    let plan = LogicalPlanBuilder::from(plan).limit(0, Some(bounds.rows.saturating_add(1)))?.build()?;
    let plan = state.optimize(&plan)?;
    *state.config_mut() = state.config().clone().with_batch_size(shape::rows_at_once(&plan)?);
    // A little later than who waits for it, who so says it first.
    let until = Instant::now() + bounds.timeout;
    let plan = deadline::in_conditions(floor::in_days(plan)?, until)?;
    let planner = state.query_planner().clone();
    let plan = planner.create_physical_plan(&plan, &state).await?;
    execute_stream(deadline::in_batches(plan, until)?, state.task_ctx())
}

fn template(
    store: &Arc<dyn ObjectStore>,
    limits: &AnalyticsLimits,
    cores: usize,
) -> Result<SessionState, DataFusionError> {
    let pool: Arc<dyn MemoryPool> = Arc::new(FairSpillPool::new(limits.memory_bytes));
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::clone(&pool))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_max_temp_directory_size(limits.spill_bytes))
        // A file replaced under the same name must be seen.
        .with_object_list_cache_limit(0)
        .build_arc()?;
    runtime.register_object_store(ObjectStoreUrl::parse(STORE_URL)?.as_ref(), store.clone());
    let mut config = SessionConfig::new()
        .with_target_partitions(cores)
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false)
        .with_collect_statistics(true);
    let options = config.options_mut();
    // Whole columns are decoded, and then filtered: to skip rows between pages and within them took longer than it saved
    // unless nearly all were skipped. What a row group cannot hold is left out by its statistics all the same.
    options.execution.parquet.pushdown_filters = false;
    options.execution.parquet.enable_page_index = false;
    // "The top ten" never begins with nothing.
    options.sql_parser.default_null_ordering = "nulls_last".to_owned();
    let builder = SessionStateBuilder::new().with_config(config).with_runtime_env(runtime).with_default_features();
    let mut state = builder.with_physical_optimizer_rule(Arc::new(CountWindows)).build();
    growth::count(&mut state, &pool)?;
    Ok(state)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // The caches stay whole whatever panicked while they were held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
