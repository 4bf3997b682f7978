package text_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"muban/views/text"
	"muban/wechat"
	"muban/wechat/sandbox"
)

const (
	categoryPath = "/wxaapi/newtmpl/getcategory"
	titlesPath   = "/wxaapi/newtmpl/getpubtemplatetitles"
	keywordsPath = "/wxaapi/newtmpl/getpubtemplatekeywords"
	addPath      = "/wxaapi/newtmpl/addtemplate"
	listPath     = "/wxaapi/newtmpl/gettemplate"
	deletePath   = "/wxaapi/newtmpl/deltemplate"
	sendPath     = "/cgi-bin/message/subscribe/send"
	ridPath      = "/cgi-bin/openapi/rid/get"
	quotaPath    = "/cgi-bin/openapi/quota/get"

	openID = "oSandbox0000000000000000_001"
)

// documented are the errcodes that WeChat's pages and recorded answers have for each call about subscribe messages, and
// what brings one about: a question of this body (POST) or query (GET), or the control that names the code.
var documented = []struct {
	path     string
	code     int
	question string // a query, or a body that begins with { or is "empty" or "POST"; "" for a fault of the code
	limits   string // set before: JSON of /sandbox/limits
}{
	{categoryPath, 404, "POST", ""},
	{categoryPath, 20001, "", ""},
	{categoryPath, 40001, "&", ""},
	{categoryPath, 200100, "", ""},
	{categoryPath, 45009, "&x", `"daily":{"` + categoryPath + `":1}`},
	{titlesPath, 404, "POST", ""},
	{titlesPath, 200001, "", ""},
	{titlesPath, 200016, "&ids=612&start=a&limit=1", ""},
	{titlesPath, 200017, "&ids=612&start=0&limit=31", ""},
	{titlesPath, 200018, "&start=0&limit=1", ""},
	{titlesPath, 200019, "&ids=%22612,611%22&start=0&limit=1", ""},
	{keywordsPath, 20001, "", ""},
	{keywordsPath, 200002, "&tid=abc", ""},
	{keywordsPath, 200014, "&tid=", ""},
	{addPath, -1, "", ""},
	{addPath, 200001, "", ""},
	{addPath, 40400, "", ""},
	{addPath, 43106, "", ""},
	{addPath, 200011, "", ""},
	{addPath, 200012, `{"tid":"250","kidList":[20,24]}`, `"subscribe_templates":1`},
	{addPath, 200013, "", ""},
	{addPath, 200014, `{"tid":"987654","kidList":[1,2]}`, ""},
	{addPath, 200020, `{"tid":"250","kidList":[23]}`, ""},
	{addPath, 200021, `{"tid":"250","kidList":[20,24],"sceneDesc":"一二三四五六七八九十一二三四五六"}`, ""},
	{addPath, 200022, `{"tid":"250","kidList":[23,52,14]}`, ""},
	{addPath, 200100, "", ""},
	{listPath, -1, "", ""},
	{listPath, 404, "POST", ""},
	{listPath, 200100, "", ""},
	{deletePath, 20001, "", ""},
	{deletePath, 20002, `{"priTmplId":"x"}`, ""},
	{deletePath, 200001, "", ""},
	{deletePath, 200002, "", ""},
	{deletePath, 200014, "", ""},
	{sendPath, -1, "", ""},
	{sendPath, 40001, "", ""},
	{sendPath, 40014, "", ""},
	{sendPath, 42001, "", ""},
	{sendPath, 40003, `{"touser":"x","template_id":"TEMPLATE"}`, ""},
	{sendPath, 40037, `{"touser":"USER","template_id":"x"}`, ""},
	{sendPath, 41030, `{"touser":"USER","template_id":"TEMPLATE","page":"http://x"}`, ""},
	{sendPath, 43101, `{"touser":"oSandbox0000000000000000_002","template_id":"TEMPLATE"}`, ""},
	{sendPath, 43107, "", ""},
	{sendPath, 43108, "", ""},
	{sendPath, 44002, "empty", ""},
	{sendPath, 47001, `{"touser"`, ""},
	{sendPath, 47003, `{"touser":"USER","template_id":"TEMPLATE","data":{"thing23":{"value":"a\nb"}}}`, ""},
	{sendPath, 45009, `{"touser":"USER"}`, `"daily":{"` + sendPath + `":1}`},
	{sendPath, 45168, "", ""},
	{sendPath, 48001, "", ""},
	{ridPath, 76001, "", ""},
	{ridPath, 76003, `{"rid":"61725984-6126f6f9-040f19c4"}`, ""},
	{quotaPath, 76021, `{"cgi_path":"/cgi-bin/nothing"}`, ""},
	{quotaPath, 76022, "", ""},
}

func TestTheSimulatorBringsAboutEveryErrcodeOfSubscribeMessagesAndBothLanguagesExplainIt(t *testing.T) {
	server := httptest.NewServer(sandbox.New(sandbox.Options{}))
	defer server.Close()
	ask := func(method, address, body string) (raw string) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		all, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(all)
	}
	read := func(raw string) (a struct {
		Token    string `json:"access_token"`
		Template string `json:"priTmplId"`
		Code     int    `json:"errcode"`
		Msg      string `json:"errmsg"`
	}) {
		if err := json.Unmarshal([]byte(raw), &a); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		return a
	}
	control := func(name, members string) {
		if raw := ask("POST", "/sandbox/"+name, "{"+members+"}"); strings.Contains(raw, `"error"`) {
			t.Fatalf("%s: %s", name, raw)
		}
	}
	app := `"appid":"` + sandbox.DefaultAppID + `"`
	texts := text.LoadTexts()
	for _, d := range documented {
		control("reset", "")
		token := "?access_token=" + read(ask("GET", "/cgi-bin/token?grant_type=client_credential&appid="+sandbox.DefaultAppID+
			"&secret="+sandbox.DefaultSecret, "")).Token
		template := read(ask("POST", addPath+token, `{"tid":"250","kidList":[23,52,14]}`)).Template
		control("consents", app+`,"openid":"`+openID+`","template_id":"`+template+`","answer":"accept"`)
		method, query, body := "GET", d.question, strings.NewReplacer("USER", openID, "TEMPLATE", template).Replace(d.question)
		switch {
		case d.question == "":
			control("faults", fmt.Sprintf(`"path":%q,"errcode":%d`, d.path, d.code))
		case d.code == 40001:
			token = "?access_token=" + strings.Repeat("x", 140)
		}
		if !strings.HasPrefix(d.question, "&") {
			method, query = "POST", ""
		}
		if d.limits != "" {
			control("limits", app+","+d.limits)
			ask(method, d.path+token+query, body) // the last that is allowed
		}
		answer := read(ask(method, d.path+token+query, strings.TrimPrefix(body, "empty")))
		if answer.Code != d.code || answer.Msg == "" || strings.HasPrefix(answer.Msg, "error") {
			t.Errorf("%s %s: %+v, want %d", d.path, cmp.Or(d.question, "fault"), answer, d.code)
		}
		if wechat.RefusedKey(answer.Msg) == "" && d.code == 47003 {
			t.Errorf("47003 names no key: %s", answer.Msg)
		}
		for _, part := range []string{"cause", "next"} {
			id := text.CodeID(d.code, part)
			if zh, en := texts.In("zh"), texts.In("en"); !zh.Has(id) || !en.Has(id) || zh.T(id) == en.T(id) {
				t.Errorf("%s is not said in both languages", id)
			}
		}
	}
}
