package web_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/web"
	"muban/wechat/sandbox"
)

// lent is a token as a business server gets it.
type lent struct {
	Token     string `json:"access_token"`
	ExpiresIn int64  `json:"expires_in"`
}

const sharedPath = "/api/v1/access_token?appid=" + sandbox.DefaultAppID

// refresh reports a rejected token.
func (s *server) refresh(rejected string) *apiAnswer {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"appid": sandbox.DefaultAppID, "access_token": rejected})
	must(s.t, err)
	return s.post("/api/v1/access_token/refresh", string(body))
}

func TestTheTokenIsHandedOutWithWhatTrulyRemains(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token")
	var first, later lent
	a := s.get(sharedPath).into(&first)
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	c.clock.Advance(30 * time.Minute)
	s.get("/api/v1/access_token").into(&later) // the key's own app
	if len(first.Token) < 100 || later.Token != first.Token || first.ExpiresIn < 7190 || first.ExpiresIn > 7200 {
		t.Errorf("%+v, then %+v", first, later)
	}
	if gone := first.ExpiresIn - later.ExpiresIn; gone < 1800 || gone > 1810 {
		t.Errorf("%d seconds less after half an hour", gone)
	}
	s.get("/api/v1/access_token?appid=wx0000000000000002").refused(http.StatusNotFound, "app_unknown") // faults.md 27
	c.caller("rights").get(sharedPath).refused(http.StatusForbidden, "scope_missing")
	c.caller("rights").refresh(first.Token).refused(http.StatusForbidden, "scope_missing")
	if n := c.calls("/cgi-bin/token"); n != 1 {
		t.Errorf("WeChat was asked %d times", n)
	}
}

// askTogether calls n times at once from servers with the same key, without the network
// between, and answers what they got.
func askTogether(c *console, key string, n int, request func() *http.Request) []lent {
	handler, got := c.server.Handler(), make([]lent, n)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			r, w := request(), httptest.NewRecorder()
			r.Header.Set("Authorization", "Bearer "+key)
			start.Wait()
			handler.ServeHTTP(w, r)
			if err := json.Unmarshal(w.Body.Bytes(), &got[i]); err != nil || w.Code != http.StatusOK {
				c.t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	start.Done()
	done.Wait()
	return got
}

// faults.md 1, as business servers see it, a hundred times over.
func TestFault01_AThousandServersAtExpiryMakeOneCallUpstream(t *testing.T) {
	c := newConsoleWith(t, func(w *web.Config) { w.Log = slog.New(slog.DiscardHandler) })
	key := c.caller("token").key
	ask := func() *http.Request { return httptest.NewRequest(http.MethodGet, sharedPath, nil) }
	last := ""
	for round := 1; round <= 100; round++ {
		got := askTogether(c, key, 1000, ask)
		for _, g := range got {
			if g.Token != got[0].Token || g.Token == last || g.ExpiresIn < 7000 {
				t.Fatalf("round %d: %+v among tokens of %+v", round, g, got[0])
			}
		}
		if n := c.calls("/cgi-bin/token"); n != round {
			t.Fatalf("round %d: WeChat was asked %d times", round, n)
		}
		last = got[0].Token
		c.clock.Advance(2 * time.Hour)
	}
}

func TestFault03_AThousandReportsOfOneRejectedTokenMakeOneRefresh(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(w *web.Config) { w.Log = slog.New(slog.DiscardHandler) })
	s := c.caller("token")
	var old, fresh lent
	s.get(sharedPath).into(&old)
	report := `{"appid":"` + sandbox.DefaultAppID + `","access_token":"` + old.Token + `"}`
	got := askTogether(c, s.key, 1000, func() *http.Request {
		return httptest.NewRequest(http.MethodPost, "/api/v1/access_token/refresh", strings.NewReader(report))
	})
	s.get(sharedPath).into(&fresh)
	for _, g := range got {
		if g.Token != fresh.Token || g.Token == old.Token {
			t.Fatalf("%+v, the token is %+v", g, fresh)
		}
	}
	s.refresh("one that nobody knows").into(&old) // a late report of another
	if n := c.calls("/cgi-bin/token"); n != 2 || old.Token != fresh.Token {
		t.Errorf("WeChat was asked %d times", n)
	}
}

func TestARefreshSaysWhichTokenWasRejected(t *testing.T) {
	t.Parallel()
	s := newConsole(t).caller("token")
	s.refresh("").refused(http.StatusBadRequest, "rejected_missing")
	s.post("/api/v1/access_token/refresh", `{"app":"x"}`).refused(http.StatusBadRequest, "bad_json")
	s.post("/api/v1/access_token/refresh", `{"appid":"wx0000000000000002","access_token":"x"}`).refused(http.StatusNotFound, "app_unknown")
}

func TestFault05_TokensRejectedOneAfterTheOtherEndInAPause(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token")
	var held lent
	s.get(sharedPath).into(&held)
	for range 20 {
		a := s.refresh(held.Token)
		if a.status != http.StatusOK {
			a.refused(http.StatusTooManyRequests, "refresh_too_soon")
			if wait := a.header.Get("Retry-After"); wait == "" || wait == "0" {
				t.Errorf("Retry-After %q", wait)
			}
			s.get(sharedPath).into(&held) // the last one is served all the same
			return
		}
		a.into(&held)
	}
	t.Fatal("twenty tokens were fetched in a row")
}

// faults.md 7: an hour of 5xx, with a refresh due in the middle of it and a restart.
func TestFault07_ServersSeeNoErrorDuringAnHourOf5xxAndARestart(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token")
	var first, got lent
	s.get(sharedPath).into(&first)
	c.clock.Advance(75 * time.Minute)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Status: http.StatusBadGateway, Times: 1000}))
	for minute := range 44 {
		if minute == 20 {
			c.start(func(*web.Config) {})
			s.base = c.URL
		}
		s.get(sharedPath).into(&got)
		if want := 7200 - 60*int64(75+minute); got.Token != first.Token || got.ExpiresIn > want || got.ExpiresIn < want-30 {
			t.Fatalf("minute %d: %+v, want about %d s left", minute, got, want)
		}
		c.clock.Advance(time.Minute)
	}
	c.clock.Advance(time.Minute) // it has ended, and WeChat is still away
	a := s.get(sharedPath).refused(http.StatusServiceUnavailable, "token_unavailable")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	c.sandbox.ClearFaults()
	c.clock.Advance(10 * time.Minute)
	if s.get(sharedPath).into(&got); got.Token == first.Token {
		t.Error("the dead token is served")
	}
}

// faults.md 6: what only a person can mend is told to the server too.
func TestFault06_WithoutATokenTheServerIsToldWhatWeChatSaid(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40164), Times: 9}))
	a := c.caller("token").get(sharedPath).refused(http.StatusServiceUnavailable, "token_errcode")
	if !strings.Contains(a.body, "40164") || !strings.Contains(a.body, "not in whitelist") || a.header.Get("Retry-After") == "" {
		t.Error(a.body)
	}
}

func TestFault10_AnOddAnswerOfWeChatsIsNoFaultOfTheConsoles(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{}", "<html>", `{"access_token":"x","expires_in":0}`, `{"access_token":"","expires_in":7200}`} {
		c := newConsole(t)
		must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Body: body, Times: 9}))
		s := c.caller("token")
		s.get(sharedPath).refused(http.StatusServiceUnavailable, "token_unavailable")
		if got := s.sdk("GET", s.sdkQuery(), ""); got.Code != -1 || strings.Contains(c.log.String(), "level=ERROR") {
			t.Errorf("%s: %+v\n%s", body, got, c.log)
		}
	}
}

// faults.md 9: two processes on one database hand out the same token.
func TestFault09_AnotherProcessHandsOutTheSameToken(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token")
	var one, two lent
	s.get(sharedPath).into(&one)
	c.start(func(*web.Config) {}) // a second console on the same store
	s.base = c.URL
	s.get(sharedPath).into(&two)
	if one.Token != two.Token || c.calls("/cgi-bin/token") != 1 {
		t.Errorf("two tokens after %d calls", c.calls("/cgi-bin/token"))
	}
}

func TestAKeyThatCallsTooOftenIsToldToWait(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(w *web.Config) { w.KeyRate = 2 })
	s, other := c.caller("token"), c.caller("token")
	var a *apiAnswer
	for range 30 { // ten at once, and two a second
		if a = s.get(sharedPath); a.status != http.StatusOK {
			break
		}
	}
	a.refused(http.StatusTooManyRequests, "too_many_calls")
	if a.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	if sdk := s.sdk("GET", s.sdkQuery(), ""); sdk.Code != 45011 {
		t.Errorf("an SDK is told %+v", sdk)
	}
	other.get(sharedPath).into(&lent{})
	c.clock.Advance(time.Second)
	s.get(sharedPath).into(&lent{})
}

// Whoever tries wrong keys is told to wait; a server at the same address whose key
// is known is not.
func TestAnAddressThatTriesWrongKeysIsToldToWait(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	good, late := c.caller("token"), c.caller("token")
	good.get(sharedPath).into(&lent{})
	var a *apiAnswer
	for i := range 60 {
		key, _ := web.NewAPIKey()
		if a = c.withKey(key).get(sharedPath); a.status != http.StatusUnauthorized {
			if i < 10 {
				t.Errorf("told to wait after %d", i)
			}
			break
		}
	}
	a.refused(http.StatusTooManyRequests, "too_many_wrong_keys")
	c.clock.Advance(time.Second) // the good one is looked up anew
	good.get(sharedPath).into(&lent{})
	late.get(sharedPath).refused(http.StatusTooManyRequests, "too_many_wrong_keys") // nobody knows it yet
	c.clock.Advance(10 * time.Second)
	late.get(sharedPath).into(&lent{})
}

func TestEveryHandOutIsCountedByKeyAndHour(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	one, two := c.caller("token"), c.caller("token")
	var held lent
	for range 3 {
		one.get(sharedPath).into(&held)
	}
	one.refresh("another").into(&held)
	two.sdk("GET", two.sdkQuery(), "")
	before := c.still()
	c.server.KeepHouse(t.Context())
	if c.content() == before { // faults.md 31: a GET itself writes nothing
		t.Error("nothing was counted")
	}
	c.clock.Advance(time.Hour)
	two.sdk("GET", two.sdkQuery(), "")
	c.server.KeepHouse(t.Context())

	counts := map[int64][]int64{}
	handouts, err := c.store.Handouts(t.Context(), c.app().ID, c.clock.Now().Add(-24*time.Hour))
	must(t, err)
	for _, h := range handouts {
		counts[h.KeyID] = append(counts[h.KeyID], h.Count)
	}
	same(t, counts[one.id], []int64{4})
	same(t, counts[two.id], []int64{1, 1})
	k, err := c.store.APIKey(t.Context(), c.app().ID, two.id)
	must(t, err)
	if ago := c.clock.Now().Sub(k.LastUsedAt); ago < 0 || ago > time.Minute {
		t.Errorf("last used %v ago", ago)
	}
}

func TestFault35_NoKeyAndNoTokenIsEverLogged(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token", "metrics")
	var held lent
	s.get(sharedPath).into(&held)
	s.refresh(held.Token).into(&held)
	s.sdk("GET", s.sdkQuery(), "")
	s.sdk("GET", s.sdkQuery()+"&x=%zz", "")
	s.get("/cgi-bin/none?secret=" + s.key)
	s.post("/api/v1/access_token/refresh", `{"`+s.key+`":1}`)
	admin := c.as(store.Administrator)
	c.server.KeepHouse(t.Context())
	seen := c.log.String() + string(c.backup()) + s.get("/metrics").body
	for _, path := range []string{"/token", "/settings/keys", pathWith("/settings/keys/", s.id), "/settings/alerts", "/"} {
		seen += admin.get(path).body
	}
	if strings.Contains(seen, s.key[15:]) || strings.Contains(seen, held.Token) {
		t.Error("a key or a token is where it should not be")
	}
	if !strings.Contains(c.log.String(), "/cgi-bin/token") {
		t.Error("nothing was logged: the test looks at nothing")
	}
}
