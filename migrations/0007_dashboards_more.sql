-- What happened to dashboards, who else may see them, and who is told when one is ready.

-- The newest changes of each dashboard, for whoever was based on an older revision. body is the protocol's own JSON.
CREATE TABLE dashboard_changes (
    dashboard_id TEXT NOT NULL CONSTRAINT dashboard_changes_dashboard_fk REFERENCES dashboards (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT dashboard_changes_pk PRIMARY KEY (dashboard_id, revision)
);

CREATE TABLE dashboard_shares (
    dashboard_id TEXT NOT NULL CONSTRAINT dashboard_shares_dashboard_fk REFERENCES dashboards (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL CONSTRAINT dashboard_shares_user_fk REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created BIGINT NOT NULL,
    CONSTRAINT dashboard_shares_pk PRIMARY KEY (dashboard_id, user_id)
);
CREATE INDEX dashboard_shares_user ON dashboard_shares (user_id);

-- A callback waits for its run to end (no body, no due time), then for its next try. Whoever tries pushes due ahead
-- first, so that a try whose process dies is made again. A row goes when it is delivered or given up.
CREATE TABLE callbacks (
    id TEXT NOT NULL CONSTRAINT callbacks_pk PRIMARY KEY,
    tenant_id TEXT NOT NULL CONSTRAINT callbacks_tenant_fk REFERENCES tenants (id),
    run_id TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    body TEXT,
    attempts BIGINT NOT NULL,
    due BIGINT,
    created BIGINT NOT NULL
);
CREATE INDEX callbacks_due ON callbacks (due);
CREATE INDEX callbacks_run ON callbacks (run_id);
CREATE INDEX callbacks_tenant ON callbacks (tenant_id);
