//! The words that mean in a database what they mean here. What is not named is computed here instead.

use datafusion::sql::sqlparser::ast::{DataType as Type, ExactNumberInfo};
use vizroom_protocol::data_connection::Kind;

/// Functions with the same name, arguments and result. Sorted.
#[rustfmt::skip]
const POSTGRES: &[&str] = &[
    "abs", "acos", "ascii", "asin", "atan", "atan2", "avg", "bool_and", "bool_or", "btrim", "ceil", "char_length",
    "character_length", "coalesce", "concat", "concat_ws", "corr", "cos", "count", "covar_pop", "covar_samp", "cume_dist",
    "current_date", "date_trunc", "degrees", "dense_rank", "exp", "first_value", "floor", "greatest", "grouping",
    "initcap", "lag", "last_value", "lead", "least", "left", "length", "ln", "lower", "ltrim", "make_date", "max", "min",
    "now", "nth_value", "ntile", "nullif", "percent_rank", "percentile_cont", "pi", "power", "radians", "rank", "replace",
    "reverse", "right", "row_number", "rtrim", "sign", "sin", "split_part", "sqrt", "starts_with", "stddev", "stddev_pop",
    "stddev_samp", "string_agg", "strpos", "substr", "substring", "sum", "tan", "translate", "trim", "upper", "var_pop",
    "var_samp", "variance",
];

#[rustfmt::skip]
const MYSQL: &[&str] = &[
    "abs", "acos", "asin", "atan", "atan2", "ceil", "char_length", "character_length", "coalesce", "cos", "count",
    "cume_dist", "current_date", "degrees", "dense_rank", "exp", "first_value", "floor", "lag", "last_value", "lead",
    "left", "ln", "lower", "ltrim", "max", "min", "now", "nth_value", "ntile", "nullif", "percent_rank", "pi", "power",
    "radians", "rank", "replace", "right", "row_number", "rtrim", "sign", "sin", "sqrt", "stddev_pop", "stddev_samp",
    "substr", "substring", "sum", "tan", "trim", "upper", "var_pop", "var_samp",
];

/// Functions that are there under another name.
const RENAMED: &[(Kind, &str, &str)] = &[
    (Kind::Postgres, "ifnull", "coalesce"),
    (Kind::Postgres, "mean", "avg"),
    (Kind::Postgres, "nvl", "coalesce"),
    (Kind::Postgres, "pow", "power"),
    (Kind::Postgres, "signum", "sign"),
    (Kind::Postgres, "today", "current_date"),
    (Kind::Postgres, "var", "var_samp"),
    (Kind::Postgres, "var_sample", "var_samp"),
    (Kind::Mysql, "ifnull", "coalesce"),
    (Kind::Mysql, "length", "char_length"),
    (Kind::Mysql, "nvl", "coalesce"),
    (Kind::Mysql, "pow", "power"),
    (Kind::Mysql, "signum", "sign"),
    (Kind::Mysql, "stddev", "stddev_samp"),
    (Kind::Mysql, "strpos", "instr"),
    (Kind::Mysql, "today", "current_date"),
    (Kind::Mysql, "var", "var_samp"),
    (Kind::Mysql, "var_sample", "var_samp"),
    (Kind::Mysql, "variance", "var_samp"),
];

/// What a function is called there.
pub(super) fn function(kind: Kind, name: &str) -> Option<&'static str> {
    let list = match kind {
        Kind::Postgres => POSTGRES,
        Kind::Mysql => MYSQL,
        Kind::Sqlite => return None,
    };
    if let Ok(at) = list.binary_search(&name) {
        return Some(list[at]);
    }
    RENAMED.iter().find(|(of, here, _)| *of == kind && *here == name).map(|(.., there)| *there)
}

/// How a value is cast there; `{}` stands for it.
pub(super) fn cast(kind: Kind, to: &Type) -> Option<String> {
    let precise = |info: &ExactNumberInfo| match info {
        ExactNumberInfo::PrecisionAndScale(precision, scale) => Some(format!("({precision}, {scale})")),
        _ => None,
    };
    let postgres = kind == Kind::Postgres;
    let template = match to {
        // A fraction is cut off here, and rounded there.
        Type::TinyInt(_)
        | Type::SmallInt(_)
        | Type::Int(_)
        | Type::Integer(_)
        | Type::BigInt(_)
        | Type::Int4(_)
        | Type::Int8(_) => {
            if postgres {
                "CAST(TRUNC(CAST({} AS NUMERIC)) AS BIGINT)"
            } else {
                "CAST(TRUNCATE({}, 0) AS SIGNED)"
            }
        }
        Type::Float(_)
        | Type::Real
        | Type::Double(_)
        | Type::DoublePrecision
        | Type::Float4
        | Type::Float8
        | Type::Float64 => {
            if postgres {
                "CAST({} AS DOUBLE PRECISION)"
            } else {
                "CAST({} AS DOUBLE)"
            }
        }
        Type::Date => "CAST({} AS DATE)",
        Type::Timestamp(..) | Type::Datetime(_) => {
            if postgres {
                "CAST({} AS TIMESTAMP)"
            } else {
                "CAST({} AS DATETIME(6))"
            }
        }
        Type::Bool | Type::Boolean if postgres => "CAST({} AS BOOLEAN)",
        Type::Numeric(info) | Type::Decimal(info) => return Some(format!("CAST({{}} AS DECIMAL{})", precise(info)?)),
        // How a number is spelled as a text differs.
        _ => return None,
    };
    Some(template.to_owned())
}

/// The start of a period of time; `{}` stands for the moment. For MySQL: PostgreSQL has the function itself.
pub(super) fn period(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "year" => "CAST(DATE_FORMAT({}, '%Y-01-01') AS DATETIME)",
        "quarter" => "CAST(MAKEDATE(YEAR({}), 1) + INTERVAL (QUARTER({}) - 1) QUARTER AS DATETIME)",
        "month" => "CAST(DATE_FORMAT({}, '%Y-%m-01') AS DATETIME)",
        "week" => "CAST(CAST({} AS DATE) - INTERVAL WEEKDAY({}) DAY AS DATETIME)",
        "day" => "CAST(CAST({} AS DATE) AS DATETIME)",
        "hour" => "CAST(DATE_FORMAT({}, '%Y-%m-%d %H:00:00') AS DATETIME)",
        "minute" => "CAST(DATE_FORMAT({}, '%Y-%m-%d %H:%i:00') AS DATETIME)",
        _ => return None,
    })
}

/// A part of a date as a whole number; `{}` stands for the moment.
pub(super) fn part(kind: Kind, unit: &str) -> Option<String> {
    const PARTS: [&str; 10] = ["year", "quarter", "month", "week", "day", "doy", "dow", "isodow", "hour", "minute"];
    if !PARTS.contains(&unit) {
        return None;
    }
    if kind == Kind::Postgres {
        return Some(format!("CAST(date_part('{unit}', {{}}) AS INTEGER)"));
    }
    let template = match unit {
        "year" => "YEAR({})",
        "quarter" => "QUARTER({})",
        "month" => "MONTH({})",
        "week" => "WEEK({}, 3)",
        "day" => "DAYOFMONTH({})",
        "doy" => "DAYOFYEAR({})",
        "dow" => "(DAYOFWEEK({}) - 1)",
        "isodow" => "(WEEKDAY({}) + 1)",
        "hour" => "HOUR({})",
        _ => "MINUTE({})",
    };
    Some(template.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_known_to_the_guard() {
        for list in [POSTGRES, MYSQL] {
            assert!(list.is_sorted());
            for name in list {
                assert!(crate::allowed::EMBEDDED.functions.binary_search(name).is_ok(), "{name}");
            }
        }
        for (_, here, _) in RENAMED {
            assert!(crate::allowed::EMBEDDED.functions.binary_search(here).is_ok(), "{here}");
        }
    }
}
