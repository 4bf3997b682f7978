package pages

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// inspect looks at what the page would send as the send itself will, and at what lets
// whom it is for be sent to.
func (s *Site) inspect(ctx context.Context, v *visit, p *views.TemplatePage, m wechat.Message) (err error) {
	if p.SeeRights, p.SeeSends = v.may(auth.SeeRights), v.may(auth.SeeSends); !p.CanSend() {
		return nil
	}
	app := v.account.App.ID
	if p.Allowance.Makes, err = s.makes(ctx, v, m, p.Form); err != nil {
		return err
	}
	if err = s.said(ctx, v, p); err != nil {
		return err
	}
	p.Checks = v.account.Preflight().Check(ctx, store.Send{App: app}, m)
	for i, c := range p.Checks {
		switch {
		case c.State == dispatch.OK && unread(p.Problems, typedIn[c.ID]):
			p.Checks[i].State = dispatch.Skipped
		case c.ID == v.account.Kind.Allowance() && p.Allowance.Makes != "":
			p.Checks[i] = dispatch.Check{ID: c.ID, State: dispatch.OK}
		case c.ID == "openid" && m.ToUser == "": // nobody was chosen yet, which is no mistake
			p.Checks[i].State = dispatch.Skipped
		}
	}
	if !ledger.IsOpenID(m.ToUser) {
		return nil
	}
	if err := s.balance(ctx, v, m, p); err != nil {
		return err
	}
	right, _, err := s.Store.PeekAllowance(ctx, sendTo(v, m))
	if _, refused := errors.AsType[*ledger.Refusal](err); refused {
		return nil
	}
	p.Allowance.Until = right.ExpiresAt
	return err
}

// sendTo is a send of the kind that the page is about.
func sendTo(v *visit, m wechat.Message) store.Send {
	return store.Send{App: v.account.App.ID, Kind: v.account.Kind.Name(), OpenID: m.ToUser, TemplateID: m.TemplateID}
}

// balance is what is left for whom a message is to.
func (s *Site) balance(ctx context.Context, v *visit, m wechat.Message, p *views.TemplatePage) error {
	a := &p.Allowance
	if v.account.Kind.Allowance() == kind.Right {
		rights, err := s.Store.Balance(ctx, v.account.App.ID, m.ToUser)
		a.Left, a.Held = rights.Usable, rights.Held
		return err
	}
	c := p.Said[m.ToUser]
	a.Left, a.Held, a.Long = c.Left, c.Held, c.Long && c.Left > 0
	return nil
}

// said is what everybody whom the page could send to said to its template.
func (s *Site) said(ctx context.Context, v *visit, p *views.TemplatePage) (err error) {
	if v.account.Kind.Allowance() != kind.Consent {
		return nil
	}
	openIDs := []string{p.OwnID, p.Form.OpenID}
	for _, x := range p.People {
		openIDs = append(openIDs, x.OpenID)
	}
	p.Said, err = s.Store.ConsentsTo(ctx, v.account.App.ID, p.Template.ID, openIDs...)
	return err
}

// makes is what the sandbox makes as part of the send: the right that was chosen, or a
// form or a consent where there is nothing left; "" for none.
func (s *Site) makes(ctx context.Context, v *visit, m wechat.Message, form views.MessageForm) (string, error) {
	if !v.account.App.Sandbox || form.FormID != "" || !ledger.IsOpenID(form.OpenID) {
		return "", nil
	}
	_, _, err := s.Store.PeekAllowance(ctx, sendTo(v, m))
	refusal, refused := errors.AsType[*ledger.Refusal](err)
	switch {
	case refused && refusal.Reason != ledger.None: // a restore waits to be confirmed
		return "", nil
	case err != nil && !refused:
		return "", err
	case refused && v.account.Kind.Allowance() == kind.Consent:
		return kind.Consent, nil
	case v.account.Kind.Allowance() == kind.Right && (form.Under == ledger.Form || form.Under == ledger.Payment):
		return form.Under, nil
	case refused:
		return ledger.Form, nil
	}
	return "", nil
}

// typedIn are the controls whose values the checks look at.
var typedIn = map[string]string{"keywords": "v", "page": "page", "color": "c", "emphasis": "e", "openid": "touser",
	"right": "form_id"}

// unread tells whether something was typed in a control, or one of a list of them, that cannot be sent as it is: what
// stands in its place in the message is not what was typed.
func unread(problems ui.Problems, control string) bool {
	for name := range problems {
		if base, _, _ := strings.Cut(name, "-"); base == control {
			return true
		}
	}
	return false
}

// typedRight is the right that a send was asked to go out under, "" where it was
// left to us: then the message without one is what was asked for.
func typedRight(send store.Send, m wechat.Message) string {
	asked := m.FormID
	m.FormID = ""
	if body, err := m.MarshalJSON(); err == nil && sha256.Sum256(body) == send.BodyHash {
		return ""
	}
	return asked
}

// rightAgain is the right of a send that is repeated, "" where it allows no more:
// then another one is picked.
func (s *Site) rightAgain(ctx context.Context, send store.Send, formID string) (string, error) {
	right, err := s.Store.Right(ctx, send.App, formID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case right.State(s.Now()) != ledger.Usable:
		return "", nil
	}
	return formID, nil
}

// sendWait is for how long a page is kept back until a send has ended.
const sendWait = 5 * time.Second

// testSend sends the form's message once.
func (s *Site) testSend(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, form, problems, err := s.readMessage(r, v)
	if err != nil {
		return err
	}
	return s.deliver(w, r, v, t, form, problems)
}

// deliver is what every test send from a page goes through. It leads back to the
// template's page, which shows the outcome with everything still filled in; the script
// gets the parts of that page. Where there is no outcome yet, because a payment of a moment
// ago has to settle, it leads to the page of the send, which shows how long that can take.
func (s *Site) deliver(w http.ResponseWriter, r *http.Request, v *visit, t wechat.Template, form views.MessageForm,
	problems ui.Problems) error {
	if err := s.checkRecipient(r, v, s.Texts.In(v.lang), &form, problems); err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.drawMessage(w, r, v, t, form, problems, http.StatusUnprocessableEntity)
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.SendWait)
	defer cancel()
	asked := dispatch.Send{
		App: v.account.App.ID, Kind: v.account.Kind.Name(), Key: form.Key, Title: t.Title,
		PersonID: v.person.ID, PersonName: v.person.Name,
	}
	m := messageOf(t, form)
	asked = asked.Of(m)
	var err error
	if m.FormID, err = s.rightMade(r, v, t, form, m); err != nil {
		return s.notSent(w, r, v, t, form, err)
	}
	send, err := s.Sender.Send(ctx, v.account.Sender(s.Store.JournalOf(v.actor(r))), asked, m)
	if err != nil {
		return s.notSent(w, r, v, t, form, err)
	}
	switch {
	case fragment(r):
		return s.drawSent(w, r, v, t, send.ID)
	case send.Outcome == dispatch.Pending:
		return v.seeOther(w, r, ui.SendURL(send.ID), "")
	}
	return v.seeOther(w, r, ui.ReportedURL(send)+"#send", "")
}

// drawSent draws what a send has changed on its page.
func (s *Site) drawSent(w http.ResponseWriter, r *http.Request, v *visit, t wechat.Template, id int64) error {
	send, err := s.Store.Send(r.Context(), v.account.App.ID, id)
	if err != nil {
		return err
	}
	send = s.Sender.Latest(send)
	form := formOf(t, send)
	if form.FormID, err = s.rightAgain(r.Context(), send, form.FormID); err != nil {
		return err
	}
	p, err := s.messagePage(r, v, t, form, nil)
	if err != nil {
		return err
	}
	p.Send = &send
	report(&p)
	w.Header().Set("X-URL", v.below().At(ui.ReportedURL(send)))
	return s.render(w, r, http.StatusOK, views.SentParts(p))
}

// rightMade is the right that the message goes out under where the sandbox has to make
// one: what takes a phone elsewhere is part of the click here. A message that fails its other
// checks gets none, and a repeated click no second one.
func (s *Site) rightMade(r *http.Request, v *visit, t wechat.Template, form views.MessageForm, m wechat.Message) (string, error) {
	ctx, app := context.WithoutCancel(r.Context()), v.account.App
	source, err := s.makes(ctx, v, m, form)
	if err != nil || source == "" {
		return m.FormID, err
	}
	if _, err := s.Store.SendByKey(ctx, app.ID, form.Key); !errors.Is(err, store.ErrNotFound) {
		return m.FormID, err
	}
	checks := slices.DeleteFunc(v.account.Preflight().Check(ctx, store.Send{App: app.ID}, m),
		func(c dispatch.Check) bool { return c.ID == v.account.Kind.Allowance() })
	if !dispatch.Passes(checks) {
		return "", &dispatch.Blocked{Checks: checks}
	}
	if source == kind.Consent {
		return "", s.newConsent(r, v, t, form.OpenID, ledger.Accept)
	}
	return s.newRight(r, v, source, form.OpenID)
}

// notSent draws the form again, saying why nothing was sent.
func (s *Site) notSent(w http.ResponseWriter, r *http.Request, v *visit, t wechat.Template, form views.MessageForm,
	err error) error {
	words := s.Texts.In(v.lang)
	if errors.Is(err, dispatch.ErrKeyReused) {
		form.Key = "" // a new one: pressing again is a decision now
		return s.drawMessage(w, r, v, t, form, ui.Problems{"": words.T("template.key_reused")}, http.StatusConflict)
	}
	if blocked, ok := errors.AsType[*dispatch.Blocked](err); ok {
		return s.drawMessage(w, r, v, t, form, views.CheckProblems(words, v.account.Kind.Fields(t), blocked.Checks),
			http.StatusUnprocessableEntity)
	}
	// Somebody was faster, between our look at the right and our hand on it.
	if refused, ok := errors.AsType[*ledger.Refusal](err); ok {
		return s.drawMessage(w, r, v, t, form, ui.Problems{"form_id": text.RefusalText(words, refused)}, http.StatusConflict)
	}
	return err
}

// checkRecipient refuses at the door what WeChat would refuse (assumed from its errmsgs), and
// what a role may not do: QA sends to their own openid alone, whatever the form
// says and however often it says it.
func (s *Site) checkRecipient(r *http.Request, v *visit, t *text.Text, form *views.MessageForm,
	problems ui.Problems) error {
	if !v.may(auth.SendAny) {
		own, err := s.ownOpenID(r.Context(), v)
		if err != nil {
			return err
		}
		for _, given := range r.Form["touser"] {
			if given != own || own == "" {
				problems["touser"] = t.T("template.own_only")
				return s.Store.Record(r.Context(), v.actor(r), v.account.App.ID, store.ActSendRefused, "openid:"+text.Excerpt(given),
					"")
			}
		}
		form.OpenID = own
	}
	if form.OpenID == "" {
		problems["touser"] = t.T("template.need_openid")
	}
	switch id := form.FormID; {
	case strings.HasPrefix(id, "prepay_id="):
		problems["form_id"] = t.T("template.prepay_prefix")
	}
	if form.Key == "" || len(form.Key) > 128 {
		return errBadRequest
	}
	return nil
}
