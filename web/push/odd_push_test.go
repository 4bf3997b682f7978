package push_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"muban/store"
	"muban/web/webtest"
)

// many is an event about several templates, in JSON.
func (w *world) many(items ...string) string {
	return fmt.Sprintf(`{"ToUserName":"gh_0","FromUserName":%q,"CreateTime":%d,"MsgType":"event","Event":"subscribe_msg_popup_event","List":[%s]}`,
		webtest.Customer, w.Clock.Now().Unix(), strings.Join(items, ","))
}

func item(template, status string) string {
	return fmt.Sprintf(`{"TemplateId":%q,"SubscribeStatusString":%q,"PopupScene":0}`, template, status)
}

func TestOneAcceptIsReadHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushPlain)
	at := w.Clock.Now().Unix()
	inJSON := w.json("subscribe_msg_popup_event", "accept", at)
	inXML := w.xml("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "accept", at)
	counted := 0
	for name, body := range map[string]string{
		"JSON with a BOM":        "\ufeff" + inJSON,
		"XML with a BOM":         "\ufeff" + inXML,
		"a declaration":          `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + inXML + "\n",
		"room between":           strings.ReplaceAll(strings.ReplaceAll(inXML, "><", ">\r\n\t<"), "<List>", "<List><!-- one -->"),
		"no CDATA":               strings.NewReplacer("<![CDATA[", "", "]]>", "").Replace(inXML),
		"references":             strings.Replace(inXML, "<![CDATA[accept]]>", "&#97;cc&#x65;pt", 1),
		"escapes":                strings.Replace(inJSON, `"accept"`, `"\u0061ccept"`, 1),
		"no wrapper":             strings.NewReplacer("<SubscribeMsgPopupEvent>", "", "</SubscribeMsgPopupEvent>", "").Replace(inXML),
		"a wrapper in JSON":      strings.TrimSuffix(strings.Replace(inJSON, `"List":{`, `"SubscribeMsgPopupEvent":{"List":[{`, 1), "}}") + "}]}}",
		"an array of one":        w.many(item(w.template, "accept")),
		"the same twice":         w.many(item(w.template, "accept"), item(w.template, "accept")),
		"beside another's":       w.many(item("x", "accept"), item(w.template, "accept"), item("", "accept"), `null`, `1`, `{}`),
		"numbers as texts":       strings.Replace(inJSON, fmt.Sprint(at), `"`+fmt.Sprint(at)+`"`, 1),
		"fields to come":         strings.Replace(inJSON, `{`, `{"New":{"a":[1,{"b":null}]},"Other":true,`, 1),
		"indented JSON":          " \n" + strings.ReplaceAll(inJSON, ",", " ,\n\t"),
		"XML of another root":    strings.NewReplacer("<xml>", "<XML>", "</xml>", "</XML>").Replace(inXML),
		"a List beside an empty": strings.Replace(inXML, "<List>", "<List/><List>", 1),
	} {
		counted++ // each is a tap of another second
		body = strings.ReplaceAll(body, strconv.FormatInt(at, 10), strconv.FormatInt(at-int64(counted), 10))
		if status, said := w.send(w.plain(body)); status != http.StatusOK || said != "success" {
			t.Errorf("%s: %d %q", name, status, said)
		}
		if got := w.left(); got != counted {
			t.Fatalf("%s: %d left, want %d", name, got, counted)
		}
	}
}

func TestFault69_OutOfOrderAndManyTimesEachTemplateCountsForItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushCompat)
	other, err := w.Elsewhere(w.App()).AddSubscribeTemplate(t.Context(), "755", []int{3, 4}, "")
	webtest.Must(t, err)
	at := w.Clock.Now().Unix()
	events := []string{
		w.json("subscribe_msg_change_event", "reject", at-300),
		w.json("subscribe_msg_popup_event", "accept", at-400), // before the reject: over
		w.json("subscribe_msg_popup_event", "accept", at-200),
		w.json("subscribe_msg_popup_event", "accept", at-100),
		strings.ReplaceAll(w.json("subscribe_msg_popup_event", "accept", at-250), w.template, other),
		w.many(item(w.template, "reject"), item(other, "accept")),
	}
	for _, order := range [][]int{{5, 3, 0, 4, 2, 1}, {1, 0, 2, 3, 4, 5}, {4, 5, 2, 1, 3, 0}} {
		for _, i := range order {
			w.taken(w.safe(events[i]))
		}
	}
	all, err := w.Store.ConsentsOf(t.Context(), w.App().ID, webtest.Customer)
	webtest.Must(t, err)
	for _, c := range all {
		if c.Left != 2 || c.Refused {
			t.Errorf("%+v", c)
		}
	}
	if len(all) != 2 {
		t.Errorf("%+v", all)
	}
}

func TestFault69_OneAcceptByPageEventAndHandInAnyOrderCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushSafe)
	server, person := w.Caller("rights"), w.As(store.Operator)
	tapped := w.Clock.Now().Unix() // WeChat repeats an event with the time of the tap
	reports := map[string]func(openID, key string){
		"page": func(openID, key string) {
			server.Post("/api/v1/consents", webtest.AsJSON(map[string]any{"openid": openID, "id": key,
				"results": map[string]string{w.template: "accept"}})).Into(&struct{}{})
		},
		"event": func(openID, _ string) {
			event := w.json("subscribe_msg_popup_event", "accept", tapped)
			w.taken(w.safe(strings.ReplaceAll(event, webtest.Customer, openID)))
		},
		"hand": func(openID, key string) {
			person.Post("/rights/consents", url.Values{"openid": {openID}, "template": {w.template}, "what": {"accept"}, "key": {key}})
		},
	}
	for i, order := range []string{"page event hand", "page hand event", "event page hand", "event hand page", "hand page event",
		"hand event page", "page event hand page event hand"} {
		openID := webtest.Customer[:27] + strconv.Itoa(i)
		tapped = w.Clock.Now().Unix()
		for _, by := range strings.Fields(order) {
			reports[by](openID, order)
		}
		all, err := w.Store.ConsentsOf(t.Context(), w.App().ID, openID)
		if err != nil || len(all) != 1 || all[0].Left != 1 {
			t.Errorf("%s: %+v, %v", order, all, err)
		}
	}
	note := func(key string) *webtest.Page {
		return person.Post("/rights/consents", url.Values{"openid": {webtest.Customer}, "template": {w.template}, "what": {"accept"}, "key": {key}})
	}
	reports["page"](webtest.Customer, "tap")
	note("first").Expect(http.StatusOK, "done.consent_counted")
	note("second").Expect(http.StatusOK, "done.consent_noted") // a person who notes two means two
}

func TestFault70_WhatCannotBeReadIsRefusedAndCountsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushPlain)
	at := w.Clock.Now().Unix()
	inJSON := w.json("subscribe_msg_popup_event", "accept", at)
	inXML := w.xml("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "accept", at)
	bomb := `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY a "&lol;&lol;&lol;&lol;"><!ENTITY b "&a;&a;&a;&a;">]>`
	wide := utf16.Encode([]rune(inJSON))
	raw := make([]byte, 0, 2*len(wide)+2)
	for _, c := range append([]uint16{0xfeff}, wide...) {
		raw = binary.LittleEndian.AppendUint16(raw, c)
	}
	for name, body := range map[string]string{
		"a billion laughs":        bomb + strings.Replace(inXML, "<![CDATA[gh_0]]>", "&b;", 1),
		"a file as entity":        `<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>` + strings.Replace(inXML, "<![CDATA[gh_0]]>", "&f;", 1),
		"a DOCTYPE within":        strings.Replace(inXML, "<List>", "<!DOCTYPE a><List>", 1),
		"GBK in XML":              `<?xml version="1.0" encoding="GBK"?>` + strings.Replace(inXML, "gh_0", "\xc4\xa3\xb0\xe5", 1),
		"GBK in name":             `<?xml version="1.0" encoding="GBK"?>` + inXML,
		"GBK in JSON":             strings.Replace(inJSON, "gh_0", "\xc4\xa3\xb0\xe5", 1),
		"UTF-16":                  string(raw),
		"a text":                  `""`,
		"a number":                "1",
		"null":                    "null",
		"two BOMs":                "\ufeff\ufeff" + inJSON,
		"a BOM alone":             "\ufeff",
		"an element left open":    strings.Replace(inXML, "</List>", "", 1),
		"an attribute left open":  strings.Replace(inXML, "<List>", `<List a="`, 1),
		"a comma too many":        strings.Replace(inJSON, `"List"`, `,"List"`, 1),
		"an array of messages":    "[" + inJSON + "]",
		"an odd number":           strings.Replace(inJSON, strconv.FormatInt(at, 10), "01", 1),
		"depth by many names":     strings.Repeat("<a><b>", 5) + inXML + strings.Repeat("</b></a>", 5),
		"a form":                  "Event=subscribe_msg_popup_event",
		"a NUL":                   "\x00" + inJSON,
		"a control character":     strings.Replace(inXML, "gh_0", "gh\x01", 1),
		"quadratic attributes":    "<xml" + strings.Repeat(` a="b"`, 12000) + "></xml>",
		"a number of 60,000 ones": strings.Replace(inJSON, strconv.FormatInt(at, 10), strings.Repeat("1", 70000), 1),
	} {
		if status, said := w.send(w.plain(body)); status == http.StatusOK || status >= 500 {
			t.Errorf("%s: %d %q", name, status, said)
		}
	}
	for name, body := range map[string]string{
		"a huge time":     strings.Replace(inJSON, strconv.FormatInt(at, 10), "1e400", 1),
		"another":         strings.Replace(inJSON, strconv.FormatInt(at, 10), strings.Repeat("9", 400), 1),
		"half a second":   strings.Replace(inJSON, strconv.FormatInt(at, 10), "1.5", 1),
		"before 1970":     strings.Replace(inJSON, strconv.FormatInt(at, 10), "-1", 1),
		"no List":         `{"List":null}`,
		"an empty List":   w.many(),
		"an empty object": w.many(`{}`),
		"a List of text":  w.many(`"` + w.template + `"`),
		"Lists in Lists":  w.many(`[[` + item(w.template, "yes") + `]]`),
	} {
		if status, said := w.send(w.plain(body)); status != http.StatusOK || said != "success" {
			t.Errorf("%s: %d %q", name, status, said)
		}
	}
	if got := w.left(); got != 0 {
		t.Errorf("%d left", got)
	}
}

// envelope seals plain bytes as they are, and signs what came of it.
func (w *world) envelope(plain []byte) post {
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	webtest.Must(w.t, err)
	block, err := aes.NewCipher(key)
	webtest.Must(w.t, err)
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	encrypted := base64.StdEncoding.EncodeToString(plain)
	p := w.plain(`{"Encrypt":"` + encrypted + `"}`)
	p.query.Set("msg_signature", signed(pushToken, p.query.Get("timestamp"), nonce, encrypted))
	return p
}

func TestFault70_TheSafeModeTakesOnlyWhatIsPaddedAndMeasuredAsItSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushSafe)
	accept := w.json("subscribe_msg_popup_event", "accept", w.Clock.Now().Unix())
	body := func(length int, message, appID string) []byte {
		plain := binary.BigEndian.AppendUint32([]byte(strings.Repeat("r", 16)), uint32(length))
		return append(append(plain, message...), appID...)
	}
	padded := func(plain []byte, pad func(n, i int) byte) []byte {
		n := 32 - len(plain)%32
		for i := range n {
			plain = append(plain, pad(n, i))
		}
		return plain
	}
	right := func(n, _ int) byte { return byte(n) }
	appID := w.App().AppID
	for name, plain := range map[string][]byte{
		"no padding":            padded(body(len(accept), accept, appID), func(_, _ int) byte { return 0 }),
		"more than a block":     padded(body(len(accept), accept, appID), func(_, _ int) byte { return 33 }),
		"all of it":             padded(body(len(accept), accept, appID), func(_, _ int) byte { return 255 }),
		"random padding":        padded(body(len(accept), accept, appID), func(n, i int) byte { return byte(n - min(1, n-1-i)) }),
		"longer than it is":     padded(body(len(accept)+1, accept, appID), right),
		"shorter than it is":    padded(body(len(accept)-1, accept, appID), right),
		"of 4 GB":               padded(body(-1, accept, appID), right),
		"nothing in it":         padded([]byte("short"), right),
		"the AppID in capitals": padded(body(len(accept), accept, strings.ToUpper(appID)), right),
		"an AppID and more":     padded(body(len(accept), accept, appID+"x"), right),
		"a message of nothing":  padded(body(0, "", appID), right),
	} {
		if status, said := w.send(w.envelope(plain)); status == http.StatusOK || status >= 500 {
			t.Errorf("%s: %d %q", name, status, said)
		}
	}
	if got := w.left(); got != 0 {
		t.Errorf("%d left", got)
	}
	w.taken(w.envelope(padded(body(len(accept), accept, appID), right)))
	w.taken(w.safe("\ufeff" + accept))
	if got := w.left(); got != 1 {
		t.Errorf("%d left", got)
	}
}

// Whoever sets up a push sees on the page of the settings whether it works, and else why not.
func TestTheSettingsTellWhatWasPushedLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.PushSafe)
	b, at := w.As(store.Administrator), "/settings/apps/"+strconv.FormatInt(w.App().ID, 10)
	if p := b.Get(at); !p.Says("#push-heard", "push.unheard") || p.Has("#push-refused") {
		t.Errorf("%s", p.Text("#push"))
	}
	event := w.json("subscribe_msg_popup_event", "accept", w.Clock.Now().Unix())
	p := w.safe(event)
	p.query.Set("msg_signature", strings.Repeat("0", 40))
	w.send(p)
	if p := b.Get(at); !p.Says("#push-refused", "push.refused_forged") {
		t.Errorf("%s", p.Text("#push"))
	}
	w.Clock.Advance(2 * time.Minute)
	w.taken(w.safe(event))
	if p := b.Get(at); p.Has("#push-refused") || !strings.Contains(p.Text("#push-heard code"), "subscribe_msg_popup_event") {
		t.Errorf("%s", p.Text("#push"))
	}
	w.Clock.Advance(2 * time.Minute)
	w.send(w.safe("unreadable"))
	if p := b.Get(at); !p.Says("#push-refused", "push.refused_unread") {
		t.Errorf("%s", p.Text("#push"))
	}
}

// The mode is chosen in two places. Where they differ, nothing that is said would be heard, and the settings say so.
func TestModesThatDifferShowAtOnce(t *testing.T) {
	t.Parallel()
	for here, pushed := range map[string]func(*world, string) post{store.PushPlain: (*world).safe, store.PushSafe: (*world).plain, store.PushCompat: (*world).plain} {
		w := newWorld(t, here)
		b, at := w.As(store.Administrator), "/settings/apps/"+strconv.FormatInt(w.App().ID, 10)
		agreed := map[string]func(*world, string) post{store.PushPlain: (*world).plain, store.PushSafe: (*world).safe, store.PushCompat: (*world).safe}[here]
		for n, body := range []string{
			w.json("subscribe_msg_popup_event", "accept", w.Clock.Now().Unix()),
			w.xml("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", "accept", w.Clock.Now().Unix()+1),
		} {
			w.taken(agreed(w, body))
			if p := b.Get(at); p.Has("#push-refused") {
				t.Errorf("%s, taken: %s", here, p.Text("#push"))
			}
			w.Clock.Advance(time.Second)
			if status, said := w.send(pushed(w, body)); status == http.StatusOK {
				t.Errorf("%s: %d %q", here, status, said)
			}
			if p := b.Get(at); !p.Has("#push-refused") {
				t.Errorf("%s, refused: %s", here, p.Text("#push"))
			}
			if got := w.left(); got != n+1 {
				t.Errorf("%s: %d left", here, got)
			}
			w.Clock.Advance(2 * time.Minute)
		}
	}
}
