package pages

import (
	"context"
	"net/http"
	"slices"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat/account"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/token"
)

// ownSendsShown is how many of one's own tests the overview names.
const ownSendsShown = 5

// codesShown is how many errcodes it names.
const codesShown = 4

// overview draws what is the visitor's to do, and how the mini program does. What cannot be read is missing in its own
// place.
func (s *Site) overview(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.OverviewPage{Page: s.page(r, v)}
	ban, banned, err := s.Store.PenaltyInForce(r.Context(), v.account.App.ID, "")
	if s.missed(r, err); banned {
		p.Ban = &ban
	}
	v.about(v.account.App.DefaultKind())
	known := s.readKnown(r.Context(), v)
	s.state(r, v, &p, known)
	p.Tasks = s.tasks(r, v, p, known)
	p.Steps, err = s.firstSteps(r.Context(), v)
	s.missed(r, err)
	return s.render(w, r, http.StatusOK, views.Overview(p))
}

// known is what several parts of the overview look at, read once.
type known struct {
	lists  map[kind.Kind]account.List
	listed error // why the list of the mini program's own kind could not be read

	consents     []store.ConsentCount
	consentDays  map[string][]ledger.ConsentDay // of the last chartDays, by template; "" are all together
	consentsRead error
}

// readKnown asks WeChat for the templates of the mini program's own kind; of the others it is what WeChat listed at last.
// Their calls have small quotas, and nobody looks at the overview for them.
func (s *Site) readKnown(ctx context.Context, v *visit) known {
	k := known{lists: map[kind.Kind]account.List{}}
	for _, of := range v.account.Kinds() {
		if of == v.account {
			k.lists[of.Kind], k.listed = of.List(ctx)
		} else {
			k.lists[of.Kind], _ = of.LastList(ctx) // none was read yet where there is none
		}
	}
	if v.may(auth.SeeRights) {
		app := v.account.App.ID
		if k.consents, k.consentsRead = s.Store.ConsentCounts(ctx, app); k.consentsRead == nil {
			k.consentDays, k.consentsRead = s.Store.ConsentDaysByTemplate(ctx, app, (ledger.DayOf(s.Now()) + 1 - chartDays).Start())
		}
	}
	return k
}

// missed tells whether a part of the page could not be read, and notes why.
func (s *Site) missed(r *http.Request, err error) bool {
	if err != nil && r.Context().Err() == nil {
		s.Log.Error("a part of the overview is missing", "path", r.URL.Path, "err", err)
	}
	return err != nil
}

// state fills in how the mini program does, as far as it is the visitor's to see.
func (s *Site) state(r *http.Request, v *visit, p *views.OverviewPage, k known) {
	ctx, app := r.Context(), v.account.App.ID
	switch {
	case v.may(auth.SeeSends) && v.may(auth.SendAny):
		p.Sending = &views.Sending{}
		p.Sending.Failed = s.missed(r, s.readSending(ctx, app, p))
	case v.may(auth.SeeSends):
		p.Own = &views.OwnSends{Test: "/templates"}
		var err error
		p.Own.Sends, _, err = s.Store.Sends(ctx, store.SendFilter{App: app, PersonID: v.person.ID, Count: ownSendsShown})
		p.Own.Failed = s.missed(r, err)
		for _, x := range p.Own.Sends[:min(1, len(p.Own.Sends))] { // the last that was tested, while it is there
			for _, l := range k.lists {
				if _, err := l.Find(x.TemplateID); err == nil {
					p.Own.Test = ui.TemplateURL(x.TemplateID)
				}
			}
		}
	case v.may(auth.WriteDraft):
		p.Pipe, p.Used, p.Said = &views.Pipe{}, &views.Used{}, &views.Said{}
		p.Pipe.Failed = s.missed(r, s.readPipe(ctx, v, p.Pipe))
		p.Used.Failed = s.missed(r, s.readUsed(ctx, v, p.Used))
		var err error
		p.Said.Comments, p.Said.Titles, err = s.Store.CommentsTo(ctx, app, v.person.ID, 3)
		p.Said.Failed = s.missed(r, err)
	}
	if v.may(auth.SeeRights) {
		days, err := s.Store.RightEndings(ctx, app)
		p.Ending = &views.Ending{Chart: endingByDay(p.Text, days, ledger.DayOf(s.Now())), Failed: s.missed(r, err)}
		for _, g := range p.Ending.Chart.Groups {
			p.Ending.Sum += g.Sum()
		}
		s.reach(r, p, k)
	}
	if v.may(auth.SeeTokens) {
		p.Strip = s.strip(r, v, k)
	}
}

// readSending reads how sends went: the day's, yesterday's up to this time, and those of 30 days.
func (s *Site) readSending(ctx context.Context, app int64, p *views.OverviewPage) error {
	now := s.Now()
	today := ledger.DayOf(now)
	counts, err := s.Store.SendCounts(ctx, app, "", (today + 1 - chartDays).Start())
	if err != nil {
		return err
	}
	if p.Sending.SoFar, err = s.Store.SendsUntil(ctx, app, now.Add(-24*time.Hour)); err != nil {
		return err
	}
	*p.Sending = views.Sending{
		Today: ends(endings(counts, today, today)), Yesterday: ends(endings(counts, today-1, today-1)),
		Month: ends(endings(counts, today+1-chartDays, today)), SoFar: p.Sending.SoFar, Day: dayLabel(today),
		Chart: sendsByDay(p.Text, ui.EveryKind, counts, today, chartDays, today),
		Codes: codesOf(p.Text, counts, today, today),
	}
	p.Sending.Codes = p.Sending.Codes[:min(len(p.Sending.Codes), codesShown)]
	return nil
}

// reachShown is how many templates the overview names of those that people were asked for.
const reachShown = 4

// reach fills in whom subscribe messages can be sent to, where there are such templates or consents. It takes the place
// of the rights that end where there are none.
func (s *Site) reach(r *http.Request, p *views.OverviewPage, k known) {
	templates := k.lists[kind.Subscribe].Templates
	if k.consentsRead == nil && len(templates) == 0 && len(k.consents) == 0 {
		return
	}
	p.Reach = &views.Reach{Titles: map[string]string{}}
	for _, t := range templates {
		p.Reach.Titles[t.ID] = t.Title
	}
	for _, c := range k.consents {
		p.Reach.Left, p.Reach.Users = p.Reach.Left+c.Left, p.Reach.Users+c.Users
	}
	p.Reach.Counts = k.consents[:min(len(k.consents), reachShown)]
	p.Reach.Lasts = ledger.Forecast(p.Reach.Left, k.consentDays[""], ledger.DayOf(s.Now()))
	if p.Reach.Failed = s.missed(r, k.consentsRead); p.Ending.Sum == 0 && !p.Ending.Failed {
		p.Ending = nil
	}
}

// strip is the state of the token, of the templates, and of the day's calls.
func (s *Site) strip(r *http.Request, v *visit, k known) *views.Strip {
	own := v.account.Kind
	strip := &views.Strip{Own: own, Used: len(k.lists[own].Templates), Token: s.tokenState(v)}
	for _, of := range kind.All() {
		if n := len(k.lists[of].Templates); of != own && n > 0 {
			strip.Others = append(strip.Others, views.UsedOf{Kind: of, Used: n})
		}
	}
	if k.listed != nil {
		strip.Used, strip.UsedError = -1, failedRead(k.listed)
	}
	var err error
	if strip.Calls, err = s.Store.CallsToday(r.Context(), v.account.App.ID, v.account.Kind.Name()); err == nil {
		var today []store.TokenEvent
		today, err = s.Store.Fetches(r.Context(), v.account.App.AppID, ledger.DayOf(s.Now()).Start())
		for _, e := range today {
			if strip.Token.Fetched++; e.Reason != token.Due {
				strip.Token.Asked++
			}
		}
	}
	strip.Failed = s.missed(r, err)
	return strip
}

func (s *Site) tokenState(v *visit) views.TokenState {
	state := v.account.Keeper.State()
	t := views.TokenState{Kind: "none", Until: state.ExpiresAt}
	switch {
	case state.LastErr != nil && !state.Healthy:
		t.Kind, t.Outcome = "failing", failedRead(state.LastErr)
	case state.ExpiresAt.After(s.Now()):
		t.Kind = "healthy"
	}
	return t
}

// readPipe counts the visitor's drafts by where they are, and what of the month's proposals is used.
func (s *Site) readPipe(ctx context.Context, v *visit, pipe *views.Pipe) (err error) {
	app := v.account.App.ID
	if pipe.Counts, err = s.Store.OwnDrafts(ctx, app, v.person.ID); err != nil {
		return err
	}
	now := s.Now().In(ui.Beijing)
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, ui.Beijing)
	pipe.Submitted, err = s.Store.SubmittedBetween(ctx, app, kind.Template.Name(), month, month.AddDate(0, 1, 0))
	return err
}

// readUsed counts how the templates that came of the visitor's drafts were sent.
func (s *Site) readUsed(ctx context.Context, v *visit, used *views.Used) error {
	app, today := v.account.App.ID, ledger.DayOf(s.Now())
	own, err := s.Store.TemplatesBy(ctx, app, v.person.ID)
	if err != nil || len(own) == 0 {
		return err
	}
	counts, err := s.Store.SendCounts(ctx, app, "", (today + 1 - chartDays).Start())
	if err != nil {
		return err
	}
	for _, t := range own {
		u := views.UsedTemplate{Template: t, Days: make([]int, chartDays)}
		of := slices.DeleteFunc(slices.Clone(counts), func(n store.SendCount) bool { return n.TemplateID != t.TemplateID })
		for _, n := range of {
			if at := int(n.Day - (today + 1 - chartDays)); at >= 0 && at < chartDays {
				u.Days[at] += n.Sends
			}
		}
		u.Ended = ends(endings(of, today+1-chartDays, today))
		used.Templates = append(used.Templates, u)
	}
	slices.SortStableFunc(used.Templates, func(a, b views.UsedTemplate) int { return b.All - a.All })
	return nil
}

// firstSteps are what somebody new does first with what they may do; none once all of it is done or not wanted.
func (s *Site) firstSteps(ctx context.Context, v *visit) ([]views.Step, error) {
	if v.person.StepsHidden {
		return nil, nil
	}
	done, err := s.Store.Done(ctx, v.person.ID, store.ActTemplateAdd, store.ActDraftAdd, store.ActDraftReview,
		store.ActSendBegin, store.ActInvite)
	if err != nil {
		return nil, err
	}
	steps := []views.Step{}
	add := func(may bool, id, href string, isDone bool) {
		if may {
			steps = append(steps, views.Step{ID: id, Href: href, Done: isDone})
		}
	}
	real := slices.ContainsFunc(v.apps, func(a store.App) bool { return !a.Sandbox })
	add(v.may(auth.Add), "add", "/library", done[store.ActTemplateAdd])
	add(v.may(auth.WriteDraft) && !v.may(auth.Add), "combine", "/library", done[store.ActDraftAdd])
	add(v.may(auth.WriteDraft) && !v.may(auth.Add), "hand_in", "/drafts", done[store.ActDraftReview])
	add(v.may(auth.SendSelf), "send", "/templates", done[store.ActSendBegin])
	add(v.may(auth.People), "invite", "/settings/people", done[store.ActInvite])
	add(v.may(auth.ManageApps), "app", "/settings/apps", real)
	for _, step := range steps {
		if !step.Done {
			return steps, nil
		}
	}
	return nil, nil
}

// hideSteps takes them off the overview for good.
func (s *Site) hideSteps(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Store.HideSteps(r.Context(), v.actor(r)); err != nil {
		return err
	}
	s.Sessions.Forget(v.session.Hash)
	return v.seeOther(w, r, "/", "")
}
