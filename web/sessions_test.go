package web_test

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
)

func TestASignInMakesANewSessionIDAndEndsTheOldOne(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	first := b.session()
	stolen := c.copyOf(b)
	b.post("/sign-in", credentials("operator", password))
	if b.session() == first || b.get("/").text(".who a") != "operator" {
		t.Fatal("the session id is the one from before the sign-in")
	}
	if stolen.signedIn() {
		t.Fatal("the session from before the sign-in still works")
	}
}

// faults.md 29: an id that somebody else has planted is not taken over.
func TestAPlantedSessionIDIsNotTakenOver(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.visitor()
	base, err := url.Parse(c.URL)
	must(t, err)
	planted := strings.Repeat("A", 43)
	b.http.Jar.SetCookies(base, []*http.Cookie{{Name: "muban", Value: planted}})
	b.post("/sign-in", credentials("operator", password))
	if id := b.session(); id == planted || len(id) != 43 {
		t.Fatalf("signed in under %q", id)
	}
	if _, err := c.store.Session(context.Background(), sha256.Sum256([]byte(planted))); err == nil {
		t.Fatal("the planted id is a session")
	}
}

// The database knows a session's hash alone: a copy of it opens nothing.
func TestTheDatabaseHoldsNoSessionID(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	id := c.as(store.QA).session()
	if _, err := c.store.Session(context.Background(), sha256.Sum256([]byte(id))); err != nil {
		t.Fatalf("the session is not there under its hash: %v", err)
	}
	if strings.Contains(string(c.backup()), id) {
		t.Fatal("the database holds the id itself")
	}
}

func TestCopiedCookiesDieWithTheSession(t *testing.T) {
	t.Parallel()
	ctx, by := context.Background(), store.Actor{Name: "test"}
	for name, end := range map[string]func(c *console, b *browser){
		"sign-out": func(_ *console, b *browser) { b.submit(b.get("/"), ".who button", nil) },
		"password change": func(c *console, _ *browser) {
			must(t, c.store.SetPassword(ctx, by, c.person(store.QA).ID, cheapHash("another")))
		},
		"muban user passwd": func(c *console, _ *browser) {
			must(t, web.ManagePeople(ctx, c.store, []string{"passwd", "qa"}, strings.NewReader("a new password\n"), nil))
		},
		"disabled":          func(c *console, _ *browser) { must(t, c.store.SetDisabled(ctx, by, c.person(store.QA).ID, true)) },
		"sessions ended":    func(c *console, _ *browser) { must(t, c.store.EndSessions(ctx, by, c.person(store.QA).ID, [32]byte{})) },
		"12 idle hours":     func(c *console, _ *browser) { c.clock.Advance(12 * time.Hour) },
		"7 days in any use": func(c *console, b *browser) { useUntil(c, b, 7*24*time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.as(store.QA)
			stolen, bystander := c.copyOf(b), c.as(store.Operator)
			if !stolen.signedIn() {
				t.Fatal("the copy never worked")
			}
			end(c, b)
			if b.signedIn() || stolen.signedIn() {
				t.Fatalf("the browser is signed in: %t, the copy: %t", b.signedIn(), stolen.signedIn())
			}
			if !strings.Contains(name, "hours") && !strings.Contains(name, "days") && !bystander.signedIn() {
				t.Fatal("a colleague was signed out as well")
			}
		})
	}
}

// useUntil clicks every ten hours until d has passed; before that the session
// has to live.
func useUntil(c *console, b *browser, d time.Duration) {
	c.t.Helper()
	const step = 10 * time.Hour
	for spent := step; spent < d; spent += step {
		c.clock.Advance(step)
		if !b.signedIn() {
			c.t.Fatalf("signed out after %v of use", spent)
		}
	}
	c.clock.Advance(step)
}

// faults.md 29: the clock is the server's; what the cookie says of its age is
// the browser's business.
func TestASessionLivesWhileItIsUsedWithinTwelveHours(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	for range 10 {
		c.clock.Advance(12*time.Hour - time.Minute)
		if !b.signedIn() {
			t.Fatal("signed out within 12 hours of the last use")
		}
	}
}

func TestAChangedRoleCountsFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	b.get("/settings/apps").expect(http.StatusForbidden, "Your role may not do this")
	must(t, c.store.SetRole(context.Background(), store.Actor{}, c.person(store.QA).ID, store.Administrator))
	b.get("/settings/apps").expect(http.StatusOK, "Add a mini program")
	must(t, c.store.SetRole(context.Background(), store.Actor{}, c.person(store.QA).ID, store.ProductManager))
	b.get("/settings/apps").expect(http.StatusForbidden, "")
	b.get("/sends").expect(http.StatusForbidden, "")
}

// faults.md 28: muban user is another process; a second after it at the latest
// the console knows.
func TestAnotherProcesssChangeCountsWithinASecond(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	qa, operator := c.as(store.QA), c.as(store.Operator)
	other, err := store.Open(context.Background(), c.dir, store.Options{Now: c.clock.Now, Log: c.logger()})
	must(t, err)
	t.Cleanup(func() { must(t, other.Close()) })
	for _, words := range [][]string{{"disable", "qa"}, {"role", "operator", "product_manager"}} {
		must(t, web.ManagePeople(context.Background(), other, words, nil, nil))
	}
	c.clock.Advance(time.Second)
	if qa.signedIn() {
		t.Error("a disabled person is signed in still")
	}
	operator.get("/sends").expect(http.StatusForbidden, "Your role may not do this")
}

// keepHouse does what Run does every few seconds, and at its end.
func (c *console) keepHouse() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.server.Run(ctx)
}

func TestHousekeepingWritesTheLastUseAndForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	idle, used := c.as(store.QA), c.as(store.Operator)
	gone := c.as(store.Administrator)
	gone.post("/sign-out", nil)
	hash := sha256.Sum256([]byte(used.session()))
	c.clock.Advance(11 * time.Hour)
	used.get("/")
	before, err := c.store.Session(context.Background(), hash)
	must(t, err)
	c.keepHouse()
	after, err := c.store.Session(context.Background(), hash)
	must(t, err)
	if after.SeenAt.Sub(before.SeenAt) < 11*time.Hour {
		t.Errorf("last used at %v, written is %v", c.clock.Now(), after.SeenAt)
	}
	c.clock.Advance(2 * time.Hour)
	c.keepHouse()
	now := c.clock.Now()
	if n, err := c.store.PruneSessions(context.Background(), now.Add(-12*time.Hour), now); n != 0 || err != nil {
		t.Errorf("%d sessions that are over are still there (%v)", n, err)
	}
	if idle.signedIn() || !used.signedIn() {
		t.Errorf("the idle one is signed in: %t, the other: %t", idle.signedIn(), used.signedIn())
	}
}

func TestTheSessionCookieIsOutOfScriptsReach(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"":                          "muban=ID; Path=/; Expires=WHEN; Max-Age=604800; HttpOnly; SameSite=Lax",
		"http://muban.example":      "muban=ID; Path=/; Expires=WHEN; Max-Age=604800; HttpOnly; SameSite=Lax",
		"https://muban.example.com": "__Host-muban=ID; Path=/; Expires=WHEN; Max-Age=604800; HttpOnly; Secure; SameSite=Lax",
	} {
		c := newConsoleWith(t, func(config *web.Config) { config.PublicURL = public })
		answer := c.visitor().stopping().post("/sign-in", credentials("qa", password))
		cookie, err := http.ParseSetCookie(answer.header.Get("Set-Cookie"))
		must(t, err)
		line := strings.NewReplacer(cookie.Value, "ID", cookie.RawExpires, "WHEN").Replace(answer.header.Get("Set-Cookie"))
		if line != want || len(cookie.Value) != 43 {
			t.Errorf("%s:\n%s\nwant\n%s", public, line, want)
		}
	}
}

func TestTheSetUpLinkMakesOneAdministratorOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.visitor().get("/set-up?token=guess").expect(http.StatusOK, "This set-up link is not valid")
	fill := func(form url.Values) {
		form.Set("name", "alice")
		form.Set("password", "a long password")
		form.Set("role", "qa") // faults.md 33: no such field
	}
	c.visitor().post("/set-up", url.Values{"token": {"guess"}, "name": {"mallory"}, "password": {"a long password"}}).
		expect(http.StatusUnprocessableEntity, "This set-up link is not valid")

	empty := newEmptyConsole(t, "once")
	b := empty.visitor()
	b.post("/set-up", url.Values{"token": {"once"}, "name": {"alice"}, "password": {"short"}}).
		expect(http.StatusUnprocessableEntity, "Password needs at least 10 characters")
	page := b.get("/set-up?token=once")
	if p := b.submit(page, "button.primary", fill); p.path != "/" || p.text(".who a") != "alice" {
		t.Fatalf("at %s: %s", p.path, p.text("main"))
	}
	if alice, err := empty.store.PersonByName(context.Background(), "alice"); err != nil || alice.Role != store.Administrator {
		t.Fatalf("%+v, %v", alice, err)
	}
	again := empty.visitor()
	again.submit(page, "button.primary", fill).expect(http.StatusUnprocessableEntity, "This set-up link is not valid")
	if again.session() != "" {
		t.Fatal("the link signed somebody in twice")
	}
}

func TestASetUpLinkEndsAfterItsTime(t *testing.T) {
	t.Parallel()
	c := newEmptyConsole(t, "once")
	c.clock.Advance(25 * time.Hour)
	c.visitor().post("/set-up", url.Values{"token": {"once"}, "name": {"alice"}, "password": {"a long password"}}).
		expect(http.StatusUnprocessableEntity, "This set-up link is not valid")
}
