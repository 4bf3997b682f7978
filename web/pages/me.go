package pages

import (
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"muban/store"
	"muban/views"
	"muban/web/auth"
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
	if p.Sessions, err = s.Store.SessionsOf(ctx, v.person.ID, s.Now().Add(-auth.IdleLife)); err != nil {
		return err
	}
	p.Snippet = views.BindingSnippet(s.publicBase(r), p.App.AppID, p.Code)
	return s.render(w, r, status, views.Me(p))
}

// makeBindingCode draws the page with a new code on it, once: it is in no address.
func (s *Site) makeBindingCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	code := rand.Text()[:10]
	if err := s.Store.SetBindingCode(r.Context(), v.actor(r), v.account.App.ID, auth.HashBindingCode(code), s.Now().Add(bindingCodeLife)); err != nil {
		return err
	}
	return s.drawMe(w, r, v, http.StatusOK, views.MePage{Code: code})
}

// changePassword sets the person's own password, after the old one, and ends their
// other sessions.
func (s *Site) changePassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var form views.PasswordForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if len(problems) == 0 {
		_, wait, err := s.Throttle.CheckPassword(r, v.person.Name, form.Current)
		if refused, problem := refusal(w, t, wait, err, t.T("me.current_wrong")); problem != "" {
			status, problems["current"] = refused, problem
		} else if err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return s.drawMe(w, r, v, status, views.MePage{Problems: problems})
	}
	hash, err := s.Passwords.Hash(r.Context(), form.Password)
	if err != nil {
		return err
	}
	if err := s.Throttle.Forgive(r, v.person.Name); err != nil {
		return err
	}
	if err := s.Store.SetOwnPassword(r.Context(), v.actor(r), hash, v.session.Hash); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/me", "password_changed")
}

// endOwnSessions ends one of the person's sessions, or all but this one.
func (s *Site) endOwnSessions(w http.ResponseWriter, r *http.Request, v *visit) error {
	one, hash, err := sessionNamed(r)
	if err != nil {
		return err
	}
	if one {
		err = s.Store.EndSessionOf(r.Context(), v.actor(r), v.person.ID, hash)
	} else {
		err = s.Store.EndSessions(r.Context(), v.actor(r), v.person.ID, v.session.Hash)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return v.seeOther(w, r, "/settings/me", "sessions_ended")
}
