package alert_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"muban/store"
	"muban/wechat/alert"
)

// robot is the server of a chat with one group robot. It keeps what came, byte for byte, and answers as it is told.
type robot struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	answer string
	paths  []string // with queries
	bodies []string
}

func newRobot(t *testing.T) *robot {
	r := &robot{status: http.StatusOK}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *robot) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Header.Get("Content-Type") != "application/json" || req.Method != http.MethodPost {
		body = append(body, " as "+req.Method+" "+req.Header.Get("Content-Type")...)
	}
	r.paths, r.bodies = append(r.paths, req.RequestURI), append(r.bodies, string(body))
	w.WriteHeader(r.status)
	io.WriteString(w, r.answer)
}

func (r *robot) answers(status int, answer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.answer = status, answer
}

// got are the last request's address and body.
func (r *robot) got() (path, body string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.paths) == 0 {
		return "", ""
	}
	return r.paths[len(r.paths)-1], r.bodies[len(r.bodies)-1]
}

// send queues a notice for a channel of its own and makes one attempt.
func (w *world) send(t *testing.T, c alert.Channel, n alert.Notice) alert.Delivery {
	t.Helper()
	if err := w.store.RemoveChannel(t.Context(), store.Actor{}, w.hook.ID); err != nil {
		t.Fatal(err)
	}
	w.hook = w.channel(t, c)
	if _, err := w.store.AddTestDelivery(t.Context(), store.Actor{}, w.hook, n.Encode()); err != nil {
		t.Fatal(err)
	}
	w.deliver(t)
	return w.newest(t)
}

// The signatures were computed with openssl and with Python's hmac, for 2018-05-04T08:00:00Z:
//
//	printf '' | openssl dgst -sha256 -hmac "$(printf '1525420800\nSECfeishu0123456789')" -binary | base64
//	printf '1525420800000\nSECdingtalk0123456789' | openssl dgst -sha256 -hmac SECdingtalk0123456789 -binary | base64
var makes = map[alert.Make]struct {
	path, secret, signedPath, body, signedBody string
}{
	alert.WeCom: {
		path: "/cgi-bin/webhook/send?key=693a91f6", signedPath: "/cgi-bin/webhook/send?key=693a91f6",
		body: `{"msgtype":"markdown","markdown":{"content":"**Muban · 商城**\n王敏 退回了“课程提醒”\n\u003e 标题太宽泛\n[查看](https://muban.example.com/@wx1/drafts/12)"}}`,
	},
	alert.Feishu: {
		path: "/open-apis/bot/v2/hook/693a91f6", secret: "SECfeishu0123456789", signedPath: "/open-apis/bot/v2/hook/693a91f6",
		body: `{"msg_type":"post","content":{"post":{"zh_cn":{"title":"Muban · 商城","content":[[{"tag":"text","text":"王敏 退回了“课程提醒”"}],[{"tag":"text","text":"标题太宽泛"}],[{"tag":"a","text":"查看","href":"https://muban.example.com/@wx1/drafts/12"}]]}}}}`,
		signedBody: `{"timestamp":"1525420800","sign":"flO8ZM2KvswYu1f28s+0W/0pCcXxswPBHg/bQtx+Stw=","msg_type":"post","content":{"post":{"zh_cn":{"title":"Muban · 商城",` +
			`"content":[[{"tag":"text","text":"王敏 退回了“课程提醒”"}],[{"tag":"text","text":"标题太宽泛"}],[{"tag":"a","text":"查看","href":"https://muban.example.com/@wx1/drafts/12"}]]}}}}`,
	},
	alert.DingTalk: {
		path: "/robot/send?access_token=693a91f6", secret: "SECdingtalk0123456789",
		signedPath: "/robot/send?access_token=693a91f6&timestamp=1525420800000&sign=TLMxoICdqyDVVzjwwOykofqK5XKHMeR2Q5gSMVdYyvs%3D",
		body: `{"msgtype":"markdown","markdown":{"title":"Muban · 商城","text":"#### Muban · 商城\n\n王敏 退回了“课程提醒”\n\n\u003e 标题太宽泛` +
			`\n\n[查看](https://muban.example.com/@wx1/drafts/12)"}}`,
	},
}

func TestARobotOfEachMakeGetsItsShapeAndItsSignatureByteForByte(t *testing.T) {
	rejected := alert.Notice{Change: alert.Rejected, App: &alert.NoticeApp{AppID: "wx1", Name: "商城"}, Text: "【商城】王敏 退回了“课程提醒”",
		Detail: "标题太宽泛", URL: "https://muban.example.com/@wx1/drafts/12"}
	for make, m := range makes {
		t.Run(string(make), func(t *testing.T) {
			w, r := newWorld(t), newRobot(t)
			r.answers(http.StatusOK, `{"errcode":0,"errmsg":"ok","code":0,"msg":"success"}`)
			d := w.send(t, alert.Channel{Make: make, URL: wechatSecret(r.URL + m.path)}, rejected)
			if path, body := r.got(); path != m.path || body != m.body || d.State() != "delivered" {
				t.Errorf("unsigned, %s:\n%s\n%s", d.State(), path, body)
			}
			signed := m.signedBody
			if signed == "" {
				signed = m.body
			}
			w.send(t, alert.Channel{Make: make, URL: wechatSecret(r.URL + m.path), Secret: wechatSecret(m.secret)}, rejected)
			if path, body := r.got(); path != m.signedPath || body != signed {
				t.Errorf("signed:\n%s\n%s", path, body)
			}
		})
	}
}

// What a robot answers with HTTP 200 may be a refusal.
func TestTheAnswerOfARobotIsReadAndNotItsStatusAlone(t *testing.T) {
	for make, answers := range map[alert.Make]map[string]string{
		alert.WeCom: {
			`200 {"errcode":0,"errmsg":"ok"}`:                           "delivered 0 ",
			`200 {"errcode":45009,"errmsg":"api freq out of limit"}`:    "given_up 45009 limited",
			`200 {"errcode":93000,"errmsg":"invalid webhook url"}`:      "given_up 93000 gone",
			`200 {"errcode":40058,"errmsg":"markdown.content missing"}`: "given_up 40058 refused",
			`200 <html>`: "given_up 0 unread", `502 <html>`: "given_up 0 status", `200 {"errcode":"0"}`: "given_up 0 unread",
			`500 {"errcode":0}`: "given_up 0 status", `307 `: "given_up 0 redirect",
		},
		alert.Feishu: {
			`200 {"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`: "delivered 0 ",
			`200 {"code":11232,"msg":"frequency limited"}`:                                      "given_up 11232 limited",
			`400 {"code":9499,"msg":"too many request"}`:                                        "given_up 9499 limited",
			`200 {"code":19021,"msg":"sign match fail or timestamp is not within one hour"}`:    "given_up 19021 signature",
			`200 {"code":19024,"msg":"Key Words Not Found"}`:                                    "given_up 19024 keyword",
			`200 {"code":19022,"msg":"Ip Not Allowed"}`:                                         "given_up 19022 ip",
			`400 {"code":19001,"msg":"param invalid: incoming webhook access token invalid"}`:   "given_up 19001 gone",
		},
		alert.DingTalk: {
			`200 {"errcode":0,"errmsg":"ok"}`:                                                       "delivered 0 ",
			`200 {"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}`:           "given_up 130101 limited",
			`200 {"errcode":310000,"errmsg":"sign not match"}`:                                      "given_up 310000 signature",
			`200 {"errcode":310000,"errmsg":"keywords not in content, more: [https://ding.talk/]"}`: "given_up 310000 keyword",
			`200 {"errcode":310000,"errmsg":"ip 203.0.113.9 not in whitelist"}`:                     "given_up 310000 ip",
			`200 {"errcode":300001,"errmsg":"token is not exist"}`:                                  "given_up 300001 gone",
		},
	} {
		w, r := newWorld(t), newRobot(t)
		for answer, want := range answers {
			status, body, _ := strings.Cut(answer, " ")
			r.answers(map[string]int{"200": 200, "307": 307, "400": 400, "500": 500, "502": 502}[status], body)
			d := w.send(t, alert.Channel{Make: make, URL: wechatSecret(r.URL + makes[make].path)}, alert.Notice{Change: alert.Tested, Text: "测试"})
			if got := d.State() + " " + strconv.Itoa(d.Code) + " " + d.Problem; got != want {
				t.Errorf("%s %s: %s, want %s", make, answer, got, want)
			}
		}
	}
}

// A limited robot is asked again like a webhook that is away.
func TestANoticeThatARobotTakesNoMoreOfIsTriedAgain(t *testing.T) {
	w, r := newWorld(t), newRobot(t)
	if err := w.store.RemoveChannel(t.Context(), store.Actor{}, w.hook.ID); err != nil {
		t.Fatal(err)
	}
	w.channel(t, alert.Channel{Make: alert.DingTalk, URL: wechatSecret(r.URL + "/robot/send?access_token=1"), Secret: "SECdingtalk0123456789"})
	r.answers(http.StatusOK, `{"errcode":130101,"errmsg":"send too fast"}`)
	w.raise(t)
	w.deliver(t)
	first, _ := r.got()
	if d := w.newest(t); d.State() != "retrying" || d.Code != 130101 {
		t.Fatalf("%+v", d)
	}
	r.answers(http.StatusOK, `{"errcode":0}`)
	w.pass(11 * time.Second)
	w.deliver(t)
	again, _ := r.got()
	if d := w.newest(t); d.State() != "delivered" || d.Code != 0 || first == again || !strings.Contains(again, "timestamp=152542081") {
		t.Fatalf("%+v, signed anew: %s", d, again)
	}
}

// What people typed makes no link, no mention and no other line in a group, and names no user.
func TestWhatPeopleTypedIsInertInAGroup(t *testing.T) {
	hostile := "[点我](https://evil.example) <@all> <at user_id=\"all\"></at> @所有人 **x** `y`\n# 标题\r\n> 引用\u202e\u0007 oABCDEFGHIJKLMNOPQRSTUVWXYZ1" + strings.Repeat("长", 900)
	for make, m := range makes {
		w, r := newWorld(t), newRobot(t)
		r.answers(http.StatusOK, `{"errcode":0,"code":0}`)
		w.send(t, alert.Channel{Make: make, URL: wechatSecret(r.URL + m.path)},
			alert.Notice{Change: alert.Rejected, App: &alert.NoticeApp{AppID: "wx1", Name: "[点我](https://evil.example) <@all> @所有人 `y`\u202e"}, Text: hostile, Detail: hostile})
		_, body := r.got()
		for _, bad := range []string{"\u202e", "\u0007", "oABCDEFGHIJKLMNOPQRSTUVWXYZ1", `\r`} {
			if strings.Contains(body, bad) {
				t.Errorf("%s: %q is in %.300s", make, bad, body)
			}
		}
		if make != alert.Feishu { // whose texts are no markup
			for _, bad := range []string{"](https://evil", "<@", `\u003c@`, "@所有人", "`y`", `\n# `} {
				if strings.Contains(body, bad) {
					t.Errorf("%s: %q is in %.300s", make, bad, body)
				}
			}
		}
		if len(body) > 4096 {
			t.Errorf("%s: %d bytes", make, len(body))
		}
	}
}

func TestARobotsAddressIsKnownByItsHostAndItsKey(t *testing.T) {
	for address, want := range map[string]struct {
		make alert.Make
		key  bool
	}{
		"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6":       {alert.WeCom, true},
		"https://qyapi.weixin.qq.com/cgi-bin/webhook/send":                    {alert.WeCom, false},
		"https://open.feishu.cn/open-apis/bot/v2/hook/693a91f6":               {alert.Feishu, true},
		"https://open.larksuite.com/open-apis/bot/v2/hook/":                   {alert.Feishu, false},
		"https://oapi.dingtalk.com/robot/send?access_token=693a91f6":          {alert.DingTalk, true},
		"https://oapi.dingtalk.com/robot/send?token=693a91f6":                 {alert.DingTalk, false},
		"https://oapi.dingtalk.com.evil.example/robot/send?access_token=6930": {alert.Webhook, true},
		"https://hooks.example.com/x":                                         {alert.Webhook, true},
	} {
		if make := alert.MakeOf(address); make != want.make || make.HasKey(address) != want.key {
			t.Errorf("%s: %s, %v", address, make, make.HasKey(address))
		}
	}
}
