package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat"
	"muban/wechat/token"
)

// pairsOf are the rows of a comparison: relation, here, there.
func pairsOf(p *webtest.Page) [][3]string {
	var rows [][3]string
	for _, tr := range p.Doc.Find(".sides tbody tr").EachIter() {
		cells := tr.Find("td")
		side := func(n int) string {
			var names []string
			for _, name := range cells.Eq(n).Find(".kw li").EachIter() {
				names = append(names, name.Text())
			}
			return strings.TrimSpace(cells.Eq(n).Find("a[lang]").First().Text() + " " + strings.Join(names, " · "))
		}
		rows = append(rows, [3]string{strings.TrimSpace(cells.Eq(0).Text()), side(1), side(2)})
	}
	return rows
}

// One compares only what the switcher offers.
func TestTwoAppsAreComparedAndACombinationIsCopied(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	other := c.AddApp("wx0000000000000002")
	with := "/templates/compare?with=" + strconv.FormatInt(other.ID, 10)
	there := c.As(store.Operator).In(other)
	c.AddTemplate(b, "AT0002", "3", "5")
	c.AddTemplate(b, "AT0009", "1", "2", "3")
	c.AddTemplate(b, "AT0012", "1", "2")
	c.AddTemplate(there, "AT0002", "3", "5")
	c.AddTemplate(there, "AT0009", "2", "1", "3")
	c.AddTemplate(there, "AT0010", there.KeywordsOf("AT0010")[:1]...)

	p := b.Get(with).Expect(http.StatusOK, "compare.title")
	var relations []string
	for _, row := range pairsOf(p) {
		relations = append(relations, row[0])
	}
	webtest.Same(t, relations, []string{"Same", "Other order", "Only here", "Only there"})
	if got := pairsOf(b.Get(with + "&only=same")); len(got) != 1 || got[0][1] != "购买成功通知 购买地点 · 物品名称" || got[0][1] != got[0][2] {
		t.Errorf("%v", got)
	}

	// A draft there, from what is only here.
	ask := b.Get(linkTo(p, "Only here", "to=there")).Shows(http.StatusOK, "导游更换通知").Shows(http.StatusOK, "线路名称")
	b.Submit(ask, `button[value=draft]`, nil)
	done := b.Submit(ask, `button[value=draft]`, nil).Expect(http.StatusOK, "compare.copied")
	drafts, _, err := c.Store.Drafts(t.Context(), store.DraftFilter{App: other.ID})
	if err != nil || len(drafts) != 1 || drafts[0].TitleID != "AT0012" || len(drafts[0].Keywords) != 2 || drafts[0].AuthorName != "operator" {
		t.Fatalf("%+v, %v", drafts, err)
	}
	path := webtest.InApp(other, "/drafts/"+strconv.FormatInt(drafts[0].ID, 10))
	if done.Doc.Find(`.banner a[href="`+path+`"]`).Length() != 1 {
		t.Errorf("nothing leads to %s", path)
	}
	b.Get(path).Shows(http.StatusOK, "导游更换通知")

	// A template here, from what is only there; a second click adds nothing.
	ask = b.Get(linkTo(p, "Only there", "to=here"))
	b.Submit(ask, `button[value=add]`, nil).Expect(http.StatusOK, "done.template_copied")
	after := b.Submit(ask, `button[value=add]`, nil)
	if got := len(pairsOf(after)); got != 4 || c.Calls("template/add") != 4 {
		t.Errorf("%d pairs, %d added here", got, c.Calls("template/add"))
	}
	if b.Get(with + "&only=only_there").Has(".sides") {
		t.Error("it is still only there")
	}
	if last := c.Activities(store.ActTemplateAdd)[0]; last.App != c.App().ID || last.PersonName != "operator" {
		t.Errorf("%+v", last)
	}
}

// linkTo is the link of a row with this relation.
func linkTo(p *webtest.Page, relation, part string) string {
	p.T.Helper()
	for _, tr := range p.Doc.Find(".sides tbody tr").EachIter() {
		if strings.TrimSpace(tr.Find("td").First().Text()) == relation {
			return tr.Find(`a[href*="`+part+`"]`).AttrOr("href", "")
		}
	}
	p.T.Fatalf("no row %q", relation)
	return ""
}

func TestSixtyTemplatesInTwoAppsAreAllListedAndComparedRight(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	other := c.AddApp("wx0000000000000002")
	allow(t, other, 60)
	webtest.Must(t, c.Sandbox.SetTemplateLimit(c.App().AppID, 60))
	here, there := c.Elsewhere(c.App()), elsewhereAt(t, c, other)
	titles := firstTitles(t, here, 60)
	for i, title := range titles {
		ids := []int{title.Keywords[0].ID, title.Keywords[1].ID}
		add(t, here, title, ids)
		switch i % 3 {
		case 0:
			add(t, there, title, ids)
		case 1:
			add(t, there, title, []int{ids[1], ids[0]})
		case 2:
			add(t, there, title, ids[:1])
		}
	}
	var listed []string
	next := "/templates"
	for next != "" {
		p := b.Get(next).Expect(http.StatusOK, "templates.used", "Used", 60, "Max", 25)
		for _, a := range p.Doc.Find(".titles .go").EachIter() {
			listed = append(listed, a.Text())
		}
		next = p.Doc.Find("a[rel=next]").AttrOr("href", "")
	}
	want := make([]string, len(titles))
	for i, title := range titles {
		want[i] = title.Text
	}
	webtest.Same(t, listed, want)
	if d := driftOf(b.Get("/templates")); len(d["Added elsewhere"]) != 60 {
		t.Errorf("%d added elsewhere", len(d["Added elsewhere"]))
	}

	p := b.Get("/templates/compare?with=" + strconv.FormatInt(other.ID, 10))
	if got := p.Text("#counts"); got != "All Same 20Other order 20Other keywords 20Only here 0Only there 0" {
		t.Errorf("%s", got)
	}
	relations := []string{"Same", "Other order", "Other keywords"}
	for i, row := range pairsOf(p) {
		if row[0] != relations[i%3] || !strings.HasPrefix(row[1], want[i]) || !strings.HasPrefix(row[2], want[i]) {
			t.Errorf("row %d: %v, want %s of %s", i, row, relations[i%3], want[i])
		}
	}

	b.Submit(b.Get("/templates"), `button[name=all]`, nil)
	webtest.Must(t, here.DeleteTemplate(t.Context(), mustList(t, here)[59].ID))
	d := driftOf(b.Get("/templates"))
	webtest.Same(t, d["Deleted elsewhere"], want[59:])
	webtest.Same(t, d["Added elsewhere"], nil)
}

func TestWhoMayNotAddIsOfferedADraftAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.AddTemplate(c.As(store.Operator), "AT0002", "3", "5")
	other := c.AddApp("wx0000000000000002")
	with := strconv.FormatInt(other.ID, 10)
	pm := c.As(store.ProductManager)
	ask := pm.Get(linkTo(pm.Get("/templates/compare?with="+with), "Only here", "to=there"))
	if ask.Has(`button[value=add]`) || !ask.Has(`button[value=draft]`) {
		t.Errorf("%s", ask.Text("main"))
	}
	pm.Submit(ask, `button[value=draft]`, func(form url.Values) { form.Set("do", "add") }).Expect(http.StatusForbidden, "failure.forbidden.title")
	if qa := c.As(store.QA).Get("/templates/compare?with=" + with); qa.Status != http.StatusOK || qa.Has(`a[href*="/templates/copy"]`) {
		t.Errorf("%d %s", qa.Status, qa.Text("main"))
	}
	for _, id := range []string{"999", "x", strconv.FormatInt(c.App().ID, 10)} {
		if p := pm.Get("/templates/compare?with=" + id); p.Status != http.StatusNotFound {
			t.Errorf("with %s: %d", id, p.Status)
		}
	}
}

func TestWhereTheOtherAppDoesNotAnswerItIsNamed(t *testing.T) {
	t.Parallel()
	c, s := webtest.NewConsole(t), webtest.NewScript(t)
	s.Says(webtest.TemplateList, `{"errcode":45009,"errmsg":"reach max api daily quota limit"}`)
	c.Connect(s)
	apps, err := c.Store.Apps(t.Context())
	webtest.Must(t, err)
	p := c.As(store.Operator).Get("/templates/compare?with=" + strconv.FormatInt(apps[1].ID, 10))
	p.Shows(http.StatusBadGateway, apps[1].Name).Shows(http.StatusBadGateway, "errcode 45009").Expect(http.StatusBadGateway, "outcome.failed").Expect(http.StatusBadGateway, "templates.never_read")
}

// firstTitles are titles of the library with two keywords of different names, each
// text once.
func firstTitles(t *testing.T, client *wechat.Client, n int) []wechat.Title {
	t.Helper()
	var found []wechat.Title
	for offset := 0; len(found) < n; offset += wechat.MaxCount {
		page, err := client.LibraryList(t.Context(), offset, wechat.MaxCount)
		webtest.Must(t, err)
		for _, listed := range page.Titles {
			title, err := client.LibraryGet(t.Context(), listed.ID)
			webtest.Must(t, err)
			twice := slices.ContainsFunc(found, func(f wechat.Title) bool { return f.Text == title.Text })
			if len(title.Keywords) > 1 && title.Keywords[0].Name != title.Keywords[1].Name && !twice && len(found) < n {
				found = append(found, title)
			}
		}
	}
	return found
}

func add(t *testing.T, client *wechat.Client, title wechat.Title, ids []int) {
	t.Helper()
	_, err := client.AddTemplate(t.Context(), title.ID, ids)
	webtest.Must(t, err)
}

func mustList(t *testing.T, client *wechat.Client) []wechat.Template {
	t.Helper()
	all, err := client.AllTemplates(t.Context())
	webtest.Must(t, err)
	return all
}

// allow lets an app on a simulator of its own have n templates.
func allow(t *testing.T, app store.App, n int) {
	t.Helper()
	res, err := http.Post(app.Base+"/sandbox/limits", "application/json", strings.NewReader(`{"appid":"`+app.AppID+`","templates":`+strconv.Itoa(n)+`}`))
	webtest.Must(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
}

// elsewhereAt is another program at work on an app with a simulator of its own.
func elsewhereAt(t *testing.T, c *webtest.Console, app store.App) *wechat.Client {
	t.Helper()
	fetch := func(ctx context.Context, _ bool) (wechat.Token, error) {
		return wechat.FetchToken(ctx, wechat.Credentials{Base: app.Base, AppID: app.AppID, Secret: app.Secret, Transport: wechat.PrivateTransport()})
	}
	client, err := wechat.NewClient(wechat.Config{
		Base: app.Base, Transport: wechat.PrivateTransport(), Tokens: token.New(app.AppID, fetch, c.Store, token.Options{Now: c.Clock.Now}),
	})
	webtest.Must(t, err)
	return client
}
