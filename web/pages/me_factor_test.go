package pages_test

import (
	"encoding/base32"
	"fmt"
	"image"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"muban/store"
	"muban/web/auth"
	"muban/web/webtest"
)

func TestASecondFactorIsSetUpAndThenAskedFor(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	b.Get("/settings/me").Expect(http.StatusOK, "factor.set_up")
	page := b.Submit(b.Get("/settings/me/factor"), "main .primary", nil).Expect(http.StatusOK, "factor.scan")
	wrong := b.Submit(page, "main .primary", func(form url.Values) { form.Set("code", "000000") }).Expect(http.StatusUnprocessableEntity, "factor.code_wrong")
	if wrong.Doc.Find("#code").AttrOr("value", "") != "000000" || wrong.Text(".copyable code") != page.Text(".copyable code") {
		t.Error("what was typed, or the key, has changed")
	}
	if p := c.Visitor().SignInAs("qa", webtest.Password); p.Path != "/" {
		t.Errorf("it is asked for before it is confirmed: %s", p.Path)
	}
	phone := c.Confirm(b, wrong)
	b.Get("/settings/me/factor").Expect(http.StatusOK, "factor.left_of", "Left", 10)
	if !b.SignedIn() {
		t.Error("the session in which it was set up has ended")
	}

	other := c.Visitor()
	asked := other.Submit(other.Get("/sign-in?next=%2Fdrafts%3Fstate%3Ddraft"), "button.primary", func(form url.Values) { form.Set("name", "qa"); form.Set("password", webtest.Password) }).
		Expect(http.StatusOK, "signin.code_lead")
	if other.SignedIn() {
		t.Fatal("signed in without the second factor")
	}
	other.Prove(asked, "000000").Expect(http.StatusUnprocessableEntity, "signin.code_wrong")
	code := phone.Code(0)
	if p := other.Prove(asked, code[:3]+" "+code[3:]); p.Path != "/drafts?state=draft" {
		t.Fatalf("at %s: %s", p.Path, p.Text("main"))
	}
}

// The drawing is the code that the library makes: module by module, with a quiet zone of four around.
func TestTheQRCodeIsDrawnAsItIs(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	p := b.Submit(b.Get("/settings/me/factor"), "main .primary", nil)
	secret, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(p.Text("main .copyable code"), " ", ""))
	webtest.Must(t, err)
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Muban", AccountName: "qa", Secret: secret})
	webtest.Must(t, err)
	var side int
	_, err = fmt.Sscanf(p.Doc.Find(".qr").AttrOr("viewBox", ""), "-4 -4 %d", &side)
	webtest.Must(t, err)
	side -= 8
	drawn := map[image.Point]bool{}
	for box := range strings.SplitSeq(strings.TrimSuffix(p.Doc.Find(".qr path").AttrOr("d", ""), "z"), "z") {
		var x, y, run, back int
		_, err := fmt.Sscanf(box, "M%d %dh%dv1h-%d", &x, &y, &run, &back)
		webtest.Must(t, err)
		for i := range run {
			drawn[image.Pt(x+i, y)] = run == back
		}
	}
	matrix, err := key.Image(3*side, 3*side)
	webtest.Must(t, err)
	for y := range side {
		for x := range side {
			if red, _, _, _ := matrix.At(3*x+1, 3*y+1).RGBA(); drawn[image.Pt(x, y)] != (red == 0) {
				t.Fatalf("module %d, %d of %d is wrong", x, y, side)
			}
		}
	}
}

// The steps before and after the present one are taken, further ones are not.
// Of many who type one code at once, one gets in.
func TestARecoveryCodeStandsInOnce(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	phone := c.SetUp(c.As(store.QA))
	b := c.Visitor()
	typed := strings.ToLower(strings.ReplaceAll(phone.Recovery[3], "-", " "))
	b.Prove(b.SignInAs("qa", webtest.Password), typed).Expect(http.StatusOK, "done.recovery_used")
	b.Get("/settings/me/factor").Expect(http.StatusOK, "factor.left_of", "Left", 9)
	again := c.Visitor()
	again.Prove(again.SignInAs("qa", webtest.Password), phone.Recovery[3]).Answers(http.StatusUnprocessableEntity)

	renew := func(password string) *webtest.Page {
		return b.Submit(b.Get("/settings/me/factor"), `form[action$="/recovery"] button`, func(form url.Values) { form.Set("current", password) })
	}
	renew("wrong").Expect(http.StatusUnprocessableEntity, "me.current_wrong")
	p := renew(webtest.Password).Expect(http.StatusOK, "factor.codes")
	again.Prove(again.SignInAs("qa", webtest.Password), phone.Recovery[4]).Answers(http.StatusUnprocessableEntity)
	if p := again.Prove(again.SignInAs("qa", webtest.Password), p.Doc.Find(".codes code").First().Text()); p.Status != http.StatusOK {
		t.Errorf("%d at %s", p.Status, p.Path)
	}
	if b.Get("/settings/me/factor").Has(".codes") {
		t.Error("the codes are shown a second time")
	}
}

// Codes are guessed no more often than passwords, and the right password in between does
// not begin the count afresh.
// What a browser holds between the password and the code opens nothing, ends by
// itself and with the password, and cannot be made.
func TestTheSecondFactorIsSwitchedOffWithThePassword(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.QA)
	c.SetUp(b)
	off := func(password string) *webtest.Page {
		return b.Submit(b.Get("/settings/me/factor"), `form[action$="/off"] button`, func(form url.Values) { form.Set("current", password) })
	}
	off("").Expect(http.StatusUnprocessableEntity, "problem.required", "Field", webtest.Word("fieldname.current"))
	off("wrong").Expect(http.StatusUnprocessableEntity, "me.current_wrong")
	off(webtest.Password).Expect(http.StatusOK, "done.factor_off")
	if p := c.Visitor().SignInAs("qa", webtest.Password); p.Path != "/" {
		t.Errorf("at %s", p.Path)
	}
}

// Guesses at one's own password count as those at the sign-in do.
// Who has a role that needs a second factor can do nothing before.
func TestARoleThatNeedsASecondFactorLeadsToItsSetUp(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, qa := c.As(store.Administrator), c.As(store.QA)
	admin.Submit(admin.Get("/settings/people"), `form[action$="/people/factor"] button`, func(form url.Values) { form["role"] = []string{"qa"} }).
		Expect(http.StatusOK, "done.factor_required")
	if len(c.Activities(store.ActSetting)) != 1 {
		t.Error("it is not in the log")
	}
	before := c.Content()
	for _, route := range c.Routes() {
		if !strings.Contains(webtest.Access[route.Pattern], "q") || route.Path == "/sign-out" || strings.HasPrefix(route.Path, "/settings/me/factor") && (route.Method == http.MethodGet || route.Path == "/settings/me/factor" || strings.HasSuffix(route.Path, "/confirm")) {
			continue
		}
		got := c.Ask(qa, route.Method, webtest.Firsts("x").Path(route))
		if to, _, _ := strings.Cut(got.Header.Get("Location"), "?"); got.Status != http.StatusSeeOther || to != "/settings/me/factor" {
			t.Errorf("%s: %d to %q", route.Pattern, got.Status, to)
		}
	}
	if c.Content() != before {
		t.Error("something was done")
	}
	p := qa.Get("/drafts?state=draft").Expect(http.StatusOK, "factor.needed")
	if p.Has(".side a") || p.Has(".switcher") {
		t.Error("the page offers what is closed")
	}
	shown := qa.Submit(p, "main .primary", nil)
	phone := &webtest.Phone{C: c, Secret: strings.ReplaceAll(shown.Text("main .copyable code"), " ", "")}
	done := qa.Submit(shown, "main .primary", func(form url.Values) { form.Set("code", phone.Code(0)); webtest.Again(form) }).Expect(http.StatusOK, "factor.codes")
	if to := done.Doc.Find("main a.primary").AttrOr("href", ""); to != "/drafts?state=draft" {
		t.Errorf("it leads on to %q", to)
	}
	qa.Get("/drafts").Expect(http.StatusOK, "drafts.title")
	c.As(store.Operator).Get("/drafts").Expect(http.StatusOK, "drafts.title") // another role

	webtest.Must(t, c.Store.EndSecondFactor(t.Context(), store.Actor{}, c.Person(store.QA).ID))
	qa.Get("/drafts").Expect(http.StatusOK, "factor.needed")
}

func TestAnAdministratorTakesALostSecondFactorAway(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	c.SetUp(c.As(store.QA))
	admin.Get("/settings/people").Expect(http.StatusOK, "factor.on")
	admin.Submit(admin.Get(c.At(store.QA)), `form[action$="/factor"] button`, webtest.Again).Expect(http.StatusOK, "done.factor_reset")
	if p := c.Visitor().SignInAs("qa", webtest.Password); p.Path != "/" {
		t.Errorf("at %s", p.Path)
	}
}

// The last administrator has nobody to ask, but the server's shell.
func TestTheShellTakesASecondFactorAway(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.SetUp(c.As(store.Administrator))
	off := []string{"factor", "administrator", "off"}
	webtest.Must(t, auth.ManagePeople(t.Context(), c.Store, off, nil, nil))
	if p := c.Visitor().SignInAs("administrator", webtest.Password); p.Path != "/" {
		t.Errorf("at %s", p.Path)
	}
	if err := auth.ManagePeople(t.Context(), c.Store, off, nil, nil); err == nil || !strings.Contains(err.Error(), "administrator has no second factor") {
		t.Errorf("a second time: %v", err)
	}
}

// A link for a new password does not pass by the second factor.
// What is shown once is nowhere else.
func TestFault35_LinksCodesAndSecretsLeakNowhere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, qa := c.As(store.Administrator), c.As(store.QA)
	phone := c.SetUp(qa)
	b := c.Visitor()
	b.Prove(b.SignInAs("qa", webtest.Password), phone.Recovery[0])
	invitation := c.Invite(admin, "小周", nil)
	reset := admin.Submit(admin.Get(c.At(store.Operator)), `form[action$="/password"] button`, nil).Once()
	for _, link := range []string{invitation, reset} {
		c.Visitor().Get(link)
		c.Visitor().Get(link + "x")
	}
	var secrets []string
	for _, s := range append(phone.Recovery, phone.Secret, webtest.TextAfter(invitation, "token="), webtest.TextAfter(reset, "token=")) {
		secrets = append(secrets, s, strings.ReplaceAll(s, "-", ""))
	}
	look := func(where, text string) {
		for _, s := range secrets {
			if s != "" && strings.Contains(text, s) {
				t.Errorf("%s holds %q", where, s)
			}
		}
	}
	look("the log", c.Log.String())
	look("the database", string(c.Backup()))
	for _, who := range []*webtest.Browser{admin, qa} {
		who.Crawl(func(p *webtest.Page) { look(p.Path, p.Body+p.Header.Get("Location")) }, "/", "/activity/export?all=true", c.At(store.QA), "/settings/me/factor")
	}
}
