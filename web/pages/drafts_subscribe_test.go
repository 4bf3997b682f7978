package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/sandbox"
)

// parcel is a proposal of a subscribe title that no rule minds, in a category that the account has no more.
var parcel = url.Values{
	"title": {"运单状态通知"}, "category": {"321"}, "type": {"2"}, "scenario": {"包裹到站后通知收件人"},
	"name": {"运单编号", "运单状态", "更新时间"}, "valuetype": {"character_string", "phrase", "time"},
	"example": {"YD2026001", "配送中", "2026年11月29日 14:05"},
}

// proposeSubscribe saves a proposal of a subscribe title.
func proposeSubscribe(b *webtest.Browser, values url.Values) *webtest.Page {
	b.T.Helper()
	p := b.Submit(b.Get("/drafts/new?kind=subscribe"), "button[value=save]", typed(values))
	return p.Expect(http.StatusOK, "done.draft_saved")
}

// rulesOn are the place and the rule of every finding on the page, subscribe rules by their names.
func rulesOn(p *webtest.Page) (all []string) {
	for _, el := range p.Doc.Find(".findings .finding, .paper .found:not(.reason)").EachIter() {
		href := el.Find("a.rule").AttrOr("href", "")
		_, rule, _ := strings.Cut(strings.Replace(href, "#rule-", "#", 1), "#")
		all = append(all, el.Find("a.there").AttrOr("href", "#"+el.Closest("li[id]").AttrOr("id", ""))+" "+rule)
	}
	return all
}

func TestTheFormOfAProposalAsksWhatItsKindOfMessageSays(t *testing.T) {
	t.Parallel()
	_, op := subscribeSynced(t)
	for path, of := range map[string]string{"/drafts/new": "template", "/drafts/new?kind=template": "template", "/drafts/new?kind=subscribe": "subscribe", "/drafts/new?kind=letter": "template"} {
		p := op.Get(path).Answers(http.StatusOK)
		typed := of == "subscribe"
		if p.Has("#category") != typed || p.Has("input[name=type]") != typed || p.Has("select[name=valuetype]") != typed || p.Has("#process") == typed {
			t.Errorf("%s: %s", path, p.Text("form[data-guard]"))
		}
		if p.Doc.Find(".pairs li").Length() != map[bool]int{true: 5, false: 10}[typed] {
			t.Errorf("%s: %d rows", path, p.Doc.Find(".pairs li").Length())
		}
		if other := p.Doc.Find(".tabs a:not([aria-current])"); other.Length() != 1 || op.Get(other.AttrOr("href", "")).Has("#category") == typed {
			t.Errorf("%s: the other kind is not a click away", path)
		}
	}
	p := op.Get("/drafts/new?kind=subscribe")
	if got := p.Doc.Find("#category option").Map(func(_ int, o *goquery.Selection) string { return o.AttrOr("value", "") }); len(got) != 5 || !slices.Contains(got, "612") {
		t.Errorf("categories %v", got)
	}
	if p.Doc.Find("input[name=type][checked]").AttrOr("value", "") != "2" || p.Has(`option[value="const"], option[value="enum_string"]`) {
		t.Errorf("%s", p.Text("form[data-guard]"))
	}
}

// Before the first sync nobody knows the account's categories; a proposal can be written all the same.
func TestASubscribeProposalCanBeWrittenBeforeTheFirstSync(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm := c.As(store.ProductManager)
	p := pm.Get("/drafts/new?kind=subscribe").Expect(http.StatusOK, "proposal.category_unread")
	if p.Doc.Find("#category option").Length() != 1 {
		t.Errorf("%s", p.Text("#category"))
	}
	values := webtest.With(webtest.With(parcel, "category", ""), "title", "疫苗接种安排通知") // which the library does not have
	live := pm.Fragment("/drafts/new?kind=subscribe", values)
	if !live.Has(`#unsynced a[href="/library/sync?kind=subscribe"]`) || !slices.Equal(rulesOn(live), []string{"#place-category sub-category"}) {
		t.Errorf("%v: %s", rulesOn(live), live.Text("#unsynced"))
	}
	draft := proposeSubscribe(pm, values)
	if again := editDraft(pm, draft); again.Doc.Find("#category option[selected]").AttrOr("value", "") != "" || again.Has(".tabs") {
		t.Errorf("%s", again.Text("main"))
	}
}

// Another program may post anything: it is shown as text, and what is no type or category of WeChat's is said to be none.
func TestHostileTypesAndCategoriesOfAProposalAreText(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm := c.As(store.ProductManager)
	hostile := `"><script>alert(1)</script>`
	form := pm.Get("/drafts/new?kind=subscribe")
	for name, value := range map[string]string{"valuetype": hostile, "category": hostile, "type": "-9", "scenario": hostile} {
		values := webtest.With(parcel, name, value)
		if name == "valuetype" {
			values = webtest.With(parcel, name, value, "phrase", "time")
		}
		checked := pm.Submit(form, "button[value=check]", typed(values)).Answers(http.StatusOK)
		saved := pm.Post("/drafts/new?kind=subscribe", webtest.With(values, "do", "save")).Answers(http.StatusOK)
		for _, p := range []*webtest.Page{checked, saved, editDraft(pm, saved), pm.Get(pathOnly(saved) + "/sheet")} {
			p.Inert()
		}
		if name == "valuetype" && !slices.Contains(rulesOn(saved), "#place-keywords-0 sub-type") {
			t.Errorf("%v", rulesOn(saved))
		}
	}
	for name, value := range map[string]string{"type": "often", "category": strings.Repeat("类", 41)} {
		if p := pm.Post("/drafts/new?kind=subscribe", webtest.With(webtest.With(parcel, name, value), "do", "save")); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	// What only subscribe messages say is left out of a template message.
	template := pm.Post("/drafts/new", webtest.With(parcel, "do", "save")).Answers(http.StatusOK)
	if template.Has(".paper .type, #place-category, #place-type") || !template.Says(".head .sub", "kind.template") {
		t.Errorf("%s", template.Text("main"))
	}
}

func TestAProposalOfASubscribeTitleIsCheckedByItsOwnRulesAtEachField(t *testing.T) {
	t.Parallel()
	c, _ := subscribeSynced(t)
	b := c.As(store.ProductManager)
	wrong := url.Values{
		"title": {"线下门店包裹到站状态消息"}, "type": {"3"}, "category": {"307"}, "scenario": {"包裹到了站点以后就通知收件人来取"},
		"name":    {"运单编号", "", "单", "运单号码", "更新时间", "当前位置"},
		"example": {"YD2026001", "", "配送中", "YD2026001", "14:05", "杭州转运中心"}, "valuetype": {"character_string", "", "phrase", "number", "date", ""},
	}
	want := []string{
		"#place-title sub-length", "#place-title sub-ending", "#place-keywords-2 sub-name", "#place-keywords-3 sub-alike",
		"#place-keywords-3 sub-example", "#place-keywords-4 sub-example", "#place-keywords-5 sub-type",
		"#place-scenario sub-scene", "#place-type sub-term",
	}
	form := b.Get("/drafts/new?kind=subscribe")
	live := b.Fragment("/drafts/new?kind=subscribe", wrong)
	if live.Status != http.StatusOK || live.Has("form, main, select, input[name=scenario]") || !live.Has("#scene-count .bad-text") {
		t.Fatalf("%d: %s", live.Status, live.Body)
	}
	plain := b.Submit(form, "button[value=check]", typed(wrong)).Answers(http.StatusOK)
	for _, p := range []*webtest.Page{live, plain} {
		webtest.Same(t, rulesOn(p), want)
	}
	for _, link := range plain.Doc.Find(".findings a.there").EachIter() {
		if !plain.Has(link.AttrOr("href", "none")) {
			t.Errorf("%s leads nowhere", link.AttrOr("href", ""))
		}
	}
	rule := plain.Doc.Find(".findings a.rule").First().AttrOr("href", "")
	if whole := plain.Doc.Find(rule+" footer a").AttrOr("href", ""); !plain.Has("dialog"+rule) || b.Get(whole).Status != http.StatusOK ||
		!b.Get(whole).Has("#"+strings.TrimPrefix(rule, "#rule-")) {
		t.Errorf("%s tells of no rule, or leads to none: %s", rule, whole)
	}
	if got := webtest.Controls(plain.Doc.Find("form[data-guard]")); strings.Join(got["valuetype"], "|") != "character_string||phrase|number|date|" || got.Get("type") != "3" || got.Get("category") != "307" {
		t.Errorf("what was typed is lost: %v", got)
	}
	if pm := b.Get("/drafts?kind=all"); pm.Has("tbody tr") {
		t.Error("a check has saved something")
	}
	webtest.Same(t, rulesOn(b.Fragment("/drafts/new?kind=subscribe", parcel)), nil)
}

// The rules of one kind say nothing of the other's drafts, and their titles are not compared.
func TestDraftsOfOneKindAreNeverJudgedByTheOthers(t *testing.T) {
	t.Parallel()
	c, _ := subscribeSynced(t)
	pm := c.As(store.ProductManager)
	same := webtest.With(parcel, "title", "快件到站状态通知")
	proposeSubscribe(pm, same)
	template := propose(pm, webtest.With(sound, "title", "快件到站状态通知"))
	for _, found := range rulesOn(template) {
		if strings.Contains(found, "sub-") || strings.HasSuffix(found, " 1-1") {
			t.Errorf("a template message: %s", found)
		}
	}
	again := pm.Fragment("/drafts/new?kind=subscribe", same)
	if got := rulesOn(again); !slices.Equal(got, []string{"#place-title sub-known"}) || again.Doc.Find(".nearest a").Length() != 1 {
		t.Errorf("of two subscribe proposals: %v", got)
	}
	for _, p := range []*webtest.Page{pm.Get("/drafts?kind=all"), pm.Get("/drafts?kind=subscribe")} {
		if p.Has("tbody .tag.bad") {
			t.Errorf("%s", p.Text("tbody"))
		}
	}
}

func TestTheListOfDraftsShowsAndFiltersKinds(t *testing.T) {
	t.Parallel()
	c, _ := subscribeSynced(t)
	pm := c.As(store.ProductManager)
	proposeSubscribe(pm, parcel)
	propose(pm, sound)
	stepDraft(pm, propose(pm, webtest.With(sound, "title", "疫苗接种结果通知")), "review")
	for query, want := range map[string][]string{
		"": {"疫苗接种结果通知", "疫苗接种安排通知"}, "?kind=template": {"疫苗接种结果通知", "疫苗接种安排通知"}, "?kind=subscribe": {"运单状态通知"},
		"?kind=all": {"疫苗接种结果通知", "疫苗接种安排通知", "运单状态通知"}, "?kind=subscribe&state=review": nil, "?state=review": {"疫苗接种结果通知"},
	} {
		p := pm.Get("/drafts" + query).Answers(http.StatusOK)
		webtest.Same(t, shownOn(p, "tbody a.go"), want)
		if p.Doc.Find(".tabs [aria-current]").Length() != 1 {
			t.Errorf("%s: %s", query, p.Text(".tabs"))
		}
		for _, link := range p.Doc.Find(".facets a").EachIter() {
			if href := link.AttrOr("href", ""); strings.Contains(query, "kind=subscribe") != strings.Contains(href, "kind=subscribe") {
				t.Errorf("%s: %s leaves the kind", query, href)
			}
		}
	}
	if all := pm.Get("/drafts?kind=all"); !all.Says("tbody tr:last-child .hint", "kind.subscribe") || !all.Says("tbody tr:first-child .hint", "kind.template") {
		t.Errorf("%s", all.Text("tbody"))
	}
	if p := pm.Get("/drafts?kind=subscribe"); shownOn(p, ".tabs small")[0] != "2" || p.Doc.Find("input[type=hidden][name=kind]").AttrOr("value", "") != "subscribe" {
		t.Errorf("%s", p.Text("main"))
	}
	qa := c.As(store.QA).Get("/drafts?kind=subscribe").Answers(http.StatusOK)
	if qa.Has(`.acts a[href*="/drafts/new"]`) || !qa.Has("tbody a.go") {
		t.Error("QA reads them and proposes none")
	}
}

// Proposed, sent back, mended, reviewed, refused and accepted by WeChat, found in the library, added with its scene.
func TestTheLifeOfASubscribeProposal(t *testing.T) {
	t.Parallel()
	c, op := subscribeSynced(t)
	pm := c.As(store.ProductManager)
	meal := url.Values{
		"title": {"取餐提醒"}, "category": {"612"}, "type": {"2"}, "scenario": {"门店出餐后通知用户取餐"},
		"name": {"取餐编号", "订单状态", "取餐时间"}, "valuetype": {"character_string", "phrase", "time"},
		"example": {"A032", "待取餐", "2026年11月29日 14:05"},
	}
	draft := stepDraft(pm, proposeSubscribe(pm, meal), "review")
	path := pathOnly(draft)
	if draft.Says("main", "desk.left", "Count", 3) || !draft.Says(".head .sub", "kind.subscribe") || draft.Doc.Find(".paper .type").Length() != 3 {
		t.Fatalf("%s", draft.Text("main"))
	}
	review := op.Get(path)
	if got := review.Doc.Find(".paper input[name=where]").Map(func(_ int, i *goquery.Selection) string { return i.AttrOr("value", "") }); strings.Join(got[:4], " ") != "title category type scenario" {
		t.Fatalf("places %q", got)
	}
	judgeDraft(op, review, "rejected", map[string]string{"category": "换一个类目", "type": "要长期的"}).Expect(http.StatusOK, "done.rejected")
	form := editDraft(pm, pm.Get(path))
	webtest.Same(t, shownOn(form, ".reason"), []string{"换一个类目", "要长期的"})
	mended := pm.Submit(form, "button[value=save]", func(f url.Values) { f.Set("type", "3"); f["valuetype"][2] = "date" })
	webtest.Same(t, shownOn(mended, "#place-type ins, #place-keywords-2 ins .type"), []string{mended.Text("#place-type ins"), mended.Text("#place-keywords-2 ins .type")})
	if mended.Text("#place-type del") == mended.Text("#place-type ins") || mended.Has("#place-category del") {
		t.Errorf("%s", mended.Text(".paper"))
	}
	form = editDraft(pm, pm.Get(path))
	again := pm.Submit(form, "button[value=send]", func(f url.Values) { f.Set("type", "2"); f["valuetype"][2] = "time" }).Expect(http.StatusOK, "done.sent_to_review")
	judgeDraft(op, op.Get(pathOnly(again)), "approved", nil).Expect(http.StatusOK, "done.approved")
	sheet := op.Get(path + "/sheet").Answers(http.StatusOK)
	if !sheet.Says("tbody", "place.category") || !sheet.Says("tbody", "place.valuetype", "N", 3) {
		t.Errorf("%s", sheet.Text("tbody"))
	}
	stepDraft(pm, pm.Get(path), "submitted").Expect(http.StatusOK, "done.submitted")
	c.Clock.Advance(9 * 24 * time.Hour)
	pm, op = c.As(store.ProductManager), c.As(store.Operator)
	if late := pm.Get(path).Expect(http.StatusOK, "life.unknown"); late.Has(".life .warn-text") || !late.Says(".life", "life.day", "N", 9) {
		t.Errorf("%s", late.Text(".life"))
	}
	answerDraft(op, op.Get(path), "letter", "模板审核未通过。\n关键词“取餐时间”与参数类型不符。").Expect(http.StatusOK, "done.letter")
	if got := shownOn(pm.Get(path), "#place-keywords-2 .reason .lines"); len(got) != 1 {
		t.Fatalf("%v", got)
	}
	stepDraft(op, op.Get(path), "unanswer")
	p := answerDraft(op, op.Get(path), "accepted", "").Expect(http.StatusOK, "life.is_in_library")
	if !p.Has(`main a[href$="/library/250"]`) || len(findingsOn(p)) > 0 {
		t.Fatalf("%s", p.Text("main"))
	}
	added := op.Submit(p, "button[value=account]", nil).Expect(http.StatusOK, "done.template_added")
	all := c.Sandbox.SubscribeTemplates(sandbox.DefaultAppID)
	if len(all) != 1 || all[0].Title != "取餐提醒" || pathOnly(added) != "/templates/"+all[0].ID {
		t.Fatalf("%+v", all)
	}
	known, err := c.Store.Template(t.Context(), c.App().ID, all[0].ID)
	webtest.Must(t, err)
	if known.TitleID != "250" || known.Scene != "门店出餐后通知用户取餐" || !slices.Equal(known.KeywordIDs, []int{3, 26, 12}) {
		t.Errorf("%+v", known)
	}
	pm.Get(path).Expect(http.StatusOK, "state.added")
}

// It asked for a scene that the draft has, and sent none.
func TestAnApprovedSubscribeCombinationIsAddedFromItsPageWithItsScene(t *testing.T) {
	t.Parallel()
	c, op := subscribeSynced(t)
	pm := c.As(store.ProductManager)
	builder := pm.Get("/library/250?k=23&k=52").Answers(http.StatusOK)
	draft := pm.Submit(builder, `#acts button[value="review"]`, func(f url.Values) { f.Set("scene", "门店出餐后通知用户取餐") }).Expect(http.StatusOK, "done.sent_to_review")
	d, err := c.Store.Draft(t.Context(), c.App().ID, 1)
	webtest.Must(t, err)
	if d.Kind != "subscribe" || d.Keywords[1].Rule != "number" || !draft.Has("#place-scenario") || draft.Has("#place-category") {
		t.Fatalf("%+v %s", d, draft.Text(".paper"))
	}
	p := judgeDraft(op, op.Get(pathOnly(draft)), "approved", nil)
	clone := stepDraft(pm, pm.Get(pathOnly(draft)), "clone")
	if !clone.Says(".head .sub", "kind.subscribe") {
		t.Errorf("%s", clone.Text(".head"))
	}
	op.Submit(p, "button[value=account]", nil).Expect(http.StatusOK, "done.template_added")
	all := c.Sandbox.SubscribeTemplates(sandbox.DefaultAppID)
	known, err := c.Store.Template(t.Context(), c.App().ID, all[0].ID)
	webtest.Must(t, err)
	if known.Scene != "门店出餐后通知用户取餐" || known.DraftID != 1 || known.TitleID != "250" {
		t.Errorf("%+v", known)
	}
}

// WeChat takes the same keywords in another order for the same template; those of another title it does not.
func TestTheBuilderNamesATwinInWhateverOrder(t *testing.T) {
	t.Parallel()
	c, op := subscribeSynced(t)
	b := op.Get("/library/250?k=23&k=52&k=14&scene=取餐")
	template := op.Submit(b, `#acts button[value="account"]`, nil).Expect(http.StatusOK, "done.template_added")
	c.Remember(store.Actor{Name: "a"}, store.Template{App: c.App().ID, Kind: "subscribe", TemplateID: "elsewhere", TitleID: "251",
		Title: "取餐提醒", Type: 2, KeywordIDs: []int{7, 20}, Content: "订单编号:{{character_string7.DATA}}\n备注:{{thing20.DATA}}\n"})
	for query, word := range map[string]string{
		"k=23&k=52&k=14": "builder.twin", "k=14&k=23&k=52": "builder.twin_reordered", "k=52&k=14&k=23": "builder.twin_reordered",
		"k=23&k=52": "", "k=23&k=52&k=20": "", "k=23&k=52&k=14&k=20": "", "k=7&k=20": "",
	} {
		p := op.Get("/library/250?" + query).Answers(http.StatusOK)
		if p.Has("#twins a") != (word != "") || word != "" && !p.Says("#twins", word) {
			t.Errorf("%s: %s", query, p.Text("#twins"))
		}
		if word != "" && p.Doc.Find("#twins a").AttrOr("href", "") != pathOnly(template) {
			t.Errorf("%s leads to %s", query, p.Doc.Find("#twins a").AttrOr("href", ""))
		}
	}
	live := op.Fragment("/library/250", url.Values{"k": {"14", "52"}, "do": {"add:23"}, "scene": {"取餐"}})
	if live.Doc.Find("#twins a").AttrOr("href", "") != pathOnly(template) {
		t.Errorf("while one chooses: %s", live.Text("#twins"))
	}
}

func TestTheBuilderOfASubscribeTitleNamesWhatItsCombinationLacks(t *testing.T) {
	t.Parallel()
	_, op := subscribeSynced(t)
	for query, want := range map[string]string{
		"k=12&k=14&scene=取餐": "",
		"k=23&k=52":          "",
		"k=23&k=52&k=14&k=20&k=24&k=26&scene=取餐":                "sub-count",
		"k=23&k=52&scene=" + url.QueryEscape("门店出餐以后通知用户到吧台来取"): "",
		"k=23&k=52&key=x&scene=": "sub-scene",
		"k=23&k=52&scene=" + url.QueryEscape("门店出餐以后通知用户到吧台来取餐"): "sub-scene",
	} {
		p := op.Get("/library/250?" + query).Answers(http.StatusOK)
		rules := p.Doc.Find(".sum a[data-drawer]").Map(func(_ int, a *goquery.Selection) string {
			return strings.TrimPrefix(a.AttrOr("href", ""), "#rule-")
		})
		if strings.Join(rules, " ") != want {
			t.Errorf("%s: %q, want %q", query, rules, want)
		}
		for _, rule := range rules {
			if !p.Has("#rule-" + rule) {
				t.Errorf("%s has no drawer", rule)
			}
		}
	}
}

// Who has chosen one keyword of two is on the way: the acts wait and say for what, and nothing is refused yet.
func TestACombinationOnItsWayIsNotRed(t *testing.T) {
	t.Parallel()
	_, op := subscribeSynced(t)
	for _, kid := range []string{"23", "14"} {
		p := op.Get("/library/250?k=" + kid).Answers(http.StatusOK)
		if p.Has("#builder .bad, #builder .error, #builder .bad-text, .sum a[data-drawer], details.sum.bad") || !p.Says("#after-acts", "builder.more", "Count", 1) {
			t.Errorf("%s: %s; %s", kid, p.Text("#after-acts"), p.Text("#preview .sum"))
		}
		for _, do := range []string{"save", "account"} {
			if n := p.Doc.Find(`button[form=builder][value="` + do + `"][disabled]`).Length(); n != 2 {
				t.Errorf("%s, %s: %d of 2 buttons wait", kid, do, n)
			}
		}
	}
	if p := op.Get("/library/250?k=23&k=14"); p.Has(`button[form=builder][value="save"][disabled]`) {
		t.Errorf("two are enough: %s", p.Text("#after-acts"))
	}
}
