package pages

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// answersShown is how many answers of a user a page tells of each template.
const answersShown = 5

// consents is the ledger of what users said to subscribe templates.
func (s *Site) consents(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawConsents(w, r, v, views.ConsentForm{What: ledger.Accept, Key: newKey()}, nil)
}

func (s *Site) drawConsents(w http.ResponseWriter, r *http.Request, v *visit, form views.ConsentForm, wrong ui.Problems) error {
	filter, err := consentsFilter(r)
	if err != nil {
		return err
	}
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), wechat.MaxCount)
	maps.Copy(problems, wrong)
	ctx, app := r.Context(), v.account.App
	p := views.ConsentsPage{Page: s.page(r, v), Filter: filter, Own: app.DefaultKind(), Form: form, Problems: problems,
		MayNote: v.may(auth.SendAny)}
	p.Range = ui.Range{Path: "/rights", Query: filter.Values(), Offset: offset, Count: count}
	if p.Templates, p.Stale, err = s.asked(ctx, v); err != nil {
		return err
	}
	var total int
	p.Consents, total, err = s.Store.Consents(ctx, store.ConsentFilter{App: app.ID, OpenID: filter.Query, TemplateID: filter.Template,
		State: filter.State, Offset: offset, Count: count})
	if err != nil {
		return err
	}
	p.Range.Shown = len(p.Consents)
	p.Range.Counted(total, store.LedgerCountedAtMost)
	if filter.Query != "" {
		p.Answers = make([][]store.Answered, len(p.Consents))
		for i, c := range p.Consents {
			if p.Answers[i], err = s.Store.Answers(ctx, app.ID, c.OpenID, c.TemplateID, answersShown); err != nil {
				return err
			}
		}
	}
	if err := s.countConsents(ctx, app.ID, &p); err != nil {
		return err
	}
	if p.Names, err = s.namesOf(ctx, v); err != nil {
		return err
	}
	return s.render(w, r, listStatus(problems), views.Consents(p))
}

// countConsents fills in who can be reached with which template, and what became of consents in 30 days.
func (s *Site) countConsents(ctx context.Context, app int64, p *views.ConsentsPage) (err error) {
	if p.Counts, err = s.Store.ConsentCounts(ctx, app); err != nil {
		return err
	}
	today := ledger.DayOf(s.Now())
	days, err := s.Store.ConsentDays(ctx, app, p.Filter.Template, (today + 1 - chartDays).Start())
	if err != nil {
		return err
	}
	for _, c := range p.Counts {
		if p.Filter.Template == "" || c.TemplateID == p.Filter.Template {
			p.Left, p.LongTerm, p.Held = p.Left+c.Left, p.LongTerm+c.LongTerm, p.Held+c.Held
		}
	}
	for _, d := range days {
		p.Sum = p.Sum.Plus(d)
	}
	p.Lasts = ledger.Forecast(p.Left, days, today)
	p.Chart = consentsChart(p.Text, days, today)
	p.Empty = len(p.Counts) == 0 && len(days) == 0 && p.Range.Shown == 0 && p.Range.Offset == 0 && !p.Filter.Narrow()
	return nil
}

// consentsChart draws what became of consents, day by day up to today.
func consentsChart(t *text.Text, days []ledger.ConsentDay, today ledger.Day) ui.Chart {
	byDay := map[ledger.Day]ledger.ConsentDay{}
	for _, d := range days {
		byDay[d.Day] = d
	}
	series := []ui.Series{{Name: t.T("consents.accepted"), Class: "n"}, {Name: t.T("consents.used"), Class: "g"},
		{Name: t.T("consents.ended"), Class: "r"}}
	return lastDays(t, "consents-chart", today, series, func(day ledger.Day) []int {
		d := byDay[day]
		return []int{d.Accepted, d.Used, d.Refused + d.Emptied}
	})
}

// asked are the subscribe templates that users can be asked for.
func (s *Site) asked(ctx context.Context, v *visit) ([]wechat.Template, *ui.Stale, error) {
	list, stale, err := listOrLast(ctx, v.account.Of(kind.Subscribe))
	if wechat.IsFailure(err) { // the ledger is ours: it is shown also where WeChat does not answer
		return nil, nil, nil
	}
	return list.Templates, stale, err
}

func consentsFilter(r *http.Request) (views.ConsentsFilter, error) {
	q := r.URL.Query()
	f := views.ConsentsFilter{Query: q.Get("q"), Template: q.Get("template"), State: q.Get("state")}
	if f.State != "" && !slices.Contains(store.ConsentStates, f.State) {
		return f, errBadRequest
	}
	return f, nil
}

// noteConsent takes down what a user said, by word of a person.
func (s *Site) noteConsent(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var form views.ConsentForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	a := ledger.Answer{OpenID: form.OpenID, TemplateID: form.Template, What: form.What, Source: ledger.FromHand, Ref: form.Key}
	if len(problems) == 0 {
		known, err := v.account.Of(kind.Subscribe).Find(r.Context(), form.Template)
		switch {
		case err == nil:
			a.Long = known.Type == wechat.LongTerm
		case wechat.IsFailure(err):
			return err
		default:
			problems["template"] = t.T("consents.no_template")
		}
	}
	if len(problems) > 0 {
		return s.drawConsents(w, r, v, form, problems)
	}
	receipts, err := s.Store.ReportAnswers(r.Context(), v.actor(r), v.account.App.ID, []ledger.Answer{a})
	if err != nil {
		var refused *ledger.Refusal
		if errors.As(err, &refused) {
			return s.drawConsents(w, r, v, form, ui.Problems{"openid": t.T("consents.bad_openid")})
		}
		return err
	}
	done := "consent_noted"
	if a.What == ledger.Accept && !a.Long && !receipts[0].Counted && !receipts[0].Known {
		done = "consent_counted"
	}
	return v.seeOther(w, r, views.ConsentsURL(views.ConsentsFilter{Query: form.OpenID}), done)
}

// consentsCSV is the list as a file: everything that the filter shows.
func (s *Site) consentsCSV(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := consentsFilter(r)
	if err != nil {
		return err
	}
	filter := store.ConsentFilter{App: v.account.App.ID, OpenID: f.Query, TemplateID: f.Template, State: f.State}
	columns := []string{"openid", "template_id", "term", "left", "held", "used", "refused", "source", "updated_at"}
	return s.exportCSV(w, r, v, "consents-"+fileDay(s.Now())+".csv", columns,
		lines(s.Store.EachConsents(r.Context(), filter), func(c ledger.Consents) []string {
			term := "once"
			if c.Long {
				term = "long"
			}
			return []string{c.OpenID, c.TemplateID, term, strconv.Itoa(c.Left), strconv.Itoa(c.Held), strconv.Itoa(c.Used),
				strconv.FormatBool(c.Refused), c.Source, timestamp(c.UpdatedAt)}
		}))
}
