-- Who calls. A tenant is the boundary nothing crosses; a user belongs to exactly one, and may be a guest in
-- single rooms of others (table members). E-mails are stored lower-cased, so that UNIQUE means what people expect.
-- Opaque tokens are never stored, only their SHA-256: a copy of this database signs nobody in.
--
-- One text for SQLite and PostgreSQL: TEXT ids and JSON, BIGINT milliseconds since 1970, every constraint named.

CREATE TABLE tenants (
    id TEXT NOT NULL CONSTRAINT tenants_pk PRIMARY KEY,
    name TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL CONSTRAINT users_pk PRIMARY KEY,
    tenant_id TEXT NOT NULL CONSTRAINT users_tenant_fk REFERENCES tenants (id),
    email TEXT NOT NULL CONSTRAINT users_email_unique UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created BIGINT NOT NULL
);

-- A family is everything that came of one sign-in. A used token that is presented again has been stolen by
-- somebody: the whole family is revoked, so rows stay until they expire.
CREATE TABLE refresh_tokens (
    hash TEXT NOT NULL CONSTRAINT refresh_tokens_pk PRIMARY KEY,
    family TEXT NOT NULL,
    user_id TEXT NOT NULL CONSTRAINT refresh_tokens_user_fk REFERENCES users (id) ON DELETE CASCADE,
    expires BIGINT NOT NULL,
    used BIGINT,
    revoked BIGINT
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_revoked ON refresh_tokens (revoked);
