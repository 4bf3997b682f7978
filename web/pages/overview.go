package pages

import (
	"context"
	"net/http"

	"muban/store"
	"muban/views"
	"muban/web/auth"
	"muban/wechat/ledger"
)

func (s *Site) overview(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, app := r.Context(), v.account.App.ID
	p := views.OverviewPage{Page: s.page(r, v), SeeDrafts: v.may(auth.SeeDrafts)}
	var err error
	if p.Drafts, err = s.Store.DraftCounts(ctx, app); err != nil {
		return err
	}
	if err = s.ofSending(ctx, v, &p); err != nil {
		return err
	}
	list, err := v.account.List(ctx)
	if p.Used = len(list.Templates); err != nil {
		p.Used, p.UsedError = -1, failedRead(err)
	} else if p.Drift, err = s.driftCount(ctx, v.account, list); err != nil {
		return err
	}
	ban, banned, err := s.Store.PenaltyInForce(ctx, app)
	if err != nil {
		return err
	}
	if banned {
		p.Ban = &ban
	}
	p.Token = s.tokenState(v)
	p.Steps = steps(v, p)
	return s.render(w, r, http.StatusOK, views.Overview(p))
}

// ofSending fills in what the visitor may know of sends and rights.
func (s *Site) ofSending(ctx context.Context, v *visit, p *views.OverviewPage) (err error) {
	app := v.account.App.ID
	if p.SeeSends = v.may(auth.SeeSends); p.SeeSends {
		if p.Sends, _, err = s.Store.Sends(ctx, store.SendFilter{App: app, Count: 5}); err != nil {
			return err
		}
		if p.Undecided, err = s.undecided(ctx, app); err != nil {
			return err
		}
	}
	if p.SeeRights = v.may(auth.SeeRights); p.SeeRights {
		var leaving []ledger.Balance
		leaving, p.More, err = s.Store.Unreachable(ctx, app, 0, leavingShown)
		p.Leaving = len(leaving)
	}
	return err
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

// steps are the next three things to do, until all are done.
func steps(v *visit, p views.OverviewPage) []views.Step {
	real := false
	for _, app := range p.Apps {
		real = real || !app.Sandbox
	}
	steps := []views.Step{
		{ID: "browse", Href: "/library", Done: p.Used > 0 || p.Drafts["draft"] > 0},
		{ID: "send", Href: "/templates", Done: len(p.Sends) > 0},
	}
	if v.may(auth.ManageApps) {
		steps = append(steps, views.Step{ID: "app", Href: "/settings/apps", Done: real})
	}
	for _, step := range steps {
		if !step.Done {
			return steps
		}
	}
	return nil
}
