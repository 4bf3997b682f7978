package pages_test

import (
	"net/http"
	"net/url"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

func TestFault30_GuessesOnOnesOwnPageAreCounted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	try := func(current string) *webtest.Page {
		return b.Submit(b.Get("/settings/me"), `form[action$="/password"] button`, func(form url.Values) { form.Set("current", current); form.Set("password", "a new long one") })
	}
	for range 5 {
		try("guess").Expect(http.StatusUnprocessableEntity, "me.current_wrong")
	}
	try(webtest.Password).Expect(http.StatusTooManyRequests, "signin.throttled")
}

func TestANewPasswordOfOnesOwnEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, other := c.As(store.QA), c.As(store.QA)
	change := func(current, next string) *webtest.Page {
		return b.Submit(b.Get("/settings/me"), `form[action$="/password"] button`, func(form url.Values) { form.Set("current", current); form.Set("password", next) })
	}
	for range 4 {
		change("typo", "a new long one").Expect(http.StatusUnprocessableEntity, "me.current_wrong")
	}
	change(webtest.Password, "short").Expect(http.StatusUnprocessableEntity, "problem.min", "Param", 10)
	change(webtest.Password, "a new long one").Expect(http.StatusOK, "done.password_changed")
	if !b.SignedIn() || other.SignedIn() {
		t.Fatalf("this one is signed in: %t, the other: %t", b.SignedIn(), other.SignedIn())
	}
	c.Visitor().SignInAs("qa", webtest.Password).Expect(http.StatusUnprocessableEntity, "signin.wrong")
	c.Visitor().SignInAs("qa", "a new long one").Answers(http.StatusOK) // the typos are forgiven
}

func TestOnesOwnSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, other, third := c.As(store.QA), c.As(store.QA), c.As(store.QA)
	p := b.Get("/settings/me").Expect(http.StatusOK, "sessions.this")
	for _, el := range p.Doc.Find(`td button[name="session"]`).EachIter() {
		if !webtest.Says(t, el.Closest("tr").Text(), "en", "sessions.this") {
			b.Submit(p, `button[value="`+el.AttrOr("value", "")+`"]`, webtest.Again).Expect(http.StatusOK, "done.sessions_ended")
			break
		}
	}
	if other.SignedIn() == third.SignedIn() {
		t.Fatal("want one of them to be over")
	}
	fourth := c.As(store.QA)
	b.Submit(b.Get("/settings/me"), `button[value="all"]`, webtest.Again).Expect(http.StatusOK, "done.sessions_ended")
	if fourth.SignedIn() || !b.SignedIn() {
		t.Fatal("all but this one were to end")
	}
}
