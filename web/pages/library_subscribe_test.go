package pages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/kind"
	"muban/wechat/sandbox"
)

const subscribed = "/library?kind=subscribe"

// subscribeSynced is a console with the titles of subscribe messages in its mirror, and an operator in it.
func subscribeSynced(t *testing.T) (*webtest.Console, *webtest.Browser) {
	t.Helper()
	c := webtest.NewConsoleWith(t, webtest.Hasty)
	webtest.Must(t, c.Sandbox.SetCategories(sandbox.DefaultAppID, []string{"612", "611", "670", "307"}))
	c.Running()
	b := c.As(store.Operator)
	for patience := time.Now().Add(webtest.Patience); !b.Get(subscribed).Has(".categories"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(patience) {
			t.Fatalf("never synced:\n%s", b.Get("/library/sync?kind=subscribe").Text("main"))
		}
	}
	return c, b
}

// follow goes where a link on a page leads.
func follow(b *webtest.Browser, p *webtest.Page, link string) *webtest.Page {
	b.T.Helper()
	return b.Get(p.Doc.Find(link).First().AttrOr("href", "/no-such-link"))
}

func texts(s *goquery.Selection) (all []string) {
	s.Each(func(_ int, one *goquery.Selection) { all = append(all, strings.Join(strings.Fields(one.Text()), " ")) })
	return all
}

func TestSubscribeTitlesAreBrowsedByCategoryAndType(t *testing.T) {
	t.Parallel()
	_, b := subscribeSynced(t)
	all := b.Get(subscribed).Answers(http.StatusOK)
	if got := texts(all.Doc.Find("nav.categories a")); len(got) != 5 || !strings.HasPrefix(got[1], "点餐平台 ") {
		t.Errorf("categories %v", got)
	}
	if off := all.Doc.Find(".facet.off"); off.Length() != 1 || off.AttrOr("title", "") == "" || !all.Says(".categories", "search.no_long") {
		t.Errorf("long-term: %s", all.Text(".facets"))
	}
	if all.Doc.Find("nav.tabs a[aria-current]").AttrOr("href", "") != subscribed {
		t.Errorf("tabs: %s", all.Text(".tabs"))
	}
	food := follow(b, all, `.categories a[href*="category=612"]`).Answers(http.StatusOK)
	if rows := food.Doc.Find(".titles tbody tr").Length(); rows == 0 || food.Doc.Find(".categories a[aria-current]").Length() != 1 {
		t.Errorf("%d rows", rows)
	}
	for query, title := range map[string]string{
		"&q=qucan": "250", "&q=取餐提醒": "250", "&q=桌号": "250", "&q=250&category=611": "250", "&q=取餐&type=once": "250",
	} {
		if p := b.Get(subscribed + query); !p.Has("#title-" + title) {
			t.Errorf("%s does not find %s: %s", query, title, p.Text(".titles"))
		}
	}
	if p := b.Get(subscribed + "&q=取餐&type=long"); p.Has(".titles") || p.Status != http.StatusOK {
		t.Errorf("%d %s", p.Status, p.Text("main"))
	}
	for _, bad := range []string{"&type=ever", "&category=x"} {
		if p := b.Get(subscribed + bad); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", bad, p.Status)
		}
	}
	b.Sync() // titles of template messages are in no category, whatever the account has
	if p := b.Get("/library"); !p.Has(".facets") || p.Has(".categories") || p.Doc.Find("nav.tabs a[aria-current]").AttrOr("href", "") != "/library?kind=template" && p.Doc.Find("nav.tabs a[aria-current]").AttrOr("href", "") != "/library" {
		t.Error("the sandbox's own kind is the template message")
	}
	csv := b.Get("/library/export?kind=subscribe&format=csv&category=612").Answers(http.StatusOK)
	if !strings.Contains(csv.Body, "取餐提醒") || strings.Contains(csv.Body, "AT0002") {
		t.Error("the export is of another kind")
	}
}

// A combination of typed keywords goes into the account with what WeChat will not tell again.
func TestACombinationOfTypedKeywordsIsAdded(t *testing.T) {
	t.Parallel()
	c, b := subscribeSynced(t)
	p := b.Get("/library/250?k=23").Answers(http.StatusOK)
	if !p.Has(`button[value="account"][disabled]`) || p.Has(`[value^="emphasis"]`) {
		t.Error("one keyword is enough, or one can be enlarged")
	}
	p = b.Submit(p, `button[value="add:52"]`, nil).Answers(http.StatusOK)
	if got := texts(p.Doc.Find(".rows code")); strings.Join(got, " ") != "thing23 number52" {
		t.Errorf("keys %v", got)
	}
	if p.Doc.Find("#scene").AttrOr("value", "") != "取餐提醒" || p.Doc.Find(".rows .type").Length() != 2 {
		t.Errorf("%s", p.Text(".scene"))
	}
	for _, scene := range []string{"", strings.Repeat("长", 16)} {
		refused := b.Submit(p, `#acts button[value="account"]`, func(f url.Values) { f.Set("scene", scene) })
		if refused.Status != http.StatusUnprocessableEntity || !refused.Says("#problem", "builder.need_scene", "Max", 15) {
			t.Errorf("%q: %d %s", scene, refused.Status, refused.Text("#problem"))
		}
	}
	b.Submit(p, `#acts button[value="account"]`, func(f url.Values) { f.Set("scene", "门店出餐后通知用户取餐") })
	all := c.Sandbox.SubscribeTemplates(sandbox.DefaultAppID)
	if len(all) != 1 || all[0].Title != "取餐提醒" {
		t.Fatalf("%+v", all)
	}
	known, err := c.Store.Template(t.Context(), c.App().ID, all[0].ID)
	webtest.Must(t, err)
	if known.Kind != kind.Subscribe.Name() || known.TitleID != "250" || known.Scene != "门店出餐后通知用户取餐" || len(known.KeywordIDs) != 2 {
		t.Errorf("%+v", known)
	}
	if twin := b.Get("/library/250?k=52&k=23"); !twin.Has(`#twins a[href$="` + all[0].ID + `"]`) {
		t.Errorf("a twin is not told: %s", twin.Text("main"))
	}
}

func TestADraftKeepsTheScene(t *testing.T) {
	t.Parallel()
	_, b := subscribeSynced(t)
	p := b.Get("/library/250?k=23&k=52").Answers(http.StatusOK)
	saved := b.Submit(p, `#acts button[value="save"]`, func(f url.Values) { f.Set("scene", "通知取餐") }).Answers(http.StatusOK)
	again := follow(b, saved, `a[href*="/library/250?"]`).Answers(http.StatusOK)
	if got := again.Doc.Find("#scene").AttrOr("value", ""); got != "通知取餐" {
		t.Errorf("scene %q", got)
	}
}

// What was sent under a keyword's name shows that its type will refuse it, and what to take instead.
func TestATypeThatRefusesWhatIsSentIsSwapped(t *testing.T) {
	t.Parallel()
	c, b := subscribeSynced(t)
	title := `{"add":[{"id":"AT9903","title":"出餐成功通知","keywords":[{"keyword_id":1,"name":"取餐码","example":"A032"}]}]}`
	var edit sandbox.LibraryEdit
	webtest.Must(t, json.Unmarshal([]byte(title), &edit))
	webtest.Must(t, c.Sandbox.EditLibrary(edit))
	b.SendTest(c.AddTemplate(b, "AT9903", "1")).Expect(http.StatusOK, "outcome.sent")
	p := b.Get("/library/250?k=23&k=52").Answers(http.StatusOK)
	if !p.Has("#swap-52") || p.Doc.Find(".rows .says.error").Length() != 1 {
		t.Fatalf("%s", p.Text(".rows"))
	}
	p = b.Submit(p, "#swap-52", nil).Answers(http.StatusOK)
	if got := texts(p.Doc.Find(".rows code")); strings.Join(got, " ") != "thing23 character_string3" {
		t.Errorf("keys %v", got)
	}
}
