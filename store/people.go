package store

import (
	"context"
	"strings"
	"time"
)

// Role is what a person may do; package web knows what each one allows.
type Role string

// The roles, as design.md names those who use it.
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
	CreatedAt, LastSignIn time.Time
}

const personColumns = "id, name, role, password_hash, lang, theme, disabled, created_at, last_sign_in"

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

// AddPerson answers ErrTaken when somebody has the name. ID and CreatedAt are set here.
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
	p.ID, err = t.insert(`INSERT INTO people (name, name_key, role, password_hash, lang, theme, disabled, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.Name, fold(p.Name), p.Role, p.PasswordHash, p.Lang, p.Theme, p.Disabled, millis(p.CreatedAt))
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
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func scanPerson(r row) (p Person, err error) {
	err = r.Scan(&p.ID, &p.Name, &p.Role, &p.PasswordHash, &p.Lang, &p.Theme, &p.Disabled,
		instant{&p.CreatedAt}, instant{&p.LastSignIn})
	return p, err
}
