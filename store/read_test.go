package store

import (
	"testing"
	"time"
)

func TestTimesAreMillisecondsInUTC(t *testing.T) {
	for _, at := range []time.Time{{}, time.Date(2018, 1, 5, 23, 59, 59, 999999999, time.FixedZone("CST", 8*3600))} {
		got := stored(at)
		equal(t, "time", got, at.UTC().Truncate(time.Millisecond))
		equal(t, "twice", stored(got), got)
	}
}
