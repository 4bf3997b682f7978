package web_test

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
	"muban/wechat"
)

// step presses a button of the desk, or of the banner over a deleted draft.
func (b *browser) step(p *page, do string) *page {
	b.t.Helper()
	return b.submit(p, `form[action$="/step"] button[value="`+do+`"]`, nil).expect(http.StatusOK, "")
}

// judge approves or rejects, or records WeChat's letter, with reasons by place.
func (b *browser) judge(p *page, kind string, reasons map[string]string) *page {
	b.t.Helper()
	return b.submit(p, `button[name=kind][value=`+kind+`]`, func(form url.Values) {
		for i, where := range form["where"] {
			form["reason"][i] = reasons[where]
		}
	})
}

// inState is the address of a product manager's new draft in that state.
func (c *console) inState(kind, state string) (path string, id int64) {
	c.t.Helper()
	ctx, app := context.Background(), c.app().ID
	author, reviewer := c.person(store.ProductManager), store.Actor{Name: "reviewer"}
	by := store.Actor{PersonID: author.ID, Name: author.Name}
	d, err := c.store.AddDraft(ctx, by, store.Draft{
		App: app, Proposed: kind == "proposal", TitleID: "AT0002", Title: "购买成功通知", Scenario: "付款之后", Keywords: []wechat.Keyword{{ID: 5, Name: "物品名称", Example: "咖啡"}},
	})
	must(c.t, err)
	send := func() { must(c.t, c.store.SendToReview(ctx, by, app, d.ID, 1)) }
	judge := func(kind string, reasons ...store.Reason) {
		send()
		must(c.t, c.store.ReviewDraft(ctx, reviewer, app, store.Review{Draft: d.ID, Verdict: kind, Version: 1, Reasons: reasons}))
	}
	switch state {
	case "review":
		send()
	case "approved":
		judge("approved")
	case "rejected":
		judge("rejected", store.Reason{Where: "title", Text: "不行"})
	case "submitted":
		judge("approved")
		must(c.t, c.store.DraftSubmitted(ctx, by, app, d.ID, time.Time{}))
	case "added":
		judge("approved")
		must(c.t, c.store.DraftAdded(ctx, by, app, d.ID, "template"))
	case "deleted":
		must(c.t, c.store.DeleteDraft(ctx, by, app, d.ID))
	}
	return "/drafts/" + strconv.FormatInt(d.ID, 10), d.ID
}

// acts are the desk's, with the states that each is possible in and the one it
// leads to.
var acts = map[string]struct{ from, to string }{
	"review":    {"draft rejected", "review"},
	"withdraw":  {"review approved", "draft"},
	"submitted": {"approved", "submitted"}, // of a proposal
	"approved":  {"review", "approved"},
	"rejected":  {"review", "rejected"},
	"letter":    {"approved submitted added", "rejected"},
	"save":      {"draft review approved rejected", "draft"}, // of a proposal; the builder saves combinations
	"clone":     {"draft review approved rejected submitted added", ""},
	"delete":    {"draft review approved rejected submitted added", "deleted"},
	"restore":   {"deleted", "draft"},
	"comment":   {"draft review approved rejected submitted added", ""},
}

// states are those that drafts of a kind can be in; a deleted one was a draft.
var states = map[string]string{
	"proposal":    "draft review approved rejected submitted deleted",
	"combination": "draft review approved rejected added deleted",
}

// possible tells whether an act can be done to a draft. Deleting and restoring
// again is a second click, which does nothing.
func possible(act, kind, state string) bool {
	return slices.Contains(strings.Fields(acts[act].from), state) && (act != "submitted" || kind == "proposal")
}

// direct posts an act without its button.
func (b *browser) direct(path, act string) *page {
	b.t.Helper()
	form := url.Values{"version": {"1"}, "title": {"购买成功通知"}, "name": {"物品名称"}, "example": {"茶"}, "where": {"title"}, "reason": {"不行"}, "text": {"好"}}
	switch act {
	case "save":
		return b.post(path, with(form, "do", act))
	case "comment":
		return b.post(path+"/comments", form)
	case "approved", "rejected", "letter":
		return b.post(path+"/verdict", with(form, "kind", act))
	}
	return b.post(path+"/step", with(form, "do", act))
}

func TestAnActOfTheDeskLeadsToItsStateFromItsStatesAlone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	for kind, states := range states {
		for _, state := range strings.Fields(states) {
			path, id := c.inState(kind, state)
			before := c.still()
			for act := range acts {
				if act == "save" && kind == "combination" || possible(act, kind, state) {
					continue
				}
				again := act == "restore" || act == "delete" && state == "deleted"
				if p := b.direct(path, act); again != (p.status == http.StatusOK) || !again && (p.status != http.StatusConflict || p.text(".banner.bad") == "") {
					t.Errorf("%s of a %s in %s: %d\n%s", act, kind, state, p.status, p.text("main"))
				}
			}
			if c.content() != before {
				d, err := c.store.Draft(context.Background(), c.app().ID, id)
				t.Errorf("a refused act has changed a %s in %s: %+v %v", kind, state, d, err)
			}
		}
	}
	for act, allowed := range acts {
		for _, state := range strings.Fields(allowed.from) {
			for kind, states := range states {
				if !slices.Contains(strings.Fields(states), state) || !possible(act, kind, state) || act == "save" && kind == "combination" {
					continue
				}
				path, id := c.inState(kind, state)
				p := b.direct(path, act)
				d, err := c.store.Draft(context.Background(), c.app().ID, id)
				if p.status != http.StatusOK || err != nil || d.State != allowed.to && allowed.to != "" && d.DeletedAt.IsZero() {
					t.Errorf("%s of a %s in %s: %d, now in %s, %v", act, kind, state, p.status, d.State, err)
				}
			}
		}
	}
}

func TestADraftsPageOffersTheActsThatItsReaderMayDoNow(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for state, want := range map[string]map[store.Role]string{
		"draft":     {store.ProductManager: "save review clone delete", store.Operator: "save review clone delete"},
		"review":    {store.ProductManager: "save withdraw clone delete", store.Operator: "save withdraw clone delete approved rejected"},
		"approved":  {store.ProductManager: "save withdraw submitted clone delete", store.Operator: "save withdraw submitted clone delete letter"},
		"rejected":  {store.ProductManager: "save review clone delete", store.Operator: "save review clone delete"},
		"submitted": {store.ProductManager: "clone delete", store.Operator: "clone delete letter"},
		"deleted":   {store.ProductManager: "restore", store.Operator: "restore"},
	} {
		path, _ := c.inState("proposal", state)
		for _, role := range []store.Role{store.ProductManager, store.Operator, store.QA} {
			p := c.as(role).get(path)
			var got []string
			for _, el := range p.doc.Find("main button[name]:not([value=check], .apply)").EachIter() {
				got = append(got, el.AttrOr("value", ""))
			}
			if strings.Join(got, " ") != want[role] || p.has("#text") == (state == "deleted") {
				t.Errorf("%s sees in %s: %v, want %s", role, state, got, want[role])
			}
		}
	}
}

func TestProductManagersAndQADoNotApproveDraftsAndQAOnlyReadsAndComments(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	path, id := c.inState("proposal", "review")
	pm, qa := c.as(store.ProductManager), c.as(store.QA)
	before := c.still()
	for _, act := range []string{"approved", "rejected", "letter"} {
		pm.direct(path, act).expect(http.StatusForbidden, "Your role may not do this")
	}
	for act := range acts {
		if act != "comment" {
			qa.direct(path, act).expect(http.StatusForbidden, "Your role may not do this")
		}
	}
	qa.get(path+"/sheet").expect(http.StatusOK, "购买成功通知")
	if d, err := c.store.Draft(context.Background(), c.app().ID, id); err != nil || d.State != "review" || c.content() != before {
		t.Fatalf("something was done: now in %s, %v", d.State, err)
	}
	qa.direct(path, "comment").expect(http.StatusOK, "Your comment is there")
}

func TestAuthorsApproveTheirOwnDraftsOnlyWhereAnAdministratorAllowsIt(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, admin := c.as(store.Operator), c.as(store.Administrator)
	draft := b.step(b.propose(sound), "review").expect(http.StatusOK, "You drafted this, so somebody else reviews it")
	refused := func() {
		t.Helper()
		for _, kind := range []string{"approved", "rejected"} {
			b.direct(draft.bare(), kind).expect(http.StatusForbidden, "Your role may not do this")
		}
		if p := b.get(draft.bare()); p.has("button[name=kind]") || p.text(".head .tag") != "In review" {
			t.Fatalf("%s", p.text("main"))
		}
	}
	allow := func(value ...string) *page {
		return admin.submit(admin.get("/settings/apps"), `form[action$="/settings/desk"] button`, func(f url.Values) { f["self_approval"] = value })
	}
	refused()
	b.post("/settings/desk", url.Values{"self_approval": {"on"}}).expect(http.StatusForbidden, "")
	admin.post("/settings/desk", url.Values{"self_approval": {"yes"}}).expect(http.StatusBadRequest, "")
	refused()
	if p := allow("on").expect(http.StatusOK, "The setting is saved"); !p.has("[name=self_approval][checked]") {
		t.Fatal("the box is not ticked")
	}
	if p := allow().expect(http.StatusOK, "The setting is saved"); p.has("[name=self_approval][checked]") {
		t.Fatal("the box is ticked still")
	}
	refused()
	allow("on")
	b.judge(b.get(draft.bare()), "approved", nil).expect(http.StatusOK, "Approved")
	if n := len(c.activities(store.ActSetting)); n != 3 {
		t.Errorf("%d lines in the log", n)
	}
}

// Every step is in the log with who did it and to which draft.
func TestEveryStepOfADraftLeavesALineInTheLog(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	pm, b := c.as(store.ProductManager), c.as(store.Operator)
	p := pm.propose(sound)
	path := p.bare()
	pm.submit(p, "button[value=save]", nil).expect(http.StatusOK, "The draft is saved")
	for _, do := range []string{"review", "withdraw", "review"} {
		pm.step(pm.get(path), do)
	}
	b.judge(b.get(path), "rejected", map[string]string{"title": "不清"}).expect(http.StatusOK, "Rejected")
	pm.step(pm.get(path), "review")
	b.judge(b.get(path), "approved", nil).expect(http.StatusOK, "Approved")
	pm.step(pm.get(path), "submitted")
	b.judge(b.get(path), "letter", map[string]string{"title": "相似"}).expect(http.StatusOK, "the draft is open again")
	pm.submit(pm.get(path), "#desk button:not([name])", func(f url.Values) { f.Set("text", "改了") }).expect(http.StatusOK, "Your comment is there")
	pm.step(pm.step(pm.get(path), "delete"), "restore")
	if clone := pm.step(pm.get(path), "clone").expect(http.StatusOK, "this is the new one"); clone.bare() != "/drafts/2" || clone.text(".head .tag") != "Draft" {
		t.Fatalf("%s %s", clone.path, clone.text(".head"))
	}
	var got []string
	for _, a := range c.activities("") {
		if strings.HasPrefix(a.Act, "draft.") {
			got = append(got, strings.TrimPrefix(a.Act, "draft.")+" "+a.PersonName+" "+a.Object)
			if a.App != c.app().ID || a.Addr == "" {
				t.Errorf("%+v", a)
			}
		}
	}
	slices.Reverse(got)
	var want []string
	for _, act := range []string{"add", "save", "review", "withdraw", "review", "reject!", "review", "approve!", "submitted", "letter!", "comment", "delete", "restore"} {
		role := "product_manager"
		if strings.HasSuffix(act, "!") {
			role = "operator"
		}
		want = append(want, strings.TrimSuffix(act, "!")+" "+role+" draft:1")
	}
	same(t, got, append(want, "clone product_manager draft:2"))
}

func TestHostileTextsOfTheDeskAreShownAndInert(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	pm, b := c.as(store.ProductManager), c.as(store.Operator)
	for _, h := range hostile {
		h = strings.ReplaceAll(strings.ReplaceAll(h, "\x00", ""), "\r\n", "\n")
		title := string([]rune(h)[:min(64, len([]rune(h)))])
		all := url.Values{"title": {title}, "name": {title}, "example": {h}, "scenario": {h}}
		draft := pm.propose(all)
		path := draft.bare()
		pages := []*page{draft, pm.step(draft, "review"), pm.fragment(path, all), b.get(path + "/sheet"), b.get("/drafts?q=" + url.QueryEscape(h))}
		b.judge(b.get(path), "rejected", map[string]string{"": h, "title": h, "keywords[0].name": h, "keywords[0].example": h, "scenario": h})
		pages = append(pages, b.post(path+"/comments", url.Values{"text": {h}}), pm.submit(pm.get(path), "button[value=save]", typed(sound)))
		pages = append(pages, b.submit(draft, "button[value=save]", nil), b.post(path+"/verdict", url.Values{"kind": {h}, "where": {h}, "reason": {h}}))
		for _, p := range pages {
			if p.inert(); !strings.Contains(p.doc.Text(), "hostile") {
				t.Errorf("%q is not shown at %s", h, p.path)
			}
		}
		same(t, draft.shown("h1"), []string{strings.Join(strings.Fields(title), " ")})
		if got := controls(draft.doc.Find("form[data-guard]")); got.Get("title") != title || got.Get("example") != h || got.Get("scenario") != h {
			t.Errorf("%q became %q", h, got)
		}
		if said := pages[5].doc.Find("#comments ~ ul p").Text(); said != h {
			t.Errorf("%q was said as %q", h, said)
		}
	}
}
