package web

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/wechat/ledger"
)

// bindingCodeLife is how long a code for one's own openid works.
const bindingCodeLife = 10 * time.Minute

// me is the person's own page. Nothing on it says which openid is theirs: an
// operator does, or the mini program that they sign in to (faults.md 26).
func (s *Server) me(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawMe(w, r, v, http.StatusOK, views.MePage{})
}

func (s *Server) drawMe(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.MePage) error {
	ctx := r.Context()
	p.Page, p.Minutes, p.This, p.May = s.page(r, v), int(bindingCodeLife.Minutes()), v.session.Hash, ownRows(v)
	var err error
	if p.Standing, err = s.Store.PersonAccess(ctx, v.person.ID); err != nil {
		return err
	}
	if p.OpenID, err = s.ownOpenID(ctx, v); err != nil {
		return err
	}
	if p.Sessions, err = s.Store.SessionsOf(ctx, v.person.ID, s.Now().Add(-idleLife)); err != nil {
		return err
	}
	p.Snippet = views.BindingSnippet(s.publicBase(r), p.App.AppID, p.Code)
	return s.render(w, r, status, views.Me(p))
}

// makeBindingCode draws the page with a new code on it, once: it is in no address.
func (s *Server) makeBindingCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	code := rand.Text()[:10]
	if err := s.Store.SetBindingCode(r.Context(), v.actor(r), v.account.App.ID, codeHash(code), s.Now().Add(bindingCodeLife)); err != nil {
		return err
	}
	return s.drawMe(w, r, v, http.StatusOK, views.MePage{Code: code})
}

// codeHash is how a code is kept. People type it: letter case does not matter.
func codeHash(code string) [32]byte { return sha256.Sum256([]byte(strings.ToUpper(code))) }

// bindByCode takes the openid that a mini program's server found out for the
// person whose code was typed into the mini program.
func (s *Server) bindByCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	var in struct {
		AppID  string `json:"appid"`
		OpenID string `json:"openid"`
		Code   string `json:"code"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	if err := v.ofApp(in.AppID); err != nil {
		return err
	}
	if !ledger.IsOpenID(in.OpenID) {
		return refuse(http.StatusUnprocessableEntity, "openid_form", "OpenID", excerpt(in.OpenID))
	}
	person, err := s.Store.BindByCode(r.Context(), v.actor(r), v.account.App.ID, codeHash(in.Code), in.OpenID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return refuse(http.StatusNotFound, "code_wrong")
	case errors.Is(err, store.ErrTaken):
		return refuse(http.StatusConflict, "openid_taken")
	case err != nil:
		return err
	}
	bound, err := s.Store.Person(r.Context(), person)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]string{"openid": in.OpenID, "person": bound.Name})
	return nil
}
