package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/webtest"
)

// offeredOn are the routes that a page's links and forms lead to, with the address of each.
func offeredOn(p *webtest.Page, routes *http.ServeMux) map[string]string {
	all := map[string]string{}
	add := func(method, address string) {
		path, _, _ := strings.Cut(webtest.Within(address), "?")
		r, err := http.NewRequest(method, "http://console"+path, nil)
		webtest.Must(p.T, err)
		_, pattern := routes.Handler(r)
		all[pattern] = method + " " + address
	}
	p.Doc.Find("form").Each(func(_ int, form *goquery.Selection) {
		method := strings.ToUpper(form.AttrOr("method", "get"))
		if action, ok := form.Attr("action"); ok {
			add(method, action)
		}
		form.Find("[formaction]").Each(func(_ int, button *goquery.Selection) { add(method, button.AttrOr("formaction", "")) })
	})
	for _, link := range webtest.LinksOf(p) {
		add(http.MethodGet, link)
	}
	return all
}

// A crawl by a program that knows only HTML, as each role.
func TestNothingIsOfferedThatTheRoleMayNotDo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	ids := c.Fill(admin)
	admin.In(c.App())
	routes := http.NewServeMux()
	for _, r := range c.Routes() {
		routes.Handle(r.Pattern, http.NotFoundHandler())
	}
	routes.Handle("GET /static/", http.NotFoundHandler())
	for _, role := range store.Roles() {
		t.Run(string(role), func(t *testing.T) {
			b, kinds := c.As(role), map[string]bool{}
			b.T = t
			n := b.Crawl(func(p *webtest.Page) {
				if p.Status == http.StatusForbidden || p.Status == http.StatusNotFound || p.Status == http.StatusBadRequest {
					t.Errorf("%s, to which a page leads: %d", p.Path, p.Status)
				}
				if p.Doc == nil {
					return
				}
				for pattern, at := range offeredOn(p, routes) {
					kinds[pattern] = true
					if who := webtest.Access[pattern]; pattern == "" || pattern != "GET /static/" && who != "*" && !strings.Contains(who, webtest.Letters[role]) {
						t.Errorf("%s offers %s (%s)", p.Path, at, pattern)
					}
				}
			}, "/", "/templates/"+ids.Template, "/settings/me")
			if n < 30 || len(kinds) < 20 {
				t.Errorf("only %d pages that offer %d kinds of things", n, len(kinds))
			}
		})
	}
}
