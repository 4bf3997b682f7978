package ledger_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muban/wechat/ledger"
)

// Few reports are sorted into taps in every way there is: Accepts finds the fewest.
func TestFault69_TheReportsOfSeveralSourcesAreAsFewTapsAsCanBe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sources := make([][]time.Time, ledger.Witnesses)
		var all []heard
		for range rapid.IntRange(0, 7).Draw(t, "reports") {
			h := heard{rapid.IntRange(0, ledger.Witnesses-1).Draw(t, "source"), rapid.IntRange(0, 40).Draw(t, "minute")}
			all = append(all, h)
			sources[h.source] = append(sources[h.source], time.Unix(int64(60*h.minute), 0))
		}
		if got, want := ledger.Accepts(sources...), fewest(all, nil); got != want {
			t.Fatalf("%d taps of %v, want %d", got, all, want)
		}
	})
}

type heard struct{ source, minute int }

// fewest puts the first of the rest into every tap that takes it, or into one of its own.
func fewest(rest []heard, taps [][]heard) int {
	if len(rest) == 0 {
		return len(taps)
	}
	least := fewest(rest[1:], append(slices.Clone(taps), rest[:1]))
	for i, tap := range taps {
		if !slices.ContainsFunc(tap, func(h heard) bool {
			apart := h.minute - rest[0].minute
			return h.source == rest[0].source || max(apart, -apart) > int(ledger.PairWithin/time.Minute)
		}) {
			more := slices.Clone(taps)
			more[i] = append(slices.Clone(tap), rest[0])
			least = min(least, fewest(rest[1:], more))
		}
	}
	return least
}
