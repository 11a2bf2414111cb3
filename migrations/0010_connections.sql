-- Databases beside uploaded files. target says where one is and as whom it is read, JSON; secret is its password,
-- encrypted with a key that is not in this database, for this very row (its id is part of what is authenticated). version
-- counts its changes, so that nobody goes on with an older address or password.
CREATE TABLE data_connections (
    id TEXT NOT NULL CONSTRAINT data_connections_pk PRIMARY KEY,
    tenant_id TEXT NOT NULL CONSTRAINT data_connections_tenant_fk REFERENCES tenants (id),
    name TEXT NOT NULL,
    target TEXT NOT NULL,
    secret TEXT,
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    CONSTRAINT data_connections_name_unique UNIQUE (tenant_id, name)
);
