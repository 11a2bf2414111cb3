//! SQL folds unquoted names to lower case, but headers read `IMDB Rating` or `Origin`. An unquoted name that is no
//! alias of the query and is no column in lower case, but is exactly one column in another case, means that column.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Query, Select, SelectItem, Statement, TableFactor, Visit, VisitMut, Visitor, VisitorMut,
};

use super::allowed::folded;

/// Quotes such names in `statement`; `columns` are those of all tables it reads.
pub(super) fn resolve(statement: &mut Statement, columns: &HashSet<&str>) {
    let mut aliases = Aliases::default();
    let _ = Visit::visit(statement, &mut aliases);
    let _ = VisitMut::visit(statement, &mut Resolver { aliases, columns });
}

/// Every name the query itself gives.
#[derive(Default)]
struct Aliases {
    spelled: HashSet<String>,
    folded: HashSet<String>,
}

impl Aliases {
    fn add(&mut self, ident: &Ident) {
        self.spelled.insert(ident.value.clone());
        self.folded.insert(folded(ident));
    }
}

impl Visitor for Aliases {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        ctes.flat_map(|cte| &cte.alias.columns).for_each(|column| self.add(&column.name));
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { expr, alias } = item {
                // `Origin AS Origin` gives no new name.
                let same = matches!(expr, Expr::Identifier(ident) if ident.value == alias.value);
                if !same {
                    self.add(alias);
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. } = factor
        {
            alias.columns.iter().for_each(|column| self.add(&column.name));
        }
        ControlFlow::Continue(())
    }
}

struct Resolver<'a> {
    aliases: Aliases,
    columns: &'a HashSet<&'a str>,
}

impl VisitorMut for Resolver<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let ident = match expr {
            Expr::Identifier(ident) => Some(ident),
            Expr::CompoundIdentifier(parts) => parts.last_mut(),
            _ => None,
        };
        if let Some(ident) = ident
            && ident.quote_style.is_none()
            && let Some(column) = self.column(&ident.value)
        {
            *ident = Ident::with_quote('"', column);
        }
        ControlFlow::Continue(())
    }
}

impl Resolver<'_> {
    fn column(&self, name: &str) -> Option<String> {
        if self.columns.contains(name) && !self.aliases.spelled.contains(name) {
            return Some(name.to_owned());
        }
        let lower = name.to_lowercase();
        if self.aliases.folded.contains(&lower) || self.columns.contains(lower.as_str()) {
            return None;
        }
        let mut same = self.columns.iter().filter(|column| column.to_lowercase() == lower);
        match (same.next(), same.next()) {
            (Some(column), None) => Some((*column).to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::dialect::GenericDialect;

    use super::*;
    use crate::syntax;

    fn resolved(sql: &str) -> String {
        let mut statement = syntax::parse(sql, &GenericDialect {}).unwrap();
        resolve(&mut statement, &HashSet::from(["Origin", "name", "Name", "Cylinders", "IMDB Rating"]));
        statement.to_string()
    }

    #[test]
    fn a_name_in_another_case_means_the_only_column_it_can() {
        assert_eq!(resolved("SELECT origin FROM c"), r#"SELECT "Origin" FROM c"#);
        assert_eq!(resolved("SELECT c.ORIGIN FROM c"), r#"SELECT c."Origin" FROM c"#);
        assert_eq!(resolved("SELECT NAME, Name FROM c"), r#"SELECT NAME, "Name" FROM c"#);
        assert_eq!(resolved("SELECT other FROM c"), "SELECT other FROM c");
    }

    #[test]
    fn an_alias_stays_an_alias() {
        assert_eq!(
            resolved("SELECT upper(Origin) AS origin FROM c GROUP BY origin"),
            r#"SELECT upper("Origin") AS origin FROM c GROUP BY origin"#
        );
    }
}
