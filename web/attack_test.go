package web_test

import (
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
)

// The ordinary run is a sample; go test ./web -run HostileRequests -attacks 100000 is the
// whole of it. What a seed found is met again with the same -attackseed.
var (
	attacks    = flag.Int("attacks", 2000, "how many hostile requests are made")
	attackSeed = flag.Uint64("attackseed", 1, "of the hostile requests")
)

// attacksPerConsole is how many requests one console takes: with time an attack disables people
// and ends sessions, and what follows would only meet the sign-in.
const attacksPerConsole = 500

func TestHostileRequestsBreakNothingAndWriteNothingUnrecorded(t *testing.T) {
	t.Parallel()
	var made, fine, acts atomic.Int64
	t.Run("rounds", func(t *testing.T) {
		for round := range (*attacks + attacksPerConsole - 1) / attacksPerConsole {
			t.Run(fmt.Sprintf("seed=%d,round=%d", *attackSeed, round), func(t *testing.T) {
				t.Parallel()
				a := newAttack(t, rand.New(rand.NewPCG(*attackSeed, uint64(round))))
				for range attacksPerConsole {
					if a.once() < 400 {
						fine.Add(1)
					}
					made.Add(1)
				}
				acts.Add(a.recorded - a.begun)
				a.lookThroughTheLog()
			})
		}
	})
	t.Logf("seed %d: %d hostile requests, %d answered below 400, %d acts recorded", *attackSeed, made.Load(), fine.Load(), acts.Load())
	if acts.Load() < made.Load()/50 {
		t.Error("hardly any request did anything: the attack does not get beyond the door")
	}
}

// attack is one round of requests on a console of its own, one after the other, so that
// what was written is known to be of the last of them.
type attack struct {
	*webtest.Console
	random   *rand.Rand
	handler  http.Handler
	forge    *forge
	db       *sql.DB
	writes   int64 // how many were seen so far, of tables that only acts change
	begun    int64 // the newest activity before the attack
	recorded int64 // the newest activity
}

func newAttack(t *testing.T, random *rand.Rand) *attack {
	t.Helper()
	c := webtest.NewConsoleWith(t, func(w *web.Config) { w.AllowPrivateAPI = true })
	wechat := httptest.NewServer(c.Sandbox)
	t.Cleanup(wechat.Close)
	a := &attack{Console: c, random: random, handler: c.Muban.Handler(), forge: newForge(c, random, wechat.URL)}
	var err error
	a.db, err = sql.Open("sqlite", filepath.Join(c.Dir, "muban.db")+"?_pragma=busy_timeout(10000)")
	webtest.Must(t, err)
	t.Cleanup(func() { _ = a.db.Close() })
	a.watch()
	return a
}

// unwatched are the tables that change without a person's act: what the program keeps
// for itself, and counts. Every other table, a new one too, changes by acts alone.
var unwatched = strings.Fields(`activities sealing_keys guesses known_places tokens sessions leases token_events handouts
	library_syncs library_staged library_titles library_changes account_lists account_templates pending_changes template_lookups
	alerts deliveries send_days right_days sqlite_sequence sqlite_stat1 migrations`)

// watch notes every write of a watched table. When something was last used or seen is
// no act.
func (a *attack) watch() {
	a.T.Helper()
	rows, err := a.db.Query(`SELECT m.name, group_concat(c.name) FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.name NOT IN ('last_used_at', 'last_sign_in') GROUP BY m.name`)
	webtest.Must(a.T, err)
	defer rows.Close()
	script := "CREATE TABLE watched (id INTEGER PRIMARY KEY, what TEXT);"
	for rows.Next() {
		var table, columns string
		webtest.Must(a.T, rows.Scan(&table, &columns))
		if strings.Contains(" "+strings.Join(unwatched, " ")+" ", " "+table+" ") {
			continue
		}
		for name, when := range map[string]string{"i": "INSERT", "u": "UPDATE OF " + columns, "d": "DELETE"} {
			script += fmt.Sprintf("CREATE TRIGGER watch_%s_%s AFTER %s ON %s BEGIN INSERT INTO watched (what) VALUES ('%s %s'); END;",
				name, table, when, table, strings.Fields(when)[0], table)
		}
	}
	webtest.Must(a.T, rows.Err())
	_, err = a.db.Exec(script)
	webtest.Must(a.T, err)
	a.recorded = a.newestActivity()
	a.begun = a.recorded
}

func (a *attack) newestActivity() (id int64) {
	a.T.Helper()
	webtest.Must(a.T, a.db.QueryRow("SELECT coalesce(max(id), 0) FROM activities").Scan(&id))
	return id
}

// once makes one request and judges what came of it.
func (a *attack) once() (status int) {
	a.T.Helper()
	r, said := a.forge.request()
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if p := recover(); p != nil {
				a.T.Errorf("%s: panic %v", said, p)
			}
		}()
		a.handler.ServeHTTP(w, r)
	}()
	a.Sandbox.ClearFaults() // else what follows would be WeChat's failures, and not the console's
	if w.Code >= 500 {
		a.T.Errorf("%s: %d\n%.300s", said, w.Code, w.Body)
	}
	a.wroteWhatItRecorded(said)
	return w.Code
}

// wroteWhatItRecorded holds a write of the last request against the activity log.
func (a *attack) wroteWhatItRecorded(said string) {
	a.T.Helper()
	var writes int64
	webtest.Must(a.T, a.db.QueryRow("SELECT coalesce(max(id), 0) FROM watched").Scan(&writes))
	if writes == a.writes {
		return
	}
	newest := a.newestActivity()
	if newest == a.recorded {
		var what string
		webtest.Must(a.T, a.db.QueryRow("SELECT group_concat(what) FROM watched WHERE id > ?", a.writes).Scan(&what))
		a.T.Errorf("%s: %s, and no activity tells of it", said, what)
	}
	a.writes, a.recorded = writes, newest
}

// lookThroughTheLog looks for panics, and for lines that a request has forged.
func (a *attack) lookThroughTheLog() {
	a.T.Helper()
	for line := range strings.Lines(a.Log.String()) {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, "msg=panic") || strings.Contains(line, `msg="request failed"`) {
			a.T.Errorf("in the log: %.2000s", line)
		}
	}
}

// Without the table of the acts' log nothing is written at all (store/activity_test.go);
// here the watch itself is tried, so that it is known to see.
func TestTheWatchOfAnAttackSeesAWriteWithoutItsActivity(t *testing.T) {
	t.Parallel()
	a := newAttack(t, rand.New(rand.NewPCG(1, 1)))
	before := a.writes
	_, err := a.db.Exec("UPDATE people SET lang = 'en' WHERE name = ?", string(store.QA))
	webtest.Must(t, err)
	webtest.Must(t, a.db.QueryRow("SELECT coalesce(max(id), 0) FROM watched").Scan(&a.writes))
	if a.writes != before+1 || a.newestActivity() != a.recorded {
		t.Errorf("%d writes seen, %d activities", a.writes-before, a.newestActivity()-a.recorded)
	}
}
