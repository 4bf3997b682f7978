package account

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/wechat"
	"muban/wechat/kind"
)

// The bounds of a file of combinations.
const (
	MaxFile     = 1 << 20  // bytes
	MaxLine     = 16 << 10 // bytes
	MaxLines    = 1000     // without the header
	MaxScenario = 500      // characters
)

// Combination is one line of a file: what somebody wants as a template.
type Combination struct {
	Kind            kind.Kind        // of message
	TitleID, Title  string           // one of them may be empty
	Keywords        []wechat.Keyword // in order; either the ID or the Name is known
	Alias, Scenario string
}

// ImportRow is one record of a file, good or not.
type ImportRow struct {
	Number      int // where it begins in the file, from 1; the header is a line too
	Combination Combination
	Problem     *Problem // nil where the line can be used
}

// Sheet is a file of combinations.
type Sheet struct {
	Lines   []ImportRow
	Ignored []string // columns that nothing is read from, as the header names them
}

// ReadCombinations reads CSV, or cells copied from a spreadsheet, as ImportText gives them, with commas, semicolons or
// bars of either width or tabs between the cells. The header names the
// columns in Chinese or English, in any order: 类型/kind, 标题ID/title_id, 标题/title, 关键词/keywords (ids or names,
// with ; or 、 between them, or in columns 关键词1/keyword1 …), 关键词ID/keyword_ids, which count where a line has both,
// 别名/alias, 使用场景/scenario. A line that does not say its kind is of that of its title_id, and else of own.
//
// A line that cannot be used has a Problem and never stops the others. A file that cannot be read at
// all is a *Problem as the error.
func ReadCombinations(text string, own kind.Kind) (Sheet, error) {
	head, rest, err := readHeader(text)
	if err != nil {
		return Sheet{}, err
	}
	s := Sheet{Ignored: head.ignored}
	seen := earlier{aliases: map[string]int{}, combinations: map[string]int{}}
	for r, ok := rest.next(); ok; r, ok = rest.next() {
		if len(s.Lines) == MaxLines {
			return Sheet{}, problem(FileLines)
		}
		line := ImportRow{Number: r.number, Problem: r.problem}
		if line.Problem == nil {
			line.Combination, line.Problem = head.combination(r.cells, own)
		}
		if line.Problem == nil {
			line.Problem = seen.problem(line)
		}
		s.Lines = append(s.Lines, line)
	}
	return s, nil
}

// combination reads the cells of one line, and judges them without the library.
func (h header) combination(cells []string, own kind.Kind) (c Combination, p *Problem) {
	var said string
	var ids []wechat.Keyword
	for i, cell := range cells {
		if i >= len(h.columns) && strings.TrimSpace(cell) != "" {
			return c, problem(LineCells, "Count", strconv.Itoa(len(cells)), "Columns", strconv.Itoa(len(h.columns)))
		}
		if i >= len(h.columns) || h.columns[i] == ignoredColumn {
			continue
		}
		if cell = unguarded(cell); hasControl(cell, h.columns[i] == scenarioColumn) {
			return c, problem(LineControl, "Cell", strconv.Itoa(i+1))
		}
		switch h.columns[i] {
		case kindColumn:
			said = cell
		case titleIDColumn:
			c.TitleID = cell
		case titleColumn:
			c.Title = cell
		case keywordColumn:
			c.Keywords = append(c.Keywords, keywordsOf(cell)...)
		case keywordIDColumn:
			ids = append(ids, keywordsOf(cell)...)
		case aliasColumn:
			c.Alias = cell
		case scenarioColumn:
			c.Scenario = cell
		}
	}
	if len(ids) > 0 {
		c.Keywords = ids
	}
	if c.Kind, p = kindOf(said, c.TitleID, own); p != nil {
		return c, p
	}
	return c, c.problem()
}

// kindOf is the kind of message of a line that says it, or names a title by its id; else own.
func kindOf(said, titleID string, own kind.Kind) (kind.Kind, *Problem) {
	named := map[string]kind.Kind{"": own, "模板消息": kind.Template, "订阅消息": kind.Subscribe}
	for _, k := range kind.All() {
		named[k.Name()] = k
	}
	k, known := named[strings.ToLower(said)]
	switch {
	case !known:
		return nil, problem(UnknownKind, "Kind", said)
	case titleID == "":
		return k, nil
	case said != "" && k != kind.OfTitle(titleID):
		return nil, problem(OtherKind, "TitleID", titleID, "Kind", said)
	}
	return kind.OfTitle(titleID), nil
}

// unguarded is a cell without the apostrophe that keeps a spreadsheet from taking it for a formula,
// as our own exports have it.
func unguarded(cell string) string {
	cell = strings.TrimSpace(cell)
	rest, guarded := strings.CutPrefix(cell, "'")
	first, _ := utf8.DecodeRuneInString(rest)
	if guarded && strings.ContainsRune("=+-@|＝＋－＠", first) {
		return rest
	}
	return cell
}

func hasControl(cell string, lines bool) bool {
	return strings.ContainsFunc(cell, func(r rune) bool {
		return unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t'))
	})
}

// keywordsOf splits a cell. A whole number is an id, anything else a name.
func keywordsOf(cell string) []wechat.Keyword {
	var found []wechat.Keyword
	for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(";；、,，", r) }) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		k := wechat.Keyword{Name: part}
		if id, err := strconv.Atoi(part); err == nil && id > 0 && strings.Trim(part, "0123456789") == "" {
			k = wechat.Keyword{ID: id}
		}
		found = append(found, k)
	}
	return found
}

// problem is what is wrong with c whatever the library says.
func (c Combination) problem() *Problem {
	limits := c.Kind.Limits()
	switch n := len(c.Keywords); {
	case c.TitleID == "" && c.Title == "":
		return problem(NoTitleID)
	case n == 0:
		return problem(NoKeywords)
	case n < limits.FewestKeywords:
		return problem(FewKeywords, "Count", strconv.Itoa(n), "Least", strconv.Itoa(limits.FewestKeywords))
	case n > limits.Keywords:
		return problem(ManyKeywords, "Count", strconv.Itoa(n), "Most", strconv.Itoa(limits.Keywords))
	}
	for i, k := range c.Keywords {
		if slices.Contains(c.Keywords[:i], k) {
			return problem(KeywordTwice, "Keyword", spoken(k))
		}
	}
	if c.Alias != "" && !ValidAlias(c.Alias) {
		return problem(BadAlias, "Alias", c.Alias)
	}
	n := utf8.RuneCountInString(c.Scenario)
	switch {
	case limits.Scene > 0 && (n > limits.Scene || hasControl(c.Scenario, false)):
		return problem(LongScene, "Count", strconv.Itoa(n), "Most", strconv.Itoa(limits.Scene))
	case n > MaxScenario:
		return problem(LongScenario, "Count", strconv.Itoa(n))
	}
	return nil
}

// spoken is a keyword as the line names it.
func spoken(k wechat.Keyword) string {
	if k.ID > 0 {
		return strconv.Itoa(k.ID)
	}
	return k.Name
}

// earlier are the lines that were read before, to find what comes twice.
type earlier struct{ aliases, combinations map[string]int }

func (e earlier) problem(l ImportRow) *Problem {
	c := l.Combination
	if at := e.aliases[c.Alias]; c.Alias != "" && at > 0 {
		return problem(AliasTwice, "Alias", c.Alias, "Line", strconv.Itoa(at))
	}
	key := c.Kind.Name() + "\n" + c.TitleID + "\n" + c.Title
	for _, k := range c.Keywords {
		key += "\n" + spoken(k)
	}
	if at := e.combinations[key]; at > 0 {
		return problem(LineTwice, "Line", strconv.Itoa(at))
	}
	e.aliases[c.Alias], e.combinations[key] = l.Number, l.Number
	return nil
}

// Resolve finds the keywords of c in its title, in order. What the title does not have, or has twice
// by this name, is a Problem.
func (c Combination) Resolve(title wechat.Title) ([]wechat.Keyword, *Problem) {
	if c.TitleID != "" && c.Title != "" && c.Title != strings.TrimSpace(title.Text) {
		return nil, problem(OtherTitle, "TitleID", c.TitleID, "Text", title.Text, "Title", c.Title)
	}
	var found []wechat.Keyword
	for _, want := range c.Keywords {
		fit := among(title.Keywords, func(k wechat.Keyword) bool {
			return k.ID == want.ID || want.ID == 0 && strings.TrimSpace(k.Name) == want.Name
		})
		switch {
		case len(fit) == 0:
			return nil, problem(UnknownWord, "Keyword", spoken(want))
		case len(fit) > 1:
			return nil, problem(SeveralWords, "Keyword", spoken(want))
		case slices.Contains(found, fit[0]): // once by its id and once by its name
			return nil, problem(KeywordTwice, "Keyword", fit[0].Name)
		}
		found = append(found, fit[0])
	}
	return found, nil
}

// Problem says what is wrong with a file of combinations, or with one line of it.
type Problem struct {
	Code string            // one of Problems
	Args map[string]string // what the sentence names, as the codes say
}

func (p *Problem) Error() string { return "account: " + p.Code }

func problem(code string, args ...string) *Problem {
	p := &Problem{Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if p.Args == nil {
			p.Args = map[string]string{}
		}
		p.Args[args[i]] = excerpt(args[i+1])
	}
	return p
}

// excerpt shortens what a sentence quotes: a cell may be as long as a line.
func excerpt(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// What can be wrong with a whole file.
const (
	FileEmpty     = "file_empty"     // nothing but blanks
	FileTooLarge  = "file_too_large" // more than MaxFile bytes
	FileEncoding  = "file_encoding"  // neither UTF-8 nor another encoding that can be told
	FileFormat    = "file_format"    // it is Format, and no text that can be read
	FileSeparator = "file_separator" // the cells of the first line are separated by Separator, which is not read
	FileHeader    = "file_header"    // the first line does not name a title and keywords, but Found
	FileLines     = "file_lines"     // more than MaxLines lines
)

// What can be wrong with a line.
const (
	LineQuotes     = "line_quotes"      // a quotation mark that is not closed, or stands inside a cell
	LineLong       = "line_long"        // more than MaxLine bytes
	LineCells      = "line_cells"       // Count cells where the header names Columns: the rest would be lost
	LineControl    = "line_control"     // a control character, in Cell
	NoTitleID      = "no_title_id"      // neither title_id nor title
	NoKeywords     = "no_keywords"      // not one
	ManyKeywords   = "many_keywords"    // Count, more than Most
	FewKeywords    = "few_keywords"     // Count, fewer than Least
	KeywordTwice   = "keyword_twice"    // Keyword
	BadAlias       = "bad_alias"        // Alias; see ValidAlias
	AliasTwice     = "alias_twice"      // Alias was in line Line already
	LongScenario   = "long_scenario"    // Count characters, more than MaxScenario
	LongScene      = "long_scene"       // of a subscribe message: Count characters, more than Most, or a line feed
	UnknownKind    = "unknown_kind"     // Kind is none of message
	OtherKind      = "other_kind"       // TitleID is none of a title of Kind
	LineTwice      = "line_twice"       // the same combination was in line Line already
	OtherTitle     = "other_title"      // the library calls TitleID Text, the line calls it Title
	UnknownTitle   = "unknown_title"    // the library has no title Title
	AmbiguousTitle = "ambiguous_title"  // the library has several titles Title: IDs
	UnknownTitleID = "unknown_title_id" // WeChat has no title ID
	UnknownWord    = "unknown_keyword"  // Keyword is no id and no name of the title's
	SeveralWords   = "several_keywords" // Keyword is the name of several keywords of the title: the id is wanted
)

// Problems lists them all, so that a catalogue of texts can be proved complete.
func Problems() []string {
	return []string{
		FileEmpty, FileTooLarge, FileEncoding, FileFormat, FileSeparator, FileHeader, FileLines,
		LineQuotes, LineLong, LineCells, LineControl, NoTitleID, NoKeywords, ManyKeywords, FewKeywords, KeywordTwice, BadAlias, AliasTwice,
		LongScenario, LongScene, UnknownKind, OtherKind, LineTwice, UnknownTitle, AmbiguousTitle, UnknownTitleID, OtherTitle, UnknownWord, SeveralWords,
	}
}
