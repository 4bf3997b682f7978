package pages

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// sharesShown is how many rows a breakdown has; the file has everything.
const sharesShown = 10

// countSends fills in what the page of sends counts: today's calls, who waits for
// a decision, and the sends by day, errcode and template since from, or for the
// usual days where that is zero or longer ago.
func (s *Site) countSends(ctx context.Context, app int64, from time.Time, p *views.SendsPage) (err error) {
	if p.Today, err = s.Store.CallsToday(ctx, app); err != nil {
		return err
	}
	if p.Undecided, err = s.undecided(ctx, app); err != nil {
		return err
	}
	people, err := s.Store.People(ctx)
	if err != nil {
		return err
	}
	for _, x := range people {
		p.People = append(p.People, x.Name)
	}
	today := ledger.DayOf(s.Now())
	since := today + 1 - chartDays
	if !from.IsZero() {
		since = min(today, max(since, ledger.DayOf(from)))
	}
	counts, err := s.Store.SendCounts(ctx, app, since.Start())
	if err != nil {
		return err
	}
	p.Since = dayLabel(since)
	p.Chart = sendsChart(p.Text, counts, since, today)
	p.ByCode = byCode(p.Text, counts)
	return s.byTemplate(ctx, app, counts, p)
}

// drawnOutcomes are the series of the chart of sends, from the bottom up.
var drawnOutcomes = []string{dispatch.Sent, dispatch.Refused, dispatch.Unknown}

// barOf is how an outcome's bars look.
func barOf(outcome string) string {
	switch outcome {
	case dispatch.Sent:
		return "bar-good"
	case dispatch.Refused:
		return "bar-bad"
	}
	return "bar-open"
}

// sendsChart draws how sends ended, day by day.
func sendsChart(t *text.Text, counts []store.SendCount, since, today ledger.Day) ui.Chart {
	c := ui.Chart{ID: "sends-chart", Title: t.T("sends.chart"), Step: t.T("chart.day"), Stacked: true}
	for _, outcome := range drawnOutcomes {
		c.Series = append(c.Series, ui.Series{Name: t.T("outcome." + outcome), Class: barOf(outcome)})
	}
	for day := since; day <= today; day++ {
		c.Groups = append(c.Groups, ui.Group{Label: dayLabel(day), Counts: make([]int, len(drawnOutcomes))})
	}
	sums := make([]int, len(drawnOutcomes))
	for _, n := range counts {
		at := slices.Index(drawnOutcomes, n.Outcome)
		if day := int(n.Day - since); at >= 0 && day >= 0 && day < len(c.Groups) {
			c.Groups[day].Counts[at] += n.Sends
			sums[at] += n.Sends
		}
	}
	c.About = t.T("sends.chart_about", "Sent", sums[0], "Refused", sums[1], "Unknown", sums[2])
	return c
}

// ending is how sends can end, as far as they are counted apart.
type ending struct {
	outcome string
	code    int
}

// byCode counts the sends by errcode, those without one by their outcome.
func byCode(t *text.Text, counts []store.SendCount) []ui.Share {
	sums := map[ending]int{}
	for _, n := range counts {
		sums[ending{n.Outcome, n.ErrCode}] += n.Sends
	}
	return largest(sums, func(e ending) ui.Share {
		share := ui.Share{Name: t.T("outcome." + e.outcome), Href: views.SendsURL(views.SendsFilter{Outcome: e.outcome}),
			Class: barOf(e.outcome)}
		if e.code != 0 {
			code := strconv.Itoa(e.code)
			share.Name, share.Href = "errcode "+code, views.SendsURL(views.SendsFilter{ErrCode: code})
			if id := "errcode." + code + ".cause"; t.Has(id) {
				share.Note = t.T(id)
			}
		}
		return share
	})
}

// byTemplate counts the sends by template, and offers those templates as a filter.
func (s *Site) byTemplate(ctx context.Context, app int64, counts []store.SendCount, p *views.SendsPage) error {
	sums := map[string]int{}
	for _, n := range counts {
		sums[n.TemplateID] += n.Sends
	}
	if p.Filter.Template != "" {
		sums[p.Filter.Template] += 0
	}
	last, err := s.Store.LastSends(ctx, app, slices.Collect(maps.Keys(sums)))
	if err != nil {
		return err
	}
	titleOf := func(id string) string { return cmp.Or(last[id].Title, id) }
	for id := range sums {
		p.Templates = append(p.Templates, views.Choice{Value: id, Text: titleOf(id) + " · " + shortID(id)})
	}
	slices.SortFunc(p.Templates, func(a, b views.Choice) int { return cmp.Compare(a.Text, b.Text) })
	delete(sums, "")
	p.ByTitle = largest(sums, func(id string) ui.Share {
		return ui.Share{Name: titleOf(id), Note: shortID(id), Href: views.SendsURL(views.SendsFilter{Template: id}),
			Class: "bar-plain"}
	})
	return nil
}

// shortID is enough of a template_id to tell two templates of one title apart.
func shortID(id string) string {
	if len(id) <= 8 {
		return id
	}
	return id[:8] + "…"
}

// largest are the shares with the highest counts, the highest first.
func largest[K comparable](sums map[K]int, share func(K) ui.Share) []ui.Share {
	var all []ui.Share
	for key, n := range sums {
		if one := share(key); n > 0 {
			one.Count = n
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b ui.Share) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Note, b.Note))
	})
	return all[:min(len(all), sharesShown)]
}

// sendsCSV is the list as a file: everything that the filter shows.
func (s *Site) sendsCSV(w http.ResponseWriter, r *http.Request, v *visit) error {
	problems := ui.Problems{}
	_, filter, err := s.sendsFilter(r, v, problems)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return errBadRequest // a file of something else than was asked for would be believed
	}
	columns := []string{
		"number", "at", "title", "template_id", "openid", "form_id", "outcome", "errcode", "errmsg", "reason", "decision", "decided_by",
		"ms", "attempts", "who", "values",
	}
	name := "sends-" + fileDay(s.Now()) + ".csv"
	return s.exportCSV(w, r, v, name, columns, lines(s.Store.EachSend(r.Context(), filter), sendCells))
}

func sendCells(x store.Send) []string {
	return []string{
		strconv.FormatInt(x.ID, 10), timestamp(x.CreatedAt), x.Title, x.TemplateID, x.OpenID, x.FormID, x.Outcome, codeOf(x), x.ErrMsg,
		x.Reason, x.Decision, x.DecidedByName,
		strconv.FormatInt(x.Duration.Milliseconds(), 10), strconv.Itoa(x.Attempts), x.PersonName, valuesOf(x),
	}
}

// codeOf is WeChat's errcode, "" where it gave none.
func codeOf(x store.Send) string {
	if x.Outcome != dispatch.Sent && x.ErrCode == 0 {
		return ""
	}
	return strconv.Itoa(x.ErrCode)
}

// valuesOf are what the message said, keyword by keyword.
func valuesOf(x store.Send) string {
	var m wechat.Message
	_ = json.Unmarshal(x.Request, &m) // we wrote it
	values := make([]string, len(m.Data))
	for i, d := range m.Data {
		values[i] = d.Value
	}
	return strings.Join(values, " | ")
}
