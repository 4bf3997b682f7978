package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"muban/wechat/audit"
)

// errFindings is muban audit's exit 1: the run went well, the proposals did not.
var errFindings = errors.New("a finding is an error")

func (p *program) audit(ctx context.Context, args []string) error {
	set := p.flags("audit")
	lang := set.String("lang", "zh", "language of the messages: zh or en")
	known := set.String("library", "", "file of titles to compare with (rules 1.1, 1.2 and 2.1): JSON lines, or the JSON that the console exports")
	if err := p.parse(set, args); err != nil {
		return err
	}
	if *lang != "zh" && *lang != "en" {
		return fmt.Errorf("-lang %q: use zh or en", *lang)
	}
	options := audit.LintOptions{Lang: *lang}
	if *known != "" {
		f, err := os.Open(*known)
		if err != nil {
			return err
		}
		defer f.Close()
		titles, err := audit.ReadLibrary(f)
		if err != nil {
			return fmt.Errorf("%s: %w", *known, inWords(err, *lang))
		}
		options.Index = audit.NewIndex(titles)
	}
	in := p.stdin
	if set.NArg() > 0 && set.Arg(0) != "-" {
		f, err := os.Open(set.Arg(0))
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	refused, err := audit.Lint(ctx, in, p.stdout, options)
	if err == nil && refused > 0 {
		err = errFindings
	}
	return inWords(err, *lang)
}

// inWords is an error in the language asked for, where it has words of its own.
func inWords(err error, lang string) error {
	var own interface{ Message(lang string) string }
	if errors.As(err, &own) {
		return errors.New(own.Message(lang))
	}
	return err
}
