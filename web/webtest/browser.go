package webtest

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
)

// Press presses the builder's button that does what do says.
func (b *Browser) Press(p *Page, do string) *Page {
	b.T.Helper()
	return b.Submit(p, `#builder button[value="`+do+`"]`, nil)
}

// crawler follows every link, but no more than a few of a kind: 599 titles are
// one kind of page.
type crawler struct {
	b       *Browser
	seen    map[string]bool
	ofAKind map[string]int
	visit   func(p *Page)
}

// Kinds of browsers and hands that more than one page group's tests need.

// from is the handler as somebody at addr reaches it, without a network.
type from struct {
	handler http.Handler
	addr    string
}

const perKind = 8

// FromAddr is a transport to the handler from addr.
func FromAddr(h http.Handler, addr string) http.RoundTripper { return from{h, addr} }

var (
	idInPath = regexp.MustCompile(`/(AT\d+|\d+|[\w-]{43})(/|$)`)
	values   = regexp.MustCompile(`=[^&]*`)
)

func (f from) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), net.JoinHostPort(f.addr, "1234"), r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	f.handler.ServeHTTP(rec, in)
	res := rec.Result()
	res.Request = r
	return res, nil
}

func (b *Browser) Crawl(visit func(p *Page), starts ...string) int {
	b.T.Helper()
	c := &crawler{b, map[string]bool{}, map[string]int{}, visit}
	for _, start := range starts {
		c.follow(start)
	}
	return len(c.seen)
}

// VisitorFrom is a visitor with an address of their own.
func (c *Console) VisitorFrom(addr string) *Browser {
	b := c.Visitor()
	b.Client.Transport = FromAddr(c.Muban.Handler(), addr)
	return b
}

func (c *crawler) follow(path string) {
	kind := values.ReplaceAllString(idInPath.ReplaceAllString(path, "/{id}$2"), "=")
	if c.seen[path] || c.ofAKind[kind] >= perKind {
		return
	}
	c.seen[path], c.ofAKind[kind] = true, c.ofAKind[kind]+1
	p := c.b.Get(path)
	if p.Status >= 500 {
		c.b.T.Errorf("%s: %d\n%s", path, p.Status, p.Text("main"))
	}
	if c.visit != nil {
		c.visit(p)
	}
	for _, next := range LinksOf(p) {
		c.follow(next)
	}
}

// Stopping is the same browser, cookies shared, that does not follow redirects.
func (b *Browser) Stopping() *Browser {
	other, client := *b, *b.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	other.Client = &client
	return &other
}

// LinksOf are the addresses on this site that a page leads to: links, the forms
// that GET, and what a redirect or the page's own files name.
func LinksOf(p *Page) []string {
	var all []string
	for _, el := range p.Doc.Find("a[href], link[href], script[src], form").EachIter() {
		href := el.AttrOr("href", el.AttrOr("src", ""))
		if el.Is("form") {
			if el.AttrOr("method", "get") != "get" {
				continue
			}
			href = el.AttrOr("action", "") + "?" + Controls(el).Encode()
		}
		u, err := url.Parse(href)
		if err == nil && u.Host == "" && strings.HasPrefix(u.Path, "/") {
			u.Fragment = ""
			all = append(all, u.String())
		}
	}
	return all
}

// Speaking is the same browser with another Accept-Language.
func (b *Browser) Speaking(lang string) *Browser {
	other := *b
	other.lang = lang
	return &other
}

// CopyOf is another browser that somebody has copied this one's cookies into.
func (c *Console) CopyOf(b *Browser) *Browser {
	c.T.Helper()
	base, err := url.Parse(b.Base)
	if err != nil {
		c.T.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.T.Fatal(err)
	}
	jar.SetCookies(base, b.Client.Jar.Cookies(base))
	return &Browser{T: c.T, Base: c.URL, Client: &http.Client{Jar: jar}, lang: "en"}
}

// Session is the session id in the browser's cookie, "" for none.
func (b *Browser) Session() string {
	base, err := url.Parse(b.Base)
	if err != nil {
		b.T.Fatal(err)
	}
	for _, k := range b.Client.Jar.Cookies(base) {
		if k.Name == "muban" {
			return k.Value
		}
	}
	return ""
}

// IsCrossSite tells whether the page, or the answer to a program, refuses a post from
// elsewhere.
func IsCrossSite(p *Page) bool {
	switch {
	case strings.HasPrefix(p.Path, "/cgi-bin/"):
		return strings.Contains(p.Body, "cross-site request")
	case strings.HasPrefix(p.Path, "/api/"):
		return p.Status == http.StatusForbidden && strings.Contains(p.Body, `"cross_site"`)
	}
	return p.Status == http.StatusForbidden && p.Says("main", "failure.cross_site.title")
}

// SignedIn tells whether the console knows who this is.
func (b *Browser) SignedIn() bool {
	b.T.Helper()
	return b.Stopping().Get("/").Status == http.StatusOK
}

// Fragment posts as the page's script does.
func (b *Browser) Fragment(path string, form url.Values) *Page {
	b.T.Helper()
	r, err := http.NewRequest(http.MethodPost, b.Base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.T.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.Base)
	r.Header.Set("X-Fragment", "1")
	return b.Do(r)
}

// Sidebar is where the sidebar leads.
func (b *Browser) Sidebar() (hrefs []string) {
	b.T.Helper()
	for _, a := range b.Get("/").Doc.Find(".frame > nav.side a").EachIter() {
		hrefs = append(hrefs, Within(a.AttrOr("href", "")))
	}
	return hrefs
}

// Browser is one person's browser without JavaScript: it keeps cookies, follows
// redirects, and submits the forms it finds on pages.
type Browser struct {
	T      testing.TB
	Base   string
	Client *http.Client
	lang   string
}

// Visitor is a browser that nobody is signed in with.
func (c *Console) Visitor() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.T.Fatal(err)
	}
	return &Browser{T: c.T, Base: c.URL, Client: &http.Client{Jar: jar}, lang: "en"}
}

// As is a browser that role is signed in with.
func (c *Console) As(role store.Role) *Browser {
	c.T.Helper()
	b := c.Visitor()
	p := b.Post("/sign-in", url.Values{"name": {string(role)}, "password": {Password}})
	if p.Status != http.StatusOK || !strings.HasSuffix(p.Path, "/") { // there may be a base path
		c.T.Fatalf("%s could not sign in: %d at %s", role, p.Status, p.Path)
	}
	return b
}

func (b *Browser) Get(path string) *Page {
	b.T.Helper()
	r, err := http.NewRequest(http.MethodGet, b.Base+path, nil)
	if err != nil {
		b.T.Fatal(err)
	}
	return b.Do(r)
}

func (b *Browser) Post(path string, form url.Values) *Page {
	b.T.Helper()
	r, err := http.NewRequest(http.MethodPost, b.Base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.T.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.Base)
	return b.Do(r)
}

func (b *Browser) Do(r *http.Request) *Page {
	b.T.Helper()
	if r.Header.Get("Accept-Language") == "" {
		r.Header.Set("Accept-Language", b.lang)
	}
	res, err := b.Client.Do(r)
	if err != nil {
		b.T.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	if err != nil {
		b.T.Fatal(err)
	}
	return &Page{b.T, res.StatusCode, res.Request.URL.RequestURI(), res.Header, string(body), doc}
}

// Submit presses the button that selector finds, as a browser without a script
// would: with every successful control of its form, after change.
func (b *Browser) Submit(p *Page, selector string, change func(form url.Values)) *Page {
	b.T.Helper()
	button := p.Doc.Find(selector).First()
	form := button.Closest("form")
	if id, ok := button.Attr("form"); ok {
		form = p.Doc.Find("form#" + id)
	}
	if form.Length() == 0 {
		b.T.Fatalf("no form with a button %q on %s:\n%s", selector, p.Path, p.Doc.Find("main").Text())
	}
	values := Controls(form)
	if name, ok := button.Attr("name"); ok {
		values.Add(name, button.AttrOr("value", ""))
	}
	if change != nil {
		change(values)
	}
	action := button.AttrOr("formaction", form.AttrOr("action", p.Path))
	if form.AttrOr("method", "get") == "post" {
		return b.Post(action, values)
	}
	return b.Get(action + "?" + values.Encode())
}

// In is the same browser once it has switched to another app.
func (b *Browser) In(app store.App) *Browser {
	b.T.Helper()
	if p := b.Post("/app", url.Values{"app": {app.AppID}, "next": {"/"}}); p.Status != http.StatusOK {
		b.T.Fatalf("could not switch to %s: %d", app.AppID, p.Status)
	}
	return b
}

func Controls(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, el *goquery.Selection) {
		name := el.AttrOr("name", "")
		switch goquery.NodeName(el) {
		case "textarea":
			values.Add(name, el.Text())
		case "select":
			chosen := el.Find("option[selected]")
			if chosen.Length() == 0 {
				chosen = el.Find("option").First()
			}
			values.Add(name, chosen.AttrOr("value", chosen.Text()))
		default:
			kind := el.AttrOr("type", "text")
			_, checked := el.Attr("checked")
			if kind == "checkbox" || kind == "radio" {
				if checked {
					values.Add(name, el.AttrOr("value", "on"))
				}
				return
			}
			values.Add(name, el.AttrOr("value", ""))
		}
	})
	return values
}
