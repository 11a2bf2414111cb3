//! The second stage: a goal becomes rows.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use object_store::path::Path;
use vizroom_protocol::dashboard::{Dashboard, FilterState};
use vizroom_protocol::file::Dataset;
use vizroom_protocol::id::{FileId, RoomId};
use vizroom_protocol::{Code, Error};

use super::Generations;
use crate::analytics::{Analytics, Answer, Bounds, DatasetRef};
use crate::planner::Goal;
use crate::store::FileRow;

/// Queries of one dashboard that run at once.
const QUERIES_AT_ONCE: usize = 4;
/// Size of one card's rows, in bytes.
const CARD_BYTES_MAX: usize = 4 << 20;

/// A dashboard's tables, at hand.
pub(super) struct Desk {
    analytics: Analytics,
    bounds: Bounds,
    tables: Vec<DatasetRef>,
    versions: Vec<(FileId, u64)>,
}

impl Desk {
    /// Profiles of the tables, under the names that queries use.
    pub(super) fn datasets(&self) -> Vec<Dataset> {
        self.tables.iter().map(|table| table.dataset.clone()).collect()
    }

    /// Which version of each file its rows are of.
    pub(super) fn versions(&self) -> &[(FileId, u64)] {
        &self.versions
    }

    /// The rows that a goal asks for, as `filter` leaves them.
    pub(super) async fn rows(&self, goal: &Goal, filter: &FilterState) -> Result<Answer, Error> {
        let used: Vec<DatasetRef> =
            self.tables.iter().filter(|t| t.dataset.name == goal.query.dataset).cloned().collect();
        if used.is_empty() {
            return Err(Error::new(Code::NotFound, "the file behind this card is no longer there"));
        }
        self.analytics.query(&goal.query.sql(), &used, filter, self.bounds).await
    }

    /// The rows of several goals, in the order in which they are ready; each with what it was asked for.
    pub(super) fn all<'a, K: 'a>(
        &'a self,
        goals: Vec<(K, &'a Goal)>,
        filter: &'a FilterState,
    ) -> impl Stream<Item = (K, &'a Goal, Result<Answer, Error>)> + 'a {
        let asked = goals.into_iter().map(move |(key, goal)| async move { (key, goal, self.rows(goal, filter).await) });
        stream::iter(asked).buffer_unordered(QUERIES_AT_ONCE)
    }
}

impl Generations {
    /// Fetches what is known of a dashboard's tables. Those whose files are gone, or no longer linked to its room, are
    /// left out.
    pub(super) async fn desk(&self, dashboard: &Dashboard) -> Result<Desk, Error> {
        let mut files = HashMap::new();
        let mut tables = Vec::with_capacity(dashboard.origins.len());
        for origin in &dashboard.origins {
            let row = match files.entry(origin.file_id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.usable(dashboard.room_id, origin.file_id).await?),
            };
            let Some(row) = row else { continue };
            let dataset = row.file.datasets.iter().find(|d| d.name == origin.dataset);
            let (Some(dataset), Some(path)) = (dataset, row.paths.get(&origin.dataset)) else { continue };
            let dataset = Dataset { name: origin.table.clone(), ..dataset.clone() };
            // Every upload has a path of its own, so that it is also the version.
            tables.push(DatasetRef { dataset, path: Path::from(path.as_str()), version: path.clone() });
        }
        // One that is gone has none, and its cards have nothing to show.
        let versions = files.iter().map(|(id, row)| (*id, row.as_ref().map_or(0, |row| row.file.version))).collect();
        let limits = &self.parts.limits;
        let timeout = Duration::from_millis(limits.query_ms_max);
        let bounds = Bounds { rows: limits.card_rows_max, bytes: CARD_BYTES_MAX, timeout };
        Ok(Desk { analytics: self.parts.analytics.clone(), bounds, tables, versions })
    }

    async fn usable(&self, room_id: Option<RoomId>, id: FileId) -> Result<Option<FileRow>, Error> {
        let store = &self.parts.store;
        match room_id {
            Some(room_id) if !store.rooms_of_file(id).await?.contains(&room_id) => Ok(None),
            _ => Ok(store.file(id).await?),
        }
    }
}
