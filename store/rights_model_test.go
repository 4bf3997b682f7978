package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// modelRight is a right as a child would keep it: a note of every send under it.
type modelRight struct {
	id, openID string
	total      int
	expires    time.Time
	closed     string
	sends      []*modelSend
}

// modelSend is begun under a right; state is what is known of it by now.
type modelSend struct {
	send  Send
	state string // pending, sent, refused, unknown, arrived, not_arrived
}

func (r *modelRight) count(states ...string) (n int) {
	for _, s := range r.sends {
		if slices.Contains(states, s.state) {
			n++
		}
	}
	return n
}

func (r *modelRight) used() int { return r.count("sent", "arrived") }
func (r *modelRight) held() int { return r.count("pending", "unknown") }

func (r *modelRight) ending() string {
	if r.closed == "" && r.used() == r.total {
		return ledger.EndSpent
	}
	return r.closed
}

func (r *modelRight) open() bool { return r.ending() == "" && r.used()+r.held() < r.total }

// ledgerModel runs one random history of an app of its own against the store.
type ledgerModel struct {
	t      testing.TB // not of one check
	f      *fixture
	app    int64
	rights []*modelRight // in the order in which they were learnt
	keys   int
}

// Random reports, sends, ends, decisions, crashes and moves of the clock: no right is ever used more often
// than it allows, none is lost, and what the ledger says adds up (issue 5, "How it is judged").
func TestTheLedgerNeverOverUsesAndNeverLosesARight(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	apps := 0
	whole := t
	rapid.Check(t, func(t *rapid.T) {
		apps++
		app, err := f.AddApp(context.Background(), f.by, App{AppID: fmt.Sprint("wx", apps)})
		m := &ledgerModel{t: whole, f: f, app: app.ID}
		m.must(t, err)
		t.Repeat(map[string]func(*rapid.T){
			"report": m.report, "begin": m.begin, "end": m.end, "decide": m.decide,
			"crash": m.crash, "clock": m.moveClock, "keep": m.keep, "": m.adds,
		})
	})
}

func (m *ledgerModel) must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

var (
	someOpenIDs = rapid.SampledFrom([]string{openIDOf(1), openIDOf(2), strings.ToUpper(openIDOf(1))})
	someIDs     = rapid.SampledFrom([]string{"form1", "form2", "form3", "FORM1", "wx20180504a", "wx20180504b", "prepay_id=wx20180504b"})
)

func (m *ledgerModel) find(id string) *modelRight {
	for _, r := range m.rights {
		if r.id == strings.TrimPrefix(id, "prepay_id=") {
			return r
		}
	}
	return nil
}

func (m *ledgerModel) learn(id, openID string, made time.Time) *modelRight {
	r := &modelRight{id: strings.TrimPrefix(id, "prepay_id="), openID: openID, total: 1, expires: stored(made).Add(wechat.RightLifetime)}
	if strings.HasPrefix(r.id, "wx") {
		r.total = 3
	}
	m.rights = append(m.rights, r)
	return r
}

func (m *ledgerModel) report(t *rapid.T) {
	now := m.f.clock.now()
	age := time.Duration(rapid.Int64Range(0, int64(wechat.RightLifetime)+1000).Draw(t, "age"))
	report := ledger.Report{OpenID: someOpenIDs.Draw(t, "openid"), ID: someIDs.Draw(t, "id"), When: stored(now.Add(-age))}
	receipts, err := m.f.ReportRights(context.Background(), m.f.by, m.app, []ledger.Report{report})
	m.must(t, err)
	want := "new"
	switch r := m.find(report.ID); {
	case !now.Before(report.When.Add(wechat.RightLifetime)):
		want = "refused"
	case r == nil:
		m.learn(report.ID, report.OpenID, report.When)
	case r.openID == report.OpenID:
		want = "known"
	default:
		want = "refused"
	}
	if got := receipts[0].result(); got != want {
		t.Fatalf("reported %+v: %s, want %s", report, got, want)
	}
}

// candidate is the right that a send should go out under, nil for none.
func (m *ledgerModel) candidate(openID, id string) (best *modelRight) {
	now := m.f.clock.now()
	if id != "" {
		r := m.find(id)
		if r == nil {
			return m.learn(id, openID, now)
		}
		if r.openID != openID || !r.open() || !now.Before(r.expires) {
			return nil
		}
		return r
	}
	for _, r := range m.rights {
		if r.openID == openID && r.open() && r.expires.After(now.Add(time.Minute)) && (best == nil || r.expires.Before(best.expires)) {
			best = r
		}
	}
	return best
}

func (m *ledgerModel) begin(t *rapid.T) {
	m.keys++
	x := Send{App: m.app, Key: fmt.Sprint(m.keys), OpenID: someOpenIDs.Draw(t, "openid"), Request: []byte(request)}
	if rapid.Bool().Draw(t, "named") {
		x.FormID = someIDs.Draw(t, "id")
	}
	want := m.candidate(x.OpenID, x.FormID)
	begun, under, err := m.f.BeginSend(context.Background(), m.f.by, x)
	refusal, refused := errors.AsType[*ledger.Refusal](err)
	switch {
	case want == nil && refused:
		t.Log(refusal)
	case err != nil || want == nil || under.ID != want.id || begun.FormID != want.id:
		t.Fatalf("began under %q with %v, want %+v", under.ID, err, want)
	default:
		want.sends = append(want.sends, &modelSend{begun, "pending"})
	}
}

// one draws one of the sends in a state, or skips the step.
func (m *ledgerModel) one(t *rapid.T, state string) (*modelRight, *modelSend) {
	type pair struct {
		r *modelRight
		s *modelSend
	}
	var all []pair
	for _, r := range m.rights {
		for _, s := range r.sends {
			if s.state == state {
				all = append(all, pair{r, s})
			}
		}
	}
	if len(all) == 0 {
		t.Skip("none is " + state)
	}
	p := all[rapid.IntRange(0, len(all)-1).Draw(t, state)]
	return p.r, p.s
}

func (m *ledgerModel) end(t *rapid.T) {
	r, s := m.one(t, "pending")
	ends := rapid.SampledFrom([]string{"sent", "refused 41028", "refused 41029", "refused -1", "refused 45009", "unknown"}).Draw(t, "end")
	x := s.send
	fmt.Sscanf(ends, "%s %d", &x.Outcome, &x.ErrCode)
	m.must(t, m.f.FinishSend(context.Background(), m.f.by, x))
	s.state = x.Outcome
	switch {
	case r.closed != "":
	case x.ErrCode == 41028:
		r.closed = ledger.EndInvalid
	case x.ErrCode == 41029:
		r.closed = ledger.EndUsedUp
	}
	m.spend(r)
}

// spend notes that a right was used up while it was open: no later answer closes it for another cause.
func (m *ledgerModel) spend(r *modelRight) { r.closed = r.ending() }

func (m *ledgerModel) decide(t *rapid.T) {
	r, s := m.one(t, "unknown")
	arrived := rapid.Bool().Draw(t, "arrived")
	m.must(t, m.f.DecideSend(context.Background(), m.f.by, m.app, s.send.ID, arrived))
	if s.state = dispatch.NotArrived; arrived {
		s.state = dispatch.Arrived
	}
	m.spend(r)
}

// crash ends the process as far as the store can tell: another run opens what is on the disk.
func (m *ledgerModel) crash(t *rapid.T) {
	m.must(t, m.f.Close())
	s, err := tryOpen(m.t, m.f.dir, Options{Now: m.f.clock.now})
	m.must(t, err)
	m.f.Store = s
	for _, r := range m.rights {
		for _, s := range r.sends {
			if s.state == "pending" {
				s.state = "unknown"
			}
		}
	}
}

func (m *ledgerModel) moveClock(t *rapid.T) {
	m.f.clock.advance(rapid.SampledFrom([]time.Duration{
		time.Millisecond, time.Second, time.Minute, 26 * time.Hour, wechat.RightLifetime, -time.Second, -time.Hour,
	}).Draw(t, "by"))
}

func (m *ledgerModel) keep(t *rapid.T) {
	_, _, err := m.f.KeepRights(context.Background())
	m.must(t, err)
	now := m.f.clock.now()
	m.rights = slices.DeleteFunc(m.rights, func(r *modelRight) bool {
		if r.open() && r.held() == 0 && !now.Before(r.expires) {
			r.closed = ledger.EndExpired
		}
		return r.held() == 0 && !now.Before(r.expires.Add(DefaultRightsKept))
	})
}

// adds compares every right with its model.
func (m *ledgerModel) adds(t *rapid.T) {
	now := m.f.clock.now()
	rights, total, err := m.f.Rights(context.Background(), RightFilter{App: m.app, Count: 100})
	m.must(t, err)
	if total != len(m.rights) {
		t.Fatalf("the ledger has %d rights, want %d", total, len(m.rights))
	}
	for _, got := range rights {
		want := m.find(got.ID)
		if got.Used+got.Held > got.Total || got.Used != want.used() || got.Held != want.held() || got.Closed != want.ending() || got.OpenID != want.openID || got.Total != want.total {
			t.Fatalf("%+v\nwant %d used, %d held, %q of %d for %s", got, want.used(), want.held(), want.ending(), want.total, want.openID)
		}
		if usable := got.State(now) == ledger.Usable; usable != (want.open() && now.Before(want.expires)) {
			t.Fatalf("%+v is usable: %v", got, usable)
		}
	}
}
