package store

import (
	"slices"
	"testing"
	"time"
)

func (f *fixture) session(t testing.TB, n byte, person int64) Session {
	t.Helper()
	now := f.clock.now()
	x := Session{Hash: [32]byte{n}, PersonID: person, AppID: f.app.ID, Data: []byte{n}, Addr: "192.0.2.7", Agent: "Firefox · Linux",
		CreatedAt: stored(now), SeenAt: stored(now), ExpiresAt: stored(now.Add(time.Hour))}
	noError(t, f.SaveSession(t.Context(), x))
	return x
}

// ears collect what the hook is told.
type ears struct{ hashes []byte }

func (f *fixture) hear() *ears {
	e := &ears{}
	f.OnSessionsEnded(func(hashes [][32]byte) {
		for _, h := range hashes {
			e.hashes = append(e.hashes, h[0])
		}
	})
	return e
}

// want compares with what was heard since the last time.
func (e *ears) want(t testing.TB, want ...byte) {
	t.Helper()
	slices.Sort(e.hashes)
	if !slices.Equal(e.hashes, want) {
		t.Fatalf("the hook heard of %v, want %v", e.hashes, want)
	}
	e.hashes = nil
}

func TestASessionComesBackAsSaved(t *testing.T) {
	f := newFixture(t)
	saved := f.session(t, 1, f.admin.ID)
	saved.Data = nil
	saved.SeenAt = saved.SeenAt.Add(time.Minute)
	noError(t, f.SaveSession(t.Context(), saved))
	read, err := f.Session(t.Context(), saved.Hash)
	noError(t, err)
	equal(t, "data", len(read.Data), 0)
	read.Data = nil
	equal(t, "person", read.PersonID, saved.PersonID)
	equal(t, "app", read.AppID, saved.AppID)
	equal(t, "where from", read.Addr+" "+read.Agent, "192.0.2.7 Firefox · Linux")
	equal(t, "seen", read.SeenAt, saved.SeenAt)
	equal(t, "expires", read.ExpiresAt, saved.ExpiresAt)
}

func TestAnAnonymousSessionHasNoPersonAndNoApp(t *testing.T) {
	f := newFixture(t)
	noError(t, f.SaveSession(t.Context(), Session{Hash: [32]byte{7}}))
	read, err := f.Session(t.Context(), [32]byte{7})
	noError(t, err)
	equal(t, "person and app", [2]int64{read.PersonID, read.AppID}, [2]int64{})
	equal(t, "created", read.CreatedAt, time.Time{})
}

func TestTouchingAndChoosingAnApp(t *testing.T) {
	f := newFixture(t)
	x := f.session(t, 1, f.admin.ID)
	later := x.SeenAt.Add(time.Minute)
	noError(t, f.TouchSession(t.Context(), x.Hash, later))
	noError(t, f.SetSessionApp(t.Context(), x.Hash, 0))
	read, err := f.Session(t.Context(), x.Hash)
	noError(t, err)
	equal(t, "seen", read.SeenAt, later)
	equal(t, "app", read.AppID, 0)
	wantError(t, f.SetSessionApp(t.Context(), x.Hash, 99), ErrNotFound)
	wantError(t, f.TouchSession(t.Context(), [32]byte{99}, later), ErrNotFound)
}

func TestAnEndedSessionCannotBeSavedBackToLife(t *testing.T) {
	f := newFixture(t)
	x := f.session(t, 1, f.admin.ID)
	heard := f.hear()
	noError(t, f.EndSession(t.Context(), x.Hash))
	heard.want(t, 1)
	wantError(t, f.SaveSession(t.Context(), x), ErrNotFound)
	wantError(t, f.TouchSession(t.Context(), x.Hash, x.SeenAt), ErrNotFound)
	_, err := f.Session(t.Context(), x.Hash)
	wantError(t, err, ErrNotFound)
	noError(t, f.EndSession(t.Context(), x.Hash)) // again: no harm
	heard.want(t)
}

func TestSigningOutAndEndingAllSessionsOfAPerson(t *testing.T) {
	f := newFixture(t)
	for n := range byte(3) {
		f.session(t, n+1, f.admin.ID)
	}
	heard := f.hear()
	noError(t, f.SignedOut(t.Context(), f.by, [32]byte{1}))
	heard.want(t, 1)
	noError(t, f.EndSessions(t.Context(), f.by, f.admin.ID, [32]byte{}))
	heard.want(t, 2, 3)
}

func TestIdleAndExpiredSessionsArePruned(t *testing.T) {
	f := newFixture(t)
	f.session(t, 1, f.admin.ID)
	f.clock.advance(30 * time.Minute)
	f.session(t, 2, f.admin.ID)
	heard := f.hear()
	now := f.clock.now()
	n, err := f.PruneSessions(t.Context(), now.Add(-time.Minute), now)
	noError(t, err)
	equal(t, "pruned as idle", n, 1)
	heard.want(t, 1)
	n, err = f.PruneSessions(t.Context(), now.Add(-time.Minute), now.Add(time.Hour))
	noError(t, err)
	equal(t, "pruned as expired", n, 1)
	heard.want(t, 2)
}
