package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"muban/store/db"
)

// Backup writes a consistent copy of the database to file while everybody goes on working, and replaces
// an older copy only once the new one is whole. The copy is 0600, and opens with the same muban.key,
// which is not in it: keep that apart. The log tells of it, not in the copy.
func (s *Store) Backup(ctx context.Context, by Actor, file string) error {
	if same, err := sameFile(file, s.file()); err != nil || same {
		return errors.Join(err, fmt.Errorf("store: %s cannot be the backup of itself", file))
	}
	if err := replaceFile(file, func(f *os.File) error { return s.db.CopyTo(ctx, f.Name()) }); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		return t.record(by, 0, ActBackup, "", map[string]string{"file": filepath.Base(file)})
	})
}

// sameFile reports whether both names mean one file; a missing file is no other.
func sameFile(a, b string) (bool, error) {
	left, err := os.Stat(a)
	if err == nil {
		var right os.FileInfo
		if right, err = os.Stat(b); err == nil {
			return os.SameFile(left, right), nil
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return false, err
}

// replaceFile lets fill write a new 0600 file, and gives it its name only when it is on the disk.
func replaceFile(file string, fill func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.new")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has its new name
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Schedule says where backups go, how often, and how many are kept.
type Schedule struct {
	Dir   string
	Every time.Duration
	Keep  int
}

const (
	backupPrefix = "muban-"
	backupSuffix = ".db"
	// scheduleLook is how often it is looked whether a backup is due, and so how exactly Every is kept.
	scheduleLook = time.Minute
)

// KeepBackups makes a backup whenever the newest in the directory is older than Every, until ctx ends,
// and removes the oldest beyond Keep. Of several processes one does it. A backup that fails is logged,
// leaves the others alone, and is tried again.
func (s *Store) KeepBackups(ctx context.Context, c Schedule) {
	look := time.NewTicker(scheduleLook)
	defer look.Stop()
	for {
		if file, err := s.backupIfDue(ctx, c); err != nil && ctx.Err() == nil {
			s.log.Error("the scheduled backup failed", "dir", c.Dir, "err", err)
		} else if file != "" {
			s.log.Info("backed up", "file", file)
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// backupIfDue answers the file it wrote, "" where none is due.
func (s *Store) backupIfDue(ctx context.Context, c Schedule) (string, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return "", err
	}
	have, err := backups(c.Dir)
	if err != nil || len(have) > 0 && s.now().Sub(have[len(have)-1].at) < c.Every {
		return "", err
	}
	held, err := s.TakeLease(ctx, "backup", db.NameOf(s.process), 10*time.Minute)
	if err != nil || !held {
		return "", err
	}
	file := filepath.Join(c.Dir, backupPrefix+s.now().UTC().Format(backupTime)+backupSuffix)
	if err := s.Backup(ctx, Actor{}, file); err != nil {
		return "", err
	}
	return file, errors.Join(pruneBackups(c), s.ReleaseLease(ctx, "backup", db.NameOf(s.process)))
}

const backupTime = "20060102-150405"

// backup is one of the files that a schedule made.
type backup struct {
	file string
	at   time.Time
}

// backups are those in dir, the oldest first. Files of other names are nobody's business here.
func backups(dir string) ([]backup, error) {
	entries, err := os.ReadDir(dir) // sorted by name, and so by time
	var all []backup
	for _, e := range entries {
		name, ours := strings.CutPrefix(strings.TrimSuffix(e.Name(), backupSuffix), backupPrefix)
		if at, err := time.Parse(backupTime, name); ours && err == nil {
			all = append(all, backup{filepath.Join(dir, e.Name()), at})
		}
	}
	return all, err
}

func pruneBackups(c Schedule) error {
	have, err := backups(c.Dir)
	if err != nil {
		return err
	}
	for _, old := range have[:max(0, len(have)-max(1, c.Keep))] {
		if err := os.Remove(old.file); err != nil {
			return err
		}
	}
	return nil
}
