package library_test

import (
	"context"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/library"
	"muban/wechat/sandbox"
)

const (
	listPath = "/cgi-bin/wxopen/template/library/list"
	getPath  = "/cgi-bin/wxopen/template/library/get"
)

// open reads the simulated WeChat's library under a clock that the test moves.
func open(t *testing.T) (*library.Direct, *sandbox.Server, *time.Time) {
	t.Helper()
	s := sandbox.New(sandbox.Options{})
	client, err := wechat.NewClient(wechat.Config{Base: "http://sandbox.invalid", Tokens: tokens{s},
		Transport: s.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	return library.NewDirect(client, func() time.Time { return now }, library.NewPace(time.Nanosecond)), s, &now
}

// tokens fetches one for every call: what is counted here is the library.
type tokens struct{ s *sandbox.Server }

func (k tokens) Token(ctx context.Context) (wechat.Secret, error) {
	token, err := wechat.FetchToken(ctx, wechat.Credentials{Base: "http://sandbox.invalid",
		AppID: sandbox.DefaultAppID, Secret: sandbox.DefaultSecret, Transport: k.s.Transport()})
	return token.Value, err
}

func (k tokens) Refresh(ctx context.Context, _ wechat.Secret) (wechat.Secret, error) {
	return k.Token(ctx)
}

func TestAPageIsReadOnceUntilItIsStale(t *testing.T) {
	r, s, now := open(t)
	read := func() uint64 {
		page, version, err := r.List(t.Context(), 20, 20)
		if err != nil || len(page.Titles) != 20 {
			t.Fatalf("%d titles, %v", len(page.Titles), err)
		}
		return version
	}
	first := read()
	if again := read(); again != first || s.Stats()[listPath] != 1 {
		t.Errorf("version %d then %d, %d calls", first, again, s.Stats()[listPath])
	}
	*now = now.Add(library.Fresh)
	if later := read(); later == first || s.Stats()[listPath] != 2 {
		t.Errorf("a stale page: version %d again, %d calls", later, s.Stats()[listPath])
	}
}

func TestATitleIsReadOnceUntilItIsForgotten(t *testing.T) {
	r, s, _ := open(t)
	for calls := 1; calls <= 2; calls++ {
		for range 2 {
			title, err := r.Get(t.Context(), "AT0002")
			if err != nil || title.Text != "购买成功通知" || len(title.Keywords) < 3 {
				t.Fatalf("%+v, %v", title, err)
			}
		}
		if n := s.Stats()[getPath]; n != calls {
			t.Errorf("%d calls, want %d", n, calls)
		}
		r.Forget()
	}
}

func TestAnErrorIsNotKept(t *testing.T) {
	r, s, _ := open(t)
	busy := -1
	if err := s.AddFault(sandbox.Fault{Path: getPath, Times: 1, ErrCode: &busy}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Get(t.Context(), "AT0002"); err == nil {
		t.Fatal("no error")
	}
	if _, err := r.Get(t.Context(), "AT0002"); err != nil {
		t.Errorf("the error stayed: %v", err)
	}
}

func TestAllReadsEveryPageAndOnlyOnce(t *testing.T) {
	r, s, _ := open(t)
	for range 2 {
		all, err := r.All(t.Context())
		if err != nil || len(all) != len(sandbox.Library(sandbox.DefaultSeed)) {
			t.Fatalf("%d titles, %v", len(all), err)
		}
	}
	titles := len(sandbox.Library(sandbox.DefaultSeed))
	if n, want := s.Stats()[listPath], (titles+wechat.MaxCount-1)/wechat.MaxCount; n != want {
		t.Errorf("%d calls, want %d", n, want)
	}
}
