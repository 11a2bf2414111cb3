-- Files, what is made of them, and the making. body is the protocol's own JSON; beside it stand only the columns
-- that queries select, sort or compare by.

CREATE TABLE files (
    id TEXT NOT NULL CONSTRAINT files_pk PRIMARY KEY,
    tenant_id TEXT NOT NULL CONSTRAINT files_tenant_fk REFERENCES tenants (id),
    owner_id TEXT NOT NULL CONSTRAINT files_owner_fk REFERENCES users (id),
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    -- Dataset name to object path, JSON.
    paths TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX files_tenant ON files (tenant_id, created);

CREATE TABLE room_files (
    room_id TEXT NOT NULL CONSTRAINT room_files_room_fk REFERENCES rooms (id) ON DELETE CASCADE,
    file_id TEXT NOT NULL CONSTRAINT room_files_file_fk REFERENCES files (id) ON DELETE CASCADE,
    CONSTRAINT room_files_pk PRIMARY KEY (room_id, file_id)
);
CREATE INDEX room_files_file ON room_files (file_id);

CREATE TABLE dashboards (
    id TEXT NOT NULL CONSTRAINT dashboards_pk PRIMARY KEY,
    tenant_id TEXT NOT NULL CONSTRAINT dashboards_tenant_fk REFERENCES tenants (id),
    room_id TEXT CONSTRAINT dashboards_room_fk REFERENCES rooms (id) ON DELETE CASCADE,
    owner_id TEXT NOT NULL CONSTRAINT dashboards_owner_fk REFERENCES users (id),
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    revision BIGINT NOT NULL,
    cards BIGINT NOT NULL,
    body TEXT NOT NULL,
    -- What each card asks of the data, JSON: refinement edits it.
    recipe TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);
CREATE INDEX dashboards_room ON dashboards (room_id, created);
CREATE INDEX dashboards_owner ON dashboards (owner_id, created);

-- A row without an end is a run whose process died: found at start, and the room is told.
CREATE TABLE runs (
    id TEXT NOT NULL CONSTRAINT runs_pk PRIMARY KEY,
    dashboard_id TEXT NOT NULL CONSTRAINT runs_dashboard_fk REFERENCES dashboards (id) ON DELETE CASCADE,
    room_id TEXT,
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    request TEXT NOT NULL,
    status TEXT NOT NULL,
    updated BIGINT NOT NULL
);
CREATE INDEX runs_status ON runs (status);
CREATE INDEX runs_dashboard ON runs (dashboard_id);
