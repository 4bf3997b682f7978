package store

import (
	"context"
	"errors"
)

// ResolveTemplate answers the template that a business server names: by its alias, or by its
// template_id. It answers one that was deleted too, and by template_id also one that we know from
// WeChat's last list alone. ErrNotFound when the app has none.
func (s *Store) ResolveTemplate(ctx context.Context, app int64, name string) (Template, error) {
	id, err := aliased(ctx, s.readers, app, name)
	if errors.Is(err, ErrNotFound) {
		id, err = name, nil
	}
	if err != nil {
		return Template{}, err
	}
	x, err := template(ctx, s.readers, app, id)
	if !errors.Is(err, ErrNotFound) {
		return x, err
	}
	return s.listedTemplate(ctx, app, id)
}

func (s *Store) listedTemplate(ctx context.Context, app int64, templateID string) (Template, error) {
	t, err := one(ctx, s.readers, scanLive,
		"SELECT "+liveColumns+" FROM account_templates WHERE app = ? AND template_id = ?", app, templateID)
	return Template{App: app, TemplateID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example}, err
}
