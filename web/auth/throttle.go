package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"muban/store"
)

const (
	attempts = 5 // failed sign-ins by one name or from one address
	window   = 15 * time.Minute
)

// ErrWrong is a guess at a secret that was wrong.
var ErrWrong = errors.New("auth: a wrong guess")

// Throttle bounds the guesses at people's passwords and codes.
type Throttle struct {
	store     *store.Store
	now       func() time.Time
	passwords *Passwords
	judging   chan struct{} // holds one: the guess that is judged
}

// NewThrottle counts failures in the store.
func NewThrottle(st *store.Store, now func() time.Time, p *Passwords) *Throttle {
	return &Throttle{store: st, now: now, passwords: p, judging: make(chan struct{}, 1)}
}

// Judge tells whether somebody guessed right at a secret of name, by ErrWrong
// where not, or how long to wait. It judges one at a time, from counting the
// failures to recording another: guesses that arrive together get no more tries
// than guesses one after the other.
func (t *Throttle) Judge(r *http.Request, name string, guess func(ctx context.Context) (right bool, err error)) (wait time.Duration, err error) {
	select {
	case t.judging <- struct{}{}:
		defer func() { <-t.judging }()
	case <-r.Context().Done():
		return 0, r.Context().Err()
	}
	if wait, err = t.throttled(r, name); wait > 0 || err != nil {
		return wait, err
	}
	right, err := guess(r.Context())
	if err != nil || right {
		return 0, err
	}
	return 0, errors.Join(ErrWrong, t.store.SignInFailed(r.Context(), name, Address(r), t.now()))
}

// throttled says how long a name or an address has to wait, 0 for not at all.
func (t *Throttle) throttled(r *http.Request, name string) (time.Duration, error) {
	byName, byAddr, err := t.store.SignInFailures(r.Context(), name, Address(r), t.now().Add(-window))
	if err != nil || byName < attempts && byAddr < attempts {
		return 0, err
	}
	return window, nil
}

// CheckPassword answers ErrWrong for a wrong name, a wrong password and a disabled
// person alike, and takes as long for each.
func (t *Throttle) CheckPassword(r *http.Request, name, password string) (person store.Person, wait time.Duration, err error) {
	wait, err = t.Judge(r, name, func(ctx context.Context) (bool, error) {
		person, err = t.store.PersonByName(ctx, name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		right, err := t.passwords.check(ctx, person.PasswordHash, password)
		return right && !person.Disabled, err
	})
	return person, wait, err
}
