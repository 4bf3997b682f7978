package pages_test

import (
	"net/http"
	"net/url"
	"strings"
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
		try("guess").Expect(http.StatusUnprocessableEntity, "The current password is wrong")
	}
	try(webtest.Password).Expect(http.StatusTooManyRequests, "Too many failed attempts")
}

func TestANewPasswordOfOnesOwnEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, other := c.As(store.QA), c.As(store.QA)
	change := func(current, next string) *webtest.Page {
		return b.Submit(b.Get("/settings/me"), `form[action$="/password"] button`, func(form url.Values) { form.Set("current", current); form.Set("password", next) })
	}
	for range 4 {
		change("typo", "a new long one").Expect(http.StatusUnprocessableEntity, "The current password is wrong")
	}
	change(webtest.Password, "short").Expect(http.StatusUnprocessableEntity, "at least 10 characters")
	change(webtest.Password, "a new long one").Expect(http.StatusOK, "The password is changed")
	if !b.SignedIn() || other.SignedIn() {
		t.Fatalf("this one is signed in: %t, the other: %t", b.SignedIn(), other.SignedIn())
	}
	c.Visitor().SignInAs("qa", webtest.Password).Expect(http.StatusUnprocessableEntity, "is wrong")
	c.Visitor().SignInAs("qa", "a new long one").Expect(http.StatusOK, "") // the typos are forgiven
}

func TestOnesOwnSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, other, third := c.As(store.QA), c.As(store.QA), c.As(store.QA)
	p := b.Get("/settings/me").Expect(http.StatusOK, "this one")
	for _, el := range p.Doc.Find(`td button[name="session"]`).EachIter() {
		if !strings.Contains(el.Closest("tr").Text(), "this one") {
			b.Submit(p, `button[value="`+el.AttrOr("value", "")+`"]`, webtest.Again).Expect(http.StatusOK, "Those sessions have ended")
			break
		}
	}
	if other.SignedIn() == third.SignedIn() {
		t.Fatal("want one of them to be over")
	}
	fourth := c.As(store.QA)
	b.Submit(b.Get("/settings/me"), `button[value="all"]`, webtest.Again).Expect(http.StatusOK, "Those sessions have ended")
	if fourth.SignedIn() || !b.SignedIn() {
		t.Fatal("all but this one were to end")
	}
}
