package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"muban/wechat/sandbox"
)

func TestTheDocumentedExamplesAreAnswered(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		w.token = w.fetchToken().AccessToken
		_, list := w.ask("POST", libraryListPath+"?access_token="+w.token, `{"offset":0,"count":5}`)
		const titles = `{"errcode":0,"errmsg":"ok","list":[{"id":"AT0002","title":"购买成功通知"},{"id":"AT0003","title":"购买失败通知"},` +
			`{"id":"AT0004","title":"交易提醒"},{"id":"AT0005","title":"付款成功通知"},{"id":"AT0006","title":"付款失败通知"}],"total_count":`
		if !strings.HasPrefix(list, titles) {
			t.Error(list)
		}
		_, get := w.ask("POST", libraryGetPath+"?access_token="+w.token, `{"id":"AT0002"}`)
		const keywords = `{"errcode":0,"errmsg":"ok","id":"AT0002","title":"购买成功通知","keyword_list":[{"keyword_id":3,"name":"购买地点","example":"TIT造舰厂"},` +
			`{"keyword_id":4,"name":"购买时间","example":"2016年6月6日"},{"keyword_id":5,"name":"物品名称","example":"咖啡"}]}`
		if get != keywords {
			t.Error(get)
		}
		id := w.works(w.call(addPath, `{"id":"AT0002","keyword_id_list":[3,4,5]}`)).TemplateID
		_, templates := w.ask("POST", listPath+"?access_token="+w.token, `{"offset":0,"count":1}`)
		want := `{"errcode":0,"errmsg":"ok","list":[{"template_id":"` + id + `","title":"购买成功通知",` +
			`"content":"购买地点{{keyword1.DATA}}\n购买时间{{keyword2.DATA}}\n物品名称{{keyword3.DATA}}\n",` +
			`"example":"购买地点：TIT造舰厂\n购买时间：2016年6月6日\n物品名称：咖啡\n"}]}`
		if templates != want {
			t.Errorf("%s\nwant %s", templates, want)
		}
		_, deleted := w.ask("POST", deletePath+"?access_token="+w.token, `{"template_id":"`+id+`"}`)
		if deleted != `{"errcode":0,"errmsg":"ok"}` {
			t.Error(deleted)
		}
		if left := w.works(w.call(listPath, `{"offset":0,"count":20}`)).List; len(left) != 0 {
			t.Errorf("%v is left", left)
		}
	})
}

func TestATemplateIDIs43CharactersOfBase64URL(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	one, other := w.template(), w.template()
	if one == other {
		t.Error("the same combination got the same id twice")
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(one) {
		t.Error(one)
	}
}

func TestNumbersAreAcceptedAsStrings(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	if list := w.works(w.call(libraryListPath, `{"offset":"0","count":"5"}`)).List; len(list) != 5 {
		t.Errorf("%d titles", len(list))
	}
	w.works(w.call(addPath, `{"id":"AT0002","keyword_id_list":["3","4"]}`))
}

func TestTheWholeLibraryCanBePaged(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	seen := map[string]bool{}
	for offset := 0; ; offset += 20 {
		page := w.works(w.call(libraryListPath, fmt.Sprintf(`{"offset":%d,"count":20}`, offset)))
		for _, title := range page.List {
			seen[title.ID] = true
		}
		if len(page.List) == 0 {
			if offset < page.TotalCount || len(seen) != page.TotalCount {
				t.Errorf("%d titles of %d up to %d", len(seen), page.TotalCount, offset)
			}
			return
		}
	}
}

func TestBadArgumentsAreRefused(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		for _, c := range []struct {
			path, body string
			code       int
		}{
			{libraryListPath, `{"offset":0,"count":21}`, 40097},
			{libraryListPath, `{"offset":0,"count":0}`, 40097},
			{libraryListPath, `{"offset":-1,"count":5}`, 40097},
			{libraryListPath, `{"count":5}`, 40097},
			{libraryListPath, `{"offset":"x","count":5}`, 40097},
			{listPath, `{"offset":0,"count":21}`, 40097},
			{listPath, `{"offset":99,"count":20}`, 0},
			{libraryGetPath, `{"id":"AT9999"}`, 40097},
			{libraryGetPath, `{}`, 40097},
			{addPath, `{"id":"AT9999","keyword_id_list":[3]}`, 40097},
			{addPath, `{"id":"AT0002","keyword_id_list":[3,99]}`, 40097},
			{addPath, `{"id":"AT0002","keyword_id_list":[3,3]}`, 40097},
			{addPath, `{"id":"AT0002","keyword_id_list":[]}`, 40097},
			{addPath, `{"id":"AT0004","keyword_id_list":[1,2,3,4,5,6,7,8,9,10]}`, 0},
			{addPath, `{"id":"AT0004","keyword_id_list":[1,2,3,4,5,6,7,8,9,10,11]}`, 40097},
			{addPath, `{"id":"AT0002","keyword_id_list":"3"}`, 47001},
			{deletePath, `{"template_id":"nobody's"}`, 40037},
			{deletePath, `{}`, 40037},
			{deletePath, `<xml/>`, 47001},
			{deletePath, ` `, 44002},
			{deletePath, `{"template_id":"` + strings.Repeat("x", 64<<10) + `"}`, 47001},
			{"/cgi-bin/nothing", `{}`, 40066},
		} {
			if a := w.call(c.path, c.body); a.ErrCode != c.code {
				t.Errorf("%s %s: %d %s, want %d", c.path, c.body, a.ErrCode, a.ErrMsg, c.code)
			}
		}
	})
}

func TestManagementAndSendArePOST(t *testing.T) {
	w := overHTTP(t, sandbox.Options{})
	token := w.fetchToken().AccessToken
	for _, path := range []string{libraryListPath, libraryGetPath, addPath, listPath, deletePath, sendPath} {
		a, _ := w.ask("GET", path+"?access_token="+token, "")
		w.refused(43002, a)
		a, _ = w.ask("POST", path+"?access_token="+token, "")
		w.refused(44002, a)
	}
}

func TestTheContentTypeIsIgnoredAndABodyMayComeInChunks(t *testing.T) {
	w := overHTTP(t, sandbox.Options{})
	token := w.fetchToken().AccessToken
	body := struct{ *strings.Reader }{strings.NewReader(`{"offset":0,"count":3}`)} // of unknown length
	res, err := w.client.Post(w.base+libraryListPath+"?access_token="+token, "application/x-www-form-urlencoded", body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.ContentLength < 100 {
		t.Errorf("HTTP %d with %d bytes", res.StatusCode, res.ContentLength)
	}
}

func TestAnAccountHolds25Templates(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	for range 24 {
		w.template()
	}
	last := w.template()
	w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
	w.works(w.call(deletePath, `{"template_id":"`+last+`"}`))
	w.template()
	first, second := w.call(listPath, `{"offset":0,"count":20}`).List, w.call(listPath, `{"offset":20,"count":20}`).List
	if len(first) != 20 || len(second) != 5 {
		t.Errorf("pages of %d and %d", len(first), len(second))
	}
}

func TestARetiredAPIAnswersThatItIs(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	id := w.template()
	w.Retire(true)
	for _, path := range []string{libraryListPath, libraryGetPath, addPath, listPath, deletePath, sendPath} {
		if code := w.call(path, `{}`).ErrCode; !slices.Contains([]int{45109, 48009}, code) {
			t.Errorf("%s: %d", path, code)
		}
	}
	w.Retire(false)
	w.works(w.call(deletePath, `{"template_id":"`+id+`"}`))
}

func TestAnErrmsgEndsInAHintUntil2020AndInARidAfter(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		marks := map[byte]bool{}
		for range 40 {
			hint := w.call(deletePath, `{}`).ErrMsg
			if !regexp.MustCompile(`^invalid template_id hint: \[[\w-]{5}[aA]0\d{7}\]$`).MatchString(hint) {
				t.Fatal(hint)
			}
			marks[hint[len(hint)-10]] = true
		}
		if len(marks) != 2 {
			t.Errorf("only %v", marks)
		}
		w.Advance(2 * 365 * 24 * 3600e9)
		w.token = ""
		rid := w.call(deletePath, `{}`).ErrMsg
		if !regexp.MustCompile(`^invalid template_id rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$`).MatchString(rid) {
			t.Error(rid)
		}
	})
}

// Answers of 2019, of the middle of 2020 and of today, as they were seen.
func TestErrmsgsAreThoseOfTheirTime(t *testing.T) {
	const hint, rid = ` hint: \[[\w-]{5}[aA]\d{8}\]`, ` rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}`
	for day, want := range map[time.Time]string{
		time.Date(2018, 12, 30, 12, 0, 0, 0, time.UTC): `^invalid appsecret` + hint + `$`,
		time.Date(2019, 5, 4, 12, 0, 0, 0, time.UTC):   `^invalid appsecret, view more at http://t\.cn/RAEkdVq` + hint + `$`,
		time.Date(2020, 7, 15, 12, 0, 0, 0, time.UTC):  `^invalid appsecret(` + hint + `)?` + rid + `$`,
		time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC):   `^invalid appsecret` + rid + `$`,
	} {
		w := inProcess(t, sandbox.Options{})
		w.Advance(day.Sub(someday))
		forms := map[bool]bool{}
		for range 40 {
			_, raw, _ := w.request("GET", "/cgi-bin/token?grant_type=client_credential&appid="+sandbox.DefaultAppID+"&secret=x", "")
			var got struct{ ErrMsg string }
			if err := json.Unmarshal([]byte(raw), &got); err != nil || !regexp.MustCompile(want).MatchString(got.ErrMsg) {
				t.Fatalf("in %d: %s", day.Year(), raw)
			}
			forms[strings.Contains(got.ErrMsg, "hint") && strings.Contains(got.ErrMsg, "rid")] = true
		}
		if both := day.Year() == 2020; forms[true] != both || forms[false] == false {
			t.Errorf("in %d: %v", day.Year(), forms)
		}
	}
}

func TestTheRetiredAPIIsUnsupportedToday(t *testing.T) {
	w := inProcess(t, sandbox.Options{})
	w.Advance(8 * 365 * 24 * time.Hour)
	w.token = ""
	w.works(w.call(listPath, `{"offset":0,"count":1}`))
	w.Retire(true)
	for _, path := range []string{addPath, listPath, deletePath, sendPath} {
		if got := w.call(path, `{}`); got.ErrCode != 45103 || !strings.HasPrefix(got.ErrMsg, "This API has been unsupported rid: ") {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func TestAnAppIsAllowedMoreTemplatesThanUsual(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		limit := func(n int) {
			var got map[string]any
			w.control("POST", "/sandbox/limits", fmt.Sprintf(`{"appid":"%s","templates":%d}`, sandbox.DefaultAppID, n), &got)
			if got["templates"] != float64(n) {
				t.Error(got)
			}
		}
		limit(60)
		for range 60 {
			w.template()
		}
		w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
		listed := 0
		for offset := 0; offset < 80; offset += 20 {
			listed += len(w.works(w.call(listPath, fmt.Sprintf(`{"offset":%d,"count":20}`, offset))).List)
		}
		if listed != 60 {
			t.Errorf("%d templates are listed", listed)
		}
		limit(0) // what is there stays
		w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
		if list := w.works(w.call(listPath, `{"offset":40,"count":20}`)).List; len(list) != 20 {
			t.Errorf("%d templates are left on the last page", len(list))
		}
		limit(60)
		w.Reset()
		w.token = ""
		for range 25 {
			w.template()
		}
		w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
	})
}

func TestTheLimitIsOfOneAppAndSurvivesARestart(t *testing.T) {
	w := inProcess(t, sandbox.Options{MaxTemplates: 1})
	w.AddApp("wx00000000sandbox2", "another")
	if err := w.SetTemplateLimit("wx00000000sandbox2", 2); err != nil {
		t.Fatal(err)
	}
	w.template()
	w.refused(45026, w.call(addPath, `{"id":"AT0002","keyword_id_list":[3]}`))

	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	later := inProcess(t, sandbox.Options{MaxTemplates: 1})
	if err := later.Restore(raw); err != nil {
		t.Fatal(err)
	}
	a, _ := later.ask("GET", tokenPath+"?grant_type=client_credential&appid=wx00000000sandbox2&secret=another", "")
	for _, code := range []int{0, 0, 45026} {
		later.refused(code, later.callWith(a.AccessToken, addPath, `{"id":"AT0002","keyword_id_list":[3]}`))
	}
}
