package web

import (
	"context"
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

const (
	attempts = 5 // failed sign-ins by one name or from one address
	window   = 15 * time.Minute
)

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.person != nil {
		return seeOther(w, r, local(r.URL.Query().Get("next")), "")
	}
	form := views.SignInForm{Next: r.URL.Query().Get("next")}
	return s.render(w, r, http.StatusOK, views.SignIn(s.page(r, v), form, nil))
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.texts.In(v.lang)
	var form views.SignInForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.SignIn(s.page(r, v), form, problems))
	}
	person, wait, err := s.checkPassword(r, form.Name, form.Password)
	if status, problem := s.refusal(w, t, wait, err, t.T("signin.wrong")); problem != "" {
		return s.render(w, r, status, views.SignIn(s.page(r, v), form, ui.Problems{"": problem}))
	}
	if err != nil {
		return err
	}
	return s.proceed(w, r, person, form.Next)
}

// refusal is how a guess that failed, or came too often, is answered; "" for one
// that did neither. wrong is what is said of the first.
func (s *Server) refusal(w http.ResponseWriter, t *text.Text, wait time.Duration, err error, wrong string) (status int, problem string) {
	switch {
	case wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		return http.StatusTooManyRequests, t.T("signin.throttled", "Minutes", int(wait.Minutes()))
	case errors.Is(err, errForbidden):
		return http.StatusUnprocessableEntity, wrong
	}
	return 0, ""
}

// judge tells whether somebody guessed right at a secret of name, by errForbidden
// where not, or how long to wait. It judges one at a time, from counting the
// failures to recording another: guesses that arrive together get no more tries
// than guesses one after the other (faults.md 30).
func (s *Server) judge(r *http.Request, name string, guess func(ctx context.Context) (right bool, err error)) (wait time.Duration, err error) {
	select {
	case s.judging <- struct{}{}:
		defer func() { <-s.judging }()
	case <-r.Context().Done():
		return 0, r.Context().Err()
	}
	if wait, err = s.throttled(r, name); wait > 0 || err != nil {
		return wait, err
	}
	right, err := guess(r.Context())
	if err != nil || right {
		return 0, err
	}
	return 0, errors.Join(errForbidden, s.Store.SignInFailed(r.Context(), name, address(r), s.Now()))
}

// throttled says how long a name or an address has to wait, 0 for not at all.
func (s *Server) throttled(r *http.Request, name string) (time.Duration, error) {
	byName, byAddr, err := s.Store.SignInFailures(r.Context(), name, address(r), s.Now().Add(-window))
	if err != nil || byName < attempts && byAddr < attempts {
		return 0, err
	}
	return window, nil
}

// checkPassword answers errForbidden for a wrong name, a wrong password and a
// disabled person alike, and takes as long for each.
func (s *Server) checkPassword(r *http.Request, name, password string) (person store.Person, wait time.Duration, err error) {
	wait, err = s.judge(r, name, func(ctx context.Context) (bool, error) {
		person, err = s.Store.PersonByName(ctx, name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		right, err := s.passwords.check(ctx, person.PasswordHash, password)
		return right && !person.Disabled, err
	})
	return person, wait, err
}

// begin signs person in under a new session id: an id from before the sign-in,
// which somebody else may have planted, is worth nothing after it.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, person store.Person) error {
	session, err := s.sessions.New(r, s.sessions.cookieName())
	if err != nil {
		return err
	}
	if session.ID != "" {
		if err := s.Store.EndSession(r.Context(), sha256.Sum256([]byte(session.ID))); err != nil {
			return err
		}
		session.ID = ""
	}
	session.Values[personValue] = person.ID
	by := store.Actor{PersonID: person.ID, Name: person.Name, Addr: address(r)}
	if err := s.Store.SignedIn(r.Context(), by, s.Now()); err != nil {
		return err
	}
	return session.Save(r, w)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	session, err := s.sessions.Get(r, s.sessions.cookieName())
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	if err := session.Save(r, w); err != nil {
		return err
	}
	return seeOther(w, r, "/sign-in", "")
}

func (s *Server) setUpPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := views.SetUpForm{Token: r.URL.Query().Get("token"), Name: "admin"}
	problems, err := s.checkSetUp(r, v, form)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.SetUp(s.page(r, v), form, problems))
}

// checkSetUp says whether the form's link is still good.
func (s *Server) checkSetUp(r *http.Request, v *visit, form views.SetUpForm) (ui.Problems, error) {
	err := s.Store.CheckSetupToken(r.Context(), digest(form.Token))
	if errors.Is(err, store.ErrNotFound) {
		return ui.Problems{"": s.texts.In(v.lang).T("setup.used")}, nil
	}
	return nil, err
}

func (s *Server) setUp(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.texts.In(v.lang)
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
	hash, err := s.passwords.hash(r.Context(), form.Password)
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
	if err := s.begin(w, r, person); err != nil {
		return err
	}
	return seeOther(w, r, "/", "")
}

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// setPreferences keeps language and theme: in a cookie, and with the person
// once somebody is signed in.
func (s *Server) setPreferences(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	lang, theme := r.PostForm.Get("lang"), r.PostForm.Get("theme")
	if lang != "" && !slices.Contains(text.Languages, lang) || theme != "" && !slices.Contains(themes, theme) {
		return errBadRequest
	}
	for name, value := range map[string]string{"lang": lang, "theme": theme} {
		if value != "" {
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.sessions.secure, SameSite: http.SameSiteLaxMode})
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
		s.sessions.drop([][32]byte{v.session.Hash})
	}
	return seeOther(w, r, local(r.PostForm.Get("next")), "")
}

// chooseApp makes another app the current one of this session.
func (s *Server) chooseApp(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	acct, ok := s.accounts.ByAppID(r.PostForm.Get("app"))
	if !ok || !v.sees(acct.App.ID) {
		return errNotFound
	}
	if err := s.Store.SetSessionApp(r.Context(), v.session.Hash, acct.App.ID); err != nil {
		return err
	}
	s.sessions.drop([][32]byte{v.session.Hash})
	s.bindTo(w, acct.App.AppID)
	return seeOther(w, r, place(r.PostForm.Get("next")), "")
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
