-- Why a sync of the library failed, where it was not an errcode: one of library.Reasons. '' for those from before.

ALTER TABLE library_syncs ADD COLUMN reason TEXT NOT NULL DEFAULT '';
