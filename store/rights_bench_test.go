package store

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"testing"
	"time"

	"muban/store/pgtest"
	"muban/wechat"
	"muban/wechat/ledger"
)

var ledgerRows = flag.Int("rows", 1_000_000, "how many rows the ledgers of the benchmarks have")

// smallLedger is what a large ledger is measured against.
const smallLedger = 10_000

// A ledger of -rows rights and one of as many consents against ledgers of 10,000, in the same run: a page and a
// reserve may cost at most twice as much (the ratios). It takes a minute to fill for each million.
// go test ./store -run '^$' -bench Ledger -rows 10000000 -benchtime 20x -timeout 3h
func BenchmarkLedger(b *testing.B) {
	for _, l := range []struct {
		name string
		fill func(*fixture, testing.TB, int)
		acts []ledgerAct
		keep func(*fixture, context.Context) (pruned int, err error)
	}{
		{"rights", (*fixture).fillRights, rightsActs, func(f *fixture, ctx context.Context) (int, error) {
			_, pruned, err := f.KeepRights(ctx)
			return pruned, err
		}},
		{"consents", (*fixture).fillConsents, consentsActs, func(f *fixture, ctx context.Context) (int, error) { return f.KeepConsents(ctx) }},
	} {
		b.Run(l.name, func(b *testing.B) {
			small, large := newFixture(b), newFixture(b)
			l.fill(small, b, smallLedger)
			l.fill(large, b, *ledgerRows)
			for _, act := range l.acts {
				b.Run(act.name, func(b *testing.B) { act.compare(b, small, large) })
			}
			b.Run("prune", func(b *testing.B) { prune(b, small, large, l.keep) })
		})
	}
}

// The pages come before the reports: what is reported leaves rows behind that PostgreSQL's autovacuum removes from the
// small table within a minute, and from the large one once they are many.

// ledgerAct is one that is done again and again; n is another number each time, and openID one that has allowances.
type ledgerAct struct {
	name string
	do   func(f *fixture, b *testing.B, n int, openID string) error
}

func (a ledgerAct) compare(b *testing.B, small, large *fixture) {
	var ratios []float64
	var ours time.Duration
	once := func(f *fixture, rows, n int) time.Duration {
		return timed(func() { noError(b, a.do(f, b, n, openIDOf(rows/5-1-2*(n%300)))) })
	}
	for n := range 3 {
		once(small, smallLedger, n)
		once(large, *ledgerRows, n)
	}
	for n := 3; b.Loop(); n++ {
		base, us := once(small, smallLedger, n), once(large, *ledgerRows, n)
		ratios, ours = append(ratios, float64(us)/float64(base)), ours+us
	}
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/op")
	b.ReportMetric(0, "ns/op")
}

var rightsActs = []ledgerAct{
	{"page", f2(func(f *fixture, b *testing.B, _ string) error { return f.listRights(b, RightFilter{}) })},
	{"page/last", f2(func(f *fixture, b *testing.B, _ string) error { return f.listRights(b, RightFilter{Offset: 9000}) })},
	{"page/usable", f2(func(f *fixture, b *testing.B, _ string) error {
		return f.listRights(b, RightFilter{State: ledger.Usable})
	})},
	{"page/held", f2(func(f *fixture, b *testing.B, _ string) error {
		return f.listRights(b, RightFilter{State: ledger.Held})
	})},
	{"page/expired", f2(func(f *fixture, b *testing.B, _ string) error {
		return f.listRights(b, RightFilter{State: ledger.EndExpired})
	})},
	{"page/openid", f2(func(f *fixture, b *testing.B, openID string) error {
		return f.listRights(b, RightFilter{OpenID: openID})
	})},
	{"balances", f2(func(f *fixture, b *testing.B, _ string) error {
		_, _, err := f.Balances(b.Context(), f.app.ID, 0, 20)
		return err
	})},
	{"forecast", f2(func(f *fixture, b *testing.B, _ string) error {
		_, err := f.RightEndings(b.Context(), f.app.ID)
		return err
	})},
	{"usable", f2(func(f *fixture, b *testing.B, _ string) error {
		_, err := f.UsableSends(b.Context(), f.app.ID)
		return err
	})},
	{"forecast/unreachable", f2(func(f *fixture, b *testing.B, _ string) error {
		_, _, err := f.Unreachable(b.Context(), f.app.ID, 0, 20)
		return err
	})},
	{"keep/nothing", f2(func(f *fixture, b *testing.B, _ string) error {
		_, _, err := f.KeepRights(b.Context())
		return err
	})},
	{"reserve", func(f *fixture, b *testing.B, n int, openID string) error {
		return f.reserveAndFree(b, n, Send{OpenID: openID})
	}},
	{"report1000", func(f *fixture, b *testing.B, n int, _ string) error {
		var reports []ledger.Report
		for i := range 1000 {
			reports = append(reports, ledger.Report{OpenID: openIDOf(i), ID: fmt.Sprint("report-", n, "-", i)})
		}
		_, err := f.ReportRights(b.Context(), f.by, f.app.ID, reports)
		return err
	}},
}

var consentsActs = []ledgerAct{
	{"page", f2(func(f *fixture, b *testing.B, _ string) error { return f.listConsents(b, ConsentFilter{}) })},
	{"page/last", f2(func(f *fixture, b *testing.B, _ string) error { return f.listConsents(b, ConsentFilter{Offset: 1900}) })},
	{"page/usable", f2(func(f *fixture, b *testing.B, _ string) error {
		return f.listConsents(b, ConsentFilter{State: ledger.Usable})
	})},
	{"page/refused", f2(func(f *fixture, b *testing.B, _ string) error {
		return f.listConsents(b, ConsentFilter{State: ledger.EndRefused})
	})},
	{"page/held", f2(func(f *fixture, b *testing.B, _ string) error {
		return f.listConsents(b, ConsentFilter{State: ledger.Held})
	})},
	{"page/template", f2(func(f *fixture, b *testing.B, _ string) error {
		return f.listConsents(b, ConsentFilter{TemplateID: "tpl"})
	})},
	{"page/openid", f2(func(f *fixture, b *testing.B, openID string) error {
		return f.listConsents(b, ConsentFilter{OpenID: openID})
	})},
	{"forecast", f2(func(f *fixture, b *testing.B, _ string) error {
		_, err := f.ConsentCounts(b.Context(), f.app.ID)
		return err
	})},
	{"keep/nothing", f2(func(f *fixture, b *testing.B, _ string) error {
		_, err := f.KeepConsents(b.Context())
		return err
	})},
	{"reserve", func(f *fixture, b *testing.B, n int, openID string) error {
		return f.reserveAndFree(b, n, Send{Kind: "subscribe", OpenID: openID, TemplateID: "tpl"})
	}},
	{"report1000", func(f *fixture, b *testing.B, n int, _ string) error {
		var answers []ledger.Answer
		for i := range 1000 {
			answers = append(answers, ledger.Answer{OpenID: openIDOf(i), TemplateID: "tpl", What: ledger.Accept,
				Source: ledger.FromPage, Ref: fmt.Sprint("tap-", n, "-", i)})
		}
		_, err := f.ReportAnswers(b.Context(), f.by, f.app.ID, answers)
		return err
	}},
}

// f2 is an act that needs no number.
func f2(do func(f *fixture, b *testing.B, openID string) error) func(*fixture, *testing.B, int, string) error {
	return func(f *fixture, b *testing.B, _ int, openID string) error { return do(f, b, openID) }
}

// reserveAndFree begins a send, and finishes it so that its allowance is there again.
func (f *fixture) reserveAndFree(b *testing.B, n int, x Send) error {
	x.App, x.Key, x.Request = f.app.ID, fmt.Sprint("reserve-", n, time.Now().UnixNano()), []byte(request)
	x, _, err := f.BeginSend(b.Context(), f.by, x)
	if _, held := errors.AsType[*ledger.Refusal](err); held || err != nil {
		return err
	}
	x.Outcome = "refused"
	return f.FinishSend(b.Context(), f.by, x)
}

func (f *fixture) listRights(b *testing.B, filter RightFilter) error {
	filter.App = f.app.ID
	_, _, err := f.Rights(b.Context(), filter)
	return err
}

func (f *fixture) listConsents(b *testing.B, filter ConsentFilter) error {
	filter.App = f.app.ID
	_, _, err := f.Consents(b.Context(), filter)
	return err
}

// fillRights puts n rights in the ledger, five for every openid, made evenly over the last 36 days: those of the last
// seven are usable, the others are over.
func (f *fixture) fillRights(t testing.TB, n int) {
	t.Helper()
	now, week := millis(f.clock.now()), wechat.RightLifetime.Milliseconds()
	made := fmt.Sprintf("%d - CAST(%d - i AS BIGINT) * %d / %d", now, n, int64(36*24*time.Hour/time.Millisecond), n)
	f.fillTable(t, "rights", n, fmt.Sprintf(`INSERT INTO rights (app, right_id, source, openid, total, used, closed, made_at, reported_at, expires_at)
		SELECT %[1]d, 'fill-' || i, 'form', %[2]s, 1, CASE WHEN made_at + %[3]d <= %[4]d AND i %% 3 = 0 THEN 1 ELSE 0 END,
			CASE WHEN made_at + %[3]d > %[4]d THEN '' WHEN i %% 3 = 0 THEN 'spent' ELSE 'expired' END, made_at, made_at, made_at + %[3]d
		FROM (SELECT i, %[5]s AS made_at FROM n) AS made`, f.app.ID, openIDIn(fmt.Sprintf("i %% %d", n/5)), week, now, made))
	noError(t, f.write(t.Context(), func(t *tx) error {
		return t.exec(fmt.Sprintf(`INSERT INTO right_days (app, day, ending) SELECT app, (expires_at + 28800000) / 86400000, sum(total - used)
			FROM rights WHERE usable = 1 AND app = %d GROUP BY 1, 2`, f.app.ID))
	}))
}

// fillConsents puts n consents in the ledger, of as many users; half of them are spent, and a tenth of the users have
// said no since.
func (f *fixture) fillConsents(t testing.TB, n int) {
	t.Helper()
	now := millis(f.clock.now())
	at := fmt.Sprintf("%d - CAST(%d - i AS BIGINT) * %d / %d", now, n, int64(25*24*time.Hour/time.Millisecond), n)
	spent, refused := "i % 4 = 0", "i % 20 = 0" // the last one is neither
	f.fillTable(t, "consents", n, fmt.Sprintf(`INSERT INTO consents (app, openid, template_id, source, long_term, era, used, closed, made_at, reported_at)
		SELECT %d, %s, 'tpl', 'page', 0, 0, CASE WHEN %s THEN 1 ELSE 0 END, CASE WHEN %[3]s THEN 'spent' ELSE '' END, %[4]s, %[4]s FROM n`,
		f.app.ID, openIDIn("i"), spent, at))
	f.fillTable(t, "consent_balances", n, fmt.Sprintf(`INSERT INTO consent_balances (app, openid, template_id, unused, used, refused,
			source, accepted_at, updated_at)
		SELECT %d, %s, 'tpl', CASE WHEN %s THEN 0 ELSE 1 END, CASE WHEN %[3]s THEN 1 ELSE 0 END, CASE WHEN %[4]s THEN 1 ELSE 0 END,
			'page', %[5]s, %[5]s FROM n`, f.app.ID, openIDIn("i"), spent, refused, at))
	f.fillTable(t, "consent_answers", n, fmt.Sprintf(`INSERT INTO consent_answers (app, openid, template_id, ref, answer, source, era, said_at, reported_at)
		SELECT %d, %s, 'tpl', 'fill-' || i, 'accept', 'page', 0, %[3]s, %[3]s FROM n`, f.app.ID, openIDIn("i"), at))
	noError(t, f.write(t.Context(), func(t *tx) error {
		return t.exec(fmt.Sprintf(`INSERT INTO consent_counts (app, template_id, users, unused) SELECT app, 'tpl', count(*), sum(unused)
			FROM consent_balances WHERE unused > 0 AND app = %d GROUP BY app`, f.app.ID))
	}))
}

// openIDIn is openIDOf in SQL.
func openIDIn(number string) string {
	return "'oABC-openid-' || substr(CAST(10000000000000000 + (" + number + ") AS TEXT), 2)"
}

// fillTable inserts the rows for i from 0 to n - 1, some at a time, without the table's indexes, which are made anew.
func (f *fixture) fillTable(t testing.TB, table string, n int, insert string) {
	t.Helper()
	write := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			noError(t, f.write(t.Context(), func(t *tx) error {
				if onPostgres {
					if err := t.exec("SET LOCAL statement_timeout = 0"); err != nil {
						return err
					}
				}
				return t.exec(statement)
			}))
		}
	}
	indexes := regexp.MustCompile(`CREATE INDEX (\w+) ON `+table+` [^;]*`).FindAllStringSubmatch(firstSchema, -1)
	for _, index := range indexes {
		write("DROP INDEX " + index[1])
	}
	const atOnce = 200_000
	for i := 0; i < n; i += atOnce {
		numbers := fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", i, min(i+atOnce, n)-1)
		write(numbers + insert)
	}
	for _, index := range indexes {
		write(index[0])
	}
	if onPostgres { // which does so by itself, a minute later
		pgtest.Exec(t, database(t, f.dir), "VACUUM ANALYZE "+table)
	}
}

// prune removes what a large ledger has to remove in an hour, and from a small one what it has to in a month: about as
// much. The ratio is of the time for each row.
func prune(b *testing.B, small, large *fixture, keep func(*fixture, context.Context) (int, error)) {
	each := func(f *fixture, later time.Duration) float64 {
		f.clock.advance(later)
		pruned := 0
		took := timed(func() {
			var err error
			pruned, err = keep(f, b.Context())
			noError(b, err)
		})
		return took.Seconds() / float64(pruned)
	}
	large.clock.advance(5 * 24 * time.Hour) // until the first have been kept for long enough
	_, err := keep(large, b.Context())
	noError(b, err)
	base, us, n := each(small, 30*24*time.Hour), 0.0, 0
	for b.Loop() {
		us, n = us+each(large, time.Hour), n+1
	}
	b.ReportMetric(us/float64(n)/base, "ratio")
	b.ReportMetric(float64(n)/us, "rows/s")
	b.ReportMetric(0, "ns/op")
}

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}
