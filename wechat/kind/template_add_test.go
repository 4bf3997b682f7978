package kind_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

var bought = wechat.Title{ID: "AT0002", Text: "购买成功通知", Keywords: []wechat.Keyword{
	{ID: 3, Name: "购买地点"}, {ID: 4, Name: "购买时间"}, {ID: 5, Name: "物品名称"},
}}

// account is a WeChat with templates that loses the answers of template/add. It answers
// in process, so that the tests' clock can be synctest's.
type account struct {
	templates []map[string]string
	adds      int
	lose      error         // the answer of template/add is lost with this
	effect    bool          // and yet it takes effect
	late      time.Duration // so much later
	blind     bool          // template/list fails once something was added
	listErr   string        // template/list answers this
	waiting   []int
	due       time.Time // when waiting is added
	also      int       // how many of the same somebody else adds meanwhile
}

func (a *account) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	switch {
	case strings.HasSuffix(r.URL.Path, "/add"):
		return a.add(body)
	case a.blind && a.adds > 0:
		return nil, io.ErrUnexpectedEOF
	case a.listErr != "":
		return jsonOf(a.listErr), nil
	}
	if a.waiting != nil && time.Now().After(a.due) {
		a.put(a.waiting)
	}
	return jsonOf(map[string]any{"errcode": 0, "list": append([]map[string]string{}, a.templates...)}), nil
}

func (a *account) add(body []byte) (*http.Response, error) {
	var q struct {
		IDs []int `json:"keyword_id_list"`
	}
	json.Unmarshal(body, &q)
	a.adds++
	for range a.also {
		a.put(q.IDs)
	}
	if a.lose == nil {
		return jsonOf(map[string]any{"errcode": 0, "template_id": a.put(q.IDs)}), nil
	}
	if a.effect && a.late > 0 {
		a.waiting, a.due = q.IDs, time.Now().Add(a.late)
	} else if a.effect {
		a.put(q.IDs)
	}
	return nil, a.lose
}

func (a *account) put(keywordIDs []int) string {
	content := ""
	for i, id := range keywordIDs {
		content += fmt.Sprintf("%s{{keyword%d.DATA}}\n", bought.Keywords[id-3].Name, i+1)
	}
	id := fmt.Sprint("template", len(a.templates))
	a.templates = append(a.templates, map[string]string{"template_id": id, "title": bought.Text, "content": content})
	return id
}

func jsonOf(v any) *http.Response {
	raw, ok := v.(string)
	if !ok {
		b, _ := json.Marshal(v)
		raw = string(b)
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewBufferString(raw))}
}

// add adds keywords of bought to what the account has.
func add(t *testing.T, c *wechat.Client, keywordIDs []int) (string, error) {
	t.Helper()
	now, err := kind.Template.List(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var before []string
	for _, template := range now {
		before = append(before, template.ID)
	}
	return kind.Template.Add(t.Context(), c, before, kind.Combination{Title: bought, KeywordIDs: keywordIDs})
}

func isLost(err error) bool {
	_, lost := errors.AsType[*kind.Lost](err)
	return lost
}

// Fault 24: template/add times out: found again through template/list, not added twice.
func TestFault24_AnAdditionWithoutAnAnswerIsLookedUp(t *testing.T) {
	lost := io.ErrUnexpectedEOF
	for _, c := range []struct {
		name string
		a    account
		want string
		lost bool
	}{
		{"answered", account{}, "template2", false},
		{"lost after it took effect", account{lose: lost, effect: true}, "template2", false},
		{"lost, takes effect a second later", account{lose: lost, effect: true, late: time.Second}, "template2", false},
		{"lost before it took effect", account{lose: lost}, "", true},
		{"lost, and the list too", account{lose: lost, effect: true, blind: true}, "", true},
		{"lost, and somebody else added the same", account{lose: lost, effect: true, also: 1}, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := c.a
				a.put([]int{3, 4, 5}) // the very same, from before
				a.put([]int{4, 3})
				client := newClient(t, &a)
				got, err := add(t, client, []int{3, 4, 5})
				if got != c.want || isLost(err) != c.lost || err != nil && !c.lost {
					t.Errorf("got %q, %v", got, err)
				}
				if wechat.Uncertain(err) != c.lost {
					t.Errorf("uncertain: %v", wechat.Uncertain(err))
				}
				if a.adds > 1 {
					t.Errorf("added %d times", a.adds)
				}
			})
		})
	}
}

func TestFault24_ATemplateOfOtherKeywordsIsNotTakenForTheNewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := account{lose: io.ErrUnexpectedEOF, effect: true}
		client := newClient(t, reordering{&a})
		_, err := add(t, client, []int{3, 4})
		if !isLost(err) {
			t.Errorf("got %v", err)
		}
	})
}

// reordering is an account to which somebody else adds a similar template meanwhile.
type reordering struct{ *account }

func (r reordering) RoundTrip(q *http.Request) (*http.Response, error) {
	if strings.HasSuffix(q.URL.Path, "/add") {
		r.adds++
		r.put([]int{4, 3})
		r.put([]int{3, 4, 5})
		return nil, r.lose
	}
	return r.account.RoundTrip(q)
}

func TestFault24_ARefusalIsToldAsItIs(t *testing.T) {
	full := &refusing{account{}, `{"errcode":45026,"errmsg":"template num exceeds limit"}`, 0}
	_, err := add(t, newClient(t, full), []int{3})
	if !errors.Is(err, wechat.ErrTemplateLimit) || isLost(err) || full.calls != 2 {
		t.Errorf("%d calls, %v", full.calls, err)
	}
}

// refusing is an account that answers so whatever would change it.
type refusing struct {
	account
	answer string
	calls  int
}

func (r *refusing) RoundTrip(q *http.Request) (*http.Response, error) {
	if r.calls++; !strings.HasSuffix(q.URL.Path, "/list") {
		return jsonOf(r.answer), nil
	}
	return r.account.RoundTrip(q)
}

func TestFault24_TheOutcomeIsFoundForACallerWhoGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a := &account{lose: context.Canceled, effect: true}
		client := newClient(t, leaving{a, cancel})
		got, err := kind.Template.Add(ctx, client, nil, kind.Combination{Title: bought, KeywordIDs: []int{3}})
		if err != nil || got == "" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// leaving ends the caller's context while template/add is under way.
type leaving struct {
	*account
	leave func()
}

func (l leaving) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if strings.HasSuffix(r.URL.Path, "/add") {
		l.leave()
	}
	return l.account.RoundTrip(r)
}

// plainToken is a source of tokens that are never rejected.
type plainToken struct{}

func (plainToken) Token(context.Context) (wechat.Secret, error) { return "token", nil }

func (plainToken) Refresh(context.Context, wechat.Secret) (wechat.Secret, error) { return "token", nil }

func newClient(t *testing.T, transport http.RoundTripper) *wechat.Client {
	t.Helper()
	c, err := wechat.NewClient(wechat.Config{Tokens: plainToken{}, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
