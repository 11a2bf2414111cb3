-- What a tenant may store, uploads that arrive in pieces, and which version of its files a dashboard shows.

-- NULL: what the configuration says.
ALTER TABLE tenants ADD COLUMN files_max BIGINT;
ALTER TABLE tenants ADD COLUMN file_bytes_max BIGINT;

-- Bytes as uploaded; a file from before this step counts from its next version on.
ALTER TABLE files ADD COLUMN size BIGINT NOT NULL DEFAULT 0;

-- An upload in pieces (tus). Its bytes lie in the data folder, under its id: how many there are is how far it is, so
-- that no piece needs a write here. file_id or failed say what became of it, and the row stays until it expires, so
-- that whoever was cut off before the answer can ask. Who deletes the room meant gets the file nevertheless.
CREATE TABLE uploads (
    id TEXT NOT NULL CONSTRAINT uploads_pk PRIMARY KEY,
    tenant_id TEXT NOT NULL CONSTRAINT uploads_tenant_fk REFERENCES tenants (id),
    owner_id TEXT NOT NULL CONSTRAINT uploads_owner_fk REFERENCES users (id) ON DELETE CASCADE,
    room_id TEXT CONSTRAINT uploads_room_fk REFERENCES rooms (id) ON DELETE SET NULL,
    -- The file whose next version it is to be.
    replaces TEXT,
    name TEXT NOT NULL,
    length BIGINT NOT NULL,
    file_id TEXT,
    failed TEXT,
    expires BIGINT NOT NULL
);
CREATE INDEX uploads_tenant ON uploads (tenant_id);
CREATE INDEX uploads_expires ON uploads (expires);
CREATE INDEX uploads_room ON uploads (room_id);

-- The version of each file that a dashboard's cards show. A dashboard is stale where one has another by now, or none.
CREATE TABLE dashboard_files (
    dashboard_id TEXT NOT NULL CONSTRAINT dashboard_files_dashboard_fk REFERENCES dashboards (id) ON DELETE CASCADE,
    file_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT dashboard_files_pk PRIMARY KEY (dashboard_id, file_id)
);
