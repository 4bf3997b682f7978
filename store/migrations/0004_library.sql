-- The mirror of each app's title library, and the syncs that read it.

-- pass and what follows it: how far the reading of the list is (library.Pass). missing and counts are JSON.
CREATE TABLE library_syncs (
    id         INTEGER PRIMARY KEY,
    app        INTEGER NOT NULL REFERENCES apps (id),
    by_name    TEXT    NOT NULL, -- '' for the daily one
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    outcome    TEXT    NOT NULL CHECK (outcome IN ('running', 'complete', 'cancelled', 'failed')),
    pass       INTEGER NOT NULL DEFAULT 1,
    next       INTEGER NOT NULL DEFAULT 0,
    total      INTEGER NOT NULL DEFAULT 0,
    over       INTEGER NOT NULL DEFAULT 0 CHECK (over IN (0, 1)),
    changed    INTEGER NOT NULL DEFAULT 0 CHECK (changed IN (0, 1)),
    titles     INTEGER NOT NULL DEFAULT 0,
    keywords   INTEGER NOT NULL DEFAULT 0,
    missing    TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(missing)),
    unsettled  INTEGER NOT NULL DEFAULT 0 CHECK (unsettled IN (0, 1)),
    err_code   INTEGER NOT NULL DEFAULT 0,
    err        TEXT    NOT NULL DEFAULT '',
    counts     TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(counts))
) STRICT;
CREATE INDEX library_syncs_by_app ON library_syncs (app, id);
CREATE UNIQUE INDEX library_syncs_running ON library_syncs (app) WHERE outcome = 'running';

-- What a sync under way has read. keywords is 'null' until they are, refused until WeChat refuses to open the title.
CREATE TABLE library_staged (
    sync     INTEGER NOT NULL REFERENCES library_syncs (id),
    title_id TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    keywords TEXT    NOT NULL CHECK (json_valid(keywords)),
    place    INTEGER NOT NULL,
    pass     INTEGER NOT NULL,
    refused  TEXT    NOT NULL CHECK (json_valid(refused)),
    PRIMARY KEY (sync, title_id)
) STRICT, WITHOUT ROWID;

-- The mirror. keywords is 'null' where the sync lists the title as missing.
CREATE TABLE library_titles (
    app      INTEGER NOT NULL REFERENCES apps (id),
    title_id TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    keywords TEXT    NOT NULL CHECK (json_valid(keywords)),
    place    INTEGER NOT NULL,
    PRIMARY KEY (app, title_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE library_changes (
    sync     INTEGER NOT NULL REFERENCES library_syncs (id),
    n        INTEGER NOT NULL, -- in the order of the library
    kind     TEXT    NOT NULL,
    title_id TEXT    NOT NULL,
    title    TEXT    NOT NULL,
    keyword  INTEGER NOT NULL, -- 0 for the title itself
    name     TEXT    NOT NULL,
    before   TEXT    NOT NULL,
    after    TEXT    NOT NULL,
    PRIMARY KEY (sync, n)
) STRICT, WITHOUT ROWID;

-- good is the sync that library_titles are of; NULL before the first.
CREATE TABLE library_mirrors (
    app   INTEGER PRIMARY KEY REFERENCES apps (id),
    good  INTEGER REFERENCES library_syncs (id),
    daily INTEGER NOT NULL DEFAULT 0 CHECK (daily IN (0, 1))
) STRICT;
