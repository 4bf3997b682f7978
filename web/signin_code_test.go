package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muban/store"
)

func TestACodeIsGoodForOneStepEitherWay(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	phone := c.setUp(c.as(store.QA))
	for _, ahead := range []int64{-1, 0, 1} {
		b := c.visitor()
		if p := b.prove(b.signInAs("qa", password), phone.code(ahead)); p.path != "/" {
			t.Errorf("%d: at %s", ahead, p.path)
		}
		c.clock.Advance(2 * time.Minute)
	}
	for _, ahead := range []int64{-2, 2} {
		b := c.visitor()
		b.prove(b.signInAs("qa", password), phone.code(ahead)).expect(http.StatusUnprocessableEntity, "")
	}
}

func TestACodeIsNotTakenTwice(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	phone := c.setUp(c.as(store.QA))
	code := phone.code(0)
	b := c.visitor()
	b.prove(b.signInAs("qa", password), code)
	thief := c.visitor()
	asked := thief.signInAs("qa", password)
	thief.prove(asked, code).expect(http.StatusUnprocessableEntity, "used already")
	thief.prove(asked, phone.code(-1)).expect(http.StatusUnprocessableEntity, "used already")
	if thief.signedIn() {
		t.Fatal("signed in with a used code")
	}
}

func TestACodeInParallelOpensOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	phone := c.setUp(c.as(store.QA))
	code, holder := phone.code(0), c.visitor()
	holder.signInAs("qa", password)
	var in atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		b := c.copyOf(holder).stopping()
		all.Go(func() {
			if b.post("/sign-in/code", url.Values{"code": {code}}).header.Get("Location") == "/" {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Fatalf("%d got in", in.Load())
	}
}

func TestFault30_FiveWrongCodesCloseTheName(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	phone := c.setUp(c.as(store.QA))
	for range 5 { // all from one address: it is there that a success forgives failures
		b := c.visitorFrom("192.0.2.1")
		b.prove(b.signInAs("qa", password), "000000").expect(http.StatusUnprocessableEntity, "The code is wrong")
	}
	b := c.visitorFrom("192.0.2.2")
	b.signInAs("qa", password).expect(http.StatusTooManyRequests, "Too many failed attempts")
	c.clock.Advance(15*time.Minute + time.Second)
	if p := b.prove(b.signInAs("qa", password), phone.code(0)); p.path != "/" {
		t.Fatalf("after 15 minutes: %s", p.text("main"))
	}
}

func TestFault30_CodesInParallelGetNoMoreTries(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.setUp(c.as(store.QA))
	holder := c.visitor()
	holder.signInAs("qa", password)
	var tried atomic.Int32
	var all sync.WaitGroup
	for i := range 30 {
		b := c.copyOf(holder)
		b.http.Transport, b.base = fromAddr(c.server.Handler(), "192.0.2." + strconv.Itoa(i+1)), holder.base
		all.Go(func() {
			if b.post("/sign-in/code", url.Values{"code": {"000000"}}).status == http.StatusUnprocessableEntity {
				tried.Add(1)
			}
		})
	}
	all.Wait()
	if tried.Load() != 5 {
		t.Fatalf("%d guesses were tried, want 5", tried.Load())
	}
}

func TestTheTicketBetweenPasswordAndCode(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	phone := c.setUp(c.as(store.QA))
	if p := c.visitor().get("/sign-in/code?next=%2Fdrafts"); p.path != "/sign-in?next=%2Fdrafts" {
		t.Errorf("without a ticket at %s", p.path)
	}
	if p := c.visitor().post("/sign-in/code", url.Values{"code": {phone.code(0)}}); p.path != "/sign-in" {
		t.Errorf("without a ticket at %s", p.path)
	}
	base, err := url.Parse(c.URL)
	must(t, err)
	for _, forged := range []string{"", "4.zzzzzzz.", "4.zzzzzzz.AAAA", "x", strings.Repeat(".", 50), "-1.zzzzzzz.AAAA"} {
		b := c.visitor()
		b.http.Jar.SetCookies(base, []*http.Cookie{{Name: "muban-code", Value: forged}})
		if p := b.get("/sign-in/code"); p.path != "/sign-in" {
			t.Errorf("%q: at %s", forged, p.path)
		}
	}
	late := c.visitor()
	asked := late.signInAs("qa", password)
	c.clock.Advance(10 * time.Minute)
	if p := late.prove(asked, phone.code(0)); p.path != "/sign-in" {
		t.Errorf("after ten minutes at %s", p.path)
	}
	stolen := c.visitor()
	asked = stolen.signInAs("qa", password)
	must(t, c.store.SetPassword(t.Context(), store.Actor{}, c.person(store.QA).ID, cheapHash("another one")))
	if p := stolen.prove(asked, phone.code(0)); p.path != "/sign-in" || stolen.signedIn() {
		t.Errorf("after a new password at %s", p.path)
	}
}

func TestAResetLinkStillNeedsTheSecondFactor(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	phone := c.setUp(c.as(store.QA))
	admin := c.as(store.Administrator)
	link := admin.submit(admin.get(c.at(store.QA)), `form[action$="/password"] button`, nil).once()
	b := c.visitor()
	asked := b.submit(b.get(link), "button.primary", func(form url.Values) { form.Set("password", "another long one") })
	if b.signedIn() {
		t.Fatal("signed in without it")
	}
	if p := b.prove(asked, phone.code(0)); p.path != "/" {
		t.Fatalf("at %s", p.path)
	}
}
