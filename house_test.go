package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors are all packages, each with the floor it is on. A package imports what is on lower
// floors, and of its own floor nothing but what besides allows.
var floors = map[string]int{
	".":   9,
	"web": 8,

	"web/pages": 7, "web/api": 7, // the doors
	"web/webtest": 9, "web/browsertest": 9, // for tests alone

	"views": 6, "views/ui": 6, "web/auth": 6,
	"store": 5, "store/db": 5,
	"views/text": 4, "wechat/account": 4,

	"wechat/dispatch": 3, "wechat/library": 3, "wechat/token": 3, "wechat/alert": 3,
	"wechat/kind": 2, "wechat/ledger": 2, "wechat/audit": 2, "wechat/search": 2, "wechat/penalty": 2, "wechat/sandbox": 2,
	"wechat": 1, "static": 1,
}

// besides are the imports between packages on one floor.
var besides = []string{"views → views/ui", "store → store/db", "wechat/alert → wechat/token"}

// drivers are imported by store/db alone: whatever else asks the database does it by the
// store's words.
var drivers = []string{"modernc.org/sqlite"}

func TestPackagesImportDownwardsOnly(t *testing.T) {
	seen := map[string]bool{}
	for file, source := range sources(t, ".go") {
		from := path.Dir(file)
		seen[from] = true
		floor, known := floors[from]
		if !known {
			t.Errorf("%s is in a package that is on no floor", file)
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains(drivers, imported) && from != "store/db" {
				t.Errorf("%s imports the driver %s", file, imported)
			}
			to, ours := strings.CutPrefix(imported, "muban/")
			if !ours {
				continue
			}
			if floors[to] >= floor && !slices.Contains(besides, from+" → "+to) {
				t.Errorf("%s, on floor %d, imports %s, on floor %d", file, floor, to, floors[to])
			}
			if from == "web/api" && strings.HasPrefix(to+"/", "views/") && to != "views/text" {
				t.Errorf("%s imports %s: business servers get no pages", file, to)
			}
			if to == "web/webtest" {
				t.Errorf("%s imports the test harness", file)
			}
		}
	}
	for name := range floors {
		if !seen[name] && name != "web/browsertest" { // which has tests alone
			t.Errorf("there is no package %s", name)
		}
	}
}

// What lies at the top says what the program is made of.
func TestTheTopHoldsTheProgramAndItsFiveParts(t *testing.T) {
	want := []string{"static", "store", "views", "web", "wechat"}
	all, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range all {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			got = append(got, e.Name())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// In a page's file stands what its address leads to, and what it uses of other pages is in
// the shared files; so the files of web/pages stay few, and none is long.
func TestNoFileIsLongerThanItsReaderRemembers(t *testing.T) {
	const longest, pages = 350, 45
	n := 0
	for _, ext := range []string{".go", ".templ"} {
		for file, source := range sources(t, ext) {
			if strings.HasSuffix(file, "_templ.go") {
				continue
			}
			if lines := bytes.Count(source, []byte("\n")); lines > longest {
				t.Errorf("%s has %d lines, more than %d", file, lines, longest)
			}
			if path.Dir(file) == "web/pages" {
				n++
			}
		}
	}
	if n > pages {
		t.Errorf("web/pages has %d files, more than %d", n, pages)
	}
}

// sources are the files with this ending, without tests, by their paths from here.
func sources(t *testing.T, ext string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && file != ".") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(file) != ext || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		found[filepath.ToSlash(file)], err = os.ReadFile(file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
