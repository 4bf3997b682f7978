package library_test

import (
	"context"
	"errors"
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
	for calls := 1; calls <= 2; calls++ {
		for range 2 {
			if page, err := r.List(t.Context(), 20, 20); err != nil || len(page.Titles) != 20 {
				t.Fatalf("%d titles, %v", len(page.Titles), err)
			}
		}
		if n := s.Stats()[listPath]; n != calls {
			t.Errorf("%d calls, want %d", n, calls)
		}
		*now = now.Add(library.Fresh)
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

// A page that comes back empty or short once is asked for again; where it stays so there is an error and no
// list that is cut short, and the next walk finds what there is.
func TestFault58_AWalkDoubtsAPageThatShrinks(t *testing.T) {
	for name, body := range map[string]string{
		"empty":     `{"errcode":0,"list":[],"total_count":0}`,
		"one title": `{"errcode":0,"list":[{"id":"AT0002","title":"购买成功通知"}],"total_count":1}`,
	} {
		for _, at := range []int{0, 1, 20} {
			if at == 0 && name != "empty" {
				continue // a library of one title, for all that is known
			}
			r, s, _ := open(t)
			for page := range at {
				if _, err := r.List(t.Context(), page*wechat.MaxCount, wechat.MaxCount); err != nil {
					t.Fatal(err)
				}
			}
			fault := sandbox.Fault{Path: listPath, Body: body, Times: 1}
			must(t, s.AddFault(fault))
			whole := len(wholeLibrary())
			if all, err := r.All(t.Context()); err != nil || len(all) != whole {
				t.Errorf("%s once at page %d: %d titles, %v", name, at, len(all), err)
			}
			r.Forget()
			for page := range at {
				if _, err := r.List(t.Context(), page*wechat.MaxCount, wechat.MaxCount); err != nil {
					t.Fatal(err)
				}
			}
			fault.Times = 3
			must(t, s.AddFault(fault))
			if all, err := r.All(t.Context()); !errors.Is(err, library.ErrEmpty) || !wechat.IsFailure(err) ||
				all != nil {
				t.Errorf("%s at page %d: %d titles, %v", name, at, len(all), err)
			}
			if all, err := r.All(t.Context()); err != nil || len(all) != whole {
				t.Errorf("%s, afterwards: %d titles, %v", name, len(all), err)
			}
		}
	}
}
