//! Window functions keep rows in memory without telling the pool. Here the pool is told, so that it can refuse.

use std::fmt;
use std::sync::{Arc, Mutex};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::ChildrenPropertiesMode;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties, ReplaceChildrenOptions,
};
use futures_util::StreamExt;

use super::engine::lock;

/// A window over whole partitions holds its input, its input in one piece, and what it computes of it.
const COPIES_WHOLE: usize = 3;
/// One that moves along holds what it has not answered yet, and joins that with what comes next.
const COPIES_MOVING: usize = 2;

pub(super) const RECOMPUTED: ReplaceChildrenOptions = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);

/// Puts a count before and behind every window of a plan.
#[derive(Debug)]
pub(super) struct CountWindows;

impl PhysicalOptimizerRule for CountWindows {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let copies = if node.is::<WindowAggExec>() {
                COPIES_WHOLE
            } else if node.is::<BoundedWindowAggExec>() {
                COPIES_MOVING
            } else {
                return Ok(Transformed::no(node));
            };
            let inputs: Vec<_> = node.children().into_iter().cloned().collect();
            let partitions = node.output_partitioning().partition_count();
            let held: Held = (0..partitions).map(|_| Mutex::new(None)).collect();
            let count = |input, place| -> Arc<dyn ExecutionPlan> {
                Arc::new(Counted { input, held: Arc::clone(&held), place })
            };
            let before = inputs.into_iter().map(|input| count(input, Place::Before { copies })).collect();
            let window = node.replace_children(before, RECOMPUTED)?;
            Ok(Transformed::yes(count(window, Place::Behind { moving: copies == COPIES_MOVING })))
        })
        .map(|plan| plan.data)
    }

    fn name(&self) -> &str {
        "count_windows"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// What the window between two counts holds, for each partition under way. Locked for a sum only.
type Held = Arc<[Mutex<Option<Tally>>]>;

#[derive(Debug)]
struct Tally {
    rows: usize,
    memory: MemoryReservation,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Before { copies: usize },
    Behind { moving: bool },
}

#[derive(Debug)]
struct Counted {
    input: Arc<dyn ExecutionPlan>,
    held: Held,
    place: Place,
}

impl DisplayAs for Counted {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Counted: {:?}", self.place)
    }
}

impl ExecutionPlan for Counted {
    fn name(&self) -> &str {
        "Counted"
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
        Ok(Arc::new(Self { input, held: Arc::clone(&self.held), place: self.place }))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, RECOMPUTED)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let share = Share { held: Arc::clone(&self.held), partition };
        let schema = self.input.schema();
        let place = self.place;
        if let Place::Before { .. } = place {
            let memory = MemoryConsumer::new("window").register(context.memory_pool());
            share.set(Some(Tally { rows: 0, memory }));
        }
        let rows = self.input.execute(partition, context)?;
        Ok(match place {
            Place::Before { copies } => {
                let counted = rows.map(move |batch| {
                    let batch = batch?;
                    share.keep(&batch, copies)?;
                    Ok(batch)
                });
                Box::pin(RecordBatchStreamAdapter::new(schema, counted))
            }
            Place::Behind { moving } => {
                let share = Freed(share);
                let counted = rows.inspect(move |batch| {
                    if let (true, Ok(batch)) = (moving, batch) {
                        share.0.let_go(batch.num_rows());
                    }
                });
                Box::pin(RecordBatchStreamAdapter::new(schema, counted))
            }
        })
    }
}

/// One partition's part.
struct Share {
    held: Held,
    partition: usize,
}

impl Share {
    fn set(&self, tally: Option<Tally>) {
        if let Some(place) = self.held.get(self.partition) {
            *lock(place) = tally;
        }
    }

    fn keep(&self, batch: &RecordBatch, copies: usize) -> Result<()> {
        let Some(place) = self.held.get(self.partition) else { return Ok(()) };
        let Some(tally) = &mut *lock(place) else { return Ok(()) };
        tally.memory.try_grow(bytes(batch) * copies)?;
        tally.rows += batch.num_rows();
        Ok(())
    }

    /// Rows that were answered are held no more.
    fn let_go(&self, rows: usize) {
        let Some(place) = self.held.get(self.partition) else { return };
        let Some(tally) = &mut *lock(place) else { return };
        let rows = rows.min(tally.rows);
        if rows > 0 {
            let share = tally.memory.size() as u128 * rows as u128 / tally.rows as u128;
            tally.memory.shrink(share as usize);
            tally.rows -= rows;
        }
    }
}

/// The count ends with the stream behind the window.
struct Freed(Share);

impl Drop for Freed {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

/// Bytes of a batch's own rows; it may be a slice of something larger.
fn bytes(batch: &RecordBatch) -> usize {
    let size = |column: &Arc<dyn Array>| {
        let texts = match column.data_type() {
            DataType::Utf8View => column.as_string_view().total_bytes_len(),
            _ => 0,
        };
        texts + column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
    };
    batch.columns().iter().map(size).sum()
}
