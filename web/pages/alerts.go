package pages

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/alert"
)

// DescribeAlert is in Chinese, the console's first language: a receiver has no person
// whose language could be asked for.
func DescribeAlert(texts *text.Texts) func(alert.Alert, alert.Change) string {
	t := texts.In(text.Languages[0])
	return func(a alert.Alert, c alert.Change) string {
		return t.T("notice."+string(c), "App", a.App.Name, "What", t.T("alert."+string(a.Cause)))
	}
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
