package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"muban/store"
	"muban/web/auth"
	"muban/web/webtest"
	"muban/wechat"
)

// addressesOf are what a page has in the attributes that a browser follows.
func addressesOf(p *webtest.Page) []string {
	var all []string
	for _, attribute := range []string{"href", "action", "formaction", "src", "data-live", "data-poll"} {
		for _, el := range p.Doc.Find("[" + attribute + "]").EachIter() {
			if at := el.AttrOr(attribute, ""); strings.HasPrefix(at, "/") {
				all = append(all, at)
			}
		}
	}
	return all
}

func TestWithSeveralAppsEveryAddressNamesItsOwn(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	ids := c.Fill(b) // adds a second app
	mine := webtest.InApp(c.App(), "/")
	for _, route := range c.Routes() {
		if _, key := route.Needs.Scope(); key || route.Method != http.MethodGet || strings.Contains(route.Pattern, "/push/") {
			continue
		}
		for _, before := range []string{"", webtest.InApp(c.App(), "")} {
			p := b.Get(before + ids.Path(route))
			if p.Status == http.StatusNotFound || p.Status >= http.StatusInternalServerError {
				t.Errorf("%s: %d", p.Path, p.Status)
			}
			for _, at := range addressesOf(p) {
				if !strings.HasPrefix(at, mine) && !strings.HasPrefix(at, "/static/") && !strings.HasPrefix(at, "/@") {
					t.Errorf("%s leads to %s", p.Path, at)
				}
			}
		}
	}
}

func TestAFormActsOnTheAppThatItsPageShowed(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	first, other := c.App(), c.AddApp("wx0000000000000002")
	count := func(app store.App, client *wechat.Client) (templates, drafts int) {
		list, err := client.ListTemplates(t.Context(), 0, 20)
		webtest.Must(t, err)
		_, drafts, err = c.Store.Drafts(t.Context(), store.DraftFilter{App: app.ID})
		webtest.Must(t, err)
		return len(list), drafts
	}
	builder := b.Get("/library/AT0002?k=3&k=4")
	proposal := b.Get("/drafts/new")
	b.In(other) // in another tab
	if added := b.Submit(builder, "button[value=account]", nil).Shows(http.StatusOK, "购买成功通知"); !strings.HasPrefix(added.Path, webtest.InApp(first, "/templates/")) {
		t.Errorf("added at %s", added.Path)
	}
	if saved := b.Submit(proposal, "button[value=save]", func(form url.Values) { form.Set("title", "取件提醒") }); !strings.HasPrefix(saved.Path, webtest.InApp(first, "/drafts/")) {
		t.Errorf("saved at %s", saved.Path)
	}
	if templates, drafts := count(first, c.Elsewhere(first)); templates != 1 || drafts != 1 {
		t.Errorf("%d templates and %d drafts where they belong", templates, drafts)
	}
	if templates, drafts := count(other, elsewhereAt(t, c, other)); templates+drafts != 0 {
		t.Errorf("%d templates and %d drafts in the other app", templates, drafts)
	}
	if got := b.Get("/").Text(".switcher option[selected]"); got != other.Name {
		t.Errorf("the app chosen last is %q", got)
	}
}

func TestALinkLeadsToItsAppWhicheverWasChosen(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Operator)
	first, other := c.App(), c.AddApp("wx0000000000000002")
	saveDraft(b.In(first), "3", "4")
	draft := webtest.InApp(first, "/drafts/1")
	colleague := c.As(store.ProductManager).In(other)
	if p := colleague.Get(draft).Shows(http.StatusOK, "购买成功通知"); p.Text(".switcher option[selected]") != first.Name {
		t.Errorf("drawn in %q", p.Text(".switcher option[selected]"))
	}
	arrived := c.Visitor()
	p := arrived.Submit(arrived.Get(draft), "button.primary", func(form url.Values) {
		form.Set("name", "operator")
		form.Set("password", webtest.Password)
	})
	if p.Path != draft || p.Status != http.StatusOK {
		t.Errorf("the sign-in leads to %s: %d", p.Path, p.Status)
	}
	if p := b.Stopping().Get(webtest.InApp(first, "")); p.Status != http.StatusPermanentRedirect || p.Header.Get("Location") != webtest.InApp(first, "/") {
		t.Errorf("%d to %q", p.Status, p.Header.Get("Location"))
	}
}

// leadsNowhere tells whether the answer is that there is nothing, in WeChat's shape where
// an SDK asks.
func leadsNowhere(p *webtest.Page) bool {
	return p.Status == http.StatusNotFound || strings.HasPrefix(p.Body, `{"errcode":4`)
}

// The address decides which app is asked for, never who may.
func TestFault27_AnAddressInAnAppOneHasNoRoleInLeadsNowhere(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	operator := c.As(store.Operator)
	ids := c.Fill(c.As(store.Administrator))
	apps, err := c.Store.Apps(t.Context())
	webtest.Must(t, err)
	first, other := apps[0], apps[1]
	person := c.Person(store.Operator).ID
	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, person, "", store.Operator, store.AppRoles{first.ID: store.None}))
	before := c.Still()
	for _, route := range c.Routes() {
		if route.Needs == auth.Anyone || route.Needs == auth.ReadMetrics {
			continue
		}
		for _, app := range []string{first.AppID, "wx9999999999999999", "x", "%2e%2e", "a b"} {
			p := c.Ask(operator, route.Method, "/@"+url.PathEscape(app)+ids.Path(route))
			if !leadsNowhere(p) || strings.Contains(p.Body, first.Name) {
				t.Errorf("%s in %q: %d", route.Pattern, app, p.Status)
			}
		}
		if _, key := route.Needs.Scope(); key {
			if p := c.Ask(operator, route.Method, webtest.InApp(other, ids.Path(route))); !leadsNowhere(p) {
				t.Errorf("%s in an app: %d, but a key has its own", route.Pattern, p.Status)
			}
		}
	}
	if c.Content() != before {
		t.Error("something was written")
	}
	p := operator.Get(webtest.InApp(first, "/drafts")).Expect(http.StatusNotFound, "failure.other_app.title")
	if strings.Contains(p.Body, first.Name) {
		t.Error("it is named")
	}

	webtest.Must(t, c.Store.SetRoles(t.Context(), store.Actor{}, person, "", store.Operator, store.AppRoles{first.ID: store.QA, other.ID: store.ProductManager}))
	operator.Get(webtest.InApp(first, "/sends")).Answers(http.StatusOK)
	operator.Get(webtest.InApp(other, "/sends")).Answers(http.StatusForbidden)
	operator.Get(webtest.InApp(other, "/drafts/new")).Answers(http.StatusOK)
	operator.Get(webtest.InApp(first, "/drafts/new")).Answers(http.StatusForbidden)
}

func TestTheLogOfAllAppsLeadsIntoEachAndNowhereThatIsGone(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	first, other, gone := c.App(), c.AddApp("wx0000000000000002"), c.AddApp("wx0000000000000003")
	saveDraft(b.In(other), "3", "4")
	saveDraft(b.In(gone), "3")
	archiveApp(b.In(first), gone)
	links := map[string]bool{}
	for _, a := range b.Get("/activity?all=true").Doc.Find("tbody a").EachIter() {
		href := a.AttrOr("href", "")
		links[href] = true
		b.Get(href).Answers(http.StatusOK)
	}
	if !links[webtest.InApp(other, "/drafts/1")] || links[webtest.InApp(gone, "/drafts/2")] {
		t.Errorf("%v", links)
	}
}
