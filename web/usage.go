package web

import (
	"time"

	"muban/store"
	"muban/views/ui"
)

const (
	usageKept = 7 * 24 * time.Hour // how far back usage looks
	usageBars = 48                 // the hours that are drawn
)

// usageOf sums up the hand-outs of one key, or of all at 0, as seen at now.
func usageOf(handouts []store.Handout, key int64, now time.Time) ui.HandOuts {
	u := ui.HandOuts{Hours: make([]int64, usageBars)}
	this := now.Truncate(time.Hour)
	for _, h := range handouts {
		if key != 0 && h.KeyID != key {
			continue
		}
		ago := int(this.Sub(h.Hour) / time.Hour)
		if ago >= 0 && ago < usageBars {
			u.Hours[usageBars-1-ago] += h.Count
		}
		if ago < 24 {
			u.Day += h.Count
		}
		u.Week += h.Count
	}
	return u
}
