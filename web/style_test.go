package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muban/web/webtest"
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
	var within []string // the blocks around a line: @layer, @media, @container
	seen, rules := map[string]bool{}, 0
	for _, line := range strings.Split(string(sheet), "\n") {
		line = strings.TrimSpace(line)
		selector, body, opens := strings.Cut(line, "{")
		switch {
		case opens && strings.TrimSpace(body) == "":
			within = append(within, selector)
		case line == "}" && len(within) > 0:
			within = within[:len(within)-1]
		case opens && !strings.HasPrefix(line, "@"):
			at := strings.Join(within, "") + strings.TrimSpace(selector)
			if rules++; seen[at] {
				t.Errorf("%s has a second rule: %s", strings.TrimSpace(selector), line)
			}
			seen[at] = true
		}
	}
	if rules < 200 {
		t.Fatalf("only %d rules were found: the search is broken", rules)
	}
}
