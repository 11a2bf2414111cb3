-- SQLite only. What a batch costs there is the pages it changes, and that is a leaf of each index for each of its rooms:
-- one index instead of two. "The newest 50 chat messages" walks over the other events in the index, without their rows.
CREATE TABLE event_runs (
    room_id TEXT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    frames TEXT NOT NULL,
    CONSTRAINT events_place UNIQUE (room_id, first_seq, kind)
);
INSERT INTO event_runs (room_id, first_seq, last_seq, kind, frames)
    SELECT room_id, first_seq, last_seq, kind, frames FROM events ORDER BY rowid;
DROP TABLE events;
ALTER TABLE event_runs RENAME TO events;
