package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"muban/store"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat/account"
	"muban/wechat/alert"
)

// visit is one request's person, their language and theme, and their app.
type visit struct {
	session *store.Session   // nil before sign-in
	person  *store.Person    // nil before sign-in
	account *account.Account // the current app; nil before sign-in, and for somebody without any
	lang    string
	theme   string

	role      store.Role     // the person's in the current app
	roles     store.AppRoles // in single apps
	apps      []store.App    // those that are there for the person
	mustSetUp bool           // a second factor, before anything else

	base string // path that the whole console is below, "" for none
}

// below is what goes before the addresses of the visit's pages: the mini program too,
// for somebody who has several.
func (v *visit) below() ui.Below {
	b := ui.Below{Base: v.base}
	if v.account != nil && len(v.apps) > 1 {
		b.App = ui.In(v.account.App.AppID, "")
	}
	return b
}

// visitor finds out who asks.
func (s *Site) visitor(r *http.Request) (*visit, error) {
	v := &visit{base: s.Base}
	live, err := s.Sessions.Of(r)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err == nil {
		s.recognise(v, live)
	}
	s.prefer(v, r)
	if appID := namedApp(r); appID != "" && v.person != nil && !s.turn(v, appID) {
		return v, errOtherApp
	}
	return v, nil
}

// recognise fills in whose session it is, and the app that they are at.
func (s *Site) recognise(v *visit, live *Live) {
	v.session, v.person = &live.Session, &live.Access.Person
	v.lang, v.theme = v.person.Lang, v.person.Theme
	v.mustSetUp = live.Access.MustSetUp()
	v.roles = live.Access.Apps
	var seen func(store.App) bool // nil: all of them
	if len(v.roles) > 0 {
		seen = func(app store.App) bool { return v.roles[app.ID] != store.None }
	}
	if v.account, v.apps = s.Accounts.Of(seen, live.Session.AppID); v.account != nil {
		v.role = v.roles.In(v.account.App.ID, v.person.Role)
	}
}

// turn makes the app that an address names the visit's, unless it is not there for
// the person.
func (s *Site) turn(v *visit, appID string) bool {
	acct, ok := s.Accounts.ByAppID(appID)
	if !ok || !v.sees(acct.App.ID) {
		return false
	}
	v.account, v.role = acct, v.roles.In(acct.App.ID, v.person.Role)
	return true
}

// stranger is a visit by nobody, for pages that must not fail.
func (s *Site) stranger(r *http.Request) *visit {
	v := &visit{base: s.Base}
	s.prefer(v, r)
	return v
}

// prefer fills in language and theme from the cookies and the browser's wishes.
func (s *Site) prefer(v *visit, r *http.Request) {
	if v.lang == "" {
		if lang := CookieValue(r, "lang"); slices.Contains(text.Languages, lang) {
			v.lang = lang
		} else {
			v.lang = s.Texts.Match(r.Header.Get("Accept-Language"))
		}
	}
	if v.theme == "" {
		if theme := CookieValue(r, "theme"); slices.Contains(themes, theme) {
			v.theme = theme
		}
	}
	if v.theme == "auto" {
		v.theme = ""
	}
}

var themes = []string{"light", "dark", "auto"}

func (v *visit) may(p Permission) bool { return v.person != nil && May(v.roleFor(p), p) }

// mayIn is may for what a page of the current app does in another one.
func (v *visit) mayIn(app int64, p Permission) bool {
	return v.sees(app) && May(v.roles.In(app, v.person.Role), p)
}

// roleFor is the role that decides about p.
func (v *visit) roleFor(p Permission) store.Role {
	if p.ForAllApps() {
		return v.person.Role
	}
	return v.role
}

// sees tells whether an app is there for the person.
func (v *visit) sees(app int64) bool {
	return slices.ContainsFunc(v.apps, func(a store.App) bool { return a.ID == app })
}

// seen are the ids of the apps that are there for the person.
func (v *visit) seen() []int64 {
	ids := []int64{} // not nil, which would be every app
	for _, a := range v.apps {
		ids = append(ids, a.ID)
	}
	return ids
}

// actor is the visitor as the activity log names them.
func (v *visit) actor(r *http.Request) store.Actor {
	if v.person == nil {
		return store.Actor{Addr: Address(r)}
	}
	return store.Actor{PersonID: v.person.ID, Name: v.person.Name, Addr: Address(r)}
}

// sections are the sidebar, group by group, each with the permission it needs.
var sections = []struct {
	group, name, href string
	needs             Permission
	sandbox           bool // only in the sandbox app
}{
	{"", "overview", "/", SignedIn, false},
	{"", "library", "/library", Browse, false},
	{"", "drafts", "/drafts", SeeDrafts, false},
	{"", "templates", "/templates", Browse, false},
	{"sending", "sends", "/sends", SeeSends, false},
	{"sending", "rights", "/rights", SeeRights, false},
	{"sending", "testers", "/settings/testers", Testers, false},
	{"sending", "sandbox", "/sandbox", UseSandbox, true},
	{"running", "token", "/token", SeeTokens, false},
	{"running", "compliance", "/compliance", Penalties, false},
	{"running", "alerts", "/settings/alerts", ManageApps, false},
	{"running", "activity", "/activity", SeeLog, false},
	{"settings", "apps", "/settings/apps", ManageApps, false},
	{"settings", "keys", "/settings/keys", ManageKeys, false},
	{"settings", "people", "/settings/people", People, false},
	{"settings", "me", "/settings/me", SignedIn, false},
}

// page is what every page of this visit shows around its content.
func (s *Site) page(r *http.Request, v *visit) *ui.Page {
	p := &ui.Page{
		Text: s.Texts.In(v.lang), Theme: v.theme, Person: v.person, Static: s.Base + s.Static.Prefix(),
		Below: v.below(), Here: here(r, s.Base), Now: s.Now(),
	}
	if v.person == nil {
		return p
	}
	p.Role = v.role
	if v.account == nil || v.mustSetUp {
		return p // nothing of the sidebar is open
	}
	p.Apps = v.apps
	p.App = v.account.App
	p.Nav = make([]ui.NavItem, 0, len(sections))
	for _, sec := range sections {
		if v.may(sec.needs) && (!sec.sandbox || p.App.Sandbox) {
			p.Nav = append(p.Nav, ui.NavItem{Group: sec.group, Name: sec.name, Href: sec.href, Current: current(r.URL.Path, sec.href)})
		}
	}
	if v.may(SeeTokens) {
		p.Alarms = slices.DeleteFunc(slices.Clone(s.Alarms.Raised()), func(a alert.Alert) bool { return !v.sees(a.App.ID) })
	}
	if done := doneIn(r); done != "" && p.Has("done."+done) {
		p.Done = done
	}
	return p
}

func current(path, href string) bool {
	if href == "/" {
		return path == "/"
	}
	return path == href || strings.HasPrefix(path, href+"/")
}

// doneIn names the message that a redirect left in the address, "" for none.
func doneIn(r *http.Request) string {
	if !strings.Contains(r.URL.RawQuery, "done=") { // most: nothing to decode
		return ""
	}
	return r.URL.Query().Get("done")
}

// here is the page to return to after a switch in the top bar: this one, without
// the message that a redirect left; for what a post drew, the page it belongs to.
func here(r *http.Request, base string) string {
	if r.Method != http.MethodGet {
		if back, err := url.Parse(r.Referer()); err == nil && back.Path != "" {
			_, inside := splitApp(strings.TrimPrefix(back.RequestURI(), base))
			return local(inside)
		}
		return "/"
	}
	if doneIn(r) == "" {
		return r.URL.RequestURI()
	}
	q := r.URL.Query()
	q.Del("done")
	u := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
	return u.RequestURI()
}
