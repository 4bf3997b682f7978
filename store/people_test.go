package store

import (
	"testing"
	"time"
)

func TestNamesAreComparedWithoutRegardToCase(t *testing.T) {
	f := newFixture(t)
	added := f.person(t, "Ärztin 李", QA)
	found, err := f.PersonByName(t.Context(), " äRZTIN 李")
	noError(t, err)
	equal(t, "person", found, added)
	_, err = f.AddPerson(t.Context(), f.by, Person{Name: "ÄRZTIN 李", Role: QA})
	wantError(t, err, ErrTaken)
}

func TestAPersonComesBackAsAdded(t *testing.T) {
	f := newFixture(t)
	added, err := f.AddPerson(t.Context(), f.by, Person{Name: "wang", Role: ProductManager, PasswordHash: "h", Lang: "zh", Theme: "dark", Disabled: true})
	noError(t, err)
	read, err := f.Person(t.Context(), added.ID)
	noError(t, err)
	equal(t, "person", read, added)
	equal(t, "created", read.CreatedAt, f.clock.now().Truncate(time.Millisecond))
	all, err := f.People(t.Context())
	noError(t, err)
	equal(t, "people", len(all), 2)
	n, err := f.CountPeople(t.Context())
	noError(t, err)
	equal(t, "count", n, 2)
}

func TestAnUnknownPersonIsNotFound(t *testing.T) {
	f := newFixture(t)
	_, err := f.Person(t.Context(), 99)
	wantError(t, err, ErrNotFound)
	_, err = f.PersonByName(t.Context(), "nobody")
	wantError(t, err, ErrNotFound)
	wantError(t, f.SetPreferences(t.Context(), 99, "zh", ""), ErrNotFound)
	wantError(t, f.SetPassword(t.Context(), f.by, 99, "h"), ErrNotFound)
	wantError(t, f.SetRole(t.Context(), f.by, 99, QA), ErrNotFound)
	wantError(t, f.SignedIn(t.Context(), Actor{PersonID: 99}, f.clock.now()), ErrNotFound)
}

func TestAnUnknownRoleIsRefused(t *testing.T) {
	f := newFixture(t)
	if _, err := f.AddPerson(t.Context(), f.by, Person{Name: "x", Role: "root"}); err == nil {
		t.Fatal("a person with an unknown role was added")
	}
	for _, role := range Roles() {
		f.person(t, string(role), role)
	}
}

func TestPreferencesAndSignInAreKept(t *testing.T) {
	f := newFixture(t)
	at := f.clock.now().Add(time.Hour)
	noError(t, f.SetPreferences(t.Context(), f.admin.ID, "en", "dark"))
	noError(t, f.SignedIn(t.Context(), f.by, at))
	p, err := f.Person(t.Context(), f.admin.ID)
	noError(t, err)
	equal(t, "lang and theme", p.Lang+" "+p.Theme, "en dark")
	equal(t, "last sign-in", p.LastSignIn, at.Truncate(time.Millisecond))
}

func TestOpenIDsKeepTheirCase(t *testing.T) { // faults.md 23
	f := newFixture(t)
	none, err := f.OpenID(t.Context(), f.admin.ID, f.app.ID)
	noError(t, err)
	equal(t, "openid at first", none, "")
	for _, id := range []string{"oAbC", "oabc", ""} {
		noError(t, f.SetOpenID(t.Context(), f.by, f.admin.ID, f.app.ID, id))
		got, err := f.OpenID(t.Context(), f.admin.ID, f.app.ID)
		noError(t, err)
		equal(t, "openid", got, id)
	}
	wantError(t, f.SetOpenID(t.Context(), f.by, f.admin.ID, 99, "oAbC"), ErrNotFound)
}
