package kind_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"muban/wechat"
	"muban/wechat/kind"
)

var recharged = wechat.Template{
	ID: "priTmplId", Title: "充值成功通知", Type: wechat.OneTime,
	Content: "交易单号:{{character_string1.DATA}}\n充值金额:{{amount3.DATA}}\n状态:{{enum_string4.DATA}}\n",
	Example: "交易单号:NO:1\n充值金额:¥12.3\n状态:已付款\n",
	Enums:   []wechat.Enum{{Key: "enum4", Values: []string{"已付款", "未付款"}}},
}

func TestASubscribeTemplateIsReadByItsKeys(t *testing.T) {
	got := kind.Subscribe.Fields(recharged)
	want := []wechat.Field{{Key: "character_string1", Name: "交易单号", Example: "NO:1"}, {Key: "amount3", Name: "充值金额", Example: "¥12.3"},
		{Key: "enum_string4", Name: "状态", Example: "已付款"}}
	if !slices.Equal(got, want) || fmt.Sprint(kind.KeywordIDs(recharged)) != "[1 3 4]" || kind.Of(recharged) != kind.Subscribe {
		t.Errorf("%+v %v", got, kind.KeywordIDs(recharged))
	}
	content, example := kind.Subscribe.Compose([]wechat.Keyword{{ID: 1, Name: "交易单号", Rule: "character_string", Example: "NO:1"}})
	if content != "交易单号:{{character_string1.DATA}}\n" || example != "交易单号:NO:1\n" {
		t.Errorf("%q %q", content, example)
	}
	for _, k := range kind.All() {
		if kind.Named(k.Name()) != k || !kind.Known(k.Name()) {
			t.Errorf("%s is not found by its name", k.Name())
		}
	}
	if kind.Known("qq") || kind.Named("") != kind.Template {
		t.Error("an unknown name is known")
	}
}

func TestASubscribeMessageIsCheckedByItsTypes(t *testing.T) {
	good := wechat.Message{Page: "pages/order?id=1", State: "trial", Lang: "zh_CN", Data: []wechat.Datum{
		{Key: "character_string1", Value: "NO.1"}, {Key: "amount3", Value: "¥12.3"}, {Key: "enum_string4", Value: "已付款"}}}
	with := func(i int, value string) func(*wechat.Message) {
		return func(m *wechat.Message) { m.Data[i].Value = value }
	}
	for name, c := range map[string]struct {
		change func(*wechat.Message)
		want   string
	}{
		"nothing":             {func(*wechat.Message) {}, ""},
		"a value of its type": {with(0, "北京"), "types failed data.character_string1"},
		"an empty value":      {with(1, ""), "types failed data.amount3"},
		"an unlisted value":   {with(2, "退款"), "types failed data.enum_string4"},
		"an unsettled value":  {with(1, "656887888.00"), "types warning data.amount3"},
		"a keyword missing":   {func(m *wechat.Message) { m.Data = m.Data[:2] }, "keywords failed data.enum_string4"},
		"a keyword too many":  {func(m *wechat.Message) { m.Data = append(m.Data, wechat.Datum{Key: "thing9", Value: "x"}) }, "keywords failed data.thing9"},
		"a keyword twice":     {func(m *wechat.Message) { m.Data = append(m.Data, m.Data[0]) }, "keywords failed data.character_string1"},
		"a slash":             {func(m *wechat.Message) { m.Page = "/pages/order" }, "page warning page"},
		"an address":          {func(m *wechat.Message) { m.Page = "https://example.com/" }, "page failed page"},
		"another state":       {func(m *wechat.Message) { m.State = "beta" }, "state failed miniprogram_state"},
		"another language":    {func(m *wechat.Message) { m.Lang = "zh" }, "lang failed lang"},
	} {
		m := good
		m.Data = slices.Clone(good.Data)
		c.change(&m)
		var got []string
		for _, f := range kind.Subscribe.Check(m, &recharged) {
			got = append(got, f.Check+" "+f.State+" "+f.Place)
			if !slices.Contains(kind.Subscribe.Checks(), f.Check) || (f.Check == "types") != (f.Verdict != nil) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, f := range kind.Subscribe.Check(good, nil) {
		if f.State != kind.Skipped {
			t.Errorf("without its template: %+v", f)
		}
	}
}

func TestAKindTakesNoMembersOfTheOther(t *testing.T) {
	for want, m := range map[string]wechat.Message{"form_id": {FormID: "f"}, "emphasis_keyword": {Emphasis: "thing1"}, "": {State: "trial", Lang: "zh_CN"}} {
		if got := kind.Subscribe.Foreign(m); got != want {
			t.Errorf("subscribe: %q, want %q", got, want)
		}
	}
	for want, m := range map[string]wechat.Message{"miniprogram_state": {State: "trial"}, "lang": {Lang: "zh_CN"}, "": {FormID: "f", Emphasis: "keyword1"}} {
		if got := kind.Template.Foreign(m); got != want {
			t.Errorf("template: %q, want %q", got, want)
		}
	}
	body := string(kind.Subscribe.Body(wechat.Message{ToUser: "o", TemplateID: "t", FormID: "consent-1", Data: []wechat.Datum{{Key: "thing1", Value: "x", Color: "#173177"}}}))
	if body != `{"touser":"o","template_id":"t","data":{"thing1":{"value":"x"}}}` {
		t.Error(body)
	}
}

// adding is a WeChat that loses answers of addtemplate, and says which template is there already.
type adding struct {
	answers []string // of addtemplate, in turn; "" for none
	listed  string   // what gettemplate answers
	adds    int
}

func (a *adding) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "addtemplate") {
		return jsonOf(a.listed), nil
	}
	a.adds++
	answer := a.answers[0]
	a.answers = a.answers[1:]
	if answer == "" {
		return nil, io.ErrUnexpectedEOF
	}
	return jsonOf(answer), nil
}

func TestAnAdditionWithoutAnAnswerIsFoundAndNotMadeTwice(t *testing.T) {
	const (
		same  = `{"errcode":200022,"errmsg":"template has added already rid: 1-2-3","priTmplId":"new"}`
		mine  = `{"errcode":0,"data":[{"priTmplId":"new","title":"充值成功通知","type":2,"content":"充值金额:{{amount3.DATA}}\n交易单号:{{character_string1.DATA}}\n","example":""}]}`
		other = `{"errcode":0,"data":[{"priTmplId":"new","title":"充值成功通知","type":2,"content":"充值金额:{{amount3.DATA}}\n账户余额:{{amount4.DATA}}\n","example":""}]}`
	)
	x := kind.Combination{Title: wechat.Title{ID: "755", Text: "充值成功通知"}, KeywordIDs: []int{1, 3}, Scene: "充值后"}
	for name, c := range map[string]struct {
		answers []string
		listed  string
		before  []string
		id      string
		lost    bool
	}{
		"answered":                  {[]string{`{"errcode":0,"priTmplId":"new"}`}, other, nil, "new", false},
		"lost, and listed":          {[]string{""}, mine, nil, "new", false},
		"lost, and not listed":      {[]string{""}, other, nil, "", true},
		"lost, and it was before":   {[]string{""}, mine, []string{"new"}, "", true},
		"there by a lost addition":  {[]string{same}, other, nil, "new", false},
		"there before, and refused": {[]string{same}, mine, []string{"new"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &adding{answers: c.answers, listed: c.listed}
				id, err := kind.Subscribe.Add(t.Context(), newClient(t, a), c.before, x)
				if id != c.id || isLost(err) != c.lost || (err == nil) != (c.id != "") || a.adds != 1 {
					t.Errorf("%q, %v after %d calls", id, err, a.adds)
				}
			})
		})
	}
}
