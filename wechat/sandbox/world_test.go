package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

const (
	tokenPath       = "/cgi-bin/token"
	stableTokenPath = "/cgi-bin/stable_token"
	libraryListPath = "/cgi-bin/wxopen/template/library/list"
	libraryGetPath  = "/cgi-bin/wxopen/template/library/get"
	addPath         = "/cgi-bin/wxopen/template/add"
	listPath        = "/cgi-bin/wxopen/template/list"
	deletePath      = "/cgi-bin/wxopen/template/del"
	sendPath        = "/cgi-bin/message/wxopen/template/send"
)

var (
	someday = time.Date(2018, 6, 6, 10, 30, 0, 0, time.FixedZone("", 8*60*60))
	ming    = sandbox.OpenIDFor(sandbox.DefaultAppID, "小明")
	hong    = sandbox.OpenIDFor(sandbox.DefaultAppID, "小红")
)

// world is a simulator whose clock stands still, and a way to it.
type world struct {
	testing.TB
	*sandbox.Server
	client *http.Client
	base   string
	token  string
}

// each runs a test twice: over HTTP and through the in-process transport.
func each(t *testing.T, o sandbox.Options, test func(t *testing.T, w *world)) {
	t.Run("http", func(t *testing.T) { test(t, overHTTP(t, o)) })
	t.Run("transport", func(t *testing.T) { test(t, inProcess(t, o)) })
}

func newServer(o sandbox.Options) *sandbox.Server {
	o.Now = func() time.Time { return someday }
	return sandbox.New(o)
}

func overHTTP(t testing.TB, o sandbox.Options) *world {
	s := newServer(o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &world{TB: t, Server: s, client: server.Client(), base: server.URL}
}

func inProcess(t testing.TB, o sandbox.Options) *world {
	s := newServer(o)
	return &world{TB: t, Server: s, client: &http.Client{Transport: s.Transport()}, base: "http://sandbox.invalid"}
}

// answer is what any call of WeChat's may hold.
type answer struct {
	ErrCode     int    `json:"errcode"`
	ErrMsg      string `json:"errmsg"`
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	TemplateID  string `json:"template_id"`
	TotalCount  int    `json:"total_count"`
	List        []struct {
		ID, Title, Content, Example string
		TemplateID                  string `json:"template_id"`
	} `json:"list"`
}

// request makes a request and returns status, body and its type; "" as body sends none.
func (w *world) request(method, path, body string) (int, string, string) {
	w.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, w.base+path, reader)
	if err != nil {
		w.Fatal(err)
	}
	res, err := w.client.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return res.StatusCode, string(raw), res.Header.Get("Content-Type")
}

// ask makes a request that WeChat answers, which is always with HTTP 200 and its type.
func (w *world) ask(method, path, body string) (answer, string) {
	w.Helper()
	status, raw, kind := w.request(method, path, body)
	if status != http.StatusOK || kind != "application/json; encoding=utf-8" {
		w.Fatalf("%s %s: HTTP %d, %s, %s", method, path, status, kind, raw)
	}
	var a answer
	if err := json.Unmarshal([]byte(raw), &a); err != nil {
		w.Fatalf("%s: %v", raw, err)
	}
	return a, raw
}

func (w *world) fetchToken() answer {
	w.Helper()
	a, _ := w.ask("GET", tokenPath+"?grant_type=client_credential&appid="+sandbox.DefaultAppID+"&secret="+sandbox.DefaultSecret, "")
	return a
}

// call posts with a good token.
func (w *world) call(path, body string) answer {
	w.Helper()
	if w.token == "" {
		w.token = w.fetchToken().AccessToken
	}
	return w.callWith(w.token, path, body)
}

func (w *world) callWith(token, path, body string) answer {
	w.Helper()
	a, _ := w.ask("POST", path+"?access_token="+token, body)
	return a
}

// works and refused check the errcode of an answer.
func (w *world) works(a answer) answer {
	w.Helper()
	w.refused(0, a)
	return a
}

func (w *world) refused(code int, a answer) {
	w.Helper()
	if a.ErrCode != code {
		w.Errorf("errcode %d (%s), want %d", a.ErrCode, a.ErrMsg, code)
	}
}

// template adds 购买成功通知 with 购买地点, 物品名称.
func (w *world) template() string {
	w.Helper()
	return w.works(w.call(addPath, `{"id":"AT0002","keyword_id_list":[3,5]}`)).TemplateID
}

func (w *world) form(openID string) string {
	w.Helper()
	id, err := w.SubmitForm(sandbox.DefaultAppID, openID)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) payment(openID string) string {
	w.Helper()
	id, err := w.Pay(sandbox.DefaultAppID, openID)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

// message is the body of a send, as an SDK would write it.
type message struct {
	ToUser   string `json:"touser"`
	Template string `json:"template_id"`
	Page     any    `json:"page,omitempty"`
	FormID   string `json:"form_id"`
	Data     any    `json:"data,omitempty"`
	Emphasis string `json:"emphasis_keyword,omitempty"`
}

func (w *world) send(m message) answer {
	w.Helper()
	return w.call(sendPath, asJSON(m))
}

func asJSON(v any) string {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		panic(err)
	}
	return b.String()
}
