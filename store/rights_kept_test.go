package store

import (
	"testing"
	"time"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

func TestExpiredRightsAreClosedAndCountedOnTheirDayAndLaterPruned(t *testing.T) {
	f := newFixture(t)
	f.report(t, ledger.Report{OpenID: openID, ID: "unused"}, ledger.Report{OpenID: openID, ID: "spent"}, ledger.Report{OpenID: openID, ID: "held"})
	spent, _, err := f.begin(t, "spent")
	noError(t, err)
	f.end(t, spent, dispatch.Sent, 0)
	held, _, err := f.begin(t, "held")
	noError(t, err)
	f.end(t, held, dispatch.Unknown, 0)

	f.clock.advance(wechat.RightLifetime)
	keep := func() [2]int {
		closed, pruned, err := f.KeepRights(t.Context())
		noError(t, err)
		return [2]int{closed, pruned}
	}
	equal(t, "closed and pruned", keep(), [2]int{1, 0})
	equal(t, "once", keep(), [2]int{0, 0})
	equal(t, "unused", f.right(t, "unused").Closed, ledger.EndExpired)
	equal(t, "spent", f.right(t, "spent").Closed, ledger.EndSpent)

	f.clock.advance(DefaultRightsKept - time.Second)
	equal(t, "a second before", keep(), [2]int{0, 0})
	f.clock.advance(time.Second)
	equal(t, "after thirty days", keep(), [2]int{0, 2})
	equal(t, "held", f.right(t, "held").Held, 1)
	days, err := f.RightDays(t.Context(), f.app.ID, time.Unix(0, 0))
	noError(t, err)
	if len(days) != 2 || days[0].Reported != 3 || days[0].Used != 1 || days[0].Spent != 1 || days[1].Expired != 1 {
		t.Fatalf("%+v", days)
	}
	_, err = f.SendByKey(t.Context(), f.app.ID, spent.Key) // its key outlives its right
	noError(t, err)

	noError(t, f.DecideSend(t.Context(), f.by, f.app.ID, held.ID, false))
	noError(t, f.SetSetting(t.Context(), f.by, RightsKeptDays, "60"))
	equal(t, "kept for 60 days", keep(), [2]int{1, 0})
	noError(t, f.SetSetting(t.Context(), f.by, RightsKeptDays, "0"))
	equal(t, "not kept", keep(), [2]int{0, 1})
}
