package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

const (
	categoryPath        = "/wxaapi/newtmpl/getcategory"
	titlesPath          = "/wxaapi/newtmpl/getpubtemplatetitles"
	keywordsPath        = "/wxaapi/newtmpl/getpubtemplatekeywords"
	subscribeAddPath    = "/wxaapi/newtmpl/addtemplate"
	subscribeListPath   = "/wxaapi/newtmpl/gettemplate"
	subscribeDeletePath = "/wxaapi/newtmpl/deltemplate"
	subscribeSendPath   = "/cgi-bin/message/subscribe/send"
	ridPath             = "/cgi-bin/openapi/rid/get"
	quotaPath           = "/cgi-bin/openapi/quota/get"
)

// subscribed is what the calls about subscribe messages may answer.
type subscribed struct {
	answer
	ID    string          `json:"priTmplId"`
	Count int             `json:"count"`
	MsgID json.Number     `json:"msgid"`
	Data  []subscribeLine `json:"data"`
	Quota struct {
		Daily int `json:"daily_limit"`
		Used  int
		Left  int `json:"remain"`
	}
	Request struct {
		At   int64  `json:"invoke_time"`
		URL  string `json:"request_url"`
		Body string `json:"request_body"`
		Was  string `json:"response_body"`
		IP   string `json:"client_ip"`
	}
}

type subscribeLine struct {
	ID         int
	TID        int
	KID        int
	Name       string
	Title      string
	Type       int
	CategoryID string `json:"categoryId"`
	Example    string
	Rule       string
	TemplateID string `json:"priTmplId"`
	Content    string
	Enums      []struct {
		Key    string   `json:"keywordCode"`
		Values []string `json:"enumValueList"`
	} `json:"keywordEnumValueList"`
}

// live is a simulator of 2026: when subscribe messages are in use, and errmsgs end in a rid.
func live(t testing.TB) *world {
	w := inProcess(t, sandbox.Options{})
	w.Advance(8 * 366 * 24 * time.Hour)
	return w
}

// subscribe makes a call with a good token; query begins with & or is empty.
func (w *world) subscribe(method, path, query, kind, body string) (a subscribed) {
	w.Helper()
	if w.token == "" {
		w.token = w.fetchToken().AccessToken
	}
	r, err := http.NewRequest(method, w.base+path+"?access_token="+w.token+query, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	res, err := w.client.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || json.Unmarshal(raw, &a) != nil {
		w.Fatalf("%s: %s, %v", path, raw, err)
	}
	return a
}

func (w *world) look(path, query string) subscribed {
	w.Helper()
	return w.subscribe("GET", path, query, "", "")
}

func (w *world) post(path, body string) subscribed {
	w.Helper()
	return w.subscribe("POST", path, "", "application/json", body)
}

// subscribeTemplate adds a title with keywords.
func (w *world) subscribeTemplate(tid string, kids ...int) string {
	w.Helper()
	a := w.post(subscribeAddPath, asJSON(map[string]any{"tid": tid, "kidList": kids, "sceneDesc": "测试"}))
	w.works(a.answer)
	return a.ID
}

// pickUp adds 取餐提醒 with 门店名称, 取餐码, 自提时间.
func (w *world) pickUp() string {
	w.Helper()
	return w.subscribeTemplate("250", 23, 52, 14)
}

// pickUpSend is a good message of that template.
func pickUpSend(openID, templateID string, change ...func(map[string]any)) string {
	m := map[string]any{"touser": openID, "template_id": templateID, "page": "pages/order?id=1", "data": map[string]any{
		"thing23":  map[string]any{"value": "云杉咖啡 国贸店"},
		"number52": map[string]any{"value": "32"},
		"date14":   map[string]any{"value": "2026年11月29日 14:05"},
	}}
	for _, f := range change {
		f(m)
	}
	return asJSON(m)
}

// valued sets the value of a key as it stands in the JSON.
func valued(key string, value any) func(map[string]any) {
	return func(m map[string]any) { m["data"].(map[string]any)[key] = map[string]any{"value": value} }
}

func with(name string, value any) func(map[string]any) {
	return func(m map[string]any) { m[name] = value }
}

func (w *world) allow(openID, templateID string, times int) {
	w.Helper()
	for range times {
		if err := w.Allow(sandbox.DefaultAppID, openID, false, templateID); err != nil {
			w.Fatal(err)
		}
	}
}

// left is how often the user can still be reached.
func (w *world) left(openID, templateID string) int {
	for _, c := range w.Consents(sandbox.DefaultAppID, openID) {
		if c.TemplateID == templateID {
			return c.Left
		}
	}
	return 0
}

func itoa(n int) string { return strconv.Itoa(n) }
