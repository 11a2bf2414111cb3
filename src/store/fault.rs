//! What of the database's failures may pass.

/// Whether the same statement may work later: the database is locked, full, gone, or just starting.
pub(super) fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        // PostgreSQL's codes have five characters: connections, resources, transactions, operators, the system.
        // SQLite's are numbers whose last byte is the kind: BUSY, LOCKED, NOMEM, IOERR, FULL, CANTOPEN.
        sqlx::Error::Database(cause) => cause.code().is_some_and(|code| match code.parse::<u32>() {
            _ if code.len() == 5 => ["08", "40", "53", "57P", "58"].iter().any(|class| code.starts_with(class)),
            Ok(code) => matches!(code & 0xFF, 5 | 6 | 7 | 10 | 13 | 14),
            Err(_) => false,
        }),
        _ => false,
    }
}
