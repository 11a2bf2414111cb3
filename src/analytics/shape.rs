//! What a plan would become: how far the optimiser may write its expressions out, and how wide its rows are.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchemaRef, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Words of one expression once every column in it is written out as what it was made of, down to columns of tables.
/// The optimiser does so to bring conditions near the data: `x + x AS x`, forty times over, would be 2^40.
const EXPANSION_MAX: u64 = 20_000;
/// Values of one batch of rows, and bytes of it that come from texts of the query.
const BATCH_CELLS: usize = 64 * ROWS_MAX;
const BATCH_TEXT_BYTES: usize = 32 << 20;
/// Rows of one batch.
const ROWS_MIN: usize = 16;
const ROWS_MAX: usize = 8_192;

/// Refuses a plan, not yet optimised, whose expressions grow too much.
pub(super) fn check(plan: &LogicalPlan) -> Result<()> {
    weights(plan, 1).map(drop)
}

/// How many words each column of a plan stands for; `outside` is the most that a column of a query around it does.
fn weights(plan: &LogicalPlan, outside: u64) -> Result<Vec<u64>> {
    let inputs: Vec<(&DFSchemaRef, Vec<u64>)> =
        plan.inputs().into_iter().map(|input| Ok((input.schema(), weights(input, outside)?))).collect::<Result<_>>()?;
    let most = inputs.iter().flat_map(|(_, weights)| weights).copied().fold(1, u64::max);
    let weigh = |expr: &Expr| weigh(expr, &inputs, outside);
    let mut heaviest = 1;
    plan.apply_expressions(|expr| {
        heaviest = weigh(expr)?.max(heaviest);
        Ok(TreeNodeRecursion::Continue)
    })?;
    if heaviest > EXPANSION_MAX {
        return plan_err!("an expression of the query, written out, has more than {EXPANSION_MAX} words");
    }
    plan.apply_subqueries(|query| {
        weights(query, outside.max(most))?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    let columns = plan.schema().fields().len();
    let mut given: Vec<u64> = match plan {
        LogicalPlan::Projection(projection) => projection.expr.iter().map(weigh).collect::<Result<_>>()?,
        // Nothing is moved into or past an aggregate but what it groups by.
        LogicalPlan::Aggregate(aggregate) => {
            let mut given = vec![heaviest; columns.saturating_sub(aggregate.aggr_expr.len())];
            given.resize(columns, 1);
            given
        }
        LogicalPlan::Window(window) => {
            let mut given = inputs.into_iter().flat_map(|(_, weights)| weights).collect::<Vec<_>>();
            given.resize(given.len() + window.window_expr.len(), 1);
            given
        }
        LogicalPlan::Union(_) => vec![most; columns],
        _ => inputs.into_iter().flat_map(|(_, weights)| weights).collect(),
    };
    if given.len() != columns {
        given = vec![most; columns];
    }
    Ok(given)
}

fn weigh(expr: &Expr, inputs: &[(&DFSchemaRef, Vec<u64>)], outside: u64) -> Result<u64> {
    let mut words = 0_u64;
    expr.apply(|part| {
        words = words.saturating_add(match part {
            Expr::Column(column) => {
                let found = inputs.iter().find_map(|(schema, weights)| {
                    schema.maybe_index_of_column(column).and_then(|index| weights.get(index))
                });
                found.copied().unwrap_or(1)
            }
            Expr::OuterReferenceColumn(..) => outside,
            _ => 1,
        });
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(words)
}

/// Rows that go through an optimised plan at once: fewer, the wider they are. Operators hold a batch or a few of them
/// outside of the memory that is counted.
pub(super) fn rows_at_once(plan: &LogicalPlan) -> Result<usize> {
    let (mut width, mut text) = (1, 1);
    plan.apply_with_subqueries(|node| {
        width = width.max(node.schema().fields().len());
        let mut written = 0;
        node.apply_expressions(|expr| {
            expr.apply(|part| {
                if let Expr::Literal(value, _) = part {
                    written += value.try_as_str().flatten().map_or(0, str::len);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        text = text.max(written);
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok((BATCH_CELLS / width).min(BATCH_TEXT_BYTES / text).clamp(ROWS_MIN, ROWS_MAX))
}
