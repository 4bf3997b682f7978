package pages_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/web/webtest"
	"muban/wechat/alert"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

// tasksOn are what the acts of the overview's tasks lead to, the most urgent first.
func tasksOn(p *webtest.Page) []string {
	var hrefs []string
	for _, a := range p.Doc.Find("#tasks .todo a.button").EachIter() {
		hrefs = append(hrefs, webtest.Within(a.AttrOr("href", "")))
	}
	return hrefs
}

// actorOf is the person called as their role, as the log names them.
func actorOf(c *webtest.Console, role store.Role) store.Actor {
	return store.Actor{PersonID: c.Person(role).ID, Name: string(role)}
}

// leavesSoon puts a right of openID into the ledger that ends in an hour.
func leavesSoon(c *webtest.Console, openID string) {
	c.T.Helper()
	c.Report(webtest.FormReport(c, openID, "soon-"+openID[:4], 7*day-time.Hour))
}

func TestTheOverviewListsWhatIsOnesToDoByUrgency(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	b.Get("/").Expect(http.StatusOK, "overview.all_done").Expect(http.StatusOK, "overview.next.browse")
	_, review := draftInState(c, "combination", "review")
	own, err := c.Store.AddDraft(t.Context(), actorOf(c, store.Operator), store.Draft{App: c.App().ID, Title: "自己的", Proposed: true})
	webtest.Must(t, err)
	webtest.Must(t, c.Store.SendToReview(t.Context(), actorOf(c, store.Operator), own.App, own.ID, own.Version))
	leavesSoon(c, webtest.StrangerID)
	_, err = c.Store.RaiseAlert(t.Context(), alert.Alert{Cause: alert.SecretRefused, App: alert.App{ID: c.App().ID}, Detail: "40125"}, nil)
	webtest.Must(t, err)
	c.KeepHouse()
	lose(c, b)
	_, err = c.Elsewhere(c.App()).AddTemplate(t.Context(), "AT0002", []int{3})
	webtest.Must(t, err)

	p := b.Get("/")
	webtest.Same(t, tasksOn(p), []string{"/sends/1#decide", "/token", webtest.PathWith("/drafts/", review), "/templates", "/rights?by=leaving&kind=template"})
	if primary := p.Doc.Find("#tasks .primary"); primary.Length() != 1 || !strings.HasSuffix(primary.AttrOr("href", ""), "#decide") {
		t.Errorf("green is %q", primary.Text())
	}
	p.Expect(http.StatusOK, "overview.group_first").Expect(http.StatusOK, "overview.group_review").Expect(http.StatusOK, "overview.group_days")
	p.Expect(http.StatusOK, "overview.drift", "Count", 1).Expect(http.StatusOK, "overview.leaving", "Count", 1)

	webtest.Must(t, c.Store.ReviewDraft(t.Context(), actorOf(c, store.Administrator), own.App, store.Review{
		Draft: own.ID, Verdict: "rejected", Version: own.Version, Reasons: []store.Reason{{Where: "title", Text: "太宽泛"}}}))
	lose(c, b) // two are decided in their list
	p = b.Get("/").Expect(http.StatusOK, "overview.is_rejected").Expect(http.StatusOK, "overview.reasons", "Name", "administrator", "Count", 1)
	webtest.Same(t, tasksOn(p)[:3], []string{"/sends?kind=all&outcome=undecided", "/token", webtest.PathWith("/drafts/", own.ID)})
}

func TestAProposalAtWeChatIsMarkedAfterItsSeventhDay(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for days, tone := range map[int]string{7: "muted", 8: "warn-text"} {
		_, id := draftInState(c, "proposal", "approved")
		webtest.Must(t, c.Store.DraftSubmitted(t.Context(), actorOf(c, store.Operator), c.App().ID, id, c.Clock.Now().Add(-time.Duration(days)*day)))
		p := c.As(store.Operator).Get("/").Expect(http.StatusOK, "overview.submitted_days", "Count", days)
		line := p.Doc.Find(`#tasks li:has(a[href$="` + webtest.PathWith("/drafts/", id) + `"])`)
		if !line.Children().First().HasClass(tone) {
			t.Errorf("after %d days it is not %s", days, tone)
		}
	}
}

func TestAProductManagerSeesHowFarTheirProposalsAre(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	by, app := actorOf(c, store.ProductManager), c.App().ID
	state := func(id int64) *store.Draft {
		d, err := c.Store.Draft(t.Context(), app, id)
		webtest.Must(t, err)
		return &d
	}
	var ids []int64
	for _, title := range []string{"在写", "退回", "交了"} {
		d, err := c.Store.AddDraft(t.Context(), by, store.Draft{App: app, Title: title, Proposed: true})
		webtest.Must(t, err)
		ids = append(ids, d.ID)
	}
	for i, verdict := range []string{"", "rejected", "approved"} {
		if verdict != "" {
			webtest.Must(t, c.Store.SendToReview(t.Context(), by, app, ids[i], state(ids[i]).Version))
			webtest.Must(t, c.Store.ReviewDraft(t.Context(), actorOf(c, store.Operator), app, store.Review{Draft: ids[i], Verdict: verdict, Version: state(ids[i]).Version}))
		}
	}
	webtest.Must(t, c.Store.DraftSubmitted(t.Context(), by, app, ids[2], time.Time{}))
	_, err := c.Store.AddComment(t.Context(), actorOf(c, store.Operator), app, ids[1], "内容改成课程名称")
	webtest.Must(t, err)
	c.Remember(actorOf(c, store.Operator), store.Template{App: app, TemplateID: "tpl-of-theirs", TitleID: "AT0002", Title: "购买成功通知", DraftID: ids[0]})
	c.Days(actorOf(c, store.Operator), "tpl-of-theirs", 2, 3, 1, 0)

	p := c.As(store.ProductManager).Get("/")
	counts := map[string]string{}
	for _, a := range p.Doc.Find("#pipe a[href*=state]").EachIter() {
		u, err := url.Parse(webtest.Within(a.AttrOr("href", "")))
		webtest.Must(t, err)
		counts[u.Query().Get("state")] = a.Find("b").Text()
	}
	if counts["rejected"] != "1" || counts["submitted"] != "1" || counts["refused"] != "0" {
		t.Errorf("%v", counts)
	}
	p.Expect(http.StatusOK, "overview.allowance", "Used", 1, "Left", 2)
	p.Shows(http.StatusOK, "内容改成课程名称")
	if got := p.Text("#used tbody tr"); !strings.Contains(got, "购买成功通知") || !strings.Contains(got, "8") || !strings.Contains(got, "75.0%") {
		t.Errorf("their template: %q", got)
	}
	for _, hidden := range []string{"#sending", "#ending", "#codes", "#strip", "#own", `main a[href*="/sends"]`, `main a[href*="/rights"]`, `main a[href*="/token"]`} {
		if p.Has(hidden) {
			t.Errorf("a product manager is shown %s", hidden)
		}
	}
	for _, href := range tasksOn(p) {
		if c.As(store.ProductManager).Get(href).Status != http.StatusOK {
			t.Errorf("%s is offered and not allowed", href)
		}
	}
}

func TestQASeesTheirOwnTestsAndWhatEndsOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator, qa := c.As(store.Operator), c.As(store.QA)
	lose(c, operator)
	p := qa.Get("/").Expect(http.StatusOK, "overview.all_done").Expect(http.StatusOK, "overview.own_none")
	if p.Doc.Find("main a.button.primary").Length() != 1 || !p.Has("#steps a.button.primary") {
		t.Error("nothing leads to a test, or more than one does")
	}
	if p = qa.Submit(p, "#steps button", nil); !p.Has("#own a.button.primary") { // the first steps are not wanted
		t.Error("nothing leads to a test")
	}
	webtest.Must(t, c.Sandbox.AddFault(sandbox.Fault{Path: webtest.SendPath, Drop: "after"}))
	qa.SendTest(c.Sends()[0].TemplateID)
	leavesSoon(c, sandbox.OpenIDFor(c.App().AppID, "qa"))
	p = qa.Get("/").Expect(http.StatusOK, "overview.own_ending", "Count", 1)
	if got := tasksOn(p); len(got) != 2 || got[0] != "/sends/2#decide" {
		t.Errorf("%v", got)
	}
	if n := p.Doc.Find("#own tbody tr").Length(); n != 1 {
		t.Errorf("%d sends of QA's own", n)
	}
}

func TestTheOverviewComparesWithYesterdayAtTheSameTime(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	by, b := actorOf(c, store.Operator), c.As(store.Operator)
	p := b.Get("/").Expect(http.StatusOK, "overview.so_far_none").Expect(http.StatusOK, "overview.no_codes")
	if got := p.Doc.Find("#sending .bars > li").Length(); got != 30 {
		t.Errorf("%d bars", got)
	}
	c.Days(by, "tpl", 3, 8, 2, 0)
	c.Days(by, "tpl", 1, 1, 1, 0)
	p = b.Get("/").Expect(http.StatusOK, "overview.so_far", "Change", "+20.0%").Expect(http.StatusOK, "overview.yesterday", "Rate", "80.0%")
	if got := p.Text("#sending .big"); got != "1275.0%32" {
		t.Errorf("the numbers are %q", got)
	}
	if got := p.Text("#codes li:first-child"); !strings.HasPrefix(got, "41028") || !strings.HasSuffix(got, "2") {
		t.Errorf("the most frequent errcode: %q", got)
	}
	today := p.Doc.Find("#sending .bars a").Last()
	if list := b.Get(today.AttrOr("href", "")); listedOn(list) == "" || list.Doc.Find(".bars a[aria-current]").Length() != 1 {
		t.Errorf("today's bar leads to %q", listedOn(list))
	}
	for _, a := range p.Doc.Find("#codes a, #ending .bars a").EachIter() {
		b.Get(a.AttrOr("href", "")).Answers(http.StatusOK)
	}
}

// A part that cannot be read is missing in its own place; the rest of the page is there.
func TestOnePanelThatFailsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	for table, panel := range map[string]string{"send_days": "#sending", "right_days": "#ending", "draft_steps": "#pipe"} {
		c := webtest.NewConsole(t)
		role := store.Operator
		if panel == "#pipe" {
			role = store.ProductManager
		}
		b := c.As(role)
		c.SQL("ALTER TABLE " + table + " RENAME TO lost")
		p := b.Get("/").Answers(http.StatusOK)
		if !p.Says(panel, "overview.missing") || !p.Has(panel+` a[href="/"]`) {
			t.Errorf("%s: %q", panel, p.Text(panel))
		}
		if !p.Says("#tasks", "overview.all_done") {
			t.Errorf("without %s: %q", table, p.Text("#tasks"))
		}
	}
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	c.SQL("ALTER TABLE rights RENAME TO lost")
	if p := b.Get("/"); !p.Says("#tasks", "overview.missing") || !p.Says("#sending", "overview.so_far_none") {
		t.Errorf("%q", p.Text("main"))
	}
}

func TestFirstStepsAreTickedAndGoOnceTheyAreDoneOrNotWanted(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	ids := func(p *webtest.Page, selector string) string {
		var all []string
		for _, a := range p.Doc.Find("#steps " + selector).EachIter() {
			all = append(all, webtest.Within(a.AttrOr("href", "")))
		}
		return strings.Join(all, " ")
	}
	for role, want := range map[store.Role]string{
		store.Administrator: "/library /templates /settings/people /settings/apps", store.Operator: "/library /templates",
		store.ProductManager: "/library /drafts", store.QA: "/templates",
	} {
		b := c.As(role)
		if got := ids(b.Get("/"), "a"); got != want {
			t.Errorf("%s: %q, want %q", role, got, want)
		}
		for _, href := range strings.Fields(want) {
			b.Get(href).Answers(http.StatusOK)
		}
	}
	operator := c.As(store.Operator)
	template := c.AddTemplate(operator, "AT0002", "3")
	p := operator.Get("/").Expect(http.StatusOK, "overview.steps_done", "Done", 1, "All", 2)
	if got := ids(p, "a"); got != "/templates" {
		t.Errorf("still to do: %q", got)
	}
	operator.SendTest(template)
	if operator.Get("/").Has("#steps") {
		t.Error("all is done, and the steps stay")
	}
	qa := c.As(store.QA)
	if qa.Submit(qa.Get("/"), "#steps button", nil).Has("#steps") || c.As(store.QA).Get("/").Has("#steps") {
		t.Error("the steps were not wanted, and stay")
	}
}

func TestWhatEndsInAWeekIsDrawnByDay(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	c.Report(c.PaymentOf(webtest.StrangerID, "wx20261120first", 2*day), webtest.FormReport(c, webtest.StrangerID, "second", 3*day))
	p := c.As(store.Operator).Get("/").Expect(http.StatusOK, "overview.ending_sum", "Count", 4)
	var bars []string
	for _, n := range p.Doc.Find("#ending .over").EachIter() {
		bars = append(bars, n.Text())
	}
	webtest.Same(t, bars, []string{"0", "0", "0", "0", "1", "3", "0"})
	leads := p.Doc.Find("#ending .bars a").Eq(5).AttrOr("href", "")
	webtest.Same(t, column(c.As(store.Operator).Get(leads), "3"), []string{"payment"})
}

func TestTheOverviewKnowsBothKindsOfMessage(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, app := c.As(store.Operator), c.App()
	if b.Get("/").Has("#reach") {
		t.Error("there are no subscribe messages yet")
	}
	template := c.AddTemplate(b, "755", "1", "3")
	_, err := c.Elsewhere(app).AddSubscribeTemplate(t.Context(), "755", []int{4, 5}, "")
	webtest.Must(t, err)
	b.Get("/templates?kind=subscribe").Answers(http.StatusOK)
	p := b.Get("/").Expect(http.StatusOK, "overview.reach_none")
	if !p.Has("#reach a[href$='/templates/ask']") || p.Has("#ending") || !p.Has("#strip a[href$='kind=subscribe']") {
		t.Errorf("an empty ledger: %s", p.Text("main"))
	}
	if got := tasksOn(p); len(got) != 1 || got[0] != "/templates?kind=subscribe" { // elsewhere was added by nobody here
		t.Errorf("%v", got)
	}
	accept := func(n int) {
		_, err := c.Store.ReportAnswers(t.Context(), store.Actor{}, app.ID, []ledger.Answer{{OpenID: webtest.Customer, TemplateID: template,
			What: ledger.Accept, Source: ledger.FromHand, Ref: strconv.Itoa(n)}})
		webtest.Must(t, err)
		webtest.Must(t, c.Sandbox.Allow(app.AppID, webtest.Customer, false, template))
	}
	accept(1)
	if p = b.Get("/"); !p.Says("#reach", "overview.reach_stays") || !strings.Contains(p.Text("#reach"), "充值成功通知") {
		t.Errorf("one consent: %s", p.Text("#reach"))
	}
	// Two of three are used within a month: a day later nobody is left to reach.
	accept(2)
	accept(3)
	c.Clock.Advance(31 * day)
	b = c.As(store.Operator)
	for range 2 {
		b.Submit(b.Get("/templates/"+template), webtest.SendButton, func(form url.Values) {
			form["v"], form["touser"] = []string{"NO.1", "¥1"}, []string{webtest.Customer}
		}).Expect(http.StatusOK, "outcome.sent")
	}
	p = b.Get("/").Expect(http.StatusOK, "overview.running_out", "Count", 1)
	if got := tasksOn(p); len(got) != 2 || got[1] != "/rights?kind=subscribe&template="+template {
		t.Errorf("%v", got)
	}
	if !p.Says("#reach", "overview.reach_lasts", "Count", 0) {
		t.Errorf("%s", p.Text("#reach"))
	}
}
