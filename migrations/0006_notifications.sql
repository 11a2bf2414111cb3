-- What one person is told, whichever rooms they have open. body is the protocol's own JSON; ids sort by time, so the
-- newest of a user are found by the primary key, and the oldest are deleted as new ones come.

CREATE TABLE notifications (
    user_id TEXT NOT NULL CONSTRAINT notifications_user_fk REFERENCES users (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    seen BOOLEAN NOT NULL,
    CONSTRAINT notifications_pk PRIMARY KEY (user_id, id)
);
