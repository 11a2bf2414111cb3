//! What a database holds, as queries here see it: every table under a plain name, and once more with what its foreign keys
//! lead to beside it.

use std::collections::{BTreeSet, HashSet};

use datafusion::arrow::datatypes::SchemaRef;
use vizroom_protocol::data_connection::{DatabaseSchema, ForeignKey, Kind, SchemaColumn, SchemaTable};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::ColumnType;

use super::cells::schema;
use super::found::{Found, FoundKey};
use super::{Database, mysql, postgres, sqlite};
use crate::ingest::dataset_name;

/// Tables of one database, and columns of one table.
pub(super) const TABLES_MAX: usize = 200;
const COLUMNS_MAX: usize = 500;
/// How far foreign keys are followed, and how many of them and of the columns behind them stand beside one table.
const STEPS_MAX: usize = 3;
const JOINS_MAX: usize = 12;
const BESIDE_MAX: usize = 60;

/// A table as queries see it.
#[derive(Debug, Clone)]
pub struct Relation {
    pub name: String,
    pub(super) columns: Vec<Seen>,
    /// What it is in the database's own words; each column under the name it has here.
    pub(super) select: String,
}

/// A column of a [`Relation`], and which table's it is.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) kind: ColumnType,
    /// Number of the table, and of the column among those that can be read.
    pub(super) from: (usize, usize),
}

impl Relation {
    pub(super) fn schema(&self) -> SchemaRef {
        schema(self.columns.iter().map(|column| (column.name.as_str(), column.kind)))
    }
}

/// A database's tables.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    pub schema: DatabaseSchema,
    /// Each as it is.
    pub plain: Vec<Relation>,
    /// Each with the words and dates of the rows that its foreign keys name: no row more, none less.
    pub wide: Vec<Relation>,
}

/// Asks the database.
pub(super) async fn survey(database: &Database) -> Result<Survey, Error> {
    let kind = database.0.kind;
    let mut found = match kind {
        Kind::Postgres => postgres::tables(database).await?,
        Kind::Mysql => mysql::tables(database).await?,
        Kind::Sqlite => sqlite::tables(database, TABLES_MAX).await?,
    };
    let mut truncated = found.len() > TABLES_MAX;
    found.truncate(TABLES_MAX);
    for table in &mut found {
        truncated |= table.columns.len() > COLUMNS_MAX;
        table.columns.truncate(COLUMNS_MAX);
    }
    let names = names(&found);
    let all = All { found: &found, names: &names };
    let mut survey = Survey { schema: DatabaseSchema { tables: Vec::new(), truncated }, ..Survey::default() };
    for (at, table) in found.iter().enumerate() {
        survey.schema.tables.push(all.shown(at));
        if table.columns.iter().any(|column| column.kind.is_some()) {
            survey.plain.push(all.relation(at, 0));
            survey.wide.push(all.relation(at, STEPS_MAX));
        }
    }
    Ok(survey)
}

/// A name for each table: its own in lower case, with its schema's where two are alike.
fn names(found: &[Found]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(found.len());
    for table in found {
        let own = dataset_name(&snake(&table.name));
        let with = || dataset_name(&snake(&format!("{} {}", table.schema.as_deref().unwrap_or("t"), table.name)));
        let mut name = if taken.contains(&own) { with() } else { own };
        let base = name.clone();
        let mut count = 1;
        while !taken.insert(name.clone()) {
            count += 1;
            name = format!("{base}_{count}");
        }
        names.push(name);
    }
    names
}

/// `InvoiceLine` → `Invoice_Line`; what else is no letter is left to [`dataset_name`], which takes a dot for the beginning
/// of a file's extension.
fn snake(name: &str) -> String {
    let mut spelled = String::new();
    let mut small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && small {
            spelled.push('_');
        }
        small = letter.is_lowercase() || letter.is_ascii_digit();
        spelled.push(if matches!(letter, '.' | '/' | '\\') { '_' } else { letter });
    }
    spelled
}

/// An identifier, whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

struct All<'a> {
    found: &'a [Found],
    names: &'a [String],
}

/// A table that stands beside another.
struct Beside {
    table: usize,
    alias: String,
    steps: usize,
    /// Number of the one whose foreign key leads here.
    near: usize,
}

impl All<'_> {
    fn at(&self, schema: Option<&str>, name: &str) -> Option<usize> {
        self.found.iter().position(|table| table.name == name && table.schema.as_deref() == schema)
    }

    /// Where a foreign key leads, and the columns it names there; only if these make out one row at most.
    fn target<'k>(&'k self, key: &'k FoundKey) -> Option<(usize, &'k [String])> {
        let at = self.at(key.schema.as_deref(), &key.table)?;
        let primary = &self.found[at].primary_key;
        let named: BTreeSet<&String> = key.references.iter().collect();
        let whole = key.references.is_empty() || named == primary.iter().collect();
        let columns = if key.references.is_empty() { primary } else { &key.references };
        (whole && !columns.is_empty() && columns.len() == key.columns.len()).then_some((at, columns))
    }

    fn shown(&self, at: usize) -> SchemaTable {
        let table = &self.found[at];
        let column = |column: &super::found::FoundColumn| SchemaColumn {
            name: column.name.clone(),
            declared: column.declared.clone(),
            kind: column.kind,
            nullable: column.nullable,
        };
        let key = |key: &FoundKey| {
            let other = self.at(key.schema.as_deref(), &key.table)?;
            let primary = || self.found[other].primary_key.clone();
            let references = if key.references.is_empty() { primary() } else { key.references.clone() };
            Some(ForeignKey { columns: key.columns.clone(), table: self.names[other].clone(), references })
        };
        SchemaTable {
            dataset: self.names[at].clone(),
            schema: table.schema.clone(),
            name: table.name.clone(),
            view: table.view,
            rows: table.rows,
            columns: table.columns.iter().map(column).collect(),
            primary_key: table.primary_key.clone(),
            foreign_keys: table.keys.iter().filter_map(key).collect(),
        }
    }

    fn place(&self, at: usize) -> String {
        let table = &self.found[at];
        let schema = table.schema.as_deref().map(|schema| format!("{}.", quoted(schema))).unwrap_or_default();
        format!("{schema}{}", quoted(&table.name))
    }

    /// The table's columns that can be read: how, under which name, of which type.
    fn columns(&self, at: usize, alias: &str) -> Vec<(String, &str, ColumnType)> {
        let read = |column: &super::found::FoundColumn| {
            column.read.replace("{}", &format!("{alias}.{}", quoted(&column.name)))
        };
        let columns = self.found[at].columns.iter();
        columns.filter_map(|column| Some((read(column), column.name.as_str(), column.kind?))).collect()
    }

    /// A table, with those beside it that are at most `steps` foreign keys away.
    fn relation(&self, at: usize, steps: usize) -> Relation {
        let mut from = format!("{} AS \"t0\"", self.place(at));
        let mut picked = Vec::new();
        let mut columns: Vec<Seen> = Vec::new();
        for (number, (read, name, kind)) in self.columns(at, "\"t0\"").into_iter().enumerate() {
            picked.push(format!("{read} AS {}", quoted(name)));
            columns.push(Seen { name: name.to_owned(), kind, from: (at, number) });
        }
        let mut taken: HashSet<String> = columns.iter().map(|column| column.name.to_lowercase()).collect();
        let mut beside = vec![Beside { table: at, alias: "\"t0\"".into(), steps: 0, near: usize::MAX }];
        let (mut next, mut added) = (0, 0);
        while next < beside.len() {
            let (near, near_alias, way) = (beside[next].table, beside[next].alias.clone(), beside[next].steps);
            let number = next;
            next += 1;
            for key in self.found[near].keys.iter().filter(|_| way < steps) {
                let Some((other, names)) = self.target(key) else { continue };
                // Its own rows, or those that another way leads to already. Two keys of one table may lead to the same.
                let there = |b: &Beside| b.table == other && b.near != number;
                if beside.len() > JOINS_MAX || beside.iter().any(there) {
                    continue;
                }
                let alias = format!("\"t{}\"", beside.len());
                let equal =
                    |(own, its): (&String, &String)| format!("{near_alias}.{} = {alias}.{}", quoted(own), quoted(its));
                let on: Vec<String> = key.columns.iter().zip(names).map(equal).collect();
                from.push_str(&format!(" LEFT JOIN {} AS {alias} ON {}", self.place(other), on.join(" AND ")));
                let prefix = self.prefix(near, key, other);
                beside.push(Beside { table: other, alias: alias.clone(), steps: way + 1, near: number });
                for (at, (read, name, kind)) in self.columns(other, &alias).into_iter().enumerate() {
                    if added == BESIDE_MAX || !self.tells(other, name, kind) {
                        continue;
                    }
                    added += 1;
                    let name = free(&mut taken, called(&prefix, name));
                    picked.push(format!("{read} AS {}", quoted(&name)));
                    columns.push(Seen { name, kind, from: (other, at) });
                }
            }
        }
        let select = format!("SELECT {} FROM {from}", picked.join(", "));
        Relation { name: self.names[at].clone(), columns, select }
    }

    /// Whether a column is worth standing beside another table: figures would be counted once a row there.
    fn tells(&self, at: usize, name: &str, kind: ColumnType) -> bool {
        let table = &self.found[at];
        let key = |columns: &[String]| columns.iter().any(|column| column == name);
        let names_rows = key(&table.primary_key) || table.keys.iter().any(|k| key(&k.columns));
        !names_rows && !matches!(kind, ColumnType::Integer | ColumnType::Number)
    }

    /// What the columns behind a foreign key are called by: the table, or where two keys lead to it, the key.
    fn prefix(&self, at: usize, key: &FoundKey, other: usize) -> String {
        let same = |k: &&FoundKey| k.table == key.table && k.schema == key.schema;
        let several = self.found[at].keys.iter().filter(same).count() > 1;
        match key.columns.as_slice() {
            [column] if several => {
                let name = dataset_name(&snake(column));
                ["_id", "_key", "_code", "_no"]
                    .iter()
                    .find_map(|end| name.strip_suffix(end))
                    .unwrap_or(&name)
                    .to_owned()
            }
            _ => singular(&self.names[other]),
        }
    }
}

/// `customers` → `customer`
fn singular(name: &str) -> String {
    let kept = |end: &str| name.ends_with(end);
    match name.strip_suffix("ies") {
        Some(stem) if stem.len() > 2 => format!("{stem}y"),
        _ if kept("ss") || kept("us") || kept("is") => name.to_owned(),
        _ => name.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(name).to_owned(),
    }
}

/// `genre` + `Name` → `genre`; `customer` + `Country` → `customer_country`; `category` + `category_name` → `category_name`
fn called(prefix: &str, column: &str) -> String {
    let plain = dataset_name(&snake(column));
    match plain.as_str() {
        "name" | "title" | "label" => prefix.to_owned(),
        _ if plain.starts_with(prefix) => plain,
        _ => format!("{prefix}_{plain}"),
    }
}

fn free(taken: &mut HashSet<String>, wanted: String) -> String {
    let mut names = std::iter::once(wanted.clone()).chain((2..).map(|n| format!("{wanted}_{n}")));
    names.find(|name| taken.insert(name.to_lowercase())).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_columns_have_plain_names() {
        for (name, plain) in [("InvoiceLine", "invoice_line"), ("orders", "orders"), ("Order Details", "order_details")]
        {
            assert_eq!(dataset_name(&snake(name)), plain);
        }
        for (name, one) in
            [("customers", "customer"), ("categories", "category"), ("status", "status"), ("genre", "genre")]
        {
            assert_eq!(singular(name), one);
        }
        for (prefix, column, name) in [
            ("genre", "Name", "genre"),
            ("customer", "Country", "customer_country"),
            ("category", "CategoryName", "category_name"),
        ] {
            assert_eq!(called(prefix, column), name);
        }
    }
}
