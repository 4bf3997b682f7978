package sandbox_test

import (
	"net/url"
	"strings"
	"testing"

	"muban/wechat/sandbox"
)

func TestTitlesAreRefusedAsDocumented(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	for query, want := range map[string]int{
		"&ids=612,611&start=0&limit=30":      0,
		"&ids=612%2C611&start=0&limit=1":     0,
		"&ids=612&start=100000&limit=30":     0,
		"&start=0&limit=30":                  200018,
		"&ids=&start=0&limit=30":             200018,
		"&ids=%22612,611%22&start=0&limit=1": 200019, // as the official sample has it
		"&ids=612,4711&start=0&limit=30":     200019,
		"&ids=x&start=0&limit=30":            200019,
		"&ids=612&limit=30":                  200016,
		"&ids=612&start=-1&limit=30":         200016,
		"&ids=612&start=x&limit=30":          200016,
		"&ids=612&start=0":                   200017,
		"&ids=612&start=0&limit=0":           200017,
		"&ids=612&start=0&limit=31":          200017,
	} {
		a := w.look(titlesPath, query)
		if a.ErrCode != want {
			t.Errorf("%s: %d %s, want %d", query, a.ErrCode, a.ErrMsg, want)
		}
	}
	if _, raw := w.ask("GET", titlesPath+"?ids=x&start=0&limit=1&access_token="+w.token, ""); !strings.Contains(raw, `"count":0,"data":[]`) {
		t.Errorf("%s", raw)
	}
}

func TestKeywordsAndVerbsAreRefusedAsDocumented(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	for query, want := range map[string]int{"&tid=99": 0, "": 200014, "&tid=": 200014, "&tid=99999999": 200014, "&tid=x": 200002} {
		w.refused(want, w.look(keywordsPath, query).answer)
	}
	for _, path := range []string{categoryPath, titlesPath, keywordsPath, subscribeListPath} {
		w.refused(404, w.post(path, "{}").answer)
	}
	for _, path := range []string{subscribeAddPath, subscribeDeletePath} {
		w.refused(404, w.look(path, "").answer)
		w.refused(44002, w.post(path, "").answer)
	}
	w.refused(47001, w.post(subscribeAddPath, `{"tid":`).answer)
	w.refused(47001, w.post(subscribeDeletePath, `[1]`).answer)
	w.token = "0" + strings.Repeat("x", 140)
	w.refused(40001, w.look(categoryPath, "").answer)
}

func TestATemplateIsAddedListedAndDeleted(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		w.refused(0, w.look(subscribeListPath, "").answer)
		id := w.pickUp()
		machine := w.subscribeTemplate("4817", 2, 3)
		a := w.look(subscribeListPath, "")
		if len(id) != 43 || len(a.Data) != 2 || a.Data[0].TemplateID != id || a.Data[0].Title != "取餐提醒" || a.Data[0].Type != 2 {
			t.Fatalf("%+v", a)
		}
		if got := a.Data[0].Content; got != "门店名称:{{thing23.DATA}}\n取餐码:{{number52.DATA}}\n自提时间:{{date14.DATA}}\n" {
			t.Errorf("content %q", got)
		}
		if got := a.Data[0].Example; !strings.HasPrefix(got, "门店名称:") || strings.Count(got, "\n") != 3 {
			t.Errorf("example %q", got)
		}
		if e := a.Data[1].Enums; len(e) != 2 || e[0].Key != "enum_string2.DATA" || len(e[0].Values) < 2 {
			t.Errorf("enums %+v", e)
		}
		w.works(w.post(subscribeDeletePath, `{"priTmplId":"`+id+`"}`).answer)
		w.refused(20002, w.post(subscribeDeletePath, `{"priTmplId":"`+id+`"}`).answer)
		if a := w.look(subscribeListPath, ""); len(a.Data) != 1 || a.Data[0].TemplateID != machine {
			t.Errorf("%+v", a)
		}
	})
}

func TestAnAdditionIsRefusedAsDocumented(t *testing.T) {
	w := live(t)
	id := w.pickUp()
	form := url.Values{"tid": {"1458"}, "kidList": {"1", "2"}, "sceneDesc": {"发货后通知"}}.Encode()
	for _, c := range []struct {
		kind, body string
		want       int
		msg        string
	}{
		{"application/json", `{"tid":"250","kidList":[23,52,14],"sceneDesc":"x"}`, 200022, "template has added already rid: "},
		{"application/json", `{"tid":250,"kidList":["14","52","23"]}`, 200022, ""}, // in any order
		{"application/json", `{"kidList":[1,2]}`, 200014, "missing parameter tid"},
		{"application/json", `{"tid":"","kidList":[1,2]}`, 200014, ""},
		{"application/json", `{"tid":"98765","kidList":[1,2]}`, 200014, ""},
		{"application/json", `{"tid":"250","kidList":[23]}`, 200020, ""},
		{"application/json", `{"tid":"250","kidList":[23,52,14,20,24,7]}`, 200020, ""},
		{"application/json", `{"tid":"250","kidList":[23,23]}`, 200020, ""},
		{"application/json", `{"tid":"250","kidList":[23,99]}`, 200020, ""},
		{"application/json", `{"tid":"250","kidList":[23,"x"]}`, 200020, ""},
		{"application/json", `{"tid":"250"}`, 200020, ""},
		{"application/json", `{"tid":"250","kidList":[20,24],"sceneDesc":"` + strings.Repeat("字", 16) + `"}`, 200021, ""},
		{"application/json", `{"tid":"250","kidList":[20,24],"sceneDesc":"一\n二"}`, 200021, ""},
		{"application/json", `{"tid":"10000001","kidList":[1,2]}`, 200020, ""},
		{"", `{"tid":"250","kidList":[20,24]}`, 200014, "missing parameter tid"}, // JSON without its header
		{"text/plain", `{"tid":"250","kidList":[20,24]}`, 200014, "missing parameter tid"},
		{"application/x-www-form-urlencoded", "kidList=1&kidList=2", 200014, ""},
		{"application/x-www-form-urlencoded", "tid=1458&kidList=1", 200020, ""},
		// and what works
		{"application/json; charset=utf-8", `{"tid":"250","kidList":["20",24],"sceneDesc":"` + strings.Repeat("字", 15) + `"}`, 0, ""},
		{"application/json", `{"tid":"1476","kidList":[3,1]}`, 0, ""},
		{"application/json", `{"tid":"10000001","kidList":[]}`, 0, ""},
		{"application/x-www-form-urlencoded", form, 0, ""},
		{"application/x-www-form-urlencoded", "tid=1458&kidList%5B%5D=3&kidList%5B%5D=2", 0, ""},
	} {
		a := w.subscribe("POST", subscribeAddPath, "", c.kind, c.body)
		if a.ErrCode != c.want || !strings.HasPrefix(a.ErrMsg, c.msg) && c.msg != "" {
			t.Errorf("%s %s: %d %s, want %d", c.kind, c.body, a.ErrCode, a.ErrMsg, c.want)
		}
		if c.want == 200022 && a.ID != id {
			t.Errorf("the one that is there is told as %q", a.ID)
		}
	}
}

func TestAnAccountHas50SubscribeTemplates(t *testing.T) {
	w := inProcess(t, sandbox.Options{MaxTemplates: 1})
	w.template()
	n := 0
	for a := 0; n < 50; a++ {
		kids := []int{[]int{7, 12, 14, 20, 22, 23, 24, 52, 3, 5, 9}[a/11%11], []int{7, 12, 14, 20, 22, 23, 24, 52, 3, 5, 9}[a%11]}
		if a/11%11 < a%11 {
			w.subscribeTemplate("250", kids...)
			n++
		}
	}
	w.refused(200012, w.post(subscribeAddPath, `{"tid":"99","kidList":[1,2]}`).answer)
	var set map[string]any
	w.control("POST", "/sandbox/limits", `{"appid":"`+sandbox.DefaultAppID+`","subscribe_templates":51}`, &set)
	w.subscribeTemplate("99", 1, 2)
	w.refused(200012, w.post(subscribeAddPath, `{"tid":"99","kidList":[1,3]}`).answer)
}
