package library_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/library"
	"muban/wechat/sandbox"
)

// rig is a mirror between the real simulator and a real database, in simulated time.
type rig struct {
	*testing.T
	sandbox *sandbox.Server
	dir     string
	store   *store.Store
	app     int64
	by      store.Actor
	mirror  *library.Mirror
	direct  *library.Direct // at the mirror's pace
	halt    func()          // ends Run as a server that is stopped does
	between func(event int) // called before every question and every write of the mirror's
	list    func()          // called before every question for a page of the mirror's
	load    func()          // called before the mirror loads what a sync has read so far
	refuse  map[string]int  // by title: the errcode that WeChat refuses to open it with
	full    error           // what every write of the mirror's fails with; nil for none
	mu      sync.Mutex
	events  int
}

// inTime runs a test in simulated time, with a library of so many titles.
func inTime(t *testing.T, titles int, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, sandbox: sandbox.New(sandbox.Options{}), dir: inMemory(t), by: store.Actor{Name: "admin"}}
		if all := wholeLibrary(); titles < len(all) {
			r.remove(ids(all[titles:])...)
		}
		r.open()
		app, err := r.store.AddApp(t.Context(), r.by, store.App{AppID: sandbox.DefaultAppID, Secret: "s"})
		must(t, err)
		r.app = app.ID
		r.run()
		defer r.close()
		test(t, r)
	})
}

var wholeLibrary = sync.OnceValue(func() []wechat.Title { return sandbox.Library(sandbox.DefaultSeed) })

// inMemory is a directory of the test's own, in memory where the machine has such: these
// tests write some 50,000 times, and none of them is about the disk.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "muban")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func ids(titles []wechat.Title) []string {
	var all []string
	for _, t := range titles {
		all = append(all, t.ID)
	}
	return all
}

func (r *rig) open() {
	var err error
	r.store, err = store.Open(context.Background(), r.dir, store.Options{Log: slog.New(slog.DiscardHandler)})
	must(r, err)
}

// run starts a mirror on the store, as a server does when it starts.
func (r *rig) run() {
	r.Helper()
	client, err := wechat.NewClient(wechat.Config{Base: "http://sandbox.invalid", Tokens: tokens{r.sandbox},
		Transport: r.sandbox.Transport()})
	must(r, err)
	pace := library.NewPace(0)
	r.mirror = library.NewMirror(r.app, watched{client, r}, watchedStore{r.store, r}, library.Options{Pace: pace})
	r.direct = library.NewDirect(client, time.Now, pace)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	mirror := r.mirror
	go func() { ended <- mirror.Run(ctx) }()
	r.halt = func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			r.Errorf("Run ended with %v", err)
		}
	}
	synctest.Wait()
}

func (r *rig) close() {
	r.halt()
	r.store.Close()
}

// restart is a new process on the same database.
func (r *rig) restart() {
	r.Helper()
	r.close()
	r.open()
	r.run()
}

func (r *rig) event() {
	r.mu.Lock()
	r.events++
	n, between := r.events, r.between
	r.mu.Unlock()
	if between != nil {
		between(n)
	}
}

// start asks for a sync as the page does.
func (r *rig) start() {
	r.Helper()
	must(r, r.store.StartSync(r.Context(), r.by, r.app, "template"))
	must(r, r.mirror.Wake(r.Context()))
	if !r.mirror.State().Running() {
		r.Fatal("the page that follows would not say that a sync is under way")
	}
}

// finish waits for the sync to end.
func (r *rig) finish() library.State {
	r.Helper()
	for range 100_000 {
		if s := r.mirror.State(); !s.Running() {
			return s
		}
		time.Sleep(time.Second) // of simulated time
	}
	r.Fatalf("it never ends: %+v", r.mirror.State())
	return library.State{}
}

// sync does a whole one.
func (r *rig) sync() library.State {
	r.Helper()
	r.start()
	return r.finish()
}

// wantComplete checks that the mirror is the simulator's library, here and in the store.
func (r *rig) wantComplete(s library.State) {
	r.Helper()
	if s.Outcome != library.Complete || len(s.Missing) > 0 || s.Unsettled || s.Good.IsZero() {
		r.Fatalf("%+v", s)
	}
	want := r.library()
	if !reflect.DeepEqual(r.mirror.Titles(), want) {
		r.Fatalf("%d titles, want %d, or other ones", len(r.mirror.Titles()), len(want))
	}
	kept, err := r.store.LibraryTitles(r.Context(), r.app, "template")
	must(r, err)
	if !reflect.DeepEqual(kept, want) || s.Titles != len(want) {
		r.Fatalf("%d titles in the store, %d said, want %d, or other ones", len(kept), s.Titles, len(want))
	}
	must(r, r.store.Check(r.Context()))
}

// library is the simulator's, as its own calls tell it.
func (r *rig) library() []wechat.Title {
	r.Helper()
	client, err := wechat.NewClient(wechat.Config{Base: "http://sandbox.invalid", Tokens: tokens{r.sandbox},
		Transport: r.sandbox.Transport()})
	must(r, err)
	all, err := library.NewDirect(client, time.Now, library.NewPace(time.Nanosecond)).All(r.Context())
	must(r, err)
	for i := range all {
		all[i], err = client.LibraryGet(r.Context(), all[i].ID)
		must(r, err)
	}
	return all
}

func (r *rig) calls(path string) int { return r.sandbox.Stats()[path] }

func (r *rig) fault(f sandbox.Fault) { must(r, r.sandbox.AddFault(f)) }

func (r *rig) errcode(path string, code, times int) {
	r.fault(sandbox.Fault{Path: path, ErrCode: &code, Times: times})
}

// edit changes the simulator's library through its control.
func (r *rig) edit(body string) {
	r.Helper()
	request, err := http.NewRequest("POST", "http://sandbox.invalid/sandbox/library", strings.NewReader(body))
	must(r, err)
	res, err := r.sandbox.Transport().RoundTrip(request)
	must(r, err)
	defer res.Body.Close()
	if answer, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		r.Fatalf("%s", answer)
	}
}

func (r *rig) remove(ids ...string) {
	r.Helper()
	body, err := json.Marshal(map[string][]string{"remove": ids})
	must(r, err)
	r.edit(string(body))
}

// watched and watchedStore count what the mirror does, and let a test step in between.
type watched struct {
	library.Source
	r *rig
}

func (w watched) LibraryList(ctx context.Context, offset, count int) (wechat.TitlePage, error) {
	w.r.event()
	if w.r.list != nil {
		w.r.list()
	}
	return w.Source.LibraryList(ctx, offset, count)
}

func (w watched) LibraryGet(ctx context.Context, id string) (wechat.Title, error) {
	w.r.event()
	if code := w.r.refuse[id]; code != 0 {
		w.r.errcode(getPath, code, 1)
	}
	return w.Source.LibraryGet(ctx, id)
}

type watchedStore struct {
	library.Store
	r *rig
}

func (w watchedStore) StageTitles(ctx context.Context, sync int64, p library.Pass, titles []library.Staged,
	gone []string) error {
	w.r.event()
	w.r.mu.Lock()
	full := w.r.full
	w.r.mu.Unlock()
	if full != nil {
		return full
	}
	return w.Store.StageTitles(ctx, sync, p, titles, gone)
}

func (w watchedStore) StagedTitles(ctx context.Context, sync int64) ([]library.Staged, error) {
	if w.r.load != nil {
		w.r.load()
	}
	return w.Store.StagedTitles(ctx, sync)
}

func (w watchedStore) EndSync(ctx context.Context, sync int64, outcome string, report library.Report,
	changes []library.Change) error {
	w.r.event()
	return w.Store.EndSync(ctx, sync, outcome, report, changes)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
