package store

import (
	"testing"
	"time"
)

func TestATesterIsOnAnAppsListOnce(t *testing.T) {
	f := newFixture(t)
	x, err := f.AddTester(t.Context(), f.by, Tester{App: f.app.ID, Name: "小王", OpenID: "oA"})
	noError(t, err)
	_, err = f.AddTester(t.Context(), f.by, Tester{App: f.app.ID, Name: "老王", OpenID: "oA"})
	wantError(t, err, ErrTaken)
	_, err = f.AddTester(t.Context(), f.by, Tester{App: f.app.ID, Name: "another", OpenID: "oa"}) // openids keep their case
	noError(t, err)
	wantError(t, f.RemoveTester(t.Context(), f.by, f.app.ID+1, x.ID), ErrNotFound)
	noError(t, f.RemoveTester(t.Context(), f.by, f.app.ID, x.ID))
	left, err := f.Testers(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "left", len(left), 1)
	equal(t, "who", left[0].Name, "another")
}

func TestACodeBindsItsOwnPersonOnce(t *testing.T) {
	f := newFixture(t)
	qa := f.person(t, "qa", QA)
	code, server := [32]byte{1}, Actor{Name: "api_key:k1"}
	asQA := Actor{PersonID: qa.ID, Name: "qa"}
	noError(t, f.SetBindingCode(t.Context(), asQA, f.app.ID, code, f.clock.now().Add(10*time.Minute)))

	_, err := f.BindByCode(t.Context(), server, f.app.ID, [32]byte{2}, "oA")
	wantError(t, err, ErrNotFound)
	_, err = f.BindByCode(t.Context(), server, f.app.ID+1, code, "oA")
	wantError(t, err, ErrNotFound)
	who, err := f.BindByCode(t.Context(), server, f.app.ID, code, "oA")
	noError(t, err)
	equal(t, "who", who, qa.ID)
	_, err = f.BindByCode(t.Context(), server, f.app.ID, code, "oB")
	wantError(t, err, ErrNotFound)
	bound, err := f.OpenID(t.Context(), qa.ID, f.app.ID)
	noError(t, err)
	equal(t, "openid", bound, "oA")
}

func TestACodeEndsByItselfAndANewOneEndsTheOld(t *testing.T) {
	f := newFixture(t)
	for _, code := range []byte{1, 2} {
		noError(t, f.SetBindingCode(t.Context(), f.by, f.app.ID, [32]byte{code}, f.clock.now().Add(10*time.Minute)))
	}
	_, err := f.BindByCode(t.Context(), f.by, f.app.ID, [32]byte{1}, "oA")
	wantError(t, err, ErrNotFound)
	f.clock.advance(10 * time.Minute)
	_, err = f.BindByCode(t.Context(), f.by, f.app.ID, [32]byte{2}, "oA")
	wantError(t, err, ErrNotFound)
}

func TestAnOpenIDIsOnePersons(t *testing.T) {
	f := newFixture(t)
	qa := f.person(t, "qa", QA)
	noError(t, f.SetOpenID(t.Context(), f.by, f.admin.ID, f.app.ID, "oA"))
	wantError(t, f.SetOpenID(t.Context(), f.by, qa.ID, f.app.ID, "oA"), ErrTaken)
	noError(t, f.SetOpenID(t.Context(), f.by, f.admin.ID, f.app.ID, "oA")) // their own again
	noError(t, f.SetOpenID(t.Context(), f.by, f.admin.ID, f.app.ID, ""))
	noError(t, f.SetOpenID(t.Context(), f.by, qa.ID, f.app.ID, "oA"))
	ids, err := f.OpenIDs(t.Context(), f.app.ID)
	noError(t, err)
	equal(t, "bound", len(ids), 1)
	equal(t, "qa's", ids[qa.ID], "oA")
}
