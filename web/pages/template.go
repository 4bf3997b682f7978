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
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/values"
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
		form, problems = formOf(t, *earlier), nil
		if form.FormID, err = s.rightAgain(r.Context(), *earlier, form.FormID); err != nil {
			return err
		}
	}
	p, err := s.messagePage(r, v, t, form, problems)
	if err != nil {
		return err
	}
	p.Stale, p.Send = stale, earlier
	if earlier != nil && q.Has("send") {
		report(&p)
	}
	if fragment(r) {
		return s.render(w, r, http.StatusOK, views.SentParts(p))
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
	asked = typedElsewhere(asked, v.account.App.Sandbox)
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
	for _, field := range kind.Of(t).Fields(t) {
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
	f := views.MessageForm{Page: m.Page, State: m.State, Lang: m.Lang}
	for i, field := range kind.Of(t).Fields(t) {
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
	m := wechat.Message{
		ToUser: f.OpenID, TemplateID: t.ID, Page: f.Page, FormID: f.FormID, State: f.State, Lang: f.Lang,
	}
	fields := kind.Of(t).Fields(t)
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

// head is what stands above the tabs of a template's page.
func (s *Site) head(r *http.Request, v *visit, t wechat.Template, tab string) (views.TemplateHead, error) {
	h := views.TemplateHead{Page: s.page(r, v), Template: t, Tab: tab, Own: v.account.App.DefaultKind(), MayAdd: v.may(auth.Add), MayDel: v.may(auth.Delete)}
	h.Told, h.Done = h.Done, ""
	known, err := s.knownTemplate(r.Context(), v, t.ID)
	if known != nil {
		h.Alias = known.Alias
	}
	h.Unknown = known == nil || known.Deleted()
	return h, err
}

// messagePage draws the card of one form, and looks at what a send of it would meet.
func (s *Site) messagePage(r *http.Request, v *visit, t wechat.Template, f views.MessageForm,
	problems ui.Problems) (p views.TemplatePage, err error) {
	if p.TemplateHead, err = s.head(r, v, t, "send"); err != nil {
		return p, err
	}
	p.Fields, p.Writing, p.Problems = v.account.Kind.Fields(t), views.WritingOf(p.Text, v.account.Kind.Allowance()), problems
	p.MaySend, p.OwnOnly, p.MaySave = v.may(auth.SendSelf), !v.may(auth.SendAny), v.may(auth.SaveExample)
	if p.OwnID, err = s.ownOpenID(r.Context(), v); err != nil {
		return p, err
	}
	if err = s.around(r, v, &p); err != nil {
		return p, err
	}
	if f.Key == "" {
		f.Key = newKey()
	}
	if p.OwnOnly || f.OpenID == "" && r.Method == http.MethodGet && p.IsSandbox() {
		f.OpenID = p.OwnID
	}
	f = typedElsewhere(f, p.IsSandbox())
	m := messageOf(t, f)
	p.Form, p.Card = f, s.cardOf(v, t, m)
	p.Written = writtenQuery(f)
	p.Share = ui.TemplateURL(t.ID) + p.Written
	p.Findings, p.Typed = audit.CheckValues(f.Values), map[string]kind.Flaw{}
	for _, flaw := range v.account.Kind.Check(m, &t) {
		if flaw.Verdict != nil {
			p.Typed[strings.TrimPrefix(flaw.Place, "data.")] = flaw
		}
	}
	return p, s.inspect(r.Context(), v, &p, m)
}

// report turns the page to how its send ended: the card is the one that arrived.
func report(p *views.TemplatePage) {
	outcome := ui.OutcomeOf(*p.Send)
	p.Outcome, p.Refused = &outcome, wechat.RefusedKey(outcome.Msg)
	outcome.Keyword = keywordOf(p.Template, p.Refused)
	if outcome.Kind == dispatch.Sent {
		p.Card.At, p.Card.Landed = p.Send.FinishedAt, true
	}
}

// keywordOf names the keyword of a key, as a person finds it on the page; "" for a key that t does not have.
func keywordOf(t wechat.Template, key string) string {
	for _, f := range kind.Of(t).Fields(t) {
		if f.Key == key {
			return f.Name + " " + key
		}
	}
	return ""
}

// writtenQuery is the message as a query: without recipient and right, which are nobody else's business.
func writtenQuery(f views.MessageForm) string {
	q := url.Values{"v": f.Values, "c": f.Colors}
	if f.Emphasis != 0 {
		q.Set("e", strconv.Itoa(f.Emphasis))
	}
	for name, value := range map[string]string{"page": f.Page, "state": f.State, "frame": f.Lang} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if strings.Join(f.Colors, "") == "" {
		q.Del("c")
	}
	if len(f.Values) == 0 {
		q.Del("v")
	}
	return ui.Address("", q)
}

// readMessage reads the template and the form that a post to its page brings.
func (s *Site) readMessage(r *http.Request, v *visit) (wechat.Template, views.MessageForm, ui.Problems, error) {
	var form views.MessageForm
	t, err := v.account.Recall(r.Context(), r.PathValue("id"))
	if err != nil {
		return t, form, nil, err
	}
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	return t, typedElsewhere(form, v.account.App.Sandbox), problems, err
}

// typedElsewhere takes an openid and a right from where they were typed.
func typedElsewhere(f views.MessageForm, inSandbox bool) views.MessageForm {
	if f.OpenID == "" {
		f.OpenID = f.Other
	}
	makes := inSandbox && (f.Under == ledger.Form || f.Under == ledger.Payment)
	switch {
	case makes:
		f.FormID = ""
	case f.FormID == "":
		f.Under = views.UnderAny
	default:
		f.Under = views.UnderTyped
	}
	return f
}

// previewMessage draws a form without sending it: the parts for a live preview,
// the whole page without the script.
func (s *Site) previewMessage(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, form, problems, err := s.readMessage(r, v)
	if err != nil {
		return err
	}
	mend(t, &form)
	return s.drawMessage(w, r, v, t, form, problems, listStatus(problems))
}

// mend puts the suggestion for a value in its place, where the form asks for it.
func mend(t wechat.Template, form *views.MessageForm) {
	asked, ok := strings.CutPrefix(form.Do, views.MendAct)
	i, err := strconv.Atoi(asked)
	fields := kind.Of(t).Fields(t)
	if !ok || err != nil || i < 0 || i >= min(len(fields), len(form.Values)) {
		return
	}
	if suggestion, ok := values.Suggest(values.TypeOf(fields[i].Key), form.Values[i]); ok {
		form.Values[i], form.Mended = suggestion, i+1
	}
}

// drawMessage draws a form that was posted and not sent, with what is wrong. Its parts
// say so in their checks while somebody writes: only an act is refused in words.
func (s *Site) drawMessage(w http.ResponseWriter, r *http.Request, v *visit, t wechat.Template,
	form views.MessageForm, problems ui.Problems, status int) error {
	p, err := s.messagePage(r, v, t, form, problems)
	if err != nil {
		return err
	}
	if !fragment(r) {
		return s.render(w, r, status, views.Template(p))
	}
	if !strings.HasSuffix(r.URL.Path, "/preview") {
		return s.render(w, r, status, views.SentParts(p))
	}
	w.Header().Set("X-URL", v.below().At(p.Share))
	p.Problems = nil
	return s.render(w, r, http.StatusOK, views.TemplateParts(p))
}
