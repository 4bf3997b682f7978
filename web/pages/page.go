package pages

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat/alert"
)

// sections are the sidebar, group by group, each with the permission it needs.
var sections = []struct {
	group, name, href string
	needs             auth.Permission
	sandbox           bool // only in the sandbox app
}{
	{"", "overview", "/", auth.SignedIn, false},
	{"", "library", "/library", auth.Browse, false},
	{"", "drafts", "/drafts", auth.SeeDrafts, false},
	{"", "templates", "/templates", auth.Browse, false},
	{"sending", "sends", "/sends", auth.SeeSends, false},
	{"sending", "rights", "/rights", auth.SeeRights, false},
	{"sending", "testers", "/settings/testers", auth.Testers, false},
	{"sending", "sandbox", "/sandbox", auth.UseSandbox, true},
	{"running", "token", "/token", auth.SeeTokens, false},
	{"running", "compliance", "/compliance", auth.Penalties, false},
	{"running", "alerts", "/settings/alerts", auth.ManageApps, false},
	{"running", "activity", "/activity", auth.SeeLog, false},
	{"settings", "apps", "/settings/apps", auth.ManageApps, false},
	{"settings", "keys", "/settings/keys", auth.ManageKeys, false},
	{"settings", "people", "/settings/people", auth.People, false},
	{"settings", "me", "/settings/me", auth.SignedIn, false},
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
	if v.may(auth.SeeTokens) {
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
			_, inside := SplitApp(strings.TrimPrefix(back.RequestURI(), base))
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

var themes = []string{"light", "dark", "auto"}

// setPreferences keeps language and theme: in a cookie, and with the person
// once somebody is signed in.
func (s *Site) setPreferences(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	lang, theme := r.PostForm.Get("lang"), r.PostForm.Get("theme")
	if lang != "" && !slices.Contains(text.Languages, lang) || theme != "" && !slices.Contains(themes, theme) {
		return errBadRequest
	}
	for name, value := range map[string]string{"lang": lang, "theme": theme} {
		if value != "" {
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.Sessions.Secure, SameSite: http.SameSiteLaxMode})
		}
	}
	if v.person != nil {
		if lang == "" {
			lang = v.person.Lang
		}
		if theme == "" {
			theme = v.person.Theme
		}
		if err := s.Store.SetPreferences(r.Context(), v.person.ID, lang, theme); err != nil {
			return err
		}
		s.Sessions.Forget(v.session.Hash)
	}
	return v.seeOther(w, r, local(r.PostForm.Get("next")), "")
}

// chooseApp makes another app the current one of this session.
func (s *Site) chooseApp(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	acct, ok := s.Accounts.ByAppID(r.PostForm.Get("app"))
	if !ok || !v.sees(acct.App.ID) {
		return errNotFound
	}
	if err := s.Store.SetSessionApp(r.Context(), v.session.Hash, acct.App.ID); err != nil {
		return err
	}
	s.Sessions.Forget(v.session.Hash)
	v.account = acct
	return v.seeOther(w, r, place(r.PostForm.Get("next")), "")
}

// place is where to go on in another app: the list that the page belongs to, as
// the ids of one app mean nothing in another.
func place(next string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(local(next), "/"), "/")
	first, _, _ = strings.Cut(first, "?")
	switch first {
	case "library", "drafts", "templates", "sends":
		return "/" + first
	}
	return "/"
}
