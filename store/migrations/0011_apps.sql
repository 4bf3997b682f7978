-- A colour to tell mini programs apart by, and a way out of the console that keeps their history.

ALTER TABLE apps ADD COLUMN color TEXT NOT NULL DEFAULT ''
    CHECK (color IN ('', 'blue', 'teal', 'purple', 'pink', 'red', 'orange'));
ALTER TABLE apps ADD COLUMN archived_at INTEGER NOT NULL DEFAULT 0; -- 0: at work
