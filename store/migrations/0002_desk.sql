-- The drafting desk: reviews, comments, and the proposals handed in by hand.

-- SQLite cannot change a CHECK, so the state moves to a new column; the table stays, for others refer to it.
ALTER TABLE drafts ADD COLUMN new_state TEXT NOT NULL DEFAULT 'draft'
    CHECK (new_state IN ('draft', 'review', 'approved', 'rejected', 'added', 'submitted'));
UPDATE drafts SET new_state = state;
ALTER TABLE drafts DROP COLUMN state;
ALTER TABLE drafts RENAME COLUMN new_state TO state;
ALTER TABLE drafts ADD COLUMN submitted_at INTEGER NOT NULL DEFAULT 0;

-- title, keywords and scenario are the draft as it was reviewed.
CREATE TABLE reviews (
    id          INTEGER PRIMARY KEY,
    draft       INTEGER NOT NULL REFERENCES drafts (id),
    kind        TEXT    NOT NULL CHECK (kind IN ('approved', 'rejected', 'letter')),
    version     INTEGER NOT NULL CHECK (version > 0),
    title       TEXT    NOT NULL,
    keywords    TEXT    NOT NULL CHECK (json_valid(keywords)),
    scenario    TEXT    NOT NULL,
    person_id   INTEGER REFERENCES people (id),
    person_name TEXT    NOT NULL,
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX reviews_by_draft ON reviews (draft, id);

CREATE TABLE review_reasons (
    review INTEGER NOT NULL REFERENCES reviews (id),
    n      INTEGER NOT NULL, -- in the order they were written in
    place  TEXT    NOT NULL CHECK (length(place) <= 100), -- '' for the whole draft
    text   TEXT    NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
    PRIMARY KEY (review, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE comments (
    id          INTEGER PRIMARY KEY,
    draft       INTEGER NOT NULL REFERENCES drafts (id),
    person_id   INTEGER REFERENCES people (id),
    person_name TEXT    NOT NULL,
    text        TEXT    NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX comments_by_draft ON comments (draft, id);

-- Of the whole console. Short, because the activity log repeats them.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY CHECK (name <> ''),
    value TEXT NOT NULL CHECK (length(value) <= 200)
) STRICT, WITHOUT ROWID;
