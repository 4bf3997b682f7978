package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/wechat/audit"
	"muban/wechat/kind"
	"muban/wechat/penalty"
)

// compliance shows where the app stands on WeChat's ladder of penalties. "code" in
// the URL is the errcode that led here.
func (s *Site) compliance(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.compliancePage(r, v)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p.Code, _ = strconv.Atoi(q.Get("code"))
	if !slices.Contains(penalty.Codes, p.Code) {
		p.Code = 0 // an address that was not made here
	}
	p.Form = views.ViolationForm{Template: q.Get("template"), Kind: v.named(r).Name(), Step: int(p.Next),
		From: s.Now().In(ui.Beijing).Format(ui.MomentLayout)}
	if p.Code != 0 {
		p.Form.Kind = kind.OfPenalty(p.Code).Name()
	}
	if len(p.Notices) > 0 {
		if n := strings.Join(p.Notices[0].Functions, " "); strings.Contains(n, "订阅") {
			p.Form.Kind = kind.Subscribe.Name()
		}
		p.Form.From = p.Notices[0].At.In(ui.Beijing).Format(ui.MomentLayout)
		p.Form.Letter = p.Notices[0].Letter()
	}
	if p.Proposal != nil {
		p.Form.Template, p.Form.Kind = p.Proposal.TemplateID, p.Proposal.Kind
		p.Form.From = p.Proposal.CreatedAt.In(ui.Beijing).Format(ui.MomentLayout)
	}
	return s.drawCompliance(w, r, http.StatusOK, p)
}

// compliancePage is the page without its form.
func (s *Site) compliancePage(r *http.Request, v *visit) (p views.CompliancePage, err error) {
	ctx, app := r.Context(), v.account.App.ID
	p.Page = s.page(r, v)
	if p.Violations, err = s.Store.Violations(ctx, app); err != nil {
		return p, err
	}
	if p.Templates, err = s.Store.Templates(ctx, app); err != nil {
		return p, err
	}
	if p.Notices, err = s.Store.PenaltyNotices(ctx, app); err != nil {
		return p, err
	}
	if ban, banned := penalty.InForce(p.Violations, s.Now()); banned {
		p.Ban = &ban
	}
	p.Ladder = penalty.Of(p.Violations, kind.Template.Name())
	p.Next = penalty.Next(p.Ladder)
	p.Proposal, err = s.unrecorded(ctx, app, p.Violations)
	return p, err
}

// unrecorded is a send that WeChat refused for a penalty after the last one that
// was recorded here.
func (s *Site) unrecorded(ctx context.Context, app int64, all []store.Violation) (*store.Send, error) {
	since := s.Now().Add(-30 * 24 * time.Hour)
	for _, known := range all {
		if known.RecordedAt.After(since) {
			since = known.RecordedAt
		}
	}
	send, err := s.Store.RefusedForPenalty(ctx, app, since)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if _, banned := penalty.InForce(penalty.Of(all, send.Kind), s.Now()); banned && err == nil {
		return nil, nil // it is known why
	}
	return &send, err
}

func (s *Site) drawCompliance(w http.ResponseWriter, r *http.Request, status int, p views.CompliancePage) error {
	p.Form.Last = newest(p.Violations)
	return s.render(w, r, status, views.Compliance(p))
}

// newest is the id of the last violation recorded, 0 for none.
func newest(all []store.Violation) int64 {
	if len(all) == 0 {
		return 0
	}
	return all[0].ID
}

func (s *Site) recordViolation(w http.ResponseWriter, r *http.Request, v *visit) error {
	if notice := r.PostFormValue("put_away"); notice != "" {
		if err := s.Store.PutAwayNotice(r.Context(), v.actor(r), v.account.App.ID, notice); err != nil {
			return err
		}
		return v.seeOther(w, r, "/compliance", "notice_put_away")
	}
	p, err := s.compliancePage(r, v)
	if err != nil {
		return err
	}
	if p.Problems, err = s.forms.read(r, p.Text, &p.Form); err != nil {
		return err
	}
	recorded := s.violationOf(p)
	if len(p.Problems) > 0 {
		return s.drawCompliance(w, r, http.StatusUnprocessableEntity, p)
	}
	if p.Form.Last != newest(p.Violations) {
		p.Problems[""] = p.T("compliance.meanwhile")
		return s.drawCompliance(w, r, http.StatusConflict, p)
	}
	recorded.App = v.account.App.ID
	if _, err := s.Store.AddViolation(r.Context(), v.actor(r), recorded); err != nil {
		return err
	}
	return s.complied(w, r, v, "violation_recorded")
}

// violationOf is what the form stands for, with what is wrong with its times.
func (s *Site) violationOf(p views.CompliancePage) store.Violation {
	f := p.Form
	x := store.Violation{Kind: f.Kind, TemplateID: f.Template, Rule: f.Rule, Step: penalty.Step(f.Step), Letter: f.Letter}
	for _, t := range p.Templates {
		if t.TemplateID == f.Template {
			x.Title, x.Kind = t.Title, t.Kind
		}
	}
	var err error
	if x.From, err = readMoment(f.From); err == nil && x.From.After(s.Now().Add(24*time.Hour)) {
		p.Problems["from"] = p.T("compliance.from_future")
	}
	x.Until = penalty.End(x.Step, x.From)
	if f.Until == "" {
		if x.Kind != kind.Template.Name() && !x.Until.IsZero() {
			p.Problems["until"] = p.T("compliance.need_until")
		}
		return x
	}
	switch x.Until, err = readMoment(f.Until); {
	case x.Step == penalty.Warned || x.Step == penalty.Forever:
		p.Problems["until"] = p.T("compliance.until_none")
	case err == nil && !x.Until.After(x.From):
		p.Problems["until"] = p.T("compliance.until_early")
	}
	return x
}

func (s *Site) noteViolation(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	if _, err := s.Store.Violation(r.Context(), v.account.App.ID, id); err != nil {
		return err
	}
	p, err := s.compliancePage(r, v)
	if err != nil {
		return err
	}
	var form views.NoteForm
	if p.Problems, err = s.forms.read(r, p.Text, &form); err != nil {
		return err
	}
	p.NoteOf, p.Note, p.Form.Step = id, form.Text, int(p.Next)
	if form.State == "" && !saidForm.MatchString(form.Text) {
		p.Problems["text-"+r.PathValue("id")] = p.T("compliance.need_note")
	}
	if len(p.Problems) > 0 {
		return s.drawCompliance(w, r, http.StatusUnprocessableEntity, p)
	}
	err = s.Store.NoteViolation(r.Context(), v.actor(r), v.account.App.ID, id, form.State, form.Text)
	if errors.Is(err, store.ErrState) {
		p.Problems[""] = p.T("compliance.not_now")
		return s.drawCompliance(w, r, http.StatusConflict, p)
	}
	if err != nil {
		return err
	}
	return s.complied(w, r, v, "violation_noted")
}

// complied ends both forms of the page.
func (s *Site) complied(w http.ResponseWriter, r *http.Request, v *visit, done string) error {
	if err := s.Alarms.Recorded(r.Context(), v.account); err != nil {
		return err
	}
	return v.seeOther(w, r, "/compliance", done)
}

// rules shows by which rules titles and keywords are judged, and how right they were.
func (s *Site) rules(w http.ResponseWriter, r *http.Request, v *visit) error {
	k := v.named(r)
	return s.render(w, r, http.StatusOK, views.Rules(views.RulesPage{
		Page: s.page(r, v), Kind: k, Rules: audit.Catalogue(k.Name(), v.lang),
	}))
}
