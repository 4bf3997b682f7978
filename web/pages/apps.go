package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/token"
)

func (s *Site) apps(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawApps(w, r, v, http.StatusOK, views.AppsPage{Form: views.AppForm{Base: wechat.DefaultBase}})
}

func (s *Site) drawApps(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.AppsPage) error {
	p.Page, p.List, p.Archived = s.page(r, v), s.Accounts.List(), s.Accounts.Archived()
	p.Form.Secret = "" // write-only
	if err := s.pushOf(r, &p); err != nil {
		return err
	}
	allowed, err := s.Store.Setting(r.Context(), store.SelfApproval)
	if err != nil {
		return err
	}
	p.SelfApproval = allowed == "on"
	return s.render(w, r, status, views.Apps(p))
}

func (s *Site) editApp(w http.ResponseWriter, r *http.Request, v *visit) error {
	app, err := s.appNamed(r)
	if err != nil {
		return err
	}
	form := views.AppForm{Name: app.Name, AppID: app.AppID, Base: app.Base, TokenMode: string(app.TokenMode),
		Color: app.Color, Version: store.AppVersion(app)}
	return s.drawApps(w, r, v, http.StatusOK, views.AppsPage{Editing: app, Form: form})
}

// appNamed is the app that the path names.
func (s *Site) appNamed(r *http.Request) (store.App, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return store.App{}, errNotFound
	}
	if _, ok := s.Accounts.ByID(id); !ok {
		return store.App{}, errNotFound
	}
	return s.Store.App(r.Context(), id) // which another process may have changed just now
}

// editable is appNamed, but for the sandbox's own app: of that only the push can be set up.
func (s *Site) editable(r *http.Request) (store.App, error) {
	app, err := s.appNamed(r)
	if err == nil && app.Sandbox {
		err = errNotFound
	}
	return app, err
}

// pushOf adds to the page of an app how WeChat pushes its events here.
func (s *Site) pushOf(r *http.Request, p *views.AppsPage) error {
	if p.Editing.ID == 0 {
		return nil
	}
	set, err := s.Store.Push(r.Context(), p.Editing.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	p.Push, p.PushURL = set, s.publicBase(r)+"/push/"+p.Editing.AppID
	p.PushForm.Mode = cmp.Or(p.PushForm.Mode, set.Mode, store.PushSafe)
	return nil
}

// savePush sets up the push of the app that the path names, as it is set up at WeChat.
func (s *Site) savePush(w http.ResponseWriter, r *http.Request, v *visit) error {
	app, err := s.appNamed(r)
	if err != nil {
		return err
	}
	t, p := s.Texts.In(v.lang), views.AppsPage{Editing: app}
	p.Form = views.AppForm{Name: app.Name, AppID: app.AppID, Base: app.Base, TokenMode: string(app.TokenMode),
		Color: app.Color, Version: store.AppVersion(app)}
	if p.Problems, err = s.forms.read(r, t, &p.PushForm); err != nil {
		return err
	}
	if err := s.pushOf(r, &p); err != nil {
		return err
	}
	set := store.Push{App: app.ID, Mode: p.PushForm.Mode}
	set.Token = cmp.Or(wechat.Secret(p.PushForm.Token), p.Push.Token)
	set.AESKey = cmp.Or(wechat.Secret(p.PushForm.AESKey), p.Push.AESKey)
	if set.Token == "" && p.Problems["push_token"] == "" {
		p.Problems["push_token"] = t.T("problem.required", "Field", t.T("fieldname.push_token"))
	}
	if _, err := store.PushKey(set.AESKey); err != nil && set.Mode != store.PushPlain && p.Problems["push_aes_key"] == "" {
		p.Problems["push_aes_key"] = t.T("push.key_form")
	}
	if len(p.Problems) > 0 {
		return s.drawApps(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if err := s.Store.SetPush(r.Context(), v.actor(r), set); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/apps/"+strconv.FormatInt(app.ID, 10), "push_saved")
}

func (s *Site) addApp(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.keepApp(w, r, v, store.App{})
}

func (s *Site) saveApp(w http.ResponseWriter, r *http.Request, v *visit) error {
	if r.PostFormValue("push_mode") != "" {
		return s.savePush(w, r, v)
	}
	app, err := s.editable(r)
	if err != nil {
		return err
	}
	return s.keepApp(w, r, v, app)
}

// keepApp saves an app whose credentials WeChat has accepted.
func (s *Site) keepApp(w http.ResponseWriter, r *http.Request, v *visit, app store.App) error {
	t := s.Texts.In(v.lang)
	p := views.AppsPage{Editing: app}
	var err error
	if p.Problems, err = s.forms.read(r, t, &p.Form); err != nil {
		return err
	}
	if app.ID != 0 && p.Form.Version == "" {
		return errBadRequest
	}
	moved := app.ID != 0 && p.Form.Base != app.Base && p.Form.Secret == ""
	changed := fill(&app, p.Form)
	s.appProblems(t, p, app, moved)
	// Before WeChat is asked: a token that is fetched for nothing ends the one in use.
	if store.Overtaken(store.AppVersion(p.Editing), p.Form.Version, store.AppVersion(app)) {
		return s.appConflict(w, r, v, p)
	}
	if len(p.Problems) > 0 {
		return s.drawApps(w, r, v, http.StatusUnprocessableEntity, p)
	}
	var fetched checked
	if changed {
		if fetched, err = s.tryCredentials(r.Context(), app); err != nil {
			p.Check = failedRead(err)
			p.Check.Elsewhere = true
			return s.drawApps(w, r, v, http.StatusUnprocessableEntity, p)
		}
	}
	app.Secret = wechat.Secret(p.Form.Secret) // without one the stored one stays, whichever it is by now
	err = s.putApp(r.Context(), v.actor(r), p.Form.Version, app, fetched)
	if errors.Is(err, store.ErrConflict) {
		return s.appConflict(w, r, v, p)
	}
	if err != nil {
		return err
	}
	done := "app_renamed"
	if changed {
		done = "app_saved"
	}
	return v.seeOther(w, r, "/settings/apps", done)
}

// appProblems adds what is wrong beyond the form's own rules; moved is to a new host
// without a new secret.
func (s *Site) appProblems(t *text.Text, p views.AppsPage, app store.App, moved bool) {
	if moved && p.Problems["secret"] == "" { // a stored secret is not shown to a new host
		p.Problems["secret"] = t.T("apps.secret_again")
	}
	if app.Secret == "" && p.Problems["secret"] == "" {
		p.Problems["secret"] = t.T("problem.required", "Field", t.T("fieldname.secret"))
	}
	if p.Problems["base"] == "" && wechat.CheckBase(app.Base, s.AllowPrivateAPI) != nil {
		p.Problems["base"] = t.T("apps.base_refused")
	}
	if app.ID == 0 && len(p.Problems) == 0 {
		if problem := s.taken(t, app.AppID); problem != "" {
			p.Problems["appid"] = problem
		}
	}
}

// appConflict shows what somebody else saved meanwhile beside what was typed here,
// which stays typed.
func (s *Site) appConflict(w http.ResponseWriter, r *http.Request, v *visit, p views.AppsPage) error {
	var err error
	if p.Editing, err = s.editable(r); err != nil {
		return err
	}
	p.Form.Version = store.AppVersion(p.Editing) // as it is now: saving again is a decision
	p.Problems[""], p.Conflict = s.Texts.In(v.lang).T("apps.conflict", "Name", p.Editing.Name), true
	return s.drawApps(w, r, v, http.StatusConflict, p)
}

// taken says which app has the AppID already, "" where none has.
func (s *Site) taken(t *text.Text, appID string) string {
	if _, ok := s.Accounts.ByAppID(appID); ok {
		return t.T("apps.taken")
	}
	if slices.ContainsFunc(s.Accounts.Archived(), func(a store.App) bool { return a.AppID == appID }) {
		return t.T("apps.taken_archived")
	}
	return ""
}

// fill takes the form over into app and tells whether WeChat has to be asked
// about it again. The AppID of an app that is there already does not change.
func fill(app *store.App, form views.AppForm) (changed bool) {
	mode := cmp.Or(account.TokenMode(form.TokenMode), app.TokenMode, account.PlainToken)
	changed = app.ID == 0 || form.Secret != "" || form.Base != app.Base || mode != app.TokenMode
	app.Name, app.Base, app.TokenMode, app.Color = form.Name, form.Base, mode, form.Color
	if app.ID == 0 {
		app.AppID = form.AppID
	}
	if form.Secret != "" {
		app.Secret = wechat.Secret(form.Secret)
	}
	return changed
}

// checked is the token that proved an app's credentials, and how it was fetched.
type checked struct {
	token.Record
	took time.Duration
}

// tryCredentials fetches a token with the app's AppID and AppSecret: WeChat's own
// word on whether they are right.
func (s *Site) tryCredentials(ctx context.Context, app store.App) (checked, error) {
	start := s.Now()
	fetched, err := s.Accounts.Fetch(app)(ctx, false)
	r := token.Record{Value: fetched.Value, FetchedAt: start, ExpiresAt: start.Add(fetched.ExpiresIn)}
	return checked{r, s.Now().Sub(start)}, err
}

// putApp stores the app and puts it to work. The token that the check fetched is
// the app's only live one, so its keeper begins with it. ErrConflict where the app
// is no more as it was.
func (s *Site) putApp(ctx context.Context, by store.Actor, was string, app store.App, fetched checked) error {
	var err error
	if app.ID == 0 {
		app, err = s.Store.AddApp(ctx, by, app)
	} else {
		err = s.Store.UpdateApp(ctx, by, was, app)
	}
	if errors.Is(err, store.ErrTaken) {
		return errBadRequest // somebody else added it in the same second
	}
	if err == nil && fetched.Value != "" {
		err = s.keepChecked(ctx, by, app.AppID, fetched)
	}
	if err != nil {
		return err
	}
	return s.takeUp(ctx, app.ID)
}

// takeUp works on with the app as it is stored now.
func (s *Site) takeUp(ctx context.Context, id int64) error {
	app, err := s.Store.App(ctx, id)
	if err != nil {
		return err
	}
	return s.Accounts.Put(app)
}

// keepChecked keeps the token, and its fetch in the journal.
func (s *Site) keepChecked(ctx context.Context, by store.Actor, appID string, fetched checked) error {
	if err := s.Store.SaveToken(ctx, appID, fetched.Record); err != nil {
		return err
	}
	return s.Store.AddFetch(ctx, token.Event{
		AppID: appID, Reason: token.Replaced, By: "person:" + by.Name, Process: account.ProcessName(),
		Start: fetched.FetchedAt, Took: fetched.took, ExpiresAt: fetched.ExpiresAt,
	})
}

func (s *Site) secretPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	app, err := s.editable(r)
	if err != nil {
		return err
	}
	return s.drawSecret(w, r, v, http.StatusOK, views.SecretPage{App: app})
}

func (s *Site) drawSecret(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.SecretPage) error {
	p.Page = s.page(r, v)
	return s.render(w, r, status, views.AppSecret(p))
}

// rotateSecret puts a new AppSecret in the place of the old one as soon as WeChat has
// accepted it. Until then all goes on with the old one.
func (s *Site) rotateSecret(w http.ResponseWriter, r *http.Request, v *visit) error {
	app, err := s.editable(r)
	if err != nil {
		return err
	}
	p := views.SecretPage{App: app}
	var form views.SecretForm
	if p.Problems, err = s.forms.read(r, s.Texts.In(v.lang), &form); err != nil {
		return err
	}
	if len(p.Problems) > 0 {
		return s.drawSecret(w, r, v, http.StatusUnprocessableEntity, p)
	}
	app.Secret = wechat.Secret(form.Secret)
	fetched, err := s.tryCredentials(r.Context(), app)
	if err != nil {
		p.Check = failedRead(err)
		p.Check.Elsewhere = true
		return s.drawSecret(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if err := s.Store.RotateSecret(r.Context(), v.actor(r), app.ID, app.Secret); err != nil {
		return err
	}
	if err := s.keepChecked(r.Context(), v.actor(r), app.AppID, fetched); err != nil {
		return err
	}
	if err := s.takeUp(r.Context(), app.ID); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/apps", "secret_rotated")
}
