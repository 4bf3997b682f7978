package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"muban/store"
)

// flags is a command's flag set; it complains on the program's own stderr.
func (p *program) flags(command string) *flag.FlagSet {
	set := flag.NewFlagSet("muban "+command, flag.ContinueOnError)
	set.SetOutput(p.stderr)
	return set
}

// parse reads the environment first (-public-url is MUBAN_PUBLIC_URL) and the
// arguments over it.
func (p *program) parse(set *flag.FlagSet, args []string) error {
	var bad error
	set.VisitAll(func(f *flag.Flag) {
		name := "MUBAN_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value := p.getenv(name); value != "" {
			if err := f.Value.Set(value); err != nil {
				bad = errors.Join(bad, fmt.Errorf("%s=%q: %w", name, value, err))
			}
		}
	})
	if bad != nil {
		return bad
	}
	return set.Parse(args)
}

func (p *program) logger(level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("-log %q: use debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(p.stderr, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(p.stderr, options)), nil
	}
	return nil, fmt.Errorf("-log-format %q: use text or json", format)
}

func (p *program) dataFlags(set *flag.FlagSet) *store.Data {
	home := p.getenv("XDG_DATA_HOME")
	if home == "" {
		home = filepath.Join(p.getenv("HOME"), ".local", "share")
	}
	d := &store.Data{}
	set.StringVar(&d.Dir, "data", filepath.Join(home, "muban"), "directory of the database, its key and the sandbox's state")
	set.StringVar(&d.KeyFile, "key-file", "", "file of the keys that the secrets are sealed with; muban.key in the data directory when empty")
	return d
}
