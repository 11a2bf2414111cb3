//! A query in a database's own words.
//!
//! Each table becomes a table expression of the same name, in front of the query: what the filter leaves of it. So, as
//! over files, aliases, self-joins and subqueries need no rewriting. What is written out is checked once more: a text
//! with a backslash or doubled quotes is not handed on, because how those are spelled is the one thing in which databases
//! differ and by which a text could end early.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::logical_expr::Expr as Condition;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator as Op, CastKind, CeilFloorKind, DataType, DateTimeField, Distinct, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, JoinOperator, LimitClause, ObjectName, OrderByExpr,
    OrderByKind, Query, Select, SelectItem, SetExpr, SetQuantifier, Statement, TableFactor, Value, ValueWithSpan,
    VisitMut, VisitorMut, WindowType,
};
use datafusion::sql::unparser::expr_to_sql;
use vizroom_protocol::data_connection::Kind;
use vizroom_protocol::file::ColumnType;

use super::fraction::{arguments, fraction, name};
use super::survey::{Relation, quoted};
use super::words;

/// The whole query, or why it is not the same there.
pub(super) fn query(
    kind: Kind,
    statement: &Statement,
    tables: &[(&Relation, Option<&Condition>)],
    rows: usize,
) -> Result<String, String> {
    let Statement::Query(query) = statement else { return Err("no query".into()) };
    let mut query = query.clone();
    let mut expressions = Vec::new();
    for (relation, condition) in tables {
        let rows = condition.map(|condition| self::condition(kind, condition)).transpose()?;
        let rows = rows.map(|rows| format!(" WHERE {rows}")).unwrap_or_default();
        let inlined = if kind == Kind::Postgres { "NOT MATERIALIZED " } else { "" };
        let (name, select) = (quoted(&relation.name), &relation.select);
        expressions.push(format!("{name} AS {inlined}(SELECT * FROM ({select}) AS \"r\"{rows})"));
    }
    let numbers = numbers(tables);
    spoken(Translator { kind, numbers: &numbers }.visit(query.as_mut()))?;
    if query.limit_clause.is_none() && query.fetch.is_none() {
        let limit = Some(raw((rows + 1).to_string()));
        query.limit_clause = Some(LimitClause::LimitOffset { limit, offset: None, limit_by: Vec::new() });
    }
    for own in query.with.take().iter().flat_map(|with| &with.cte_tables) {
        if tables.iter().any(|(relation, _)| relation.name.eq_ignore_ascii_case(&own.alias.name.value)) {
            return Err("a table expression has a table's name".into());
        }
        expressions.push(own.to_string());
    }
    if expressions.is_empty() {
        return Err("no table is read".into());
    }
    Ok(format!("WITH {} {}", expressions.join(", "), plain(query.to_string())?))
}

/// What a filter leaves, as the text of a condition.
pub(super) fn condition(kind: Kind, condition: &Condition) -> Result<String, String> {
    if kind == Kind::Sqlite {
        return Err("its types are whatever was stored".into());
    }
    let mut expr = expr_to_sql(condition).map_err(|error| error.to_string())?;
    spoken(VisitMut::visit(&mut expr, &mut Translator { kind, numbers: &HashSet::new() }))?;
    plain(expr.to_string())
}

fn spoken(verdict: Verdict) -> Result<(), String> {
    match verdict {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(why) => Err(why),
    }
}

fn plain(text: String) -> Result<String, String> {
    if text.contains('\\') { Err("a backslash".into()) } else { Ok(text) }
}

/// Columns that hold numbers with fractions, whichever table a name means.
fn numbers<'a>(tables: &[(&'a Relation, Option<&Condition>)]) -> HashSet<&'a str> {
    let columns = || tables.iter().flat_map(|(relation, _)| &relation.columns);
    let all = columns().filter(|column| column.kind == ColumnType::Number).map(|column| column.name.as_str());
    let others: HashSet<&str> =
        columns().filter(|column| column.kind != ColumnType::Number).map(|column| column.name.as_str()).collect();
    all.filter(|name| !others.contains(name)).collect()
}

/// Text that is written out as it is.
fn raw(text: String) -> Expr {
    Expr::Identifier(Ident::new(text))
}

fn filled(template: &str, expr: &Expr) -> Expr {
    raw(template.replace("{}", &expr.to_string()))
}

type Verdict = ControlFlow<String>;

fn unspoken(what: impl std::fmt::Display) -> Verdict {
    ControlFlow::Break(format!("`{what}` is not said there"))
}

struct Translator<'a> {
    kind: Kind,
    numbers: &'a HashSet<&'a str>,
}

impl Translator<'_> {
    fn visit(mut self, query: &mut Query) -> Verdict {
        VisitMut::visit(query, &mut self)
    }

    fn postgres(&self) -> bool {
        self.kind == Kind::Postgres
    }

    fn require(&self, spoken: bool, what: &str) -> Verdict {
        if spoken { ControlFlow::Continue(()) } else { unspoken(what) }
    }
}

impl VisitorMut for Translator<'_> {
    type Break = String;

    fn pre_visit_query(&mut self, query: &mut Query) -> Verdict {
        self.require(self.kind != Kind::Sqlite, "a query")?;
        self.require(query.fetch.is_none(), "FETCH")?;
        let picked = match query.body.as_ref() {
            SetExpr::Select(select) => Some(select.projection.clone()),
            _ => None,
        };
        set_allowed(&query.body)?;
        let Some(order) = &mut query.order_by else { return ControlFlow::Continue(()) };
        match &mut order.kind {
            OrderByKind::Expressions(keys) => self.order(keys, picked.as_deref(), true),
            OrderByKind::All(_) => unspoken("ORDER BY ALL"),
        }
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Verdict {
        self.require(self.postgres() || !matches!(select.distinct, Some(Distinct::On(_))), "DISTINCT ON")?;
        self.require(select.qualify.is_none(), "QUALIFY")?;
        self.require(select.named_window.is_empty(), "WINDOW")?;
        match &select.group_by {
            GroupByExpr::All(_) => unspoken("GROUP BY ALL")?,
            GroupByExpr::Expressions(_, modifiers) => self.require(modifiers.is_empty(), "WITH ROLLUP")?,
        }
        select.from.iter().flat_map(|from| &from.joins).try_for_each(|join| self.join(&join.join_operator))
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> Verdict {
        match factor {
            TableFactor::Table { .. } | TableFactor::Derived { .. } => ControlFlow::Continue(()),
            other => unspoken(other),
        }
    }

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> Verdict {
        match &value.value {
            Value::SingleQuotedString(text) => self.require(!text.contains("''") && !text.contains('\0'), "a text"),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Verdict {
        match expr {
            Expr::BinaryOp { left, op, right } => {
                let fractions = fraction(left, self.numbers) || fraction(right, self.numbers);
                match op {
                    // Of whole numbers the quotient is whole here, and there it depends.
                    Op::Divide if !fractions => unspoken("a quotient")?,
                    Op::Divide if !self.postgres() => {
                        let dividend = std::mem::replace(left.as_mut(), Expr::Value(Value::Null.into()));
                        **left = double(dividend);
                    }
                    Op::Modulo if fractions => unspoken("%")?,
                    Op::PGRegexMatch | Op::PGRegexIMatch | Op::PGRegexNotMatch | Op::PGRegexNotIMatch => unspoken(op)?,
                    _ => {}
                }
                ControlFlow::Continue(())
            }
            Expr::Cast { kind, .. } => self.require(matches!(kind, CastKind::Cast | CastKind::DoubleColon), "TRY_CAST"),
            Expr::AtTimeZone { .. } | Expr::SimilarTo { .. } => unspoken("AT TIME ZONE or SIMILAR TO"),
            Expr::Interval(_)
            | Expr::ILike { .. }
            | Expr::GroupingSets(_)
            | Expr::Cube(_)
            | Expr::Rollup(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..) => self.require(self.postgres(), "this"),
            Expr::Trim { trim_where, trim_what, trim_characters, .. } => {
                let whole = trim_where.is_none() && trim_what.is_none() && trim_characters.is_none();
                self.require(whole, "TRIM of characters")
            }
            Expr::Ceil { field, .. } | Expr::Floor { field, .. } => {
                let whole = matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime));
                self.require(whole, "CEIL or FLOOR to a unit")
            }
            Expr::TypedString(typed) => {
                self.require(matches!(typed.data_type, DataType::Date | DataType::Timestamp(..)), "such a literal")
            }
            Expr::Function(function) => self.function_allowed(function),
            _ => ControlFlow::Continue(()),
        }
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Verdict {
        let new = match expr {
            Expr::Cast { expr: value, data_type, .. } => {
                let Some(template) = words::cast(self.kind, data_type) else { return unspoken(data_type) };
                Some(filled(&template, value))
            }
            Expr::Extract { field, expr: moment, .. } => {
                let unit = field.to_string().to_lowercase();
                let Some(template) = words::part(self.kind, &unit) else { return unspoken(unit) };
                Some(filled(&template, moment))
            }
            // MySQL takes no LIMIT right behind IN.
            Expr::InSubquery { expr: value, subquery, negated }
                if !self.postgres() && subquery.limit_clause.is_some() =>
            {
                let not = if *negated { "NOT " } else { "" };
                Some(raw(format!("{value} {not}IN (SELECT * FROM ({subquery}) AS \"k\")")))
            }
            Expr::Function(function) => match self.function(function) {
                Ok(new) => new,
                Err(why) => return ControlFlow::Break(why),
            },
            _ => None,
        };
        if let Some(new) = new {
            *expr = new;
        }
        ControlFlow::Continue(())
    }
}

impl Translator<'_> {
    fn join(&self, operator: &JoinOperator) -> Verdict {
        use JoinOperator as J;
        let common = matches!(
            operator,
            J::Join(_) | J::Inner(_) | J::Left(_) | J::LeftOuter(_) | J::Right(_) | J::RightOuter(_) | J::CrossJoin(_)
        );
        self.require(common || (self.postgres() && matches!(operator, J::FullOuter(_))), "that join")
    }

    /// Nulls come last here, whichever way the rest goes.
    fn order(&self, keys: &mut Vec<OrderByExpr>, picked: Option<&[SelectItem]>, ordinals: bool) -> Verdict {
        if self.postgres() {
            for key in keys {
                key.options.nulls_first.get_or_insert(false);
            }
            return ControlFlow::Continue(());
        }
        for mut key in std::mem::take(keys) {
            let descending = key.options.asc == Some(false);
            let first = key.options.nulls_first.take().unwrap_or(false);
            // MySQL counts null as less than anything.
            if first == descending {
                let Some(by) = (if ordinals { named(&key.expr, picked) } else { Some(key.expr.clone()) }) else {
                    return unspoken("the order of nulls");
                };
                let by = Box::new(Expr::Nested(Box::new(by)));
                let mut nulls = key.clone();
                nulls.expr = if first { Expr::IsNotNull(by) } else { Expr::IsNull(by) };
                nulls.options.asc = None;
                keys.push(nulls);
            }
            keys.push(key);
        }
        ControlFlow::Continue(())
    }

    fn function_allowed(&self, function: &mut Function) -> Verdict {
        self.require(function.null_treatment.is_none(), "IGNORE NULLS")?;
        self.require(function.filter.is_none() || self.postgres(), "FILTER")?;
        if let FunctionArguments::List(list) = &function.args {
            self.require(list.clauses.is_empty(), "a clause of a function")?;
        }
        self.require(function.within_group.is_empty() || self.postgres(), "WITHIN GROUP")?;
        match &mut function.over {
            Some(WindowType::NamedWindow(_)) => unspoken("a named window"),
            Some(WindowType::WindowSpec(window)) => self.order(&mut window.order_by, None, false),
            None => ControlFlow::Continue(()),
        }
    }

    /// Its arguments are translated by now. Something else in its place, or nothing where only its name changes.
    fn function(&self, function: &mut Function) -> Result<Option<Expr>, String> {
        let called = name(&function.name);
        let given: Vec<Expr> = arguments(function).into_iter().cloned().collect();
        let unit = |at: usize| match given.get(at) {
            Some(Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(unit), .. })) => {
                Some(unit.to_lowercase())
            }
            _ => None,
        };
        let no = || format!("`{called}` is not said there");
        let template = match (called.as_str(), given.as_slice()) {
            ("date_part" | "datepart", [_, moment]) => {
                let template = unit(0).and_then(|unit| words::part(self.kind, &unit)).ok_or_else(no)?;
                Some(filled(&template, moment))
            }
            ("date_trunc" | "datetrunc", [_, moment]) if !self.postgres() => {
                let template = unit(0).and_then(|unit| words::period(&unit)).ok_or_else(no)?;
                Some(filled(template, moment))
            }
            ("make_date", [year, month, day]) if !self.postgres() => {
                Some(raw(format!("CAST(CONCAT({year}, '-', {month}, '-', {day}) AS DATE)")))
            }
            ("median", [value]) if self.postgres() => {
                Some(raw(format!("percentile_cont(0.5) WITHIN GROUP (ORDER BY {value})")))
            }
            ("round", [value]) if self.postgres() => {
                Some(raw(format!("CAST(ROUND(CAST({value} AS NUMERIC)) AS DOUBLE PRECISION)")))
            }
            ("round", [value, digits]) if self.postgres() => {
                Some(raw(format!("CAST(ROUND(CAST({value} AS NUMERIC), {digits}) AS DOUBLE PRECISION)")))
            }
            ("round", _) => Some(raw(format!("ROUND({})", listed(&given)))),
            // Averages of decimals keep few digits there.
            ("avg" | "mean", [value]) if !self.postgres() => {
                replace(function, raw(format!("CAST({value} AS DOUBLE)")));
                function.name = ObjectName::from(vec![Ident::new("avg")]);
                None
            }
            _ => {
                let there = words::function(self.kind, &called).ok_or_else(no)?;
                function.name = ObjectName::from(vec![Ident::new(there)]);
                None
            }
        };
        if template.is_some() && function.over.is_some() {
            return Err(no());
        }
        Ok(template)
    }
}

/// The column or expression that a number in ORDER BY stands for.
fn named(key: &Expr, picked: Option<&[SelectItem]>) -> Option<Expr> {
    let Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) = key else { return Some(key.clone()) };
    match picked?.get(digits.parse::<usize>().ok()?.checked_sub(1)?)? {
        SelectItem::UnnamedExpr(expr) => Some(expr.clone()),
        SelectItem::ExprWithAlias { alias, .. } => Some(Expr::Identifier(alias.clone())),
        _ => None,
    }
}

fn set_allowed(body: &SetExpr) -> Verdict {
    match body {
        SetExpr::Select(_) => ControlFlow::Continue(()),
        SetExpr::SetOperation { left, right, set_quantifier, .. } => {
            let common = matches!(set_quantifier, SetQuantifier::All | SetQuantifier::Distinct | SetQuantifier::None);
            if !common {
                return unspoken(set_quantifier);
            }
            set_allowed(left)?;
            set_allowed(right)
        }
        SetExpr::Query(query) => set_allowed(&query.body),
        _ => unspoken("VALUES"),
    }
}

fn replace(function: &mut Function, first: Expr) {
    if let FunctionArguments::List(list) = &mut function.args
        && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))) = list.args.first_mut()
    {
        *expr = first;
    }
}

fn listed(given: &[Expr]) -> String {
    given.iter().map(Expr::to_string).collect::<Vec<_>>().join(", ")
}

fn double(expr: Expr) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type: DataType::DoublePrecision,
        array: false,
        format: None,
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
