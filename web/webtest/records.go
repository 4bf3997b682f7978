package webtest

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muban/store"
	"muban/store/pgtest"
	"muban/wechat/account"
)

func AsJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// NothingLeaked looks for the canaries in the logs.
func (c *Console) NothingLeaked() {
	c.T.Helper()
	if canary := Leaked(c.Log.String()); canary != "" {
		c.T.Errorf("the log holds %s", canary)
	}
	for _, a := range c.Activities("") {
		if Leaked(a.Object+a.Detail+a.PersonName) != "" {
			c.T.Errorf("the activity log: %+v", a)
		}
	}
}

// NothingStoredInTheClear looks for them in the database as well.
func (c *Console) NothingStoredInTheClear() {
	c.T.Helper()
	if canary := Leaked(string(c.Backup())); canary != "" {
		c.T.Errorf("the database holds %s in the clear", canary)
	}
}

func MustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	Must(t, err)
	return string(b)
}

// Leaked names the canaries in text.
func Leaked(text string) string {
	for _, canary := range []string{CanarySecret, CanaryToken, "CANARY"} {
		if strings.Contains(text, canary) {
			return canary
		}
	}
	return ""
}

// Activities are the acts that the log holds, newest first.
func (c *Console) Activities(act string) []store.Activity {
	c.T.Helper()
	all, _, err := c.Store.Activities(context.Background(), store.ActivityFilter{Act: act, Count: 1000})
	if err != nil {
		c.T.Fatal(err)
	}
	return all
}

// actsAreKnown checks at the end of every test that the log holds nothing the page of
// the log has no words for.
func (c *Console) actsAreKnown() {
	all, _, err := c.Store.Activities(context.Background(), store.ActivityFilter{Count: 1000})
	if err != nil {
		return // the test has closed the store, or broken it
	}
	for _, a := range all {
		if !slices.Contains(store.Acts(), a.Act) {
			c.T.Errorf("%q is not among store.Acts", a.Act)
		}
		if kind, _, _ := strings.Cut(a.Object, ":"); kind != "" && !slices.Contains(store.Objects(), kind) {
			c.T.Errorf("%q, of %s, is not among store.Objects", a.Object, a.Act)
		}
		var detail map[string]any
		_ = json.Unmarshal([]byte(a.Detail), &detail) // "" has none
		for name := range detail {
			if !slices.Contains(store.Details(), name) {
				c.T.Errorf("%q, of %s, is not among store.Details", name, a.Act)
			}
		}
	}
}

// Sends are all attempts of the sandbox's app, newest first.
func (c *Console) Sends() []store.Send {
	c.T.Helper()
	all, _, err := c.Store.Sends(context.Background(), store.SendFilter{App: c.App().ID, Count: 1000})
	if err != nil {
		c.T.Fatal(err)
	}
	return all
}

// Backup is a copy of the database. The store's own would leave its line in the log, and no two were alike.
func (c *Console) Backup() []byte {
	c.T.Helper()
	c.OnSQLite()
	empty, err := os.CreateTemp(c.Dir, "copy")
	Must(c.T, err)
	Must(c.T, empty.Close())
	defer os.Remove(empty.Name())
	db, err := sql.Open("sqlite", filepath.Join(c.Dir, "muban.db"))
	Must(c.T, err)
	defer db.Close()
	_, err = db.ExecContext(context.Background(), "VACUUM INTO ?", empty.Name())
	Must(c.T, err)
	b, err := os.ReadFile(empty.Name())
	Must(c.T, err)
	return b
}

// Calls is how often the simulated WeChat was called under a path's last part.
func (c *Console) Calls(end string) int {
	n := 0
	for path, times := range c.Sandbox.Stats() {
		if strings.HasSuffix(path, end) {
			n += times
		}
	}
	return n
}

// Must fails the test on an error that is not its subject.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Same fails the test unless two lists are equal.
func Same[T comparable](t testing.TB, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// Remember records a template as added by somebody, with its draft.
func (c *Console) Remember(by store.Actor, x store.Template) {
	c.T.Helper()
	c.carryOut(by, account.Pending{What: account.Addition, Template: x})
}

// Forget records a template as deleted by somebody.
func (c *Console) Forget(by store.Actor, app int64, templateID string) {
	c.T.Helper()
	c.carryOut(by, account.Pending{What: account.Deletion, Template: store.Template{App: app, TemplateID: templateID}})
}

func (c *Console) carryOut(by store.Actor, p account.Pending) {
	c.T.Helper()
	p.PersonID, p.PersonName, p.Addr = by.PersonID, by.Name, by.Addr
	p, err := c.Store.BeginChange(context.Background(), p)
	Must(c.T, err)
	p.Outcome = account.Done
	Must(c.T, c.Store.EndChange(context.Background(), p))
}

// SQL changes the database as no program of ours does.
func (c *Console) SQL(query string) {
	c.T.Helper()
	if OnPostgres() {
		pgtest.Exec(c.T, c.dsn, query)
		return
	}
	db, err := sql.Open("sqlite", filepath.Join(c.Dir, "muban.db")+"?_pragma=busy_timeout(10000)")
	Must(c.T, err)
	defer db.Close()
	_, err = db.ExecContext(context.Background(), query)
	Must(c.T, err)
}
