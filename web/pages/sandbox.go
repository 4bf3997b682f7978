package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/sandbox"
)

var clockMoves = []views.Move{{ID: "hours2", Advance: "2h"}, {ID: "day", Advance: "24h"}, {ID: "week", Advance: "168h"}}

func (s *Site) sandboxPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.SandboxPage{OpenID: r.URL.Query().Get("openid"), Form: views.FaultForm{Times: 1}}
	return s.drawSandbox(w, r, v, p)
}

// drawSandbox draws the phone of p.OpenID, one's own where it is "", with p's forms and
// their problems.
func (s *Site) drawSandbox(w http.ResponseWriter, r *http.Request, v *visit, p views.SandboxPage) error {
	if !v.account.App.Sandbox {
		return errNotFound
	}
	p.Page, p.Made = s.page(r, v), r.URL.Query().Get("made")
	if p.Problems == nil {
		p.Problems = ui.Problems{}
	}
	own, err := s.ownOpenID(r.Context(), v)
	if err != nil {
		return err
	}
	p.OpenID = cmp.Or(p.OpenID, own)
	p.Phone.OpenID = p.OpenID
	if !ledger.IsOpenID(p.OpenID) {
		p.Problems["openid"] = p.T("problem.openid")
		p.Phone.OpenID = own
	}
	s.fillPhone(r, v, &p.Phone)
	if err := s.phoneOwners(r.Context(), v, &p); err != nil {
		return err
	}
	p.Faults, p.Paths, p.Moves = s.Sandbox.Faults(), sandbox.Paths(), clockMoves
	p.Ahead = p.Phone.Now.Sub(s.Now()).Round(time.Minute)
	p.MayReset, p.SeeAll, p.MayName = v.may(auth.Delete), v.may(auth.SeeRights), v.may(auth.Testers)
	return s.render(w, r, listStatus(p.Problems), views.Sandbox(p))
}

// fillPhone turns the phone to the place that the address names, or a form that was posted from there.
func (s *Site) fillPhone(r *http.Request, v *visit, phone *views.Phone) {
	phone.Now, phone.At = s.Sandbox.Now(), r.FormValue("at")
	phone.Seen, _ = strconv.Atoi(r.FormValue("seen"))
	opened, _ := strconv.Atoi(r.FormValue("message"))
	for _, m := range s.Sandbox.Messages(v.account.App.AppID, phone.OpenID) {
		phone.Messages = append(phone.Messages, views.PhoneMessage{ID: m.ID, Page: m.Page, Card: delivered(v.account.App.Name, m)})
		if m.ID == opened && m.Page != "" {
			phone.Opened = &phone.Messages[len(phone.Messages)-1]
		}
	}
	for _, app := range v.apps {
		if app.Sandbox {
			phone.Apps = append(phone.Apps, app)
		}
	}
}

// phoneOwners are those whose phones there are, by name where it is known, with what can still be sent to each.
func (s *Site) phoneOwners(ctx context.Context, v *visit, p *views.SandboxPage) error {
	app := v.account.App
	people, err := s.recipients(ctx, v)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, x := range people {
		named[x.OpenID] = true
	}
	for _, id := range append(s.Sandbox.OpenIDs(app.AppID), p.Phone.OpenID) {
		if !named[id] {
			people, named[id] = append(people, store.Recipient{Name: ui.EndOf(id), OpenID: id}), true
		}
	}
	for _, x := range people {
		balance, err := s.Store.Balance(ctx, app.ID, x.OpenID)
		if err != nil {
			return err
		}
		said, err := s.Store.ConsentsOf(ctx, app.ID, x.OpenID)
		if err != nil {
			return err
		}
		owner := views.PhoneOwner{Name: x.Name, OpenID: x.OpenID, Left: balance.Usable}
		for _, c := range said {
			owner.Left += c.Left
		}
		p.People = append(p.People, owner)
		if x.OpenID == p.Phone.OpenID {
			p.Name, p.Left = x.Name, balance.Usable
			if err := asked(ctx, v, p, said); err != nil {
				return err
			}
		}
	}
	if p.Left > 0 {
		right, _, err := s.Store.PeekAllowance(ctx, store.Send{App: app.ID, OpenID: p.Phone.OpenID})
		if _, refused := errors.AsType[*ledger.Refusal](err); err != nil && !refused {
			return err
		}
		p.Until = right.ExpiresAt
	}
	p.Rights, _, err = s.Store.Rights(ctx, store.RightFilter{App: app.ID, OpenID: p.Phone.OpenID, Count: shownRights})
	return err
}

// asked fills in the subscribe templates that the account had at last, with what the phone's owner said to each.
func asked(ctx context.Context, v *visit, p *views.SandboxPage, said []ledger.Consents) error {
	last, err := v.account.Of(kind.Subscribe).LastList(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return nil // never read
	}
	for _, t := range last.Templates {
		c := views.PhoneConsent{Template: t}
		if at := slices.IndexFunc(said, func(x ledger.Consents) bool { return x.TemplateID == t.ID }); at >= 0 {
			c.Said = said[at]
		}
		p.Consents = append(p.Consents, c)
	}
	return err
}

// shownRights is how many of somebody's newest rights are listed beside their phone.
const shownRights = 4

// delivered is a message as the phone shows it.
func delivered(appName string, m sandbox.Delivered) ui.Card {
	c := ui.Card{AppName: appName, Title: m.Title, At: m.At, Emphasis: m.Emphasis, HasPage: m.Page != "", Empty: true,
		Subscribe: kind.Named(m.Kind).Allowance() == kind.Consent, Edition: m.State}
	for _, f := range m.Fields {
		c.Rows = append(c.Rows, ui.CardRow{Name: f.Name, Value: f.Value, Color: f.Color})
		if f.Value != "" {
			c.Empty = false
		}
	}
	return c
}

// sandboxAct runs one act on the simulation and leads back to the phone.
func sandboxAct(w http.ResponseWriter, r *http.Request, v *visit, done string, act func(q url.Values) error) error {
	if !v.account.App.Sandbox {
		return errNotFound
	}
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	q := url.Values{}
	for _, name := range []string{"openid", "at", "message"} { // where the phone was
		if value := r.PostForm.Get(name); value != "" {
			q.Set(name, value)
		}
	}
	if err := act(q); err != nil {
		return err
	}
	if done != "" {
		q.Set("done", done)
	}
	return v.seeOther(w, r, "/sandbox?"+q.Encode(), "")
}

func (s *Site) sandboxRight(w http.ResponseWriter, r *http.Request, v *visit) error {
	return sandboxAct(w, r, v, "", func(q url.Values) error {
		id := q.Get("openid")
		if !ledger.IsOpenID(id) {
			return nil // the page says what is wrong with it
		}
		made, err := s.newRight(r, v, r.PostForm.Get("kind"), id)
		q.Set("made", made)
		return err
	})
}

// sandboxConsent is what the phone's owner says to a subscribe template: yes in the popup, or no in the settings.
func (s *Site) sandboxConsent(w http.ResponseWriter, r *http.Request, v *visit) error {
	return sandboxAct(w, r, v, "", func(q url.Values) error {
		what, id := r.PostForm.Get("answer"), q.Get("openid")
		last, err := v.account.Of(kind.Subscribe).LastList(r.Context())
		if err != nil {
			return err
		}
		at := slices.IndexFunc(last.Templates, func(t wechat.Template) bool { return t.ID == r.PostForm.Get("template") })
		if at < 0 || what != ledger.Accept && what != ledger.Reject {
			return errBadRequest
		}
		if !ledger.IsOpenID(id) {
			return nil // the page says what is wrong with it
		}
		return s.newConsent(r, v, last.Templates[at], id, what)
	})
}

func (s *Site) sandboxClock(w http.ResponseWriter, r *http.Request, v *visit) error {
	return sandboxAct(w, r, v, "clock_moved", func(url.Values) error {
		d, err := time.ParseDuration(r.PostForm.Get("advance"))
		if err != nil || d <= 0 || d > 366*24*time.Hour {
			return errBadRequest
		}
		s.Sandbox.Advance(d)
		return s.Store.Record(r.Context(), v.actor(r), v.account.App.ID, store.ActSandboxClock, "sandbox",
			`{"advance":"`+d.String()+`"}`)
	})
}

func (s *Site) sandboxClearFaults(w http.ResponseWriter, r *http.Request, v *visit) error {
	return sandboxAct(w, r, v, "faults_cleared", func(url.Values) error {
		s.Sandbox.ClearFaults()
		return s.Store.Record(r.Context(), v.actor(r), v.account.App.ID, store.ActSandboxFaultsClear, "sandbox", "{}")
	})
}

// sandboxReset empties the simulation, which others may be at work with: its name has to be
// typed for it.
func (s *Site) sandboxReset(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.account.App.Sandbox {
		return errNotFound
	}
	t := s.Texts.In(v.lang)
	p := views.SandboxPage{Form: views.FaultForm{Times: 1}}
	var err error
	if p.Problems, err = s.forms.read(r, t, &p.Reset); err != nil {
		return err
	}
	if len(p.Problems) == 0 && !text.Retyped(p.Reset.Name, v.account.App.Name) {
		p.Problems = ui.Problems{"name": t.T("sandbox.reset_mismatch", "App", text.Short(v.account.App.Name))}
	}
	if len(p.Problems) > 0 {
		return s.drawSandbox(w, r, v, p)
	}
	return sandboxAct(w, r, v, "sandbox_reset", func(url.Values) error {
		s.Sandbox.Reset()
		v.account.Library.Forget()
		return s.Store.Record(r.Context(), v.actor(r), v.account.App.ID, store.ActSandboxReset, "sandbox", "{}")
	})
}

func (s *Site) sandboxFault(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.account.App.Sandbox {
		return errNotFound
	}
	t := s.Texts.In(v.lang)
	var form views.FaultForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	fault, ok := faultOf(form)
	if !ok && len(problems) == 0 {
		problems["value"] = t.T("sandbox.bad_value", "Value", text.Excerpt(form.Value))
	}
	if len(problems) > 0 {
		return s.drawSandbox(w, r, v, views.SandboxPage{OpenID: form.OpenID, Form: form, Problems: problems})
	}
	if err := s.Sandbox.AddFault(fault); err != nil {
		return errors.Join(errBadRequest, err)
	}
	if err := s.Store.Record(r.Context(), v.actor(r), v.account.App.ID, store.ActSandboxFault, "sandbox:"+form.Path, `{"kind":"`+form.Kind+`"}`); err != nil {
		return err
	}
	return v.seeOther(w, r, "/sandbox?"+url.Values{"openid": {form.OpenID}, "done": {"fault_added"}}.Encode(), "")
}

// faultOf is the fault that the form describes; false where its value does not
// fit its kind.
func faultOf(form views.FaultForm) (sandbox.Fault, bool) {
	f := sandbox.Fault{Path: form.Path, Times: form.Times}
	switch form.Kind {
	case "errcode":
		code, err := strconv.Atoi(form.Value)
		f.ErrCode = &code
		return f, err == nil && code != 0
	case "status":
		status, err := strconv.Atoi(form.Value)
		f.Status = status
		return f, err == nil && status >= 200 && status <= 599
	case "delay":
		delay, err := time.ParseDuration(form.Value)
		f.Delay = sandbox.Duration(delay)
		return f, err == nil && delay > 0 && delay <= time.Minute
	case "drop_before":
		f.Drop = "before"
	case "drop_after":
		f.Drop = "after"
	case "body":
		f.Body = form.Value
		return f, form.Value != ""
	}
	return f, true
}
