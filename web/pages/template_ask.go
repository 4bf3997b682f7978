package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/kind"
)

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
	known, err := s.Store.Templates(r.Context(), v.account.App.ID)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	picked := picks(list.Templates, q["t"])
	p := views.AskPage{Page: s.page(r, v), Stale: stale, Most: kind.MaxAsked, Asking: views.Asking{
		Muban: s.publicBase(r), AppID: v.account.App.AppID, Moment: askedAt(q),
	}}
	for _, t := range picked {
		p.Templates = append(p.Templates, views.AskedTemplate{ID: t.ID, Title: t.Title})
	}
	for _, t := range list.Templates {
		c := views.AskChoice{ID: t.ID, Title: t.Title, LongTerm: t.Type == wechat.LongTerm}
		if c.Picked = slices.ContainsFunc(picked, func(p wechat.Template) bool { return p.ID == t.ID }); !c.Picked {
			c.Why = kind.AskBeside(picked, t)
		}
		if i := slices.IndexFunc(counts, func(n store.ConsentCount) bool { return n.TemplateID == t.ID }); i >= 0 {
			c.Reach = counts[i].Users
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
	if q.Get("when") == views.AskAtTap {
		return views.AskAtTap
	}
	return views.AskAtPayment
}
