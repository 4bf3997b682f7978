package audit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// value is what an example shows when it is read for 审核说明 2.4: evidence of
// times, amounts, places and so on, and how much of it nothing explains.
type value struct {
	marks   [wordy + 1]int // how many words of each kind
	digits  int            // ASCII digits
	longest int            // the longest run of digits, signs within a number left out
	figures int            // numbers: runs of digits, or of numerals
	latin   int            // Latin letters that no table explains
	han     int            // Chinese characters that no table explains
	clock   bool           // 12:30
	date    bool           // 2016-06-06
	dayOnly bool           // 12-09 or 3/5: perhaps a date
	shelf   bool           // 8-3-2014: perhaps a date, perhaps a shelf and what lies on it
	day     bool           // 15号
	decimal bool           // 54.9
	masked  bool           // 138****8000
	mail    bool           // @
	percent bool
	mobile  bool // eleven digits of a mobile number
}

// read reads an example. What a word means depends on what stands before it:
// 元 is money after a number, and nothing in 元宵.
func read(example string) value {
	var r value
	text := fold(example)
	afterNumber := false
	for len(text) > 0 {
		first, size := utf8.DecodeRuneInString(text)
		switch {
		case isDigit(first):
			n := r.figure(text)
			text, afterNumber = text[n:], true
			continue
		case isASCIIWord(first):
			n := r.latinWord(text, afterNumber)
			text, afterNumber = text[n:], false
			continue
		}
		piece, m, known := exampleWords().next(text)
		text = text[len(piece):]
		if known {
			afterNumber = r.word(m, afterNumber, size, len(piece))
			continue
		}
		r.sign(first)
		afterNumber = afterNumber && first == ' '
	}
	r.mobile = r.mobile || r.masked && r.digits >= 6 && r.longest <= 4
	return r
}

// word counts a word, and says whether a unit may follow it.
func (r *value) word(m mark, afterNumber bool, runeSize, size int) bool {
	unit := m == timeUnit || m == dayUnit || m == moneyUnit || m == thingUnit
	switch {
	case m == numeral:
		if !afterNumber {
			r.figures++
		}
		return true
	case m == dayUnit && afterNumber:
		r.day = true
		if r.marks[timeUnit] == 0 {
			return true
		}
		m = timeUnit
	case unit && !afterNumber, m == wordy:
		r.han += size / runeSize
		return false
	}
	r.marks[m]++
	return unit && m == timeUnit // 3小时半, 6月6
}

func (r *value) sign(c rune) {
	switch {
	case c == '*':
		r.masked = true
	case c == '%':
		r.percent = true
	case c == '@':
		r.mail = true
	case isHan(c) || unicode.IsLetter(c):
		r.han++
	}
}

// latinWord reads a run of Latin letters and returns its length in bytes.
func (r *value) latinWord(text string, afterNumber bool) int {
	n := 0
	for n < len(text) && isASCIIWord(rune(text[n])) && !isDigit(rune(text[n])) {
		n++
	}
	word := text[:n]
	m, known := exampleWords().senses[word]
	unit := m == timeUnit || m == moneyUnit || m == thingUnit
	switch {
	case strings.Trim(word, "x") == "" && (n > 1 || afterNumber):
		r.masked = true // 138xxxx8000
	case known && (afterNumber || !unit):
		r.marks[m]++
	default:
		r.latin += n
	}
	return n
}

// figure reads a number with the signs inside it and returns its length in
// bytes: 54.9, 1,000, 2016-06-06, 12:30, 020-81167888.
func (r *value) figure(text string) int {
	end, digits := 0, 0
	for i := 0; i < len(text); i++ {
		c := rune(text[i])
		switch {
		case isDigit(c):
			digits++
			end = i + 1
		case c == '*':
			r.masked = true
			end = i + 1
		case i+1 < len(text) && i == end && strings.ContainsRune(":-/.,", c) &&
			(isDigit(rune(text[i+1])) || text[i+1] == '*'):
			// a sign between two digits belongs to the number
		default:
			i = len(text)
		}
	}
	r.figures++
	r.digits += digits
	r.longest = max(r.longest, digits)
	r.shape(text[:end])
	return end
}

// shape notes what a figure is by the signs inside it.
func (r *value) shape(figure string) {
	lengths, signs := parts(figure)
	switch {
	case strings.Contains(signs, ":"):
		r.clock = true
	case lengths[0] == 4 && lengths[1] >= 1 && lengths[1] <= 2 && (figure[0] == '1' || figure[0] == '2') &&
		strings.ContainsAny(signs, "-/.") && (signs[0] != '.' || len(signs) > 1):
		r.date = true
	case (signs == "--" || signs == "//") && lengths[0] <= 2 && lengths[1] <= 2 && isYear(figure, lengths[2]):
		r.date, r.shelf = true, signs == "--"
	case len(signs) == 1 && lengths[0] <= 2 && lengths[1] <= 2 && strings.ContainsAny(signs, "-/"):
		r.dayOnly = true
	case signs == ".":
		r.decimal = true
	case isMobile(figure):
		r.mobile = true
	}
}

// isYear says whether a figure ends in a year of so many digits: 18 or 2018.
func isYear(figure string, digits int) bool {
	last := figure[len(figure)-digits:]
	return digits == 2 || digits == 4 && (last[:2] == "19" || last[:2] == "20")
}

// parts returns the lengths of the first digit runs of a figure and its signs.
func parts(figure string) (lengths [3]int, signs string) {
	part := 0
	from, to := 0, 0
	for i := 0; i < len(figure); i++ {
		if isDigit(rune(figure[i])) || figure[i] == '*' {
			if part < len(lengths) {
				lengths[part]++
			}
			continue
		}
		if part == 0 {
			from = i
		}
		to = i + 1
		part++
	}
	if part == 0 {
		return lengths, ""
	}
	return lengths, onlySigns(figure[from:to])
}

// onlySigns returns up to three signs of a figure.
func onlySigns(s string) string {
	var buf [3]byte
	n := 0
	for i := 0; i < len(s) && n < len(buf); i++ {
		if !isDigit(rune(s[i])) && s[i] != '*' {
			buf[n] = s[i]
			n++
		}
	}
	return string(buf[:n])
}

// isMobile recognises the telephone numbers of mainland China: 13800138000,
// 138****8000, 020-81167888, 400-123-4567.
func isMobile(figure string) bool {
	digits := 0
	for i := range len(figure) {
		if isDigit(rune(figure[i])) || figure[i] == '*' {
			digits++
		}
	}
	switch {
	case digits == 11 && figure[0] == '1' && len(figure) > 1 && figure[1] >= '3':
		return true
	case (digits == 11 || digits == 12 || digits == 10) && figure[0] == '0' && strings.Contains(figure, "-"):
		return true
	}
	return digits == 10 && strings.Contains(figure, "-") &&
		(strings.HasPrefix(figure, "400") || strings.HasPrefix(figure, "800"))
}

// mark is what a word of an example shows it to be (审核说明 2.4).
type mark uint8

const (
	neutral    mark = iota // joins the rest: 至, 约
	numeral                // 三, 十, 半
	timeUnit               // after a number: 年, 月, 小时
	dayUnit                // after a number: 号, which says a day after a month and a number elsewhere
	timeWord               // by itself: 明天, 上午, 周一
	moneyUnit              // after a number: 元, 块
	moneyWord              // by itself: ¥, 人民币, 免费
	thingUnit              // after a number: 件, 人, 公斤
	placeWord              // 大厦, 北京
	streetWord             // 区, 路: two of them, or one with a number, are an address
	personal               // 先生, 张三
	absent                 // 无, 暂无, 待定
	wordy                  // listed to shield a shorter word inside it
)

var exampleWords = readLexicon("example", map[string]mark{
	"numeral": numeral, "timeUnit": timeUnit, "dayUnit": dayUnit, "timeWord": timeWord,
	"moneyUnit": moneyUnit, "moneyWord": moneyWord, "thingUnit": thingUnit, "placeWord": placeWord,
	"streetWord": streetWord, "personal": personal, "absent": absent, "neutral": neutral,
	"wordy": wordy,
})

// kind is what a keyword asks its example to be (审核说明 2.4).
type kind uint8

const (
	free      kind = iota // anything may stand there
	moment                // a date or a time
	lasting               // a length of time
	money                 // an amount
	count                 // a number of things
	ratio                 // a share or a rate
	phone                 // a telephone number
	contact               // a telephone number, or another way to reach somebody
	code                  // an order, tracking or other number
	handle                // an account, a user, a seat: a number or a name
	mailbox               // an e-mail address
	place                 // an address or a place
	person                // somebody's name
	label                 // the name of a thing: a figure may belong to it
	phrase                // a state, a reason, a way: words, and no figure alone
	company               // the name of a firm
	condition             // how it stands
	reason                // why
	result                // how it ended
	stage                 // how far it is
	way                   // by what means
)

// keywordKinds is read by the longest word that a keyword ends with: Chinese
// puts the head of a name last, so 支付时间 and 预计到账时间 both ask for a time.
var keywordKinds = readLexicon("keyword_kinds", map[string]kind{
	"moment": moment, "lasting": lasting, "money": money, "count": count, "ratio": ratio,
	"phone": phone, "contact": contact, "code": code, "handle": handle, "mailbox": mailbox,
	"place": place, "person": person, "company": company,
	"condition": condition, "reason": reason, "result": result, "stage": stage, "way": way,
	"label": label, "phrase": phrase,
	"free": free,
})
