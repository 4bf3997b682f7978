package kind_test

import (
	"slices"
	"strings"
	"testing"

	"muban/wechat"
	"muban/wechat/kind"
)

// What is checked is what would be sent, whole: nothing of it is taken for another or left out.
func TestFault61_EveryPartOfAMessageIsChecked(t *testing.T) {
	bought := wechat.Template{ID: "x", Content: "购买地点{{keyword1.DATA}}\n购买时间{{keyword2.DATA}}\n"}
	datum := func(key, value, color string) wechat.Datum { return wechat.Datum{Key: key, Value: value, Color: color} }
	for name, c := range map[string]struct {
		change func(*wechat.Message)
		want   string // "check state why place", "" for nothing
	}{
		"all well":                 {func(m *wechat.Message) {}, ""},
		"a colour in lower case":   {func(m *wechat.Message) { m.Data[0].Color = "#a1b2c3" }, ""},
		"a colour by name":         {func(m *wechat.Message) { m.Data[0].Color = "blue" }, "color failed form data.keyword1"},
		"a short colour":           {func(m *wechat.Message) { m.Data[1].Color = "#f00" }, "color failed form data.keyword2"},
		"a colour without its #":   {func(m *wechat.Message) { m.Data[0].Color = "173177" }, "color failed form data.keyword1"},
		"a colour with a blank":    {func(m *wechat.Message) { m.Data[0].Color = "#173177 " }, "color failed form data.keyword1"},
		"a fragment":               {func(m *wechat.Message) { m.Page = "pages/order#top" }, "page failed form page"},
		"a fragment in the query":  {func(m *wechat.Message) { m.Page = "pages/order?id=1#top" }, "page failed form page"},
		"a page of dots":           {func(m *wechat.Message) { m.Page = "../pages/order" }, "page failed form page"},
		"a page with its ending":   {func(m *wechat.Message) { m.Page = "pages/order.html" }, "page failed form page"},
		"a page that is a blank":   {func(m *wechat.Message) { m.Page = " " }, "page failed form page"},
		"a query alone":            {func(m *wechat.Message) { m.Page = "?id=1" }, "page failed form page"},
		"emphasis on nothing":      {func(m *wechat.Message) { m.Emphasis = "keyword3" }, "emphasis failed unknown emphasis_keyword"},
		"emphasis in another case": {func(m *wechat.Message) { m.Emphasis = "Keyword1" }, "emphasis failed unknown emphasis_keyword"},
		"a key in another case":    {func(m *wechat.Message) { m.Data[1].Key = "KEYWORD2" }, "keywords failed unknown data.KEYWORD2"},
		"a blank value":            {func(m *wechat.Message) { m.Data[0].Value = "\u3000 " }, "keywords warning empty data.keyword1"},
		"a value to its end":       {func(m *wechat.Message) { m.Data[0].Value = strings.Repeat("长", kind.MaxValue) }, ""},
		"a value too long":         {func(m *wechat.Message) { m.Data[0].Value = strings.Repeat("长", kind.MaxValue+1) }, "keywords failed long data.keyword1"},
	} {
		m := wechat.Message{Page: "pages/order?id=1", Emphasis: "keyword1", Data: []wechat.Datum{datum("keyword1", "a", ""), datum("keyword2", "b", "#173177")}}
		c.change(&m)
		got := ""
		if flaws := kind.Template.Check(m, &bought); len(flaws) > 0 {
			f := flaws[0]
			got = strings.Join([]string{f.Check, f.State, f.Why, f.Place}, " ")
			if !slices.Contains(kind.Template.Checks(), f.Check) {
				t.Errorf("%s: there is no check %s", name, f.Check)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A template without a placeholder takes no value: a message of it would spend a right for nothing.
func TestATemplateThatCannotBeFilledIsNotSent(t *testing.T) {
	for _, content := range []string{"", "谢谢惠顾\n", "单号{{keyword1}}\n", "{{.DATA}}"} {
		flaws := kind.Template.Check(wechat.Message{}, &wechat.Template{Content: content})
		if len(flaws) != 1 || flaws[0].State != kind.Failed || flaws[0].Why != "no_fields" {
			t.Errorf("%q: %+v", content, flaws)
		}
		flaws = kind.Template.Check(wechat.Message{Data: []wechat.Datum{{Key: "keyword1", Value: "1"}}}, &wechat.Template{Content: content})
		if len(flaws) != 1 || flaws[0].State != kind.Failed || flaws[0].Why != "unknown" {
			t.Errorf("%q with data: %+v", content, flaws)
		}
	}
}

func TestTheIDOfATitleIsNotTakenForATemplateThatIsGone(t *testing.T) {
	for id, want := range map[string]string{
		"AT0002": "title_id", "at2430": "title_id", " AT0009": "title_id", "AT": "gone", "ATx1": "gone", "": "gone",
		"wDYzYZVxobJivW9oMpSCpuvACOfJXQIoKUm0PY397Tc": "gone",
	} {
		if got := kind.Template.Unlike(id); got != want {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
}
