//! What a database says of its tables, alike for all kinds.

use vizroom_protocol::file::ColumnType;

/// A row of texts.
pub(super) type Texts = Vec<Option<String>>;

/// A table or view.
#[derive(Debug, Default, Clone)]
pub(super) struct Found {
    pub(super) schema: Option<String>,
    pub(super) name: String,
    pub(super) view: bool,
    /// About how many.
    pub(super) rows: Option<u64>,
    pub(super) columns: Vec<FoundColumn>,
    pub(super) primary_key: Vec<String>,
    pub(super) keys: Vec<FoundKey>,
}

#[derive(Debug, Clone)]
pub(super) struct FoundColumn {
    pub(super) name: String,
    pub(super) declared: String,
    /// None: it cannot be read.
    pub(super) kind: Option<ColumnType>,
    pub(super) nullable: bool,
    /// How it is read, `{}` being the column.
    pub(super) read: &'static str,
}

/// A foreign key.
#[derive(Debug, Clone)]
pub(super) struct FoundKey {
    pub(super) columns: Vec<String>,
    pub(super) schema: Option<String>,
    pub(super) table: String,
    /// Empty: the other table's primary key.
    pub(super) references: Vec<String>,
}

/// Tables out of rows of columns, in order: rows that agree on their first `key` texts are of one table.
pub(super) fn grouped(
    rows: Vec<Texts>,
    key: usize,
    table: impl Fn(&Texts) -> Found,
    column: impl Fn(&Texts) -> FoundColumn,
) -> Vec<Found> {
    let mut tables: Vec<Found> = Vec::new();
    let mut last: Option<Texts> = None;
    for row in rows {
        if last.as_ref().is_none_or(|last| last[..key] != row[..key]) {
            tables.push(table(&row));
        }
        if let Some(table) = tables.last_mut() {
            table.columns.push(column(&row));
        }
        last = Some(row);
    }
    tables
}
