package store

import (
	"context"
	"slices"
	"strings"
	"time"
)

const (
	// watchEvery is how often Watch looks, so that what another process has changed is known within a second, also where
	// the news of it (Store.changed) was lost.
	watchEvery = 250 * time.Millisecond
	// watchAtOnce is how long it waits after news: more of it may be on its way.
	watchAtOnce = 20 * time.Millisecond
	// buryEvery is how often it looks for processes that have died.
	buryEvery = 5 * time.Second
)

// Watch tells what was changed since Open, by this process or by another one on the same database, until ctx ends:
// changed gets the nouns of the acts, such as "app", "person", "api_key", "alias", "template" and "setting", soon after
// they were done. Nothing is changed without a line in the log, so the log is all that is looked at. Where changed
// fails, it gets every noun at the next look.
//
// It also gives an outcome to the sends of processes that have died meanwhile, on other machines too.
func (s *Store) Watch(ctx context.Context, changed func(nouns []string) error) {
	last, err := s.opened, error(nil)
	failing := false // and said so: a database that is away is looked for four times a second
	var buried time.Time
	for s.waitForNews(ctx) {
		var nouns []string
		if err == nil {
			nouns, last, err = s.changedSince(ctx, last)
		} else { // what happened meanwhile is not known: everything may have changed
			if last, err = s.lastActivity(ctx); err == nil {
				nouns = everyNoun()
			}
		}
		if slices.Contains(nouns, "key") {
			s.rotatedElsewhere()
		}
		if len(nouns) > 0 {
			err = changed(nouns)
		}
		if err != nil && !failing && ctx.Err() == nil {
			s.log.Error("changes by other processes were not seen", "err", err)
		}
		failing = err != nil
		if time.Since(buried) >= buryEvery && !failing {
			buried = time.Now()
			if err := s.closeInterruptedSends(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("sends of processes that have died were not looked after", "err", err)
			}
		}
	}
}

// waitForNews returns when it is time to look, and false once ctx has ended.
func (s *Store) waitForNews(ctx context.Context) bool {
	look := time.NewTimer(watchEvery)
	defer look.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-look.C:
	case <-s.changed:
		select {
		case <-ctx.Done():
			return false
		case <-time.After(watchAtOnce):
		}
	}
	return true
}

// rotatedElsewhere takes up the new key, from which the keys for other purposes derive too.
func (s *Store) rotatedElsewhere() {
	if err := s.readKeysAgain(); err != nil {
		s.log.Error("the key file that was rotated cannot be read", "file", s.keyFile(), "err", err)
	}
}

func (s *Store) lastActivity(ctx context.Context) (int64, error) {
	return one(ctx, s.readers, scan[int64], "SELECT coalesce(max(id), 0) FROM activities")
}

// changedSince answers the nouns of the acts after a line of the log, each once, and the line to go on from.
func (s *Store) changedSince(ctx context.Context, after int64) (nouns []string, last int64, err error) {
	last = after
	_, err = many(ctx, s.readers, func(r row) (none struct{}, err error) {
		var act string
		err = r.Scan(&last, &act)
		if noun := nounOf(act); !slices.Contains(nouns, noun) {
			nouns = append(nouns, noun)
		}
		return none, err
	}, "SELECT id, act FROM activities WHERE id > ? ORDER BY id", after)
	return nouns, last, err
}

// nounOf is what an act is done to: "app" of "app.add".
func nounOf(act string) string {
	noun, _, _ := strings.Cut(act, ".")
	return noun
}

func everyNoun() []string {
	var nouns []string
	for _, act := range Acts() {
		if noun := nounOf(act); !slices.Contains(nouns, noun) {
			nouns = append(nouns, noun)
		}
	}
	return nouns
}
