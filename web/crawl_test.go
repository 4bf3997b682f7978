package web_test

import (
	"net/http"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

func TestNoGETChangesAnything(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	ids := c.Fill(c.As(store.Administrator))
	var starts []string
	for _, route := range c.Routes() {
		if route.Method == http.MethodGet {
			starts = append(starts, ids.Path(route), ids.Path(route)+"?offset=-1&count=x&state=none&send=1&again=x&v=1&c=red&k=x&token=x&next=//x&openid=x")
		}
	}
	browsers := map[string]*webtest.Browser{"anonymous": c.Visitor()}
	for _, role := range store.Roles() {
		browsers[string(role)] = c.As(role)
	}
	before, delivered := c.Still(), len(c.Sandbox.Messages("", ""))
	for name, b := range browsers {
		if n := b.Crawl(nil, starts...); name == string(store.Administrator) && n < 60 {
			t.Errorf("only %d pages were found", n)
		}
		if after := c.Content(); after != before {
			t.Fatalf("GETs by %s have changed the database", name)
		}
	}
	if n := len(c.Sandbox.Messages("", "")); n != delivered || c.Calls("/add") != 1 || c.Calls("/del") != 0 {
		t.Fatalf("GETs have acted on WeChat: %v", c.Sandbox.Stats())
	}
}

func TestPostsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	before := c.Still()
	for name, header := range map[string]http.Header{
		"another origin":                 {"Origin": {"https://evil.example"}},
		"another site by its own word":   {"Sec-Fetch-Site": {"cross-site"}},
		"another port":                   {"Origin": {"http://127.0.0.1:1"}},
		"a sibling":                      {"Sec-Fetch-Site": {"same-site"}, "Origin": {c.URL}},
		"a page without an origin":       {"Origin": {"null"}},
		"a cookie without both headers":  {},
		"a script that names a fragment": {"Origin": {"https://evil.example"}, "X-Fragment": {"1"}},
	} {
		for _, route := range c.Routes() {
			if route.Method != http.MethodPost || strings.HasPrefix(route.Path, "/push/") {
				continue // WeChat's push is believed by its signature, whatever cookies come with it
			}
			path := webtest.Firsts("x").Path(route)
			r, err := http.NewRequest(http.MethodPost, c.URL+path, strings.NewReader("title=x&do=save&lang=zh"))
			webtest.Must(t, err)
			r.Header = header.Clone()
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if p := b.Stopping().Do(r); !webtest.IsCrossSite(p) {
				t.Errorf("%s: POST %s: %d", name, path, p.Status)
			}
		}
	}
	if !b.SignedIn() || c.Content() != before {
		t.Fatal("a refused post has done something")
	}
}

// A program without cookies has nothing that another site could use.
func TestABrowsersOwnPostPasses(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	for name, header := range map[string]http.Header{
		"an older browser":  {"Origin": {c.URL}},
		"a newer browser":   {"Origin": {c.URL}, "Sec-Fetch-Site": {"same-origin"}},
		"typed in the bar":  {"Sec-Fetch-Site": {"none"}},
		"without an origin": {"Sec-Fetch-Site": {"same-origin"}},
	} {
		r, err := http.NewRequest(http.MethodPost, c.URL+"/preferences", strings.NewReader("lang=en"))
		webtest.Must(t, err)
		r.Header = header
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if p := b.Stopping().Do(r); p.Status != http.StatusSeeOther {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
}
