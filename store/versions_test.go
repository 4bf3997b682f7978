package store

import (
	"muban/wechat/account"
	"testing"
)

func TestRolesAreNotChangedOverAnotherChange(t *testing.T) {
	f := newFixture(t)
	p := f.person(t, "li", QA)
	drawn := RolesVersion(QA, nil)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, drawn, QA, AppRoles{f.app.ID: Operator}))
	wantError(t, f.SetRoles(t.Context(), f.by, p.ID, drawn, Operator, nil), ErrConflict)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, drawn, QA, AppRoles{f.app.ID: Operator})) // the same goes over nothing
	s, err := f.PersonStanding(t.Context(), p.ID)
	noError(t, err)
	noError(t, f.SetRoles(t.Context(), f.by, p.ID, RolesVersion(s.Role, s.Apps), Operator, AppRoles{}))
	if RolesVersion(Operator, nil) != RolesVersion(Operator, AppRoles{}) {
		t.Error("no roles in single apps are two things")
	}
}

func TestAnAppIsNotChangedOverAnotherChange(t *testing.T) {
	for name, change := range map[string]func(*App){
		"name":  func(a *App) { a.Name = "another" },
		"base":  func(a *App) { a.Base = "https://other.example" },
		"mode":  func(a *App) { a.TokenMode = account.StableToken },
		"color": func(a *App) { a.Color = "teal" },
	} {
		f := newFixture(t)
		mine, theirs, drawn := f.app, f.app, AppVersion(f.app)
		mine.Name = "mine"
		change(&theirs)
		noError(t, f.UpdateApp(t.Context(), f.by, drawn, theirs))
		wantError(t, f.UpdateApp(t.Context(), f.by, drawn, mine), ErrConflict)
		read, err := f.App(t.Context(), f.app.ID)
		noError(t, err)
		equal(t, name, AppVersion(read), AppVersion(theirs))
		noError(t, f.UpdateApp(t.Context(), f.by, AppVersion(theirs), mine))
	}
}
