package webtest

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"muban/store"
	"muban/wechat/ledger"
)

const StrangerID = "oStranger_0123456789-ABCDEFG"

const Customer = "oCustomer_123456789-ABCDEFGH"

var Sure = url.Values{"sure": {"yes"}}

const SendPath = "/cgi-bin/message/wxopen/template/send"

const SaveButton = `button[formaction$="/examples"]:not(.danger)`

// Report takes rights into the ledger, as a business server does.
func (c *Console) Report(reports ...ledger.Report) {
	c.T.Helper()
	receipts, err := c.Store.ReportRights(c.T.Context(), store.Actor{}, c.App().ID, reports)
	Must(c.T, err)
	for _, r := range receipts {
		if r.Refused != nil {
			c.T.Fatalf("%+v: %v", r.Right, r.Refused)
		}
	}
}

func With(form url.Values, name string, values ...string) url.Values {
	other := url.Values{}
	for k, v := range form {
		other[k] = v
	}
	other[name] = values
	return other
}

// FormReport is a form that openID submitted so long ago.
func FormReport(c *Console, openID, id string, ago time.Duration) ledger.Report {
	return ledger.Report{OpenID: openID, Source: ledger.Form, ID: id, When: c.Clock.Now().Add(-ago)}
}

// Example saves what the template's page shows under a name.
func (c *Console) Example(b *Browser, template, name string) *Page {
	c.T.Helper()
	return b.Submit(b.Get("/templates/"+template), SaveButton, func(form url.Values) { form.Set("save_as", name) }).
		Expect(http.StatusOK, "done.example_saved")
}

// Inject fills in the form of faults.
func (b *Browser) Inject(path, kind, value, times string) *Page {
	b.T.Helper()
	return b.Submit(b.Get("/sandbox"), `form[action$="/sandbox/fault"] button`, func(form url.Values) {
		form.Set("path", path)
		form.Set("kind", kind)
		form.Set("value", value)
		form.Set("times", times)
	})
}

func (c *Console) PaymentOf(openID, id string, ago time.Duration) ledger.Report {
	return ledger.Report{OpenID: openID, Source: ledger.Payment, ID: id, When: c.Clock.Now().Add(-ago)}
}

// AddTemplate adds keywords of title to the sandbox's account and answers the
// template_id; without keywords the first three.
func (c *Console) AddTemplate(b *Browser, title string, keywords ...string) string {
	c.T.Helper()
	if len(keywords) == 0 {
		keywords = b.KeywordsOf(title)[:3]
	}
	p := b.Post("/library/"+title, url.Values{"k": keywords, "do": {"account"}})
	_, id, added := strings.Cut(p.Path, "/templates/")
	id, _, _ = strings.Cut(id, "?")
	if p.Status != http.StatusOK || !added {
		c.T.Fatalf("no template was added: %d at %s\n%s", p.Status, p.Path, p.Text("main"))
	}
	return id
}

// KeywordsOf are the ids of a title's keywords, as its page offers them.
func (b *Browser) KeywordsOf(title string) []string {
	b.T.Helper()
	var ids []string
	for _, el := range b.Get("/library/" + title).Doc.Find("#chips button").EachIter() {
		_, id, _ := strings.Cut(el.AttrOr("value", ""), ":")
		ids = append(ids, id)
	}
	return ids
}

// SendButton is the green button of a template's page.
const SendButton = "#send-button"

// SendTest sends the message on the template's page to oneself: one click in the sandbox.
func (b *Browser) SendTest(template string) *Page {
	b.T.Helper()
	return b.Submit(b.Get("/templates/"+template), SendButton, nil)
}

// SubmitForm is a form that openID submits in the sandbox's mini program, reported by its business server.
func (c *Console) SubmitForm(openID string) (formID string) {
	c.T.Helper()
	formID, err := c.Sandbox.SubmitForm(c.App().AppID, openID)
	Must(c.T, err)
	c.Report(ledger.Report{OpenID: openID, Source: ledger.Form, ID: formID})
	return formID
}

// Prepare writes the message on a template's page to be sent under a new form of its recipient, which is typed.
func (c *Console) Prepare(b *Browser, p *Page, change func(form url.Values)) *Page {
	c.T.Helper()
	return b.Submit(p, `#message button[formaction$="/preview"]`, func(form url.Values) {
		if change != nil {
			change(form)
		}
		form.Set("form_id", c.SubmitForm(form.Get("touser")))
	})
}
