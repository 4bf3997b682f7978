package browsertest_test

import (
	"fmt"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// openPalette opens it by Ctrl-K and waits for its first list.
func (b *tab) openPalette() {
	b.t.Helper()
	b.keys("k", chromedp.ModifierCtrl)
	b.until(`document.querySelector("#palette").open && document.querySelector("#palette-list [role=option]")`)
}

// chosen is the text of the choice that Enter would take, once there is one like it.
func (b *tab) chosen(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.textContent.includes(%q)`, text))
}

func TestBrowserGoesAnywhereByThePalette(t *testing.T) {
	t.Parallel()
	c, _ := webtest.Journeyed(t)
	b := openTab(c, t, store.Operator)
	b.open("/drafts")
	b.fill("#q", "x") // also while something is typed elsewhere
	b.openPalette()
	b.until(`document.activeElement.id === "palette-q" && document.activeElement.ariaExpanded === "true"`)
	b.chosen("Overview")
	b.keys(kb.ArrowDown)
	b.chosen("Template library")
	b.keys(kb.ArrowUp + kb.ArrowUp) // round to the last
	b.chosen(webtest.Catalogue(t, "en")["find.do_ask"]["other"])
	b.keys("qjcg")
	b.chosen("取经成功提醒")
	b.keys(kb.Escape)
	b.until(`!document.querySelector("#palette").open && document.activeElement.id === "q"`)
	b.openPalette()
	b.keys("tgwd\r") // over what was looked for before; Enter before the answer has come waits for it
	b.until(`location.pathname === "/library/AT9902" && document.readyState === "complete"`)

	b.click("#find")
	b.until(`document.querySelector("#palette").open`)
	b.keys("zzzzqqqq")
	b.until(`document.querySelector("#palette-said").textContent.includes("0 found")`)
	b.keys("\r")
	b.until(`location.pathname + location.search === "/find?q=zzzzqqqq"`)
}

func TestBrowsersPaletteWaitsForTheInputMethod(t *testing.T) {
	t.Parallel()
	c, _ := webtest.Journeyed(t)
	b := openTab(c, t, store.Operator)
	b.open("/")
	b.openPalette()
	b.until(`performance.getEntriesByType("resource").some(e => e.name.includes("/find"))`) // it is counted a moment after its answer is shown
	const asked = `performance.getEntriesByType("resource").filter(e => e.name.includes("/find")).length`
	before := js[int](b, asked)
	b.compose("q", "qu", "qujing")
	b.later()
	if after := js[int](b, asked); after != before {
		t.Errorf("%d requests while the input method was composing", after-before)
	}
	b.commit("取经")
	b.chosen("取经成功提醒")
	b.keys("\r")
	b.until(`location.pathname === "/library/AT9901"`)
}

func TestBrowserFollowsASyncToItsEnd(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	b := openTab(c, t, store.Operator)
	b.open("/library")
	b.follow(`main button[value="start"]`)
	b.until(`document.querySelector("#sync-line[data-poll] progress")`)
	b.follow("#sync-line a")
	b.until(`document.querySelector("#sync-state[data-poll] progress")`)
	js[bool](b, `document.querySelector("#sync-cancel").focus(), true`)
	c.Running()
	b.until(`document.querySelector("#sync-state:not([data-poll])") && document.querySelector("#sync-history table")`)
	b.until(`document.querySelector("#announce").textContent === "Complete"`)
	quiet := `performance.getEntriesByType("resource").filter(e => e.name.endsWith("/library/sync")).length`
	asked := js[int](b, quiet)
	js[bool](b, `new Promise(done => setTimeout(done, 1500, true))`)
	if again := js[int](b, quiet); again != asked {
		t.Errorf("the page still asks: %d times more", again-asked)
	}
}

func TestBrowserFindsNothingToMendOnTheMirrorsPages(t *testing.T) {
	source := axeSource(t)
	c, operator := webtest.Journeyed(t)
	webtest.Must(t, c.Sandbox.EditLibrary(sandbox.LibraryEdit{Remove: []string{"AT9902"}, Rename: map[string]string{"AT9901": "取经圆满提醒"}}))
	operator.Sync()
	operator.Post("/library/AT9901", map[string][]string{"k": {"1"}, "do": {"save"}})
	resting, waiting := webtest.NewConsoleWith(t, webtest.Hasty), webtest.NewConsole(t)
	for _, one := range []*webtest.Console{resting, waiting} {
		webtest.Must(t, one.Sandbox.AddFault(sandbox.Fault{Path: webtest.LibraryGet, Times: 9, ErrCode: new(45009)}))
		one.As(store.Operator).Post("/library/sync", map[string][]string{"do": {"start"}})
	}
	resting.Running()
	resting.As(store.Operator).AwaitSync("resting", func(p *webtest.Page) bool { return p.Has("#sync-trouble time") })
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			b := openTab(c, t, store.Operator)
			b.expect("status of 422", "status of 409")
			call(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: source})
			b.cookie("lang", lang)
			for _, s := range []scene{
				{"mirrored library", "/library", nil},
				{"searched by title", "/library?q=通知", nil},
				{"searched by keyword", "/library?q=取经人", nil},
				{"searched by pinyin", "/library?q=qjym", nil},
				{"nothing found", "/library?q=zzzzqqqq", nil},
				{"search refused", "/library?min=x", nil},
				{"sync with changes", "/library/sync", nil},
				{"palette with titles", "/", func(b *tab) { b.openPalette(); b.keys("qjym"); b.chosen("取经圆满") }},
			} {
				b.inspect(s)
			}
			for name, other := range map[string]*webtest.Console{"sync resting": resting, "sync waiting": waiting} {
				b.base = other.URL
				b.cookie("muban", other.As(store.Operator).Session())
				b.inspect(scene{name, "/library/sync", nil})
			}
			b.inspect(scene{"nothing to export", "/library/export?format=csv", nil})
		})
	}
}
