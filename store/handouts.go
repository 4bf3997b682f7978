package store

import (
	"context"
	"time"
)

// Handout is how often a key was handed its app's access token within one hour.
type Handout struct {
	KeyID, App int64
	Hour       time.Time // when it began, UTC
	Count      int64
}

// AddHandouts adds to what is counted already. Hour may be any moment within the hour.
func (s *Store) AddHandouts(ctx context.Context, handouts []Handout) error {
	if len(handouts) == 0 {
		return nil
	}
	return s.write(ctx, func(t *tx) error {
		for _, h := range handouts {
			if err := t.exec(`INSERT INTO handouts (key_id, app, hour, count) VALUES (?, ?, ?, ?)
				ON CONFLICT (key_id, hour) DO UPDATE SET count = count + excluded.count`,
				h.KeyID, h.App, millis(h.Hour.Truncate(time.Hour)), h.Count); err != nil {
				return err
			}
		}
		return nil
	})
}

// Handouts answers the app's, since the hour that since falls into, by hour and then by key.
func (s *Store) Handouts(ctx context.Context, app int64, since time.Time) ([]Handout, error) {
	scan := func(r row) (h Handout, err error) {
		err = r.Scan(&h.KeyID, &h.App, instant{&h.Hour}, &h.Count)
		return h, err
	}
	return many(ctx, s.readers, scan, "SELECT key_id, app, hour, count FROM handouts WHERE app = ? AND hour >= ? ORDER BY hour, key_id",
		app, millis(since.Truncate(time.Hour)))
}

// PruneHandouts forgets the hours before.
func (s *Store) PruneHandouts(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(t *tx) error {
		return t.exec("DELETE FROM handouts WHERE hour < ?", millis(before))
	})
}
