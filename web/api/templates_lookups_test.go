package api

import (
	"sync"
	"testing"
	"time"

	"muban/store"
)

// withKey is a store with an app and an API key of it, open in dir.
func withKey(t *testing.T, dir string) (st *store.Store, asked store.Lookup) {
	t.Helper()
	st, err := store.Open(t.Context(), dir, store.Options{})
	fatal(t, err)
	t.Cleanup(func() { st.Close() })
	app, err := st.AddApp(t.Context(), store.Actor{}, store.App{AppID: "wx0000000000000001"})
	fatal(t, err)
	k, err := st.AddAPIKey(t.Context(), store.Actor{}, store.APIKey{App: app.ID, Prefix: "orders"})
	fatal(t, err)
	return st, store.Lookup{App: app.ID, Key: k.ID, TemplateID: "tpl", Alias: "order-paid"}
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCountsThatCannotBeWrittenWaitForTheNextTime(t *testing.T) {
	dir := t.TempDir()
	closed, asked := withKey(t, dir)
	closed.Close()
	var l lookups
	at := time.Date(2018, 6, 6, 10, 30, 0, 0, time.UTC)
	l.note(asked, at.Add(time.Hour))
	l.note(asked, at)
	if l.flush(t.Context(), closed) == nil {
		t.Fatal("written to a database that is closed")
	}
	l.note(asked, at)

	st, err := store.Open(t.Context(), dir, store.Options{})
	fatal(t, err)
	defer st.Close()
	for range 2 { // the second has nothing to write
		fatal(t, l.flush(t.Context(), st))
	}
	got, err := st.Lookups(t.Context(), store.LookupFilter{App: asked.App})
	fatal(t, err)
	if len(got) != 1 || got[0].Count != 3 || !got[0].LastAt.Equal(at.Add(time.Hour)) {
		t.Errorf("%+v", got)
	}
}

func TestNoQuestionIsLostBetweenTwoFlushes(t *testing.T) {
	st, asked := withKey(t, t.TempDir())
	var l lookups
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				l.note(asked, time.Now())
			}
			if err := l.flush(t.Context(), st); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	fatal(t, l.flush(t.Context(), st))
	got, err := st.Lookups(t.Context(), store.LookupFilter{App: asked.App})
	fatal(t, err)
	if len(got) != 1 || got[0].Count != 1600 {
		t.Errorf("%+v", got)
	}
}
