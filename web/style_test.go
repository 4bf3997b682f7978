package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"muban/web/webtest"
)

var cssComment, cssToken = regexp.MustCompile(`(?s)/\*.*?\*/`), regexp.MustCompile(`[^{};]+|[{};]`)

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
