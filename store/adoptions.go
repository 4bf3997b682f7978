package store

import (
	"context"
	"errors"
)

// AdoptTemplates takes over what was done elsewhere, all of it or nothing: found are templates that
// the account has, as its list tells them and with the ids that could be identified; gone are
// template_ids that it has no more. What is known so already is left out. Each one is an activity.
func (s *Store) AdoptTemplates(ctx context.Context, by Actor, app int64, found []Template, gone []string) error {
	return s.write(ctx, func(t *tx) error {
		for _, x := range found {
			x.App = app
			if err := t.adoptTemplate(by, x); err != nil {
				return err
			}
		}
		for _, id := range gone {
			if err := t.adoptDeletion(by, app, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) adoptTemplate(by Actor, x Template) error {
	before, err := template(t.ctx, t, x.App, x.TemplateID)
	switch {
	case errors.Is(err, ErrNotFound):
		x.Adopted, x.AddedBy, x.AddedByName, x.DraftID, x.Replaces = true, by.PersonID, by.Name, 0, ""
		err = t.putTemplate(x)
	case err != nil || !before.Deleted() && before.Live() == x.Live():
		return err
	default:
		err = t.updateTemplate(before.Listed(x))
	}
	if err != nil {
		return err
	}
	return t.record(by, x.App, ActTemplateAdopt, object("template", x.TemplateID), map[string]string{"title": x.Title})
}

// updateTemplate stores what x holds now; how it came to be stays.
func (t *tx) updateTemplate(x Template) error {
	ids, err := encodeIDs(x.KeywordIDs)
	if err != nil {
		return err
	}
	return t.update(`UPDATE templates SET title_id = ?, title = ?, keyword_ids = ?, content = ?, example = ?,
		deleted_at = 0, deleted_by_name = '', deleted_elsewhere = 0 WHERE app = ? AND template_id = ?`,
		x.TitleID, x.Title, ids, x.Content, x.Example, x.App, x.TemplateID)
}

func (t *tx) adoptDeletion(by Actor, app int64, templateID string) error {
	err := t.update(`UPDATE templates SET deleted_at = ?, deleted_by_name = ?, deleted_elsewhere = 1
		WHERE app = ? AND template_id = ? AND deleted_at = 0`, millis(t.now), by.Name, app, templateID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.record(by, app, ActTemplateGone, object("template", templateID), nil)
}
