package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"
	"sync"
	"time"

	"muban/store"
)

// keyMark begins every API key, so that one that leaked is found by a search.
const keyMark = "muban_"

// Scopes are what an API key can be for.
var Scopes = []string{"token", "rights", "send"}

// newAPIKey makes a key of 130 random bits: "muban_<prefix>_<secret>". The prefix
// names it everywhere; the key itself is shown once and kept as a hash.
func newAPIKey() (key string, k store.APIKey) {
	k.Prefix = strings.ToLower(rand.Text()[:8])
	key = keyMark + k.Prefix + "_" + strings.ToLower(rand.Text())
	k.Hash = sha256.Sum256([]byte(key))
	return key, k
}

// allows tells whether the key is for scope; every key is for "".
func allows(k store.APIKey, scope string) bool {
	return scope == "" || slices.Contains(k.Scopes, scope)
}

// keys remembers the API keys in use, so that a call costs no query. The zero
// value is ready.
type keys struct {
	mu    sync.RWMutex
	known map[string]knownKey // by prefix
}

// knownKey is a key as it was read; another process may revoke it, so it is
// believed for no longer than recheck.
type knownKey struct {
	store.APIKey
	read time.Time
}

// open finds the live key that text is. store.ErrNotFound stands for every way
// of being none: unknown, wrong, expired, revoked (faults.md 32).
func (k *keys) open(ctx context.Context, st *store.Store, text string, now time.Time) (store.APIKey, error) {
	prefix, _, ok := strings.Cut(strings.TrimPrefix(text, keyMark), "_")
	if !ok || !strings.HasPrefix(text, keyMark) {
		return store.APIKey{}, store.ErrNotFound
	}
	found, err := k.read(ctx, st, prefix, now)
	if err != nil {
		return store.APIKey{}, err
	}
	hash := sha256.Sum256([]byte(text))
	if subtle.ConstantTimeCompare(hash[:], found.Hash[:]) != 1 || !found.Live(now) {
		return store.APIKey{}, store.ErrNotFound
	}
	return found, nil
}

func (k *keys) read(ctx context.Context, st *store.Store, prefix string, now time.Time) (store.APIKey, error) {
	k.mu.RLock()
	known, ok := k.known[prefix]
	k.mu.RUnlock()
	if age := now.Sub(known.read); ok && age >= 0 && age < recheck {
		return known.APIKey, nil
	}
	found, err := st.APIKeyByPrefix(ctx, prefix)
	if err != nil {
		return found, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = map[string]knownKey{}
	}
	k.known[prefix] = knownKey{found, now}
	return found, nil
}

// forget makes a change of keys count from the next call on.
func (k *keys) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known = nil
}
