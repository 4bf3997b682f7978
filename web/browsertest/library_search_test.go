package browsertest_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"muban/store"
	"muban/web/webtest"
)

// firstTitle waits until the list begins with a title.
func (b *tab) firstTitle(id string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector(".titles tbody code")?.textContent.trim() === %q`, id))
}

const asked = `performance.getEntriesByType("resource").filter(e => e.name.includes("/library?")).length`

func TestBrowserSearchesTheLibraryAsOneTypes(t *testing.T) {
	t.Parallel()
	c, _ := webtest.Journeyed(t)
	b := openTab(c, t, store.Operator)
	b.open("/library?sort=id")
	js[bool](b, `window.same = true`)
	b.click("#q")
	b.compose("q", "qu", "qujing")
	b.later()
	if n := js[int](b, asked); n != 0 {
		t.Errorf("%d requests while the input method was composing", n)
	}
	b.commit("取经")
	b.firstTitle("AT9901")
	b.until(`new URLSearchParams(location.search).get("q") === "取经" && location.search.includes("sort=id")`)
	b.until(`document.querySelector("#peek .card .title").textContent === "取经成功提醒" && document.querySelector("#announce").textContent !== ""`)
	b.fill("#q", "zzzzqqqq")
	b.until(`document.querySelector("#found .empty") && document.querySelector("#peek").hidden`)
	b.fill("#q", "tgwd")
	b.firstTitle("AT9902")
	b.until(`window.same && document.activeElement.id === "q" && !document.querySelector("#peek").hidden`)
}

// An answer that comes after that of a later question would put the wrong list there.
func TestBrowserDropsTheAnswersOfEarlierSearches(t *testing.T) {
	t.Parallel()
	c, _ := webtest.Journeyed(t)
	b := openTab(c, t, store.Operator)
	b.open("/library")
	// The first answer is kept back until the second one is shown, though it was given up.
	js[bool](b, `(() => {
		const real = window.fetch; window.asked = 0;
		window.first = new Promise(go => window.letFirst = go);
		window.fetch = async (url, o) => { const late = window.asked++ === 0; const answer = await real(url, { ...o, signal: undefined }); if (late) await window.first; return answer; };
		return true;
	})()`)
	b.click("#q")
	b.keys("取经")
	b.until(`window.asked === 1`)
	b.fill("#q", "文牒")
	b.firstTitle("AT9902")
	js[bool](b, `window.letFirst(), new Promise(done => setTimeout(done, 50, true))`)
	b.firstTitle("AT9902")
	b.until(`new URLSearchParams(location.search).get("q") === "文牒"`)
}

func TestBrowserPreviewsTheRowWithTheFocusAndComesBackToIt(t *testing.T) {
	t.Parallel()
	c, _ := webtest.Journeyed(t)
	b := openTab(c, t, store.Operator)
	b.open("/library?q=通知&offset=20")
	third := js[string](b, `document.querySelectorAll(".titles tbody code")[2].textContent.trim()`)
	js[bool](b, `document.querySelectorAll(".titles .go")[1].focus(), true`)
	b.keys(kb.Tab)
	b.until(fmt.Sprintf(`document.querySelector("#peek header code").textContent === %q && document.querySelector("tr.on code").textContent.trim() === %q`, third, third))
	b.until(fmt.Sprintf(`document.activeElement.matches(".go") && new URLSearchParams(location.search).get("peek") === %q && location.search.includes("offset=20")`, third))
	b.follow("#peek .primary")
	b.until(fmt.Sprintf(`location.pathname === "/library/%s"`, third))
	b.follow(".crumbs a")
	b.until(fmt.Sprintf(`location.search.includes("offset=20") && document.querySelector("tr.on code").textContent.trim() === %q`, third))
	b.until(`(() => { const at = document.querySelector("tr.on").getBoundingClientRect(); return at.top > 48 && at.bottom < innerHeight })()`)
}
