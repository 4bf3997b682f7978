package store

import (
	"context"
	"errors"
)

// Setting answers a setting of the whole console, "" when it is unset.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	return setting(ctx, s.readers, name)
}

// SetSetting keeps a short value, 200 characters at the most, and never a secret: the log repeats it.
func (s *Store) SetSetting(ctx context.Context, by Actor, name, value string) error {
	return s.write(ctx, func(t *tx) error { return t.set(by, name, value) })
}

func (t *tx) set(by Actor, name, value string) error {
	before, err := setting(t.ctx, t, name)
	if err != nil {
		return err
	}
	if err := t.exec(`INSERT INTO settings (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value); err != nil {
		return err
	}
	return t.record(by, 0, ActSetting, object("setting", name), map[string]string{"from": before, "to": value})
}

func setting(ctx context.Context, q querier, name string) (string, error) {
	value, err := one(ctx, q, scan[string], "SELECT value FROM settings WHERE name = ?", name)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return value, err
}
