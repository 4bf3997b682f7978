package kind_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

// An addition that timed out is not known yet: WeChat takes it up to its own deadline, and adds it once.
func TestFault57_AnAdditionIsNotKnownUntilWeChatsOwnDeadline(t *testing.T) {
	for late, want := range map[time.Duration]error{
		5 * time.Second: nil, 30 * time.Second: nil, 75 * time.Second: nil, kind.Deadline - 10*time.Second: nil, time.Hour: kind.ErrNotAdded,
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			a := &account{lose: context.DeadlineExceeded, effect: true, late: late}
			a.put([]int{3, 4})
			_, err := kind.Template.Add(t.Context(), newClient(t, a), bought, []int{3, 4})
			lost, ok := errors.AsType[*kind.Lost](err)
			if !ok || !wechat.Uncertain(err) || !lost.Until.Equal(start.Add(kind.Deadline)) {
				t.Fatalf("after %v: %v", late, err)
			}
			id, err := lost.Wait(t.Context())
			if !errors.Is(err, want) || (err == nil) != (id == "template1") || a.adds != 1 {
				t.Errorf("after %v: %q, %v, added %d times", late, id, err, a.adds)
			}
			if took := time.Since(start); took < late && took < kind.Deadline || took > late+10*time.Second && want == nil {
				t.Errorf("after %v: known in %v", late, took)
			}
		})
	}
}

func TestFault57_TheLookingUpEndsWithItsContextOrWithoutAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{lose: io.ErrUnexpectedEOF, blind: true}
		_, err := kind.Template.Add(t.Context(), newClient(t, a), bought, []int{3})
		lost, ok := errors.AsType[*kind.Lost](err)
		if !ok {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := lost.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stopped: %v", err)
		}
		if _, err := lost.Wait(t.Context()); !errors.Is(err, kind.ErrUnknown) || !wechat.Uncertain(err) {
			t.Errorf("no list until the end: %v", err)
		}
	})
}

// "System busy" is no answer to a call that a repetition would carry out twice.
func TestFault59_ABusyWeChatLeavesAnAdditionAndADeletionOpen(t *testing.T) {
	const busy = `{"errcode":-1,"errmsg":"system error"}`
	synctest.Test(t, func(t *testing.T) {
		r := &refusing{account: account{}, answer: busy}
		r.put([]int{3})
		_, added := kind.Template.Add(t.Context(), newClient(t, r), bought, []int{3})
		deleted := kind.Template.Delete(t.Context(), newClient(t, r), "template0")
		for _, err := range []error{added, deleted} {
			if _, ok := errors.AsType[*kind.Lost](err); !ok {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestFault57_ADeletionWithoutAnAnswerIsLookedUp(t *testing.T) {
	for name, c := range map[string]struct {
		late  time.Duration // when it takes effect; negative for never
		only  bool          // the account has no other template
		first error
		want  error
	}{
		"took effect":              {0, false, nil, nil},
		"took effect, and is last": {0, true, nil, nil},
		"takes effect later":       {40 * time.Second, false, kind.ErrUnknown, nil},
		"never takes effect":       {-1, false, kind.ErrUnknown, kind.ErrNotDeleted},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &deleting{late: c.late}
				a.put([]int{3})
				if !c.only {
					a.put([]int{4})
				}
				err := kind.Template.Delete(t.Context(), newClient(t, a), "template0")
				if !errors.Is(err, c.first) || (err == nil) != (c.first == nil) {
					t.Fatalf("at first: %v", err)
				}
				if lost, ok := errors.AsType[*kind.Lost](err); ok {
					if id, err := lost.Wait(t.Context()); !errors.Is(err, c.want) || (err == nil) != (id == "template0") {
						t.Errorf("in the end: %q, %v", id, err)
					}
				}
			})
		})
	}
}

// A list that is empty for a moment is no proof that a template is gone.
func TestFault57_OneEmptyListDoesNotProveADeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &deleting{late: -1, empty: 1}
		a.put([]int{3})
		err := kind.Template.Delete(t.Context(), newClient(t, a), "template0")
		lost, ok := errors.AsType[*kind.Lost](err)
		if !ok {
			t.Fatal(err)
		}
		if id, err := lost.Wait(t.Context()); !errors.Is(err, kind.ErrNotDeleted) {
			t.Errorf("%q, %v", id, err)
		}
	})
}

// deleting is an account that loses the answers of template/del.
type deleting struct {
	account
	late  time.Duration
	gone  time.Time
	empty int // so many lists are empty by mistake
}

func (d *deleting) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/del") {
		d.gone = time.Now().Add(d.late)
		return nil, io.ErrUnexpectedEOF
	}
	if d.late >= 0 && !time.Now().Before(d.gone) {
		d.templates, d.late = d.templates[1:], -1
	}
	if d.empty--; d.empty >= 0 {
		return jsonOf(`{"errcode":0,"list":[]}`), nil
	}
	return d.account.RoundTrip(r)
}
