package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"muban/wechat/ledger"
)

// Reports and sends that are acknowledged once they are durable, by so many writers at once, against a program that
// writes the same rows with prepared statements, in batches of as many with one commit each (the goal: ≥ .5 at 64
// writers). "pipelined" is the same against a program that sends the statements of a batch all at once, which SQLite
// does not have. go test ./store -run '^$' -bench Durable
func BenchmarkDurable(b *testing.B) {
	for _, what := range []string{"report", "send"} {
		for _, writers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/writers=%d", what, writers), func(b *testing.B) { benchmarkDurable(b, what, writers) })
		}
	}
}

func benchmarkDurable(b *testing.B, what string, writers int) {
	f, bare := newFixture(b), newBare(b)
	do, rows := f.deeds()[what], bare.deeds()[what]
	round := 4*writers + 36
	for next := 1; next < 3*round; next += round { // until everything is prepared
		f.reported(b, next, next+round)
		took(b, writers, next, next+round, do)
	}
	next := 3*round + 1
	var ratios, pipelined []float64
	var ours time.Duration
	for b.Loop() {
		next += round
		f.reported(b, next, next+round)
		bare.reported(b, next, next+round)
		base := timed(func() { bare.inBatches(b, next, next+round, writers, bare.one, rows) })
		us := took(b, writers, next, next+round, do)
		ratios, ours = append(ratios, float64(base)/float64(us)), ours+us
		if onPostgres {
			next += round
			bare.reported(b, next, next+round)
			base := timed(func() { bare.inBatches(b, next, next+round, writers, bare.pipelined, rows) })
			pipelined = append(pipelined, float64(base)/float64(us))
		}
	}
	b.ReportMetric(median(ratios), "ratio")
	if onPostgres {
		b.ReportMetric(median(pipelined), "pipelined-ratio")
	}
	b.ReportMetric(float64(b.N*round)/ours.Seconds(), what+"s/s")
	b.ReportMetric(0, "ns/op")
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// deeds are what business servers do, as durable writes.
func (f *fixture) deeds() map[string]func(n int) error {
	ctx := context.Background()
	return map[string]func(n int) error{
		"report": func(n int) error {
			_, err := f.ReportRights(ctx, f.by, f.app.ID, []ledger.Report{{OpenID: openIDOf(n), ID: fmt.Sprint("form-", n)}})
			return err
		},
		"send": func(n int) error { // of a right that is there: two writes
			x := Send{App: f.app.ID, Key: fmt.Sprint(n), TemplateID: "tpl", OpenID: openIDOf(n), Request: []byte(request)}
			x, _, err := f.BeginSend(ctx, f.by, x)
			if err != nil {
				return err
			}
			x.Outcome = "sent"
			return f.FinishSend(ctx, f.by, x)
		},
	}
}

// bare is a database with our tables, and a program that knows nothing but their rows.
type bare struct {
	*fixture
	lite  *sql.Conn
	stmts map[string]*sql.Stmt
	pg    *pgx.Conn
	line  int64 // of the log
}

func newBare(b *testing.B) *bare {
	f := newFixture(b)
	x := &bare{fixture: f, stmts: map[string]*sql.Stmt{}, line: 1000}
	var err error
	if onPostgres {
		x.pg, err = pgx.Connect(b.Context(), database(b, f.dir))
		noError(b, err)
		b.Cleanup(func() { x.pg.Close(context.Background()) })
		return x
	}
	pool, err := sql.Open("sqlite", "file:"+f.file()+
		"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)")
	noError(b, err)
	b.Cleanup(func() { pool.Close() })
	x.lite, err = pool.Conn(b.Context())
	noError(b, err)
	return x
}

// statement is one with what it is given.
type statement struct {
	query string
	args  []any
}

// deeds are the statements of each commit that makes a deed durable.
func (x *bare) deeds() map[string][]func(n int) []statement {
	ms, day, app := millis(x.clock.now()), ledger.DayOf(x.clock.now()), x.app.ID
	log := func(act, object, detail string) statement {
		x.line++
		return statement{`INSERT INTO activities (id, at, person_id, person_name, addr, app, act, object, detail, hash)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{x.line, ms, 1, "admin", "192.0.2.1", app, act, object, detail, make([]byte, 32)}}
	}
	report := func(n int) []statement {
		return []statement{
			{`INSERT INTO rights (app, right_id, source, openid, total, made_at, reported_at, expires_at)
				VALUES (?, ?, 'form', ?, 1, ?, ?, ?) ON CONFLICT (app, right_id) DO NOTHING`,
				[]any{app, fmt.Sprint("form-", n), openIDOf(n), ms, ms, ms + 7*24*3600*1000}},
			{`INSERT INTO right_days (app, day, reported, ending) VALUES (?, ?, 1, 0), (?, ?, 0, 1) ON CONFLICT (app, day)
				DO UPDATE SET reported = right_days.reported + excluded.reported, ending = right_days.ending + excluded.ending`,
				[]any{app, day, app, day + 7}},
			log("right.report", "", `{"new":1}`),
		}
	}
	begin := func(n int) []statement {
		return []statement{
			{"UPDATE rights SET held = 1 WHERE app = ? AND right_id = ?", []any{app, fmt.Sprint("right-", n)}},
			{`INSERT INTO sends (id, app, key, body_hash, template_id, title, openid, right_id, request, words, outcome,
				err_code, err_msg, reason, attempts, took_us, person_id, person_name, process, created_at, finished_at, holds)
				VALUES (?, ?, ?, ?, 'tpl', '', ?, ?, ?, ?, 'pending', 0, '', '', 0, 0, ?, 'admin', 1, ?, 0, 1)`,
				[]any{n, app, fmt.Sprint(n), make([]byte, 32), openIDOf(n), fmt.Sprint("right-", n), []byte(request),
					"TIT造舰厂\n2016年6月6日\n咖啡\n12.00元\n", x.admin.ID, ms}},
			log("send.begin", fmt.Sprint("send:", n), `{"template":"tpl"}`),
		}
	}
	finish := func(n int) []statement {
		return []statement{
			{`UPDATE sends SET outcome = 'sent', attempts = 1, took_us = 1000, finished_at = ?, holds = 0 WHERE id = ?`, []any{ms, n}},
			{"UPDATE rights SET used = 1, held = 0, closed = 'spent' WHERE app = ? AND right_id = ?", []any{app, fmt.Sprint("right-", n)}},
			{`INSERT INTO right_days (app, day, used, spent, ending) VALUES (?, ?, 1, 1, 0), (?, ?, 0, 0, -1) ON CONFLICT (app, day)
				DO UPDATE SET used = right_days.used + excluded.used, spent = right_days.spent + excluded.spent,
				ending = right_days.ending + excluded.ending`, []any{app, day, app, day + 7}},
			{`INSERT INTO send_hours (app, hour, outcome, message_kind, sends) VALUES (?, ?, 'sent', 'template', 1)
				ON CONFLICT (app, hour, outcome, message_kind) DO UPDATE SET sends = send_hours.sends + 1`, []any{app, hourOf(x.clock.now())}},
			{`INSERT INTO send_days (app, day, template_id, outcome, err_code, sends, calls) VALUES (?, ?, 'tpl', 'sent', 0, 1, 1)
				ON CONFLICT (app, day, template_id, outcome, err_code) DO UPDATE SET sends = send_days.sends + 1,
				calls = send_days.calls + excluded.calls`, []any{app, day}},
			log("send.finish", fmt.Sprint("send:", n), `{"errcode":0,"outcome":"sent"}`),
		}
	}
	return map[string][]func(n int) []statement{"report": {report}, "send": {begin, finish}}
}

// reported puts a right of their own in the ledger for the openids first to last.
func (x *bare) reported(b *testing.B, first, last int) {
	b.Helper()
	var all []statement
	for n := first; n < last; n++ {
		all = append(all, statement{`INSERT INTO rights (app, right_id, source, openid, total, made_at, reported_at, expires_at)
			VALUES (?, ?, 'form', ?, 1, 0, 0, ?)`, []any{x.app.ID, fmt.Sprint("right-", n), openIDOf(n), int64(1) << 45}})
	}
	noError(b, x.one(all))
}

// inBatches does the deeds first to last, so many together.
func (x *bare) inBatches(b *testing.B, first, last, together int, commit func([]statement) error,
	deed []func(int) []statement) {
	b.Helper()
	for n := first; n < last; n += together {
		for _, part := range deed {
			var all []statement
			for i := n; i < min(n+together, last); i++ {
				all = append(all, part(i)...)
			}
			noError(b, commit(all))
		}
	}
}

// one commits statements that run one after the other.
func (x *bare) one(all []statement) error {
	ctx := context.Background()
	exec := func(query string, args []any) error {
		if x.pg != nil {
			_, err := x.pg.Exec(ctx, numbered(query), args...)
			return err
		}
		if x.stmts[query] == nil {
			stmt, err := x.lite.PrepareContext(ctx, query)
			if err != nil {
				return err
			}
			x.stmts[query] = stmt
		}
		_, err := x.stmts[query].ExecContext(ctx, args...)
		return err
	}
	if err := exec("BEGIN", nil); err != nil {
		return err
	}
	for _, s := range all {
		if err := exec(s.query, s.args); err != nil {
			return err
		}
	}
	return exec("COMMIT", nil)
}

// pipelined commits statements that are all sent before the first is answered.
func (x *bare) pipelined(all []statement) error {
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	for _, s := range all {
		batch.Queue(numbered(s.query), s.args...)
	}
	batch.Queue("COMMIT")
	return x.pg.SendBatch(context.Background(), batch).Close()
}

var numberedBefore = map[string]string{}

// numbered has PostgreSQL's placeholders.
func numbered(query string) string {
	if text, ok := numberedBefore[query]; ok {
		return text
	}
	var text strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			text.WriteString("$" + strconv.Itoa(i))
		}
		text.WriteString(part)
	}
	numberedBefore[query] = text.String()
	return text.String()
}
