package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// None is a role in a single app alone: the app is not there for the person.
const None Role = "none"

// AppRoles are the roles in single apps, by App.ID, where they differ from the role for all apps.
type AppRoles map[int64]Role

// In is the role that counts in an app for somebody whose role for all apps is role.
func (a AppRoles) In(app int64, role Role) Role {
	if own, ok := a[app]; ok {
		return own
	}
	return role
}

// secondFactorRoles is the setting that names the roles which need a second factor, with commas between.
const secondFactorRoles = "second_factor_roles"

// secondFactorLater is the setting that names those which will need one once the console is at work: with another
// mini program than the sandbox, or reached from elsewhere than its own machine.
const secondFactorLater = "second_factor_later"

// Access is all that decides what a person may do.
type Access struct {
	Person
	Apps         AppRoles
	SecondFactor bool   // one is in force
	Required     []Role // the roles that need one
}

// Needed tells whether any of the person's roles needs a second factor.
func (s Access) Needed() bool {
	if slices.Contains(s.Required, s.Role) {
		return true
	}
	for _, role := range s.Apps {
		if slices.Contains(s.Required, role) {
			return true
		}
	}
	return false
}

// MustSetUp tells whether the person has to set up a second factor before anything else.
func (s Access) MustSetUp() bool { return s.Needed() && !s.SecondFactor }

// Locked tells whether the password was taken away by a link that has not been used yet.
func (s Access) Locked() bool { return s.PasswordHash == "" }

const accessQuery = `SELECT ` + personColumns + `,
	coalesce((SELECT json_group_object(app, role) FROM person_roles WHERE person_id = people.id), '{}'),
	EXISTS (SELECT 1 FROM second_factors WHERE person_id = people.id AND confirmed_at > 0),
	coalesce((SELECT value FROM settings WHERE name = '` + secondFactorRoles + `'), '')
	FROM people`

// PersonAccess answers ErrNotFound when there is nobody with this id.
func (s *Store) PersonAccess(ctx context.Context, id int64) (Access, error) {
	return one(ctx, s.readers, scanAccess, accessQuery+" WHERE id = ?", id)
}

// PeopleAccess answers everybody's by name.
func (s *Store) PeopleAccess(ctx context.Context) ([]Access, error) {
	return many(ctx, s.readers, scanAccess, accessQuery+" ORDER BY name_key")
}

// SetRoles replaces a person's role for all apps and those in single apps, from their next request on
// : the hook hears of all their sessions, which go on. was is the RolesVersion that the caller
// read, "" for whatever it is: ErrConflict when somebody made others of them since. ErrLastAdministrator when
// nobody could administer any more, ErrNoApp when no app would be left to the person.
func (s *Store) SetRoles(ctx context.Context, by Actor, id int64, was string, role Role, apps AppRoles) error {
	return s.setRoles(ctx, by, id, role, func(before Access) (AppRoles, error) {
		if Overtaken(RolesVersion(before.Role, before.Apps), was, RolesVersion(role, apps)) {
			return nil, ErrConflict
		}
		return apps, nil
	})
}

// SetRole is SetRoles for the role for all apps alone: those in single ones stay.
func (s *Store) SetRole(ctx context.Context, by Actor, id int64, role Role) error {
	return s.setRoles(ctx, by, id, role, func(before Access) (AppRoles, error) { return before.Apps, nil })
}

func (s *Store) setRoles(ctx context.Context, by Actor, id int64, role Role,
	change func(before Access) (AppRoles, error)) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		before, err := one(t.ctx, t, scanAccess, accessQuery+" WHERE id = ?", id)
		if err != nil {
			return nil, err
		}
		apps, err := change(before)
		if err != nil {
			return nil, err
		}
		if err := t.updatePerson("UPDATE people SET role = ? WHERE id = ?", role, id); err != nil {
			return nil, err
		}
		if err := t.setAppRoles(id, apps); err != nil {
			return nil, err
		}
		touched, err := t.sessionsOf(id)
		if err != nil {
			return nil, err
		}
		detail := map[string]any{"from": before.Role, "to": role}
		if !maps.Equal(before.Apps, apps) {
			detail["apps_from"], detail["apps_to"] = byApp(before.Apps), byApp(apps)
		}
		return touched, t.record(by, 0, ActPersonRole, object("person", id), detail)
	})
}

// byApp is how the log keeps roles in single apps; null would say less.
func byApp(roles AppRoles) AppRoles {
	if roles == nil {
		return AppRoles{}
	}
	return roles
}

func (t *tx) setAppRoles(person int64, roles AppRoles) error {
	if err := t.exec("DELETE FROM person_roles WHERE person_id = ?", person); err != nil {
		return err
	}
	for _, app := range slices.Sorted(maps.Keys(roles)) {
		if err := t.exec("INSERT INTO person_roles (person_id, app, role) VALUES (?, ?, ?)", person, app, string(roles[app])); err != nil {
			return err
		}
	}
	return t.someApp(roles)
}

// someApp refuses roles that leave no app: such a person is disabled instead.
func (t *tx) someApp(roles AppRoles) error {
	apps, err := many(t.ctx, t, scan[int64], "SELECT id FROM apps")
	if err != nil {
		return err
	}
	there := func(app int64) bool { return roles[app] != None }
	if len(apps) > 0 && !slices.ContainsFunc(apps, there) {
		return ErrNoApp
	}
	return nil
}

// RequireSecondFactor names the roles, in any app, that need a second factor, in place of those before. Who has one of
// them and no second factor is led to set one up at their next request.
func (s *Store) RequireSecondFactor(ctx context.Context, by Actor, roles []Role) error {
	var names []string
	for _, role := range Roles() { // in one order, and each once
		if slices.Contains(roles, role) {
			names = append(names, string(role))
		}
	}
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		if err := t.set(by, secondFactorRoles, strings.Join(names, ",")); err != nil {
			return nil, err
		}
		if err := t.exec("DELETE FROM settings WHERE name = ?", secondFactorLater); err != nil {
			return nil, err
		}
		return many(t.ctx, t, scanHash, "SELECT hash FROM sessions WHERE ended_at = 0")
	})
}

// RequiredSecondFactor answers the roles that need a second factor.
func (s *Store) RequiredSecondFactor(ctx context.Context) ([]Role, error) {
	text, err := s.Setting(ctx, secondFactorRoles)
	return rolesIn(text), err
}

// SecondFactorLater answers the roles that will need one once the console is at work, none where it is already or where
// somebody has decided.
func (s *Store) SecondFactorLater(ctx context.Context) ([]Role, error) {
	text, err := s.Setting(ctx, secondFactorLater)
	return rolesIn(text), err
}

// requireFactorLater is what a new installation begins with; a console that is tried out on its own machine, with the
// sandbox, needs no phone.
func (t *tx) requireFactorLater() error {
	apps, err := one(t.ctx, t, scan[int], "SELECT count(*) FROM apps WHERE sandbox = 0")
	if err != nil {
		return err
	}
	name := secondFactorLater
	if apps > 0 {
		name = secondFactorRoles
	}
	return t.exec("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name,
		string(Administrator))
}

// AtWork lets what a new installation puts off begin: the console can be reached from elsewhere than its own machine.
func (s *Store) AtWork(ctx context.Context, by Actor) error {
	return s.write(ctx, func(t *tx) error { return t.atWork(by) })
}

func (t *tx) atWork(by Actor) error {
	later, err := setting(t.ctx, t, secondFactorLater)
	if err != nil || later == "" {
		return err
	}
	if err := t.exec("DELETE FROM settings WHERE name = ?", secondFactorLater); err != nil {
		return err
	}
	return t.set(by, secondFactorRoles, later)
}

func rolesIn(text string) (roles []Role) {
	for name := range strings.SplitSeq(text, ",") {
		if name != "" {
			roles = append(roles, Role(name))
		}
	}
	return roles
}

func scanAccess(r row) (s Access, err error) {
	p := &s.Person
	var apps []byte
	var required string
	err = r.Scan(&p.ID, &p.Name, &p.Role, &p.PasswordHash, &p.Lang, &p.Theme, &p.Disabled, &p.StepsHidden,
		instant{&p.CreatedAt}, instant{&p.LastSignIn}, &apps, &s.SecondFactor, &required)
	if err != nil {
		return Access{}, err
	}
	s.Required = rolesIn(required)
	if string(apps) == "{}" {
		return s, nil
	}
	return s, json.Unmarshal(apps, &s.Apps)
}

// RolesVersion names roles as they are: equal roles have equal versions.
func RolesVersion(role Role, apps AppRoles) string { return versionOf(role, byApp(apps)) }
