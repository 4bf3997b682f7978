package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/alert"
)

// alarms are the alerts that are raised, in memory: every page shows them.
type alarms struct {
	Store    *store.Store
	accounts *accounts
	watch    *alert.Watch
	list     atomic.Pointer[[]alert.Alert]
}

// now are those that are raised, oldest first.
func (a *alarms) now() []alert.Alert {
	if list := a.list.Load(); list != nil {
		return *list
	}
	return nil
}

// raised tells whether the alert of the kind is raised in the app.
func (a *alarms) raised(kind alert.Kind, app int64) bool {
	return slices.ContainsFunc(a.now(), func(x alert.Alert) bool { return x.Kind == kind && x.App.ID == app })
}

// newWatch raises alerts whose words are Chinese, the console's first language: a
// receiver has no person whose language could be asked for.
func newWatch(st *store.Store, now func() time.Time, texts *text.Texts) *alert.Watch {
	return alert.NewWatch(st, now, func(a alert.Alert, c alert.Change) string {
		t := texts.In(text.Languages[0])
		return t.T("notice."+string(c), "App", a.App.Name, "What", t.T("alert."+string(a.Kind)))
	})
}

// watchApps raises and clears the alerts about tokens and penalties.
func (s *alarms) watchApps(ctx context.Context) error {
	var keepers []alert.Keeper
	for _, acct := range s.accounts.each() {
		keepers = append(keepers, alert.Keeper{App: acct.watched(), State: acct.keeper.State()})
		if err := s.watchPenalty(ctx, acct); err != nil {
			return err
		}
	}
	return errors.Join(s.watch.Look(ctx, keepers), s.readAlerts(ctx))
}

// watched is the account's app as an alert names it.
func (a *account) watched() alert.App {
	return alert.App{ID: a.app.ID, AppID: a.app.AppID, Name: a.app.Name}
}

// watchPenalty raises the alert when a penalty begins, and clears it when it has
// ended or was lifted.
func (s *alarms) watchPenalty(ctx context.Context, acct *account) error {
	ban, inForce, err := s.Store.PenaltyInForce(ctx, acct.app.ID)
	raised := s.raised(alert.Penalty, acct.app.ID)
	switch {
	case err != nil || inForce == raised:
		return err
	case inForce:
		return s.watch.Raise(ctx, alert.Penalty, acct.watched(), ui.BanUntil(ban))
	}
	return s.watch.Clear(ctx, alert.Penalty, acct.watched())
}

func (s *alarms) readAlerts(ctx context.Context) error {
	raised, err := s.Store.RaisedAlerts(ctx)
	if err == nil {
		s.list.Store(&raised)
	}
	return err
}

func (s *Site) alertsPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawAlerts(w, r, v, http.StatusOK, views.AlertsPage{})
}

func (s *Site) drawAlerts(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.AlertsPage) error {
	ctx := r.Context()
	hook, err := s.Store.Webhook(ctx)
	if err != nil {
		return err
	}
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), timelineCount)
	list, total, err := s.Store.Deliveries(ctx, offset, count)
	if err != nil {
		return err
	}
	p.Page, p.Host, p.Set, p.ListProblems = s.page(r, v), hostOf(hook.URL), hook.UpdatedAt, problems
	p.Form.URL, p.Form.Secret = "", "" // write-only
	p.Deliveries = list
	p.Range = ui.Range{Path: "/settings/alerts", Offset: offset, Count: count, Shown: len(list), Total: total}
	if text := r.URL.Query().Get("tested"); text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errNotFound
		}
		tested, err := s.Store.Delivery(ctx, id)
		if err != nil {
			return err
		}
		p.Tested = &tested
	}
	return s.render(w, r, status, views.Alerts(p))
}

// hostOf is what may be shown of a webhook's address: many hold a key.
func hostOf(address wechat.Secret) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return ""
	}
	return u.Host
}

// saveHook sets where alerts are sent. What is left empty stays as it is.
func (s *Site) saveHook(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var p views.AlertsPage
	var err error
	if p.Problems, err = s.forms.read(r, t, &p.Form); err != nil {
		return err
	}
	before, err := s.Store.Webhook(r.Context())
	if err != nil {
		return err
	}
	hook := alert.Hook{URL: wechat.Secret(p.Form.URL), Secret: wechat.Secret(p.Form.Secret)}
	switch {
	case r.PostForm.Get("do") == "remove":
		hook, p.Problems = alert.Hook{}, nil
	case hook.URL == "" && before.URL == "":
		p.Problems["url"] = t.T("problem.required", "Field", t.T("fieldname.url"))
	case hook.URL == "":
		hook.URL = before.URL
	case alert.CheckAddress(p.Form.URL, s.AllowPrivateAPI) != nil:
		p.Problems["url"] = t.T("alerts.address_refused")
	}
	if hook.URL != "" && hook.Secret == "" && before.Secret == "" && p.Problems["hook_secret"] == "" {
		p.Problems["hook_secret"] = t.T("problem.required", "Field", t.T("fieldname.hook_secret"))
	}
	if len(p.Problems) > 0 {
		return s.drawAlerts(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if err := s.Store.SetWebhook(r.Context(), v.actor(r), hook, hostOf(hook.URL)); err != nil {
		return err
	}
	if hook.URL == "" {
		return v.seeOther(w, r, "/settings/alerts", "hook_removed")
	}
	return v.seeOther(w, r, "/settings/alerts", "hook_saved")
}

// testHook sends a test and shows what came of it.
func (s *Site) testHook(w http.ResponseWriter, r *http.Request, v *visit) error {
	hook, err := s.Store.Webhook(r.Context())
	if err != nil {
		return err
	}
	if hook.URL == "" {
		return errBadRequest
	}
	body := alert.TestNotice(s.Texts.In(text.Languages[0]).T("notice.test", "Person", v.person.Name))
	d, err := s.Store.AddTestDelivery(r.Context(), v.actor(r), body)
	if err != nil {
		return err
	}
	s.awaitDelivery(r.Context(), d.ID)
	return v.seeOther(w, r, "/settings/alerts?tested="+strconv.FormatInt(d.ID, 10), "")
}

const (
	testPatience = 15 * time.Second       // how long somebody waits for a test to be delivered
	testPause    = 100 * time.Millisecond // between looks at one that another goroutine or process delivers
)

// awaitDelivery delivers what is due until this one was tried. Where it is not in
// time, the page says that it still waits.
func (s *Site) awaitDelivery(ctx context.Context, id int64) {
	ctx, cancel := context.WithTimeout(ctx, testPatience)
	defer cancel()
	for ctx.Err() == nil {
		idle := s.Courier.Deliver(ctx) != nil
		if d, err := s.Store.Delivery(ctx, id); err != nil || d.Attempts > 0 {
			return
		}
		if idle {
			select {
			case <-ctx.Done():
			case <-time.After(testPause):
			}
		}
	}
}
