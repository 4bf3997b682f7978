-- Templates that stay known by name.

ALTER TABLE templates ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1)); -- it was added elsewhere
ALTER TABLE templates ADD COLUMN deleted_elsewhere INTEGER NOT NULL DEFAULT 0 CHECK (deleted_elsewhere IN (0, 1));
ALTER TABLE templates ADD COLUMN replaces TEXT NOT NULL DEFAULT ''; -- the template_id that it was restored from
CREATE INDEX templates_by_replaced ON templates (app, replaces) WHERE replaces <> '';

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

-- What template/list answered at last, for when WeChat does not answer.
CREATE TABLE account_lists (
    app     INTEGER PRIMARY KEY REFERENCES apps (id),
    read_at INTEGER NOT NULL
) STRICT;
CREATE TABLE account_templates (
    app         INTEGER NOT NULL REFERENCES account_lists (app),
    n           INTEGER NOT NULL, -- in WeChat's order
    template_id TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    content     TEXT    NOT NULL,
    example     TEXT    NOT NULL,
    PRIMARY KEY (app, n)
) STRICT, WITHOUT ROWID;

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
