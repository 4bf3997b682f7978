package store

import (
	"context"
	"encoding/json"
	"time"

	"muban/wechat/ledger"
)

// TitleUse is a combination under a library title that is in use: a template of an app, or a draft.
type TitleUse struct {
	App        int64
	TemplateID string // "" for a draft
	Draft      int64  // 0 for a template
	KeywordIDs []int  // in order
	By         string // who wrote the draft
	At         time.Time
	Sends      int // of a template: those of the last 30 days that WeChat took
}

const usesDays = 30 // how far back TitleUse.Sends counts

// TitleApps answers the apps that have a template under a title, by the title's id, the first app first.
func (s *Store) TitleApps(ctx context.Context) (map[string][]int64, error) {
	apps := map[string][]int64{}
	collect := func(r row) (none struct{}, err error) {
		var title string
		var app int64
		err = r.Scan(&title, &app)
		apps[title] = append(apps[title], app)
		return none, err
	}
	_, err := many(ctx, s.readers, collect, `SELECT DISTINCT title_id, app FROM templates
		WHERE deleted_at = 0 AND title_id <> '' ORDER BY title_id, app`)
	return apps, err
}

// TitleUses answers the combinations under a title of every app: its templates, the most sent first, with At the time of
// the last send, zero for none; then the drafts that are not added, the last changed first, with At the time of that.
func (s *Store) TitleUses(ctx context.Context, titleID string) ([]TitleUse, error) {
	since := ledger.DayOf(s.now()) - usesDays + 1
	templates, err := many(ctx, s.readers, scanTemplateUse, `SELECT app, template_id, keyword_ids,
			coalesce((SELECT s.created_at FROM sends s WHERE s.app = t.app AND s.template_id = t.template_id
				ORDER BY s.id DESC LIMIT 1), 0),
			coalesce((SELECT sum(d.sends) FROM send_days d WHERE d.app = t.app AND d.day >= ?
				AND d.template_id = t.template_id AND d.outcome = 'sent'), 0) AS recent
		FROM templates t WHERE title_id = ? AND deleted_at = 0 ORDER BY recent DESC, added_at DESC, template_id`,
		int64(since), titleID)
	if err != nil {
		return nil, err
	}
	drafts, err := many(ctx, s.readers, scanDraftUse, `SELECT app, id, keywords, author_name, updated_at FROM drafts
		WHERE title_id = ? AND proposed = 0 AND deleted_at = 0 AND state <> 'added' ORDER BY updated_at DESC, id DESC`,
		titleID)
	return append(templates, drafts...), err
}

func scanTemplateUse(r row) (u TitleUse, err error) {
	var ids []byte
	if err = r.Scan(&u.App, &u.TemplateID, &ids, instant{&u.At}, &u.Sends); err != nil {
		return u, err
	}
	return u, json.Unmarshal(ids, &u.KeywordIDs)
}

func scanDraftUse(r row) (u TitleUse, err error) {
	var keywords []byte
	if err = r.Scan(&u.App, &u.Draft, &keywords, &u.By, instant{&u.At}); err != nil {
		return u, err
	}
	all, err := decodeKeywords(keywords)
	for _, k := range all {
		u.KeywordIDs = append(u.KeywordIDs, k.ID)
	}
	return u, err
}
