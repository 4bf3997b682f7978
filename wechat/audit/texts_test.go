package audit

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestBothLanguagesHoldTheSameKeysWithTheSamePlaceholders(t *testing.T) {
	zh, en := slices.Sorted(maps.Keys(textsZH)), slices.Sorted(maps.Keys(textsEN))
	if !slices.Equal(zh, en) {
		t.Fatalf("keys differ:\nzh %v\nen %v", zh, en)
	}
	for _, key := range zh {
		a, b := placeholder.FindAllString(textsZH[key], -1), placeholder.FindAllString(textsEN[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: placeholders %v and %v", key, a, b)
		}
		if strings.TrimSpace(textsZH[key]) == "" || strings.TrimSpace(textsEN[key]) == "" {
			t.Errorf("%s is empty", key)
		}
	}
}

// A number stands with the words that go with it.
func TestACountIsSaidInTheSingularAndInThePlural(t *testing.T) {
	counted := 0
	for key, sentence := range textsEN {
		for _, forms := range regexp.MustCompile(`\{([a-z]+)\|([a-z]+)\|([a-z]+)\}`).FindAllStringSubmatch(sentence, -1) {
			counted++
			one, two := say("en", key, map[string]string{forms[1]: "1"}), say("en", key, map[string]string{forms[1]: "2"})
			said := func(s, form string) bool {
				return strings.Contains(s, " "+form+" ") || strings.Contains(s, " "+form+".") || strings.Contains(s, " "+form+",")
			}
			if !said(one, forms[2]) || !said(two, forms[3]) || strings.ContainsAny(one+two, "{|}") {
				t.Errorf("%s: %q, %q", key, one, two)
			}
		}
		if bare := regexp.MustCompile(`\{count\} (characters|keywords)`).FindString(sentence); bare != "" {
			t.Errorf("%s: %q of one would be wrong", key, bare)
		}
	}
	if counted == 0 {
		t.Error("nothing is counted")
	}
}

func TestSentencesAreWhole(t *testing.T) {
	for key := range textsZH {
		if strings.HasPrefix(key, "noun.") {
			continue
		}
		if zh := textsZH[key]; !strings.HasSuffix(zh, "。") {
			t.Errorf("%s: %s", key, zh)
		}
		if en := textsEN[key]; !strings.HasSuffix(en, ".") {
			t.Errorf("%s: %s", key, en)
		}
	}
}

// Every key that the code names is in the catalogue, and every key of the
// catalogue is named by the code.
func TestEveryKeyIsUsedAndExists(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "texts_") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code += string(text)
	}
	groups := "length|known|type|scene|category|term|title|same|again|similar|ending|wording|scenario|marketing|count|keyword|example|values|lint|user|noun|fit|file|process"
	for _, quoted := range regexp.MustCompile(`"(`+groups+`)\.[a-z]+"`).FindAllString(code, -1) {
		if key := strings.Trim(quoted, `"`); textsZH[key] == "" {
			t.Errorf("%s is not in the catalogue", key)
		}
	}
	for key := range textsZH {
		named := strings.Contains(code, `"`+key+`"`)
		switch {
		case strings.HasPrefix(key, "noun."):
			named = strings.Contains(code, `"`+strings.TrimPrefix(key, "noun.")+`"`)
		case strings.HasPrefix(key, "rule."):
			named = strings.Contains(code, `"`+strings.TrimPrefix(key, "rule.")+`"`)
		case strings.HasPrefix(key, "known."), strings.HasPrefix(key, "same."), strings.HasPrefix(key, "again."):
			named = true // the part behind the point is a source
		}
		if !named {
			t.Errorf("%s is in the catalogue and used nowhere", key)
		}
	}
}

func TestAMessageNamesWhatItIsAbout(t *testing.T) {
	f := Finding{Key: "example.mismatch", Args: map[string]string{"name": "购买时间", "example": "咖啡", "noun:asked": "time", "noun:looks": "words"}}
	if got, want := f.Message("zh"), "关键词「购买时间」要填时间，示例「咖啡」看起来却是一般文字，审核会拒绝。请换成对应的示例。"; got != want {
		t.Errorf("got %s", got)
	}
	if got, want := f.Message("en"), "The keyword “购买时间” asks for a time, but the example “咖啡” looks like ordinary words, so a reviewer would refuse it. Give an example that fits."; got != want {
		t.Errorf("got %s", got)
	}
}

func TestWhatAMessageQuotesIsShortAndCanBeShown(t *testing.T) {
	f := Finding{Key: "wording.chatty", Args: map[string]string{"text": "{name}\n" + strings.Repeat("哈", 500)}}
	got := f.Message("zh")
	if strings.Contains(got, "\n") || len([]rune(got)) > 100 || !strings.Contains(got, "{name}") {
		t.Errorf("%q", got)
	}
}

func TestEveryRuleHasItsClauseInBothLanguages(t *testing.T) {
	if len(Rules("")) != 18 || len(Rules(Subscribe)) != 15 {
		t.Errorf("%d rules, %d", len(Rules("")), len(Rules(Subscribe)))
	}
	for _, rule := range slices.Concat(Rules(""), Rules(Subscribe)) {
		for _, lang := range []string{"zh", "en"} {
			if Clause(rule, lang) == "" || RuleName(rule, lang) == "" {
				t.Errorf("%s in %s", rule, lang)
			}
		}
	}
	if Clause(RuleEnding, "zh") != "标题必须以“提醒”或“通知”结尾" {
		t.Error("the clause is not in the document's own words")
	}
	if Clause("9.9", "zh") != "" {
		t.Error("an unknown rule has a clause")
	}
}
