//! A [`Query`] as text for the engine: PostgreSQL's spelling, every identifier quoted, every literal escaped.

use serde_json::Value;
use vizroom_protocol::dashboard::Grain;
use vizroom_protocol::file::ColumnType;

use super::fiscal::Fiscal;
use super::query::{Agg, Course, Cut, Dimension, First, Having, Join, Measure, Op, Predicate, Query, Source};

impl Query {
    /// The query as one `SELECT`. Result columns: the dimensions, then the measures.
    pub fn sql(&self) -> String {
        match &self.rows {
            Some(rows) if rows.stride > 1 => self.sample(rows.stride),
            _ => match &self.first {
                Some(first) => self.first_of_each(first),
                None => self.plain(),
            },
        }
    }

    /// Somebody's own SQL with this query's order and limit around it, if it has a limit.
    pub fn cut(&self, own: &str) -> String {
        match self.limit {
            None => own.to_owned(),
            Some(limit) => {
                let inner = own.trim().trim_end_matches(';');
                format!("SELECT * FROM ({inner}) AS \"all_rows\"{} LIMIT {limit}", self.order_clause())
            }
        }
    }

    fn plain(&self) -> String {
        let mut columns: Vec<String> =
            self.dimensions.iter().map(|d| format!("{} AS {}", dimension(d, self.fiscal()), quote(&d.alias))).collect();
        if self.count_of_groups.is_none() {
            columns.extend(self.measures.iter().map(|m| format!("{} AS {}", self.measure(m), quote(&m.alias))));
        }
        let mut sql = format!("SELECT {} FROM {}{}", columns.join(", "), self.from(), self.where_clause(true));
        if self.rows.is_none() && !self.dimensions.is_empty() {
            let ordinals: Vec<String> = (1..=self.dimensions.len()).map(|n| n.to_string()).collect();
            sql.push_str(&format!(" GROUP BY {}", ordinals.join(", ")));
            sql.push_str(&self.having_clause());
        }
        if let Some(alias) = &self.count_of_groups {
            return format!("SELECT COUNT(*) AS {} FROM ({sql}) AS \"all_groups\"", quote(alias));
        }
        sql.push_str(&self.order_clause());
        if let Some(limit) = self.limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        sql
    }

    /// Every `stride`-th row in the order of all selected values: rows that tie there are equal, so the sample is fixed.
    fn sample(&self, stride: u64) -> String {
        let all = Query { sort: Vec::new(), limit: None, ..self.clone() };
        let aliases: Vec<String> = self.aliases().map(quote).collect();
        let list = aliases.join(", ");
        let mut sql = format!(
            "SELECT {list} FROM (SELECT {list}, row_number() OVER (ORDER BY {list}) AS \"row_position\" FROM ({}) AS \"all_rows\") AS \"numbered\" WHERE (\"row_position\" - 1) % {stride} = 0 ORDER BY \"row_position\"",
            all.plain()
        );
        if let Some(limit) = self.limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        sql
    }

    /// The rows that come first within each value of a dimension.
    fn first_of_each(&self, first: &First) -> String {
        let all = Query { sort: Vec::new(), limit: None, ..self.clone() };
        let list = self.aliases().map(quote).collect::<Vec<_>>().join(", ");
        let within = Query { sort: self.sort.iter().filter(|s| s.alias != first.of_each).cloned().collect(), ..all };
        format!(
            "SELECT {list} FROM (SELECT {list}, row_number() OVER (PARTITION BY {}{}) AS \"place_in_group\" FROM ({}) AS \"all_groups\") AS \"placed\" WHERE \"place_in_group\" <= {}{}",
            quote(&first.of_each),
            within.order_clause(),
            Query { sort: Vec::new(), ..within.clone() }.plain(),
            first.count,
            self.order_clause()
        )
    }

    fn fiscal(&self) -> Fiscal {
        Fiscal(self.fiscal_year_begins.unwrap_or(1))
    }

    fn aliases(&self) -> impl Iterator<Item = &str> {
        self.dimensions.iter().map(|d| d.alias.as_str()).chain(self.measures.iter().map(|m| m.alias.as_str()))
    }

    fn where_clause(&self, keep: bool) -> String {
        let mut conditions: Vec<String> = self.filters.iter().map(|p| predicate(p, self.fiscal())).collect();
        for skipped in self.dimensions.iter().filter(|d| d.skip_null) {
            let test = format!("{} IS NOT NULL", source(&skipped.source));
            if !conditions.contains(&test) {
                conditions.push(test);
            }
        }
        if keep {
            conditions.extend(self.keep_condition());
        }
        if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
    }

    fn keep_condition(&self) -> Option<String> {
        let keep = self.keep.as_ref()?;
        let kept = self.dimension(&keep.alias)?;
        let strongest = self.measures.first()?;
        let what = dimension(kept, self.fiscal());
        Some(format!(
            "{what} IN (SELECT {what} FROM {}{} GROUP BY 1 ORDER BY {} DESC NULLS LAST, 1 LIMIT {})",
            self.from(),
            self.where_clause(false),
            aggregate(strongest, self.fiscal()),
            keep.count
        ))
    }

    /// The dataset; with what is looked up for it, under its own name all the same.
    fn from(&self) -> String {
        let own = quote(&self.dataset);
        if !self.is_extended() {
            return own;
        }
        if let Some(turned) = &self.turned {
            return turned.rows(&self.dataset, &self.columns());
        }
        let taken = |name: &str| {
            let of = |join: &'_ &Join| join.takes.iter().any(|t| t.name == name);
            let join = self.joins.iter().find(of)?;
            let column = join.takes.iter().find(|t| t.name == name)?;
            Some(format!("{}.{}", quote(&join.dataset), quote(&column.column)))
        };
        let named = |name: &str| taken(name).unwrap_or_else(|| format!("{own}.{}", quote(name)));
        let mut columns: Vec<String> = Vec::new();
        for name in self.columns().into_iter().filter(|n| taken(n).is_none()) {
            let product = self.products.iter().find(|p| p.name == name);
            let column = match product {
                Some(product) => {
                    let factors: Vec<String> = product.factors.iter().map(|f| named(f)).collect();
                    format!("{} AS {}", factors.join(" * "), quote(name))
                }
                None => named(name),
            };
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let mut tables = own.clone();
        for join in &self.joins {
            let table = quote(&join.dataset);
            columns.extend(join.takes.iter().map(|t| format!("{table}.{} AS {}", quote(&t.column), quote(&t.name))));
            let (column, key) = (named(&join.column), quote(&join.key));
            tables.push_str(&format!(" LEFT JOIN {table} ON {column} = {table}.{key}"));
        }
        format!("(SELECT {} FROM {tables}) AS {own}", columns.join(", "))
    }

    fn having_clause(&self) -> String {
        let Some(measure) = self.measures.first().filter(|_| !self.having.is_empty()) else { return String::new() };
        let figure = |h: &Having| aggregate(h.of.as_ref().unwrap_or(measure), self.fiscal());
        let test = |h: &Having| format!("{} {} {}", figure(h), sign(h.op), literal(&h.value, None));
        let tests: Vec<String> = self.having.iter().map(test).collect();
        format!(" HAVING {}", tests.join(" AND "))
    }

    fn measure(&self, measure: &Measure) -> String {
        let value = aggregate(measure, self.fiscal());
        if measure.share {
            return format!("CAST({value} AS DOUBLE) / NULLIF(SUM({value}) OVER (), 0)");
        }
        // Two periods need no steps between them.
        let course = measure.course.filter(|_| measure.minus.is_empty());
        let (Some(course), Some((along, apart))) = (course, self.dimensions.split_first()) else {
            return value;
        };
        let apart: Vec<String> = apart.iter().map(|d| dimension(d, self.fiscal())).collect();
        let by = if apart.is_empty() { String::new() } else { format!("PARTITION BY {} ", apart.join(", ")) };
        let window = format!("{by}ORDER BY {}", dimension(along, self.fiscal()));
        match course {
            Course::Change => format!("CAST({value} AS DOUBLE) / NULLIF(LAG({value}) OVER ({window}), 0) - 1"),
            Course::Running => {
                format!("SUM({value}) OVER ({window} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)")
            }
            Course::Moving { steps, .. } => {
                let before = steps.max(1) - 1;
                format!("AVG({value}) OVER ({window} ROWS BETWEEN {before} PRECEDING AND CURRENT ROW)")
            }
        }
    }

    fn order_clause(&self) -> String {
        if self.sort.is_empty() {
            return String::new();
        }
        let keys: Vec<String> = self
            .sort
            .iter()
            .map(|s| format!("{} {} NULLS LAST", quote(&s.alias), if s.descending { "DESC" } else { "ASC" }))
            .collect();
        format!(" ORDER BY {}", keys.join(", "))
    }
}

/// An identifier, whatever it contains.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn literal(value: &Value, kind: Option<ColumnType>) -> String {
    match (value, kind) {
        (Value::Null, _) => "NULL".into(),
        (Value::Bool(b), _) => b.to_string().to_uppercase(),
        (Value::Number(n), Some(ColumnType::Text)) => text_literal(&n.to_string()),
        (Value::Number(n), _) => n.to_string(),
        (Value::String(s), Some(ColumnType::Date)) => format!("DATE {}", text_literal(s)),
        (Value::String(s), Some(ColumnType::Timestamp)) => format!("TIMESTAMP {}", text_literal(&s.replace('T', " "))),
        (Value::String(s), _) => text_literal(s),
        (other, _) => text_literal(&other.to_string()),
    }
}

fn source(source: &Source) -> String {
    match source {
        Source::Column { name, .. } => quote(name),
        Source::Spelled { name, form } => super::spelled::sql(name, *form),
        Source::Less { name, less } => format!("({} - {})", quote(name), quote(less)),
        Source::Parts { year, month, day } => {
            let day = day.as_ref().map_or("1".into(), |d| quote(d));
            format!("make_date({}, {}, {day})", quote(year), quote(month))
        }
    }
}

fn dimension(dimension: &Dimension, fiscal: Fiscal) -> String {
    if let Some(sides) = &dimension.sides {
        let [one, other] = sides.names.each_ref().map(|name| text_literal(name));
        return format!("CASE WHEN {} THEN {one} ELSE {other} END", all_of(&sides.when, fiscal));
    }
    let from = source(&dimension.source);
    match dimension.cut {
        Cut::Whole => from,
        Cut::Grain(grain) => grain_of(&from, &dimension.source, grain, fiscal),
        Cut::Decade => {
            let timed = match &dimension.source {
                Source::Parts { .. } | Source::Spelled { .. } => true,
                Source::Column { kind, .. } => matches!(kind, ColumnType::Date | ColumnType::Timestamp),
                Source::Less { .. } => false,
            };
            let year = if timed { format!("date_part('year', {from})") } else { from };
            format!("CAST(floor(CAST({year} AS DOUBLE) / 10) * 10 AS BIGINT)")
        }
        Cut::Weekend => {
            let day = grain_of(&from, &dimension.source, Grain::DayOfWeek, fiscal);
            format!("CASE WHEN {day} >= 6 THEN 'Weekend' ELSE 'Weekday' END")
        }
        Cut::Bin(width) => format!("floor(CAST({from} AS DOUBLE) / {width:?}) * {width:?}"),
    }
}

fn grain_of(from: &str, source: &Source, grain: Grain, fiscal: Fiscal) -> String {
    let is_day = matches!(source, Source::Parts { .. } | Source::Spelled { .. })
        || matches!(source, Source::Column { kind: ColumnType::Date, .. });
    match grain {
        Grain::Hour => format!("date_trunc('hour', {from})"),
        Grain::Day if is_day => from.to_owned(),
        Grain::Day => format!("CAST(date_trunc('day', {from}) AS DATE)"),
        Grain::Week => format!("CAST(date_trunc('week', {from}) AS DATE)"),
        Grain::Month => format!("CAST(date_trunc('month', {from}) AS DATE)"),
        Grain::Quarter => format!("CAST(date_trunc('quarter', {from}) AS DATE)"),
        Grain::Year => format!("CAST(date_trunc('year', {from}) AS DATE)"),
        Grain::HourOfDay => format!("CAST(date_part('hour', {from}) AS BIGINT)"),
        // Sunday is 0 for the engine; here Monday is 1.
        Grain::DayOfWeek => format!("(CAST(date_part('dow', {from}) AS BIGINT) + 6) % 7 + 1"),
        Grain::MonthOfYear => format!("CAST(date_part('month', {from}) AS BIGINT)"),
        Grain::FiscalQuarter => format!("({} || {})", fiscal.year(from), fiscal.quarter(from)),
        Grain::FiscalYear => format!("({})", fiscal.year(from)),
    }
}

fn predicate(predicate: &Predicate, fiscal: Fiscal) -> String {
    let kind = match (&predicate.source, predicate.part) {
        (_, Some(_)) | (Source::Less { .. }, None) => None,
        (Source::Column { kind, .. }, None) => Some(*kind),
        (Source::Parts { .. } | Source::Spelled { .. }, None) => Some(ColumnType::Date),
    };
    let from = source(&predicate.source);
    let left = match predicate.part {
        Some(part) => grain_of(&from, &predicate.source, part, fiscal),
        None => from,
    };
    let mut values = predicate.values.iter().map(|v| match predicate.part {
        Some(part @ (Grain::FiscalQuarter | Grain::FiscalYear)) => literal(&fiscal.named(part, v), kind),
        _ => literal(v, kind),
    });
    match predicate.op {
        Op::IsNull => format!("{left} IS NULL"),
        Op::NotNull => format!("{left} IS NOT NULL"),
        Op::Contains | Op::Lacks => {
            let has = if predicate.op == Op::Contains { "> 0" } else { "= 0" };
            format!("strpos(lower({left}), {}) {has}", values.next().unwrap_or_else(|| "''".into()))
        }
        Op::In | Op::NotIn => {
            let equal = predicate.op == Op::In;
            let list: Vec<String> = values.collect();
            match list.as_slice() {
                [] => if equal { "FALSE" } else { "TRUE" }.into(),
                [one] => format!("{left} {} {one}", if equal { "=" } else { "<>" }),
                many => format!("{left} {} ({})", if equal { "IN" } else { "NOT IN" }, many.join(", ")),
            }
        }
        compare => {
            format!("{left} {} {}", sign(compare), values.next().unwrap_or_else(|| "NULL".into()))
        }
    }
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Lt => "<",
        Op::Lte => "<=",
        Op::Gt => ">",
        Op::Gte => ">=",
        Op::NotIn => "<>",
        _ => "=",
    }
}

fn all_of(predicates: &[Predicate], fiscal: Fiscal) -> String {
    predicates.iter().map(|p| predicate(p, fiscal)).collect::<Vec<_>>().join(" AND ")
}

/// A figure in one period less the same in another.
fn change(measure: &Measure, fiscal: Fiscal) -> String {
    let now = Measure { minus: Vec::new(), ..measure.clone() };
    let before = Measure { when: measure.minus.clone(), ..now.clone() };
    // No rows are no sales, but no average.
    let or_none = |m: &Measure| match m.adds_up() {
        true => format!("COALESCE({}, 0)", aggregate(m, fiscal)),
        false => aggregate(m, fiscal),
    };
    if measure.course == Some(Course::Change) {
        return format!("CAST({} AS DOUBLE) / NULLIF({}, 0) - 1", aggregate(&now, fiscal), aggregate(&before, fiscal));
    }
    format!("{} - {}", or_none(&now), or_none(&before))
}

fn aggregate(measure: &Measure, fiscal: Fiscal) -> String {
    if !measure.minus.is_empty() {
        return change(measure, fiscal);
    }
    if let Some(step) = &measure.steps {
        let all = aggregate(&Measure { steps: None, ..measure.clone() }, fiscal);
        let one = dimension(
            &Dimension {
                source: step.source.clone(),
                cut: step.cut,
                alias: String::new(),
                skip_null: false,
                sides: None,
            },
            fiscal,
        );
        let told = match measure.when.as_slice() {
            [] => one,
            when => format!("CASE WHEN {} THEN {one} END", all_of(when, fiscal)),
        };
        // The steps themselves are counted.
        if measure.agg == Agg::Distinct && measure.column.is_none() {
            return format!("COUNT(DISTINCT {told})");
        }
        return format!("CAST({all} AS DOUBLE) / NULLIF(COUNT(DISTINCT {told}), 0)");
    }
    let column = measure.column.as_deref().map(quote);
    let column = match (column, measure.less.as_deref().map(quote)) {
        (Some(column), Some(less)) if measure.apart => Some(format!("abs({column} - {less})")),
        (Some(column), Some(less)) => Some(format!("({column} - {less})")),
        (column, _) => column,
    };
    if measure.agg == Agg::Rate {
        let when = all_of(&measure.when, fiscal);
        return match column {
            None => format!("AVG(CASE WHEN {when} THEN 1.0 ELSE 0.0 END)"),
            Some(c) => format!("SUM(CASE WHEN {when} THEN CAST({c} AS DOUBLE) ELSE 0.0 END) / NULLIF(SUM({c}), 0)"),
        };
    }
    let counted = column.clone().unwrap_or_else(|| "1".into());
    let argument = if measure.when.is_empty() {
        counted
    } else {
        format!("CASE WHEN {} THEN {counted} END", all_of(&measure.when, fiscal))
    };
    if let Some(each) = &measure.each {
        return format!("CAST(COUNT({argument}) AS DOUBLE) / NULLIF(COUNT(DISTINCT {}), 0)", quote(each));
    }
    if let Some(times) = measure.times.filter(|_| measure.over.is_none()) {
        let own = Measure { times: None, ..measure.clone() };
        return format!("{} * CAST({times:?} AS DOUBLE)", aggregate(&own, fiscal));
    }
    match (measure.agg, &measure.over) {
        (_, Some(over)) => {
            let times = measure.times.map(|t| format!(" * {t}")).unwrap_or_default();
            format!("CAST(SUM({argument}) AS DOUBLE){times} / NULLIF(SUM({}), 0)", quote(over))
        }
        (Agg::Count, _) if column.is_none() && measure.when.is_empty() => "COUNT(*)".into(),
        (Agg::Count, _) => format!("COUNT({argument})"),
        (Agg::Distinct, _) => format!("COUNT(DISTINCT {argument})"),
        (Agg::Sum, _) => format!("SUM({argument})"),
        (Agg::Avg, _) => format!("AVG({argument})"),
        (Agg::Min, _) => format!("MIN({argument})"),
        (Agg::Max, _) => format!("MAX({argument})"),
        (Agg::Median, _) => percentile("0.5", &argument),
        (Agg::LowerQuartile, _) => percentile("0.25", &argument),
        (Agg::UpperQuartile, _) => percentile("0.75", &argument),
        (Agg::Deviation, _) => format!("STDDEV({argument})"),
        (Agg::Value | Agg::Rate, _) => argument,
    }
}

/// On floating point values: over integers the engine would give an integer back.
fn percentile(at: &str, argument: &str) -> String {
    format!("percentile_cont({at}) WITHIN GROUP (ORDER BY CAST({argument} AS DOUBLE))")
}
