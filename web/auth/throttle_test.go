package auth_test

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
	"muban/web/auth"
	"muban/web/webtest"
)

func TestANameIsFoundInAnyCase(t *testing.T) {
	t.Parallel()
	if p := webtest.NewConsole(t).Visitor().SignInAs(" QA ", webtest.Password); p.Path != "/" {
		t.Fatalf("at %s: %s", p.Path, p.Text("main"))
	}
}

func TestAWrongNameAWrongPasswordAndADisabledPersonLookAlike(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	webtest.Must(t, c.Store.SetDisabled(context.Background(), store.Actor{}, c.Person(store.QA).ID, true))
	var texts []string
	for _, try := range [][2]string{{"nobody", webtest.Password}, {"operator", "wrong horse battery"}, {"qa", webtest.Password}} {
		p := c.Visitor().SignInAs(try[0], try[1]).Expect(http.StatusUnprocessableEntity, "signin.wrong")
		if got := p.Doc.Find("#name").AttrOr("value", ""); got != try[0] {
			t.Errorf("the name %q was lost: %q", try[0], got)
		}
		if p.Doc.Find("#password").AttrOr("value", "") != "" {
			t.Error("the password came back")
		}
		texts = append(texts, p.Text("main"))
	}
	webtest.Same(t, texts, []string{texts[0], texts[0], texts[0]})
}

// argon2 takes 19 MiB, so what was allocated tells that it ran;
// nothing else here takes a tenth of that.
func TestAnUnknownNameCostsTheSameWorkAsAKnownOne(t *testing.T) {
	c := webtest.NewConsole(t)
	webtest.Must(t, c.Store.SetPassword(context.Background(), store.Actor{}, c.Person(store.Operator).ID, auth.HashPassword(webtest.Password)))
	for _, name := range []string{"operator", "nobody"} {
		b := c.Visitor()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b.Post("/sign-in", webtest.Credentials(name, "wrong horse battery")).Answers(http.StatusUnprocessableEntity)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took < 19<<20 {
			t.Errorf("%s: %d bytes, want those of an argon2", name, took)
		}
	}
}

func TestFiveFailuresCloseANameForFifteenMinutes(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for i := range 5 {
		// Each from another address, in another case: the name is what counts.
		guesser := c.VisitorFrom("192.0.2." + strconv.Itoa(i+1))
		guesser.SignInAs([]string{"operator", "Operator"}[i%2], "guess").Expect(http.StatusUnprocessableEntity, "signin.wrong")
	}
	owner := c.VisitorFrom("198.51.100.1")
	p := owner.SignInAs("operator", webtest.Password).Expect(http.StatusTooManyRequests, "signin.throttled")
	if p.Header.Get("Retry-After") != "900" || owner.Session() != "" {
		t.Fatalf("Retry-After %q", p.Header.Get("Retry-After"))
	}
	if p := c.VisitorFrom("198.51.100.1").SignInAs("qa", webtest.Password); p.Path != "/" {
		t.Fatalf("a colleague could not sign in: %s", p.Text("main"))
	}
	c.Clock.Advance(15*time.Minute + time.Second)
	if p := owner.SignInAs("operator", webtest.Password); p.Path != "/" {
		t.Fatalf("after 15 minutes: %s", p.Text("main"))
	}
}

func TestFiveFailuresCloseAnAddress(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	guesser := c.VisitorFrom("192.0.2.1")
	for i := range 5 {
		guesser.SignInAs("somebody"+strconv.Itoa(i), "guess").Expect(http.StatusUnprocessableEntity, "signin.wrong")
	}
	guesser.SignInAs("qa", webtest.Password).Expect(http.StatusTooManyRequests, "signin.throttled")
	if p := c.VisitorFrom("192.0.2.2").SignInAs("qa", webtest.Password); p.Path != "/" {
		t.Fatalf("another address was closed as well: %s", p.Text("main"))
	}
}

// An own account in between does not begin the count afresh.
func TestSigningInToOnesOwnAccountDoesNotForgiveGuessesAtAnother(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	guesser := c.VisitorFrom("192.0.2.1")
	for range 4 {
		guesser.SignInAs("administrator", "guess").Expect(http.StatusUnprocessableEntity, "signin.wrong")
	}
	own := c.VisitorFrom("192.0.2.1")
	if p := own.SignInAs("qa", webtest.Password); p.Path != "/" {
		t.Fatalf("own account: %s", p.Text("main"))
	}
	guesser.SignInAs("administrator", "guess").Expect(http.StatusUnprocessableEntity, "signin.wrong")
	guesser.SignInAs("administrator", webtest.Password).Answers(http.StatusTooManyRequests)
}

// The limit holds for guesses that arrive at the same moment.
func TestGuessesInParallelGetNoMoreTries(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	var tried sync.Map
	var all sync.WaitGroup
	for i := range 40 {
		b := c.VisitorFrom("192.0.2." + strconv.Itoa(i+1))
		all.Go(func() {
			if p := b.Post("/sign-in", webtest.Credentials("administrator", "guess")); p.Status != http.StatusTooManyRequests {
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

// guessAt makes n wrong guesses from as many networks.
func guessAt(c *webtest.Console, name string, n int) {
	for i := range n {
		c.VisitorFrom("198.51.100."+strconv.Itoa(i+1)).Post("/sign-in", webtest.Credentials(name, "guess"))
	}
}

// from is the same browser at another address.
func from(c *webtest.Console, b *webtest.Browser, addr string) *webtest.Browser {
	other, client := *b, *b.Client
	client.Transport = webtest.FromAddr(c.Muban.Handler(), addr)
	other.Client = &client
	return &other
}

func TestFault47_AStrangersGuessesLockNobodyOutWhoWasInBefore(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	in := c.VisitorFrom("192.0.2.7")
	in.SignInAs("operator", webtest.Password)
	old := c.VisitorFrom("2001:db8:7:7::1")
	old.SignInAs("operator", webtest.Password)
	old.Post("/sign-out", nil)
	guessAt(c, "operator", 20)
	c.VisitorFrom("203.0.113.9").SignInAs("operator", webtest.Password).Answers(http.StatusTooManyRequests) // guessing itself is slow

	for name, b := range map[string]*webtest.Browser{
		"the device, at home":       old,
		"the device, on the way":    from(c, old, "203.0.113.77"),
		"the network of a /64":      c.VisitorFrom("2001:db8:7:7:abcd::2"),
		"the network of an office":  c.VisitorFrom("192.0.2.201"),
		"the office behind a proxy": c.VisitorFrom("::ffff:192.0.2.8"),
	} {
		if p := b.SignInAs("operator", webtest.Password); p.Path != "/" {
			t.Errorf("%s: %d at %s", name, p.Status, p.Path)
		}
		b.Post("/sign-out", nil)
	}
	change := in.Submit(in.Get("/settings/me"), `form[action$="/password"] button`, func(form url.Values) {
		form.Set("current", webtest.Password)
		form.Set("password", "another long sentence")
	})
	change.Expect(http.StatusOK, "done.password_changed")
}

// What a known device or network may guess has its own bound, and does not close another one.
func TestFault47_GuessesFromAKnownDeviceAreBoundedToo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, other := c.VisitorFrom("192.0.2.7"), c.VisitorFrom("203.0.113.7")
	for _, known := range []*webtest.Browser{b, other} {
		known.SignInAs("operator", webtest.Password)
		known.Post("/sign-out", nil)
	}
	for range 5 {
		b.SignInAs("operator", "guess").Answers(http.StatusUnprocessableEntity)
	}
	b.SignInAs("operator", webtest.Password).Answers(http.StatusTooManyRequests)
	if p := other.SignInAs("operator", webtest.Password); p.Path != "/" {
		t.Errorf("the other device: %d at %s", p.Status, p.Path)
	}
}

func TestFault47_AnIPv6NetworkIsOneGuesser(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	tried := 0
	for i := range 20 {
		guesser := c.VisitorFrom("2001:db8:1:2:" + strconv.FormatInt(int64(i+1), 16) + "::1")
		if guesser.SignInAs("somebody"+strconv.Itoa(i), "guess").Status != http.StatusTooManyRequests {
			tried++
		}
	}
	if tried != 5 {
		t.Errorf("%d guesses were tried, want 5", tried)
	}
	c.VisitorFrom("2001:db8:1:3::1").SignInAs("somebody", "guess").Answers(http.StatusUnprocessableEntity)
}

func TestFault47_TheShellLiftsALock(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for words, addr := range map[string]string{"unlock qa": "203.0.113.9", "passwd qa": "203.0.114.9"} {
		guessAt(c, "qa", 5)
		c.VisitorFrom(addr).SignInAs("qa", webtest.Password).Answers(http.StatusTooManyRequests)
		webtest.Must(t, auth.ManagePeople(t.Context(), c.Store, strings.Fields(words), strings.NewReader(webtest.Password), nil))
		b := c.VisitorFrom(addr)
		if p := b.SignInAs("qa", webtest.Password); p.Path != "/" {
			t.Errorf("after %s: %d at %s", words, p.Status, p.Path)
		}
		c.Clock.Advance(16 * time.Minute)
		webtest.Must(t, c.Store.Unlock(t.Context(), store.Actor{}, c.Person(store.QA).ID))
	}
	if n := len(c.Activities(store.ActUnlock)); n != 3 { // and one more for each, to begin anew
		t.Errorf("the log has %d", n)
	}
}

func TestFault49_WrongGuessesAndLocksLeaveALineEach(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	guessAt(c, "qa", 7)
	guessAt(c, "canary-typed-into-the-wrong-field", 1)
	log := c.Log.String()
	for event, want := range map[auth.Event]int{auth.EventWrongGuess: 6, auth.EventLocked: 1, auth.EventThrottled: 2} {
		if n := strings.Count(log, string(event)); n != want {
			t.Errorf("%q: %d lines, want %d", event, n, want)
		}
	}
	if strings.Contains(log, "canary") || !strings.Contains(log, "addr=198.51.100.3") {
		t.Error("the lines say what was typed, or not from where")
	}
	if got := c.Activities(store.ActLock); len(got) != 1 || got[0].Object != "person:"+strconv.FormatInt(c.Person(store.QA).ID, 10) {
		t.Errorf("the activity log has %+v", got)
	}
}
