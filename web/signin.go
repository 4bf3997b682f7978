package web

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"muban/store"
	"muban/views"
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
	person, wait, err := s.judge(r, form)
	if wait > 0 {
		w.Header().Set("Retry-After", "900")
		problems = views.Problems{"": t.T("signin.throttled", "Minutes", int(wait.Minutes()))}
		return s.render(w, r, http.StatusTooManyRequests, views.SignIn(s.page(r, v), form, problems))
	}
	if errors.Is(err, errForbidden) {
		problems = views.Problems{"": t.T("signin.wrong")}
		return s.render(w, r, http.StatusUnprocessableEntity, views.SignIn(s.page(r, v), form, problems))
	}
	if err != nil {
		return err
	}
	if err := s.begin(w, r, person); err != nil {
		return err
	}
	return seeOther(w, r, local(form.Next), "")
}

// judge answers who signs in, or how long to wait. It judges one at a time, from
// counting the failures to recording another: guesses that arrive together get no
// more tries than guesses one after the other (faults.md 30).
func (s *Server) judge(r *http.Request, form views.SignInForm) (store.Person, time.Duration, error) {
	select {
	case s.judging <- struct{}{}:
		defer func() { <-s.judging }()
	case <-r.Context().Done():
		return store.Person{}, 0, r.Context().Err()
	}
	wait, err := s.throttled(r, form.Name)
	if wait > 0 || err != nil {
		return store.Person{}, wait, err
	}
	person, err := s.authenticate(r, form)
	return person, 0, err
}

// throttled says how long a name or an address has to wait, 0 for not at all.
func (s *Server) throttled(r *http.Request, name string) (time.Duration, error) {
	byName, byAddr, err := s.Store.SignInFailures(r.Context(), name, address(r), s.Now().Add(-window))
	if err != nil || byName < attempts && byAddr < attempts {
		return 0, err
	}
	return window, nil
}

// authenticate answers errForbidden for a wrong name, a wrong password and a
// disabled person alike, and takes as long for each.
func (s *Server) authenticate(r *http.Request, form views.SignInForm) (store.Person, error) {
	ctx := r.Context()
	person, err := s.Store.PersonByName(ctx, form.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Person{}, err
	}
	right, err := s.passwords.check(ctx, person.PasswordHash, form.Password)
	if err != nil {
		return store.Person{}, err
	}
	if !right || person.Disabled {
		return store.Person{}, errors.Join(errForbidden, s.Store.SignInFailed(ctx, form.Name, address(r), s.Now()))
	}
	return person, s.Store.SignInSucceeded(ctx, form.Name, address(r))
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
func (s *Server) checkSetUp(r *http.Request, v *visit, form views.SetUpForm) (views.Problems, error) {
	err := s.Store.CheckSetupToken(r.Context(), digest(form.Token))
	if errors.Is(err, store.ErrNotFound) {
		return views.Problems{"": s.texts.In(v.lang).T("setup.used")}, nil
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
		problems = views.Problems{"": t.T("setup.used")}
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
	if lang != "" && !slices.Contains(views.Languages, lang) || theme != "" && !slices.Contains(themes, theme) {
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
	acct, ok := s.accounts.byAppID(r.PostForm.Get("app"))
	if !ok {
		return errNotFound
	}
	if err := s.Store.SetSessionApp(r.Context(), v.session.Hash, acct.app.ID); err != nil {
		return err
	}
	s.sessions.drop([][32]byte{v.session.Hash})
	if to := r.PostForm.Get("to"); to != "" {
		return seeOther(w, r, local(to), "") // a page of the chosen app itself
	}
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
