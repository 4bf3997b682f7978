package pages

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// templateCode shows how a program sends the template's messages.
func (s *Site) templateCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.programPage(r, v)
	if err != nil {
		return err
	}
	ctx, app := r.Context(), v.account.App.ID
	keys, err := s.Store.APIKeys(ctx, app)
	if err != nil {
		return err
	}
	p.Keys = slices.DeleteFunc(keys, func(k store.APIKey) bool { return !k.Live(s.Now()) || !slices.Contains(k.Scopes, "token") })
	if p.Reported, err = s.reported(ctx, app, p.Usage); err != nil {
		return err
	}
	p.SeeKeys, p.SeeRights = v.may(auth.ManageKeys), v.may(auth.SeeRights)
	return s.render(w, r, http.StatusOK, views.TemplateCode(p))
}

// reported is how many rights, or consents to the template, came in since yesterday.
func (s *Site) reported(ctx context.Context, app int64, u views.Usage) (n int, err error) {
	since := s.Now().Add(-24 * time.Hour)
	if u.ByRight() {
		days, err := s.Store.RightDays(ctx, app, since)
		for _, day := range days {
			n += day.Reported
		}
		return n, err
	}
	days, err := s.Store.ConsentDays(ctx, app, u.TemplateID, since)
	for _, day := range days {
		n += day.Accepted
	}
	return n, err
}

// templateCodeFile is what the tab shows, as a file.
func (s *Site) templateCodeFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.programPage(r, v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.Snippet.File}))
	_, err = w.Write([]byte(p.Snippet.Code))
	return err
}

// programPage is the code in the language that the address asks for, with the message that it holds.
func (s *Site) programPage(r *http.Request, v *visit) (p views.CodePage, err error) {
	t, stale, err := templateOrLast(r, v)
	if err != nil {
		return p, err
	}
	if p.TemplateHead, err = s.head(r, v, t, "code"); err != nil {
		return p, err
	}
	p.Stale = stale
	form, problems, err := s.askedMessage(r, v, t)
	if err != nil {
		return p, err
	}
	if len(problems) > 0 {
		form = examples(t)
	}
	form.OpenID, form.FormID = "OPENID", "FORM_ID"
	if r.URL.Query().Has("v") {
		p.Written = writtenQuery(form)
	}
	p.Usage = views.Usage{
		Kind:  kind.Of(t),
		Muban: s.publicBase(r), WeChat: strings.TrimRight(apiBase(v.account.App), "/"), AppID: v.account.App.AppID,
		Title: t.Title, TemplateID: t.ID, Alias: p.Alias, Fields: kind.Of(t).Fields(t), Written: messageOf(t, form),
	}
	for i, d := range p.Usage.Written.Data {
		p.Usage.Fields[i].Example = d.Value
	}
	p.Snippet = p.Usage.SnippetIn(r.URL.Query().Get("lang"))
	return p, nil
}

// apiBase is the address that a command copied from here should call: the
// simulation of this process cannot be called from outside, so for it WeChat's own.
func apiBase(app store.App) string {
	if app.Sandbox {
		return wechat.DefaultBase
	}
	return app.Base
}

// ask is the page that puts together what a mini program asks its users for. What is picked stands in the address; a
// template that cannot be asked for beside those picked before it is left out, and says why in the list.
func (s *Site) ask(w http.ResponseWriter, r *http.Request, v *visit) error {
	list, stale, err := listOrLast(r.Context(), v.account.Of(kind.Subscribe))
	if err != nil {
		return err
	}
	counts, err := s.Store.ConsentCounts(r.Context(), v.account.App.ID)
	if err != nil {
		return err
	}
	since := (ledger.DayOf(s.Now()) + 1 - chartDays).Start()
	answers, err := s.Store.AnswersSince(r.Context(), v.account.App.ID, since)
	if err != nil {
		return err
	}
	byMoment, err := s.Store.AnswersByMoment(r.Context(), v.account.App.ID, since)
	if err != nil {
		return err
	}
	known, err := s.Store.Templates(r.Context(), v.account.App.ID)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	picked := picks(list.Templates, q["t"])
	p := views.AskPage{Page: s.page(r, v), Stale: stale, Most: kind.MaxAsked, Days: chartDays, Asking: views.Asking{
		Muban: s.publicBase(r), AppID: v.account.App.AppID, Moment: askedAt(q),
	}, Asked: popupsAt(byMoment, picked)}
	for _, t := range picked {
		p.Templates = append(p.Templates, views.AskedTemplate{ID: t.ID, Title: t.Title})
	}
	for _, t := range list.Templates {
		c := views.AskChoice{ID: t.ID, Title: t.Title, LongTerm: t.Type == wechat.LongTerm}
		if c.Picked = slices.ContainsFunc(picked, func(p wechat.Template) bool { return p.ID == t.ID }); !c.Picked {
			c.Why = kind.AskBeside(picked, t)
		}
		if slices.ContainsFunc(list.Templates, func(o wechat.Template) bool { return o.ID != t.ID && o.Title == t.Title }) {
			c.Fields = v.account.Kind.Fields(t)
		}
		if i := slices.IndexFunc(counts, func(n store.ConsentCount) bool { return n.TemplateID == t.ID }); i >= 0 {
			c.Reach = counts[i].Users
		}
		if i := slices.IndexFunc(answers, func(a store.PopupAnswers) bool { return a.TemplateID == t.ID }); i >= 0 {
			c.Yes, c.No = answers[i].Yes, answers[i].No
		}
		if i := slices.IndexFunc(known, func(k store.Template) bool { return k.TemplateID == t.ID }); i >= 0 {
			c.Alias = known[i].Alias
		}
		p.Choices = append(p.Choices, c)
	}
	p.Code, p.Report = p.CodeIn(q.Get("code")), p.ReportIn(q.Get("server"))
	if v.may(auth.ManageApps) {
		p.Settings = "/settings/apps/" + strconv.FormatInt(v.account.App.ID, 10)
	}
	return s.render(w, r, http.StatusOK, views.Ask(p))
}

// picks are the templates of the ids, in their order, without those that cannot be asked for beside the ones before.
func picks(all []wechat.Template, ids []string) (picked []wechat.Template) {
	for _, id := range ids {
		i := slices.IndexFunc(all, func(t wechat.Template) bool { return t.ID == id })
		if i >= 0 && kind.AskBeside(picked, all[i]) == "" {
			picked = append(picked, all[i])
		}
	}
	return picked
}

func askedAt(q url.Values) string {
	if q.Get("when") == ledger.AtTap {
		return ledger.AtTap
	}
	return ledger.AtPayment
}

// popupsAt sums up what users answered at each moment, to what is picked or, where nothing is, to anything.
func popupsAt(answers []store.PopupAnswers, picked []wechat.Template) map[string]views.Popups {
	asked := map[string]views.Popups{}
	for _, a := range answers {
		if len(picked) > 0 && !slices.ContainsFunc(picked, func(t wechat.Template) bool { return t.ID == a.TemplateID }) {
			continue
		}
		sum := asked[a.Moment]
		asked[a.Moment] = views.Popups{Yes: sum.Yes + a.Yes, No: sum.No + a.No}
	}
	return asked
}
