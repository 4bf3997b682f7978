package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"muban/web/webtest"
)

// inData are texts of WeChat's or of a program that a sentence quotes.
var inData = []string{"the formId is a mock one"}

// A sentence that is worded better must break no test: they name its id, and the catalogue's own tests look at words.
func TestNoTestPinsASentenceOfTheCatalogue(t *testing.T) {
	t.Parallel()
	pieces := sentencePieces(t)
	seen := 0
	webtest.Must(t, filepath.WalkDir(".", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") && filepath.Dir(file) != "webtest" {
			return err
		}
		if filepath.Ext(file) != ".go" {
			return nil
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && reports(call) {
				return false
			}
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				seen++
				if piece := pinned(literal.Value, pieces); piece != "" {
					t.Errorf("%s pins %q: name its id", files.Position(literal.Pos()), piece)
				}
			}
			return true
		})
		return nil
	}))
	if seen < 3000 || len(pieces) < 500 {
		t.Fatalf("only %d strings and %d pieces were looked at: the search is broken", seen, len(pieces))
	}
}

// sentencePieces are what the English sentences hold between their places, where that is four words or more.
func sentencePieces(t *testing.T) (pieces []string) {
	for _, forms := range webtest.Catalogue(t, "en") {
		for _, form := range forms {
			for piece := range strings.SplitSeq(form, "{{") {
				_, after, placed := strings.Cut(piece, "}}")
				if placed {
					piece = after
				}
				if piece = strings.Trim(piece, " .,:;"); words(piece) >= 4 {
					pieces = append(pieces, piece)
				}
			}
		}
	}
	return pieces
}

// pinned is the part of a sentence that a literal holds or is.
func pinned(literal string, pieces []string) string {
	s, err := strconv.Unquote(literal)
	s = strings.Trim(s, " .,:;")
	if err != nil || words(s) < 4 {
		return ""
	}
	for _, data := range inData {
		if s == data {
			return ""
		}
	}
	for _, piece := range pieces {
		if strings.Contains(piece, s) || strings.Contains(s, piece) {
			return piece
		}
	}
	return ""
}

func words(s string) int { return len(strings.Fields(s)) }

// reports tells whether a call only says what failed.
func reports(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch f.Sel.Name {
	case "Error", "Errorf", "Fatal", "Fatalf", "Log", "Logf", "Skip", "Skipf":
		return true
	}
	return false
}
