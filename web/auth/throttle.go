package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"muban/store"
)

// ErrWrong is a guess at a secret that was wrong.
var ErrWrong = errors.New("auth: a wrong guess")

// Throttle bounds the guesses at people's passwords and codes.
//
// Five within 15 minutes are judged for a name, and from an address. Guesses from a device or a network that the
// person signed in from before count for themselves, and so do those of somebody who is signed in: a stranger's
// guesses keep nobody out who was in.
type Throttle struct {
	store     *store.Store
	now       func() time.Time
	sessions  *Sessions
	passwords *Passwords
	events    *Events
}

// NewThrottle counts guesses in the store, for all processes on it.
func NewThrottle(st *store.Store, now func() time.Time, s *Sessions, p *Passwords, e *Events) *Throttle {
	return &Throttle{st, now, s, p, e}
}

// busyWait is how long a caller is told to wait when too many guesses are being judged.
const busyWait = 5 * time.Second

// Judge tells whether somebody guessed right at a secret of name, by ErrWrong where not, or how long to wait. The
// guess is counted before it is judged, so that guesses which arrive together, in several processes, get no more tries
// than guesses one after the other. guess is handed the queue that its hashing waits in.
func (t *Throttle) Judge(r *http.Request, name string,
	guess func(ctx context.Context, q Queue) (right bool, err error)) (wait time.Duration, err error) {
	g := t.guess(r, name)
	if may, err := t.store.MayGuess(r.Context(), g); err != nil {
		return 0, err
	} else if !may {
		return t.refuse(r), nil
	}
	j, err := t.store.Reserve(r.Context(), g)
	if err != nil {
		return 0, err
	}
	if j.ID == 0 {
		return t.refuse(r), nil
	}
	right, err := guess(r.Context(), Queue{known: j.Known, network: g.Addr})
	// What was judged is counted or uncounted also where the caller has hung up meanwhile.
	ctx := context.WithoutCancel(r.Context())
	switch {
	case errors.Is(err, errBusy):
		return busyWait, t.store.TakeBack(ctx, j)
	case err != nil:
		return 0, err // it stays counted: nobody guesses more often by hanging up
	case right:
		return 0, t.store.TakeBack(ctx, j)
	}
	t.events.Warn(EventWrongGuess, r)
	locked, err := t.store.GuessedWrong(ctx, j)
	if locked {
		t.events.Warn(EventLocked, r)
	}
	return 0, errors.Join(ErrWrong, err)
}

func (t *Throttle) refuse(r *http.Request) time.Duration {
	t.events.Warn(EventThrottled, r)
	return store.GuessesWindow
}

// guess is what the store goes by.
func (t *Throttle) guess(r *http.Request, name string) store.Guess {
	return store.Guess{Name: name, Addr: guesser(Address(r)), Places: t.sessions.places(r),
		Session: t.sessions.guessing(r, name)}
}

// Forgive forgets the wrong guesses at name that came from where the request does.
func (t *Throttle) Forgive(r *http.Request, name string) error {
	return t.store.SignInSucceeded(r.Context(), t.guess(r, name))
}

// CheckPassword answers ErrWrong for a wrong name, a wrong password and a disabled
// person alike, and takes as long for each.
func (t *Throttle) CheckPassword(r *http.Request, name, password string) (person store.Person, wait time.Duration,
	err error) {
	wait, err = t.Judge(r, name, func(ctx context.Context, q Queue) (bool, error) {
		person, err = t.store.PersonByName(ctx, name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		right, err := t.passwords.check(ctx, q, person.PasswordHash, password)
		return right && !person.Disabled, err
	})
	return person, wait, err
}
