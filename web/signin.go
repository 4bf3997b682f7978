package web

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
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
	if status, problem := s.refusal(w, t, wait, err, t.T("signin.wrong")); problem != "" {
		return s.render(w, r, status, views.SignIn(s.page(r, v), form, ui.Problems{"": problem}))
	}
	if err != nil {
		return err
	}
	return s.proceed(w, r, v, person, form.Next)
}

// refusal is how a guess that failed, or came too often, is answered; "" for one
// that did neither. wrong is what is said of the first.
func (s *Site) refusal(w http.ResponseWriter, t *text.Text, wait time.Duration, err error, wrong string) (status int, problem string) {
	switch {
	case wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		return http.StatusTooManyRequests, t.T("signin.throttled", "Minutes", int(wait.Minutes()))
	case errors.Is(err, ErrWrong):
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

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// setPreferences keeps language and theme: in a cookie, and with the person
// once somebody is signed in.
func (s *Site) setPreferences(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	lang, theme := r.PostForm.Get("lang"), r.PostForm.Get("theme")
	if lang != "" && !slices.Contains(text.Languages, lang) || theme != "" && !slices.Contains(themes, theme) {
		return errBadRequest
	}
	for name, value := range map[string]string{"lang": lang, "theme": theme} {
		if value != "" {
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.Sessions.Secure, SameSite: http.SameSiteLaxMode})
		}
	}
	if v.person != nil {
		if lang == "" {
			lang = v.person.Lang
		}
		if theme == "" {
			theme = v.person.Theme
		}
		if err := s.Store.SetPreferences(r.Context(), v.person.ID, lang, theme); err != nil {
			return err
		}
		s.Sessions.Forget(v.session.Hash)
	}
	return v.seeOther(w, r, local(r.PostForm.Get("next")), "")
}

// chooseApp makes another app the current one of this session.
func (s *Site) chooseApp(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	acct, ok := s.Accounts.ByAppID(r.PostForm.Get("app"))
	if !ok || !v.sees(acct.App.ID) {
		return errNotFound
	}
	if err := s.Store.SetSessionApp(r.Context(), v.session.Hash, acct.App.ID); err != nil {
		return err
	}
	s.Sessions.Forget(v.session.Hash)
	v.account = acct
	return v.seeOther(w, r, place(r.PostForm.Get("next")), "")
}

// place is where to go on in another app: the list that the page belongs to, as
// the ids of one app mean nothing in another.
func place(next string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(local(next), "/"), "/")
	first, _, _ = strings.Cut(first, "?")
	switch first {
	case "library", "drafts", "templates", "sends":
		return "/" + first
	}
	return "/"
}
