package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"muban/store"
	"muban/wechat"
)

const (
	stepSeconds  = 30
	secretBytes  = 20 // as RFC 4226 recommends
	recoverySize = 16 // characters of five random bits
	recoveryMany = 10

	ticketLife = 10 * time.Minute // how long the code is waited for
)

// SecondFactor asks for the code after the password, and judges it.
type SecondFactor struct {
	store    *store.Store
	now      func() time.Time
	sessions *Sessions // whose cookies its own is beside

	passwords *Passwords
}

// NewSecondFactor goes by the secrets in the store.
func NewSecondFactor(st *store.Store, now func() time.Time, sessions *Sessions, p *Passwords) *SecondFactor {
	return &SecondFactor{st, now, sessions, p}
}

// Proves tells whether code is one of the person's second factor now, and uses it
// up: neither a step nor a recovery code is taken twice.
func (f *SecondFactor) Proves(ctx context.Context, q Queue, by store.Actor, code string) (right, recovery bool,
	err error) {
	factor, err := f.store.SecondFactor(ctx, by.PersonID)
	if err == nil && factor.ConfirmedAt.IsZero() {
		err = store.ErrNotFound
	}
	if err == nil {
		if step, ok := StepOf(factor.Secret, code, f.now()); ok {
			err = f.store.TakeStep(ctx, by.PersonID, step)
		} else {
			recovery, err = true, f.useRecovery(ctx, q, by, code)
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return false, false, nil
	}
	return err == nil, recovery, err
}

// useRecovery uses up a recovery code of the actor's; store.ErrNotFound where it is none.
func (f *SecondFactor) useRecovery(ctx context.Context, q Queue, by store.Actor, code string) error {
	if len(plainCode(code)) != recoverySize { // six wrong digits cost no hashing
		return store.ErrNotFound
	}
	stored, err := f.store.RecoveryCodes(ctx, by.PersonID)
	if err != nil {
		return err
	}
	found, err := f.passwords.codeAmong(ctx, q, stored, code)
	if err != nil {
		return err
	}
	return f.store.UseRecovery(ctx, by, found)
}

// AskFor gives the browser a ticket: person has proved the password, and a code is
// waited for.
func (f *SecondFactor) AskFor(w http.ResponseWriter, person store.Person) {
	f.setTicket(w, f.ticket(person, f.now().Add(ticketLife)), int(ticketLife.Seconds()))
}

// Answered takes the ticket away.
func (f *SecondFactor) Answered(w http.ResponseWriter) { f.setTicket(w, "", -1) }

// Holder is who has proved the password; store.ErrNotFound for nobody.
func (f *SecondFactor) Holder(r *http.Request) (store.Person, error) {
	ticket := CookieValue(r, f.ticketName())
	id, rest, _ := strings.Cut(ticket, ".")
	until, _, _ := strings.Cut(rest, ".")
	n, _ := strconv.ParseInt(id, 36, 64)
	seconds, _ := strconv.ParseInt(until, 36, 64)
	person, err := f.store.Person(r.Context(), n)
	if err != nil {
		return store.Person{}, err
	}
	end := time.Unix(seconds, 0)
	if !hmac.Equal([]byte(ticket), []byte(f.ticket(person, end))) || !f.now().Before(end) || person.Disabled {
		return store.Person{}, store.ErrNotFound
	}
	return person, nil
}

// A ticket is what a browser holds between the password and the code: who, until
// when, and a MAC over both and the password's hash, so that a new password ends it.
func (f *SecondFactor) ticket(person store.Person, until time.Time) string {
	text := strconv.FormatInt(person.ID, 36) + "." + strconv.FormatInt(until.Unix(), 36)
	mac := hmac.New(sha256.New, f.store.Key("second factor"))
	mac.Write([]byte(text + "." + person.PasswordHash)) // a hash.Hash never fails to write
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (f *SecondFactor) ticketName() string { return f.sessions.cookieName() + "-code" }

func (f *SecondFactor) setTicket(w http.ResponseWriter, ticket string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: f.ticketName(), Value: ticket, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: f.sessions.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// NewSecret makes the secret of a second factor, in base32 as apps take it.
func NewSecret() wechat.Secret {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return wechat.Secret(base32.StdEncoding.EncodeToString(b[:]))
}

// StepOf answers the step that code is of: the present one, the one before it or
// the one after, as clocks differ and people type slowly.
func StepOf(secret wechat.Secret, code string, now time.Time) (step int64, ok bool) {
	present := now.Unix() / stepSeconds
	for _, step := range []int64{present, present - 1, present + 1} {
		right, err := hotp.ValidateCustom(unspaced(code), uint64(step), secret.Reveal(),
			hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && right {
			return step, true
		}
	}
	return 0, false
}

// NewRecovery makes recovery codes, in groups that are easy to copy by hand.
func NewRecovery() (codes []string) {
	for range recoveryMany {
		text := rand.Text()[:recoverySize]
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
	}
	return codes
}

func unspaced(code string) string { return strings.Join(strings.Fields(code), "") }
