package store

import "context"

// AddDraft adds a draft of the actor's, in state "draft". ID, State, Author, Version and the times are set here.
func (s *Store) AddDraft(ctx context.Context, by Actor, d Draft) (added Draft, err error) {
	err = s.write(ctx, func(t *tx) error {
		if added, err = t.addDraft(by, d); err != nil {
			return err
		}
		return t.record(by, d.App, ActDraftAdd, object("draft", added.ID), map[string]string{"title": d.Title})
	})
	if err != nil {
		return Draft{}, err
	}
	return added, nil
}

// CloneDraft adds a draft of the actor's with what another holds: the content, not what became of it.
func (s *Store) CloneDraft(ctx context.Context, by Actor, app, id int64) (clone Draft, err error) {
	err = s.write(ctx, func(t *tx) error {
		d, err := t.draft(app, id)
		if err != nil {
			return err
		}
		if clone, err = t.addDraft(by, d); err != nil {
			return err
		}
		return t.record(by, app, ActDraftClone, object("draft", clone.ID), map[string]any{"title": d.Title, "of": id})
	})
	if err != nil {
		return Draft{}, err
	}
	return clone, nil
}

func (t *tx) addDraft(by Actor, d Draft) (Draft, error) {
	keywords, err := encodeKeywords(d.Keywords)
	if err != nil {
		return Draft{}, err
	}
	return one(t.ctx, t, scanDraft, `INSERT INTO drafts
		(app, kind, title_id, title, keywords, scenario, state, author, author_name, version, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, 'draft', ?, ?, 1, ?, ?) RETURNING `+draftColumns,
		d.App, d.Kind, d.TitleID, d.Title, keywords, d.Scenario, reference(by.PersonID), by.Name, millis(t.now), millis(t.now))
}

// SaveDraft stores kind, title, keywords and scenario of a draft that the caller read in d.Version, and
// answers it with the new one, in state "draft" again: an approval is for what was approved. ErrConflict when
// somebody saved it since; ErrNotFound when it is deleted; ErrState when it is at WeChat already.
func (s *Store) SaveDraft(ctx context.Context, by Actor, d Draft) (saved Draft, err error) {
	keywords, err := encodeKeywords(d.Keywords)
	if err != nil {
		return Draft{}, err
	}
	err = s.write(ctx, func(t *tx) error {
		before, err := t.draft(d.App, d.ID)
		switch {
		case err != nil:
			return err
		case before.State == "added" || before.State == "submitted": // first: reading it again would not help
			return ErrState
		case before.Version != d.Version:
			return ErrConflict
		}
		saved, err = one(t.ctx, t, scanDraft, `UPDATE drafts SET kind = ?, title_id = ?, title = ?, keywords = ?, scenario = ?,
			state = 'draft', template_id = '', submitted_at = 0, version = version + 1, updated_at = ? WHERE id = ? RETURNING `+draftColumns,
			d.Kind, d.TitleID, d.Title, keywords, d.Scenario, millis(t.now), d.ID)
		if err != nil {
			return err
		}
		detail := map[string]string{"title": d.Title}
		if saved.State != before.State {
			detail["from"], detail["to"] = before.State, saved.State
		}
		return t.record(by, d.App, ActDraftSave, object("draft", d.ID), detail)
	})
	return saved, err
}

// DeleteDraft hides a draft until it is restored.
func (s *Store) DeleteDraft(ctx context.Context, by Actor, app, id int64) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.update("UPDATE drafts SET deleted_at = ? WHERE app = ? AND id = ? AND deleted_at = 0",
			millis(t.now), app, id); err != nil {
			return err
		}
		return t.record(by, app, ActDraftDelete, object("draft", id), nil)
	})
}

// RestoreDraft undoes DeleteDraft.
func (s *Store) RestoreDraft(ctx context.Context, by Actor, app, id int64) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.update("UPDATE drafts SET deleted_at = 0 WHERE app = ? AND id = ? AND deleted_at > 0", app, id); err != nil {
			return err
		}
		return t.record(by, app, ActDraftRestore, object("draft", id), nil)
	})
}

// draft answers ErrNotFound for a deleted one: nothing may change it.
func (t *tx) draft(app, id int64) (Draft, error) {
	d, err := t.anyDraft(app, id)
	if err == nil && !d.DeletedAt.IsZero() {
		return Draft{}, ErrNotFound
	}
	return d, err
}

func (t *tx) anyDraft(app, id int64) (Draft, error) {
	return one(t.ctx, t, scanDraft, "SELECT "+draftColumns+" FROM drafts WHERE app = ? AND id = ?", app, id)
}
