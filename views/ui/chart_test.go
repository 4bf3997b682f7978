package ui

import (
	"fmt"
	"testing"
)

func rectangles(c Chart) string {
	said := ""
	for _, g := range c.Groups {
		for _, b := range c.boxes(g) {
			said += fmt.Sprintf("%s,%s %s×%s ", b.x, b.y, b.width, b.height)
		}
	}
	return said
}

func TestBarsStandOnEachOtherOrBesideAndAreNeverTooSmallToSee(t *testing.T) {
	beside := Chart{Series: make([]Series, 2), Groups: []Group{{Counts: []int{30, 0}}, {Counts: []int{15, 1}}}}
	if got, want := rectangles(beside), "0,0 5×100 0,50 5×50 5,96.7 5×3.3 "; got != want {
		t.Errorf("beside: %s, want %s", got, want)
	}
	stacked := Chart{Stacked: true, Series: make([]Series, 2), Groups: []Group{{Counts: []int{9000, 1}}, {Counts: []int{0, 4500}}}}
	if got, want := rectangles(stacked), "0,25 10×75 0,23 10×1.2 0,62.5 10×37.5 "; got != want {
		t.Errorf("stacked: %s, want %s", got, want)
	}
}

func TestTheAxisEndsAtARoundCountThatNoBarExceeds(t *testing.T) {
	for most, want := range map[int]int{0: 3, 1: 3, 3: 3, 4: 6, 13: 15, 1668: 1800, 1801: 2400, 2500: 3000, 1_000_000: 1_200_000} {
		c := Chart{Series: make([]Series, 1), Groups: []Group{{Counts: []int{most}}}}
		if got := c.Top(); got != want {
			t.Errorf("%d: %d, want %d", most, got, want)
		}
	}
	if got := (Chart{}).Top(); got != 3 {
		t.Errorf("nothing: %d", got)
	}
}

func TestAPartIsSaidInTenthsOfAHundredth(t *testing.T) {
	for want, of := range map[string][2]int{"97.4%": {974, 1000}, "100.0%": {5, 5}, "99.9%": {9999, 10000}, "0.0%": {0, 3}, "–": {0, 0}} {
		if got := Percent(of[0], of[1]); got != want {
			t.Errorf("%v: %s, want %s", of, got, want)
		}
	}
}
