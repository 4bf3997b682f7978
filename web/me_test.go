package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
)

func TestFault30_GuessesOnOnesOwnPageAreCounted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.QA)
	try := func(current string) *page {
		return b.submit(b.get("/settings/me"), `form[action$="/password"] button`, func(form url.Values) { form.Set("current", current); form.Set("password", "a new long one") })
	}
	for range 5 {
		try("guess").expect(http.StatusUnprocessableEntity, "The current password is wrong")
	}
	try(password).expect(http.StatusTooManyRequests, "Too many failed attempts")
}

func TestANewPasswordOfOnesOwnEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, other := c.as(store.QA), c.as(store.QA)
	change := func(current, next string) *page {
		return b.submit(b.get("/settings/me"), `form[action$="/password"] button`, func(form url.Values) { form.Set("current", current); form.Set("password", next) })
	}
	for range 4 {
		change("typo", "a new long one").expect(http.StatusUnprocessableEntity, "The current password is wrong")
	}
	change(password, "short").expect(http.StatusUnprocessableEntity, "at least 10 characters")
	change(password, "a new long one").expect(http.StatusOK, "The password is changed")
	if !b.signedIn() || other.signedIn() {
		t.Fatalf("this one is signed in: %t, the other: %t", b.signedIn(), other.signedIn())
	}
	c.visitor().signInAs("qa", password).expect(http.StatusUnprocessableEntity, "is wrong")
	c.visitor().signInAs("qa", "a new long one").expect(http.StatusOK, "") // the typos are forgiven
}

func TestOnesOwnSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, other, third := c.as(store.QA), c.as(store.QA), c.as(store.QA)
	p := b.get("/settings/me").expect(http.StatusOK, "this one")
	for _, el := range p.doc.Find(`td button[name="session"]`).EachIter() {
		if !strings.Contains(el.Closest("tr").Text(), "this one") {
			b.submit(p, `button[value="`+el.AttrOr("value", "")+`"]`, nil).expect(http.StatusOK, "Those sessions have ended")
			break
		}
	}
	if other.signedIn() == third.signedIn() {
		t.Fatal("want one of them to be over")
	}
	fourth := c.as(store.QA)
	b.submit(b.get("/settings/me"), `button[value="all"]`, nil).expect(http.StatusOK, "Those sessions have ended")
	if fourth.signedIn() || !b.signedIn() {
		t.Fatal("all but this one were to end")
	}
}
