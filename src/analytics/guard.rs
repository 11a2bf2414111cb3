//! What a query may say: an allow-list over its whole syntax tree. What is not named here is refused.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::vec::IntoIter;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator as Op, Expr, GroupByExpr, Join, JoinOperator, LimitClause, ObjectName, Query, Select, SelectFlavor,
    SelectItem, SetExpr, Statement, TableFactor, UnaryOperator, Value, ValueWithSpan, Visit, Visitor,
};

use super::allowed::{Rules, plain};
use super::{calls, syntax};

/// Tables read, counting a table expression as often as it is used: the planner copies it each time.
const SCANS_MAX: usize = 32;
/// Bytes of one text literal.
const LITERAL_MAX: usize = 2_000;
/// Groupings of one SELECT: CUBE of `n` columns makes 2 to the `n`.
const GROUPINGS_MAX: u64 = 64;

/// A query that may run.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) statement: Statement,
    /// The datasets it reads.
    pub(super) tables: BTreeSet<String>,
    /// Asks for the time of day: its result holds only now.
    pub(super) volatile: bool,
    /// How many rows of tables its `*` may stand for, side by side.
    pub(super) spread: usize,
}

/// Checks `sql` against the names of the datasets it may read; the error is the reason, for a person.
pub(super) fn check(sql: &str, datasets: &BTreeSet<&str>, rules: &Rules) -> Result<Checked, String> {
    let statement = syntax::parse(sql, rules.syntax)?;
    let mut guard =
        Guard { rules, datasets, tables: BTreeSet::new(), volatile: false, stars: 0, scans: 0, scopes: Vec::new() };
    if let ControlFlow::Break(reason) = Visit::visit(&statement, &mut guard) {
        return Err(reason);
    }
    let Guard { tables, volatile, stars, scans, .. } = guard;
    Ok(Checked { statement, tables, volatile, spread: stars * scans })
}

struct Guard<'a> {
    rules: &'a Rules,
    datasets: &'a BTreeSet<&'a str>,
    tables: BTreeSet<String>,
    volatile: bool,
    /// `*` in what is selected.
    stars: usize,
    scans: usize,
    /// The queries around the node being visited, outermost first.
    scopes: Vec<Scope>,
}

/// The table expressions of one query. Its own `WITH` is visited first, one child query per name.
struct Scope {
    names: IntoIter<String>,
    /// Name to number of tables read.
    defined: HashMap<String, usize>,
    /// The name this query itself defines, and the scans before it.
    defines: Option<(String, usize)>,
}

pub(super) type Verdict = ControlFlow<String>;

pub(super) fn refuse(what: &str) -> Verdict {
    ControlFlow::Break(format!("{what} is not allowed in a query"))
}

pub(super) fn require(allowed: bool, what: &str) -> Verdict {
    if allowed { ControlFlow::Continue(()) } else { refuse(what) }
}

impl Visitor for Guard<'_> {
    type Break = String;

    fn pre_visit_statement(&mut self, statement: &Statement) -> Verdict {
        match statement {
            Statement::Query(_) => ControlFlow::Continue(()),
            other => {
                let text = other.to_string();
                let word = text.split_whitespace().next().unwrap_or_default().to_uppercase();
                ControlFlow::Break(format!("only a query is allowed, not {word}"))
            }
        }
    }

    fn pre_visit_query(&mut self, query: &Query) -> Verdict {
        // Destructured so that a field added by a later parser is looked at before it is let through.
        let Query {
            with,
            body,
            order_by: _,
            limit_clause,
            fetch: _,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        require(locks.is_empty(), "FOR UPDATE")?;
        require(for_clause.is_none(), "FOR XML or FOR JSON")?;
        require(settings.is_none(), "SETTINGS")?;
        require(format_clause.is_none(), "FORMAT")?;
        require(pipe_operators.is_empty(), "|>")?;
        if let Some(LimitClause::LimitOffset { limit_by, .. }) = limit_clause {
            require(limit_by.is_empty(), "LIMIT BY")?;
        }
        body_allowed(body)?;
        let mut names = Vec::new();
        if let Some(with) = with {
            require(!with.recursive, "WITH RECURSIVE")?;
            for cte in &with.cte_tables {
                require(cte.from.is_none(), "WITH … FROM")?;
                names.push((self.rules.folded)(&cte.alias.name));
            }
        }
        let defines = self.scopes.last_mut().and_then(|around| around.names.next()).map(|name| (name, self.scans));
        self.scopes.push(Scope { names: names.into_iter(), defined: HashMap::new(), defines });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> Verdict {
        if let Some((name, before)) = self.scopes.pop().and_then(|scope| scope.defines) {
            let scans = self.scans - before;
            // Only its uses are planned.
            self.scans = before;
            if let Some(around) = self.scopes.last_mut() {
                around.defined.insert(name, scans);
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> Verdict {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct: _,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection: _,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having: _,
            named_window: _,
            qualify: _,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        require(into.is_none(), "INTO")?;
        require(optimizer_hints.is_empty(), "a hint")?;
        require(select_modifiers.is_none() && value_table_mode.is_none(), "a modifier of SELECT")?;
        require(top.is_none(), "TOP (use LIMIT)")?;
        require(exclude.is_none(), "EXCLUDE")?;
        require(lateral_views.is_empty(), "LATERAL VIEW")?;
        require(prewhere.is_none(), "PREWHERE")?;
        require(connect_by.is_empty(), "CONNECT BY")?;
        require(
            cluster_by.is_empty() && distribute_by.is_empty() && sort_by.is_empty(),
            "CLUSTER, DISTRIBUTE or SORT BY",
        )?;
        require(matches!(flavor, SelectFlavor::Standard), "FROM without SELECT before it")?;
        let several = projection.iter().any(|item| matches!(item, SelectItem::ExprWithAliases { .. }));
        require(!several, "more than one alias for a column")?;
        let star = |item: &&SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
        self.stars += projection.iter().filter(star).count();
        groups_allowed(group_by)?;
        from.iter().try_for_each(|tables| joins_allowed(&tables.joins))
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Verdict {
        match factor {
            TableFactor::Table {
                name: _,
                alias: _,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                require(args.is_none(), "a function as a table")?;
                let plain = with_hints.is_empty() && index_hints.is_empty() && partitions.is_empty();
                require(plain && version.is_none() && json_path.is_none(), "a modifier of a table")?;
                require(!with_ordinality && sample.is_none(), "ORDINALITY or TABLESAMPLE")
            }
            TableFactor::Derived { lateral, subquery: _, alias: _, sample } => {
                require(!lateral && sample.is_none(), "LATERAL or TABLESAMPLE")
            }
            TableFactor::NestedJoin { table_with_joins, alias: _ } => joins_allowed(&table_with_joins.joins),
            _ => refuse("anything but a dataset or a subquery after FROM"),
        }
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> Verdict {
        let parts: Option<Vec<String>> = relation.0.iter().map(|part| part.as_ident().map(self.rules.folded)).collect();
        let Some(parts) = parts.filter(|parts| parts.len() == 1 || self.rules.schemas) else {
            return self.unknown(relation);
        };
        let name = parts.join(".");
        let defined = self.scopes.iter().rev().find_map(|scope| scope.defined.get(&name));
        if let Some(&scans) = defined.filter(|_| parts.len() == 1) {
            self.scans += scans.max(1);
        } else if self.datasets.contains(name.as_str()) {
            self.scans += 1;
            self.tables.insert(name);
        } else {
            return self.unknown(relation);
        }
        if self.scans > SCANS_MAX {
            return ControlFlow::Break(format!("the query reads more than {SCANS_MAX} tables"));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Verdict {
        match expr {
            Expr::Function(function) => {
                self.volatile |= calls::allowed(function, self.rules)?;
                ControlFlow::Continue(())
            }
            Expr::BinaryOp { op, right, .. } => {
                require((self.rules.operators)(op), &format!("the operator {op}"))?;
                let regex = matches!(
                    op,
                    Op::PGRegexMatch | Op::PGRegexIMatch | Op::PGRegexNotMatch | Op::PGRegexNotIMatch | Op::Regexp
                );
                if regex { calls::written_out(right) } else { ControlFlow::Continue(()) }
            }
            Expr::SimilarTo { pattern, .. } => calls::written_out(pattern),
            Expr::UnaryOp { op, .. } => {
                let known = matches!(op, UnaryOperator::Plus | UnaryOperator::Minus | UnaryOperator::Not);
                require(known, &format!("the operator {op}"))
            }
            Expr::Cast { data_type, array, format, .. } => {
                let known = !array && format.is_none() && (self.rules.types)(data_type);
                require(known, &format!("a cast to {data_type}"))
            }
            Expr::TypedString(typed) => {
                require((self.rules.types)(&typed.data_type), &format!("a literal of type {}", typed.data_type))
            }
            Expr::Identifier(ident) => require(!ident.value.starts_with('@'), "a variable"),
            Expr::Like { any, .. } | Expr::ILike { any, .. } => require(!any, "LIKE ANY"),
            other => require(plain(other), &format!("`{}`", excerpt(other))),
        }
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> Verdict {
        match &value.value {
            Value::SingleQuotedString(text) if text.len() > LITERAL_MAX => {
                ControlFlow::Break(format!("a text in the query is longer than {LITERAL_MAX} bytes"))
            }
            Value::SingleQuotedString(_) | Value::Number(..) | Value::Boolean(_) | Value::Null => {
                ControlFlow::Continue(())
            }
            _ => refuse(&format!("the literal {value}")),
        }
    }
}

impl Guard<'_> {
    fn unknown(&self, relation: &ObjectName) -> Verdict {
        let names: Vec<&str> = self.datasets.iter().take(20).copied().collect();
        ControlFlow::Break(format!("there is no table {relation}; there is: {}", names.join(", ")))
    }
}

fn excerpt(expr: &Expr) -> String {
    expr.to_string().chars().take(60).collect()
}

fn body_allowed(body: &SetExpr) -> Verdict {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => ControlFlow::Continue(()),
        SetExpr::SetOperation { left, right, .. } => {
            body_allowed(left)?;
            body_allowed(right)
        }
        _ => refuse("anything but SELECT, VALUES and UNION, EXCEPT or INTERSECT of them"),
    }
}

/// One SELECT is as many as it has groupings.
fn groups_allowed(groups: &GroupByExpr) -> Verdict {
    let (exprs, modifiers) = match groups {
        GroupByExpr::All(modifiers) => (&[][..], modifiers),
        GroupByExpr::Expressions(exprs, modifiers) => (exprs.as_slice(), modifiers),
    };
    require(modifiers.is_empty(), "WITH ROLLUP, CUBE or TOTALS (use ROLLUP (…) or CUBE (…))")?;
    let sets = exprs.iter().map(|expr| match expr {
        Expr::Cube(columns) => 1_u64.checked_shl(columns.len() as u32).unwrap_or(u64::MAX),
        Expr::Rollup(columns) => columns.len() as u64 + 1,
        Expr::GroupingSets(sets) => sets.len() as u64,
        _ => 1,
    });
    if sets.fold(1, u64::saturating_mul) > GROUPINGS_MAX {
        return ControlFlow::Break(format!("GROUP BY makes more than {GROUPINGS_MAX} groupings"));
    }
    ControlFlow::Continue(())
}

fn joins_allowed(joins: &[Join]) -> Verdict {
    use JoinOperator as J;
    joins.iter().try_for_each(|join| {
        let known = matches!(
            join.join_operator,
            J::Join(_)
                | J::Inner(_)
                | J::Left(_)
                | J::LeftOuter(_)
                | J::Right(_)
                | J::RightOuter(_)
                | J::FullOuter(_)
                | J::CrossJoin(_)
                | J::LeftSemi(_)
                | J::RightSemi(_)
                | J::LeftAnti(_)
                | J::RightAnti(_)
        );
        require(known && !join.global, "that kind of join")
    })
}
