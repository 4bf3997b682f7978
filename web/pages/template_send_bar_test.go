package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// barOf is what a send bar promises: the looks of its button, and what stands above it.
type barOf struct {
	Green, Off bool
	Strip      string // "ok", "bad", "warn", or "" for none
	Red        int    // checks that are said to fail
}

func bar(p *webtest.Page) barOf {
	button := p.Doc.Find(webtest.SendButton)
	_, disabled := button.Attr("disabled")
	b := barOf{Green: button.HasClass("primary"), Off: disabled || button.AttrOr("aria-disabled", "") == "true",
		Red: p.Doc.Find("#preflight .failed").Length()}
	for _, look := range []string{"ok", "bad", "warn"} {
		if p.Has("#went > ." + look) {
			b.Strip = look
		}
	}
	return b
}

func promises(p *webtest.Page, want barOf) {
	p.T.Helper()
	if got := bar(p); got != want {
		p.T.Errorf("%s promises %+v, want %+v:\n%s", p.Path, got, want, p.Text("#test-send"))
	}
}

func TestTheSendBarTellsHowItWentAndWhatIsNext(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	own := sandbox.OpenIDFor(c.App().AppID, "operator")
	page := openTemplate(c, b).Expect(http.StatusOK, "allowance.none_makes")
	promises(page, barOf{Green: true})

	sent := b.Submit(page, webtest.SendButton, nil).Expect(http.StatusOK, "template.sent_to", "Name", "operator").
		Expect(http.StatusOK, "template.send_another").Expect(http.StatusOK, "allowance.none_makes")
	promises(sent, barOf{Strip: "ok"})
	if !sent.Has(".landed") || sent.Doc.Find("#recent .fresh").Length() != 1 || rightIDOn(sent) != "" {
		t.Errorf("%s", sent.Text("main"))
	}
	if again := b.Submit(page, webtest.SendButton, nil); again.Path != sent.Path || len(c.Sends()) != 1 {
		t.Errorf("a click that is repeated leads to %s, after %d sends", again.Path, len(c.Sends()))
	}

	// Refused: the right that WeChat does not take is put away, and the next one is there.
	c.SubmitForm(own)
	c.Clock.Advance(time.Minute)
	c.SubmitForm(own)
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(41028)}))
	refused := b.Submit(sent, webtest.SendButton, nil).Expect(http.StatusOK, "errcode.41028.cause").
		Expect(http.StatusOK, "allowance.next_days", "Count", 6).Expect(http.StatusOK, "template.send")
	promises(refused, barOf{Green: true, Strip: "bad"})

	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Drop: "after"}))
	unknown := b.Submit(refused, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.unknown")
	promises(unknown, barOf{Off: true, Strip: "warn"})
	record := b.Get(unknown.Doc.Find("#went a").AttrOr("href", ""))
	decided := b.Get(sentTo(b.Submit(record, `button[value="yes"]`, nil).Doc.Find(`a[href*="?send="]`).AttrOr("href", "")))
	if got := bar(decided); !got.Green || got.Off {
		t.Errorf("once somebody has decided: %+v", got)
	}
	if got := bar(b.Get("/templates/" + templateIDOn(page))); !got.Green || got.Strip != "" {
		t.Errorf("opened anew: %+v", got)
	}
}

// sentTo is an address without the fragment, which no browser sends.
func sentTo(address string) string {
	path, _, _ := strings.Cut(address, "#")
	return path
}

// After a message arrived, what the next one lacks is said without alarm.
func TestOutsideTheSandboxTheBarSaysWhatToWaitFor(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	app := c.AddApp("wx0000000000000002")
	b := c.As(store.Operator).In(app)
	page := openTemplate(c, b).Expect(http.StatusOK, "allowance.nobody")
	promises(page, barOf{Off: true})
	to := func(form url.Values) { form.Set("touser", webtest.StrangerID) }
	none := b.Submit(page, `#message button[formaction$="/preview"]`, to).Expect(http.StatusOK, "allowance.none")
	promises(none, barOf{Off: true, Red: 1})

	_, err := c.Store.ReportRights(t.Context(), store.Actor{}, app.ID, []ledger.Report{{OpenID: webtest.StrangerID, Source: ledger.Form, ID: control(t, app, "POST", "/sandbox/forms", `{"appid":"`+app.AppID+`","openid":"`+webtest.StrangerID+`"}`)[len(`{"form_id":"`):][:32]}})
	webtest.Must(t, err)
	sent := b.Submit(page, webtest.SendButton, to).Expect(http.StatusOK, "outcome.sent").Expect(http.StatusOK, "allowance.none")
	promises(sent, barOf{Off: true, Strip: "ok"})
}

func TestQASeesThemselvesAndTheirOwnSendsAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator, qa := c.As(store.Operator), c.As(store.QA)
	id := templateIDOn(openTemplate(c, operator))
	operator.SendTest(id)
	page := qa.Get("/templates/"+id).Expect(http.StatusOK, "template.myself").Expect(http.StatusOK, "template.own_only_hint")
	if page.Has("#touser option") || page.Has(`a[href$="/delete"]`) || page.Has("#recent tbody tr") {
		t.Errorf("%s", page.Text("main"))
	}
	sent := qa.SendTest(id).Expect(http.StatusOK, "template.recent_own")
	if sent.Doc.Find("#recent tbody tr").Length() != 1 || !sent.Says("#recent tbody tr", "template.myself") {
		t.Errorf("%s", sent.Text("#recent"))
	}
	if manager := c.As(store.ProductManager).Get("/templates/" + id); manager.Has(webtest.SendButton) || manager.Has("#recent tbody tr") {
		t.Error("a product manager is offered a send, or shown those of others")
	}
}

// The script gets what a send has changed, and nothing that somebody types in beside what the send has used.
func TestASendByTheScriptIsDrawnInItsPlace(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	page := openTemplate(c, b)
	form, target := webtest.Controls(page.Doc.Find("#message")), "/templates/"+templateIDOn(page)+"/send"
	sent := b.Fragment(target, form)
	if sent.Status != http.StatusOK || strings.Contains(sent.Body, "<html") || sent.Has("textarea, select") || bar(sent) != (barOf{Strip: "ok"}) {
		t.Fatalf("%d: %s", sent.Status, sent.Body)
	}
	if got := b.Get(sent.Header.Get("X-URL")); bar(got) != bar(sent) || got.Text("#went strong") != sent.Text("#went strong") {
		t.Errorf("%s tells %s", got.Path, got.Text("#went"))
	}
	key := sent.Doc.Find("#key").AttrOr("value", "")
	if key == "" || key == form.Get("key") {
		t.Error("the next message has the key of this one")
	}
	if again := b.Fragment(target, form); again.Header.Get("X-URL") != sent.Header.Get("X-URL") || len(c.Sends()) != 1 {
		t.Errorf("%d sends", len(c.Sends()))
	}
	other := b.Fragment(target, webtest.With(form, "v", "x", "y"))
	if other.Status != http.StatusConflict || !other.Has("#went .banner.bad") || other.Doc.Find("#key").AttrOr("value", "") == form.Get("key") {
		t.Errorf("%d: %s", other.Status, other.Body)
	}
}
