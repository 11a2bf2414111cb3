//! How a dashboard's tables hang together, as its editors say: a filter then reaches from one to the other.

use vizroom_protocol::Error;
use vizroom_protocol::file::{Column, Relation};

use super::desk::Desk;
use super::{Generations, Work, filter};

/// Relations of one dashboard, besides those that its files declare.
const RELATIONS_MAX: usize = 50;

impl Generations {
    /// Replaces the relations, and shows what the filter in force leaves by them.
    ///
    /// # Errors
    /// `INVALID_REQUEST` naming the relation, or the column of the filter that would no longer narrow anything.
    pub(super) async fn relate(&self, work: &mut Work, mut relations: Vec<Relation>) -> Result<(), Error> {
        if relations.len() > RELATIONS_MAX {
            return Err(Error::invalid("relations", format!("at most {RELATIONS_MAX} relations")));
        }
        let desk = self.desk(&work.row).await?;
        for (at, relation) in relations.iter().enumerate() {
            check(&desk, relation).map_err(|why| Error::invalid(format!("relations[{at}]"), why))?;
        }
        relations.sort_unstable();
        relations.dedup();
        work.dashboard().relations = relations;
        let state = work.row.dashboard.filter_state.clone();
        if !state.is_empty() {
            let desk = self.desk(&work.row).await?;
            filter::apply(&desk, work, &state).await?;
        }
        Ok(())
    }
}

fn check(desk: &Desk, relation: &Relation) -> Result<(), String> {
    let datasets = desk.datasets();
    let column = |table: &str, column: &str| -> Result<Column, String> {
        let dataset = datasets.iter().find(|dataset| dataset.name == table);
        let dataset = dataset.ok_or_else(|| format!("this dashboard has no table `{table}`"))?;
        let found = dataset.columns.iter().find(|found| found.name == column);
        found.cloned().ok_or_else(|| format!("`{table}` has no column `{column}`"))
    };
    let from = column(&relation.table, &relation.column)?;
    let to = column(&relation.to_table, &relation.to_column)?;
    if relation.table == relation.to_table {
        return Err("a relation leads from one table to another".to_owned());
    }
    if from.kind != to.kind {
        let kinds = format!("{:?} and {:?}", from.kind, to.kind).to_lowercase();
        return Err(format!("`{}` and `{}` have values of different types: {kinds}", from.name, to.name));
    }
    Ok(())
}
