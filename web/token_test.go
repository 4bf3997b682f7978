package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/sandbox"
)

var sure = url.Values{"sure": {"yes"}}

func TestTheTokenPageTellsWhoCausedWhichFetch(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, s := c.as(store.Operator), c.caller("token")
	var held lent
	s.get(sharedPath).into(&held)
	s.refresh(held.Token).into(&held)
	b.post("/token/refresh", sure).expect(http.StatusOK, "The access_token is a new one")
	p := b.get("/token").expect(http.StatusOK, "Healthy")
	var rows []string
	for _, tr := range p.doc.Find("#timeline-title ~ table tbody tr").EachIter() {
		rows = append(rows, strings.Join(strings.Fields(tr.Text()), " "))
	}
	if len(rows) != 3 {
		t.Fatalf("%d rows: %q", len(rows), rows)
	}
	for i, want := range []string{"By hand operator", "most likely another program", "Ahead of expiry"} {
		if !strings.Contains(rows[i], want) {
			t.Errorf("row %d is %q, want %q in it", i, rows[i], want)
		}
	}
	if !strings.Contains(rows[1], "muban_"+strings.Split(s.key, "_")[1]+"_") {
		t.Errorf("the key's prefix is not in %q", rows[1])
	}
	if got := p.text("#force-title ~ p"); !strings.Contains(got, "19 refreshes by hand are left") {
		t.Errorf("the cost is told as %q", got)
	}
	b.get("/token?reason=forced").expect(http.StatusOK, "1–1 of 1")
	b.get("/token?failed=yes").expect(http.StatusOK, "There are no fetches")
	if p := b.get("/token?reason=x"); p.status != http.StatusBadRequest {
		t.Errorf("a made-up reason: %d", p.status)
	}
	if got := c.activities(store.ActTokenRefresh); len(got) != 1 || got[0].PersonName != string(store.Operator) {
		t.Errorf("%+v", got)
	}
}

func TestFault04_ARefreshByHandIsConfirmedAndKeepsToItsFloor(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	before := c.calls("/cgi-bin/token")
	if p := b.post("/token/refresh", nil); p.status != http.StatusBadRequest || c.calls("/cgi-bin/token") != before {
		t.Errorf("without a confirmation: %d", p.status)
	}
	b.post("/token/refresh", sure).expect(http.StatusOK, "new one")
	b.post("/token/refresh", sure).expect(http.StatusTooManyRequests, "less than 30 seconds ago")
	for range 19 {
		c.clock.Advance(31 * time.Second)
		b.post("/token/refresh", sure).expect(http.StatusOK, "new one")
	}
	c.clock.Advance(31 * time.Second)
	p := b.post("/token/refresh", sure).expect(http.StatusTooManyRequests, "are used up")
	if !p.has(`form[action$="/token/refresh"] button[disabled]`) {
		t.Error("the button can still be pressed")
	}
	if n := len(c.activities(store.ActTokenRefresh)); n != 20 || c.calls("/cgi-bin/token") != before+20 {
		t.Errorf("%d activities, %d calls", n, c.calls("/cgi-bin/token"))
	}
}

func TestFault06_TheTokenPageSaysWhatIsWrongAndWhichIPToAllow(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	b.post("/token/refresh", sure)
	c.clock.Advance(time.Minute)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40164), Times: 5}))
	b.post("/token/refresh", sure).expect(http.StatusBadGateway, "errcode 40164")
	p := b.get("/token").expect(http.StatusOK, "Not refreshed, still valid")
	if got := p.text(".banner .copyable code"); got != "127.0.0.1" {
		t.Errorf("the IP to allow is %q", got)
	}
	for _, want := range []string{"Failing since", "not in whitelist", "Next attempt by itself", "handed out as usual"} {
		if !strings.Contains(p.text(".banner"), want) {
			t.Errorf("no %q in %q", want, p.text(".banner"))
		}
	}
	c.clock.Advance(2 * time.Hour)
	c.caller("token").get(sharedPath)
	b.get("/token").expect(http.StatusOK, "There is no valid token now")
	b.get("/token?failed=yes").expect(http.StatusOK, "Failed")
}

func TestTheTokenPageTellsWhoPulledHowOften(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, often, never := c.as(store.Operator), c.caller("token"), c.caller("token")
	c.caller("rights") // has no business there
	for range 3 {
		often.get(sharedPath)
	}
	c.server.KeepHouse(t.Context())
	c.clock.Advance(time.Hour)
	often.get(sharedPath)
	c.server.KeepHouse(t.Context())
	p := b.get("/token")
	rows := p.doc.Find("#usage-title").Closest("section").Find("tbody tr")
	if rows.Length() != 2 {
		t.Fatalf("%d keys", rows.Length())
	}
	first := rows.First()
	if !strings.Contains(first.Text(), strings.Split(often.key, "_")[1]) || strings.Contains(first.Text(), strings.Split(never.key, "_")[1]) {
		t.Errorf("the first is %q", first.Text())
	}
	var counts []string
	for _, td := range first.Find("td.num").EachIter() {
		counts = append(counts, td.Text())
	}
	same(t, counts, []string{"1", "4", "4"})
	bars := first.Find("svg.bars")
	if bars.Find("rect").Length() != 2 || !strings.Contains(bars.AttrOr("aria-label", ""), "4 times in 24 hours") {
		t.Errorf("%d bars, %q", bars.Find("rect").Length(), bars.AttrOr("aria-label", ""))
	}
}

func TestAnAppsTokenIsFetchedAsItsSettingSays(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	wechat := sandbox.New(sandbox.Options{Now: c.clock.Now})
	wechat.AddApp("wx0000000000000002", "secret")
	app := c.addAppOn(wechat, "wx0000000000000002", "secret")
	b := c.as(store.Administrator).in(app)
	b.submit(b.get(pathWith("/settings/apps/", app.ID)), "button.primary", func(f url.Values) {
		if f.Get("token_mode") != "token" {
			t.Errorf("the form says %q", f.Get("token_mode"))
		}
		f.Set("token_mode", "stable_token")
	}).expect(http.StatusOK, "The mini program is saved")
	before := wechat.Stats()["/cgi-bin/token"]
	s := c.serverOf(app.ID, "token")
	var first, forced lent
	s.get("/api/v1/access_token").into(&first)
	b.post("/token/refresh", sure).expect(http.StatusOK, "cgi-bin/stable_token")
	s.get("/api/v1/access_token").into(&forced)
	if first.Token == forced.Token || wechat.Stats()["/cgi-bin/token"] != before || wechat.Stats()["/cgi-bin/stable_token"] != 2 {
		t.Errorf("%v", wechat.Stats())
	}
}

// What another process on the database changes counts here within moments.
func TestAnAppThatAnotherProcessAddedIsServed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	here := c.server
	c.start(keepConfig)
	app := c.addApp("wx0000000000000002")
	c.server = here
	s := c.serverOf(app.ID, "token")
	c.Config.Handler = here.Handler()
	s.get("/api/v1/access_token").refused(http.StatusNotFound, "app_unknown")
	here.KeepHouse(t.Context())
	s.get("/api/v1/access_token").into(&lent{})
}
