package db

import (
	"path/filepath"
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
	equal(t, "version", d.number(t, "PRAGMA user_version"), 2)
	equal(t, "what the step did to a row", d.number(t, "SELECT length FROM lines"), 4)
	noError(t, d.Write(t.Context(), func(x *Tx) error { return x.Exec("UPDATE lines SET length = 5") }))
	noError(t, d.Close())

	d = open(t, file, second())
	equal(t, "a step is done once", d.number(t, "SELECT length FROM lines"), 5)
	noError(t, d.Close())
	_, err := tryOpen(t, file, lines())
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
