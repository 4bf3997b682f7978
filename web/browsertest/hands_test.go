package browsertest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"muban/web/webtest"
)

// What a person's hands do in a tab, and what arrives at the console of it.

// click presses the mouse on an element that can be seen.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// follow clicks and waits for the page that comes of it; it answers its status.
func (b *tab) follow(selector string) int64 {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, webtest.Patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
	if err != nil {
		b.t.Fatalf("following %s from %s: %v", selector, b.where(), err)
	}
	if res == nil { // the page came so quickly that its answer was not seen
		return js[int64](b, `performance.getEntriesByType("navigation")[0].responseStatus`)
	}
	return res.Status
}

// fill replaces what stands in a field by typing.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
	js[bool](b, "document.activeElement.select(), true")
	b.keys("\b" + text)
}

// keys presses one key after the other, wherever the focus is. A key and its
// character are one event, as of a keyboard, so that a script can prevent both.
func (b *tab) keys(keys string, modifiers ...chromedp.Modifier) {
	b.t.Helper()
	for _, r := range keys {
		events := kb.Encode(r)
		down, up := events[0], events[len(events)-1]
		for _, m := range modifiers {
			down.Modifiers |= int64(m)
		}
		if len(events) == 3 && len(modifiers) == 0 {
			down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
		}
		call(b, input.DispatchKeyEvent, *down)
		call(b, input.DispatchKeyEvent, *up)
	}
}

// compose is an input method at work: its letters stand in the field, underlined.
func (b *tab) compose(steps ...string) {
	b.t.Helper()
	for _, text := range steps {
		end := int64(len(text))
		call(b, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: end, SelectionEnd: end})
	}
}

// commit ends the composition with the words that were chosen.
func (b *tab) commit(text string) {
	b.t.Helper()
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// later is when a timer of the page that is set now and longer than any of the
// script's has fired: what the script meant to do has begun.
func (b *tab) later() {
	b.t.Helper()
	js[bool](b, `new Promise(done => setTimeout(done, 200, true))`)
}

// dialogs answers what the browser asks the person with no, and tells what it was.
func (b *tab) dialogs() <-chan cdppage.DialogType {
	asked, answered := make(chan cdppage.DialogType, 9), make(chan cdppage.DialogType, 9)
	if err := chromedp.Listen(b.ctx, func(event any) {
		if e, ok := event.(*cdppage.EventJavascriptDialogOpening); ok {
			asked <- e.Type
		}
	}); err != nil {
		b.t.Fatal(err)
	}
	go func() { // the click that leads to a dialog does not return before its answer
		for b.ctx.Err() == nil {
			select {
			case kind := <-asked:
				_, _ = chromedp.Call(b.ctx, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: false})
				answered <- kind
			case <-b.ctx.Done():
			}
		}
	}()
	return answered
}

// drag takes a keyword by its grip and lets it go over another one's row.
func (b *tab) drag(id, over string) {
	b.t.Helper()
	b.carry(`#order li[data-id="`+id+`"] .grip`, `#order li[data-id="`+over+`"]`, 0.5)()
}

// carry takes something with the mouse and moves it over something else, to a part of its height; drop lets it go.
func (b *tab) carry(from, over string, part float64) (drop func()) {
	b.t.Helper()
	at := func(selector string, part float64) (x, y float64) {
		p := js[[]float64](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q).getBoundingClientRect(); return [e.x + e.width / 2, e.y + e.height * %f] })()`, selector, part))
		return p[0], p[1]
	}
	x, y := at(from, 0.5)
	held := func(p *input.DispatchMouseEventParams) { p.Buttons = 1 }
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y),
		chromedp.MouseEvent(chromedp.MousePressed, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1), held))
	toX, toY := at(over, part)
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, (x+toX)/2, (y+toY)/2, held))
	toX, toY = at(over, part) // a row that is moved already makes others move
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, toX, toY, held))
	return func() {
		b.t.Helper()
		b.do(chromedp.MouseEvent(chromedp.MouseReleased, toX, toY, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	}
}

// front stands before a console: it counts what the browser posts, and can keep
// the answers waiting.
type front struct {
	*httptest.Server

	mu     sync.Mutex
	posts  []string      // the forms that arrived, in order
	pings  int           // how often a test's own script called /healthz
	gone   int           // how many of them the browser gave up while they were held
	closed chan struct{} // held posts wait for it; nil where none is held
}

func newFront(c *webtest.Console, t *testing.T) *front {
	f := &front{}
	next := c.Muban.Handler()
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			f.mu.Lock()
			f.pings++
			f.mu.Unlock()
		}
		if r.Method != http.MethodPost || f.admit(r) {
			next.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(f.Close)
	t.Cleanup(f.release)
	return f
}

// admit notes a post and lets it wait; false where the browser has given it up.
func (f *front) admit(r *http.Request) bool {
	body, _ := io.ReadAll(r.Body) // only with the whole body read does the server notice that a client has gone
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	f.posts = append(f.posts, string(body))
	held := f.closed
	f.mu.Unlock()
	if held == nil {
		return true
	}
	select {
	case <-held:
		return true
	case <-r.Context().Done():
		f.mu.Lock()
		f.gone++
		f.mu.Unlock()
		return false
	}
}

func (f *front) hold() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = make(chan struct{})
}

func (f *front) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed != nil {
		close(f.closed)
		f.closed = nil
	}
}

// seen is how many posts arrived, and how many of them were given up.
func (f *front) seen() (posts, gone int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.posts), f.gone
}

// waitFor waits until so many posts have arrived and been given up.
func (f *front) waitFor(b *tab, posts, gone int) {
	b.t.Helper()
	b.wait(fmt.Sprintf("%d posts, %d given up", posts, gone), func() bool {
		p, g := f.seen()
		return p >= posts && g >= gone
	})
	if p, g := f.seen(); p != posts || g != gone {
		b.t.Fatalf("%d posts and %d given up, want %d and %d: %q", p, g, posts, gone, f.posts)
	}
}
