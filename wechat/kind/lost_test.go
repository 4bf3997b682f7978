package kind_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat/kind"
)

// "System busy" is no answer to a call that a repetition would carry out twice.
func TestFault59_ABusyWeChatLeavesAnAdditionAndADeletionOpen(t *testing.T) {
	const busy = `{"errcode":-1,"errmsg":"system error"}`
	synctest.Test(t, func(t *testing.T) {
		r := &refusing{account: account{}, answer: busy}
		r.put([]int{3})
		_, added := add(t, newClient(t, r), []int{3})
		deleted := kind.Template.Delete(t.Context(), newClient(t, r), "template0")
		for _, err := range []error{added, deleted} {
			if !isLost(err) {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestFault57_ADeletionWithoutAnAnswerIsLookedUp(t *testing.T) {
	for name, c := range map[string]struct {
		late time.Duration // when it takes effect; negative for never
		only bool          // the account has no other template
		lost bool
	}{
		"took effect":              {0, false, false},
		"took effect, and is last": {0, true, false},
		"takes effect later":       {40 * time.Second, false, true},
		"never takes effect":       {-1, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &deleting{late: c.late}
				a.put([]int{3})
				if !c.only {
					a.put([]int{4})
				}
				err := kind.Template.Delete(t.Context(), newClient(t, a), "template0")
				if isLost(err) != c.lost || err != nil && !c.lost {
					t.Errorf("got %v", err)
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
		if err := kind.Template.Delete(t.Context(), newClient(t, a), "template0"); !isLost(err) {
			t.Errorf("got %v", err)
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
