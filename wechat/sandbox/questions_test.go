package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"muban/wechat/sandbox"
)

// sendJSON is a send that works, with more members after its own.
func sendJSON(template, form, more string) string {
	return `{"touser":"` + ming + `","template_id":"` + template + `","form_id":"` + form + `"` + more + `}`
}

func TestANameInAnotherLetterCaseDoesNotOverride(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		if list := w.works(w.call(libraryListPath, `{"offset":0,"count":5,"Offset":7,"COUNT":1}`)).List; len(list) != 5 || list[0].ID != "AT0002" {
			t.Error(list)
		}
		w.works(w.call(libraryGetPath, `{"id":"AT0002","ID":"AT9999"}`))
		id := w.works(w.call(addPath, `{"id":"AT0002","keyword_id_list":[3,5],"Id":[],"Keyword_ID_list":"x"}`)).TemplateID
		more := `,"data":{"keyword1":{"value":"咖啡","color":"#173177","Value":"茶","cOLOR":{}}},` +
			`"ToUser":"nobody","TEMPLATE_ID":"none","Form_ID":"used","Page":"/no","Data":"x","\u212Aeyword":1,"Emphasis_keyword":"keyword1.DATA"`
		w.works(w.call(sendPath, sendJSON(id, w.form(ming), more)))
		if d := w.Messages("", ming)[0]; fmt.Sprint(d.Fields) != "[{购买地点 咖啡 #173177} {物品名称  }]" || d.Page != "" || d.Emphasis != -1 {
			t.Errorf("%+v", d)
		}
		w.works(w.call(deletePath, `{"template_id":"`+id+`","Template_ID":"nobody's"}`))
		token := `{"grant_type":"client_credential","appid":"` + sandbox.DefaultAppID + `","secret":"` + sandbox.DefaultSecret + `","Secret":"x","GRANT_TYPE":""`
		first, _ := w.ask("POST", stableTokenPath, token+`}`)
		again, _ := w.ask("POST", stableTokenPath, token+`,"Force_Refresh":true}`)
		if again.AccessToken != first.AccessToken || w.works(first).AccessToken == "" {
			t.Error("a forced refresh, or no token")
		}
	})
}

func TestANameInAnotherLetterCaseDoesNotCount(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		id, form := w.template(), w.form(ming)
		good := sendJSON(id, form, "")
		for _, c := range []struct {
			path, body string
			code       int
		}{
			{libraryListPath, `{"offset":0,"Count":5}`, 40097},
			{listPath, `{"Offset":0,"count":5}`, 40097},
			{libraryGetPath, `{"ID":"AT0002"}`, 40097},
			{addPath, `{"id":"AT0002","Keyword_id_list":[3]}`, 40097},
			{deletePath, `{"Template_id":"` + id + `"}`, 40037},
			{sendPath, strings.Replace(good, "touser", "toUser", 1), 40003},
			{sendPath, strings.Replace(good, "template_id", "TEMPLATE_ID", 1), 40037},
			{sendPath, strings.Replace(good, "form_id", "Form_id", 1), 41028},
			{sendPath, strings.Replace(good, "form_id", "form_\u0131d", 1), 41028}, // ı without its dot
			{stableTokenPath, `{"Grant_type":"client_credential"}`, 40002},
			{sendPath, good, 0},
		} {
			if a := w.call(c.path, c.body); a.ErrCode != c.code {
				t.Errorf("%s %s: %d %s, want %d", c.path, c.body, a.ErrCode, a.ErrMsg, c.code)
			}
		}
	})
}

func TestJSONMayBeWrittenInAnyWay(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		for _, body := range []string{
			" {\r\n\t\"offset\" : 0 ,\n\"count\" : 3\n} \n",
			`{"more":{"a":[{"}":"\"]}"},[1,[]],"\\"],"count":9},"offset":0,"count":3}`,
			`{"off\u0073et":0,"cou\u006et":"3","":null,"\"count":9,"count\\":9}`,
			`{"offset":true,"count":20,"offset":"0","count":3.0}`,
		} {
			if list := w.works(w.call(libraryListPath, body)).List; len(list) != 3 {
				t.Errorf("%s: %d titles", body, len(list))
			}
		}
		for _, body := range []string{`[]`, `1`, `"{}"`, `{"offset":0,"count":3`, `{"offset":0,"count":3,}`, `{"offset":0,"count":3}}`, `{"a":1 "offset":0}`} {
			w.refused(47001, w.call(libraryListPath, body))
		}
	})
}

func TestWhatIsNotUTF8IsRefusedAndSpendsNothing(t *testing.T) {
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		id, form := w.template(), w.form(ming)
		for _, bad := range []string{"\xbf\xa7\xb7\xc8" /* 咖啡 in GBK */, "\xff", "\xed\xa0\x80", "咖"[:2]} {
			w.refused(47001, w.call(sendPath, sendJSON(id, form, `,"data":{"keyword1":{"value":"`+bad+`"}}`)))
			w.refused(47001, w.call(sendPath, sendJSON(id, form, `,"`+bad+`":1`)))
			for _, path := range []string{libraryListPath, libraryGetPath, addPath, listPath, deletePath, stableTokenPath} {
				w.refused(47001, w.call(path, `{"offset":0,"count":1,"id":"`+bad+`"}`))
			}
		}
		if got := w.Messages("", ming); len(got) != 0 {
			t.Errorf("%v was delivered", got)
		}
		w.works(w.call(sendPath, sendJSON(id, form, `,"data":{"keyword1":{"value":"咖啡\ufffd☕️"}}`)))
	})
}

func TestAByteOrderMarkMayComeBeforeTheJSON(t *testing.T) { // assumed
	each(t, sandbox.Options{}, func(t *testing.T, w *world) {
		const mark = "\ufeff"
		w.works(w.call(sendPath, mark+sendJSON(w.template(), w.form(ming), "")))
		w.refused(44002, w.call(sendPath, mark))
		w.refused(47001, w.call(listPath, mark+mark+`{"offset":0,"count":1}`))
		var right map[string]string
		w.control("POST", "/sandbox/forms", mark+who(ming), &right)
	})
}
