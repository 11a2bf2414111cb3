//! The words of a query that are allowed, each named.

use datafusion::sql::sqlparser::ast::{BinaryOperator as Op, DataType as Type, Expr, Ident};
use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect};

/// What one dialect of SQL lets through. Whatever else the guard asks for is the same for all.
#[derive(Debug)]
pub(super) struct Rules {
    /// How its text is read.
    pub(super) syntax: &'static (dyn Dialect + Sync),
    /// Functions a query may call: lower case, sorted. None reads files, sleeps, or makes more than it is given.
    pub(super) functions: &'static [&'static str],
    /// Those that may stand before `OVER`: lower case, sorted. None looks at its whole frame again for every row.
    pub(super) windowed: &'static [&'static str],
    pub(super) operators: fn(&Op) -> bool,
    /// What a value may be cast to.
    pub(super) types: fn(&Type) -> bool,
    /// The name that an identifier stands for.
    pub(super) folded: fn(&Ident) -> String,
    /// Whether a table may be named with its schema, as in `public.orders`; it must then be known by that name.
    pub(super) schemas: bool,
}

/// Queries over uploaded files.
pub(super) static EMBEDDED: Rules = Rules {
    syntax: &GenericDialect {},
    functions: FUNCTIONS,
    windowed: WINDOWED,
    operators: operator_allowed,
    types: type_allowed,
    folded,
    schemas: false,
};

/// The name an identifier stands for where unquoted ones are folded to lower case.
pub(super) fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// Expressions that are harmless whatever stands in them; their parts are visited one by one.
pub(super) fn plain(expr: &Expr) -> bool {
    use Expr as E;
    matches!(
        expr,
        E::CompoundIdentifier(_)
            | E::IsFalse(_)
            | E::IsNotFalse(_)
            | E::IsTrue(_)
            | E::IsNotTrue(_)
            | E::IsNull(_)
            | E::IsNotNull(_)
            | E::IsUnknown(_)
            | E::IsNotUnknown(_)
            | E::IsDistinctFrom(..)
            | E::IsNotDistinctFrom(..)
            | E::InList { .. }
            | E::InSubquery { .. }
            | E::Between { .. }
            | E::SimilarTo { .. }
            | E::AtTimeZone { .. }
            | E::Extract { .. }
            | E::Ceil { .. }
            | E::Floor { .. }
            | E::Position { .. }
            | E::Substring { .. }
            | E::Trim { .. }
            | E::Nested(_)
            | E::Value(_)
            | E::Case { .. }
            | E::Exists { .. }
            | E::Subquery(_)
            | E::GroupingSets(_)
            | E::Cube(_)
            | E::Rollup(_)
            | E::Tuple(_)
            | E::Interval(_)
    )
}

#[rustfmt::skip]
fn operator_allowed(op: &Op) -> bool {
    matches!(op, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo | Op::StringConcat | Op::Gt | Op::Lt
        | Op::GtEq | Op::LtEq | Op::Eq | Op::NotEq | Op::And | Op::Or | Op::PGRegexMatch | Op::PGRegexIMatch
        | Op::PGRegexNotMatch | Op::PGRegexNotIMatch)
}

#[rustfmt::skip]
fn type_allowed(kind: &Type) -> bool {
    matches!(kind, Type::Char(_) | Type::Varchar(_) | Type::CharacterVarying(_) | Type::Text | Type::String(_)
        | Type::Numeric(_) | Type::Decimal(_) | Type::Float(_) | Type::Real | Type::Double(_) | Type::DoublePrecision
        | Type::TinyInt(_) | Type::SmallInt(_) | Type::Int(_) | Type::Integer(_) | Type::BigInt(_) | Type::Int4(_)
        | Type::Int8(_) | Type::Float4 | Type::Float8 | Type::Float64 | Type::Bool | Type::Boolean | Type::Date
        | Type::Time(..) | Type::Timestamp(..) | Type::Datetime(_) | Type::Interval { .. })
}

#[rustfmt::skip]
const FUNCTIONS: &[&str] = &[
    "abs", "acos", "any_value", "approx_distinct", "approx_median", "approx_percentile_cont", "ascii", "asin", "atan",
    "atan2", "avg", "bool_and", "bool_or", "btrim", "cbrt", "ceil", "char_length", "character_length", "coalesce",
    "concat", "concat_ws", "contains", "corr", "cos", "count", "covar", "covar_pop", "covar_samp", "cume_dist",
    "current_date", "current_time", "current_timestamp", "date_bin", "date_format", "date_part", "date_trunc",
    "datepart", "datetrunc", "degrees", "dense_rank", "ends_with", "exp", "first_value", "floor", "from_unixtime",
    "greatest", "grouping", "ifnull", "initcap", "isnan", "lag", "last_value", "lead", "least", "left", "length",
    "ln", "log", "log10", "log2", "lower", "ltrim", "make_date", "max", "mean", "median", "min", "mod",
    "nanvl", "now", "nth_value", "ntile", "nullif", "nvl", "nvl2", "percent_rank", "percentile_cont", "pi", "position",
    "pow", "power", "quantile_cont", "radians", "rank", "regexp_count", "regexp_like", "regexp_replace",
    "replace", "reverse", "right", "round", "row_number", "rtrim", "signum", "sin", "split_part", "sqrt",
    "starts_with", "stddev", "stddev_pop", "stddev_samp", "string_agg", "strpos", "substr", "substring", "sum", "tan",
    "to_char", "to_date", "to_timestamp", "to_timestamp_micros", "to_timestamp_millis", "to_timestamp_seconds",
    "to_unixtime", "today", "translate", "trim", "trunc", "upper", "var", "var_pop", "var_samp", "var_sample", "variance",
];

#[rustfmt::skip]
const WINDOWED: &[&str] = &[
    "any_value", "avg", "bool_and", "bool_or", "count", "cume_dist", "dense_rank", "first_value", "lag", "last_value",
    "lead", "max", "mean", "min", "nth_value", "ntile", "percent_rank", "rank", "row_number", "stddev", "stddev_pop",
    "stddev_samp", "sum", "var", "var_pop", "var_samp", "var_sample", "variance",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_up_is_sorted() {
        assert!(FUNCTIONS.is_sorted() && WINDOWED.is_sorted());
        assert!(WINDOWED.iter().all(|name| FUNCTIONS.binary_search(name).is_ok()));
    }
}
