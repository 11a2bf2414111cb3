//! The second stage: a goal becomes rows.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use object_store::path::Path;
use vizroom_protocol::dashboard::{FilterState, SkipReason, Skipped};
use vizroom_protocol::file::{Dataset, Relation, Table};
use vizroom_protocol::id::FileId;
use vizroom_protocol::{Code, Error};

use super::{By, Generations, Planned, fitting};
use crate::analytics::{Analytics, Answer, Bounds, Conditions, DatasetRef};
use crate::planner::Goal;
use crate::sources::Open;
use crate::store::{DashboardRow, FileRow};

/// Queries of one dashboard that run at once.
pub(super) const QUERIES_AT_ONCE: usize = 4;
/// A dashboard's tables, at hand.
pub(super) struct Desk {
    analytics: Analytics,
    /// Of one card, and of one that is taken away.
    pub(super) bounds: Bounds,
    pub(super) export: Bounds,
    tables: Vec<DatasetRef>,
    /// How these hang together.
    relations: Vec<Relation>,
    fiscal_year_begins: Option<u8>,
    /// Where a database is read instead.
    database: Option<Open>,
    /// Names of the tables whose files are gone.
    gone: Vec<String>,
    /// The data connection has been deleted.
    cut_off: bool,
    versions: Vec<(FileId, u64)>,
}

impl Desk {
    /// Profiles of the tables, under the names that queries use.
    pub(super) fn datasets(&self) -> Vec<Dataset> {
        match &self.database {
            Some(open) => open.known.datasets.clone(),
            None => self.tables.iter().map(|table| table.dataset.clone()).collect(),
        }
    }

    /// Which version of each file its rows are of.
    pub(super) fn versions(&self) -> &[(FileId, u64)] {
        &self.versions
    }

    /// Has a goal's fiscal years begin as the dashboard's do.
    pub(super) fn date(&self, goal: &mut Goal) {
        goal.query.fiscal_year_begins = self.fiscal_year_begins;
    }

    /// The rows that a card asks for, as `filter` leaves them.
    pub(super) async fn rows(&self, planned: &Planned, filter: &FilterState) -> Result<Answer, Error> {
        self.rows_under(planned, filter.clone().into()).await
    }

    /// The same under several filters at once.
    pub(super) async fn rows_under(&self, planned: &Planned, conditions: Conditions) -> Result<Answer, Error> {
        if self.cut_off && !matches!(planned.by, Some(By::Text(_))) {
            return Err(Error::new(Code::NotFound, "the data connection behind this card has been deleted"));
        }
        if self.lost(planned) {
            return Err(Error::new(Code::NotFound, "the file behind this card has been deleted"));
        }
        match planned.sql() {
            None => {
                let keys = conditions.filters.iter().flat_map(|filter| filter.keys());
                let filters_skipped = keys.map(|key| skipped(key, SkipReason::NoQuery)).collect();
                Ok(Answer { table: Table::default(), filters_skipped })
            }
            Some(sql) => self.fitted(planned, &sql, conditions).await,
        }
    }

    /// What a card's query, or one around it, gives within bounds.
    pub(super) async fn query(
        &self,
        planned: &Planned,
        sql: &str,
        conditions: Conditions,
        bounds: Bounds,
    ) -> Result<Answer, Error> {
        let (relations, fiscal_year_begins) = (self.relations.clone(), self.fiscal_year_begins);
        let conditions = Conditions { relations, fiscal_year_begins, ..conditions };
        match &self.database {
            None => self.analytics.query_under(sql, &self.tables, conditions, bounds).await,
            // What a database takes is in boxes: a dashboard's futures are deep enough.
            Some(open) => {
                let survey = &open.known.survey;
                let tables = if planned.by.is_some() { &survey.plain } else { &survey.wide };
                Box::pin(open.ask(sql, tables, conditions, bounds)).await
            }
        }
    }

    /// Whether a card reads a table that is no longer there.
    pub(super) fn lost(&self, planned: &Planned) -> bool {
        match &planned.by {
            Some(By::Text(_)) => false,
            _ if self.cut_off => true,
            Some(By::Sql(sql)) => self.gone.iter().any(|table| names(sql, table)),
            // Of a database, the query itself says so.
            None if self.database.is_some() => false,
            None => !planned.goal.query.tables().all(|name| self.tables.iter().any(|t| t.dataset.name == name)),
        }
    }

    /// The rows of several cards, in the order in which they are ready; each with what it was asked for.
    pub(super) fn all<'a>(
        &'a self,
        asked: Vec<&'a Planned>,
        filter: &'a FilterState,
    ) -> impl Stream<Item = (&'a Planned, Result<Answer, Error>)> + 'a {
        let asked = asked.into_iter().map(move |planned| async move { (planned, self.rows(planned, filter).await) });
        stream::iter(asked).buffer_unordered(QUERIES_AT_ONCE)
    }
}

/// A key of the filter that a card cannot be narrowed by, whatever its tables have.
pub(super) fn skipped(key: &str, reason: SkipReason) -> Skipped {
    let message = match reason {
        SkipReason::NoQuery => "this is a text: it is made of no rows",
        _ => "its file has been deleted; these are the rows it had",
    };
    Skipped { key: key.to_owned(), reason, message: message.to_owned() }
}

/// Whether a table's name stands in a query, as a word.
pub(super) fn names(sql: &str, table: &str) -> bool {
    sql.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word.eq_ignore_ascii_case(table))
}

impl Generations {
    /// Fetches what is known of a dashboard's tables. Those whose files are gone, or no longer linked to its room, are
    /// left out.
    pub(super) async fn desk(&self, row: &DashboardRow) -> Result<Desk, Error> {
        let mut files = HashMap::new();
        let (mut tables, mut gone, mut relations) = (Vec::new(), Vec::new(), row.dashboard.relations.clone());
        for origin in &row.dashboard.origins {
            let file = match files.entry(origin.file_id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.usable(row, origin.file_id).await?),
            };
            let found = file.as_ref().and_then(|file: &FileRow| {
                let dataset = file.file.datasets.iter().find(|d| d.name == origin.dataset)?;
                Some((dataset, file.paths.get(&origin.dataset)?))
            });
            let Some((dataset, path)) = found else {
                gone.push(origin.table.clone());
                continue;
            };
            let dataset = Dataset { name: origin.table.clone(), ..dataset.clone() };
            // Every upload has a path of its own, so that it is also the version.
            tables.push(DatasetRef { dataset, path: Path::from(path.as_str()), version: path.clone() });
        }
        for (id, file) in &files {
            let Some(file) = file else { continue };
            // A file's tables may have other names here.
            let name = |dataset: &str| {
                let mut of_file = row.dashboard.origins.iter().filter(|origin| origin.file_id == *id);
                of_file.find(|origin| origin.dataset == dataset).map(|origin| origin.table.clone())
            };
            relations.extend(file.file.relations.iter().filter_map(|relation| {
                let (table, to_table) = (name(&relation.table)?, name(&relation.to_table)?);
                Some(Relation { table, to_table, ..relation.clone() })
            }));
        }
        relations.sort_unstable();
        relations.dedup();
        // One that is gone has none, and its cards have nothing to show.
        let versions = files.iter().map(|(id, row)| (*id, row.as_ref().map_or(0, |row| row.file.version))).collect();
        let limits = &self.parts.limits;
        let timeout = Duration::from_millis(limits.query_ms_max);
        let bounds = Bounds { rows: limits.card_rows_max, bytes: fitting::CARD_BYTES_MAX, timeout };
        let export = Bounds { rows: limits.export_rows_max, bytes: fitting::EXPORT_BYTES_MAX, timeout };
        let (database, cut_off) = match &row.dashboard.connection {
            None => (None, false),
            Some(connection) => {
                let open = self.parts.sources.open(row.tenant_id, connection.connection_id);
                let open = Box::pin(open).await?;
                let cut_off = open.is_none();
                (open, cut_off)
            }
        };
        Ok(Desk {
            analytics: self.parts.analytics.clone(),
            bounds,
            export,
            tables,
            relations,
            fiscal_year_begins: row.dashboard.fiscal_year_begins,
            database,
            gone,
            cut_off,
            versions,
        })
    }

    async fn usable(&self, row: &DashboardRow, id: FileId) -> Result<Option<FileRow>, Error> {
        let store = &self.parts.store;
        let Some(file) = store.file(id).await? else { return Ok(None) };
        let may = match row.dashboard.room_id {
            Some(room) => store.rooms_of_file(id).await?.contains(&room),
            None => file.tenant_id == row.tenant_id,
        };
        Ok(may.then_some(file))
    }
}
