package store

import (
	"context"
	"encoding/json"
	"time"

	"muban/wechat"
)

// Draft is a combination of keywords, or a proposed title, on its way to being added.
type Draft struct {
	ID, App                         int64
	Kind                            string // "combination" or "proposal"
	TitleID, Title                  string
	Keywords                        []wechat.Keyword
	Scenario                        string
	State                           string // "draft", "review", "approved", "rejected", "added", "submitted"
	TemplateID                      string // once added
	Author                          int64
	AuthorName                      string
	Version                         int       // counts the changes of the content; 1 at first
	Submitted                       time.Time // when it was handed in by hand at mp.weixin.qq.com; zero before
	CreatedAt, UpdatedAt, DeletedAt time.Time
}

// DraftFilter picks drafts of one app, or of AllApps, that are not deleted, or of the Deleted only; another
// zero field does not filter, Count 0 means 20. Text is looked for in the title and the scenario.
type DraftFilter struct {
	App           int64
	AllApps       bool    // App is ignored then
	Among         []int64 // with AllApps: the only ones, nil for every app
	Deleted       bool
	State, Text   string
	Author        int64
	Offset, Count int
}

const draftColumns = `id, app, kind, title_id, title, keywords, scenario, state, template_id, coalesce(author, 0),
	author_name, version, submitted_at, created_at, updated_at, deleted_at`

// Draft answers also one that was deleted, so that it can be restored; see DeletedAt.
func (s *Store) Draft(ctx context.Context, app, id int64) (Draft, error) {
	return one(ctx, s.readers, scanDraft, "SELECT "+draftColumns+" FROM drafts WHERE app = ? AND id = ?", app, id)
}

// Drafts answers one page, the last changed first, and how many there are in all.
func (s *Store) Drafts(ctx context.Context, f DraftFilter) ([]Draft, int, error) {
	l := list[Draft]{
		columns: draftColumns, table: "drafts", order: "updated_at DESC, id DESC", scan: scanDraft,
		offset: f.Offset, count: f.Count,
	}
	if !f.AllApps {
		l.where.and("app = ?", f.App)
	} else if f.Among != nil {
		among, err := json.Marshal(f.Among)
		if err != nil {
			return nil, 0, err
		}
		l.where.and("app IN (SELECT value FROM json_each(?))", string(among))
	}
	if f.Deleted {
		l.where.and("deleted_at > 0")
	} else {
		l.where.and("deleted_at = 0") // word for word as the index has it
	}
	andSet(&l.where, "state", f.State)
	andSet(&l.where, "author", f.Author)
	if f.Text != "" {
		like := likePattern(f.Text)
		l.where.and(`(title LIKE ? ESCAPE '\' OR scenario LIKE ? ESCAPE '\')`, like, like)
	}
	return l.read(ctx, s.readers)
}

// DraftCounts answers how many drafts there are in each state that has any; the deleted do not count.
func (s *Store) DraftCounts(ctx context.Context, app int64) (map[string]int, error) {
	type count struct {
		state string
		n     int
	}
	scan := func(r row) (c count, err error) {
		err = r.Scan(&c.state, &c.n)
		return c, err
	}
	all, err := many(ctx, s.readers, scan,
		"SELECT state, count(*) FROM drafts WHERE app = ? AND deleted_at = 0 GROUP BY state", app)
	counts := make(map[string]int, len(all))
	for _, c := range all {
		counts[c.state] = c.n
	}
	return counts, err
}

// Authors answers who has drafts that are not deleted, by name: ID and Name alone.
func (s *Store) Authors(ctx context.Context, app int64) ([]Person, error) {
	scan := func(r row) (p Person, err error) {
		err = r.Scan(&p.ID, &p.Name)
		return p, err
	}
	return many(ctx, s.readers, scan, `SELECT id, name FROM people
		WHERE id IN (SELECT author FROM drafts WHERE app = ? AND deleted_at = 0) ORDER BY name_key`, app)
}

func scanDraft(r row) (d Draft, err error) {
	var keywords []byte
	err = r.Scan(&d.ID, &d.App, &d.Kind, &d.TitleID, &d.Title, &keywords, &d.Scenario, &d.State, &d.TemplateID, &d.Author,
		&d.AuthorName, &d.Version, instant{&d.Submitted}, instant{&d.CreatedAt}, instant{&d.UpdatedAt}, instant{&d.DeletedAt})
	if err != nil {
		return Draft{}, err
	}
	d.Keywords, err = decodeKeywords(keywords)
	return d, err
}

// keyword fixes how a keyword is stored, whatever becomes of wechat.Keyword.
type keyword struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Example string `json:"example"`
}

func encodeKeywords(keywords []wechat.Keyword) (string, error) {
	all := make([]keyword, 0, len(keywords))
	for _, k := range keywords {
		all = append(all, keyword(k))
	}
	text, err := json.Marshal(all)
	return string(text), err
}

func decodeKeywords(text []byte) ([]wechat.Keyword, error) {
	var all []keyword
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	var keywords []wechat.Keyword
	for _, k := range all {
		keywords = append(keywords, wechat.Keyword(k))
	}
	return keywords, nil
}
