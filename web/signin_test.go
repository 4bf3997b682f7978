package web_test

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/web"
)

func credentials(name, password string) url.Values {
	return url.Values{"name": {name}, "password": {password}}
}

// signInAs tries to sign b in through the form on the page.
func (b *browser) signInAs(name, password string) *page {
	b.t.Helper()
	return b.submit(b.get("/sign-in"), "button.primary", func(form url.Values) {
		form.Set("name", name)
		form.Set("password", password)
	})
}

func TestSigningInLeadsToTheOverviewAndSigningOutBack(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.visitor()
	if p := b.get("/"); p.path != "/sign-in" || p.text("h1") != "Sign in" {
		t.Fatalf("a stranger is at %s", p.path)
	}
	home := b.signInAs("operator", password).expect(http.StatusOK, "The next three things to do")
	if home.path != "/" || home.text(".who a") != "operator" {
		t.Fatalf("%q is at %s", home.text(".who a"), home.path)
	}
	if p := b.submit(home, ".who button", nil); p.path != "/sign-in" || b.signedIn() {
		t.Fatalf("after signing out at %s, signed in: %t", p.path, b.signedIn())
	}
	if got := c.activities(store.ActSignOut); len(got) != 1 || got[0].PersonName != "operator" {
		t.Fatalf("the activity log has %+v", got)
	}
}

func TestANameIsFoundInAnyCase(t *testing.T) {
	t.Parallel()
	if p := newConsole(t).visitor().signInAs(" QA ", password); p.path != "/" {
		t.Fatalf("at %s: %s", p.path, p.text("main"))
	}
}

func TestAWrongNameAWrongPasswordAndADisabledPersonLookAlike(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	must(t, c.store.SetDisabled(context.Background(), store.Actor{}, c.person(store.QA).ID, true))
	var texts []string
	for _, try := range [][2]string{{"nobody", password}, {"operator", "wrong horse battery"}, {"qa", password}} {
		p := c.visitor().signInAs(try[0], try[1]).expect(http.StatusUnprocessableEntity, "The name or the password is wrong")
		if got := p.doc.Find("#name").AttrOr("value", ""); got != try[0] {
			t.Errorf("the name %q was lost: %q", try[0], got)
		}
		if p.doc.Find("#password").AttrOr("value", "") != "" {
			t.Error("the password came back")
		}
		texts = append(texts, p.text("main"))
	}
	same(t, texts, []string{texts[0], texts[0], texts[0]})
}

// faults.md 30: argon2 takes 19 MiB, so what was allocated tells that it ran;
// nothing else here takes a tenth of that.
func TestAnUnknownNameCostsTheSameWorkAsAKnownOne(t *testing.T) {
	c := newConsole(t)
	must(t, c.store.SetPassword(context.Background(), store.Actor{}, c.person(store.Operator).ID, web.HashPassword(password)))
	for _, name := range []string{"operator", "nobody"} {
		b := c.visitor()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b.post("/sign-in", credentials(name, "wrong horse battery")).expect(http.StatusUnprocessableEntity, "")
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took < 19<<20 {
			t.Errorf("%s: %d bytes, want those of an argon2", name, took)
		}
	}
}

func TestFiveFailuresCloseANameForFifteenMinutes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for i := range 5 {
		// Each from another address, in another case: the name is what counts.
		guesser := c.visitorFrom("192.0.2." + strconv.Itoa(i+1))
		guesser.signInAs([]string{"operator", "Operator"}[i%2], "guess").expect(http.StatusUnprocessableEntity, "is wrong")
	}
	owner := c.visitorFrom("198.51.100.1")
	p := owner.signInAs("operator", password).expect(http.StatusTooManyRequests, "Too many failed attempts within 15 minutes")
	if p.header.Get("Retry-After") != "900" || owner.session() != "" {
		t.Fatalf("Retry-After %q", p.header.Get("Retry-After"))
	}
	if p := c.visitorFrom("198.51.100.1").signInAs("qa", password); p.path != "/" {
		t.Fatalf("a colleague could not sign in: %s", p.text("main"))
	}
	c.clock.Advance(15*time.Minute + time.Second)
	if p := owner.signInAs("operator", password); p.path != "/" {
		t.Fatalf("after 15 minutes: %s", p.text("main"))
	}
}

func TestFiveFailuresCloseAnAddress(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	guesser := c.visitorFrom("192.0.2.1")
	for i := range 5 {
		guesser.signInAs("somebody"+strconv.Itoa(i), "guess").expect(http.StatusUnprocessableEntity, "is wrong")
	}
	guesser.signInAs("qa", password).expect(http.StatusTooManyRequests, "Too many failed attempts")
	if p := c.visitorFrom("192.0.2.2").signInAs("qa", password); p.path != "/" {
		t.Fatalf("another address was closed as well: %s", p.text("main"))
	}
}

// faults.md 30: an own account in between does not begin the count afresh.
func TestSigningInToOnesOwnAccountDoesNotForgiveGuessesAtAnother(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	guesser := c.visitorFrom("192.0.2.1")
	for range 4 {
		guesser.signInAs("administrator", "guess").expect(http.StatusUnprocessableEntity, "is wrong")
	}
	own := c.visitorFrom("192.0.2.1")
	if p := own.signInAs("qa", password); p.path != "/" {
		t.Fatalf("own account: %s", p.text("main"))
	}
	guesser.signInAs("administrator", "guess").expect(http.StatusUnprocessableEntity, "is wrong")
	guesser.signInAs("administrator", password).expect(http.StatusTooManyRequests, "")
}

// faults.md 30: the limit holds for guesses that arrive at the same moment.
func TestGuessesInParallelGetNoMoreTries(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	var tried sync.Map
	var all sync.WaitGroup
	for i := range 40 {
		b := c.visitorFrom("192.0.2." + strconv.Itoa(i+1))
		all.Go(func() {
			if p := b.post("/sign-in", credentials("administrator", "guess")); p.status != http.StatusTooManyRequests {
				tried.Store(i, true)
			}
		})
	}
	all.Wait()
	n := 0
	tried.Range(func(any, any) bool { n++; return true })
	if n > 5 {
		t.Fatalf("%d guesses were tried, want 5 at the most", n)
	}
}

func TestTheSignInFormNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.visitor().post("/sign-in", credentials("", "")).expect(http.StatusUnprocessableEntity, "Name must not be empty")
	if !strings.Contains(p.text("#password-problem"), "Password must not be empty") || p.doc.Find("#name").AttrOr("aria-invalid", "") != "true" {
		t.Fatalf("%s", p.text("main"))
	}
	c.visitor().speaking("zh").post("/sign-in", credentials("operator", strings.Repeat("x", 129))).expect(http.StatusUnprocessableEntity, "128")
}

func TestNextLeadsBackToThePageAndNeverOffTheSite(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.visitor().get("/drafts?state=draft&q=%E8%B4%AD")
	if p.path != "/sign-in?next="+url.QueryEscape("/drafts?state=draft&q=%E8%B4%AD") {
		t.Fatalf("at %s", p.path)
	}
	b := c.visitor()
	back := b.submit(b.get(p.path), "button.primary", func(form url.Values) { form.Set("name", "qa"); form.Set("password", password) })
	if back.path != "/drafts?state=draft&q=%E8%B4%AD" {
		t.Fatalf("back at %s", back.path)
	}
	for _, evil := range []string{
		"https://evil.example/", "//evil.example/", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "///evil.example", "http:evil.example",
		"javascript:alert(1)", "evil.example", "/\r\nSet-Cookie: muban=x", "%2f%2fevil.example", " //evil.example", "/..//evil.example", "https:///evil.example",
	} {
		signIn := credentials("qa", password)
		signIn.Set("next", evil)
		for name, answer := range map[string]*page{
			"sign-in":      c.visitor().stopping().post("/sign-in", signIn),
			"signed in":    b.stopping().get("/sign-in?next=" + url.QueryEscape(evil)),
			"preferences":  b.stopping().post("/preferences", url.Values{"lang": {"en"}, "next": {evil}}),
			"app switcher": b.stopping().post("/app", url.Values{"app": {c.app().AppID}, "next": {evil}}),
		} {
			staysHere(t, name+" "+strconv.Quote(evil), answer)
		}
	}
}

// staysHere follows the Location as a browser would read it.
func staysHere(t *testing.T, what string, answer *page) {
	t.Helper()
	to := answer.header.Get("Location")
	seen := strings.NewReplacer("\t", "", "\r", "", "\n", "", `\`, "/").Replace(strings.TrimSpace(to))
	u, err := url.Parse(seen)
	if answer.status != http.StatusSeeOther || err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(seen, "/") || strings.HasPrefix(seen, "//") {
		t.Errorf("%s: status %d to %q (%v)", what, answer.status, to, err)
	}
	if len(answer.header.Values("Set-Cookie")) > 2 {
		t.Errorf("%s: cookies %q", what, answer.header.Values("Set-Cookie"))
	}
}
