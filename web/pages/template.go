package pages

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/audit"
	"muban/wechat/kind"
)

// template is a template's page: prefilled with the examples, with what the URL
// holds, or with an earlier send ("?send=" after sending, "?again=" to repeat).
func (s *Site) template(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	t, stale, err := templateOrLast(r, v)
	if errors.Is(err, account.ErrNoTemplate) {
		return s.goneTemplate(w, r, v, stale)
	}
	if err != nil {
		return err
	}
	form, problems, err := s.askedMessage(r, v, t)
	if err != nil {
		return err
	}
	earlier, err := s.earlierSend(r, v, t)
	if err != nil {
		return err
	}
	if earlier != nil {
		if form = formOf(t, *earlier); !q.Has("send") {
			if form.FormID, err = s.rightAgain(r.Context(), *earlier, form.FormID); err != nil {
				return err
			}
		}
	}
	p, err := s.messagePage(r, v, t, form, problems)
	if err != nil {
		return err
	}
	p.Stale = stale
	if p.Send = earlier; earlier != nil && q.Has("send") {
		p.MayDecide = v.mayDecide(*earlier)
		outcome := ui.OutcomeOf(*earlier)
		p.Outcome = &outcome
	}
	return s.render(w, r, http.StatusOK, views.Template(p))
}

// askedMessage is the form that the URL asks for: a saved example ("?example=") or
// else the keywords' own, with the recipient and right that are named beside it; or
// a message written out.
func (s *Site) askedMessage(r *http.Request, v *visit, t wechat.Template) (views.MessageForm, ui.Problems, error) {
	q, form := r.URL.Query(), examples(t)
	if q.Has("example") {
		x, err := s.exampleOf(r, v, t.ID, q.Get("example"))
		if err != nil {
			return form, nil, err
		}
		form = formOfExample(t, x)
	}
	if !q.Has("v") && !q.Has("form_id") && !q.Has("touser") {
		return form, ui.Problems{}, nil
	}
	var asked views.MessageForm // an empty one: the decoder appends to what a list holds
	problems := s.forms.fill(q, s.Texts.In(v.lang), &asked)
	switch {
	case q.Has("example"):
		form.OpenID, form.FormID = asked.OpenID, asked.FormID
		return form, problems, nil
	case !q.Has("v"):
		asked.Values = form.Values
	}
	return asked, problems, nil
}

// earlierSend is the send that "send" or "again" in the URL names, nil for none.
func (s *Site) earlierSend(r *http.Request, v *visit, t wechat.Template) (*store.Send, error) {
	q := r.URL.Query()
	text := q.Get("send") + q.Get("again")
	if text == "" || !v.may(auth.SeeSends) {
		return nil, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, errNotFound
	}
	send, err := s.Store.Send(r.Context(), v.account.App.ID, id)
	if err == nil && send.TemplateID != t.ID {
		err = errNotFound
	}
	send = s.Sender.Latest(send)
	return &send, err
}

// examples prefills every value with its keyword's example.
func examples(t wechat.Template) views.MessageForm {
	var f views.MessageForm
	for _, field := range kind.Template.Fields(t) {
		f.Values, f.Colors = append(f.Values, field.Example), append(f.Colors, "")
	}
	return f
}

// formOf is the form that a recorded send was made from.
func formOf(t wechat.Template, send store.Send) views.MessageForm {
	var m wechat.Message
	_ = json.Unmarshal(send.Request, &m) // we wrote it; an empty form is still a form
	f := formOfMessage(t, m)
	f.OpenID, f.FormID = m.ToUser, typedRight(send, m)
	return f
}

// formOfMessage is what a message says, without recipient and right.
func formOfMessage(t wechat.Template, m wechat.Message) views.MessageForm {
	f := views.MessageForm{Page: m.Page}
	for i, field := range kind.Template.Fields(t) {
		d := datumOf(m, field.Key)
		f.Values, f.Colors = append(f.Values, d.Value), append(f.Colors, d.Color)
		if m.Emphasis == field.Key {
			f.Emphasis = i + 1
		}
	}
	return f
}

// messageOf is the message that a form stands for.
func messageOf(t wechat.Template, f views.MessageForm) wechat.Message {
	m := wechat.Message{ToUser: f.OpenID, TemplateID: t.ID, Page: f.Page, FormID: f.FormID}
	fields := kind.Template.Fields(t)
	for i, field := range fields {
		m.Data = append(m.Data, wechat.Datum{Key: field.Key, Value: ui.Nth(f.Values, i), Color: ui.Nth(f.Colors, i)})
	}
	switch {
	case f.Emphasis > 0 && f.Emphasis <= len(fields):
		m.Emphasis = fields[f.Emphasis-1].Key
	case f.Emphasis != 0: // for the check to refuse, as WeChat would
		m.Emphasis = "keyword" + strconv.Itoa(f.Emphasis)
	}
	return m
}

// messagePage draws the card, the JSON and the command of one form.
func (s *Site) messagePage(r *http.Request, v *visit, t wechat.Template, f views.MessageForm,
	problems ui.Problems) (views.TemplatePage, error) {
	p := views.TemplatePage{
		Page: s.page(r, v), Template: t, Fields: kind.Template.Fields(t), Problems: problems,
		MaySend: v.may(auth.SendSelf), OwnOnly: !v.may(auth.SendAny), MayDel: v.may(auth.Delete),
	}
	var err error
	if p.Story, err = s.story(r, v, t.ID); err != nil {
		return p, err
	}
	if p.OwnID, err = s.ownOpenID(r.Context(), v); err != nil {
		return p, err
	}
	if err = s.around(r, v, &p); err != nil {
		return p, err
	}
	if f.Key == "" {
		f.Key = newKey()
	}
	if p.OwnOnly || f.OpenID == "" && p.IsSandbox() {
		f.OpenID = p.OwnID
	}
	m := messageOf(t, f)
	p.Form, p.Request, p.Card = f, m.Pretty(), s.cardOf(v, t, m)
	p.Curl = views.Curl(apiBase(v.account.App), m.Pretty())
	p.Share = shareURL(t, f)
	p.Findings = audit.CheckValues(f.Values)
	return p, s.inspect(r.Context(), v, &p, m)
}

// shareURL is the preview as an address: the message without recipient and
// right, which are nobody else's business.
func shareURL(t wechat.Template, f views.MessageForm) string {
	q := url.Values{"v": f.Values, "c": f.Colors}
	if f.Emphasis != 0 {
		q.Set("e", strconv.Itoa(f.Emphasis))
	}
	if f.Page != "" {
		q.Set("page", f.Page)
	}
	if strings.Join(f.Colors, "") == "" {
		q.Del("c")
	}
	u := url.URL{Path: "/templates/" + t.ID, RawQuery: q.Encode()}
	return u.RequestURI()
}

// apiBase is the address that a command copied from here should call: the
// simulation of this process cannot be called from outside, so for it WeChat's own.
func apiBase(app store.App) string {
	if app.Sandbox {
		return wechat.DefaultBase
	}
	return app.Base
}

// previewMessage draws a form without sending it: the parts for a live preview,
// the whole page without the script.
func (s *Site) previewMessage(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, err := v.account.Recall(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	var form views.MessageForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	p, err := s.messagePage(r, v, t, form, problems)
	if err != nil {
		return err
	}
	if fragment(r) {
		w.Header().Set("X-URL", v.below().At(p.Share))
		return s.render(w, r, http.StatusOK, views.TemplateParts(p))
	}
	return s.render(w, r, listStatus(problems), views.Template(p))
}

// makeRight submits a form or pays in the sandbox, as the recipient that stands
// in the form, and puts the result into it.
func (s *Site) makeRight(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.account.App.Sandbox {
		return errNotFound
	}
	t, err := v.account.Recall(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	var form views.MessageForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if problems["touser"] == "" {
		if form.OpenID == "" || !v.may(auth.SendAny) {
			if form.OpenID, err = s.ownOpenID(r.Context(), v); err != nil {
				return err
			}
		}
		if form.FormID, err = s.newRight(r, v, r.PostForm.Get("kind"), form.OpenID); err != nil {
			return err
		}
	}
	return s.drawMessage(w, r, v, t, form, problems, listStatus(problems))
}

// drawMessage draws a form that was posted and not sent, with what is wrong.
func (s *Site) drawMessage(w http.ResponseWriter, r *http.Request, v *visit, t wechat.Template,
	form views.MessageForm, problems ui.Problems, status int) error {
	p, err := s.messagePage(r, v, t, form, problems)
	if err != nil {
		return err
	}
	return s.render(w, r, status, views.Template(p))
}

// useTemplate shows how a program sends the template's messages.
func (s *Site) useTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, stale, err := templateOrLast(r, v)
	if err != nil {
		return err
	}
	known, err := s.knownTemplate(r.Context(), v, t.ID)
	if err != nil {
		return err
	}
	u := views.Usage{
		Muban: s.publicBase(r), WeChat: strings.TrimRight(apiBase(v.account.App), "/"), AppID: v.account.App.AppID,
		Title: t.Title, TemplateID: t.ID, Fields: kind.Template.Fields(t),
	}
	if known != nil {
		u.Alias = known.Alias
	}
	return s.render(w, r, http.StatusOK, views.Use(views.UsePage{
		Page: s.page(r, v), Template: t, Usage: u, Snippet: u.SnippetIn(r.URL.Query().Get("lang")), Stale: stale,
	}))
}
