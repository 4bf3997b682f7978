package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"muban/wechat"
	"muban/wechat/alert"
	"muban/wechat/library"
)

// DraftStep is one thing that became of a draft after it was written: it was handed to the reviewers, approved, and so on.
type DraftStep struct {
	ID, Draft  int64
	Act        string // as in the log, such as ActDraftReview
	PersonID   int64
	PersonName string // "" for the console itself
	At         time.Time
	HandedIn   time.Time // of ActDraftSubmitted: when WeChat got it; zero where it was taken back
}

// DraftSteps answers every step of a draft, the oldest first.
func (s *Store) DraftSteps(ctx context.Context, app, draft int64) ([]DraftStep, error) {
	return many(ctx, s.readers, scanStep, `SELECT draft_steps.id, draft, act, coalesce(person_id, 0), person_name, at, handed_in
		FROM draft_steps JOIN drafts ON drafts.id = draft WHERE app = ? AND draft = ? ORDER BY draft_steps.id`, app, draft)
}

func scanStep(r row) (x DraftStep, err error) {
	err = r.Scan(&x.ID, &x.Draft, &x.Act, &x.PersonID, &x.PersonName, instant{&x.At}, instant{&x.HandedIn})
	return x, err
}

// SubmittedBetween answers how many times a proposal of the app for a kind of message was submitted to WeChat from one time on and before
// another, but for those that were taken back.
func (s *Store) SubmittedBetween(ctx context.Context, app int64, kind string, from, until time.Time) (int, error) {
	return one(ctx, s.readers, scan[int], `SELECT count(*) FROM draft_steps JOIN drafts ON drafts.id = draft
		WHERE app = ? AND message_kind = ? AND handed_in >= ? AND handed_in < ?`, app, kind, millis(from), millis(until))
}

// WaitingForReview answers the drafts of an app that a colleague is to read, the longest waiting first. except is a
// person whose own do not count, 0 for nobody.
func (s *Store) WaitingForReview(ctx context.Context, app, except int64) ([]Draft, error) {
	return many(ctx, s.readers, scanDraft, "SELECT "+draftColumns+` FROM drafts
		WHERE app = ? AND state = 'review' AND deleted_at = 0 AND (author IS NULL OR author <> ?) ORDER BY updated_at, id`,
		app, except)
}

// DraftSubmitted notes that an approved proposal was handed in at mp.weixin.qq.com; a zero at is now.
// ErrState for a combination: those are added.
func (s *Store) DraftSubmitted(ctx context.Context, by Actor, app, id int64, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		d, err := t.draft(app, id)
		switch {
		case err != nil:
			return err
		case !d.Proposed || d.State != "approved":
			return ErrState
		}
		if d.Submitted = at; at.IsZero() {
			d.Submitted = t.now
		}
		return t.move(by, ActDraftSubmitted, d, "submitted")
	})
}

// DraftAccepted notes that WeChat has accepted a proposal. Where the library has its title already, they are linked.
// Errors as SendToReview.
func (s *Store) DraftAccepted(ctx context.Context, by Actor, app, id int64, version int) error {
	return s.write(ctx, func(t *tx) error {
		d, err := t.draftIn(app, id, version, "submitted")
		if err != nil {
			return err
		}
		titles, err := t.titles(mirrored{app: app, kind: d.Kind})
		if err != nil {
			return err
		}
		d.TitleID = d.foundIn(titles)
		return t.acceptDraft(by, d)
	})
}

// DraftUnanswered undoes what was noted of WeChat's answer by mistake, before anything came of it: the proposal waits
// for the answer again. Errors as SendToReview.
func (s *Store) DraftUnanswered(ctx context.Context, by Actor, app, id int64, version int) error {
	return s.write(ctx, func(t *tx) error {
		d, err := t.draftIn(app, id, version, "accepted", "refused")
		if err != nil {
			return err
		}
		if d.State == "refused" {
			const letter = "SELECT max(id) FROM reviews WHERE draft = ? AND verdict = 'letter' AND version = ?"
			if err := t.exec("DELETE FROM review_reasons WHERE review = ("+letter+")", d.ID, version); err != nil {
				return err
			}
			err := t.update("DELETE FROM reviews WHERE id = ("+letter+")", d.ID, version)
			if errors.Is(err, ErrNotFound) {
				return ErrState // it was edited since, so the letter was read
			}
			if err != nil {
				return err
			}
		}
		d.TitleID = ""
		return t.move(by, ActDraftUnanswered, d, "submitted")
	})
}

// linkProposals finds the titles of an app's proposals in the library that was just read: of those that WeChat has
// accepted, and of those that wait for its answer where the title was not there before.
func (t *tx) linkProposals(of mirrored, changes []library.Change) error {
	waiting, err := many(t.ctx, t, scanDraft, "SELECT "+draftColumns+` FROM drafts WHERE app = ? AND message_kind = ?
		AND proposed = 1 AND state IN ('submitted', 'accepted') AND title_id = '' AND deleted_at = 0 ORDER BY id`, of.app, of.kind)
	if err != nil || len(waiting) == 0 {
		return err
	}
	titles, err := t.titles(of)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		d.TitleID = d.foundIn(titles)
		isNew := slices.ContainsFunc(changes, func(c library.Change) bool {
			return c.What == library.TitleNew && c.TitleID == d.TitleID
		})
		switch {
		case d.TitleID == "":
			continue
		case d.State == "accepted":
			err = t.move(Actor{}, ActDraftLinked, d, "accepted")
		case isNew:
			err = t.acceptDraft(Actor{}, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) acceptDraft(by Actor, d Draft) error {
	if err := t.move(by, ActDraftAccepted, d, "accepted"); err != nil {
		return err
	}
	return t.news(News{Change: alert.Accepted, App: d.App, Draft: d, By: by.Name})
}

// titles are those of the library, in its order.
func (t *tx) titles(of mirrored) ([]wechat.Title, error) {
	return many(t.ctx, t, scanTitle, "SELECT "+titleColumns+` FROM library_titles
		WHERE app = ? AND message_kind = ? ORDER BY place, title_id`, of.app, of.kind)
}

// foundIn is the id of the first of the titles that the proposal has become, "" for none.
func (d Draft) foundIn(titles []wechat.Title) string {
	if at := slices.IndexFunc(titles, d.Becomes); at >= 0 {
		return titles[at].ID
	}
	return ""
}

// Becomes tells whether a title of the library is the one that was proposed: by its text, spaces left out. Titles of
// subscribe messages are alike in several categories, so what the proposal says of category and type counts as well.
func (d Draft) Becomes(t wechat.Title) bool {
	return spaceless(t.Text) == spaceless(d.Title) && (d.Type == 0 || d.Type == t.Type) &&
		(d.Category == "" || slices.Contains(t.Categories, d.Category))
}

func spaceless(text string) string { return strings.Join(strings.Fields(text), "") }

// takeBack makes a submitted draft one that was not.
func (t *tx) takeBack(d *Draft) error {
	if d.State != "submitted" {
		return nil
	}
	d.Submitted = time.Time{}
	return t.exec(`UPDATE draft_steps SET handed_in = 0
		WHERE id = (SELECT max(id) FROM draft_steps WHERE draft = ? AND act = ?)`, d.ID, ActDraftSubmitted)
}

// draftAdded notes that a draft has become a template at WeChat. ErrState unless a combination was approved, or needs
// no review and so is still a draft, or WeChat has accepted a proposal.
func (t *tx) draftAdded(by Actor, app, id int64, templateID string) error {
	d, err := t.anyDraft(app, id)
	switch {
	case err != nil:
		return err
	case d.Proposed && d.State != "accepted", !d.Proposed && d.State != "draft" && d.State != "approved":
		return ErrState
	}
	d.TemplateID = templateID
	return t.move(by, ActDraftAdded, d, "added")
}

// draftIn answers the draft in the version that the caller saw, in one of the states.
func (t *tx) draftIn(app, id int64, version int, states ...string) (Draft, error) {
	d, err := t.draft(app, id)
	switch {
	case err != nil:
		return Draft{}, err
	case d.Version != version: // first: what they saw is gone, whatever the state
		return Draft{}, ErrConflict
	case !slices.Contains(states, d.State):
		return Draft{}, ErrState
	}
	return d, nil
}

// move puts d into another state, with what belongs to the state, and records the step.
func (t *tx) move(by Actor, act string, d Draft, to string) error {
	err := t.update("UPDATE drafts SET state = ?, title_id = ?, template_id = ?, submitted_at = ?, updated_at = ? WHERE id = ?",
		to, d.TitleID, d.TemplateID, millis(d.Submitted), millis(t.now), d.ID)
	if err != nil {
		return err
	}
	var handedIn time.Time
	if act == ActDraftSubmitted {
		handedIn = d.Submitted
	}
	err = t.exec("INSERT INTO draft_steps (draft, act, person_id, person_name, at, handed_in) VALUES (?, ?, ?, ?, ?, ?)",
		d.ID, act, reference(by.PersonID), by.Name, millis(t.now), millis(handedIn))
	if err != nil {
		return err
	}
	detail := map[string]string{"from": d.State, "to": to}
	switch {
	case to == "added":
		detail["template"] = d.TemplateID
	case to == "accepted" && d.TitleID != "":
		detail["title_id"] = d.TitleID
	}
	return t.record(by, d.App, act, object("draft", d.ID), detail)
}
