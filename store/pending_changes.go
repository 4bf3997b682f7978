package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"muban/wechat/account"
	"muban/wechat/kind"
)

// changesKept is for how long additions and deletions that have ended are kept: a form may be sent again.
const changesKept = 7 * 24 * time.Hour

const pendingColumns = `id, what, form_key, app, message_kind, scene, type, template_id, title_id, title, keywords, keyword_ids, content, example,
	coalesce(draft_id, 0), replaces, before_ids, coalesce(person_id, 0), person_name, addr, began_at, until_at,
	ended_at, outcome`

// BeginChange is one of account.Changes.
func (s *Store) BeginChange(ctx context.Context, p account.Pending) (begun account.Pending, err error) {
	err = s.write(ctx, func(t *tx) error {
		old := millis(t.now.Add(-changesKept))
		if err := t.exec("DELETE FROM pending_changes WHERE ended_at > 0 AND ended_at < ?", old); err != nil {
			return err
		}
		if begun, err = t.earlierChange(p); !errors.Is(err, ErrNotFound) {
			return err
		}
		begun = p
		begun.ID, err = t.insertChange(p)
		return err
	})
	return begun, err
}

// earlierChange is what p's form has done, or what is not known yet and asks for the same as p; ErrNotFound when
// there is neither.
func (t *tx) earlierChange(p account.Pending) (account.Pending, error) {
	same, subject := "template_id = ?", any(p.Template.TemplateID)
	if p.What == account.Addition {
		ids, err := encodeIDs(p.Template.KeywordIDs)
		if err != nil {
			return p, err
		}
		same, subject = "title_id || ' ' || keyword_ids = ?", p.Template.TitleID+" "+ids
	}
	found, err := one(t.ctx, t, scanPending, "SELECT "+pendingColumns+` FROM pending_changes
		WHERE app = ? AND what = ? AND (form_key <> '' AND form_key = ? AND outcome <> 'undone' OR ended_at = 0 AND `+same+`)
		ORDER BY id DESC LIMIT 1`, p.Template.App, p.What, p.Key, subject)
	if err == nil && found.Outcome == "" {
		err = kind.ErrUnderWay
	}
	return found, err
}

func (t *tx) insertChange(p account.Pending) (int64, error) {
	x := p.Template
	keywords, err := encodeKeywords(p.Keywords)
	if err != nil {
		return 0, err
	}
	ids, err := encodeIDs(x.KeywordIDs)
	if err != nil {
		return 0, err
	}
	before, err := json.Marshal(append([]string{}, p.Before...)) // [], not null
	if err != nil {
		return 0, err
	}
	return t.insert(`INSERT INTO pending_changes (what, form_key, app, message_kind, scene, type, template_id, title_id, title, keywords, keyword_ids,
			content, example, draft_id, replaces, before_ids, person_id, person_name, addr, began_at, until_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.What, p.Key, x.App, kind.Named(x.Kind).Name(), x.Scene, x.Type, x.TemplateID, x.TitleID, x.Title, keywords, ids, x.Content, x.Example, reference(x.DraftID),
		x.Replaces, string(before), reference(p.PersonID), p.PersonName, p.Addr, millis(p.BeganAt), millis(p.Until))
}

// EndChange is one of account.Changes.
func (s *Store) EndChange(ctx context.Context, p account.Pending) error {
	return s.write(ctx, func(t *tx) error {
		if p.Outcome == account.Refused {
			return t.exec("DELETE FROM pending_changes WHERE id = ? AND ended_at = 0", p.ID)
		}
		err := t.update("UPDATE pending_changes SET ended_at = ?, outcome = ?, template_id = ? WHERE id = ? AND ended_at = 0",
			millis(t.now), p.Outcome, p.Template.TemplateID, p.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil // another process was sooner
		case err != nil || p.Outcome != account.Done:
			return err
		}
		by := Actor{PersonID: p.PersonID, Name: p.PersonName, Addr: p.Addr}
		if p.What == account.Deletion {
			return t.deletionDone(by, p.Template)
		}
		return t.additionDone(by, p.Template)
	})
}

// additionDone remembers a template that was added, what it replaces as gone, and its draft as added.
func (t *tx) additionDone(by Actor, x Template) error {
	if x.Replaces != "" { // it may have been deleted elsewhere, which is now known too
		if err := t.adoptDeletion(by, x.App, x.Replaces); err != nil {
			return err
		}
	}
	return t.addTemplate(by, x)
}

// deletionDone notes a deletion. What we knew nothing of is adopted first, so that its page stays and it can be
// restored.
func (t *tx) deletionDone(by Actor, x Template) error {
	_, err := template(t.ctx, t, x.App, x.TemplateID)
	if errors.Is(err, ErrNotFound) {
		err = t.adoptTemplate(by, x)
	}
	if err != nil {
		return err
	}
	return t.templateDeleted(by, x.App, x.TemplateID)
}

// Changes is one of account.Changes.
func (s *Store) Changes(ctx context.Context, app int64, since time.Time) ([]account.Pending, error) {
	return many(ctx, s.readers, scanPending, "SELECT "+pendingColumns+` FROM pending_changes
		WHERE app = ? AND (ended_at = 0 OR outcome = 'undone' AND ended_at >= ?) ORDER BY id`, app, millis(since))
}

func scanPending(r row) (p account.Pending, err error) {
	var keywords, ids, before []byte
	x := &p.Template
	err = r.Scan(&p.ID, &p.What, &p.Key, &x.App, &x.Kind, &x.Scene, &x.Type, &x.TemplateID, &x.TitleID, &x.Title, &keywords, &ids,
		&x.Content, &x.Example, &x.DraftID, &x.Replaces, &before, &p.PersonID, &p.PersonName, &p.Addr, instant{&p.BeganAt}, instant{&p.Until},
		instant{&p.EndedAt}, &p.Outcome)
	if err != nil {
		return account.Pending{}, err
	}
	if p.Keywords, err = decodeKeywords(keywords); err != nil {
		return account.Pending{}, err
	}
	return p, errors.Join(json.Unmarshal(ids, &x.KeywordIDs), json.Unmarshal(before, &p.Before))
}
