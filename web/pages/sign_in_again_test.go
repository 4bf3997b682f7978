package pages_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/auth"
	"muban/web/webtest"
)

// again signs in on the page that a post after the session's end has got.
func again(b *webtest.Browser, p *webtest.Page, name string) *webtest.Page {
	b.T.Helper()
	return b.Submit(p, "button.primary", func(form url.Values) { form.Set("name", name); form.Set("password", webtest.Password) })
}

func TestAFormPostedAfterTheSessionsEndIsOfferedAgainAfterTheSignIn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	form := b.Get("/drafts/new")
	c.Clock.Advance(auth.IdleLife + time.Minute)
	p := b.Submit(form, "button[value=save]", func(form url.Values) {
		form.Set("title", "预约成功通知")
		form.Set("scenario", "一行\r\n“两”行 & <三>")
	}).Expect(http.StatusUnauthorized, "signin.ended_kept")
	if p.Doc.Find("#name").AttrOr("value", "") != "product_manager" || !p.Has("#password[autofocus]") || p.Has("#name[autofocus]") {
		t.Errorf("the sign-in asks for the name again: %s", p.Body)
	}
	p = b.Submit(p, "button.primary", func(form url.Values) { form.Set("password", "wrong wrong wrong") }).Expect(http.StatusUnprocessableEntity, "signin.wrong")
	p = again(b, p, "product_manager").Expect(http.StatusOK, "signin.resume")
	if len(c.Activities(store.ActDraftAdd)) != 0 {
		t.Fatal("it was done without being asked for again")
	}
	b.Submit(p, "button.primary", nil).Expect(http.StatusOK, "done.draft_saved")
	drafts, _, err := c.Store.Drafts(t.Context(), store.DraftFilter{App: c.App().ID})
	webtest.Must(t, err)
	if len(drafts) != 1 || drafts[0].Title != "预约成功通知" || drafts[0].Scenario != "一行\n“两”行 & <三>" {
		t.Fatalf("%+v", drafts)
	}
}

// Every route that takes a form keeps what it is given, but for secrets.
func TestEveryFormIsKeptOverTheSignInWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	f := c.Fill(b)
	lapsed := c.CopyOf(b)
	c.Clock.Advance(auth.IdleLife + time.Minute)
	tried := 0
	for _, route := range c.Routes() {
		if route.Method != http.MethodPost || route.Needs == auth.Anyone || strings.HasPrefix(string(route.Needs), "key") || route.Needs == auth.ReadMetrics {
			continue
		}
		secret := url.Values{"words": {"留着"}}
		for _, name := range []string{"password", "current", "secret", "hook_secret", "code"} {
			secret.Set(name, webtest.CanarySecret)
		}
		p := lapsed.Post(f.Path(route), secret)
		kept, err := base64.RawURLEncoding.DecodeString(p.Doc.Find("input[name=kept]").AttrOr("value", ""))
		webtest.Must(t, err)
		if route.Path == "/app" || route.Path == "/sign-out" {
			if len(kept) > 0 {
				t.Errorf("%s keeps %s", route.Pattern, kept)
			}
			continue
		}
		tried++
		if p.Status != http.StatusUnauthorized || !strings.Contains(string(kept), "留着") {
			t.Errorf("%s: %d, keeps %q", route.Pattern, p.Status, kept)
		}
		if what := webtest.Leaked(p.Body + string(kept)); what != "" {
			t.Errorf("%s keeps the secret %s", route.Pattern, what)
		}
	}
	if tried < 40 {
		t.Errorf("only %d routes were tried", tried)
	}
}

func TestAKeptFormIsItsPersonsAloneAndStaysOnTheSite(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	c.Clock.Advance(auth.IdleLife + time.Minute)
	draft := url.Values{"title": {"预约成功通知"}, "do": {"save"}}
	p := b.Post("/drafts/new", draft)
	if other := again(b, p, "operator"); other.Path != "/drafts/new" && other.Path != "/" || other.Says("h1", "signin.resume") {
		t.Errorf("the operator is offered it at %s: %s", other.Path, other.Text("main"))
	}
	for _, evil := range []string{"%%%", "AAAA", base64.RawURLEncoding.EncodeToString([]byte(`{"To":"https://evil.example/","Values":{"a":["b"]}}`)),
		base64.RawURLEncoding.EncodeToString([]byte(`{"To":"//evil.example/","Values":{"a":["b"]}}`))} {
		form := webtest.Credentials("qa", webtest.Password)
		form.Set("kept", evil)
		if p := c.Visitor().Post("/sign-in", form); p.Status != http.StatusOK || strings.Contains(p.Doc.Find("form").AttrOr("action", "")+p.Path, "evil") {
			t.Errorf("%s: %d at %s: %s", evil, p.Status, p.Path, p.Text("main"))
		}
	}
	if p := c.Visitor().Stopping().Post("/drafts/new", draft); p.Status != http.StatusSeeOther { // there was no session that ended
		t.Errorf("a stranger's form: %d", p.Status)
	}
	b = c.As(store.ProductManager)
	c.Clock.Advance(auth.IdleLife + time.Minute)
	draft.Set("scenario", strings.Repeat("长", 6000))
	if p := b.Post("/drafts/new", draft); p.Path != "/sign-in" || !p.Says("main", "signin.ended") {
		t.Errorf("a form that is too large: %d at %s", p.Status, p.Path)
	}
}

func TestAFormIsKeptOverTheSecondFactorToo(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.ProductManager)
	phone := c.SetUp(b)
	c.Clock.Advance(auth.IdleLife + time.Minute)
	p := again(b, b.Post("/drafts/new", url.Values{"title": {"预约成功通知"}, "do": {"save"}}), "product_manager")
	p = b.Submit(p, "button.primary", func(form url.Values) { form.Set("code", "000000") }).Expect(http.StatusUnprocessableEntity, "signin.code_wrong")
	p = b.Submit(p, "button.primary", func(form url.Values) { form.Set("code", phone.Code(0)) }).Expect(http.StatusOK, "signin.resume")
	b.Submit(p, "button.primary", nil).Expect(http.StatusOK, "done.draft_saved")
}

func TestTheSignInSaysThatASessionHasEndedAndNotToWhoSignedOut(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	c.Clock.Advance(auth.IdleLife + time.Minute)
	p := b.Get("/templates").Expect(http.StatusOK, "signin.ended")
	if p := again(b, p, "qa"); p.Path != "/templates" {
		t.Errorf("back at %s", p.Path)
	}
	if p := b.Submit(b.Get("/"), ".who button", nil); p.Path != "/sign-in" || p.Says("main", "signin.ended") {
		t.Errorf("after signing out: %s", p.Text("main"))
	}
	if p := c.Visitor().Get("/sign-in"); p.Says("main", "signin.ended") || !p.Has("#name[autofocus]") {
		t.Errorf("a stranger reads %s", p.Text("main"))
	}
}
