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

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// codesSplit is how many errcodes stand below the sends that were refused.
const codesSplit = 3

// countSends fills in what the page counts of the kind of message that it lists: today's calls, what waits for a
// decision, and how the sends of the span ended that was asked for. The hours are those of the day that the list begins
// with, or of today.
func (s *Site) countSends(ctx context.Context, v *visit, listed store.SendFilter, p *views.SendsPage) (err error) {
	app, own, from := v.account.App.ID, ownOnly(v), listed.From
	if p.Kind != nil {
		if p.Today, err = s.Store.CallsToday(ctx, app, listed.Kind); err != nil {
			return err
		}
	}
	p.Waiting = map[string]int{}
	for _, k := range kind.All() {
		waiting := store.SendFilter{App: app, Kind: k.Name(), PersonID: own, Undecided: true, Count: 1}
		if _, p.Waiting[k.Name()], err = s.Store.Sends(ctx, waiting); err != nil {
			return err
		}
		if listed.Kind == "" || listed.Kind == k.Name() {
			p.Undecided += p.Waiting[k.Name()]
		}
	}
	today := ledger.DayOf(s.Now())
	last, days := today, chartDays
	switch p.Filter.Span {
	case "hours":
		if days = 1; !from.IsZero() {
			last = ledger.DayOf(from)
		}
	case "7":
		days = 7
	}
	first := last + 1 - ledger.Day(days)
	counts, hours, err := s.readCounts(ctx, app, listed, first-ledger.Day(days), last)
	if err != nil {
		return err
	}
	p.Counts = views.SendsCounts{
		Now: ends(endings(counts, first, last)), Before: ends(endings(counts, first-ledger.Day(days), first-1)),
		Codes: codesOf(p.Text, counts, first, last), Series: outcomeSeries(p.Text), From: dayLabel(first), To: dayLabel(last),
	}
	p.Counts.Codes = p.Counts.Codes[:min(len(p.Counts.Codes), codesSplit)]
	if p.Filter.Span == "hours" {
		p.Counts.Chart = sendsByHour(p.Text, hours, last)
	} else {
		p.Counts.Chart = sendsByDay(p.Text, p.Filter.Kind, counts, last, days, today)
	}
	p.Counts.Chart.Tall = "tall"
	for i, g := range p.Counts.Chart.Groups {
		p.Counts.Chart.Groups[i].Current = p.Filter.From != "" && p.Filter.From == p.Filter.To && strings.HasSuffix(g.Href, "to="+p.Filter.To)
	}
	p.Templates, err = s.sentTemplates(ctx, app, counts, p.Filter.Template)
	return err
}

// readCounts reads how the sends of some days ended, and of the last of them by the hour: of the kind and of the person
// that are listed.
func (s *Site) readCounts(ctx context.Context, app int64, listed store.SendFilter, first, last ledger.Day) ([]store.SendCount,
	[]store.HourCount, error) {
	if own := listed.PersonID; own != 0 {
		return s.Store.OwnSendCounts(ctx, app, own, listed.Kind, first.Start(), last)
	}
	counts, err := s.Store.SendCounts(ctx, app, listed.Kind, first.Start())
	if err != nil {
		return nil, nil, err
	}
	hours, err := s.Store.SendHours(ctx, app, listed.Kind, last.Start(), (last + 1).Start())
	return counts, hours, err
}

// sentTemplates are the templates that something was sent with, and the one that is asked for.
func (s *Site) sentTemplates(ctx context.Context, app int64, counts []store.SendCount, asked string) ([]views.Choice,
	error) {
	ids := map[string]bool{}
	for _, n := range counts {
		ids[n.TemplateID] = true
	}
	if asked != "" {
		ids[asked] = true
	}
	last, err := s.Store.LastSends(ctx, app, slices.Collect(maps.Keys(ids)))
	if err != nil {
		return nil, err
	}
	titles := map[string]int{}
	for id := range ids {
		titles[last[id].Title]++
	}
	var all []views.Choice
	for id := range ids {
		c := views.Choice{Value: id, Text: cmp.Or(last[id].Title, id)}
		if titles[last[id].Title] > 1 { // two templates of one title
			c.Text += " · " + shortID(id)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b views.Choice) int { return cmp.Compare(a.Text, b.Text) })
	return all, nil
}

// sendsChoices offers who may have sent something, for those who see everybody's sends.
func (s *Site) sendsChoices(ctx context.Context, v *visit, p *views.SendsPage) error {
	if ownOnly(v) != 0 {
		return nil
	}
	people, err := s.Store.People(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{"": true}
	for _, x := range people {
		p.Senders = append(p.Senders, views.Choice{Value: x.Name, Text: x.Name})
		known[x.Name] = true
	}
	for _, actor := range slices.Sorted(maps.Keys(p.List.Keys)) {
		p.Senders = append(p.Senders, views.Choice{Value: actor, Text: p.T("sends.key_named", "Name", p.List.Keys[actor])})
		known[actor] = true
	}
	if !known[p.Filter.Person] {
		p.Senders = append(p.Senders, views.Choice{Value: p.Filter.Person, Text: p.Filter.Person})
	}
	return nil
}

// shortID is enough of a template_id to tell two templates of one title apart.
func shortID(id string) string {
	if len(id) <= 8 {
		return id
	}
	return id[:8] + "…"
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
		"ms", "attempts", "who", "kind", "msgid", "values",
	}
	name := "sends-" + fileDay(s.Now()) + ".csv"
	return s.exportCSV(w, r, v, name, columns, lines(s.Store.EachSend(r.Context(), filter), sendCells))
}

func sendCells(x store.Send) []string {
	return []string{
		strconv.FormatInt(x.ID, 10), timestamp(x.CreatedAt), x.Title, x.TemplateID, x.OpenID, x.FormID, x.Outcome, codeOf(x), x.ErrMsg,
		x.Reason, x.Decision, x.DecidedByName,
		strconv.FormatInt(x.Duration.Milliseconds(), 10), strconv.Itoa(x.Attempts), x.PersonName, x.Kind, x.MsgID, valuesOf(x),
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
