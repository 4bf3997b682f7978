package pages

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
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
	form, err := s.lapsed(r, views.SignInForm{Next: r.URL.Query().Get("next")})
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.SignIn(s.page(r, v), form, nil))
}

// lapsed says in the form that a session has ended, where one has, and whose it was.
func (s *Site) lapsed(r *http.Request, form views.SignInForm) (views.SignInForm, error) {
	var id int64
	if id, form.Ended = s.Sessions.Lapsed(r); id == 0 {
		return form, nil
	}
	person, err := s.Store.Person(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return form, nil
	}
	form.Name = person.Name
	return form, err
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
	return s.proceed(w, r, v, person, form.Next, form.Kept)
}

// signInFirst leads to the sign-in and back. What a form brought whose session has ended
// is kept in the page of the sign-in, and offered again after it.
func (s *Site) signInFirst(w http.ResponseWriter, r *http.Request, v *visit) {
	person, lapsed := s.Sessions.Lapsed(r)
	if kept := keep(w, r, person); lapsed && kept != "" {
		form, err := s.lapsed(r, views.SignInForm{Next: ui.In(auth.NamedApp(r), here(r, v.base)), Kept: kept})
		if err == nil {
			err = s.render(w, r, http.StatusUnauthorized, views.SignIn(s.page(r, v), form, nil))
		}
		if err != nil {
			s.fail(w, r, v, err)
		}
		return
	}
	v.sendTo(w, r, "/sign-in")
}

// secrets are the fields that no page may hold, not even the one that keeps a form.
var secrets = []string{"password", "current", "code", "token", "secret", "hook_secret", "url"}

// keep is a posted form as the page of the sign-in holds it, "" for none: one without
// fields, one that is too large for a stranger's, and a file.
func keep(w http.ResponseWriter, r *http.Request, person int64) string {
	if r.Method != http.MethodPost || fragment(r) || r.URL.Path == "/sign-out" || r.URL.Path == "/app" {
		return ""
	}
	auth.FromStranger(w, r)
	if r.ParseForm() != nil || len(r.PostForm) == 0 {
		return ""
	}
	k := views.Kept{Person: person, To: ui.In(auth.NamedApp(r), r.URL.RequestURI()), Values: maps.Clone(r.PostForm)}
	for _, name := range secrets {
		delete(k.Values, name)
	}
	packed, err := json.Marshal(k)
	if err != nil || base64.RawURLEncoding.EncodedLen(len(packed)) > keptAtMost {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(packed)
}

// keptAtMost is how many bytes of the sign-in's own form are those of a form that is kept.
const keptAtMost = auth.StrangersBody - 2048

// unpack is what keep has kept; ok is false for what it has not, and for another
// person's.
func unpack(kept string, person store.Person) (k views.Kept, ok bool) {
	packed, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil || json.Unmarshal(packed, &k) != nil || len(k.Values) == 0 {
		return k, false
	}
	k.To = local(k.To)
	return k, k.Person == 0 || k.Person == person.ID
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
	return s.enterAs(w, r, v, person, form.Next, form.Kept, done)
}
