package pages

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"image"
	"net/http"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"

	"github.com/pquerna/otp/totp"
)

// bindingCodeLife is how long a code for one's own openid works.
const bindingCodeLife = 10 * time.Minute

// me is the person's own page. Nothing on it says which openid is theirs: an
// operator does, or the mini program that they sign in to.
func (s *Site) me(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawMe(w, r, v, http.StatusOK, views.MePage{})
}

func (s *Site) drawMe(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.MePage) error {
	ctx := r.Context()
	p.Page, p.Minutes, p.This, p.May = s.page(r, v), int(bindingCodeLife.Minutes()), v.session.Hash, ownRows(v)
	var err error
	if p.Standing, err = s.Store.PersonAccess(ctx, v.person.ID); err != nil {
		return err
	}
	if p.OpenID, err = s.ownOpenID(ctx, v); err != nil {
		return err
	}
	if p.Sessions, err = s.Store.SessionsOf(ctx, v.person.ID, s.Now().Add(-auth.IdleLife)); err != nil {
		return err
	}
	p.Snippet = views.BindingSnippet(s.publicBase(r), p.App.AppID, p.Code)
	return s.render(w, r, status, views.Me(p))
}

// makeBindingCode draws the page with a new code on it, once: it is in no address.
func (s *Site) makeBindingCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	code := rand.Text()[:10]
	if err := s.Store.SetBindingCode(r.Context(), v.actor(r), v.account.App.ID, auth.HashBindingCode(code), s.Now().Add(bindingCodeLife)); err != nil {
		return err
	}
	return s.drawMe(w, r, v, http.StatusOK, views.MePage{Code: code})
}

// changePassword sets the person's own password, after the old one, and ends their
// other sessions.
func (s *Site) changePassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var form views.PasswordForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	passwordRules(t, problems, v.person.Name, form.Password)
	status := http.StatusUnprocessableEntity
	if len(problems) == 0 {
		refused, problem, err := s.ownPassword(w, r, v, form.Current)
		if err != nil {
			return err
		}
		if problem != "" {
			status, problems["current"] = refused, problem
		}
	}
	if len(problems) > 0 {
		return s.drawMe(w, r, v, status, views.MePage{Problems: problems})
	}
	hash, err := s.Passwords.Hash(r.Context(), form.Password)
	if err != nil {
		return err
	}
	if err := s.Throttle.Forgive(r, v.person.Name); err != nil {
		return err
	}
	if err := s.Store.SetOwnPassword(r.Context(), v.actor(r), hash, v.session.Hash); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/me", "password_changed")
}

// endOwnSessions ends one of the person's sessions, or all but this one.
func (s *Site) endOwnSessions(w http.ResponseWriter, r *http.Request, v *visit) error {
	one, hash, err := sessionNamed(r)
	if err != nil {
		return err
	}
	status, problem, err := s.passwordAgain(w, r, v)
	if err != nil {
		return err
	}
	if problem != "" {
		return s.drawMe(w, r, v, status, views.MePage{Problems: ui.Problems{"sessions_password": problem}})
	}
	if one {
		err = s.Store.EndSessionOf(r.Context(), v.actor(r), v.person.ID, hash)
	} else {
		err = s.Store.EndSessions(r.Context(), v.actor(r), v.person.ID, v.session.Hash)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return v.seeOther(w, r, "/settings/me", "sessions_ended")
}

// factorPage is the person's own second factor: to set up, to confirm, or in force.
func (s *Site) factorPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawFactor(w, r, v, http.StatusOK, views.FactorPage{Next: r.URL.Query().Get("next")})
}

func (s *Site) drawFactor(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.FactorPage) error {
	p.Page, p.Needed = s.page(r, v), v.mustSetUp
	if p.Next == "" && !p.Needed {
		p.Next = "/settings/me"
	}
	p.Next = local(p.Next)
	factor, err := s.Store.SecondFactor(r.Context(), v.person.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	p.Since, p.Left = factor.ConfirmedAt, factor.Recovery
	if err == nil && factor.ConfirmedAt.IsZero() {
		p.Secret = factor.Secret.Reveal()
		if p.QR, err = qrOf(v.person.Name, factor.Secret); err != nil {
			return err
		}
	}
	return s.render(w, r, status, views.Factor(p))
}

// startFactor makes the secret that the page then shows until it is confirmed.
func (s *Site) startFactor(w http.ResponseWriter, r *http.Request, v *visit) error {
	err := s.Store.StartSecondFactor(r.Context(), v.actor(r), auth.NewSecret())
	if err != nil && !errors.Is(err, store.ErrState) { // one in force stays; the page says so
		return err
	}
	return v.seeOther(w, r, withNext("/settings/me/factor", r.PostFormValue("next")), "")
}

// confirmFactor puts the secret in force once a code proves that the app has it,
// and shows the recovery codes, once.
func (s *Site) confirmFactor(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var form views.ConfirmFactorForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	factor, err := s.Store.SecondFactor(r.Context(), v.person.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	step, right := int64(0), false
	if problems["code"] == "" {
		if step, right = auth.StepOf(factor.Secret, form.Code, s.Now()); !right {
			problems["code"] = t.T("factor.code_wrong")
		}
	}
	status := http.StatusUnprocessableEntity
	if len(problems) == 0 {
		if status, problems["current"], err = s.ownPassword(w, r, v, form.Current); err != nil {
			return err
		}
	}
	if problems["code"]+problems["current"] != "" {
		return s.drawFactor(w, r, v, status, views.FactorPage{Next: form.Next, Code: form.Code, Problems: problems})
	}
	codes := auth.NewRecovery()
	hashes, err := s.Passwords.HashCodes(r.Context(), codes)
	if err != nil {
		return err
	}
	err = s.Store.ConfirmSecondFactor(r.Context(), v.actor(r), step, hashes)
	if errors.Is(err, store.ErrState) { // a second click, or another tab
		return v.seeOther(w, r, "/settings/me/factor", "")
	}
	if err != nil {
		return err
	}
	v.mustSetUp = false
	return s.drawFactor(w, r, v, http.StatusOK, views.FactorPage{Next: form.Next, Codes: codes})
}

// renewRecovery makes new recovery codes, after the password, and shows them once.
func (s *Site) renewRecovery(w http.ResponseWriter, r *http.Request, v *visit) error {
	done, err := s.withPassword(w, r, v, "renew_password")
	if done || err != nil {
		return err
	}
	codes := auth.NewRecovery()
	hashes, err := s.Passwords.HashCodes(r.Context(), codes)
	if err != nil {
		return err
	}
	err = s.Store.RenewRecovery(r.Context(), v.actor(r), hashes)
	if errors.Is(err, store.ErrState) {
		return v.seeOther(w, r, "/settings/me/factor", "")
	}
	if err != nil {
		return err
	}
	return s.drawFactor(w, r, v, http.StatusOK, views.FactorPage{Codes: codes})
}

// endFactor switches the second factor off, after the password.
func (s *Site) endFactor(w http.ResponseWriter, r *http.Request, v *visit) error {
	done, err := s.withPassword(w, r, v, "off_password")
	if done || err != nil {
		return err
	}
	err = s.Store.EndSecondFactor(r.Context(), v.actor(r), v.person.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return v.seeOther(w, r, "/settings/me/factor", "factor_off")
}

// withPassword asks for the person's password in the field called name; where it
// is wrong it draws the page, and is done.
func (s *Site) withPassword(w http.ResponseWriter, r *http.Request, v *visit, name string) (done bool, err error) {
	status, problem, err := s.passwordAgain(w, r, v)
	if err != nil || problem == "" {
		return err != nil, err
	}
	return true, s.drawFactor(w, r, v, status, views.FactorPage{Problems: ui.Problems{name: problem}})
}

const issuer = "Muban" // how an authenticator app lists it, before the name

// The sides of the smallest and of the largest QR code, in modules.
const smallestQR, largestQR = 21, 177

// qrOf draws what an authenticator app scans.
func qrOf(name string, secret wechat.Secret) (views.QR, error) {
	raw, err := base32.StdEncoding.DecodeString(secret.Reveal())
	if err != nil {
		return views.QR{}, errors.New("pages: the secret of a second factor is not base32") // err would show it
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: name, Secret: raw})
	if err != nil {
		return views.QR{}, errors.New("pages: no key of the name and the secret")
	}
	for size := smallestQR; size <= largestQR; size += 4 {
		// A size that the code does not fit is an error; at the first that it does, a pixel is a module.
		if matrix, err := key.Image(size, size); err == nil {
			return views.QR{Size: size, Path: pathOf(matrix)}, nil
		}
	}
	return views.QR{}, errors.New("pages: the name is too long for a QR code")
}

// pathOf draws the dark modules row by row, each run of them as one box.
func pathOf(matrix image.Image) string {
	var path strings.Builder
	size := matrix.Bounds().Dx()
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && dark(matrix, x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return path.String()
}

func dark(matrix image.Image, x, y int) bool {
	red, _, _, _ := matrix.At(x, y).RGBA()
	return red == 0
}
