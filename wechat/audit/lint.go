package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
)

// LintOptions say how findings are written and what titles are compared with.
type LintOptions struct {
	Lang  string // "zh", or English for any other
	Index *Index // nil leaves out 1.1 and 1.2
}

// Lint reads proposals from in as ReadProposals does and writes one line for
// each to out: {"title":"…","findings":[{"rule","level","where","message","suggestion"}]}.
// It returns how many findings are errors. It stops at the first line that
// cannot be read, with a *LineError; what was judged before it is written.
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

// maxLine is the longest line of input, in bytes.
const maxLine = 1 << 20

// LineError says which line of the input cannot be read. Its text is English;
// Message renders it in either language.
type LineError struct {
	Line int // from 1
	key  string
	err  error // from the JSON decoder, or nil
}

func (e *LineError) Error() string { return e.Message("en") }

func (e *LineError) Unwrap() error { return e.err }

// Message renders the error in "zh", or in English for any other language.
func (e *LineError) Message(lang string) string {
	detail := ""
	if e.err != nil {
		detail = e.err.Error()
	}
	return say(lang, e.key, map[string]string{"line": strconv.Itoa(e.Line), "detail": detail, "open": "{", "close": "}"})
}

// Input is one proposal of the input.
type Input struct {
	Number   int // from 1
	Proposal Proposal
	ID       string // the library title that it combines, where the line says so
	Listed   bool   // it came with a list of keywords, even an empty one
}

// ReadProposals reads one proposal a line: a JSON object
// {"title":"…","keywords":[{"name":"…","example":"…"}]}, or a bare title. Empty
// lines are passed over. An "id" says that the title is that library title.
// White space in a bare title stays: rule 1.3 is about it. An error is a
// *LineError, or comes from the reader; it ends the sequence.
func ReadProposals(in io.Reader) iter.Seq2[Input, error] {
	return func(yield func(Input, error) bool) {
		for n, text := range lines(in) {
			if text.err != nil {
				yield(Input{Number: n}, text.err)
				return
			}
			line, err := readLine(n, text.bytes)
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

type lineText struct {
	bytes []byte
	err   error
}

// lines yields the lines of in that hold anything, with their numbers from 1,
// without line ends and without a byte order mark.
func lines(in io.Reader) iter.Seq2[int, lineText] {
	return func(yield func(int, lineText) bool) {
		scanner := bufio.NewScanner(in)
		scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
		n := 0
		for scanner.Scan() {
			n++
			text := scanner.Bytes()
			if n == 1 {
				text = bytes.TrimPrefix(text, []byte("\ufeff"))
			}
			if len(bytes.TrimSpace(text)) > 0 && !yield(n, lineText{bytes: text}) {
				return
			}
		}
		err := scanner.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = &LineError{Line: n + 1, key: "lint.long"}
		}
		if err != nil {
			yield(n+1, lineText{err: err})
		}
	}
}

// jsonProposal is a line as written. A pointer tells an absent title from an empty one.
type jsonProposal struct {
	ID       any            `json:"id"` // text in the library; a table may number its rows
	Title    *string        `json:"title"`
	Keywords *[]jsonKeyword `json:"keywords"`
}

type jsonKeyword struct {
	Name    string `json:"name"`
	Example string `json:"example"`
}

func readLine(n int, text []byte) (Input, error) {
	line := Input{Number: n}
	if trimmed := bytes.TrimSpace(text); trimmed[0] != '{' || bytes.HasPrefix(trimmed, []byte("{{")) {
		// No JSON begins with {{, but titles with a placeholder in them do.
		line.Proposal.Title = string(text)
		return line, nil
	}
	var p jsonProposal
	if err := json.Unmarshal(text, &p); err != nil {
		return line, &LineError{Line: n, key: "lint.malformed", err: err}
	}
	if p.Title == nil {
		return line, &LineError{Line: n, key: "lint.untitled"}
	}
	line.ID, _ = p.ID.(string)
	line.Proposal.Title = *p.Title
	if p.Keywords != nil {
		line.Listed = true
		line.Proposal.Keywords = make([]Keyword, len(*p.Keywords))
		for i, k := range *p.Keywords {
			line.Proposal.Keywords[i] = Keyword(k)
		}
	}
	return line, nil
}

// ReadLibrary reads titles as JSON lines {"id","title","keywords":[…]}, which
// is how the sandbox writes its library. An error is a *LineError, or comes
// from the reader.
func ReadLibrary(in io.Reader) ([]Existing, error) {
	var titles []Existing
	for line, err := range ReadProposals(in) {
		if err != nil {
			return nil, fmt.Errorf("audit: read library: %w", err)
		}
		titles = append(titles, Existing{ID: line.ID, Title: line.Proposal.Title, Source: SourceLibrary})
	}
	return titles, nil
}
