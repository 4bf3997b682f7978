package browsertest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/values"
)

// The script counts a value as the server does, whatever is in it, before the server has answered.
func TestBrowserCountsAValueAsTheServerDoes(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "250", []int{20, 17, 52, 5, 14}, "取餐提醒")
	webtest.Must(t, err)
	keys := []string{"thing", "name", "number", "amount", "date"}
	f := newFront(c, t)
	b := openTab(c, t, store.Operator)
	b.base = f.URL
	b.cookie("muban", c.As(store.Operator).Session())
	for _, value := range []string{
		"燕麦拿铁", "👨‍👩‍👧 e\u0301 🇨🇳 👍🏽", "𠮷野家ＡＢＣ１２", "한국어 \u1112\u1161\u11ab", "a\nb", "¥1,234.56元", "12.5", ".5", "Zhang San", "", strings.Repeat("字", 21),
	} {
		b.open("/templates/" + id)
		f.hold()
		for i, typ := range keys {
			js[bool](b, fmt.Sprintf(`(() => { const v = document.getElementById("v-%d"); v.focus(); v.select(); document.execCommand(%q ? "insertText" : "delete", false, %q); return true })()`, i, value, value))
			n, limit := values.Count(typ, value)
			want := ""
			if limit > 0 {
				want = fmt.Sprintf("%d / %d", n, limit)
			}
			got := b.shown(fmt.Sprintf("#count-%d", i))
			if typ == "name" { // the server tells which of the two limits it is
				got, _, _ = strings.Cut(got, "/")
				want, _, _ = strings.Cut(want, "/")
			}
			if got != want {
				t.Errorf("%s %q: the script counts %q, the server %q", typ, value, got, want)
			}
		}
		f.release()
		n, limit := values.Count("name", value)
		b.until(fmt.Sprintf(`document.getElementById("count-1").textContent === "%d / %d"`, n, limit))
	}
}

// The suggestion is put into the field by a press, and taken out again by Ctrl-Z.
func TestBrowserShortensAValueAtAPressAndTakesItBack(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id, err := c.Elsewhere(c.App()).AddSubscribeTemplate(t.Context(), "250", []int{20, 52}, "取餐提醒")
	webtest.Must(t, err)
	long := strings.Repeat("字", 19) + "👍🏽末"
	b := openTab(c, t, store.Operator)
	b.open("/templates/" + id + "?" + url.Values{"v": {long, "32"}}.Encode())
	if got := b.shown("#count-0"); got != "22 / 20" {
		t.Fatal(got)
	}
	b.click("#mend-0")
	b.until(fmt.Sprintf(`document.getElementById("v-0").value === %q && document.activeElement.id === "v-0"`, strings.Repeat("字", 19)))
	b.until(`document.getElementById("count-0").textContent === "19 / 20" && !document.querySelector("#mend-0") && !document.querySelector("#send-button[aria-disabled]")`)
	b.keys("z", chromedp.ModifierCtrl)
	b.until(fmt.Sprintf(`document.getElementById("v-0").value === %q && document.querySelector("#mend-0")`, long))
	js[bool](b, `document.getElementById("mend-0").focus(), true`)
	b.keys("\r")
	b.until(`document.getElementById("count-0").textContent === "19 / 20"`)
	b.open("/templates/" + id)
	b.until(`document.getElementById("v-0").value.length === 19`) // what was typed is kept, as it was mended
}
