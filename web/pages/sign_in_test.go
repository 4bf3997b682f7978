package pages_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

func TestSigningInLeadsToTheOverviewAndSigningOutBack(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.Visitor()
	if p := b.Get("/"); p.Path != "/sign-in" || !p.Is("h1", "signin.title") {
		t.Fatalf("a stranger is at %s", p.Path)
	}
	home := b.SignInAs("operator", webtest.Password).Expect(http.StatusOK, "overview.steps")
	if home.Path != "/" || home.Text(".who .name") != "operator" {
		t.Fatalf("%q is at %s", home.Text(".who .name"), home.Path)
	}
	if p := b.Submit(home, ".who button", nil); p.Path != "/sign-in" || b.SignedIn() {
		t.Fatalf("after signing out at %s, signed in: %t", p.Path, b.SignedIn())
	}
	if got := c.Activities(store.ActSignOut); len(got) != 1 || got[0].PersonName != "operator" {
		t.Fatalf("the activity log has %+v", got)
	}
}

func TestTheSignInFormNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	p := c.Visitor().Post("/sign-in", webtest.Credentials("", "")).Expect(http.StatusUnprocessableEntity, "problem.required", "Field", webtest.Word("fieldname.name"))
	if !p.Says("#password-problem", "problem.required", "Field", webtest.Word("fieldname.password")) || p.Doc.Find("#name").AttrOr("aria-invalid", "") != "true" {
		t.Fatalf("%s", p.Text("main"))
	}
	c.Visitor().Speaking("zh").Post("/sign-in", webtest.Credentials("operator", strings.Repeat("x", 129))).Shows(http.StatusUnprocessableEntity, "128")
}

func TestNextLeadsBackToThePageAndNeverOffTheSite(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	p := c.Visitor().Get("/drafts?state=draft&q=%E8%B4%AD")
	if p.Path != "/sign-in?next="+url.QueryEscape("/drafts?state=draft&q=%E8%B4%AD") {
		t.Fatalf("at %s", p.Path)
	}
	b := c.Visitor()
	back := b.Submit(b.Get(p.Path), "button.primary", func(form url.Values) { form.Set("name", "qa"); form.Set("password", webtest.Password) })
	if back.Path != "/drafts?state=draft&q=%E8%B4%AD" {
		t.Fatalf("back at %s", back.Path)
	}
	for _, evil := range []string{
		"https://evil.example/", "//evil.example/", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "///evil.example", "http:evil.example",
		"javascript:alert(1)", "evil.example", "/\r\nSet-Cookie: muban=x", "%2f%2fevil.example", " //evil.example", "/..//evil.example", "https:///evil.example",
	} {
		signIn := webtest.Credentials("qa", webtest.Password)
		signIn.Set("next", evil)
		for name, answer := range map[string]*webtest.Page{
			"sign-in":      c.Visitor().Stopping().Post("/sign-in", signIn),
			"signed in":    b.Stopping().Get("/sign-in?next=" + url.QueryEscape(evil)),
			"preferences":  b.Stopping().Post("/preferences", url.Values{"lang": {"en"}, "next": {evil}}),
			"app switcher": b.Stopping().Post("/app", url.Values{"app": {c.App().AppID}, "next": {evil}}),
		} {
			webtest.StaysHere(t, name+" "+strconv.Quote(evil), answer)
		}
	}
}
