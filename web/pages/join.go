package pages

import (
	"errors"
	"net/http"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
)

// Links that let somebody in without a password. Opening one changes nothing, so a
// mail program that looks at it first does not use it up.

func (s *Site) joinPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := views.JoinForm{Token: r.URL.Query().Get("token")}
	invitation, err := s.Store.InvitationOf(r.Context(), [32]byte(digest(form.Token)))
	if err != nil {
		return s.deadLink(w, r, v, http.StatusOK, "join.dead", err)
	}
	form.Name = invitation.Invitee
	return s.render(w, r, http.StatusOK, views.Join(views.JoinPage{Page: s.page(r, v), Form: form,
		Invitation: invitation}))
}

// deadLink says that a link is used, withdrawn or expired, by the text id.
func (s *Site) deadLink(w http.ResponseWriter, r *http.Request, v *visit, status int, id string, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return s.render(w, r, status, views.DeadLink(s.page(r, v), id))
}

// join makes the invited person and signs them in.
func (s *Site) join(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	p := views.JoinPage{Page: s.page(r, v)}
	var err error
	if p.Problems, err = s.forms.read(r, t, &p.Form); err != nil {
		return err
	}
	passwordRules(t, p.Problems, p.Form.Name, p.Form.Password)
	nameRules(t, p.Problems, "name", p.Form.Name)
	hash := [32]byte(digest(p.Form.Token))
	if p.Invitation, err = s.Store.InvitationOf(r.Context(), hash); err != nil {
		return s.deadLink(w, r, v, http.StatusUnprocessableEntity, "join.dead", err)
	}
	if len(p.Problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.Join(p))
	}
	password, err := s.Passwords.Hash(r.Context(), p.Form.Password)
	if err != nil {
		return err
	}
	person, err := s.Store.Join(r.Context(), auth.Address(r), hash,
		store.Person{Name: p.Form.Name, PasswordHash: password, Lang: v.lang})
	switch {
	case errors.Is(err, store.ErrTaken):
		p.Problems["name"] = t.T("join.taken")
		return s.render(w, r, http.StatusUnprocessableEntity, views.Join(p))
	case err != nil:
		return s.deadLink(w, r, v, http.StatusUnprocessableEntity, "join.dead", err)
	}
	return s.proceed(w, r, v, person, "", "")
}

func (s *Site) newPasswordPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := views.ResetForm{Token: r.URL.Query().Get("token")}
	person, err := s.Store.PasswordLinkOf(r.Context(), [32]byte(digest(form.Token)))
	if err != nil {
		return s.deadLink(w, r, v, http.StatusOK, "reset.dead", err)
	}
	return s.render(w, r, http.StatusOK, views.Reset(views.ResetPage{Page: s.page(r, v), Form: form, Name: person.Name}))
}

// newPassword sets the password of whom the link is for, and signs them in; a
// second factor is asked for all the same.
func (s *Site) newPassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.ResetPage{Page: s.page(r, v)}
	var err error
	if p.Problems, err = s.forms.read(r, s.Texts.In(v.lang), &p.Form); err != nil {
		return err
	}
	hash := [32]byte(digest(p.Form.Token))
	person, err := s.Store.PasswordLinkOf(r.Context(), hash)
	if err != nil {
		return s.deadLink(w, r, v, http.StatusUnprocessableEntity, "reset.dead", err)
	}
	p.Name = person.Name
	passwordRules(s.Texts.In(v.lang), p.Problems, p.Name, p.Form.Password)
	if len(p.Problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.Reset(p))
	}
	password, err := s.Passwords.Hash(r.Context(), p.Form.Password)
	if err != nil {
		return err
	}
	if person, err = s.Store.UsePasswordLink(r.Context(), auth.Address(r), hash, password); err != nil {
		return s.deadLink(w, r, v, http.StatusUnprocessableEntity, "reset.dead", err)
	}
	return s.proceed(w, r, v, person, "", "")
}

func (s *Site) setUpPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := views.SetUpForm{Token: r.URL.Query().Get("token"), Name: "admin"}
	problems, err := s.checkSetUp(r, v, form)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.SetUp(s.page(r, v), form, problems))
}

// checkSetUp says whether the form's link is still good.
func (s *Site) checkSetUp(r *http.Request, v *visit, form views.SetUpForm) (ui.Problems, error) {
	err := s.Store.CheckSetupToken(r.Context(), digest(form.Token))
	if errors.Is(err, store.ErrNotFound) {
		return ui.Problems{"": s.Texts.In(v.lang).T("setup.used")}, nil
	}
	return nil, err
}

func (s *Site) setUp(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var form views.SetUpForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	passwordRules(t, problems, form.Name, form.Password)
	nameRules(t, problems, "name", form.Name)
	if len(problems) == 0 {
		if problems, err = s.checkSetUp(r, v, form); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.SetUp(s.page(r, v), form, problems))
	}
	hash, err := s.Passwords.Hash(r.Context(), form.Password)
	if err != nil {
		return err
	}
	first := store.Person{Name: form.Name, Role: store.Administrator, PasswordHash: hash}
	person, err := s.Store.AddFirstAdministrator(r.Context(), v.actor(r), first)
	if errors.Is(err, store.ErrTaken) {
		problems = ui.Problems{"": t.T("setup.used")}
		return s.render(w, r, http.StatusUnprocessableEntity, views.SetUp(s.page(r, v), form, problems))
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(w, r, person); err != nil {
		return err
	}
	return v.seeOther(w, r, "/", "")
}
