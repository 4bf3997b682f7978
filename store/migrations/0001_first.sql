-- Times are milliseconds since 1970 in UTC; 0 stands for "never".
-- "app" is our own number of a mini program, "app_id" is WeChat's.
-- "message_kind" leaves room for messages that are no template messages, in the same tables.

-- Which keys the sealed columns were sealed with; a wrong muban.key is known by its id.
CREATE TABLE sealing_keys (
    id      BLOB    PRIMARY KEY CHECK (length(id) = 8),
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE CHECK (name_key <> ''), -- folded by the program: SQLite folds ASCII only
    role          TEXT    NOT NULL CHECK (role IN ('administrator', 'operator', 'product_manager', 'qa')),
    password_hash TEXT    NOT NULL,
    lang          TEXT    NOT NULL,
    theme         TEXT    NOT NULL,
    disabled      INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at    INTEGER NOT NULL,
    last_sign_in  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE setup_token (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    hash       BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- The name is hashed: people type passwords into the wrong field.
CREATE TABLE sign_in_failures (
    id        INTEGER PRIMARY KEY,
    name_hash BLOB    NOT NULL CHECK (length(name_hash) = 32),
    addr      TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_failures_by_name ON sign_in_failures (name_hash, at);
CREATE INDEX sign_in_failures_by_addr ON sign_in_failures (addr, at);
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (at);

CREATE TABLE apps (
    id         INTEGER PRIMARY KEY,
    app_id     TEXT    NOT NULL UNIQUE CHECK (app_id <> ''),
    name       TEXT    NOT NULL,
    base       TEXT    NOT NULL,
    secret     BLOB    NOT NULL, -- sealed
    sandbox    INTEGER NOT NULL CHECK (sandbox IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- By WeChat's own id and without a reference: a token may come before its app is configured.
CREATE TABLE tokens (
    app_id     TEXT    PRIMARY KEY,
    value      BLOB    NOT NULL, -- sealed
    fetched_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person_openids (
    person_id INTEGER NOT NULL REFERENCES people (id),
    app       INTEGER NOT NULL REFERENCES apps (id),
    openid    TEXT    NOT NULL CHECK (openid <> ''),
    PRIMARY KEY (person_id, app)
) STRICT, WITHOUT ROWID;

-- An ended session stays until it is pruned, so that a request still under way cannot save it back to life.
CREATE TABLE sessions (
    hash       BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    person_id  INTEGER REFERENCES people (id),
    app        INTEGER REFERENCES apps (id),
    data       BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE drafts (
    id           INTEGER PRIMARY KEY,
    app          INTEGER NOT NULL REFERENCES apps (id),
    message_kind TEXT    NOT NULL DEFAULT 'template',
    kind         TEXT    NOT NULL CHECK (kind IN ('combination', 'proposal')),
    title_id     TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    keywords     TEXT    NOT NULL CHECK (json_valid(keywords)),
    scenario     TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'review', 'approved', 'rejected', 'added')),
    template_id  TEXT    NOT NULL DEFAULT '',
    author       INTEGER REFERENCES people (id),
    author_name  TEXT    NOT NULL,
    version      INTEGER NOT NULL CHECK (version > 0),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    deleted_at   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX drafts_by_app ON drafts (app, updated_at, id) WHERE deleted_at = 0;

CREATE TABLE templates (
    app             INTEGER NOT NULL REFERENCES apps (id),
    template_id     TEXT    NOT NULL CHECK (template_id <> ''),
    message_kind    TEXT    NOT NULL DEFAULT 'template',
    title_id        TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    keyword_ids     TEXT    NOT NULL CHECK (json_valid(keyword_ids)),
    content         TEXT    NOT NULL,
    example         TEXT    NOT NULL,
    added_by        INTEGER REFERENCES people (id),
    added_by_name   TEXT    NOT NULL,
    draft_id        INTEGER REFERENCES drafts (id),
    added_at        INTEGER NOT NULL,
    deleted_at      INTEGER NOT NULL DEFAULT 0,
    deleted_by_name TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (app, template_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sends (
    id           INTEGER PRIMARY KEY,
    app          INTEGER NOT NULL REFERENCES apps (id),
    message_kind TEXT    NOT NULL DEFAULT 'template',
    key          TEXT    NOT NULL CHECK (key <> ''),
    body_hash    BLOB    NOT NULL CHECK (length(body_hash) = 32),
    template_id  TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    openid       TEXT    NOT NULL,
    right_id     TEXT    NOT NULL, -- the form_id or prepay_id that allows it; '' where the kind needs none
    request      BLOB    NOT NULL,
    outcome      TEXT    NOT NULL CHECK (outcome IN ('pending', 'sent', 'refused', 'unknown')),
    err_code     INTEGER NOT NULL,
    err_msg      TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    took_us      INTEGER NOT NULL, -- microseconds
    person_id    INTEGER REFERENCES people (id),
    person_name  TEXT    NOT NULL,
    run          INTEGER NOT NULL, -- which run of the program began it
    created_at   INTEGER NOT NULL,
    finished_at  INTEGER NOT NULL,
    UNIQUE (app, key)
) STRICT;
CREATE INDEX sends_by_app ON sends (app, id);
CREATE INDEX sends_by_outcome ON sends (app, outcome, id);
CREATE INDEX sends_by_template ON sends (app, template_id, id);
CREATE INDEX sends_by_openid ON sends (app, openid, id);
CREATE INDEX sends_pending ON sends (run) WHERE outcome = 'pending';

-- No references: the log outlives what it tells of.
CREATE TABLE activities (
    id          INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    person_id   INTEGER NOT NULL,
    person_name TEXT    NOT NULL,
    addr        TEXT    NOT NULL,
    app         INTEGER NOT NULL,
    act         TEXT    NOT NULL CHECK (act <> ''),
    object      TEXT    NOT NULL,
    detail      TEXT    NOT NULL CHECK (detail = '' OR json_valid(detail))
) STRICT;
CREATE INDEX activities_by_app ON activities (app, id);
CREATE INDEX activities_by_act ON activities (act, id);
CREATE INDEX activities_by_person ON activities (person_id, id);

CREATE TRIGGER activities_are_not_changed BEFORE UPDATE ON activities
BEGIN SELECT RAISE(ABORT, 'activities are append-only'); END;
CREATE TRIGGER activities_are_not_deleted BEFORE DELETE ON activities
BEGIN SELECT RAISE(ABORT, 'activities are append-only'); END;
