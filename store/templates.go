package store

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/audit"
	"muban/wechat/kind"
)

// Template is what we remember of one of the account's templates. WeChat's own list is the truth.
type Template = account.Template

const templateColumns = `app, message_kind, template_id, title_id, title, keyword_ids, scene, content, example, type, enums, adopted,
	coalesce(added_by, 0), added_by_name, coalesce(draft_id, 0), added_at,
	deleted_at, deleted_by_name, deleted_elsewhere, replaces,
	coalesce((SELECT r.template_id FROM templates r WHERE r.app = templates.app AND r.replaces = templates.template_id
		AND r.replaces <> '' ORDER BY r.added_at DESC LIMIT 1), ''),
	coalesce((SELECT a.alias FROM alias_spans a WHERE a.app = templates.app AND a.template_id = templates.template_id
		AND a.until_at = 0), ''),
	coalesce((SELECT c.successor FROM successors c WHERE c.app = templates.app AND c.template_id = templates.template_id), '')`

// addTemplate remembers a template that the actor has added at WeChat; one known already is replaced. The draft that it
// was made of is added with it, where its state allows that. Where the template Replaces another, that one's alias and
// examples follow.
func (t *tx) addTemplate(by Actor, x Template) error {
	x.AddedBy, x.AddedByName, x.Adopted = by.PersonID, by.Name, false
	if err := t.putTemplate(x); err != nil {
		return err
	}
	if err := t.recordAdded(by, x); err != nil || x.DraftID == 0 {
		return err
	}
	err := t.draftAdded(by, x.App, x.DraftID, x.TemplateID)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrState) {
		return nil // it was deleted or is in review; the template is in the account all the same
	}
	return err
}

// recordAdded notes a new template, or one restored with what follows it.
func (t *tx) recordAdded(by Actor, x Template) error {
	if x.Replaces == "" {
		return t.record(by, x.App, ActTemplateAdd, object("template", x.TemplateID), map[string]string{"title": x.Title})
	}
	if err := t.inherit(x.App, x.Replaces, x.TemplateID); err != nil {
		return err
	}
	if err := t.carryOver(x.App, x.Replaces, x.TemplateID); err != nil {
		return err
	}
	alias, err := t.follow(by, x.App, x.Replaces, x.TemplateID)
	if err != nil {
		return err
	}
	return t.record(by, x.App, ActTemplateRestore, object("template", x.TemplateID),
		map[string]string{"title": x.Title, "replaces": x.Replaces, "alias": alias})
}

// putTemplate stores what x says of how the template came to be, as of now, and forgets that it was deleted.
func (t *tx) putTemplate(x Template) error {
	ids, err := encodeIDs(x.KeywordIDs)
	if err != nil {
		return err
	}
	enums, err := encodeEnums(x.Enums)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO templates (app, message_kind, template_id, title_id, title, keyword_ids, scene, content, example,
			type, enums, adopted, added_by, added_by_name, draft_id, added_at, replaces)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (app, template_id) DO UPDATE SET message_kind = excluded.message_kind, title_id = excluded.title_id,
			title = excluded.title, keyword_ids = excluded.keyword_ids, scene = excluded.scene, content = excluded.content,
			example = excluded.example, type = excluded.type, enums = excluded.enums, adopted = excluded.adopted,
			added_by = excluded.added_by, added_by_name = excluded.added_by_name, draft_id = excluded.draft_id,
			added_at = excluded.added_at, deleted_at = 0, deleted_by_name = '', deleted_elsewhere = 0, replaces = excluded.replaces`,
		x.App, kind.Named(x.Kind).Name(), x.TemplateID, x.TitleID, x.Title, ids, x.Scene, x.Content, x.Example, x.Type, enums,
		x.Adopted, reference(x.AddedBy), x.AddedByName, reference(x.DraftID), millis(t.now), x.Replaces)
}

// templateDeleted notes that the actor has deleted a template at WeChat, also one that we know nothing of.
// Its alias stays with it, until it is moved, removed, or follows what is restored from the template.
func (t *tx) templateDeleted(by Actor, app int64, templateID string) error {
	err := t.exec("UPDATE templates SET deleted_at = ?, deleted_by_name = ? WHERE app = ? AND template_id = ? AND deleted_at = 0",
		millis(t.now), by.Name, app, templateID)
	if err != nil {
		return err
	}
	return t.record(by, app, ActTemplateDelete, object("template", templateID), nil)
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

// KnownTitles answers those of the templates that an app has of a kind of message, and of its proposals that the
// library does not have yet.
func (s *Store) KnownTitles(ctx context.Context, app int64, kind string) ([]audit.Existing, error) {
	scan := func(r row) (e audit.Existing, err error) {
		err = r.Scan(&e.ID, &e.Title, &e.Source)
		return e, err
	}
	return many(ctx, s.readers, scan, `SELECT id, title, source FROM
			(SELECT template_id AS id, title, ?2 AS source, added_at AS at FROM templates
				WHERE app = ?1 AND message_kind = ?4 AND deleted_at = 0
			UNION ALL SELECT 'draft:' || id, title, ?3, updated_at FROM drafts
				WHERE app = ?1 AND message_kind = ?4 AND proposed = 1 AND title_id = '' AND deleted_at = 0) AS known
		ORDER BY source = ?3, at DESC, id`, app, audit.SourceTemplate, audit.SourceDraft, kind)
}

// DraftKey is a proposal's id among the KnownTitles.
func DraftKey(id int64) string { return "draft:" + strconv.FormatInt(id, 10) }

// TemplateDrafts answers the drafts that became this template, or were combined into it, the newest first.
func (s *Store) TemplateDrafts(ctx context.Context, app int64, templateID string) ([]Draft, error) {
	return many(ctx, s.readers, scanDraft, "SELECT "+draftColumns+` FROM drafts
		WHERE app = ? AND template_id = ? AND deleted_at = 0 ORDER BY id DESC`, app, templateID)
}

func scanTemplate(r row) (x Template, err error) {
	var ids, enums []byte
	err = r.Scan(&x.App, &x.Kind, &x.TemplateID, &x.TitleID, &x.Title, &ids, &x.Scene, &x.Content, &x.Example, &x.Type, &enums, &x.Adopted,
		&x.AddedBy, &x.AddedByName, &x.DraftID, instant{&x.AddedAt},
		instant{&x.DeletedAt}, &x.DeletedByName, &x.DeletedElsewhere, &x.Replaces, &x.ReplacedBy, &x.Alias, &x.Carries)
	if err != nil {
		return Template{}, err
	}
	return x, errors.Join(json.Unmarshal(ids, &x.KeywordIDs), json.Unmarshal(enums, &x.Enums))
}

func encodeEnums(enums []wechat.Enum) (string, error) {
	if len(enums) == 0 {
		return "null", nil
	}
	text, err := json.Marshal(enums)
	return string(text), err
}

func encodeIDs(ids []int) (string, error) {
	text, err := json.Marshal(append([]int{}, ids...)) // [], not null
	return string(text), err
}

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
	case err != nil || !before.Deleted() && before.Live().Equal(x.Live()):
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
	enums, err := encodeEnums(x.Enums)
	if err != nil {
		return err
	}
	return t.update(`UPDATE templates SET title_id = ?, title = ?, keyword_ids = ?, content = ?, example = ?, type = ?, enums = ?,
		deleted_at = 0, deleted_by_name = '', deleted_elsewhere = 0 WHERE app = ? AND template_id = ?`,
		x.TitleID, x.Title, ids, x.Content, x.Example, x.Type, enums, x.App, x.TemplateID)
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

// KeepAccountList keeps what WeChat listed of one kind at l.ReadAt. An answer older than the one kept is dropped.
func (s *Store) KeepAccountList(ctx context.Context, app int64, kind string, l account.List) error {
	return s.write(ctx, func(t *tx) error {
		rows, err := t.affect(`INSERT INTO account_lists (app, message_kind, read_at) VALUES (?, ?, ?)
			ON CONFLICT (app, message_kind) DO UPDATE SET read_at = excluded.read_at
				WHERE account_lists.read_at <= excluded.read_at`, app, kind, millis(l.ReadAt))
		if err != nil || rows == 0 {
			return err
		}
		return t.putAccountList(app, kind, l.Templates)
	})
}

func (t *tx) putAccountList(app int64, kind string, all []wechat.Template) error {
	if err := t.exec("DELETE FROM account_templates WHERE app = ? AND message_kind = ?", app, kind); err != nil {
		return err
	}
	for n, x := range all {
		enums, err := encodeEnums(x.Enums)
		if err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO account_templates (app, message_kind, n, template_id, title, content, example, type, enums)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, app, kind, n, x.ID, x.Title, x.Content, x.Example, x.Type, enums); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) forgetAccountList(app int64) error {
	if err := t.exec("DELETE FROM account_templates WHERE app = ?", app); err != nil {
		return err
	}
	return t.exec("DELETE FROM account_lists WHERE app = ?", app)
}

// AccountList answers what WeChat listed of one kind at last; ErrNotFound when it never did.
func (s *Store) AccountList(ctx context.Context, app int64, kind string) (account.List, error) {
	var l account.List
	read := func(r row) (at time.Time, err error) {
		err = r.Scan(instant{&at})
		return at, err
	}
	var err error
	if l.ReadAt, err = one(ctx, s.readers, read, "SELECT read_at FROM account_lists WHERE app = ? AND message_kind = ?",
		app, kind); err != nil {
		return account.List{}, err
	}
	l.Templates, err = many(ctx, s.readers, scanLive,
		"SELECT "+liveColumns+" FROM account_templates WHERE app = ? AND message_kind = ? ORDER BY n", app, kind)
	return l, err
}

const liveColumns = "template_id, title, content, example, type, enums"

func scanLive(r row) (x wechat.Template, err error) {
	var enums []byte
	if err := r.Scan(&x.ID, &x.Title, &x.Content, &x.Example, &x.Type, &enums); err != nil {
		return x, err
	}
	return x, json.Unmarshal(enums, &x.Enums)
}
