package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// userOf is whom a writer writes about: each has one, so that what it did is a sequence.
func userOf(writer int) string { return openIDOf(100 + writer) }

// writeConsents reports accepts and rejects of one user and sends to them without end. It prints each step before it
// is made and once it is.
func (s *Store) writeConsents(ctx context.Context, app int64, writer int) error {
	user, last := userOf(writer), ""
	said := func(what, ref string) func() error {
		return func() error {
			_, err := s.ReportAnswers(ctx, Actor{}, app, []ledger.Answer{{OpenID: user, TemplateID: onceTemplate, What: what,
				Source: ledger.FromPage, Ref: ref}})
			return err
		}
	}
	step := func(name string, make func() error) error {
		fmt.Printf("%d %s\n", writer, name) // one write a line: lines of several goroutines do not mix
		if err := make(); err != nil {
			return err
		}
		fmt.Printf("%d done\n", writer)
		return nil
	}
	unknown, err := s.heldSends(ctx, app, user)
	for _, x := range unknown {
		err = errors.Join(err, step("arrived", func() error { return s.DecideSend(ctx, Actor{}, app, x.ID, true) }))
	}
	for i := 0; err == nil; i++ {
		ref := fmt.Sprint(os.Getpid(), "-", i)
		switch n := rand.IntN(10); {
		case n < 4:
			last = ref
			err = step("accept", said(ledger.Accept, ref))
		case n < 5 && last != "":
			err = step("again", said(ledger.Accept, last))
		case n < 6:
			err = step("reject", said(ledger.Reject, ref))
		default:
			err = s.sendUnderConsent(ctx, step, Send{App: app, Kind: "subscribe", Key: fmt.Sprint(writer, ":", ref), OpenID: user,
				TemplateID: onceTemplate, Request: []byte(request)})
		}
	}
	return err
}

// sendUnderConsent begins a send, and ends it in one of the ways there are.
func (s *Store) sendUnderConsent(ctx context.Context, step func(string, func() error) error, x Send) error {
	none := false
	err := step("begin", func() (err error) {
		begun, _, err := s.BeginSend(ctx, Actor{}, x)
		if _, none = errors.AsType[*ledger.Refusal](err); none {
			return nil
		}
		x = begun
		return err
	})
	if err != nil || none {
		return err
	}
	end := []string{"sent", "sent", "refused 47003", "refused 43101", "unknown"}[rand.IntN(5)]
	fmt.Sscanf(end, "%s %d", &x.Outcome, &x.ErrCode)
	return step(end, func() error { return s.FinishSend(ctx, Actor{}, x) })
}

// heldSends are the sends to a user that wait for a decision.
func (s *Store) heldSends(ctx context.Context, app int64, user string) (held []Send, err error) {
	all, _, err := s.Sends(ctx, SendFilter{App: app, Undecided: true, Count: 1_000_000})
	for _, x := range all {
		if x.OpenID == user {
			held = append(held, x)
		}
	}
	return held, err
}

// stand is what a writer's steps come to for its user.
type stand struct{ left, held, used int }

func (c stand) after(step string) stand {
	switch step {
	case "accept":
		c.left++
	case "reject":
		c.left = 0
	case "begin":
		if c.left > 0 {
			c.left, c.held = c.left-1, c.held+1
		}
	case "sent", "arrived":
		c.held, c.used = c.held-1, c.used+1
	case "refused 47003":
		c.left, c.held = c.left+1, c.held-1
	case "refused 43101":
		c.left, c.held = 0, c.held-1
	}
	return c
}

// A process is killed 40 times while it reports and reserves, fewer on PostgreSQL, which is slow to open: each user
// stands where the last step that was acknowledged left them, or the one that was under way.
func TestFault38_NoConsentIsLostOrUsedTwiceByKill9(t *testing.T) {
	f := newFixture(t)
	noError(t, f.Close())
	var now, next [writers]stand
	steps, rounds := 0, 2**kills
	if onPostgres {
		rounds = *kills / 3
	}
	for range rounds {
		f.writeAndKill(t, "consents", func(line string) {
			var writer int
			name, ok := strings.CutPrefix(line, fmt.Sprint(line[:min(1, len(line))], " "))
			if _, err := fmt.Sscan(line, &writer); err != nil || !ok || writer >= writers {
				return // the last line may be cut off
			}
			if steps++; name == "done" {
				now[writer] = next[writer]
			} else {
				next[writer] = now[writer].after(name)
			}
		})
		f.Store = open(t, f.dir, f.clock) // with a quick_check
		sum := stand{}
		for w := range writers {
			all, err := f.ConsentsOf(t.Context(), f.app.ID, userOf(w))
			noError(t, err)
			got := stand{}
			if len(all) > 0 {
				got = stand{all[0].Left, all[0].Held, all[0].Used}
			}
			if got != now[w] && got != next[w] {
				t.Fatalf("writer %d: %+v, want %+v or %+v", w, got, now[w], next[w])
			}
			now[w], next[w] = got, got
			sum = stand{sum.left + got.left, sum.held + got.held, sum.used + got.used}
			held, err := f.heldSends(t.Context(), f.app.ID, userOf(w))
			noError(t, err)
			if len(held) != got.held {
				t.Fatalf("writer %d: %d sends wait for a decision, %+v", w, len(held), got)
			}
		}
		f.wantCounted(t, sum)
		noError(t, f.Close())
	}
	f.Store = open(t, f.dir, f.clock)
	noError(t, f.Check(t.Context()))
	t.Logf("%d kills, %d steps", rounds, steps/2)
}

// wantCounted compares the sums of all users, and no consent has two sends that went out under it.
func (f *fixture) wantCounted(t *testing.T, sum stand) {
	t.Helper()
	counts, err := f.ConsentCounts(t.Context(), f.app.ID)
	noError(t, err)
	i := slices.IndexFunc(counts, func(c ConsentCount) bool { return c.TemplateID == onceTemplate })
	if i >= 0 && (counts[i].Left != sum.left || counts[i].Held != sum.held) {
		t.Fatalf("counted %+v, want %+v", counts[i], sum)
	}
	all, _, err := f.Sends(t.Context(), SendFilter{App: f.app.ID, Count: 1_000_000})
	noError(t, err)
	under := map[string]int64{}
	for _, x := range all {
		if x.Outcome == dispatch.Refused {
			continue
		}
		if other := under[x.FormID]; other != 0 {
			t.Fatalf("sends %d and %d went out under %s", other, x.ID, x.FormID)
		}
		under[x.FormID] = x.ID
	}
}
