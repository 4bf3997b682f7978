package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"muban/store/db"
)

// Key answers 32 bytes for one purpose, such as the signing of session cookies. They stay the same until
// the keys rotate.
func (s *Store) Key(purpose string) []byte { return s.ring()[0].derive("for/" + purpose) }

func (s *Store) ring() keyring   { return *s.keys.Load() }
func (s *Store) keyFile() string { return s.key }

// openKeys reads muban.key, or makes it at the first run, and refuses one that does not fit.
func (s *Store) openKeys(ctx context.Context) error {
	if err := db.Tighten(s.log, s.keyFile()); err != nil {
		return err
	}
	ring, err := readKeys(s.keyFile())
	if errors.Is(err, fs.ErrNotExist) {
		ring, err = s.makeKey(ctx)
	}
	if err != nil {
		return err
	}
	used, err := many(ctx, s.readers, scanKeyID, "SELECT id FROM sealing_keys")
	if err != nil {
		return err
	}
	for _, id := range used {
		if _, ok := ring.find(id); !ok {
			return fmt.Errorf("%w: %s was sealed with another key than %s holds; put the right key file back",
				ErrKey, s.db.Where(), s.keyFile())
		}
	}
	s.keys.Store(&ring)
	if slices.Contains(used, ring[0].id) {
		return nil
	}
	return s.write(ctx, func(t *tx) error { return t.adopt(ring[0]) })
}

// makeKey holds the write lock, so that of two first runs only one makes the key.
func (s *Store) makeKey(ctx context.Context) (ring keyring, err error) {
	err = s.write(ctx, func(t *tx) error {
		ring, err = readKeys(s.keyFile())
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := t.nothingSealed(s.db.Shared()); err != nil {
			return fmt.Errorf("%w: %s is missing, and the secrets in %s cannot be read without it; put it back",
				err, s.keyFile(), s.db.Where())
		}
		if err := t.exec("DELETE FROM sealing_keys"); err != nil {
			return err
		}
		ring = keyring{newMasterKey()}
		if err := t.adopt(ring[0]); err != nil {
			return err
		}
		return writeKeys(s.keyFile(), ring)
	})
	return ring, err
}

// nothingSealed answers ErrKey when there is a secret that a new key could not open. Of a shared database another
// machine may have the key: then one that was ever used is as good as a secret.
func (t *tx) nothingSealed(shared bool) error {
	sealed := `SELECT (SELECT count(*) FROM apps) + (SELECT count(*) FROM tokens)
		+ (SELECT count(*) FROM channels) + (SELECT count(*) FROM second_factors)`
	if shared {
		sealed += " + (SELECT count(*) FROM sealing_keys)"
	}
	n, err := one(t.ctx, t, scan[int64], sealed)
	if err == nil && n > 0 {
		return ErrKey
	}
	return err
}

// adopt notes that values are sealed with key from now on.
func (t *tx) adopt(key masterKey) error {
	return t.exec("INSERT INTO sealing_keys (id, made_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
		key.id[:], millis(t.now))
}

func scanKeyID(r row) (id keyID, err error) {
	var b []byte
	err = r.Scan(&b)
	copy(id[:], b)
	return id, err
}

func readKeys(file string) (keyring, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var ring keyring
	for line := range strings.FieldsSeq(string(text)) {
		key, err := parseKey(line)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrKey, file, err)
		}
		ring = append(ring, key)
	}
	if len(ring) == 0 {
		return nil, fmt.Errorf("%w: %s is empty", ErrKey, file)
	}
	return ring, nil
}

func writeKeys(file string, ring keyring) error {
	return replaceFile(file, func(f *os.File) error {
		for _, key := range ring {
			if _, err := fmt.Fprintln(f, hex.EncodeToString(key.secret[:])); err != nil {
				return err
			}
		}
		return nil
	})
}
