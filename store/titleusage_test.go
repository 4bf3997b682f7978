package store

import "testing"

func TestATitleIsUsedByItsTemplatesAndDraftsOfEveryApp(t *testing.T) {
	f := newFixture(t)
	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx0000000000000002", Base: "https://api.example", Secret: canary})
	noError(t, err)
	used := func(want TitleUsage) {
		t.Helper()
		all, err := f.TitleUsages(t.Context())
		noError(t, err)
		equal(t, "usage", all["AT0002"], want)
		equal(t, "titles", len(all) <= 1, true)
	}
	used(TitleUsage{})
	f.draft(t, "购买成功通知")
	added := f.draft(t, "购买成功通知")
	deleted := f.draft(t, "购买成功通知")
	_, err = f.AddDraft(t.Context(), f.by, Draft{App: f.app.ID, Kind: "proposal", Title: "渡河提醒"}) // under no title
	noError(t, err)
	used(TitleUsage{Drafts: 3})
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "a", TitleID: "AT0002", DraftID: added.ID}))
	noError(t, f.DraftAdded(t.Context(), f.by, f.app.ID, added.ID, "a"))
	noError(t, f.DeleteDraft(t.Context(), f.by, f.app.ID, deleted.ID))
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: other.ID, TemplateID: "b", TitleID: "AT0002"}))
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: other.ID, TemplateID: "elsewhere"})) // of an unknown title
	used(TitleUsage{Templates: 2, Drafts: 1})
	noError(t, f.TemplateDeleted(t.Context(), f.by, f.app.ID, "a"))
	used(TitleUsage{Templates: 1, Drafts: 1})
}
