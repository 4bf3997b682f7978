package store

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"muban/store/pgtest"
)

var kills = flag.Int("kills", 20, "how often the writing process is killed")

// childDir names the environment variable that makes the test binary write until it is killed.
const childDir = "MUBAN_TEST_WRITE_TO"

// childTask names the one that says what it writes: "consents", or else sends.
const childTask = "MUBAN_TEST_WRITE"

// childDatabase names the one with the address of its PostgreSQL database; "" on SQLite.
const childDatabase = "MUBAN_TEST_WRITE_TO_DATABASE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeForever(dir, os.Getenv(childTask)))
		os.Exit(1)
	}
	os.Exit(pgtest.Both(m, func() { onPostgres = true }))
}

// writeForever begins sends, finishes every second one, and prints what was acknowledged.
func writeForever(dir, task string) error {
	ctx := context.Background()
	s, err := Open(ctx, dir, Options{Database: os.Getenv(childDatabase)})
	if err != nil {
		return err
	}
	apps, err := s.Apps(ctx)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range writers {
		if task == "consents" {
			go func() { failed <- s.writeConsents(ctx, apps[0].ID, w) }()
			continue
		}
		go func() { failed <- s.writeSends(ctx, apps[0].ID, fmt.Sprintf("%d-%d", os.Getpid(), w)) }()
	}
	return <-failed
}

// writers is how many goroutines of a child write.
const writers = 4

func (s *Store) writeSends(ctx context.Context, app int64, name string) error {
	for i := 0; ; i++ {
		x, _, err := s.BeginSend(ctx, Actor{}, attempt(app, fmt.Sprintf("%s-%d", name, i)))
		if err != nil {
			return err
		}
		fmt.Printf("%d pending\n", x.ID) // one write a line: lines of several goroutines do not mix
		if i%2 == 1 {
			continue
		}
		x.Outcome = "sent"
		if err := s.FinishSend(ctx, Actor{}, x); err != nil {
			return err
		}
		fmt.Printf("%d sent\n", x.ID)
	}
}

func TestFault38_NothingAcknowledgedIsLostByKill9(t *testing.T) {
	f := newFixture(t)
	noError(t, f.Close())
	acknowledged := map[int64]string{}
	for range *kills {
		f.writeAndKill(t, "", func(line string) { note(t, acknowledged, line) })
		f.Store = open(t, f.dir, f.clock) // with a quick_check
		f.wantAcknowledged(t, acknowledged)
		noError(t, f.Close())
	}
	f.Store = open(t, f.dir, f.clock)
	noError(t, f.Check(t.Context()))
	t.Logf("%d kills, %d sends acknowledged", *kills, len(acknowledged))
}

// writeAndKill lets a child write for a random number of lines.
func (f *fixture) writeAndKill(t *testing.T, task string, note func(line string)) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+f.dir, childTask+"="+task, childDatabase+"="+database(t, f.dir))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	noError(t, err)
	noError(t, child.Start())
	lines := bufio.NewScanner(out)
	for range 1 + rand.IntN(200) {
		if !lines.Scan() {
			break
		}
		note(lines.Text())
	}
	noError(t, child.Process.Kill())
	for lines.Scan() { // what was printed before the kill counts
		note(lines.Text())
	}
	io.Copy(io.Discard, out)
	child.Wait()
}

func note(t *testing.T, acknowledged map[int64]string, line string) {
	t.Helper()
	id, outcome, ok := strings.Cut(line, " ")
	n, err := strconv.ParseInt(id, 10, 64)
	if !ok || err != nil || outcome != "pending" && outcome != "sent" {
		return // the last line may be cut off
	}
	acknowledged[n] = outcome
}

func (f *fixture) wantAcknowledged(t *testing.T, acknowledged map[int64]string) {
	t.Helper()
	if len(acknowledged) == 0 {
		t.Fatal("the child wrote nothing")
	}
	all, _, err := f.Sends(t.Context(), SendFilter{App: f.app.ID, Count: 1_000_000})
	noError(t, err)
	byID := map[int64]Send{}
	for _, x := range all {
		byID[x.ID] = x
	}
	for id, said := range acknowledged {
		x := byID[id]
		// A send whose outcome was not acknowledged has one all the same, or was interrupted.
		if x.Outcome != "sent" && (said == "sent" || x.Outcome != "unknown" || x.Reason != "interrupted") {
			t.Fatalf("send %d was acknowledged as %s and is %s (%s)", id, said, x.Outcome, x.Reason)
		}
	}
}
