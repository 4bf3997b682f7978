package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// The main job, end to end, by a browser without a script: each step follows a
// link or presses a button that the page before shows.
func TestTheWholeJobIsDoneWithoutAScript(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			c := webtest.NewConsole(t)
			b := c.Visitor().Speaking(lang)
			home := b.SignInAs("operator", webtest.Password).Expect(http.StatusOK, "overview.steps")
			if home.Doc.Find("html").AttrOr("lang", "") != map[string]string{"en": "en", "zh": "zh-CN"}[lang] {
				t.Errorf("%s", home.Doc.Find("html").AttrOr("lang", ""))
			}
			library := b.Get(home.Doc.Find(".steps a").First().AttrOr("href", "")).Tells(http.StatusOK, webtest.Of(1, 20))
			builder := b.Get(library.Doc.Find("tbody a.go").First().AttrOr("href", ""))
			if !strings.HasPrefix(builder.Text("h1"), "购买成功通知") {
				t.Fatalf("at %s", builder.Path)
			}
			for _, do := range []string{"add:3", "add:4", "add:5", "up:5", "down:3", "remove:4"} {
				builder = b.Press(builder, do)
			}
			draft := b.Press(builder, "save").Expect(http.StatusOK, "done.draft_saved")
			template := b.Press(reopenDraft(b, draft), "account").Expect(http.StatusOK, "done.template_added")
			webtest.Same(t, template.OnCard(), []string{"物品名称=咖啡", "购买地点=TIT造舰厂"})

			preview := b.Submit(template, `#message button[formaction$="/preview"]`, func(form url.Values) {
				form["v"] = []string{"拿铁", "广州"}
				form.Set("e", "1")
				form.Set("page", "pages/order?id=1")
			})
			webtest.Same(t, preview.OnCard(), []string{"物品名称=拿铁", "购买地点=广州"})
			sent := b.Submit(preview, webtest.SendButton, nil).Expect(http.StatusOK, "outcome.sent")
			webtest.Same(t, sent.OnCard(), preview.OnCard())
			if sent.Doc.Find("#page").AttrOr("value", "") != "pages/order?id=1" {
				t.Error("something typed is gone after sending")
			}
			record := b.Get(sent.Doc.Find(`a[href^="/sends/"]`).AttrOr("href", "")).Shows(http.StatusOK, templateIDOn(template))
			again := b.Get(record.Doc.Find(`a[href*="again="]`).AttrOr("href", ""))
			webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, ErrCode: new(41029)}))
			b.Submit(again, webtest.SendButton, nil).
				Shows(http.StatusOK, "41029").Expect(http.StatusOK, "errcode.41029.cause").Expect(http.StatusOK, "errcode.41029.next")
			if n := b.Get("/sends").Doc.Find(`main a.go[href^="/sends/"]`).Length(); n != 2 {
				t.Errorf("%d sends on record", n)
			}
			phone := b.Get(sent.Doc.Find(`a[href^="/sandbox?"]`).AttrOr("href", ""))
			webtest.Same(t, phone.OnCard(), []string{"物品名称=拿铁", "购买地点=广州"})
			if phone.Doc.Find(".device .card").Length() != 1 {
				t.Errorf("%s", phone.Text(".device"))
			}
			opened := b.Get(phone.Doc.Find(".card a").AttrOr("href", ""))
			if opened.Text(".path") != "pages/order" || opened.Text(".mini tbody tr:first-child") != "id1" {
				t.Errorf("a tap opens %s", opened.Text(".mini"))
			}
			remove := b.Get(sent.Doc.Find("a.danger").AttrOr("href", ""))
			b.Submit(remove, "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") }).Expect(http.StatusOK, "done.template_deleted")
		})
	}
}

// One person writes the draft, another adds it to the account.
func TestAProductManagersDraftIsAddedByAnOperator(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	manager, operator := c.As(store.ProductManager), c.As(store.Operator)
	draft := saveDraft(manager, "3")
	if open := reopenDraft(manager, draft); open.Has("button[value=account]") {
		t.Error("the product manager is offered to add it")
	}
	list := operator.Get("/drafts")
	open := reopenDraft(operator, operator.Get(list.Doc.Find("tbody a").First().AttrOr("href", "")))
	operator.Press(open, "account").Expect(http.StatusOK, "done.template_added")
	manager.Get("/drafts/1").Expect(http.StatusOK, "state.added")
}
