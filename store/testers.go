package store

import (
	"context"
	"time"
)

// Tester is somebody outside the console whom tests may be sent to.
type Tester struct {
	ID, App      int64
	Name, OpenID string
	AddedByName  string
	AddedAt      time.Time
}

// AddTester answers ErrTaken when the openid is on the app's list already.
func (s *Store) AddTester(ctx context.Context, by Actor, x Tester) (added Tester, err error) {
	err = s.write(ctx, func(t *tx) error {
		added = x
		added.AddedByName, added.AddedAt = by.Name, stored(t.now)
		added.ID, err = t.insert(`INSERT INTO testers (app, name, openid, added_by, added_by_name, added_at)
			VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
			x.App, x.Name, x.OpenID, reference(by.PersonID), by.Name, millis(t.now))
		if err != nil {
			return err
		}
		return t.record(by, x.App, ActTesterAdd, object("tester", added.ID),
			map[string]string{"name": x.Name, "openid": x.OpenID})
	})
	return added, err
}

// RemoveTester answers ErrNotFound when the app has no such tester.
func (s *Store) RemoveTester(ctx context.Context, by Actor, app, id int64) error {
	return s.write(ctx, func(t *tx) error {
		x, err := one(t.ctx, t, scanTester, "DELETE FROM testers WHERE app = ? AND id = ? RETURNING "+testerColumns, app, id)
		if err != nil {
			return err
		}
		return t.record(by, app, ActTesterRemove, object("tester", id), map[string]string{"name": x.Name, "openid": x.OpenID})
	})
}

const testerColumns = "id, app, name, openid, added_by_name, added_at"

// Testers answers an app's list by name.
func (s *Store) Testers(ctx context.Context, app int64) ([]Tester, error) {
	return many(ctx, s.readers, scanTester, "SELECT "+testerColumns+" FROM testers WHERE app = ? ORDER BY name, id", app)
}

// OpenIDs answers the openids that people test with in an app, by person.
func (s *Store) OpenIDs(ctx context.Context, app int64) (map[int64]string, error) {
	type bound struct {
		person int64
		openID string
	}
	all, err := many(ctx, s.readers, func(r row) (b bound, err error) { return b, r.Scan(&b.person, &b.openID) },
		"SELECT person_id, openid FROM person_openids WHERE app = ?", app)
	ids := make(map[int64]string, len(all))
	for _, b := range all {
		ids[b.person] = b.openID
	}
	return ids, err
}

// Recipient is somebody with a name whom a test may go to.
type Recipient struct{ Name, OpenID string }

// Recipients answers an app's testers, and the people who test with an openid of their own in it, by name.
func (s *Store) Recipients(ctx context.Context, app int64) ([]Recipient, error) {
	return many(ctx, s.readers, func(r row) (x Recipient, err error) { return x, r.Scan(&x.Name, &x.OpenID) },
		`SELECT name, openid FROM testers WHERE app = ?1
		UNION SELECT p.name, o.openid FROM person_openids o JOIN people p ON p.id = o.person_id WHERE o.app = ?1 AND p.disabled = 0
		ORDER BY name, openid`, app)
}

// SetBindingCode keeps the hash of the code that binds a person's openid in an app, in place of an
// earlier one. The code works once, until expires.
func (s *Store) SetBindingCode(ctx context.Context, by Actor, app int64, hash [32]byte, expires time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.exec(`INSERT INTO binding_codes (person_id, app, hash, expires_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (person_id, app) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at`,
			by.PersonID, app, hash[:], millis(expires)); err != nil {
			return err
		}
		return t.record(by, app, ActPersonCode, object("person", by.PersonID), nil)
	})
}

// BindByCode binds the openid to the person whose code this is, and answers who that is. ErrNotFound for
// a code that is wrong, used or expired; ErrTaken when the openid is somebody else's.
func (s *Store) BindByCode(ctx context.Context, by Actor, app int64, hash [32]byte, openID string) (person int64,
	err error) {
	err = s.write(ctx, func(t *tx) error {
		person, err = one(t.ctx, t, scan[int64],
			"DELETE FROM binding_codes WHERE app = ? AND hash = ? AND expires_at > ? RETURNING person_id", app, hash[:], millis(t.now))
		if err != nil {
			return err
		}
		return t.bindOpenID(by, person, app, openID)
	})
	return person, err
}

func scanTester(r row) (x Tester, err error) {
	err = r.Scan(&x.ID, &x.App, &x.Name, &x.OpenID, &x.AddedByName, instant{&x.AddedAt})
	return x, err
}
