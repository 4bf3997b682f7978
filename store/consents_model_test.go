package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muban/wechat/dispatch"
	"muban/wechat/ledger"
)

// tap is one thing that a user did, and how it is still to be reported: each way any number of times.
type tap struct {
	what string
	at   time.Time
	ways []string // "page", "event", "hand"
	n    int
}

// consentModel is one user and one template: what they did in truth, and what was sent.
type consentModel struct {
	t       testing.TB // not of one check
	f       *fixture
	app     int64
	openID  string
	taps    []*tap
	heard   []ledger.Answer // each once, in the order of their first report
	pending []Send
	unknown []Send
	used    int // sends that arrived
	keys    int
}

// Random taps whose reports come by the page, by WeChat or by both, again and in any order, beside sends that end
// anyhow: no consent is used twice, none is lost, and what the ledger says adds up.
func TestTheLedgerNeverOverUsesAndNeverLosesAConsent(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	apps := 0
	whole := t
	rapid.Check(t, func(t *rapid.T) {
		apps++
		app, err := f.AddApp(context.Background(), f.by, App{AppID: fmt.Sprint("wx", apps)})
		m := &consentModel{t: whole, f: f, app: app.ID, openID: openIDOf(apps)}
		m.must(t, err)
		t.Repeat(map[string]func(*rapid.T){
			"tap": m.tap, "report": m.report, "again": m.again, "begin": m.begin, "end": m.end, "decide": m.decide,
			"crash": m.crash, "": m.adds,
		})
	})
}

func (m *consentModel) must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// tap is something the user does now. A page's reports and events of one tap are within a second of each other, and
// taps some minutes apart, less than PairWithin.
func (m *consentModel) tap(t *rapid.T) {
	m.f.clock.advance(time.Duration(rapid.IntRange(2, 15).Draw(t, "minutes")) * time.Minute)
	what := rapid.SampledFrom([]string{ledger.Accept, ledger.Accept, ledger.Accept, ledger.Reject, ledger.Declined}).Draw(t, "what")
	ways := rapid.SampledFrom([][]string{{"page", "event"}, {"event", "page", "hand"}, {"hand", "page", "event"}, {"page", "hand"}, {"event"}}).Draw(t, "ways")
	if what == ledger.Declined {
		ways = []string{"event"}
	}
	m.taps = append(m.taps, &tap{what, m.f.clock.now(), ways, len(m.taps)})
}

func (m *consentModel) report(t *rapid.T) {
	var open []*tap
	for _, p := range m.taps {
		if len(p.ways) > 0 {
			open = append(open, p)
		}
	}
	if len(open) == 0 {
		t.Skip("all is reported")
	}
	p := open[rapid.IntRange(0, len(open)-1).Draw(t, "tap")]
	a := ledger.Answer{OpenID: m.openID, TemplateID: onceTemplate, What: p.what, When: p.at.Add(300 * time.Millisecond),
		Source: p.ways[0], Ref: fmt.Sprint(p.ways[0], ":", p.n)}
	if now := m.f.clock.now(); a.When.After(now) {
		a.When = now // as the ledger has it: nothing is said later than now
	}
	if a.Source == ledger.FromEvent {
		a.When = p.at.Truncate(time.Second)
	}
	p.ways = p.ways[1:]
	m.say(t, a, false)
	m.heard = append(m.heard, a)
}

func (m *consentModel) say(t *rapid.T, a ledger.Answer, known bool) {
	receipts, err := m.f.ReportAnswers(context.Background(), m.f.by, m.app, []ledger.Answer{a})
	m.must(t, err)
	if receipts[0].Known != known {
		t.Fatalf("%+v is known: %v", a, !known)
	}
}

// again repeats what was reported before: it changes nothing.
func (m *consentModel) again(t *rapid.T) {
	if len(m.heard) == 0 {
		t.Skip("nothing was reported")
	}
	m.say(t, m.heard[rapid.IntRange(0, len(m.heard)-1).Draw(t, "answer")], true)
}

// given is what the answers that were heard come to: the accepts after the last no, each once. Of one second, what was
// heard last was said last.
func (m *consentModel) given() (accepts int) {
	end, last := int64(0), -1
	for i, a := range m.heard {
		if a.What == ledger.Reject && a.When.Unix() >= end {
			end, last = a.When.Unix(), i
		}
	}
	sources := make([][]time.Time, ledger.Witnesses)
	for i, a := range m.heard {
		if said := a.When.Unix(); a.What != ledger.Accept || said < end || said == end && i < last {
			continue
		}
		w := ledger.Witness(a.Source)
		sources[w] = append(sources[w], a.When)
	}
	return ledger.Accepts(sources...)
}

func (m *consentModel) begin(t *rapid.T) {
	m.keys++
	before := m.balance(t)
	x, _, err := m.f.BeginSend(context.Background(), m.f.by, Send{App: m.app, Kind: "subscribe", Key: fmt.Sprint(m.keys),
		OpenID: m.openID, TemplateID: onceTemplate, Request: []byte(request)})
	if _, refused := errors.AsType[*ledger.Refusal](err); refused != (before.Left == 0) || err != nil && !refused {
		t.Fatalf("%+v: %v", before, err)
	}
	if err == nil {
		m.pending = append(m.pending, x)
	}
}

func (m *consentModel) end(t *rapid.T) {
	if len(m.pending) == 0 {
		t.Skip("none is under way")
	}
	x := m.pending[0]
	m.pending = m.pending[1:]
	ends := rapid.SampledFrom([]string{"sent", "sent", "refused 47003", "refused 43101", "unknown"}).Draw(t, "end")
	fmt.Sscanf(ends, "%s %d", &x.Outcome, &x.ErrCode)
	m.must(t, m.f.FinishSend(context.Background(), m.f.by, x))
	switch {
	case x.Outcome == dispatch.Sent:
		m.used++
	case x.Outcome == dispatch.Unknown:
		m.unknown = append(m.unknown, x)
	case x.ErrCode == 43101: // as good as a no of the moment at which the send began
		m.heard = append(m.heard, ledger.Answer{OpenID: m.openID, TemplateID: onceTemplate, What: ledger.Reject,
			Source: ledger.FromSend, Ref: object("send", x.ID), When: x.CreatedAt})
	}
}

func (m *consentModel) decide(t *rapid.T) {
	if len(m.unknown) == 0 {
		t.Skip("all outcomes are known")
	}
	x := m.unknown[0]
	m.unknown = m.unknown[1:]
	arrived := rapid.Bool().Draw(t, "arrived")
	m.must(t, m.f.DecideSend(context.Background(), m.f.by, m.app, x.ID, arrived))
	if arrived {
		m.used++
	}
}

// crash ends the process as far as the store can tell: another run opens what is on the disk.
func (m *consentModel) crash(t *rapid.T) {
	if rapid.IntRange(0, 7).Draw(t, "seldom") > 0 {
		t.Skip("not now")
	}
	m.must(t, m.f.Close())
	s, err := tryOpen(m.t, m.f.dir, Options{Now: m.f.clock.now})
	m.must(t, err)
	m.f.Store = s
	m.unknown, m.pending = append(m.unknown, m.pending...), nil
}

func (m *consentModel) balance(t *rapid.T) ledger.Consents {
	all, err := m.f.ConsentsOf(context.Background(), m.app, m.openID)
	m.must(t, err)
	if len(all) == 0 {
		return ledger.Consents{}
	}
	return all[0]
}

// adds compares the ledger with the truth: never more sends than yeses, and while no send has touched the era, exactly
// as many left as were given.
func (m *consentModel) adds(t *rapid.T) {
	got := m.balance(t)
	given := m.given()
	if got.Held != len(m.pending)+len(m.unknown) || got.Used != m.used {
		t.Fatalf("%+v, want %d held, %d used", got, len(m.pending)+len(m.unknown), m.used)
	}
	if got.Left > given {
		t.Fatalf("%+v: more is left than the %d that were given", got, given)
	}
	type count struct{ unused, held, used int }
	c, err := one(context.Background(), m.f.readers, func(r row) (c count, err error) {
		err = r.Scan(&c.unused, &c.held, &c.used)
		return c, err
	}, `SELECT coalesce(sum(CASE WHEN closed = '' AND held = 0 THEN 1 ELSE 0 END), 0), coalesce(sum(held), 0), coalesce(sum(used), 0)
		FROM consents WHERE app = ?`, m.app)
	m.must(t, err)
	if c.unused != got.Left || c.held != got.Held || c.used != got.Used {
		t.Fatalf("the consents say %+v, the balance %+v", c, got)
	}
	taken, err := m.taken()
	m.must(t, err)
	if want := max(0, given-taken); got.Left != want {
		t.Fatalf("%+v, want %d left: %d given since the last no, %d taken", got, want, given, taken)
	}
	counts, err := m.f.ConsentCounts(context.Background(), m.app)
	m.must(t, err)
	if i := slices.IndexFunc(counts, func(c ConsentCount) bool { return c.TemplateID == onceTemplate }); i >= 0 && (counts[i].Left != got.Left || counts[i].Held != got.Held) {
		t.Fatalf("counted %+v, want %+v", counts[i], got)
	}
}

// taken counts the sends that hold or used a consent that was given since the last no.
func (m *consentModel) taken() (int, error) {
	return one(context.Background(), m.f.readers, scan[int], `SELECT coalesce(sum(c.used + c.held), 0) FROM consents c
		JOIN consent_balances b ON b.app = c.app AND b.openid = c.openid AND b.template_id = c.template_id
		WHERE c.app = ? AND c.era = b.era`, m.app)
}
