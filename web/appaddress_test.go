package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
	"muban/wechat"
)

// addresses are what a page has in the attributes that a browser follows.
func (p *page) addresses() []string {
	var all []string
	for _, attribute := range []string{"href", "action", "formaction", "src", "data-live", "data-poll"} {
		for _, el := range p.doc.Find("[" + attribute + "]").EachIter() {
			if at := el.AttrOr(attribute, ""); strings.HasPrefix(at, "/") {
				all = append(all, at)
			}
		}
	}
	return all
}

func TestWithSeveralAppsEveryAddressNamesItsOwn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	ids := c.fill(b) // adds a second app
	mine := inApp(c.app(), "/")
	for _, route := range c.routes() {
		if _, key := route.Needs.Scope(); key || route.Method != http.MethodGet {
			continue
		}
		for _, before := range []string{"", inApp(c.app(), "")} {
			p := b.get(before + ids.path(route))
			if p.status == http.StatusNotFound || p.status >= http.StatusInternalServerError {
				t.Errorf("%s: %d", p.path, p.status)
			}
			for _, at := range p.addresses() {
				if !strings.HasPrefix(at, mine) && !strings.HasPrefix(at, "/static/") && !strings.HasPrefix(at, "/@") {
					t.Errorf("%s leads to %s", p.path, at)
				}
			}
		}
	}
}

func TestAFormActsOnTheAppThatItsPageShowed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	first, other := c.app(), c.addApp("wx0000000000000002")
	count := func(app store.App, client *wechat.Client) (templates, drafts int) {
		list, err := client.ListTemplates(t.Context(), 0, 20)
		must(t, err)
		_, drafts, err = c.store.Drafts(t.Context(), store.DraftFilter{App: app.ID})
		must(t, err)
		return len(list), drafts
	}
	builder := b.get("/library/AT0002?k=3&k=4")
	proposal := b.get("/drafts/new")
	b.in(other) // in another tab
	if added := b.submit(builder, "button[value=account]", nil).expect(http.StatusOK, "购买成功通知"); !strings.HasPrefix(added.path, inApp(first, "/templates/")) {
		t.Errorf("added at %s", added.path)
	}
	if saved := b.submit(proposal, "button[value=save]", func(form url.Values) { form.Set("title", "取件提醒") }); !strings.HasPrefix(saved.path, inApp(first, "/drafts/")) {
		t.Errorf("saved at %s", saved.path)
	}
	if templates, drafts := count(first, c.elsewhere(first)); templates != 1 || drafts != 1 {
		t.Errorf("%d templates and %d drafts where they belong", templates, drafts)
	}
	if templates, drafts := count(other, elsewhereAt(t, c, other)); templates+drafts != 0 {
		t.Errorf("%d templates and %d drafts in the other app", templates, drafts)
	}
	if got := b.get("/").text(".switcher option[selected]"); got != other.Name {
		t.Errorf("the app chosen last is %q", got)
	}
}

func TestALinkLeadsToItsAppWhicheverWasChosen(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Operator)
	first, other := c.app(), c.addApp("wx0000000000000002")
	b.in(first).saveDraft("3", "4")
	draft := inApp(first, "/drafts/1")
	colleague := c.as(store.ProductManager).in(other)
	if p := colleague.get(draft).expect(http.StatusOK, "购买成功通知"); p.text(".switcher option[selected]") != first.Name {
		t.Errorf("drawn in %q", p.text(".switcher option[selected]"))
	}
	arrived := c.visitor()
	p := arrived.submit(arrived.get(draft), "button.primary", func(form url.Values) {
		form.Set("name", "operator")
		form.Set("password", password)
	})
	if p.path != draft || p.status != http.StatusOK {
		t.Errorf("the sign-in leads to %s: %d", p.path, p.status)
	}
	if p := b.stopping().get(inApp(first, "")); p.status != http.StatusPermanentRedirect || p.header.Get("Location") != inApp(first, "/") {
		t.Errorf("%d to %q", p.status, p.header.Get("Location"))
	}
}

// nowhere tells whether the answer is that there is nothing, in WeChat's shape where
// an SDK asks.
func nowhere(p *page) bool {
	return p.status == http.StatusNotFound || strings.HasPrefix(p.body, `{"errcode":4`)
}

// faults.md 25, 27: the address decides which app is asked for, never who may.
func TestFault27_AnAddressInAnAppOneHasNoRoleInLeadsNowhere(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	operator := c.as(store.Operator)
	ids := c.fill(c.as(store.Administrator))
	apps, err := c.store.Apps(t.Context())
	must(t, err)
	first, other := apps[0], apps[1]
	person := c.person(store.Operator).ID
	must(t, c.store.SetRoles(t.Context(), store.Actor{}, person, "", store.Operator, store.AppRoles{first.ID: store.None}))
	before := c.still()
	for _, route := range c.routes() {
		if route.Needs == web.Anyone || route.Needs == web.ReadMetrics {
			continue
		}
		for _, app := range []string{first.AppID, "wx9999999999999999", "x", "%2e%2e", "a b"} {
			p := c.ask(operator, route.Method, "/@"+url.PathEscape(app)+ids.path(route))
			if !nowhere(p) || strings.Contains(p.body, first.Name) {
				t.Errorf("%s in %q: %d", route.Pattern, app, p.status)
			}
		}
		if _, key := route.Needs.Scope(); key {
			if p := c.ask(operator, route.Method, inApp(other, ids.path(route))); !nowhere(p) {
				t.Errorf("%s in an app: %d, but a key has its own", route.Pattern, p.status)
			}
		}
	}
	if c.content() != before {
		t.Error("something was written")
	}
	p := operator.get(inApp(first, "/drafts")).expect(http.StatusNotFound, "The mini program in this address is not here")
	if strings.Contains(p.body, first.Name) {
		t.Error("it is named")
	}

	must(t, c.store.SetRoles(t.Context(), store.Actor{}, person, "", store.Operator, store.AppRoles{first.ID: store.QA, other.ID: store.ProductManager}))
	operator.get(inApp(first, "/sends")).expect(http.StatusOK, "")
	operator.get(inApp(other, "/sends")).expect(http.StatusForbidden, "")
	operator.get(inApp(other, "/drafts/new")).expect(http.StatusOK, "")
	operator.get(inApp(first, "/drafts/new")).expect(http.StatusForbidden, "")
}

func TestTheLogOfAllAppsLeadsIntoEachAndNowhereThatIsGone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as(store.Administrator)
	first, other, gone := c.app(), c.addApp("wx0000000000000002"), c.addApp("wx0000000000000003")
	b.in(other).saveDraft("3", "4")
	b.in(gone).saveDraft("3")
	b.in(first).archive(gone)
	links := map[string]bool{}
	for _, a := range b.get("/activity?all=true").doc.Find("tbody a").EachIter() {
		href := a.AttrOr("href", "")
		links[href] = true
		b.get(href).expect(http.StatusOK, "")
	}
	if !links[inApp(other, "/drafts/1")] || links[inApp(gone, "/drafts/2")] {
		t.Errorf("%v", links)
	}
}
