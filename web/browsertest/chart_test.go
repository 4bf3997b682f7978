package browsertest_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"muban/store"
	"muban/web/webtest"
)

// shownTips are the numbers of bars that can be seen, which are clipped away otherwise.
const shownTips = `[...document.querySelectorAll(".bars .tip")].filter(t => getComputedStyle(t).clipPath === "none").map(t => t.textContent)`

func TestBrowserHasAChartsBarsAsOneStopOfTab(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Days(store.Actor{PersonID: c.Person(store.Operator).ID, Name: "operator"}, "tpl", 30, 2, 1, 0)
	b := openTab(c, t, store.Operator)
	b.open("/sends")
	at := `[...document.querySelectorAll(".bars a")].indexOf(document.activeElement)`
	if stops := js[int](b, `[...document.querySelectorAll(".bars a")].filter(a => a.tabIndex === 0).length`); stops != 1 {
		t.Fatalf("%d bars are stops of Tab", stops)
	}
	js[bool](b, `document.querySelector(".segments a:last-child").focus(), true`)
	b.keys("\t")
	for _, step := range []struct {
		key string
		at  int
	}{{"", 29}, {kb.ArrowLeft, 28}, {kb.ArrowLeft, 27}, {kb.ArrowRight, 28}, {kb.Home, 0}, {kb.ArrowLeft, 0}, {kb.End, 29}, {kb.ArrowRight, 29}} {
		if step.key != "" {
			b.keys(step.key)
		}
		b.until(fmt.Sprintf("%s === %d", at, step.at))
	}
	if tips := js[[]string](b, shownTips); len(tips) != 1 {
		t.Errorf("the bar with the focus shows %q", tips)
	}
	b.keys("\t")
	b.until(at + " === -1")
	b.keys(kb.Shift + "\t")
	js[bool](b, `document.querySelectorAll(".bars a")[29].focus(), true`)
	b.keys("\r")
	b.until(`location.search.includes("from=") && document.querySelector(".bars a[aria-current]") !== null`)
	if stops := js[int](b, `[...document.querySelectorAll(".bars a")].findIndex(a => a.tabIndex === 0)`); stops != 29 {
		t.Errorf("the stop is bar %d, not the one that is listed", stops)
	}
}

func TestBrowserSkipsAChartWithoutTheScript(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := openTab(c, t, store.Operator)
	b.open("/sends")
	if n := js[int](b, visible(".chart > .skip")); n != 0 {
		t.Error("with the script the way past the chart is offered too")
	}
	b.scriptless()
	b.open("/sends")
	js[bool](b, `document.querySelector(".segments a:last-child").focus(), true`)
	b.keys("\t")
	b.until(`document.activeElement.matches(".chart > .skip") && getComputedStyle(document.activeElement).clipPath === "none"`)
	b.keys("\r")
	b.until(`location.hash === "#sends-chart-table"`)
	b.keys("\t")
	b.until(`document.activeElement.matches("summary, .scroll")`)
}
