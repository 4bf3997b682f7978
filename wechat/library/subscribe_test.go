package library_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/library"
	"muban/wechat/sandbox"
)

const (
	categoryPath = "/wxaapi/newtmpl/getcategory"
	titlesPath   = "/wxaapi/newtmpl/getpubtemplatetitles"
	kidsPath     = "/wxaapi/newtmpl/getpubtemplatekeywords"
)

// shelf is the mirror of a library of subscribe messages, in simulated time.
type shelf struct {
	*rig
	client *wechat.Client
}

// ofSubscribe runs a test with the categories of these ids.
func ofSubscribe(t *testing.T, ids []string, test func(t *testing.T, r *shelf)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, sandbox: sandbox.New(sandbox.Options{}), dir: inMemory(t), by: store.Actor{Name: "admin"}}
		r.open()
		app, err := r.store.AddApp(t.Context(), r.by, store.App{AppID: sandbox.DefaultAppID, Secret: "s"})
		must(t, err)
		must(t, r.sandbox.SetCategories(sandbox.DefaultAppID, ids))
		r.app = app.ID
		s := &shelf{rig: r}
		s.run()
		defer s.close()
		test(t, s)
	})
}

// run begins the mirror, as a start of the program does.
func (r *shelf) run() {
	var err error
	r.client, err = wechat.NewClient(wechat.Config{Base: "http://sandbox.invalid", Tokens: tokens{r.sandbox}, Transport: r.sandbox.Transport()})
	must(r, err)
	r.mirror = library.NewMirror(r.app, kind.Subscribe.Library(r.client), r.store,
		library.Options{Kind: "subscribe", Page: wechat.MaxTitlesPage})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = r.mirror.Run(ctx) }()
	r.halt = func() { stop(); <-ended }
	synctest.Wait()
}

func (r *shelf) begin() {
	r.Helper()
	must(r, r.store.StartSync(r.Context(), r.by, r.app, "subscribe"))
	must(r, r.mirror.Wake(r.Context()))
}

// await waits for the end of the sync under way.
func (r *shelf) await() library.State {
	for r.mirror.State().Running() {
		time.Sleep(time.Second)
	}
	synctest.Wait()
	return r.mirror.State()
}

// real is what the simulator has in these categories, read in one go.
func (r *shelf) real(ids ...string) map[string]wechat.Title {
	r.Helper()
	all := map[string]wechat.Title{}
	for start := 0; ; start += 30 {
		page, err := r.client.SubscribeTitles(r.Context(), ids, start, 30)
		must(r, err)
		for _, t := range page.Titles {
			all[t.ID] = t
		}
		if len(page.Titles) < 30 {
			return all
		}
	}
}

func TestTheTitlesOfAllCategoriesAreRead(t *testing.T) {
	t.Parallel()
	ids := []string{"612", "611", "670", "86"}
	ofSubscribe(t, ids, func(t *testing.T, r *shelf) {
		r.begin()
		s := r.await()
		want := r.real(ids...)
		if s.Outcome != library.Complete || s.Unsettled || s.Titles != len(want) || len(r.mirror.Titles()) != len(want) {
			t.Fatalf("%+v, %d titles, want %d", s.Report, len(r.mirror.Titles()), len(want))
		}
		long := 0
		for _, title := range r.mirror.Titles() {
			if title.Text != want[title.ID].Text || title.Type != want[title.ID].Type || len(title.Keywords) < 2 || title.Keywords[0].Rule == "" {
				t.Errorf("%+v", title)
			}
			if title.Type == wechat.LongTerm {
				long++
			}
		}
		coffee, _ := r.mirror.Title("250") // 取餐提醒 is in three of them
		if got := strings.Join(slices.Sorted(slices.Values(coffee.Categories)), " "); got != "611 612 670" || long == 0 {
			t.Errorf("categories %q, %d long-term", got, long)
		}
		if len(s.Listed) != 4 || s.Listed[0] != (wechat.Category{ID: "612", Name: "点餐平台"}) {
			t.Errorf("categories %v", s.Listed)
		}
		if n := r.calls(categoryPath); n > 2 {
			t.Errorf("the categories were asked for %d times", n)
		}
	})
}

// A sync goes on where it was when the program is stopped in the middle, and does not read anything twice.
func TestASyncOfCategoriesGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	ofSubscribe(t, []string{"612", "611", "670"}, func(t *testing.T, r *shelf) {
		r.begin()
		time.Sleep(10 * time.Second)
		half := r.mirror.State()
		if half.Phase != library.PhaseKeywords || half.Done == 0 {
			t.Fatalf("%+v", half)
		}
		r.halt()
		asked := r.calls(kidsPath)
		r.run()
		s := r.await()
		if s.Outcome != library.Complete || s.Titles != len(r.real("612", "611", "670")) {
			t.Fatalf("%+v", s.Report)
		}
		if n := r.calls(kidsPath); asked == 0 || n > s.Titles+1 {
			t.Errorf("%d questions for the keywords of %d titles", n, s.Titles)
		}
	})
}

func TestWhatChangedSinceTheLastSyncIsTold(t *testing.T) {
	t.Parallel()
	ofSubscribe(t, []string{"612"}, func(t *testing.T, r *shelf) {
		r.begin()
		first := r.await()
		must(t, r.sandbox.SetCategories(sandbox.DefaultAppID, []string{"612", "321"}))
		time.Sleep(2 * time.Minute)
		r.begin()
		s := r.await()
		if got := s.Counts[library.TitleNew]; s.Titles <= first.Titles || got != s.Titles-first.Titles || len(s.Counts) != 1 {
			t.Errorf("%d titles, then %d: %v", first.Titles, s.Titles, s.Counts)
		}
		must(t, r.sandbox.SetCategories(sandbox.DefaultAppID, []string{"321"}))
		time.Sleep(2 * time.Minute)
		r.begin()
		if s := r.await(); s.Counts[library.TitleGone] == 0 || len(s.Listed) != 1 {
			t.Errorf("%+v", s.Report)
		}
	})
}

// 45009 on these calls ends the sync's questions until midnight in China; it says until when, and then goes on.
func TestAnEmptyQuotaStopsTheSyncForTheDay(t *testing.T) {
	t.Parallel()
	for _, path := range []string{categoryPath, titlesPath, kidsPath} {
		ofSubscribe(t, []string{"612", "611"}, func(t *testing.T, r *shelf) {
			r.errcode(path, 45009, 1)
			r.begin()
			time.Sleep(time.Hour)
			s, asked := r.mirror.State(), r.calls(path)
			next := s.NextTry.In(time.FixedZone("", 8*60*60))
			if s.ErrCode != 0 || s.Trouble == nil || next.Hour() != 0 || time.Until(next) > 24*time.Hour {
				t.Errorf("%s: %+v, next at %s", path, s.Trouble, next)
			}
			time.Sleep(time.Until(next) - time.Minute)
			if n := r.calls(path); n != asked {
				t.Errorf("%s: asked %d times more on the same day", path, n-asked)
			}
			if s := r.await(); s.Outcome != library.Complete {
				t.Errorf("%s: %+v", path, s.Report)
			}
		})
	}
}

// The two kinds have each a library of their own, syncs, and a mirror.
func TestTheLibrariesOfBothKindsStandBesideEachOther(t *testing.T) {
	t.Parallel()
	ofSubscribe(t, []string{"612"}, func(t *testing.T, r *shelf) {
		r.begin()
		must(t, r.store.StartSync(t.Context(), r.by, r.app, "template"))
		if s := r.await(); s.Outcome != library.Complete {
			t.Fatalf("%+v", s.Report)
		}
		other, err := r.store.LibraryOrders(t.Context(), r.app, "template")
		must(t, err)
		if other.Last.Outcome != library.Running || other.Good != 0 {
			t.Errorf("%+v", other)
		}
		if syncs, err := r.store.Syncs(t.Context(), r.app, "template"); err != nil || len(syncs) != 0 {
			t.Errorf("%v, %v", syncs, err)
		}
	})
}
