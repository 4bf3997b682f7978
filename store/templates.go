package store

import (
	"context"
	"encoding/json"
	"strconv"

	"muban/wechat/account"
	"muban/wechat/audit"
)

// Template is what we remember of one of the account's templates. WeChat's own list is the truth.
type Template = account.Template

const templateColumns = `app, template_id, title_id, title, keyword_ids, content, example, adopted,
	coalesce(added_by, 0), added_by_name, coalesce(draft_id, 0), added_at,
	deleted_at, deleted_by_name, deleted_elsewhere, replaces,
	coalesce((SELECT r.template_id FROM templates r WHERE r.app = templates.app AND r.replaces = templates.template_id
		AND r.replaces <> '' ORDER BY r.added_at DESC LIMIT 1), ''),
	coalesce((SELECT a.alias FROM alias_spans a WHERE a.app = templates.app AND a.template_id = templates.template_id
		AND a.until_at = 0), '')`

// AddTemplate remembers a template that the actor has added at WeChat; one known already is replaced.
// Where it Replaces another, that one's alias and examples follow.
func (s *Store) AddTemplate(ctx context.Context, by Actor, x Template) error {
	x.AddedBy, x.AddedByName, x.Adopted = by.PersonID, by.Name, false
	return s.write(ctx, func(t *tx) error {
		if err := t.putTemplate(x); err != nil {
			return err
		}
		if x.Replaces == "" {
			return t.record(by, x.App, ActTemplateAdd, object("template", x.TemplateID), map[string]string{"title": x.Title})
		}
		if err := t.inherit(x.App, x.Replaces, x.TemplateID); err != nil {
			return err
		}
		alias, err := t.follow(by, x.App, x.Replaces, x.TemplateID)
		if err != nil {
			return err
		}
		return t.record(by, x.App, ActTemplateRestore, object("template", x.TemplateID),
			map[string]string{"title": x.Title, "replaces": x.Replaces, "alias": alias})
	})
}

// putTemplate stores what x says of how the template came to be, as of now, and forgets that it was deleted.
func (t *tx) putTemplate(x Template) error {
	ids, err := encodeIDs(x.KeywordIDs)
	if err != nil {
		return err
	}
	return t.exec(`INSERT OR REPLACE INTO templates (app, template_id, title_id, title, keyword_ids, content, example,
			adopted, added_by, added_by_name, draft_id, added_at, replaces)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		x.App, x.TemplateID, x.TitleID, x.Title, ids, x.Content, x.Example,
		x.Adopted, reference(x.AddedBy), x.AddedByName, reference(x.DraftID), millis(t.now), x.Replaces)
}

// TemplateDeleted notes that the actor has deleted a template at WeChat, also one that we know nothing of.
// Its alias stays with it, until it is moved, removed, or follows what is restored from the template.
func (s *Store) TemplateDeleted(ctx context.Context, by Actor, app int64, templateID string) error {
	return s.write(ctx, func(t *tx) error {
		err := t.exec("UPDATE templates SET deleted_at = ?, deleted_by_name = ? WHERE app = ? AND template_id = ? AND deleted_at = 0",
			millis(t.now), by.Name, app, templateID)
		if err != nil {
			return err
		}
		return t.record(by, app, ActTemplateDelete, object("template", templateID), nil)
	})
}

// Template answers also one that was deleted; see DeletedAt.
func (s *Store) Template(ctx context.Context, app int64, templateID string) (Template, error) {
	return template(ctx, s.readers, app, templateID)
}

func template(ctx context.Context, q querier, app int64, templateID string) (Template, error) {
	return one(ctx, q, scanTemplate,
		"SELECT "+templateColumns+" FROM templates WHERE app = ? AND template_id = ?", app, templateID)
}

// Templates answers all that we remember of an app, the deleted too, the newest first.
func (s *Store) Templates(ctx context.Context, app int64) ([]Template, error) {
	return many(ctx, s.readers, scanTemplate,
		"SELECT "+templateColumns+" FROM templates WHERE app = ? ORDER BY added_at DESC, template_id", app)
}

// KnownTitles answers those of the templates that an app has, and of its proposals.
func (s *Store) KnownTitles(ctx context.Context, app int64) ([]audit.Existing, error) {
	scan := func(r row) (e audit.Existing, err error) {
		err = r.Scan(&e.ID, &e.Title, &e.Source)
		return e, err
	}
	all, err := many(ctx, s.readers, scan, `SELECT template_id, title, ? FROM templates
		WHERE app = ? AND deleted_at = 0 ORDER BY added_at DESC, template_id`, audit.SourceTemplate, app)
	if err != nil {
		return nil, err
	}
	drafts, err := many(ctx, s.readers, scan, `SELECT 'draft:' || id, title, ? FROM drafts
		WHERE app = ? AND kind = 'proposal' AND deleted_at = 0 ORDER BY updated_at DESC, id DESC`, audit.SourceDraft, app)
	return append(all, drafts...), err
}

// DraftKey is a proposal's id among the KnownTitles.
func DraftKey(id int64) string { return "draft:" + strconv.FormatInt(id, 10) }

// TemplateDrafts answers the drafts that became this template, or were combined into it, the newest first.
func (s *Store) TemplateDrafts(ctx context.Context, app int64, templateID string) ([]Draft, error) {
	return many(ctx, s.readers, scanDraft, "SELECT "+draftColumns+` FROM drafts
		WHERE app = ? AND template_id = ? AND deleted_at = 0 ORDER BY id DESC`, app, templateID)
}

func scanTemplate(r row) (x Template, err error) {
	var ids []byte
	err = r.Scan(&x.App, &x.TemplateID, &x.TitleID, &x.Title, &ids, &x.Content, &x.Example, &x.Adopted,
		&x.AddedBy, &x.AddedByName, &x.DraftID, instant{&x.AddedAt},
		instant{&x.DeletedAt}, &x.DeletedByName, &x.DeletedElsewhere, &x.Replaces, &x.ReplacedBy, &x.Alias)
	if err != nil {
		return Template{}, err
	}
	return x, json.Unmarshal(ids, &x.KeywordIDs)
}

func encodeIDs(ids []int) (string, error) {
	text, err := json.Marshal(append([]int{}, ids...)) // [], not null
	return string(text), err
}
