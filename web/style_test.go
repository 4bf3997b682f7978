package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// A page does not have the stylesheets that it does not say it needs: none has a class all of whose rules are in others.
func TestAPageHasTheStylesheetsOfItsClasses(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	b := c.As(store.Administrator)
	ids := c.Fill(b)
	sheetsOf := func(p *webtest.Page) (names []string) {
		for _, el := range p.Doc.Find("link[rel=stylesheet]").EachIter() {
			names = append(names, el.AttrOr("href", ""))
		}
		return names
	}
	within := map[string][]string{} // the stylesheets with rules for a class
	for _, sheet := range slices.Concat(sheetsOf(b.Get("/")), sheetsOf(b.Get("/rules")), sheetsOf(b.Get("/library"))) {
		for _, found := range cssClass.FindAllStringSubmatch(c.Visitor().Get(sheet).Body, -1) {
			within[found[1]] = append(within[found[1]], sheet)
		}
	}
	pages := map[int]int{} // by how many stylesheets they have
	visit := func(p *webtest.Page) {
		has := sheetsOf(p)
		pages[len(has)]++
		for _, el := range p.Doc.Find("main [class]").EachIter() {
			for class := range strings.FieldsSeq(el.AttrOr("class", "")) {
				if in := within[class]; len(in) > 0 && !slices.ContainsFunc(in, func(sheet string) bool { return slices.Contains(has, sheet) }) {
					t.Errorf("%s has the class %s, whose rules are in %s", p.Path, class, in[0])
				}
			}
		}
	}
	b.Crawl(visit, "/", "/drafts/"+ids.Draft, "/templates/"+ids.Template, "/settings/alerts", "/templates/import", "/sends/"+ids.Send)
	if len(within) < 200 || pages[2] < 20 || pages[3] < 20 {
		t.Errorf("%d classes have rules, and pages have so many stylesheets: %v", len(within), pages)
	}
}
