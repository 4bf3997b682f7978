package pages_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

// A title can hold what nobody sees or types, and still be deleted by typing what its
// page shows.
func TestATemplateIsDeletedByTypingWhatItsPageShows(t *testing.T) {
	t.Parallel()
	for i, title := range []string{
		"退款\u202e知通\u202c", "取\u200b件\ufeff提醒", "\u2067x\u2069", "物流\u00a0\u3000提醒", strings.Repeat("很长的标题", 360),
	} {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			c, s := webtest.NewConsole(t), webtest.NewScript(t)
			s.Says(webtest.TemplateList, `{"errcode":0,"errmsg":"ok","list":[{"template_id":"`+webtest.ScriptedID+`","title":"`+title+`","content":"{{keyword1.DATA}}","example":"x"}]}`)
			b := c.Connect(s)
			page := b.Get("/templates/" + webtest.ScriptedID + "/delete")
			label := page.Text(`label[for="title"]`)
			if strings.ContainsAny(label, "\u202e\u202c\u200b\ufeff\u2067\u2069") || len(label) > 1000 {
				t.Fatalf("the page asks %q", label)
			}
			shown := label[strings.Index(label, "“")+len("“") : strings.Index(label, "”")]
			b.Submit(page, "button.danger", func(form url.Values) { form.Set("title", shown+"x") })
			if s.Calls(webtest.TemplateDel) != 0 {
				t.Fatal("something else was typed")
			}
			b.Submit(page, "button.danger", func(form url.Values) { form.Set("title", shown) })
			if s.Calls(webtest.TemplateDel) != 1 || len(c.Activities(store.ActTemplateDelete)) != 1 {
				t.Errorf("%q is shown, and typing it deletes nothing", shown)
			}
		})
	}
}
