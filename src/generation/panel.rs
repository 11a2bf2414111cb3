//! What somebody wants a panel to show, read: a sentence, a query, SQL or a text becomes a goal.

use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{CardKind, Channel, ColumnUse, Encoding, FilterState, Panel, PanelEncoding};
use vizroom_protocol::file::{ColumnType, Table};

use super::desk::Desk;
use super::{By, Planned, asking, request};
use crate::planner::{self, Goal};

const TITLE_MAX: usize = 200;
pub(super) const DESCRIPTION_MAX: usize = 2_000;
const SQL_MAX: usize = 20_000;

/// A panel's content; a panel has at most one.
enum Content<'a> {
    Prompt(&'a str),
    Query(&'a vizroom_protocol::dashboard::PanelQuery),
    Sql(&'a str),
    Text(&'a str),
}

fn content(panel: &Panel) -> Result<Option<Content<'_>>, Error> {
    let Panel { prompt, query, sql, text, .. } = panel;
    let all = [
        prompt.as_deref().map(Content::Prompt),
        query.as_ref().map(Content::Query),
        sql.as_deref().map(Content::Sql),
        text.as_deref().map(Content::Text),
    ];
    let mut there = all.into_iter().flatten();
    let first = there.next();
    if there.next().is_some() {
        return Err(Error::invalid("panel", "holds more than one of `prompt`, `query`, `sql` and `text`"));
    }
    if panel.encoding.is_some() && !matches!(first, Some(Content::Sql(_)) | None) {
        return Err(Error::invalid("panel.encoding", "is for `sql` only: the others say it themselves"));
    }
    Ok(first)
}

/// A new panel as a card to be; its key is still to be given.
pub(super) async fn new(desk: &Desk, panel: &Panel) -> Result<(Goal, Option<By>), Error> {
    let Some(content) = content(panel)? else {
        return Err(Error::invalid("panel", "holds none of `prompt`, `query`, `sql` and `text`"));
    };
    let (mut goal, by) = read(desk, panel, content, panel.kind).await?;
    dress(&mut goal, panel)?;
    desk.date(&mut goal);
    Ok((goal, by))
}

/// What becomes of a card that is changed.
pub(super) async fn changed(desk: &Desk, old: &Planned, panel: &Panel) -> Result<(Goal, Option<By>), Error> {
    let (mut goal, by) = match (content(panel)?, &old.by) {
        (Some(content), _) => {
            let kind = panel.kind.or(match content {
                Content::Prompt(_) | Content::Text(_) => None,
                Content::Query(_) | Content::Sql(_) => Some(old.goal.kind),
            });
            let (goal, by) = read(desk, panel, content, kind).await?;
            let (title, target) = (old.goal.title.clone(), old.goal.encoding.target);
            let encoding = Encoding { target, ..goal.encoding };
            (Goal { title, encoding, ..goal }, by)
        }
        (None, Some(By::Sql(sql))) if panel.encoding.is_some() => {
            let kind = Some(panel.kind.unwrap_or(old.goal.kind));
            let (goal, by) = read(desk, panel, Content::Sql(sql), kind).await?;
            (Goal { title: old.goal.title.clone(), ..goal }, by)
        }
        (None, by) => {
            if panel.encoding.is_some() {
                return Err(Error::invalid("panel.encoding", "is for `sql` only: the others say it themselves"));
            }
            let mut goal = old.goal.clone();
            if let Some(kind) = panel.kind {
                let text = matches!(by, Some(By::Text(_)));
                if text != (kind == CardKind::Insight && by.is_some()) {
                    return Err(Error::invalid("panel.type", "a text is an insight, and only a text is one"));
                }
                goal.kind = kind;
                fits(kind, &goal.encoding)?;
            }
            (goal, by.clone())
        }
    };
    dress(&mut goal, panel)?;
    desk.date(&mut goal);
    Ok((goal, by))
}

/// What a panel says of its looks.
fn dress(goal: &mut Goal, panel: &Panel) -> Result<(), Error> {
    if let Some(title) = &panel.title {
        goal.title = request::words("panel.title", title, 1, TITLE_MAX)?;
    }
    if let Some(description) = &panel.description {
        goal.description = request::words("panel.description", description, 0, DESCRIPTION_MAX)?;
    }
    if let Some(target) = panel.target {
        if !matches!(goal.kind, CardKind::Kpi | CardKind::Gauge) || !target.is_finite() {
            return Err(Error::invalid("panel.target", "is a number, for a kpi or a gauge"));
        }
        goal.encoding.target = Some(target);
    }
    Ok(())
}

async fn read(
    desk: &Desk,
    panel: &Panel,
    content: Content<'_>,
    kind: Option<CardKind>,
) -> Result<(Goal, Option<By>), Error> {
    match content {
        Content::Text(text) => {
            if kind.is_some_and(|kind| kind != CardKind::Insight) {
                return Err(Error::invalid("panel.type", "a text is an insight"));
            }
            let text = request::words("panel.text", text, 1, request::PROMPT_MAX)?;
            let (title, description) = ("Note".to_owned(), text.clone());
            let (query, encoding) = Default::default();
            Ok((Goal { kind: CardKind::Insight, title, description, query, encoding }, Some(By::Text(text))))
        }
        Content::Prompt(prompt) => Ok((planned(desk, prompt, kind)?, None)),
        Content::Query(query) => {
            let kind = kind.unwrap_or(if query.x.is_none() { CardKind::Kpi } else { CardKind::Bar });
            let goal = asking::goal(query, kind, &desk.datasets())?;
            fits(kind, &goal.encoding)?;
            Ok((goal, None))
        }
        Content::Sql(sql) => {
            let sql = request::words("panel.sql", sql, 1, SQL_MAX)?;
            let goal = selected(desk, &sql, panel.encoding.as_ref(), kind.unwrap_or(CardKind::Table)).await?;
            Ok((goal, Some(By::Sql(sql))))
        }
    }
}

/// A sentence, for one card.
fn planned(desk: &Desk, prompt: &str, kind: Option<CardKind>) -> Result<Goal, Error> {
    request::sentence("panel.prompt", prompt)?;
    let plan = planner::plan(prompt, &desk.datasets(), Some(1));
    let Some(mut goal) = plan.goals.into_iter().next() else {
        let asked = plan.clarification.unwrap_or_default();
        let message =
            if asked.message.is_empty() { "nothing can be shown for this".into() } else { asked.message.clone() };
        return Err(Error::invalid("panel.prompt", message).with_details(serde_json::json!(asked)));
    };
    if let Some(kind) = kind {
        goal.kind = kind;
        fits(kind, &goal.encoding)?;
    }
    Ok(goal)
}

/// SQL: run once, for what its columns are.
async fn selected(desk: &Desk, sql: &str, wanted: Option<&PanelEncoding>, kind: CardKind) -> Result<Goal, Error> {
    if kind == CardKind::Insight {
        return Err(Error::invalid("panel.type", "an insight is a text, a prompt or a query"));
    }
    let (query, mut encoding) = Default::default();
    let by = Some(By::Sql(sql.to_owned()));
    let empty = Goal { kind, title: String::new(), description: String::new(), query, encoding };
    let probe = Planned { key: String::new(), goal: empty, by };
    let answer = desk.rows(&probe, &FilterState::new()).await.map_err(|error| match error.field.as_deref() {
        Some("sql") => Error { field: Some("panel.sql".into()), ..error },
        _ => error,
    })?;
    encoding = match wanted {
        Some(wanted) => named(wanted, &answer.table)?,
        None => guessed(&answer.table),
    };
    if kind == CardKind::Table {
        let columns = answer.table.columns.iter().map(|c| channel(&c.name, c.kind));
        encoding = Encoding { y: columns.collect(), ..Encoding::default() };
    }
    fits(kind, &encoding)?;
    let title = asking::title(&encoding);
    Ok(Goal { title, encoding, ..probe.goal })
}

/// The columns somebody named.
fn named(wanted: &PanelEncoding, table: &Table) -> Result<Encoding, Error> {
    let find = |role: String, used: &ColumnUse| {
        let name = match used {
            ColumnUse::Name(name) => name,
            ColumnUse::Channel(channel) => &channel.field,
        };
        let field = format!("panel.encoding.{role}");
        let column = table.columns.iter().find(|c| c.name == *name);
        let column = column.ok_or_else(|| Error::invalid(&field, format!("the query gives no column `{name}`")))?;
        if name.contains(['.', '[', ']', '\\', '\'', '"']) {
            return Err(Error::invalid(&field, "give this column a plain name: AS …"));
        }
        let own = channel(&column.name, column.kind);
        Ok(match used {
            ColumnUse::Name(_) => own,
            ColumnUse::Channel(given) => {
                if !given.format.as_deref().is_none_or(is_format) {
                    return Err(Error::invalid(
                        format!("{field}.format"),
                        "is no d3-format pattern, such as `,.0f` or `.1%`",
                    ));
                }
                let label = if given.label.is_empty() { own.label } else { given.label.clone() };
                Channel { label, format: given.format.clone().or(own.format), ..given.clone() }
            }
        })
    };
    let one = |role: &str, used: &Option<ColumnUse>| used.as_ref().map(|used| find(role.to_owned(), used)).transpose();
    let y = wanted.y.iter().enumerate().map(|(at, used)| find(format!("y[{at}]"), used)).collect::<Result<_, _>>()?;
    Ok(Encoding { x: one("x", &wanted.x)?, y, series: one("series", &wanted.series)?, target: None })
}

/// Whether a text is a pattern of d3-format, with a width and a precision of at most two digits.
fn is_format(pattern: &str) -> bool {
    fn skip<'a>(rest: &'a str, these: &str, most: usize) -> &'a str {
        let count = rest.chars().take(most).take_while(|c| these.contains(*c)).count();
        &rest[count..]
    }
    const DIGITS: &str = "0123456789";
    if !pattern.is_ascii() {
        return false;
    }
    let fills = pattern.len() > 1 && "<>=^".contains(&pattern[1..2]);
    let mut rest = if fills { &pattern[2..] } else { skip(pattern, "<>=^", 1) };
    for (these, most) in [("+-( ", 1), ("$#", 1), ("0", 1), (DIGITS, 2), (",", 1)] {
        rest = skip(rest, these, most);
    }
    if let Some(precision) = rest.strip_prefix('.') {
        let after = skip(precision, DIGITS, 2);
        if after.len() == precision.len() {
            return false;
        }
        rest = after;
    }
    rest = skip(rest, "~", 1);
    skip(rest, "%bcdeEfFgGnoprsxX", 1).is_empty()
}

/// Columns without figures group; every figure is one.
pub(super) fn guessed(table: &Table) -> Encoding {
    let is_figure = |kind| matches!(kind, ColumnType::Integer | ColumnType::Number);
    let channel = |column: &vizroom_protocol::file::Field| channel(&column.name, column.kind);
    let mut groups = table.columns.iter().filter(|c| !is_figure(c.kind)).map(channel);
    let mut y: Vec<Channel> = table.columns.iter().filter(|c| is_figure(c.kind)).map(channel).collect();
    let (mut x, series) = (groups.next(), groups.next());
    if x.is_none() && y.len() > 1 {
        x = Some(y.remove(0));
    }
    Encoding { x, y, series, target: None }
}

/// A result column as a reader sees it.
pub(super) fn channel(name: &str, kind: ColumnType) -> Channel {
    let format = match kind {
        ColumnType::Integer => Some(",.0f".to_owned()),
        ColumnType::Number => Some(",.2f".to_owned()),
        _ => None,
    };
    Channel { field: name.to_owned(), label: asking::label(name), format, ..Channel::default() }
}

/// That a kind of card has the columns it needs.
pub(super) fn fits(kind: CardKind, encoding: &Encoding) -> Result<(), Error> {
    let (x, y, series) = (encoding.x.is_some(), encoding.y.len(), encoding.series.is_some());
    let (good, needed) = match kind {
        CardKind::Insight | CardKind::Table => (true, ""),
        CardKind::Kpi | CardKind::Gauge => (y >= 1, "a figure (y)"),
        CardKind::Boxplot => (y == 5, "minimum, lower quartile, median, upper quartile and maximum (y)"),
        CardKind::Heatmap => (x && series && y >= 1, "two groups (x, series) and a figure (y)"),
        CardKind::Bubble => (x && y >= 2, "x and two figures (y), the second for the size"),
        CardKind::Geomap => (x && y >= 1, "longitude (x) and latitude (y)"),
        _ => (x && y >= 1, "a group (x) and a figure (y)"),
    };
    let kind = serde_json::to_value(kind).unwrap_or_default();
    let name = kind.as_str().unwrap_or_default();
    good.then_some(()).ok_or_else(|| Error::invalid("panel.type", format!("a {name} needs {needed}")))
}

#[cfg(test)]
mod tests {
    use super::is_format;

    #[test]
    fn formats_are_patterns_of_d3() {
        for good in ["", ",.0f", ".1%", "~s", "$,.2f", "+.3~r", "*>12,", "08.2f", "(,.0f", "d", "^9"] {
            assert!(is_format(good), "{good}");
        }
        for bad in ["{signal: 1}", ".f", "999f", ".100f", "ff", "%%", "é", "f.2", "datum.x"] {
            assert!(!is_format(bad), "{bad}");
        }
    }
}
