-- Roles in single apps, links that let somebody in once, second factors, and where a session came from.

-- Only what differs from the role for all apps; 'none': the app is not there for this person.
CREATE TABLE person_roles (
    person_id INTEGER NOT NULL REFERENCES people (id),
    app       INTEGER NOT NULL REFERENCES apps (id),
    role      TEXT    NOT NULL CHECK (role IN ('administrator', 'operator', 'product_manager', 'qa', 'none')),
    PRIMARY KEY (person_id, app)
) STRICT, WITHOUT ROWID;

-- A link's token is random and long, so its SHA-256 is all that is needed to know it again. A row is
-- gone once its link was used or withdrawn.
CREATE TABLE invitations (
    id           INTEGER PRIMARY KEY,
    hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    invitee      TEXT    NOT NULL CHECK (length(invitee) BETWEEN 1 AND 64),
    role         TEXT    NOT NULL CHECK (role IN ('administrator', 'operator', 'product_manager', 'qa')),
    app_roles    TEXT    NOT NULL CHECK (json_valid(app_roles)),
    made_by      INTEGER REFERENCES people (id),
    made_by_name TEXT    NOT NULL,
    made_at      INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE password_links (
    person_id  INTEGER PRIMARY KEY REFERENCES people (id),
    hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE second_factors (
    person_id    INTEGER PRIMARY KEY REFERENCES people (id),
    secret       BLOB    NOT NULL, -- sealed
    confirmed_at INTEGER NOT NULL DEFAULT 0, -- 0: being set up, nobody is asked for it yet
    last_step    INTEGER NOT NULL DEFAULT 0  -- of 30 seconds since 1970; a code of it or before it is not taken again
) STRICT;

CREATE TABLE recovery_codes (
    person_id INTEGER NOT NULL REFERENCES people (id),
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (person_id, hash)
) STRICT, WITHOUT ROWID;

ALTER TABLE sessions ADD COLUMN addr TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '' CHECK (length(agent) <= 100);
