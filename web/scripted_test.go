package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"muban/store"
)

// The paths of WeChat's calls.
const (
	tokenPath    = "/cgi-bin/token"
	libraryList  = "/cgi-bin/wxopen/template/library/list"
	libraryGet   = "/cgi-bin/wxopen/template/library/get"
	templateAdd  = "/cgi-bin/wxopen/template/add"
	templateList = "/cgi-bin/wxopen/template/list"
	templateDel  = "/cgi-bin/wxopen/template/del"
)

// canary are secrets that must not turn up anywhere (faults.md 35).
const (
	canarySecret = "CANARY-secret-0123456789abcdef"
	canaryToken  = "CANARY-token-0123456789abcdef/+="
)

// script is a WeChat that answers what the test says, and notes what it was asked.
type script struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]http.HandlerFunc
	asked   []*http.Request
	bodies  []string
}

const scriptedID = "Scripted_template_id_0123456789-ABCDEFGHIJK"

// newScript answers well until it is told otherwise: one title, one template.
func newScript(t *testing.T) *script {
	t.Helper()
	s := &script{answers: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	for path, body := range map[string]string{
		tokenPath:    `{"access_token":"` + canaryToken + `","expires_in":7200}`,
		libraryList:  `{"errcode":0,"errmsg":"ok","list":[{"id":"AT0002","title":"购买成功通知"}],"total_count":1}`,
		libraryGet:   `{"errcode":0,"errmsg":"ok","id":"AT0002","title":"购买成功通知","keyword_list":[{"keyword_id":3,"name":"购买地点","example":"TIT造舰厂"}]}`,
		templateAdd:  `{"errcode":0,"errmsg":"ok","template_id":"` + scriptedID + `"}`,
		templateList: `{"errcode":0,"errmsg":"ok","list":[{"template_id":"` + scriptedID + `","title":"购买成功通知","content":"购买地点{{keyword1.DATA}}\n","example":"购买地点：TIT造舰厂\n"}]}`,
		templateDel:  `{"errcode":0,"errmsg":"ok"}`,
		sendPath:     `{"errcode":0,"errmsg":"ok"}`,
	} {
		s.says(path, body)
	}
	return s
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.asked, s.bodies = append(s.asked, r), append(s.bodies, string(body))
	answer := s.answers[r.URL.Path]
	s.mu.Unlock()
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

// on sets what a path does from now on.
func (s *script) on(path string, answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = answer
}

func (s *script) says(path, body string) {
	s.on(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
}

// calls is how often a path was asked.
func (s *script) calls(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.asked {
		if r.URL.Path == path {
			n++
		}
	}
	return n
}

const scriptedApp = "wx00000scripted001"

// connect adds an app on the scripted WeChat through the form, and answers an
// administrator in it.
func (c *console) connect(s *script) *browser {
	c.t.Helper()
	return c.as(store.Administrator).in(c.addAppAt(scriptedApp, s.URL, canarySecret))
}

// leaked names the canaries in text.
func leaked(text string) string {
	for _, canary := range []string{canarySecret, canaryToken, "CANARY"} {
		if strings.Contains(text, canary) {
			return canary
		}
	}
	return ""
}

// under answers below a path of its own, as behind a proxy.
func (s *script) under(prefix string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, answer := range s.answers {
		s.answers[prefix+path] = answer
	}
}
