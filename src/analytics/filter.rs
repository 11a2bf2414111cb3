//! A drill-down as conditions on the rows of each table that a query reads: on what the table has itself, and, along
//! relations, on what the tables have that it refers to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, plan_err};
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, in_subquery};
use datafusion::prelude::SessionContext;
use serde_json::Value;
use vizroom_protocol::dashboard::{FilterState, SkipReason, Skipped};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::Relation;

use super::Conditions;
use super::target::{Miss, Target};

/// Relations followed from a table to one that has a column.
const STEPS_MAX: usize = 4;
/// Ways of one length that are looked at.
const WAYS_MAX: usize = 1_000;

/// The tables that a filter may speak of, and how they hang together.
pub(super) struct Tables<'a> {
    /// All there are, with their columns.
    known: BTreeMap<&'a str, &'a [String]>,
    relations: Vec<&'a Relation>,
    /// Those within reach of the query.
    open: BTreeMap<&'a str, (Arc<dyn TableProvider>, SchemaRef)>,
}

/// What a filter means for one table: conditions on its own rows, and on those that they refer to.
#[derive(Default)]
pub(super) struct Reach {
    conditions: Vec<Expr>,
    /// By the place in [`Tables::relations`].
    along: BTreeMap<usize, Reach>,
}

/// Which keys of the filters some table of a query is narrowed by, and why none is by others.
#[derive(Default)]
pub(super) struct Heard {
    matched: BTreeSet<String>,
    skipped: BTreeMap<String, Skipped>,
}

/// Where a table has what a key names.
enum Way<'t> {
    Found(Vec<usize>, Target<'t>),
    None(SkipReason, String),
}

impl<'a> Tables<'a> {
    /// Relations of columns that are not there are left out.
    pub(super) fn new(known: BTreeMap<&'a str, &'a [String]>, relations: &'a [Relation]) -> Self {
        let has = |table: &str, column: &String| known.get(table).is_some_and(|columns| columns.contains(column));
        let whole = |r: &&Relation| has(&r.table, &r.column) && has(&r.to_table, &r.to_column);
        Self { relations: relations.iter().filter(whole).collect(), known, open: BTreeMap::new() }
    }

    /// The tables to which relations lead from `table`, itself among them.
    pub(super) fn within_reach(&self, table: &'a str) -> BTreeSet<&'a str> {
        let (mut reached, mut new) = (BTreeSet::from([table]), vec![table]);
        for _ in 0..STEPS_MAX {
            let next = self.relations.iter().filter(|r| new.contains(&r.table.as_str())).map(|r| r.to_table.as_str());
            new = next.filter(|to| reached.insert(*to)).collect();
        }
        reached
    }

    pub(super) fn open(&mut self, name: &'a str, table: Arc<dyn TableProvider>) {
        let schema = table.schema();
        self.open.insert(name, (table, schema));
    }

    /// A table as the conditions leave it.
    pub(super) fn narrowed(
        &self,
        session: &SessionContext,
        name: &str,
        reach: Reach,
    ) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        let Some((table, _)) = self.open.get(name) else { return plan_err!("there is no table {name}") };
        Ok(match reach.condition(self)? {
            Some(condition) => session.read_table(table.clone())?.filter(condition)?.into_view(),
            None => table.clone(),
        })
    }

    pub(super) fn is_open(&self, name: &str) -> bool {
        self.open.contains_key(name)
    }

    /// The relations between tables that are open.
    pub(super) fn relations(&self) -> impl Iterator<Item = &'a Relation> {
        self.relations.iter().copied().filter(|r| self.open.contains_key(r.table.as_str()))
    }

    /// What `conditions` are for `table`.
    ///
    /// A value that does not suit its column is an error that names the key; so is a locked column that is not there.
    pub(super) fn reach(&self, table: &str, conditions: &Conditions, heard: &mut Heard) -> Result<Reach, Error> {
        let mut reach = Reach::default();
        let filters = conditions.filters.iter().map(|filter| (filter, false));
        let all = std::iter::once((&conditions.locked, true)).chain(filters);
        for (key, value, locked) in all.flat_map(|(f, locked)| f.iter().map(move |(key, value)| (key, value, locked))) {
            let field = || format!("filter_state.{key}");
            match self.way(table, key).map_err(|why| Error::invalid(field(), why))? {
                Way::Found(path, target) => {
                    let target = target.beginning(conditions.fiscal_year_begins.unwrap_or(1));
                    let condition = target.condition(value).map_err(|why| Error::invalid(field(), why))?;
                    reach.at(&path).conditions.push(condition);
                    heard.matched.insert(key.clone());
                }
                Way::None(..) if locked => {
                    let error = Error::forbidden("this data cannot be limited to what may be seen");
                    return Err(Error { field: Some(field()), ..error });
                }
                Way::None(reason, message) => heard.skip(Skipped { key: key.clone(), reason, message }),
            }
        }
        Ok(reach)
    }

    /// The shortest way from `table` to what a key names, if it is the only one of its length.
    fn way(&self, table: &str, key: &str) -> Result<Way<'_>, String> {
        let mut paths: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..=STEPS_MAX {
            let mut found = Vec::new();
            for path in &paths {
                let last = path.last().map(|&last| self.relations[last]);
                let (end, names) = match last {
                    None => (table, vec![table]),
                    Some(Relation { column, to_table, .. }) => {
                        (to_table.as_str(), vec![to_table.as_str(), column.as_str()])
                    }
                };
                let Some((_, schema)) = self.open.get(end) else { continue };
                match Target::find(schema, &names, key) {
                    Ok(target) => found.push((path.clone(), target)),
                    Err(Miss::NoColumn) => {}
                    Err(Miss::Wrong(why)) => return Err(why),
                    Err(Miss::Dates(dates)) => {
                        let spelled =
                            dates.iter().map(|date| format!("`{date}:{key}`")).collect::<Vec<_>>().join(" or ");
                        let why = format!("`{end}` has several dates: say which, as in {spelled}");
                        return Ok(Way::None(SkipReason::Ambiguous, why));
                    }
                }
            }
            match found.len() {
                0 => paths = paths.iter().flat_map(|path| self.onward(table, path)).take(WAYS_MAX).collect(),
                1 => {
                    return Ok(found.pop().map_or_else(|| self.nowhere(table, key), |(path, to)| Way::Found(path, to)));
                }
                _ => {
                    let ways = found.iter().filter_map(|(path, _)| self.spelled(path, key)).collect::<Vec<_>>();
                    let why =
                        format!("several relations lead there from `{table}`: say which, as in {}", ways.join(" or "));
                    return Ok(Way::None(SkipReason::Ambiguous, why));
                }
            }
        }
        Ok(self.nowhere(table, key))
    }

    /// A path, longer by each relation that leads to a table it has not been at.
    fn onward(&self, table: &str, path: &[usize]) -> Vec<Vec<usize>> {
        let end = path.last().map_or(table, |&last| self.relations[last].to_table.as_str());
        let been = |to: &str| to == table || path.iter().any(|&step| self.relations[step].to_table == to);
        let next = self.relations.iter().enumerate().filter(|(_, r)| r.table == end && !been(&r.to_table));
        next.map(|(index, _)| path.iter().copied().chain([index]).collect()).collect()
    }

    /// A key that means this path and no other, as far as its last step tells.
    fn spelled(&self, path: &[usize], key: &str) -> Option<String> {
        let Relation { column, to_table, .. } = self.relations.get(*path.last()?)?;
        let short = key.strip_prefix(to_table.as_str()).and_then(|rest| rest.strip_prefix('.')).unwrap_or(key);
        Some(format!("`{column}.{short}`"))
    }

    fn nowhere(&self, table: &str, key: &str) -> Way<'_> {
        let bare = key.split([':', '@']).next().unwrap_or(key);
        let bare = bare.rsplit('.').next().unwrap_or(bare);
        let has = |columns: &[String]| columns.iter().any(|column| column.eq_ignore_ascii_case(bare));
        match self.known.iter().find(|(name, columns)| **name != table && has(columns)) {
            Some((other, _)) => {
                let why =
                    format!("`{table}` has no column `{bare}`, and no relation leads from it to `{other}`, which has");
                Way::None(SkipReason::NoRelation, why)
            }
            None => Way::None(SkipReason::NoColumn, format!("`{table}` has no column `{bare}`")),
        }
    }
}

impl Heard {
    fn skip(&mut self, new: Skipped) {
        // Of several tables, the one that is nearest to having it has most to say.
        match self.skipped.get_mut(&new.key) {
            Some(said) if said.reason >= new.reason => {}
            Some(said) => *said = new,
            None => drop(self.skipped.insert(new.key.clone(), new)),
        }
    }

    /// The keys that narrow no table.
    pub(super) fn skipped(&self) -> Vec<Skipped> {
        self.skipped.values().filter(|skipped| !self.matched.contains(&skipped.key)).cloned().collect()
    }

    /// What of the conditions narrows anything, each in one spelling only: equal ones leave equal rows.
    pub(super) fn canonical(&self, conditions: &Conditions) -> (Vec<FilterState>, Option<u8>) {
        let filters = std::iter::once(&conditions.locked).chain(&conditions.filters);
        let narrowing = filters.map(|filter| {
            let matched = filter.iter().filter(|(key, _)| self.matched.contains(*key));
            matched.map(|(key, value)| (key.clone(), canonical(value))).collect::<FilterState>()
        });
        (narrowing.filter(|filter| !filter.is_empty()).collect(), conditions.fiscal_year_begins)
    }
}

fn canonical(value: &Value) -> Value {
    let Value::Array(values) = value else { return value.clone() };
    let distinct: BTreeMap<String, &Value> = values.iter().map(|value| (value.to_string(), value)).collect();
    let mut distinct: Vec<Value> = distinct.into_values().cloned().collect();
    if distinct.len() == 1 { distinct.remove(0) } else { distinct.into() }
}

impl Reach {
    fn at(&mut self, path: &[usize]) -> &mut Self {
        path.iter().fold(self, |reach, step| reach.along.entry(*step).or_default())
    }

    /// The condition on the table's rows; none if all of them stay.
    pub(super) fn condition(self, tables: &Tables<'_>) -> Result<Option<Expr>, DataFusionError> {
        let mut all = self.conditions;
        for (step, reach) in self.along {
            let Relation { column, to_table, to_column, .. } = tables.relations[step];
            // It was found there, so it is open.
            let Some((table, _)) = tables.open.get(to_table.as_str()) else { continue };
            let mut rows = LogicalPlanBuilder::scan(to_table.as_str(), provider_as_source(table.clone()), None)?;
            if let Some(condition) = reach.condition(tables)? {
                rows = rows.filter(condition)?;
            }
            let keys = rows.project([Expr::Column(Column::new_unqualified(to_column))])?.build()?;
            all.push(in_subquery(Expr::Column(Column::new_unqualified(column)), Arc::new(keys)));
        }
        Ok(conjunction(all))
    }
}
