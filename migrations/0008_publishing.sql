-- Who sees a dashboard without being in its room, and how it is kept fresh.

-- A way to a dashboard for whoever knows it. There is one main link a dashboard, which stays when it is unpublished, so
-- that it comes back under the same slug; any other is deleted. epoch counts what ends the viewers' tokens: a new
-- password, unpublishing. filter is what rows must have to be seen through the link, JSON.
CREATE TABLE links (
    id TEXT NOT NULL CONSTRAINT links_pk PRIMARY KEY,
    dashboard_id TEXT NOT NULL CONSTRAINT links_dashboard_fk REFERENCES dashboards (id) ON DELETE CASCADE,
    slug TEXT NOT NULL CONSTRAINT links_slug_unique UNIQUE,
    name TEXT NOT NULL,
    main BOOLEAN NOT NULL,
    live BOOLEAN NOT NULL,
    password_hash TEXT,
    expires BIGINT,
    filter TEXT NOT NULL,
    viewers_filter BOOLEAN NOT NULL,
    epoch BIGINT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX links_dashboard ON links (dashboard_id, created);
CREATE UNIQUE INDEX links_main ON links (dashboard_id) WHERE main;

-- When a dashboard is due. Whoever refreshes it holds it until lease, under a name of that one attempt (holder): a
-- node that dies lets go by time, and one that was too slow cannot report for its successor.
CREATE TABLE refreshes (
    dashboard_id TEXT NOT NULL CONSTRAINT refreshes_pk PRIMARY KEY
        CONSTRAINT refreshes_dashboard_fk REFERENCES dashboards (id) ON DELETE CASCADE,
    enabled BOOLEAN NOT NULL,
    interval_s BIGINT NOT NULL,
    due BIGINT,
    lease BIGINT,
    holder TEXT,
    last BIGINT,
    failures BIGINT NOT NULL,
    error TEXT
);
CREATE INDEX refreshes_due ON refreshes (due);
