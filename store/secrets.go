package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// keySize is that of AES-256, in bytes.
const keySize = 32

// keyID tells which key sealed a value. It is derived from the key and gives nothing of it away.
type keyID [8]byte

// masterKey is one line of muban.key. Nothing is sealed with it directly, only with what derives from it.
type masterKey struct {
	secret [keySize]byte
	id     keyID
	aead   cipher.AEAD
}

func newMasterKey() masterKey {
	var secret [keySize]byte
	rand.Read(secret[:])
	k, _ := parseKey(hex.EncodeToString(secret[:])) // cannot fail: the length is right
	return k
}

// parseKey reads one line of the key file. Its error never holds the line.
func parseKey(line string) (masterKey, error) {
	secret, err := hex.DecodeString(line)
	if err != nil || len(secret) != keySize {
		return masterKey{}, fmt.Errorf("a line is not %d hexadecimal digits", 2*keySize)
	}
	k := masterKey{secret: [keySize]byte(secret)}
	block, err := aes.NewCipher(k.derive("seal"))
	if err != nil {
		return masterKey{}, err
	}
	k.aead, err = cipher.NewGCMWithRandomNonce(block)
	copy(k.id[:], k.derive("id"))
	return k, err
}

// derive makes an independent key of 32 bytes for each purpose.
func (k masterKey) derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k.secret[:], nil, "muban/"+purpose, keySize)
	if err != nil {
		panic(err) // the length is a constant that HKDF allows
	}
	return key
}

// keyring is muban.key: the key that seals first, then older ones that still open.
type keyring []masterKey

// seal answers the id of the key, then nonce, ciphertext and tag. place, "table/row id/column", must be
// the same when it is opened: a sealed value copied into another row does not open there.
func (k keyring) seal(place, text string) []byte {
	out := append([]byte(nil), k[0].id[:]...)
	return k[0].aead.Seal(out, nil, []byte(text), []byte(place))
}

func (k keyring) open(place string, sealed []byte) (string, error) {
	var id keyID
	if copy(id[:], sealed) < len(id) {
		return "", fmt.Errorf("%w: %s is too short", ErrDamaged, place)
	}
	key, ok := k.find(id)
	if !ok {
		return "", fmt.Errorf("%w: %s was sealed with a key that it does not hold", ErrKey, place)
	}
	text, err := key.aead.Open(nil, nil, sealed[len(id):], []byte(place))
	if err != nil {
		return "", fmt.Errorf("%w: %s does not open", ErrDamaged, place)
	}
	return string(text), nil
}

func (k keyring) find(id keyID) (masterKey, bool) {
	for _, key := range k {
		if key.id == id {
			return key, true
		}
	}
	return masterKey{}, false
}

// RotateKey puts a new key in front of muban.key and seals every secret with it. The old keys stay in the file: they
// open the backups made before, and nothing is sealed with them any more, by no process on the database (see sealing
// and Watch).
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
		{"pushes", "app", "token"},
		{"pushes", "app", "aes_key"},
		{"tokens", "app_id", "value"},
		{"channels", "id", "url"},
		{"channels", "id", "secret"},
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
	if err := s.readKeysAgain(); err != nil {
		return "", err
	}
	return s.ring().open(place, sealed)
}

// sealing is the keyring to seal with, inside a transaction: the first key of the file as it is now. Another process
// may have rotated the keys, because the one before it is known to somebody, and nothing more is sealed with that.
// A file that cannot be read leaves the keys that are in memory.
func (s *Store) sealing() keyring {
	if err := s.readKeysAgain(); err != nil {
		s.log.Error("the key file cannot be read; secrets are sealed with the key from before", "file", s.keyFile(),
			"err", err)
	}
	return s.ring()
}

func (s *Store) readKeysAgain() error {
	ring, err := readKeys(s.keyFile())
	if err == nil {
		s.keys.Store(&ring)
	}
	return err
}
