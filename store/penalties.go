package store

import (
	"context"
	"time"

	"muban/wechat/kind"
	"muban/wechat/penalty"
)

// Violation is what the rules call one.
type Violation = penalty.Violation

const violationColumns = "id, app, message_kind, template_id, title, rule, step, letter, from_at, until_at, state, recorded_by_name, recorded_at"

// AddViolation records a penalty that WeChat's letter told of. ID, State and who recorded it when are set
// here.
func (s *Store) AddViolation(ctx context.Context, by Actor, v Violation) (added Violation, err error) {
	err = s.write(ctx, func(t *tx) error {
		added = v
		added.Kind = kind.Named(v.Kind).Name()
		added.State, added.ByName, added.RecordedAt = penalty.Standing, by.Name, stored(t.now)
		added.ID, err = t.insert(`INSERT INTO violations (app, message_kind, template_id, title, rule, step, letter, from_at, until_at,
			state, recorded_by, recorded_by_name, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			v.App, added.Kind, v.TemplateID, v.Title, v.Rule, v.Step, v.Letter, millis(v.From), millis(v.Until),
			added.State, reference(by.PersonID), by.Name, millis(t.now))
		if err != nil {
			return err
		}
		detail := map[string]any{"message_kind": added.Kind, "step": v.Step, "rule": v.Rule, "since": v.From}
		if !v.Until.IsZero() {
			detail["until"] = v.Until
		}
		return t.record(by, v.App, ActViolationAdd, object("violation", added.ID), detail)
	})
	return added, err
}

// NoteViolation adds a remark to a violation, and moves it to state where that is not "". ErrState when
// it cannot go there from where it is by now.
func (s *Store) NoteViolation(ctx context.Context, by Actor, app, id int64, state, text string) error {
	return s.write(ctx, func(t *tx) error {
		from, err := one(t.ctx, t, scan[string], "SELECT state FROM violations WHERE app = ? AND id = ?", app, id)
		if err != nil {
			return err
		}
		if !penalty.May(from, state) {
			return ErrState
		}
		if state != "" {
			if err := t.exec("UPDATE violations SET state = ? WHERE id = ?", state, id); err != nil {
				return err
			}
		}
		if err := t.exec("INSERT INTO violation_notes (violation, state, text, person_id, person_name, at) VALUES (?, ?, ?, ?, ?, ?)",
			id, state, text, reference(by.PersonID), by.Name, millis(t.now)); err != nil {
			return err
		}
		return t.record(by, app, ActViolationNote, object("violation", id),
			map[string]string{"from": from, "to": state, "text": text})
	})
}

// Violations answers all of an app with their notes, the newest first.
func (s *Store) Violations(ctx context.Context, app int64) ([]Violation, error) {
	all, err := s.violations(ctx, app)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Notes, err = many(ctx, s.readers, scanNote,
			"SELECT at, person_name, state, text FROM violation_notes WHERE violation = ? ORDER BY id", all[i].ID)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Violation answers one without its notes; ErrNotFound when the app has none with this id.
func (s *Store) Violation(ctx context.Context, app, id int64) (Violation, error) {
	return one(ctx, s.readers, scanViolation, "SELECT "+violationColumns+" FROM violations WHERE app = ? AND id = ?",
		app, id)
}

// PenaltyInForce answers the violation that keeps an app's API for a kind of message closed now, and whether there is
// one; "" is any kind.
func (s *Store) PenaltyInForce(ctx context.Context, app int64, kind string) (Violation, bool, error) {
	all, err := s.violations(ctx, app)
	if kind != "" {
		all = penalty.Of(all, kind)
	}
	v, banned := penalty.InForce(all, s.now())
	return v, banned, err
}

func (s *Store) violations(ctx context.Context, app int64) ([]Violation, error) {
	return many(ctx, s.readers, scanViolation, "SELECT "+violationColumns+" FROM violations WHERE app = ? ORDER BY id DESC", app)
}

// RefusedForPenalty answers the latest send of an app since then that WeChat refused with one of
// penalty.Codes; ErrNotFound when there is none.
func (s *Store) RefusedForPenalty(ctx context.Context, app int64, since time.Time) (Send, error) {
	var w where
	w.and("app = ? AND outcome = 'refused' AND created_at > ?", app, millis(since))
	among(&w, "err_code", penalty.Codes)
	return one(ctx, s.readers, scanSend, "SELECT "+sendColumns+" FROM sends"+w.String()+" ORDER BY id DESC LIMIT 1", w.args...)
}

func scanViolation(r row) (v Violation, err error) {
	err = r.Scan(&v.ID, &v.App, &v.Kind, &v.TemplateID, &v.Title, &v.Rule, &v.Step, &v.Letter, instant{&v.From}, instant{&v.Until},
		&v.State, &v.ByName, instant{&v.RecordedAt})
	return v, err
}

func scanNote(r row) (n penalty.Note, err error) {
	err = r.Scan(instant{&n.At}, &n.ByName, &n.State, &n.Text)
	return n, err
}
