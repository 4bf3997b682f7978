package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"muban/wechat/dispatch"
)

// A process that was cut off from the database for long is taken for dead, and has its answer all the same.
func TestFault68_AnAnswerThatComesAfterAllTakesTheInterruptionBack(t *testing.T) {
	f := newFixture(t)
	x := f.send(t, "key", "tpl")
	noError(t, f.write(t.Context(), func(t *tx) error { return t.closeSends("id = ?", x.ID) }))
	f.clock.advance(25 * time.Hour)
	x.Outcome, x.Attempts = dispatch.Sent, 1
	noError(t, f.FinishSend(t.Context(), f.by, x))
	read, err := f.Send(t.Context(), f.app.ID, x.ID)
	noError(t, err)
	equal(t, "outcome", read.Outcome, dispatch.Sent)
	r, err := f.Right(t.Context(), f.app.ID, x.FormID)
	noError(t, err)
	equal(t, "used", r.Used, 1)
	equal(t, "held", r.Held, 0)
	totals, err := f.SendTotals(t.Context())
	noError(t, err)
	equal(t, "counted", fmt.Sprint(totals), fmt.Sprint([]SendTotal{{f.app.ID, "template", "sent", 1}, {f.app.ID, "template", "unknown", 0}}))

	y := f.send(t, "decided", "tpl")
	noError(t, f.write(t.Context(), func(t *tx) error { return t.closeSends("id = ?", y.ID) }))
	noError(t, f.DecideSend(t.Context(), f.by, f.app.ID, y.ID, false))
	y.Outcome = dispatch.Sent
	wantError(t, f.FinishSend(t.Context(), f.by, y), ErrConflict) // what a person found out stays
}

// The database may keep a send of which its answer was lost: then nobody sends it, and it ends by itself.
func TestFault68_ASendThatItsProcessDoesNotKnowOfEnds(t *testing.T) {
	f := newFixture(t)
	known, stray := f.send(t, "known", "tpl"), f.send(t, "stray", "tpl")
	f.begun.Delete(stray.ID) // as where BeginSend answered ErrAway
	outcome := func(x Send) string {
		t.Helper()
		noError(t, f.closeInterruptedSends(t.Context()))
		read, err := f.Send(t.Context(), f.app.ID, x.ID)
		noError(t, err)
		return read.Outcome
	}
	equal(t, "at once", outcome(stray), dispatch.Pending)
	f.clock.advance(strayAfter + time.Millisecond)
	equal(t, "later", outcome(stray), dispatch.Unknown)
	equal(t, "the one under way", outcome(known), dispatch.Pending)
}

// What another process was about when it died is found while this one runs.
func TestFault68_TheSendsOfAProcessThatDiesGetAnOutcomeFromTheOthers(t *testing.T) {
	f := newFixture(t)
	beside, err := tryOpen(t, f.dir, Options{Now: f.clock.now})
	noError(t, err)
	x, _, err := beside.BeginSend(t.Context(), f.by, attempt(f.app.ID, "key"))
	noError(t, err)
	noError(t, beside.Close())
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	f.Watch(ctx, func(nouns []string) error {
		if read, err := f.Send(ctx, f.app.ID, x.ID); err == nil && read.Outcome == dispatch.Unknown {
			stop()
		}
		return nil
	})
	read, err := f.Send(t.Context(), f.app.ID, x.ID)
	noError(t, err)
	equal(t, "outcome and reason", read.Outcome+" "+read.Reason, "unknown interrupted")
}
