package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/web"
	"muban/web/webtest"
	"muban/wechat"
	"muban/wechat/sandbox"
)

func stableToken(s *webtest.Server, force string) webtest.SDKAnswer {
	return s.SDK(http.MethodPost, "/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"`+sandbox.DefaultAppID+`","secret":"`+s.Key+`","force_refresh":`+force+`}`)
}

func TestAnSDKGetsTheSharedTokenInWeChatsShape(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token")
	var shared webtest.Lent
	s.Get(webtest.SharedPath).Into(&shared)
	form := strings.TrimPrefix(s.SDKQuery(), "/cgi-bin/token?")
	for name, got := range map[string]webtest.SDKAnswer{
		"by GET": s.SDK("GET", s.SDKQuery(), ""), "by a form": s.SDK("POST", "/cgi-bin/token", form),
		"the stable one": stableToken(s, "false"), "the stable one, by words": stableToken(s, `"false"`),
	} {
		if got.Token != shared.Token || got.ExpiresIn < 7100 {
			t.Errorf("%s: %+v, the token is %+v", name, got, shared)
		}
	}
	if n := c.Calls("token"); n != 1 {
		t.Errorf("WeChat was asked %d times", n)
	}
}

// The console's own client fetches from another Muban as it would from WeChat.
func TestAMubanCanBeTheAPIBaseOfAProgramThatKnowsOnlyWeChat(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token")
	var shared webtest.Lent
	s.Get(webtest.SharedPath).Into(&shared)
	who := wechat.Credentials{Base: c.URL, AppID: sandbox.DefaultAppID, Secret: wechat.Secret(s.Key), Transport: wechat.PrivateTransport()}
	got, err := wechat.FetchToken(t.Context(), who)
	webtest.Must(t, err)
	stable, err := wechat.FetchStableToken(t.Context(), who, false)
	webtest.Must(t, err)
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
	c := webtest.NewConsole(t)
	s, rights := c.Caller("token"), c.Caller("rights")
	ask := func(change string, value string) string {
		q := url.Values{"grant_type": {"client_credential"}, "appid": {sandbox.DefaultAppID}, "secret": {s.Key}}
		q.Set(change, value)
		return "/cgi-bin/token?" + q.Encode()
	}
	for name, w := range map[string]struct {
		got  webtest.SDKAnswer
		code int
		msg  string
	}{
		"another grant_type": {s.SDK("GET", ask("grant_type", "x"), ""), 40002, "invalid grant_type"},
		"no appid":           {s.SDK("GET", ask("appid", ""), ""), 41002, "appid missing"},
		"another appid":      {s.SDK("GET", ask("appid", "wx0000000000000002"), ""), 40013, "invalid appid"},
		"no secret":          {s.SDK("GET", ask("secret", ""), ""), 41004, "appsecret missing"},
		"another secret":     {s.SDK("GET", ask("secret", "x"), ""), 40125, "invalid appsecret"},
		"a key for rights":   {s.SDK("GET", rights.SDKQuery(), ""), 48001, "api unauthorized"},
		"no JSON":            {s.SDK("POST", "/cgi-bin/stable_token", "{"), 47001, "data format error"},
		"stable by GET":      {s.SDK("GET", "/cgi-bin/stable_token?"+s.SDKQuery()[strings.IndexByte(s.SDKQuery(), '?')+1:], ""), 43002, "require POST method"},
		"stable by PUT":      {s.SDK("PUT", "/cgi-bin/stable_token", "{}"), 43002, "require POST method"},
		"an empty POST":      {s.SDK("POST", "/cgi-bin/stable_token", ""), 44002, "empty post data"},
		"a blank POST":       {s.SDK("POST", "/cgi-bin/token", " \n"), 44002, "empty post data"},
		"another call":       {s.SDK("POST", "/cgi-bin/message/wxopen/template/send?access_token=x", "{}"), 40066, "invalid url"},
	} {
		if w.got.Code != w.code || !strings.HasPrefix(w.got.Msg, w.msg) || !strings.Contains(w.got.Msg, " rid: ") {
			t.Errorf("%s: %+v", name, w.got)
		}
	}
}

// force_refresh has the floor of every refresh by hand, and its budget.
func TestFault04_AForcedRefreshOfAnSDKKeepsToItsLimits(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	s := c.Caller("token")
	first := stableToken(s, "false")
	second := stableToken(s, "true")
	if second.Token == first.Token || second.Token == "" {
		t.Fatal("not refreshed")
	}
	if again := stableToken(s, "true"); again.Token != second.Token { // as WeChat's own within 30 s
		t.Errorf("got %+v", again)
	}
	for range 19 {
		c.Clock.Advance(31e9)
		if got := stableToken(s, "true"); got.Code != 0 {
			t.Fatalf("got %+v", got)
		}
	}
	c.Clock.Advance(31e9)
	if got := stableToken(s, "true"); got.Code != 45009 {
		t.Errorf("the 21st: %+v", got)
	}
	if n := c.Calls("/cgi-bin/token"); n != 21 || stableToken(s, "false").Code != 0 {
		t.Errorf("WeChat was asked %d times", n)
	}
}

func TestAnSDKHearsWhatWeChatSaidOnlyWhenNothingIsLeftToServe(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(*web.Config) {})
	s := c.Caller("token")
	first := stableToken(s, "false")
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(40164), Times: 99}))
	if got := stableToken(s, "true"); got.Token != first.Token {
		t.Errorf("with a token that lives: %+v", got)
	}
	c.Clock.Advance(7200e9)
	if got := stableToken(s, "false"); got.Code != 40164 || !strings.Contains(got.Msg, "not in whitelist") {
		t.Errorf("without: %+v", got)
	}
}
