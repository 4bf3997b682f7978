package web_test

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

func TestTheMetricsTellOfTokensSendsAndRequests(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, s := c.As(store.Operator), c.Caller("token")
	b.SendTest(c.AddTemplate(b, "AT0002"))
	b.SendTest(c.AddTemplate(b, "755", "1", "3"))
	b.Get("/templates?kind=subscribe").Answers(http.StatusOK)
	var held webtest.Lent
	s.Get(webtest.SharedPath).Into(&held)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: new(-1)}))
	s.Refresh(held.Token)
	b.Get("/nowhere")
	text := s.Get("/metrics").Body
	prefix := strings.Split(s.Key, "_")[1]
	for _, want := range []string{
		`muban_token_refreshes_total{appid="wx00000000sandbox1",reason="due"} 1`,
		`muban_token_refresh_failures_total{appid="wx00000000sandbox1",kind="-1"} 1`,
		`muban_token_handouts_total{appid="wx00000000sandbox1",key="` + prefix + `"} 1`,
		`muban_sends{appid="wx00000000sandbox1",kind="template",outcome="sent"} 1`,
		`muban_sends{appid="wx00000000sandbox1",kind="subscribe",outcome="sent"} 1`,
		`muban_templates{appid="wx00000000sandbox1",kind="subscribe"} 1`,
		`muban_consents_usable{appid="wx00000000sandbox1",term="once"} 0`,
		`muban_consents_usable{appid="wx00000000sandbox1",term="long"} 0`,
		`call="/cgi-bin/message/subscribe/send",le="+Inf"} 1`,
		`muban_http_requests_total{route="GET /api/v1/access_token",status="200"} 1`,
		`muban_http_requests_total{route="none",status="404"} 1`,
		`muban_http_seconds_count{route="POST /api/v1/access_token/refresh"} 1`,
		`call="/cgi-bin/message/wxopen/template/send",le="+Inf"} 1`,
		`muban_wechat_seconds_count{answered="false",appid="wx00000000sandbox1",call="token"} 1`,
		"muban_token_seconds_left{appid=", "go_goroutines ", "process_cpu_seconds_total ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, regexp.MustCompile(`(?m)^(go|process)_.*\n|^#.*\n`).ReplaceAllString(text, ""))
		}
	}
}

// A program on this machine reads the metrics without a key; from elsewhere it takes
// one. A request that a proxy passed on counts as from elsewhere.
func TestTheMetricsAreForThisMachineOrAKeyForThem(t *testing.T) {
	t.Parallel()
	local := webtest.NewConsole(t)
	public := webtest.NewConsoleWith(t, func(w *web.Config) { w.PublicURL = "https://muban.example.com" })
	proxied := webtest.NewConsoleWith(t, func(w *web.Config) { w.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	for name, w := range map[string]struct {
		on     *webtest.Console
		header http.Header
		host   string
		status int
	}{
		"from this machine":             {local, nil, "", http.StatusOK},
		"as localhost":                  {local, nil, "localhost:8080", http.StatusOK},
		"as another host":               {local, nil, "muban.example.com", http.StatusUnauthorized},
		"passed on":                     {local, http.Header{"X-Forwarded-For": {"127.0.0.1"}}, "", http.StatusUnauthorized},
		"passed on by nginx":            {local, http.Header{"X-Real-Ip": {"203.0.113.9"}}, "", http.StatusUnauthorized},
		"by a proxy that is trusted":    {proxied, http.Header{"X-Forwarded-For": {"203.0.113.9"}}, "", http.StatusUnauthorized},
		"where the console is public":   {public, nil, "", http.StatusUnauthorized},
		"there, with a key for metrics": {public, bearer(public.Caller("metrics")), "", http.StatusOK},
		"there, with another key":       {public, bearer(public.Caller("token")), "", http.StatusForbidden},
	} {
		r, err := http.NewRequest(http.MethodGet, w.on.URL+"/metrics", nil)
		webtest.Must(t, err)
		if w.header != nil {
			r.Header = w.header
		}
		r.Host = w.host
		res, err := http.DefaultClient.Do(r)
		webtest.Must(t, err)
		res.Body.Close()
		if res.StatusCode != w.status {
			t.Errorf("%s: %d, want %d", name, res.StatusCode, w.status)
		}
	}
	if p := public.As(store.Administrator).Get("/metrics"); p.Status != http.StatusUnauthorized {
		t.Errorf("a session reads them: %d", p.Status)
	}
}

func bearer(s *webtest.Server) http.Header { return http.Header{"Authorization": {"Bearer " + s.Key}} }

func TestEveryAnswerNamesItsRequestAndATrustedProxyNamesIt(t *testing.T) {
	t.Parallel()
	mine := http.Header{"X-Request-Id": {"proxy-1234.abc"}}
	forged := http.Header{"X-Request-Id": {"x level=ERROR msg=forged"}}
	plain, proxied := webtest.NewConsole(t), webtest.NewConsoleWith(t, func(w *web.Config) { w.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	made := regexp.MustCompile(`^[0-9a-f]{12}$`)
	for name, w := range map[string]struct {
		on     *webtest.Console
		header http.Header
		want   *regexp.Regexp
	}{
		"by itself":                 {plain, nil, made},
		"somebody's own":            {plain, mine, made},
		"a trusted proxy's":         {proxied, mine, regexp.MustCompile(`^proxy-1234\.abc$`)},
		"a forgery through a proxy": {proxied, forged, made},
	} {
		r, err := http.NewRequest(http.MethodGet, w.on.URL+"/healthz", nil)
		webtest.Must(t, err)
		for header, values := range w.header {
			r.Header[header] = values
		}
		res, err := http.DefaultClient.Do(r)
		webtest.Must(t, err)
		res.Body.Close()
		id := res.Header.Get("X-Request-Id")
		if !w.want.MatchString(id) {
			t.Errorf("%s: %q", name, id)
		}
		if !strings.Contains(w.on.Log.String(), "request="+id) {
			t.Errorf("%s: %s is not in the log", name, id)
		}
	}
}
