package web_test

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web"
	"muban/wechat/alert"
	"muban/wechat/sandbox"
)

// console is a whole console on a store of its own, with its simulated WeChat
// and a clock that tests set.
type console struct {
	*httptest.Server
	t       testing.TB
	dir     string // of the store
	store   *store.Store
	sandbox *sandbox.Server
	server  *web.Server
	clock   *clock
	log     *logbook // of a test; a benchmark's is not kept
	after   atomic.Pointer[func(time.Duration) <-chan time.Time]
}

// logbook is what the console logged so far.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// clock starts now and moves when it is told to.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

// newConsole starts a console with one person of each role, named as the role.
func newConsole(t testing.TB) *console {
	t.Helper()
	return newConsoleWith(t, func(*web.Config) {})
}

func newConsoleWith(t testing.TB, change func(*web.Config)) *console {
	t.Helper()
	files, err := peopled()
	if err != nil {
		t.Fatal(err)
	}
	c := openStore(t, files)
	c.start(change)
	return c
}

// newEmptyConsole is before its first sign-in: token is that of its set-up link.
func newEmptyConsole(t testing.TB, token string) *console {
	t.Helper()
	c := openStore(t, nil)
	sum := sha256.Sum256([]byte(token))
	if err := c.store.SetSetupToken(context.Background(), sum[:], c.clock.Now().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.start(func(*web.Config) {})
	return c
}

func openStore(t testing.TB, files map[string][]byte) *console {
	t.Helper()
	c := &console{t: t, dir: t.TempDir(), clock: &clock{}, log: &logbook{}}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(c.dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	st, err := store.Open(context.Background(), c.dir, store.Options{Now: c.clock.Now, Log: c.logger()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	c.store, c.sandbox = st, sandbox.New(sandbox.Options{Now: c.clock.Now})
	return c
}

func (c *console) logger() *slog.Logger {
	if _, ok := c.t.(*testing.T); !ok {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// start serves the console over what the store holds by now.
func (c *console) start(change func(*web.Config)) {
	c.t.Helper()
	config := web.Config{Store: c.store, Sandbox: c.sandbox, Log: c.logger(), Now: c.clock.Now, AllowPrivateAPI: true, After: c.wait}
	change(&config)
	var err error
	if c.server, err = web.New(context.Background(), config); err != nil {
		c.t.Fatal(err)
	}
	c.Server = httptest.NewServer(c.server.Handler())
	c.t.Cleanup(c.Server.Close)
}

// wait is how the console's sends wait for a payment to settle.
func (c *console) wait(d time.Duration) <-chan time.Time {
	if after := c.after.Load(); after != nil {
		return (*after)(d)
	}
	return time.After(d)
}

// hasten lets a payment of a moment ago settle without a wait.
func (c *console) hasten() {
	at := make(chan time.Time)
	close(at)
	c.settleBy(at)
}

// unsettled keeps a payment of a moment ago from settling until the test says so.
func (c *console) unsettled() (settle func()) {
	again := make(chan time.Time)
	c.settleBy(again)
	return func() { close(again) }
}

func (c *console) settleBy(at <-chan time.Time) {
	after := func(time.Duration) <-chan time.Time { return at }
	c.after.Store(&after)
}

// deliver sends what is due to the webhook.
func (c *console) deliver(ctx context.Context) {
	courier := alert.NewCourier(c.store, alert.CourierOptions{Now: c.clock.Now, Log: c.logger(), AllowPrivate: true})
	for courier.Deliver(ctx) == nil {
	}
}

// routeInfo is one route that the console registers.
type routeInfo struct {
	Pattern, Method, Path string
	Needs                 web.Permission
}

// routes are all of them.
func (c *console) routes() (all []routeInfo) {
	for pattern, needs := range c.server.Routes() {
		method, path, _ := strings.Cut(pattern, " ")
		all = append(all, routeInfo{pattern, method, path, needs})
	}
	return all
}

// browser is one person's browser without JavaScript: it keeps cookies, follows
// redirects, and submits the forms it finds on pages.
type browser struct {
	t    testing.TB
	base string
	http *http.Client
	lang string
}

// visitor is a browser that nobody is signed in with.
func (c *console) visitor() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return &browser{t: c.t, base: c.URL, http: &http.Client{Jar: jar}, lang: "en"}
}

// as is a browser that role is signed in with.
func (c *console) as(role store.Role) *browser {
	c.t.Helper()
	b := c.visitor()
	p := b.post("/sign-in", url.Values{"name": {string(role)}, "password": {password}})
	if p.status != http.StatusOK || !strings.HasSuffix(p.path, "/") { // there may be a base path
		c.t.Fatalf("%s could not sign in: %d at %s", role, p.status, p.path)
	}
	return b
}

// page is what a browser shows.
type page struct {
	t      testing.TB
	status int
	path   string // with query, after redirects
	header http.Header
	body   string
	doc    *goquery.Document
}

func (b *browser) get(path string) *page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

func (b *browser) post(path string, form url.Values) *page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.base)
	return b.do(r)
}

func (b *browser) do(r *http.Request) *page {
	b.t.Helper()
	if r.Header.Get("Accept-Language") == "" {
		r.Header.Set("Accept-Language", b.lang)
	}
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	return &page{b.t, res.StatusCode, res.Request.URL.RequestURI(), res.Header, string(body), doc}
}

// submit presses the button that selector finds, as a browser without a script
// would: with every successful control of its form, after change.
func (b *browser) submit(p *page, selector string, change func(form url.Values)) *page {
	b.t.Helper()
	button := p.doc.Find(selector).First()
	form := button.Closest("form")
	if form.Length() == 0 {
		b.t.Fatalf("no form with a button %q on %s:\n%s", selector, p.path, p.doc.Find("main").Text())
	}
	values := controls(form)
	if name, ok := button.Attr("name"); ok {
		values.Add(name, button.AttrOr("value", ""))
	}
	if change != nil {
		change(values)
	}
	action := button.AttrOr("formaction", form.AttrOr("action", p.path))
	if form.AttrOr("method", "get") == "post" {
		return b.post(action, values)
	}
	return b.get(action + "?" + values.Encode())
}

func controls(form *goquery.Selection) url.Values {
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

// text is what selector finds on the page, one space between words.
func (p *page) text(selector string) string {
	return strings.Join(strings.Fields(p.doc.Find(selector).Text()), " ")
}

func (p *page) has(selector string) bool { return p.doc.Find(selector).Length() > 0 }

// expect fails the test unless the page has the status and shows text in its
// main part.
func (p *page) expect(status int, text string) *page {
	p.t.Helper()
	main := strings.Join(strings.Fields(p.doc.Find("main").Text()), " ")
	if p.status != status || !strings.Contains(main, text) {
		p.t.Fatalf("%s: status %d, want %d with %q:\n%s", p.path, p.status, status, text, main)
	}
	return p
}
