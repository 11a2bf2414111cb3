-- Rooms, who is in them, and what was said: a room is a log.

CREATE TABLE rooms (
    id TEXT NOT NULL CONSTRAINT rooms_pk PRIMARY KEY,
    tenant_id TEXT NOT NULL CONSTRAINT rooms_tenant_fk REFERENCES tenants (id),
    name TEXT NOT NULL,
    epoch TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE members (
    room_id TEXT NOT NULL CONSTRAINT members_room_fk REFERENCES rooms (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL CONSTRAINT members_user_fk REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    joined BIGINT NOT NULL,
    CONSTRAINT members_pk PRIMARY KEY (room_id, user_id)
);
CREATE INDEX members_user ON members (user_id);

-- With guest set, whoever registers keeps a tenant of their own and enters only the room.
CREATE TABLE invitations (
    id TEXT NOT NULL CONSTRAINT invitations_pk PRIMARY KEY,
    hash TEXT NOT NULL CONSTRAINT invitations_hash_unique UNIQUE,
    tenant_id TEXT NOT NULL CONSTRAINT invitations_tenant_fk REFERENCES tenants (id),
    room_id TEXT CONSTRAINT invitations_room_fk REFERENCES rooms (id) ON DELETE CASCADE,
    role TEXT,
    email TEXT,
    guest BOOLEAN NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT
);

-- The hot table. frame is the event exactly as it was sent, so that a replay reads and writes, nothing else.
-- dedup is the idempotency key an event came with: NULLs do not collide. There is no foreign key to rooms, because
-- one deleted room must not fail the batch of all others; the program checks, and deletes with the room.
CREATE TABLE events (
    room_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    ts BIGINT NOT NULL,
    dedup TEXT,
    frame TEXT NOT NULL,
    CONSTRAINT events_pk PRIMARY KEY (room_id, seq),
    CONSTRAINT events_dedup_unique UNIQUE (room_id, dedup)
);
-- "The newest 50 chat messages" must not walk over a million generation events.
CREATE INDEX events_kind ON events (room_id, kind, seq);

-- What a call with an idempotency key answered, for the time a client may repeat it. room_id is '' outside rooms.
CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    room_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    operation TEXT NOT NULL,
    reply TEXT NOT NULL,
    created BIGINT NOT NULL,
    CONSTRAINT idempotency_pk PRIMARY KEY (caller, room_id, idempotency_key)
);
CREATE INDEX idempotency_created ON idempotency (created);
