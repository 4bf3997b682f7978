package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"muban/store"
)

var keyForm = regexp.MustCompile(`muban_[a-z2-7]{8}_[a-z2-7]{26}`)

// newKeyOn fills in the form for a key and answers the page that shows it.
func (b *browser) newKey(change func(url.Values)) *page {
	b.t.Helper()
	return b.submit(b.get("/settings/keys"), "main form button.primary", func(form url.Values) {
		form.Set("name", "orders")
		if change != nil {
			change(form)
		}
	})
}

func TestFault32_AKeyIsShownOnceAndOpensFromThenOn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	p := b.newKey(nil).expect(http.StatusOK, "shown this once")
	key := p.text(".new-key code")
	if !keyForm.MatchString(key) || p.header.Get("Cache-Control") != "no-store" || strings.Contains(p.path, key[15:]) {
		t.Fatalf("%q at %s", key, p.path)
	}
	if n := strings.Count(p.body, key[15:]); n != 2 { // the code and its copy button
		t.Errorf("the key stands %d times on the page", n)
	}
	c.withKey(key).get(sharedPath).into(&lent{})

	list := b.get("/settings/keys").expect(http.StatusOK, "orders")
	if strings.Contains(list.body+b.get("/settings/keys/1").body, key[15:]) {
		t.Error("the key is shown again")
	}
	if got := list.text("tbody tr"); !strings.Contains(got, key[:14]) || !strings.Contains(got, "Tokens") || !strings.Contains(got, "Live") {
		t.Errorf("the list says %q", got)
	}
	if got := c.activities(store.ActKeyAdd); len(got) != 1 || got[0].PersonName != string(store.Administrator) {
		t.Errorf("%+v", got)
	}
}

func TestAKeyNeedsANameAndSomethingItIsFor(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	for name, change := range map[string]func(url.Values){
		"no name":      func(f url.Values) { f.Set("name", "") },
		"a blank name": func(f url.Values) { f.Set("name", "　 ") },
		"no scope":     func(f url.Values) { f.Del("scope") },
		"a made-up":    func(f url.Values) { f.Set("scope", "everything") },
		"another life": func(f url.Values) { f.Set("days", "36500") },
	} {
		if p := b.newKey(change); p.status != http.StatusUnprocessableEntity || !p.has(".banner.bad a, .banner.bad li") || keyForm.MatchString(p.body) {
			t.Errorf("%s: %d %s", name, p.status, p.text("main"))
		}
	}
	p := b.newKey(func(f url.Values) { f.Set("name", ""); f["scope"] = []string{"rights", "metrics"}; f.Set("days", "90") })
	if !p.has(`input[value=rights][checked]`) || !p.has(`input[value=metrics][checked]`) || p.has(`input[value=token][checked]`) || !p.has(`option[value="90"][selected]`) {
		t.Error("the form is not refilled")
	}
	if keys, err := c.store.APIKeys(t.Context(), c.app().ID); err != nil || len(keys) != 0 {
		t.Errorf("%v, %v", keys, err)
	}
}

func TestFault32_ARevokedKeyIsDeadFromTheNextCallOn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, s := c.as(store.Administrator), c.caller("token")
	s.get(sharedPath).into(&lent{})
	c.server.KeepHouse(t.Context())
	at := pathWith("/settings/keys/", s.id)
	p := b.get(at).expect(http.StatusOK, "A server has used it within 24 hours")
	b.submit(p, "button.danger", nil).expect(http.StatusUnprocessableEntity, "This key is in use")
	s.get(sharedPath).into(&lent{})
	b.submit(p, "button.danger", func(f url.Values) { f.Set("sure", "yes") }).expect(http.StatusOK, "The key is revoked")
	s.get(sharedPath).refused(http.StatusUnauthorized, "key_wrong") // with no time in between

	b.get("/settings/keys").expect(http.StatusOK, "There is no live API key")
	b.get("/settings/keys?state=all").expect(http.StatusOK, "Revoked")
	if p := b.get(at); p.has("button.danger") || p.has(`form[action$="/rotate"]`) {
		t.Error("a dead key is offered to be ended again")
	}
	if p := b.post(at+"/rotate", url.Values{"hours": {"24"}, "days": {"0"}}); p.status != http.StatusConflict {
		t.Errorf("a dead key is rotated: %d", p.status)
	}
}

func TestAKeyThatNobodyUsedIsRevokedWithOneClick(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, s := c.as(store.Administrator), c.caller("token")
	b.submit(b.get(pathWith("/settings/keys/", s.id)), "button.danger", nil).expect(http.StatusOK, "The key is revoked")
}

func TestWhileAKeyIsRotatedBothOpen(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, s := c.as(store.Administrator), c.caller("token")
	s.get(sharedPath).into(&lent{})
	p := b.submit(b.get(pathWith("/settings/keys/", s.id)), `form[action$="/rotate"] button`, nil).expect(http.StatusOK, "The old key opens until")
	next := c.withKey(p.text(".new-key code"))
	next.get(sharedPath).into(&lent{})
	s.get(sharedPath).into(&lent{})
	b.get("/settings/keys").expect(http.StatusOK, "Ends soon")
	c.clock.Advance(24*time.Hour + time.Second)
	s.get(sharedPath).refused(http.StatusUnauthorized, "key_wrong")
	next.get(sharedPath).into(&lent{})

	b = c.as(store.Administrator)
	p = b.submit(b.get("/settings/keys/2"), `form[action$="/rotate"] button`, func(f url.Values) { f.Set("hours", "0") })
	next.get(sharedPath).refused(http.StatusUnauthorized, "key_wrong") // at once
	c.withKey(p.text(".new-key code")).get(sharedPath).into(&lent{})
}

func TestFault27_AKeyOfAnotherAppIsNotFound(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	other := c.addApp("wx0000000000000002")
	b := c.as(store.Administrator)
	s := c.serverOf(other.ID, "token")
	at := pathWith("/settings/keys/", s.id)
	for _, p := range []*page{b.get(at), b.post(at+"/revoke", url.Values{"sure": {"yes"}}), b.post(at+"/rotate", url.Values{"hours": {"0"}, "days": {"0"}})} {
		if p.status != http.StatusNotFound {
			t.Errorf("%d at %s", p.status, p.path)
		}
	}
	s.get("/api/v1/access_token").into(&lent{})
	b.in(other).get(at).expect(http.StatusOK, "orders")
}
