package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func TestTheTokenPageTellsWhoCausedWhichFetch(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, s := c.As(store.Operator), c.Caller("token")
	var held webtest.Lent
	s.Get(webtest.SharedPath).Into(&held)
	s.Refresh(held.Token).Into(&held)
	b.Post("/token/refresh", webtest.Sure).Expect(http.StatusOK, "done.token_refreshed")
	p := b.Get("/token").Expect(http.StatusOK, "token.healthy")
	var rows []string
	for _, tr := range p.Doc.Find("[aria-labelledby=timeline-title] tbody tr").EachIter() {
		rows = append(rows, strings.Join(strings.Fields(tr.Text()), " "))
	}
	if len(rows) != 3 {
		t.Fatalf("%d rows: %q", len(rows), rows)
	}
	for i, want := range []string{"fetched.forced", "timeline.outside", "fetched.due"} {
		if !webtest.Says(t, rows[i], "en", want) || i == 0 && !strings.Contains(rows[i], "operator") {
			t.Errorf("row %d is %q, want %q in it", i, rows[i], want)
		}
	}
	keys, err := c.Store.APIKeys(t.Context(), c.App().ID)
	webtest.Must(t, err)
	if !strings.Contains(rows[1], keys[0].Name) {
		t.Errorf("the key's name is not in %q", rows[1])
	}
	if got := p.Text("[aria-labelledby=force-title] .body > p"); !strings.Contains(got, "19 refreshes by hand are left") {
		t.Errorf("the cost is told as %q", got)
	}
	b.Get("/token?reason=forced").Expect(http.StatusOK, "pager.range", "From", 1, "To", 1, "Total", 1)
	b.Get("/token?failed=yes").Expect(http.StatusOK, "timeline.none")
	if p := b.Get("/token?reason=x"); p.Status != http.StatusBadRequest {
		t.Errorf("a made-up reason: %d", p.Status)
	}
	if got := c.Activities(store.ActTokenRefresh); len(got) != 1 || got[0].PersonName != string(store.Operator) {
		t.Errorf("%+v", got)
	}
}

func TestFault04_ARefreshByHandIsConfirmedAndKeepsToItsFloor(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	before := c.Calls("/cgi-bin/token")
	if p := b.Post("/token/refresh", nil); p.Status != http.StatusBadRequest || c.Calls("/cgi-bin/token") != before {
		t.Errorf("without a confirmation: %d", p.Status)
	}
	b.Post("/token/refresh", webtest.Sure).Expect(http.StatusOK, "done.token_refreshed")
	b.Post("/token/refresh", webtest.Sure).Expect(http.StatusTooManyRequests, "pause.too_soon")
	for range 19 {
		c.Clock.Advance(31 * time.Second)
		b.Post("/token/refresh", webtest.Sure).Expect(http.StatusOK, "done.token_refreshed")
	}
	c.Clock.Advance(31 * time.Second)
	p := b.Post("/token/refresh", webtest.Sure).Expect(http.StatusTooManyRequests, "pause.budget")
	if !p.Has(`form[action$="/token/refresh"] button[disabled]`) {
		t.Error("the button can still be pressed")
	}
	if n := len(c.Activities(store.ActTokenRefresh)); n != 20 || c.Calls("/cgi-bin/token") != before+20 {
		t.Errorf("%d activities, %d calls", n, c.Calls("/cgi-bin/token"))
	}
}

func TestFault06_TheTokenPageSaysWhatIsWrongAndWhichIPToAllow(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	b.Post("/token/refresh", webtest.Sure)
	c.Clock.Advance(time.Minute)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40164), Times: 5}))
	b.Post("/token/refresh", webtest.Sure).Shows(http.StatusBadGateway, "errcode 40164")
	p := b.Get("/token").Expect(http.StatusOK, "tokens.failing_alive")
	if got := p.Text(".banner .copyable code"); got != "127.0.0.1" {
		t.Errorf("the IP to allow is %q", got)
	}
	if !strings.Contains(p.Text(".banner"), "not in whitelist") {
		t.Errorf("no errmsg in %q", p.Text(".banner"))
	}
	for _, want := range []string{"tokens.failing_since", "tokens.next_attempt", "tokens.still_served"} {
		if !p.Says(".banner", want) {
			t.Errorf("no %q in %q", want, p.Text(".banner"))
		}
	}
	c.Clock.Advance(2 * time.Hour)
	c.Caller("token").Get(webtest.SharedPath)
	b.Get("/token").Expect(http.StatusOK, "tokens.none_served")
	b.Get("/token?failed=yes").Expect(http.StatusOK, "timeline.bad")
}

func TestTheTokenPageTellsWhoPulledHowOften(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, often, never := c.As(store.Operator), c.Caller("token"), c.Caller("token")
	c.Caller("rights") // has no business there
	for range 3 {
		often.Get(webtest.SharedPath)
	}
	c.Muban.KeepHouse(t.Context())
	c.Clock.Advance(time.Hour)
	often.Get(webtest.SharedPath)
	c.Muban.KeepHouse(t.Context())
	p := b.Get("/token")
	rows := p.Doc.Find("#usage-title").Closest("section").Find("tbody tr")
	if rows.Length() != 2 {
		t.Fatalf("%d keys", rows.Length())
	}
	first := rows.First()
	if !strings.Contains(first.Text(), strings.Split(often.Key, "_")[1]) || strings.Contains(first.Text(), strings.Split(never.Key, "_")[1]) {
		t.Errorf("the first is %q", first.Text())
	}
	var counts []string
	for _, td := range first.Find("td.num").EachIter() {
		counts = append(counts, td.Text())
	}
	webtest.Same(t, counts, []string{"1", "4", "4"})
	bars := first.Find("svg.hours")
	if bars.Find("rect").Length() != 2 || !webtest.Says(t, bars.AttrOr("aria-label", ""), "en", "usage.bars", "Day", 4) {
		t.Errorf("%d bars, %q", bars.Find("rect").Length(), bars.AttrOr("aria-label", ""))
	}
}

func TestAnAppsTokenIsFetchedAsItsSettingSays(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	wechat := sandbox.New(sandbox.Options{Now: c.Clock.Now})
	wechat.AddApp("wx0000000000000002", "secret")
	app := c.AddAppOn(wechat, "wx0000000000000002", "secret")
	b := c.As(store.Administrator).In(app)
	b.Submit(b.Get(webtest.PathWith("/settings/apps/", app.ID)), "button.primary", func(f url.Values) {
		if f.Get("token_mode") != "token" {
			t.Errorf("the form says %q", f.Get("token_mode"))
		}
		f.Set("token_mode", "stable_token")
	}).Expect(http.StatusOK, "done.app_renamed")
	before := wechat.Stats()["/cgi-bin/token"]
	s := c.ServerOf(app.ID, "token")
	var first, forced webtest.Lent
	s.Get("/api/v1/access_token").Into(&first)
	b.Post("/token/refresh", webtest.Sure).Shows(http.StatusOK, "cgi-bin/stable_token")
	s.Get("/api/v1/access_token").Into(&forced)
	if first.Token == forced.Token || wechat.Stats()["/cgi-bin/token"] != before || wechat.Stats()["/cgi-bin/stable_token"] != 2 {
		t.Errorf("%v", wechat.Stats())
	}
}

// What another process on the database changes counts here within moments.
func TestAnAppThatAnotherProcessAddedIsServed(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	here := c.Muban
	c.Start(webtest.KeepConfig)
	app := c.AddApp("wx0000000000000002")
	c.Muban = here
	s := c.ServerOf(app.ID, "token")
	c.Config.Handler = here.Handler()
	s.Get("/api/v1/access_token").Refused(http.StatusNotFound, "app_unknown")
	c.Running()
	webtest.Await(t, "served", func() bool { return s.Get("/api/v1/access_token").Status == http.StatusOK })
	s.Get("/api/v1/access_token").Into(&webtest.Lent{})
}
