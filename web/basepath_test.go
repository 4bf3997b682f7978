package web_test

import (
	"net/http"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
)

func TestBelowABasePathEveryAddressOfEveryPageIsBelowIt(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(config *web.Config) { config.PublicURL = "http://tools.example.com/muban/" })
	b := c.As(store.Administrator)
	ids := c.Fill(b)
	for _, route := range c.Routes() {
		if route.Method != http.MethodGet || strings.HasPrefix(route.Path, "/api/") || strings.HasPrefix(route.Path, "/push/") {
			continue
		}
		p := b.Get("/muban" + ids.Path(route))
		if p.Status == http.StatusNotFound || p.Status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", p.Path, p.Status)
		}
		for _, attribute := range []string{"href", "action", "formaction", "src", "data-live", "data-poll"} {
			for _, el := range p.Doc.Find("[" + attribute + "]").EachIter() {
				if at := el.AttrOr(attribute, ""); strings.HasPrefix(at, "/") && !strings.HasPrefix(at, "/muban/") {
					t.Errorf("%s: %s=%q", p.Path, attribute, at)
				}
			}
		}
	}
}

func TestBelowABasePathOnesWorkIsDoneAsAnywhere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, func(config *web.Config) { config.PublicURL = "http://tools.example.com/muban" })
	if p := c.Visitor().Stopping().Get("/muban/library?offset=20"); p.Header.Get("Location") != "/muban/sign-in?next=%2Flibrary%3Foffset%3D20" {
		t.Errorf("sent to %q", p.Header.Get("Location"))
	}
	b := c.As(store.Administrator)
	p := b.Submit(b.Get("/muban/library/AT0002?k=3&k=4"), `button[value="save"]`, nil).Expect(http.StatusOK, "done.draft_saved")
	if p.Path != "/muban/drafts/1?done=draft_saved" {
		t.Errorf("at %s", p.Path)
	}
	if p := b.Stopping().Get("/muban"); p.Status != http.StatusPermanentRedirect || p.Header.Get("Location") != "/muban/" {
		t.Errorf("/muban: %d to %q", p.Status, p.Header.Get("Location"))
	}
	for address, want := range map[string]string{
		"/muban//library?offset=20": "/muban/library?offset=20", "/muban/drafts/../library": "/muban/library", "/muban/./": "/muban/",
	} {
		if p := b.Stopping().Get(address); p.Status != http.StatusPermanentRedirect || p.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q", address, p.Status, p.Header.Get("Location"))
		}
	}
	// What people typed is text and stays as it is.
	typed := `see <a href="/library"> and " href="/x`
	b.Post("/muban/drafts/1/comments", map[string][]string{"text": {typed}})
	if got := b.Get("/muban/drafts/1").Text(".events"); !strings.Contains(got, typed) {
		t.Errorf("the comment became %q", got)
	}
	b.Get("/healthz") // probes come without a proxy
}
