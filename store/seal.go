package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
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
