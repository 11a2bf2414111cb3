-- How programs call, and how much a tenant may. Of a key only its SHA-256 is stored; prefix is what a person tells it
-- by. Revoking deletes the row. scopes is a JSON list of the protocol's words.

CREATE TABLE api_keys (
    id TEXT NOT NULL CONSTRAINT api_keys_pk PRIMARY KEY,
    hash TEXT NOT NULL CONSTRAINT api_keys_hash_unique UNIQUE,
    user_id TEXT NOT NULL CONSTRAINT api_keys_user_fk REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    used BIGINT
);
CREATE INDEX api_keys_user ON api_keys (user_id, created);

-- NULL: the configuration's default_tier.
ALTER TABLE tenants ADD COLUMN tier TEXT;
