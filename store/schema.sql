-- Times are milliseconds since 1970 in UTC; 0 stands for "never".
-- "app" is our own number of a mini program, "app_id" is WeChat's.
-- "message_kind" leaves room for messages that are no template messages, in the same tables.

-- Which keys the sealed columns were sealed with; a wrong muban.key is known by its id.
CREATE TABLE sealing_keys (
    id      BLOB    PRIMARY KEY CHECK (length(id) = 8),
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Of the whole console. Short, because the activity log repeats them.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY CHECK (name <> ''),
    value TEXT NOT NULL CHECK (length(value) <= 200)
) STRICT, WITHOUT ROWID;

-- Who of several processes does what only one may do at a time.
CREATE TABLE leases (
    name   TEXT    PRIMARY KEY CHECK (name <> ''),
    holder TEXT    NOT NULL CHECK (holder <> ''),
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE CHECK (name_key <> ''), -- folded by the program: SQLite folds ASCII only
    skeleton      TEXT    NOT NULL UNIQUE, -- what the name looks like: nobody can pass for somebody else
    role          TEXT    NOT NULL CHECK (role IN ('administrator', 'operator', 'product_manager', 'qa')),
    password_hash TEXT    NOT NULL,
    lang          TEXT    NOT NULL,
    theme         TEXT    NOT NULL,
    disabled      INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    steps_hidden  INTEGER NOT NULL DEFAULT 0 CHECK (steps_hidden IN (0, 1)), -- the overview's first steps
    created_at    INTEGER NOT NULL,
    last_sign_in  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE setup_token (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    hash       BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Guesses at passwords and codes that were wrong or are being judged. The name is hashed: people type passwords into
-- the wrong field.
CREATE TABLE guesses (
    id        INTEGER PRIMARY KEY,
    name_hash BLOB    NOT NULL CHECK (length(name_hash) = 32),
    place     TEXT    NOT NULL, -- that the person is known by; '' for any other
    addr      TEXT    NOT NULL, -- of IPv6 the /64
    at        INTEGER NOT NULL
) STRICT;
CREATE INDEX guesses_by_name ON guesses (name_hash, place, at);
CREATE INDEX guesses_by_addr ON guesses (addr, at);
CREATE INDEX guesses_by_time ON guesses (at);

-- Devices and networks that a person has signed in from: wrong guesses from elsewhere do not count there.
CREATE TABLE known_places (
    person_id INTEGER NOT NULL REFERENCES people (id),
    place     TEXT    NOT NULL CHECK (place <> ''),
    seen_at   INTEGER NOT NULL,
    PRIMARY KEY (person_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_places_by_place ON known_places (place);

CREATE TABLE second_factors (
    person_id    INTEGER PRIMARY KEY REFERENCES people (id),
    secret       BLOB    NOT NULL, -- sealed
    confirmed_at INTEGER NOT NULL DEFAULT 0, -- 0: being set up, nobody is asked for it yet
    last_step    INTEGER NOT NULL DEFAULT 0  -- of 30 seconds since 1970; a code of it or before it is not taken again
) STRICT;

CREATE TABLE recovery_codes (
    person_id INTEGER NOT NULL REFERENCES people (id),
    hash      TEXT    NOT NULL CHECK (hash <> ''), -- as of a password
    PRIMARY KEY (person_id, hash)
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

CREATE TABLE apps (
    id          INTEGER PRIMARY KEY,
    app_id      TEXT    NOT NULL UNIQUE CHECK (app_id <> ''),
    name        TEXT    NOT NULL,
    base        TEXT    NOT NULL,
    secret      BLOB    NOT NULL, -- sealed
    sandbox     INTEGER NOT NULL CHECK (sandbox IN (0, 1)),
    token_mode  TEXT    NOT NULL DEFAULT 'token' CHECK (token_mode IN ('token', 'stable_token')),
    color       TEXT    NOT NULL DEFAULT '' CHECK (color IN ('', 'blue', 'teal', 'purple', 'pink', 'red', 'orange')),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    archived_at INTEGER NOT NULL DEFAULT 0 -- 0: at work
) STRICT;

-- How WeChat pushes an app's events here.
CREATE TABLE pushes (
    app         INTEGER PRIMARY KEY REFERENCES apps (id),
    mode        TEXT    NOT NULL CHECK (mode IN ('plain', 'compat', 'safe')),
    token       BLOB    NOT NULL, -- sealed
    aes_key     BLOB    NOT NULL, -- sealed; of '' in plain mode
    verified_at INTEGER NOT NULL DEFAULT 0,
    heard       TEXT    NOT NULL DEFAULT '', -- the last Event that was taken
    heard_at    INTEGER NOT NULL DEFAULT 0,
    refused     TEXT    NOT NULL DEFAULT '', -- why the last that was not believed was not
    refused_at  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Only what differs from the role for all apps; 'none': the app is not there for this person.
CREATE TABLE person_roles (
    person_id INTEGER NOT NULL REFERENCES people (id),
    app       INTEGER NOT NULL REFERENCES apps (id),
    role      TEXT    NOT NULL CHECK (role IN ('administrator', 'operator', 'product_manager', 'qa', 'none')),
    PRIMARY KEY (person_id, app)
) STRICT, WITHOUT ROWID;

CREATE TABLE person_openids (
    person_id INTEGER NOT NULL REFERENCES people (id),
    app       INTEGER NOT NULL REFERENCES apps (id),
    openid    TEXT    NOT NULL CHECK (openid <> ''),
    PRIMARY KEY (person_id, app)
) STRICT, WITHOUT ROWID;

-- A code that a person types into their own mini program, which reports their openid with it.
CREATE TABLE binding_codes (
    person_id  INTEGER NOT NULL REFERENCES people (id),
    app        INTEGER NOT NULL REFERENCES apps (id),
    hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, app)
) STRICT, WITHOUT ROWID;

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

-- An ended session stays until it is pruned, so that a request still under way cannot save it back to life.
CREATE TABLE sessions (
    hash       BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    person_id  INTEGER REFERENCES people (id),
    app        INTEGER REFERENCES apps (id),
    data       BLOB    NOT NULL,
    addr       TEXT    NOT NULL DEFAULT '',
    agent      TEXT    NOT NULL DEFAULT '' CHECK (length(agent) <= 100),
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions (person_id);

-- The keys of business servers. A key is random and long, so its SHA-256 is all that is needed to know it again.
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
    last_used_at    INTEGER NOT NULL DEFAULT 0,
    held            INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)) -- came from a backup, and may have been revoked since
) STRICT;
CREATE INDEX api_keys_by_app ON api_keys (app, id);

-- How often a key was handed its app's token.
CREATE TABLE handouts (
    key_id INTEGER NOT NULL REFERENCES api_keys (id),
    app    INTEGER NOT NULL REFERENCES apps (id),
    hour   INTEGER NOT NULL, -- when it began
    count  INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (key_id, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX handouts_by_app ON handouts (app, hour);

-- By WeChat's own id and without a reference: a token may come before its app is configured.
CREATE TABLE tokens (
    app_id     TEXT    PRIMARY KEY,
    value      BLOB    NOT NULL, -- sealed
    fetched_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE alerts (
    id         INTEGER PRIMARY KEY,
    cause      TEXT    NOT NULL CHECK (cause <> ''),
    app        INTEGER NOT NULL REFERENCES apps (id),
    detail     TEXT    NOT NULL,
    raised_at  INTEGER NOT NULL,
    cleared_at INTEGER NOT NULL DEFAULT 0
) STRICT;
-- One alert a condition, whichever process sees it first.
CREATE UNIQUE INDEX alerts_raised ON alerts (cause, app) WHERE cleared_at = 0;
CREATE INDEX alerts_by_time ON alerts (raised_at);

-- Where notices are sent: webhooks and group robots. The address may hold a key of the receiver's, so it is sealed too.
CREATE TABLE channels (
    id         INTEGER PRIMARY KEY,
    make       TEXT    NOT NULL CHECK (make <> ''),
    name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    apps       TEXT    NOT NULL, -- their ids, a space between; '': those of every app
    topics     TEXT    NOT NULL, -- kinds of changes, a space between
    url        BLOB    NOT NULL,
    secret     BLOB    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- What is or was to be sent to a channel. body stays as it was made; its shape and its signature are made for each
-- attempt. The channel may be removed.
CREATE TABLE deliveries (
    id           INTEGER PRIMARY KEY,
    channel      INTEGER NOT NULL,
    channel_name TEXT    NOT NULL,
    change       TEXT    NOT NULL CHECK (change <> ''),
    cause        TEXT    NOT NULL, -- of the alert; '' for a test
    app          INTEGER REFERENCES apps (id),
    body         BLOB    NOT NULL,
    made_at      INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    tried_at     INTEGER NOT NULL DEFAULT 0,
    next_at      INTEGER NOT NULL, -- 0 once it is delivered or given up
    status       INTEGER NOT NULL DEFAULT 0, -- HTTP, of the last attempt
    code         INTEGER NOT NULL DEFAULT 0, -- the receiver's own, of the last attempt
    problem      TEXT    NOT NULL DEFAULT '', -- why the last attempt failed
    delivered_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at > 0;
CREATE INDEX deliveries_by_channel ON deliveries (channel, id);

-- That an app's people were told of a day's rights that run out.
CREATE TABLE told_days (
    app INTEGER NOT NULL REFERENCES apps (id),
    day INTEGER NOT NULL, -- since 1970-01-01, in Beijing
    PRIMARY KEY (app, day)
) STRICT, WITHOUT ROWID;

-- The syncs that read each app's title libraries, one for each kind of message.
-- pass and what follows it: how far the reading of the list is (library.Pass). missing, counts and categories are JSON.
CREATE TABLE library_syncs (
    id         INTEGER PRIMARY KEY,
    app        INTEGER NOT NULL REFERENCES apps (id),
    message_kind TEXT NOT NULL DEFAULT 'template',
    by_name    TEXT    NOT NULL, -- '' for the daily one
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    outcome    TEXT    NOT NULL CHECK (outcome IN ('running', 'complete', 'cancelled', 'failed')),
    reason     TEXT    NOT NULL DEFAULT '', -- why it failed, where it was no errcode: one of library.Reasons
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
    counts     TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(counts)),
    categories TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(categories)) -- of the account, where the kind has such
) STRICT;
CREATE INDEX library_syncs_by_app ON library_syncs (app, message_kind, id);
CREATE UNIQUE INDEX library_syncs_running ON library_syncs (app, message_kind) WHERE outcome = 'running';

-- What a sync under way has read. keywords is 'null' until they are, refused until WeChat refuses to open the title.
CREATE TABLE library_staged (
    sync     INTEGER NOT NULL REFERENCES library_syncs (id),
    title_id TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    type     INTEGER NOT NULL DEFAULT 0,
    categories TEXT  NOT NULL DEFAULT 'null' CHECK (json_valid(categories)),
    keywords TEXT    NOT NULL CHECK (json_valid(keywords)),
    place    INTEGER NOT NULL,
    pass     INTEGER NOT NULL,
    refused  TEXT    NOT NULL CHECK (json_valid(refused)),
    PRIMARY KEY (sync, title_id)
) STRICT, WITHOUT ROWID;

-- The copies of the libraries. keywords is 'null' where the sync lists the title as missing. Titles of subscribe
-- messages alone have a type, 2 for once and 3 for long-term, and categories, a JSON list of their ids.
CREATE TABLE library_titles (
    app          INTEGER NOT NULL REFERENCES apps (id),
    message_kind TEXT    NOT NULL DEFAULT 'template',
    title_id     TEXT    NOT NULL,
    text         TEXT    NOT NULL,
    type         INTEGER NOT NULL DEFAULT 0,
    categories   TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(categories)),
    keywords     TEXT    NOT NULL CHECK (json_valid(keywords)),
    place        INTEGER NOT NULL,
    PRIMARY KEY (app, message_kind, title_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE library_changes (
    sync     INTEGER NOT NULL REFERENCES library_syncs (id),
    n        INTEGER NOT NULL, -- in the order of the library
    what     TEXT    NOT NULL,
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
    app          INTEGER NOT NULL REFERENCES apps (id),
    message_kind TEXT    NOT NULL DEFAULT 'template',
    good         INTEGER REFERENCES library_syncs (id),
    daily        INTEGER NOT NULL DEFAULT 0 CHECK (daily IN (0, 1)),
    PRIMARY KEY (app, message_kind)
) STRICT, WITHOUT ROWID;

-- The state of the simulated WeChat, where several machines serve it.
CREATE TABLE simulation (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    state   BLOB    NOT NULL
) STRICT;

-- The forms that were sent, so that a second click does nothing more; result is the id that the first has led to.
-- What is asked of WeChat is in pending_changes. person 0 is the system.
CREATE TABLE once (
    app    INTEGER NOT NULL REFERENCES apps (id),
    person INTEGER NOT NULL,
    key    TEXT    NOT NULL CHECK (key <> ''),
    hash   BLOB    NOT NULL CHECK (length(hash) = 32),
    result TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (app, person, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX once_by_time ON once (at);

CREATE TABLE drafts (
    id           INTEGER PRIMARY KEY,
    app          INTEGER NOT NULL REFERENCES apps (id),
    message_kind TEXT    NOT NULL DEFAULT 'template',
    proposed     INTEGER NOT NULL CHECK (proposed IN (0, 1)), -- 0: a combination under a title of the library
    title_id     TEXT    NOT NULL, -- of a proposal once WeChat has accepted it and the library has it
    title        TEXT    NOT NULL,
    keywords     TEXT    NOT NULL CHECK (json_valid(keywords)),
    scenario     TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN
                 ('draft', 'review', 'approved', 'rejected', 'submitted', 'accepted', 'refused', 'added')),
    template_id  TEXT    NOT NULL DEFAULT '',
    author       INTEGER REFERENCES people (id),
    author_name  TEXT    NOT NULL,
    version      INTEGER NOT NULL CHECK (version > 0),
    submitted_at INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    deleted_at   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX drafts_by_app ON drafts (app, updated_at, id) WHERE deleted_at = 0;
CREATE INDEX drafts_by_state ON drafts (app, state, author) WHERE deleted_at = 0;

-- title, keywords and scenario are the draft as it was reviewed.
CREATE TABLE reviews (
    id          INTEGER PRIMARY KEY,
    draft       INTEGER NOT NULL REFERENCES drafts (id),
    verdict     TEXT    NOT NULL CHECK (verdict IN ('approved', 'rejected', 'letter')),
    version     INTEGER NOT NULL CHECK (version > 0),
    title       TEXT    NOT NULL,
    keywords    TEXT    NOT NULL CHECK (json_valid(keywords)),
    scenario    TEXT    NOT NULL,
    letter      TEXT    NOT NULL DEFAULT '' CHECK (length(letter) <= 4000), -- WeChat's, whole
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

-- What became of a draft, step by step; the log of activities is not read for it.
CREATE TABLE draft_steps (
    id          INTEGER PRIMARY KEY,
    draft       INTEGER NOT NULL REFERENCES drafts (id),
    act         TEXT    NOT NULL CHECK (act <> ''),
    person_id   INTEGER REFERENCES people (id),
    person_name TEXT    NOT NULL, -- '' for the console itself
    at          INTEGER NOT NULL,
    handed_in   INTEGER NOT NULL DEFAULT 0 -- when it was submitted to WeChat; 0 for other steps, and once it was taken back
) STRICT;
CREATE INDEX draft_steps_by_draft ON draft_steps (draft, id);

CREATE TABLE comments (
    id          INTEGER PRIMARY KEY,
    draft       INTEGER NOT NULL REFERENCES drafts (id),
    person_id   INTEGER REFERENCES people (id),
    person_name TEXT    NOT NULL,
    text        TEXT    NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX comments_by_draft ON comments (draft, id);

CREATE TABLE templates (
    app               INTEGER NOT NULL REFERENCES apps (id),
    template_id       TEXT    NOT NULL CHECK (template_id <> ''),
    message_kind      TEXT    NOT NULL DEFAULT 'template',
    title_id          TEXT    NOT NULL,
    title             TEXT    NOT NULL,
    keyword_ids       TEXT    NOT NULL CHECK (json_valid(keyword_ids)),
    scene             TEXT    NOT NULL DEFAULT '', -- of a subscribe template, as it was added here; WeChat does not tell it
    content           TEXT    NOT NULL,
    example           TEXT    NOT NULL,
    type              INTEGER NOT NULL DEFAULT 0, -- of a subscribe template: 2 for once, 3 for long-term
    enums             TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(enums)), -- the values that its keywords list
    adopted           INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1)), -- it was added elsewhere
    added_by          INTEGER REFERENCES people (id),
    added_by_name     TEXT    NOT NULL,
    draft_id          INTEGER REFERENCES drafts (id),
    added_at          INTEGER NOT NULL,
    deleted_at        INTEGER NOT NULL DEFAULT 0,
    deleted_by_name   TEXT    NOT NULL DEFAULT '',
    deleted_elsewhere INTEGER NOT NULL DEFAULT 0 CHECK (deleted_elsewhere IN (0, 1)),
    replaces          TEXT    NOT NULL DEFAULT '', -- the template_id that it was restored from
    PRIMARY KEY (app, template_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX templates_by_replaced ON templates (app, replaces) WHERE replaces <> '';

-- What WeChat was asked to add or delete, from before the call until it is known what became of it. A row that has
-- ended stays for a while: the form that asked may be sent again.
CREATE TABLE pending_changes (
    id           INTEGER PRIMARY KEY,
    app          INTEGER NOT NULL REFERENCES apps (id),
    message_kind TEXT    NOT NULL DEFAULT 'template',
    scene        TEXT    NOT NULL DEFAULT '',
    type         INTEGER NOT NULL DEFAULT 0,
    what         TEXT    NOT NULL CHECK (what IN ('addition', 'deletion')),
    form_key     TEXT    NOT NULL,
    template_id  TEXT    NOT NULL, -- of an addition once it is done
    title_id     TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    keywords     TEXT    NOT NULL CHECK (json_valid(keywords)), -- that are combined, to know the template by
    keyword_ids  TEXT    NOT NULL CHECK (json_valid(keyword_ids)),
    content      TEXT    NOT NULL,
    example      TEXT    NOT NULL,
    draft_id     INTEGER REFERENCES drafts (id),
    replaces     TEXT    NOT NULL,
    before_ids   TEXT    NOT NULL CHECK (json_valid(before_ids)), -- the template_ids listed before an addition
    person_id    INTEGER REFERENCES people (id),
    person_name  TEXT    NOT NULL,
    addr         TEXT    NOT NULL,
    began_at     INTEGER NOT NULL,
    until_at     INTEGER NOT NULL, -- WeChat may still carry it out before
    ended_at     INTEGER NOT NULL DEFAULT 0,
    outcome      TEXT    NOT NULL DEFAULT '' CHECK (outcome IN ('', 'done', 'undone'))
) STRICT;
CREATE INDEX pending_changes_open ON pending_changes (app) WHERE ended_at = 0;
CREATE INDEX pending_changes_by_end ON pending_changes (app, ended_at);
CREATE INDEX pending_changes_by_key ON pending_changes (app, form_key) WHERE form_key <> '';

-- What template/list and gettemplate answered at last, for when WeChat does not answer.
CREATE TABLE account_lists (
    app          INTEGER NOT NULL REFERENCES apps (id),
    message_kind TEXT    NOT NULL,
    read_at      INTEGER NOT NULL,
    PRIMARY KEY (app, message_kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE account_templates (
    app          INTEGER NOT NULL,
    message_kind TEXT    NOT NULL,
    n            INTEGER NOT NULL, -- in WeChat's order
    template_id  TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    example      TEXT    NOT NULL,
    type         INTEGER NOT NULL DEFAULT 0,
    enums        TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(enums)),
    PRIMARY KEY (app, message_kind, n),
    FOREIGN KEY (app, message_kind) REFERENCES account_lists (app, message_kind)
) STRICT, WITHOUT ROWID;

-- When an alias named which template; until_at 0 is now. Of the spans that are open there is one for
-- an alias, and one for a template.
CREATE TABLE alias_spans (
    id          INTEGER PRIMARY KEY,
    app         INTEGER NOT NULL,
    alias       TEXT    NOT NULL CHECK (length(alias) BETWEEN 1 AND 64 AND alias NOT GLOB '*[^-a-z0-9._]*'),
    template_id TEXT    NOT NULL,
    from_at     INTEGER NOT NULL,
    set_by      TEXT    NOT NULL, -- the name of a person
    until_at    INTEGER NOT NULL DEFAULT 0,
    ended_by    TEXT    NOT NULL DEFAULT '',
    FOREIGN KEY (app, template_id) REFERENCES templates (app, template_id)
) STRICT;
CREATE UNIQUE INDEX aliases ON alias_spans (app, alias) WHERE until_at = 0;
CREATE UNIQUE INDEX aliases_by_template ON alias_spans (app, template_id) WHERE until_at = 0;
CREATE INDEX alias_spans_by_alias ON alias_spans (app, alias, id);
CREATE INDEX alias_spans_by_template ON alias_spans (app, template_id, id);

-- The subscribe template that goes out in the place of one of template messages where that is asked for by its alias.
-- keys tells of each of its keys whose value it shows, as a JSON object.
CREATE TABLE successors (
    app         INTEGER NOT NULL,
    template_id TEXT    NOT NULL,
    successor   TEXT    NOT NULL,
    keys        TEXT    NOT NULL CHECK (json_valid(keys)),
    set_at      INTEGER NOT NULL,
    set_by      TEXT    NOT NULL, -- the name of a person
    PRIMARY KEY (app, template_id),
    FOREIGN KEY (app, template_id) REFERENCES templates (app, template_id),
    FOREIGN KEY (app, successor) REFERENCES templates (app, template_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX successors_by_successor ON successors (app, successor);

-- Who depends on a template: which key asked for it, by which alias ('' for its template_id).
CREATE TABLE template_lookups (
    app         INTEGER NOT NULL REFERENCES apps (id),
    template_id TEXT    NOT NULL,
    alias       TEXT    NOT NULL,
    api_key     INTEGER NOT NULL REFERENCES api_keys (id),
    count       INTEGER NOT NULL CHECK (count > 0),
    last_at     INTEGER NOT NULL,
    PRIMARY KEY (app, template_id, alias, api_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX template_lookups_by_alias ON template_lookups (app, alias);

-- Messages kept to be sent again.
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

-- A right is one form_id or prepay_id. The CHECK is the last guard against a send too many.
CREATE TABLE rights (
    id          INTEGER PRIMARY KEY,
    app         INTEGER NOT NULL REFERENCES apps (id),
    right_id    TEXT    NOT NULL CHECK (right_id <> ''),
    source      TEXT    NOT NULL CHECK (source IN ('form', 'payment')),
    openid      TEXT    NOT NULL CHECK (openid <> ''),
    total       INTEGER NOT NULL,
    used        INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
    held        INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0), -- by sends, see sends.holds, and by a restore
    restored    INTEGER NOT NULL DEFAULT 0 CHECK (restored BETWEEN 0 AND held), -- how many of them by a restore
    closed      TEXT    NOT NULL DEFAULT '', -- why it allows no more; '' while it may
    made_at     INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    usable      INTEGER NOT NULL GENERATED ALWAYS AS (CASE WHEN closed = '' AND used + held < total THEN 1 ELSE 0 END) STORED, -- but for its time
    UNIQUE (app, right_id),
    CHECK (used + held <= total)
) STRICT;
CREATE INDEX rights_by_time ON rights (app, expires_at, id);
CREATE INDEX rights_by_openid ON rights (app, openid, expires_at, id);
CREATE INDEX rights_usable ON rights (app, expires_at, id, usable) WHERE usable = 1;
CREATE INDEX rights_closed ON rights (app, closed, expires_at, id) WHERE closed <> '';
CREATE INDEX rights_held ON rights (app, expires_at, id) WHERE held > 0;

-- What users said to subscribe templates, each answer once however often it was reported. era counts the answers that
-- ended what was there before them; a row of an earlier one counts no more.
CREATE TABLE consent_answers (
    app         INTEGER NOT NULL REFERENCES apps (id),
    openid      TEXT    NOT NULL CHECK (openid <> ''),
    template_id TEXT    NOT NULL CHECK (template_id <> ''),
    ref         TEXT    NOT NULL CHECK (ref <> ''), -- the same for each report of it
    answer      TEXT    NOT NULL CHECK (answer IN ('accept', 'reject', 'ban', 'declined', 'emptied')),
    source      TEXT    NOT NULL CHECK (source IN ('page', 'event', 'hand', 'sandbox', 'send')),
    era         INTEGER NOT NULL,
    said_at     INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    PRIMARY KEY (app, openid, template_id, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_answers_by_era ON consent_answers (app, openid, template_id, era);
CREATE INDEX consent_answers_by_time ON consent_answers (app, reported_at);

-- A consent is one accept, by whichever way it was reported. The CHECK is the last guard against a send too many.
CREATE TABLE consents (
    id          INTEGER PRIMARY KEY,
    app         INTEGER NOT NULL REFERENCES apps (id),
    openid      TEXT    NOT NULL CHECK (openid <> ''),
    template_id TEXT    NOT NULL CHECK (template_id <> ''),
    source      TEXT    NOT NULL CHECK (source IN ('page', 'event', 'hand', 'sandbox', 'send')),
    long_term   INTEGER NOT NULL CHECK (long_term IN (0, 1)),
    era         INTEGER NOT NULL,
    used        INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
    held        INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0), -- by sends, see sends.holds
    closed      TEXT    NOT NULL DEFAULT '', -- why it allows no more; '' while it may
    made_at     INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    reserved_at INTEGER NOT NULL DEFAULT 0, -- when a send last began under it
    CHECK (long_term = 1 OR used + held <= 1)
) STRICT;
CREATE INDEX consents_by_template ON consents (app, openid, template_id, made_at);
CREATE INDEX consents_open ON consents (app, openid, template_id, made_at) WHERE closed = '';
CREATE INDEX consents_closed ON consents (app, made_at) WHERE closed <> '';

-- What the answers of one user to one template come to.
CREATE TABLE consent_balances (
    app         INTEGER NOT NULL REFERENCES apps (id),
    openid      TEXT    NOT NULL CHECK (openid <> ''),
    template_id TEXT    NOT NULL CHECK (template_id <> ''),
    long_term   INTEGER NOT NULL DEFAULT 0 CHECK (long_term IN (0, 1)),
    unused      INTEGER NOT NULL DEFAULT 0 CHECK (unused >= 0), -- sends that could begin; 1 where there is no end to them
    held        INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    used        INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
    refused     INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1)), -- the last answer was no
    source      TEXT    NOT NULL DEFAULT '', -- of the last answer
    era         INTEGER NOT NULL DEFAULT 0,
    ended_at    INTEGER NOT NULL DEFAULT 0, -- when the era began
    accepted_at INTEGER NOT NULL DEFAULT 0, -- when the last accept was said
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (app, openid, template_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_balances_by_time ON consent_balances (app, updated_at, openid, template_id);
CREATE INDEX consent_balances_by_template ON consent_balances (app, template_id, updated_at, openid);
CREATE INDEX consent_balances_usable ON consent_balances (app, updated_at, openid, template_id, unused) WHERE unused > 0;
CREATE INDEX consent_balances_refused ON consent_balances (app, updated_at, openid, template_id, refused) WHERE refused = 1;
CREATE INDEX consent_balances_held ON consent_balances (app, updated_at, openid, template_id, held) WHERE held > 0;

-- Who can be reached and how often, by template.
CREATE TABLE consent_counts (
    app         INTEGER NOT NULL REFERENCES apps (id),
    template_id TEXT    NOT NULL,
    users       INTEGER NOT NULL DEFAULT 0, -- that can be reached
    unused      INTEGER NOT NULL DEFAULT 0, -- sends, without those of long-term consents
    held        INTEGER NOT NULL DEFAULT 0,
    long_term   INTEGER NOT NULL DEFAULT 0, -- of the users, those without an end
    PRIMARY KEY (app, template_id)
) STRICT, WITHOUT ROWID;

-- What became of consents by day of WeChat's calendar.
CREATE TABLE consent_days (
    app         INTEGER NOT NULL REFERENCES apps (id),
    template_id TEXT    NOT NULL,
    day         INTEGER NOT NULL, -- since 1970-01-01
    accepted    INTEGER NOT NULL DEFAULT 0,
    used        INTEGER NOT NULL DEFAULT 0,
    refused     INTEGER NOT NULL DEFAULT 0, -- taken back
    emptied     INTEGER NOT NULL DEFAULT 0, -- that WeChat knew nothing of
    declined    INTEGER NOT NULL DEFAULT 0, -- popups that were answered with no
    PRIMARY KEY (app, template_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_days_by_day ON consent_days (app, day);

-- A backup that was put in the place of the database. Until somebody has confirmed it nothing is sent: what went out
-- between the backup and the restore is not known here.
CREATE TABLE restores (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What became of rights and sends by day of WeChat's calendar: rights are pruned, counts stay.
CREATE TABLE right_days (
    app      INTEGER NOT NULL REFERENCES apps (id),
    day      INTEGER NOT NULL, -- since 1970-01-01
    reported INTEGER NOT NULL DEFAULT 0,
    used     INTEGER NOT NULL DEFAULT 0,
    spent    INTEGER NOT NULL DEFAULT 0,
    expired  INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    ending   INTEGER NOT NULL DEFAULT 0, -- sends that are left, or under way, of rights that end on the day
    PRIMARY KEY (app, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE sends (
    id              INTEGER PRIMARY KEY,
    app             INTEGER NOT NULL REFERENCES apps (id),
    message_kind    TEXT    NOT NULL DEFAULT 'template',
    key             TEXT    NOT NULL CHECK (key <> ''),
    body_hash       BLOB    NOT NULL CHECK (length(body_hash) = 32),
    template_id     TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    openid          TEXT    NOT NULL,
    right_id        TEXT    NOT NULL, -- the form_id or prepay_id that allows it, or the name of a consent
    request         BLOB    NOT NULL,
    words           TEXT    NOT NULL, -- the values, a line each, to search in
    outcome         TEXT    NOT NULL CHECK (outcome IN ('pending', 'sent', 'refused', 'unknown')),
    err_code        INTEGER NOT NULL,
    err_msg         TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    took_us         INTEGER NOT NULL, -- microseconds
    msg_id          TEXT    NOT NULL DEFAULT '', -- WeChat's number of the message, where it tells one
    person_id       INTEGER REFERENCES people (id),
    person_name     TEXT    NOT NULL,
    process         INTEGER NOT NULL, -- that began it
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER NOT NULL,
    holds           INTEGER NOT NULL CHECK (holds IN (0, 1)), -- one send of its right
    decision        TEXT    NOT NULL DEFAULT '' CHECK (decision IN ('', 'arrived', 'not_arrived')),
    decided_by_name TEXT    NOT NULL DEFAULT '',
    decided_at      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (app, key)
) STRICT;
CREATE INDEX sends_by_app ON sends (app, id);
CREATE INDEX sends_by_template ON sends (app, template_id, id);
CREATE INDEX sends_by_openid ON sends (app, openid, id);
CREATE INDEX sends_by_time ON sends (app, created_at, id);
CREATE INDEX sends_holding ON sends (app, right_id) WHERE holds = 1;
CREATE INDEX sends_pending ON sends (process) WHERE outcome = 'pending';
-- Most sends go out well, and by a key: what is common is quickly found without an index.
CREATE INDEX sends_troubled ON sends (app, outcome, created_at, id) WHERE outcome IN ('refused', 'unknown');
CREATE INDEX sends_undecided ON sends (app, id) WHERE outcome = 'unknown' AND decision = '';
CREATE INDEX sends_by_code ON sends (app, err_code, created_at, id) WHERE err_code <> 0;
CREATE INDEX sends_by_person ON sends (app, person_id, id) WHERE person_id IS NOT NULL;

-- What became of messages after WeChat took them, as its events tell: they may come before the answer to the send.
CREATE TABLE message_receipts (
    app         INTEGER NOT NULL REFERENCES apps (id),
    msg_id      TEXT    NOT NULL CHECK (msg_id <> ''),
    template_id TEXT    NOT NULL,
    openid      TEXT    NOT NULL,
    err_code    INTEGER NOT NULL,
    status      TEXT    NOT NULL, -- WeChat's, whole: success, or what went wrong
    said_at     INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    PRIMARY KEY (app, msg_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_receipts_by_time ON message_receipts (app, reported_at);

CREATE TABLE send_days (
    app         INTEGER NOT NULL REFERENCES apps (id),
    day         INTEGER NOT NULL, -- on which it ended
    template_id TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    err_code    INTEGER NOT NULL,
    sends       INTEGER NOT NULL,
    calls       INTEGER NOT NULL, -- of send, which WeChat's quota counts
    message_kind TEXT   NOT NULL DEFAULT 'template', -- that the template is of
    PRIMARY KEY (app, day, template_id, outcome, err_code)
) STRICT, WITHOUT ROWID;

-- The same, coarser, by hour: how a day went.
CREATE TABLE send_hours (
    app     INTEGER NOT NULL REFERENCES apps (id),
    hour    INTEGER NOT NULL, -- since 1970 in UTC, in which it ended
    outcome TEXT    NOT NULL,
    sends   INTEGER NOT NULL,
    PRIMARY KEY (app, hour, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE violations (
    id               INTEGER PRIMARY KEY,
    app              INTEGER NOT NULL REFERENCES apps (id),
    message_kind     TEXT    NOT NULL DEFAULT 'template',
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

-- Penalties as WeChat pushed them, until a person has put them away.
CREATE TABLE penalty_notices (
    app       INTEGER NOT NULL REFERENCES apps (id),
    punish_id TEXT    NOT NULL CHECK (punish_id <> ''),
    warning   INTEGER NOT NULL CHECK (warning IN (0, 1)),
    reason    TEXT    NOT NULL,
    content   TEXT    NOT NULL,
    rule      TEXT    NOT NULL,
    rule_url  TEXT    NOT NULL,
    guide_url TEXT    NOT NULL,
    functions TEXT    NOT NULL CHECK (json_valid(functions)),
    days      INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    seen_at   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (app, punish_id)
) STRICT, WITHOUT ROWID;

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

-- No references: the log outlives what it tells of. Each line carries the hash of itself and of the one before: a
-- line that was changed, added or taken out later breaks the chain (muban verify).
CREATE TABLE activities (
    id          INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    person_id   INTEGER NOT NULL,
    person_name TEXT    NOT NULL,
    addr        TEXT    NOT NULL,
    app         INTEGER NOT NULL,
    act         TEXT    NOT NULL CHECK (act <> ''),
    object      TEXT    NOT NULL,
    detail      TEXT    NOT NULL CHECK (detail = '' OR json_valid(detail)),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX activities_by_app ON activities (app, id);
CREATE INDEX activities_by_act ON activities (act, id);
CREATE INDEX activities_by_person ON activities (person_id, id);
-- Business servers report rights by the million; what people did is found beside that.
CREATE INDEX activities_of_people ON activities (app, id) WHERE person_id > 0;

CREATE TRIGGER activities_are_not_changed BEFORE UPDATE ON activities
BEGIN SELECT RAISE(ABORT, 'activities are append-only'); END;
CREATE TRIGGER activities_are_not_deleted BEFORE DELETE ON activities
BEGIN SELECT RAISE(ABORT, 'activities are append-only'); END;
