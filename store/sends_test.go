package store

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestASendComesBackAsBegunAndFinished(t *testing.T) {
	f := newFixture(t)
	x := f.send(t, "key", "tpl-1")
	equal(t, "outcome", x.Outcome, "pending")
	equal(t, "person", x.PersonName, "admin")
	f.clock.advance(time.Second)
	x.Outcome, x.ErrCode, x.ErrMsg, x.Reason, x.Duration = "refused", 41028, "invalid form id hint: [x]", "form", 1234*time.Microsecond
	noError(t, f.FinishSend(t.Context(), f.by, x))
	x.FinishedAt = stored(f.clock.now())
	read, err := f.Send(t.Context(), f.app.ID, x.ID)
	noError(t, err)
	if !reflect.DeepEqual(read, x) {
		t.Fatalf("got %+v, want %+v", read, x)
	}
	_, err = f.Send(t.Context(), f.app.ID+1, x.ID)
	wantError(t, err, ErrNotFound)
	read, err = f.SendByKey(t.Context(), f.app.ID, "key")
	noError(t, err)
	equal(t, "id", read.ID, x.ID)
}

func TestFault16_AHundredAtOnceWithOneKeyMakeOneSend(t *testing.T) {
	f := newFixture(t)
	asked := attempt(f.app.ID, "key")
	asked.BodyHash, asked.TemplateID = [32]byte{1}, "tpl"
	var begun, replayed atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			x, _, err := f.BeginSend(t.Context(), f.by, asked)
			switch {
			case err == nil:
				begun.Add(1)
			case errors.Is(err, ErrReplayed) && x.TemplateID == "tpl":
				replayed.Add(1)
			default:
				t.Error(x, err)
			}
		})
	}
	wg.Wait()
	equal(t, "begun and replayed", [2]int32{begun.Load(), replayed.Load()}, [2]int32{1, 99})
}

func TestAKeyCannotBeUsedForAnotherBody(t *testing.T) {
	f := newFixture(t)
	f.send(t, "key", "tpl-1")
	x, _, err := f.BeginSend(t.Context(), f.by, attempt(f.app.ID, "key"))
	wantError(t, err, ErrKeyReused)
	equal(t, "id", x.ID, 0)
	other, err := f.AddApp(t.Context(), f.by, App{AppID: "wx2"})
	noError(t, err)
	_, _, err = f.BeginSend(t.Context(), f.by, attempt(other.ID, "key"))
	noError(t, err)
	if _, _, err = f.BeginSend(t.Context(), f.by, attempt(f.app.ID, "")); err == nil {
		t.Fatal("a send without a key was begun")
	}
}

func TestASendHasOneOutcome(t *testing.T) {
	f := newFixture(t)
	x := f.send(t, "key", "tpl-1")
	for _, outcome := range []string{"pending", "", "lost"} {
		x.Outcome = outcome
		if f.FinishSend(t.Context(), f.by, x) == nil {
			t.Fatalf("finished as %q", outcome)
		}
	}
	x.Outcome = "sent"
	noError(t, f.FinishSend(t.Context(), f.by, x))
	x.Outcome = "unknown"
	wantError(t, f.FinishSend(t.Context(), f.by, x), ErrConflict)
	x.ID = 99
	wantError(t, f.FinishSend(t.Context(), f.by, x), ErrNotFound)
}

func TestFault19_SendsOfADeadProcessBecomeUnknown(t *testing.T) {
	f := newFixture(t)
	left, done := f.send(t, "left", "tpl-1"), f.send(t, "done", "tpl-1")
	done.Outcome = "sent"
	noError(t, f.FinishSend(t.Context(), f.by, done))
	noError(t, f.Close())

	f.Store = open(t, f.dir, f.clock)
	read, err := f.Send(t.Context(), f.app.ID, left.ID)
	noError(t, err)
	equal(t, "outcome and reason", read.Outcome+" "+read.Reason, "unknown interrupted")
	equal(t, "finished", read.FinishedAt, stored(f.clock.now()))
	read, err = f.Send(t.Context(), f.app.ID, done.ID)
	noError(t, err)
	equal(t, "outcome", read.Outcome, "sent")
	equal(t, "act", f.activities(t)[0].Act, ActSendInterrupted)
}

// A command such as "muban user" opens the database beside the server.
func TestSendsOfALivingProcessStayPending(t *testing.T) {
	f := newFixture(t)
	x := f.send(t, "key", "tpl-1")
	beside := open(t, f.dir, f.clock)
	read, err := beside.Send(t.Context(), f.app.ID, x.ID)
	noError(t, err)
	equal(t, "outcome", read.Outcome, "pending")
	x.Outcome = "sent"
	noError(t, f.FinishSend(t.Context(), f.by, x))
}

func TestSendsAreFiltered(t *testing.T) {
	f := newFixture(t)
	qa := f.person(t, "qa", QA)
	first := f.send(t, "1", "tpl-1")
	f.by = Actor{PersonID: qa.ID, Name: "qa"}
	second := f.send(t, "2", "tpl-2")
	third := f.send(t, "3", "tpl-1")
	second.Outcome, second.ErrCode = "refused", 41028
	noError(t, f.FinishSend(t.Context(), f.by, second))
	code, zero := 41028, 0
	for name, c := range map[string]struct {
		filter SendFilter
		ids    []int64
	}{
		"all, the newest first":  {SendFilter{App: f.app.ID}, []int64{third.ID, second.ID, first.ID}},
		"by outcome":             {SendFilter{Outcome: "refused"}, []int64{second.ID}},
		"by template":            {SendFilter{TemplateID: "tpl-1"}, []int64{third.ID, first.ID}},
		"by code":                {SendFilter{ErrCode: &code}, []int64{second.ID}},
		"by code 0":              {SendFilter{ErrCode: &zero}, []int64{third.ID, first.ID}},
		"by person":              {SendFilter{PersonID: qa.ID}, []int64{third.ID, second.ID}},
		"by openid, in its case": {SendFilter{OpenID: strings.ToLower(openID)}, nil},
		"by openid":              {SendFilter{OpenID: openID, TemplateID: "tpl-2"}, []int64{second.ID}},
		"of another app":         {SendFilter{App: f.app.ID + 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if c.filter.App == 0 {
				c.filter.App = f.app.ID
			}
			sends, total, err := f.Sends(t.Context(), c.filter)
			noError(t, err)
			var ids []int64
			for _, x := range sends {
				ids = append(ids, x.ID)
			}
			if !reflect.DeepEqual(ids, c.ids) || total != len(c.ids) {
				t.Fatalf("got %v of %d, want %v", ids, total, c.ids)
			}
		})
	}
	last, err := f.LastSends(t.Context(), f.app.ID, []string{"tpl-1", "tpl-2", "tpl-3"})
	noError(t, err)
	equal(t, "templates", len(last), 2)
	equal(t, "last", [2]int64{last["tpl-1"].ID, last["tpl-2"].ID}, [2]int64{third.ID, second.ID})
	none, err := f.LastSends(t.Context(), f.app.ID, nil)
	noError(t, err)
	equal(t, "none", len(none), 0)
}
