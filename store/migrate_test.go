package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// firstSchema makes a database as the first migration left it, with a draft in each of its states.
func firstSchema(t *testing.T, dir string) {
	t.Helper()
	script, err := migrations.ReadFile("migrations/0001_first.sql")
	noError(t, err)
	noError(t, writeKeys(filepath.Join(dir, "muban.key"), keyring{newMasterKey()}))
	db, err := sql.Open("sqlite", filepath.Join(dir, "muban.db"))
	noError(t, err)
	defer db.Close()
	for _, query := range []string{
		string(script), "PRAGMA user_version = 1",
		`INSERT INTO people VALUES (1, 'admin', 'admin', 'administrator', '', '', '', 0, 0, 0)`,
		`INSERT INTO apps VALUES (1, 'wx1', 'Shop', '', x'', 0, 0, 0)`,
		`INSERT INTO drafts (app, kind, title_id, title, keywords, scenario, state, template_id, author, author_name, version,
			created_at, updated_at) SELECT 1, 'combination', 'AT0002', value, '[]', 's', value, 'tpl', 1, 'admin', 7, 1, 2
			FROM json_each('["draft", "review", "approved", "rejected", "added"]')`,
		`INSERT INTO templates (app, template_id, title_id, title, keyword_ids, content, example, added_by_name, draft_id, added_at)
			VALUES (1, 'tpl', 'AT0002', 't', '[]', '', '', 'admin', 5, 1)`,
	} {
		_, err := db.Exec(query)
		noError(t, err)
	}
}

func TestDraftsOfTheFirstSchemaKeepTheirStates(t *testing.T) {
	dir := t.TempDir()
	firstSchema(t, dir)
	s := open(t, dir, newClock())
	drafts, total, err := s.Drafts(t.Context(), DraftFilter{App: 1})
	noError(t, err)
	equal(t, "drafts", total, 5)
	for _, d := range drafts {
		equal(t, "state", d.State, d.Title)
		equal(t, "the rest", d.TitleID+d.Scenario+d.TemplateID+d.AuthorName, "AT0002stpladmin")
		equal(t, "version", d.Version, 7)
		equal(t, "submitted", d.Submitted.IsZero(), true)
	}
	x, err := s.Template(t.Context(), 1, "tpl")
	noError(t, err)
	equal(t, "the template's draft", x.DraftID, 5)
	noError(t, s.Check(t.Context()))
	dangling, err := many(t.Context(), s.readers, scan[string], `SELECT "table" FROM pragma_foreign_key_check`)
	noError(t, err)
	equal(t, "dangling references", strings.Join(dangling, " "), "")
}

func TestADraftIsInAKnownState(t *testing.T) {
	f := newFixture(t)
	d := f.draft(t, "title")
	set := func(state string) error {
		return f.write(t.Context(), func(t *tx) error { return t.update("UPDATE drafts SET state = ? WHERE id = ?", state, d.ID) })
	}
	for _, state := range states() {
		noError(t, set(state))
	}
	if set("lost") == nil {
		t.Fatal("any state goes in")
	}
}
