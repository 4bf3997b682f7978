package library_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muban/wechat"
	"muban/wechat/library"
	"muban/wechat/sandbox"
)

func TestTroubleThatPassesIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]sandbox.Fault{
		"busy":             {ErrCode: code(-1), Times: 5},
		"daily quota":      {ErrCode: code(45009), Times: 5},
		"too often":        {ErrCode: code(45011), Times: 5},
		"dropped before":   {Drop: "before", Times: 4},
		"dropped after":    {Drop: "after", Times: 4},
		"a gateway's page": {Status: 502, Times: 3},
		"no JSON":          {Body: "<html>", Times: 3},
		"an empty answer":  {Body: "{}", Times: 2},
		"token rejected":   {ErrCode: code(40001), Times: 5},
		"a slow answer":    {Delay: sandbox.Duration(time.Minute), Times: 2},
	} {
		for _, path := range []string{listPath, getPath} {
			t.Run(name+path, func(t *testing.T) {
				t.Parallel()
				inTime(t, 25, func(t *testing.T, r *rig) {
					f.Path = path
					r.fault(f)
					r.wantComplete(r.sync())
					if left := r.sandbox.Faults(); len(left) > 0 {
						t.Errorf("%v was not met", left)
					}
				})
			})
		}
	}
}

func code(n int) *int { return &n }

func TestAllTroublesTogetherEndComplete(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		inTime(t, 45, func(t *testing.T, r *rig) {
			random := rand.New(rand.NewPCG(seed, 1))
			added := 0
			r.between = func(event int) {
				path := []string{listPath, getPath}[random.IntN(2)]
				switch what := random.IntN(40); {
				case event > 120: // it calms down
				case what < 2:
					r.errcode(path, []int{45009, 45011, -1, 40001}[random.IntN(4)], 1+random.IntN(3))
				case what < 4:
					r.fault(sandbox.Fault{Path: path, Drop: []string{"before", "after"}[random.IntN(2)],
						Times: 1 + random.IntN(2)})
				case what == 4:
					added++
					r.edit(fmt.Sprintf(`{"first":%t,"add":[{"id":"AT90%02d","title":"洗车完成提醒%d","keywords":[]}]}`,
						random.IntN(2) == 0, added, added))
				case what == 5 && added > 0:
					r.edit(fmt.Sprintf(`{"remove":["AT90%02d"]}`, added))
					added--
				}
			}
			s := r.sync()
			r.sandbox.ClearFaults()
			r.wantComplete(s)
		})
	}
}

func TestADailyQuotaIsWaitedForAtLengthAndSaysUntilWhen(t *testing.T) {
	t.Parallel()
	inTime(t, 25, func(t *testing.T, r *rig) {
		r.errcode(getPath, 45009, 10)
		r.start()
		time.Sleep(2 * time.Hour)
		s := r.mirror.State()
		if !errors.Is(s.Trouble, wechat.ErrQuota) || s.NextTry.Before(time.Now()) ||
			s.Phase != library.PhaseKeywords || s.Done != 0 {
			t.Errorf("%+v", s)
		}
		if n := r.calls(getPath); n < 3 || n > 7 {
			t.Errorf("%d calls in two hours", n)
		}
		must(t, r.mirror.Wake(t.Context())) // try again now
		synctest.Wait()
		time.Sleep(time.Second)
		if before := r.calls(getPath); before == 0 || r.mirror.State().NextTry.Equal(s.NextTry) {
			t.Error("nobody tried again")
		}
		r.wantComplete(r.finish())
	})
}

func TestTroubleThatDoesNotPassEndsTheSyncAfterADay(t *testing.T) {
	t.Parallel()
	inTime(t, 25, func(t *testing.T, r *rig) {
		r.wantComplete(r.sync())
		good := r.mirror.State().Good
		r.errcode(listPath, 45009, 1000)
		began := time.Now()
		s := r.sync()
		if took := time.Since(began); took < 23*time.Hour || took > 27*time.Hour {
			t.Errorf("given up after %s", took)
		}
		if s.Outcome != library.Failed || s.ErrCode != 45009 || s.Err == "" || !s.Good.Equal(good) ||
			len(r.mirror.Titles()) != 25 {
			t.Errorf("%+v", s)
		}
	})
}

func TestARefusalThatAPersonMustMendEndsTheSyncAtOnce(t *testing.T) {
	t.Parallel()
	for path, codes := range map[string][]int{
		listPath:         {48001, 48009, 40097, 47001, 12345},
		getPath:          {48001, 45103, 45109},
		"/cgi-bin/token": {40164, 40125, 40243},
	} {
		for _, n := range codes {
			inTime(t, 25, func(t *testing.T, r *rig) {
				r.wantComplete(r.sync())
				r.errcode(path, n, 1)
				s := r.sync()
				if s.Outcome != library.Failed || s.ErrCode != n || len(r.mirror.Titles()) != 25 {
					t.Errorf("%s %d: %+v", path, n, s)
				}
			})
		}
	}
}

// Of all that reads the library as a whole, a sync and two walks through the list that
// pages have begun, five questions a second come to WeChat.
func TestWalksAndASyncShareOnePace(t *testing.T) {
	t.Parallel()
	inTime(t, 2000, func(t *testing.T, r *rig) {
		r.start()
		var walks sync.WaitGroup
		for range 2 {
			walks.Go(func() {
				if all, err := r.direct.All(t.Context()); err != nil || len(all) < 1000 {
					t.Errorf("%d titles, %v", len(all), err)
				}
			})
		}
		before := 0
		for range 30 {
			time.Sleep(time.Second)
			calls := r.calls(listPath) + r.calls(getPath)
			if n := calls - before; n < 4 || n > 6 {
				t.Errorf("%d calls in a second", n)
			}
			before = calls
		}
		walks.Wait()
	})
}

func TestAWalkThatWasBrokenOffGoesOnFromThere(t *testing.T) {
	t.Parallel()
	inTime(t, 2000, func(t *testing.T, r *rig) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := r.direct.All(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		read := r.calls(listPath)
		all, err := r.direct.All(t.Context())
		must(t, err)
		if pages := (len(all) + wechat.MaxCount - 1) / wechat.MaxCount; read < 20 || r.calls(listPath) != pages {
			t.Errorf("%d pages read before the end, %d in all, of %d", read, r.calls(listPath), pages)
		}
	})
}
