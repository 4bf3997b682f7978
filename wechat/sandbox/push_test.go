package sandbox_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

const (
	pushToken = "AAAAA"
	pushKey   = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// sign is the signature as the documentation has it, written apart from the simulator's.
func sign(parts ...string) string {
	slices.Sort(parts)
	h := sha1.New()
	for _, p := range parts {
		io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// The vectors of the documentation (消息推送).
func TestTheSignatureIsThatOfTheDocumentation(t *testing.T) {
	for want, parts := range map[string][]string{
		"f464b24fc39322e44b38aa78f5edd27bd1441696": {"AAAAA", "1714036504", "1514711492"},
		"899cf89e464efb63f54ddac96b0a0a235f53aa78": {"AAAAA", "1714037059", "486452656"},
	} {
		if got := sign(parts...); got != want {
			t.Errorf("%v: %s", parts, got)
		}
	}
}

// arrival is one push as a server gets it.
type arrival struct {
	query url.Values
	kind  string
	body  []byte
}

// inbox is a server that takes pushes: at first it fails so many times.
type inbox struct {
	*httptest.Server
	arrivals chan arrival
	failures atomic.Int32 // how many pushes are still to fail
}

func newInbox(t *testing.T, failures int) *inbox {
	in := &inbox{arrivals: make(chan arrival, 100)}
	in.failures.Store(int32(failures))
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			q := r.URL.Query()
			if q.Get("signature") == sign(pushToken, q.Get("timestamp"), q.Get("nonce")) {
				io.WriteString(w, q.Get("echostr"))
			}
			return
		}
		body, _ := io.ReadAll(r.Body)
		in.arrivals <- arrival{r.URL.Query(), r.Header.Get("Content-Type"), body}
		if in.failures.Add(-1) >= 0 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		io.WriteString(w, "success")
	}))
	t.Cleanup(in.Close)
	return in
}

func (in *inbox) next(t *testing.T) arrival {
	t.Helper()
	select {
	case a := <-in.arrivals:
		return a
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was pushed")
		return arrival{}
	}
}

// opened is the message of an arrival, once everything about it was found right.
func (a arrival) opened(t *testing.T, mode string) (message []byte) {
	t.Helper()
	q := a.query
	if q.Get("signature") != sign(pushToken, q.Get("timestamp"), q.Get("nonce")) || q.Get("openid") != ming {
		t.Fatalf("query %v", q)
	}
	if mode == "plain" {
		return a.body
	}
	var sealed struct {
		ToUserName, FromUserName, Encrypt string
	}
	if a.kind == "text/xml" {
		noErrorIn(t, xml.Unmarshal(a.body, &sealed))
	} else {
		noErrorIn(t, json.Unmarshal(a.body, &sealed))
	}
	if q.Get("encrypt_type") != "aes" || q.Get("msg_signature") != sign(pushToken, q.Get("timestamp"), q.Get("nonce"), sealed.Encrypt) {
		t.Fatalf("query %v", q)
	}
	if (sealed.FromUserName != "") != (mode == "compat") || sealed.ToUserName == "" {
		t.Errorf("%s: %s", mode, a.body)
	}
	return opened(t, sealed.Encrypt)
}

func opened(t *testing.T, encrypted string) []byte {
	t.Helper()
	key, _ := base64.StdEncoding.DecodeString(pushKey + "=")
	text, err := base64.StdEncoding.DecodeString(encrypted)
	noErrorIn(t, err)
	block, err := aes.NewCipher(key)
	noErrorIn(t, err)
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(text, text)
	pad := int(text[len(text)-1])
	if pad < 1 || pad > 32 || len(text)%32 != 0 {
		t.Fatalf("%d bytes, pad %d", len(text), pad)
	}
	text = text[16 : len(text)-pad]
	n := binary.BigEndian.Uint32(text)
	if string(text[4+n:]) != sandbox.DefaultAppID {
		t.Errorf("sealed for %q", text[4+n:])
	}
	return text[4 : 4+n]
}

func noErrorIn(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// told is an event, from JSON or XML.
type told struct {
	ToUserName, FromUserName, MsgType, Event string
	CreateTime                               int64
	items                                    []toldItem
}

type toldItem struct {
	TemplateID string `json:"TemplateId" xml:"TemplateId"`
	Status     string `json:"SubscribeStatusString" xml:"SubscribeStatusString"`
	Scene      string `json:"PopupScene" xml:"PopupScene"`
	MsgID      string `json:"MsgID" xml:"MsgID"`
	ErrorCode  string `json:"ErrorCode" xml:"ErrorCode"`
	Error      string `json:"ErrorStatus" xml:"ErrorStatus"`
}

func toldIn(t *testing.T, format string, raw []byte) (e told) {
	t.Helper()
	if format == "xml" {
		var x struct {
			told
			Popup  []toldItem `xml:"SubscribeMsgPopupEvent>List"`
			Change []toldItem `xml:"SubscribeMsgChangeEvent>List"`
			Sent   []toldItem `xml:"SubscribeMsgSentEvent>List"`
		}
		noErrorIn(t, xml.Unmarshal(raw, &x))
		x.items = slices.Concat(x.Popup, x.Change, x.Sent)
		return x.told
	}
	var j struct {
		told
		List json.RawMessage
	}
	noErrorIn(t, json.Unmarshal(raw, &j))
	if bytes.HasPrefix(j.List, []byte("[")) { // several
		noErrorIn(t, json.Unmarshal(j.List, &j.items))
		if len(j.items) < 2 {
			t.Errorf("an array of %d", len(j.items))
		}
		return j.told
	}
	j.items = make([]toldItem, 1)
	noErrorIn(t, json.Unmarshal(j.List, &j.items[0]))
	return j.told
}

func (w *world) pushTo(url, mode, format string) {
	w.Helper()
	var set struct{ Verified bool }
	w.control("POST", "/sandbox/push", asJSON(map[string]any{
		"appid": sandbox.DefaultAppID, "url": url, "token": pushToken, "aes_key": pushKey, "mode": mode, "format": format}), &set)
	if !set.Verified {
		w.Error("not verified")
	}
}

func TestEventsArePushedInEveryModeAndFormat(t *testing.T) {
	for _, mode := range []string{"plain", "compat", "safe"} {
		for _, format := range []string{"json", "xml"} {
			t.Run(mode+" "+format, func(t *testing.T) {
				w, in := live(t), newInbox(t, 0)
				id, other := w.pickUp(), w.subscribeTemplate("99", 1, 2)
				w.pushTo(in.URL+"/push?from=sandbox", mode, format)
				next := func(event string) told {
					t.Helper()
					a := in.next(t)
					e := toldIn(t, format, a.opened(t, mode))
					if a.query.Get("from") != "sandbox" || e.Event != event || e.MsgType != "event" || e.FromUserName != ming || !strings.HasPrefix(e.ToUserName, "gh_") {
						t.Errorf("%+v in %v", e, a.query)
					}
					return e
				}
				now := w.Now().Unix()

				w.allow(ming, id, 2) // within a second, yet told apart
				for i := range 2 {
					if e := next("subscribe_msg_popup_event"); e.CreateTime != now+int64(i) || len(e.items) != 1 || e.items[0] != (toldItem{TemplateID: id, Status: "accept", Scene: "0"}) {
						t.Errorf("%+v", e)
					}
				}
				noErrorIn(t, w.Decline(sandbox.DefaultAppID, ming, id, other))
				if e := next("subscribe_msg_popup_event"); len(e.items) != 2 || e.items[1] != (toldItem{TemplateID: other, Status: "reject", Scene: "0"}) {
					t.Errorf("%+v", e)
				}
				sent := w.post(subscribeSendPath, pickUpSend(ming, id))
				w.works(sent.answer)
				if e := next("subscribe_msg_sent_event"); len(e.items) != 1 || e.items[0] != (toldItem{TemplateID: id, MsgID: sent.MsgID.String(), ErrorCode: "0", Error: "success"}) {
					t.Errorf("%+v", e)
				}
				noErrorIn(t, w.Refuse(sandbox.DefaultAppID, ming, id))
				if e := next("subscribe_msg_change_event"); len(e.items) != 1 || e.items[0] != (toldItem{TemplateID: id, Status: "reject", Scene: e.items[0].Scene}) {
					t.Errorf("%+v", e)
				}
			})
		}
	}
}

// "Always keep" hides the popup, and with it the event; each later ask is one consent all the same.
func TestAKeptAnswerIsNotPushedAgain(t *testing.T) {
	w, in := live(t), newInbox(t, 0)
	id := w.pickUp()
	w.pushTo(in.URL, "plain", "json")
	for range 3 {
		noErrorIn(t, w.Allow(sandbox.DefaultAppID, ming, true, id))
	}
	noErrorIn(t, w.Refuse(sandbox.DefaultAppID, ming, id))
	for _, want := range []string{"subscribe_msg_popup_event", "subscribe_msg_change_event"} {
		if e := toldIn(t, "json", in.next(t).body); e.Event != want {
			t.Errorf("%+v", e)
		}
	}
	noErrorIn(t, w.Allow(sandbox.DefaultAppID, ming, false, id)) // the popup is back
	if e := toldIn(t, "json", in.next(t).body); e.items[0].Status != "accept" {
		t.Errorf("%+v", e)
	}
}

func TestAPushIsTriedThreeTimes(t *testing.T) {
	for failures, want := range map[int]int{0: 1, 2: 3, 9: 3} {
		w, in := live(t), newInbox(t, failures)
		id := w.pickUp()
		w.pushTo(in.URL, "safe", "json")
		w.allow(ming, id, 1)
		nonces := map[string]bool{}
		for range want {
			a := in.next(t)
			nonces[a.query.Get("nonce")] = true
			a.opened(t, "safe")
		}
		for _, waiting := w.Pushed(sandbox.DefaultAppID); waiting > 0; _, waiting = w.Pushed(sandbox.DefaultAppID) {
			time.Sleep(time.Millisecond)
		}
		done, _ := w.Pushed(sandbox.DefaultAppID)
		if len(done) != 1 || done[0].Tries != want || len(nonces) != want || (done[0].Err == "") != (failures < 3) || len(in.arrivals) > 0 {
			t.Errorf("%d failures: %+v, %d nonces", failures, done, len(nonces))
		}
	}
}

func TestAnAddressThatDoesNotAnswerHoldsUpNothing(t *testing.T) {
	w := live(t)
	id := w.pickUp()
	noErrorIn(t, w.SetPush(sandbox.DefaultAppID, sandbox.Push{URL: "http://127.0.0.1:1/push", Token: pushToken}))
	if w.VerifyPush(t.Context(), sandbox.DefaultAppID) == nil {
		t.Error("verified")
	}
	w.allow(ming, id, 1)
	w.works(w.post(subscribeSendPath, pickUpSend(ming, id)).answer)
	noErrorIn(t, w.SetPush(sandbox.DefaultAppID, sandbox.Push{}))
	if w.VerifyPush(t.Context(), sandbox.DefaultAppID) == nil {
		t.Error("nowhere is verified")
	}
}

func TestAPushThatCannotBeIsRefused(t *testing.T) {
	w := live(t)
	good := sandbox.Push{URL: "https://muban.example.com/push/wx", Token: pushToken, AESKey: pushKey, Mode: "safe", Format: "xml"}
	for name, change := range map[string]func(*sandbox.Push){
		"scheme": func(p *sandbox.Push) { p.URL = "ftp://x/" }, "host": func(p *sandbox.Push) { p.URL = "/push" },
		"token": func(p *sandbox.Push) { p.Token = "" }, "key": func(p *sandbox.Push) { p.AESKey = "short" },
		"mode": func(p *sandbox.Push) { p.Mode = "open" }, "format": func(p *sandbox.Push) { p.Format = "yaml" },
	} {
		p := good
		if change(&p); w.SetPush(sandbox.DefaultAppID, p) == nil {
			t.Errorf("%s was taken", name)
		}
	}
	noErrorIn(t, w.SetPush(sandbox.DefaultAppID, good))
}

func TestAPenaltyIsPushed(t *testing.T) {
	w, in := live(t), newInbox(t, 0)
	w.pushTo(in.URL, "plain", "json")
	var answer map[string]any
	w.control("POST", "/sandbox/penalties", `{"appid":"`+sandbox.DefaultAppID+`","event_type":2,"illegal_reason":"诱导分享","rule_name":"运营规范 5.1","banned_days":7,"banned_function_names":"订阅消息"}`, &answer)
	var e struct {
		Event, Detail string
		Type          string `json:"event_type"`
		Reason        string `json:"illegal_reason"`
		AppID         string `json:"appid"`
	}
	noErrorIn(t, json.Unmarshal(in.next(t).body, &e))
	if e.Event != "wxa_punish_event" || e.Type != "2" || e.Reason != "诱导分享" || e.AppID != sandbox.DefaultAppID || !strings.Contains(e.Detail, `"banned_days":7`) {
		t.Errorf("%+v", e)
	}
}
