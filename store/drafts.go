package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

// Draft is a combination of keywords, or a proposed title, on its way to being added.
type Draft struct {
	ID, App                         int64
	Kind                            string // of message; a combination's is that of its title
	Proposed                        bool   // a title of our own, to be handed in; otherwise a combination under a title of the library
	TitleID, Title                  string // a proposal has a TitleID once the library has its title
	Keywords                        []wechat.Keyword
	Scenario                        string // of a subscribe message the scene description
	Type                            int    // of a proposed subscribe title: wechat.OneTime, wechat.LongTerm; 0 otherwise
	Category                        string // its id, of the account's; "" otherwise
	State                           string // one of DraftStates
	TemplateID                      string // once added
	Author                          int64
	AuthorName                      string
	Version                         int       // counts the changes of the content; 1 at first
	Submitted                       time.Time // when it was handed in by hand at mp.weixin.qq.com; zero before
	CreatedAt, UpdatedAt, DeletedAt time.Time
}

// DraftStates are all that a draft can be in. A combination goes from "draft", or from "approved", to "added"; a proposal
// is "submitted" to WeChat between, which accepts or refuses it.
func DraftStates() []string {
	return []string{"draft", "review", "approved", "rejected", "submitted", "accepted", "refused", "added"}
}

// DraftFilter picks drafts of one app, or of AllApps, that are not deleted, or of the Deleted only; another
// zero field does not filter, Count 0 means 20. Text is looked for in the title and the scenario.
type DraftFilter struct {
	App           int64
	AllApps       bool    // App is ignored then
	Among         []int64 // with AllApps: the only ones, nil for every app
	Deleted       bool
	Kind          string
	State, Text   string
	Author        int64
	Offset, Count int
}

const draftColumns = `id, app, message_kind, type, category, proposed, title_id, title, keywords, scenario, state, template_id, coalesce(author, 0),
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
		among(&l.where, "app", f.Among)
	}
	if f.Deleted {
		l.where.and("deleted_at > 0")
	} else {
		l.where.and("deleted_at = 0") // word for word as the index has it
	}
	andSet(&l.where, "message_kind", f.Kind)
	andSet(&l.where, "state", f.State)
	andSet(&l.where, "author", f.Author)
	if f.Text != "" {
		like := likePattern(f.Text)
		l.where.and(`(title LIKE ? ESCAPE '\' OR scenario LIKE ? ESCAPE '\')`, like, like)
	}
	return l.read(ctx, s.readers)
}

// DraftCounts answers how many drafts of a kind of message, of every kind for "", there are in each state that has any;
// the deleted do not count.
func (s *Store) DraftCounts(ctx context.Context, app int64, kind string) (map[string]int, error) {
	type count struct {
		state string
		n     int
	}
	scan := func(r row) (c count, err error) {
		err = r.Scan(&c.state, &c.n)
		return c, err
	}
	all, err := many(ctx, s.readers, scan, `SELECT state, count(*) FROM drafts
		WHERE app = ? AND (message_kind = ? OR ? = '') AND deleted_at = 0 GROUP BY state`, app, kind, kind)
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
	err = r.Scan(&d.ID, &d.App, &d.Kind, &d.Type, &d.Category, &d.Proposed, &d.TitleID, &d.Title, &keywords, &d.Scenario,
		&d.State, &d.TemplateID, &d.Author, &d.AuthorName, &d.Version, instant{&d.Submitted}, instant{&d.CreatedAt},
		instant{&d.UpdatedAt}, instant{&d.DeletedAt})
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
	Rule    string `json:"rule,omitempty"`
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

// AddDraft adds a draft of the actor's, in state "draft". ID, State, Author, Version and the times are set here, and
// the Kind of a combination; a proposal without one is of template messages.
func (s *Store) AddDraft(ctx context.Context, by Actor, d Draft) (Draft, error) {
	return s.AddDraftOnce(ctx, by, Form{}, d)
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
		(app, message_kind, type, category, proposed, title_id, title, keywords, scenario, state, author, author_name, version,
			created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'draft', ?, ?, 1, ?, ?) RETURNING `+draftColumns,
		d.App, d.kind(), d.Type, d.Category, d.Proposed, d.TitleID, d.Title, keywords, d.Scenario,
		reference(by.PersonID), by.Name, millis(t.now), millis(t.now))
}

// kind is that of the draft's title, where it has one.
func (d Draft) kind() string {
	if d.Proposed && d.TitleID == "" {
		return kind.Named(d.Kind).Name()
	}
	return kind.OfTitle(d.TitleID).Name()
}

// SaveDraft stores Proposed, title, keywords, scenario, type and category of a draft that the caller read in d.Version, and
// answers it with the new one, in state "draft" again: an approval is for what was approved. One that was sent back
// stays so until it is handed in again. ErrConflict when somebody saved it since; ErrNotFound when it is deleted;
// ErrState when it is at WeChat already.
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
		case before.AtWeChat(): // first: reading it again would not help
			return ErrState
		case before.Version != d.Version:
			return ErrConflict
		case before.State != "refused":
			before.Submitted = time.Time{}
		}
		saved, err = one(t.ctx, t, scanDraft, `UPDATE drafts SET proposed = ?, title_id = ?, title = ?, keywords = ?, scenario = ?,
			type = ?, category = ?, state = ?, template_id = '', submitted_at = ?, version = version + 1, updated_at = ? WHERE id = ? RETURNING `+draftColumns,
			d.Proposed, d.TitleID, d.Title, keywords, d.Scenario, d.Type, d.Category, before.editedState(),
			millis(before.Submitted), millis(t.now), d.ID)
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

// Typed tells whether the draft is of a kind whose keywords have types, and which says what its messages are for.
func (d Draft) Typed() bool { return kind.Named(d.Kind).Limits().Types != nil }

// AtWeChat tells whether the draft has left the house: it is not changed any more.
func (d Draft) AtWeChat() bool {
	return d.State == "submitted" || d.State == "accepted" || d.State == "added"
}

// SentBack tells whether a reviewer, or WeChat, wants it changed.
func (d Draft) SentBack() bool { return d.State == "rejected" || d.State == "refused" }

// editedState is the state that an edited draft is in.
func (d Draft) editedState() string {
	if d.SentBack() {
		return d.State
	}
	return "draft"
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

// Overtaken tells whether a save would undo a change that the person has not seen: what is stored is neither
// what they began from nor what they want. "" begins from what is stored, whatever that is.
func Overtaken(stored, was, wanted string) bool {
	return was != "" && stored != was && stored != wanted
}

func versionOf(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // texts and maps of texts have a form in JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
