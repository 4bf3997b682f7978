package pages_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/web/webtest"
	"muban/wechat"
)

// stepDraft presses a button of the desk, or of the banner over a deleted draft.
func stepDraft(b *webtest.Browser, p *webtest.Page, do string) *webtest.Page {
	b.T.Helper()
	return b.Submit(p, `form[action$="/step"] button[value="`+do+`"]`, nil).Answers(http.StatusOK)
}

// editDraft opens the form of a proposal.
func editDraft(b *webtest.Browser, draft *webtest.Page) *webtest.Page {
	b.T.Helper()
	return b.Get(pathOnly(draft) + "/edit").Answers(http.StatusOK)
}

// judgeDraft approves or rejects, with reasons by place.
func judgeDraft(b *webtest.Browser, p *webtest.Page, kind string, reasons map[string]string) *webtest.Page {
	b.T.Helper()
	return b.Submit(p, `button[name=kind][value=`+kind+`]`, func(form url.Values) {
		for i, where := range form["where"] {
			form["reason"][i] = reasons[where]
		}
	})
}

// answerDraft records what WeChat said of a proposal.
func answerDraft(b *webtest.Browser, p *webtest.Page, kind, letter string) *webtest.Page {
	b.T.Helper()
	return b.Submit(p, `form[action$="/answer"] button[value=`+kind+`]`, func(form url.Values) {
		if kind == "letter" {
			form.Set("letter", letter)
		}
	})
}

// draftInState is the address of a product manager's new draft in that state.
func draftInState(c *webtest.Console, kind, state string) (path string, id int64) {
	c.T.Helper()
	ctx, app := context.Background(), c.App().ID
	author, reviewer := c.Person(store.ProductManager), store.Actor{Name: "reviewer"}
	by := store.Actor{PersonID: author.ID, Name: author.Name}
	d, err := c.Store.AddDraft(ctx, by, store.Draft{
		App: app, Proposed: kind == "proposal", TitleID: map[string]string{"combination": "AT0002"}[kind], Title: "购买成功通知", Scenario: "付款之后", Keywords: []wechat.Keyword{{ID: 5, Name: "物品名称", Example: "咖啡"}},
	})
	webtest.Must(c.T, err)
	send := func() { webtest.Must(c.T, c.Store.SendToReview(ctx, by, app, d.ID, 1)) }
	judge := func(kind string, reasons ...store.Reason) {
		send()
		webtest.Must(c.T, c.Store.ReviewDraft(ctx, reviewer, app, store.Review{Draft: d.ID, Verdict: kind, Version: 1, Reasons: reasons}))
	}
	switch state {
	case "review":
		send()
	case "approved":
		judge("approved")
	case "rejected":
		judge("rejected", store.Reason{Where: "title", Text: "不行"})
	case "submitted", "accepted", "refused":
		judge("approved")
		webtest.Must(c.T, c.Store.DraftSubmitted(ctx, by, app, d.ID, time.Time{}))
	case "added":
		judge("approved")
		c.Remember(by, store.Template{App: app, TemplateID: "template", Title: d.Title, DraftID: d.ID})
	case "deleted":
		webtest.Must(c.T, c.Store.DeleteDraft(ctx, by, app, d.ID))
	}
	switch state {
	case "accepted":
		webtest.Must(c.T, c.Store.DraftAccepted(ctx, by, app, d.ID, 1))
	case "refused":
		letter := store.Review{Draft: d.ID, Verdict: "letter", Version: 1, Letter: "标题不行。", Reasons: []store.Reason{{Where: "title", Text: "标题不行。"}}}
		webtest.Must(c.T, c.Store.ReviewDraft(ctx, reviewer, app, letter))
	}
	return "/drafts/" + strconv.FormatInt(d.ID, 10), d.ID
}

// acts are the desk's, with the states that each is possible in and the one it
// leads to.
var acts = map[string]struct{ from, to string }{
	"review":    {"draft rejected refused", "review"},
	"withdraw":  {"review approved submitted", "draft"},
	"submitted": {"approved", "submitted"}, // of a proposal
	"approved":  {"review", "approved"},
	"rejected":  {"review", "rejected"},
	"accepted":  {"submitted", "accepted"},
	"letter":    {"submitted", "refused"},
	"unanswer":  {"accepted refused", "submitted"},
	"save":      {"draft review approved", "draft"}, // of a proposal; the builder saves combinations
	"mend":      {"rejected", "rejected"},           // a save of what was sent back, which waits until it is handed in
	"mend2":     {"refused", "refused"},
	"send":      {"draft review approved rejected refused", "review"}, // saves too
	"clone":     {"draft review approved rejected submitted accepted refused added", ""},
	"delete":    {"draft review approved rejected submitted accepted refused added", "deleted"},
	"restore":   {"deleted", "draft"},
	"comment":   {"draft review approved rejected submitted accepted refused added", ""},
}

// states are those that drafts of a kind can be in; a deleted one was a draft.
var states = map[string]string{
	"proposal":    "draft review approved rejected submitted accepted refused deleted",
	"combination": "draft review approved rejected added deleted",
}

// possible tells whether an act can be done to a draft. Deleting and restoring
// again is a second click, which does nothing.
func possible(act, kind, state string) bool {
	return slices.Contains(strings.Fields(acts[act].from), state) && (act != "submitted" || kind == "proposal")
}

// saves tells whether an act posts the form of a proposal.
func saves(act string) bool { return slices.Contains([]string{"save", "mend", "mend2", "send"}, act) }

// actDirectly posts an act without its button.
func actDirectly(b *webtest.Browser, path, act string) *webtest.Page {
	b.T.Helper()
	form := url.Values{"version": {"1"}, "title": {"购买成功通知"}, "name": {"物品名称"}, "example": {"茶"}, "where": {"title"}, "reason": {"不行"}, "asked": {"1"}, "letter": {"标题不行"}, "text": {"好"}}
	switch act {
	case "save", "send":
		return b.Post(path, webtest.With(form, "do", act))
	case "mend", "mend2":
		return b.Post(path, webtest.With(form, "do", "save"))
	case "accepted", "letter":
		return b.Post(path+"/answer", webtest.With(form, "kind", act))
	case "comment":
		return b.Post(path+"/comments", form)
	case "approved", "rejected":
		return b.Post(path+"/verdict", webtest.With(form, "kind", act))
	}
	return b.Post(path+"/step", webtest.With(form, "do", act))
}

func TestAnActOfTheDeskLeadsToItsStateFromItsStatesAlone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	for kind, states := range states {
		for _, state := range strings.Fields(states) {
			path, id := draftInState(c, kind, state)
			before := c.Still()
			for act := range acts {
				if saves(act) && (kind == "combination" || slices.Contains(strings.Fields("draft review approved rejected refused"), state)) ||
					possible(act, kind, state) {
					continue
				}
				again := act == "restore" || act == "delete" && state == "deleted"
				if p := actDirectly(b, path, act); again != (p.Status == http.StatusOK) || !again && (p.Status != http.StatusConflict || p.Text(".banner.bad") == "") {
					t.Errorf("%s of a %s in %s: %d\n%s", act, kind, state, p.Status, p.Text("main"))
				}
			}
			if c.Content() != before {
				d, err := c.Store.Draft(context.Background(), c.App().ID, id)
				t.Errorf("a refused act has changed a %s in %s: %+v %v", kind, state, d, err)
			}
		}
	}
	for act, allowed := range acts {
		for _, state := range strings.Fields(allowed.from) {
			for kind, states := range states {
				if !slices.Contains(strings.Fields(states), state) || !possible(act, kind, state) || saves(act) && kind == "combination" {
					continue
				}
				path, id := draftInState(c, kind, state)
				p := actDirectly(b, path, act)
				d, err := c.Store.Draft(context.Background(), c.App().ID, id)
				if p.Status != http.StatusOK || err != nil || d.State != allowed.to && allowed.to != "" && d.DeletedAt.IsZero() {
					t.Errorf("%s of a %s in %s: %d, now in %s, %v", act, kind, state, p.Status, d.State, err)
				}
			}
		}
	}
}

func TestADraftsPageOffersTheActsThatItsReaderMayDoNow(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	for state, want := range map[string]map[store.Role]string{
		"draft":     {store.ProductManager: "clone delete edit review", store.Operator: "clone delete edit review"},
		"review":    {store.ProductManager: "clone delete withdraw", store.Operator: "clone delete approved rejected"},
		"approved":  {store.ProductManager: "clone delete withdraw submitted", store.Operator: "clone delete withdraw submitted"},
		"rejected":  {store.ProductManager: "clone delete edit review", store.Operator: "clone delete edit review"},
		"submitted": {store.ProductManager: "clone delete withdraw", store.Operator: "clone delete withdraw accepted letter"},
		"accepted":  {store.ProductManager: "clone delete", store.Operator: "clone delete unanswer"},
		"refused":   {store.ProductManager: "clone delete edit review", store.Operator: "clone delete unanswer edit review"},
		"deleted":   {store.ProductManager: "restore", store.Operator: "restore"},
	} {
		path, _ := draftInState(c, "proposal", state)
		for _, role := range []store.Role{store.ProductManager, store.Operator, store.QA} {
			p := c.As(role).Get(path)
			var got []string
			for _, el := range p.Doc.Find(`main button[name], main a[href$="/edit"]`).EachIter() {
				got = append(got, el.AttrOr("value", "edit"))
			}
			if green := p.Doc.Find("main .primary").Length(); green > 1 {
				t.Errorf("%s sees in %s: %d green buttons", role, state, green)
			}
			if strings.Join(got, " ") != want[role] || p.Has("#text") == (state == "deleted") {
				t.Errorf("%s sees in %s: %v, want %s", role, state, got, want[role])
			}
		}
	}
}

func TestProductManagersAndQADoNotApproveDraftsAndQAOnlyReadsAndComments(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	path, id := draftInState(c, "proposal", "review")
	pm, qa := c.As(store.ProductManager), c.As(store.QA)
	before := c.Still()
	for _, act := range []string{"approved", "rejected", "accepted", "letter"} {
		actDirectly(pm, path, act).Expect(http.StatusForbidden, "failure.forbidden.title")
	}
	for act := range acts {
		if act != "comment" {
			actDirectly(qa, path, act).Expect(http.StatusForbidden, "failure.forbidden.title")
		}
	}
	qa.Get(path+"/sheet").Shows(http.StatusOK, "购买成功通知")
	if d, err := c.Store.Draft(context.Background(), c.App().ID, id); err != nil || d.State != "review" || c.Content() != before {
		t.Fatalf("something was done: now in %s, %v", d.State, err)
	}
	actDirectly(qa, path, "comment").Expect(http.StatusOK, "done.commented")
}

func TestAuthorsApproveTheirOwnDraftsOnlyWhereAnAdministratorAllowsIt(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b, admin := c.As(store.Operator), c.As(store.Administrator)
	draft := stepDraft(b, propose(b, sound), "review").Expect(http.StatusOK, "desk.own")
	refused := func() {
		t.Helper()
		for _, kind := range []string{"approved", "rejected"} {
			actDirectly(b, pathOnly(draft), kind).Expect(http.StatusForbidden, "failure.forbidden.title")
		}
		if p := b.Get(pathOnly(draft)); p.Has("button[name=kind]") || !p.Is(".head .tag", "state.review") {
			t.Fatalf("%s", p.Text("main"))
		}
	}
	allow := func(value ...string) *webtest.Page {
		return admin.Submit(admin.Get("/settings/apps"), `form[action$="/settings/desk"] button`, func(f url.Values) { f["self_approval"] = value })
	}
	refused()
	b.Post("/settings/desk", url.Values{"self_approval": {"on"}}).Answers(http.StatusForbidden)
	admin.Post("/settings/desk", url.Values{"self_approval": {"yes"}}).Answers(http.StatusBadRequest)
	refused()
	if p := allow("on").Expect(http.StatusOK, "done.desk_set"); !p.Has("[name=self_approval][checked]") {
		t.Fatal("the box is not ticked")
	}
	if p := allow().Expect(http.StatusOK, "done.desk_set"); p.Has("[name=self_approval][checked]") {
		t.Fatal("the box is ticked still")
	}
	refused()
	allow("on")
	judgeDraft(b, b.Get(pathOnly(draft)), "approved", nil).Expect(http.StatusOK, "done.approved")
	if n := len(c.Activities(store.ActSetting)); n != 3 {
		t.Errorf("%d lines in the log", n)
	}
}

// Every step is in the log with who did it and to which draft.
func TestEveryStepOfADraftLeavesALineInTheLog(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	p := propose(pm, sound)
	path := pathOnly(p)
	pm.Submit(editDraft(pm, p), "button[value=save]", nil).Expect(http.StatusOK, "done.draft_saved")
	for _, do := range []string{"review", "withdraw", "review"} {
		stepDraft(pm, pm.Get(path), do)
	}
	judgeDraft(b, b.Get(path), "rejected", map[string]string{"title": "不清"}).Expect(http.StatusOK, "done.rejected")
	stepDraft(pm, pm.Get(path), "review")
	judgeDraft(b, b.Get(path), "approved", nil).Expect(http.StatusOK, "done.approved")
	stepDraft(pm, pm.Get(path), "submitted")
	answerDraft(b, b.Get(path), "accepted", "").Expect(http.StatusOK, "done.accepted")
	stepDraft(b, b.Get(path), "unanswer").Expect(http.StatusOK, "done.unanswered")
	answerDraft(b, b.Get(path), "letter", "标题相似").Expect(http.StatusOK, "done.letter")
	pm.Submit(pm.Get(path), "#comment button", func(f url.Values) { f.Set("text", "改了") }).Expect(http.StatusOK, "done.commented")
	stepDraft(pm, stepDraft(pm, pm.Get(path), "delete"), "restore")
	if clone := stepDraft(pm, pm.Get(path), "clone").Expect(http.StatusOK, "done.cloned"); pathOnly(clone) != "/drafts/2" || !clone.Is(".head .tag", "state.draft") {
		t.Fatalf("%s %s", clone.Path, clone.Text(".head"))
	}
	var got []string
	for _, a := range c.Activities("") {
		if strings.HasPrefix(a.Act, "draft.") {
			got = append(got, strings.TrimPrefix(a.Act, "draft.")+" "+a.PersonName+" "+a.Object)
			if a.App != c.App().ID || a.Addr == "" {
				t.Errorf("%+v", a)
			}
		}
	}
	slices.Reverse(got)
	var want []string
	for _, act := range []string{"add", "save", "review", "withdraw", "review", "reject!", "review", "approve!", "submitted", "accepted!", "unanswered!", "letter!", "comment", "delete", "restore"} {
		role := "product_manager"
		if strings.HasSuffix(act, "!") {
			role = "operator"
		}
		want = append(want, strings.TrimSuffix(act, "!")+" "+role+" draft:1")
	}
	webtest.Same(t, got, append(want, "clone product_manager draft:2"))
}

func TestHostileTextsOfTheDeskAreShownAndInert(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	pm, b := c.As(store.ProductManager), c.As(store.Operator)
	for _, h := range webtest.Hostile {
		h = strings.ReplaceAll(strings.ReplaceAll(h, "\x00", ""), "\r\n", "\n")
		title := string([]rune(h)[:min(64, len([]rune(h)))])
		all := url.Values{"title": {title}, "name": {title}, "example": {h}, "scenario": {h}}
		draft := editDraft(pm, propose(pm, all))
		path := strings.TrimSuffix(pathOnly(draft), "/edit")
		pages := []*webtest.Page{draft, stepDraft(pm, pm.Get(path), "review"), pm.Fragment(path, all), b.Get(path + "/sheet"), b.Get("/drafts?q=" + url.QueryEscape(h))}
		judgeDraft(b, b.Get(path), "rejected", map[string]string{"": h, "title": h, "keywords[0].name": h, "scenario": h})
		pages = append(pages, b.Post(path+"/comments", url.Values{"text": {h}}), pm.Submit(pm.Get(path+"/edit"), "button[value=save]", typed(sound)), pm.Get(path+"/edit"))
		pages = append(pages, b.Submit(draft, "button[value=save]", nil), b.Post(path+"/verdict", url.Values{"kind": {h}, "where": {h}, "reason": {h}}))
		for _, p := range pages {
			if p.Inert(); !strings.Contains(p.Doc.Text(), "hostile") {
				t.Errorf("%q is not shown at %s", h, p.Path)
			}
		}
		webtest.Same(t, shownOn(draft, "h1 > [lang]"), []string{strings.Join(strings.Fields(title), " ")})
		if got := webtest.Controls(draft.Doc.Find("form[data-guard]")); got.Get("title") != title || got.Get("example") != h || got.Get("scenario") != h {
			t.Errorf("%q became %q", h, got)
		}
		if said := pages[5].Doc.Find(".events li:first-child p.lines").Text(); said != text.Visible(h) {
			t.Errorf("%q was said as %q", h, said)
		}
	}
}
