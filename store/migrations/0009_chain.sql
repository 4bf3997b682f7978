-- Each activity carries the hash of itself and of the one before: a line that was changed, added or taken
-- out later breaks the chain (muban verify). Lines from before get theirs when the program starts.
ALTER TABLE activities ADD COLUMN hash BLOB NOT NULL DEFAULT x'';

DROP TRIGGER activities_are_not_changed;
CREATE TRIGGER activities_are_not_changed BEFORE UPDATE ON activities WHEN old.hash <> x''
BEGIN SELECT RAISE(ABORT, 'activities are append-only'); END;
