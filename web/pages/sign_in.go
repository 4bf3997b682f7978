package pages

import (
	"net/http"

	"muban/views"
	"muban/views/ui"
)

func (s *Site) signInPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.person != nil {
		return v.seeOther(w, r, local(r.URL.Query().Get("next")), "")
	}
	form := views.SignInForm{Next: r.URL.Query().Get("next")}
	return s.render(w, r, http.StatusOK, views.SignIn(s.page(r, v), form, nil))
}

func (s *Site) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var form views.SignInForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.SignIn(s.page(r, v), form, problems))
	}
	person, wait, err := s.Throttle.CheckPassword(r, form.Name, form.Password)
	if status, problem := refusal(w, t, wait, err, t.T("signin.wrong")); problem != "" {
		return s.render(w, r, status, views.SignIn(s.page(r, v), form, ui.Problems{"": problem}))
	}
	if err != nil {
		return err
	}
	return s.proceed(w, r, v, person, form.Next)
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Sessions.End(w, r); err != nil {
		return err
	}
	return v.seeOther(w, r, "/sign-in", "")
}
