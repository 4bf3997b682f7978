package auth_test

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
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

// faults.md 30: argon2 takes 19 MiB, so what was allocated tells that it ran;
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

// faults.md 30: an own account in between does not begin the count afresh.
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

// faults.md 30: the limit holds for guesses that arrive at the same moment.
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
