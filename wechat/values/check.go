package values

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Verdict is what Check says of one value. It is refused for one cause, the first that was found.
type Verdict struct {
	Why   string // one of Reasons; "" for a value that WeChat takes
	Note  string // of one that is taken: one of Notes, where WeChat's rule is not settled; else ""
	Type  string
	Count int  // characters, with Long
	Limit int  // that the value may have, with Long
	Char  rune // that does not fit, with Char and Digit
}

// OK tells that WeChat takes the value, as far as its rules are known.
func (v Verdict) OK() bool { return v.Why == "" }

// Why a value is refused.
const (
	BadText   = "text"       // not UTF-8: WeChat sees ? in its place
	Empty     = "empty"      // 47003 "… is empty"
	Long      = "long"       // more than Limit characters
	Control   = "control"    // a newline or another control character
	Char      = "char"       // a character that the type does not take
	Digit     = "digit"      // a digit in a name
	Form      = "form"       // not in the form of the type
	RangeSign = "range_sign" // a range with another sign than the ASCII ~
	NoTime    = "no_time"    // a date where a time of day is needed
	NoDate    = "no_date"    // a time of day where a date is needed
	Unlisted  = "unlisted"   // not one of the values that the template lists
	Number    = "json"       // a number in JSON where a string is needed
)

// Reasons lists them all.
var Reasons = []string{BadText, Empty, Long, Control, Char, Digit, Form, RangeSign, NoTime, NoDate, Unlisted, Number}

// What is not settled about a value that is taken: sources are silent, or disagree.
const (
	UnknownType = "type"
	Blank       = "blank"    // spaces alone
	Broken      = "broken"   // U+FFFD, what is left of an emoji that was cut in two
	Hidden      = "hidden"   // a character that shows as nothing, or turns the direction of those around it
	Emoji       = "emoji"    // assumed: one for each code point
	Symbols     = "symbols"  // the exact set is not known
	Space       = "space"    // in a type that names letters, digits and symbols
	Letters     = "letters"  // of another alphabet
	Decimals    = "decimals" // whether they count among the ten digits of an amount; assumed not
	Seconds     = "seconds"  // taken by most, refused in one report
	Midnight    = "midnight" // 24:00
	Spacing     = "spacing"  // around ~, or none between date and time
	NoList      = "list"     // the values that the template lists are not known
	JSONNumber  = "number"   // a number in JSON instead of a string
)

// Notes lists them all.
var Notes = []string{UnknownType, Blank, Broken, Hidden, Emoji, Symbols, Space, Letters, Decimals, Seconds, Midnight, Spacing, NoList,
	JSONNumber}

// Check tells whether WeChat takes value for a keyword of this type. listed are the values that the template lists
// for an enum, nil where they are not known. A type that is not known refuses nothing.
func Check(typ, value string, listed []string) Verdict {
	r := byType[typ]
	v := Verdict{Type: typ}
	switch {
	case r == nil:
		v.Note = UnknownType
	case !utf8.ValidString(value):
		v.Why = BadText
	case value == "":
		v.Why = Empty
	case r.check == nil:
		v = checkListed(value, listed, r)
	default:
		v = r.check(value, r)
	}
	v.Type = typ
	return v
}

func refused(why string) Verdict { return Verdict{Why: why} }

func misfit(char rune) Verdict { return Verdict{Why: Char, Char: char} }

// long is a value of more characters than it may have. A 汉字 is one.
func long(count, limit int) Verdict { return Verdict{Why: Long, Count: count, Limit: limit} }

func checkListed(value string, listed []string, r *Rule) Verdict {
	switch n := utf8.RuneCountInString(value); {
	case r.Limit > 0 && n > r.Limit:
		return long(n, r.Limit)
	case listed == nil:
		return Verdict{Note: NoList}
	case !slices.Contains(listed, value):
		return refused(Unlisted)
	}
	return Verdict{}
}

func checkThing(value string, r *Rule) Verdict {
	n, blank, emoji, hides := 0, true, false, false
	for _, c := range value {
		n++
		switch {
		case unicode.IsControl(c):
			return Verdict{Why: Control, Char: c}
		case c > '⌀' && (unicode.Is(unicode.So, c) || joins(c)):
			emoji = true
		}
		blank = blank && (unicode.IsSpace(c) || isHidden(c))
		hides = hides || isHidden(c)
	}
	switch {
	case n > r.Limit:
		return long(n, r.Limit)
	case blank:
		return Verdict{Note: Blank}
	case strings.ContainsRune(value, unicode.ReplacementChar):
		return Verdict{Note: Broken}
	case hides:
		return Verdict{Note: Hidden}
	case emoji:
		return Verdict{Note: Emoji}
	}
	return Verdict{}
}

// isHidden tells that c shows as nothing, turns the direction of what is around it, or breaks the line as a newline
// does. What joins the parts of an emoji is no such character.
func isHidden(c rune) bool {
	return c == '\u2028' || c == '\u2029' || unicode.Is(unicode.Cf, c) && !joins(c)
}

// class is the sort of a character, as the rules speak of them.
type class int

const (
	other class = iota
	digit
	letter
	latin  // À to ɏ
	script // a letter or a mark of another alphabet
	hanzi
	ascii  // a symbol of ASCII
	symbol // any other
	space
)

func classOf(c rune) class {
	switch {
	case '0' <= c && c <= '9':
		return digit
	case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		return letter
	case c == ' ' || c == '\u3000':
		return space
	case c < 0x80:
		if unicode.IsControl(c) {
			return other
		}
		return ascii
	case isHan(c):
		return hanzi
	case unicode.IsPunct(c) || unicode.IsSymbol(c):
		return symbol
	case 'À' <= c && c <= 'ɏ':
		return latin
	case unicode.IsLetter(c) || unicode.IsMark(c):
		return script
	}
	return other
}

func isHan(c rune) bool {
	return 0x4e00 <= c && c <= 0x9fff || 0x3400 <= c && c <= 0x4dbf || 0xf900 <= c && c <= 0xfaff ||
		0x20000 <= c && c <= 0x323af || c == '々' || c == '〇'
}

// noteOf is what is not settled about a character, of a class that the type takes.
func noteOf(c rune, k class) string {
	switch k {
	case symbol:
		if c == unicode.ReplacementChar {
			return Broken
		}
		return Symbols
	case space:
		return Space
	case latin, script:
		return Letters
	}
	return ""
}

// of checks a value that is made of classes, a bit for each.
func of(value string, limit int, classes uint) Verdict {
	n, v := 0, Verdict{}
	for _, c := range value {
		n++
		k := classOf(c)
		if classes>>k&1 == 0 || c == '\u3000' {
			return misfit(c)
		}
		if v.Note == "" {
			v.Note = noteOf(c, k)
		}
	}
	if n > limit {
		return long(n, limit)
	}
	return v
}

func checkLetters(value string, r *Rule) Verdict { return of(value, r.Limit, 1<<letter) }

func checkSymbols(value string, r *Rule) Verdict { return of(value, r.Limit, 1<<ascii|1<<symbol) }

func checkString(value string, r *Rule) Verdict {
	return of(value, r.Limit, 1<<digit|1<<letter|1<<ascii|1<<symbol|1<<space)
}

func checkPhone(value string, r *Rule) Verdict {
	return of(value, r.Limit, 1<<digit|1<<ascii|1<<symbol|1<<space)
}

func checkPhrase(value string, r *Rule) Verdict { return of(value, r.Limit, 1<<hanzi) }

// checkPlate takes a 汉字 first and last alone.
func checkPlate(value string, r *Rule) Verdict {
	n := utf8.RuneCountInString(value)
	i := 0
	for _, c := range value {
		switch k := classOf(c); {
		case k == digit || k == letter || k == hanzi && (i == 0 || i == n-1):
		case k == hanzi && i < r.Limit:
			return refused(Form)
		default:
			return misfit(c)
		}
		i++
	}
	if n > r.Limit {
		return long(n, r.Limit)
	}
	return Verdict{}
}

// checkName counts to twenty without a 汉字 and to ten with one: mixed names count as Chinese ones do.
func checkName(value string, _ *Rule) Verdict {
	v := Verdict{}
	for _, c := range value {
		switch k := classOf(c); k {
		case digit:
			return Verdict{Why: Digit, Char: c}
		case other:
			if unicode.IsDigit(c) {
				return Verdict{Why: Digit, Char: c}
			}
			return misfit(c)
		default:
			if v.Note == "" {
				v.Note = noteOf(c, k)
			}
		}
	}
	if n, limit := utf8.RuneCountInString(value), nameLimit(value); n > limit {
		return long(n, limit)
	}
	return v
}

func nameLimit(value string) int {
	for _, c := range value {
		if k := classOf(c); k == hanzi || k == script {
			return maxName
		}
	}
	return maxLatin
}
