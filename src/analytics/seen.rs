//! What the rows seen so far say about each column.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringViewArray};
use datafusion::arrow::compute::{self, cast};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, FieldRef, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{HashMap, HashSet};
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::approx_distinct::approx_distinct_udaf;
use datafusion::logical_expr::Accumulator;
use datafusion::physical_expr::aggregate::AggregateExprBuilder;
use datafusion::physical_expr::expressions::col;
use serde_json::Value;
use vizroom_protocol::file::{Column as Profile, ColumnType};

use super::moment;
use super::table::{column_type, text};

/// Most frequent values kept.
const TOP: usize = 50;
/// Texts that are no more than this are kept all: somebody may ask for any one of them by name.
const TEXTS: usize = 2_000;
/// Most bytes of such texts in a column; the rarest are left out.
const TEXT_BYTES: usize = 64 * 1_024;
/// Up to here distinct values are counted one by one; beyond, their number is an estimate.
const COUNTED_MAX: usize = 10_000;
/// The same in bytes, for texts.
const COUNTED_BYTES: usize = 512 << 10;
/// Of a table with no more rows it is known for sure whether a value comes twice: keys that others look up must be told
/// apart from what an estimate takes for one.
const KEYED_ROWS: u64 = 250_000;
/// How many columns of whole numbers and texts, from the first, may be such keys: they take some 5 MB each.
const KEY_COLUMNS: usize = 16;
/// Whole numbers of no more distinct values are as good as categories.
const CATEGORIES_MAX: usize = 1_000;

type Result<T> = std::result::Result<T, DataFusionError>;

/// What the rows seen say.
pub(super) struct Seen(Vec<Column>);

struct Column {
    name: String,
    kind: ColumnType,
    rows: u64,
    nulls: u64,
    sum: f64,
    values: Values,
}

enum Values {
    /// Numbers, dates and truth values, each as a whole number that is ordered as they are.
    Whole(Distinct<i64>),
    Text(Distinct<Box<str>>),
}

/// The distinct values of a column.
struct Distinct<T> {
    least: Option<T>,
    most: Option<T>,
    /// How often each occurs, of those met while there were few.
    counted: HashMap<T, u64>,
    bytes: usize,
    /// Estimates how many there are, once they are too many to be counted.
    more: Option<Box<dyn Accumulator>>,
    /// What is left of all values then, as long as none has come twice.
    once: Option<HashSet<u64>>,
}

/// How many distinct values there are, the least, the most, and the most frequent.
type Told<T> = (u64, Option<T>, Option<T>, Vec<T>);

impl Seen {
    /// Nothing yet of a table, or a part of it, that has so many `rows` in all.
    pub(super) fn of(schema: &Schema, rows: u64) -> Self {
        let mut keys = 0;
        let column = |field: &FieldRef| {
            let kind = column_type(field.data_type());
            let key = matches!(kind, ColumnType::Integer | ColumnType::Text);
            keys += usize::from(key);
            let key = key && keys <= KEY_COLUMNS && rows <= KEYED_ROWS;
            let values = match kind {
                ColumnType::Text => Values::Text(Distinct::begin(key)),
                _ => Values::Whole(Distinct::begin(key)),
            };
            Column { name: field.name().clone(), kind, rows: 0, nulls: 0, sum: 0.0, values }
        };
        Self(schema.fields().iter().map(column).collect())
    }

    pub(super) fn see(&mut self, batch: &RecordBatch) -> Result<()> {
        self.0.iter_mut().zip(batch.columns()).try_for_each(|(column, array)| column.see(array))
    }

    /// Adds what has been seen of other rows.
    pub(super) fn with(&mut self, other: Self) -> Result<()> {
        for (column, other) in self.0.iter_mut().zip(other.0) {
            column.rows += other.rows;
            column.nulls += other.nulls;
            column.sum += other.sum;
            match (&mut column.values, other.values) {
                (Values::Whole(values), Values::Whole(other)) => values.with(other)?,
                (Values::Text(values), Values::Text(other)) => values.with(other)?,
                _ => return datafusion::common::internal_err!("two profiles of different columns"),
            }
        }
        Ok(())
    }

    pub(super) fn columns(self) -> Result<Vec<Profile>> {
        self.0.into_iter().map(Column::profile).collect()
    }
}

impl Column {
    fn see(&mut self, array: &ArrayRef) -> Result<()> {
        self.rows += array.len() as u64;
        self.nulls += array.logical_null_count() as u64;
        match &mut self.values {
            Values::Whole(values) => {
                let array = self.kind.normal(array)?;
                self.sum += match self.kind {
                    ColumnType::Number => compute::sum(array.as_primitive::<Float64Type>()).unwrap_or(0.0),
                    ColumnType::Integer => {
                        array.as_primitive::<Int64Type>().iter().flatten().map(|whole| whole as f64).sum()
                    }
                    _ => 0.0,
                };
                let array = self.kind.wholes(&array)?;
                let within = (compute::min(&array), compute::max(&array));
                values.see(array.iter().flatten(), within, || Ok(Arc::new(array.clone())))
            }
            Values::Text(values) => {
                let array = text(array)?;
                let array = array.as_string_view();
                let within = match values.more {
                    // While all are counted, the ends are among them.
                    None => (None, None),
                    Some(_) => (compute::min_string_view(array), compute::max_string_view(array)),
                };
                values.see_texts(array, within)
            }
        }
    }

    fn profile(self) -> Result<Profile> {
        let Self { name, kind, rows, nulls, sum, values } = self;
        let (distinct, min, max, top) = match values {
            Values::Whole(values) => {
                let (distinct, min, max, most) = values.told(|distinct| match kind {
                    ColumnType::Boolean => TOP,
                    ColumnType::Integer if distinct <= CATEGORIES_MAX as u64 => TOP,
                    _ if distinct <= TOP as u64 => TOP,
                    _ => 0,
                })?;
                let told = |whole: i64| kind.told(whole);
                (distinct, min.map(told), max.map(told), most.into_iter().map(told).collect())
            }
            Values::Text(values) => {
                let (distinct, min, max, mut most) =
                    values.told(|distinct| if distinct <= TEXTS as u64 { TEXTS } else { TOP })?;
                let lengths = most.iter().scan(0, |bytes, value| {
                    *bytes += value.len();
                    Some(*bytes)
                });
                let kept = lengths.take_while(|bytes| *bytes <= TEXT_BYTES).count();
                most.truncate(kept.max(TOP));
                let told = |text: Box<str>| Value::from(String::from(text));
                (distinct, min.map(told), max.map(told), most.into_iter().map(told).collect())
            }
        };
        let known = |value: &Value| !value.is_null();
        let numeric = matches!(kind, ColumnType::Integer | ColumnType::Number) && rows > nulls;
        let mean = numeric.then(|| sum / (rows - nulls) as f64).filter(|mean| mean.is_finite());
        Ok(Profile { name, kind, nulls, distinct, min: min.filter(known), max: max.filter(known), mean, top })
    }
}

/// How a type's values become whole numbers in the same order, and those become values again.
trait Ordered {
    fn normal(self, array: &ArrayRef) -> Result<ArrayRef>;
    fn wholes(self, array: &ArrayRef) -> Result<Int64Array>;
    fn told(self, whole: i64) -> Value;
}

impl Ordered for ColumnType {
    /// In the one type that stands for all like it.
    fn normal(self, array: &ArrayRef) -> Result<ArrayRef> {
        let kind = match self {
            ColumnType::Number => DataType::Float64,
            ColumnType::Date => DataType::Date32,
            ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            _ => DataType::Int64,
        };
        if array.data_type() == &kind { Ok(array.clone()) } else { Ok(cast(array, &kind)?) }
    }

    fn wholes(self, array: &ArrayRef) -> Result<Int64Array> {
        Ok(match self {
            ColumnType::Number => array.as_primitive::<Float64Type>().unary(|number| ordered((number + 0.0).to_bits())),
            ColumnType::Date => array.as_primitive::<Date32Type>().unary(i64::from),
            ColumnType::Timestamp => array.as_primitive::<TimestampMicrosecondType>().reinterpret_cast(),
            _ => array.as_primitive::<Int64Type>().clone(),
        })
    }

    fn told(self, whole: i64) -> Value {
        match self {
            ColumnType::Number => f64::from_bits(ordered(whole.cast_unsigned()).cast_unsigned()).into(),
            ColumnType::Date => i32::try_from(whole).ok().and_then(moment::day_text).into(),
            ColumnType::Timestamp => moment::micros_text(whole).into(),
            ColumnType::Boolean => (whole != 0).into(),
            _ => whole.into(),
        }
    }
}

/// The bits of a float as a number that is less where the float is, and the other way round: of a negative one, all bits
/// but the sign are turned.
fn ordered(bits: u64) -> i64 {
    let bits = bits.cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

impl<T> Distinct<T> {
    /// Of a column that may be a `key`, or not.
    fn begin(key: bool) -> Self {
        let once = key.then(HashSet::default);
        Self { least: None, most: None, counted: HashMap::default(), bytes: 0, more: None, once }
    }

    /// Takes note of values beyond those that were counted.
    fn meet(&mut self, mut marks: impl Iterator<Item = u64>) {
        let Some(once) = &mut self.once else { return };
        if !marks.all(|mark| once.insert(mark)) {
            self.once = None;
        }
    }
}

/// What tells a value from others.
fn mark(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A value as an array for the estimate, and its size in memory beyond its own.
trait Key: Hash + Eq + Ord + Clone {
    const KIND: DataType;
    /// Whether the frequent ones matter where there are many.
    const KEPT: bool;
    fn array<'a>(keys: impl Iterator<Item = &'a Self>) -> ArrayRef
    where
        Self: 'a;
    fn bytes(&self) -> usize;
}

impl Key for i64 {
    const KIND: DataType = DataType::Int64;
    const KEPT: bool = false;

    fn array<'a>(keys: impl Iterator<Item = &'a Self>) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(keys.copied()))
    }

    fn bytes(&self) -> usize {
        0
    }
}

impl Key for Box<str> {
    const KIND: DataType = DataType::Utf8View;
    const KEPT: bool = true;

    fn array<'a>(keys: impl Iterator<Item = &'a Self>) -> ArrayRef {
        Arc::new(StringViewArray::from_iter_values(keys))
    }

    fn bytes(&self) -> usize {
        self.len()
    }
}

impl Distinct<i64> {
    fn see(
        &mut self,
        values: impl Iterator<Item = i64>,
        within: (Option<i64>, Option<i64>),
        array: impl Fn() -> Result<ArrayRef>,
    ) -> Result<()> {
        self.reach(within);
        if self.more.is_none() {
            for value in values {
                *self.counted.entry(value).or_default() += 1;
            }
            return self.estimate_if_many();
        }
        self.meet(values.map(|value| mark(&value)));
        self.estimate(&array()?)
    }
}

impl Distinct<Box<str>> {
    fn see_texts(&mut self, array: &StringViewArray, within: (Option<&str>, Option<&str>)) -> Result<()> {
        self.reach((within.0.map(Box::from), within.1.map(Box::from)));
        let full = self.more.is_some();
        for value in array.iter().flatten() {
            match self.counted.get_mut(value) {
                Some(count) => *count += 1,
                None if full => {}
                None => {
                    self.bytes += value.len();
                    self.counted.insert(value.into(), 1);
                }
            }
        }
        if !full {
            return self.estimate_if_many();
        }
        self.meet(array.iter().flatten().map(mark));
        self.estimate(&(Arc::new(array.clone()) as ArrayRef))
    }
}

impl<T: Key> Distinct<T> {
    fn reach(&mut self, (least, most): (Option<T>, Option<T>)) {
        self.least = [self.least.take(), least].into_iter().flatten().min();
        self.most = self.most.take().max(most);
    }

    fn estimate(&mut self, array: &ArrayRef) -> Result<()> {
        self.more.as_mut().map_or(Ok(()), |more| more.update_batch(std::slice::from_ref(array)))
    }

    fn estimate_if_many(&mut self) -> Result<()> {
        if self.counted.len() <= COUNTED_MAX && self.bytes <= COUNTED_BYTES { Ok(()) } else { self.begin_estimate() }
    }

    fn begin_estimate(&mut self) -> Result<()> {
        if self.more.is_some() {
            return Ok(());
        }
        self.reach((self.counted.keys().min().cloned(), self.counted.keys().max().cloned()));
        self.more = Some(estimator(&T::KIND)?);
        self.estimate(&T::array(self.counted.keys()))?;
        if self.counted.values().any(|count| *count > 1) {
            self.once = None;
        }
        let marks: Vec<u64> = self.counted.keys().map(mark).collect();
        self.meet(marks.into_iter());
        if !T::KEPT {
            self.counted = HashMap::default();
        }
        Ok(())
    }

    /// Adds the values of other rows.
    fn with(&mut self, mut other: Self) -> Result<()> {
        if self.more.is_some() || other.more.is_some() {
            self.begin_estimate()?;
            other.begin_estimate()?;
        }
        self.reach((other.least.take(), other.most.take()));
        let other_once = other.once.take();
        if let (Some(more), Some(other)) = (&mut self.more, &mut other.more) {
            let state: Result<Vec<ArrayRef>> = other.state()?.iter().map(|state| state.to_array()).collect();
            more.merge_batch(&state?)?;
            match other_once {
                Some(marks) => self.meet(marks.into_iter()),
                None => self.once = None,
            }
        }
        for (value, count) in other.counted {
            self.bytes += value.bytes();
            *self.counted.entry(value).or_default() += count;
        }
        self.estimate_if_many()
    }

    /// What there is to tell: of the most frequent as many as `wanted` of that many distinct ones.
    fn told(mut self, wanted: impl Fn(u64) -> usize) -> Result<Told<T>> {
        let distinct = match &mut self.more {
            None => {
                self.reach((self.counted.keys().min().cloned(), self.counted.keys().max().cloned()));
                self.counted.len() as u64
            }
            Some(more) => match &self.once {
                Some(once) => once.len() as u64,
                None => u64::try_from(more.evaluate()?)?,
            },
        };
        let mut most: Vec<(T, u64)> = self.counted.into_iter().collect();
        most.sort_unstable_by(|(one, ones), (two, twos)| twos.cmp(ones).then_with(|| one.cmp(two)));
        most.truncate(wanted(distinct));
        Ok((distinct, self.least, self.most, most.into_iter().map(|(value, _)| value).collect()))
    }
}

fn estimator(kind: &DataType) -> Result<Box<dyn Accumulator>> {
    let schema = Schema::new(vec![Field::new("value", kind.clone(), true)]);
    let value = col("value", &schema)?;
    let estimate = AggregateExprBuilder::new(approx_distinct_udaf(), vec![value]).schema(Arc::new(schema));
    estimate.alias("distinct").build()?.create_accumulator()
}
