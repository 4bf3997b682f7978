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
