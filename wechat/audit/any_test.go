package audit

import (
	"math/rand/v2"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

var placeForm = regexp.MustCompile(`^(title|keywords|scenario|category|type|keywords\[(\d+)\]\.(name|example|type)|values\[(\d+)\])$`)

// assertSound checks what every finding must have, whatever was written.
func assertSound(t *testing.T, found []Finding, keywords, values int) {
	t.Helper()
	for _, f := range found {
		if !placeForm.MatchString(f.Where) || !within(f.Where, keywords, values) {
			t.Errorf("%s lies outside the proposal: %q", f.Rule, f.Where)
		}
		if f.Level != Error && f.Level != Warning && f.Level != Note {
			t.Errorf("%s has the level %q", f.Key, f.Level)
		}
		if Clause(f.Rule, "zh") == "" {
			t.Errorf("%q is no rule", f.Rule)
		}
		for _, lang := range []string{"zh", "en"} {
			message := f.Message(lang)
			if len(message) < 10 || !utf8.ValidString(message) {
				t.Errorf("%s in %s: %q", f.Key, lang, message)
			}
		}
	}
}

// within says whether the place of a finding is there.
func within(where string, keywords, values int) bool {
	parts := placeForm.FindStringSubmatch(where)
	number := func(s string) int {
		n := 0
		for _, c := range s {
			n = n*10 + int(c-'0')
		}
		return n
	}
	switch {
	case parts[2] != "":
		return number(parts[2]) < keywords
	case parts[4] != "":
		return number(parts[4]) < values
	}
	return true
}

func checkAnything(t *testing.T, x *Index, title, name, example string) {
	t.Helper()
	keywords := []Keyword{{name, example, "thing"}, {example, name, title}, {title, title, "date"}}
	p := Proposal{Title: title, Keywords: keywords, Subscription: Subscription{Scene: example, Category: name, Type: len(title)}}
	for _, p.Kind = range []string{"", Subscribe} {
		found := Check(p, Options{Index: x, Count: true, SourceID: name, DraftID: example})
		assertSound(t, found, len(p.Keywords), 0)
	}
	assertSound(t, CheckValues([]string{title, example}), 0, 2)
	x.Nearest(title, 5)
}

func FuzzCheck(f *testing.F) {
	f.Add("订单发货通知", "购买时间", "2016年6月6日")
	f.Add("亲，🎉<b>满100减20</b>！！通知 ", "{{keyword1.DATA}}", "138****8000")
	f.Add("\xff\xfe\u200b\u202e", "\x00", strings.Repeat("1:", 50))
	f.Add("买送减折满", "号", "-./:,*")
	f.Add("👨‍👩‍👧", "＃", "1-1-1900 ￥")
	x := NewIndex(smallLibrary())
	f.Fuzz(func(t *testing.T, title, name, example string) {
		checkAnything(t, x, title, name, example)
	})
}

// The words that the rules know, in any order with anything between them, are
// what goes through the most branches.
func TestAnyMixtureOfWordsAndSignsIsJudged(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var pieces []string
	for _, words := range [][]string{mapKeys(personalWords()), mapKeys(tradeWords()), mapKeys(substanceWords()), mapKeys(breadthWords()), mapKeys(keywordKinds()), mapKeys(exampleWords()), mapKeys(titleMeanings()), mapKeys(abuseWords())} {
		pieces = append(pieces, words...)
	}
	pieces = append(pieces, strings.Split("！ ~ <b> </b> {{ }} 🎉 \u200d \ufe0f \t 　 1 2016-06-06 12:30 ** 1-2 3/4 \xff é ф ￥ % @ . , : 满1减2", " ")...)
	mixture := func() string {
		var b strings.Builder
		for range random.IntN(8) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return b.String()
	}
	x := NewIndex(manyTitles(500))
	for range 5000 {
		checkAnything(t, x, mixture(), mixture(), mixture())
	}
}

func mapKeys[S any](l *lexicon[S]) []string {
	var words []string
	for word := range l.senses {
		words = append(words, word)
	}
	return words
}

func TestAnyRunesAreJudged(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	text := func() string {
		runes := make([]rune, random.IntN(12))
		for i := range runes {
			runes[i] = rune(random.IntN(utf8.MaxRune + 1))
		}
		return string(runes)
	}
	x := NewIndex(smallLibrary())
	for range 5000 {
		checkAnything(t, x, text(), text(), text())
	}
}

// processorTime is what this thread has had of a processor, on which other programs' work does
// not tell; where the system does not count it by thread, the time of day.
func processorTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var used syscall.Rusage
	if err := syscall.Getrusage(thread, &used); err != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// Ten times the text may take some ten times as long, and not a hundred times.
func TestJudgingTakesLinearTime(t *testing.T) {
	runtime.LockOSThread() // whose time is measured
	defer runtime.UnlockOSThread()
	x := NewIndex(smallLibrary())
	for _, unit := range []string{"订", "亲", "<", "<b>", "满1", "1:", "哈！", "优惠券", "通知 ", "{{", "1", "*", "🎉", "啊!", "提示", "\xff"} {
		// As many characters in all, in long texts or in short ones.
		measure := func(n, rounds int) time.Duration {
			text := strings.Repeat(unit, n)
			p := Proposal{Title: text, Keywords: []Keyword{{Name: text, Example: text}}}
			started := processorTime()
			for range rounds {
				Check(p, Options{Index: x})
				CheckValues([]string{text})
			}
			return processorTime() - started
		}
		small, large := measure(2_000, 40), measure(20_000, 4)
		for range 5 { // a collection of garbage may have fallen into it
			if large <= 4*small+5*time.Millisecond {
				break
			}
			large = min(large, measure(20_000, 4))
		}
		if large > 4*small+5*time.Millisecond {
			t.Errorf("%q: %s in texts of 2,000 and %s in texts of 20,000", unit, small, large)
		}
	}
}

func TestManyKeywordsTakeLinearTime(t *testing.T) {
	runtime.LockOSThread() // whose time is measured
	defer runtime.UnlockOSThread()
	measure := func(n, rounds int) time.Duration {
		keywords := make([]Keyword, n)
		for i := range keywords {
			keywords[i] = Keyword{Name: string([]rune{'一' + rune(i%5000), '一' + rune(i/5000), '项'}), Example: "样"}
		}
		started := processorTime()
		for range rounds {
			Check(underTitle(keywords...), Options{})
		}
		return processorTime() - started
	}
	measure(1000, 1)
	small, large := measure(2_000, 10), measure(20_000, 1)
	if large > 4*small+5*time.Millisecond {
		t.Errorf("%s for 20,000 keywords by 2,000, and %s at once", small, large)
	}
}
