package pages_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
)

func TestTheOverviewSaysWhatWaitsForSomebody(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	quiet := b.Get("/").Expect(http.StatusOK, "overview.no_drafts").Expect(http.StatusOK, "rights.nobody_leaves")
	if quiet.Has(".banner.warn") {
		t.Error(quiet.Text(".banner.warn"))
	}
	_, review := draftInState(c, "combination", "review")
	draftInState(c, "proposal", "rejected")
	_, err := c.Store.ReportRights(t.Context(), store.Actor{}, c.App().ID, []ledger.Report{{ID: "f1", Source: ledger.Form, OpenID: webtest.StrangerID}})
	webtest.Must(t, err)
	c.Clock.Advance(6*24*time.Hour + time.Hour)
	b = c.Visitor()
	b.SignInAs("operator", webtest.Password)
	lose(c, b)

	p := b.Get("/").Expect(http.StatusOK, "overview.leaving", "Count", 1)
	if got := p.Text("section[aria-labelledby=drafts-title] ul"); got != "In review 1Sent back 1" {
		t.Errorf("the drafts are %q", got)
	}
	state := p.Doc.Find("section[aria-labelledby=drafts-title] li a").First().AttrOr("href", "")
	if list := b.Get(state); list.Doc.Find("tbody tr").Length() != 1 || !list.Has(`tbody a[href$="`+webtest.PathWith("/drafts/", review)+`"]`) {
		t.Errorf("%s lists %q", state, list.Text("tbody"))
	}
	if open, _ := url.Parse(p.Doc.Find(".banner.warn a").AttrOr("href", "")); open.Path != "/sends" || b.Get(open.String()).Text("#range") != "1–1 of 1" {
		t.Errorf("the undecided send is at %v", open)
	}

	other := c.Visitor()
	other.SignInAs("product_manager", webtest.Password)
	manager := other.Get("/")
	if manager.Has("#rights-title") || manager.Has("#sends-title") || manager.Has(".banner.warn") {
		t.Error("a product manager is told of rights and sends")
	}
}
