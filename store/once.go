package store

import (
	"context"
	"errors"
	"strconv"
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

// AddDraftOnce is AddDraft for a form, or for one part of it: a second click answers the draft that the first made.
func (s *Store) AddDraftOnce(ctx context.Context, by Actor, form Form, d Draft) (Draft, error) {
	added, err := s.AddDraftsOnce(ctx, by, []DraftOfForm{{form, d}})
	if err != nil {
		return Draft{}, err
	}
	return added[0], nil
}

// DraftOfForm is a draft with the form, or the part of it such as a line, that asks for it.
type DraftOfForm struct {
	Form
	Draft
}

// AddDraftsOnce adds all the drafts or none, and answers them in their order. One that an earlier click has made is
// answered as it is now; all are of one app.
func (s *Store) AddDraftsOnce(ctx context.Context, by Actor, all []DraftOfForm) (drafts []Draft, err error) {
	err = s.write(ctx, func(t *tx) error {
		drafts = make([]Draft, len(all))
		for i, x := range all {
			if drafts[i], err = t.addDraftOnce(by, x); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return drafts, nil
}

func (t *tx) addDraftOnce(by Actor, x DraftOfForm) (Draft, error) {
	made, err := t.once(by, x.App, x.Form)
	if err == nil {
		return one(t.ctx, t, scanDraft, "SELECT "+draftColumns+" FROM drafts WHERE app = ? AND id = ?", x.App, made)
	}
	if !errors.Is(err, ErrNotFound) {
		return Draft{}, err
	}
	d, err := t.addDraft(by, x.Draft)
	if err != nil {
		return Draft{}, err
	}
	if err := t.finish(by, x.App, x.Form, strconv.FormatInt(d.ID, 10)); err != nil {
		return Draft{}, err
	}
	return d, t.record(by, x.App, ActDraftAdd, object("draft", d.ID), map[string]string{"title": d.Title})
}
