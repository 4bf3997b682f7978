package db

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// second is a made-up next version: Muban has had one only.
func second() Schema {
	return append(lines(), `ALTER TABLE lines ADD COLUMN length INTEGER NOT NULL DEFAULT 0;
		UPDATE lines SET length = length(text)`)
}

func TestAnOlderDatabaseIsBroughtUpToDate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.db")
	d := open(t, file, lines())
	noError(t, d.add(t.Context(), "four"))
	noError(t, d.Close())

	d = open(t, file, second())
	version, err := d.engine.version(t.Context(), d.Readers())
	noError(t, err)
	equal(t, "version", version, 2)
	equal(t, "what the step did to a row", d.number(t, "SELECT length FROM lines"), 4)
	noError(t, d.Write(t.Context(), func(x *Tx) error { return x.Exec("UPDATE lines SET length = 5") }))
	noError(t, d.Close())

	d = open(t, file, second())
	equal(t, "a step is done once", d.number(t, "SELECT length FROM lines"), 5)
	noError(t, d.Close())
	_, err = tryOpen(t, file, lines())
	wantError(t, err, ErrNewer)
}

func TestAStepThatFailsLeavesTheVersionBefore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.db")
	d := open(t, file, lines())
	noError(t, d.add(t.Context(), "four"))
	noError(t, d.Close())
	if _, err := tryOpen(t, file, append(lines(), "DELETE FROM lines; DELETE FROM nowhere")); err == nil {
		t.Fatal("a step of nonsense went through")
	}
	d = open(t, file, lines())
	equal(t, "rows", d.count(t), 1)
}

func TestOfTwoProcessesOneTakesTheStep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.db")
	d := open(t, file, lines())
	noError(t, d.add(t.Context(), "four"))
	noError(t, d.Close())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			d, err := tryOpen(t, file, second())
			if err != nil {
				t.Error(err)
				return
			}
			equal(t, "length", d.number(t, "SELECT length FROM lines"), 4)
		})
	}
	wg.Wait()
}

func foreign() map[string]string {
	if onPostgres {
		return map[string]string{
			"a trigger": `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
				CREATE TRIGGER t BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION f()`,
			"a function":          "CREATE FUNCTION upper(bigint) RETURNS text LANGUAGE sql AS 'SELECT null::text'",
			"a view":              "CREATE VIEW v AS SELECT * FROM lines",
			"a table":             "CREATE TABLE other (a int)",
			"an index":            "CREATE INDEX i ON lines (text)",
			"a column":            "ALTER TABLE lines ADD COLUMN more text",
			"another name":        "ALTER TABLE lines RENAME COLUMN text TO line",
			"a default":           "ALTER TABLE lines ALTER COLUMN text SET DEFAULT ''",
			"a lost condition":    "ALTER TABLE lines ALTER COLUMN text DROP NOT NULL",
			"a lost table":        "DROP TABLE lines",
			"a rule":              "CREATE RULE r AS ON INSERT TO lines DO INSTEAD NOTHING",
			"a policy":            "ALTER TABLE lines ENABLE ROW LEVEL SECURITY",
			"a table of ours":     "ALTER TABLE muban_writers ADD COLUMN more text",
			"an unguarded commit": "ALTER TABLE lines SET UNLOGGED",
			"no version":          "UPDATE muban_schema SET version = 0",
		}
	}
	return map[string]string{
		"a trigger":     "CREATE TRIGGER t AFTER INSERT ON lines BEGIN DELETE FROM lines; END",
		"a view":        "CREATE VIEW v AS SELECT * FROM lines",
		"a table":       "CREATE TABLE other (a)",
		"an index":      "CREATE INDEX i ON lines (text)",
		"a column":      "ALTER TABLE lines ADD COLUMN more TEXT",
		"another name":  "ALTER TABLE lines RENAME COLUMN text TO line",
		"a lost table":  "DROP TABLE lines",
		"a full search": "CREATE VIRTUAL TABLE f USING fts5 (text)",
		"no version":    "PRAGMA user_version = 0",
	}
}

func TestFault51_WhatIsNotOursIsNotOpened(t *testing.T) {
	for name, statement := range foreign() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "test.db")
			noError(t, open(t, file, lines()).Close())
			behind(t, file, statement)
			_, err := tryOpen(t, file, lines())
			wantError(t, err, ErrForeign)
			_, err = look(t, file, lines())
			wantError(t, err, ErrForeign)
		})
	}
}

func TestFault51_AnAlteredTableIsStillOurs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.db")
	noError(t, open(t, file, lines()).Close())
	noError(t, open(t, file, second()).Close())
	noError(t, open(t, file, second()).Close())
	behind(t, file, "ALTER TABLE lines ADD COLUMN third TEXT")
	_, err := tryOpen(t, file, second())
	wantError(t, err, ErrForeign)
}

func TestFault51_LookingChangesNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "test.db")
	d := open(t, file, lines())
	noError(t, d.add(t.Context(), "one"))
	looks := func() {
		t.Helper()
		r, err := look(t, file, lines())
		noError(t, err)
		equal(t, "rows", r.count(t), 1)
		noError(t, r.Check(t.Context()))
		if _, err := r.Readers().QueryContext(t.Context(), "DELETE FROM lines RETURNING text"); err == nil {
			t.Error("it can be written")
		}
		noError(t, r.Close())
	}
	looks() // while a process works
	noError(t, d.Close())
	content := func() (all []string) {
		entries, err := os.ReadDir(dir)
		noError(t, err)
		for _, e := range entries {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			noError(t, err)
			all = append(all, e.Name()+string(b))
		}
		return all
	}
	before := content()
	looks()
	if !slices.Equal(before, content()) {
		t.Error("a file changed, came or went")
	}
	_, err := look(t, file, second())
	wantError(t, err, ErrOlder)
	_, err = OpenReadOnly(t.Context(), filepath.Join(dir, "missing"), Options{Schema: lines()})
	wantError(t, err, os.ErrNotExist)
}
