package store

import (
	"context"
	"errors"
	"time"
)

// Example is a message of a template, kept under a name for everybody in the app.
type Example struct {
	ID, App          int64
	TemplateID, Name string
	Message          []byte // JSON, without recipient and right
	PersonName       string // who saved it last
	UpdatedAt        time.Time
}

const exampleColumns = "id, app, template_id, name, message, person_name, updated_at"

// SaveExample keeps an example. ErrTaken when the template has one of this name, which is replaced only by
// one with its ID: two people may think of the same name.
func (s *Store) SaveExample(ctx context.Context, by Actor, x Example) (saved Example, err error) {
	err = s.write(ctx, func(t *tx) error {
		saved = x
		saved.PersonName, saved.UpdatedAt = by.Name, stored(t.now)
		saved.ID, err = t.insert(`INSERT INTO examples (app, template_id, name, message, person_id, person_name, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (app, template_id, name) DO UPDATE SET message = excluded.message, person_id = excluded.person_id,
				person_name = excluded.person_name, updated_at = excluded.updated_at
				WHERE examples.id = ?
			RETURNING id`,
			x.App, x.TemplateID, x.Name, x.Message, reference(by.PersonID), by.Name, millis(t.now), x.ID)
		if errors.Is(err, ErrNotFound) {
			return ErrTaken
		}
		if err != nil {
			return err
		}
		return t.record(by, x.App, ActExampleSave, object("template", x.TemplateID), map[string]string{"name": x.Name})
	})
	return saved, err
}

// DeleteExample answers ErrNotFound when the app has no such example.
func (s *Store) DeleteExample(ctx context.Context, by Actor, app, id int64) error {
	return s.write(ctx, func(t *tx) error {
		x, err := one(t.ctx, t, scanExample, "DELETE FROM examples WHERE app = ? AND id = ? RETURNING "+exampleColumns,
			app, id)
		if err != nil {
			return err
		}
		return t.record(by, app, ActExampleDelete, object("template", x.TemplateID), map[string]string{"name": x.Name})
	})
}

// Examples answers those of a template by name.
func (s *Store) Examples(ctx context.Context, app int64, templateID string) ([]Example, error) {
	return many(ctx, s.readers, scanExample,
		"SELECT "+exampleColumns+" FROM examples WHERE app = ? AND template_id = ? ORDER BY name", app, templateID)
}

// Example answers ErrNotFound when the app has none with this id.
func (s *Store) Example(ctx context.Context, app, id int64) (Example, error) {
	return one(ctx, s.readers, scanExample, "SELECT "+exampleColumns+" FROM examples WHERE app = ? AND id = ?", app, id)
}

// inherit gives the examples of a template to what was restored from it. One whose name is there already
// stays where it is.
func (t *tx) inherit(app int64, from, to string) error {
	return t.exec(`UPDATE examples SET template_id = ? WHERE app = ? AND template_id = ?
		AND name NOT IN (SELECT name FROM examples WHERE app = ? AND template_id = ?)`, to, app, from, app, to)
}

func scanExample(r row) (x Example, err error) {
	err = r.Scan(&x.ID, &x.App, &x.TemplateID, &x.Name, &x.Message, &x.PersonName, instant{&x.UpdatedAt})
	return x, err
}
