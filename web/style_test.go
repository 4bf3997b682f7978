package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"muban/store"
	"muban/web/webtest"
)

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssToken   = regexp.MustCompile(`[^{};]+|[{};]`)
	cssClass   = regexp.MustCompile(`\.([a-z][\w-]*)`)
)

// A second rule for a selector quietly takes back what the first one says, in another
// screen's source as well: they are served as one.
func TestNoSelectorHasTwoRulesInOneBlock(t *testing.T) {
	t.Parallel()
	sheets, err := filepath.Glob("../static/*.css")
	webtest.Must(t, err)
	var sheet []byte
	for _, path := range sheets {
		one, err := os.ReadFile(path)
		webtest.Must(t, err)
		sheet = append(sheet, one...)
	}
	type block struct {
		at, selector string // the layer and the width around it, and all of its selector
		said         bool   // it declares something
	}
	blocks, loose := []block{{}}, "" // what is open, and the words since the last sign
	seen, rules := map[string]bool{}, 0
	for _, token := range cssToken.FindAllString(cssComment.ReplaceAllString(string(sheet), ""), -1) {
		in := &blocks[len(blocks)-1]
		switch {
		case token == "{" && strings.HasPrefix(loose, "@"):
			blocks = append(blocks, block{at: in.at + loose, selector: in.selector})
		case token == "{" && strings.Contains(loose, "&"):
			blocks = append(blocks, block{at: in.at, selector: strings.ReplaceAll(loose, "&", in.selector)})
		case token == "{":
			blocks = append(blocks, block{at: in.at, selector: strings.TrimSpace(in.selector + " " + loose)})
		case token != ";" && token != "}":
			loose = strings.TrimSpace(token)
			continue
		case loose != "" && in.selector != "" && !in.said:
			in.said = true
			if rules++; seen[in.at+in.selector] {
				t.Errorf("%s has a second rule in %s, with %s", in.selector, in.at, loose)
			}
			seen[in.at+in.selector] = true
		}
		if loose = ""; token == "}" {
			blocks = blocks[:len(blocks)-1]
		}
	}
	if rules < 200 {
		t.Fatalf("only %d rules were found: the search is broken", rules)
	}
}

// The desk's stylesheet is only on the pages that say they are of the desk: none of the others has a class whose rules
// are in it alone.
func TestAPageHasTheStylesheetsOfItsClasses(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	ids := c.Fill(b)
	rules := map[string]map[string]bool{}
	for path, sheet := range filesOf(c, b.Get("/rules").Answers(http.StatusOK)) {
		name := strings.TrimSuffix(filepath.Base(path), ".css")
		rules[name] = map[string]bool{}
		for _, found := range cssClass.FindAllStringSubmatch(sheet, -1) {
			rules[name][found[1]] = true
		}
	}
	if len(rules["desk"]) < 50 || len(rules["screens"]) < 50 {
		t.Fatalf("%d and %d classes have rules: the search is broken", len(rules["desk"]), len(rules["screens"]))
	}
	desks := 0
	visit := func(p *webtest.Page) {
		if p.Has(`link[href$="desk.css"]`) {
			desks++
			return
		}
		for _, el := range p.Doc.Find("main [class]").EachIter() {
			for class := range strings.FieldsSeq(el.AttrOr("class", "")) {
				if rules["desk"][class] && !rules["screens"][class] && !rules["muban"][class] {
					t.Errorf("%s has the class %s, whose rules are in desk.css", p.Path, class)
				}
			}
		}
	}
	if n := b.Crawl(visit, "/", "/drafts/"+ids.Draft, "/templates/"+ids.Template, "/settings/alerts", "/templates/import"); n < 40 || desks < 10 {
		t.Errorf("only %d pages were found, %d of them of the desk", n, desks)
	}
}
