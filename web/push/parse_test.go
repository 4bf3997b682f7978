package push

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"muban/wechat"
)

// The vectors that WeChat's documents and public programs have.
func TestTheSignatureIsWeChats(t *testing.T) {
	for _, c := range []struct{ timestamp, nonce, more, want string }{
		{"1714036504", "1514711492", "", "f464b24fc39322e44b38aa78f5edd27bd1441696"},
		{"1714037059", "486452656", "", "899cf89e464efb63f54ddac96b0a0a235f53aa78"},
	} {
		if !fits(c.want, "AAAAA", c.timestamp, c.nonce, c.more) {
			t.Errorf("%s %s: %s", c.timestamp, c.nonce, sign("AAAAA", c.timestamp, c.nonce))
		}
	}
}

// official is the push in the safe mode that WeChat's documents show (消息推送, 消息解密方式为安全模式).
const official = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6Js" +
	"XUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32I" +
	"Ijdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="

func TestTheSafeModeOpensWhatWeChatsDocumentsShow(t *testing.T) {
	const appID = "wxba5fad812f8e6fb9"
	key := wechat.Secret(strings.Repeat("A", 43))
	if !fits("046e02f8204d34f8ba5fa3b1db94908f3df2e9b3", "AAAAA", "1714112445", "415670741", official) {
		t.Errorf("signed %s", sign("AAAAA", "1714112445", "415670741", official))
	}
	message, err := decrypt(official, appID, key)
	if want := `{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,` +
		`"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}`; err != nil || string(message) != want {
		t.Errorf("%q, %v", message, err)
	}
	if answer, err := decrypt("ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==", appID, key); err != nil ||
		string(answer) != `{"demo_resp":"good luck"}` {
		t.Errorf("%q, %v", answer, err)
	}
	if _, err := decrypt(official, appID+"0", key); err == nil {
		t.Error("it opens for another AppID")
	}
}

// Made by openssl, with a key whose last letter has bits to spare, and more padding than a block of AES.
func TestTheSafeModeOpensWhatOpenSSLSealed(t *testing.T) {
	const sealed = "Q3stYC6hdFzMh9T8HCvyDBtZe/AChrKF1fxpJkMj74YyaQGomP3YDZYEaBHCR7VMD1gDCxeElwgUWbvnvfY4JDuLXf" +
		"z5b1nPbWhv/XI3UrWJAVJCz/9pKPowzeNKvGEC+W43avlpr1NbbyXUucqswOvtQPfZNqqfSkL1R1JX3Lg="
	if !fits("69f0abf12c74ca9f067e5bf0239eb28b4dcb1110", "pushtoken", "1610969440", "987654321", sealed) {
		t.Errorf("signed %s", sign("pushtoken", "1610969440", "987654321", sealed))
	}
	message, err := decrypt(sealed, "wx0000000000000001", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
	if want := "<xml><Event><![CDATA[debug_demo]]></Event><debug_str><![CDATA[安全]]></debug_str></xml>"; err != nil || string(message) != want {
		t.Errorf("%q, %v", message, err)
	}
}

func TestASignatureIsGoodForAFewMinutes(t *testing.T) {
	p := &Push{Options: Options{Now: func() time.Time { return time.Unix(1714036504, 0) }}}
	for timestamp, want := range map[string]bool{
		"1714036504": true, "1714036204": true, "1714036804": true, "1714036203": false, "1714036805": false,
		"": false, "x": false, "1714036504.0": false, " 1714036504": false, "-9223372036854775808": false, "99999999999999999999": false,
	} {
		if got := p.fresh(url.Values{"timestamp": {timestamp}}); got != want {
			t.Errorf("%q: %v", timestamp, got)
		}
	}
}

func FuzzAnyBodyIsReadOrRefused(f *testing.F) {
	for _, seed := range []string{
		`{"ToUserName":"gh_0","CreateTime":1610969440,"List":[{"TemplateId":"T1"},{"TemplateId":"T2"}]}`,
		`<xml><Event><![CDATA[e]]></Event><SubscribeMsgPopupEvent><List><TemplateId>T</TemplateId></List></SubscribeMsgPopupEvent></xml>`,
		`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, `{"a":{"a":[[[1]]]}}`, `<a><b/></a>`, "", "{", "<",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		n, err := parse([]byte(body))
		if err == nil && deep(n) > maxDepth+1 {
			t.Errorf("%q is %d deep", body, deep(n))
		}
		n.all("List")
		n.text("Event")
	})
}

func deep(n node) (most int) {
	for _, f := range n.fields {
		most = max(most, deep(f))
	}
	return most + 1
}

func FuzzAnyCipherTextIsOpenedOrRefused(f *testing.F) {
	f.Add(base64.StdEncoding.EncodeToString(make([]byte, 64)), "wx1")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, sealed, appID string) {
		if _, err := decrypt(sealed, "wx"+appID, wechat.Secret(strings.Repeat("A", 43))); err == nil {
			t.Errorf("%q opens for wx%s", sealed, appID)
		}
	})
}
