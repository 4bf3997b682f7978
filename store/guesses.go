package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"
)

// Guess is a try at somebody's password or code.
type Guess struct {
	Name string
	// Addr is the address that it comes from, for IPv6 the /64 that one customer has.
	Addr string
	// Places are what the browser could be known by, the surest first. One counts where the person signed in
	// from it before.
	Places []string
	// Session is that of a person who is signed in already; "" for nobody.
	Session string
}

// Judged is what becomes of a guess before anybody looks whether it is right.
type Judged struct {
	ID int64 // 0: there were too many already
	// Known tells that it comes from a place, or a session, that a stranger's guesses do not close.
	Known bool
	last  bool // one more wrong guess has to wait
	guess Guess
}

// Guesses are bounded by name for every place that is known and for all that are not, and by address for those
// that are not.
const (
	guessesMost   = 5
	GuessesWindow = 15 * time.Minute
	guessesKept   = 24 * time.Hour
)

// placesKept is how many devices and networks a person is known by at most, and for how long after the last sign-in.
const (
	placesMost = 40
	placesKept = 180 * 24 * time.Hour
)

// MayGuess tells without a change whether Reserve would refuse: a flood of guesses is turned away before it waits for
// anything.
func (s *Store) MayGuess(ctx context.Context, g Guess) (bool, error) {
	place, err := knownPlace(ctx, s.readers, g)
	if err != nil {
		return false, err
	}
	left, err := guessesLeft(ctx, s.readers, g, place, s.now())
	return left > 0, err
}

// Reserve counts a guess as a wrong one before it is judged, in one transaction with looking how many there were: of
// guesses that arrive together, in however many processes, no more are judged than of guesses one after the other.
func (s *Store) Reserve(ctx context.Context, g Guess) (j Judged, err error) {
	err = s.write(ctx, func(t *tx) error {
		j = Judged{guess: g}
		place, err := knownPlace(ctx, t, g)
		if err != nil {
			return err
		}
		left, err := guessesLeft(t.ctx, t, g, place, t.now)
		if err != nil || left == 0 {
			return err
		}
		if err := t.exec("DELETE FROM guesses WHERE at < ?", millis(t.now.Add(-guessesKept))); err != nil {
			return err
		}
		j.Known, j.last = place != "", left == 1
		j.ID, err = t.insert("INSERT INTO guesses (name_hash, place, addr, at) VALUES (?, ?, ?, ?) RETURNING id",
			nameHash(g.Name), place, g.Addr, millis(t.now))
		return err
	})
	return j, err
}

// TakeBack uncounts a guess that was right, or that nobody could judge.
func (s *Store) TakeBack(ctx context.Context, j Judged) error {
	return s.write(ctx, func(t *tx) error { return t.exec("DELETE FROM guesses WHERE id = ?", j.ID) })
}

// GuessedWrong leaves a guess counted. locked tells that the next one from there has to wait; where the name is
// somebody's, that is in the activity log.
func (s *Store) GuessedWrong(ctx context.Context, j Judged) (locked bool, err error) {
	if !j.last {
		return false, nil
	}
	return true, s.write(ctx, func(t *tx) error {
		id, err := one(t.ctx, t, scan[int64], "SELECT id FROM people WHERE name_key = ?", fold(j.guess.Name))
		if errors.Is(err, ErrNotFound) { // no line: what was typed may be a password
			return nil
		}
		if err != nil {
			return err
		}
		return t.note(Actor{Addr: j.guess.Addr}, 0, ActLock, object("person", id), map[string]bool{"known_place": j.Known})
	})
}

// SignInSucceeded forgets the guesses at this name that came from where this one does. Others stay: one who guesses at
// a colleague's account does not start afresh by signing in to their own.
func (s *Store) SignInSucceeded(ctx context.Context, g Guess) error {
	return s.write(ctx, func(t *tx) error {
		place, err := knownPlace(t.ctx, t, g)
		if err != nil {
			return err
		}
		return t.exec("DELETE FROM guesses WHERE name_hash = ? AND (addr = ? OR place = ? AND place <> '')",
			nameHash(g.Name), g.Addr, place)
	})
}

// Unlock lets a person be signed in again at once, however many wrong guesses there were.
func (s *Store) Unlock(ctx context.Context, by Actor, personID int64) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.forgetGuesses(personID)
		if err != nil {
			return err
		}
		return t.record(by, 0, ActUnlock, object("person", personID), map[string]int64{"guesses": n})
	})
}

func (t *tx) forgetGuesses(personID int64) (n int64, err error) {
	name, err := one(t.ctx, t, scan[string], "SELECT name FROM people WHERE id = ?", personID)
	if err != nil {
		return 0, err
	}
	return t.affect("DELETE FROM guesses WHERE name_hash = ?", nameHash(name))
}

// KnowsPlace tells whether anybody signed in from there before.
func (s *Store) KnowsPlace(ctx context.Context, place string) (bool, error) {
	n, err := one(ctx, s.readers, scan[int], "SELECT count(*) FROM known_places WHERE place = ?", place)
	return n > 0, err
}

// know keeps the places that a person has signed in from.
func (t *tx) know(personID int64, places []string) error {
	for _, place := range places {
		if err := t.exec(`INSERT INTO known_places (person_id, place, seen_at) VALUES (?, ?, ?)
			ON CONFLICT (person_id, place) DO UPDATE SET seen_at = excluded.seen_at`, personID, place, millis(t.now)); err != nil {
			return err
		}
	}
	return t.exec(`DELETE FROM known_places WHERE person_id = ? AND (seen_at < ? OR place NOT IN
		(SELECT place FROM known_places WHERE person_id = ? ORDER BY seen_at DESC, place LIMIT ?))`,
		personID, millis(t.now.Add(-placesKept)), personID, placesMost)
}

// knownPlace is the surest place of a guess that its person is known by, "" for none.
func knownPlace(ctx context.Context, q querier, g Guess) (string, error) {
	if g.Session != "" {
		return g.Session, nil
	}
	known, err := many(ctx, q, scan[string], `SELECT place FROM known_places JOIN people ON people.id = person_id
		WHERE name_key = ?`, fold(g.Name))
	if err != nil {
		return "", err
	}
	for _, place := range g.Places {
		if slices.Contains(known, place) {
			return place, nil
		}
	}
	return "", nil
}

// guessesLeft is how many more guesses may be judged now.
func guessesLeft(ctx context.Context, q querier, g Guess, place string, now time.Time) (int, error) {
	since := millis(now.Add(-GuessesWindow))
	made, err := one(ctx, q, scan[int], "SELECT count(*) FROM guesses WHERE name_hash = ? AND place = ? AND at >= ?",
		nameHash(g.Name), place, since)
	if err == nil && place == "" {
		var byAddr int
		byAddr, err = one(ctx, q, scan[int], "SELECT count(*) FROM guesses WHERE addr = ? AND at >= ?", g.Addr, since)
		made = max(made, byAddr)
	}
	return max(guessesMost-made, 0), err
}

func nameHash(name string) []byte {
	h := sha256.Sum256([]byte(fold(name)))
	return h[:]
}
