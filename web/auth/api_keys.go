package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"muban/store"
)

// Keys remembers the API keys in use, so that a call costs no query. How often a key
// may be used is counted per machine.
type Keys struct {
	store   *store.Store
	rate    rate.Limit // of the calls with one key
	strange strangers

	mu      sync.RWMutex
	known   map[string]*knownKey // by prefix; none is ever changed
	changes uint64               // how often Forget was called
}

// NewKeys lets each key of the store make so many calls a second.
func NewKeys(st *store.Store, perSecond int) *Keys {
	return &Keys{store: st, rate: rate.Limit(perSecond), strange: newStrangers(), known: map[string]*knownKey{}}
}

// Open finds the live key that text is, for a caller at addr; ErrWrongKey where it is
// none. A key that made too many calls is told to wait by *TooMany, and so is an
// address that tries too many wrong ones; keys that are known are let in from there all
// the same.
func (k *Keys) Open(ctx context.Context, text, addr string, now time.Time) (*store.APIKey, error) {
	prefix, _, ok := strings.Cut(strings.TrimPrefix(text, keyMark), "_")
	if !ok || !strings.HasPrefix(text, keyMark) {
		return nil, k.strange.refuse(addr, now)
	}
	found, err := k.read(ctx, prefix, addr, now)
	if errors.Is(err, store.ErrNotFound) {
		return nil, k.strange.refuse(addr, now)
	}
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(text))
	if subtle.ConstantTimeCompare(hash[:], found.Hash[:]) != 1 || !found.Live(now) {
		return nil, k.strange.refuse(addr, now)
	}
	if wait := spend(found.limit, now); wait > 0 {
		return nil, &TooMany{Wait: wait, Rate: int(k.rate)}
	}
	return &found.APIKey, nil
}

// ErrWrongKey stands for every way of being no live key: unknown, wrong, expired,
// revoked.
var ErrWrongKey = errors.New("auth: no live API key")

// believedAway is for how long a key is taken for what it was while the database does not answer: business servers
// need the token that is in memory. Nobody can revoke a key meanwhile but from a machine that still reaches it.
const believedAway = 10 * time.Minute

// knownKey is a key as it was read; another process may revoke it, so it is
// believed for no longer than recheck, as long as the database answers.
type knownKey struct {
	store.APIKey
	read  time.Time
	limit *rate.Limiter // the same when the key is read anew
}

func (k *Keys) read(ctx context.Context, prefix, addr string, now time.Time) (*knownKey, error) {
	k.mu.RLock()
	known, changes := k.known[prefix], k.changes
	k.mu.RUnlock()
	if known == nil {
		if err := k.strange.mayAsk(addr, now); err != nil {
			return nil, err
		}
	} else if age := now.Sub(known.read); age >= 0 && age < recheck {
		return known, nil
	}
	key, err := k.store.APIKeyByPrefix(ctx, prefix)
	if store.Unavailable(err) && known != nil && now.Sub(known.read) < believedAway {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	return k.keep(key, now, changes), nil
}

// keep remembers what was read, unless keys were changed meanwhile: then it may be
// from before the change.
func (k *Keys) keep(key store.APIKey, now time.Time, changes uint64) *knownKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	found := &knownKey{APIKey: key, read: now}
	if old := k.known[key.Prefix]; old != nil {
		found.limit = old.limit
	} else {
		found.limit = limitOf(k.rate)
	}
	if k.changes != changes {
		found.read = time.Time{}
	}
	k.known[key.Prefix] = found
	return found
}

// Forget makes a change of keys count from the next call on.
func (k *Keys) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	for prefix, known := range k.known {
		k.known[prefix] = &knownKey{APIKey: known.APIKey, limit: known.limit}
	}
}

// Scopes are what an API key can be for.
var Scopes = []string{"token", "rights", "send", "metrics"}

// Allows tells whether the key is for scope; every key is for "".
func Allows(k store.APIKey, scope string) bool {
	return scope == "" || slices.Contains(k.Scopes, scope)
}

// keyMark begins every API key, so that one that leaked is found by a search.
const keyMark = "muban_"

// NewAPIKey makes a key of 130 random bits: "muban_<prefix>_<secret>". The prefix
// names it everywhere; the key itself is shown once and kept as a hash.
func NewAPIKey() (key string, k store.APIKey) {
	k.Prefix = strings.ToLower(rand.Text()[:8])
	key = keyMark + k.Prefix + "_" + strings.ToLower(rand.Text())
	k.Hash = sha256.Sum256([]byte(key))
	return key, k
}
