package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"muban/wechat/dispatch"
)

// A console that was in use before there was a ledger: what was sent holds and uses its rights as if the
// ledger had been there.
func TestSendsFromBeforeTheLedgerHaveTheirRights(t *testing.T) {
	dir, clock := t.TempDir(), newClock()
	firstSchema(t, dir)
	db, err := sql.Open("sqlite", filepath.Join(dir, "muban.db"))
	noError(t, err)
	at := millis(clock.now())
	for i, x := range []struct {
		right, outcome string
		code           int
	}{
		{"form-sent", "sent", 0}, {"form-lost", "unknown", 0}, {"form-lost", "unknown", 0}, {"form-late", "unknown", 0}, {"form-late", "sent", 0},
		{"wx2018pay", "sent", 0}, {"wx2018pay", "unknown", 0}, {"wx2018pay", "refused", 41029}, {"form-bad", "refused", 41028},
		{"form-cut", "pending", 0}, {"form-busy", "refused", 45009},
	} {
		_, err := db.Exec(`INSERT INTO sends VALUES (?, 1, 'template', ?, zeroblob(32), 'tpl', '', ?, ?, ?, ?, ?, '', '', 0, NULL, '', 1, ?, ?)`,
			i+1, fmt.Sprint(i), openID, x.right, []byte(request), x.outcome, x.code, at, at)
		noError(t, err)
	}
	noError(t, db.Close())

	s := open(t, dir, clock)
	for id, want := range map[string]string{
		"form-sent": "form 1/1 held 0 spent", "form-lost": "form 0/1 held 1 ", "form-late": "form 1/1 held 0 spent",
		"wx2018pay": "payment 1/3 held 1 used_up", "form-bad": "form 0/1 held 0 invalid", "form-cut": "form 0/1 held 1 ", "form-busy": "form 0/1 held 0 ",
	} {
		r, err := s.Right(t.Context(), 1, id)
		noError(t, err)
		equal(t, id, fmt.Sprintf("%s %d/%d held %d %s", r.Source, r.Used, r.Total, r.Held, r.Closed), want)
	}
	for _, id := range []int64{2, 3, 10} { // what is lost can still be decided; the second of form-lost holds nothing
		x, err := s.Send(t.Context(), 1, id)
		noError(t, err)
		equal(t, "outcome", x.Outcome, dispatch.Unknown)
		noError(t, s.DecideSend(t.Context(), Actor{}, 1, id, true))
		r, err := s.Right(t.Context(), 1, x.FormID)
		noError(t, err)
		equal(t, "right", fmt.Sprintf("%d used, %d held, %s", r.Used, r.Held, r.Closed), "1 used, 0 held, spent")
	}
	found, _, err := s.Sends(t.Context(), SendFilter{App: 1, Text: "咖啡"})
	noError(t, err)
	equal(t, "found by their values", len(found), 11)
	counts, err := s.SendCounts(t.Context(), 1, clock.now())
	noError(t, err)
	sends := 0
	for _, n := range counts {
		sends += n.Sends
	}
	equal(t, "counted", sends, 11)
	noError(t, s.Check(t.Context()))
}
