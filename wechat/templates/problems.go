package templates

// Problem says what is wrong with a file of combinations, or with one line of it.
type Problem struct {
	Code string            // one of Problems
	Args map[string]string // what the sentence names, as the codes say
}

func (p *Problem) Error() string { return "templates: " + p.Code }

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
	FileEmpty    = "file_empty"     // nothing but blanks
	FileTooLarge = "file_too_large" // more than MaxFile bytes
	FileEncoding = "file_encoding"  // not UTF-8: GBK or UTF-16, as spreadsheets save
	FileHeader   = "file_header"    // the first line does not name a title and keywords, but Found
	FileLines    = "file_lines"     // more than MaxLines lines
)

// What can be wrong with a line.
const (
	LineQuotes   = "line_quotes"      // a quotation mark that is not closed, or stands inside a cell
	LineLong     = "line_long"        // more than MaxLine bytes
	LineControl  = "line_control"     // a control character, in Cell
	NoTitleID    = "no_title_id"      // neither title_id nor title
	NoKeywords   = "no_keywords"      // not one
	ManyKeywords = "many_keywords"    // Count, more than wechat.MaxKeywords
	KeywordTwice = "keyword_twice"    // Keyword
	BadAlias     = "bad_alias"        // Alias; see ValidAlias
	AliasTwice   = "alias_twice"      // Alias was in line Line already
	LongScenario = "long_scenario"    // Count characters, more than MaxScenario
	LineTwice    = "line_twice"       // the same combination was in line Line already
	OtherTitle   = "other_title"      // the library calls TitleID Text, the line calls it Title
	UnknownWord  = "unknown_keyword"  // Keyword is no id and no name of the title's
	SeveralWords = "several_keywords" // Keyword is the name of several keywords of the title: the id is wanted
)

// Problems lists them all, so that a catalogue of texts can be proved complete.
func Problems() []string {
	return []string{
		FileEmpty, FileTooLarge, FileEncoding, FileHeader, FileLines,
		LineQuotes, LineLong, LineControl, NoTitleID, NoKeywords, ManyKeywords, KeywordTwice, BadAlias, AliasTwice,
		LongScenario, LineTwice, OtherTitle, UnknownWord, SeveralWords,
	}
}
