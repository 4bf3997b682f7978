package pages_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/webtest"
)

func TestAnInvitationByLinkLetsOnePersonIn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	link := c.Invite(admin, "小赵", func(form url.Values) { form.Set("role", "product_manager") })
	if p := admin.Get("/settings/people").Shows(http.StatusOK, "小赵"); strings.Contains(p.Body, "token=") {
		t.Error("the link is shown a second time")
	}
	b := c.Visitor()
	for range 2 { // looking at it does not use it up
		b.Get(link).Expect(http.StatusOK, "join.lead", "By", "administrator", "Role", webtest.Word("role.product_manager"))
	}
	fill := func(name, password string) func(form url.Values) {
		return func(form url.Values) {
			form.Set("name", name)
			form.Set("password", password)
			form.Set("role", "administrator")
		}
	}
	p := b.Submit(b.Get(link), "button.primary", fill("QA", "short")).Expect(http.StatusUnprocessableEntity, "problem.min", "Param", 10)
	if got := p.Doc.Find("#name").AttrOr("value", ""); got != "QA" {
		t.Errorf("the name became %q", got)
	}
	b.Submit(p, "button.primary", fill("QA", "a long password")).Expect(http.StatusUnprocessableEntity, "join.taken")
	if p = b.Submit(b.Get(link), "button.primary", fill("赵云", "a long password")); p.Path != "/" || p.Text(".who .name") != "赵云" {
		t.Fatalf("at %s: %s", p.Path, p.Text("main"))
	}
	joined, err := c.Store.PersonByName(t.Context(), "赵云")
	webtest.Must(t, err)
	if joined.Role != store.ProductManager { // the form's own role is no field
		t.Errorf("joined as %s", joined.Role)
	}
	c.Visitor().Get(link).Expect(http.StatusOK, "join.dead")
	token, _, _ := strings.Cut(strings.TrimPrefix(link, "/join?token="), "&")
	c.Visitor().Post("/join", url.Values{"token": {token}, "name": {"second"}, "password": {"a long password"}}).
		Expect(http.StatusUnprocessableEntity, "join.dead")
	if got := c.Activities(store.ActPersonJoin); len(got) != 1 || got[0].PersonName != "赵云" {
		t.Errorf("the log has %+v", got)
	}
	again := c.Visitor()
	if p := again.SignInAs("赵云", "a long password"); p.Path != "/" {
		t.Errorf("signing in again ends at %s", p.Path)
	}
}

func TestAnInvitationIsWithdrawnOrEndsAfterThreeDays(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	link := c.Invite(admin, "小钱", nil)
	withdraw := `form[action$="/withdraw"] button`
	if p := admin.Submit(admin.Get("/settings/people"), withdraw, nil).Expect(http.StatusOK, "done.invitation_withdrawn"); p.Has(withdraw) {
		t.Error("it is still listed")
	}
	c.Visitor().Get(link).Expect(http.StatusOK, "join.dead")
	late := c.Invite(admin, "小孙", nil)
	c.Clock.Advance(72 * time.Hour)
	c.Visitor().Get(late).Expect(http.StatusOK, "join.dead")
}

func TestAnInvitationThatIsRefusedKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	other := c.AddApp("wx0000000000000002")
	b := c.As(store.Administrator)
	send := func(change func(form url.Values)) *webtest.Page {
		return b.Submit(b.Get("/settings/people"), `form[action$="/settings/people"] button`, change)
	}
	send(func(form url.Values) { form.Set("invitee", " ") }).Expect(http.StatusUnprocessableEntity, "problem.said", "Field", webtest.Word("fieldname.invitee"))
	send(func(form url.Values) { form.Set("role", "root") }).Shows(http.StatusUnprocessableEntity, "root")
	p := send(func(form url.Values) {
		form.Set("invitee", "小李")
		form.Set("role", "operator")
		form["app_role"] = []string{"none", "none"}
	}).Expect(http.StatusUnprocessableEntity, "people.no_app")
	form := webtest.Controls(p.Doc.Find(`form[action$="/settings/people"]`))
	if form.Get("invitee") != "小李" || form.Get("role") != "operator" || strings.Join(form["app_role"], " ") != "none none" {
		t.Errorf("the form holds %v", form)
	}
	b.Post("/settings/people", url.Values{"invitee": {"x"}, "role": {"qa"}, "app": {"1"}}).Answers(http.StatusBadRequest)
	b.Post("/settings/people", url.Values{"invitee": {"x"}, "role": {"qa"}, "app": {"x"}, "app_role": {"qa"}}).Answers(http.StatusUnprocessableEntity)
	link := c.Invite(b, "小李", func(form url.Values) { form["app_role"] = []string{"none", "operator"} })
	joined := c.Visitor()
	home := joined.Submit(joined.Get(link), "button.primary", func(form url.Values) { form.Set("password", "a long password") })
	if home.Path != "/" || home.Text(".app") != other.Name || home.Text(".who .name") != "小李" {
		t.Fatalf("%s as %s in %s", home.Path, home.Text(".who .name"), home.Text(".app"))
	}
}

func TestTheListShowsWhoMaySignIn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	webtest.Must(t, c.Store.SetDisabled(t.Context(), store.Actor{}, c.Person(store.QA).ID, true))
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, c.Person(store.Operator).ID, "", store.Operator, store.AppRoles{c.App().ID: store.QA}))
	p := c.As(store.Administrator).Get("/settings/people")
	for name, want := range map[string]string{
		"administrator": "you Administrator Off just now Active", "qa": "QA Off never Disabled", "operator": "Operator 沙箱小程序: QA Off never Active",
	} {
		found := false
		for _, row := range p.Doc.Find("tbody tr").EachIter() {
			var cells []string
			row.Find("th, td").Each(func(_ int, cell *goquery.Selection) { cells = append(cells, strings.Fields(cell.Text())...) })
			found = found || strings.HasPrefix(strings.Join(cells, " "), name+" "+want)
		}
		if !found {
			t.Errorf("%s is not listed as %q:\n%s", name, want, p.Text("tbody"))
		}
	}
}

func TestADisabledPersonIsOutAtOnceAndMayComeBack(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, qa := c.As(store.Administrator), c.As(store.QA)
	stolen := c.CopyOf(qa)
	admin.Submit(admin.Get(c.At(store.QA)), `button[value="disable"]`, nil).Expect(http.StatusOK, "done.person_disabled")
	if qa.SignedIn() || stolen.SignedIn() {
		t.Fatal("a disabled person is signed in")
	}
	c.Visitor().SignInAs("qa", webtest.Password).Expect(http.StatusUnprocessableEntity, "signin.wrong")
	admin.Submit(admin.Get(c.At(store.QA)), `button[value="enable"]`, nil).Expect(http.StatusOK, "done.person_enabled")
	if qa.SignedIn() {
		t.Fatal("the session from before came back")
	}
	if p := c.Visitor().SignInAs("qa", webtest.Password); p.Path != "/" {
		t.Fatalf("at %s", p.Path)
	}
	admin.Post(c.At(store.QA)+"/state", url.Values{"do": {"delete"}}).Answers(http.StatusBadRequest)
}

func TestAResetByLinkEndsTheOldPasswordAndEverySession(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, qa := c.As(store.Administrator), c.As(store.QA)
	press := func() string {
		return admin.Submit(admin.Get(c.At(store.QA)), `form[action$="/password"] button`, nil).Expect(http.StatusOK, "people.reset_link", "Name", "qa").Once()
	}
	first, link := press(), press()
	if qa.SignedIn() {
		t.Error("the session goes on")
	}
	c.Visitor().SignInAs("qa", webtest.Password).Expect(http.StatusUnprocessableEntity, "signin.wrong")
	admin.Get("/settings/people").Expect(http.StatusOK, "people.locked")
	c.Visitor().Get(first).Expect(http.StatusOK, "reset.dead")
	b := c.Visitor()
	b.Submit(b.Get(link), "button.primary", func(form url.Values) { form.Set("password", "short") }).Expect(http.StatusUnprocessableEntity, "problem.min", "Param", 10)
	p := b.Submit(b.Get(link), "button.primary", func(form url.Values) { form.Set("password", "another long one"); form.Set("name", "administrator") })
	if p.Path != "/" || p.Text(".who .name") != "qa" {
		t.Fatalf("at %s as %q", p.Path, p.Text(".who .name"))
	}
	c.Visitor().Get(link).Expect(http.StatusOK, "reset.dead")
	c.Visitor().SignInAs("qa", webtest.Password).Expect(http.StatusUnprocessableEntity, "signin.wrong")
	if p := c.Visitor().SignInAs("qa", "another long one"); p.Path != "/" {
		t.Fatalf("at %s", p.Path)
	}
	late := press()
	c.Clock.Advance(72 * time.Hour)
	c.Visitor().Get(late).Expect(http.StatusOK, "reset.dead")
}

func TestSessionsAreEndedOneByOneAndAll(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, one, two, bystander := c.As(store.Administrator), c.As(store.QA), c.As(store.QA), c.As(store.Operator)
	hash := func(b *webtest.Browser) string {
		sum := sha256.Sum256([]byte(b.Session()))
		return hex.EncodeToString(sum[:])
	}
	page := admin.Get(c.At(store.QA))
	if got := page.Doc.Find(`button[name="session"]`).Length(); got != 3 || !strings.Contains(page.Text("main"), "127.0.0.1") {
		t.Fatalf("%d buttons: %s", got, page.Text("main"))
	}
	admin.Submit(page, `button[value="`+hash(one)+`"]`, webtest.Again).Expect(http.StatusOK, "done.sessions_ended")
	if one.SignedIn() || !two.SignedIn() {
		t.Fatalf("the ended one is signed in: %t, the other: %t", one.SignedIn(), two.SignedIn())
	}
	admin.Post(c.At(store.QA)+"/sessions", url.Values{"session": {hash(bystander)}, "current": {webtest.Password}}) // not theirs: nothing
	admin.Post(c.At(store.QA)+"/sessions", nil).Answers(http.StatusBadRequest)
	admin.Submit(page, `button[value="all"]`, webtest.Again)
	if two.SignedIn() || !bystander.SignedIn() {
		t.Fatal("all of theirs, and theirs alone, were to end")
	}
}

// What counts is the role in the current app.
// QA in one app sends to their own openid there, whatever they are elsewhere.
// An administrator of one app is none of the console.
// The store leaves an app to everybody; where it is not so all the same, nothing is open.
// The list of testers goes by the role in the app.
