package store

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Role is what a person may do; package web knows what each one allows.
type Role string

// The roles that a person can have.
const (
	Administrator  Role = "administrator"
	Operator       Role = "operator"
	ProductManager Role = "product_manager"
	QA             Role = "qa"
)

// Roles lists every role, the most powerful first.
func Roles() []Role { return []Role{Administrator, Operator, ProductManager, QA} }

// Person is somebody who may sign in. People are disabled, never deleted: the history names them.
type Person struct {
	ID                    int64
	Name                  string
	Role                  Role
	PasswordHash          string
	Lang, Theme           string
	Disabled              bool
	StepsHidden           bool // the first steps on the overview: they were not wanted any more
	CreatedAt, LastSignIn time.Time
}

const personColumns = "id, name, role, password_hash, lang, theme, disabled, steps_hidden, created_at, last_sign_in"

// CountPeople counts everybody, the disabled too.
func (s *Store) CountPeople(ctx context.Context) (int, error) {
	return one(ctx, s.readers, scan[int], "SELECT count(*) FROM people")
}

// People answers everybody by name.
func (s *Store) People(ctx context.Context) ([]Person, error) {
	return many(ctx, s.readers, scanPerson, "SELECT "+personColumns+" FROM people ORDER BY name_key")
}

// Person answers ErrNotFound when there is none with this id.
func (s *Store) Person(ctx context.Context, id int64) (Person, error) {
	return one(ctx, s.readers, scanPerson, "SELECT "+personColumns+" FROM people WHERE id = ?", id)
}

// PersonByName compares without regard to case.
func (s *Store) PersonByName(ctx context.Context, name string) (Person, error) {
	return one(ctx, s.readers, scanPerson, "SELECT "+personColumns+" FROM people WHERE name_key = ?", fold(name))
}

// AddPerson answers ErrTaken when somebody has the name, or one that looks like it. ID and CreatedAt are set here.
func (s *Store) AddPerson(ctx context.Context, by Actor, p Person) (added Person, err error) {
	err = s.write(ctx, func(t *tx) error {
		added, err = t.addPerson(by, p)
		return err
	})
	return added, err
}

func (t *tx) addPerson(by Actor, p Person) (Person, error) {
	p, err := t.insertPerson(p)
	if err != nil {
		return Person{}, err
	}
	detail := map[string]any{"name": p.Name, "role": p.Role}
	return p, t.record(by, 0, ActPersonAdd, object("person", p.ID), detail)
}

func (t *tx) insertPerson(p Person) (_ Person, err error) {
	p.CreatedAt, p.LastSignIn = stored(t.now), time.Time{}
	p.Name = norm.NFC.String(strings.TrimSpace(p.Name))
	p.ID, err = t.insert(`INSERT INTO people (name, name_key, skeleton, role, password_hash, lang, theme, disabled, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.Name, fold(p.Name), skeleton(p.Name), p.Role, p.PasswordHash, p.Lang, p.Theme, p.Disabled, millis(p.CreatedAt))
	return p, err
}

// SetPreferences keeps the language and the theme that a person chose.
func (s *Store) SetPreferences(ctx context.Context, id int64, lang, theme string) error {
	return s.write(ctx, func(t *tx) error {
		name, err := one(t.ctx, t, scan[string],
			"UPDATE people SET lang = ?, theme = ? WHERE id = ? RETURNING name", lang, theme, id)
		if err != nil {
			return err
		}
		detail := map[string]string{"lang": lang, "theme": theme}
		return t.record(Actor{PersonID: id, Name: name}, 0, ActPersonPreferences, object("person", id), detail)
	})
}

// HideSteps takes the first steps off a person's overview.
func (s *Store) HideSteps(ctx context.Context, by Actor) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.update("UPDATE people SET steps_hidden = 1 WHERE id = ?", by.PersonID); err != nil {
			return err
		}
		return t.record(by, 0, ActPersonPreferences, object("person", by.PersonID), nil)
	})
}

// SetOpenID keeps the openid that a person tests with in one app; "" forgets it. openids keep their case.
// ErrTaken when it is somebody else's: two people would send to one phone.
func (s *Store) SetOpenID(ctx context.Context, by Actor, personID, appID int64, openID string) error {
	return s.write(ctx, func(t *tx) error { return t.bindOpenID(by, personID, appID, openID) })
}

func (t *tx) bindOpenID(by Actor, personID, appID int64, openID string) error {
	others, err := one(t.ctx, t, scan[int],
		"SELECT count(*) FROM person_openids WHERE app = ? AND openid = ? AND person_id <> ?", appID, openID, personID)
	if err != nil {
		return err
	}
	if others > 0 {
		return ErrTaken
	}
	if err := t.setOpenID(personID, appID, openID); err != nil {
		return err
	}
	return t.record(by, appID, ActPersonOpenID, object("person", personID), map[string]string{"openid": openID})
}

func (t *tx) setOpenID(personID, appID int64, openID string) error {
	if openID == "" {
		return t.exec("DELETE FROM person_openids WHERE person_id = ? AND app = ?", personID, appID)
	}
	return t.exec(`INSERT INTO person_openids (person_id, app, openid) VALUES (?, ?, ?)
		ON CONFLICT (person_id, app) DO UPDATE SET openid = excluded.openid`, personID, appID, openID)
}

// OpenID answers "" when the person has none in this app.
func (s *Store) OpenID(ctx context.Context, personID, appID int64) (string, error) {
	all, err := many(ctx, s.readers, scan[string],
		"SELECT openid FROM person_openids WHERE person_id = ? AND app = ?", personID, appID)
	return strings.Join(all, ""), err // the primary key allows one at the most
}

// fold makes names comparable. SQLite's NOCASE knows ASCII only.
func fold(name string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(name))) }

func scanPerson(r row) (p Person, err error) {
	err = r.Scan(&p.ID, &p.Name, &p.Role, &p.PasswordHash, &p.Lang, &p.Theme, &p.Disabled, &p.StepsHidden,
		instant{&p.CreatedAt}, instant{&p.LastSignIn})
	return p, err
}

// SetPassword replaces the hash and ends every session of the person, copied cookies included.
func (s *Store) SetPassword(ctx context.Context, by Actor, id int64, hash string) error {
	return s.setPassword(ctx, by, id, hash, [32]byte{})
}

// SetOwnPassword is SetPassword for oneself: it keeps the session that it is done in.
func (s *Store) SetOwnPassword(ctx context.Context, by Actor, hash string, session [32]byte) error {
	return s.setPassword(ctx, by, by.PersonID, hash, session)
}

func (s *Store) setPassword(ctx context.Context, by Actor, id int64, hash string, keep [32]byte) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		if err := t.update("UPDATE people SET password_hash = ? WHERE id = ?", hash, id); err != nil {
			return nil, err
		}
		ended, err := t.passwordChanged(id, keep)
		if err != nil {
			return nil, err
		}
		return ended, t.record(by, 0, ActPersonPassword, object("person", id), map[string]int{"sessions_ended": len(ended)})
	})
}

// passwordChanged makes a link for an earlier change and guesses at the old password worthless, and ends every session
// but the one to keep.
func (t *tx) passwordChanged(id int64, keep [32]byte) ([][32]byte, error) {
	if err := t.exec("DELETE FROM password_links WHERE person_id = ?", id); err != nil {
		return nil, err
	}
	if _, err := t.forgetGuesses(id); err != nil {
		return nil, err
	}
	return t.endSessions("person_id = ? AND hash <> ?", id, keep[:])
}

// SetDisabled shuts a person out and ends their sessions, or lets them in again.
// ErrLastAdministrator when nobody could administer any more.
func (s *Store) SetDisabled(ctx context.Context, by Actor, id int64, disabled bool) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		before, err := one(t.ctx, t, scan[bool], "SELECT disabled FROM people WHERE id = ?", id)
		if err != nil {
			return nil, err
		}
		if err := t.updatePerson("UPDATE people SET disabled = ? WHERE id = ?", disabled, id); err != nil {
			return nil, err
		}
		ended, err := t.endSessionsOf(id)
		if err != nil {
			return nil, err
		}
		return ended, t.record(by, 0, ActPersonDisabled, object("person", id),
			map[string]string{"from": state(before), "to": state(disabled)})
	})
}

func state(disabled bool) string {
	if disabled {
		return "disabled"
	}
	return "enabled"
}

// updatePerson refuses to leave the console without an administrator.
func (t *tx) updatePerson(query string, args ...any) error {
	before, err := t.administrators()
	if err != nil {
		return err
	}
	if err := t.update(query, args...); err != nil {
		return err
	}
	after, err := t.administrators()
	if err == nil && before > 0 && after == 0 {
		return ErrLastAdministrator
	}
	return err
}

func (t *tx) administrators() (int, error) {
	return one(t.ctx, t, scan[int], "SELECT count(*) FROM people WHERE role = ? AND disabled = 0", string(Administrator))
}

// SetSetupToken keeps the SHA-256 of the one-time token for the first run, in place of an earlier one.
// ErrTaken when there are people already: the first run is over.
func (s *Store) SetSetupToken(ctx context.Context, hash []byte, expires time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.nobodyYet(); err != nil {
			return err
		}
		return t.exec(`INSERT INTO setup_token (id, hash, expires_at) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at`,
			hash, millis(expires))
	})
}

// CheckSetupToken answers ErrNotFound when the token is wrong, used up or expired.
func (s *Store) CheckSetupToken(ctx context.Context, hash []byte) error {
	kept, err := one(ctx, s.readers, scan[[]byte], "SELECT hash FROM setup_token WHERE expires_at > ?", millis(s.now()))
	if err == nil && subtle.ConstantTimeCompare(kept, hash) != 1 {
		return ErrNotFound
	}
	return err
}

// AddFirstAdministrator adds p as an administrator and uses up the setup token. ErrTaken when there is
// anybody: of two who try at once, one wins.
func (s *Store) AddFirstAdministrator(ctx context.Context, by Actor, p Person) (added Person, err error) {
	p.Role, p.Disabled = Administrator, false
	err = s.write(ctx, func(t *tx) error {
		if err := t.nobodyYet(); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM setup_token"); err != nil {
			return err
		}
		if added, err = t.addPerson(by, p); err != nil {
			return err
		}
		return t.requireFactorLater()
	})
	return added, err
}

func (t *tx) nobodyYet() error {
	n, err := one(t.ctx, t, scan[int], "SELECT count(*) FROM people")
	if err == nil && n > 0 {
		return ErrTaken
	}
	return err
}
