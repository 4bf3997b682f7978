package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
)

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

// Line is one proposal of the input.
type Line struct {
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
func ReadProposals(in io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for n, text := range lines(in) {
			if text.err != nil {
				yield(Line{Number: n}, text.err)
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

func readLine(n int, text []byte) (Line, error) {
	line := Line{Number: n}
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
