package web_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muban/web/webtest"
)

// A browser that comes for the first time loads the sign-in page and, for a year, the two files.
func TestTheFirstPageAndItsFilesStaySmall(t *testing.T) {
	t.Parallel()
	c := webtest.NewConsole(t)
	page := c.Visitor().Get("/sign-in")
	whole := squeezed(t, []byte(page.Body))
	for selector, most := range map[string]int{"link[rel=stylesheet]": 48_000, "script[src]": 24_000} {
		tag := page.Doc.Find(selector)
		file := c.Visitor().Get(tag.AttrOr("href", tag.AttrOr("src", ""))).Body
		if len(file) < 1000 || len(file) > most {
			t.Errorf("%s is %d bytes, at most %d are allowed", selector, len(file), most)
		}
		whole += squeezed(t, []byte(file))
	}
	if most := 20_000; whole > most {
		t.Errorf("the first page is %d bytes compressed, at most %d are allowed", whole, most)
	}
}

// squeezed is how many bytes are sent of a body.
func squeezed(t *testing.T, body []byte) int {
	t.Helper()
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	webtest.Must(t, err)
	_, err = z.Write(body)
	webtest.Must(t, err)
	webtest.Must(t, z.Close())
	return out.Len()
}

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
