package api

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestFault60_ABodyIsReadStrictlyAtEveryDepth(t *testing.T) {
	order := func(data string) string { return `{"appid":"wx1","key":"k","data":` + data + `}` }
	when := func(value string) string {
		return `{"appid":"wx1","rights":[{"id":"a"},{"id":"b","when":` + value + `}]}`
	}
	for name, c := range map[string]struct {
		body, why, place string // why "" for a good one
	}{
		"an object":             {order(`{"keyword1":{"value":"x","color":"#ff0000"},"keyword2":"y","keyword3":5.10}`), "", ""},
		"null for nothing":      {order(`null`), "", ""},
		"a misspelt colour":     {order(`{"keyword1":{"value":"x","colour":"#ff0000"}}`), "unknown", "data.keyword1.colour"},
		"a colour in capitals":  {order(`{"keyword1":{"value":"x","Color":"#ff0000"}}`), "case", "data.keyword1.Color"},
		"a value twice":         {order(`{"keyword1":{"value":"x","value":"y"}}`), "repeated", "data.keyword1.value"},
		"a keyword twice":       {order(`{"keyword1":"x","keyword1":"y"}`), "repeated", "data.keyword1"},
		"a key twice":           {`{"key":"a","key":"a"}`, "repeated", "key"},
		"an unknown member":     {`{"appid":"wx1","form":"x"}`, "unknown", "form"},
		"a member in capitals":  {`{"AppID":"wx1"}`, "case", "AppID"},
		"no value":              {order(`{"keyword1":{"color":"#ff0000"}}`), "want_value", "data.keyword1"},
		"a value that is true":  {order(`{"keyword2":true}`), "want_value", "data.keyword2"},
		"a list as a value":     {order(`{"keyword2":{"value":["x"]}}`), "want_value", "data.keyword2.value"},
		"data as a list":        {order(`["x"]`), "want_object", "data"},
		"a number as a text":    {`{"appid":5}`, "want_string", "appid"},
		"a long value":          {order(`{"keyword1":"` + strings.Repeat("长", 2001) + `"}`), "long", "data.keyword1"},
		"a value to its end":    {order(`{"keyword1":"` + strings.Repeat("长", 2000) + `"}`), "", ""},
		"very deep":             {order(strings.Repeat("[", 40)), "deep", "data" + strings.Repeat("[0]", 16)},
		"two objects":           {`{} {}`, "after", ""},
		"a list":                {`[]`, "want_object", ""},
		"null":                  {`null`, "want_object", ""},
		"nothing":               {``, "syntax", ""},
		"half":                  {order(`{"keyword1":"x"`), "syntax", ""},
		"not UTF-8":             {"{\"appid\":\"\xd6\xd0\"}", "utf8", ""},
		"a time in seconds":     {when(`1525422600`), "", ""},
		"a time as text":        {when(`"2018-05-04T16:30:00+08:00"`), "", ""},
		"the last second":       {when(strconv.Itoa(math.MaxInt64)), "time", "rights[1].when"},
		"before the first":      {when(strconv.Itoa(math.MinInt64)), "time", "rights[1].when"},
		"milliseconds":          {when(`1525422600000`), "time", "rights[1].when"},
		"a number without end":  {when(`1e400`), "time", "rights[1].when"},
		"a day":                 {when(`"2018-05-04"`), "time", "rights[1].when"},
		"a time that is a list": {when(`[]`), "want_time", "rights[1].when"},
		"a misspelt right":      {`{"rights":[{"id":"a","openId":"o"}]}`, "case", "rights[0].openId"},
	} {
		var target any = new(sendOrder)
		if strings.Contains(c.body, "rights") {
			target = new(rightsReport)
		}
		err := fillBody([]byte(c.body), target)
		bad, _ := errors.AsType[*badBody](err)
		switch {
		case c.why == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.why != "" && (bad == nil || bad.why != c.why || bad.place != c.place):
			t.Errorf("%s: %v, want %s at %q", name, err, c.why, c.place)
		}
	}
}

func TestABodyIsReadAsItStands(t *testing.T) {
	var o sendOrder
	body := `{"appid":"wx1","data":{"金额":{"value":"<30> & 5","color":"#173177"},"keyword2":007}}`
	if err := fillBody([]byte(body), &o); err == nil {
		t.Error("007 is a number")
	}
	body = strings.Replace(body, "007", "7.50", 1)
	if err := fillBody([]byte(body), &o); err != nil || o.AppID != "wx1" || o.Data["金额"].text() != "<30> & 5" ||
		o.Data["金额"].Color != "#173177" || o.Data["keyword2"].text() != "7.50" {
		t.Errorf("%+v, %v", o, err)
	}
}

func FuzzFillBody(f *testing.F) {
	f.Add([]byte(`{"appid":"wx1","data":{"keyword1":{"value":"x"}}}`))
	f.Add([]byte(`{"rights":[{"when":1}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, target := range []any{new(sendOrder), new(rightsReport)} {
			if err := fillBody(body, target); err != nil {
				if _, ok := errors.AsType[*badBody](err); !ok {
					t.Errorf("%q: %v", body, err)
				}
			}
		}
	})
}
