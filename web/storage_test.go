package web_test

import (
	"database/sql"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// locked keeps the database from being written, as a program beside the console would, until unlock.
func locked(t *testing.T, c *webtest.Console) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.Dir, "muban.db"))
	must(t, err)
	conn, err := db.Conn(t.Context())
	must(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	must(t, err)
	return sync.OnceFunc(func() {
		_, err := conn.ExecContext(t.Context(), "ROLLBACK")
		must(t, err)
		must(t, conn.Close())
		must(t, db.Close())
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFault66_ALockedDatabaseIsSaidWithinItsTimeAndWhenToAskAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, program := c.As(store.Administrator), c.Caller("rights")
	report := `{"openid":"` + webtest.Customer + `","kind":"form","id":"form1"}`
	unlock := locked(t, c)
	defer unlock()
	begun := time.Now()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			p := admin.Post("/preferences", url.Values{"lang": {"en"}, "theme": {"dark"}})
			if p.Status != http.StatusServiceUnavailable || p.Header.Get("Retry-After") == "" {
				t.Errorf("a page: %d, Retry-After %q", p.Status, p.Header.Get("Retry-After"))
			}
		})
		wg.Go(func() {
			a := program.Post("/api/v1/rights", report)
			a.Refused(http.StatusServiceUnavailable, "storage")
			if a.Header.Get("Retry-After") == "" {
				t.Error("a program is not told when to ask again")
			}
		})
	}
	wg.Wait()
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("the last answer came after %s", took)
	}
	if p := c.Visitor().Get("/readyz"); p.Status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d", p.Status)
	}
	unlock()
	for until := time.Now().Add(webtest.Patience); c.Visitor().Get("/readyz").Status != http.StatusOK; {
		if time.Now().After(until) {
			t.Fatal("it is not ready again")
		}
	}
	program.Post("/api/v1/rights", report).Into(&struct{}{})
}

func TestAMiniProgramThatAnotherProcessAddsIsThere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	stop := c.Running()
	defer stop()
	beside, err := store.Open(t.Context(), c.Dir, store.Options{})
	must(t, err)
	defer beside.Close()
	_, err = beside.AddApp(t.Context(), store.Actor{Name: "beside"}, store.App{
		AppID: "wx0000000000000042", Name: "Beside", Base: c.App().Base, Secret: sandbox.DefaultSecret,
	})
	must(t, err)
	admin := c.As(store.Administrator)
	for until := time.Now().Add(webtest.Patience); admin.Get("/@wx0000000000000042/drafts").Status != http.StatusOK; {
		if time.Now().After(until) {
			t.Fatal("the other process's mini program never came")
		}
	}
}
