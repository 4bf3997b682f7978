package pages

import (
	"context"
	"errors"
	"net/http"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat/alert"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// tasksOfAKind is how many tasks of one kind the overview names; what is more is in the lists.
const tasksOfAKind = 5

// answerDays is how long WeChat takes for a proposal, at the most of what is usual.
const answerDays = 7

// tasks are what waits for the visitor, the most urgent first, and what else is useful where nothing does.
func (s *Site) tasks(r *http.Request, v *visit, p views.OverviewPage, k known) views.Tasks {
	t := views.Tasks{}
	find := func(may bool, read func(context.Context, *visit, *text.Text) ([]views.Task, error)) {
		if !may {
			return
		}
		found, err := read(r.Context(), v, p.Text)
		if t.All = append(t.All, found...); s.missed(r, err) {
			t.Failed = true
		}
	}
	find(v.may(auth.SeeSends) && v.may(auth.SendSelf), s.undecidedTasks)
	t.All = append(t.All, alarmTasks(v, p.Page)...)
	find(v.may(auth.WriteDraft), s.sentBackTasks)
	find(v.may(auth.Approve), s.reviewTasks)
	find(v.may(auth.WriteDraft), s.approvedTasks)
	find(v.may(auth.WriteDraft), s.submittedTasks)
	find(v.may(auth.Add), func(ctx context.Context, v *visit, t *text.Text) ([]views.Task, error) {
		return s.driftTasks(ctx, v, t, k)
	})
	find(v.may(auth.SeeRights), s.leavingTasks)
	find(v.may(auth.SeeRights), func(_ context.Context, _ *visit, t *text.Text) ([]views.Task, error) {
		return s.consentTasks(t, k)
	})
	find(v.may(auth.SendSelf) && !v.may(auth.SendAny), s.ownRightsTasks)
	find(v.may(auth.SendSelf) && !v.may(auth.SendAny), s.ownConsentsTasks)
	find(v.may(auth.WriteDraft), s.unfinishedTasks)
	t.Next, t.NextAt = nextThing(v, p)
	if v.may(auth.Approve) {
		others, err := s.othersDrafts(r.Context(), v)
		t.Others, t.Failed = others, s.missed(r, err) || t.Failed
	}
	return t
}

// undecidedTasks is about the sends whose outcome nobody knows, and that are the visitor's to decide.
func (s *Site) undecidedTasks(ctx context.Context, v *visit, t *text.Text) ([]views.Task, error) {
	app, person := v.account.App.ID, int64(0)
	if !v.may(auth.SendAny) {
		person = v.person.ID
	}
	first, err := s.Store.FirstUndecided(ctx, app, person)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, n, err := s.Store.Sends(ctx, store.SendFilter{App: app, PersonID: person, Undecided: true, Count: 1})
	href := views.SendsURL(views.SendsFilter{Kind: ui.EveryKind, Outcome: ui.Undecided})
	if n == 1 {
		href = ui.SendURL(first.ID) + "#decide"
	}
	return []views.Task{{Group: "first", Icon: "question", Tone: "warn-text", What: t.T("overview.undecided", "Count", n),
		When: first.CreatedAt, Hint: t.T("overview.undecided_why"), Href: href, Act: "decide"}}, err
}

// alarmTasks are the alerts of this mini program.
func alarmTasks(v *visit, p *ui.Page) (all []views.Task) {
	for _, a := range p.Alarms {
		if a.App.ID == v.account.App.ID && (a.Cause != alert.Penalty || p.Ban == nil) { // the page tells of a ban on top
			all = append(all, views.Task{Group: "first", Icon: "alerts", Tone: "bad-text", What: p.T("alert." + string(a.Cause)),
				When: a.RaisedAt, Hint: text.Short(a.Detail), Href: ui.AlarmURL(a), Act: "cause"})
		}
	}
	return all
}

// draftsIn are an app's drafts in a state, of one author or, at 0, of all, the last changed first.
func (s *Site) draftsIn(ctx context.Context, v *visit, state string, author int64) ([]store.Draft, error) {
	all, _, err := s.Store.Drafts(ctx, store.DraftFilter{App: v.account.App.ID, State: state, Author: author,
		Count: tasksOfAKind})
	return all, err
}

// sentBackTasks are the visitor's drafts that a reviewer, or WeChat, wants changed.
func (s *Site) sentBackTasks(ctx context.Context, v *visit, t *text.Text) (all []views.Task, err error) {
	for _, state := range []string{"rejected", "refused"} {
		drafts, err := s.draftsIn(ctx, v, state, v.person.ID)
		if err != nil {
			return all, err
		}
		for _, d := range drafts {
			task := views.Task{Group: "first", Icon: "back", Tone: "bad-text", Title: d.Title, What: t.T("overview.is_" + state),
				When: d.UpdatedAt, Href: ui.DraftURL(d.ID), Act: state}
			if state == "refused" {
				task.Icon = "mail"
			}
			reviews, err := s.Store.Reviews(ctx, d.App, d.ID)
			if err != nil {
				return all, err
			}
			if len(reviews) > 0 {
				task.When = reviews[0].At
				task.Hint = t.T("overview.reasons", "Name", reviews[0].PersonName, "Count", len(reviews[0].Reasons))
			}
			all = append(all, task)
		}
	}
	return all, nil
}

// reviewTasks are the drafts of others that wait for a colleague to read them, the longest waiting first.
func (s *Site) reviewTasks(ctx context.Context, v *visit, t *text.Text) (all []views.Task, err error) {
	waiting, err := s.Store.WaitingForReview(ctx, v.account.App.ID, v.person.ID)
	for _, d := range waiting[:min(len(waiting), tasksOfAKind)] {
		all = append(all, views.Task{Group: "review", Icon: "pen", Tone: "muted", Title: d.Title, When: d.UpdatedAt,
			Hint: t.T("overview."+sortOf(d), "Name", d.AuthorName, "Count", len(d.Keywords)), Href: ui.DraftURL(d.ID),
			Act: "review"})
	}
	return all, err
}

// sortOf says what a draft is, as an id below "overview.".
func sortOf(d store.Draft) string {
	if d.Proposed {
		return "proposal"
	}
	return "combination"
}

// approvedTasks are what somebody has agreed to and what is to be done now: a combination is added, a proposal handed
// in, and the title that WeChat made of one is used.
func (s *Site) approvedTasks(ctx context.Context, v *visit, t *text.Text) (all []views.Task, err error) {
	author := v.person.ID
	if v.may(auth.Add) {
		author = 0
	}
	approved, err := s.draftsIn(ctx, v, "approved", author)
	if err != nil {
		return nil, err
	}
	accepted, err := s.draftsIn(ctx, v, "accepted", author)
	for _, d := range append(accepted, approved...) {
		what, act := "approved_combination", "add"
		switch {
		case d.State == "accepted":
			what, act = "accepted", "open"
		case d.Proposed:
			what, act = "approved_proposal", "hand_in"
		case !v.may(auth.Add):
			act = "open"
		}
		all = append(all, views.Task{Group: "days", Icon: "tick", Tone: "ok-text", Title: d.Title, What: t.T("overview.is_" + what),
			When: d.UpdatedAt, Hint: text.Short(d.AuthorName), Href: ui.DraftURL(d.ID), Act: act})
	}
	return all, err
}

// submittedTasks are the proposals that WeChat has to answer.
func (s *Site) submittedTasks(ctx context.Context, v *visit, t *text.Text) (all []views.Task, err error) {
	author := v.person.ID
	if v.may(auth.Approve) {
		author = 0
	}
	drafts, err := s.draftsIn(ctx, v, "submitted", author)
	for _, d := range drafts {
		days := int(s.Now().Sub(d.Submitted) / (24 * time.Hour))
		task := views.Task{Group: "days", Icon: "mail", Tone: "muted", Title: d.Title, What: t.T("overview.is_submitted"),
			Hint: t.T("overview.submitted_days", "Count", days), Href: ui.DraftURL(d.ID), Act: "answer"}
		if days > answerDays {
			task.Tone = "warn-text"
		}
		if !v.may(auth.Approve) {
			task.Act = "open"
		}
		all = append(all, task)
	}
	return all, err
}

// driftTasks is about what was done to the account elsewhere, kind by kind.
func (s *Site) driftTasks(ctx context.Context, v *visit, t *text.Text, k known) (all []views.Task, err error) {
	for _, of := range v.account.Kinds() {
		l := k.lists[of.Kind]
		if of == v.account && k.listed != nil || of != v.account && l.ReadAt.IsZero() {
			continue
		}
		d, err := s.drift(ctx, of, l)
		if err != nil {
			return all, err
		}
		if n := len(d.Elsewhere) + len(d.Gone) + len(d.Changed); n > 0 {
			all = append(all, views.Task{Group: "days", Icon: "change", Tone: "muted", What: t.T("overview.drift", "Count", n),
				Hint: t.T("overview.drift_of", "New", len(d.Elsewhere), "Gone", len(d.Gone), "Changed", len(d.Changed)),
				Href: ui.OfKind("/templates", of.Kind, v.account.Kind), Act: "compare"})
		}
	}
	return all, nil
}

// leavingTasks is about those who cannot be reached any more from tomorrow on.
func (s *Site) leavingTasks(ctx context.Context, v *visit, t *text.Text) ([]views.Task, error) {
	n, first, err := s.Store.Leaving(ctx, v.account.App.ID)
	if err != nil || n == 0 {
		return nil, err
	}
	what := t.T("overview.leaving", "Count", n)
	if n >= store.CountedAtMost {
		what = t.T("overview.leaving_more", "Most", ui.Thousands(n))
	}
	return []views.Task{{Group: "days", Icon: "rights", Tone: "warn-text", What: what,
		Hint: t.T("overview.leaving_why", "At", first.In(ui.Beijing).Format("15:04")),
		Href: views.RightsURL(views.RightsFilter{By: "leaving"}), Act: "details"}}, nil
}

// consentsLast is for how many days the consents to a template have to last, so that nothing is said of it.
const consentsLast = 3

// consentTasks is about the subscribe templates that hardly anybody can be reached with any more: at the pace of the last
// 30 days their consents are used up soon. One-time consents do not end by themselves.
func (s *Site) consentTasks(t *text.Text, k known) (all []views.Task, err error) {
	list, today := k.lists[kind.Subscribe], ledger.DayOf(s.Now())
	for _, c := range k.consents {
		known, unlisted := list.Find(c.TemplateID)
		if unlisted != nil || c.Left == 0 || len(all) == tasksOfAKind {
			continue
		}
		if lasts := ledger.Forecast(c.Left, k.consentDays[c.TemplateID], today); lasts >= 0 && lasts < consentsLast {
			all = append(all, views.Task{Group: "days", Icon: "rights", Tone: "warn-text", Title: known.Title,
				What: t.T("overview.running_out", "Count", c.Users-c.LongTerm), Hint: t.T("overview.running_out_why", "Count", lasts),
				Href: views.ConsentsURL(views.ConsentsFilter{Template: c.TemplateID}), Act: "details"})
		}
	}
	return all, k.consentsRead
}

// ownConsentsTasks is about the templates that the visitor's own consents to are used up. In the sandbox a click makes one.
func (s *Site) ownConsentsTasks(ctx context.Context, v *visit, t *text.Text) ([]views.Task, error) {
	openID, err := s.ownOpenID(ctx, v)
	if err != nil || openID == "" || v.account.App.Sandbox {
		return nil, err
	}
	own, err := s.Store.ConsentsOf(ctx, v.account.App.ID, openID)
	n := 0
	for _, c := range own {
		if c.Left == 0 && c.Used > 0 && !c.Long {
			n++
		}
	}
	if n == 0 {
		return nil, err
	}
	return []views.Task{{Group: "days", Icon: "rights", Tone: "warn-text", What: t.T("overview.own_used_up", "Count", n),
		Hint: t.T("overview.own_used_up_next"), Href: ui.OfKind("/templates", kind.Subscribe, v.account.Kind), Act: "open"}}, err
}

// ownRightsTasks is about the visitor's own rights that end within a day.
func (s *Site) ownRightsTasks(ctx context.Context, v *visit, t *text.Text) ([]views.Task, error) {
	openID, err := s.ownOpenID(ctx, v)
	if err != nil || openID == "" {
		return nil, err
	}
	own, err := s.Store.Balance(ctx, v.account.App.ID, openID)
	if err != nil || own.Ending == 0 {
		return nil, err
	}
	return []views.Task{{Group: "days", Icon: "rights", Tone: "warn-text", What: t.T("overview.own_ending", "Count", own.Ending),
		Hint: t.T("overview.own_left", "Count", own.Usable), Href: "/templates", Act: "test"}}, nil
}

// unfinishedTasks are the visitor's drafts that nobody was shown yet.
func (s *Site) unfinishedTasks(ctx context.Context, v *visit, t *text.Text) (all []views.Task, err error) {
	drafts, err := s.draftsIn(ctx, v, "draft", v.person.ID)
	for _, d := range drafts {
		all = append(all, views.Task{Group: "days", Icon: "pen", Tone: "muted", Title: d.Title, What: t.T("overview.is_draft"),
			When: d.UpdatedAt, Href: ui.DraftURL(d.ID), Act: "write"})
	}
	return all, err
}

// othersDrafts is how many drafts are in others' hands: being written, or sent back to them.
func (s *Site) othersDrafts(ctx context.Context, v *visit) (int, error) {
	all, err := s.Store.DraftCounts(ctx, v.account.App.ID, "")
	if err != nil {
		return 0, err
	}
	own, err := s.Store.OwnDrafts(ctx, v.account.App.ID, v.person.ID)
	n := 0
	for _, state := range []string{"draft", "rejected", "refused"} {
		n += all[state] - own[state]
	}
	return n, err
}

// nextThing is what is useful where nothing waits: a text below "overview.next.", and where.
func nextThing(v *visit, p views.OverviewPage) (id, href string) {
	switch {
	case p.Sending != nil && !p.Sending.Failed && p.Sending.Yesterday.All > 0 && p.Sending.Yesterday.Counts[1] > 0:
		yesterday := dayLabel(ledger.DayOf(p.Now) - 1)
		return "refused", views.SendsURL(views.SendsFilter{Kind: ui.EveryKind, Outcome: "refused", From: yesterday, To: yesterday})
	case p.Own != nil && v.account.App.Sandbox:
		return "phone", "/sandbox"
	case p.Strip != nil && p.Strip.Used > 0:
		return "test", "/templates"
	}
	return "browse", "/library"
}
