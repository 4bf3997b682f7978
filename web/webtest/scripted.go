package webtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"muban/store"
)

// Hostile strings, as WeChat or a person may give them. Each holds the word
// hostile, so that a test can see that it was shown at all.
var Hostile = []string{
	`hostile<script>alert(1)</script>`,
	`hostile"><img src=x onerror=alert(1)><svg onload=alert(1)>`,
	`hostile' onmouseover='alert(1)' style='position:fixed`,
	`hostile</textarea></pre></title></style><iframe src=javascript:alert(1)>`,
	"javascript:alert('hostile')//\u2028\u2029\n%0a<a href=javascript:alert(1)>x</a>",
	"hostile\r\nSet-Cookie: muban=x\r\n\r\n<script>alert(1)</script>\ntime=2026 level=ERROR msg=forged",
	`hostile{{.Secret}} {% x %} ${x} <!--` + "`" + `]]>&lt;script&gt;&#x3c;script>` + "\u202e\x00\x7f",
}

func Answer(t *testing.T, fields map[string]any) string {
	t.Helper()
	return MustJSON(t, fields)
}

// script is a WeChat that answers what the test says, and notes what it was asked.
type script struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]http.HandlerFunc
	Asked   []*http.Request
	bodies  []string
}

// Poison makes the scripted WeChat give h wherever it gives text.
func (s *script) Poison(t *testing.T, h, titleID, templateID string) {
	t.Helper()
	s.Says(LibraryList, Answer(t, map[string]any{"errcode": 0, "total_count": 1, "list": []any{map[string]any{"id": titleID, "title": h}}}))
	s.Says(LibraryGet, Answer(t, map[string]any{"errcode": 0, "id": titleID, "title": h, "keyword_list": []any{
		map[string]any{"keyword_id": 3, "name": h, "example": h}, map[string]any{"keyword_id": 4, "name": h + "2", "example": h},
	}}))
	s.Says(TemplateAdd, Answer(t, map[string]any{"errcode": 0, "template_id": templateID}))
	s.Says(TemplateList, Answer(t, map[string]any{"errcode": 0, "list": []any{map[string]any{
		"template_id": templateID, "title": h, "content": h + "{{keyword1.DATA}}\n" + h + "\n{{keyword2.DATA}}", "example": h + "：" + h + "\n" + h,
	}}}))
	s.Says(SendPath, Answer(t, map[string]any{"errcode": 43, "errmsg": h}))
	s.Says(TemplateDel, Answer(t, map[string]any{"errcode": 43, "errmsg": h}))
	s.Says(ridPath, Answer(t, map[string]any{"errcode": 0, "request": map[string]any{
		"invoke_time": 1, "request_url": h, "request_body": h, "response_body": `{"errcode":43,"errmsg":` + MustJSON(t, h) + `}`, "client_ip": h,
	}}))
}

const ridPath = "/cgi-bin/openapi/rid/get"

const ScriptedID = "Scripted_template_id_0123456789-ABCDEFGHIJK"

// NewScript answers well until it is told otherwise: one title, one template.
func NewScript(t *testing.T) *script {
	t.Helper()
	s := &script{answers: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	for path, body := range map[string]string{
		TokenPath:    `{"access_token":"` + CanaryToken + `","expires_in":7200}`,
		LibraryList:  `{"errcode":0,"errmsg":"ok","list":[{"id":"AT0002","title":"购买成功通知"}],"total_count":1}`,
		LibraryGet:   `{"errcode":0,"errmsg":"ok","id":"AT0002","title":"购买成功通知","keyword_list":[{"keyword_id":3,"name":"购买地点","example":"TIT造舰厂"}]}`,
		TemplateAdd:  `{"errcode":0,"errmsg":"ok","template_id":"` + ScriptedID + `"}`,
		TemplateList: `{"errcode":0,"errmsg":"ok","list":[{"template_id":"` + ScriptedID + `","title":"购买成功通知","content":"购买地点{{keyword1.DATA}}\n","example":"购买地点：TIT造舰厂\n"}]}`,
		TemplateDel:  `{"errcode":0,"errmsg":"ok"}`,
		SendPath:     `{"errcode":0,"errmsg":"ok"}`,
		ridPath: Answer(t, map[string]any{"errcode": 0, "request": map[string]any{
			"request_url":  TokenPath + "?grant_type=client_credential&secret=" + CanarySecret + "&access_token=" + CanaryToken,
			"request_body": `{"secret":"` + CanarySecret + `"}`, "response_body": `{"access_token":"` + CanaryToken + `"}`,
		}}),

		"/wxaapi/newtmpl/getcategory":            `{"errcode":0,"errmsg":"ok","data":[]}`,
		"/wxaapi/newtmpl/getpubtemplatetitles":   `{"errcode":0,"errmsg":"ok","count":0,"data":[]}`,
		"/wxaapi/newtmpl/getpubtemplatekeywords": `{"errcode":0,"errmsg":"ok","data":[]}`,
		"/wxaapi/newtmpl/gettemplate":            `{"errcode":0,"errmsg":"ok","data":[]}`,
	} {
		s.Says(path, body)
	}
	return s
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.Asked, s.bodies = append(s.Asked, r), append(s.bodies, string(body))
	answer := s.answers[r.URL.Path]
	s.mu.Unlock()
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

// On sets what a path does from now on.
func (s *script) On(path string, answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = answer
}

func (s *script) Says(path, body string) {
	s.On(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
}

// Calls is how often a path was asked.
func (s *script) Calls(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.Asked {
		if r.URL.Path == path {
			n++
		}
	}
	return n
}

const ScriptedApp = "wx00000scripted001"

// Connect adds an app on the scripted WeChat through the form, and answers an
// administrator in it.
func (c *Console) Connect(s *script) *Browser {
	c.T.Helper()
	return c.As(store.Administrator).In(c.AddAppAt(ScriptedApp, s.URL, CanarySecret))
}

// Under answers below a path of its own, as behind a proxy.
func (s *script) Under(prefix string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, answer := range s.answers {
		s.answers[prefix+path] = answer
	}
}

// The paths of WeChat's calls.
const (
	TokenPath    = "/cgi-bin/token"
	LibraryList  = "/cgi-bin/wxopen/template/library/list"
	LibraryGet   = "/cgi-bin/wxopen/template/library/get"
	TemplateAdd  = "/cgi-bin/wxopen/template/add"
	TemplateList = "/cgi-bin/wxopen/template/list"
	TemplateDel  = "/cgi-bin/wxopen/template/del"
)

// canary are secrets that must not turn up anywhere.
const (
	CanarySecret = "CANARY-secret-0123456789abcdef"
	CanaryToken  = "CANARY-token-0123456789abcdef/+="
)
