package values

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func checkNumber(value string, r *Rule) Verdict {
	whole, decimals, bad := digits(value)
	if bad != (Verdict{}) {
		return bad
	}
	if n := whole + decimals; n > r.Limit {
		return long(n, r.Limit)
	}
	return Verdict{}
}

func checkAmount(value string, r *Rule) Verdict {
	if c, size := utf8.DecodeRuneInString(value); unicode.Is(unicode.Sc, c) {
		value = value[size:]
	}
	value = strings.TrimSuffix(value, "元")
	if value == "" {
		return refused(Form)
	}
	whole, decimals, bad := digits(value)
	switch {
	case bad != (Verdict{}):
		return bad
	case whole > r.Limit:
		return long(whole, r.Limit)
	case whole+decimals > r.Limit:
		return Verdict{Note: Decimals}
	}
	return Verdict{}
}

// digits counts those before and behind the one decimal point that value may have; bad is why it is no number.
func digits(value string) (whole, decimals int, bad Verdict) {
	point := false
	for _, c := range value {
		switch {
		case '0' <= c && c <= '9' && point:
			decimals++
		case '0' <= c && c <= '9':
			whole++
		case c != '.':
			return 0, 0, misfit(c)
		case point || whole == 0:
			return 0, 0, refused(Form)
		default:
			point = true
		}
	}
	if whole == 0 || point && decimals == 0 {
		return 0, 0, refused(Form)
	}
	return whole, decimals, Verdict{}
}
