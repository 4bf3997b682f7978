package store

import (
	"context"
	"errors"
	"fmt"
)

// RotateKey puts a new key in front of muban.key and seals every secret with it. The old keys stay in the
// file, for backups made before and for another process that has not met the new one yet.
func (s *Store) RotateKey(ctx context.Context, by Actor) error {
	var ring keyring
	err := s.write(ctx, func(t *tx) error {
		old, err := readKeys(s.keyFile())
		if err != nil {
			return err
		}
		ring = append(keyring{newMasterKey()}, old...)
		// The file comes first: a key in it that nothing is sealed with does no harm, the reverse does.
		if err := writeKeys(s.keyFile(), ring); err != nil {
			return err
		}
		if err := t.resealAll(ring); err != nil {
			return err
		}
		if err := t.adopt(ring[0]); err != nil {
			return err
		}
		return t.record(by, 0, ActKeyRotate, "", nil)
	})
	if err == nil {
		s.keys.Store(&ring)
	}
	return err
}

func (t *tx) resealAll(ring keyring) error {
	for _, sealed := range []struct{ table, key, column string }{
		{"apps", "id", "secret"},
		{"tokens", "app_id", "value"},
		{"webhook", "id", "url"},
		{"webhook", "id", "secret"},
		{"second_factors", "person_id", "secret"},
	} {
		if err := t.reseal(ring, sealed.table, sealed.key, sealed.column); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) reseal(ring keyring, table, key, column string) error {
	type sealed struct {
		key   any
		value []byte
	}
	scan := func(r row) (x sealed, err error) {
		err = r.Scan(&x.key, &x.value)
		return x, err
	}
	all, err := many(t.ctx, t, scan, fmt.Sprintf("SELECT %s, %s FROM %s", key, column, table))
	if err != nil {
		return err
	}
	update := fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ?", table, column, key)
	for _, x := range all {
		text, err := ring.open(place(table, x.key, column), x.value)
		if err != nil {
			return err
		}
		if err := t.exec(update, ring.seal(place(table, x.key, column), text), x.key); err != nil {
			return err
		}
	}
	return nil
}

// place is what a sealed value is bound to; key is the row's primary key.
func place(table string, key any, column string) string {
	return fmt.Sprintf("%s/%v/%s", table, key, column)
}

// unseal reads the key file again when another process has rotated the keys.
func (s *Store) unseal(place string, sealed []byte) (string, error) {
	text, err := s.ring().open(place, sealed)
	if !errors.Is(err, ErrKey) {
		return text, err
	}
	ring, err := readKeys(s.keyFile())
	if err != nil {
		return "", err
	}
	s.keys.Store(&ring)
	return ring.open(place, sealed)
}
