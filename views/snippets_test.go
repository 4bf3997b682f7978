package views

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"muban/wechat"
	"muban/wechat/kind"
)

// hostile are texts that would end a literal or a comment, or start something, in
// one of the languages.
var hostile = []string{
	`"; touch pwned; echo "`, `'; touch pwned; echo '`, "`touch pwned`$(touch pwned)${HOME}", `\`, `\"`, `\\u000a`,
	`\u0022 + touch() + \u0022`, `*/ ?> <?php touch('pwned'); //`, "a\nb\r\nc\rd", "\u2028\u2029\u202e", "\t\x01\x1f\x7f%s%d{{.Title}}${x}#{x}",
	`"@OPENID@" "@TEMPLATE_ID@" @FORM_ID@`, "😀\U000e0001é中文", `{"__proto__":1}`, "$key[0] {$x}", "'''\"\"\"", "</pre><script>",
}

// peers are Muban and WeChat, as far as a program sees them.
type peers struct {
	*httptest.Server
	mu     sync.Mutex
	sent   wechat.Message
	others []string // what else was asked
}

func newPeers(t *testing.T) *peers {
	p := &peers{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *peers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	key := r.Header.Get("Authorization") == "Bearer muban_key" && q.Get("appid") == "wx0123456789abcdef"
	switch {
	case r.URL.Path == "/api/v1/access_token" && key:
		_, _ = io.WriteString(w, `{"access_token":"a-token_1","expires_in":7200}`)
	case r.URL.Path == "/api/v1/templates/order-paid" && key:
		_, _ = io.WriteString(w, `{"alias":"order-paid","template_id":"the-id","title":"t","keywords":[{"key":"keyword1","name":"单号"}],"keyword_map":{"单号":"keyword2","金额":"keyword1"}}`)
	case r.URL.Path == "/cgi-bin/message/wxopen/template/send" && q.Get("access_token") == "a-token_1" && r.Header.Get("Authorization") == "":
		if err := json.Unmarshal(body, &p.sent); err != nil {
			p.others = append(p.others, string(body))
		}
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	default:
		p.others = append(p.others, r.URL.Path)
		http.Error(w, "?", http.StatusTeapot)
	}
}

// run saves the program and runs it as its command says. Where the interpreter is
// not installed, the test is skipped.
func (s Snippet) run(t *testing.T) string {
	t.Helper()
	program, args, _ := strings.Cut(s.Run, " ")
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed: the %s snippet is not run here", program, s.Name)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, s.File), []byte(s.Code), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), program, strings.Fields(args)...)
	c.Dir = dir
	c.Env = append(os.Environ(), "MUBAN_KEY=muban_key", "OPENID=o-recipient", "FORM_ID=a-form", "GOFLAGS=", "GO111MODULE=on")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, s.Code)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Fatalf("the program has done more than it says: %v %v", left, err)
	}
	return string(out)
}

func (u Usage) eachRun(t *testing.T, p *peers, check func(t *testing.T, sent wechat.Message)) {
	for _, lang := range SnippetLangs() {
		t.Run(lang.Lang, func(t *testing.T) {
			p.mu.Lock()
			p.sent, p.others = wechat.Message{}, nil
			p.mu.Unlock()
			out := u.SnippetIn(lang.Lang).run(t)
			p.mu.Lock()
			defer p.mu.Unlock()
			if len(p.others) > 0 {
				t.Fatalf("also asked: %q\n%s", p.others, out)
			}
			if p.sent.ToUser != "o-recipient" || p.sent.FormID != "a-form" || p.sent.TemplateID != "the-id" {
				t.Errorf("%+v\n%s", p.sent, out)
			}
			check(t, p.sent)
		})
	}
}

func TestEverySnippetSendsItsMessageByTheNamesThatTheAliasLeadsTo(t *testing.T) {
	p := newPeers(t)
	u := Usage{
		Kind: kind.Template, Muban: p.URL, WeChat: p.URL, AppID: "wx0123456789abcdef", Title: "购买成功通知", TemplateID: "another", Alias: "order-paid",
		Fields: []wechat.Field{{Key: "keyword1", Name: "单号", Example: "123"}, {Key: "keyword2", Name: "金额", Example: "30元"}},
	}
	u.eachRun(t, p, func(t *testing.T, sent wechat.Message) {
		got := map[string]string{}
		for _, d := range sent.Data {
			got[d.Key] = d.Value
		}
		// The order of the template has changed since: the names lead to their place all the same.
		want := map[string]string{"keyword2": "123", "keyword1": "30元"}
		if strings.HasSuffix(t.Name(), "/sh") {
			want = map[string]string{"keyword1": "123", "keyword2": "30元"} // a shell reads no map
		}
		if len(got) != 2 || got["keyword1"] != want["keyword1"] || got["keyword2"] != want["keyword2"] {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestHostileTextsStayValuesInEverySnippet(t *testing.T) {
	p := newPeers(t)
	for name, alias := range map[string]string{"with an alias": "order-paid", "without": ""} {
		t.Run(name, func(t *testing.T) {
			u := Usage{Kind: kind.Template, Written: wechat.Message{Page: strings.Join(hostile, "")}, Muban: p.URL, WeChat: p.URL, AppID: "wx0123456789abcdef", Title: strings.Join(hostile, ""), TemplateID: "the-id", Alias: alias}
			for i, h := range hostile {
				u.Fields = append(u.Fields, wechat.Field{Key: fmt.Sprint("keyword", i+1), Name: h, Example: h})
			}
			u.eachRun(t, p, func(t *testing.T, sent wechat.Message) {
				if len(sent.Data) != len(hostile) {
					t.Fatalf("%d of %d values", len(sent.Data), len(hostile))
				}
				for _, d := range sent.Data {
					for i, h := range hostile {
						if d.Key == fmt.Sprint("keyword", i+1) && d.Value != h {
							t.Errorf("%s: %q, want %q", d.Key, d.Value, h)
						}
					}
				}
			})
		})
	}
}

// PHP is seldom installed where this is tested: its literals are read back here.
func TestAPHPLiteralIsReadBackAsItWas(t *testing.T) {
	for _, h := range hostile {
		literal := quotePHP(h)
		if got := unquotePHP(literal[1 : len(literal)-1]); got != h {
			t.Errorf("%q is written %s, which reads %q", h, literal, got)
		}
		for _, r := range literal {
			if r < ' ' {
				t.Errorf("%q holds a control character", literal)
			}
		}
	}
}

// unquotePHP reads what stands between double quotes, as PHP 7 and later do. An
// unescaped quote or dollar would not be read at all.
func unquotePHP(s string) string {
	var b strings.Builder
	for s != "" {
		switch {
		case s[0] == '"' || s[0] == '$':
			return b.String() + "(ends here)"
		case strings.HasPrefix(s, `\u{`):
			code, rest, _ := strings.Cut(s[3:], "}")
			var r rune
			for _, c := range code {
				r = r<<4 | rune(strings.IndexRune("0123456789abcdef", c))
			}
			b.WriteRune(r)
			s = rest
		case strings.HasPrefix(s, `\n`):
			b.WriteByte('\n')
			s = s[2:]
		case s[0] == '\\' && len(s) > 1 && strings.ContainsRune(`\"$`, rune(s[1])):
			b.WriteByte(s[1])
			s = s[2:]
		default:
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	return b.String()
}
