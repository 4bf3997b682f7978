package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"muban/store"
	"muban/web/webtest"
)

const orderNow = `[...document.querySelectorAll("#order .rows li")].map(li => li.dataset.id).join()`

// ordered waits until the builder, its card and its address show the keywords in
// this order.
func (b *tab) ordered(ids string) {
	b.t.Helper()
	b.until(orderNow + fmt.Sprintf(` === %q`, ids))
	b.until(fmt.Sprintf(`new URLSearchParams(location.search).getAll("k").join() === %q`, ids))
	b.until(`[...document.querySelectorAll("#order .rows strong")].map(e => e.textContent).join() ===
		[...document.querySelectorAll(".card dt, .card .emphasis .name")].map(e => e.textContent).join()`)
}

func TestBrowserCombinesSavesAndAddsWithoutReloading(t *testing.T) {
	t.Parallel()
	b := openTab(webtest.NewConsole(t), t, store.Operator)
	b.open("/")
	b.follow(`.side a[href$="/library"]`)
	b.follow(`a[href$="/library/AT0002"]`)
	js[bool](b, "window.same = true")
	for i, id := range []string{"3", "4", "5"} {
		b.click("#chip-" + id)
		b.ordered(strings.Join([]string{"3", "4", "5"}[:i+1], ","))
		b.until(fmt.Sprintf(`document.activeElement.id === "chip-%s" && document.activeElement.getAttribute("aria-pressed") === "true"`, id))
	}
	b.until(`document.querySelector("#preview .sum.ok")?.textContent.trim() === document.querySelector("#announce").textContent`)
	b.click("#up-5")
	b.ordered("3,5,4")
	b.keys(kb.ArrowUp, chromedp.ModifierAlt)
	b.ordered("5,3,4")
	b.until(`document.activeElement.closest("li").dataset.id === "5"`)
	b.keys(kb.ArrowDown, chromedp.ModifierAlt)
	b.ordered("3,5,4")
	b.until(`document.activeElement.id === "down-5"`)
	b.drag("4", "3")
	b.ordered("4,3,5")
	b.click("#emphasis-4")
	b.until(`document.querySelector(".card .emphasis .name")?.textContent === "购买时间" && location.search.includes("e=1")`)
	b.click("#chip-3")
	b.ordered("4,5")
	if !js[bool](b, "window.same") {
		t.Error("the page was loaded anew")
	}
	b.follow(`button[value="save"]`)
	b.until(`location.pathname === "/drafts/1" && document.querySelector(".banner.ok")`)
	b.follow(`a[href^="/library/AT0002?"]`)
	b.ordered("4,5")
	b.follow(`button[value="account"]`)
	b.until(`location.pathname.startsWith("/templates/") && location.search === "?done=template_added"`)
}

func TestBrowserLosesNoClickWhileAnswersAreLate(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, f := openTab(c, t, store.ProductManager), newFront(c, t)
	b.base = f.URL
	b.open("/library/AT0009?k=1&k=2&k=3")
	f.hold()
	b.click("#chip-4")
	b.click("#chip-5")
	b.click("#down-1")
	b.keys(kb.ArrowDown, chromedp.ModifierAlt)
	b.keys(kb.ArrowDown, chromedp.ModifierAlt)
	f.release()
	b.ordered("2,3,4,1,5")
	b.until(`document.activeElement.id === "down-1"`)
}

func TestBrowserFallsBackToPlainPostsWhenAnActFails(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := openTab(c, t, store.ProductManager)
	b.expect("console.error", "Failed to fetch", "ERR_FAILED", "status of")
	b.open("/library/AT0009?k=1&k=2&k=3")
	js[bool](b, `window.fetch = () => Promise.reject(new TypeError("no network")), true`)
	b.drag("1", "3")
	b.until(`!window.same && ` + orderNow + ` === "2,3,1"`)
}

func TestBrowserFiltersKeywordsAndKeepsThemAll(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, f := openTab(c, t, store.ProductManager), newFront(c, t)
	b.base = f.URL
	b.open("/library/AT0009")
	all := js[int](b, `document.querySelectorAll("#chips button").length`)
	shown := `[...document.querySelectorAll("#chips button")].filter(e => e.checkVisibility()).length`
	b.open("/library/AT0009?q=发票")
	b.until(shown + " === 2")
	b.fill("#q", "")
	b.until(fmt.Sprintf("%s === %d", shown, all))
	js[bool](b, `document.activeElement.blur(), true`)
	b.keys("//") // the palette, and from it the page's own search
	b.until(`document.activeElement.id === "q"`)
	posts, _ := f.seen()
	b.compose("fa", "fapiao")
	b.later()
	f.waitFor(b, posts, 0) // letters on their way to 发票 ask for nothing
	b.until(fmt.Sprintf("%s === %d", shown, all))
	b.commit("发票")
	b.until(shown + " === 2")
	b.keys("\r")
	b.until(shown + " === 2")
	b.click("#chip-48")
	b.ordered("48")
	b.until(shown + ` === 2 && document.querySelector("#q").value === "发票" && location.search.includes("q=")`)
	b.fill("#q", "fpmc") // as it sounds
	b.until(shown + ` > 0 && document.querySelector("#chips mark")`)
	b.fill("#q", "没有这样的关键词")
	b.until(shown + ` === 0 && document.querySelector("#chips").innerText.trim() !== ""`)
	b.fill("#q", "")
	b.until(fmt.Sprintf("%s === %d", shown, all))
}

func TestBrowserUndoesByButtonAndKey(t *testing.T) {
	t.Parallel()
	b := openTab(webtest.NewConsole(t), t, store.ProductManager)
	b.open("/library/AT0009?k=1&k=2&k=3")
	b.click("#remove-2")
	b.ordered("1,3")
	b.until(`document.activeElement.id === "remove-3"`) // the row that took the place
	b.keys("\r")
	b.ordered("1")
	b.until(`document.activeElement.id === "remove-1"`)
	b.keys("\r")
	b.until(orderNow + ` === "" && document.activeElement.id === "chip-1"`)
	b.keys("z", chromedp.ModifierCtrl)
	b.ordered("1")
	b.click("#q")
	b.keys("z", chromedp.ModifierCtrl) // the field's own undo
	b.later()
	b.ordered("1")
	b.click("#acts-undo")
	b.ordered("1,3")
	b.click("#acts-undo")
	b.ordered("1,2,3")
	b.until(`document.querySelector("#acts-undo").disabled`)
}

// What is dragged is seen where it would be: a row, or a keyword from the library.
func TestBrowserDragsRowsAndKeywords(t *testing.T) {
	t.Parallel()
	b := openTab(webtest.NewConsole(t), t, store.ProductManager)
	b.open("/library/AT0009?k=1&k=2&k=3")
	b.drag("1", "3")
	b.ordered("2,3,1")
	b.drag("1", "2")
	b.ordered("1,2,3")
	drop := b.carry("#chip-4", `#order li[data-id="2"]`, 0.25)
	b.until(`[...document.querySelectorAll("#order .rows li")].findIndex(li => li.matches(".held:not([data-id])")) === 1`)
	drop()
	b.ordered("1,4,2,3")
	drop = b.carry("#chip-5", "#preview .card", 0.5) // beside the list: nothing
	b.until(`!document.querySelector("#order .held")`)
	drop()
	b.open("/library/AT0009")
	b.carry("#chip-5", "#order .ghost", 0.5)()
	b.ordered("5")
}

func TestBrowserOpensARuleInADialogAndKeepsTheFocusInIt(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := openTab(c, t, store.ProductManager)
	b.open("/library/AT0009?k=1&k=5")
	b.click(`.says a[href="#rule-2-2"]`)
	b.until(`document.querySelector("#rule-2-2").matches(":modal") && document.activeElement.closest("#rule-2-2")`)
	for range 4 { // the page behind is out of reach; the browser's own bar is not
		b.keys(kb.Tab)
		b.until(`document.activeElement === document.body || document.activeElement.closest("#rule-2-2")`)
	}
	b.keys(kb.Escape)
	b.until(`!document.querySelector("#rule-2-2").open && document.activeElement.matches('.says a[href="#rule-2-2"]') && location.hash === ""`)
	b.keys("\r")
	b.until(`document.querySelector("#rule-2-2").open`)
	b.click("#rule-2-2 [data-close]")
	b.until(`!document.querySelector("#rule-2-2").open`)

	plain := openTab(c, t, store.ProductManager)
	plain.scriptless()
	plain.open("/library/AT0009?k=1&k=5")
	plain.click(`.says a[href="#rule-2-2"]`)
	plain.until(visible("#rule-2-2 blockquote") + ` === 1`)
	plain.click("#rule-2-2 [data-close]")
	plain.until(visible("#rule-2-2 blockquote") + ` === 0`)
}

func TestBrowserAsksBeforeUnsavedWorkIsLeft(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for _, form := range []struct{ path, act, save string }{
		{"/library/AT0002", "#chip-3", `button[value="save"]`},
		{"/drafts/new", "#title", `button[value="save"]`},
	} {
		b := openTab(c, t, store.ProductManager)
		dialogs := b.dialogs()
		b.open(form.path)
		b.follow(`.side a[href$="/drafts"]`) // nothing is changed: nothing is asked
		b.open(form.path)
		b.click(form.act)
		if form.act == "#title" {
			b.keys("取货提醒")
			b.until(`document.querySelector(".card .title").textContent === "取货提醒"`)
		} else {
			b.ordered("3")
		}
		b.click(`.side a[href$="/sends"], .side a[href$="/templates"]`)
		b.asked(dialogs, form.path)
		b.until(fmt.Sprintf(`location.pathname === %q`, form.path))
		if form.act == "#title" {
			b.until(`document.querySelector("#title").value === "取货提醒"`)
		}
		b.follow(form.save)
		b.until(`location.pathname.startsWith("/drafts/") && document.querySelector(".banner.ok")`)
	}
}

// asked waits for the question whether the page is to be left.
func (b *tab) asked(dialogs <-chan cdppage.DialogType, path string) {
	b.t.Helper()
	select {
	case kind := <-dialogs:
		if kind != cdppage.DialogTypeBeforeunload {
			b.t.Errorf("a dialog of type %s", kind)
		}
	case <-time.After(webtest.Patience):
		b.t.Fatalf("%s was left without a question", path)
	}
}

// A page that a refused save drew holds what is nowhere else, as does every form that
// somebody has written in.
func TestBrowserAsksBeforeARefusedSaveOrAHalfWrittenFormIsLeft(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.As(store.Operator).Post("/library/AT0002", map[string][]string{"k": {"3"}, "do": {"save"}})
	for _, form := range []struct {
		path, field string
		refused     string // the button whose press is refused; "" for none
	}{
		{"/drafts/new", "#title", `#preview button[data-apply]`},                    // takes a suggestion over, and saves nothing
		{"/library/AT0002?k=3&draft=1&version=9", "", `#acts button[value="save"]`}, // somebody else was there
		{"/settings/people", "form.stack input[type=text], form.stack input:not([type])", ""},
		{"/templates/import", "textarea", ""},
		{"/compliance", "#template", ""},
	} {
		b := openTab(c, t, store.Administrator)
		dialogs := b.dialogs()
		b.open(form.path)
		if form.field != "" {
			b.click(form.field)
			b.keys("取货")
		}
		if form.refused != "" {
			b.expect("422", "409")
			b.until(fmt.Sprintf(`document.querySelector(%q)`, form.refused))
			js[bool](b, `window.stays = true`)
			b.click(form.refused)
			b.until(`!window.stays && document.querySelector("form[data-guard][data-dirty]")`)
		}
		b.click(`.side a[href$="/sends"]`)
		b.asked(dialogs, form.path)
	}
}

func TestBrowserChecksAProposalWhileItIsWritten(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, f := openTab(c, t, store.ProductManager), newFront(c, t)
	b.base = f.URL
	b.open("/drafts/new")
	b.click("#title")
	b.compose("q", "qu", "quhuo")
	b.later()
	f.waitFor(b, 0, 0)
	b.commit("取货")
	b.until(`document.querySelector(".card .title").textContent === "取货"`)
	f.waitFor(b, 1, 0)
	b.until(`document.querySelector("#preview .finding.error") && document.querySelector("#announce").textContent !== ""`)

	f.hold() // the answer to 提醒 is late; meanwhile the hand has moved on
	b.keys("提醒")
	f.waitFor(b, 2, 0)
	b.keys("1")
	f.waitFor(b, 3, 1)
	b.keys(kb.ArrowLeft + kb.ArrowLeft)
	f.release()
	b.until(`document.querySelector(".card .title").textContent === "取货提醒1"`)
	if at := js[[]any](b, `[document.activeElement.id, document.activeElement.selectionStart, document.activeElement.value]`); fmt.Sprint(at) != "[title 3 取货提醒1]" {
		t.Errorf("focus, caret and text are %v", at)
	}
	b.keys("\r") // Enter checks; it does not leave the page, nor save
	f.waitFor(b, 4, 1)
	b.until(`location.pathname === "/drafts/new" && document.activeElement.id === "title" && document.querySelector("form[data-dirty]")`)
	js[bool](b, `window.same = true`)
	b.keys(kb.End + "\b")
	b.until(`window.same && document.querySelector(".card .title").textContent === "取货提醒"`)
}

// A subscribe title is checked by its own rules: the type that is chosen decides whether the example fits, and the
// scene description is counted while its field keeps the caret.
func TestBrowserChecksTheTypesAndTheSceneOfASubscribeProposal(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := openTab(c, t, store.ProductManager)
	b.open("/drafts/new")
	b.follow(`.tabs a[href$="kind=subscribe"]`)
	b.fill("#title", "取餐码到店提醒")
	b.fill("#name-0", "取餐码")
	b.fill("#example-0", "A032")
	finding := func(rule, place string) string {
		return `[...document.querySelectorAll("#preview .finding")].some((f) => f.querySelector("a.rule").hash === "#rule-` +
			rule + `" && f.querySelector("a.there").hash === "#` + place + `")`
	}
	b.until(finding("sub-type", "place-keywords-0"))
	choose := func(value string) {
		js[bool](b, `(() => { const s = document.querySelector("#type-0"); s.value = "`+value+`"; s.dispatchEvent(new Event("input", { bubbles: true })); return true })()`)
	}
	choose("number")
	b.until(finding("sub-example", "place-keywords-0") + ` && !` + finding("sub-type", "place-keywords-0"))
	choose("character_string")
	b.until(`!` + finding("sub-example", "place-keywords-0"))
	b.fill("#scenario", "门店出餐以后通知用户到吧台取餐吧")
	b.until(`document.querySelector("#scene-count .bad-text") && ` + finding("sub-scene", "place-scenario"))
	b.keys(kb.Backspace)
	b.until(`!document.querySelector("#scene-count .bad-text") && document.activeElement.id === "scenario" && !` + finding("sub-scene", "place-scenario"))
	b.click(`button[value="save"]`)
	b.until(`/^\/drafts\/\d+$/.test(location.pathname) && document.querySelectorAll(".paper .type").length === 1`)
}
