package audit

import "strings"

// CheckValues applies 违规说明 to the values of a message about to be sent. All
// findings are warnings: what a message sells only its sender knows, but the
// penalty falls on the account.
func CheckValues(values []string) []Finding {
	var found []Finding
	for i, v := range values {
		for _, f := range abuseFindings(v, tight(v), spot{"values", i, ""}) {
			f.Where, f.Confidence = f.at.String(), confidenceOf(f.Rule, f.Key, f.Level)
			found = append(found, f)
		}
	}
	return found
}

// sellingExample applies 违规说明 to the examples of a proposal: what its author
// means to send.
func sellingExample(p *proposal) []Finding {
	var found []Finding
	for i, k := range p.Keywords {
		for _, f := range abuseFindings(k.Example, p.examples[i], exampleOf(i)) {
			if f.Rule == RuleAdvertising && kindOf(p.names[i]) == label {
				continue // 周年庆 may well be what an activity is called
			}
			if f.Rule == RuleAdvertising && strings.ContainsAny(p.names[i], "折惠券减") {
				f.Level = Note // 满100减10 is what was taken off the bill
			}
			found = append(found, f)
		}
	}
	return found
}

func abuseFindings(text, folded string, at spot) []Finding {
	var found []Finding
	for _, f := range abusesOf(text, folded) {
		if f.word != "" {
			args := map[string]string{"word": f.word}
			found = append(found, Finding{Rule: f.rule, Level: Warning, Key: f.key, Args: args, at: at})
		}
	}
	return found
}

type abuseFinding struct{ rule, key, word string }

// abusesOf returns, by rule, the first word of a value, and of its tight text, that
// the rule is about.
func abusesOf(value, text string) [3]abuseFinding {
	var seen [selling + 1]string
	if tag := priceTag(text); tag != "" {
		seen[selling] = tag
	}
	for rest := text; len(rest) > 0; {
		piece, a, known := abuseWords().next(rest)
		rest = rest[len(piece):]
		if known && seen[a] == "" {
			seen[a] = piece
		}
	}
	found := [3]abuseFinding{
		{RuleInducement, "values.lure", seen[lure]},
		{RuleHarassment, "values.harass", seen[harass]},
		{RuleAdvertising, "values.selling", seen[selling]},
	}
	if found[1].word == "" {
		found[1].key, found[1].word = "values.loud", shouting(value)
	}
	return found
}

// shouting returns signs of exclamation in a row, or nothing.
func shouting(value string) string {
	count, start := 0, 0
	for i, r := range value {
		if r != '!' && r != '！' && r != '？' && r != '?' {
			count = 0
			continue
		}
		if count == 0 {
			start = i
		}
		if count++; count == 3 {
			return value[start : i+len(string(r))]
		}
	}
	return ""
}

// abuse is what 违规说明 forbids in the values of a message.
type abuse uint8

const (
	decent  abuse = iota // listed to shield a shorter word inside it
	lure                 // asks for an action in exchange
	harass               // presses, threatens, or calls back
	selling              // advertises
)

var abuseWords = readLexicon("abuse", map[string]abuse{
	"lure": lure, "harass": harass, "selling": selling, "decent": decent,
})
