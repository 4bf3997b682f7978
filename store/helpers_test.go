package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"muban/wechat"
)

// clock stands still until a test moves it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2018, 5, 4, 8, 30, 0, 123456789, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// fixture is a store with an administrator and an app in it.
type fixture struct {
	*Store
	clock *clock
	admin Person
	by    Actor // the administrator, who writes the drafts
	app   App
	// reviewer is somebody else than the author.
	reviewer Actor
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	c := newClock()
	return populated(t, open(t, t.TempDir(), c), c)
}

// populated is a fixture of a store that holds nothing yet.
func populated(t testing.TB, s *Store, c *clock) *fixture {
	t.Helper()
	f := &fixture{Store: s, clock: c}
	var err error
	f.admin, err = f.AddFirstAdministrator(t.Context(), Actor{Name: "setup"}, Person{Name: "admin", PasswordHash: "hash"})
	noError(t, err)
	f.by = Actor{PersonID: f.admin.ID, Name: f.admin.Name, Addr: "192.0.2.1"}
	f.reviewer = Actor{Name: f.admin.Name, Addr: f.by.Addr}
	f.app, err = f.AddApp(t.Context(), f.by, App{AppID: "wx0000000000000001", Name: "Shop", Base: "https://api.example", Secret: canary})
	noError(t, err)
	return f
}

// canary is the AppSecret that must not be seen anywhere.
const canary = "canary-0123456789abcdef"

func open(t testing.TB, dir string, c *clock) *Store {
	t.Helper()
	database(t, dir) // before the cleanup that closes it
	s, err := tryOpen(t, dir, Options{Now: c.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	noError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// tryOpen is Open on the engine that the tests run on.
func tryOpen(t testing.TB, dir string, o Options) (*Store, error) {
	return Open(context.WithoutCancel(t.Context()), dir, on(t, dir, o))
}

func (f *fixture) person(t testing.TB, name string, role Role) Person {
	t.Helper()
	p, err := f.AddPerson(t.Context(), f.by, Person{Name: name, Role: role, PasswordHash: "hash"})
	noError(t, err)
	return p
}

func (f *fixture) draft(t testing.TB, title string) Draft {
	t.Helper()
	d, err := f.AddDraft(t.Context(), f.by, Draft{
		App: f.app.ID, TitleID: "AT0002", Title: title, Scenario: "after paying",
		Keywords: []wechat.Keyword{{ID: 3, Name: "购买地点", Example: "TIT造舰厂"}, {ID: 1, Name: "购买时间", Example: "2016年6月6日"}},
	})
	noError(t, err)
	return d
}

func (f *fixture) proposal(t testing.TB, title string) Draft {
	t.Helper()
	d, err := f.AddDraft(t.Context(), f.by, Draft{
		App: f.app.ID, Proposed: true, Title: title, Scenario: "after paying",
		Keywords: []wechat.Keyword{{Name: "购买地点", Example: "TIT造舰厂"}},
	})
	noError(t, err)
	return d
}

// in brings a new draft into a state by the way that people take.
func (f *fixture) in(t testing.TB, state string) Draft {
	t.Helper()
	d := f.proposal(t, "in "+state)
	verdict := "approved"
	switch state {
	case "draft", "review":
		verdict = ""
	case "rejected":
		verdict = "rejected"
	}
	if state != "draft" {
		noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version))
	}
	if verdict != "" {
		noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, Review{Draft: d.ID, Verdict: verdict, Version: d.Version}))
	}
	if slices.Contains([]string{"submitted", "accepted", "refused", "added"}, state) {
		noError(t, f.DraftSubmitted(t.Context(), f.by, d.App, d.ID, f.clock.now()))
	}
	switch state {
	case "refused":
		letter := Review{Draft: d.ID, Verdict: "letter", Version: d.Version, Letter: "no"}
		noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, letter))
	case "accepted", "added":
		noError(t, f.DraftAccepted(t.Context(), f.by, d.App, d.ID, d.Version))
	}
	if state == "added" {
		noError(t, f.DraftAdded(t.Context(), f.by, d.App, d.ID, "tpl-1"))
	}
	d, err := f.Draft(t.Context(), d.App, d.ID)
	noError(t, err)
	equal(t, "state", d.State, state)
	return d
}

// combinationIn is in for a combination of keywords.
func (f *fixture) combinationIn(t testing.TB, state string) Draft {
	t.Helper()
	d := f.draft(t, "购买成功通知")
	if state != "draft" {
		noError(t, f.SendToReview(t.Context(), f.by, d.App, d.ID, d.Version))
	}
	if state == "approved" || state == "rejected" {
		noError(t, f.ReviewDraft(t.Context(), f.reviewer, d.App, Review{Draft: d.ID, Verdict: state, Version: d.Version}))
	}
	return d
}

// openID is whom sends and rights are for where a test names nobody else.
const openID = "oABC-openid-0123456789-abcde"

// attempt is a send under a right of its own, which the ledger learns when it begins.
func attempt(app int64, key string) Send {
	return Send{App: app, Key: key, OpenID: openID, FormID: fmt.Sprintf("form-%x", key)}
}

func (f *fixture) send(t testing.TB, key, templateID string) Send {
	t.Helper()
	x := attempt(f.app.ID, key)
	x.BodyHash, x.TemplateID, x.Title, x.Request = [32]byte{1}, templateID, "购买成功通知", []byte(`{"touser":"`+openID+`"}`)
	begun, _, err := f.BeginSend(t.Context(), f.by, x)
	noError(t, err)
	return begun
}

// unknown is a send whose answer was lost.
func (f *fixture) unknown(t testing.TB, key string) Send {
	t.Helper()
	x := f.send(t, key, "tpl")
	x.Outcome, x.Reason = "unknown", "no_answer"
	noError(t, f.FinishSend(t.Context(), f.by, x))
	return x
}

func (f *fixture) activities(t testing.TB) []Activity {
	t.Helper()
	all, _, err := f.Activities(context.Background(), ActivityFilter{Count: 1000})
	noError(t, err)
	return all
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got error %v, want %v", got, want)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// AddTemplate, TemplateDeleted and DraftAdded are the parts of EndChange, each by itself.
func (s *Store) AddTemplate(ctx context.Context, by Actor, x Template) error {
	return s.write(ctx, func(t *tx) error { return t.addTemplate(by, x) })
}

func (s *Store) TemplateDeleted(ctx context.Context, by Actor, app int64, templateID string) error {
	return s.write(ctx, func(t *tx) error { return t.templateDeleted(by, app, templateID) })
}

func (s *Store) DraftAdded(ctx context.Context, by Actor, app, id int64, templateID string) error {
	return s.write(ctx, func(t *tx) error { return t.draftAdded(by, app, id, templateID) })
}
