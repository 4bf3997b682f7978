package store

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/sandbox"
	"muban/wechat/token"
)

func TestFault03_AThousandReportsToTwoProcessesMakeOneRefresh(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		old, err := a.Token(t.Context())
		noError(t, err)
		_, err = wechat.FetchToken(t.Context(), c.credentials()) // somebody outside
		noError(t, err)
		time.Sleep(6 * time.Minute)
		equal(t, "the old token works", c.works(t, old), false)

		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				p := []*process{a, b}[i%2]
				fresh, err := p.Refresh(token.AskedBy(t.Context(), "key:k3v9"), old)
				if err != nil || fresh == old {
					t.Errorf("got %v, the old one: %v", err, fresh == old)
				}
			})
		}
		wg.Wait()
		equal(t, "fetches", c.fetches(), 3)
		all, _, err := b.TokenEvents(t.Context(), TokenEventFilter{AppID: c.app.AppID})
		noError(t, err)
		equal(t, "events", len(all), 2)
		equal(t, "reason", all[0].Reason, token.Outside)
		equal(t, "asked by", all[0].By, "key:k3v9")
	})
}

// A process dies over a fetch that ends the others' token. That it dies early is our own
// doing then, and no stranger's.
func TestOurOwnLostTokenIsNotBlamedOnOthers(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		held, err := b.Token(t.Context())
		noError(t, err)
		c.lieInWait("after")
		go a.Force(t.Context())
		time.Sleep(3 * time.Second)
		_, err = b.Refresh(t.Context(), held)
		noError(t, err)
		all, _, err := b.TokenEvents(t.Context(), TokenEventFilter{AppID: c.app.AppID})
		noError(t, err)
		equal(t, "a is dead", a.killed.Load(), true)
		equal(t, "reason", all[0].Reason, token.Rejected)
	})
}

func TestFault04_TheBudgetIsOneForAllProcessesAndSurvivesRestarts(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		for i := range 20 {
			_, err := []*process{a, b}[i%2].Force(t.Context())
			noError(t, err)
			_, err = []*process{b, a}[i%2].Force(t.Context()) // at once, in the other one
			wantError(t, err, token.ErrTooSoon)
			time.Sleep(30 * time.Second)
		}
		for _, p := range []*process{a, b, c.start(t)} {
			time.Sleep(time.Minute)
			_, err := p.Force(t.Context())
			wantError(t, err, token.ErrBudget)
			equal(t, "left", p.State().ForcedLeft, 0)
			pause, _ := errors.AsType[*token.Pause](err)
			if wait := time.Until(pause.Until); wait < 23*time.Hour || wait > 24*time.Hour {
				t.Errorf("the next one is said to be possible in %v", wait)
			}
		}
		equal(t, "fetches", c.fetches(), 21)
	})
}

func TestFault06_SeveralProcessesTogetherAskNoMoreOftenThanOne(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		code := 40164
		noError(t, c.wechat.AddFault(sandbox.Fault{Path: "/cgi-bin/token", Times: 1000, ErrCode: &code}))
		time.Sleep(100 * time.Minute)
		c.wantService(t, 15*time.Minute, a, b)
		time.Sleep(time.Hour)
		third := c.start(t)
		time.Sleep(time.Minute)
		if n := c.fetches(); n > 12 { // in an hour and a quarter: 1, 2, 4, 8, then 15 minutes apart
			t.Errorf("%d fetches", n)
		}
		for _, p := range []*process{a, b, third} {
			s := p.State()
			if s.Healthy || !errors.Is(s.LastErr, wechat.ErrIP) || time.Since(s.FailingSince) < time.Hour || !s.NextAttempt.After(time.Now()) {
				t.Errorf("%s says %+v", p.name, s)
			}
		}
		c.wechat.ClearFaults()
		_, err := b.Force(t.Context())
		noError(t, err)
		time.Sleep(6 * time.Second)
		for _, p := range []*process{a, b, third} {
			equal(t, p.name+" is healthy", p.State().Healthy, true)
		}
	})
}

// The process whose refresh failed is gone; the others try again in its place.
func TestAFailureElsewhereIsMadeGoodHere(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.start(t), c.start(t)
		time.Sleep(time.Minute)
		c.failOnce(t)
		_, err := a.Force(t.Context())
		wantError(t, err, wechat.ErrIP)
		a.stop()
		c.wantService(t, 2*time.Minute, b)
		equal(t, "b is healthy", b.State().Healthy, true)
		equal(t, "fetches", c.fetches(), 3)
	})
}

// The process that made a failure good was killed when it had stored the token and not yet
// recorded how the fetch went.
func TestAFailureBeforeTheTokenThatIsHeldIsOver(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a := c.start(t)
		time.Sleep(time.Minute)
		c.failOnce(t)
		_, err := a.Force(t.Context())
		wantError(t, err, wechat.ErrIP)
		synctest.Wait()
		c.fuse.Store(4)
		time.Sleep(2 * time.Minute)
		equal(t, "a is dead", a.killed.Load(), true)
		b := c.start(t)
		c.wantService(t, 10*time.Minute, b)
		equal(t, "b is healthy", b.State().Healthy, true)
		equal(t, "fetches", c.fetches(), 3)
	})
}

// failOnce makes WeChat refuse the next fetch, in a way that brings no token about.
func (c *cluster) failOnce(t *testing.T) {
	t.Helper()
	code := 40164
	noError(t, c.wechat.AddFault(sandbox.Fault{Path: "/cgi-bin/token", ErrCode: &code}))
}
