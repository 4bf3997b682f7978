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

// Passwords hashes and checks passwords.
type Passwords struct {
	queues *queues
	// nobody is the hash checked for a name that does not exist, so that the
	// answer takes as long as for one that does.
	nobody string
}

// NewPasswords is ready to hash.
func NewPasswords() *Passwords {
	p := &Passwords{queues: newQueues()}
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
	leave, err := p.queues.enter(ctx, Known) // a password is chosen by a link or while signed in
	if err != nil {
		return "", err
	}
	defer leave()
	return HashPassword(password), nil
}

// HashCodes makes the stored forms of recovery codes, as those of passwords but with one salt for all: the codes are
// random, and one that is typed is derived once and not for each.
func (p *Passwords) HashCodes(ctx context.Context, codes []string) (hashes []string, err error) {
	leave, err := p.queues.enter(ctx, Known)
	if err != nil {
		return nil, err
	}
	defer leave()
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	for _, code := range codes {
		hashes = append(hashes, encode(salt, derive(plainCode(code), salt, argonPasses, argonMemory, argonLanes)))
	}
	return hashes, nil
}

// codeAmong answers which of the stored recovery codes was typed, "" for none.
func (p *Passwords) codeAmong(ctx context.Context, q Queue, stored []string, code string) (found string, err error) {
	leave, err := p.queues.enter(ctx, q)
	if err != nil {
		return "", err
	}
	defer leave()
	derived := map[string]string{} // by all that comes before the key
	for _, one := range stored {
		how := one[:strings.LastIndex(one, "$")+1]
		if derived[how] == "" {
			if derived[how], err = derivedLike(one, plainCode(code)); err != nil {
				return "", err
			}
		}
		if subtle.ConstantTimeCompare([]byte(derived[how]), []byte(one)) == 1 {
			found = one
		}
	}
	return found, nil
}

// plainCode is a recovery code without what people type or leave out between its letters.
func plainCode(code string) string {
	return strings.ToUpper(strings.ReplaceAll(unspaced(code), "-", ""))
}

// check tells whether password is the one that stored was made from; stored ""
// takes as long and is always false.
func (p *Passwords) check(ctx context.Context, q Queue, stored, password string) (bool, error) {
	leave, err := p.queues.enter(ctx, q)
	if err != nil {
		return false, err
	}
	defer leave()
	known := stored != ""
	if !known {
		stored = p.nobody
	}
	like, err := derivedLike(stored, password)
	return subtle.ConstantTimeCompare([]byte(like), []byte(stored)) == 1 && known, err
}

// HashBindingCode is how the code is kept that tells whose openid one is. People type
// it: letter case does not matter.
func HashBindingCode(code string) [32]byte { return sha256.Sum256([]byte(strings.ToUpper(code))) }

func derive(password string, salt []byte, passes, memory uint32, lanes uint8) []byte {
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, argonKey)
}

// encode is the usual text form: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// derivedLike is the stored form that password has with the salt and the cost of another one.
func derivedLike(stored, password string) (string, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return "", fmt.Errorf("a stored password is not argon2id")
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return "", fmt.Errorf("a stored password's parameters: %w", err)
	}
	b64 := base64.RawStdEncoding
	salt, err := b64.DecodeString(parts[4])
	if err != nil {
		return "", fmt.Errorf("a stored password's salt: %w", err)
	}
	parts[5] = b64.EncodeToString(derive(password, salt, passes, memory, lanes))
	return strings.Join(parts, "$"), nil
}
