//! A query whose time is over ends. What waits is ended from outside; a join that goes through pairs of rows, and
//! finds none that it could pass on, never waits. So joins look at the clock: with every batch, and in their condition.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{plan_err, resources_err};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions};
use futures_util::StreamExt;

/// The reason of a query that ended itself.
pub(super) const LATE: &str = "the time of the query is over";

fn in_time(until: Instant) -> Result<()> {
    if Instant::now() > until { resources_err!("{LATE}") } else { Ok(()) }
}

/// Has the conditions of an optimised plan's joins look at the clock.
pub(super) fn in_conditions(plan: LogicalPlan, until: Instant) -> Result<LogicalPlan> {
    let signature = Signature::exact(vec![DataType::Boolean], Volatility::Volatile);
    let looks = Arc::new(ScalarUDF::from(InTime { signature, until }));
    let plan = plan.transform_up_with_subqueries(|node| {
        let LogicalPlan::Join(mut join) = node else { return Ok(Transformed::no(node)) };
        join.filter =
            join.filter.map(|filter| Expr::ScalarFunction(ScalarFunction::new_udf(Arc::clone(&looks), vec![filter])));
        Ok(Transformed::yes(LogicalPlan::Join(join)))
    })?;
    Ok(plan.data)
}

/// Has a plan look at the clock with every batch that a join passes on.
pub(super) fn in_batches(plan: Arc<dyn ExecutionPlan>, until: Instant) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = plan.transform_up(|node| {
        let join = node.is::<NestedLoopJoinExec>()
            || node.is::<HashJoinExec>()
            || node.is::<CrossJoinExec>()
            || node.is::<SortMergeJoinExec>();
        Ok(if join { Transformed::yes(Arc::new(Timed { input: node, until }) as _) } else { Transformed::no(node) })
    })?;
    Ok(plan.data)
}

/// Its argument, in time.
#[derive(Debug, PartialEq, Eq, Hash)]
struct InTime {
    signature: Signature,
    until: Instant,
}

impl ScalarUDFImpl for InTime {
    fn name(&self) -> &str {
        "in_time"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        in_time(self.until)?;
        let Some(condition) = args.args.into_iter().next() else { return plan_err!("in_time has one argument") };
        Ok(condition)
    }
}

#[derive(Debug)]
struct Timed {
    input: Arc<dyn ExecutionPlan>,
    until: Instant,
}

impl DisplayAs for Timed {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Timed")
    }
}

impl ExecutionPlan for Timed {
    fn name(&self) -> &str {
        "Timed"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next().unwrap_or_else(|| Arc::clone(&self.input));
        Ok(Arc::new(Self { input, until: self.until }))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, super::windows::RECOMPUTED)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let until = self.until;
        let timed = self.input.execute(partition, context)?.map(move |batch| {
            in_time(until)?;
            batch
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.input.schema(), timed)))
    }
}
