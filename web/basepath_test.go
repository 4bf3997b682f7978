package web_test

import (
	"net/http"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
)

func TestBelowABasePathEveryAddressOfEveryPageIsBelowIt(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(config *web.Config) { config.PublicURL = "http://tools.example.com/muban/" })
	b := c.as(store.Administrator)
	ids := c.fill(b)
	for _, route := range c.routes() {
		if route.Method != http.MethodGet || strings.HasPrefix(route.Path, "/api/") {
			continue
		}
		p := b.get("/muban" + ids.path(route))
		if p.status == http.StatusNotFound || p.status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", p.path, p.status)
		}
		for _, attribute := range []string{"href", "action", "formaction", "src", "data-live", "data-poll"} {
			for _, el := range p.doc.Find("[" + attribute + "]").EachIter() {
				if at := el.AttrOr(attribute, ""); strings.HasPrefix(at, "/") && !strings.HasPrefix(at, "/muban/") {
					t.Errorf("%s: %s=%q", p.path, attribute, at)
				}
			}
		}
	}
}

func TestBelowABasePathOnesWorkIsDoneAsAnywhere(t *testing.T) {
	t.Parallel()
	c := newConsoleWith(t, func(config *web.Config) { config.PublicURL = "http://tools.example.com/muban" })
	if p := c.visitor().stopping().get("/muban/library?offset=20"); p.header.Get("Location") != "/muban/sign-in?next=%2Flibrary%3Foffset%3D20" {
		t.Errorf("sent to %q", p.header.Get("Location"))
	}
	b := c.as(store.Administrator)
	p := b.submit(b.get("/muban/library/AT0002?k=3&k=4"), `button[value="save"]`, nil).expect(http.StatusOK, "The draft is saved")
	if p.path != "/muban/drafts/1?done=draft_saved" {
		t.Errorf("at %s", p.path)
	}
	if p := b.stopping().get("/muban"); p.status != http.StatusPermanentRedirect || p.header.Get("Location") != "/muban/" {
		t.Errorf("/muban: %d to %q", p.status, p.header.Get("Location"))
	}
	for address, want := range map[string]string{
		"/muban//library?offset=20": "/muban/library?offset=20", "/muban/drafts/../library": "/muban/library", "/muban/./": "/muban/",
	} {
		if p := b.stopping().get(address); p.status != http.StatusPermanentRedirect || p.header.Get("Location") != want {
			t.Errorf("%s: %d to %q", address, p.status, p.header.Get("Location"))
		}
	}
	// What people typed is text and stays as it is.
	typed := `see <a href="/library"> and " href="/x`
	b.post("/muban/drafts/1/comments", map[string][]string{"text": {typed}})
	if got := b.get("/muban/drafts/1").text(".history"); !strings.Contains(got, typed) {
		t.Errorf("the comment became %q", got)
	}
	b.get("/healthz") // probes come without a proxy
}
