package text

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"muban/store"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/library"
)

// catalogue flattens a language's file to id → text (plural forms joined).
func catalogue(t *testing.T, lang string) map[string]string {
	t.Helper()
	raw, err := locales.ReadFile("locales/" + lang + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	flat := map[string]string{}
	var walk func(prefix string, node map[string]any)
	walk = func(prefix string, node map[string]any) {
		if other, ok := node["other"].(string); ok {
			flat[strings.TrimSuffix(prefix, ".")] = other
			return
		}
		for key, child := range node {
			switch child := child.(type) {
			case string:
				flat[prefix+key] = child
			case map[string]any:
				walk(prefix+key+".", child)
			}
		}
	}
	walk("", tree)
	return flat
}

func TestBothLanguagesHoldTheSameMessagesWithTheSamePlaces(t *testing.T) {
	zh, en := catalogue(t, "zh"), catalogue(t, "en")
	for id := range zh {
		if _, ok := en[id]; !ok {
			t.Errorf("%s is Chinese alone", id)
		}
	}
	for id := range en {
		if _, ok := zh[id]; !ok {
			t.Errorf("%s is English alone", id)
		} else if a, b := places(zh[id]), places(en[id]); !slices.Equal(a, b) {
			t.Errorf("%s: places %v in Chinese, %v in English", id, a, b)
		}
	}
}

var place = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func places(text string) []string {
	var names []string
	for _, m := range place.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var (
	whole  = regexp.MustCompile(`\b(?:T|Has)\("([a-z_]+(?:\.[a-z0-9_]*[a-z0-9])+)"`)
	prefix = regexp.MustCompile(`\bT\("([a-z_.]+[._])" ?\+`)
	// The JSON API names its errors by their code; one that begins a name is a prefix.
	refusal = regexp.MustCompile(`\b(?:refuse\(http\.Status\w+, |http\.Status\w+, )"([a-z_]+)"[,)}]`)
)

func TestEveryMessageThatIsAskedForExistsAndEveryOtherIsGone(t *testing.T) {
	zh := catalogue(t, "zh")
	asked, prefixes := map[string]string{}, []string{"errcode.", "reason.", "problem."}
	for _, file := range append(sources(t, "../../views"), sources(t, "../../web")...) {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range whole.FindAllStringSubmatch(string(source), -1) {
			asked[m[1]] = file
		}
		if strings.HasPrefix(filepath.Base(file), "api") || filepath.Base(filepath.Dir(file)) == "api" {
			for _, m := range refusal.FindAllStringSubmatch(string(source), -1) {
				asked["api."+m[1]] = file
			}
		}
		for _, m := range prefix.FindAllStringSubmatch(string(source), -1) {
			prefixes = append(prefixes, m[1])
		}
	}
	if len(asked) < 150 || len(prefixes) < 10 {
		t.Fatalf("found only %d ids and %d prefixes: the search is broken", len(asked), len(prefixes))
	}
	for id, file := range asked {
		if _, ok := zh[id]; !ok {
			t.Errorf("%s asks for %q, which no catalogue holds", file, id)
		}
	}
	for id := range zh {
		_, used := asked[id]
		if !used && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) }) {
			t.Errorf("nothing asks for %q", id)
		}
	}
}

// sources are the files below dir that we write, without tests.
func sources(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		made := strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go")
		if strings.HasSuffix(path, ".templ") || strings.HasSuffix(path, ".go") && !made {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestEveryErrcodeAndReasonIsExplainedInBothLanguages(t *testing.T) {
	texts := LoadTexts()
	for _, lang := range Languages {
		text := texts.In(lang)
		for _, code := range wechat.Codes() {
			for _, part := range []string{"cause", "next"} {
				if id := "errcode." + strconv.Itoa(code) + "." + part; !text.Has(id) {
					t.Errorf("%s: no %s", lang, id)
				}
			}
		}
		for _, reason := range library.Reasons() {
			for _, part := range []string{"why", "next"} {
				if id := "sync." + part + "_" + reason; !text.Has(id) {
					t.Errorf("%s: no %s", lang, id)
				}
			}
		}
		for _, why := range store.PushRefusals {
			if !text.Has("push.refused_" + why) {
				t.Errorf("%s: no push.refused_%s", lang, why)
			}
		}
		for _, reason := range dispatch.Reasons {
			for _, part := range []string{"cause", "next"} {
				if id := "reason." + reason + "." + part; !text.Has(id) {
					t.Errorf("%s: no %s", lang, id)
				}
			}
		}
	}
}

var ruled = regexp.MustCompile(`(?m)^\s*\w+\s+(\S+)\s+` + "`" + `form:"(\w+)"(?: validate:"([^"]+)")?` + "`")

// A form refuses in words whatever its tags refuse: the rule has its sentence, and the field its name.
func TestEveryRuleOfEveryFormRefusesInWords(t *testing.T) {
	zh := catalogue(t, "zh")
	fields := 0
	for _, file := range append(sources(t, "../../views"), sources(t, "../../web")...) {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ruled.FindAllStringSubmatch(string(source), -1) {
			fields++
			for _, id := range refusals(m[1], m[3]) {
				said, ok := zh[id]
				if !ok {
					t.Errorf("%s: nothing says %s, for the field %s", file, id, m[2])
				}
				if _, named := zh["fieldname."+m[2]]; strings.Contains(said, "{{.Field}}") && !named {
					t.Errorf("%s: %s says no name for the field %s", file, id, m[2])
				}
			}
		}
	}
	if fields < 100 {
		t.Errorf("found only %d fields: the search is broken", fields)
	}
}

// refusals are the messages that a field of this Go type is refused with, by the rules in its tag.
func refusals(goType, rules string) (ids []string) {
	goType = strings.TrimPrefix(goType, "*")
	if strings.HasPrefix(goType, "int") || strings.HasPrefix(goType, "[]int") {
		ids = append(ids, "problem.number")
	}
	for rule := range strings.SplitSeq(rules, ",") {
		name, _, _ := strings.Cut(rule, "=")
		switch {
		case name == "" || name == "omitempty":
			continue
		case name == "dive":
			goType = strings.TrimPrefix(goType, "[]")
			continue
		case name != "max" && name != "min":
		case strings.HasPrefix(goType, "[]"):
			name += "_items"
		case strings.HasPrefix(goType, "int"):
			name += "_number"
		}
		ids = append(ids, "problem."+name)
	}
	return ids
}

func TestEveryActOfTheLogHasItsWords(t *testing.T) {
	texts := LoadTexts()
	for _, lang := range Languages {
		for part, names := range map[string][]string{"act": store.Acts(), "told": store.Details(), "object": store.Objects()} {
			for _, name := range names {
				id := part + "." + name
				if said := texts.In(lang).T(id, "ID", "7"); said == "["+id+"]" {
					t.Errorf("%s: no %s", lang, id)
				}
			}
		}
	}
}

func TestPluralsAndPlacesAreFilledIn(t *testing.T) {
	texts := LoadTexts()
	for _, c := range []struct {
		lang, want string
		count      int
	}{
		{"en", "1 person is about to be out of reach", 1}, {"en", "2 people are about to be out of reach", 2},
		{"zh", "2 位用户快没有下发机会", 2},
	} {
		if got := texts.In(c.lang).T("overview.leaving", "Count", c.count); got != c.want {
			t.Errorf("%s, %d: %q, want %q", c.lang, c.count, got, c.want)
		}
	}
	if got := texts.In("en").T("no.such"); got != "[no.such]" {
		t.Errorf("an unknown id shows as %q", got)
	}
}

func TestTheBrowsersWishesChooseTheLanguage(t *testing.T) {
	texts := LoadTexts()
	for accept, want := range map[string]string{
		"": "zh", "zh-CN,zh;q=0.9": "zh", "en-US,en;q=0.9,zh;q=0.8": "en", "fr": "en", "zh-TW": "zh", ";;;": "zh",
	} {
		if got := texts.Match(accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}
