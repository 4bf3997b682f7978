package web_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"muban/web/webtest"
)

// faults is how many faults the project promises to survive.
const faults = 71

var numbered = regexp.MustCompile(`\.TestFault(\d\d)_`)

func TestEveryFaultHasItsTests(t *testing.T) {
	t.Parallel()
	written := testsBelow(t, "..")
	table := everyFault()
	for n := 1; n <= faults; n++ {
		if table[n].what == "" {
			t.Errorf("nothing says what fault %d is", n)
		}
		if len(table[n].tests) == 0 {
			t.Errorf("no test proves that fault %d is survived", n)
		}
	}
	for n, f := range table {
		if n < 1 || n > faults {
			t.Errorf("there is no fault %d", n)
		}
		for _, name := range f.tests {
			if !written[name] {
				t.Errorf("fault %d: there is no test %s, or it does nothing", n, name)
			}
			if says := numbered.FindStringSubmatch(name); says != nil && says[1] != fmt.Sprintf("%02d", n) {
				t.Errorf("fault %d: %s is another's", n, name)
			}
		}
	}
}

// A test that says it proves a fault is in a table, so that the tables stay whole.
func TestEveryTestOfAFaultIsInTheTable(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, f := range everyFault() {
		for _, name := range f.tests {
			listed[name] = true
		}
	}
	for name := range testsBelow(t, "..") {
		if numbered.MatchString(name) && !listed[name] {
			t.Errorf("%s is in no table of faults", name)
		}
	}
}

// everyFault is both tables.
func everyFault() map[int]fault {
	table := maps.Clone(proofs)
	maps.Copy(table, found)
	return table
}

// testsBelow is every test function that does anything, as the tables name it.
func testsBelow(t *testing.T, root string) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	webtest.Must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if dir == "." {
			dir = "main"
		}
		for _, declared := range file.Decls {
			f, ok := declared.(*ast.FuncDecl)
			if ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && !idle(f) {
				tests[filepath.ToSlash(dir)+"."+f.Name.Name] = true
			}
		}
		return err
	}))
	return tests
}

// idle tells whether a test begins by skipping itself, or is empty.
func idle(f *ast.FuncDecl) bool {
	if len(f.Body.List) == 0 {
		return true
	}
	first, ok := f.Body.List[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := first.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	selected, ok := call.Fun.(*ast.SelectorExpr)
	return ok && strings.HasPrefix(selected.Sel.Name, "Skip")
}
