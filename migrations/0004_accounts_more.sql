-- Signing in by others, passwords that were forgotten, who may do what in a tenant, and what was done.
--
-- A tenant's owner is who registered it. A password_hash of '' matches no password: its user signs in by others, or sets
-- one by mail. email_proven says since when it is known that mail to the address reaches the user: whoever proves it
-- first takes the account, and what was there before (password, identities, sign-ins) ends.
ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
ALTER TABLE users ADD COLUMN email_proven BIGINT;
ALTER TABLE users ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
UPDATE users SET role = 'owner' WHERE id IN (SELECT MIN(id) FROM users GROUP BY tenant_id);

ALTER TABLE invitations ADD COLUMN inviter_id TEXT
    CONSTRAINT invitations_inviter_fk REFERENCES users (id) ON DELETE SET NULL;
ALTER TABLE invitations ADD COLUMN created BIGINT NOT NULL DEFAULT 0;
CREATE INDEX invitations_tenant ON invitations (tenant_id, created);
CREATE INDEX invitations_room ON invitations (room_id);

CREATE TABLE password_resets (
    hash TEXT NOT NULL CONSTRAINT password_resets_pk PRIMARY KEY,
    user_id TEXT NOT NULL CONSTRAINT password_resets_user_fk REFERENCES users (id) ON DELETE CASCADE,
    expires BIGINT NOT NULL
);
CREATE INDEX password_resets_user ON password_resets (user_id);

-- Who somebody is elsewhere.
CREATE TABLE identities (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL CONSTRAINT identities_user_fk REFERENCES users (id) ON DELETE CASCADE,
    created BIGINT NOT NULL,
    CONSTRAINT identities_pk PRIMARY KEY (provider, subject)
);
CREATE INDEX identities_user ON identities (user_id);

-- Sign-ins that somebody is about to finish at a provider. Read once, then gone.
CREATE TABLE sign_ins (
    state_hash TEXT NOT NULL CONSTRAINT sign_ins_pk PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    provider TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    invitation_hash TEXT,
    expires BIGINT NOT NULL
);
CREATE INDEX sign_ins_expires ON sign_ins (expires);

-- What the page gets tokens for, once.
CREATE TABLE sign_in_codes (
    hash TEXT NOT NULL CONSTRAINT sign_in_codes_pk PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    user_id TEXT NOT NULL CONSTRAINT sign_in_codes_user_fk REFERENCES users (id) ON DELETE CASCADE,
    expires BIGINT NOT NULL
);
CREATE INDEX sign_in_codes_expires ON sign_in_codes (expires);

-- What changed rights, deleted or signed in, whatever came of it. No foreign keys: a line outlives what it is about.
CREATE TABLE audit (
    id TEXT NOT NULL CONSTRAINT audit_pk PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    user_id TEXT,
    operation TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    ts BIGINT NOT NULL,
    remote TEXT
);
CREATE INDEX audit_tenant ON audit (tenant_id, id);
CREATE INDEX audit_ts ON audit (ts);
