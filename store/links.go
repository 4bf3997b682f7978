package store

import (
	"context"
	"encoding/json"
	"time"
)

// Invitation is a link that lets one new person in. The link's token is nowhere: only its SHA-256.
type Invitation struct {
	ID                int64
	Hash              [32]byte
	Invitee           string // for whom, as the inviter calls them
	Role              Role
	Apps              AppRoles
	MadeByName        string
	MadeAt, ExpiresAt time.Time
}

const invitationColumns = "id, hash, invitee, role, app_roles, made_by_name, made_at, expires_at"

// AddInvitation answers ErrNoApp when no app would be left to the person.
func (s *Store) AddInvitation(ctx context.Context, by Actor, x Invitation) (added Invitation, err error) {
	apps, err := json.Marshal(byApp(x.Apps))
	if err != nil {
		return Invitation{}, err
	}
	err = s.write(ctx, func(t *tx) error {
		added = x
		added.MadeByName, added.MadeAt = by.Name, stored(t.now)
		if err := t.someApp(x.Apps); err != nil {
			return err
		}
		added.ID, err = t.insert(`INSERT INTO invitations (hash, invitee, role, app_roles, made_by, made_by_name, made_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			x.Hash[:], x.Invitee, x.Role, string(apps), reference(by.PersonID), by.Name, millis(t.now), millis(x.ExpiresAt))
		if err != nil {
			return err
		}
		return t.record(by, 0, ActInvite, object("invitation", added.ID), invitationDetail(x))
	})
	return added, err
}

func invitationDetail(x Invitation) map[string]any {
	detail := map[string]any{"invitee": x.Invitee, "role": x.Role}
	if len(x.Apps) > 0 {
		detail["apps"] = x.Apps
	}
	return detail
}

// Invitations answers those whose links still work, the newest first.
func (s *Store) Invitations(ctx context.Context) ([]Invitation, error) {
	return many(ctx, s.readers, scanInvitation,
		"SELECT "+invitationColumns+" FROM invitations WHERE expires_at > ? ORDER BY id DESC", millis(s.now()))
}

// InvitationOf answers ErrNotFound for a link that is wrong, used, withdrawn or expired.
func (s *Store) InvitationOf(ctx context.Context, hash [32]byte) (Invitation, error) {
	return one(ctx, s.readers, scanInvitation,
		"SELECT "+invitationColumns+" FROM invitations WHERE hash = ? AND expires_at > ?", hash[:], millis(s.now()))
}

// WithdrawInvitation makes a link worthless.
func (s *Store) WithdrawInvitation(ctx context.Context, by Actor, id int64) error {
	return s.write(ctx, func(t *tx) error {
		x, err := one(t.ctx, t, scanInvitation, "DELETE FROM invitations WHERE id = ? RETURNING "+invitationColumns, id)
		if err != nil {
			return err
		}
		return t.record(by, 0, ActInviteWithdraw, object("invitation", id), invitationDetail(x))
	})
}

// Join adds p with the roles of the invitation and uses it up: of two who try at once, one wins. ErrNotFound
// as InvitationOf, ErrTaken when somebody has the name. The act is the new person's own, from addr.
func (s *Store) Join(ctx context.Context, addr string, hash [32]byte, p Person) (added Person, err error) {
	err = s.write(ctx, func(t *tx) error {
		x, err := one(t.ctx, t, scanInvitation,
			"DELETE FROM invitations WHERE hash = ? AND expires_at > ? RETURNING "+invitationColumns, hash[:], millis(t.now))
		if err != nil {
			return err
		}
		added = p
		added.Role, added.Disabled = x.Role, false
		if added, err = t.insertPerson(added); err != nil {
			return err
		}
		if err := t.setAppRoles(added.ID, x.Apps); err != nil {
			return err
		}
		detail := invitationDetail(x)
		detail["name"], detail["invited_by"] = p.Name, x.MadeByName
		return t.record(Actor{PersonID: added.ID, Name: p.Name, Addr: addr}, 0, ActPersonJoin, object("person", added.ID),
			detail)
	})
	return added, err
}

// ResetPassword takes a person's password away, ends their sessions, and keeps the hash of the link by which
// they choose a new one, in place of an earlier link.
func (s *Store) ResetPassword(ctx context.Context, by Actor, person int64, hash [32]byte, expires time.Time) error {
	return s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		if err := t.update("UPDATE people SET password_hash = '' WHERE id = ?", person); err != nil {
			return nil, err
		}
		if err := t.exec(`INSERT INTO password_links (person_id, hash, expires_at) VALUES (?, ?, ?)
			ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at`,
			person, hash[:], millis(expires)); err != nil {
			return nil, err
		}
		ended, err := t.endSessionsOf(person)
		if err != nil {
			return nil, err
		}
		return ended, t.record(by, 0, ActPersonReset, object("person", person), map[string]int{"sessions_ended": len(ended)})
	})
}

// PasswordLinkOf answers whose password a link sets; ErrNotFound for one that is wrong, used or expired, and
// while the person is disabled.
func (s *Store) PasswordLinkOf(ctx context.Context, hash [32]byte) (Person, error) {
	return one(ctx, s.readers, scanPerson, "SELECT "+personColumns+` FROM people WHERE disabled = 0 AND id =
		(SELECT person_id FROM password_links WHERE hash = ? AND expires_at > ?)`, hash[:], millis(s.now()))
}

// UsePasswordLink sets the password of whom the link is for, and uses it up. ErrNotFound as PasswordLinkOf.
// The act is the person's own, from addr.
func (s *Store) UsePasswordLink(ctx context.Context, addr string, hash [32]byte, password string) (p Person,
	err error) {
	err = s.endingSessions(ctx, func(t *tx) ([][32]byte, error) {
		p, err = one(t.ctx, t, scanPerson, "UPDATE people SET password_hash = ? WHERE disabled = 0 AND id = "+
			"(SELECT person_id FROM password_links WHERE hash = ? AND expires_at > ?) RETURNING "+personColumns,
			password, hash[:], millis(t.now))
		if err != nil {
			return nil, err
		}
		ended, err := t.passwordChanged(p.ID, [32]byte{})
		if err != nil {
			return nil, err
		}
		by := Actor{PersonID: p.ID, Name: p.Name, Addr: addr}
		return ended, t.record(by, 0, ActPersonPassword, object("person", p.ID), map[string]bool{"by_link": true})
	})
	return p, err
}

func scanInvitation(r row) (x Invitation, err error) {
	var hash, apps []byte
	err = r.Scan(&x.ID, &hash, &x.Invitee, &x.Role, &apps, &x.MadeByName, instant{&x.MadeAt}, instant{&x.ExpiresAt})
	if err != nil {
		return Invitation{}, err
	}
	copy(x.Hash[:], hash)
	return x, json.Unmarshal(apps, &x.Apps)
}
