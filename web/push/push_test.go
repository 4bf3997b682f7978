package push_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

const (
	pushToken = "AAAAA"
	nonce     = "415670741"
)

var aesKey = strings.Repeat("A", 43)

// world is a console whose first app has a subscribe template and a push in one of the modes.
type world struct {
	*webtest.Console
	t        *testing.T
	template string
}

func newWorld(t *testing.T, mode string) *world {
	t.Helper()
	c := webtest.NewConsole(t)
	template, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{1, 3}, "")
	webtest.Must(t, err)
	webtest.Must(t, c.Store.SetPush(t.Context(), store.Actor{}, store.Push{App: c.App().ID, Mode: mode, Token: pushToken, AESKey: wechat.Secret(aesKey)}))
	// The test is WeChat: what the simulation tells of goes nowhere.
	webtest.Must(t, c.Sandbox.SetPush(c.App().AppID, sandbox.Push{URL: "http://127.0.0.1:1/", Token: pushToken}))
	return &world{c, t, template}
}

func signed(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// sealed is a message as the safe mode has it.
func sealed(t *testing.T, message, appID string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	webtest.Must(t, err)
	block, err := aes.NewCipher(key)
	webtest.Must(t, err)
	plain := append(bytes.Repeat([]byte("r"), 16), binary.BigEndian.AppendUint32(nil, uint32(len(message)))...)
	plain = append(append(plain, message...), appID...)
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}

// post is one try of a push.
type post struct {
	query url.Values
	body  string
}

func (w *world) plain(body string) post {
	now := strconv.FormatInt(w.Clock.Now().Unix(), 10)
	return post{url.Values{"signature": {signed(pushToken, now, nonce)}, "timestamp": {now}, "nonce": {nonce}}, body}
}

func (w *world) safe(body string) post {
	p := w.plain("")
	encrypted := sealed(w.t, body, w.App().AppID)
	p.query.Set("encrypt_type", "aes")
	p.query.Set("msg_signature", signed(pushToken, p.query.Get("timestamp"), nonce, encrypted))
	p.body = `{"ToUserName":"gh_0","Encrypt":"` + encrypted + `"}`
	if strings.HasPrefix(body, "<") {
		p.body = "<xml><ToUserName><![CDATA[gh_0]]></ToUserName><Encrypt><![CDATA[" + encrypted + "]]></Encrypt></xml>"
	}
	return p
}

func (w *world) send(p post) (status int, said string) {
	w.t.Helper()
	res, err := http.Post(w.URL+"/push/"+w.App().AppID+"?"+p.query.Encode(), "text/xml", strings.NewReader(p.body))
	webtest.Must(w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	webtest.Must(w.t, err)
	return res.StatusCode, string(body)
}

// taken sends what has to be answered with success.
func (w *world) taken(p post) {
	w.t.Helper()
	if status, said := w.send(p); status != http.StatusOK || said != "success" {
		w.t.Errorf("answered %d %q", status, said)
	}
}

func (w *world) left() (left int) {
	w.t.Helper()
	all, err := w.Store.ConsentsOf(w.t.Context(), w.App().ID, webtest.Customer)
	webtest.Must(w.t, err)
	for _, c := range all {
		left += c.Left
	}
	return left
}

func (w *world) json(event, status string, at int64) string {
	return fmt.Sprintf(`{"ToUserName":"gh_0","FromUserName":%q,"CreateTime":%d,"MsgType":"event","Event":%q,"List":{"TemplateId":%q,"SubscribeStatusString":%q,"PopupScene":"0"}}`,
		webtest.Customer, at, event, w.template, status)
}

func (w *world) xml(event, wrapper, status string, at int64) string {
	return fmt.Sprintf(`<xml><ToUserName><![CDATA[gh_0]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName><CreateTime>%d</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[%s]]></Event><%s><List><TemplateId><![CDATA[%s]]></TemplateId><SubscribeStatusString><![CDATA[%s]]></SubscribeStatusString><PopupScene>2</PopupScene></List></%s></xml>`,
		webtest.Customer, at, event, wrapper, w.template, status, wrapper)
}

func TestFault69_AnEventThatIsPushedAgainCountsOnceInEveryModeAndFormat(t *testing.T) {
	t.Parallel()
	for _, mode := range store.PushModes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mode)
			pack := w.safe
			if mode == store.PushPlain {
				pack = w.plain
			}
			at := w.Clock.Now().Unix() - 100
			accept := w.json("subscribe_msg_popup_event", "accept", at)
			for range 3 {
				w.taken(pack(accept))
			}
			w.taken(pack(w.xml("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "accept", at))) // the same in XML
			list := strings.Replace(strings.Replace(accept, `"List":{`, `"List":[{`, 1), `"}}`, `"}]}`, 1)
			w.taken(pack(strings.Replace(list, strconv.FormatInt(at, 10), `"`+strconv.FormatInt(at, 10)+`"`, 1)))
			if got := w.left(); got != 1 {
				t.Errorf("%d left", got)
			}
			w.taken(pack(w.json("subscribe_msg_popup_event", "accept", at+20)))
			w.taken(pack(w.json("subscribe_msg_popup_event", "reject", at+30))) // a declined popup takes nothing
			if got := w.left(); got != 2 {
				t.Errorf("%d left", got)
			}
			w.taken(pack(w.xml("subscribe_msg_change_event", "SubscribeMsgChangeEvent", "reject", at+10))) // older than the second
			if got := w.left(); got != 1 {
				t.Errorf("%d left after an older reject", got)
			}
			w.taken(pack(w.json("subscribe_msg_change_event", "reject", at+40)))
			if got := w.left(); got != 0 {
				t.Errorf("%d left after a reject", got)
			}
		})
	}
}

func TestFault69_APageAndWeChatReportOneTapOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushSafe)
	s := w.Caller("rights")
	w.taken(w.safe(w.json("subscribe_msg_popup_event", "accept", w.Clock.Now().Unix())))
	for range 2 {
		s.Post("/api/v1/consents", webtest.AsJSON(map[string]any{"openid": webtest.Customer, "id": "tap",
			"results": map[string]string{w.template: "accept"}})).Into(&struct{}{})
	}
	if got := w.left(); got != 1 {
		t.Errorf("%d left", got)
	}
}

func TestFault70_APushIsBelievedOnlyWithItsSignature(t *testing.T) {
	t.Parallel()
	for _, mode := range store.PushModes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mode)
			pack := w.safe
			if mode == store.PushPlain {
				pack = w.plain
			}
			accept := w.json("subscribe_msg_popup_event", "accept", w.Clock.Now().Unix())
			signature := "msg_signature"
			if mode == store.PushPlain {
				signature = "signature"
			}
			resign := func(p post, at string) post {
				p.query.Set("timestamp", at)
				p.query.Set("signature", signed(pushToken, at, nonce))
				return p
			}
			for name, forge := range map[string]func() post{
				"no signature":        func() post { p := pack(accept); p.query.Del(signature); return p },
				"another's signature": func() post { p := pack(accept); p.query.Set(signature, strings.Repeat("0", 40)); return p },
				"in capitals": func() post {
					p := pack(accept)
					p.query.Set(signature, strings.ToUpper(p.query.Get(signature)))
					return p
				},
				"another nonce": func() post { p := pack(accept); p.query.Set("nonce", "1"); return p },
				"a day old": func() post {
					return resign(pack(accept), strconv.FormatInt(w.Clock.Now().Add(-24*time.Hour).Unix(), 10))
				},
				"ten minutes old": func() post {
					return resign(pack(accept), strconv.FormatInt(w.Clock.Now().Add(-10*time.Minute).Unix(), 10))
				},
				"from tomorrow": func() post {
					return resign(pack(accept), strconv.FormatInt(w.Clock.Now().Add(24*time.Hour).Unix(), 10))
				},
				"a time of no number": func() post { return resign(pack(accept), "now") },
				"a query without it":  func() post { return post{url.Values{}, pack(accept).body} },
				"a token of no letters": func() post {
					p := pack(accept)
					p.query.Set(signature, signed("", p.query.Get("timestamp"), nonce))
					return p
				},
			} {
				if status, said := w.send(forge()); status == http.StatusOK || said == "success" {
					t.Errorf("%s: %d %q", name, status, said)
				}
			}
			if got := w.left(); got != 0 {
				t.Errorf("%d left", got)
			}
			w.NothingLeaked()
		})
	}
}

func TestFault70_TheSafeModeTakesOnlyWhatIsEncryptedForItsAppID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushSafe)
	accept := w.json("subscribe_msg_popup_event", "accept", w.Clock.Now().Unix())
	seal := func(encrypted string) post {
		p := w.plain(`{"Encrypt":"` + encrypted + `"}`)
		p.query.Set("msg_signature", signed(pushToken, p.query.Get("timestamp"), nonce, encrypted))
		return p
	}
	plain := w.plain(accept)
	plain.query.Set("msg_signature", plain.query.Get("signature"))
	for name, p := range map[string]post{
		"plain":             plain,
		"another AppID":     seal(sealed(t, accept, "wx0000000000000009")),
		"no AppID":          seal(sealed(t, accept, "")),
		"cut":               seal(sealed(t, accept, w.App().AppID)[:40]),
		"no base64":         seal("????"),
		"nothing":           seal(""),
		"half a block":      seal(base64.StdEncoding.EncodeToString([]byte("0123456789"))),
		"another's message": seal(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("0123456789abcdef"), 20))),
	} {
		if status, said := w.send(p); status == http.StatusOK {
			t.Errorf("%s: %d %q", name, status, said)
		}
	}
	if got := w.left(); got != 0 {
		t.Errorf("%d left", got)
	}
}

func TestFault70_BombsAndOddBodiesCountNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushPlain)
	at := w.Clock.Now().Unix()
	accept := w.xml("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "accept", at)
	json := w.json("subscribe_msg_popup_event", "accept", at)
	for name, body := range map[string]string{
		"a DOCTYPE":           `<!DOCTYPE x [<!ENTITY a "accept">]>` + strings.Replace(accept, "<![CDATA[accept]]>", "&a;", 1),
		"a harmless DOCTYPE":  `<!DOCTYPE xml>` + accept,
		"an unknown entity":   strings.Replace(accept, "<![CDATA[accept]]>", "&a;", 1),
		"deep XML":            strings.Repeat("<a>", 5000) + strings.Repeat("</a>", 5000),
		"deep JSON":           strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000),
		"deep arrays":         `{"List":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}",
		"10 MB":               `{"a":"` + strings.Repeat("a", 10<<20) + `"}`,
		"many fields":         `{` + strings.Repeat(`"a":1,`, 5000) + `"b":1}`,
		"two messages":        json + json,
		"XML and more":        accept + accept,
		"nothing":             "",
		"a word":              "hello",
		"an array":            "[1,2]",
		"not UTF-8":           strings.Replace(json, "accept", "acc\xffept", 1),
		"half":                json[:len(json)-3],
		"XML that breaks off": accept[:len(accept)-8],
	} {
		if status, said := w.send(w.plain(body)); status == http.StatusOK {
			t.Errorf("%s: %d %q", name, status, said)
		}
	}
	for name, body := range map[string]string{
		"another event":         strings.Replace(json, "popup_event", "other_event", 1),
		"a message":             strings.Replace(json, `"MsgType":"event"`, `"MsgType":"text"`, 1),
		"another template":      strings.ReplaceAll(json, w.template, "x"),
		"no openid":             strings.ReplaceAll(json, webtest.Customer, ""),
		"an odd openid":         strings.ReplaceAll(json, webtest.Customer, "o'; DROP TABLE consents"),
		"no time":               strings.Replace(json, strconv.FormatInt(at, 10), `"soon"`, 1),
		"another status":        strings.Replace(json, `"accept"`, `"yes"`, 1),
		"no list":               `{"FromUserName":"` + webtest.Customer + `","CreateTime":1,"MsgType":"event","Event":"subscribe_msg_popup_event"}`,
		"a list of nothing":     strings.Replace(json, `"List":{`, `"List":[],"Other":{`, 1),
		"an accept by settings": strings.Replace(json, "popup_event", "change_event", 1),
	} {
		if status, said := w.send(w.plain(body)); status != http.StatusOK || said != "success" {
			t.Errorf("%s: %d %q", name, status, said)
		}
	}
	if got := w.left(); got != 0 {
		t.Errorf("%d left", got)
	}
}

func TestWeChatFindsOutThatTheAddressIsRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushSafe)
	other := w.AddApp("wx0000000000000009")
	webtest.Must(t, w.Store.SetPush(t.Context(), store.Actor{}, store.Push{App: other.ID, Mode: store.PushSafe, Token: pushToken, AESKey: wechat.Secret(aesKey)}))
	ask := func(appID string, change func(url.Values)) (int, string) {
		q := w.plain("").query
		q.Set("echostr", "4375120948345356249")
		if change != nil {
			change(q)
		}
		res, err := http.Get(w.URL + "/push/" + appID + "?" + q.Encode())
		webtest.Must(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		webtest.Must(t, err)
		return res.StatusCode, string(body)
	}
	if status, said := ask(other.AppID, nil); status != http.StatusOK || said != "4375120948345356249" {
		t.Errorf("%d %q", status, said)
	}
	set, err := w.Store.Push(t.Context(), other.ID)
	if err != nil || set.VerifiedAt.IsZero() {
		t.Errorf("%+v, %v", set, err)
	}
	for name, change := range map[string]func(url.Values){
		"another signature": func(q url.Values) { q.Set("signature", strings.Repeat("0", 40)) },
		"an old one": func(q url.Values) {
			q.Set("timestamp", "1714036504")
			q.Set("signature", signed(pushToken, "1714036504", nonce))
		},
		"a page as echo": func(q url.Values) { q.Set("echostr", "<script>alert(1)</script>") },
	} {
		if status, said := ask(other.AppID, change); status == http.StatusOK || strings.Contains(said, "script") {
			t.Errorf("%s: %d %q", name, status, said)
		}
	}
	if status, _ := ask("wx0000000000000008", nil); status != http.StatusNotFound {
		t.Errorf("an unknown AppID: %d", status)
	}
}

func TestASentEventTellsWhatBecameOfTheMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushSafe)
	webtest.Must(t, w.Sandbox.Allow(w.App().AppID, webtest.Customer, false, w.template))
	_, err := w.Store.ReportAnswers(t.Context(), store.Actor{}, w.App().ID, []ledger.Answer{{
		OpenID: webtest.Customer, TemplateID: w.template, What: ledger.Accept, Source: ledger.FromPage}})
	webtest.Must(t, err)
	var sent struct {
		Outcome string
		MsgID   string `json:"msgid"`
	}
	w.Caller("send").Post("/api/v1/sends", webtest.AsJSON(map[string]any{"key": "one", "touser": webtest.Customer, "template_id": w.template,
		"data": map[string]string{"character_string1": "NO.1", "amount3": "1元"}})).Into(&sent)
	if sent.Outcome != dispatch.Sent || sent.MsgID == "" {
		t.Fatalf("%+v", sent)
	}
	tell := func(status string) {
		w.taken(w.safe(fmt.Sprintf(`{"FromUserName":%q,"CreateTime":"%d","MsgType":"event","Event":"subscribe_msg_sent_event","List":{"TemplateId":%q,"MsgID":%q,"ErrorCode":"1","ErrorStatus":%q}}`,
			webtest.Customer, w.Clock.Now().Unix(), w.template, sent.MsgID, status)))
	}
	tell("failed: user block & more")
	tell("success") // later words change nothing
	if page := w.As(store.Operator).Get("/sends/1"); !page.Says("#delivery", "sends.not_delivered") || !strings.Contains(page.Text("#delivery"), "failed: user block & more") {
		t.Errorf("%s", page.Text("#delivery"))
	}
}

func TestAPenaltyIsToldBeforeItRefusesACall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushSafe)
	notice := `{"ToUserName":"gh_0","FromUserName":"o","CreateTime":` + strconv.FormatInt(w.Clock.Now().Unix(), 10) + `,"MsgType":"event","Event":"wxa_punish_event",
		"event_type":2,"punish_id":"123","appid":"` + w.App().AppID + `","punish_time":1714036504,"illegal_reason":"诱导分享","rule_name":"5.1","rule_url":"https://developers.weixin.qq.com/x",
		"adjust_guide_url":"javascript:alert(1)","detail":"{\"banned_days\":7,\"banned_function_names\":[\"订阅消息\",\"分享\"]}"}`
	w.taken(w.safe(notice))
	w.taken(w.safe(notice))
	all, err := w.Store.PenaltyNotices(t.Context(), w.App().ID)
	webtest.Must(t, err)
	if len(all) != 1 || all[0].Days != 7 || all[0].Warning || len(all[0].Functions) != 2 || all[0].GuideURL != "" || all[0].RuleURL == "" || all[0].Reason != "诱导分享" {
		t.Fatalf("%+v", all)
	}
	b := w.As(store.Operator)
	page := b.Get("/compliance")
	if !strings.Contains(page.Text(".notice"), "诱导分享") || page.Doc.Find(`.notice a[href^="javascript"]`).Length() > 0 || !strings.Contains(page.Text("[name=letter]"), "诱导分享") {
		t.Errorf("the notice is not shown, or not offered to be recorded: %s", page.Text(".notice"))
	}
	b.Post("/compliance", url.Values{"put_away": {"123"}}).Expect(http.StatusOK, "done.notice_put_away")
	w.taken(w.safe(notice))
	if all, err = w.Store.PenaltyNotices(t.Context(), w.App().ID); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// The simulation in this process pushes to this console by itself: nothing has to be set up, and what is set up is
// followed.
func TestTheSandboxPushesToItsOwnConsole(t *testing.T) {
	t.Parallel()
	for _, mode := range append([]string{""}, store.PushModes...) {
		t.Run("mode "+mode, func(t *testing.T) { pushesHome(t, mode, false) })
		t.Run("mode "+mode+", the other side of the documents", func(t *testing.T) { pushesHome(t, mode, true) })
	}
}

func pushesHome(t *testing.T, mode string, other bool) {
	c := webtest.NewConsole(t)
	c.Sandbox.TakeOtherSide(other)
	if mode != "" {
		webtest.Must(t, c.Store.SetPush(t.Context(), store.Actor{}, store.Push{App: c.App().ID, Mode: mode, Token: pushToken, AESKey: wechat.Secret(aesKey)}))
	}
	template, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "755", []int{1, 3}, "充值后通知")
	webtest.Must(t, err)
	webtest.Must(t, c.Sandbox.Allow(c.App().AppID, webtest.Customer, false, template))
	for {
		if done, waiting := c.Sandbox.Pushed(c.App().AppID); waiting == 0 {
			if len(done) != 1 || done[0].Err != "" || done[0].Tries != 1 {
				t.Errorf("%+v", done)
			}
			break
		}
		runtime.Gosched()
	}
	all, err := c.Store.ConsentsOf(t.Context(), c.App().ID, webtest.Customer)
	if err != nil || len(all) != 1 || all[0].Left != 1 || all[0].Source != ledger.FromEvent {
		t.Errorf("%+v, %v", all, err)
	}
}
