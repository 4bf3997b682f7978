package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/sandbox"
)

// outcomes are what the list filters by.
var outcomes = []string{dispatch.Sent, dispatch.Refused, dispatch.Unknown, dispatch.Pending}

// newKey makes the key of one send: the form carries it, and whatever is posted
// under it is sent once.
func newKey() string { return rand.Text() }

// testSend sends the form's message once and leads back to the template's page,
// which shows the outcome with everything still filled in.
func (s *Server) testSend(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, err := v.account.recall(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	text := s.texts.In(v.lang)
	var form views.MessageForm
	problems, err := s.forms.read(r, text, &form)
	if err != nil {
		return err
	}
	if err := s.checkRecipient(r, v, text, &form, problems); err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.drawMessage(w, r, v, t, form, problems, http.StatusUnprocessableEntity)
	}
	send := dispatch.Send{App: v.account.app.ID, Key: form.Key, Title: t.Title, PersonID: v.person.ID, PersonName: v.person.Name}
	send, err = s.sender.Send(r.Context(), journal{s.Store, v.actor(r)}, v.account.client, send, messageOf(t, form))
	if errors.Is(err, dispatch.ErrKeyReused) {
		form.Key = "" // a new one: pressing again is a decision now
		problems[""] = text.T("template.key_reused")
		return s.drawMessage(w, r, v, t, form, problems, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, views.TemplateURL(t.ID)+"?send="+strconv.FormatInt(send.ID, 10), "")
}

// checkRecipient refuses at the door what WeChat would refuse (spec/README), and
// what a role may not do: QA sends to their own openid alone, whatever the form
// says and however often it says it.
func (s *Server) checkRecipient(r *http.Request, v *visit, t *views.Text, form *views.MessageForm, problems views.Problems) error {
	if !v.may(SendAny) {
		own, err := s.ownOpenID(r.Context(), v)
		if err != nil {
			return err
		}
		for _, given := range r.Form["touser"] {
			if given != own || own == "" {
				problems["touser"] = t.T("template.own_only")
				return s.Store.Record(r.Context(), v.actor(r), v.account.app.ID, "send.refused", "openid:"+excerpt(given), `{"why":"not their own openid"}`)
			}
		}
		form.OpenID = own
	}
	if form.OpenID == "" {
		problems["touser"] = t.T("template.need_openid")
	}
	switch id := form.FormID; {
	case id == "":
		problems["form_id"] = t.T("template.need_form_id")
	case strings.HasPrefix(id, "prepay_id="):
		problems["form_id"] = t.T("template.prepay_prefix")
	case id == "the formId is a mock one":
		problems["form_id"] = t.T("template.mock_form")
	}
	if form.Key == "" || len(form.Key) > 128 {
		return errBadRequest
	}
	return nil
}

// ownOpenID is the visitor's openid in the current app, "" where none is bound.
// In the sandbox everybody has one.
func (s *Server) ownOpenID(ctx context.Context, v *visit) (string, error) {
	id, err := s.Store.OpenID(ctx, v.person.ID, v.account.app.ID)
	if err == nil && id == "" && v.account.app.Sandbox {
		id = sandbox.OpenIDFor(v.account.app.AppID, v.person.Name)
	}
	return id, err
}

// journal is the store, for one person.
type journal struct {
	store *store.Store
	by    store.Actor
}

func (j journal) BeginSend(ctx context.Context, s dispatch.Send) (dispatch.Send, error) {
	return j.store.BeginSend(ctx, j.by, s)
}

func (j journal) FinishSend(ctx context.Context, s dispatch.Send) error {
	return j.store.FinishSend(ctx, j.by, s)
}

func (j journal) SendByKey(ctx context.Context, app int64, key string) (dispatch.Send, error) {
	return j.store.SendByKey(ctx, app, key)
}

func (s *Server) sends(w http.ResponseWriter, r *http.Request, v *visit) error {
	offset, count, problems := paging(r, s.texts.In(v.lang), wechat.MaxCount)
	q := r.URL.Query()
	filter := store.SendFilter{App: v.account.app.ID, Outcome: q.Get("outcome"), OpenID: q.Get("openid"), TemplateID: q.Get("template"), Offset: offset, Count: count}
	if filter.Outcome != "" && !slices.Contains(outcomes, filter.Outcome) {
		return errBadRequest
	}
	list, total, err := s.Store.Sends(r.Context(), filter)
	if err != nil {
		return err
	}
	return s.render(w, r, listStatus(problems), views.Sends(views.SendsPage{
		Page: s.page(r, v), Sends: list, Outcomes: outcomes, Filter: filter, Problems: problems,
		Range: views.Range{Path: "/sends", Query: filters(r, "outcome", "openid", "template"), Offset: offset, Count: count, Shown: len(list), Total: total},
	}))
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	send, err := s.Store.Send(r.Context(), v.account.app.ID, id)
	if err != nil {
		return err
	}
	var m wechat.Message
	if err := json.Unmarshal(send.Request, &m); err != nil {
		return err
	}
	p := views.SendPage{Page: s.page(r, v), Send: send, Outcome: views.OutcomeOf(send), Request: m.Pretty(), MaySend: v.may(SendSelf)}
	// The template may be gone; the record is whole without its card.
	if t, err := v.account.find(r.Context(), send.TemplateID); err == nil {
		card := s.cardOf(v, t, m)
		card.At = send.CreatedAt
		p.Card = &card
	}
	return s.render(w, r, http.StatusOK, views.Send(p))
}
