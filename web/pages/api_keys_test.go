package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
)

func TestFault32_AKeyIsShownOnceAndOpensFromThenOn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	p := b.NewKey(nil).Expect(http.StatusOK, "newkey.once")
	key := p.Text(".new-key code")
	if !webtest.KeyForm.MatchString(key) || p.Header.Get("Cache-Control") != "no-store" || strings.Contains(p.Path, key[15:]) {
		t.Fatalf("%q at %s", key, p.Path)
	}
	if n := strings.Count(p.Body, key[15:]); n != 2 { // the code and its copy button
		t.Errorf("the key stands %d times on the page", n)
	}
	c.WithKey(key).Get(webtest.SharedPath).Into(&webtest.Lent{})

	list := b.Get("/settings/keys").Shows(http.StatusOK, "orders")
	if strings.Contains(list.Body+b.Get("/settings/keys/1").Body, key[15:]) {
		t.Error("the key is shown again")
	}
	if got := list.Text("tbody tr"); !strings.Contains(got, key[:14]) || !strings.Contains(got, "Tokens") || !strings.Contains(got, "Live") {
		t.Errorf("the list says %q", got)
	}
	if got := c.Activities(store.ActKeyAdd); len(got) != 1 || got[0].PersonName != string(store.Administrator) {
		t.Errorf("%+v", got)
	}
}

func TestAKeyNeedsANameAndSomethingItIsFor(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	for name, change := range map[string]func(url.Values){
		"no name":      func(f url.Values) { f.Set("name", "") },
		"a blank name": func(f url.Values) { f.Set("name", "　 ") },
		"no scope":     func(f url.Values) { f.Del("scope") },
		"a made-up":    func(f url.Values) { f.Set("scope", "everything") },
		"another life": func(f url.Values) { f.Set("days", "36500") },
	} {
		if p := b.NewKey(change); p.Status != http.StatusUnprocessableEntity || !p.Has(".banner.bad a, .banner.bad li") || webtest.KeyForm.MatchString(p.Body) {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	p := b.NewKey(func(f url.Values) { f.Set("name", ""); f["scope"] = []string{"rights", "metrics"}; f.Set("days", "90") })
	if !p.Has(`input[value=rights][checked]`) || !p.Has(`input[value=metrics][checked]`) || p.Has(`input[value=token][checked]`) || !p.Has(`option[value="90"][selected]`) {
		t.Error("the form is not refilled")
	}
	if keys, err := c.Store.APIKeys(t.Context(), c.App().ID); err != nil || len(keys) != 0 {
		t.Errorf("%v, %v", keys, err)
	}
}

func TestFault32_ARevokedKeyIsDeadFromTheNextCallOn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, s := c.As(store.Administrator), c.Caller("token")
	s.Get(webtest.SharedPath).Into(&webtest.Lent{})
	c.Muban.KeepHouse(t.Context())
	at := webtest.PathWith("/settings/keys/", s.ID)
	p := b.Get(at).Expect(http.StatusOK, "keys.in_use")
	b.Submit(p, "button.danger", nil).Expect(http.StatusUnprocessableEntity, "keys.need_sure")
	s.Get(webtest.SharedPath).Into(&webtest.Lent{})
	b.Submit(p, "button.danger", func(f url.Values) { f.Set("sure", "yes") }).Expect(http.StatusOK, "done.key_revoked")
	s.Get(webtest.SharedPath).Refused(http.StatusUnauthorized, "key_wrong") // with no time in between

	b.Get("/settings/keys").Expect(http.StatusOK, "keys.none")
	b.Get("/settings/keys?state=all").Expect(http.StatusOK, "keys.revoked")
	if p := b.Get(at); p.Has("button.danger") || p.Has(`form[action$="/rotate"]`) {
		t.Error("a dead key is offered to be ended again")
	}
	if p := b.Post(at+"/rotate", url.Values{"hours": {"24"}, "days": {"0"}}); p.Status != http.StatusConflict {
		t.Errorf("a dead key is rotated: %d", p.Status)
	}
}

func TestAKeyThatNobodyUsedIsRevokedWithOneClick(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, s := c.As(store.Administrator), c.Caller("token")
	b.Submit(b.Get(webtest.PathWith("/settings/keys/", s.ID)), "button.danger", nil).Expect(http.StatusOK, "done.key_revoked")
}

func TestWhileAKeyIsRotatedBothOpen(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, s := c.As(store.Administrator), c.Caller("token")
	s.Get(webtest.SharedPath).Into(&webtest.Lent{})
	p := b.Submit(b.Get(webtest.PathWith("/settings/keys/", s.ID)), `form[action$="/rotate"] button`, nil).Expect(http.StatusOK, "newkey.until")
	next := c.WithKey(p.Text(".new-key code"))
	next.Get(webtest.SharedPath).Into(&webtest.Lent{})
	s.Get(webtest.SharedPath).Into(&webtest.Lent{})
	b.Get("/settings/keys").Expect(http.StatusOK, "keys.ending")
	c.Clock.Advance(24*time.Hour + time.Second)
	s.Get(webtest.SharedPath).Refused(http.StatusUnauthorized, "key_wrong")
	next.Get(webtest.SharedPath).Into(&webtest.Lent{})

	b = c.As(store.Administrator)
	p = b.Submit(b.Get("/settings/keys/2"), `form[action$="/rotate"] button`, func(f url.Values) { f.Set("hours", "0") })
	next.Get(webtest.SharedPath).Refused(http.StatusUnauthorized, "key_wrong") // at once
	c.WithKey(p.Text(".new-key code")).Get(webtest.SharedPath).Into(&webtest.Lent{})
}

func TestFault27_AKeyOfAnotherAppIsNotFound(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	other := c.AddApp("wx0000000000000002")
	b := c.As(store.Administrator)
	s := c.ServerOf(other.ID, "token")
	at := webtest.PathWith("/settings/keys/", s.ID)
	for _, p := range []*webtest.Page{b.Get(at), b.Post(at+"/revoke", url.Values{"sure": {"yes"}}), b.Post(at+"/rotate", url.Values{"hours": {"0"}, "days": {"0"}})} {
		if p.Status != http.StatusNotFound {
			t.Errorf("%d at %s", p.Status, p.Path)
		}
	}
	s.Get("/api/v1/access_token").Into(&webtest.Lent{})
	b.In(other).Get(at).Shows(http.StatusOK, "orders")
}
