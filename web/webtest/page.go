package webtest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"

	"muban/wechat/audit"
)

// Once is the link that a page shows for the only time, as a path.
func (p *Page) Once() string {
	p.T.Helper()
	link := p.Text(".once code")
	_, path, ok := strings.Cut(strings.TrimPrefix(link, "http://"), "/")
	if !ok {
		p.T.Fatalf("%s shows no link: %q", p.Path, link)
	}
	return "/" + path
}

// Chosen are the names of the keywords on the builder's right, in order.
func (p *Page) Chosen() []string {
	var names []string
	for _, el := range p.Doc.Find("#order .rows strong").EachIter() {
		names = append(names, el.Text())
	}
	return names
}

// OnCard are the lines of the newest card, name=value, the enlarged one first.
func (p *Page) OnCard() []string {
	var lines []string
	for _, el := range p.Doc.Find(".phone .card, .device .card").First().Find(".emphasis, dl > div").EachIter() {
		name, value := el.Find(".name, dt"), el.Find(".big, dd")
		lines = append(lines, strings.TrimSpace(name.Text())+"="+strings.TrimSpace(value.Text()))
	}
	return lines
}

// Inert fails the test where a page holds anything that a page of ours does not:
// elements that load or run, attributes that run, addresses that are code.
func (p *Page) Inert() {
	p.T.Helper()
	if p.Saved() {
		return
	}
	for _, el := range p.Doc.Find("*").EachIter() {
		node := el.Nodes[0]
		switch node.Data {
		case "img", "iframe", "object", "embed", "base", "style", "applet", "frame", "noscript", "template", "audio", "video":
			p.T.Errorf("%s holds a <%s>", p.Path, node.Data)
		case "script":
			if !strings.HasPrefix(el.AttrOr("src", ""), "/static/") || el.Text() != "" {
				p.T.Errorf("%s holds a script of its own", p.Path)
			}
		case "a":
			if el.Closest("svg").Length() > 0 {
				p.T.Errorf("%s: a link in a drawing", p.Path)
			}
		}
		for _, a := range node.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "http-equiv":
				p.T.Errorf("%s: <%s %s=%q>", p.Path, node.Data, a.Key, a.Val)
			case a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction":
				if (!strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") || strings.HasPrefix(value, "//")) && !sources()[a.Val] {
					p.T.Errorf("%s: <%s %s=%q>", p.Path, node.Data, a.Key, a.Val)
				}
			}
		}
	}
	if len(p.Header.Values("Set-Cookie")) > 0 {
		p.T.Errorf("%s: a header was forged", p.Path)
	}
}

// sources are the only addresses elsewhere that a page links to: where the review
// rules and their examples were found.
var sources = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, rule := range slices.Concat(audit.Catalogue("", "zh"), audit.Catalogue(audit.Subscribe, "zh")) {
		known[rule.Source] = true
		for _, e := range append(rule.Good[:len(rule.Good):len(rule.Good)], rule.Bad...) {
			known[e.Source] = true
		}
	}
	return known
})

// Saved tells whether a browser saves this instead of showing it.
func (p *Page) Saved() bool {
	return strings.HasPrefix(p.Header.Get("Content-Disposition"),
		"attachment") && p.Header.Get("X-Content-Type-Options") == "nosniff"
}

// Page is what a browser shows.
type Page struct {
	T      testing.TB
	Status int
	Path   string // with query, after redirects
	Header http.Header
	Body   string
	Doc    *goquery.Document
}

// Text is what selector finds on the page, one space between words.
func (p *Page) Text(selector string) string {
	p.T.Helper()
	return strings.Join(strings.Fields(p.find(selector).Text()), " ")
}

func (p *Page) Has(selector string) bool {
	p.T.Helper()
	return p.find(selector).Length() > 0
}

// find fails the test on a selector that cannot be read, such as one with :is(): it would find nothing and prove nothing.
func (p *Page) find(selector string) *goquery.Selection {
	p.T.Helper()
	matcher, err := cascadia.Compile(selector)
	if err != nil {
		p.T.Fatalf("%s: %v", selector, err)
	}
	return p.Doc.FindMatcher(matcher)
}
