package pages

import (
	"errors"
	"net/http"
	"slices"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat/token"
)

func (s *Site) tokens(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawTokens(w, r, v, http.StatusOK, nil)
}

// drawTokens draws the central server; refused is why a refresh by hand was not made.
func (s *Site) drawTokens(w http.ResponseWriter, r *http.Request, v *visit, status int, refused *token.Pause) error {
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), timelineCount)
	q := r.URL.Query()
	p := views.TokenPage{
		Page: s.page(r, v), Refused: refused, Problems: problems, SeeKeys: v.may(auth.ManageKeys), SeeHook: v.may(auth.ManageApps),
		Filter: store.TokenEventFilter{AppID: v.account.App.AppID, Reason: token.Reason(q.Get("reason")),
			Failed: q.Get("failed") == "yes", Offset: offset, Count: count},
		Card: views.TokenCard{App: v.account.App, State: v.account.Keeper.State()},
	}
	if p.Filter.Reason != "" && !slices.Contains(token.Reasons(), p.Filter.Reason) {
		return errBadRequest
	}
	for _, acct := range s.Accounts.Each() {
		if v.sees(acct.App.ID) {
			p.Cards = append(p.Cards, views.TokenCard{App: acct.App, State: acct.Keeper.State()})
		}
	}
	events, total, err := s.Store.TokenEvents(r.Context(), p.Filter)
	if err != nil {
		return err
	}
	p.Events = events
	p.Range = ui.Range{Path: "/token", Query: filters(r.URL.Query(), "reason", "failed"), Offset: offset, Count: count,
		Shown: len(events), Total: total}
	if p.Past, _, err = s.Store.PastAlerts(r.Context(), v.account.App.ID, 0, 5); err != nil {
		return err
	}
	if err := s.fillUsage(r, v, &p); err != nil {
		return err
	}
	if status == http.StatusOK {
		status = listStatus(problems)
	}
	return s.render(w, r, status, views.Token(p))
}

// fillUsage is who was handed the token: the keys that were, and those that could be.
func (s *Site) fillUsage(r *http.Request, v *visit, p *views.TokenPage) error {
	now := s.Now()
	handouts, err := s.Store.Handouts(r.Context(), v.account.App.ID, now.Add(-usageKept))
	if err != nil {
		return err
	}
	keys, err := s.Store.APIKeys(r.Context(), v.account.App.ID)
	if err != nil {
		return err
	}
	p.Usage = usageOf(handouts, 0, now)
	for _, k := range keys {
		u := usageOf(handouts, k.ID, now)
		if u.Week > 0 || k.Live(now) && auth.Allows(k, "token") {
			p.Keys = append(p.Keys, views.KeyUsage{Key: k, Usage: u})
		}
	}
	slices.SortStableFunc(p.Keys, func(a, b views.KeyUsage) int { return int(b.Usage.Week - a.Usage.Week) })
	return nil
}

// forceToken replaces the token by hand, within the day's budget. How it went stands
// in the timeline.
func (s *Site) forceToken(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil || r.PostForm.Get("sure") != "yes" {
		return errors.Join(errBadRequest, err)
	}
	_, err := v.account.Keeper.Force(token.AskedBy(r.Context(), "person:"+v.person.Name))
	if pause, ok := errors.AsType[*token.Pause](err); ok {
		return s.drawTokens(w, r, v, http.StatusTooManyRequests, pause)
	}
	detail := `{"refreshed":true}`
	if err != nil {
		detail = `{"refreshed":false}`
	}
	if err := s.Store.Record(r.Context(), v.actor(r), v.account.App.ID, store.ActTokenRefresh, "app:"+v.account.App.AppID, detail); err != nil {
		return err
	}
	if err != nil { // the page says why
		return s.drawTokens(w, r, v, http.StatusBadGateway, nil)
	}
	return v.seeOther(w, r, "/token", "token_refreshed")
}
