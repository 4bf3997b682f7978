package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/ledger"
)

func TestTheOverviewSaysWhatWaitsForSomebody(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	quiet := b.get("/").expect(http.StatusOK, "No draft waits").expect(http.StatusOK, "Nobody loses their last right")
	if quiet.has(".banner.warn") {
		t.Error(quiet.text(".banner.warn"))
	}
	_, review := c.inState("combination", "review")
	c.inState("proposal", "rejected")
	_, err := c.store.ReportRights(t.Context(), store.Actor{}, c.app().ID, []ledger.Report{{ID: "f1", Source: ledger.Form, OpenID: strangerID}})
	must(t, err)
	c.clock.Advance(6*24*time.Hour + time.Hour)
	b = c.visitor()
	b.signInAs("operator", password)
	c.lost(b)

	p := b.get("/").expect(http.StatusOK, "From tomorrow 1 ")
	if got := p.text("section[aria-labelledby=drafts-title] ul"); got != "In review 1Rejected 1" {
		t.Errorf("the drafts are %q", got)
	}
	state := p.doc.Find("section[aria-labelledby=drafts-title] li a").First().AttrOr("href", "")
	if list := b.get(state); list.doc.Find("tbody tr").Length() != 1 || !list.has(`tbody a[href$="`+pathOf("/drafts/", review)+`"]`) {
		t.Errorf("%s lists %q", state, list.text("tbody"))
	}
	if open, _ := url.Parse(p.doc.Find(".banner.warn a").AttrOr("href", "")); open.Path != "/sends" || b.get(open.String()).text("#range") != "1–1 of 1" {
		t.Errorf("the undecided send is at %v", open)
	}

	other := c.visitor()
	other.signInAs("product_manager", password)
	manager := other.get("/")
	if manager.has("#rights-title") || manager.has("#sends-title") || manager.has(".banner.warn") {
		t.Error("a product manager is told of rights and sends")
	}
}
