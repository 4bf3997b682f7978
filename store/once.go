package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Form is a form as it was sent: its key is made with the page, so that a second click, a reload and a repeat by
// another process are known as the same. A zero Form is another one each time.
type Form struct {
	Key  string
	Hash [32]byte // of what was filled in, as far as it decides what is done
}

// onceKept is how long forms are remembered. A page that is older than that has to be opened again.
const onceKept = 7 * 24 * time.Hour

// ErrUnderWay is what BeginForm answers while an earlier click on the form has not ended, or ended without a word.
var ErrUnderWay = fmt.Errorf("%w: an earlier click on this form has not ended", ErrConflict)

// BeginForm takes the form for an act that happens outside of the database, before it happens. It answers the result
// of an earlier click that ended, "" when there was none: then FinishForm or a method that takes the form ends it,
// or GiveUpForm when nothing happened. ErrKeyReused when the form was filled in otherwise.
func (s *Store) BeginForm(ctx context.Context, by Actor, app int64, form Form) (result string, err error) {
	err = s.write(ctx, func(t *tx) error {
		result, err = t.once(by, app, form)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		return t.finish(by, app, form, "")
	})
	return result, err
}

// GiveUpForm forgets a form that BeginForm took and whose act did not happen: it may be sent again.
func (s *Store) GiveUpForm(ctx context.Context, by Actor, app int64, form Form) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec("DELETE FROM once WHERE app = ? AND person = ? AND key = ? AND result = ''", app, by.PersonID, form.Key)
	})
}

// once answers what the form has led to; ErrNotFound when this is the first click, ErrUnderWay after BeginForm.
func (t *tx) once(by Actor, app int64, form Form) (result string, err error) {
	if form.Key == "" {
		return "", ErrNotFound
	}
	type kept struct {
		hash   []byte
		result string
	}
	x, err := one(t.ctx, t, func(r row) (x kept, err error) { return x, r.Scan(&x.hash, &x.result) },
		"SELECT hash, result FROM once WHERE app = ? AND person = ? AND key = ?", app, by.PersonID, form.Key)
	switch {
	case err != nil:
		return "", err
	case [32]byte(x.hash) != form.Hash:
		return "", ErrKeyReused
	case x.result == "":
		return "", ErrUnderWay
	}
	return x.result, nil
}

// finish keeps what the form has led to, in the transaction of its act.
func (t *tx) finish(by Actor, app int64, form Form, result string) error {
	if form.Key == "" {
		return nil
	}
	if err := t.exec("DELETE FROM once WHERE at < ?", millis(t.now.Add(-onceKept))); err != nil {
		return err
	}
	return t.exec(`INSERT INTO once (app, person, key, hash, result, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (app, person, key) DO UPDATE SET result = excluded.result`,
		app, by.PersonID, form.Key, form.Hash[:], result, millis(t.now))
}
