package store

import (
	"strings"
	"testing"
)

func TestASettingIsEmptyUntilItIsSet(t *testing.T) {
	f := newFixture(t)
	is := func(want string) {
		t.Helper()
		got, err := f.Setting(t.Context(), "own_review")
		noError(t, err)
		equal(t, "setting", got, want)
	}
	is("")
	noError(t, f.SetSetting(t.Context(), f.by, "own_review", "on"))
	is("on")
	noError(t, f.SetSetting(t.Context(), f.by, "own_review", "off"))
	is("off")
	last := f.activities(t)[0]
	equal(t, "activity", last.Act+" "+last.Object+" "+last.Detail, `setting.set setting:own_review {"from":"on","to":"off"}`)
	noError(t, f.SetSetting(t.Context(), f.by, "own_review", ""))
	is("")
}

func TestALongSettingIsRefused(t *testing.T) {
	f := newFixture(t)
	if f.SetSetting(t.Context(), f.by, "name", strings.Repeat("x", 201)) == nil || f.SetSetting(t.Context(), f.by, "", "x") == nil {
		t.Fatal("it went in")
	}
}
