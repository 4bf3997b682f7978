package pages_test

import (
	"net/http"
	"net/url"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

// The navigation counts what the person can do something about, and says it in words.
func TestTheNavigationCountsWhatWaitsForThePerson(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator, manager := c.As(store.Operator), c.As(store.ProductManager)
	template := c.AddTemplate(operator, "AT0002")
	if p := operator.Get("/templates"); p.Has(".side .count") {
		t.Errorf("nothing waits, and the navigation counts %q", p.Text(".side .count"))
	}
	manager.Post("/drafts/new", url.Values{"title": {"到店提醒"}, "name": {"门店"}, "example": {"中关村店"}, "do": {"save"}})
	manager.Submit(manager.Get("/drafts/1"), `button[value="review"]`, nil)
	operator.Inject(webtest.SendPath, "drop_after", "", "1")
	operator.SendTest(template)
	p := operator.Get("/templates")
	if !p.Says(`.side a[href="/drafts"]`, "nav_waiting.drafts", "Count", 1) || !p.Says(`.side a[href="/sends"]`, "nav_waiting.sends", "Count", 1) {
		t.Errorf("the operator reads %q", p.Text(".side"))
	}
	for role, why := range map[store.Role]string{store.ProductManager: "one's own proposal", store.QA: "another's send"} {
		if p := c.As(role).Get("/templates").Expect(http.StatusOK, "templates.title"); p.Has(".side .count") {
			t.Errorf("%s counts %s", role, why)
		}
	}
}
