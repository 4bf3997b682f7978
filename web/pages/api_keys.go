package pages

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
)

func (s *Site) keysPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawKeys(w, r, v, http.StatusOK, views.KeysPage{Form: views.KeyForm{Scopes: []string{"token"}}})
}

func (s *Site) drawKeys(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.KeysPage) error {
	all, err := s.Store.APIKeys(r.Context(), v.account.App.ID)
	if err != nil {
		return err
	}
	p.Page, p.Scopes, p.All = s.page(r, v), auth.Scopes, r.URL.Query().Get("state") == "all"
	for _, k := range all {
		state := views.KeyState(k, s.Now())
		ended := state == "expired" || state == "revoked"
		if ended {
			p.Ended++
		}
		if !ended || p.All {
			p.Keys = append(p.Keys, k)
		}
	}
	return s.render(w, r, status, views.Keys(p))
}

// addKey makes a key and draws the one page that shows it.
func (s *Site) addKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	var p views.KeysPage
	var err error
	if p.Problems, err = s.forms.read(r, s.Texts.In(v.lang), &p.Form); err != nil {
		return err
	}
	if len(p.Problems) > 0 {
		return s.drawKeys(w, r, v, http.StatusUnprocessableEntity, p)
	}
	made := store.APIKey{App: v.account.App.ID, Name: p.Form.Name, Scopes: p.Form.Scopes}
	key, made, err := s.mint(made, p.Form.Days, func(k store.APIKey) (store.APIKey, error) {
		return s.Store.AddAPIKey(r.Context(), v.actor(r), k)
	})
	if err != nil {
		return err
	}
	return s.drawNewKey(w, r, v, views.NewKeyPage{Key: key, Made: made})
}

// mint makes a key that ends after so many days, 0 for never, and keeps it. A
// prefix that is taken, once in a long while, is not tried again.
func (s *Site) mint(k store.APIKey, days int, keep func(store.APIKey) (store.APIKey, error)) (string, store.APIKey,
	error) {
	if days > 0 {
		k.ExpiresAt = s.Now().AddDate(0, 0, days)
	}
	for {
		key, fresh := auth.NewAPIKey()
		k.Prefix, k.Hash = fresh.Prefix, fresh.Hash
		kept, err := keep(k)
		if errors.Is(err, store.ErrTaken) {
			continue
		}
		s.Keys.Forget()
		return key, kept, err
	}
}

func (s *Site) drawNewKey(w http.ResponseWriter, r *http.Request, v *visit, p views.NewKeyPage) error {
	p.Page, p.Base = s.page(r, v), s.publicBase(r)
	return s.render(w, r, http.StatusOK, views.NewKey(p))
}

// keyOf is the key of the current app that the path names.
func (s *Site) keyOf(r *http.Request, v *visit) (store.APIKey, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return store.APIKey{}, errNotFound
	}
	return s.Store.APIKey(r.Context(), v.account.App.ID, id)
}

func (s *Site) keyPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawKey(w, r, v, http.StatusOK, nil)
}

func (s *Site) drawKey(w http.ResponseWriter, r *http.Request, v *visit, status int, problems ui.Problems) error {
	k, err := s.keyOf(r, v)
	if err != nil {
		return err
	}
	handouts, err := s.Store.Handouts(r.Context(), v.account.App.ID, s.Now().Add(-usageKept))
	if err != nil {
		return err
	}
	p := views.KeyPage{Page: s.page(r, v), Key: k, Usage: usageOf(handouts, k.ID, s.Now()), Problems: problems}
	return s.render(w, r, status, views.Key(p))
}

// rotateKey makes a key in the place of another, which goes on for a while.
func (s *Site) rotateKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	old, err := s.keyOf(r, v)
	if err != nil {
		return err
	}
	t := s.Texts.In(v.lang)
	var form views.RotateForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.drawKey(w, r, v, http.StatusUnprocessableEntity, problems)
	}
	until := s.Now().Add(time.Duration(form.Hours) * time.Hour)
	key, made, err := s.mint(store.APIKey{}, form.Days, func(k store.APIKey) (store.APIKey, error) {
		return s.Store.RotateAPIKey(r.Context(), v.actor(r), old.App, old.ID, k, until)
	})
	if errors.Is(err, store.ErrConflict) {
		return s.drawKey(w, r, v, http.StatusConflict, ui.Problems{"": t.T("keys.over")})
	}
	if err != nil {
		return err
	}
	p := views.NewKeyPage{Key: key, Made: made}
	if form.Hours > 0 {
		p.Until = until
	}
	return s.drawNewKey(w, r, v, p)
}

// revokeKey ends a key at once. For one that is in use the form has to confirm it.
func (s *Site) revokeKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	k, err := s.keyOf(r, v)
	if err != nil {
		return err
	}
	p := views.KeyPage{Page: &ui.Page{Now: s.Now()}, Key: k}
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	if p.InUse() && r.PostForm.Get("sure") != "yes" {
		return s.drawKey(w, r, v, http.StatusUnprocessableEntity, ui.Problems{"sure": s.Texts.In(v.lang).T("keys.need_sure")})
	}
	if err := s.Store.RevokeAPIKey(r.Context(), v.actor(r), k.App, k.ID); err != nil {
		return err
	}
	s.Keys.Forget()
	return v.seeOther(w, r, "/settings/keys", "key_revoked")
}

// confirmKey opens a key that a restore has held. The page says what the key is, where it is not held (any longer).
func (s *Site) confirmKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	k, err := s.keyOf(r, v)
	if err != nil {
		return err
	}
	err = s.Store.ConfirmAPIKey(r.Context(), v.actor(r), k.App, k.ID)
	if errors.Is(err, store.ErrNotFound) {
		return v.seeOther(w, r, views.KeyURL(k.ID), "")
	}
	if err != nil {
		return err
	}
	s.Keys.Forget()
	return v.seeOther(w, r, views.KeyURL(k.ID), "key_confirmed")
}
