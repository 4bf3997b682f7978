package token_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

const life = 2 * time.Hour

// upstream is a WeChat that mints token-1, token-2, … and can be made to misbehave.
type upstream struct {
	mu    sync.Mutex
	calls int
	takes time.Duration // for every answer
	life  time.Duration // 2 h when zero
	err   error         // answered instead of a token
	odd   *wechat.Token // answered instead of a token
	deaf  bool          // ignores that the caller gives up
}

func (u *upstream) fetch(ctx context.Context, _ bool) (wechat.Token, error) {
	u.mu.Lock()
	u.calls++
	t := wechat.Token{Value: wechat.Secret(fmt.Sprint("token-", u.calls)), ExpiresIn: u.life}
	if t.ExpiresIn == 0 {
		t.ExpiresIn = life
	}
	if u.odd != nil {
		t = *u.odd
	}
	takes, err, deaf := u.takes, u.err, u.deaf
	u.mu.Unlock()
	if deaf {
		ctx = context.Background()
	}
	if takes > 0 {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return wechat.Token{}, ctx.Err()
		}
	}
	if err != nil {
		return wechat.Token{}, err
	}
	return t, nil
}

func (u *upstream) now(change func(*upstream)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(u)
}

func (u *upstream) asked() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls
}

// memory is a Store in memory that can be made to fail.
type memory struct {
	mu     sync.Mutex
	record token.Record
	err    error
	saves  int
	takes  time.Duration // to save
}

func (s *memory) LoadToken(context.Context, string) (token.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && s.record.Value == "" {
		return token.Record{}, token.ErrNone
	}
	return s.record, s.err
}

func (s *memory) SaveToken(_ context.Context, _ string, r token.Record) error {
	time.Sleep(s.takes)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.saves++
	s.record = r
	return nil
}

func (s *memory) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *memory) holds() token.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record
}

// bench is one keeper with what is around it.
type bench struct {
	*token.Keeper
	*upstream
	stored *memory
}

func newBench(change ...func(*token.Options)) bench {
	o := token.Options{Jitter: func(d time.Duration) time.Duration { return d }}
	for _, f := range change {
		f(&o)
	}
	b := bench{upstream: &upstream{}, stored: &memory{}}
	b.Keeper = token.New("wx1", b.fetch, b.stored, o)
	return b
}

// restart is a new keeper on the same store and WeChat.
func (b bench) restart(o token.Options) bench {
	b.Keeper = token.New("wx1", b.fetch, b.stored, o)
	return b
}

func (b bench) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
}

func (b bench) gives(t *testing.T, want string) {
	t.Helper()
	if got, err := b.Token(t.Context()); err != nil || got.Reveal() != want {
		t.Errorf("Token gives %q, %v, want %q", got.Reveal(), err, want)
	}
}

func (b bench) wasAsked(t *testing.T, want int) {
	t.Helper()
	synctest.Wait()
	if n := b.asked(); n != want {
		t.Errorf("WeChat was asked %d times, want %d", n, want)
	}
}

// together calls f from n goroutines and returns when all have.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
