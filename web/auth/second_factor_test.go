package auth_test

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
	"muban/web/webtest"
)

func TestACodeIsGoodForOneStepEitherWay(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	phone := c.SetUp(c.As(store.QA))
	for _, ahead := range []int64{-1, 0, 1} {
		b := c.Visitor()
		if p := b.Prove(b.SignInAs("qa", webtest.Password), phone.Code(ahead)); p.Path != "/" {
			t.Errorf("%d: at %s", ahead, p.Path)
		}
		c.Clock.Advance(2 * time.Minute)
	}
	for _, ahead := range []int64{-2, 2} {
		b := c.Visitor()
		b.Prove(b.SignInAs("qa", webtest.Password), phone.Code(ahead)).Answers(http.StatusUnprocessableEntity)
	}
}

func TestACodeIsNotTakenTwice(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	phone := c.SetUp(c.As(store.QA))
	code := phone.Code(0)
	b := c.Visitor()
	b.Prove(b.SignInAs("qa", webtest.Password), code)
	thief := c.Visitor()
	asked := thief.SignInAs("qa", webtest.Password)
	thief.Prove(asked, code).Expect(http.StatusUnprocessableEntity, "signin.code_wrong")
	thief.Prove(asked, phone.Code(-1)).Expect(http.StatusUnprocessableEntity, "signin.code_wrong")
	if thief.SignedIn() {
		t.Fatal("signed in with a used code")
	}
}

func TestACodeInParallelOpensOnce(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	phone := c.SetUp(c.As(store.QA))
	code, holder := phone.Code(0), c.Visitor()
	holder.SignInAs("qa", webtest.Password)
	var in atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		b := c.CopyOf(holder).Stopping()
		all.Go(func() {
			if b.Post("/sign-in/code", url.Values{"code": {code}}).Header.Get("Location") == "/" {
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
	c := webtest.NewConsole(t)
	phone := c.SetUp(c.As(store.QA))
	for range 5 { // all from one address: it is there that a success forgives failures
		b := c.VisitorFrom("192.0.2.1")
		b.Prove(b.SignInAs("qa", webtest.Password), "000000").Expect(http.StatusUnprocessableEntity, "signin.code_wrong")
	}
	b := c.VisitorFrom("192.0.2.2")
	b.SignInAs("qa", webtest.Password).Expect(http.StatusTooManyRequests, "signin.throttled")
	c.Clock.Advance(15*time.Minute + time.Second)
	if p := b.Prove(b.SignInAs("qa", webtest.Password), phone.Code(0)); p.Path != "/" {
		t.Fatalf("after 15 minutes: %s", p.Text("main"))
	}
}

func TestFault30_CodesInParallelGetNoMoreTries(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.SetUp(c.As(store.QA))
	holder := c.Visitor()
	holder.SignInAs("qa", webtest.Password)
	var tried atomic.Int32
	var all sync.WaitGroup
	for i := range 30 {
		b := c.CopyOf(holder)
		b.Client.Transport, b.Base = webtest.FromAddr(c.Muban.Handler(), "192.0.2."+strconv.Itoa(i+1)), holder.Base
		all.Go(func() {
			if b.Post("/sign-in/code", url.Values{"code": {"000000"}}).Status == http.StatusUnprocessableEntity {
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
	c := webtest.NewConsole(t)
	phone := c.SetUp(c.As(store.QA))
	if p := c.Visitor().Get("/sign-in/code?next=%2Fdrafts"); p.Path != "/sign-in?next=%2Fdrafts" {
		t.Errorf("without a ticket at %s", p.Path)
	}
	if p := c.Visitor().Post("/sign-in/code", url.Values{"code": {phone.Code(0)}}); p.Path != "/sign-in" {
		t.Errorf("without a ticket at %s", p.Path)
	}
	base, err := url.Parse(c.URL)
	webtest.Must(t, err)
	for _, forged := range []string{"", "4.zzzzzzz.", "4.zzzzzzz.AAAA", "x", strings.Repeat(".", 50), "-1.zzzzzzz.AAAA"} {
		b := c.Visitor()
		b.Client.Jar.SetCookies(base, []*http.Cookie{{Name: "muban-code", Value: forged}})
		if p := b.Get("/sign-in/code"); p.Path != "/sign-in" {
			t.Errorf("%q: at %s", forged, p.Path)
		}
	}
	late := c.Visitor()
	asked := late.SignInAs("qa", webtest.Password)
	c.Clock.Advance(10 * time.Minute)
	if p := late.Prove(asked, phone.Code(0)); p.Path != "/sign-in" {
		t.Errorf("after ten minutes at %s", p.Path)
	}
	stolen := c.Visitor()
	asked = stolen.SignInAs("qa", webtest.Password)
	webtest.Must(t, c.Store.SetPassword(t.Context(), store.Actor{}, c.Person(store.QA).ID, webtest.CheapHash("another one")))
	if p := stolen.Prove(asked, phone.Code(0)); p.Path != "/sign-in" || stolen.SignedIn() {
		t.Errorf("after a new password at %s", p.Path)
	}
}

func TestAResetLinkStillNeedsTheSecondFactor(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	phone := c.SetUp(c.As(store.QA))
	admin := c.As(store.Administrator)
	link := admin.Submit(admin.Get(c.At(store.QA)), `form[action$="/password"] button`, nil).Once()
	b := c.Visitor()
	asked := b.Submit(b.Get(link), "button.primary", func(form url.Values) { form.Set("password", "another long one") })
	if b.SignedIn() {
		t.Fatal("signed in without it")
	}
	if p := b.Prove(asked, phone.Code(0)); p.Path != "/" {
		t.Fatalf("at %s", p.Path)
	}
}
