package api_test

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
	"muban/web/auth"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func TestAnAddressThatTakesAnotherMethodSaysWhich(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, x := range []struct{ method, path, allow string }{
		{"GET", "/api/v1/sends", "POST"}, {"HEAD", "/api/v1/rights", "POST"}, {"DELETE", "/api/v1/consents", "GET, POST"},
		{"POST", "/api/v1/rules", "GET"}, {"PUT", "/api/v1/templates/order-paid", "GET"}, {"PATCH", "/api/v1/access_token/refresh", "POST"},
		{"GET", "/api/v1/nowhere", ""}, {"POST", "/api/v1/nowhere", ""}, {"DELETE", "/api/v1/sends/1", ""},
	} {
		r, err := http.NewRequest(x.method, c.URL+x.path, nil)
		webtest.Must(t, err)
		a, err := http.DefaultClient.Do(r)
		webtest.Must(t, err)
		webtest.Must(t, a.Body.Close())
		want := http.StatusMethodNotAllowed
		if x.allow == "" {
			want = http.StatusNotFound
		}
		if a.StatusCode != want || a.Header.Get("Allow") != x.allow {
			t.Errorf("%s %s: %d, Allow %q", x.method, x.path, a.StatusCode, a.Header.Get("Allow"))
		}
	}
}

func TestTheNameOfTheSchemeIsTakenInAnyCase(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	key := c.Caller("token").Key
	for said, want := range map[string]int{"bearer " + key: 200, "BEARER " + key: 200, "Basic " + key: 401, "Bearer" + key: 401, key: 401, "bearer": 401} {
		r, err := http.NewRequest("GET", c.URL+webtest.SharedPath, nil)
		webtest.Must(t, err)
		r.Header.Set("Authorization", said)
		a, err := http.DefaultClient.Do(r)
		webtest.Must(t, err)
		webtest.Must(t, a.Body.Close())
		if a.StatusCode != want {
			t.Errorf("%.8s…: %d, want %d", said, a.StatusCode, want)
		}
	}
}

func TestTheTokenIsHandedOutWithWhatTrulyRemains(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token")
	var first, later webtest.Lent
	a := s.Get(webtest.SharedPath).Into(&first)
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	c.Clock.Advance(30 * time.Minute)
	s.Get("/api/v1/access_token").Into(&later) // the key's own app
	if len(first.Token) < 100 || later.Token != first.Token || first.ExpiresIn < 7190 || first.ExpiresIn > 7200 {
		t.Errorf("%+v, then %+v", first, later)
	}
	if gone := first.ExpiresIn - later.ExpiresIn; gone < 1800 || gone > 1810 {
		t.Errorf("%d seconds less after half an hour", gone)
	}
	s.Get("/api/v1/access_token?appid=wx0000000000000002").Refused(http.StatusNotFound, "app_unknown")
	c.Caller("rights").Get(webtest.SharedPath).Refused(http.StatusForbidden, "scope_missing")
	c.Caller("rights").Refresh(first.Token).Refused(http.StatusForbidden, "scope_missing")
	if n := c.Calls("/cgi-bin/token"); n != 1 {
		t.Errorf("WeChat was asked %d times", n)
	}
}

// askTogether calls n times at once from servers with the same key, without the network
// between, and answers what they got.
func askTogether(c *webtest.Console, key string, n int, request func() *http.Request) []webtest.Lent {
	handler, got := c.Muban.Handler(), make([]webtest.Lent, n)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			r, w := request(), httptest.NewRecorder()
			r.Header.Set("Authorization", "Bearer "+key)
			start.Wait()
			handler.ServeHTTP(w, r)
			if err := json.Unmarshal(w.Body.Bytes(), &got[i]); err != nil || w.Code != http.StatusOK {
				c.T.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	start.Done()
	done.Wait()
	return got
}

// As business servers see it, a hundred times over.
func TestFault01_AThousandServersAtExpiryMakeOneCallUpstream(t *testing.T) {
	c := webtest.NewConsoleWith(t, func(w *web.Config) { w.Log = slog.New(slog.DiscardHandler) })
	key := c.Caller("token").Key
	ask := func() *http.Request { return httptest.NewRequest(http.MethodGet, webtest.SharedPath, nil) }
	last := ""
	for round := 1; round <= 100; round++ {
		got := askTogether(c, key, 1000, ask)
		for _, g := range got {
			if g.Token != got[0].Token || g.Token == last || g.ExpiresIn < 7000 {
				t.Fatalf("round %d: %+v among tokens of %+v", round, g, got[0])
			}
		}
		if n := c.Calls("/cgi-bin/token"); n != round {
			t.Fatalf("round %d: WeChat was asked %d times", round, n)
		}
		last = got[0].Token
		c.Clock.Advance(2 * time.Hour)
	}
}

func TestFault03_AThousandReportsOfOneRejectedTokenMakeOneRefresh(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(w *web.Config) { w.Log = slog.New(slog.DiscardHandler) })
	s := c.Caller("token")
	var old, fresh webtest.Lent
	s.Get(webtest.SharedPath).Into(&old)
	report := `{"appid":"` + sandbox.DefaultAppID + `","access_token":"` + old.Token + `"}`
	got := askTogether(c, s.Key, 1000, func() *http.Request {
		return httptest.NewRequest(http.MethodPost, "/api/v1/access_token/refresh", strings.NewReader(report))
	})
	s.Get(webtest.SharedPath).Into(&fresh)
	for _, g := range got {
		if g.Token != fresh.Token || g.Token == old.Token {
			t.Fatalf("%+v, the token is %+v", g, fresh)
		}
	}
	s.Refresh("one that nobody knows").Into(&old) // a late report of another
	if n := c.Calls("/cgi-bin/token"); n != 2 || old.Token != fresh.Token {
		t.Errorf("WeChat was asked %d times", n)
	}
}

func TestARefreshSaysWhichTokenWasRejected(t *testing.T) {
	t.Parallel()
	s := webtest.NewConsole(t).Caller("token")
	s.Refresh("").Refused(http.StatusBadRequest, "rejected_missing")
	s.Post("/api/v1/access_token/refresh", `{"app":"x"}`).Refused(http.StatusBadRequest, "bad_json")
	s.Post("/api/v1/access_token/refresh", `{"appid":"wx0000000000000002","access_token":"x"}`).Refused(http.StatusNotFound, "app_unknown")
}

func TestFault05_TokensRejectedOneAfterTheOtherEndInAPause(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token")
	var held webtest.Lent
	s.Get(webtest.SharedPath).Into(&held)
	for range 20 {
		a := s.Refresh(held.Token)
		if a.Status != http.StatusOK {
			a.Refused(http.StatusTooManyRequests, "refresh_too_soon")
			if wait := a.Header.Get("Retry-After"); wait == "" || wait == "0" {
				t.Errorf("Retry-After %q", wait)
			}
			s.Get(webtest.SharedPath).Into(&held) // the last one is served all the same
			return
		}
		a.Into(&held)
	}
	t.Fatal("twenty tokens were fetched in a row")
}

// An hour of 5xx, with a refresh due in the middle of it and a restart.
func TestFault07_ServersSeeNoErrorDuringAnHourOf5xxAndARestart(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token")
	var first, got webtest.Lent
	s.Get(webtest.SharedPath).Into(&first)
	c.Clock.Advance(75 * time.Minute)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Status: http.StatusBadGateway, Times: 1000}))
	for minute := range 44 {
		if minute == 20 {
			c.Start(func(*web.Config) {})
			s.Base = c.URL
		}
		s.Get(webtest.SharedPath).Into(&got)
		if want := 7200 - 60*int64(75+minute); got.Token != first.Token || got.ExpiresIn > want || got.ExpiresIn < want-30 {
			t.Fatalf("minute %d: %+v, want about %d s left", minute, got, want)
		}
		c.Clock.Advance(time.Minute)
	}
	c.Clock.Advance(time.Minute) // it has ended, and WeChat is still away
	a := s.Get(webtest.SharedPath).Refused(http.StatusServiceUnavailable, "token_unavailable")
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	c.Sandbox.ClearFaults()
	c.Clock.Advance(10 * time.Minute)
	if s.Get(webtest.SharedPath).Into(&got); got.Token == first.Token {
		t.Error("the dead token is served")
	}
}

// What only a person can mend is told to the server too.
func TestFault06_WithoutATokenTheServerIsToldWhatWeChatSaid(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40164), Times: 9}))
	a := c.Caller("token").Get(webtest.SharedPath).Refused(http.StatusServiceUnavailable, "token_errcode")
	if !strings.Contains(a.Body, "40164") || !strings.Contains(a.Body, "not in whitelist") || a.Header.Get("Retry-After") == "" {
		t.Error(a.Body)
	}
}

func TestFault10_AnOddAnswerOfWeChatsIsNoFaultOfTheConsoles(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{}", "<html>", `{"access_token":"x","expires_in":0}`, `{"access_token":"","expires_in":7200}`} {
		c := webtest.NewConsole(t)
		webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Body: body, Times: 9}))
		s := c.Caller("token")
		s.Get(webtest.SharedPath).Refused(http.StatusServiceUnavailable, "token_unavailable")
		if got := s.SDK("GET", s.SDKQuery(), ""); got.Code != -1 || strings.Contains(c.Log.String(), "level=ERROR") {
			t.Errorf("%s: %+v\n%s", body, got, c.Log)
		}
	}
}

// Two processes on one database hand out the same token.
func TestFault09_AnotherProcessHandsOutTheSameToken(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token")
	var one, two webtest.Lent
	s.Get(webtest.SharedPath).Into(&one)
	c.Start(func(*web.Config) {}) // a second console on the same store
	s.Base = c.URL
	s.Get(webtest.SharedPath).Into(&two)
	if one.Token != two.Token || c.Calls("/cgi-bin/token") != 1 {
		t.Errorf("two tokens after %d calls", c.Calls("/cgi-bin/token"))
	}
}

func TestAKeyThatCallsTooOftenIsToldToWait(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(w *web.Config) { w.KeyRate = 2 })
	s, other := c.Caller("token"), c.Caller("token")
	var a *webtest.APIAnswer
	for range 30 { // ten at once, and two a second
		if a = s.Get(webtest.SharedPath); a.Status != http.StatusOK {
			break
		}
	}
	a.Refused(http.StatusTooManyRequests, "too_many_calls")
	if a.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
	}
	if sdk := s.SDK("GET", s.SDKQuery(), ""); sdk.Code != 45011 {
		t.Errorf("an SDK is told %+v", sdk)
	}
	other.Get(webtest.SharedPath).Into(&webtest.Lent{})
	c.Clock.Advance(time.Second)
	s.Get(webtest.SharedPath).Into(&webtest.Lent{})
}

// An address that tries wrong keys is told to wait; a server at the same address whose
// key is right is not.
func TestAnAddressThatTriesWrongKeysIsToldToWait(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	good, late := c.Caller("token"), c.Caller("token")
	good.Get(webtest.SharedPath).Into(&webtest.Lent{})
	var a *webtest.APIAnswer
	for i := range 60 {
		key, _ := auth.NewAPIKey()
		if a = c.WithKey(key).Get(webtest.SharedPath); a.Status != http.StatusUnauthorized {
			if i < 10 {
				t.Errorf("told to wait after %d", i)
			}
			break
		}
	}
	a.Refused(http.StatusTooManyRequests, "too_many_wrong_keys")
	c.Clock.Advance(time.Second) // the good one is looked up anew
	good.Get(webtest.SharedPath).Into(&webtest.Lent{})
	late.Get(webtest.SharedPath).Refused(http.StatusTooManyRequests, "too_many_wrong_keys") // nobody knows it yet
	c.Clock.Advance(10 * time.Second)
	late.Get(webtest.SharedPath).Into(&webtest.Lent{})
}

func TestEveryHandOutIsCountedByKeyAndHour(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	one, two := c.Caller("token"), c.Caller("token")
	var held webtest.Lent
	for range 3 {
		one.Get(webtest.SharedPath).Into(&held)
	}
	one.Refresh("another").Into(&held)
	two.SDK("GET", two.SDKQuery(), "")
	before := c.Still()
	c.Muban.KeepHouse(t.Context())
	if c.Content() == before { // a GET itself writes nothing
		t.Error("nothing was counted")
	}
	c.Clock.Advance(time.Hour)
	two.SDK("GET", two.SDKQuery(), "")
	c.Muban.KeepHouse(t.Context())

	counts := map[int64][]int64{}
	handouts, err := c.Store.Handouts(t.Context(), c.App().ID, c.Clock.Now().Add(-24*time.Hour))
	webtest.Must(t, err)
	for _, h := range handouts {
		counts[h.KeyID] = append(counts[h.KeyID], h.Count)
	}
	webtest.Same(t, counts[one.ID], []int64{4})
	webtest.Same(t, counts[two.ID], []int64{1, 1})
	k, err := c.Store.APIKey(t.Context(), c.App().ID, two.ID)
	webtest.Must(t, err)
	if ago := c.Clock.Now().Sub(k.LastUsedAt); ago < 0 || ago > time.Minute {
		t.Errorf("last used %v ago", ago)
	}
}

func TestFault35_NoKeyAndNoTokenIsEverLogged(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token", "metrics")
	var held webtest.Lent
	s.Get(webtest.SharedPath).Into(&held)
	s.Refresh(held.Token).Into(&held)
	s.SDK("GET", s.SDKQuery(), "")
	s.SDK("GET", s.SDKQuery()+"&x=%zz", "")
	s.Get("/cgi-bin/none?secret=" + s.Key)
	s.Post("/api/v1/access_token/refresh", `{"`+s.Key+`":1}`)
	admin := c.As(store.Administrator)
	c.Muban.KeepHouse(t.Context())
	seen := c.Log.String() + string(c.Backup()) + s.Get("/metrics").Body
	for _, path := range []string{"/token", "/settings/keys", webtest.PathWith("/settings/keys/", s.ID), "/settings/alerts", "/"} {
		seen += admin.Get(path).Body
	}
	if strings.Contains(seen, s.Key[15:]) || strings.Contains(seen, held.Token) {
		t.Error("a key or a token is where it should not be")
	}
	if !strings.Contains(c.Log.String(), "/cgi-bin/token") {
		t.Error("nothing was logged: the test looks at nothing")
	}
}
