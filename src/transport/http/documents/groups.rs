//! Groups of routes, as a reader looks for them.

/// A group: the beginnings of its routes' paths, its name, what it is about.
struct Group {
    paths: &'static [&'static str],
    name: &'static str,
    about: &'static str,
}

const fn group(paths: &'static [&'static str], name: &'static str, about: &'static str) -> Group {
    Group { paths, name, about }
}

/// In reading order. A route is in the group that says the longest part of its path.
const ALL: &[Group] = &[
    group(
        &["/server/auth", "/server/audit"],
        "Accounts",
        "Registering, signing in, invitations. An access token lives 15 minutes; a refresh token works once.",
    ),
    group(
        &["/server/user", "/server/notifications", "/server/callbacks"],
        "Settings",
        "What a user prefers, and is told; what a tenant's callbacks are signed with.",
    ),
    group(&["/api/v1/keys"], "API keys", "For programs: each acts in its user's name, within its scopes."),
    group(&["/server/room", "/api/v1/rooms"], "Rooms", "Rooms, their members, and their events as a stream."),
    group(&["/server/data"], "Data", "Files. Each is recognised by its content, kept, and profiled column by column."),
    group(&["/server/chat", "/server/get_history", "/ai"], "Chat", "What is said in a room, and what was."),
    group(
        &["/dashboard/"],
        "Generation",
        "A dashboard from a sentence, as a stream of steps and cards; refined by another sentence, filtered by a click.",
    ),
    group(&["/dashboards"], "Dashboards", "The dashboards a user sees, and their panels."),
    group(&["/api/v1/bi"], "Analytics chat and dashboards", "Dashboards and their widgets, in the envelope."),
    group(
        &["/api/v1/analytics", "/api/v1/public", "/public"],
        "Publishing",
        "Saved dashboards: published by link, cloned, refreshed. Errors are named in lower case: `not_found`.",
    ),
    group(&["/api/dashboard"], "Dashboard blocks", "A dashboard as blocks for a page of one's own."),
    group(&["/api/v1/sql"], "SQL", "Questions to queries, checked and run."),
    group(&["/api/v1/agents"], "Agents", "Agents, their runs and their steps."),
    group(&["/api/v1/search"], "Search", "By meaning, over schemas, conversations and knowledge."),
    group(&["/api/v1/llm"], "Models", "Which model answers, and what it costs."),
    group(&["/api/v1/ml"], "Learning", "Models trained on one's data."),
    group(&["/api/v1/connections"], "Connections", "Databases beside uploaded files."),
    group(&["/viz", "/kedro-viz"], "Visual apps", "A room's own visual app."),
    group(&["/api/v1/sdk"], "SDK", "One route for programs: a fresh call, or the next step of one."),
    group(
        &["/api/v1/call", "/ws"],
        "Operations",
        "Every operation by its name, over HTTP or the WebSocket; `/asyncapi` lists them.",
    ),
    group(&["/api/v1/demo"], "Demo", "A first look without registering, where the operator offers one."),
    group(
        &["/healthz", "/livez", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json"],
        "Operating",
        "For whoever is on call, and for whoever reads.",
    ),
];

/// The group of the route at `path`.
pub(super) fn of(path: &str) -> Option<&'static str> {
    let said = |group: &Group| group.paths.iter().filter(|part| path.starts_with(**part)).map(|part| part.len()).max();
    ALL.iter().filter_map(|group| Some((said(group)?, group.name))).max_by_key(|(len, _)| *len).map(|(_, name)| name)
}

/// Names and purposes of those groups that `used` names, in reading order.
pub(super) fn described(used: impl Fn(&str) -> bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().filter(move |group| used(group.name)).map(|group| (group.name, group.about))
}
