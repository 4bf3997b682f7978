package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"muban/store"
	"muban/views/ui"
	"muban/wechat/ledger"
)

// Run does the console's own work until ctx ends: tokens refreshed ahead of
// expiry, sessions pruned, the simulation kept. It answers once all of it has
// stopped.
func (s *Server) Run(ctx context.Context) {
	s.accounts.Start(ctx)
	defer s.accounts.Wait()
	defer s.sender.Close()
	var beside sync.WaitGroup
	beside.Go(func() { _ = s.courier.Run(ctx) }) // it ends with ctx
	beside.Go(func() { s.lookForDamage(ctx) })
	beside.Go(func() { s.keepRights(ctx) })
	beside.Go(func() { s.Store.Watch(ctx, func(nouns []string) error { return s.follow(ctx, nouns) }) })
	defer beside.Wait()
	tick := time.NewTicker(housekeeping)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.KeepHouse(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			s.KeepHouse(ctx)
		}
	}
}

// housekeeping is how often what is kept in memory reaches the disk. A process
// that is killed forgets no more than this of the sandbox and of when sessions
// were last seen.
const housekeeping = 5 * time.Second

// KeepHouse does once what Run does every few seconds.
func (s *Server) KeepHouse(ctx context.Context) {
	for _, chore := range []struct {
		failed string
		do     func(context.Context) error
	}{
		{"sessions were not written", s.sessions.Flush},
		{"security events were not counted", s.events.Flush},
		{"the use of API keys was not written", func(ctx context.Context) error { return s.keyUse.Flush(ctx, s.Store) }},
		{"the accounts' templates were not written", s.accounts.KeepLists},
		{"who asked for templates was not written", s.api.Flush},
		{"alerts were not looked after", s.alarms.Look},
		{"what is too old was not removed", s.prune},
		{"nobody was told of rights that run out", s.tellOfRights},
		{"the sandbox was not saved", s.saveSandbox},
		{"what became of additions and deletions was not found out", s.accounts.FollowUp},
	} {
		if err := chore.do(ctx); err != nil {
			s.Log.Error(chore.failed, "err", err)
		}
	}
}

// rightsKeeping is how often rights whose time is over are closed, and old ones
// and old consents removed. A right is no longer usable from its last second on, kept or not.
const rightsKeeping = time.Minute

func (s *Server) keepRights(ctx context.Context) {
	tick := time.NewTicker(rightsKeeping)
	defer tick.Stop()
	for {
		if _, _, err := s.Store.KeepRights(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("rights were not tidied up", "err", err)
		}
		if _, err := s.Store.KeepConsents(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("consents were not tidied up", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

const pruneEvery = time.Hour

// How long the history of the central server is kept.
const (
	fetchesKept  = 30 * 24 * time.Hour
	handoutsKept = 400 * 24 * time.Hour // a year to look back on; a row an hour and key
	alertsKept   = 400 * 24 * time.Hour
)

// prune removes what is too old, once an hour.
func (s *Server) prune(ctx context.Context) error {
	now := s.Now()
	if now.Sub(s.pruned) < pruneEvery {
		return nil
	}
	s.pruned = now
	return errors.Join(
		s.Store.PruneTokenEvents(ctx, now.Add(-fetchesKept)),
		s.Store.PruneHandouts(ctx, now.Add(-handoutsKept)),
		s.Store.PruneAlerts(ctx, now.Add(-alertsKept)),
	)
}

const (
	rightsTold     = 9 // the hour, in Beijing, from which on people are told of rights that run out
	rightsLookedAt = 10 * time.Minute
	usersCounted   = 1000 // at most
)

// tellOfRights tells each app's channels once a day how many users lose their last right within a day.
func (s *Server) tellOfRights(ctx context.Context) error {
	now := s.Now().In(ui.Beijing)
	if now.Hour() < rightsTold || now.Sub(s.rightsLooked) < rightsLookedAt {
		return nil
	}
	s.rightsLooked = now
	var failed []error
	for _, acct := range s.accounts.Each() {
		failed = append(failed, s.tellOfRightsIn(ctx, acct.App.ID, int(ledger.DayOf(now))))
	}
	return errors.Join(failed...)
}

func (s *Server) tellOfRightsIn(ctx context.Context, app int64, day int) error {
	told, err := s.Store.RightsTold(ctx, app, day)
	if err != nil || told {
		return err
	}
	leaving, _, err := s.Store.Unreachable(ctx, app, 0, usersCounted)
	if err != nil || len(leaving) == 0 {
		return err
	}
	_, err = s.Store.TellOfRights(ctx, app, day, len(leaving))
	return err
}

// follow takes over what was changed, perhaps by another process. People and API keys are read again each second
// anyhow; aliases and settings are not kept in memory.
func (s *Server) follow(ctx context.Context, nouns []string) error {
	if !slices.Contains(nouns, "app") {
		return nil
	}
	return s.accounts.Reload(ctx)
}

// lookForDamage reads the whole database, of which store.Open has read a large one
// not at all and a small one without its indexes. That takes processor and disk, so
// those who wait for the console to be there again come first.
func (s *Server) lookForDamage(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(housekeeping):
	}
	err := s.Store.Check(ctx)
	switch {
	case err == nil || ctx.Err() != nil:
	case store.Unavailable(err): // which /readyz tells as long as it is so
		s.lookForDamage(ctx)
	default:
		s.damaged.Store(true)
		s.Log.Error("the database is damaged; restore a backup", "err", err)
	}
}

func (s *Server) restoreSandbox() error {
	if s.SandboxFile == "" {
		return nil
	}
	snapshot, err := os.ReadFile(s.SandboxFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.Sandbox.Restore(snapshot)
	}
	if err != nil {
		return fmt.Errorf("the sandbox's state in %s cannot be read; remove the file to begin a new sandbox: %w",
			s.SandboxFile, err)
	}
	s.sandboxSaved = s.Sandbox.Changes()
	return nil
}

func (s *Server) saveSandbox(context.Context) error {
	if s.SandboxFile == "" {
		return nil
	}
	changes := s.Sandbox.Changes()
	if changes == s.sandboxSaved {
		return nil
	}
	snapshot, err := s.Sandbox.Snapshot()
	if err != nil {
		return err
	}
	if err := writeWhole(s.SandboxFile, snapshot); err != nil {
		return err
	}
	s.sandboxSaved = changes
	return nil
}

// writeWhole replaces a file so that a crash leaves the old or the new one.
func writeWhole(file string, body []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
