//! Which functions a query may call, and how.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value, ValueWithSpan,
};

use super::allowed::Rules;
use super::guard::{Verdict, refuse, require};

/// Looks at a call, not at its arguments. Whether its result holds only now.
pub(super) fn allowed(function: &Function, rules: &Rules) -> ControlFlow<String, bool> {
    let Function { name, uses_odbc_syntax, parameters, args, filter: _, null_treatment: _, over, within_group: _ } =
        function;
    let single = match name.0.as_slice() {
        [part] => part.as_ident().map(|ident| ident.value.to_lowercase()),
        _ => None,
    };
    let Some(known) = single.filter(|name| listed(rules.functions, name)) else {
        refuse(&format!("the function {name}"))?;
        return ControlFlow::Continue(false);
    };
    require(!uses_odbc_syntax && *parameters == FunctionArguments::None, "that form of a function call")?;
    let (args, distinct) = match args {
        FunctionArguments::None => (&[][..], false),
        FunctionArguments::List(list) => {
            (list.args.as_slice(), list.duplicate_treatment == Some(DuplicateTreatment::Distinct))
        }
        FunctionArguments::Subquery(_) => {
            refuse("a subquery as the arguments of a function")?;
            (&[][..], false)
        }
    };
    let mut values = Vec::new();
    for arg in args {
        match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => values.push(expr),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if known == "count" => {}
            _ => refuse("that form of an argument")?,
        }
    }
    if over.is_some() {
        // Others look at all rows of the frame once more for every row, or keep a text for each that is as long.
        require(listed(rules.windowed, &known), &format!("{known} with OVER"))?;
        require(!distinct, &format!("{known} of DISTINCT values with OVER"))?;
    }
    match known.as_str() {
        "regexp_count" | "regexp_like" | "regexp_replace" => {
            values.get(1).map_or(ControlFlow::Continue(()), |pattern| written_out(pattern))?;
        }
        // The third is how much memory to take.
        "approx_percentile_cont" => require(values.len() < 3, "approx_percentile_cont with a number of centroids")?,
        _ => {}
    }
    let moment = matches!(known.as_str(), "now" | "current_date" | "current_time" | "current_timestamp" | "today");
    ControlFlow::Continue(moment)
}

fn listed(names: &[&str], name: &str) -> bool {
    names.binary_search(&name).is_ok()
}

/// A pattern that is a text of the query is compiled once. One made of data would be for every row, up to 10 MB each.
pub(super) fn written_out(pattern: &Expr) -> Verdict {
    let literal = matches!(pattern, Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(_), .. }));
    require(literal, "a pattern that is not a text in quotes")
}
