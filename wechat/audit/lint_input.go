package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"muban/wechat"
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
	args := map[string]string{"line": strconv.Itoa(e.Line), "detail": detail, "open": "{", "close": "}"}
	return say(lang, e.key, args)
}

// FileError says why a file cannot be read at all. Its text is English; Message
// renders it in either language.
type FileError struct {
	key    string
	format string
	err    error
}

func (e *FileError) Error() string { return e.Message("en") }
func (e *FileError) Unwrap() error { return e.err }

// Message renders the error in "zh", or in English for any other language.
func (e *FileError) Message(lang string) string {
	return say(lang, e.key, map[string]string{"format": e.format})
}

// fileError turns what ReadText answers into sentences. Trouble of the reader
// itself stays what it is.
func fileError(err error) error {
	var bad *wechat.TextError
	switch {
	case errors.Is(err, wechat.ErrTextTooLarge):
		return &FileError{key: "file.large", err: err}
	case !errors.As(err, &bad):
		return err
	}
	key := "file.format"
	switch bad.Format {
	case "HTML":
		key = "file.html"
	case "UTF-8", "UTF-16":
		key = "file.damaged"
	case "image", "binary":
		key = "file.binary"
	case "":
		key = "file.unknown"
	}
	return &FileError{key: key, format: bad.Format, err: err}
}

// Input is one proposal of the input.
type Input struct {
	Number   int // the line it begins in, from 1
	Proposal Proposal
	ID       string // the library title that it combines, where the line says so
	Listed   bool   // it came with a list of keywords, even an empty one
	bare     bool   // a title without JSON around it
}

// ReadProposals reads one proposal a line: a JSON object
// {"title":"…","keywords":[{"name":"…","example":"…"}]}, or a bare title; or one
// JSON array of such objects, as the console exports them. Empty lines are passed
// over. An "id" says that the title is that library title. White space in a bare
// title stays: rule 1.3 is about it. The encoding is what wechat.ReadText reads.
// An error is a *LineError, a *FileError, or comes from the reader; it ends the
// sequence.
func ReadProposals(in io.Reader) iter.Seq2[Input, error] {
	return func(yield func(Input, error) bool) {
		text, err := wechat.ReadText(in)
		if err != nil {
			yield(Input{}, fileError(err))
			return
		}
		read := inputLines
		if isArray(text) {
			read = arrayInputs
		}
		read(text, yield)
	}
}

// isArray tells a JSON array of objects from a title in brackets: [订单]发货通知.
func isArray(text string) bool {
	rest, begins := strings.CutPrefix(strings.TrimSpace(text), "[")
	rest = strings.TrimSpace(rest)
	return begins && (rest == "" || rest[0] == '{' || rest == "]")
}

// inputLines reads a proposal from each line that holds anything.
func inputLines(text string, yield func(Input, error) bool) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		switch {
		case strings.TrimSpace(line) == "":
			continue
		case len(line) > maxLine:
			yield(Input{Number: n}, &LineError{Line: n, key: "lint.long"})
			return
		}
		input, err := readLine(n, line)
		if !yield(input, err) || err != nil {
			return
		}
	}
}

// arrayInputs reads the objects of a JSON array.
func arrayInputs(text string, yield func(Input, error) bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	counted, lines := 0, 1
	lineOf := func() int { // of what comes next
		offset := int(decoder.InputOffset())
		rest := text[offset:]
		offset += len(rest) - len(strings.TrimLeft(rest, " ,\t\r\n"))
		lines += strings.Count(text[counted:offset], "\n")
		counted = offset
		return lines
	}
	_, err := decoder.Token()
	for err == nil && decoder.More() {
		n := lineOf()
		var object json.RawMessage
		if err = decoder.Decode(&object); err != nil {
			break
		}
		input, bad := readObject(n, object)
		if !yield(input, bad) || bad != nil {
			return
		}
	}
	if err == nil {
		_, err = decoder.Token()
	}
	if err == nil {
		if _, more := decoder.Token(); more != io.EOF {
			err = errors.New("something follows the array")
		}
	}
	if err != nil {
		n := lineOf()
		yield(Input{Number: n}, &LineError{Line: n, key: "lint.malformed", err: err})
	}
}

// jsonProposal is a line as written. A pointer tells an absent title from an empty one.
type jsonProposal struct {
	ID       any            `json:"id"` // text in the library; a table may number its rows
	Kind     string         `json:"kind"`
	Title    *string        `json:"title"`
	Keywords *[]jsonKeyword `json:"keywords"`
	Scene    string         `json:"scene"`
	Category string         `json:"category"`
	Type     any            `json:"type"` // 2 or 3; another program may mean something else by it
}

type jsonKeyword struct {
	Name    string `json:"name"`
	Example string `json:"example"`
	Type    string `json:"rule"`
}

func readLine(n int, text string) (Input, error) {
	if trimmed := strings.TrimSpace(text); trimmed[0] != '{' || strings.HasPrefix(trimmed, "{{") {
		// No JSON begins with {{, but titles with a placeholder in them do.
		return Input{Number: n, Proposal: Proposal{Title: text}, bare: true}, nil
	}
	return readObject(n, []byte(text))
}

func readObject(n int, text []byte) (Input, error) {
	input := Input{Number: n}
	var p jsonProposal
	if err := json.Unmarshal(text, &p); err != nil {
		return input, &LineError{Line: n, key: "lint.malformed", err: err}
	}
	if p.Title == nil {
		return input, &LineError{Line: n, key: "lint.untitled"}
	}
	input.ID, _ = p.ID.(string)
	input.Proposal.Title = *p.Title
	if p.Kind == Subscribe {
		input.Proposal.Kind = p.Kind
		term, _ := p.Type.(float64)
		input.Proposal.Subscription = Subscription{Scene: p.Scene, Category: p.Category, Type: int(term)}
	}
	if p.Keywords != nil {
		input.Listed = true
		input.Proposal.Keywords = make([]Keyword, len(*p.Keywords))
		for i, k := range *p.Keywords {
			input.Proposal.Keywords[i] = Keyword(k)
		}
	}
	return input, nil
}

// ReadLibrary reads titles as JSON, one {"id","title","keywords":[…]} a line as
// the sandbox writes its library, or an array of them as the console exports it.
// A file without any title is a *FileError, as nothing could be compared with it.
// Any other error is a *LineError, or comes from the reader.
func ReadLibrary(in io.Reader) ([]Existing, error) {
	text, err := wechat.ReadText(in)
	if err != nil {
		return nil, fmt.Errorf("audit: read library: %w", fileError(err))
	}
	var titles []Existing
	read := objectLines
	if isArray(text) {
		read = arrayInputs
	}
	read(text, func(input Input, bad error) bool {
		if err = bad; err != nil {
			return false
		}
		e := Existing{ID: input.ID, Title: input.Proposal.Title, Source: SourceLibrary}
		for _, k := range input.Proposal.Keywords {
			e.Keywords = append(e.Keywords, k.Name)
		}
		titles = append(titles, e)
		return true
	})
	if err == nil && len(titles) == 0 {
		err = &FileError{key: "file.empty"}
	}
	if err != nil {
		return nil, fmt.Errorf("audit: read library: %w", err)
	}
	return titles, nil
}

// objectLines is inputLines without bare titles: a line of anything else in a
// library is a sign that the file is something else.
func objectLines(text string, yield func(Input, error) bool) {
	inputLines(text, func(input Input, err error) bool {
		if err == nil && input.bare {
			err = &LineError{Line: input.Number, key: "lint.object"}
		}
		return yield(input, err)
	})
}
