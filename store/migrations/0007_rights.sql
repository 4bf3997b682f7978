-- The ledger of rights, and what a send does to the right it goes out under.

-- A right is one form_id or prepay_id. The CHECK is the last guard against a send too many.
CREATE TABLE rights (
    id          INTEGER PRIMARY KEY,
    app         INTEGER NOT NULL REFERENCES apps (id),
    right_id    TEXT    NOT NULL CHECK (right_id <> ''),
    kind        TEXT    NOT NULL CHECK (kind IN ('form', 'payment')),
    openid      TEXT    NOT NULL CHECK (openid <> ''),
    total       INTEGER NOT NULL,
    used        INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
    held        INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0), -- by sends; see sends.holds
    closed      TEXT    NOT NULL DEFAULT '', -- why it allows no more; '' while it may
    made_at     INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    usable      INTEGER NOT NULL AS (closed = '' AND used + held < total), -- but for its time
    UNIQUE (app, right_id),
    CHECK (used + held <= total)
) STRICT;
CREATE INDEX rights_by_time ON rights (app, expires_at);
CREATE INDEX rights_by_openid ON rights (app, openid, expires_at);
CREATE INDEX rights_usable ON rights (app, usable, expires_at) WHERE usable = 1;
CREATE INDEX rights_closed ON rights (app, closed, expires_at) WHERE closed <> '';
CREATE INDEX rights_held ON rights (app, expires_at) WHERE held > 0;

-- What became of rights and sends by day of WeChat's calendar: rights are pruned, counts stay.
CREATE TABLE right_days (
    app      INTEGER NOT NULL REFERENCES apps (id),
    day      INTEGER NOT NULL, -- since 1970-01-01
    reported INTEGER NOT NULL DEFAULT 0,
    used     INTEGER NOT NULL DEFAULT 0,
    spent    INTEGER NOT NULL DEFAULT 0,
    expired  INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE send_days (
    app         INTEGER NOT NULL REFERENCES apps (id),
    day         INTEGER NOT NULL, -- on which it ended
    template_id TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    err_code    INTEGER NOT NULL,
    sends       INTEGER NOT NULL,
    calls       INTEGER NOT NULL, -- of send, which WeChat's quota counts
    PRIMARY KEY (app, day, template_id, outcome, err_code)
) STRICT, WITHOUT ROWID;

ALTER TABLE sends ADD COLUMN holds INTEGER NOT NULL DEFAULT 0 CHECK (holds IN (0, 1)); -- one send of its right
ALTER TABLE sends ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sends ADD COLUMN decision TEXT NOT NULL DEFAULT '' CHECK (decision IN ('', 'arrived', 'not_arrived'));
ALTER TABLE sends ADD COLUMN decided_by_name TEXT NOT NULL DEFAULT '';
ALTER TABLE sends ADD COLUMN decided_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sends ADD COLUMN words TEXT NOT NULL DEFAULT ''; -- the values, a line each, to search in
CREATE INDEX sends_holding ON sends (app, right_id) WHERE holds = 1;
CREATE INDEX sends_by_time ON sends (app, created_at);

-- Most sends go out well, and by a key: what is common is quickly found without an index.
DROP INDEX sends_by_outcome;
CREATE INDEX sends_troubled ON sends (app, outcome, id) WHERE outcome IN ('refused', 'unknown');
CREATE INDEX sends_by_code ON sends (app, err_code, id) WHERE err_code <> 0;
CREATE INDEX sends_by_person ON sends (app, person_id, id) WHERE person_id IS NOT NULL;

-- What was sent before there was a ledger: its words, its counts, its rights, and who holds them.
UPDATE sends SET words = coalesce((SELECT group_concat(json_extract(value, '$.value'), char(10))
    FROM json_each(CAST(request AS TEXT), '$.data')), '') WHERE json_valid(CAST(request AS TEXT));

INSERT INTO send_days
    SELECT app, (finished_at / 1000 + 8 * 3600) / 86400, template_id, outcome, err_code, count(*), count(*)
    FROM sends WHERE outcome <> 'pending' GROUP BY 1, 2, 3, 4, 5;

INSERT INTO rights (app, right_id, kind, openid, total, used, closed, made_at, reported_at, expires_at)
    SELECT app, right_id, iif(total = 3, 'payment', 'form'), openid, total, min(used, total),
        CASE WHEN used >= total THEN 'spent' WHEN used_up THEN 'used_up' WHEN invalid THEN 'invalid' ELSE '' END,
        first, first, first + 7 * 24 * 3600 * 1000
    FROM (SELECT app, right_id, openid, max(id), iif(right_id GLOB 'wx[0-9]*', 3, 1) AS total, sum(outcome = 'sent') AS used,
            max(err_code = 41029) AS used_up, max(err_code = 41028) AS invalid, min(created_at) AS first
        FROM sends WHERE right_id <> '' AND openid <> '' GROUP BY app, right_id);

UPDATE sends SET holds = 1 WHERE id IN
    (SELECT s.id FROM (SELECT id, app, right_id, row_number() OVER (PARTITION BY app, right_id ORDER BY id) AS n
            FROM sends WHERE outcome IN ('pending', 'unknown')) s
        JOIN rights r ON r.app = s.app AND r.right_id = s.right_id WHERE s.n <= r.total - r.used);
UPDATE rights SET held = (SELECT count(*) FROM sends s WHERE s.app = rights.app AND s.right_id = rights.right_id AND s.holds = 1);
