package webtest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/auth"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// Server is a business server with an API key.
type Server struct {
	t         testing.TB
	Base, Key string
	ID        int64 // of the key
}

var KeyForm = regexp.MustCompile(`muban_[a-z2-7]{8}_[a-z2-7]{26}`)

// Lent is a token as a business server gets it.
type Lent struct {
	Token     string `json:"access_token"`
	ExpiresIn int64  `json:"expires_in"`
}

// TemplateAnswer is what the API answers of one.
type TemplateAnswer struct {
	Alias      string `json:"alias"`
	TemplateID string `json:"template_id"`
	Title      string `json:"title"`
	Keywords   []struct{ Key, Name string }
	KeywordMap map[string]string `json:"keyword_map"`
}

// SDKAnswer is what an SDK reads.
type SDKAnswer struct {
	Lent
	Code int    `json:"errcode"`
	Msg  string `json:"errmsg"`
}

// Caller is let in with a new key of the first app.
func (c *Console) Caller(scopes ...string) *Server { return c.ServerOf(c.App().ID, scopes...) }

// newKeyOn fills in the form for a key and answers the page that shows it.
func (b *Browser) NewKey(change func(url.Values)) *Page {
	b.T.Helper()
	return b.Submit(b.Get("/settings/keys"), "main form button.primary", func(form url.Values) {
		form.Set("name", "orders")
		if change != nil {
			change(form)
		}
	})
}

const SharedPath = "/api/v1/access_token?appid=" + sandbox.DefaultAppID

// Order is a send of AT0002 with two of its keywords, by their names.
func Order(c *Console, template, key string) map[string]any {
	return map[string]any{
		"appid": c.App().AppID, "key": key, "touser": Customer, "template_id": template, "page": "pages/order?id=1",
		"data": map[string]any{"购买地点": map[string]string{"value": "TIT造舰厂", "color": "#173177"},
			"keyword2": "2016年6月6日"}, "emphasis_keyword": "购买地点",
	}
}

// SDKQuery is how an SDK asks, with the key where the AppSecret stands.
func (s *Server) SDKQuery() string {
	q := url.Values{"grant_type": {"client_credential"}, "appid": {sandbox.DefaultAppID}, "secret": {s.Key}}
	return "/cgi-bin/token?" + q.Encode()
}

func (c *Console) ServerOf(app int64, scopes ...string) *Server {
	c.T.Helper()
	key, k := auth.NewAPIKey()
	k.App, k.Name, k.Scopes = app, "orders", scopes
	added, err := c.Store.AddAPIKey(context.Background(), store.Actor{}, k)
	Must(c.T, err)
	return &Server{c.T, c.URL, key, added.ID}
}

// Refresh reports a rejected token.
func (s *Server) Refresh(rejected string) *APIAnswer {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"appid": sandbox.DefaultAppID, "access_token": rejected})
	Must(s.t, err)
	return s.Post("/api/v1/access_token/refresh", string(body))
}

// WithKey is a business server with a key of whatever kind.
func (c *Console) WithKey(key string) *Server { return &Server{c.T, c.URL, key, 0} }

// Shop is a console with a template of two keywords, and a server that may report and send.
func Shop(t *testing.T) (c *Console, template string, s *Server) {
	t.Helper()
	c = NewConsole(t)
	template = c.AddTemplate(c.As(store.Operator), "AT0002", "3", "4")
	return c, template, c.Caller("rights", "send")
}

// SDK asks without an Authorization header and expects WeChat's shape.
func (s *Server) SDK(method, path, body string) (got SDKAnswer) {
	s.t.Helper()
	a := s.With("").ask(method, path, body)
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "application/json; encoding=utf-8" || a.Header.Get("Cache-Control") != "no-store" {
		s.t.Errorf("%d %v", a.Status, a.Header)
	}
	Must(s.t, json.Unmarshal([]byte(a.Body), &got))
	if (got.Code != 0) == (got.Token != "") {
		s.t.Errorf("neither a token nor an error: %s", a.Body)
	}
	return got
}

// With is the same server with another key.
func (s *Server) With(key string) *Server { return &Server{s.t, s.Base, key, 0} }

// Has gives the customer a right in the simulated WeChat and reports it.
func (s *Server) Has(c *Console, kind string) string {
	s.t.Helper()
	make := c.Sandbox.SubmitForm
	if kind == ledger.Payment {
		make = c.Sandbox.Pay
	}
	id, err := make(c.App().AppID, Customer)
	Must(s.t, err)
	s.Post("/api/v1/rights", AsJSON(map[string]string{"openid": Customer, "kind": kind, "id": id})).Into(&struct{}{})
	return id
}

// PathWith is the address of one of a page's things.
func PathWith(path string, id int64) string { return path + strconv.FormatInt(id, 10) }

// APIAnswer is what the API gave.
type APIAnswer struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   string
}

func (s *Server) Get(path string) *APIAnswer { return s.ask(http.MethodGet, path, "") }

func (s *Server) Post(path, body string) *APIAnswer { return s.ask(http.MethodPost, path, body) }

func (s *Server) ask(method, path, body string) *APIAnswer {
	s.t.Helper()
	r, err := http.NewRequest(method, s.Base+path, strings.NewReader(body))
	Must(s.t, err)
	r.Header.Set("Accept-Language", "en")
	if s.Key != "" {
		r.Header.Set("Authorization", "Bearer "+s.Key)
	}
	res, err := http.DefaultClient.Do(r)
	Must(s.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	Must(s.t, err)
	return &APIAnswer{s.t, res.StatusCode, res.Header, string(text)}
}

// Refused fails the test unless the answer is an error of this code with a
// message in words.
func (a *APIAnswer) Refused(status int, code string) *APIAnswer {
	a.t.Helper()
	var got struct {
		Error struct{ Code, Message string }
	}
	Must(a.t, json.Unmarshal([]byte(a.Body), &got))
	if a.Status != status || got.Error.Code != code || strings.HasPrefix(got.Error.Message, "[") || len(got.Error.Message) < 10 {
		a.t.Fatalf("%d %s, want %d %s", a.Status, a.Body, status, code)
	}
	return a
}

// Into reads a good answer.
func (a *APIAnswer) Into(v any) *APIAnswer {
	a.t.Helper()
	if a.Status != http.StatusOK {
		a.t.Fatalf("%d %s", a.Status, a.Body)
	}
	Must(a.t, json.Unmarshal([]byte(a.Body), v))
	return a
}
