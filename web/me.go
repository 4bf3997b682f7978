package web

import (
	"crypto/rand"
	"net/http"
	"time"

	"muban/views"
)

// bindingCodeLife is how long a code for one's own openid works.
const bindingCodeLife = 10 * time.Minute

// me is the person's own page. Nothing on it says which openid is theirs: an
// operator does, or the mini program that they sign in to.
func (s *Site) me(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawMe(w, r, v, http.StatusOK, views.MePage{})
}

func (s *Site) drawMe(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.MePage) error {
	ctx := r.Context()
	p.Page, p.Minutes, p.This, p.May = s.page(r, v), int(bindingCodeLife.Minutes()), v.session.Hash, ownRows(v)
	var err error
	if p.Standing, err = s.Store.PersonAccess(ctx, v.person.ID); err != nil {
		return err
	}
	if p.OpenID, err = s.ownOpenID(ctx, v); err != nil {
		return err
	}
	if p.Sessions, err = s.Store.SessionsOf(ctx, v.person.ID, s.Now().Add(-IdleLife)); err != nil {
		return err
	}
	p.Snippet = views.BindingSnippet(s.publicBase(r), p.App.AppID, p.Code)
	return s.render(w, r, status, views.Me(p))
}

// makeBindingCode draws the page with a new code on it, once: it is in no address.
func (s *Site) makeBindingCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	code := rand.Text()[:10]
	if err := s.Store.SetBindingCode(r.Context(), v.actor(r), v.account.App.ID, HashBindingCode(code), s.Now().Add(bindingCodeLife)); err != nil {
		return err
	}
	return s.drawMe(w, r, v, http.StatusOK, views.MePage{Code: code})
}
