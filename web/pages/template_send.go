package pages

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
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

// inspect looks at what the page would send as the send itself will, and at the
// rights of whom it is for.
func (s *Site) inspect(ctx context.Context, v *visit, p *views.TemplatePage, m wechat.Message) (err error) {
	if p.SeeRights, p.SeeSends = v.may(auth.SeeRights), v.may(auth.SeeSends); !p.CanSend() {
		return nil
	}
	app := v.account.App.ID
	p.Checks = v.account.Preflight().Check(ctx, app, m)
	for i, c := range p.Checks {
		if c.State == dispatch.OK && unread(p.Problems, typedIn[c.ID]) {
			p.Checks[i].State = dispatch.Skipped
		}
	}
	if !ledger.IsOpenID(m.ToUser) {
		return nil
	}
	if p.Picked.Standing, err = s.Store.Balance(ctx, app, m.ToUser); err != nil {
		return err
	}
	right, _, err := s.Store.PeekRight(ctx, app, m.ToUser, "")
	if _, refused := errors.AsType[*ledger.Refusal](err); refused {
		return nil
	}
	p.Picked.Right = &right
	return err
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
	t, err := v.account.Recall(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	var form views.MessageForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	return s.deliver(w, r, v, t, form, problems)
}

// deliver is what every test send from a page goes through. It leads back to the
// template's page, which shows the outcome with everything still filled in. Where
// there is none yet, because a payment of a moment ago has to settle, it leads to the
// page of the send, which shows how long that can take.
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
	asked := dispatch.Send{App: v.account.App.ID, Key: form.Key, Title: t.Title, PersonID: v.person.ID,
		PersonName: v.person.Name}
	send, err := s.Sender.Send(ctx, v.account.Sender(s.Store.JournalOf(v.actor(r))), asked, messageOf(t, form))
	if err != nil {
		return s.notSent(w, r, v, t, form, err)
	}
	if send.Outcome == dispatch.Pending {
		return v.seeOther(w, r, ui.SendURL(send.ID), "")
	}
	return v.seeOther(w, r, ui.ReportedURL(send), "")
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
		return s.drawMessage(w, r, v, t, form, views.CheckProblems(words, kind.Template.Fields(t), blocked.Checks),
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
