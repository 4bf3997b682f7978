-- The central server of access tokens: how a token is got, every fetch of one, who was handed it,
-- and the alerts when it goes wrong.

ALTER TABLE apps ADD COLUMN token_mode TEXT NOT NULL DEFAULT 'token'
    CHECK (token_mode IN ('token', 'stable_token'));

-- By WeChat's own id and without a reference, as in tokens.
-- A row is written before WeChat is asked: one that was never ended tells of a process that died over it.
CREATE TABLE token_events (
    id            INTEGER PRIMARY KEY,
    app_id        TEXT    NOT NULL CHECK (app_id <> ''),
    reason        TEXT    NOT NULL CHECK (reason IN ('due', 'rejected', 'outside', 'forced', 'replaced')),
    asked_by      TEXT    NOT NULL, -- '' for the keeper itself
    process       TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    ended         INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1)),
    took_us       INTEGER NOT NULL DEFAULT 0, -- microseconds
    expires_at    INTEGER NOT NULL DEFAULT 0,
    err_kind      TEXT    NOT NULL DEFAULT '',
    err_code      INTEGER NOT NULL DEFAULT 0,
    err_msg       TEXT    NOT NULL DEFAULT '',
    fails         INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER NOT NULL DEFAULT 0,
    next_at       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX token_events_by_app ON token_events (app_id, at);
CREATE INDEX token_events_by_time ON token_events (at);

-- How often a key was handed its app's token.
CREATE TABLE handouts (
    key_id INTEGER NOT NULL REFERENCES api_keys (id),
    app    INTEGER NOT NULL REFERENCES apps (id),
    hour   INTEGER NOT NULL, -- when it began
    count  INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (key_id, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX handouts_by_app ON handouts (app, hour);

CREATE TABLE alerts (
    id         INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    app        INTEGER NOT NULL REFERENCES apps (id),
    detail     TEXT    NOT NULL,
    raised_at  INTEGER NOT NULL,
    cleared_at INTEGER NOT NULL DEFAULT 0
) STRICT;
-- One alert a condition, whichever process sees it first.
CREATE UNIQUE INDEX alerts_raised ON alerts (kind, app) WHERE cleared_at = 0;
CREATE INDEX alerts_by_time ON alerts (raised_at);

-- Where alerts are sent. The address may hold a key of the receiver's, so it is sealed too.
CREATE TABLE webhook (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    url        BLOB    NOT NULL,
    secret     BLOB    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- What is or was to be sent to the webhook. body stays as it was made; only the signature is new each time.
CREATE TABLE deliveries (
    id         INTEGER PRIMARY KEY,
    change     TEXT    NOT NULL CHECK (change IN ('raised', 'cleared', 'test')),
    kind       TEXT    NOT NULL, -- '' for a test
    app        INTEGER REFERENCES apps (id),
    body       BLOB    NOT NULL,
    made_at    INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    tried_at   INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL, -- 0 once it is delivered or given up
    status     INTEGER NOT NULL DEFAULT 0, -- HTTP, of the last attempt
    problem    TEXT    NOT NULL DEFAULT '', -- why the last attempt failed
    delivered_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at > 0;
