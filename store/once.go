package store

import (
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

// once answers what the form has led to; ErrNotFound when this is the first click.
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
	if err == nil && [32]byte(x.hash) != form.Hash {
		err = ErrKeyReused
	}
	return x.result, err
}

// finish keeps what the form has led to, in the transaction of its act.
func (t *tx) finish(by Actor, app int64, form Form, result string) error {
	if form.Key == "" {
		return nil
	}
	if err := t.exec("DELETE FROM once WHERE at < ?", millis(t.now.Add(-onceKept))); err != nil {
		return err
	}
	return t.exec(`INSERT INTO once (app, person, key, hash, result, at) VALUES (?, ?, ?, ?, ?, ?)`,
		app, by.PersonID, form.Key, form.Hash[:], result, millis(t.now))
}
