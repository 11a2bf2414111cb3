//! Titles, labels and descriptions, as an analyst would write them.

use serde_json::Value;
use vizroom_protocol::dashboard::Grain;

use super::fields::{Data, Role};
use super::query::{Agg, Course, Measure, Op, Predicate, Source};
use super::time::grain_name;

/// First letter in upper case.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// `carrier` → `carriers`, `category` → `categories`.
pub fn plural(noun: &str) -> String {
    let lower = noun.to_lowercase();
    let vowel_y = ["ay", "ey", "oy", "uy"].iter().any(|e| lower.ends_with(e));
    if lower.ends_with("species")
        || lower.ends_with("series")
        || lower.ends_with('s') && !lower.ends_with("ss") && !lower.ends_with("us")
    {
        noun.to_owned()
    } else if lower.ends_with('y') && !vowel_y {
        format!("{}ies", &noun[..noun.len() - 1])
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|e| lower.ends_with(e)) {
        format!("{noun}es")
    } else {
        match noun.split_once(" of ") {
            Some((head, rest)) => format!("{} of {rest}", plural(head)),
            None => format!("{noun}s"),
        }
    }
}

/// `airlines` → `airline`, `cities` → `city`.
pub fn singular(noun: &str) -> String {
    match noun {
        n if n.len() > 4 && n.ends_with("ies") => format!("{}y", &n[..n.len() - 3]),
        n if n.len() > 5 && ["oes", "ches", "shes", "xes"].iter().any(|e| n.ends_with(e)) => {
            n[..n.len() - 2].to_owned()
        }
        n if n.len() > 3 && n.ends_with('s') && !n.ends_with("ss") && !n.ends_with("us") => n[..n.len() - 1].to_owned(),
        n => n.to_owned(),
    }
}

/// The words of a dataset's name without the years it is of.
pub fn name_of_rows(name: &str) -> Vec<String> {
    let (words, years): (Vec<String>, Vec<String>) =
        super::words::name_words(name).into_iter().partition(|w| !w.chars().all(|c| c.is_ascii_digit()));
    let mut words = if words.is_empty() { years } else { words };
    // `campaign_descriptions` hold campaigns.
    while words.len() > 1 && words.last().is_some_and(|w| super::lists::has(TELLING, w)) {
        words.pop();
    }
    words
}

/// Words at the end of a dataset's name that tell that it is data, not of what.
const TELLING: &str = "description descriptions detail details info information data dataset list log logs record records stats statistics history";

/// What the rows of a dataset are called: `flights`, `days`, `rows`.
pub fn rows_noun(data: &Data<'_>) -> String {
    if let Some(noun) = &data.noun {
        return noun.clone();
    }
    let words = name_of_rows(&data.dataset.name);
    // `house_prices` holds houses.
    let measured = |last: &str| {
        let stem = super::words::stem(last);
        data.fields.iter().any(|f| f.is_measure() && matches!(f.words.as_slice(), [one] if one.stem == stem))
    };
    let called = || super::nouns::called(data).unwrap_or("rows").to_owned();
    // `forbes2000` is the name of a list, not of what is in it.
    let listed = words.len() < super::words::name_words(&data.dataset.name).len();
    if let Some(noun) = super::nouns::called(data).filter(|_| listed && data.row_grain().is_none()) {
        return noun.to_owned();
    }
    match words.last() {
        Some(last) if measured(last) && words.len() > 1 => {
            data.row_grain().map_or_else(called, |g| plural(grain_name(g)))
        }
        Some(last) if last.len() > 3 && last.ends_with('s') && !last.ends_with("ss") => last.clone(),
        _ => data.row_grain().map_or_else(called, |g| plural(grain_name(g))),
    }
}

/// A plain identifier from a name: lower-case letters, digits and `_`.
pub fn identifier(name: &str) -> String {
    let words: Vec<String> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    let joined = words.join("_");
    match joined.chars().next() {
        None => "value".into(),
        Some(c) if c.is_ascii_digit() => format!("c_{joined}"),
        _ => joined.chars().take(48).collect(),
    }
}

/// For a person, in lower case: `average arrival delay`, `flights`, `profit as part of sales`, `flights, July`.
pub fn figure(data: &Data<'_>, measure: &Measure) -> String {
    let what = figure_at_all_times(data, measure);
    let period = if measure.agg == Agg::Rate || !measure.minus.is_empty() {
        String::new()
    } else {
        conditions(data, &measure.when)
    };
    if period.is_empty() { what } else { format!("{what}, {period}") }
}

/// The same, whatever the periods it is computed for.
pub fn figure_at_all_times(data: &Data<'_>, measure: &Measure) -> String {
    let what = plain_figure(data, measure);
    if !measure.minus.is_empty() {
        let relative = if measure.course == Some(Course::Change) { "relative " } else { "" };
        return format!("{relative}change in {what}");
    }
    match measure.course {
        None => what,
        Some(Course::Change) => format!("change in {what}"),
        Some(Course::Running) => format!("cumulative {}", what.strip_prefix("total ").unwrap_or(&what)),
        Some(Course::Moving { steps, grain }) => {
            let step = grain_name(grain);
            format!("{steps}-{step} moving average of {}", what.strip_prefix("average ").unwrap_or(&what))
        }
    }
}

/// What a figure is called that is told in another unit than its column's.
fn told_in(data: &Data<'_>, measure: &Measure, name: &str) -> Option<String> {
    let field = &data.fields[data.index(name)?];
    let times = measure.times.filter(|_| measure.over.is_none())?;
    super::scales::Unit::told(field, times).map(|unit| unit.labelled(field))
}

fn plain_figure(data: &Data<'_>, measure: &Measure) -> String {
    let label = |name: &String| data.index(name).map_or_else(|| name.clone(), |i| data.fields[i].label.clone());
    let column = measure.column.as_ref().map(|name| told_in(data, measure, name).unwrap_or_else(|| label(name)));
    let column = match (column, measure.less.as_ref().map(label)) {
        (Some(column), Some(less)) if measure.apart => Some(format!("distance between {column} and {less}")),
        (Some(column), Some(less)) => Some(format!("difference between {column} and {less}")),
        (column, _) => column,
    };
    if let (Some(column), Some(over)) = (&column, &measure.over) {
        let over = label(over);
        if let Some(times) = measure.times {
            return format!("{column} per {} {over}", number(times, None));
        }
        let margin = column == "profit" && matches!(over.as_str(), "sales" | "revenue" | "turnover");
        return match (margin, is_part(data, measure)) {
            (true, _) => "profit margin".into(),
            (_, true) => format!("{column} as part of {over}"),
            _ => format!("{column} per {}", singular(&over)),
        };
    }
    let rows = rows_noun(data);
    if let Some(each) = &measure.each {
        let rows = if rows == "rows" { "number of rows" } else { &rows };
        return format!("average {rows} per {}", singular(&label(each)));
    }
    if let Some(step) = &measure.steps {
        if measure.agg == Agg::Distinct && measure.column.is_none() {
            return plural(grain_name(step.grain));
        }
        let what =
            column.clone().unwrap_or_else(|| if rows == "rows" { "number of rows".into() } else { rows.clone() });
        return format!("average {} per {}", what.strip_prefix("total ").unwrap_or(&what), grain_name(step.grain));
    }
    let dated = measure.column.as_ref().and_then(|c| data.index(c)).is_some_and(|i| data.fields[i].role == Role::Time);
    let what = match (measure.agg, column) {
        (Agg::Min, Some(c)) if dated => format!("first {c}"),
        (Agg::Max, Some(c)) if dated => format!("last {c}"),
        (Agg::Rate, column) => return format!("share of {}", column.unwrap_or(rows)),
        (Agg::Count, _) if rows == "rows" => "number of rows".into(),
        (Agg::Count, _) => rows,
        (_, None) => rows,
        (Agg::Distinct, Some(c)) => format!("number of different {}", plural(&c)),
        (Agg::Sum, Some(c)) if c.contains("total") => c,
        (Agg::Sum, Some(c)) => format!("total {c}"),
        (Agg::Avg, Some(c)) if c.starts_with("average ") => c,
        (Agg::Avg, Some(c)) => format!("average {c}"),
        (Agg::Min, Some(c)) => {
            if c.starts_with("minimum") {
                c
            } else {
                format!("lowest {c}")
            }
        }
        (Agg::Max, Some(c)) => {
            if c.starts_with("maximum") {
                c
            } else {
                format!("highest {c}")
            }
        }
        (Agg::Median, Some(c)) if c.starts_with("median ") || c == "median" => c,
        (Agg::Median, Some(c)) => format!("median {c}"),
        (Agg::LowerQuartile, Some(c)) => format!("lower quartile of {c}"),
        (Agg::UpperQuartile, Some(c)) => format!("upper quartile of {c}"),
        (Agg::Deviation, Some(c)) => format!("standard deviation of {c}"),
        (Agg::Value, Some(c)) => c,
    };
    if measure.share { format!("share of {}", what.strip_prefix("total ").unwrap_or(&what)) } else { what }
}

/// Whether what is divided is the smaller: a part of the other, rather than so much per unit of it.
pub fn is_part(data: &Data<'_>, measure: &Measure) -> bool {
    let mean = |name: &Option<String>| data.fields[data.index(name.as_deref()?)?].column.mean;
    mean(&measure.column).zip(mean(&measure.over)).is_none_or(|(part, whole)| part.abs() <= whole.abs())
}

fn label_of<'d>(data: &'d Data<'_>, name: &'d str) -> &'d str {
    data.index(name).map_or(name, |i| data.fields[i].label.as_str())
}

/// What a source is called: its column's label, or `date`.
pub fn source_label(data: &Data<'_>, source: &Source) -> String {
    match source {
        Source::Column { name, .. } | Source::Spelled { name, .. } => {
            data.index(name).map_or_else(|| name.clone(), |i| data.fields[i].label.clone())
        }
        Source::Parts { .. } => "date".into(),
        Source::Less { name, less } => format!("{} less {}", label_of(data, name), label_of(data, less)),
    }
}

/// `2013-05-01`, `JFK`, `1,200`.
pub fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        Value::Null => "none".into(),
        other => other.to_string(),
    }
}

/// `A, B and C`
pub fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The months by their names, January first.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A value of a part of time by its name.
pub fn part_value(grain: Grain, number: i64) -> String {
    let name = |names: &[&str]| {
        number.checked_sub(1).and_then(|i| names.get(usize::try_from(i).ok()?).map(|n| (*n).to_owned()))
    };
    match grain {
        Grain::MonthOfYear => name(&MONTHS),
        Grain::DayOfWeek => name(&DAYS),
        Grain::HourOfDay => Some(format!("{number}:00")),
        _ => None,
    }
    .unwrap_or_else(|| number.to_string())
}

/// A condition for a title: `JFK`, `July`, `distance over 500`.
pub fn condition(data: &Data<'_>, predicate: &Predicate) -> String {
    let part = predicate.part.or_else(|| data.part_grain(&predicate.source));
    let parts = predicate.source.column().and_then(|c| data.index(c)).is_some_and(|i| data.fields[i].is_fraction());
    let show = |v: &Value| match (part, v.as_i64(), v.as_f64()) {
        (Some(grain @ (Grain::FiscalQuarter | Grain::FiscalYear)), ..) => {
            super::fiscal::called(data, &predicate.source, grain, &value(v))
        }
        (Some(grain), Some(n), _) => part_value(grain, n),
        (Some(Grain::Year), None, _) => value(v).trim_end_matches("-01-01").to_owned(),
        (None, _, Some(n)) if parts => format!("{}%", number(n * 100.0, None).trim_end_matches(".00")),
        (None, _, Some(n)) if n.abs() >= 10_000.0 => number(n, None),
        _ => value(v).replace('_', " "),
    };
    if let Source::Less { name, less } = &predicate.source {
        let against = if matches!(predicate.op, Op::Lt | Op::Lte) { "under" } else { "over" };
        return format!("{} {against} {}", label_of(data, name), label_of(data, less));
    }
    let label = source_label(data, &predicate.source);
    if let Some(truth) = truth(data, predicate) {
        let name = label.strip_prefix("is ").unwrap_or(&label);
        return if truth { name.to_owned() } else { format!("not {name}") };
    }
    let values = list(&predicate.values.iter().map(show).collect::<Vec<_>>());
    let number = part.is_none() && predicate.values.iter().all(Value::is_number);
    let year = matches!(label.as_str(), "year");
    let dated = part.is_none() && (year || super::period::is_timed(data, predicate));
    let values = if dated { values.strip_suffix("-01-01").map_or(values.clone(), str::to_owned) } else { values };
    match predicate.op {
        Op::Gte if dated => format!("since {values}"),
        Op::Gt if dated => format!("after {values}"),
        Op::Lt if dated => format!("before {values}"),
        Op::Lte if dated => format!("until {values}"),
        Op::In if number && !year => format!("{label} {values}"),
        Op::In => values,
        Op::NotIn => format!("without {values}"),
        Op::Lt if number && !year => format!("{label} under {values}"),
        Op::Lt => format!("{label} before {values}"),
        Op::Lte => format!("{label} up to {values}"),
        Op::Gt if number && !year => format!("{label} over {values}"),
        Op::Gt => format!("{label} after {values}"),
        Op::Gte => format!("{label} from {values}"),
        Op::IsNull => format!("no {label}"),
        Op::NotNull => format!("{label} known"),
        Op::Contains => format!("“{values}” in {label}"),
        Op::Lacks => format!("no “{values}” in {label}"),
    }
}

/// What a condition on a column of yes and no wants.
pub fn truth(data: &Data<'_>, predicate: &Predicate) -> Option<bool> {
    let field = &data.fields[data.index(predicate.source.column()?)?];
    let [value] = predicate.values.as_slice() else { return None };
    let said = (field.truth(true)? == *value, field.truth(false)? == *value);
    match (predicate.op, said) {
        (Op::In, (true, _)) | (Op::NotIn, (_, true)) => Some(true),
        (Op::In, (_, true)) | (Op::NotIn, (true, _)) => Some(false),
        _ => None,
    }
}

/// Conditions for a title; a range of whole months or years is named by them.
pub fn conditions(data: &Data<'_>, predicates: &[Predicate]) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut rest = predicates;
    while let Some((first, tail)) = rest.split_first() {
        match tail.split_first() {
            Some((second, after)) if first.source == second.source && first.op == Op::Gte && second.op == Op::Lt => {
                out.push(
                    span(first, second)
                        .unwrap_or_else(|| format!("{}, {}", condition(data, first), condition(data, second))),
                );
                rest = after;
            }
            _ => {
                let silent = first.op == Op::NotIn && first.values.iter().all(super::fields::is_absent);
                if first.op != Op::NotNull && !silent {
                    out.push(condition(data, first));
                }
                rest = tail;
            }
        }
    }
    out.join(", ")
}

fn span(from: &Predicate, to: &Predicate) -> Option<String> {
    let day = |p: &Predicate| p.values.first().and_then(Value::as_str).and_then(super::period::Date::parse);
    let (start, end) = (day(from)?, day(to)?);
    if start.month == 1 && start.day == 1 && start.plus_months(12) == end {
        return Some(start.year.to_string());
    }
    if start.day == 1 && start.plus_months(1) == end {
        return Some(format!("{} {}", MONTHS[start.month as usize - 1], start.year));
    }
    let last = end.plus_days(-1);
    Some(if start == last { start.iso() } else { format!("{} to {}", start.iso(), last.iso()) })
}

/// `Sales`-like number for a sentence: thousands separated, as many decimals as it needs.
pub fn number(n: f64, format: Option<&str>) -> String {
    if !n.is_finite() {
        return "no value".into();
    }
    if format.is_some_and(|f| f.ends_with('%')) {
        return format!("{:.1}%", n * 100.0);
    }
    let decimals = match format.and_then(|f| f.split('.').nth(1)).and_then(|d| d.chars().next()) {
        Some(d) if d.is_ascii_digit() => d as usize - '0' as usize,
        _ if n.fract() == 0.0 || n.abs() >= 1_000.0 => 0,
        _ => 2,
    };
    let text = format!("{:.decimals$}", n.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if n < 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0') { "-" } else { "" };
    fraction.map_or_else(|| format!("{sign}{grouped}"), |f| format!("{sign}{grouped}.{f}"))
}
