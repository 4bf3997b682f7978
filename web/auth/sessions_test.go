package auth_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web"
	"muban/web/auth"
	"muban/web/webtest"
)

func TestASignInMakesANewSessionIDAndEndsTheOldOne(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	first := b.Session()
	stolen := c.CopyOf(b)
	b.Post("/sign-in", webtest.Credentials("operator", webtest.Password))
	if b.Session() == first || b.Get("/").Text(".who .name") != "operator" {
		t.Fatal("the session id is the one from before the sign-in")
	}
	if stolen.SignedIn() {
		t.Fatal("the session from before the sign-in still works")
	}
}

// An id that somebody else has planted is not taken over.
func TestAPlantedSessionIDIsNotTakenOver(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.Visitor()
	base, err := url.Parse(c.URL)
	webtest.Must(t, err)
	planted := strings.Repeat("A", 43)
	b.Client.Jar.SetCookies(base, []*http.Cookie{{Name: "muban", Value: planted}})
	b.Post("/sign-in", webtest.Credentials("operator", webtest.Password))
	if id := b.Session(); id == planted || len(id) != 43 {
		t.Fatalf("signed in under %q", id)
	}
	if _, err := c.Store.Session(context.Background(), sha256.Sum256([]byte(planted))); err == nil {
		t.Fatal("the planted id is a session")
	}
}

// The database knows a session's hash alone: a copy of it opens nothing.
func TestTheDatabaseHoldsNoSessionID(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := c.As(store.QA).Session()
	if _, err := c.Store.Session(context.Background(), sha256.Sum256([]byte(id))); err != nil {
		t.Fatalf("the session is not there under its hash: %v", err)
	}
	if strings.Contains(string(c.Backup()), id) {
		t.Fatal("the database holds the id itself")
	}
}

func TestCopiedCookiesDieWithTheSession(t *testing.T) {
	t.Parallel()
	ctx, by := context.Background(), store.Actor{Name: "test"}
	for name, end := range map[string]func(c *webtest.Console, b *webtest.Browser){
		"sign-out": func(_ *webtest.Console, b *webtest.Browser) { b.Submit(b.Get("/"), ".who button", nil) },
		"password change": func(c *webtest.Console, _ *webtest.Browser) {
			webtest.Must(t, c.Store.SetPassword(ctx, by, c.Person(store.QA).ID, webtest.CheapHash("another")))
		},
		"muban user passwd": func(c *webtest.Console, _ *webtest.Browser) {
			webtest.Must(t, auth.ManagePeople(ctx, c.Store, []string{"passwd", "qa"}, strings.NewReader("a new password\n"), nil))
		},
		"disabled": func(c *webtest.Console, _ *webtest.Browser) {
			webtest.Must(t, c.Store.SetDisabled(ctx, by, c.Person(store.QA).ID, true))
		},
		"sessions ended": func(c *webtest.Console, _ *webtest.Browser) {
			webtest.Must(t, c.Store.EndSessions(ctx, by, c.Person(store.QA).ID, [32]byte{}))
		},
		"12 idle hours":     func(c *webtest.Console, _ *webtest.Browser) { c.Clock.Advance(12 * time.Hour) },
		"7 days in any use": func(c *webtest.Console, b *webtest.Browser) { useUntil(c, b, 7*24*time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := webtest.NewConsole(t)
			b := c.As(store.QA)
			stolen, bystander := c.CopyOf(b), c.As(store.Operator)
			if !stolen.SignedIn() {
				t.Fatal("the copy never worked")
			}
			end(c, b)
			if b.SignedIn() || stolen.SignedIn() {
				t.Fatalf("the browser is signed in: %t, the copy: %t", b.SignedIn(), stolen.SignedIn())
			}
			if !strings.Contains(name, "hours") && !strings.Contains(name, "days") && !bystander.SignedIn() {
				t.Fatal("a colleague was signed out as well")
			}
		})
	}
}

// useUntil clicks every ten hours until d has passed; before that the session
// has to live.
func useUntil(c *webtest.Console, b *webtest.Browser, d time.Duration) {
	c.T.Helper()
	const step = 10 * time.Hour
	for spent := step; spent < d; spent += step {
		c.Clock.Advance(step)
		if !b.SignedIn() {
			c.T.Fatalf("signed out after %v of use", spent)
		}
	}
	c.Clock.Advance(step)
}

// The clock is the server's; what the cookie says of its age is
// the browser's business.
func TestASessionLivesWhileItIsUsedWithinTwelveHours(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	for range 10 {
		c.Clock.Advance(12*time.Hour - time.Minute)
		if !b.SignedIn() {
			t.Fatal("signed out within 12 hours of the last use")
		}
	}
}

func TestAChangedRoleCountsFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	b.Get("/settings/apps").Expect(http.StatusForbidden, "failure.forbidden.title")
	webtest.Must(t, c.Store.SetRole(context.Background(), store.Actor{}, c.Person(store.QA).ID, store.Administrator))
	b.Get("/settings/apps").Expect(http.StatusOK, "apps.add_title")
	webtest.Must(t, c.Store.SetRole(context.Background(), store.Actor{}, c.Person(store.QA).ID, store.ProductManager))
	b.Get("/settings/apps").Answers(http.StatusForbidden)
	b.Get("/sends").Answers(http.StatusForbidden)
}

// `muban user` is another process; a second after it at the latest
// the console knows.
func TestAnotherProcesssChangeCountsWithinASecond(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	qa, operator := c.As(store.QA), c.As(store.Operator)
	other, err := store.Open(context.Background(), c.Dir, store.Options{Now: c.Clock.Now, Log: c.Logger()})
	webtest.Must(t, err)
	t.Cleanup(func() { webtest.Must(t, other.Close()) })
	for _, words := range [][]string{{"disable", "qa"}, {"role", "operator", "product_manager"}} {
		webtest.Must(t, auth.ManagePeople(context.Background(), other, words, nil, nil))
	}
	c.Clock.Advance(time.Second)
	if qa.SignedIn() {
		t.Error("a disabled person is signed in still")
	}
	operator.Get("/sends").Expect(http.StatusForbidden, "failure.forbidden.title")
}

func TestHousekeepingWritesTheLastUseAndForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	idle, used := c.As(store.QA), c.As(store.Operator)
	gone := c.As(store.Administrator)
	gone.Post("/sign-out", nil)
	hash := sha256.Sum256([]byte(used.Session()))
	c.Clock.Advance(11 * time.Hour)
	used.Get("/")
	before, err := c.Store.Session(context.Background(), hash)
	webtest.Must(t, err)
	c.KeepHouse()
	after, err := c.Store.Session(context.Background(), hash)
	webtest.Must(t, err)
	if after.SeenAt.Sub(before.SeenAt) < 11*time.Hour {
		t.Errorf("last used at %v, written is %v", c.Clock.Now(), after.SeenAt)
	}
	c.Clock.Advance(2 * time.Hour)
	c.KeepHouse()
	now := c.Clock.Now()
	if n, err := c.Store.PruneSessions(context.Background(), now.Add(-12*time.Hour), now); n != 0 || err != nil {
		t.Errorf("%d sessions that are over are still there (%v)", n, err)
	}
	if idle.SignedIn() || !used.SignedIn() {
		t.Errorf("the idle one is signed in: %t, the other: %t", idle.SignedIn(), used.SignedIn())
	}
}

func TestTheSessionCookieIsOutOfScriptsReach(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"":                          "muban=ID; Path=/; Expires=WHEN; Max-Age=604800; HttpOnly; SameSite=Lax",
		"http://muban.example":      "muban=ID; Path=/; Expires=WHEN; Max-Age=604800; HttpOnly; SameSite=Lax",
		"https://muban.example.com": "__Host-muban=ID; Path=/; Expires=WHEN; Max-Age=604800; HttpOnly; Secure; SameSite=Lax",
	} {
		c := webtest.NewConsoleWith(t, func(config *web.Config) { config.PublicURL = public })
		answer := c.Visitor().Stopping().Post("/sign-in", webtest.Credentials("qa", webtest.Password))
		cookie, err := http.ParseSetCookie(answer.Header.Get("Set-Cookie"))
		webtest.Must(t, err)
		line := strings.NewReplacer(cookie.Value, "ID", cookie.RawExpires, "WHEN").Replace(answer.Header.Get("Set-Cookie"))
		if line != want || len(cookie.Value) != 43 {
			t.Errorf("%s:\n%s\nwant\n%s", public, line, want)
		}
	}
}

func TestTheSetUpLinkMakesOneAdministratorOnce(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Visitor().Get("/set-up?token=guess").Expect(http.StatusOK, "setup.used")
	fill := func(form url.Values) {
		form.Set("name", "alice")
		form.Set("password", "a long password")
		form.Set("role", "qa") // no such field
	}
	c.Visitor().Post("/set-up", url.Values{"token": {"guess"}, "name": {"mallory"}, "password": {"a long password"}}).
		Expect(http.StatusUnprocessableEntity, "setup.used")

	empty := webtest.NewEmptyConsole(t, "once")
	b := empty.Visitor()
	b.Post("/set-up", url.Values{"token": {"once"}, "name": {"alice"}, "password": {"short"}}).
		Expect(http.StatusUnprocessableEntity, "problem.min", "Field", webtest.Word("fieldname.password"), "Param", 10)
	page := b.Get("/set-up?token=once")
	if p := b.Submit(page, "button.primary", fill); p.Path != "/" || p.Text(".who .name") != "alice" {
		t.Fatalf("at %s: %s", p.Path, p.Text("main"))
	}
	if alice, err := empty.Store.PersonByName(context.Background(), "alice"); err != nil || alice.Role != store.Administrator {
		t.Fatalf("%+v, %v", alice, err)
	}
	again := empty.Visitor()
	again.Submit(page, "button.primary", fill).Expect(http.StatusUnprocessableEntity, "setup.used")
	if again.Session() != "" {
		t.Fatal("the link signed somebody in twice")
	}
}

func TestASetUpLinkEndsAfterItsTime(t *testing.T) {
	t.Parallel()
	c := webtest.NewEmptyConsole(t, "once")
	c.Clock.Advance(25 * time.Hour)
	c.Visitor().Post("/set-up", url.Values{"token": {"once"}, "name": {"alice"}, "password": {"a long password"}}).
		Expect(http.StatusUnprocessableEntity, "setup.used")
}
