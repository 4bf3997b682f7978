package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/auth"
	"muban/web/webtest"
)

// Every page where a password is chosen refuses one that is easily guessed, and keeps the rest of the form.
func TestFault52_EasyPasswordsAreRefusedOnEveryPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, qa := c.As(store.Administrator), c.As(store.QA)
	join := c.Invite(admin, "zhaoyun", nil)
	reset := admin.Submit(admin.Get(c.At(store.Operator)), `form[action$="/password"] button`, nil).Once()
	empty := webtest.NewEmptyConsole(t, "once")
	for name, page := range map[string]*webtest.Page{
		"join": c.Visitor().Get(join), "reset": c.Visitor().Get(reset), "set-up": empty.Visitor().Get("/set-up?token=once"), "my page": qa.Get("/settings/me"),
	} {
		b, button := c.Visitor(), "button.primary"
		switch name {
		case "my page":
			b, button = qa, `form[action$="/password"] button`
		case "set-up":
			b = empty.Visitor()
		}
		for _, password := range []string{"weixin123456", "          ", "P@ssw0rd2024", "administrator", "woaini5201314"} {
			p := b.Submit(page, button, func(form url.Values) {
				form.Set("password", password)
				if name == "my page" {
					webtest.Again(form)
				}
			})
			if p.Status != http.StatusUnprocessableEntity || !p.Has("#password[aria-invalid]") {
				t.Errorf("%s: %q: %d", name, password, p.Status)
			}
		}
	}
}

func TestFault53_NamesThatDeceiveAreRefusedOnEveryPage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin := c.As(store.Administrator)
	join := c.Invite(admin, "zhaoyun", nil)
	empty := webtest.NewEmptyConsole(t, "once")
	for _, name := range []string{"аdministrator", "admin\u200b", "x\u202ey", "a\tqa\tb"} {
		for where, p := range map[string]*webtest.Page{
			"join":       c.Visitor().Submit(c.Visitor().Get(join), "button.primary", func(form url.Values) { form.Set("name", name); form.Set("password", "a long password") }),
			"set-up":     empty.Visitor().Submit(empty.Visitor().Get("/set-up?token=once"), "button.primary", func(form url.Values) { form.Set("name", name); form.Set("password", "a long password") }),
			"invitation": admin.Submit(admin.Get("/settings/people"), `form[action$="/settings/people"] button`, func(form url.Values) { form.Set("invitee", name) }),
		} {
			if p.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %+q: %d", where, name, p.Status)
			}
		}
	}
	// Of one script, and like a colleague's.
	p := c.Visitor().Submit(c.Visitor().Get(join), "button.primary", func(form url.Values) { form.Set("name", "ореrаtог"); form.Set("password", "a long password") })
	if p.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d", p.Status)
	}
}

// A session that was left open or stolen is not enough.
func TestFault52_WhatKeepsOthersOutAsksForThePasswordAgain(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	admin, qa, other := c.As(store.Administrator), c.As(store.QA), c.As(store.QA)
	shown := qa.Submit(qa.Get("/settings/me/factor"), "main .primary", nil)
	phone := &webtest.Phone{C: c, Secret: strings.ReplaceAll(shown.Text("main .copyable code"), " ", "")}
	for _, typed := range []string{"", "guess"} {
		again := func(form url.Values) { form.Set("current", typed); form.Set("code", phone.Code(0)) }
		for where, p := range map[string]*webtest.Page{
			"a second factor":       qa.Submit(shown, "main .primary", again),
			"one's own sessions":    qa.Submit(qa.Get("/settings/me"), `button[value="all"]`, again),
			"somebody's sessions":   admin.Submit(admin.Get(c.At(store.QA)), `button[value="all"]`, again),
			"somebody's own factor": qa.Post("/settings/me/factor/off", url.Values{"current": {typed}}),
		} {
			if p.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s after %q: %d", where, typed, p.Status)
			}
		}
	}
	if access, err := c.Store.PersonAccess(t.Context(), c.Person(store.QA).ID); err != nil || access.SecondFactor || !other.SignedIn() {
		t.Errorf("%+v (%v), the other session goes on: %t", access, err, other.SignedIn())
	}
	c.Confirm(qa, shown)
	p := admin.Submit(admin.Get(c.At(store.QA)), `form[action$="/factor"] button`, func(form url.Values) { form.Set("current", "guess") })
	if access, err := c.Store.PersonAccess(t.Context(), c.Person(store.QA).ID); err != nil || !access.SecondFactor || p.Status != http.StatusUnprocessableEntity {
		t.Errorf("somebody's factor: %d, %+v (%v)", p.Status, access, err)
	}
}

func TestFault52_RecoveryCodesAreHashedAsPasswordsAre(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.SetUp(c.As(store.QA))
	codes, err := c.Store.RecoveryCodes(t.Context(), c.Person(store.QA).ID)
	webtest.Must(t, err)
	for _, code := range codes {
		if !strings.HasPrefix(code, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("%q", code)
		}
	}
	if len(codes) != 10 {
		t.Errorf("%d codes", len(codes))
	}
}

func TestFault49_ExportsAndRefusalsLeaveATrace(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator, qa := c.As(store.Operator), c.As(store.QA)
	admin := c.As(store.Administrator)
	for i, path := range []string{"/sends.csv?text=x", "/rights.csv", "/rights/leaving.csv", "/templates/export?format=csv", "/templates/export?format=json"} {
		operator.Get(path).Answers(http.StatusOK)
		got := c.Activities(store.ActExport)
		if len(got) != i+1 || got[0].PersonName != "operator" || !strings.HasPrefix("page:"+path, got[0].Object) {
			t.Fatalf("%s: %+v", path, got)
		}
	}
	admin.Get("/activity/export?all=true").Answers(http.StatusOK)
	operator.Get("/templates/import/sample") // nobody's data
	operator.Get("/templates/export?format=x").Answers(http.StatusBadRequest)
	qa.Get("/settings/people").Answers(http.StatusForbidden)
	r, err := http.NewRequest(http.MethodPost, c.URL+"/settings/people", strings.NewReader("x=y"))
	webtest.Must(t, err)
	r.Header.Set("Origin", "https://evil.example")
	admin.Do(r)
	c.WithKey("muban_aaaaaaaa_" + strings.Repeat("b", 26)).Get("/api/v1/access_token")
	c.Caller("send").Get("/api/v1/access_token")
	log := c.Log.String()
	for event, want := range map[auth.Event]int{auth.EventExport: 6, auth.EventRefused: 2, auth.EventCrossSite: 1, auth.EventWrongKey: 1} {
		if n := strings.Count(log, "level=WARN msg=\""+string(event)); n != want {
			t.Errorf("%q: %d lines, want %d", event, n, want)
		}
	}
	if n := len(c.Activities(store.ActExport)); n != 6 {
		t.Errorf("the log has %d exports", n)
	}
}

// A flood leaves a few lines, and one that says how many there were.
func TestFault49_AFloodOfRefusalsIsCutShort(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	qa := c.As(store.QA)
	for range 50 {
		qa.Get("/settings/people").Answers(http.StatusForbidden)
	}
	if n := strings.Count(c.Log.String(), string(auth.EventRefused)); n != 30 {
		t.Errorf("%d lines", n)
	}
	c.Clock.Advance(61e9)
	c.KeepHouse()
	if !strings.Contains(c.Log.String(), "left_out=20") {
		t.Error("nothing says how many were left out")
	}
}
