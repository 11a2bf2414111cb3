//! Functions whose texts may become longer than what they are made of. What they build is taken from the pool first,
//! and given back when the last who holds it lets go: so nesting them a thousandfold ends as any query too large does.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, GenericStringArray, OffsetSizeTrait, StringViewArray};
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::compute::kernels::concat_elements::concat_elements_dyn;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DFSchema, ScalarValue, exec_err, plan_err, resources_err};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// Bytes of the texts that one call may make of one batch of rows.
const TEXTS_MAX: usize = 1 << 30;
/// Bytes of a text made of constants only: it may be repeated for every row.
const CONSTANT_MAX: usize = 2_000;

/// Replaces such functions, and `||`, by ones that count.
pub(super) fn count(state: &mut SessionState, pool: &Arc<dyn MemoryPool>) -> Result<()> {
    use Growth as G;
    for (name, growth) in [
        ("concat", G::Sum),
        ("concat_ws", G::Separated),
        ("replace", G::Replaced),
        ("regexp_replace", G::Matched),
        ("to_char", G::Format),
    ] {
        let inner = state.udf(name)?;
        state.register_udf(Arc::new(ScalarUDF::from(Counted { inner, growth, pool: Arc::clone(pool) })))?;
    }
    let inner = Arc::new(ScalarUDF::from(Joined { signature: Signature::user_defined(Volatility::Immutable) }));
    let joined = Arc::new(ScalarUDF::from(Counted { inner, growth: G::Sum, pool: Arc::clone(pool) }));
    state.register_expr_planner(Arc::new(Joining(joined)))
}

/// How long the texts of a call can become.
#[derive(Debug, Clone, Copy)]
enum Growth {
    /// All arguments.
    Sum,
    /// All arguments, the first before each.
    Separated,
    /// The first, the third instead of each of the second.
    Replaced,
    /// The first, the third, which may hold what was found again, instead of what the second finds.
    Matched,
    /// What the second says; `%c` gives 24 bytes.
    Format,
}

impl Growth {
    fn most(self, args: &ScalarFunctionArgs) -> usize {
        let values = &args.args;
        let constant = values.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let sum = || values.iter().map(|value| bytes(value, rows)).fold(0, usize::saturating_add);
        let first = values.first().map_or(0, |value| bytes(value, rows)).saturating_add(rows);
        let third = values.get(2).map_or(0, longest);
        match self {
            Self::Sum => sum(),
            Self::Separated => sum().saturating_add(first.saturating_mul(values.len())),
            Self::Replaced => first.saturating_mul(third.div_ceil(values.get(1).map_or(1, shortest).max(1)).max(1)),
            Self::Matched => first.saturating_mul(third.saturating_mul(2) + 1),
            Self::Format => values.get(1).map_or(0, |format| bytes(format, rows)).saturating_mul(16),
        }
    }
}

/// A function whose result is taken from the pool.
#[derive(Debug)]
struct Counted {
    inner: Arc<ScalarUDF>,
    growth: Growth,
    pool: Arc<dyn MemoryPool>,
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for Counted {}

impl Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl ScalarUDFImpl for Counted {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        self.inner.schema_name(args)
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let most = self.growth.most(&args);
        let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        if most > if constant { CONSTANT_MAX * 64 } else { TEXTS_MAX } {
            return resources_err!("{} would build texts of up to {most} bytes", self.name());
        }
        let memory = MemoryConsumer::new(self.name()).register(&self.pool);
        memory.try_grow(most)?;
        match self.inner.invoke_with_args(args)? {
            ColumnarValue::Array(texts) => held(texts, memory).map(ColumnarValue::Array),
            ColumnarValue::Scalar(text)
                if text.try_as_str().flatten().is_some_and(|text| text.len() > CONSTANT_MAX) =>
            {
                exec_err!("{} would build a constant of more than {CONSTANT_MAX} bytes", self.name())
            }
            text => Ok(text),
        }
    }
}

/// `texts` that give `memory` back when the last reference to them is gone.
fn held(texts: ArrayRef, memory: MemoryReservation) -> Result<ArrayRef> {
    memory.resize(texts.get_buffer_memory_size());
    Ok(match texts.data_type() {
        DataType::Utf8 => Arc::new(held_texts(texts.as_string::<i32>(), memory)?),
        DataType::LargeUtf8 => Arc::new(held_texts(texts.as_string::<i64>(), memory)?),
        DataType::Utf8View => {
            let (views, buffers, nulls) = texts.as_string_view().clone().into_parts();
            let mut buffers = buffers.to_vec();
            if let Some(first) = buffers.first_mut() {
                *first = owned(first.clone(), memory);
            }
            Arc::new(StringViewArray::try_new(views, buffers, nulls)?)
        }
        _ => texts,
    })
}

fn held_texts<O: OffsetSizeTrait>(
    texts: &GenericStringArray<O>,
    memory: MemoryReservation,
) -> Result<GenericStringArray<O>> {
    let (offsets, values, nulls) = texts.clone().into_parts();
    Ok(GenericStringArray::try_new(offsets, owned(values, memory), nulls)?)
}

fn owned(buffer: Buffer, memory: MemoryReservation) -> Buffer {
    struct Owned(Buffer, #[expect(dead_code, reason = "held for its drop")] MemoryReservation);
    impl AsRef<[u8]> for Owned {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    Buffer::from(bytes::Bytes::from_owner(Owned(buffer, memory)))
}

/// Bytes of a column's texts; what is no text yet is a number or a date.
fn bytes(value: &ColumnarValue, rows: usize) -> usize {
    const OTHER: usize = 32;
    match value {
        ColumnarValue::Scalar(value) => value.try_as_str().map_or(OTHER, |text| text.map_or(0, str::len)) * rows,
        ColumnarValue::Array(values) => match values.data_type() {
            DataType::Utf8 => values.as_string::<i32>().value_data().len(),
            DataType::LargeUtf8 => values.as_string::<i64>().value_data().len(),
            DataType::Utf8View => values.as_string_view().total_bytes_len(),
            _ => values.len() * OTHER,
        },
    }
}

fn longest(value: &ColumnarValue) -> usize {
    lengths(value).1
}

fn shortest(value: &ColumnarValue) -> usize {
    lengths(value).0
}

/// Of the shortest and of the longest text, in bytes.
fn lengths(value: &ColumnarValue) -> (usize, usize) {
    fn both(lengths: impl Iterator<Item = usize>) -> (usize, usize) {
        lengths.fold((usize::MAX, 0), |(least, most), length| (least.min(length), most.max(length)))
    }
    match value {
        ColumnarValue::Scalar(value) => both(value.try_as_str().flatten().map(str::len).into_iter()),
        ColumnarValue::Array(values) => match values.data_type() {
            DataType::Utf8 => both(values.as_string::<i32>().iter().flatten().map(str::len)),
            DataType::LargeUtf8 => both(values.as_string::<i64>().iter().flatten().map(str::len)),
            DataType::Utf8View => both(values.as_string_view().iter().flatten().map(str::len)),
            _ => (1, usize::MAX),
        },
    }
}

/// Plans `||` as a call.
#[derive(Debug)]
struct Joining(Arc<ScalarUDF>);

impl ExprPlanner for Joining {
    fn plan_binary_op(&self, expr: RawBinaryExpr, _: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        Ok(match expr.op {
            BinaryOperator::StringConcat => PlannerResult::Planned(Expr::ScalarFunction(ScalarFunction::new_udf(
                Arc::clone(&self.0),
                vec![expr.left, expr.right],
            ))),
            _ => PlannerResult::Original(expr),
        })
    }
}

/// `a || b`: null if either is.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Joined {
    signature: Signature,
}

impl ScalarUDFImpl for Joined {
    fn name(&self) -> &str {
        "||"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(args.iter().map(|arg| arg.schema_name().to_string()).collect::<Vec<_>>().join(" || "))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [left, right] = types else { return plan_err!("|| joins two texts") };
        let text = [DataType::Utf8View, DataType::LargeUtf8]
            .into_iter()
            .find(|text| left == text || right == text)
            .unwrap_or(DataType::Utf8);
        Ok(vec![text.clone(), text])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [text, _] = types else { return plan_err!("|| joins two texts") };
        Ok(text.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [left, right] = arrays.as_slice() else { return plan_err!("|| joins two texts") };
        let joined = concat_elements_dyn(left, right)?;
        Ok(if constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&joined, 0)?)
        } else {
            ColumnarValue::Array(joined)
        })
    }
}
