-- The keys of business servers, and who of several processes does what only one may do at a time.

-- A key is random and long, so its SHA-256 is all that is needed to know it again.
-- The prefix is part of it, is shown everywhere, and opens nothing.
CREATE TABLE api_keys (
    id              INTEGER PRIMARY KEY,
    app             INTEGER NOT NULL REFERENCES apps (id),
    name            TEXT    NOT NULL,
    prefix          TEXT    NOT NULL UNIQUE CHECK (prefix <> ''),
    hash            BLOB    NOT NULL CHECK (length(hash) = 32),
    scopes          TEXT    NOT NULL CHECK (json_valid(scopes)),
    created_by      INTEGER REFERENCES people (id),
    created_by_name TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL DEFAULT 0,
    revoked_at      INTEGER NOT NULL DEFAULT 0,
    last_used_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX api_keys_by_app ON api_keys (app, id);

CREATE TABLE leases (
    name   TEXT    PRIMARY KEY CHECK (name <> ''),
    holder TEXT    NOT NULL CHECK (holder <> ''),
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
