package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"muban/store"
	"muban/web/webtest"
)

// shows waits until the card and the way to the code hold a text.
func (b *tab) shows(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector(".card").textContent.includes(%q) && `+codeWith, text))
}

// codeWith is true where the tab of code leads to the text.
const codeWith = `[...new URL(document.querySelector('#tabs a[href*="/code"]').href).searchParams.values()].some(v => v.includes(%[1]q))`

func TestBrowserPreviewsAMessageWhileItIsWritten(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "4", "5")
	b, f := openTab(c, t, store.Operator), newFront(c, t)
	b.base = f.URL
	b.open("/templates/" + id)
	js[bool](b, "window.same = true")
	b.fill("#v-0", "北京")
	b.shows("北京")
	posts, gone := f.seen()
	f.hold()
	b.keys("店")
	f.waitFor(b, posts+1, gone)
	b.keys(kb.ArrowLeft + kb.ArrowLeft)
	f.release()
	b.shows("北京店")
	if at := js[[]any](b, `[document.activeElement.id, document.activeElement.selectionStart, document.activeElement.value]`); fmt.Sprint(at) != "[v-0 1 北京店]" {
		t.Errorf("focus, caret and text are %v", at)
	}
	b.keys(kb.End + "\r二楼")
	b.until(`document.querySelector(".card dd").innerText === "北京店\n二楼"`)

	picker, font := `document.querySelector("[data-colour=c-1]")`, `document.querySelector(".card dl div:nth-child(2) font")`
	b.fill("#c-1", "#07c160")
	b.until(picker + `.value === "#07c160" && ` + font + `?.color === "#07c160"`)
	js[bool](b, picker+`.value = "#b42318", `+picker+`.dispatchEvent(new Event("input", { bubbles: true }))`)
	b.until(`document.querySelector("#c-1").value === "#B42318" && getComputedStyle(` + font + `).color === "rgb(180, 35, 24)"`)
	b.click("#plain")
	b.until(`getComputedStyle(` + font + `).color === "rgb(31, 35, 40)"`)
	b.click(`input[name="e"][value="3"]`)
	b.until(`document.querySelector(".card .emphasis .big")?.innerText === "咖啡" && document.querySelector('#tabs a[href*="/code"]').href.includes("e=3")`)
	b.until(`document.querySelector("#plain").checked`)
	b.fill("#c-1", "")
	b.until(picker + `.value === "#000000" && !document.querySelector(".card font")`)
	b.fill("#page", "pages/index?foo=bar")
	b.until(`document.querySelector(".card").innerText.includes("进入小程序查看") && document.querySelector('#tabs a[href*="/code"]').href.includes("page=pages")`)
	b.keys("\r") // Enter checks, where it would send it
	b.fill("#page", "")
	b.until(`!document.querySelector(".card").innerText.includes("进入小程序查看")`)
	b.until(`new URLSearchParams(location.search).getAll("v")[0].startsWith("北京店") && !location.search.includes("touser")`)
	if !js[bool](b, "window.same") {
		t.Error("the page was loaded anew")
	}
}

func TestBrowserSendsOnceHoweverOftenTheButtonIsPressed(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "4", "5")
	b, f := openTab(c, t, store.Operator), newFront(c, t)
	b.base = f.URL
	b.open("/templates/" + id)
	js[bool](b, "window.same = true")
	b.fill("#v-0", "北京店")
	b.fill("#c-0", "#07C160")
	b.click(`input[name="e"][value="3"]`)
	b.fill("#page", "pages/index?foo=bar")
	b.until(`document.querySelector('#tabs a[href*="/code"]').href.includes("foo%3Dbar")`)
	filled := `["v-0", "c-0", "page", "touser"].map(id => document.getElementById(id).value).join("|") + document.querySelector("[name=e]:checked").value`
	before, at := js[string](b, filled), js[string](b, `window.scrollY + " " + document.querySelector("#v-0").getBoundingClientRect().top`)
	posts, gone := f.seen()
	f.hold()
	js[bool](b, `(() => {
		let presses = 0;
		const again = setInterval(() => {
			document.querySelector("#send-button").click();
			if (++presses === 5) { clearInterval(again); fetch("/healthz"); }
		}, 30);
		return true;
	})()`)
	b.wait("five presses", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.pings == 1
	})
	f.waitFor(b, posts+1, gone)
	f.release()
	b.until(`location.search.includes("send=") && document.querySelector("#went .ok") && document.querySelector(".landed")`)
	js[bool](b, `document.querySelector("#send-button").click(), true`) // the second half of a double click
	b.later()
	if n, sends := c.Calls("/template/send"), len(c.Sends()); n != 1 || sends != 1 {
		t.Errorf("%d calls to WeChat and %d sends on record, want one of each", n, sends)
	}
	if now := js[string](b, filled); now != before {
		t.Errorf("sending changed %q to %q", before, now)
	}
	if now := js[string](b, `window.scrollY + " " + document.querySelector("#v-0").getBoundingClientRect().top`); now != at || !js[bool](b, "window.same") {
		t.Errorf("the page moved from %s to %s, or was loaded anew", at, now)
	}
	if bad := js[int](b, visible("main .bad, main .failed, main .problem, main .primary")); bad != 0 {
		t.Errorf("%d red or green things stand under a message that arrived", bad)
	}
	if got := js[string](b, `document.querySelector("#announce").textContent`); got != b.shown("#went strong") {
		t.Errorf("aloud it says %q", got)
	}
	b.until(`!document.querySelector("#message").dataset.busy`)
	b.click("#send-button") // another one, on purpose
	b.until(`document.querySelectorAll("#recent tbody tr").length === 2`)
	b.follow(`#went a[href^="/sandbox?openid="]`)
	b.until(`document.querySelector(".card .emphasis .big").innerText === "咖啡" && document.querySelector(".card dd").innerText === "北京店" && document.querySelector(".card font").color === "#07C160"`)
}

func TestBrowserCopiesWithTheClipboardAndWithout(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3")
	b := openTab(c, t, store.Operator)
	for _, prepare := range []string{
		`navigator.clipboard.writeText = async (text) => { window.copied = text }`,
		`navigator.clipboard.writeText = async () => { throw new DOMException("no", "NotAllowedError") }`,
		`Object.defineProperty(navigator, "clipboard", { value: undefined })`,
	} {
		b.open("/templates")
		js[bool](b, prepare+`, document.addEventListener("copy", () => { window.copied ??= document.activeElement.value }), true`)
		b.click(".list button[data-copy]")
		b.until(fmt.Sprintf(`window.copied === %q && document.querySelector("#announce").textContent !== ""`, id))
		b.until(`document.activeElement.matches("[data-copy]")`)
	}
}

func TestBrowserDoesTheWholeJobWithoutScripts(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := openTab(c, t, "")
	b.scriptless()
	follow := func(selector string) {
		t.Helper()
		b.follow(selector)
		if n := js[int](b, visible(".with-js")); n != 0 {
			t.Errorf("%d elements that need the script are seen at %s", n, b.where())
		}
	}
	b.open("/library/AT0002")
	b.fill("#name", "operator")
	b.fill("#password", webtest.Password)
	follow("button.primary")
	order := func(ids string) {
		t.Helper()
		b.until(orderNow + fmt.Sprintf(" === %q", ids))
	}
	follow("#chip-3")
	follow("#chip-4")
	follow("#chip-5")
	follow("#up-5")
	order("3,5,4")
	follow("#down-3")
	order("5,3,4")
	follow("#emphasis-4")
	b.until(`document.querySelector(".card .emphasis .name").textContent === "购买时间"`)
	follow("#remove-3")
	order("5,4")
	b.fill("#q", "地点")
	follow(`button[value="filter"]`)
	b.until(visible("#chips button") + " === 1")
	b.fill("#q", "")
	follow(`button[value="filter"]`)
	follow(`button[value="save"]`)
	b.until(`location.pathname === "/drafts/1"`)
	follow(`a[href^="/library/AT0002?"]`)
	follow(`button[value="account"]`)
	b.until(`location.search === "?done=template_added"`)
	b.fill("#v-0", "抹茶")
	b.fill("#c-0", "#07C160")
	b.click(`input[name="e"][value="2"]`)
	follow(`button.without-js`)
	b.until(`document.querySelector(".card font").textContent === "抹茶" && document.querySelector('#tabs a[href*="/code"]').href.includes("e=2")`)
	b.do(chromedp.DoubleClick(chromedp.CSS("#send-button")))
	b.until(`location.search.includes("send=") && document.querySelector("#went .ok") && document.querySelector("#v-0").value === "抹茶"`)
	if n, sends := c.Calls("/template/send"), len(c.Sends()); n != 1 || sends != 1 {
		t.Errorf("%d calls to WeChat and %d sends on record, want one of each", n, sends)
	}
	follow(`a[href^="/sandbox?openid="]`)
	b.until(`document.querySelector(".card font").textContent === "抹茶"`)
	b.open("/drafts/new")
	b.fill("#title", "取货")
	follow(`button.without-js[value="check"]`)
	b.until(`document.querySelector("#title").value === "取货" && document.querySelector("#preview .finding.error")`)
}

func TestBrowserKeepsHostileTextHarmless(t *testing.T) {
	t.Parallel()
	const script, image, colour = `</textarea></pre><script>hacked=1</script>`, `"><img src=x onerror=hacked=1>`, `#"><scr`
	c := webtest.NewConsole(t)
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "4", "5")
	b := openTab(c, t, store.Administrator)
	b.expect("status of 422")
	b.open("/templates/" + id)
	b.fill("#v-0", script)
	b.fill("#v-1", image)
	b.fill("#c-0", colour)
	b.fill("#page", "javascript:hacked=1")
	b.click(".which summary")
	b.fill("#form_id", image+"last")
	b.until(`document.querySelector(".card dd").innerText.includes("<script>") && document.querySelector("#right-state").textContent.includes("onerror")`)
	b.click("#send-button") // refused for the colour
	b.until(`document.querySelector("#went .banner.bad") && document.querySelector("#c-0").value === '#"><scr'`)
	b.fill("#c-0", "")
	b.fill("#page", "")
	b.fill("#form_id", "unheard-of")
	b.until(`document.querySelector("#right-state").textContent.includes("unheard-of") && !document.querySelector("#message").dataset.busy`)
	b.click("#send-button") // refused by WeChat
	b.until(`document.querySelector("#went .bad code")`)
	b.follow(`#went a[href^="/sends/"]:not([href*="/rids/"])`)
	b.until(`document.querySelector(".card dd").innerText.includes("<script>")`)

	b.open("/drafts/new")
	b.fill("#title", image)
	b.fill(`.pairs li:first-child [name="name"]`, script)
	b.fill(`.pairs li:first-child [name="example"]`, image)
	b.follow(`button[value="save"]`)
	b.until(`document.querySelector("h1").innerText.includes("onerror")`)
	for _, path := range []string{"/drafts", "/drafts?q=" + image, "/sends?openid=" + image, "/library/AT0002?q=" + image, "/templates/" + id + "?v=" + image + "&c=" + colour[1:], "/sandbox?openid=" + image, "/library?offset=" + image} {
		b.open(strings.ReplaceAll(strings.ReplaceAll(path, " ", "%20"), `"`, "%22"))
	}
	b.open("/settings/apps")
	b.fill("#name", image)
	b.fill("#appid", `wx"><script>x`)
	b.follow(".panel .primary")
	b.until(`document.querySelector("#name").value.includes("onerror") && document.querySelector(".problem")`)
	if js[bool](b, `"hacked" in window`) {
		t.Error("a hostile text ran")
	}
}
