package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/alert"
	"muban/wechat/audit"
	"muban/wechat/kind"
)

// page is what every page of this visit shows around its content.
func (s *Site) page(r *http.Request, v *visit) *ui.Page {
	p := &ui.Page{
		Text: s.Texts.In(v.lang), Theme: v.theme, Person: v.person, Static: s.Base + s.Static.Prefix(),
		Below: v.below(), Here: here(r, s.Base), Now: s.Now(), Unsaved: r.Method == http.MethodPost,
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
			p.Nav = append(p.Nav, ui.NavItem{Group: sec.group, Name: sec.name, Href: sec.href,
				Current: current(r.URL.Path, sec.href)})
		}
	}
	if v.may(auth.SeeTokens) {
		p.Alarms = slices.DeleteFunc(slices.Clone(s.Alarms.Raised()), func(a alert.Alert) bool { return !v.sees(a.App.ID) })
	}
	s.countWaiting(r.Context(), v, p)
	p.RestoreHeld = v.may(auth.ManageApps) && s.restoreHeld(r)
	if done := inQuery(r, "done"); done != "" && p.Has("done."+done) {
		p.Done = done
	}
	return p
}

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

// countWaiting writes beside the sidebar's entries how much of them waits for the
// person: a page without these counts is still a page.
func (s *Site) countWaiting(ctx context.Context, v *visit, p *ui.Page) {
	w, err := s.Store.Waiting(ctx, p.App.ID, v.person.ID)
	if err != nil {
		s.Log.Warn("what waits for a person was not counted", "err", err)
		return
	}
	if !v.may(auth.Approve) {
		w.Reviews = 0
	}
	if !v.may(auth.SendAny) {
		w.Unknown = w.Own
	}
	counts := map[string]int{"drafts": w.Reviews + w.Rejected, "sends": w.Unknown, "alerts": len(p.Alarms)}
	for i, item := range p.Nav {
		p.Nav[i].Waiting = counts[item.Name]
	}
}

func current(path, href string) bool {
	if href == "/" {
		return path == "/"
	}
	return path == href || strings.HasPrefix(path, href+"/")
}

// inQuery is one thing in the query of an address, "" for none. Most addresses have nothing to decode.
func inQuery(r *http.Request, name string) string {
	if !strings.Contains(r.URL.RawQuery, name+"=") {
		return ""
	}
	return r.URL.Query().Get(name)
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
	if inQuery(r, "done") == "" {
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
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
				Secure: s.Sessions.Secure, SameSite: http.SameSiteLaxMode})
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

// listOrLast is what WeChat lists now or, where it does not answer, what it listed
// at last, with the reason.
func listOrLast(ctx context.Context, a *account.Account) (account.List, *ui.Stale, error) {
	list, err := a.List(ctx)
	if err == nil || !wechat.IsFailure(err) {
		return list, nil, err
	}
	last, lost := a.LastList(ctx)
	if errors.Is(lost, store.ErrNotFound) {
		return list, nil, err
	}
	return last, &ui.Stale{Outcome: failedRead(err), ReadAt: last.ReadAt}, lost
}

// drift is what was done elsewhere.
func (s *Site) drift(ctx context.Context, acct *account.Account, list account.List) (account.Drift, error) {
	known, err := s.Store.Templates(ctx, acct.App.ID)
	if err != nil {
		return account.Drift{}, err
	}
	return acct.Drift(ctx, list, known)
}

const (
	usageKept = 7 * 24 * time.Hour // how far back usage looks
	usageBars = 48                 // the hours that are drawn
)

// usageOf sums up the hand-outs of one key, or of all at 0, as seen at now.
func usageOf(handouts []store.Handout, key int64, now time.Time) ui.HandOuts {
	u := ui.HandOuts{Hours: make([]int64, usageBars)}
	this := now.Truncate(time.Hour)
	for _, h := range handouts {
		if key != 0 && h.KeyID != key {
			continue
		}
		ago := int(this.Sub(h.Hour) / time.Hour)
		if ago >= 0 && ago < usageBars {
			u.Hours[usageBars-1-ago] += h.Count
		}
		if ago < 24 {
			u.Day += h.Count
		}
		u.Week += h.Count
	}
	return u
}

func count(found []audit.Finding) (c ui.Counted) {
	for _, f := range found {
		switch f.Level {
		case audit.Error:
			c.Errors++
		case audit.Warning:
			c.Warnings++
		}
	}
	return c
}

// cardOf draws a message as WeChat would.
func (s *Site) cardOf(v *visit, t wechat.Template, m wechat.Message) ui.Card {
	c := ui.Card{AppName: v.account.App.Name, Title: t.Title, At: s.Now(), Emphasis: -1, HasPage: m.Page != "",
		Empty: true, Subscribe: kind.Of(t).Allowance() == kind.Consent, Edition: m.State}
	for i, line := range kind.Of(t).Lines(t) {
		if line.Key == "" {
			c.Rows, c.Empty = append(c.Rows, ui.CardRow{Value: line.Text}), false
			continue
		}
		d := datumOf(m, line.Key)
		row := ui.CardRow{Name: line.Text, Value: d.Value}
		if colorForm.MatchString(d.Color) {
			row.Color = d.Color
		}
		if row.Value != "" {
			c.Empty = false
		}
		if m.Emphasis == line.Key {
			c.Emphasis = i
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// datumOf is what a message has for a field, zero for nothing.
func datumOf(m wechat.Message, key string) (found wechat.Datum) {
	for _, d := range m.Data {
		if d.Key == key {
			found = d
		}
	}
	return found
}

// restoreHeld tells whether messages wait for somebody to confirm a restore. The database is asked until it says that
// none do, and never again: a restore needs the console to be stopped.
func (s *Site) restoreHeld(r *http.Request) bool {
	if s.noRestore.Load() {
		return false
	}
	held, err := s.Store.RestoreHolds(r.Context())
	if err != nil {
		s.Log.Warn("whether a restore waits to be confirmed is not known", "err", err)
		return false
	}
	s.noRestore.Store(!held)
	return held
}

// confirmRestore lets messages go out again. A second click, or one after somebody else's, changes nothing.
func (s *Site) confirmRestore(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	if err := s.Store.ConfirmRestore(r.Context(), v.actor(r)); err != nil && !errors.Is(err, store.ErrState) {
		return err
	}
	return v.seeOther(w, r, local(r.PostForm.Get("next")), "restore_confirmed")
}
