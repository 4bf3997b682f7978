package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/web"
	"muban/wechat"
	"muban/wechat/sandbox"
)

// sdkAnswer is what an SDK reads.
type sdkAnswer struct {
	lent
	Code int    `json:"errcode"`
	Msg  string `json:"errmsg"`
}

// sdkQuery is how an SDK asks, with the key where the AppSecret stands.
func (s *server) sdkQuery() string {
	q := url.Values{"grant_type": {"client_credential"}, "appid": {sandbox.DefaultAppID}, "secret": {s.key}}
	return "/cgi-bin/token?" + q.Encode()
}

func stableToken(s *server, force string) sdkAnswer {
	return s.sdk(http.MethodPost, "/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"`+sandbox.DefaultAppID+`","secret":"`+s.key+`","force_refresh":`+force+`}`)
}

// sdk asks without an Authorization header and expects WeChat's shape.
func (s *server) sdk(method, path, body string) (got sdkAnswer) {
	s.t.Helper()
	a := s.with("").ask(method, path, body)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json; encoding=utf-8" || a.header.Get("Cache-Control") != "no-store" {
		s.t.Errorf("%d %v", a.status, a.header)
	}
	must(s.t, json.Unmarshal([]byte(a.body), &got))
	if (got.Code != 0) == (got.Token != "") {
		s.t.Errorf("neither a token nor an error: %s", a.body)
	}
	return got
}

// pathWith is the address of one of a page's things.
func pathWith(path string, id int64) string { return path + strconv.FormatInt(id, 10) }

func TestAnSDKGetsTheSharedTokenInWeChatsShape(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token")
	var shared lent
	s.get(sharedPath).into(&shared)
	form := strings.TrimPrefix(s.sdkQuery(), "/cgi-bin/token?")
	for name, got := range map[string]sdkAnswer{
		"by GET": s.sdk("GET", s.sdkQuery(), ""), "by a form": s.sdk("POST", "/cgi-bin/token", form),
		"the stable one": stableToken(s, "false"), "the stable one, by words": stableToken(s, `"false"`),
	} {
		if got.Token != shared.Token || got.ExpiresIn < 7100 {
			t.Errorf("%s: %+v, the token is %+v", name, got, shared)
		}
	}
	if n := c.calls("token"); n != 1 {
		t.Errorf("WeChat was asked %d times", n)
	}
}

// The console's own client fetches from another Muban as it would from WeChat.
func TestAMubanCanBeTheAPIBaseOfAProgramThatKnowsOnlyWeChat(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token")
	var shared lent
	s.get(sharedPath).into(&shared)
	who := wechat.Credentials{Base: c.URL, AppID: sandbox.DefaultAppID, Secret: wechat.Secret(s.key), Transport: wechat.PrivateTransport()}
	got, err := wechat.FetchToken(t.Context(), who)
	must(t, err)
	stable, err := wechat.FetchStableToken(t.Context(), who, false)
	must(t, err)
	if got.Value.Reveal() != shared.Token || stable.Value.Reveal() != shared.Token {
		t.Error("another token")
	}
	who.Secret = "sandbox-secret-00000000000000000" // the AppSecret itself is no key
	if _, err := wechat.FetchToken(t.Context(), who); !isCode(err, 40125) {
		t.Errorf("got %v", err)
	}
}

func isCode(err error, code int) bool {
	e, ok := err.(*wechat.Error)
	return ok && e.Code == code
}

func TestAnSDKIsRefusedWithWeChatsCodes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s, rights := c.caller("token"), c.caller("rights")
	ask := func(change string, value string) string {
		q := url.Values{"grant_type": {"client_credential"}, "appid": {sandbox.DefaultAppID}, "secret": {s.key}}
		q.Set(change, value)
		return "/cgi-bin/token?" + q.Encode()
	}
	for name, w := range map[string]struct {
		got  sdkAnswer
		code int
		msg  string
	}{
		"another grant_type": {s.sdk("GET", ask("grant_type", "x"), ""), 40002, "invalid grant_type"},
		"no appid":           {s.sdk("GET", ask("appid", ""), ""), 41002, "appid missing"},
		"another appid":      {s.sdk("GET", ask("appid", "wx0000000000000002"), ""), 40013, "invalid appid"},
		"no secret":          {s.sdk("GET", ask("secret", ""), ""), 41004, "appsecret missing"},
		"another secret":     {s.sdk("GET", ask("secret", "x"), ""), 40125, "invalid appsecret"},
		"a key for rights":   {s.sdk("GET", rights.sdkQuery(), ""), 48001, "api unauthorized"},
		"no JSON":            {s.sdk("POST", "/cgi-bin/stable_token", "{"), 47001, "data format error"},
		"another call":       {s.sdk("POST", "/cgi-bin/message/wxopen/template/send?access_token=x", "{}"), 40066, "invalid url"},
	} {
		if w.got.Code != w.code || !strings.HasPrefix(w.got.Msg, w.msg) || !strings.Contains(w.got.Msg, " rid: ") {
			t.Errorf("%s: %+v", name, w.got)
		}
	}
}

// faults.md 4: force_refresh has the floor of every refresh by hand, and its budget.
func TestFault04_AForcedRefreshOfAnSDKKeepsToItsLimits(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	s := c.caller("token")
	first := stableToken(s, "false")
	second := stableToken(s, "true")
	if second.Token == first.Token || second.Token == "" {
		t.Fatal("not refreshed")
	}
	if again := stableToken(s, "true"); again.Token != second.Token { // as WeChat's own within 30 s
		t.Errorf("got %+v", again)
	}
	for range 19 {
		c.clock.Advance(31e9)
		if got := stableToken(s, "true"); got.Code != 0 {
			t.Fatalf("got %+v", got)
		}
	}
	c.clock.Advance(31e9)
	if got := stableToken(s, "true"); got.Code != 45009 {
		t.Errorf("the 21st: %+v", got)
	}
	if n := c.calls("/cgi-bin/token"); n != 21 || stableToken(s, "false").Code != 0 {
		t.Errorf("WeChat was asked %d times", n)
	}
}

func TestAnSDKHearsWhatWeChatSaidOnlyWhenNothingIsLeftToServe(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(*web.Config) {})
	s := c.caller("token")
	first := stableToken(s, "false")
	must(t, c.sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40164), Times: 99}))
	if got := stableToken(s, "true"); got.Token != first.Token {
		t.Errorf("with a token that lives: %+v", got)
	}
	c.clock.Advance(7200e9)
	if got := stableToken(s, "false"); got.Code != 40164 || !strings.Contains(got.Msg, "not in whitelist") {
		t.Errorf("without: %+v", got)
	}
}
