package wechat_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"muban/wechat"
)

// reading is one call, and what of an answer is read.
type reading struct {
	name, method, path, question, answer string
	call                                 func(context.Context, *wechat.Client) (any, error)
	want                                 string
}

func titlesOf(ctx context.Context, c *wechat.Client) (any, error) {
	return c.SubscribeTitles(ctx, []string{"2", "616"}, 30, 5)
}

func keywordsOf(ctx context.Context, c *wechat.Client) (any, error) {
	return c.SubscribeKeywords(ctx, "99")
}

func addTo(ctx context.Context, c *wechat.Client) (any, error) {
	return c.AddSubscribeTemplate(ctx, "401", []int{1, 2}, "测试<数据>")
}

func templatesOf(ctx context.Context, c *wechat.Client) (any, error) {
	return c.SubscribeTemplates(ctx)
}

func sendTo(ctx context.Context, c *wechat.Client) (any, error) {
	return c.SubscribeSend(ctx, wechat.Message{
		ToUser: "o", TemplateID: "t", Page: "pages/a?b=c&d", FormID: "not of this kind", Emphasis: "thing4",
		Data: []wechat.Datum{{Key: "thing4", Value: "热干面 <1>"}, {Key: "number1", Value: "5"}}, State: "trial", Lang: "en_US",
	})
}

const (
	sentBody = `{"touser":"o","template_id":"t","page":"pages/a?b=c&d","data":{"thing4":{"value":"热干面 <1>"},` +
		`"number1":{"value":"5"}},"miniprogram_state":"trial","lang":"en_US"}`
	titlesPath = "/wxaapi/newtmpl/getpubtemplatetitles"
	titlesAsk  = "ids=2,616&start=30&limit=5"
)

// The documentation contradicts itself, and its samples: whichever side WeChat takes, it is read.
var readings = []reading{
	{"the categories", "GET", "/wxaapi/newtmpl/getcategory", "", `{"errcode":0,"errmsg":"ok","data":[{"id":616,"name":"公交"},{"id":"2","name":"教育"}]}`,
		func(ctx context.Context, c *wechat.Client) (any, error) { return c.Categories(ctx) },
		`[{"ID":"616","Name":"公交"},{"ID":"2","Name":"教育"}]`},
	{"titles with words for numbers", "GET", titlesPath, titlesAsk,
		`{"errcode":0,"errmsg":"ok","count":"55","data":[{"tid":"99","title":"付款成功通知","type":"2","categoryId":"616"}]}`,
		titlesOf, `{"Titles":[{"ID":"99","Text":"付款成功通知","Keywords":null,"Type":2,"Categories":["616"]}],"Total":55}`},
	{"titles with numbers for words", "GET", titlesPath, titlesAsk,
		`{"errcode":0,"errmsg":"ok","count":55,"data":[{"tid":99,"title":"付款成功通知","type":3,"categoryId":616}]}`,
		titlesOf, `{"Titles":[{"ID":"99","Text":"付款成功通知","Keywords":null,"Type":3,"Categories":["616"]}],"Total":55}`},
	{"titles that nobody counted", "GET", titlesPath, titlesAsk, `{"errcode":0,"data":[{"tid":99,"title":"付款成功通知","type":2}]}`,
		titlesOf, `{"Titles":[{"ID":"99","Text":"付款成功通知","Keywords":null,"Type":2}],"Total":31}`},
	{"keywords", "GET", "/wxaapi/newtmpl/getpubtemplatekeywords", "tid=99",
		`{"errcode":0,"errmsg":"ok","data":[{"kid":1,"name":"物品名称","example":"名称","rule":"thing"},{"kid":"52","name":"状态","example":"a` + "\t" + `b","rule":"enum_string"}]}`,
		keywordsOf, `[{"ID":1,"Name":"物品名称","Example":"名称","Rule":"thing"},{"ID":52,"Name":"状态","Example":"a\tb","Rule":"enum_string"}]`},
	{"an addition", "POST", "/wxaapi/newtmpl/addtemplate", `{"tid":"401","kidList":[1,2],"sceneDesc":"测试\u003c数据\u003e"}`,
		`{"errcode":0,"errmsg":"ok","priTmplId":"9Aw5ZV1j9xdWTFEkqCpZ7jWySL7aGN6rQom4gXINfJs"}`,
		addTo, `"9Aw5ZV1j9xdWTFEkqCpZ7jWySL7aGN6rQom4gXINfJs"`},
	{"the templates", "GET", "/wxaapi/newtmpl/gettemplate", "",
		`{"errcode":0,"errmsg":"ok","data":[{"priTmplId":"p","title":"报名结果通知","content":"会议时间:{{date2.DATA}}\n","example":"会议时间:2016年8月8日\n","type":2,` +
			`"keywordEnumValueList":[{"keywordCode":"enum_string2.DATA","enumValueList":["阴天","雨天"]}]},{"priTmplId":"q","type":"3"}]}`,
		templatesOf, `[{"ID":"p","Title":"报名结果通知","Content":"会议时间:{{date2.DATA}}\n","Example":"会议时间:2016年8月8日\n","Type":2,` +
			`"Enums":[{"Key":"enum_string2","Values":["阴天","雨天"]}]},{"ID":"q","Title":"","Content":"","Example":"","Type":3}]`},
	{"a deletion", "POST", "/wxaapi/newtmpl/deltemplate", `{"priTmplId":"p"}`, `{"errcode":0,"errmsg":"ok"}`,
		func(ctx context.Context, c *wechat.Client) (any, error) {
			return nil, c.DeleteSubscribeTemplate(ctx, "p")
		}, `null`},
	{"a send with a msgid of 64 bits", "POST", "/cgi-bin/message/subscribe/send", sentBody,
		`{"errcode":0,"errmsg":"ok","msgid":3248682510344192008}`, sendTo, `"3248682510344192008"`},
	{"a send with a quoted msgid", "POST", "/cgi-bin/message/subscribe/send", sentBody,
		`{"errcode":0,"errmsg":"ok","msgid":"9223372036854775807"}`, sendTo, `"9223372036854775807"`},
	{"a send without one", "POST", "/cgi-bin/message/subscribe/send", sentBody, `{"errcode":0,"errmsg":"ok"}`, sendTo, `""`},
	{"the quota", "POST", "/cgi-bin/openapi/quota/get", `{"cgi_path":"/cgi-bin/message/subscribe/send"}`,
		`{"errcode":0,"errmsg":"ok","quota":{"daily_limit":10000000,"used":7,"remain":9999993},"rate_limit":{"call_count":10,"refresh_second":60}}`,
		func(ctx context.Context, c *wechat.Client) (any, error) {
			return c.QuotaOf(ctx, "/cgi-bin/message/subscribe/send")
		},
		`{"Daily":10000000,"Used":7,"Left":9999993,"Calls":10,"Every":60000000000}`},
}

func TestEachSubscribeCallAsksAndReadsAsDocumented(t *testing.T) {
	for _, r := range readings {
		t.Run(r.name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, q *http.Request) {
				body, _ := io.ReadAll(q.Body)
				_, query, _ := strings.Cut(q.URL.RawQuery, "&")
				if q.Method != r.method || q.URL.Path != r.path || query+string(body) != r.question || q.URL.Query().Get("access_token") != canary {
					t.Errorf("asked %s %s %s", q.Method, q.URL, body)
				}
				if kind := q.Header.Get("Content-Type"); kind != "application/json" {
					t.Errorf("as %q", kind)
				}
				saying(r.answer)(w, q)
			})
			got, err := r.call(t.Context(), newClient(t, base))
			if err != nil {
				t.Fatal(err)
			}
			if printed := marshal(t, got); printed != r.want {
				t.Errorf("read %s\nwant %s", printed, r.want)
			}
		})
	}
}

// An answer without its list must not pass for an empty one.
func TestASubscribeAnswerThatLacksItsPartIsNone(t *testing.T) {
	c := newClient(t, serve(t, saying(`{"errcode":0,"errmsg":"ok"}`)))
	for name, call := range map[string]func(context.Context, *wechat.Client) (any, error){
		"titles": titlesOf, "keywords": keywordsOf, "added": addTo, "templates": templatesOf,
		"quota": func(ctx context.Context, c *wechat.Client) (any, error) { return c.QuotaOf(ctx, "/x") },
		"rid":   func(ctx context.Context, c *wechat.Client) (any, error) { return c.LookUpRid(ctx, "x") },
	} {
		if _, err := call(t.Context(), c); !errors.Is(err, wechat.ErrNotJSON) || wechat.Uncertain(err) != (name == "added") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAKnownCombinationIsToldWithItsTemplate(t *testing.T) {
	c := newClient(t, serve(t, saying(`{"errmsg":"template has added already rid: 5f86bdd6-15ceb0dc-3ad307da","priTmplId":"p","errcode":200022}`)))
	id, err := c.AddSubscribeTemplate(t.Context(), "1", []int{1, 2}, "")
	same, _ := errors.AsType[*wechat.Error](err)
	if id != "" || !errors.Is(err, wechat.ErrSame) || same.TemplateID != "p" || wechat.Uncertain(err) {
		t.Errorf("%q, %v", id, err)
	}
}

// A new one-time card is added with a list of keywords that is empty, not null.
func TestACardIsAddedWithAnEmptyList(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); string(body) != `{"tid":"10000001","kidList":[]}` {
			t.Errorf("asked %s", body)
		}
		saying(`{"errcode":0,"priTmplId":"p"}`)(w, r)
	})
	if _, err := newClient(t, base).AddSubscribeTemplate(t.Context(), "10000001", nil, ""); err != nil {
		t.Error(err)
	}
}

// Reads may be repeated; an addition, a deletion or a send that lost its answer must not be.
func TestOnlySubscribeCallsThatActAreUncertain(t *testing.T) {
	for _, answer := range []string{`{"errcode":-1,"errmsg":"system error"}`, `{"errcode":200001,"errmsg":"system error"}`, `<html>`} {
		c := newClient(t, serve(t, saying(answer)))
		for _, r := range readings {
			acts := strings.Contains(r.path, "addtemplate") || strings.Contains(r.path, "deltemplate") || strings.Contains(r.path, "/send")
			if _, err := r.call(t.Context(), c); err == nil || wechat.Uncertain(err) != acts {
				t.Errorf("%s after %s: %v", r.name, answer, err)
			}
		}
	}
}

func TestARejectedTokenIsReplacedOnceForAReadToo(t *testing.T) {
	asked := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Query().Get("access_token") == canary {
			saying(`{"errcode":40001,"errmsg":"invalid credential"}`)(w, r)
			return
		}
		saying(`{"errcode":0,"data":[]}`)(w, r)
	})
	if _, err := newClient(t, base).Categories(t.Context()); err != nil || asked != 2 {
		t.Errorf("%d calls, %v", asked, err)
	}
}

func TestASubscribeMessageReadsBackWhatItWrote(t *testing.T) {
	var m wechat.Message
	if err := m.UnmarshalJSON([]byte(sentBody)); err != nil {
		t.Fatal(err)
	}
	if again := marshal(t, wechat.SubscribeMessage(m)); strings.ReplaceAll(again, `\u003c1\u003e`, "<1>") != strings.ReplaceAll(sentBody, "&", `\u0026`) {
		t.Errorf("%s", again)
	}
	if m.State != "trial" || m.Lang != "en_US" || m.Data[1].Value != "5" {
		t.Errorf("%+v", m)
	}
}

// TestFault71: 47003 points at the keyword even where its text is cut.
func TestFault71_TheRefusedKeyIsReadFromACutText(t *testing.T) {
	for text, want := range map[string]string{
		"argument invalid! data.thing4.value invalid rid: 5f86bdd6-15ceb0dc-3ad307da": "thing4",
		"argument invalid! data.character_string1.value i":                            "character_string1",
		"argument invalid! data.character_string13.value ":                            "character_string13",
		"argument invalid! data.enum_string2.value is emtpy":                          "enum_string2",
		"argument invalid! data.phone_number104.va":                                   "phone_number104",
		"argument invalid! data.phone_number10":                                       "", // more digits may follow
		"argument invalid!":                                                           "",
		"data.thing.value invalid":                                                    "",
		"":                                                                            "",
	} {
		if got := wechat.RefusedKey(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTheRidIsReadFromAnErrmsg(t *testing.T) {
	for text, want := range map[string]string{
		"user refuse to accept the msg rid: 5f86bdd6-15ceb0dc-3ad307da":                "5f86bdd6-15ceb0dc-3ad307da",
		"invalid openid hint: [xbWplA05654114] rid: 61725984-6126f6f9-040f19c4":        "61725984-6126f6f9-040f19c4",
		"invalid openid hint: [xbWplA05654114]":                                        "",
		"invalid openid rid: 61725984-6126f6f9":                                        "",
		"invalid openid rid: 61725984-6126f6f9-040f19c4' OR 1=1":                       "61725984-6126f6f9-040f19c4",
		"thyroid: 61725984-6126f6f9-040f19c4":                                          "",
		"invalid credential, access_token is invalid rid:61725984-6126f6f9-040f19c4\n": "61725984-6126f6f9-040f19c4",
	} {
		if got := wechat.Rid(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Fault 35: WeChat shows the call with the token and the secret that it carried then, which need not be today's.
func TestFault35_ACallThatWasLookedUpShowsNoToken(t *testing.T) {
	c := newClient(t, serve(t, saying(`{"errcode":0,"errmsg":"ok","request":{"invoke_time":1635156704,"cost_in_ms":30,`+
		`"request_url":"access_token=50_OLDTOKEN&x=1&secret=OLDSECRET","request_body":"{\"grant_type\":\"x\",\"secret\" : \"OLDSECRET\\\"OLD\"}",`+
		`"response_body":"{\"access_token\":\"50_OLDTOKEN\",\"expires_in\":7200}","client_ip":"113.xx.70.51"}}`)))
	got, err := c.LookUpRid(t.Context(), "61725984-6126f6f9-040f19c4")
	if err != nil {
		t.Fatal(err)
	}
	if text := printed(got); strings.Contains(text, "OLD") || !strings.Contains(got.Query, "x=1") || !strings.Contains(got.Answer, "7200") {
		t.Errorf("%+v", got)
	}
	if got.At.Unix() != 1635156704 || got.Took.Milliseconds() != 30 || got.ClientIP != "113.xx.70.51" {
		t.Errorf("%+v", got)
	}
}
