package store

import (
	"context"
	"encoding/json"
	"time"
)

// Template is what we remember of one of the account's templates. WeChat's own list is the truth.
type Template struct {
	App                        int64
	TemplateID, TitleID, Title string
	KeywordIDs                 []int
	Content, Example           string
	AddedBy                    int64
	AddedByName                string
	DraftID                    int64 // 0: added without a draft
	AddedAt, DeletedAt         time.Time
	DeletedByName              string
}

const templateColumns = `app, template_id, title_id, title, keyword_ids, content, example, coalesce(added_by, 0),
	added_by_name, coalesce(draft_id, 0), added_at, deleted_at, deleted_by_name`

// AddTemplate remembers a template that the actor has added at WeChat; one known already is replaced.
func (s *Store) AddTemplate(ctx context.Context, by Actor, x Template) error {
	ids, err := json.Marshal(append([]int{}, x.KeywordIDs...)) // [], not null
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		err := t.exec(`INSERT OR REPLACE INTO templates
			(app, template_id, title_id, title, keyword_ids, content, example, added_by, added_by_name, draft_id, added_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			x.App, x.TemplateID, x.TitleID, x.Title, string(ids), x.Content, x.Example,
			reference(by.PersonID), by.Name, reference(x.DraftID), millis(t.now))
		if err != nil {
			return err
		}
		return t.record(by, x.App, ActTemplateAdd, object("template", x.TemplateID), map[string]string{"title": x.Title})
	})
}

// TemplateDeleted notes that the actor has deleted a template at WeChat, also one that we know nothing of.
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
	return one(ctx, s.readers, scanTemplate,
		"SELECT "+templateColumns+" FROM templates WHERE app = ? AND template_id = ?", app, templateID)
}

// Templates answers all that we remember of an app, the deleted too, the newest first.
func (s *Store) Templates(ctx context.Context, app int64) ([]Template, error) {
	return many(ctx, s.readers, scanTemplate,
		"SELECT "+templateColumns+" FROM templates WHERE app = ? ORDER BY added_at DESC, template_id", app)
}

func scanTemplate(r row) (x Template, err error) {
	var ids []byte
	err = r.Scan(&x.App, &x.TemplateID, &x.TitleID, &x.Title, &ids, &x.Content, &x.Example, &x.AddedBy,
		&x.AddedByName, &x.DraftID, instant{&x.AddedAt}, instant{&x.DeletedAt}, &x.DeletedByName)
	if err != nil {
		return Template{}, err
	}
	return x, json.Unmarshal(ids, &x.KeywordIDs)
}
