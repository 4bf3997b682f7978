package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

const confirmButton = `#restore form[action$="/settings/restore"] button`

func TestAfterARestoreMessagesGoOutOnceAnAdministratorConfirmsItOnAnyPage(t *testing.T) {
	t.Parallel()
	c, template, _ := webtest.Shop(t)
	c = c.Restored()
	admin, qa := c.As(store.Administrator), c.As(store.QA)
	for _, path := range []string{"/", "/library", "/templates/" + template, "/settings/me", "/sends/99", "/nowhere"} {
		p := admin.Get(path)
		if !p.Says("#restore", "restore.held") || !p.Says("#restore", "restore.why") || !p.Has(confirmButton) {
			t.Errorf("%s says nothing of the restore: %s", path, p.Text("main"))
		}
		if qa.Get(path).Has("#restore") {
			t.Errorf("%s: who may not confirm is asked to", path)
		}
	}
	qa.Post("/settings/restore", nil).Expect(http.StatusForbidden, "failure.forbidden.title")
	if p := qa.SendTest(template); p.Status < 400 || !p.Says("main", "check.right.restored") || c.Calls("/send") != 0 {
		t.Errorf("%d, %d calls: %s", p.Status, c.Calls("/send"), p.Text("main"))
	}
	other := admin.Get("/rules") // drawn before somebody confirms
	p := admin.Submit(admin.Get("/library?q=x"), confirmButton, nil).Expect(http.StatusOK, "done.restore_confirmed")
	if p.Has("#restore") || admin.Get("/").Has("#restore") || !strings.HasPrefix(p.Path, "/library?q=x") {
		t.Errorf("at %s: %s", p.Path, p.Text("main"))
	}
	qa.SendTest(template).Expect(http.StatusOK, "outcome.sent")
	admin.Submit(other, confirmButton, nil).Expect(http.StatusOK, "done.restore_confirmed")
	got := c.Activities(store.ActRestoreConfirm)
	if len(got) != 1 || got[0].PersonName != string(store.Administrator) {
		t.Errorf("%+v", got)
	}
}

func TestARestoreThatTheShellConfirmsIsConfirmedOnThePages(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t).Restored()
	b := c.As(store.Administrator)
	if !b.Get("/").Has(confirmButton) {
		t.Fatal("nothing is held")
	}
	webtest.Must(t, store.Data{Dir: c.Dir}.ConfirmRestore(t.Context(), t.Output()))
	if b.Get("/").Has("#restore") {
		t.Error("it is still asked for")
	}
}

func TestConfirmingARestoreLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	b := webtest.NewConsole(t).Restored().As(store.Administrator).Stopping()
	p := b.Post("/settings/restore", url.Values{"next": {"https://evil.example/"}})
	if got := p.Header.Get("Location"); p.Status != http.StatusSeeOther || got != "/?done=restore_confirmed" {
		t.Errorf("%d to %s", p.Status, got)
	}
}

func TestAKeyThatARestoreShutOpensOnceItIsConfirmed(t *testing.T) {
	t.Parallel()
	before := webtest.NewConsole(t)
	s := before.Caller("token")
	gone := before.Caller("token")
	c := before.Restored()
	server, b := c.WithKey(s.Key), c.As(store.Administrator)
	server.Get(webtest.SharedPath).Refused(http.StatusUnauthorized, "key_wrong")
	b.Get("/settings/keys").Expect(http.StatusOK, "keys.held")
	at := webtest.PathWith("/settings/keys/", s.ID)
	p := b.Get(at).Expect(http.StatusOK, "keys.held_why")
	if p.Has(`form[action$="/rotate"]`) {
		t.Error("what opens nothing is offered to be rotated")
	}
	opened := b.Submit(p, `form[action$="/confirm"] button`, nil).Expect(http.StatusOK, "done.key_confirmed")
	opened.Expect(http.StatusOK, "keys.live")
	server.Get(webtest.SharedPath).Into(&webtest.Lent{}) // with no time in between
	again := b.Submit(p, `form[action$="/confirm"] button`, nil)
	if again.Status != http.StatusOK || again.Has(`form[action$="/confirm"]`) {
		t.Errorf("%d at %s", again.Status, again.Path)
	}
	if got := c.Activities(store.ActKeyConfirm); len(got) != 1 {
		t.Errorf("%+v", got)
	}

	at = webtest.PathWith("/settings/keys/", gone.ID) // revoked, it is not opened by a page from before
	p = b.Get(at)
	b.Submit(p, "button.danger:not(#restore *)", nil).Expect(http.StatusOK, "done.key_revoked")
	b.Submit(p, `form[action$="/confirm"] button`, nil).Expect(http.StatusOK, "keys.revoked")
	c.WithKey(gone.Key).Get(webtest.SharedPath).Refused(http.StatusUnauthorized, "key_wrong")
	b.Post("/settings/keys/99/confirm", nil).Answers(http.StatusNotFound)
}
