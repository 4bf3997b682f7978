package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon2id with 19 MiB, two passes, one lane: OWASP's first recommendation.
const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonKey    = 32
)

// atOnce bounds how many passwords are hashed at a time: each takes 19 MiB, and
// a sign-in page is open to everybody.
const atOnce = 4

// Passwords hashes and checks passwords.
type Passwords struct {
	slots chan struct{}
	// nobody is the hash checked for a name that does not exist, so that the
	// answer takes as long as for one that does.
	nobody string
}

// NewPasswords is ready to hash.
func NewPasswords() *Passwords {
	p := &Passwords{slots: make(chan struct{}, atOnce)}
	p.nobody = encode(make([]byte, 16), make([]byte, argonKey))
	return p
}

// HashPassword makes the stored form of a password.
func HashPassword(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	return encode(salt, derive(password, salt, argonPasses, argonMemory, argonLanes))
}

// Hash is HashPassword, a few at a time; the error is ctx's.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if err := p.enter(ctx); err != nil {
		return "", err
	}
	defer p.leave()
	return HashPassword(password), nil
}

// check tells whether password is the one that stored was made from; stored ""
// takes as long and is always false.
func (p *Passwords) check(ctx context.Context, stored, password string) (bool, error) {
	if err := p.enter(ctx); err != nil {
		return false, err
	}
	defer p.leave()
	known := stored != ""
	if !known {
		stored = p.nobody
	}
	same, err := matches(stored, password)
	return same && known, err
}

func (p *Passwords) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Passwords) leave() { <-p.slots }

// HashBindingCode is how the code is kept that tells whose openid one is. People type
// it: letter case does not matter.
func HashBindingCode(code string) [32]byte { return sha256.Sum256([]byte(strings.ToUpper(code))) }

func derive(password string, salt []byte, passes, memory uint32, lanes uint8) []byte {
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, argonKey)
}

// encode is the usual text form: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func matches(stored, password string) (bool, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("a stored password is not argon2id")
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, fmt.Errorf("a stored password's parameters: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("a stored password's salt: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("a stored password's key: %w", err)
	}
	got := derive(password, salt, passes, memory, lanes)
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
