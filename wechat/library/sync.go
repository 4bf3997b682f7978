package library

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"muban/wechat"
)

// maxPasses bounds how often the list of titles is read when it keeps changing.
const maxPasses = 6

// syncRun is a sync at work. What it knows is in the store after every answer of WeChat's.
type syncRun struct {
	*Mirror
	sync    int64
	pass    Pass
	staged  map[string]*Staged
	trouble trouble
}

// read goes on with the sync under way until it has ended, which the store then knows. An
// error is the store's, or ctx's; the sync is still under way then.
func (m *Mirror) read(ctx context.Context) error {
	orders, err := m.look(ctx) // again: another process may have done it before the lease was ours
	if err != nil {
		return err
	}
	s := orders.Last
	if s.Outcome != Running {
		return ErrEnded
	}
	r := &syncRun{Mirror: m, sync: s.ID, pass: s.Pass}
	staged, err := m.store.StagedTitles(ctx, s.ID)
	if err != nil {
		return err
	}
	r.staged = make(map[string]*Staged, len(staged))
	for i := range staged {
		r.staged[staged[i].ID] = &staged[i]
	}
	err = r.all(ctx)
	if why := (*failure)(nil); errors.As(err, &why) {
		return r.fail(ctx, why.err)
	}
	if err != nil {
		return err
	}
	return r.finish(ctx)
}

// failure is an error that ends the sync: WeChat refuses, or asking on makes no sense.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }

// all reads titles and then the keywords they miss, again and again until a pass over the
// titles brings nothing new, for the library may change under way.
func (r *syncRun) all(ctx context.Context) error {
	for {
		if err := r.titles(ctx); err != nil {
			return err
		}
		if err := r.keywords(ctx); err != nil {
			return err
		}
		if r.pass.complete() || r.pass.Number >= maxPasses {
			return nil
		}
		r.pass = Pass{Number: r.pass.Number + 1, Total: r.pass.Total}
	}
}

// titles reads the rest of the list.
func (r *syncRun) titles(ctx context.Context) error {
	for !r.pass.Over {
		r.show(r.pass.progress())
		page, err := r.page(ctx)
		if err != nil {
			return err
		}
		met := r.take(page)
		gone := r.conclude()
		if err := r.store.StageTitles(ctx, r.sync, r.pass, met, gone); err != nil {
			return err
		}
	}
	if len(r.staged) == 0 { // rather trouble at WeChat than a library that was taken away
		return &failure{ErrEmpty}
	}
	return nil
}

// emptyTries is how often a page is asked for that comes back empty.
const emptyTries = 3

// page reads the next page of the list. An empty one is doubted, for titles were expected
// there: it is asked for again, and believed when it repeats.
func (r *syncRun) page(ctx context.Context) (page wechat.TitlePage, err error) {
	for range emptyTries {
		err = r.ask(ctx, func(ctx context.Context) (err error) {
			page, err = r.source.LibraryList(ctx, r.pass.Next, r.options.Page)
			return err
		})
		if err != nil || len(page.Titles) > 0 {
			break
		}
	}
	return page, err
}

// take puts a page into the pass and returns its titles as they are to be staged. A title of several categories is
// listed once in each.
func (r *syncRun) take(page wechat.TitlePage) []Staged {
	met := make([]Staged, len(page.Titles))
	for i, t := range page.Titles {
		x := r.staged[t.ID]
		if x == nil {
			x = &Staged{}
			r.staged[t.ID] = x
			r.pass.Changed = true
		}
		if again := x.Pass == r.pass.Number && len(t.Categories) > 0; !again {
			x.Place, x.Categories = r.pass.Next+i, nil
		}
		x.ID, x.Text, x.Type, x.Pass = t.ID, t.Text, t.Type, r.pass.Number
		for _, c := range t.Categories {
			if !slices.Contains(x.Categories, c) {
				x.Categories = append(x.Categories, c)
			}
		}
		met[i] = *x
	}
	r.pass.Next += len(met)
	r.pass.Total = page.Total
	r.pass.Over = len(met) == 0 || r.pass.Next >= page.Total
	return met
}

// conclude looks, at the end of a pass, for titles that it did not meet. One may have moved
// to another page and slipped by, or WeChat's answer was cut short: a title is gone when
// two passes in a row have not met it, and until then there is another pass.
func (r *syncRun) conclude() (gone []string) {
	if !r.pass.Over {
		return nil
	}
	entries := 0
	for id, x := range r.staged {
		entries += max(1, len(x.Categories))
		switch missed := r.pass.Number - x.Pass; {
		case missed > 1:
			gone = append(gone, id)
			entries -= max(1, len(x.Categories))
			delete(r.staged, id)
		case missed == 1:
			r.pass.Changed = true
		}
	}
	if entries != r.pass.Total {
		r.pass.Changed = true
	}
	return gone
}

// keywords reads those of every title that has none yet.
func (r *syncRun) keywords(ctx context.Context) error {
	todo := r.unread()
	refused := 0
	for i, x := range todo {
		r.show(progress{phase: PhaseKeywords, done: len(r.staged) - len(todo) + i, total: len(r.staged)})
		var title wechat.Title
		err := r.ask(ctx, func(ctx context.Context) (err error) {
			title, err = r.source.LibraryGet(ctx, x.ID)
			return err
		})
		var refusal *wechat.Error
		switch {
		case errors.As(err, &refusal):
			if refused++; tooMany(refused, len(r.staged)) {
				return &failure{fmt.Errorf("%w: %w", ErrUnopened, refusal)}
			}
			x.Refused = &Missing{ID: x.ID, Text: x.Text, Code: refusal.Code, Msg: refusal.Msg}
		case err != nil:
			return err
		default:
			x.Keywords, x.Refused = title.Keywords, nil
		}
		if err := r.store.StageTitles(ctx, r.sync, r.pass, []Staged{*x}, nil); err != nil {
			return err
		}
	}
	return nil
}

// tooMany tells trouble with the call from trouble with single titles.
func tooMany(refused, titles int) bool {
	return refused > 20 && refused > titles/10 || refused == titles
}

func (r *syncRun) unread() []*Staged {
	var todo []*Staged
	for _, x := range r.staged {
		if x.Keywords == nil {
			todo = append(todo, x)
		}
	}
	slices.SortFunc(todo, byPlace)
	return todo
}

func byPlace(a, b *Staged) int { return cmp.Or(a.Place-b.Place, cmp.Compare(a.ID, b.ID)) }

// categorized is a Source of a kind whose titles are those of the account's categories. A client of WeChat, which can
// ask for categories too, is none: its titles are of template messages.
type categorized interface {
	OwnCategories(ctx context.Context) ([]wechat.Category, error)
}

// finish makes what was read the mirror.
func (r *syncRun) finish(ctx context.Context) error {
	all := make([]*Staged, 0, len(r.staged))
	for _, x := range r.staged {
		all = append(all, x)
	}
	slices.SortFunc(all, byPlace)
	now := make([]wechat.Title, 0, len(all))
	report := Report{Titles: len(all), Unsettled: !r.pass.complete()}
	for _, x := range all {
		now = append(now, x.Title)
		report.Keywords += len(x.Keywords)
		if x.Refused != nil {
			report.Missing = append(report.Missing, *x.Refused)
		}
	}
	if with, ok := r.source.(categorized); ok {
		err := r.ask(ctx, func(ctx context.Context) (err error) {
			report.Categories, err = with.OwnCategories(ctx)
			return err
		})
		if why := (*failure)(nil); errors.As(err, &why) {
			return r.fail(ctx, why.err)
		}
		if err != nil {
			return err
		}
	}
	var changes []Change
	if before := r.Titles(); before != nil {
		changes = Changes(before, now)
		report.Counts = count(changes)
	}
	if err := r.store.EndSync(ctx, r.sync, Complete, report, changes); err != nil {
		return err
	}
	return r.Load(ctx)
}

func (r *syncRun) fail(ctx context.Context, why error) error {
	report := Report{Reason: Reason(why), Err: why.Error()}
	var refusal *wechat.Error
	if errors.As(why, &refusal) {
		report.ErrCode = refusal.Code
	}
	r.options.Log.Warn("a sync of the library failed", "app", r.app, "err", why)
	if err := r.store.EndSync(ctx, r.sync, Failed, report, nil); err != nil {
		return err
	}
	return r.Load(ctx)
}

// Only one process reads an app's library at a time. The lease of one that crashed runs out
// before another goes on: leaseTime and elsewherePause together are what that takes at most.
const (
	leaseTime  = 15 * time.Second
	leaseRenew = 5 * time.Second
)

func (m *Mirror) lease() string {
	return "library:" + strconv.FormatInt(m.app, 10) + ":" + m.options.Kind
}

// renew keeps the lease until ctx ends. It stops the sync when another process has it, and
// when the sync was cancelled from another process during a long wait.
func (m *Mirror) renew(ctx context.Context, stop func()) {
	ticker := time.NewTicker(leaseRenew)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		taken, err := m.store.TakeLease(ctx, m.lease(), m.holder, leaseTime)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			m.options.Log.Warn("the lease of the library's mirror was not renewed", "app", m.app, "err", err)
		case !taken || m.cancelled(ctx):
			stop()
			return
		}
	}
}

func (m *Mirror) cancelled(ctx context.Context) bool {
	orders, err := m.look(ctx)
	return err == nil && orders.Last.Outcome != Running
}
