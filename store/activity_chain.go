package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// Chain is what the activity log's chain of hashes tells.
type Chain struct {
	Count  int   // lines that hold together
	Broken int64 // the first line that does not follow from the one before it; 0: all do
	// Head is the hash of the last good line. Kept elsewhere, it shows later that no line up to it was
	// changed or taken away.
	Head [32]byte
}

// VerifyActivities reads the whole log and follows its chain.
func (s *Store) VerifyActivities(ctx context.Context) (Chain, error) { return chainOf(ctx, s.readers) }

// linksAtOnce is how many lines of the log one query reads: a whole log takes longer than a query may.
const linksAtOnce = 10_000

func chainOf(ctx context.Context, q querier) (c Chain, err error) {
	for last, n := int64(0), linksAtOnce; n == linksAtOnce; {
		links, err := many(ctx, q, scanLink,
			"SELECT "+activityColumns+", hash FROM activities WHERE id > ? ORDER BY id LIMIT ?", last, linksAtOnce)
		if err != nil {
			return c, err
		}
		n = len(links)
		for _, l := range links {
			if l.ID != last+1 || l.hash != l.after(c.Head) {
				c.Broken = l.ID
				return c, nil
			}
			c.Head, last = l.hash, l.ID
			c.Count++
		}
	}
	return c, nil
}

// HasActivity tells whether the log holds the line whose hash this is, in hex.
func (s *Store) HasActivity(ctx context.Context, hash string) (bool, error) {
	wanted, err := hex.DecodeString(hash)
	if err != nil {
		return false, nil // then it is no line's
	}
	n, err := one(ctx, s.readers, scan[int], "SELECT count(*) FROM activities WHERE hash = ?", wanted)
	return n > 0, err
}

// link is a line of the log with its place in the chain.
type link struct {
	Activity
	hash [32]byte
}

// after is the hash that the activity has when before is that of the line before it. Every field is
// written with its length, so that no two different lines are written alike.
func (a Activity) after(before [32]byte) [32]byte {
	b := append(make([]byte, 0, 256), before[:]...)
	for _, n := range []int64{a.ID, millis(a.At), a.PersonID, a.App} {
		b = binary.AppendVarint(b, n)
	}
	for _, text := range []string{a.PersonName, a.Addr, a.Act, a.Object, a.Detail} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return sha256.Sum256(b)
}

// lastLink is the end of the chain; the zero link when there is none yet.
func (t *tx) lastLink() (link, error) {
	l, err := one(t.ctx, t, func(r row) (l link, err error) {
		var hash []byte
		err = r.Scan(&l.ID, &hash)
		copy(l.hash[:], hash)
		return l, err
	}, "SELECT id, hash FROM activities ORDER BY id DESC LIMIT 1")
	if errors.Is(err, ErrNotFound) {
		return link{}, nil
	}
	return l, err
}

func scanLink(r row) (l link, err error) {
	var hash []byte
	a := &l.Activity
	err = r.Scan(&a.ID, instant{&a.At}, &a.PersonID, &a.PersonName, &a.Addr, &a.App, &a.Act, &a.Object, &a.Detail, &hash)
	copy(l.hash[:], hash)
	return l, err
}
