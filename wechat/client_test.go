package wechat_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/wechat"
)

const canary = "CANARY+token/0123456789=" // needs escaping in a URL, as tokens may

// purse is a TokenSource of a fixed first token that refreshes to canary2, canary3, …
type purse struct {
	mu        sync.Mutex
	current   wechat.Secret
	refreshes int
	err       error // of Refresh
}

func (p *purse) Token(context.Context) (wechat.Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current, nil
}

func (p *purse) Refresh(_ context.Context, rejected wechat.Secret) (wechat.Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return "", p.err
	}
	p.refreshes++
	p.current = rejected + "'"
	return p.current, nil
}

func newClient(t testing.TB, base string, change ...func(*wechat.Config)) *wechat.Client {
	t.Helper()
	config := wechat.Config{Base: base, Tokens: &purse{current: canary}, Transport: newTransport(t), Timeout: 5 * time.Second}
	for _, f := range change {
		f(&config)
	}
	c, err := wechat.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newTransport is PrivateTransport with connections of its own, closed with the test.
func newTransport(t testing.TB) *http.Transport {
	tr := wechat.PrivateTransport().(*http.Transport).Clone()
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// serve answers every call with handler.
func serve(t testing.TB, handler http.HandlerFunc) string {
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// saying answers every call with body.
func saying(body string) http.HandlerFunc { return sayingWhat(&body) }

// sayingWhat answers every call with what body holds by then.
func sayingWhat(body *string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; encoding=utf-8")
		io.WriteString(w, *body)
	}
}

func TestEachCallAsksAndReadsAsDocumented(t *testing.T) {
	ctx := t.Context()
	for _, c := range []struct {
		path, question, answer string
		call                   func(*wechat.Client) (any, error)
		want                   string
	}{
		{
			"/cgi-bin/wxopen/template/library/list", `{"offset":0,"count":5}`,
			`{"errcode":0,"errmsg":"ok","list":[{"id":"AT0002","title":"购买成功通知"},{"id":"AT0003","title":"购买失败通知"}],"total_count":599}`,
			func(c *wechat.Client) (any, error) { return c.LibraryList(ctx, 0, 5) },
			`{"Titles":[{"ID":"AT0002","Text":"购买成功通知","Keywords":null},{"ID":"AT0003","Text":"购买失败通知","Keywords":null}],"Total":599}`,
		},
		{
			"/cgi-bin/wxopen/template/library/get", `{"id":"AT0002"}`,
			`{"errcode":0,"errmsg":"ok","id":"AT0002","title":"购买成功通知","keyword_list":[{"keyword_id":3,"name":"购买地点","example":"TIT造舰厂"}]}`,
			func(c *wechat.Client) (any, error) { return c.LibraryGet(ctx, "AT0002") },
			`{"ID":"AT0002","Text":"购买成功通知","Keywords":[{"ID":3,"Name":"购买地点","Example":"TIT造舰厂"}]}`,
		},
		{
			"/cgi-bin/wxopen/template/add", `{"id":"AT0002","keyword_id_list":[3,4,5]}`,
			`{"errcode":0,"errmsg":"ok","template_id":"wDYzYZVxobJivW9oMpSCpuvACOfJXQIoKUm0PY397Tc"}`,
			func(c *wechat.Client) (any, error) { return c.AddTemplate(ctx, "AT0002", []int{3, 4, 5}) },
			`"wDYzYZVxobJivW9oMpSCpuvACOfJXQIoKUm0PY397Tc"`,
		},
		{
			"/cgi-bin/wxopen/template/list", `{"offset":0,"count":1}`,
			`{"errcode":0,"errmsg":"ok","list":[{"template_id":"wDYz","title":"购买成功通知","content":"购买地点{{keyword1.DATA}}\n","example":"购买地点：TIT造舰厂\n"}]}`,
			func(c *wechat.Client) (any, error) { return c.ListTemplates(ctx, 0, 1) },
			`[{"ID":"wDYz","Title":"购买成功通知","Content":"购买地点{{keyword1.DATA}}\n","Example":"购买地点：TIT造舰厂\n"}]`,
		},
		{
			"/cgi-bin/wxopen/template/del", `{"template_id":"wDYz"}`, `{"errcode":0,"errmsg":"ok"}`,
			func(c *wechat.Client) (any, error) { return nil, c.DeleteTemplate(ctx, "wDYz") }, `null`,
		},
		{
			"/cgi-bin/message/wxopen/template/send", `{"touser":"o","template_id":"t","form_id":"f","data":{}}`, `{"errcode":0,"errmsg":"ok"}`,
			func(c *wechat.Client) (any, error) {
				return nil, c.Send(ctx, wechat.Message{ToUser: "o", TemplateID: "t", FormID: "f"})
			},
			`null`,
		},
	} {
		t.Run(c.path, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				question, _ := io.ReadAll(r.Body)
				if r.Method != "POST" || r.URL.Path != c.path || string(question) != c.question || r.URL.Query().Get("access_token") != canary {
					t.Errorf("asked %s %s %s", r.Method, r.URL, question)
				}
				saying(c.answer)(w, r)
			})
			got, err := c.call(newClient(t, base+"/"))
			if err != nil {
				t.Fatal(err)
			}
			if printed := marshal(t, got); printed != c.want {
				t.Errorf("read %s\nwant %s", printed, c.want)
			}
		})
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestATokenIsFetchedAsDocumented(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		body, _ := io.ReadAll(r.Body)
		if r.Method != "GET" || r.URL.Path != "/cgi-bin/token" || q.Get("grant_type") != "client_credential" ||
			q.Get("appid") != "wx1" || q.Get("secret") != "s3&+" || len(body) != 0 || len(r.TransferEncoding) != 0 || !r.Close {
			t.Errorf("asked %s %s, body %q, connection to be closed: %v", r.Method, r.URL, body, r.Close)
		}
		saying(`{"access_token":"`+canary+`","expires_in":"7200"}`)(w, r)
	})
	got, err := wechat.FetchToken(t.Context(), wechat.Credentials{Base: base, AppID: "wx1", Secret: "s3&+", Transport: newTransport(t)})
	if err != nil || got.Value.Reveal() != canary || got.ExpiresIn != 2*time.Hour {
		t.Errorf("got %q for %v, %v", got.Value.Reveal(), got.ExpiresIn, err)
	}
}

// Fault 5: one refresh, one repeat, and the repeat has the new token.
func TestFault05_ARejectedTokenLeadsToOneRefreshAndOneRepeat(t *testing.T) {
	for _, code := range []string{"40001", "40014", "42001"} {
		tokens := &purse{current: canary}
		var used []string
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			used = append(used, r.URL.Query().Get("access_token"))
			saying(`{"errcode":`+code+`,"errmsg":"invalid credential"}`)(w, r)
		})
		err := newClient(t, base, func(c *wechat.Config) { c.Tokens = tokens }).DeleteTemplate(t.Context(), "x")
		if !errors.Is(err, wechat.ErrToken) || wechat.Uncertain(err) {
			t.Errorf("%s: %v", code, err)
		}
		if tokens.refreshes != 1 || !slices.Equal(used, []string{canary, canary + "'"}) {
			t.Errorf("%s: %d refreshes, used %q", code, tokens.refreshes, used)
		}
	}
}

func TestACallRejectedOnceSucceedsWithTheNextToken(t *testing.T) {
	calls := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			saying(`{"errcode":40001,"errmsg":"not latest"}`)(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"touser":"o"`) {
			t.Errorf("repeated with the body %q", body)
		}
		saying(`{"errcode":0,"errmsg":"ok"}`)(w, r)
	})
	if err := newClient(t, base).Send(t.Context(), wechat.Message{ToUser: "o"}); err != nil || calls != 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestWithoutAnotherTokenTheRejectionAndTheReasonAreBothTold(t *testing.T) {
	base := serve(t, saying(`{"errcode":42001,"errmsg":"access_token expired"}`))
	why := &wechat.CallError{Op: "token", Err: wechat.ErrTimeout}
	c := newClient(t, base, func(c *wechat.Config) { c.Tokens = &purse{current: canary, err: why} })
	err := c.Send(t.Context(), wechat.Message{})
	if !errors.Is(err, wechat.ErrToken) || !errors.Is(err, wechat.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if wechat.Uncertain(err) {
		t.Error("a rejected send counts as uncertain because its token could not be refreshed")
	}
}

// brokenTokens is a source that has none.
type brokenTokens struct{ err error }

func (b brokenTokens) Token(context.Context) (wechat.Secret, error) { return "", b.err }
func (b brokenTokens) Refresh(context.Context, wechat.Secret) (wechat.Secret, error) {
	return "", b.err
}

func TestWithoutATokenNothingIsSentAndNothingIsUncertain(t *testing.T) {
	base := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	source := brokenTokens{&wechat.CallError{Op: "token", Err: wechat.ErrNoAnswer}}
	err := newClient(t, base, func(c *wechat.Config) { c.Tokens = source }).Send(t.Context(), wechat.Message{})
	if !errors.Is(err, wechat.ErrNoAnswer) || wechat.Uncertain(err) {
		t.Errorf("got %v, uncertain %v", err, wechat.Uncertain(err))
	}
}

func TestTwoBasesDoNotMix(t *testing.T) {
	tr := newTransport(t)
	var clients []*wechat.Client
	for _, name := range []string{"one", "two"} {
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.URL.Query().Get("access_token"); got != name {
				t.Errorf("%s was shown the token %q", name, got)
			}
			if !strings.HasPrefix(r.URL.Path, "/"+name+"/cgi-bin/") {
				t.Errorf("%s was asked for %s", name, r.URL.Path)
			}
			saying(`{"errcode":0,"title":"`+name+`","keyword_list":[]}`)(w, r)
		})
		clients = append(clients, newClient(t, base+"/"+name, func(c *wechat.Config) {
			c.Tokens, c.Transport = &purse{current: wechat.Secret(name)}, tr
		}))
	}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			title, err := clients[i%2].LibraryGet(t.Context(), "AT1")
			if err != nil || title.Text != []string{"one", "two"}[i%2] {
				t.Errorf("%q, %v", title.Text, err)
			}
		})
	}
	wg.Wait()
}

func TestAllTemplatesTurnsThePagesToTheEnd(t *testing.T) {
	for _, c := range []struct {
		name         string
		total, calls int
		deaf         bool // an upstream that ignores offset
	}{
		{"none", 0, 1, false}, {"part of a page", 7, 1, false}, {"a full page", 20, 2, false},
		{"the limit", 25, 2, false}, {"far over the limit", 5000, 251, false}, {"offset ignored", 20, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				var q struct{ Offset, Count int }
				json.NewDecoder(r.Body).Decode(&q)
				if c.deaf {
					q.Offset = 0
				}
				list := []map[string]string{}
				for i := q.Offset; i < min(q.Offset+q.Count, c.total); i++ {
					list = append(list, map[string]string{"template_id": strconv.Itoa(i)})
				}
				json.NewEncoder(w).Encode(map[string]any{"errcode": 0, "list": list})
			})
			all, err := newClient(t, base).AllTemplates(t.Context())
			if err != nil || len(all) != c.total || calls != c.calls {
				t.Errorf("%d templates in %d calls, %v", len(all), calls, err)
			}
		})
	}
}

func TestAListWithoutEndIsNotTakenForTheWhole(t *testing.T) {
	n := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var list []map[string]string
		for range wechat.MaxCount {
			n++
			list = append(list, map[string]string{"template_id": strconv.Itoa(n)})
		}
		json.NewEncoder(w).Encode(map[string]any{"errcode": 0, "list": list})
	})
	if all, err := newClient(t, base).AllTemplates(t.Context()); !errors.Is(err, wechat.ErrTooLarge) || len(all) != 0 {
		t.Errorf("%d templates, %v", len(all), err)
	}
}
