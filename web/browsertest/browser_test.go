// Package browsertest_test uses the console by a real browser.
package browsertest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"muban/store"
	"muban/web/webtest"
)

// The tests in browser_*_test.go try the console in a real browser: Debian's
// chromium, one process for all of them, a context (cookies, windows) for each.

const (
	lifetime = 8 * time.Minute // how long one test may take
)

// chrome is the browser process, started by the first test that needs it.
var chrome = sync.OnceValues(startChrome)

// stopChrome ends it; nothing to do where no test needed it.
var stopChrome = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopChrome()
	os.Exit(code)
}

var errNoChromium = errors.New("no chromium: `apt-get install chromium` to run the browser tests")

func startChrome() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, errNoChromium
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("no-pings", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "en"))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(alloc)
	stopChrome = func() { _ = chromedp.Cancel(ctx); cancel() }
	return ctx, chromedp.Do(ctx)
}

// missing skips the test; in CI, which installs everything, it fails.
func missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// tab is one person's tab in the real browser.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu         sync.Mutex
	complaints []string // what the browser had to say against our pages
	expected   []string // parts of the complaints that a test provokes
}

// openTab opens a tab that role is signed in with; "" for nobody.
func openTab(c *webtest.Console, t *testing.T, role store.Role) *tab {
	t.Helper()
	parent, err := chrome()
	if errors.Is(err, errNoChromium) {
		missing(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	own, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: own, base: c.URL}
	b.do(chromedp.Steps()) // opens the tab: its life is that of this context, which has no deadline
	b.ctx, cancel = context.WithTimeout(own, lifetime)
	t.Cleanup(cancel)
	if err := chromedp.Listen(b.ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.complain)
	call(b, audits.Enable, cdp.Empty{})
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.size(1440)
	if role != "" {
		b.cookie("muban", c.As(role).Session())
	}
	return b
}

// hear notes every exception, every word on the console, and every issue that the
// browser finds with a page: above all, what the CSP stopped.
func (b *tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.note("exception: " + (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		b.note(fmt.Sprintf("console.%s", e.Type))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.note(fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *audits.EventIssueAdded:
		b.note(fmt.Sprintf("issue: %s %+v", e.Issue.Code, e.Issue.Details.GenericIssueDetails))
	}
}

func (b *tab) note(complaint string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, complaint)
}

// expect names a complaint that the test provokes on purpose, such as a status.
func (b *tab) expect(parts ...string) { b.expected = append(b.expected, parts...) }

// complain fails the test for what the browser complained about.
func (b *tab) complain() {
	if b.ctx.Err() != nil || b.t.Failed() {
		return
	}
	js[bool](b, "true") // whatever was said before has arrived by the time of this answer
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		if !slices.ContainsFunc(b.expected, func(part string) bool { return strings.Contains(c, part) }) {
			b.t.Errorf("the browser complains: %s", c)
		}
	}
}

// do runs actions, each of which has to succeed.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.ctx, func() {}
	if _, ok := ctx.Deadline(); ok {
		ctx, cancel = context.WithTimeout(ctx, webtest.Patience)
	}
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%v at %s", err, b.where())
	}
}

// call is one command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	r, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// js is the value of an expression in the page.
func js[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression to become true, across navigations: so it asks
// from here, where chromedp.Poll would end with the document.
func (b *tab) until(expression string) {
	b.t.Helper()
	b.wait(expression, func() bool {
		is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		return err == nil && is
	})
}

// wait asks again and again whether something has come true.
func (b *tab) wait(what string, is func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, webtest.Patience)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !is() {
		select {
		case <-again.C:
		case <-ctx.Done():
			b.t.Fatalf("never came true at %s: %s\n%s", b.where(), what, b.shown("main .banner, main .problem"))
		}
	}
}

// visible counts the elements of the page that can be seen.
func visible(selector string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(e => e.checkVisibility()).length`, selector)
}

// where is the path and query of the page.
func (b *tab) where() string {
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.pathname + location.search"))
	if err != nil {
		return err.Error()
	}
	return at
}

// shown is the visible text of an element, "" where there is none.
func (b *tab) shown(selector string) string {
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector)))
	return strings.TrimSpace(text)
}

// open goes to an address, and leaves what is unsaved without a question.
func (b *tab) open(path string) {
	b.t.Helper()
	js[bool](b, `document.querySelectorAll("form[data-dirty]").forEach(f => delete f.dataset.dirty), true`)
	b.do(chromedp.Navigate(b.base + path))
}

func (b *tab) size(width int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, 900))
}

func (b *tab) cookie(name, value string) {
	b.t.Helper()
	call(b, network.SetCookies, network.SetCookiesParams{Cookies: []*network.CookieParam{{Name: name, Value: value, URL: b.base}}})
}

// scriptless turns the pages' scripts off, from the next page on.
func (b *tab) scriptless() {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// dark is a reader whose system is dark.
func (b *tab) dark(on bool) {
	b.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}
