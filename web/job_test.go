package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/wechat/sandbox"
)

// The main job, end to end, by a browser without a script: each step follows a
// link or presses a button that the page before shows.
func TestTheWholeJobIsDoneWithoutAScript(t *testing.T) {
	t.Parallel()
	for lang, text := range map[string]struct{ steps, pages, saved, added, sent, used, next, deleted string }{
		"en": {"The next three things to do", of(1, 20), "The draft is saved", "The template is in the account", "Sent", "This form_id is used up", "Use a fresh form_id", "The template is deleted"},
		"zh": {"接下来做这三件事", fmt.Sprintf("第 1–20 条，共 %d 条", titles), "草稿已保存", "模板已添加到帐号", "已下发", "form_id 的次数已经用完", "换一个没用过的 form_id", "模板已从帐号删除"},
	} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.visitor().speaking(lang)
			home := b.signInAs("operator", password).expect(http.StatusOK, text.steps)
			if home.doc.Find("html").AttrOr("lang", "") != map[string]string{"en": "en", "zh": "zh-CN"}[lang] {
				t.Errorf("%s", home.doc.Find("html").AttrOr("lang", ""))
			}
			library := b.get(home.doc.Find(".steps a").First().AttrOr("href", "")).expect(http.StatusOK, text.pages)
			builder := b.get(library.doc.Find("tbody a.button").First().AttrOr("href", ""))
			if builder.text("h1") != "购买成功通知" {
				t.Fatalf("at %s", builder.path)
			}
			for _, do := range []string{"add:3", "add:4", "add:5", "up:5", "down:3", "remove:4"} {
				builder = b.press(builder, do)
			}
			draft := b.press(builder, "save").expect(http.StatusOK, text.saved)
			template := b.press(reopenDraft(b, draft), "account").expect(http.StatusOK, text.added)
			same(t, template.onCard(), []string{"物品名称=咖啡", "购买地点=TIT造舰厂"})

			preview := b.submit(template, `.actions button[formaction$="/preview"]`, func(form url.Values) {
				form["v"] = []string{"拿铁", "广州"}
				form.Set("e", "1")
				form.Set("page", "pages/order?id=1")
			})
			same(t, preview.onCard(), []string{"物品名称=拿铁", "购买地点=广州"})
			ready := b.submit(preview, "button[value=form]", nil)
			sent := b.submit(ready, "#test-send button.primary", nil).expect(http.StatusOK, text.sent)
			same(t, sent.onCard(), preview.onCard())
			if rightIDOn(sent) != rightIDOn(ready) || sent.doc.Find("#page").AttrOr("value", "") != "pages/order?id=1" {
				t.Error("something typed is gone after sending")
			}
			record := b.get(sent.doc.Find(`a[href^="/sends/"]`).AttrOr("href", "")).expect(http.StatusOK, templateIDOn(template))
			again := b.get(record.doc.Find(`a[href*="again="]`).AttrOr("href", ""))
			must(t, c.sandbox.AddFault(sandbox.Fault{Path: sendPath, ErrCode: new(41029)}))
			b.submit(b.submit(again, "button[value=form]", nil), "#test-send button.primary", nil).
				expect(http.StatusOK, "41029").expect(http.StatusOK, text.used).expect(http.StatusOK, text.next)
			if n := b.get("/sends").doc.Find("main > table tbody tr").Length(); n != 2 {
				t.Errorf("%d sends on record", n)
			}
			phone := b.get(sent.doc.Find(`a[href^="/sandbox?"]`).AttrOr("href", ""))
			same(t, phone.onCard(), []string{"物品名称=拿铁", "购买地点=广州"})
			if phone.doc.Find(".phone .card").Length() != 1 || !strings.Contains(phone.text(".phone"), "进入小程序查看") {
				t.Errorf("%s", phone.text(".phone"))
			}
			remove := b.get(sent.doc.Find("a.danger").AttrOr("href", ""))
			b.submit(remove, "button.danger", func(form url.Values) { form.Set("title", "购买成功通知") }).expect(http.StatusOK, text.deleted)
		})
	}
}

// Whoever drafts and whoever adds are two people.
func TestAProductManagersDraftIsAddedByAnOperator(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	manager, operator := c.as(store.ProductManager), c.as(store.Operator)
	draft := saveDraft(manager, "3")
	if open := reopenDraft(manager, draft); open.has("button[value=account]") {
		t.Error("the product manager is offered to add it")
	}
	list := operator.get("/drafts")
	open := reopenDraft(operator, operator.get(list.doc.Find("tbody a").First().AttrOr("href", "")))
	operator.press(open, "account").expect(http.StatusOK, "The template is in the account")
	manager.get("/drafts/1").expect(http.StatusOK, "Added")
}
