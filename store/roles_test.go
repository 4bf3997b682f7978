package store

import (
	"maps"
	"testing"
)

func (f *fixture) otherApp(t testing.TB) App {
	t.Helper()
	a, err := f.AddApp(t.Context(), f.by, App{AppID: "wx0000000000000002", Name: "Other", Base: "https://api.example"})
	noError(t, err)
	return a
}

func TestARoleInOneAppStandsBesideTheRoleForAll(t *testing.T) {
	f := newFixture(t)
	other, p := f.otherApp(t), f.person(t, "li", ProductManager)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, "", QA, AppRoles{other.ID: Operator}))
	s, err := f.PersonAccess(t.Context(), p.ID)
	noError(t, err)
	equal(t, "for all", s.Role, QA)
	equal(t, "in the other", s.Apps.In(other.ID, s.Role), Operator)
	equal(t, "in the first", s.Apps.In(f.app.ID, s.Role), QA)
	all := f.activities(t)
	equal(t, "recorded", all[0].Act+all[0].Detail, ActPersonRole+`{"apps_from":{},"apps_to":{"2":"operator"},"from":"product_manager","to":"qa"}`)

	noError(t, f.SetRole(t.Context(), f.by, p.ID, Operator)) // leaves those in single apps
	s, err = f.PersonAccess(t.Context(), p.ID)
	noError(t, err)
	if !maps.Equal(s.Apps, AppRoles{other.ID: Operator}) || s.Role != Operator {
		t.Fatalf("%+v", s)
	}
}

func TestSomeAppIsLeftToEverybody(t *testing.T) {
	f := newFixture(t)
	other, p := f.otherApp(t), f.person(t, "li", QA)
	none := AppRoles{f.app.ID: None, other.ID: None}
	wantError(t, f.SetRoles(t.Context(), f.by, p.ID, "", QA, none), ErrNoApp)
	_, err := f.AddInvitation(t.Context(), f.by, Invitation{Hash: [32]byte{1}, Invitee: "x", Role: QA, Apps: none})
	wantError(t, err, ErrNoApp)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, "", QA, AppRoles{f.app.ID: None}))
	wantError(t, f.SetRoles(t.Context(), f.by, p.ID, "", QA, AppRoles{99: Operator}), ErrNotFound)
	if f.SetRoles(t.Context(), f.by, p.ID, "", QA, AppRoles{other.ID: "root"}) == nil {
		t.Fatal("an unknown role was kept")
	}
}

func TestFault28_AChangeOfRolesInOneAppTellsTheCache(t *testing.T) {
	f := newFixture(t)
	p := f.person(t, "qa", QA)
	f.session(t, 1, p.ID)
	heard := f.hear()
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, "", QA, AppRoles{f.app.ID: Operator}))
	heard.want(t, 1)
	noError(t, f.RequireSecondFactor(t.Context(), f.by, []Role{Operator}))
	heard.want(t, 1)
}

func TestFault33_ARoleInOneAppDoesNotMakeAnAdministratorOfTheConsole(t *testing.T) {
	f := newFixture(t)
	p := f.person(t, "in one app", QA)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, "", QA, AppRoles{f.app.ID: Administrator}))
	wantError(t, f.SetRoles(t.Context(), f.by, f.admin.ID, "", Operator, AppRoles{f.app.ID: Administrator}), ErrLastAdministrator)
}

func TestARoleThatNeedsASecondFactorNeedsItInAnyApp(t *testing.T) {
	f := newFixture(t)
	p := f.person(t, "li", QA)
	must := func(want bool) {
		t.Helper()
		s, err := f.PersonAccess(t.Context(), p.ID)
		noError(t, err)
		equal(t, "must set up", s.MustSetUp(), want)
	}
	must(false)
	noError(t, f.RequireSecondFactor(t.Context(), f.by, []Role{Operator, Administrator, Operator}))
	required, err := f.RequiredSecondFactor(t.Context())
	noError(t, err)
	equal(t, "required", len(required), 2)
	must(false)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, "", QA, AppRoles{f.app.ID: Operator}))
	must(true)
	f.factor(t, p, "1")
	must(false)
	noError(t, f.EndSecondFactor(t.Context(), f.by, p.ID))
	must(true)
	noError(t, f.RequireSecondFactor(t.Context(), f.by, nil))
	must(false)
}

func TestRolesAreNotChangedOverAnotherChange(t *testing.T) {
	f := newFixture(t)
	p := f.person(t, "li", QA)
	drawn := RolesVersion(QA, nil)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, drawn, QA, AppRoles{f.app.ID: Operator}))
	wantError(t, f.SetRoles(t.Context(), f.by, p.ID, drawn, Operator, nil), ErrConflict)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, drawn, QA, AppRoles{f.app.ID: Operator})) // the same goes over nothing
	s, err := f.PersonAccess(t.Context(), p.ID)
	noError(t, err)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, RolesVersion(s.Role, s.Apps), Operator, AppRoles{}))
	if RolesVersion(Operator, nil) != RolesVersion(Operator, AppRoles{}) {
		t.Error("no roles in single apps are two things")
	}
}
