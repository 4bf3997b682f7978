package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
)

// ticketLife is how long the code of the second factor is waited for.
const ticketLife = 10 * time.Minute

// proceed signs in whoever proved the first factor, or asks for the second.
func (s *Server) proceed(w http.ResponseWriter, r *http.Request, person store.Person, next string) error {
	factor, err := s.Store.SecondFactor(r.Context(), person.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if factor.ConfirmedAt.IsZero() {
		return s.enterAs(w, r, person, next, "")
	}
	s.setTicket(w, s.ticket(person, s.Now().Add(ticketLife)), int(ticketLife.Seconds()))
	return seeOther(w, r, withNext("/sign-in/code", next), "")
}

func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// enterAs forgets the failures on the way in, begins the session, and leads on.
func (s *Server) enterAs(w http.ResponseWriter, r *http.Request, person store.Person, next, done string) error {
	if err := s.Store.SignInSucceeded(r.Context(), person.Name, address(r)); err != nil {
		return err
	}
	if err := s.begin(w, r, person); err != nil {
		return err
	}
	return seeOther(w, r, local(next), done)
}

// codePage asks for the code of the second factor.
func (s *Server) codePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	next := r.URL.Query().Get("next")
	if _, err := s.ticketHolder(r); err != nil {
		return ticketless(w, r, next, err)
	}
	return s.render(w, r, http.StatusOK, views.SignInCode(s.page(r, v), views.CodeForm{Next: next}, nil))
}

// ticketless leads back to the password where the ticket is missing or over.
func ticketless(w http.ResponseWriter, r *http.Request, next string, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return seeOther(w, r, withNext("/sign-in", next), "")
}

// checkCode is the second half of a sign-in. A wrong code counts as a wrong
// password does (faults.md 30).
func (s *Server) checkCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.texts.In(v.lang)
	var form views.CodeForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	person, err := s.ticketHolder(r)
	if err != nil {
		return ticketless(w, r, form.Next, err)
	}
	if len(problems) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, views.SignInCode(s.page(r, v), form, problems))
	}
	recovery := false
	by := store.Actor{PersonID: person.ID, Name: person.Name, Addr: address(r)}
	wait, err := s.judge(r, person.Name, func(ctx context.Context) (right bool, err error) {
		right, recovery, err = s.proves(ctx, by, form.Code)
		return right, err
	})
	if status, problem := s.refusal(w, t, wait, err, t.T("signin.code_wrong")); problem != "" {
		form.Code = ""
		return s.render(w, r, status, views.SignInCode(s.page(r, v), form, ui.Problems{"code": problem}))
	}
	if err != nil {
		return err
	}
	s.setTicket(w, "", -1)
	done := ""
	if recovery {
		done = "recovery_used"
	}
	return s.enterAs(w, r, person, form.Next, done)
}

// A ticket is what a browser holds between the password and the code: who, until
// when, and a MAC over both and the password's hash, so that a new password ends it.
func (s *Server) ticket(person store.Person, until time.Time) string {
	text := strconv.FormatInt(person.ID, 36) + "." + strconv.FormatInt(until.Unix(), 36)
	mac := hmac.New(sha256.New, s.Store.Key("second factor"))
	mac.Write([]byte(text + "." + person.PasswordHash)) // a hash.Hash never fails to write
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// ticketHolder is who has proved the password; store.ErrNotFound for nobody.
func (s *Server) ticketHolder(r *http.Request) (store.Person, error) {
	ticket := cookieValue(r, s.ticketName())
	id, rest, _ := strings.Cut(ticket, ".")
	until, _, _ := strings.Cut(rest, ".")
	n, _ := strconv.ParseInt(id, 36, 64)
	seconds, _ := strconv.ParseInt(until, 36, 64)
	person, err := s.Store.Person(r.Context(), n)
	if err != nil {
		return store.Person{}, err
	}
	end := time.Unix(seconds, 0)
	if !hmac.Equal([]byte(ticket), []byte(s.ticket(person, end))) || !s.Now().Before(end) || person.Disabled {
		return store.Person{}, store.ErrNotFound
	}
	return person, nil
}

func (s *Server) ticketName() string { return s.sessions.cookieName() + "-code" }

func (s *Server) setTicket(w http.ResponseWriter, ticket string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: s.ticketName(), Value: ticket, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.sessions.secure, SameSite: http.SameSiteLaxMode,
	})
}
