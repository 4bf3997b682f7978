package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
)

// LintOptions say how findings are written and what titles are compared with.
type LintOptions struct {
	Lang  string // "zh", or English for any other
	Index *Index // nil leaves out 1.1 and 1.2
}

// Lint reads proposals from in as ReadProposals does and writes one line for
// each to out: {"title":"…","findings":[{"rule","level","where","message","suggestion",
// "confidence","rewrites","approved"}]}, without the members that are empty.
// It returns how many findings are errors. It stops at the first line that
// cannot be read, with a *LineError; what was judged before it is written. A file
// that cannot be read at all is a *FileError.
func Lint(ctx context.Context, in io.Reader, out io.Writer, o LintOptions) (errorCount int, err error) {
	w := bufio.NewWriter(out)
	errorCount, err = lint(ctx, in, w, o)
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	return errorCount, err
}

func lint(ctx context.Context, in io.Reader, out io.Writer, o LintOptions) (errorCount int, err error) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for line, err := range ReadProposals(in) {
		if err != nil {
			return errorCount, err
		}
		if err := ctx.Err(); err != nil {
			return errorCount, err
		}
		verdict := judge(line, o)
		for _, f := range verdict.Findings {
			if f.Level == Error {
				errorCount++
			}
		}
		if err := encoder.Encode(verdict); err != nil {
			return errorCount, err
		}
	}
	return errorCount, nil
}

// judged is a line of output.
type judged struct {
	Title    string          `json:"title"`
	Findings []judgedFinding `json:"findings"`
}

type judgedFinding struct {
	Rule       string     `json:"rule"`
	Level      Level      `json:"level"`
	Where      string     `json:"where"`
	Message    string     `json:"message"`
	Suggestion string     `json:"suggestion,omitempty"`
	Confidence Confidence `json:"confidence"`
	Rewrites   []string   `json:"rewrites,omitempty"`
	Approved   []string   `json:"approved,omitempty"`
}

func judge(line Input, o LintOptions) judged {
	found := Check(line.Proposal, Options{Index: o.Index, SourceID: line.ID, Count: line.Listed})
	v := judged{Title: line.Proposal.Title, Findings: make([]judgedFinding, len(found))}
	for i, f := range found {
		v.Findings[i] = judgedFinding{
			f.Rule, f.Level, f.Where, f.Message(o.Lang), f.Suggestion, f.Confidence, f.Rewrites, f.Approved,
		}
	}
	return v
}
