package pages

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

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

func (s *Site) sends(w http.ResponseWriter, r *http.Request, v *visit) error {
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), wechat.MaxCount)
	asked, filter, err := s.sendsFilter(r, v, problems)
	if err != nil {
		return err
	}
	filter.Offset, filter.Count = offset, count
	p := views.SendsPage{Page: s.page(r, v), Filter: asked, Problems: problems}
	p.Kind, _ = v.listed(r)
	list, total, err := s.Store.Sends(r.Context(), filter)
	if err != nil {
		return err
	}
	p.Range = ui.Range{Path: "/sends", Query: asked.Values(), Offset: offset, Count: count, Shown: len(list)}
	p.Range.Counted(total, store.CountedAtMost)
	if p.List, err = s.sendsList(r.Context(), v, list); err != nil {
		return err
	}
	if err := s.countSends(r.Context(), v, filter, &p); err != nil {
		return err
	}
	if err := s.sendsChoices(r.Context(), v, &p); err != nil {
		return err
	}
	return s.render(w, r, listStatus(problems), views.Sends(p))
}

// sendsList adds to sends what is known of who got them, and who sent them.
func (s *Site) sendsList(ctx context.Context, v *visit, sends []store.Send) (views.SendsList, error) {
	l := views.SendsList{Sends: sends, Keys: map[string]string{}, MayDecide: v.mayDecide, Own: ownOnly(v) != 0}
	var err error
	if l.Names, err = s.namesOf(ctx, v); err != nil {
		return l, err
	}
	keys, err := s.Store.APIKeys(ctx, v.account.App.ID)
	for _, k := range keys {
		l.Keys[store.KeyActor(k.Prefix)] = k.Name
	}
	if err != nil || !v.may(auth.SeeRights) {
		return l, err
	}
	l.Follow, err = s.mayFollow(ctx, v, sends)
	return l, err
}

// mayFollow is by the id of each send what may still be sent to the same user: under their rights, or under their consents
// to the same template.
func (s *Site) mayFollow(ctx context.Context, v *visit, sends []store.Send) (map[int64]string, error) {
	var openIDs []string
	for _, x := range sends {
		openIDs = append(openIDs, x.OpenID)
	}
	app, t := v.account.App.ID, s.Texts.In(v.lang)
	rights, err := s.Store.UsableOf(ctx, app, openIDs...)
	follow, consents := map[int64]string{}, map[string][]ledger.Consents{}
	for _, x := range sends {
		if x.Sort() == ledger.OfRight {
			follow[x.ID] = t.T("sends.may_follow", "Count", rights[x.OpenID])
			continue
		}
		if _, looked := consents[x.OpenID]; !looked && err == nil {
			consents[x.OpenID], err = s.Store.ConsentsOf(ctx, app, x.OpenID)
		}
		said := ledger.Consents{}
		if i := slices.IndexFunc(consents[x.OpenID], func(c ledger.Consents) bool { return c.TemplateID == x.TemplateID }); i >= 0 {
			said = consents[x.OpenID][i]
		}
		follow[x.ID], _ = views.ConsentText(t, said)
	}
	return follow, err
}

// ownOnly is the visitor where they see their own sends alone, 0 for everybody's.
func ownOnly(v *visit) int64 {
	if v.may(auth.SendAny) {
		return 0
	}
	return v.person.ID
}

// sendsFilter reads the filter from the URL: as it was typed, and as the store
// takes it. What cannot be read is in problems and does not filter.
func (s *Site) sendsFilter(r *http.Request, v *visit, problems ui.Problems) (views.SendsFilter, store.SendFilter,
	error) {
	q, t := r.URL.Query(), s.Texts.In(v.lang)
	k, listed := v.listed(r)
	asked := views.SendsFilter{
		Kind: kindShown(v, k), Text: q.Get("q"), Outcome: q.Get("outcome"), ErrCode: q.Get("errcode"), Template: q.Get("template"), OpenID: q.Get("openid"),
		Right: q.Get("right"), Person: q.Get("person"), From: q.Get("from"), To: q.Get("to"), Span: q.Get("span"),
	}
	f := store.SendFilter{
		App: v.account.App.ID, Kind: listed, Text: asked.Text, Outcome: asked.Outcome, TemplateID: asked.Template, OpenID: asked.OpenID,
		Right: asked.Right, Person: asked.Person, PersonID: ownOnly(v),
	}
	if asked.Outcome != "" && !slices.Contains(views.SendOutcomes, asked.Outcome) ||
		asked.Span != "" && !slices.Contains(views.Spans, asked.Span) {
		return asked, f, errBadRequest
	}
	if f.Undecided = asked.Outcome == ui.Undecided; f.Undecided {
		f.Outcome = ""
	}
	if code, err := strconv.Atoi(asked.ErrCode); err == nil {
		f.ErrCode = &code
	} else if asked.ErrCode != "" {
		problems["errcode"] = t.T("problem.number", "Field", "errcode", "Value", text.Excerpt(asked.ErrCode))
	}
	f.From = dayIn(asked.From, "from", t, problems)
	if to := dayIn(asked.To, "to", t, problems); !to.IsZero() {
		f.To = to.AddDate(0, 0, 1) // the day itself is part of it
	}
	return asked, f, nil
}

// kindShown is the kind of a list as its address names it.
func kindShown(v *visit, k kind.Kind) string {
	switch k {
	case nil:
		return ui.EveryKind
	case v.account.App.DefaultKind():
		return ""
	}
	return k.Name()
}

func (s *Site) send(w http.ResponseWriter, r *http.Request, v *visit) error {
	send, err := s.sendOf(r, v)
	if err != nil {
		return err
	}
	var m wechat.Message
	if err := json.Unmarshal(send.Request, &m); err != nil {
		return err
	}
	k := kind.Named(send.Kind)
	p := views.SendPage{
		Page: s.page(r, v), Send: send, Outcome: ui.OutcomeOf(send), Request: k.Pretty(m),
		MaySend: v.may(auth.SendSelf), MayDecide: v.mayDecide(send), SeeRights: v.may(auth.SeeRights),
	}
	if p.Receipt, err = s.Store.Receipt(r.Context(), send); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	known, err := s.sendsList(r.Context(), v, nil)
	if err != nil {
		return err
	}
	p.By, p.To = cmp.Or(known.Keys[send.PersonName], send.PersonName), known.Names[send.OpenID]
	if send.Outcome == dispatch.Pending {
		w.Header().Set("Refresh", "3") // the page is read only, and its answer is on its way
	}
	// The template may be gone; the record is whole without its card.
	if t, err := v.account.Of(k).Find(r.Context(), send.TemplateID); err == nil {
		card := s.cardOf(v, t, m)
		card.At = send.CreatedAt
		p.Card, p.Outcome.Keyword = &card, keywordOf(t, wechat.RefusedKey(send.ErrMsg))
	}
	return s.render(w, r, http.StatusOK, views.Send(p))
}

// rid shows what WeChat saw of a call that it refused.
func (s *Site) rid(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.RidPage{Page: s.page(r, v), Rid: r.PathValue("rid")}
	if wechat.Rid("rid: "+p.Rid) != p.Rid {
		return errNotFound
	}
	p.Send, _ = strconv.ParseInt(r.URL.Query().Get("send"), 10, 64)
	var err error
	if p.Seen, err = v.account.Client.LookUpRid(r.Context(), p.Rid); errors.Is(err, wechat.ErrRid) {
		p.Unknown = failedRead(err)
		p.Unknown.Elsewhere = true
		return s.render(w, r, http.StatusNotFound, views.Rid(p))
	}
	if err != nil {
		return err
	}
	if own, err := s.ownCall(r.Context(), v, p.Seen); err != nil || !own {
		return cmp.Or(err, errForbidden)
	}
	p.Body, p.Answer = laidOut(p.Seen.Body), laidOut(p.Seen.Answer)
	var answer struct {
		Code int    `json:"errcode"`
		Msg  string `json:"errmsg"`
	}
	if json.Unmarshal([]byte(p.Seen.Answer), &answer) == nil && answer.Code != 0 {
		p.Said = &ui.Outcome{Kind: dispatch.Refused, Code: answer.Code, Msg: answer.Msg, Elsewhere: true}
	}
	return s.render(w, r, http.StatusOK, views.Rid(p))
}

// ownCall tells whether the visitor may read a call: who sends to themselves alone does not read messages to others.
func (s *Site) ownCall(ctx context.Context, v *visit, call wechat.SeenCall) (bool, error) {
	if ownOnly(v) == 0 || call.Body == "" {
		return true, nil
	}
	own, err := s.ownOpenID(ctx, v)
	var m struct {
		ToUser string `json:"touser"`
	}
	unread := json.Unmarshal([]byte(call.Body), &m) != nil
	return !unread && (m.ToUser == "" || m.ToUser == own), err
}

// laidOut is JSON on several lines; other text as it is.
func laidOut(said string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(said), "", "  ") != nil {
		return said
	}
	return b.String()
}

// sendOf is the send that the path names.
func (s *Site) sendOf(r *http.Request, v *visit) (store.Send, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return store.Send{}, errNotFound
	}
	send, err := s.Store.Send(r.Context(), v.account.App.ID, id)
	return s.Sender.Latest(send), err
}

// decideSend notes whether a send whose answer was lost has arrived.
func (s *Site) decideSend(w http.ResponseWriter, r *http.Request, v *visit) error {
	send, err := s.sendOf(r, v)
	if err != nil {
		return err
	}
	var form ui.DecideForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	switch {
	case err != nil:
		return err
	case len(problems) > 0:
		return errBadRequest
	case !v.mayDecide(send):
		return errForbidden
	}
	err = s.Store.DecideSend(r.Context(), v.actor(r), send.App, send.ID, form.Arrived == "yes")
	switch {
	case errors.Is(err, store.ErrConflict):
		return v.seeOther(w, r, ui.SendURL(send.ID), "decided_before")
	case err != nil:
		return err
	}
	return v.seeOther(w, r, ui.SendURL(send.ID), "send_decided")
}
