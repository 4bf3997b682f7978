-- Penalties, the people that tests are sent to, and messages kept to be sent again.

CREATE TABLE violations (
    id               INTEGER PRIMARY KEY,
    app              INTEGER NOT NULL REFERENCES apps (id),
    template_id      TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    rule             TEXT    NOT NULL CHECK (rule <> ''),
    step             INTEGER NOT NULL CHECK (step BETWEEN 1 AND 4),
    letter           TEXT    NOT NULL CHECK (length(letter) <= 4000),
    from_at          INTEGER NOT NULL,
    until_at         INTEGER NOT NULL, -- 0: bans nothing, or for ever
    state            TEXT    NOT NULL CHECK (state IN ('standing', 'appealed', 'upheld', 'lifted', 'mistaken')),
    recorded_by      INTEGER REFERENCES people (id),
    recorded_by_name TEXT    NOT NULL,
    recorded_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX violations_by_app ON violations (app, id);

CREATE TABLE violation_notes (
    id          INTEGER PRIMARY KEY,
    violation   INTEGER NOT NULL REFERENCES violations (id),
    state       TEXT    NOT NULL, -- what the violation became; '' for a remark
    text        TEXT    NOT NULL CHECK (length(text) <= 4000),
    person_id   INTEGER REFERENCES people (id),
    person_name TEXT    NOT NULL,
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX violation_notes_by_violation ON violation_notes (violation, id);

-- Who else tests may be sent to, by those who may send to anybody.
CREATE TABLE testers (
    id            INTEGER PRIMARY KEY,
    app           INTEGER NOT NULL REFERENCES apps (id),
    name          TEXT    NOT NULL CHECK (name <> ''),
    openid        TEXT    NOT NULL CHECK (openid <> ''),
    added_by      INTEGER REFERENCES people (id),
    added_by_name TEXT    NOT NULL,
    added_at      INTEGER NOT NULL,
    UNIQUE (app, openid)
) STRICT;

-- A code that a person types into their own mini program, which reports their openid with it.
CREATE TABLE binding_codes (
    person_id  INTEGER NOT NULL REFERENCES people (id),
    app        INTEGER NOT NULL REFERENCES apps (id),
    hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, app)
) STRICT, WITHOUT ROWID;

CREATE TABLE examples (
    id          INTEGER PRIMARY KEY,
    app         INTEGER NOT NULL REFERENCES apps (id),
    template_id TEXT    NOT NULL CHECK (template_id <> ''),
    name        TEXT    NOT NULL CHECK (name <> ''),
    message     BLOB    NOT NULL, -- the JSON of the message, without recipient and right
    person_id   INTEGER REFERENCES people (id),
    person_name TEXT    NOT NULL,
    updated_at  INTEGER NOT NULL,
    UNIQUE (app, template_id, name)
) STRICT;
