package store

import "testing"

func TestFault53_ANameThatLooksLikeAnothersIsTaken(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"operator", "Al Smith", "ops10", "小王", "李工", "modern"} {
		f.person(t, name, QA)
	}
	for _, name := range []string{
		"аdmin", "аdmіn", "ADMIN", "аԁmіn", "αdmin", "ａｄｍｉｎ", "admın", "0perator", "οperatοr", "орerator", "Ореrаtог", "AI Smith", "A1 Smith", "al  smith",
		"ops１0", "opslO", "ops１０", "小 王", "李エ", "modem",
	} {
		_, err := f.AddPerson(t.Context(), f.by, Person{Name: name, Role: QA})
		if name == "小 王" { // a gap is seen
			noError(t, err)
			continue
		}
		wantError(t, err, ErrTaken)
	}
	for _, name := range []string{"ádmin", "admins", "операция", "ops11", "小汪", "Anna Λ"} {
		f.person(t, name, QA)
	}
	found, err := f.PersonByName(t.Context(), " OPERATOR ")
	noError(t, err)
	equal(t, "found", found.Name, "operator")
}

func TestFault52_ANewInstallationWillNeedASecondFactorOnceItIsAtWork(t *testing.T) {
	for name, begin := range map[string]func(f *fixture) error{
		"another mini program": func(f *fixture) error {
			_, err := f.AddApp(t.Context(), f.by, App{AppID: "wx-real", Secret: canary})
			return err
		},
		"reached from elsewhere": func(f *fixture) error { return f.AtWork(t.Context(), f.by) },
		"somebody decided":       func(f *fixture) error { return f.RequireSecondFactor(t.Context(), f.by, []Role{Administrator}) },
	} {
		f := &fixture{Store: open(t, t.TempDir(), &clock{})}
		first, err := f.AddFirstAdministrator(t.Context(), Actor{}, Person{Name: "admin"})
		noError(t, err)
		_, err = f.AddApp(t.Context(), f.by, App{AppID: "wx-sandbox", Secret: canary, Sandbox: true})
		noError(t, err)
		must := func(want bool) {
			t.Helper()
			access, err := f.PersonAccess(t.Context(), first.ID)
			noError(t, err)
			later, err := f.SecondFactorLater(t.Context())
			noError(t, err)
			equal(t, name+": must set one up, and later", [2]bool{access.MustSetUp(), len(later) == 1}, [2]bool{want, !want})
		}
		must(false)
		noError(t, begin(f))
		must(true)
		noError(t, f.RequireSecondFactor(t.Context(), f.by, nil))
		noError(t, f.AtWork(t.Context(), f.by))
		access, err := f.PersonAccess(t.Context(), first.ID)
		noError(t, err)
		equal(t, name+": who decided against it is not asked again", access.MustSetUp(), false)
	}
}
