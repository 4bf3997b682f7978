package views

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"muban/store"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/kind"
)

func TestPagesOfAHostileTitleShowItAndKeepTheirShape(t *testing.T) {
	long := "\u202e\u0007" + strings.Repeat("长", 1800) + "\u2069"
	p := &ui.Page{Text: text.LoadTexts().In("en"), Person: &store.Person{}, Nav: []ui.NavItem{{Name: "overview", Href: "/"}}}
	template := wechat.Template{ID: "t", Title: long, Content: "a\u202e{{keyword1.DATA}}"}
	for name, page := range map[string]templ.Component{
		"delete":    DeleteTemplate(DeletePage{Page: p, Template: template}),
		"templates": Templates(TemplatesPage{Page: p, Kind: kind.Template, Own: kind.Template, Templates: []wechat.Template{template}}),
		"gone":      GoneTemplate(GonePage{Page: p, Known: store.Template{TemplateID: "t", Title: long, Content: template.Content}}),
		"draft":     Draft(DraftPage{Page: p, Draft: store.Draft{Title: long}, Card: ui.Card{Title: long}}),
		"drafts":    Drafts(DraftsPage{Page: p, Drafts: []store.Draft{{Title: long}}}),
		"builder":   Builder(BuilderPage{Page: p, Title: wechat.Title{Text: long}}),
	} {
		var b strings.Builder
		if err := page.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\u202e\u2069\u0007") {
			t.Errorf("%s: something cannot be seen", name)
		}
		if !strings.Contains(b.String(), "[U+202E][U+0007]长") {
			t.Errorf("%s: the title is missing", name)
		}
		if whole := strings.Count(b.String(), strings.Repeat("长", 1800)); whole > 1 {
			t.Errorf("%s: the whole title stands there %d times", name, whole)
		}
	}
}
