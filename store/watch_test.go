package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"
)

// watch answers what f.Watch tells, as it comes.
func (f *fixture) watch(t *testing.T) chan string {
	t.Helper()
	told := make(chan string, 100)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Watch(ctx, func(nouns []string) error {
			for _, noun := range nouns {
				told <- noun
			}
			return nil
		})
	}()
	t.Cleanup(func() { stop(); <-done })
	return told
}

// hears waits for a noun, a second at most.
func hears(t *testing.T, told chan string, noun string) {
	t.Helper()
	over := time.After(time.Second)
	for {
		select {
		case got := <-told:
			if got == noun {
				return
			}
		case <-over:
			t.Fatalf("nothing was heard of %q within a second", noun)
		}
	}
}

func TestWhatAnotherProcessChangesIsSeenWithinASecond(t *testing.T) {
	f := newFixture(t)
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "tpl"}))
	beside := open(t, f.dir, f.clock) // as another process would
	told := f.watch(t)
	for _, act := range []struct {
		noun string
		do   func() error
	}{
		{"app", func() error {
			_, err := beside.AddApp(t.Context(), f.by, App{AppID: "wx-beside", Secret: canary})
			return err
		}},
		{"person", func() error {
			_, err := beside.AddPerson(t.Context(), f.by, Person{Name: "beside", Role: QA})
			return err
		}},
		{"api_key", func() error {
			_, err := beside.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Prefix: "beside"})
			return err
		}},
		{"alias", func() error { return beside.SetAlias(t.Context(), f.by, f.app.ID, "tpl", "order-paid") }},
		{"setting", func() error { return beside.SetSetting(t.Context(), f.by, SelfApproval, "on") }},
	} {
		noError(t, act.do())
		hears(t, told, act.noun)
	}
}

func TestAfterALossOfTheDatabaseEverythingMayHaveChanged(t *testing.T) {
	for _, noun := range []string{"app", "person", "api_key", "alias", "template", "setting", "key"} {
		equal(t, noun, slices.Contains(everyNoun(), noun), true)
	}
}

// A key is rotated because somebody else knows it: no process goes on with it.
func TestFault54_AKeyThatIsRotatedWhileServingSealsNothingMore(t *testing.T) {
	f := newFixture(t)
	f.token(t)
	old, oldFor := f.ring()[0].id, f.Key("sessions")
	told := f.watch(t)
	var out bytes.Buffer
	noError(t, Data{Dir: f.dir, Database: database(t, f.dir)}.RotateKey(t.Context(), &out)) // as the command does, beside
	equal(t, "the answer names the file", bytes.Contains(out.Bytes(), []byte("muban.key")), true)

	added, err := f.AddApp(t.Context(), f.by, App{AppID: "wx-after", Secret: canary})
	noError(t, err)
	f.token(t)
	sealed, err := many(t.Context(), f.readers, scan[[]byte], "SELECT secret FROM apps UNION ALL SELECT value FROM tokens")
	noError(t, err)
	equal(t, "sealed values", len(sealed), 3)
	for _, value := range sealed {
		if bytes.HasPrefix(value, old[:]) {
			t.Error("a secret is sealed with the key from before")
		}
	}
	a, err := f.App(t.Context(), added.ID)
	noError(t, err)
	equal(t, "secret", a.Secret.Reveal(), canary)
	hears(t, told, "key")
	if bytes.Equal(f.Key("sessions"), oldFor) {
		t.Error("tickets are signed with the key from before")
	}

}

func TestFault54_ABackupFromBeforeTheKeyWasRotatedOpensWithTheSameFile(t *testing.T) {
	onSQLite(t)
	f := newFixture(t)
	file := t.TempDir() + "/before.db"
	noError(t, f.Backup(t.Context(), f.by, file))
	noError(t, f.RotateKey(t.Context(), f.by))
	noError(t, f.Close())
	_, err := f.restore(t, file)
	noError(t, err)
	f.Store = open(t, f.dir, f.clock)
	a, err := f.App(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "secret of the backup", a.Secret.Reveal(), canary)
	noError(t, f.Close())
	noError(t, os.Remove(f.keyFile()))
	_, err = tryOpen(t, f.dir, Options{})
	wantError(t, err, ErrKey)
}

// What could not be taken over, as while the database is away, is told again.
func TestAChangeThatCouldNotBeTakenOverIsToldAgain(t *testing.T) {
	f := newFixture(t)
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	_, err := f.AddApp(ctx, f.by, App{AppID: "wx-later", Secret: canary})
	noError(t, err)
	tries := 0
	f.Watch(ctx, func(nouns []string) error {
		if !slices.Contains(nouns, "app") {
			t.Errorf("try %d is not told of the app: %q", tries, nouns)
		}
		if tries++; tries < 3 {
			return errors.New("not now")
		}
		stop()
		return nil
	})
	equal(t, "tries", tries, 3)
}
