-- What a room is for, and which cards a refresh left behind.

-- '': nothing was said.
ALTER TABLE rooms ADD COLUMN description TEXT NOT NULL DEFAULT '';

-- How many of its cards kept the rows they had when the others were queried again.
ALTER TABLE dashboards ADD COLUMN cards_behind BIGINT NOT NULL DEFAULT 0;
