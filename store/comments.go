package store

import (
	"context"
	"time"
)

// Comment is what somebody said beside a draft. Comments are only ever added.
type Comment struct {
	ID, Draft, PersonID int64
	PersonName, Text    string
	At                  time.Time
}

// AddComment leaves the draft itself as it is. text has 1 to 4,000 characters.
func (s *Store) AddComment(ctx context.Context, by Actor, app, draft int64, text string) (Comment, error) {
	c := Comment{Draft: draft, PersonID: by.PersonID, PersonName: by.Name, Text: text}
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.draft(app, draft); err != nil {
			return err
		}
		var err error
		c.At = stored(t.now)
		c.ID, err = t.insert("INSERT INTO comments (draft, person_id, person_name, text, at) VALUES (?, ?, ?, ?, ?) RETURNING id",
			draft, reference(by.PersonID), by.Name, text, millis(t.now))
		if err != nil {
			return err
		}
		return t.record(by, app, ActDraftComment, object("draft", draft), map[string]int64{"comment": c.ID})
	})
	if err != nil {
		return Comment{}, err
	}
	return c, nil
}

// Comments answers every comment on a draft, the oldest first.
func (s *Store) Comments(ctx context.Context, app, draft int64) ([]Comment, error) {
	return many(ctx, s.readers, scanComment, `SELECT comments.id, draft, coalesce(person_id, 0), person_name, text, at
		FROM comments JOIN drafts ON drafts.id = draft WHERE app = ? AND draft = ? ORDER BY comments.id`, app, draft)
}

func scanComment(r row) (c Comment, err error) {
	err = r.Scan(&c.ID, &c.Draft, &c.PersonID, &c.PersonName, &c.Text, instant{&c.At})
	return c, err
}
