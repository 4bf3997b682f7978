package pages

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"time"

	"muban/views"
	"muban/views/text"
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

// refusal is how a guess that failed, or came too often, is answered; "" for one
// that did neither. wrong is what is said of the first.
func refusal(w http.ResponseWriter, t *text.Text, wait time.Duration, err error, wrong string) (status int, problem string) {
	switch {
	case wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		return http.StatusTooManyRequests, t.T("signin.throttled", "Minutes", int(wait.Minutes()))
	case errors.Is(err, auth.ErrWrong):
		return http.StatusUnprocessableEntity, wrong
	}
	return 0, ""
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Sessions.End(w, r); err != nil {
		return err
	}
	return v.seeOther(w, r, "/sign-in", "")
}

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
