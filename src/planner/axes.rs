//! Groups worked out: where their values come from, how they are cut, what the result columns are called.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::fields::{Data, Field, Part, Role};
use super::intent::{Group, Intent};
use super::query::{Cut, Dimension, Op, Predicate};
use super::text;
use super::time::TimeGroup;

/// A group worked out: the dimension, with what is known of its values.
#[derive(Clone, Debug)]
pub struct Axis {
    pub dimension: Dimension,
    /// For a person: `carrier`, `month`.
    pub label: String,
    /// Steps of time, or parts of them.
    pub grain: Option<Grain>,
    /// Has an order of its own.
    pub ordered: bool,
    /// Number of different values, as far as known.
    pub distinct: u64,
    pub nulls: u64,
}

/// Names of result columns: plain, unique, and never a column's own name for something computed.
pub struct Names {
    used: Vec<String>,
    columns: Vec<String>,
}

impl Names {
    pub fn new(data: &Data<'_>) -> Self {
        Self { used: Vec::new(), columns: data.fields.iter().map(|f| f.column.name.to_lowercase()).collect() }
    }

    /// For a column's own values.
    pub fn plain(&mut self, name: &str) -> String {
        let wanted = text::identifier(name);
        self.unique(wanted, &[])
    }

    /// For computed values.
    pub fn computed(&mut self, name: &str) -> String {
        let wanted = text::identifier(name);
        let columns = self.columns.clone();
        self.unique(wanted, &columns)
    }

    fn unique(&mut self, wanted: String, taken: &[String]) -> String {
        let free = |name: &String, used: &[String]| !used.contains(name) && !taken.contains(name);
        let mut name = wanted.clone();
        let mut n = 1;
        while !free(&name, &self.used) {
            n += 1;
            name = format!("{wanted}_{n}");
        }
        self.used.push(name.clone());
        name
    }
}

pub fn axes(data: &Data<'_>, intent: &Intent, names: &mut Names) -> Result<Vec<Axis>, Vec<String>> {
    let mut out: Vec<Axis> = Vec::new();
    let dated = intent.groups.iter().any(|g| g.field.is_none() && g.grain.is_some());
    // `trend by quarter`: the step said is the step of the trend.
    let groups = intent.groups.iter().filter(|g| !(dated && g.field.is_none() && g.grain.is_none()));
    for group in groups.take(4) {
        let mut axis = axis(data, group, &intent.filters, names)?;
        let number =
            axis.dimension.source.column().and_then(|c| data.index(c)).is_some_and(|i| data.fields[i].is_measure());
        if let Some(width) = intent.width.filter(|_| number) {
            axis.dimension.cut = Cut::Bin(width);
            axis.distinct = 25;
        }
        if intent.decades && axis.grain == Some(Grain::Year) {
            let alias = names.computed("decade");
            axis.dimension = Dimension { cut: Cut::Decade, alias, ..axis.dimension };
            axis = Axis { label: "decade".into(), ordered: true, ..axis };
        }
        if intent.weekends && axis.dimension.cut == Cut::Grain(Grain::DayOfWeek) {
            let dimension =
                Dimension { cut: Cut::Weekend, alias: names.computed("part of the week"), ..axis.dimension };
            axis =
                Axis { dimension, label: "part of the week".into(), grain: None, ordered: false, distinct: 2, ..axis };
        }
        let listed =
            intent.filters.iter().find(|p| p.op == Op::In && p.source == axis.dimension.source && p.part.is_none());
        axis.distinct = listed.map_or(axis.distinct, |p| axis.distinct.min(p.values.len() as u64));
        if !intent.sides.is_empty() && intent.sides.iter().all(|p| p.source == axis.dimension.source) {
            axis = super::sides::of(data, &intent.sides, axis, names);
        }
        if !out.iter().any(|a| a.dimension.source == axis.dimension.source && a.dimension.cut == axis.dimension.cut) {
            out.push(axis);
        }
    }
    Ok(out)
}

fn axis(data: &Data<'_>, group: &Group, filters: &[Predicate], names: &mut Names) -> Result<Axis, Vec<String>> {
    let missing = || vec![group.grain.map_or("date", super::time::grain_name).to_owned()];
    let field = group.field.map(|i| &data.fields[i]);
    if let Some(field) = field.filter(|f| f.role != Role::Time) {
        return Ok(plain_axis(data, field, names));
    }
    let time = match (field, group.grain) {
        (Some(time), grain) => {
            let grain = grain.unwrap_or_else(|| data.natural_grain(&time.source()));
            data.dated(time.source(), grain)
        }
        (None, Some(grain)) => data.time_group(grain),
        (None, None) => data.course().map(|course| finer(data, course, filters)),
    }
    .ok_or_else(missing)?;
    let own = time.source.column().and_then(|c| data.index(c)).map(|i| &data.fields[i]);
    if time.cut == Cut::Whole
        && let Some(field) = own
    {
        return Ok(Axis { grain: Some(time.grain), ordered: true, ..plain_axis(data, field, names) });
    }
    let nulls = own.map_or(0, |f| f.column.nulls);
    let skip_null = own.is_some_and(Field::may_lack);
    let label = super::time::grain_name(time.grain).to_owned();
    let alias = names.computed(&label);
    let dimension = Dimension { source: time.source, cut: time.cut, alias, skip_null, sides: None };
    Ok(Axis { dimension, label, grain: Some(time.grain), ordered: true, distinct: u64::MAX, nulls })
}

/// `the last 6 months` of many years: months, where years were too few to see a course; `the last 30 days`: days.
fn finer(data: &Data<'_>, course: TimeGroup, filters: &[Predicate]) -> TimeGroup {
    const FEW_YEARS: i64 = 2;
    const FEW_MONTHS: i64 = 62;
    let Some((first, last)) = super::period::range(data, &course.source) else { return course };
    let end = |ops: [Op; 2]| {
        let of = filters.iter().find(|p| p.source == course.source && p.part.is_none() && ops.contains(&p.op))?;
        super::period::Date::parse(of.values.first()?.as_str()?)
    };
    let from = end([Op::Gte, Op::Gt]).map_or(first, |d| d.max(first));
    let to = end([Op::Lt, Op::Lte]).map_or(last, |d| d.min(last));
    let days = to.number() - from.number();
    let told = course.source.column().and_then(|c| data.index(c)).map(|f| data.fields[f].column.distinct);
    let told = told.and_then(|d| i64::try_from(d).ok()).unwrap_or(0);
    // Where each year, or each month, has but one date there is nothing finer.
    let dense = |a_year: i64| told > a_year * (last.year - first.year + 1);
    let to_steps = |grain: Grain| data.dated(course.source.clone(), grain);
    let finer = match course.cut {
        Cut::Grain(Grain::Year) if (0..366 * FEW_YEARS).contains(&days) && dense(6) => {
            let natural = data.natural_grain(&course.source) == Grain::Year;
            to_steps(if days <= FEW_MONTHS && dense(40) { Grain::Day } else { Grain::Month }).filter(|_| natural)
        }
        Cut::Grain(Grain::Month) if (1..=FEW_MONTHS).contains(&days) && dense(40) => to_steps(Grain::Day),
        _ => None,
    };
    finer.unwrap_or(course)
}

pub fn plain_axis(data: &Data<'_>, field: &Field<'_>, names: &mut Names) -> Axis {
    let part = match field.role {
        Role::Part(Part::Year) => Some(Grain::Year),
        _ if field.holds_years() => Some(Grain::Year),
        Role::Part(_) => data.part_grain(&field.source()),
        _ => None,
    };
    let cut = match field.role {
        Role::Sum | Role::Mean if !is_stepped(field) && !field.holds_years() => {
            bin_width(field).map_or(Cut::Whole, Cut::Bin)
        }
        _ => Cut::Whole,
    };
    let dimension = Dimension {
        source: field.source(),
        cut,
        alias: names.plain(&field.column.name),
        skip_null: field.may_lack(),
        sides: None,
    };
    let ordered = matches!(field.role, Role::Part(_) | Role::Ordinal | Role::Sum | Role::Mean);
    let distinct = if cut == Cut::Whole { field.column.distinct } else { 25 };
    Axis { dimension, label: field.label.clone(), grain: part, ordered, distinct, nulls: field.column.nulls }
}

/// Most different whole numbers that are groups one by one.
const STEPS_MAX: u64 = 30;
/// Most different numbers of any kind that are: levels of a score.
const LEVELS_MAX: u64 = 12;

fn is_stepped(field: &Field<'_>) -> bool {
    // Rounds of a league come one by one, however many there are.
    const STEPS: &str =
        "round matchday lap stage episode chapter wave generation inning session trial visit edition level step";
    let one = matches!(field.words.as_slice(), [one] if super::lists::has(STEPS, &one.lower));
    let most = match field.column.kind == vizroom_protocol::file::ColumnType::Integer {
        true if one => STEPS_MAX * 3,
        true => STEPS_MAX,
        false => LEVELS_MAX,
    };
    field.column.distinct <= most
}

/// A width that cuts a column's range into about 30 bins with round limits.
pub fn bin_width(field: &Field<'_>) -> Option<f64> {
    let (min, max) = (field.min()?, field.max()?);
    let span = max - min;
    if !span.is_finite() || span <= 0.0 {
        return None;
    }
    let rough = span / 30.0;
    let power = 10f64.powf(rough.log10().floor());
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|m| m * power >= rough * 0.999).unwrap_or(10.0) * power;
    let whole = field.column.kind == vizroom_protocol::file::ColumnType::Integer;
    Some(if whole { nice.ceil().max(1.0) } else { nice })
}

/// Time leads; then the order asked.
pub fn order_axes(intent: &Intent, axes: &mut [Axis]) {
    if intent.chart == Some(CardKind::Heatmap) || intent.first_of_each.is_some() {
        return;
    }
    let few = |a: &Axis| a.dimension.cut == Cut::Whole && a.distinct <= 3;
    axes.sort_by_key(|a| a.grain.is_none() || few(a));
}

/// ` 12 rows without a genre are left out.`
pub fn left_out(data: &Data<'_>, axis: &Axis) -> String {
    if !axis.dimension.skip_null {
        return String::new();
    }
    let joined = |name: &str| data.index(name).is_some_and(|i| data.fields[i].joined);
    if axis.dimension.source.column().is_some_and(joined) {
        return format!(" Rows for which no {} is known are left out.", axis.label);
    }
    if axis.nulls == 0 {
        return String::new();
    }
    let rows = if axis.nulls == 1 { "row" } else { "rows" };
    let are = if axis.nulls == 1 { "is" } else { "are" };
    format!(" {} {rows} without {} {are} left out.", text::number(axis.nulls as f64, None), axis.label)
}
