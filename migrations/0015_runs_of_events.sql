-- A row holds a run: events of one kind that follow each other in their room and were stored together, their frames one
-- a line. A room that is busy writes a fraction of the rows. What an event is besides stands in its frame; keys, which
-- few events have, are a table of their own.
CREATE TABLE event_keys (
    room_id TEXT NOT NULL,
    dedup TEXT NOT NULL,
    seq BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    CONSTRAINT event_keys_pk PRIMARY KEY (room_id, dedup)
);
INSERT INTO event_keys (room_id, dedup, seq, event_id)
    SELECT room_id, dedup, seq, event_id FROM events WHERE dedup IS NOT NULL;
CREATE TABLE event_runs (
    room_id TEXT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    frames TEXT NOT NULL,
    CONSTRAINT event_runs_pk PRIMARY KEY (room_id, first_seq)
);
-- A line break in JSON is a space.
INSERT INTO event_runs (room_id, first_seq, last_seq, kind, frames)
    SELECT room_id, seq, seq, kind, replace(frame, '
', ' ') FROM events;
DROP TABLE events;
ALTER TABLE event_runs RENAME TO events;
-- "The newest 50 chat messages" must not walk over a million generation events.
CREATE INDEX events_kind ON events (room_id, kind, first_seq);
