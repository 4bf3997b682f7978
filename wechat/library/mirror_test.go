package library_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat/library"
	"muban/wechat/sandbox"
	"muban/wechat/search"
)

func TestASyncMirrorsTheWholeLibrary(t *testing.T) {
	t.Parallel()
	inTime(t, 2000, func(t *testing.T, r *rig) {
		if r.mirror.Titles() != nil || r.mirror.Index() != nil || r.mirror.Version() != 0 || r.mirror.State().ID != 0 {
			t.Fatal("there is a mirror before the first sync")
		}
		began := time.Now()
		s := r.sync()
		took := time.Since(began)
		calls := r.calls(listPath) + r.calls(getPath)
		r.wantComplete(s)
		if s.Keywords < 7000 || s.Counts != nil || s.By != "admin" || r.mirror.Version() == 0 {
			t.Errorf("%+v, version %d", s, r.mirror.Version())
		}
		if rate := float64(calls) / took.Seconds(); rate > 5.1 || rate < 4 {
			t.Errorf("%d calls in %s: %.1f a second", calls, took, rate)
		}
		if found := r.mirror.Index().Search(search.Query{Text: "gmcg", Count: 1}); found.Total == 0 ||
			found.Hits[0].Title.ID != "AT0002" {
			t.Errorf("%+v", found)
		}
		if title, found := r.mirror.Title("AT0002"); !found || title.Text != "购买成功通知" {
			t.Errorf("%+v", title)
		}
	})
}

// A sync that is under way has a phase, also while it has yet to load what was read of it before.
func TestASyncHasAPhaseFromItsFirstMoment(t *testing.T) {
	t.Parallel()
	inTime(t, 30, func(t *testing.T, r *rig) {
		loads := 0
		r.load = func() {
			loads++
			if s := r.mirror.State(); s.Phase != library.PhaseTitles || s.Elsewhere {
				t.Errorf("%+v", s)
			}
		}
		r.sync()
		if loads == 0 {
			t.Error("nothing was loaded")
		}
	})
}

func TestProgressIsTold(t *testing.T) {
	t.Parallel()
	inTime(t, 60, func(t *testing.T, r *rig) {
		seen := map[string]int{}
		r.between = func(int) {
			s := r.mirror.State()
			if s.Done > s.Total && s.Total > 0 || s.Elsewhere {
				t.Errorf("%+v", s)
			}
			seen[s.Phase] = max(seen[s.Phase], s.Done)
		}
		r.sync()
		if seen[library.PhaseTitles] < 38 || seen[library.PhaseKeywords] != 59 || seen[library.PhaseCheck] < 38 {
			t.Errorf("%v", seen)
		}
		if s := r.mirror.State(); s.Phase != "" || s.Done != 0 || s.StartedAt.IsZero() ||
			!s.EndedAt.After(s.StartedAt) {
			t.Errorf("afterwards %+v", s)
		}
	})
}

// The store is closed before the k-th thing that the mirror does, so that nothing from
// there on is kept, as when the process is killed; the next one finds what was kept.
func TestKilledAnywhereASyncResumesAndEndsComplete(t *testing.T) {
	t.Parallel()
	const titles = 25
	for k := 1; ; k++ {
		var killed atomic.Bool
		inTime(t, titles, func(t *testing.T, r *rig) {
			r.between = func(event int) {
				if event == k {
					killed.Store(true)
					r.store.Close()
				}
			}
			r.start()
			synctest.Wait()
			for range 60 {
				time.Sleep(time.Second)
			}
			if !killed.Load() {
				return
			}
			r.mu.Lock()
			r.between = nil
			r.mu.Unlock()
			r.restart()
			s := r.finish()
			if lists, gets := r.calls(listPath), r.calls(getPath); lists > 5 || gets > titles+1 {
				t.Errorf("killed at %d: %d lists and %d titles were read, so it began anew", k, lists, gets)
			}
			r.wantComplete(s)
		})
		if t.Failed() || !killed.Load() {
			if k < 2*titles {
				t.Errorf("only %d places to be killed at", k)
			}
			return
		}
	}
}

func TestASyncThatIsStoppedWithTheServerGoesOn(t *testing.T) {
	t.Parallel()
	inTime(t, 60, func(t *testing.T, r *rig) {
		r.start()
		time.Sleep(6 * time.Second)
		done := r.mirror.State().Done
		r.restart()
		synctest.Wait()
		if s := r.mirror.State(); !s.Running() || s.Elsewhere || s.Done < done {
			t.Errorf("%+v after %d", s, done)
		}
		r.wantComplete(r.finish())
	})
}

func TestATitleThatDoesNotOpenIsListedAsMissing(t *testing.T) {
	t.Parallel()
	inTime(t, 25, func(t *testing.T, r *rig) {
		// the last a code that nobody knows
		r.refuse = map[string]int{"AT0004": 40097, "AT0016": 40037, "AT0027": 99999}
		s := r.sync()
		if s.Outcome != library.Complete || s.Titles != 25 || s.Unsettled || len(s.Missing) != 3 {
			t.Fatalf("%+v", s)
		}
		for _, m := range s.Missing {
			title, found := r.mirror.Title(m.ID)
			if !found || title.Keywords != nil || title.Text != m.Text || m.Code != r.refuse[m.ID] || m.Msg == "" {
				t.Errorf("%+v: %+v", m, title)
			}
		}
		r.refuse = nil
		s = r.sync() // the next one has them
		r.wantComplete(s)
		if len(s.Counts) != 0 {
			t.Errorf("%v: that keywords are known now is no change of the library", s.Counts)
		}
	})
}

func TestALibraryThatDoesNotOpenAtAllIsNoMirror(t *testing.T) {
	t.Parallel()
	inTime(t, 60, func(t *testing.T, r *rig) {
		r.wantComplete(r.sync())
		r.errcode(getPath, 40097, 1000)
		if s := r.sync(); s.Outcome != library.Failed || s.ErrCode != 40097 || len(r.mirror.Titles()) != 60 {
			t.Errorf("%+v", s)
		}
		r.sandbox.ClearFaults()
		r.fault(sandbox.Fault{Path: listPath, Body: `{"errcode":0,"list":[],"total_count":0}`, Times: 100})
		if s := r.sync(); s.Outcome != library.Failed || s.Err != library.ErrEmpty.Error() ||
			len(r.mirror.Titles()) != 60 {
			t.Errorf("%+v", s)
		}
	})
}

func TestACancelledSyncLeavesTheMirrorAndDoesNotComeBack(t *testing.T) {
	t.Parallel()
	inTime(t, 60, func(t *testing.T, r *rig) {
		r.wantComplete(r.sync())
		good, version := r.mirror.State().Good, r.mirror.Version()
		r.errcode(getPath, 45009, 1) // cancelled in the middle of a long wait
		r.start()
		time.Sleep(time.Minute)
		must(t, r.store.CancelSync(t.Context(), r.by, r.app, "template"))
		must(t, r.mirror.Wake(t.Context()))
		synctest.Wait()
		calls := r.calls(getPath)
		r.restart()
		time.Sleep(time.Hour)
		s := r.mirror.State()
		if s.Outcome != library.Cancelled || !s.Good.Equal(good) || r.mirror.Version() != version ||
			len(r.mirror.Titles()) != 60 || r.calls(getPath) != calls {
			t.Errorf("%+v, %d calls then %d", s, calls, r.calls(getPath))
		}
		if err := r.store.CancelSync(t.Context(), r.by, r.app, "template"); !errors.Is(err, library.ErrEnded) {
			t.Errorf("cancelled twice: %v", err)
		}
		r.wantComplete(r.sync())
	})
}

func TestThereIsOneSyncAtATime(t *testing.T) {
	t.Parallel()
	inTime(t, 25, func(t *testing.T, r *rig) {
		r.start()
		if err := r.store.StartSync(t.Context(), r.by, r.app, "template"); !errors.Is(err, library.ErrRunning) {
			t.Errorf("a second one: %v", err)
		}
		r.wantComplete(r.finish())
	})
}

func TestTheDailySyncComesOnceADay(t *testing.T) {
	t.Parallel()
	inTime(t, 25, func(t *testing.T, r *rig) {
		must(t, r.store.SetDailySync(t.Context(), r.by, r.app, "template", true))
		must(t, r.mirror.Wake(t.Context()))
		time.Sleep(time.Hour)
		for day := 1; day <= 3; day++ {
			s := r.finish()
			r.wantComplete(s)
			if syncs, err := r.store.Syncs(t.Context(), r.app, "template"); err != nil || len(syncs) != day ||
				s.By != "" || !s.Daily || s.NextDaily.Before(time.Now()) {
				t.Fatalf("day %d: %d syncs, %+v, %v", day, len(syncs), s, err)
			}
			time.Sleep(24 * time.Hour)
		}
		must(t, r.store.SetDailySync(t.Context(), r.by, r.app, "template", false))
		must(t, r.mirror.Wake(t.Context()))
		r.finish()
		before, _ := r.store.Syncs(t.Context(), r.app, "template")
		time.Sleep(72 * time.Hour)
		if after, _ := r.store.Syncs(t.Context(), r.app, "template"); len(after) != len(before) {
			t.Errorf("%d syncs, then %d though it is off", len(before), len(after))
		}
	})
}

func TestOfTwoProcessesOneReads(t *testing.T) {
	t.Parallel()
	inTime(t, 40, func(t *testing.T, r *rig) {
		other := &rig{T: t, sandbox: r.sandbox, dir: r.dir, app: r.app, by: r.by}
		other.open()
		other.run()
		defer other.close()
		r.start()
		time.Sleep(3 * time.Second)
		must(t, other.mirror.Wake(t.Context()))
		synctest.Wait()
		if s := other.mirror.State(); !s.Running() || !s.Elsewhere {
			t.Errorf("the other says %+v", s)
		}
		s := r.finish()
		if n := r.calls(getPath); n != 40 {
			t.Errorf("%d titles were read, of 40", n)
		}
		r.wantComplete(s)
		time.Sleep(2 * time.Minute)
		if len(other.mirror.Titles()) != 40 || other.mirror.Version() != r.mirror.Version() {
			t.Error("the other process does not know the mirror")
		}
	})
}

func TestACancelReachesTheProcessThatReads(t *testing.T) {
	t.Parallel()
	inTime(t, 40, func(t *testing.T, r *rig) {
		r.errcode(listPath, 45009, 100)
		r.start()
		time.Sleep(time.Minute)
		must(t, r.store.CancelSync(t.Context(), r.by, r.app, "template")) // by another process, which cannot wake this one
		time.Sleep(time.Minute)
		if s := r.mirror.State(); s.Running() {
			t.Errorf("%+v", s)
		}
	})
}

// A process that is killed with -9 gives no lease back.
func TestAKilledSyncIsTakenUpAgainWithinTwentySeconds(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Duration{time.Second, 5 * time.Second, 14 * time.Second, 21 * time.Second} {
		inTime(t, 200, func(t *testing.T, r *rig) {
			r.start()
			time.Sleep(at)
			r.store.Close() // what it writes from here on is lost, as is its release of the lease
			r.restart()
			killed := time.Now()
			for r.mirror.State().Elsewhere && time.Since(killed) < time.Hour {
				time.Sleep(time.Second)
			}
			if took := time.Since(killed); took > 20*time.Second || took < 5*time.Second {
				t.Errorf("killed after %s, taken up after %s", at, took)
			}
			r.wantComplete(r.finish())
		})
	}
}

func TestTroubleWithTheStoreIsToldAndWaitedFor(t *testing.T) {
	t.Parallel()
	inTime(t, 25, func(t *testing.T, r *rig) {
		full := errors.New("the disk is full")
		r.mu.Lock()
		r.full = full
		r.mu.Unlock()
		r.start()
		time.Sleep(5 * time.Second)
		s := r.mirror.State()
		if !errors.Is(s.Trouble, full) || library.Reason(s.Trouble) != "internal" || s.Elsewhere ||
			s.NextTry.Before(time.Now()) {
			t.Errorf("%+v", s)
		}
		r.mu.Lock()
		r.full = nil
		r.mu.Unlock()
		r.wantComplete(r.finish())
		if s := r.mirror.State(); s.Trouble != nil || !s.NextTry.IsZero() {
			t.Errorf("afterwards %+v", s)
		}
	})
}
