package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"muban/store"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
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
	if appID := auth.NamedApp(r); appID != "" && v.person != nil && !s.turn(v, appID) {
		return v, errOtherApp
	}
	return v, nil
}

// recognise fills in whose session it is, and the app that they are at.
func (s *Site) recognise(v *visit, live *auth.Live) {
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

// about makes the account of the visit that of a kind of message.
func (v *visit) about(k kind.Kind) { v.account = v.account.Of(k) }

// ofTemplate makes the visit about the kind of the template that the path names.
func (s *Site) ofTemplate(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		known, err := s.Store.Template(r.Context(), v.account.App.ID, r.PathValue("id"))
		if err == nil {
			v.about(kind.Named(known.Kind))
			return handle(w, r, v)
		}
		if of, _, err := v.account.Holder(r.Context(), r.PathValue("id")); err == nil {
			v.account = of
		}
		return handle(w, r, v)
	}
}

// named is the kind of message that an address asks for, the app's own where it asks
// for none.
func (v *visit) named(r *http.Request) kind.Kind {
	if name := inQuery(r, "kind"); kind.Known(name) {
		return kind.Named(name)
	}
	return v.account.App.DefaultKind()
}

// listed is named for a list that can be of every kind: nil and "" where it is. name is the kind's.
func (v *visit) listed(r *http.Request) (k kind.Kind, name string) {
	if r.URL.Query().Get("kind") == ui.EveryKind {
		return nil, ""
	}
	k = v.named(r)
	return k, k.Name()
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
		if lang := auth.CookieValue(r, "lang"); slices.Contains(text.Languages, lang) {
			v.lang = lang
		} else {
			v.lang = s.Texts.Match(r.Header.Get("Accept-Language"))
		}
	}
	if v.theme == "" {
		if theme := auth.CookieValue(r, "theme"); slices.Contains(themes, theme) {
			v.theme = theme
		}
	}
	if v.theme == "auto" {
		v.theme = ""
	}
}

func (v *visit) may(p auth.Permission) bool { return v.person != nil && auth.May(v.roleFor(p), p) }

// mayIn is may for what a page of the current app does in another one.
func (v *visit) mayIn(app int64, p auth.Permission) bool {
	return v.sees(app) && auth.May(v.roles.In(app, v.person.Role), p)
}

// roleFor is the role that decides about p.
func (v *visit) roleFor(p auth.Permission) store.Role {
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
		return store.Actor{Addr: auth.Address(r)}
	}
	return store.Actor{PersonID: v.person.ID, Name: v.person.Name, Addr: auth.Address(r)}
}

// mayDecide tells whether the visitor may say if a send arrived: who sent it, and
// who may send to anybody.
func (v *visit) mayDecide(send store.Send) bool {
	return v.may(auth.SendAny) || v.may(auth.SendSelf) && send.PersonID == v.person.ID
}

// ownOpenID is the visitor's openid in the current app, "" where none is bound.
// In the sandbox everybody has one.
func (s *Site) ownOpenID(ctx context.Context, v *visit) (string, error) {
	id, err := s.Store.OpenID(ctx, v.person.ID, v.account.App.ID)
	if err == nil && id == "" && v.account.App.Sandbox {
		id = sandbox.OpenIDFor(v.account.App.AppID, v.person.Name)
	}
	return id, err
}

// recipients are whom a test can go to by name, the visitor first. In the sandbox everybody has an openid.
func (s *Site) recipients(ctx context.Context, v *visit) ([]store.Recipient, error) {
	all, err := s.Store.Recipients(ctx, v.account.App.ID)
	if err != nil {
		return nil, err
	}
	own, err := s.ownOpenID(ctx, v)
	if err != nil {
		return nil, err
	}
	if v.account.App.Sandbox {
		people, err := s.Store.People(ctx)
		if err != nil {
			return nil, err
		}
		bound, err := s.Store.OpenIDs(ctx, v.account.App.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if bound[p.ID] == "" && !p.Disabled {
				all = append(all, store.Recipient{Name: p.Name, OpenID: sandbox.OpenIDFor(v.account.App.AppID, p.Name)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b store.Recipient) int {
		return cmp.Compare(notIn(own, a), notIn(own, b))
	})
	return all, nil
}

// notIn is 0 for the recipient of an openid and 1 for the others, who come after.
func notIn(openID string, x store.Recipient) int {
	if x.OpenID == openID {
		return 0
	}
	return 1
}

// namesOf are the names of the openids of the current app that are somebody's.
func (s *Site) namesOf(ctx context.Context, v *visit) (map[string]string, error) {
	all, err := s.recipients(ctx, v)
	names := make(map[string]string, len(all))
	for _, x := range all {
		names[x.OpenID] = x.Name
	}
	return names, err
}

// ownRows are what the visitor may do in the current app.
func ownRows(v *visit) []ui.PermissionRow {
	var rows []ui.PermissionRow
	for _, p := range auth.Granted(store.Administrator) {
		rows = append(rows, ui.PermissionRow{Name: string(p), ForAllApps: p.ForAllApps(), May: []bool{v.may(p)}})
	}
	return rows
}

// newRight submits a form or pays as openID, and reports what that gives to the
// ledger, as a business server would.
func (s *Site) newRight(r *http.Request, v *visit, source, openID string) (id string, err error) {
	switch source {
	case ledger.Form:
		id, err = s.Sandbox.SubmitForm(v.account.App.AppID, openID)
	case ledger.Payment:
		id, err = s.Sandbox.Pay(v.account.App.AppID, openID)
	default:
		err = errBadRequest
	}
	if err != nil {
		return "", err
	}
	report := ledger.Report{OpenID: openID, Source: source, ID: id}
	_, err = s.Store.ReportRights(r.Context(), v.actor(r), v.account.App.ID, []ledger.Report{report})
	return id, err
}

// newConsent has a user of the sandbox say yes to a template, or switch it off in the mini program's settings. What is
// reported here comes before WeChat's event of the same.
func (s *Site) newConsent(r *http.Request, v *visit, t wechat.Template, openID, what string) error {
	say := s.Sandbox.Refuse
	if what == ledger.Accept {
		say = func(appID, openID string, ids ...string) error { return s.Sandbox.Allow(appID, openID, false, ids...) }
	}
	if err := say(v.account.App.AppID, openID, t.ID); err != nil {
		return err
	}
	_, err := s.Store.ReportAnswers(r.Context(), v.actor(r), v.account.App.ID, []ledger.Answer{{
		OpenID: openID, TemplateID: t.ID, What: what, Source: ledger.FromSandbox, Long: t.Type == wechat.LongTerm,
	}})
	return err
}

// pending is p as the visitor's.
func (v *visit) pending(r *http.Request, p account.Pending) account.Pending {
	by := v.actor(r)
	p.PersonID, p.PersonName, p.Addr = by.PersonID, by.Name, by.Addr
	return p
}
