package pages

import (
	"errors"
	"net/http"

	"muban/store"
	"muban/views"
	"muban/views/ui"
)

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
