package store

import (
	"fmt"
	"testing"
	"time"
)

// uses are those of AT0002, a word each: the template's id or "draft", its keywords and its sends.
func (f *fixture) uses(t *testing.T) (all []string) {
	t.Helper()
	list, err := f.TitleUses(t.Context(), "AT0002")
	noError(t, err)
	for _, u := range list {
		name := u.TemplateID
		if u.Draft != 0 {
			name = "draft"
		}
		all = append(all, fmt.Sprint(u.App, name, u.KeywordIDs, u.Sends))
	}
	return all
}

func TestATitleIsUsedByTheTemplatesAndDraftsOfEveryApp(t *testing.T) {
	f := newFixture(t)
	other := f.second(t)
	used := func(apps []int64, uses ...string) {
		t.Helper()
		byTitle, err := f.TitleApps(t.Context())
		noError(t, err)
		equal(t, "apps", fmt.Sprint(byTitle["AT0002"]), fmt.Sprint(apps))
		equal(t, "titles", len(byTitle) <= 1, true)
		equal(t, "uses", fmt.Sprint(f.uses(t)), fmt.Sprint(uses))
	}
	used(nil)
	added, deleted := f.draft(t, "购买成功通知"), f.draft(t, "购买成功通知")
	noError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, deleted.ID))
	_, err := f.AddDraft(t.Context(), f.by, Draft{App: f.app.ID, Proposed: true, Title: "渡河提醒"}) // under no title
	noError(t, err)
	used(nil, fmt.Sprint(f.app.ID, "draft", []int{3, 1}, 0))
	for _, x := range []Template{
		{App: f.app.ID, TemplateID: "tpl-1", TitleID: "AT0002", DraftID: added.ID, KeywordIDs: []int{5, 3}},
		{App: f.app.ID, TemplateID: "tpl-2", TitleID: "AT0002", KeywordIDs: []int{3}},
		{App: other.ID, TemplateID: "b", TitleID: "AT0002", KeywordIDs: []int{4}},
		{App: other.ID, TemplateID: "elsewhere"}, // of an unknown title
	} {
		noError(t, f.AddTemplate(t.Context(), f.by, x))
		f.clock.advance(time.Second)
	}
	sent := f.send(t, "key", "tpl-2")
	sent.Outcome = "sent"
	noError(t, f.FinishSend(t.Context(), f.by, sent))
	both := []int64{f.app.ID, other.ID}
	first, second, third := fmt.Sprint(f.app.ID, "tpl-2", []int{3}, 1), fmt.Sprint(other.ID, "b", []int{4}, 0),
		fmt.Sprint(f.app.ID, "tpl-1", []int{5, 3}, 0)
	used(both, first, second, third)
	list, err := f.TitleUses(t.Context(), "AT0002")
	noError(t, err)
	equal(t, "last sent", list[0].At, sent.CreatedAt)
	equal(t, "never sent", list[1].At.IsZero(), true)

	f.clock.advance(30 * 24 * time.Hour) // the send is not of late any more
	noError(t, f.TemplateDeleted(t.Context(), f.by, other.ID, "b"))
	used(both[:1], fmt.Sprint(f.app.ID, "tpl-2", []int{3}, 0), third)
}
