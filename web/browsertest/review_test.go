package browsertest_test

import (
	"net/url"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

// inReview is a proposal with three keywords that waits for a reviewer.
func inReview(c *webtest.Console) {
	c.T.Helper()
	c.As(store.ProductManager).Post("/drafts/new", url.Values{"title": {"课程开始提醒"}, "name": {"门店名称", "内容", "上课时间"},
		"example": {"云杉咖啡", "手冲入门", "B2 教室"}, "scenario": {"报名之后告知时间和地点"}, "do": {"send"}})
}

// From the page of the draft: a click opens a place and the hands are in its field, another sends it back.
func TestBrowserSendsADraftBackWithTwoReasonsInThreeClicks(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	inReview(c)
	b := openTab(c, t, store.Operator)
	b.open("/drafts/1")
	b.until(`document.documentElement.scrollHeight > 0 && document.querySelector("#reject").textContent === document.querySelector("#reject").dataset.none`)
	b.click("#place-keywords-1 summary")
	b.until(`document.activeElement.matches("#place-keywords-1 textarea")`)
	b.keys("too broad")
	b.until(`document.querySelectorAll("#reason-places a").length === 1`)
	b.click("#place-keywords-2 summary")
	b.until(`document.activeElement.matches("#place-keywords-2 textarea")`)
	b.keys("a room, not a time")
	b.until(`[...document.querySelectorAll("#reason-places a")].map(a => a.hash).join() === "#place-keywords-1,#place-keywords-2"`)
	b.until(`document.querySelector("#reject").textContent.includes("2")`)
	b.follow(`button[value="rejected"]`)
	reviews, err := c.Store.Reviews(t.Context(), c.App().ID, 1)
	webtest.Must(t, err)
	if len(reviews) != 1 || len(reviews[0].Reasons) != 2 || reviews[0].Reasons[1].Text != "a room, not a time" {
		t.Fatalf("%+v", reviews)
	}
}

// What a reviewer has typed stands at its place again after a look at another page.
func TestBrowserKeepsReasonsThatWereNotSent(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	inReview(c)
	b := openTab(c, t, store.Operator)
	b.open("/drafts/1")
	b.click("#place-title summary")
	b.until(`document.activeElement.matches("#place-title textarea")`)
	b.keys("too broad")
	js[bool](b, `(delete document.querySelector("form[data-dirty]").dataset.dirty, true)`) // as a reader who says that they leave
	b.open("/drafts")
	b.open("/drafts/1")
	b.until(`document.querySelector("#place-title details").open && document.querySelector("#place-title textarea").value === "too broad"`)
	b.until(`document.querySelectorAll("#reason-places a").length === 1 && document.querySelector("#reject").textContent.includes("1")`)
	js[bool](b, `(delete document.querySelector("form[data-dirty]").dataset.dirty, true)`)
}

// Without the script a place is opened by the browser itself: five clicks with those into the fields.
func TestBrowserReviewsWithoutTheScript(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	inReview(c)
	b := openTab(c, t, store.Operator)
	b.scriptless()
	b.open("/drafts/1")
	for _, place := range []string{"#place-title", "#place-whole"} {
		b.click(place + " summary")
		b.click(place + " textarea")
		b.keys("why")
	}
	b.follow(`button[value="rejected"]`)
	reviews, err := c.Store.Reviews(t.Context(), c.App().ID, 1)
	webtest.Must(t, err)
	if len(reviews) != 1 || len(reviews[0].Reasons) != 2 {
		t.Fatalf("%+v", reviews)
	}
}
