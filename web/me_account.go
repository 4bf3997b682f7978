package web

import (
	"errors"
	"net/http"

	"muban/store"
	"muban/views"
)

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
		if refused, problem := s.refusal(w, t, wait, err, t.T("me.current_wrong")); problem != "" {
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
	if err := s.Store.SignInSucceeded(r.Context(), v.person.Name, Address(r)); err != nil {
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
