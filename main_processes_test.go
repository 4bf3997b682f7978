package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/sandbox"
)

// asProgram names the environment variable that makes the test binary be muban.
const asProgram = "MUBAN_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// office is what two muban processes have in common: a database with an app and a key of
// it, and a WeChat.
type office struct {
	dir    string
	wechat *sandbox.Server
	asked  chan struct{} // a signal for every request for a token that has reached WeChat
}

const officeKey = "muban_prefix00_0123456789abcdef0123456789abcdef"

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{dir: t.TempDir(), wechat: sandbox.New(sandbox.Options{}), asked: make(chan struct{}, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cgi-bin/token" {
			o.asked <- struct{}{}
		}
		o.wechat.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	st, err := store.Open(t.Context(), o.dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	app, err := st.AddApp(t.Context(), store.Actor{}, store.App{
		AppID: sandbox.DefaultAppID, Name: "Shop", Base: server.URL, Secret: sandbox.DefaultSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	key := store.APIKey{App: app.ID, Name: "orders", Prefix: "prefix00", Hash: sha256.Sum256([]byte(officeKey)), Scopes: []string{"token"}}
	if _, err := st.AddAPIKey(t.Context(), store.Actor{}, key); err != nil {
		t.Fatal(err)
	}
	return o
}

// server is a muban serve in a process of its own.
type server struct {
	t       *testing.T
	base    string
	process *os.Process
	kill    func()
}

func (o *office) serve(t *testing.T) *server {
	t.Helper()
	out := newOutput()
	cmd := exec.Command(os.Args[0], "serve", "-addr", "127.0.0.1:0", "-data", o.dir, "-allow-private-api")
	cmd.Env = append(os.Environ(), asProgram+"=1", "MUBAN_ADMIN_PASSWORD=correct horse battery")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, process: cmd.Process, kill: sync.OnceFunc(func() { cmd.Process.Kill(); cmd.Wait() })}
	t.Cleanup(s.kill)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("a process said:\n%s", out)
		}
	})
	patience := time.After(20 * time.Second)
	for s.base = address.FindString(out.String()); s.base == ""; s.base = address.FindString(out.String()) {
		select {
		case <-out.more:
		case <-patience:
			t.Fatalf("no address:\n%s", out)
		}
	}
	return s
}

// token asks the server for the token, in Muban's words.
func (s *server) token() string {
	s.t.Helper()
	return s.answer(s.request(http.MethodGet, "/api/v1/access_token", nil))
}

// report is a request that reports a token as rejected.
func (s *server) report(rejected string) *http.Request {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"appid": sandbox.DefaultAppID, "access_token": rejected})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.request(http.MethodPost, "/api/v1/access_token/refresh", body)
}

func (s *server) request(method, path string, body []byte) *http.Request {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+officeKey)
	return req
}

func (s *server) answer(req *http.Request) string {
	s.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
		Error any    `json:"error"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Token == "" {
		s.t.Fatalf("%s answers %d, %v, %v", req.URL.Path, res.StatusCode, answer.Error, err)
	}
	return answer.Token
}

// works tells whether WeChat takes the token.
func (o *office) works(t *testing.T, value string) bool {
	t.Helper()
	client, err := wechat.NewClient(wechat.Config{Tokens: fixed(value), Transport: o.wechat.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.ListTemplates(t.Context(), 0, 1)
	return err == nil
}

type fixed string

func (f fixed) Token(context.Context) (wechat.Secret, error) { return wechat.Secret(f), nil }
func (f fixed) Refresh(context.Context, wechat.Secret) (wechat.Secret, error) {
	return "", wechat.ErrToken
}

// faults.md 9, with real processes and a real kill −9: over a request that WeChat carries
// out. The store's tests have half an hour of it, in simulated time.
func TestFault09_AServerThatIsKilledOverARefreshIsReplacedByTheOtherWithinSeconds(t *testing.T) {
	o := newOffice(t)
	a, b := o.serve(t), o.serve(t)
	old := a.token()
	if got := b.token(); got != old {
		t.Fatal("two servers hand out different tokens")
	}
	<-o.asked
	if err := o.wechat.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Delay: sandbox.Duration(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	go http.DefaultClient.Do(a.report(old))
	<-o.asked
	a.kill()

	start := time.Now()
	fresh := b.answer(b.report(old))
	if took := time.Since(start); took > 9*time.Second {
		t.Errorf("the other server took %v", took)
	}
	if fresh == old || !o.works(t, fresh) || b.token() != fresh {
		t.Errorf("the new token is new: %v, works: %v, is handed out: %v", fresh != old, o.works(t, fresh), b.token() == fresh)
	}
	if got := o.serve(t).token(); got != fresh {
		t.Error("a third server hands out another token")
	}
	if n := o.wechat.Stats()["/cgi-bin/token"]; n != 3 { // the first, the one that got lost, and its replacement
		t.Errorf("WeChat was asked %d times", n)
	}
}
