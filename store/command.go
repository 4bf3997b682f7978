package store

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
)

// Data is where a console keeps its database, as the commands on it are told by their flags.
type Data struct {
	Dir      string
	KeyFile  string // "": muban.key in Dir
	Database string // postgres://…; "": SQLite in Dir
}

// Open opens the database; a nil log is slog.Default().
func (d Data) Open(ctx context.Context, log *slog.Logger) (*Store, error) {
	return Open(ctx, d.Dir, Options{Log: log, KeyFile: d.KeyFile, Database: d.Database})
}

func (d Data) keyFile() string { return cmp.Or(d.KeyFile, filepath.Join(d.Dir, keyName)) }

// Command runs backup, restore, verify, rotate-key or move. set has the flags of the Data already; parse reads them, with
// those that the command adds.
func (d *Data) Command(ctx context.Context, name string, set *flag.FlagSet, parse func() error, out, progress io.Writer) error {
	var head, to string
	var confirm, hold bool
	switch name {
	case "move":
		set.StringVar(&to, "to", "", "the empty PostgreSQL database to copy to: postgres://…")
	case "verify":
		set.StringVar(&head, "head", "", "a head that an earlier run printed: prove that the log still holds that line")
	case "restore":
		set.BoolVar(&confirm, "confirm", false, "after a restore: let messages go out again, and open the API keys that it shut")
		set.BoolVar(&hold, "hold", false, "after pg_restore, before a console starts: end all access of before, and hold what is to be sent")
	}
	if err := parse(); err != nil {
		return err
	}
	switch {
	case name == "move":
		return d.Move(ctx, to, progress, out)
	case name == "backup":
		return d.Backup(ctx, set.Args(), out)
	case name == "verify":
		return d.Verify(ctx, head, out)
	case name == "rotate-key":
		return d.RotateKey(ctx, out)
	case confirm:
		return d.ConfirmRestore(ctx, out)
	case hold:
		return d.HoldRestored(ctx, out)
	}
	return d.Restore(ctx, set.Args(), out)
}

// Backup is muban backup FILE.
func (d Data) Backup(ctx context.Context, args []string, out io.Writer) error {
	if d.Database != "" {
		return d.errDump("backup")
	}
	if len(args) != 1 {
		return errors.New("usage: muban backup [-data DIR] FILE")
	}
	st, err := d.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Backup(ctx, Actor{Name: "muban backup"}, args[0]); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s holds the whole database. Keep %s with it: its secrets open with that key alone.\n", args[0],
		d.keyFile())
	return nil
}

// Restore is muban restore FILE. It needs the server to be stopped: what that holds in memory would be written over
// what is restored.
func (d Data) Restore(ctx context.Context, args []string, out io.Writer) error {
	if d.Database != "" {
		return d.errDump("restore")
	}
	if len(args) != 1 {
		return errors.New("usage: muban restore [-data DIR] FILE, and muban restore -confirm once it is sure what went out since")
	}
	r, err := Restore(ctx, d.Dir, args[0], Options{KeyFile: d.KeyFile})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is checked and restored. Everybody has to sign in again; links and codes from before are over.\n", args[0])
	if r.Kept != "" {
		fmt.Fprintf(out, "The database before it is %s; remove it when you no longer need it.\n", r.Kept)
	}
	for _, x := range []struct {
		say  string
		what []string
	}{
		{"Revoked since the backup, and revoked again: API keys", r.Revoked},
		{"Perhaps revoked since the backup, and shut until they are confirmed: API keys", r.Held},
		{"Their passwords changed since, so that neither works (muban user passwd sets a new one):", r.Locked},
	} {
		if len(x.what) > 0 {
			fmt.Fprintln(out, x.say, strings.Join(x.what, ", "))
		}
	}
	fmt.Fprintln(out, held)
	return nil
}

const held = "No message goes out until somebody has confirmed that, in the console or by muban restore -confirm: what was sent since the backup may not be known here."

// HoldRestored is muban restore -hold: what Restore does to a database besides putting it in its place. PostgreSQL's own
// programs have put it there.
func (d Data) HoldRestored(ctx context.Context, out io.Writer) error {
	st, err := d.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	keys, err := st.holdRestored(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Everybody has to sign in again; links and codes from before are over.")
	if len(keys) > 0 {
		fmt.Fprintln(out, "Perhaps revoked since the backup, and shut until they are confirmed: API keys", strings.Join(keys, ", "))
	}
	fmt.Fprintln(out, held)
	return nil
}

// ConfirmRestore is muban restore -confirm, also while serving: messages go out again, and every API key that the
// restore has held works again.
func (d Data) ConfirmRestore(ctx context.Context, out io.Writer) error {
	st, err := d.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	by := Actor{Name: actorRestore}
	keys, err := st.HeldAPIKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := st.ConfirmAPIKey(ctx, by, k.App, k.ID); err != nil {
			return err
		}
		fmt.Fprintf(out, "The API key %s (%s) works again.\n", k.Prefix, k.Name)
	}
	err = st.ConfirmRestore(ctx, by)
	if errors.Is(err, ErrState) {
		return errors.New("no restore waits to be confirmed")
	}
	if err == nil {
		fmt.Fprintln(out, "Messages go out again.")
	}
	return err
}

// RotateKey is muban rotate-key, also while serving.
func (d Data) RotateKey(ctx context.Context, out io.Writer) error {
	st, err := d.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.RotateKey(ctx, Actor{Name: "muban rotate-key"}); err != nil {
		return err
	}
	fmt.Fprintf(out, "Every secret is sealed with a new key, the first line of %s. The lines below it open older backups alone; keep the file with them.\n", d.keyFile())
	if d.Database != "" {
		fmt.Fprintln(out, "Copy the file to every other machine now: until it is there, a console that runs on cannot read what is"+
			" sealed with the new key, and seals with the old one; and none starts.")
	}
	return nil
}

// ErrBroken is what Verify answers when the activity log was changed.
var ErrBroken = errors.New("the activity log was changed")

// Verify is muban verify. head is what an earlier run printed: it proves that the log still holds that line; "" proves
// only that the log holds together. ErrBroken when it does not. It looks and changes nothing, also while serving.
func (d Data) Verify(ctx context.Context, head string, out io.Writer) error {
	st, err := openReadOnly(ctx, d.Dir, Options{Database: d.Database})
	if err != nil {
		return err
	}
	defer st.Close()
	chain, err := st.VerifyActivities(ctx)
	if err != nil {
		return err
	}
	if chain.Broken != 0 {
		fmt.Fprintf(out, "%d lines hold together. Line %d does not follow from the one before it.\n", chain.Count,
			chain.Broken)
		return ErrBroken
	}
	fmt.Fprintf(out, "All %d lines hold together. Head %x\n", chain.Count, chain.Head)
	if head == "" {
		return nil
	}
	known, err := st.HasActivity(ctx, head)
	if err == nil && !known {
		fmt.Fprintf(out, "The line with the head %s is gone.\n", head)
		err = ErrBroken
	}
	return err
}
