package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrFindings is what `muban audit` ends with where the run went well and a finding is an
// error.
var ErrFindings = errors.New("a finding is an error")

// LintFile is `muban audit`: it judges the proposals of a file, or of stdin where the name is
// "" or "-", against the titles of the file known, where one is named. Errors are in the
// language asked for, "zh" or "en".
func LintFile(ctx context.Context, lang, known, proposals string, stdin io.Reader, out io.Writer) error {
	if lang != "zh" && lang != "en" {
		return fmt.Errorf("-lang %q: use zh or en", lang)
	}
	options := LintOptions{Lang: lang}
	if known != "" {
		f, err := os.Open(known)
		if err != nil {
			return err
		}
		defer f.Close()
		titles, err := ReadLibrary(f)
		if err != nil {
			return fmt.Errorf("%s: %w", known, inWords(err, lang))
		}
		options.Index = NewIndex(titles)
	}
	if proposals != "" && proposals != "-" {
		f, err := os.Open(proposals)
		if err != nil {
			return err
		}
		defer f.Close()
		stdin = f
	}
	refused, err := Lint(ctx, stdin, out, options)
	if err == nil && refused > 0 {
		return ErrFindings
	}
	return inWords(err, lang)
}

// inWords is an error in the language asked for, where it has words of its own.
func inWords(err error, lang string) error {
	var own interface{ Message(lang string) string }
	if errors.As(err, &own) {
		return errors.New(own.Message(lang))
	}
	return err
}
