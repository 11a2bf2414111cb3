//! What is asked of a generation: checked, and the tables it may read.

use std::collections::HashSet;

use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{Dashboard, Database, FilterState, Generate, Origin, Status, Theme};
use vizroom_protocol::data_connection::FILES;
use vizroom_protocol::id::{DashboardId, FileId, RoomId, TenantId};

use super::{CARDS_MAX, Generations, layout};
use crate::auth::Caller;
use crate::clock::rfc3339;
use crate::store::FileRow;

/// Characters of a prompt or a refinement.
pub(super) const PROMPT_MAX: usize = 4_000;
/// Files and tables one dashboard reads; of more, the newest.
const FILES_MAX: usize = 100;
const TABLES_MAX: usize = 200;
/// Characters of the prompt that stand as a title until there is one.
const TITLE_CHARS: usize = 80;

/// The parts of a request that need no look at the store.
pub(super) fn check(request: &Generate) -> Result<(), Error> {
    sentence("user_prompt", &request.user_prompt)?;
    if request.max_charts.is_some_and(|max| !(1..=CARDS_MAX).contains(&usize::from(max))) {
        return Err(Error::invalid("max_charts", format!("1 to {CARDS_MAX}")));
    }
    files(request.file_ids.as_deref())
}

/// Which files are named.
pub(super) fn files(ids: Option<&[FileId]>) -> Result<(), Error> {
    if ids.is_some_and(|ids| ids.len() > FILES_MAX) {
        return Err(Error::invalid("file_ids", format!("at most {FILES_MAX} files")));
    }
    Ok(())
}

/// A text of a person, without what surrounds it.
pub(super) fn words(field: &str, text: &str, least: usize, most: usize) -> Result<String, Error> {
    let text = text.trim();
    if !(least..=most).contains(&text.chars().take(most + 1).count()) {
        return Err(Error::invalid(field, format!("{least} to {most} characters")));
    }
    Ok(text.to_owned())
}

/// A sentence of a person.
pub(super) fn sentence(field: &str, text: &str) -> Result<(), Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().take(PROMPT_MAX + 1).count() > PROMPT_MAX {
        return Err(Error::invalid(field, format!("1 to {PROMPT_MAX} characters")));
    }
    Ok(())
}

/// What a dashboard is called until its strategy is done.
pub(super) fn working_title(prompt: &str) -> String {
    let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TITLE_CHARS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

impl Generations {
    /// An empty dashboard of the caller's.
    pub(super) fn blank(&self, caller: &Caller, title: String) -> Dashboard {
        let now = rfc3339(self.parts.clock.now_ms());
        Dashboard {
            id: DashboardId(uuid::Uuid::now_v7()),
            room_id: None,
            title,
            description: String::new(),
            prompt: String::new(),
            theme: Theme::default(),
            status: Status::Completed,
            revision: 1,
            cards: Vec::new(),
            layout: layout::layout([]),
            filter_state: FilterState::default(),
            clarification: None,
            connection: None,
            origins: Vec::new(),
            relations: Vec::new(),
            fiscal_year_begins: self.parts.fiscal_year_begins,
            missing_tables: Vec::new(),
            stale: false,
            created_by: caller.user_id,
            created_at: now.clone(),
            updated_at: now,
            generated_at: None,
        }
    }

    /// The database that a request names; none: uploaded files.
    pub(super) async fn connection(
        &self,
        tenant_id: TenantId,
        name: Option<&str>,
        file_ids: Option<&[FileId]>,
    ) -> Result<Option<Database>, Error> {
        let Some(name) = name.filter(|name| *name != FILES) else { return Ok(None) };
        if file_ids.is_some() {
            return Err(Error::invalid("file_ids", "is for uploaded files, not for a data connection"));
        }
        let row = self.parts.sources.named(tenant_id, name).await?;
        Ok(Some(Database { connection_id: row.id, connection_name: row.name }))
    }

    /// The tables a dashboard may read: of the files named, or of all linked to its room, or of all of the tenant.
    pub(super) async fn origins(
        &self,
        tenant_id: TenantId,
        room_id: Option<RoomId>,
        file_ids: Option<&[FileId]>,
    ) -> Result<Vec<Origin>, Error> {
        let store = &self.parts.store;
        let mut files = match room_id {
            Some(room_id) => store.files_of_room(room_id, None, FILES_MAX).await?,
            None => store.files_of_tenant(tenant_id, None, FILES_MAX).await?,
        };
        if let Some(wanted) = file_ids {
            let mut named = Vec::with_capacity(wanted.len());
            for (at, id) in wanted.iter().enumerate() {
                // One beyond the newest may be named as well.
                let found = match files.iter().find(|row| row.file.id == *id) {
                    Some(row) => Some(row.clone()),
                    None => self.old_file(tenant_id, room_id, *id).await?,
                };
                let missing = || Error {
                    field: Some(format!("file_ids[{at}]")),
                    ..Error::not_found(if room_id.is_some() { "file linked to the room" } else { "file" })
                };
                named.push(found.ok_or_else(missing)?);
            }
            files = named;
        }
        Ok(origins(&files))
    }

    async fn old_file(
        &self,
        tenant_id: TenantId,
        room_id: Option<RoomId>,
        id: FileId,
    ) -> Result<Option<FileRow>, Error> {
        let store = &self.parts.store;
        let usable = match room_id {
            Some(room_id) => store.rooms_of_file(id).await?.contains(&room_id),
            None => true,
        };
        let row = store.file(id).await?;
        Ok(row.filter(|row| usable && (room_id.is_some() || row.tenant_id == tenant_id)))
    }
}

/// Gives each table a name of its own, oldest file first.
fn origins(files: &[FileRow]) -> Vec<Origin> {
    let mut files: Vec<&FileRow> = files.iter().collect();
    files.sort_by_key(|row| row.file.id);
    files.dedup_by_key(|row| row.file.id);
    let mut taken = HashSet::new();
    let mut origins = Vec::new();
    for (file, dataset) in files.iter().flat_map(|row| row.file.datasets.iter().map(move |d| (&row.file, d))) {
        let mut table = dataset.name.clone();
        let mut n = 1;
        while !taken.insert(table.clone()) {
            n += 1;
            table = format!("{}_{n}", dataset.name);
        }
        origins.push(Origin { table, file_id: file.id, dataset: dataset.name.clone() });
    }
    origins.truncate(TABLES_MAX);
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(json: serde_json::Value) -> Generate {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_bad_request_names_its_field() {
        let field = |json| check(&request(json)).unwrap_err().field.unwrap();
        assert_eq!(field(serde_json::json!({"user_prompt": " "})), "user_prompt");
        assert_eq!(field(serde_json::json!({"user_prompt": "x".repeat(4_001)})), "user_prompt");
        assert_eq!(field(serde_json::json!({"user_prompt": "x", "max_charts": 0})), "max_charts");
        assert_eq!(field(serde_json::json!({"user_prompt": "x", "max_charts": 13})), "max_charts");
        let good = serde_json::json!({"user_prompt": "x".repeat(4_000), "max_charts": 12, "connection_name": "files"});
        assert!(check(&request(good)).is_ok());
    }

    #[test]
    fn a_long_prompt_is_a_short_title() {
        assert_eq!(working_title(" sales\n by  region "), "sales by region");
        assert_eq!(working_title(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
    }
}
