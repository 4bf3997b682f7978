package store

import (
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

// wantService asks every living process for a token once a second. Nobody may wait, and
// every token must work. It answers the tokens in the order they were first seen.
func (c *cluster) wantService(t *testing.T, forHowLong time.Duration, processes ...*process) []wechat.Secret {
	t.Helper()
	var seen []wechat.Secret
	known := map[wechat.Secret]bool{}
	for end := time.Now().Add(forHowLong); time.Now().Before(end); time.Sleep(time.Second) {
		for _, p := range processes {
			if p.killed.Load() {
				continue
			}
			before := time.Now()
			r, err := p.Current(t.Context())
			noError(t, err)
			if took := time.Since(before); took > 0 {
				t.Fatalf("%v: a caller of %s waited for %v", before, p.name, took)
			}
			if !c.works(t, r.Value) {
				t.Fatalf("%v: %s hands out a token that does not work", before, p.name)
			}
			if !known[r.Value] {
				known[r.Value], seen = true, append(seen, r.Value)
			}
		}
	}
	return seen
}

// Issue 6: two processes, one killed, 30 minutes of simulated time. The token of the
// start is due after 1 h 55 min, in the middle of these.
func TestFault09_HalfAnHourOfTwoProcessesOfWhichOneIsKilled(t *testing.T) {
	for name, c := range map[string]struct {
		when    string
		fetches int // in the half hour
	}{
		"none is":                          {"", 1},
		"over a fetch, before its request": {"before", 1},
		"over a fetch, after its answer":   {"after", 2}, // the lost token is nobody's
	} {
		t.Run(name, func(t *testing.T) {
			inCluster(t, func(t *testing.T, cl *cluster) {
				a, b := cl.start(t), cl.start(t)
				time.Sleep(100 * time.Minute)
				synctest.Wait()
				equal(t, "fetches at the start", cl.fetches(), 1)
				cl.lieInWait(c.when)
				seen := cl.wantService(t, 30*time.Minute, a, b)
				equal(t, "a process is dead", a.killed.Load() != b.killed.Load(), c.when != "")
				equal(t, "tokens handed out", len(seen), 2)
				equal(t, "fetches", cl.fetches(), 1+c.fetches)
			})
		})
	}
}

// A refresh is five writes: the turn, the journal, the token, the journal, the turn given
// up. The process dies before each of them in turn.
func TestFault09_InWhateverGapAProcessIsKilledTheOtherServes(t *testing.T) {
	for gap, fetches := range []int{1, 1, 2, 1, 1} {
		inCluster(t, func(t *testing.T, c *cluster) {
			a, b := c.start(t), c.start(t)
			time.Sleep(114 * time.Minute)
			c.fuse.Store(int64(gap + 1))
			seen := c.wantService(t, 12*time.Minute, a, b)
			equal(t, "a is dead", a.killed.Load() && !b.killed.Load(), true)
			equal(t, "tokens handed out", len(seen), 2)
			if n := c.fetches(); n != 1+fetches {
				t.Errorf("killed before write %d: %d fetches, want %d", gap+1, n, 1+fetches)
			}
		})
	}
}

func TestFault09_ProcessesThatAreDueInTheSameMomentMakeOneFetch(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		c.inStep = true
		processes := []*process{c.start(t), c.start(t), c.start(t)}
		time.Sleep(time.Minute)
		synctest.Wait()
		equal(t, "fetches at the start", c.fetches(), 1)
		time.Sleep(113 * time.Minute)
		c.wantService(t, 10*time.Minute, processes...)
		equal(t, "fetches", c.fetches(), 2)
	})
}

func TestFault09_AKilledProcessIsReplacedWithinSeconds(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		inCluster(t, func(t *testing.T, c *cluster) {
			c.lieInWait(when)
			a := c.start(t)
			time.Sleep(500 * time.Millisecond) // a has the turn
			synctest.Wait()
			b := c.start(t)
			start := time.Now()
			r, err := b.Current(t.Context())
			noError(t, err)
			equal(t, "a is dead", a.killed.Load(), true)
			equal(t, "the token works", c.works(t, r.Value), true)
			if took := time.Since(start); took > 9*time.Second { // the rest of a's lease, and b's fetch
				t.Errorf("%s: without a token for %v", when, took)
			}
		})
	}
}

// A process dies over a refresh that nobody needed. WeChat has ended the token that the
// others hold, and they hear of it in time.
func TestFault09_ALostTokenIsNoTrapForTheOthers(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		c.lieInWait("after")
		go a.Force(t.Context())
		seen := c.wantService(t, 30*time.Minute, b)
		equal(t, "a is dead", a.killed.Load(), true)
		equal(t, "tokens handed out", len(seen), 2)
		equal(t, "fetches", c.fetches(), 3)

		all, total, err := b.TokenEvents(t.Context(), TokenEventFilter{AppID: c.app.AppID})
		noError(t, err)
		equal(t, "events", total, 3)
		equal(t, "the lost one ended", all[1].Ended, false)
		equal(t, "the lost one's reason", all[1].Reason, token.Forced)
		equal(t, "the next one's reason", all[0].Reason, token.Due)
	})
}

func TestFault09_EveryProcessTurnsToTheNewTokenBeforeTheOldOneDies(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		_, err := a.Force(t.Context())
		noError(t, err)
		time.Sleep(6 * time.Second)
		here, err := a.Current(t.Context())
		noError(t, err)
		there, err := b.Current(t.Context())
		noError(t, err)
		equal(t, "the same token", there.Value == here.Value, true)
		equal(t, "the same expiry", there.ExpiresAt.Equal(stored(here.ExpiresAt)), true)
		c.wantService(t, 30*time.Minute, a, b)
	})
}

func TestFault13_TwentyRestartsOfTwoProcessesRefreshNothing(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		for range 20 {
			a.stop()
			c.wantService(t, time.Minute, b)
			a, b = b, c.start(t)
		}
		equal(t, "fetches", c.fetches(), 1)
	})
}

func TestFault09_ASlowFetchKeepsItsTurn(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		old, err := b.Token(t.Context())
		noError(t, err)
		c.takes.Store(int64(14 * time.Second)) // longer than a turn that is not renewed
		go a.Force(t.Context())
		time.Sleep(time.Second)
		_, err = b.Refresh(t.Context(), old)
		noError(t, err)
		equal(t, "fetches", c.fetches(), 2)
	})
}

func TestFault09_ATurnThatIsNotNeededIsGivenUp(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		old, err := b.Token(t.Context())
		noError(t, err)
		_, err = a.Force(t.Context())
		noError(t, err)
		fresh, err := b.Refresh(t.Context(), old) // is there already
		noError(t, err)
		start := time.Now()
		_, err = a.Refresh(t.Context(), fresh)
		noError(t, err)
		equal(t, "a's refresh took", time.Since(start), time.Second)
		equal(t, "fetches", c.fetches(), 3)
	})
}

// The machine sleeps over a fetch, and another process takes over meanwhile. The token of
// the sleeper is older: it is given to nobody.
func TestFault11_AProcessThatStoodStillOverItsFetchTakesTheLaterToken(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		old, err := b.Token(t.Context())
		noError(t, err)
		c.lieInWait("sleep")
		late := make(chan wechat.Secret)
		go func() {
			got, _ := a.Force(t.Context())
			late <- got
		}()
		time.Sleep(time.Second)
		fresh, err := b.Refresh(t.Context(), old)
		noError(t, err)
		equal(t, "a sleeps", a.frozen.Load() != nil, true)
		a.thaw()
		equal(t, "what the sleeper gets is the later one", <-late == fresh, true)
		equal(t, "fetches", c.fetches(), 3)
		stored, err := b.LoadToken(t.Context(), c.app.AppID)
		noError(t, err)
		equal(t, "the later one is stored", stored.Value == fresh, true)
		c.wantService(t, 10*time.Minute, a, b)
	})
}
