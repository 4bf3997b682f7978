package web_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/webtest"
)

// forge makes hostile requests out of the console's own: its routes, the forms of its
// pages, the bodies of its API, and what has broken other programs.
type forge struct {
	random  *rand.Rand
	host    string
	routes  []webtest.RouteInfo
	ids     webtest.Filled
	forms   map[string][]url.Values // by the path that they are posted to
	names   []string                // of all controls
	values  []string
	cookies map[string]string // by who sends them
	keys    []string
}

// hostileValues are what has broken other programs.
var hostileValues = []string{
	"", "0", "1", "-1", "2", "25", "99999999999999999999", "9223372036854775807", "1e309", "NaN", "0x10", "1.5", "true", "null", "on",
	"' OR 1=1--", `"; DROP TABLE people;--`, "%' ESCAPE '", `"><script>alert(1)</script>`, "javascript:alert(1)", "{{.}}", "${7*7}", "*", "?", "[", "k[0]", "]",
	"../../../etc/passwd", `..\..\x`, "/", "//evil.example", "https://evil.invalid/", "http://127.0.0.1:1/", "file:///etc/passwd", "a\r\nSet-Cookie: x=1", "\n", "\t",
	"\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80", "\u202e\u200b\ufeff", "😀👨‍👩‍👧", "长", strings.Repeat("长", 200), strings.Repeat("a", 5000), strings.Repeat("9", 400),
	"=1+1", "+1", "-1+1", "@SUM(A1)", "#", "#ff00zz", "#173177", "购买成功通知", "商品名称", "AT0002", "AT9999", "wx0000000000000002", "wx00000000sandbox1",
	"2018-05-04T08:30", "0000-00-00T00:00", "9999-12-31T23:59", "168h", "-1h", "1000000h", "save", "account", "check", "submit", "approve", "reject", "delete", "undo", "remove",
	"administrator", "qa", "none", "form", "payment", "the formId is a mock one", "prepay_id=wx1", "errcode", "status", "market", "zh", "en", "zz", "{}", "[]", `{"a":{"a":1}}`, "40001",
}

// lockouts are what ends the attacker's own session: the rest of a round would be spent
// before the door.
var lockouts = []string{"POST /sign-out", "POST /settings/people/factor", "POST /settings/me/factor", "POST /sandbox/reset"}

// bodies are well-formed ones of the API, to be spoilt.
var bodies = []string{
	`{"openid":"OPENID","kind":"form","id":"a form of an attack"}`, `{"rights":[{"openid":"OPENID","kind":"payment","id":"wx2018"},{"openid":"OPENID","id":"undefined"}]}`,
	`{"key":"k1","touser":"OPENID","template_id":"TEMPLATE","page":"index","data":{"keyword1":{"value":"1","color":"#173177"}}}`,
	`{"key":"k2","touser":"OPENID","alias":"order-paid","data":{"单号":"1234"},"form_id":"a form of an attack"}`,
	`{"appid":"wx00000000sandbox1","access_token":"x"}`, `{"appid":"wx00000000sandbox1","code":"ABCDEFGH","openid":"OPENID"}`,
	`{"grant_type":"client_credential","appid":"wx00000000sandbox1","secret":"sandbox-secret-00000000000000000","force_refresh":true}`,
}

func newForge(c *webtest.Console, random *rand.Rand, wechat string) *forge {
	c.T.Helper()
	admin := c.As(store.Administrator)
	f := &forge{random: random, host: strings.TrimPrefix(c.URL, "http://"), routes: c.Routes(), ids: c.Fill(admin),
		forms: map[string][]url.Values{}, cookies: map[string]string{"anonymous": "", "planted": strings.Repeat("A", 43)}}
	admin.Post("/templates/"+f.ids.Template+"/alias", url.Values{"alias": {"order-paid"}})
	for _, r := range f.routes {
		if r.Method == http.MethodGet {
			f.gather(admin.Get(f.ids.Path(r)), wechat)
		}
	}
	for _, role := range store.Roles() {
		f.cookies[string(role)] = c.As(role).Session()
	}
	for _, scopes := range [][]string{{"token"}, {"rights"}, {"send"}, {"token", "rights", "send", "metrics"}} {
		f.keys = append(f.keys, c.Caller(scopes...).Key)
	}
	f.values = append(slices.Clone(hostileValues), f.ids.Template, f.ids.Draft, f.ids.Send, f.ids.App, f.ids.Person, f.ids.Spare, webtest.StrangerID, wechat)
	slices.Sort(f.names)
	f.names = slices.Compact(f.names)
	return f
}

// gather takes the forms of a page: each button of one is a form of its own. A mini
// program's WeChat becomes the test's.
func (f *forge) gather(p *webtest.Page, wechat string) {
	p.Doc.Find("form").Each(func(_ int, form *goquery.Selection) {
		plain := webtest.Controls(form)
		for name, values := range plain {
			f.names = append(f.names, name)
			for i, v := range values {
				values[i] = strings.ReplaceAll(v, "https://api.weixin.qq.com", wechat)
			}
		}
		action := form.AttrOr("action", p.Path)
		f.add(action, plain)
		form.Find("button").Each(func(_ int, button *goquery.Selection) {
			pressed := maps.Clone(plain)
			if name, ok := button.Attr("name"); ok {
				f.names = append(f.names, name)
				pressed[name] = []string{button.AttrOr("value", "")}
			}
			f.add(button.AttrOr("formaction", action), pressed)
		})
	})
}

func (f *forge) add(action string, values url.Values) {
	path, _, _ := strings.Cut(webtest.Within(action), "?")
	f.forms[path] = append(f.forms[path], values)
}

// request is the next one, and how a failure names it.
func (f *forge) request() (r *http.Request, said string) {
	route := one(f.random, f.routes)
	for route.Method == http.MethodGet && !f.chance(4) || slices.Contains(lockouts, route.Pattern) && !f.chance(20) {
		route = one(f.random, f.routes) // posts are what breaks things
	}
	path, method := f.ids.Path(route), route.Method
	form := f.spoilt(path)
	if f.chance(8) {
		path = f.otherPath(path)
	}
	if f.chance(25) {
		method = one(f.random, []string{"HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "GET", "POST", "BREW"})
	}
	u := &url.URL{Scheme: "http", Host: f.host, Path: path}
	if f.chance(4) {
		u.Path = "/@" + one(f.random, append(f.values, "wx00000000sandbox1", "wx0000000000000002")) + path
	}
	var body []byte
	kind := "application/x-www-form-urlencoded"
	switch {
	case method == http.MethodGet || method == http.MethodHead:
		u.RawQuery = f.mangled(form.Encode())
	case forPrograms(path):
		body, kind = []byte(f.mangled(f.json())), "application/json"
	default:
		body = []byte(f.mangled(form.Encode()))
	}
	if f.chance(20) {
		kind = one(f.random, []string{"", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "application/json", "application/x-www-form-urlencoded; charset=gbk", "a/b;;="})
	}
	r = &http.Request{Method: method, URL: u, Host: f.host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: f.header(path, kind),
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), RequestURI: u.RequestURI(),
		RemoteAddr: fmt.Sprintf("192.0.2.%d:1234", 1+f.random.IntN(250))}
	who := string(store.Administrator)
	if f.chance(2) {
		who = one(f.random, slices.Sorted(maps.Keys(f.cookies)))
	}
	if cookie := f.cookies[who]; cookie != "" && r.Header.Get("Authorization") == "" {
		r.Header.Set("Cookie", "muban="+f.mangledNow(cookie, 60))
	}
	return r, fmt.Sprintf("%s: %s %q with %.600q", who, method, u.RequestURI(), body)
}

func (f *forge) header(path, kind string) http.Header {
	h := http.Header{"Content-Type": {kind}, "Origin": {"http://" + f.host}, "Accept-Language": {one(f.random, []string{"en", "zh-CN", "zz;q=9", "\xff", strings.Repeat("a-", 500)})}}
	if forPrograms(path) && !f.chance(4) || f.chance(20) {
		h.Set("Authorization", "Bearer "+f.mangledNow(one(f.random, f.keys), 10))
		h.Del("Origin")
	}
	for _, name := range []string{"X-Fragment", "X-Forwarded-For", "X-Request-Id", "If-None-Match", "If-Modified-Since", "Range", "Referer", "X-Http-Method-Override", "X-Forwarded-Host", "Accept", "Accept-Encoding"} {
		if f.chance(15) {
			h.Set(name, one(f.random, f.values))
		}
	}
	if f.chance(30) {
		h.Set("Origin", one(f.random, f.values))
	}
	return h
}

func forPrograms(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/cgi-bin/")
}

// spoilt is a form as a page has it, with some of its values changed.
func (f *forge) spoilt(path string) url.Values {
	form := url.Values{}
	if known := f.forms[path]; len(known) > 0 && !f.chance(10) {
		form = maps.Clone(one(f.random, known))
	}
	for range f.random.IntN(3) {
		name := one(f.random, f.names)
		if own := slices.Sorted(maps.Keys(form)); len(own) > 0 && !f.chance(3) {
			name = one(f.random, own)
		}
		if f.chance(6) {
			name += one(f.random, []string{"[", "]", "]0[", "[0]", "[-1]", "[99999999999]", "[a][b", ".x"})
		}
		form[name] = []string{one(f.random, f.values)}
		for f.chance(6) {
			form[name] = append(slices.Clone(form[name]), one(f.random, f.values))
		}
	}
	return form
}

func (f *forge) json() string {
	text := strings.NewReplacer("OPENID", webtest.StrangerID, "TEMPLATE", f.ids.Template).Replace(one(f.random, bodies))
	if f.chance(3) {
		quoted := strings.Split(text, `"`)
		i := f.random.IntN(len(quoted))
		quoted[i] = one(f.random, f.values)
		text = strings.Join(quoted, `"`)
	}
	return text
}

// otherPath names something else, or nothing.
func (f *forge) otherPath(path string) string {
	parts := strings.Split(path, "/")
	parts[f.random.IntN(len(parts))] = one(f.random, f.values)
	return "/" + strings.TrimPrefix(strings.Join(parts, "/"), "/")
}

// mangled changes bytes of one text in eight.
func (f *forge) mangled(text string) string { return f.mangledNow(text, 8) }

func (f *forge) mangledNow(text string, oneIn int) string {
	if !f.chance(oneIn) || text == "" {
		return text
	}
	b := []byte(text)
	for range 1 + f.random.IntN(5) {
		at := f.random.IntN(len(b))
		b = slices.Insert(slices.Delete(b, at, min(at+f.random.IntN(3), len(b))), at, []byte(one(f.random, []string{"%", "&", "=", ";", "%00", "[", "\"", "{", "\xff", "+"}))...)
	}
	return string(b)
}

func (f *forge) chance(oneIn int) bool { return f.random.IntN(oneIn) == 0 }

func one[T any](random *rand.Rand, of []T) T { return of[random.IntN(len(of))] }
