//! Which values may have a fraction: what a quotient of others is, databases do not agree on.

use std::collections::HashSet;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator as Op, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName, Value,
    ValueWithSpan,
};

/// Whether a value surely has a fraction, or may have.
pub(super) fn fraction(expr: &Expr, numbers: &HashSet<&str>) -> bool {
    let of = |expr: &Expr| fraction(expr, numbers);
    match expr {
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => of(inner),
        Expr::Cast { data_type, .. } => matches!(
            data_type,
            DataType::Float(_)
                | DataType::Real
                | DataType::Double(_)
                | DataType::DoublePrecision
                | DataType::Float4
                | DataType::Float8
                | DataType::Float64
        ),
        Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) => digits.contains('.'),
        Expr::Identifier(ident) => numbers.contains(ident.value.as_str()),
        Expr::CompoundIdentifier(parts) => parts.last().is_some_and(|ident| numbers.contains(ident.value.as_str())),
        Expr::BinaryOp { left, op: Op::Plus | Op::Minus | Op::Multiply | Op::Divide, right } => of(left) || of(right),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().any(|when| of(&when.result)) || else_result.as_ref().is_some_and(|other| of(other))
        }
        Expr::Function(function) => match name(&function.name).as_str() {
            "avg" | "mean" | "sqrt" | "stddev" | "stddev_pop" | "stddev_samp" | "var_pop" | "var_samp" | "ln"
            | "exp" | "percentile_cont" | "median" | "power" | "corr" => true,
            "sum" | "min" | "max" | "abs" | "coalesce" | "nullif" | "round" | "ifnull" | "nvl" => {
                arguments(function).first().is_some_and(|first| of(first))
            }
            _ => false,
        },
        _ => false,
    }
}

/// What a function is called, in lower case.
pub(super) fn name(name: &ObjectName) -> String {
    name.to_string().to_lowercase()
}

/// The values that a function is given.
pub(super) fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    list.args
        .iter()
        .filter_map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect()
}
