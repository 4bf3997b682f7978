package pages

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
)

func (s *Site) compare(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	p := views.ComparePage{Page: s.page(r, v), Only: account.Relation(q.Get("only")), MayDraft: v.may(auth.WriteDraft)}
	p.Others = slices.DeleteFunc(slices.Clone(p.Apps), func(a store.App) bool { return a.ID == p.App.ID })
	if p.Only != "" && !slices.Contains(views.Relations(), p.Only) {
		return errBadRequest
	}
	if q.Get("with") == "" {
		return s.render(w, r, http.StatusOK, views.Compare(p))
	}
	there, err := s.other(v, q.Get("with"))
	if err != nil {
		return err
	}
	p.There = there.App
	var here, others account.List
	if here, p.HereStale, err = listOrLast(r.Context(), v.account); err != nil {
		return err
	}
	others, p.ThereStale, err = listOrLast(r.Context(), there)
	if wechat.IsFailure(err) { // the page says of which of the two
		p.ThereStale = &ui.Stale{Outcome: failedRead(err)}
		return s.render(w, r, http.StatusBadGateway, views.Compare(p))
	}
	if err != nil {
		return err
	}
	p.Counts = map[account.Relation]int{}
	for _, pair := range account.Compare(here.Templates, others.Templates) {
		p.Counts[pair.Relation]++
		if p.Only == "" || p.Only == pair.Relation {
			p.Pairs = append(p.Pairs, pair)
		}
	}
	if p.Copied, err = s.copied(r, v, there); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Compare(p))
}

// other is the app to compare with: one of the switcher's, and not the current.
func (s *Site) other(v *visit, id string) (*account.Account, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, errNotFound
	}
	acct, ok := s.Accounts.ByID(n)
	if !ok || acct.App.ID == v.account.App.ID || !v.sees(n) {
		return nil, errNotFound
	}
	return acct, nil
}

// copied is the draft that the URL says was made, in either of the two apps; nil
// for none.
func (s *Site) copied(r *http.Request, v *visit, there *account.Account) (*store.Draft, error) {
	id, err := strconv.ParseInt(r.URL.Query().Get("draft"), 10, 64)
	if err != nil {
		return nil, nil
	}
	for _, app := range []int64{v.account.App.ID, there.App.ID} {
		d, err := s.Store.Draft(r.Context(), app, id)
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return &d, err
		}
	}
	return nil, nil
}
