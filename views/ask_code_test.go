package views

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"muban/wechat/ledger"
)

const page = `
let page;
globalThis.Page = (p) => { page = p; };
const posted = [], warned = [];
console.warn = (...words) => warned.push(words);
let asked = 0;
globalThis.wx = {
  requestPayment: (o) => o.success(),
  requestSubscribeMessage: (o) => {
    asked++;
    page.ask("again"); // while one is open
    const given = JSON.parse(process.env.ANSWER);
    if (given.errCode) o.fail(given); else o.success(given);
    o.complete();
  },
  request: (o) => posted.push(o.data),
};
require(process.argv[2]);
if (page.pay) page.pay({}); else page.onTap();
process.stdout.write(JSON.stringify({ asked, posted, warned }));
`

// TestTheAskingPagesCodeReportsEveryAnswer runs the code of a page against a pretended wx.
func TestTheAskingPagesCodeReportsEveryAnswer(t *testing.T) {
	node := needNode(t)
	for _, moment := range ledger.Moments {
		a := Asking{Moment: moment, Templates: []AskedTemplate{{"one", "取餐提醒"}, {"t'w\"o\\\n", "*/ 支付\u2028成功"}, {"three", "x"}}}
		dir := t.TempDir()
		code := filepath.Join(dir, "page.js")
		noError(t, os.WriteFile(code, []byte(a.CodeIn("native").Code), 0o600))
		harness := filepath.Join(dir, "harness.js")
		noError(t, os.WriteFile(harness, []byte(page), 0o600))
		run := func(answer string) (out struct {
			Asked  int
			Posted []struct {
				Results          map[string]string
				ID, When, Moment string
			}
			Warned [][]any
		}) {
			cmd := exec.Command(node, harness, code)
			cmd.Env = append(os.Environ(), "ANSWER="+answer)
			text, err := cmd.Output()
			noError(t, err)
			noError(t, json.Unmarshal(text, &out))
			return out
		}
		out := run(`{"errMsg":"requestSubscribeMessage:ok","one":"accept","t'w\"o\\\n":"filter","three":"ban"}`)
		if out.Asked != 1 || len(out.Posted) != 1 || out.Posted[0].Moment != moment || out.Posted[0].ID == "" || len(out.Posted[0].Results) != 3 ||
			out.Posted[0].Results["one"] != "accept" || out.Posted[0].Results["t'w\"o\\\n"] != "filter" {
			t.Errorf("%s: %+v", moment, out)
		}
		if out = run(`{"errCode":20004,"errMsg":"requestSubscribeMessage:fail"}`); len(out.Posted) != 0 || len(out.Warned) != 1 {
			t.Errorf("%s, switched off: %+v", moment, out)
		}
	}
}

// TestTheServersCodeReportsToTheConsole runs both programs against a server that looks at what arrives.
func TestTheServersCodeReportsToTheConsole(t *testing.T) {
	arrived := make(chan []byte, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived <- body
		if r.URL.Path != "/api/v1/consents" || r.Header.Get("Authorization") != "Bearer k" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer server.Close()
	a := Asking{Muban: server.URL, AppID: "wx0123456789abcdef", Moment: "tap", Templates: []AskedTemplate{{"one'\"", "取餐提醒"}}}
	dir := t.TempDir()
	for lang, run := range map[string]func(code string) *exec.Cmd{
		"curl": func(code string) *exec.Cmd { return exec.Command("sh", "-c", code) },
		"node": func(code string) *exec.Cmd {
			file := filepath.Join(dir, "c.mjs")
			call := `consents("OPENID", {results: {"one'\"": "accept"}, id: "ID", moment: "tap"})`
			noError(t, os.WriteFile(file, []byte(strings.Replace(code, "export ", "", 1)+call), 0o600))
			return exec.Command(needNode(t), file)
		},
	} {
		if _, err := exec.LookPath(map[string]string{"curl": "curl", "node": "node"}[lang]); err != nil {
			t.Logf("%s is not on this machine", lang)
			continue
		}
		cmd := run(a.ReportIn(lang).Code)
		cmd.Env = append(os.Environ(), "MUBAN_KEY=k", "no_proxy=*")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", lang, err, out)
		}
		got := <-arrived
		var body struct {
			AppID, OpenID, ID, Moment string
			Results                   map[string]string
		}
		noError(t, json.Unmarshal(got, &body))
		if body.AppID != a.AppID || body.OpenID != "OPENID" || body.ID != "ID" || body.Moment != "tap" || body.Results["one'\""] != "accept" {
			t.Errorf("%s: %s", lang, got)
		}
	}
}

func needNode(t *testing.T) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the page's code is not run here")
	}
	return node
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
