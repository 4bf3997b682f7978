package ui

import (
	"slices"
	"testing"
)

func TestBarsStandOnEachOtherOrBesideAndAreNeverTooSmallToSee(t *testing.T) {
	beside := Chart{Series: make([]Series, 2), Groups: []Group{{"a", []int{96, 0}}, {"b", []int{48, 1}}}}
	if x, y, w, h := beside.bar(1, 0); !slices.Equal([]string{x, y, w, h}, []string{"26.0", "48.0", "10.0", "48.0"}) {
		t.Errorf("beside: %s %s %s %s", x, y, w, h)
	}
	stacked := Chart{Stacked: true, Series: make([]Series, 2), Groups: []Group{{"a", []int{9600, 1}}, {"b", []int{0, 4800}}}}
	if stacked.Most() != 9601 {
		t.Errorf("most %d", stacked.Most())
	}
	if _, y, w, h := stacked.bar(0, 1); y != "0.0" || w != "20.0" || h != "1.0" {
		t.Errorf("on top: %s %s %s", y, w, h)
	}
	if got := (Chart{}).Most(); got != 0 {
		t.Errorf("nothing: %d", got)
	}
}
