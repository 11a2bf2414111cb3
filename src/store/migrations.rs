//! How the schema came to be.

use std::borrow::Cow;

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The schema's steps, in order. A step that has been released is never changed: the next one changes what it made.
const MIGRATIONS: &[(&str, &str)] = &[
    ("accounts", include_str!("../../migrations/0001_accounts.sql")),
    ("rooms", include_str!("../../migrations/0002_rooms.sql")),
    ("dashboards", include_str!("../../migrations/0003_dashboards.sql")),
    ("sign-in by others", include_str!("../../migrations/0004_accounts_more.sql")),
    ("keys", include_str!("../../migrations/0005_keys.sql")),
    ("notifications", include_str!("../../migrations/0006_notifications.sql")),
    ("dashboards more", include_str!("../../migrations/0007_dashboards_more.sql")),
    ("publishing", include_str!("../../migrations/0008_publishing.sql")),
    ("uploads", include_str!("../../migrations/0009_uploads.sql")),
    ("connections", include_str!("../../migrations/0010_connections.sql")),
    ("originals and secrets", include_str!("../../migrations/0011_originals_and_secrets.sql")),
    ("descriptions and old rows", include_str!("../../migrations/0012_descriptions_and_old_rows.sql")),
    ("no secrets in the audit log", include_str!("../../migrations/0013_no_secrets_in_the_audit_log.sql")),
    ("events without keys", include_str!("../../migrations/0014_events_without_keys.sql")),
    ("runs of events", include_str!("../../migrations/0015_runs_of_events.sql")),
    ("one index of events", include_str!("../../migrations/0016_one_index_of_events.sql")),
];

/// Those that PostgreSQL goes without.
const SQLITE_ONLY: &[&str] = &["one index of events"];

/// Brings a database up to date.
pub(super) fn migrator(sqlite: bool) -> Migrator {
    let steps = (1..).zip(MIGRATIONS).filter(|(_, (name, _))| sqlite || !SQLITE_ONLY.contains(name));
    let steps = steps.map(|(version, (name, sql))| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, SqlStr::from_static(sql), false)
    });
    Migrator::with_migrations(steps.collect())
}
