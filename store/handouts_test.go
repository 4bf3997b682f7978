package store

import (
	"testing"
	"time"
)

func (f *fixture) apiKey(t testing.TB, prefix string) APIKey {
	t.Helper()
	k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Name: prefix, Prefix: prefix, Scopes: []string{"token"}})
	noError(t, err)
	return k
}

func TestHandoutsAddUpByKeyAndHour(t *testing.T) {
	f := newFixture(t)
	one, two := f.apiKey(t, "one"), f.apiKey(t, "two")
	at := time.Date(2018, 5, 4, 8, 10, 0, 0, time.UTC)
	noError(t, f.AddHandouts(t.Context(), nil))
	noError(t, f.AddHandouts(t.Context(), []Handout{{one.ID, f.app.ID, at, 2}, {two.ID, f.app.ID, at, 5}}))
	noError(t, f.AddHandouts(t.Context(), []Handout{{one.ID, f.app.ID, at.Add(40 * time.Minute), 3}, {one.ID, f.app.ID, at.Add(time.Hour), 7}}))

	all, err := f.Handouts(t.Context(), f.app.ID, at)
	noError(t, err)
	hour := at.Truncate(time.Hour)
	want := []Handout{{one.ID, f.app.ID, hour, 5}, {two.ID, f.app.ID, hour, 5}, {one.ID, f.app.ID, hour.Add(time.Hour), 7}}
	equal(t, "rows", len(all), len(want))
	for i := range want {
		equal(t, "row", all[i], want[i])
	}
	none, err := f.Handouts(t.Context(), 99, at) // faults.md 27
	noError(t, err)
	equal(t, "of another app", len(none), 0)
	noError(t, f.PruneHandouts(t.Context(), hour.Add(time.Hour)))
	all, err = f.Handouts(t.Context(), f.app.ID, time.Time{})
	noError(t, err)
	equal(t, "left", len(all), 1)
}
