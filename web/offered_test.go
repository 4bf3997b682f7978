package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
)

// offered are the routes that a page's links and forms lead to, with the address of each.
func (p *page) offered(routes *http.ServeMux) map[string]string {
	all := map[string]string{}
	add := func(method, address string) {
		path, _, _ := strings.Cut(within(address), "?")
		r, err := http.NewRequest(method, "http://console"+path, nil)
		must(p.t, err)
		_, pattern := routes.Handler(r)
		all[pattern] = method + " " + address
	}
	p.doc.Find("form").Each(func(_ int, form *goquery.Selection) {
		method := strings.ToUpper(form.AttrOr("method", "get"))
		if action, ok := form.Attr("action"); ok {
			add(method, action)
		}
		form.Find("[formaction]").Each(func(_ int, button *goquery.Selection) { add(method, button.AttrOr("formaction", "")) })
	})
	for _, link := range p.links() {
		add(http.MethodGet, link)
	}
	return all
}

// A crawl by a program that knows only HTML, as each role.
func TestNothingIsOfferedThatTheRoleMayNotDo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as(store.Administrator)
	ids := c.fill(admin)
	admin.in(c.app())
	routes := http.NewServeMux()
	for _, r := range c.routes() {
		routes.Handle(r.Pattern, http.NotFoundHandler())
	}
	routes.Handle("GET /static/", http.NotFoundHandler())
	for _, role := range store.Roles() {
		t.Run(string(role), func(t *testing.T) {
			b, kinds := c.as(role), map[string]bool{}
			b.t = t
			n := b.crawl(func(p *page) {
				if p.status == http.StatusForbidden || p.status == http.StatusNotFound || p.status == http.StatusBadRequest {
					t.Errorf("%s, to which a page leads: %d", p.path, p.status)
				}
				if p.doc == nil {
					return
				}
				for pattern, at := range p.offered(routes) {
					kinds[pattern] = true
					if who := access[pattern]; pattern == "" || pattern != "GET /static/" && who != "*" && !strings.Contains(who, letters[role]) {
						t.Errorf("%s offers %s (%s)", p.path, at, pattern)
					}
				}
			}, "/", "/templates/"+ids.template, "/settings/me")
			if n < 30 || len(kinds) < 20 {
				t.Errorf("only %d pages that offer %d kinds of things", n, len(kinds))
			}
		})
	}
}
