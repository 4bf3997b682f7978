package pages

import (
	"context"
	"errors"
	"net/http"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
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

// codePage asks for the code of the second factor.
func (s *Site) codePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	next := r.URL.Query().Get("next")
	if _, err := s.Factor.Holder(r); err != nil {
		return ticketless(w, r, v, next, err)
	}
	return s.render(w, r, http.StatusOK, views.SignInCode(s.page(r, v), views.CodeForm{Next: next}, nil))
}

// ticketless leads back to the password where the ticket is missing or over.
func ticketless(w http.ResponseWriter, r *http.Request, v *visit, next string, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return v.seeOther(w, r, withNext("/sign-in", next), "")
}

// checkCode is the second half of a sign-in. A wrong code counts as a wrong
// password does.
func (s *Site) checkCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var form views.CodeForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	person, err := s.Factor.Holder(r)
	if err != nil {
		return ticketless(w, r, v, form.Next, err)
	}
	if len(problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.SignInCode(s.page(r, v), form, problems))
	}
	recovery := false
	by := store.Actor{PersonID: person.ID, Name: person.Name, Addr: auth.Address(r)}
	wait, err := s.Throttle.Judge(r, person.Name, func(ctx context.Context, q auth.Queue) (right bool, err error) {
		right, recovery, err = s.Factor.Proves(ctx, q, by, form.Code)
		return right, err
	})
	if status, problem := refusal(w, t, wait, err, t.T("signin.code_wrong")); problem != "" {
		form.Code = ""
		return s.render(w, r, status, views.SignInCode(s.page(r, v), form, ui.Problems{"code": problem}))
	}
	if err != nil {
		return err
	}
	s.Factor.Answered(w)
	done := ""
	if recovery {
		done = "recovery_used"
	}
	return s.enterAs(w, r, v, person, form.Next, done)
}
