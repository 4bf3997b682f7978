package store

import (
	"errors"
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/token"
)

func (f *fixture) fetch(t testing.TB, reason token.Reason, err error) TokenEvent {
	t.Helper()
	e := TokenEvent{AppID: f.app.AppID, Reason: reason, By: "key:k3v9", Process: "host/1", Start: stored(f.clock.now())}
	var failed error
	e.ID, failed = f.BeginFetch(t.Context(), e)
	noError(t, failed)
	e.Ended, e.Took, e.Err, e.ExpiresAt = true, 1500*time.Microsecond, err, e.Start.Add(2*time.Hour)
	if err != nil {
		e.Fails, e.FailingSince, e.NextAttempt = 3, e.Start.Add(-time.Minute), e.Start.Add(time.Minute)
	}
	noError(t, f.EndFetch(t.Context(), e))
	f.clock.advance(time.Minute)
	return e
}

func TestAFetchComesBackWithWhatWentWrong(t *testing.T) {
	for name, err := range map[string]error{
		"nothing":         nil,
		"an errcode":      &wechat.Error{Op: "token", Code: 40164, Msg: "invalid ip 1.2.3.4, not in whitelist rid: 1"},
		"no answer":       &wechat.CallError{Op: "token", Err: wechat.ErrNoAnswer, Detail: "connection reset"},
		"another failure": errors.New("something else"),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			want := f.fetch(t, token.Rejected, err)
			all, total, readErr := f.TokenEvents(t.Context(), TokenEventFilter{AppID: f.app.AppID})
			noError(t, readErr)
			equal(t, "events", total, 1)
			got := all[0]
			equal(t, "error", token.FailureOf(got.Err), token.FailureOf(err))
			got.Err, want.Err = nil, nil
			equal(t, "event", got, want)
		})
	}
}

func TestAFetchThatWasNeverEndedIsOnTheTimeline(t *testing.T) {
	f := newFixture(t)
	_, err := f.BeginFetch(t.Context(), TokenEvent{AppID: f.app.AppID, Reason: token.Due, Process: "host/1", Start: f.clock.now()})
	noError(t, err)
	all, _, err := f.TokenEvents(t.Context(), TokenEventFilter{AppID: f.app.AppID, Failed: true})
	noError(t, err)
	equal(t, "ended", all[0].Ended, false)
	wantError(t, f.EndFetch(t.Context(), TokenEvent{ID: 99}), ErrNotFound)
}

func TestTheCheckOfNewCredentialsIsOnTheTimeline(t *testing.T) {
	f := newFixture(t)
	at := stored(f.clock.now())
	noError(t, f.AddFetch(t.Context(), TokenEvent{AppID: f.app.AppID, Reason: token.Replaced, By: "person:Wang", Start: at, ExpiresAt: at.Add(2 * time.Hour)}))
	all, _, err := f.TokenEvents(t.Context(), TokenEventFilter{AppID: f.app.AppID})
	noError(t, err)
	equal(t, "event", all[0], TokenEvent{
		ID: 1, AppID: f.app.AppID, Reason: token.Replaced, By: "person:Wang", Start: at, Ended: true, ExpiresAt: at.Add(2 * time.Hour),
	})
}

func TestTheTimelineIsFilteredAndPruned(t *testing.T) {
	f := newFixture(t)
	first := f.fetch(t, token.Due, nil)
	f.fetch(t, token.Forced, &wechat.Error{Code: 40125})
	last := f.fetch(t, token.Forced, nil)
	for name, c := range map[string]struct {
		filter TokenEventFilter
		n      int
	}{
		"all":         {TokenEventFilter{AppID: f.app.AppID}, 3},
		"by reason":   {TokenEventFilter{AppID: f.app.AppID, Reason: token.Forced}, 2},
		"failed":      {TokenEventFilter{AppID: f.app.AppID, Failed: true}, 1},
		"another app": {TokenEventFilter{AppID: "wx9"}, 0},
	} {
		_, total, err := f.TokenEvents(t.Context(), c.filter)
		noError(t, err)
		equal(t, name, total, c.n)
	}
	since, err := f.Fetches(t.Context(), f.app.AppID, first.Start.Add(time.Second))
	noError(t, err)
	equal(t, "since the first", len(since), 2)
	equal(t, "the newest comes last", since[1].ID, last.ID)
	noError(t, f.PruneTokenEvents(t.Context(), last.Start))
	rest, total, err := f.TokenEvents(t.Context(), TokenEventFilter{AppID: f.app.AppID})
	noError(t, err)
	equal(t, "left", total, 1)
	equal(t, "the last one", rest[0].ID, last.ID)
}

// of two processes that fetched, the one that began later counts.
func TestAnOlderTokenDoesNotReplaceALaterOne(t *testing.T) {
	f := newFixture(t)
	held := f.token(t)
	older := token.Record{Value: "older", FetchedAt: held.FetchedAt.Add(-time.Second), ExpiresAt: held.ExpiresAt}
	wantError(t, f.SaveToken(t.Context(), f.app.AppID, older), token.ErrLater)
	read, err := f.LoadToken(t.Context(), f.app.AppID)
	noError(t, err)
	equal(t, "value", read.Value.Reveal(), held.Value.Reveal())
	f.clock.advance(-time.Hour) // what is stored is of the future now
	noError(t, f.SaveToken(t.Context(), f.app.AppID, older))
}

func TestALeaseOfAClockThatWasAheadIsTaken(t *testing.T) {
	f := newFixture(t)
	take := func(holder string) bool {
		held, err := f.TakeLease(t.Context(), "token:wx1", holder, 10*time.Second)
		noError(t, err)
		return held
	}
	equal(t, "the first", take("one"), true)
	equal(t, "the second", take("two"), false)
	f.clock.advance(-time.Hour)
	equal(t, "the second, once the clock is right", take("two"), true)
	equal(t, "the first", take("one"), false)
	f.clock.advance(10 * time.Second)
	equal(t, "the first, after the second's end", take("one"), true)
	noError(t, f.ReleaseLease(t.Context(), "token:wx1", "one"))
	equal(t, "the second, when it was released", take("two"), true)
}

func TestATokensModeIsKeptAndItsChangeForgetsTheToken(t *testing.T) {
	f := newFixture(t)
	equal(t, "mode", f.app.TokenMode, account.PlainToken)
	f.token(t)
	a := f.app
	a.TokenMode = ""
	noError(t, f.UpdateApp(t.Context(), f.by, "", a))
	_, err := f.LoadToken(t.Context(), a.AppID)
	noError(t, err)
	a.TokenMode = account.StableToken
	noError(t, f.UpdateApp(t.Context(), f.by, "", a))
	_, err = f.LoadToken(t.Context(), a.AppID)
	wantError(t, err, token.ErrNone)
	read, err := f.App(t.Context(), a.ID)
	noError(t, err)
	equal(t, "mode", read.TokenMode, account.StableToken)
}
