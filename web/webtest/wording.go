package webtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/BurntSushi/toml"

	"muban/views/text"
)

// Expect fails the test unless the page has the status and its main part says the catalogue's sentence id, in the
// page's language.
func (p *Page) Expect(status int, id string, args ...any) *Page {
	p.T.Helper()
	if !p.Answers(status).Says("main", id, args...) {
		p.T.Fatalf("%s does not say %s %v:\n%s", p.Path, id, args, p.Text("main"))
	}
	return p
}

// Tells is Expect of a wording.
func (p *Page) Tells(status int, w Wording) *Page {
	p.T.Helper()
	return p.Expect(status, w.ID, w.Args...)
}

// Shows fails the test unless the page has the status and its main part holds text, which is no sentence of the
// catalogue: a name, a number, an errcode.
func (p *Page) Shows(status int, text string) *Page {
	p.T.Helper()
	if !strings.Contains(p.Answers(status).Text("main"), text) {
		p.T.Fatalf("%s does not show %q:\n%s", p.Path, text, p.Text("main"))
	}
	return p
}

// Answers fails the test unless the page has the status.
func (p *Page) Answers(status int) *Page {
	p.T.Helper()
	if p.Status != status {
		p.T.Fatalf("%s: status %d, want %d:\n%s", p.Path, p.Status, status, p.Text("main"))
	}
	return p
}

// Says tells whether what selector finds holds the catalogue's sentence id, in the page's language. args are names
// and values in turn, as for text.Text; the sentence may have any value in a place that they do not name.
func (p *Page) Says(selector, id string, args ...any) bool {
	p.T.Helper()
	return Says(p.T, p.Text(selector), p.lang(), id, args...)
}

// Is tells whether what selector finds is the catalogue's sentence id and nothing else.
func (p *Page) Is(selector, id string, args ...any) bool {
	p.T.Helper()
	return regexp.MustCompile("^" + expression(p.T, p.lang(), id, args) + "$").MatchString(p.Text(selector))
}

func (p *Page) lang() string {
	if p.Doc.Find("html").AttrOr("lang", "") == "en" {
		return "en"
	}
	return "zh"
}

// Says tells whether said holds the catalogue's sentence id, as Page.Says does.
func Says(t testing.TB, said, lang, id string, args ...any) bool {
	t.Helper()
	return regexp.MustCompile(expression(t, lang, id, args)).MatchString(said)
}

// Wording is a sentence of the catalogue, with names and values for its places in turn.
type Wording struct {
	ID   string
	Args []any
}

// Word is a wording; it may stand in a place of another one.
func Word(id string, args ...any) Wording { return Wording{id, args} }

// place is where a sentence has a value.
var place = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// expression is a regular expression of the sentence, with what is given in its places and no more than a quoted value
// in others.
func expression(t testing.TB, lang, id string, args []any) string {
	t.Helper()
	forms, ok := Catalogue(t, lang)[id]
	if !ok {
		t.Fatalf("the catalogue has no sentence %q", id)
	}
	given := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		given[args[i].(string)] = value(t, lang, args[i+1])
	}
	var all []string
	for name, form := range forms {
		if count, counted := given["Count"]; counted && len(forms) > 1 && (name == "one") != (count == "1") {
			continue
		}
		all = append(all, fill(t, form, given))
	}
	return "(?:" + strings.Join(all, "|") + ")"
}

// value is an argument as a page shows it.
func value(t testing.TB, lang string, arg any) string {
	t.Helper()
	switch a := arg.(type) {
	case Wording:
		return expression(t, lang, a.ID, a.Args)
	case string:
		arg = text.Quoted(a)
	}
	return regexp.QuoteMeta(strings.Join(strings.Fields(fmt.Sprint(arg)), " "))
}

func fill(t testing.TB, form string, given map[string]string) string {
	t.Helper()
	for name := range given {
		if name != "Count" && !strings.Contains(form, "{{."+name+"}}") {
			t.Fatalf("%q has no place for %s", form, name)
		}
	}
	var b strings.Builder
	form, at := strings.Join(strings.Fields(form), " "), 0
	for _, m := range place.FindAllStringSubmatchIndex(form, -1) {
		b.WriteString(regexp.QuoteMeta(form[at:m[0]]))
		v, ok := given[form[m[2]:m[3]]]
		if !ok {
			v = ".{0,250}?"
		}
		b.WriteString(v)
		at = m[1]
	}
	return b.String() + regexp.QuoteMeta(form[at:])
}

var catalogues = map[string]func() (map[string]map[string]string, error){
	"zh": sync.OnceValues(func() (map[string]map[string]string, error) { return readCatalogue("zh") }),
	"en": sync.OnceValues(func() (map[string]map[string]string, error) { return readCatalogue("en") }),
}

// Catalogue holds the forms of every sentence of a language by its id: "one" and "other".
func Catalogue(t testing.TB, lang string) map[string]map[string]string {
	t.Helper()
	c, err := catalogues[lang]()
	Must(t, err)
	return c
}

func readCatalogue(lang string) (map[string]map[string]string, error) {
	root, err := os.Getwd()
	for ; err == nil; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil || root == filepath.Dir(root) {
			break
		}
	}
	var tree map[string]any
	if _, err := toml.DecodeFile(filepath.Join(root, "views", "text", "locales", lang+".toml"), &tree); err != nil {
		return nil, err
	}
	forms := map[string]map[string]string{}
	flatten("", tree, forms)
	return forms, nil
}

// flatten gathers the sentences below prefix. A table with "other" and nothing but strings is one sentence.
func flatten(prefix string, tree map[string]any, forms map[string]map[string]string) {
	for key, value := range tree {
		id := prefix + key
		switch v := value.(type) {
		case string:
			forms[id] = map[string]string{"other": v}
		case map[string]any:
			if _, leaf := v["other"].(string); !leaf {
				flatten(id+".", v, forms)
				continue
			}
			forms[id] = map[string]string{}
			for form, s := range v {
				forms[id][form] = s.(string)
			}
		}
	}
}
