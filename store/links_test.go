package store

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func (f *fixture) invite(t testing.TB, n byte) Invitation {
	t.Helper()
	x, err := f.AddInvitation(t.Context(), f.by, Invitation{Hash: [32]byte{n}, Invitee: "小王", Role: QA,
		Apps: AppRoles{f.app.ID: Operator}, ExpiresAt: f.clock.now().Add(72 * time.Hour)})
	noError(t, err)
	return x
}

func TestAnInvitationLetsOnePersonIn(t *testing.T) {
	f := newFixture(t)
	made := f.invite(t, 1)
	listed, err := f.Invitations(t.Context())
	noError(t, err)
	equal(t, "open", len(listed), 1)
	equal(t, "listed", listed[0].Invitee+" "+listed[0].MadeByName, "小王 admin")
	_, err = f.Join(t.Context(), "192.0.2.9", made.Hash, Person{Name: "Admin", PasswordHash: "h"})
	wantError(t, err, ErrTaken) // and the link still works
	p, err := f.Join(t.Context(), "192.0.2.9", made.Hash, Person{Name: "wang", Role: Administrator, PasswordHash: "h"})
	noError(t, err)
	s, err := f.PersonAccess(t.Context(), p.ID)
	noError(t, err)
	equal(t, "role", s.Role, QA)
	equal(t, "role in the app", s.Apps[f.app.ID], Operator)
	a := f.activities(t)[0]
	equal(t, "recorded", a.Act+" by "+a.PersonName+" from "+a.Addr, "person.join by wang from 192.0.2.9")
	if !strings.Contains(a.Detail, `"invited_by":"admin"`) {
		t.Errorf("detail %s", a.Detail)
	}
	_, err = f.Join(t.Context(), "", made.Hash, Person{Name: "again"})
	wantError(t, err, ErrNotFound)
	_, err = f.InvitationOf(t.Context(), made.Hash)
	wantError(t, err, ErrNotFound)
}

func TestOfTwoWhoOpenOneInvitationOneJoins(t *testing.T) {
	f := newFixture(t)
	made := f.invite(t, 1)
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, name := range []string{"one", "two"} {
		wg.Go(func() { _, errs[i] = f.Join(t.Context(), "", made.Hash, Person{Name: name}) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), ErrNotFound) {
		t.Fatalf("want one to join, got %v", errs)
	}
}

func TestAnInvitationEndsWithItsTimeOrWhenItIsWithdrawn(t *testing.T) {
	for name, end := range map[string]func(f *fixture, x Invitation) error{
		"time":      func(f *fixture, _ Invitation) error { f.clock.advance(72 * time.Hour); return nil },
		"withdrawn": func(f *fixture, x Invitation) error { return f.WithdrawInvitation(t.Context(), f.by, x.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			x := f.invite(t, 1)
			noError(t, end(f, x))
			_, err := f.InvitationOf(t.Context(), x.Hash)
			wantError(t, err, ErrNotFound)
			_, err = f.Join(t.Context(), "", x.Hash, Person{Name: "late"})
			wantError(t, err, ErrNotFound)
			listed, err := f.Invitations(t.Context())
			noError(t, err)
			equal(t, "open", len(listed), 0)
		})
	}
}

func TestAResetShutsThePersonOutUntilTheLinkIsUsed(t *testing.T) {
	f := newFixture(t)
	p := f.person(t, "qa", QA)
	f.session(t, 1, p.ID)
	heard, until := f.hear(), f.clock.now().Add(72*time.Hour)
	noError(t, f.ResetPassword(t.Context(), f.by, p.ID, [32]byte{1}, until))
	heard.want(t, 1)
	s, err := f.PersonAccess(t.Context(), p.ID)
	noError(t, err)
	equal(t, "locked", s.Locked(), true)

	noError(t, f.ResetPassword(t.Context(), f.by, p.ID, [32]byte{2}, until)) // the first link is worthless now
	_, err = f.UsePasswordLink(t.Context(), "", [32]byte{1}, "new")
	wantError(t, err, ErrNotFound)
	noError(t, f.SetDisabled(t.Context(), f.by, p.ID, true))
	_, err = f.UsePasswordLink(t.Context(), "", [32]byte{2}, "new")
	wantError(t, err, ErrNotFound)
	noError(t, f.SetDisabled(t.Context(), f.by, p.ID, false))
	whose, err := f.PasswordLinkOf(t.Context(), [32]byte{2})
	noError(t, err)
	equal(t, "whose", whose.Name, "qa")
	used, err := f.UsePasswordLink(t.Context(), "192.0.2.9", [32]byte{2}, "new")
	noError(t, err)
	equal(t, "whose", used.ID, p.ID)
	a := f.activities(t)[0]
	equal(t, "recorded", a.Act+" by "+a.PersonName+a.Detail, `person.password by qa{"by_link":true}`)
	_, err = f.UsePasswordLink(t.Context(), "", [32]byte{2}, "newer")
	wantError(t, err, ErrNotFound)

	noError(t, f.ResetPassword(t.Context(), f.by, p.ID, [32]byte{3}, f.clock.now().Add(time.Hour)))
	f.clock.advance(time.Hour)
	_, err = f.UsePasswordLink(t.Context(), "", [32]byte{3}, "late")
	wantError(t, err, ErrNotFound)
}

func TestAPasswordThatIsSetOtherwiseMakesTheLinkWorthless(t *testing.T) {
	f := newFixture(t)
	p := f.person(t, "qa", QA)
	noError(t, f.ResetPassword(t.Context(), f.by, p.ID, [32]byte{1}, f.clock.now().Add(time.Hour)))
	noError(t, f.SetPassword(t.Context(), f.by, p.ID, "h"))
	_, err := f.PasswordLinkOf(t.Context(), [32]byte{1})
	wantError(t, err, ErrNotFound)
}

func TestOnesOwnNewPasswordEndsTheOtherSessions(t *testing.T) {
	f := newFixture(t)
	f.session(t, 1, f.admin.ID)
	f.session(t, 2, f.admin.ID)
	heard := f.hear()
	noError(t, f.SetOwnPassword(t.Context(), f.by, "new", [32]byte{1}))
	heard.want(t, 2)
}

func TestSessionsAreListedAndEndedOneByOne(t *testing.T) {
	f := newFixture(t)
	qa := f.person(t, "qa", QA)
	f.session(t, 1, qa.ID)
	f.clock.advance(time.Minute)
	f.session(t, 2, qa.ID)
	f.session(t, 3, f.admin.ID)
	idle := f.clock.now().Add(-12 * time.Hour)
	all, err := f.SessionsOf(t.Context(), qa.ID, idle)
	noError(t, err)
	equal(t, "sessions", len(all), 2)
	equal(t, "the newest", all[0].Hash[0], byte(2))
	wantError(t, f.EndSessionOf(t.Context(), f.by, qa.ID, [32]byte{3}), ErrNotFound) // somebody else's
	heard := f.hear()
	noError(t, f.EndSessionOf(t.Context(), f.by, qa.ID, [32]byte{1}))
	heard.want(t, 1)
	wantError(t, f.EndSessionOf(t.Context(), f.by, qa.ID, [32]byte{1}), ErrNotFound)
	f.clock.advance(time.Hour)
	all, err = f.SessionsOf(t.Context(), qa.ID, idle)
	noError(t, err)
	equal(t, "those that have expired", len(all), 0)
}
