package account

import (
	"encoding/csv"
	"errors"
	"strings"
	"unicode"

	"muban/wechat"
)

// ImportText is a file as text with line feeds for line ends, whichever of wechat.DecodeText's encodings it is in. One
// that cannot be read is a *Problem.
func ImportText(raw []byte) (string, error) {
	if len(raw) > MaxFile {
		return "", problem(FileTooLarge)
	}
	text, err := wechat.DecodeText(raw)
	if unread, ok := errors.AsType[*wechat.TextError](err); ok && unread.Format != "" {
		return "", problem(FileFormat, "Format", unread.Format)
	}
	if err != nil {
		return "", problem(FileEncoding)
	}
	if strings.TrimSpace(text) == "" {
		return "", problem(FileEmpty)
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), nil
}

// column is what a cell is read as.
type column int

const (
	ignoredColumn column = iota
	kindColumn
	titleIDColumn
	titleColumn
	keywordColumn
	keywordIDColumn
	aliasColumn
	scenarioColumn
)

// headings are folded as columnOf does it.
func headings() map[string]column {
	return map[string]column{
		"类型": kindColumn, "消息类型": kindColumn, "kind": kindColumn,
		"标题id": titleIDColumn, "标题编号": titleIDColumn, "模板标题id": titleIDColumn, "titleid": titleIDColumn, "id": titleIDColumn,
		"tid": titleIDColumn,
		"标题":  titleColumn, "标题名称": titleColumn, "模板标题": titleColumn, "title": titleColumn,
		"关键词": keywordColumn, "关键词列表": keywordColumn, "关键词名称": keywordColumn, "关键字": keywordColumn,
		"keyword": keywordColumn, "keywords": keywordColumn,
		"关键词id": keywordIDColumn, "关键词编号": keywordIDColumn, "keywordid": keywordIDColumn, "keywordids": keywordIDColumn,
		"keywordidlist": keywordIDColumn, "kid": keywordIDColumn, "kids": keywordIDColumn, "kidlist": keywordIDColumn,
		"别名": aliasColumn, "模板别名": aliasColumn, "alias": aliasColumn,
		"使用场景": scenarioColumn, "场景": scenarioColumn, "使用场景说明": scenarioColumn, "scenario": scenarioColumn,
		"服务场景": scenarioColumn, "scene": scenarioColumn, "scenedesc": scenarioColumn,
	}
}

// columnOf knows a heading in either case and width, with blanks, _ or - inside and a number behind.
func columnOf(heading string) column {
	folded := strings.Map(func(r rune) rune {
		if r = narrow(r); r == '_' || r == '-' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, heading)
	return headings()[strings.TrimRight(folded, "0123456789")]
}

// narrow is the ASCII form of a full-width character.
func narrow(r rune) rune {
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

// header says what the columns of a file are.
type header struct {
	columns []column
	ignored []string
}

// separators are what spreadsheets and people put between cells: where a comma is in the numbers of a
// country its files have semicolons, and what is copied from a sheet has tabs.
func separators() []rune { return []rune{',', '\t', ';', '，', '；', '|', '｜'} }

// readHeader reads the first line, and finds out what stands between the cells.
func readHeader(text string) (header, *records, error) {
	line := 1
	if said, rest, _ := strings.Cut(text, "\n"); strings.HasPrefix(strings.ToLower(said), "sep=") { // Excel's own line
		text, line = rest, 2
	}
	for _, separator := range separators() {
		rest := &records{text: text, line: line, separator: separator}
		first, _ := rest.next()
		if h := headerOf(first.cells); h.complete() {
			return h, rest, nil
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	for _, r := range first {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && headerOf(strings.Split(first, string(r))).complete() {
			return header{}, nil, problem(FileSeparator, "Separator", string(r))
		}
	}
	return header{}, nil, problem(FileHeader, "Found", first)
}

func headerOf(cells []string) header {
	var h header
	had := map[column]bool{}
	for _, heading := range cells {
		c := columnOf(heading)
		if c != keywordColumn && c != keywordIDColumn && had[c] { // a second one of these would overrule the first
			c = ignoredColumn
		}
		if had[c] = true; c == ignoredColumn && strings.TrimSpace(heading) != "" {
			h.ignored = append(h.ignored, strings.TrimSpace(heading))
		}
		h.columns = append(h.columns, c)
	}
	return h
}

// complete tells whether the header names a title and keywords.
func (h header) complete() bool {
	has := map[column]bool{}
	for _, c := range h.columns {
		has[c] = true
	}
	return (has[keywordColumn] || has[keywordIDColumn]) && (has[titleIDColumn] || has[titleColumn])
}

// records reads a text record by record, and finds its way again after one that is broken.
type records struct {
	text      string // what is left
	line      int    // the number of its first line
	separator rune
}

type record struct {
	number  int
	cells   []string
	problem *Problem
}

// next is the next record that is not blank.
func (r *records) next() (record, bool) {
	for r.text != "" {
		number := r.line
		cells, size, p := r.read()
		r.line += strings.Count(r.text[:size], "\n")
		r.text = r.text[size:]
		if p != nil || strings.TrimSpace(strings.Join(cells, "")) != "" {
			return record{number, cells, p}, true
		}
	}
	return record{}, false
}

// read reads the record that the text begins with, and says how long it is. A broken one ends with its
// line: an open quotation mark must not swallow the lines that follow.
func (r *records) read() (cells []string, size int, p *Problem) {
	line := strings.IndexByte(r.text, '\n') + 1
	if line == 0 {
		line = len(r.text)
	}
	if strings.TrimSpace(r.text[:line]) == "" { // or the reader would skip it, uncounted
		return nil, line, nil
	}
	window := r.text[:min(len(r.text), MaxLine)]
	in := csv.NewReader(strings.NewReader(window))
	in.Comma, in.FieldsPerRecord = r.separator, -1
	in.TrimLeadingSpace = r.separator != '\t'
	cells, err := in.Read()
	size = int(in.InputOffset())
	switch {
	case err == nil && (size < len(window) || len(window) == len(r.text) || strings.HasSuffix(window, "\n")):
		return cells, size, nil
	case line > MaxLine:
		return nil, line, problem(LineLong)
	}
	return nil, line, problem(LineQuotes)
}
