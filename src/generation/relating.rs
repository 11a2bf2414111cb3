//! What a dashboard's editors say of its data: how its tables hang together, so that a filter reaches from one to the other,
//! and what its fiscal years begin with.

use vizroom_protocol::Error;
use vizroom_protocol::file::{Column, Relation};

use super::change::{Done, redraw};
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

impl Generations {
    /// Has the fiscal years begin with another month, and queries and draws every card again.
    ///
    /// # Errors
    /// `INVALID_REQUEST` if there is no such month; what a query gives.
    pub(super) async fn begin_fiscal_years(&self, work: &mut Work, done: &mut Done, month: u8) -> Result<(), Error> {
        if !(1..=12).contains(&month) {
            return Err(Error::invalid("fiscal_year_begins", "is a month, 1 to 12"));
        }
        work.dashboard().fiscal_year_begins = Some(month).filter(|month| *month > 1);
        let desk = self.desk(&work.row).await?;
        work.recipe.goals.iter_mut().for_each(|planned| desk.date(&mut planned.goal));
        let shown = work.recipe.goals.iter().filter(|p| work.row.dashboard.cards.iter().any(|c| c.key == p.key));
        done.asked.extend(shown.cloned());
        redraw(&desk, work, done).await?;
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
