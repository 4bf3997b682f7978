package browsertest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"muban/store"
	"muban/web/webtest"
)

func TestBrowserSignsInAndOut(t *testing.T) {
	t.Parallel()
	b := openTab(webtest.NewConsole(t), t, "")
	b.open("/drafts?state=draft")
	b.until(`location.pathname === "/sign-in" && document.activeElement.id === "name"`)
	b.keys("administrator\t" + webtest.Password + "\r")
	b.until(`location.pathname === "/drafts" && location.search === "?state=draft"`)
	b.follow(".who button")
	b.open("/drafts")
	b.until(`location.pathname === "/sign-in"`)
}

func TestBrowserHasTheShortcutsThatPeopleExpect(t *testing.T) {
	t.Parallel()
	b := openTab(webtest.NewConsole(t), t, store.Operator)
	for path, search := range map[string]string{"/drafts": "q", "/sends": "q", "/sandbox": "openid", "/library/AT0002": "q"} {
		b.open(path)
		b.keys("?")
		b.until(`document.querySelector("#shortcuts").open && document.querySelector("#shortcuts").contains(document.activeElement)`)
		b.keys(kb.Escape)
		b.until(`!document.querySelector("#shortcuts").open`)
		b.keys("/")
		b.until(`document.querySelector("#palette").open && document.activeElement.id === "palette-q"`)
		b.keys("/") // once more: the page's own search
		b.until(fmt.Sprintf(`document.activeElement.id === %q && !document.querySelector("#palette").open`, search))
		before := js[string](b, `document.activeElement.value`)
		b.keys(kb.End + "/?")
		b.until(fmt.Sprintf(`document.activeElement.value === %q && !document.querySelector("#shortcuts").open`, before+"/?"))
	}
	b.open("/drafts")
	b.keys("\t")
	b.until(`document.activeElement.className === "skip"`)
	b.keys("\r")
	b.until(`document.activeElement.id === "main"`)
}

func TestBrowserLeadsTheKeyboardOutOfTheMenuAndToWhatIsToBeMended(t *testing.T) {
	t.Parallel()
	b := openTab(webtest.NewConsole(t), t, store.Administrator)
	b.expect("status of 422")
	b.size(360)
	b.open("/settings/keys")
	js[bool](b, `document.querySelector("#menu").focus(), true`)
	b.keys(" \t")
	b.until(`document.querySelector("#menu").checked && document.activeElement.matches("#nav *, .brand")`)
	b.keys(kb.Escape)
	b.until(`!document.querySelector("#menu").checked && document.activeElement.id === "menu"`)
	b.fill("#name", " ")
	b.follow("main .primary")
	b.until(`document.activeElement.matches("main [role=alert]")`)
	b.keys("\t\r")
	b.until(`document.activeElement.id === "name"`)
}

// What is set up has its list and its form beside each other where there is room, and one below the other on a phone.
func TestBrowserShowsAListBesideTheFormThatAddsToIt(t *testing.T) {
	t.Parallel()
	c, _ := lived(t)
	b := openTab(c, t, store.Administrator)
	paths := []string{"/settings/keys", "/settings/keys/1", "/settings/apps", "/settings/people", "/settings/alerts", "/token", "/compliance",
		"/@wx0123456789abcdef/library"}
	for _, path := range paths {
		for _, width := range []int64{1440, 360} {
			b.size(width)
			b.open(path)
			beside := js[bool](b, `(() => {
				const [list, form] = ["main :is(.col, .beside > section, .lib > div)", "main aside:not([hidden])"].map(at => document.querySelector(at).getBoundingClientRect());
				return form.left >= list.right && form.top === list.top;
			})()`)
			if beside != (width == 1440) {
				t.Errorf("%s, %d wide: the form is beside the list: %t", path, width, beside)
			}
			if n := js[int](b, visible("main .primary")); n > 1 {
				t.Errorf("%s has %d green buttons", path, n)
			}
		}
	}
}

func TestBrowserShowsTimesInTheReadersZone(t *testing.T) {
	t.Parallel()
	c, _ := lived(t)
	at := c.Sends()[0].CreatedAt
	b := openTab(c, t, store.Operator)
	for zone, hours := range map[string]float64{"Asia/Kathmandu": 5.75, "America/Phoenix": -7} {
		call(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
		b.open("/sends?kind=all")
		shown := js[[]string](b, `[document.querySelector("tbody .r2b time").title, document.querySelector("tbody .r2b .hint time").textContent]`)
		there := at.In(time.FixedZone("", int(hours*3600)))
		want := []string{there.Format("2006-01-02 15:04:05"), there.Format("15:04:05")}
		if fmt.Sprint(shown) != fmt.Sprint(want) {
			t.Errorf("in %s a send shows %q, want %q", zone, shown, want)
		}
	}
}

func TestBrowserSwitchesLanguageThemeAndApp(t *testing.T) {
	t.Parallel()
	c, _ := lived(t)
	b := openTab(c, t, store.Administrator)
	b.cookie("lang", "zh")
	b.open("/drafts?state=draft")
	b.follow(`button[name="lang"]`)
	b.until(`document.documentElement.lang === "en" && location.search === "?state=draft"`)
	paper := `getComputedStyle(document.body).backgroundColor`
	for _, step := range []struct{ theme, paper string }{
		{"dark", "rgb(14, 16, 18)"}, {"light", "rgb(246, 247, 248)"}, {"auto", "rgb(14, 16, 18)"}, {"dark", "rgb(14, 16, 18)"},
	} {
		b.dark(step.theme == "auto" || step.theme == "light") // the system's; a choice is above it
		b.follow(`button[name="theme"][value="` + step.theme + `"]`)
		b.until(paper + ` === "` + step.paper + `" && location.search === "?state=draft"`)
	}
	b.click("#app-switch")
	b.keys(kb.ArrowDown + "\r")
	b.until(`document.querySelector("#app-switch").value === "wx0123456789abcdef" && !document.querySelector(".top .tag.warn") && location.pathname === "/@wx0123456789abcdef/drafts"`)
}

// styles compares what the browser computes with a table of selector, property,
// value.
func (b *tab) styles(table [][3]string) {
	b.t.Helper()
	for _, row := range table {
		got := js[string](b, fmt.Sprintf(`getComputedStyle(document.querySelector(%q)).getPropertyValue(%q)`, row[0], row[1]))
		if got != row[2] {
			b.t.Errorf("%s of %s is %s, want %s", row[1], row[0], got, row[2])
		}
	}
}

func TestBrowserDrawsTheCardAsWeChatDid(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	id := c.AddTemplate(c.As(store.Operator), "AT0002", "3", "4", "5")
	b := openTab(c, t, store.Operator)
	b.cookie("theme", "dark")
	b.open("/templates/" + id + "?v=%E5%8C%97%E4%BA%AC%0A%E4%BA%8C%E6%A5%BC&v=10%3A00&v=%E5%92%96%E5%95%A1&e=2&page=pages/index&c=&c=%23B42318")
	b.styles([][3]string{
		{".phone", "background-color", "rgb(237, 237, 237)"},
		{".card", "background-color", "rgb(255, 255, 255)"}, {".card", "margin-left", "12px"}, {".card", "margin-right", "12px"},
		{".card header", "height", "44px"}, {".card header", "border-bottom-width", "1px"},
		{".app-icon", "width", "20px"}, {".app-icon", "height", "20px"}, {".app-icon", "border-radius", "10px"},
		{".card .title", "font-size", "17px"}, {".card .title", "color", "rgb(31, 35, 40)"},
		{".card .date", "font-size", "13px"}, {".card .date", "color", "rgb(115, 115, 115)"},
		{".emphasis .name", "font-size", "13px"}, {".emphasis .name", "color", "rgb(115, 115, 115)"},
		{".emphasis .big", "font-size", "28px"}, {".emphasis .big", "text-align", "center"}, {".emphasis font", "color", "rgb(180, 35, 24)"},
		{".card dt", "color", "rgb(115, 115, 115)"}, {".card dd", "color", "rgb(31, 35, 40)"}, {".card dd", "white-space-collapse", "preserve"},
	})
	if got := b.shown(".card dl"); got != "购买地点\n北京\n二楼\n物品名称\n咖啡" {
		t.Errorf("the rows are %q", got)
	}
	if lines := js[float64](b, `(dd => dd.getBoundingClientRect().height / parseFloat(getComputedStyle(dd).lineHeight))(document.querySelector(".card dd"))`); lines != 2 {
		t.Errorf("a value of two lines is %v lines high", lines)
	}
	feet := `[...document.querySelectorAll(".card .foot")].map(e => e.innerText.replace(/\s+/g, "")).join()`
	b.until(feet + ` === "进入小程序查看›,拒收通知›"`)
	b.open("/templates/" + id + "?v=&v=&v=")
	b.until(feet + ` === "拒收通知›" && !document.querySelector(".card dl, .card .emphasis")`)
}

func TestBrowserPrintsADraftWithoutNavigation(t *testing.T) {
	t.Parallel()
	c, _ := lived(t)
	b := openTab(c, t, store.Operator)
	for _, path := range []string{"/drafts/1?done=draft_saved", "/drafts/2"} {
		b.open(path)
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		if n := js[int](b, visible("nav, .top, .skip, button, .button")); n != 0 {
			t.Errorf("%d elements of the navigation are printed of %s", n, path)
		}
		if n := js[int](b, visible("h1, .card, .paper .found, .paper .name, .panel > header .hint")); n < 5 {
			t.Errorf("title, card, keywords and findings of %s are not all printed", path)
		}
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	}
}

func TestBrowserShowsNothingThatNeedsTheScriptWithoutIt(t *testing.T) {
	t.Parallel()
	c, template := lived(t)
	b := openTab(c, t, store.Administrator)
	b.expect("status of 422", "status of 404")
	b.size(360)
	b.scriptless()
	for _, s := range scenesOf(template) {
		b.open(s.path)
		if n := js[int](b, visible(".with-js")); n != 0 {
			t.Errorf("%s: %d elements that need the script are seen", s.name, n)
		}
		if wide := js[int](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
			t.Errorf("%s is %d px too wide", s.name, wide)
		}
	}
}
