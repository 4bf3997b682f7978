package values

import (
	"strings"
	"time"
)

// A time has a time of day in 24 hours, and may have a date before it; a date has a date, and may have a time of day
// behind it. Both may be a range of two with the ASCII ~ between them.
func checkTime(value string, _ *Rule) Verdict { return checkRange(value, false) }

func checkDate(value string, _ *Rule) Verdict { return checkRange(value, true) }

// rangeSigns are what people write in the place of ~.
const rangeSigns = "～〜∼˜—–至到"

func checkRange(value string, dated bool) Verdict {
	from, to, isRange := strings.Cut(value, "~")
	tight := true
	if isRange {
		a, b := strings.TrimRight(from, " "), strings.TrimLeft(to, " ")
		tight, from, to = len(a) == len(from) && len(b) == len(to), a, b
	}
	first := parsePoint(from)
	switch {
	case strings.ContainsAny(value, rangeSigns):
		return refused(RangeSign)
	case !first.read:
		return refused(Form)
	case dated && !first.date:
		return refused(NoDate)
	case !dated && !first.clock:
		return refused(NoTime)
	case !isRange:
		return Verdict{Note: first.note}
	}
	last := parsePoint(to)
	switch {
	case !last.read || !last.clock && first.clock || last.clock && !first.clock || last.date && !first.date:
		return refused(Form)
	case !tight:
		return Verdict{Note: Spacing}
	case first.note != "":
		return Verdict{Note: first.note}
	}
	return Verdict{Note: last.note}
}

// point is a date, a time of day, or both.
type point struct {
	read, date, clock bool
	note              string
}

func parsePoint(s string) point {
	rest, form := cutDate(s)
	p := point{date: form != ""}
	if p.date {
		if rest == "" {
			return point{read: true, date: true}
		}
		after, spaced := strings.CutPrefix(rest, " ")
		if !spaced && !strings.HasSuffix(form, "日") {
			return point{}
		}
		if !spaced {
			p.note = Spacing
		}
		rest = after
	}
	note, ok := parseClock(rest)
	if note != "" {
		p.note = note
	}
	p.read, p.clock = ok, ok
	return p
}

// dateForms are how a date may be written, those that go on before those that stop.
var dateForms = [...]string{
	"Y年M月D日", "Y年M月", "M月D日", "Y-M-D", "Y/M/D", "Y.M.D", "Y-M", "Y/M", "Y.M", "M-D", "M/D", "M.D",
}

// cutDate takes a date off the front of s; form is "" where there is none.
func cutDate(s string) (rest, form string) {
	for _, form := range dateForms {
		if rest, ok := cutForm(s, form); ok {
			return rest, form
		}
	}
	return s, ""
}

func cutForm(s, form string) (rest string, ok bool) {
	year, month, day := 2000, 1, 1 // a leap year where none is named
	for _, c := range form {
		value, n, after := number(s)
		switch c {
		case 'Y':
			year, ok = value, n == 4
		case 'M':
			month, ok = value, n == 1 || n == 2
		case 'D':
			day, ok = value, n == 1 || n == 2
		default:
			after, ok = strings.CutPrefix(s, string(c))
		}
		if !ok {
			return s, false
		}
		s = after
	}
	return s, isDate(year, month, day)
}

func isDate(year, month, day int) bool {
	last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return month >= 1 && month <= 12 && day >= 1 && day <= last
}

// parseClock reads 15:01, and with a note 15:01:30 and 24:00.
func parseClock(s string) (note string, ok bool) {
	hour, n, rest := number(s)
	rest, colon := strings.CutPrefix(rest, ":")
	minute, m, rest := number(rest)
	if n < 1 || n > 2 || !colon || m != 2 || minute > 59 || hour > 24 {
		return "", false
	}
	if hour == 24 {
		return Midnight, minute == 0 && rest == ""
	}
	if rest == "" {
		return "", true
	}
	rest, colon = strings.CutPrefix(rest, ":")
	second, n, rest := number(rest)
	if fraction, point := strings.CutPrefix(rest, "."); point {
		if _, m, rest = number(fraction); m == 0 {
			return "", false
		}
	}
	return Seconds, colon && n == 2 && second <= 59 && rest == ""
}

// number reads the digits that s begins with; n is how many they are.
func number(s string) (value, n int, rest string) {
	for n < len(s) && n < 10 && '0' <= s[n] && s[n] <= '9' {
		value = value*10 + int(s[n]-'0')
		n++
	}
	return value, n, s[n:]
}
