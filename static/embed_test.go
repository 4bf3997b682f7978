package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"

	"github.com/andybalholm/brotli"
)

// The short names of properties are the same in every sheet.
func TestEveryPropertyThatASheetUsesIsDeclared(t *testing.T) {
	tree, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	base := tree.byName["muban.css"].plain
	screens := slices.Concat(tree.byName["screens.css"].plain, tree.byName["desk.css"].plain, tree.byName["board.css"].plain)
	declared := map[string]bool{}
	for _, found := range regexp.MustCompile(`(--\w+):`).FindAllSubmatch(base, -1) {
		declared[string(found[1])] = true
	}
	used := regexp.MustCompile(`var\((--[^)]+)\)`).FindAllSubmatch(append(base[:len(base):len(base)], screens...), -1)
	for _, found := range used {
		if !declared[string(found[1])] {
			t.Errorf("%s is used and not declared", found[1])
		}
	}
	if len(declared) < 10 || len(used) < 100 {
		t.Errorf("%d properties are declared, and used %d times", len(declared), len(used))
	}
}

func TestAFileIsSentInACodingThatTheClientTakes(t *testing.T) {
	tree, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for accept, encoding := range map[string]string{
		"": "", "identity": "", "deflate, zstd": "", "gzip": "gzip", "gzip, deflate, br, zstd": "br", "GZIP;q=0.5": "gzip",
		"br;q=0, gzip": "gzip", "br; q=0.000, gzip;q=0": "", "br;q=x": "", " br ;q=1": "br", "brotli, x-gzip": "",
	} {
		r, answer := httptest.NewRequest(http.MethodGet, tree.Prefix()+"muban.css", nil), httptest.NewRecorder()
		r.Header.Set("Accept-Encoding", accept)
		tree.ServeHTTP(answer, r)
		var body io.Reader = answer.Body
		switch encoding {
		case "br":
			body = brotli.NewReader(body)
		case "gzip":
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		plain, err := io.ReadAll(body)
		if got := answer.Header().Get("Content-Encoding"); got != encoding || err != nil || !bytes.Equal(plain, tree.byName["muban.css"].plain) {
			t.Errorf("%q is answered in %q with %d bytes, %v", accept, got, len(plain), err)
		}
	}
}

// Whatever the sources are called, what a narrow window has comes after what a wide one has.
func TestBlocksOfOneLayerAndWidthAreJoined(t *testing.T) {
	sheet := `@layer a,b;@layer b{@media (max-width:640px){p{top:1px}}i{top:0}}@layer a{b{top:2px;i{left:0}}}` +
		`@layer b{@media (max-width:900px){p{top:2px}}u{top:3px}@media (max-width:640px){q{top:4px}}}`
	want := `@layer a,b;@layer b{i{top:0}u{top:3px}@media (max-width:900px){p{top:2px}}` +
		`@media (max-width:640px){p{top:1px}q{top:4px}}}@layer a{b{top:2px;i{left:0}}}`
	if got := string(gather([]byte(sheet))); got != want {
		t.Errorf("%s", got)
	}
}
