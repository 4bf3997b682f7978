package static

import (
	"regexp"
	"testing"
)

// The short names of properties are the same in every sheet.
func TestEveryPropertyThatASheetUsesIsDeclared(t *testing.T) {
	tree, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	base, screens := tree.byName["muban.css"].plain, tree.byName["screens.css"].plain
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
