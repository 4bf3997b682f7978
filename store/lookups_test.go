package store

import (
	"fmt"
	"testing"
	"time"
)

func TestLookupsAddUpPerKeyAndName(t *testing.T) {
	f := newFixture(t)
	key := func(prefix string) int64 {
		t.Helper()
		k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Name: "orders", Prefix: prefix})
		noError(t, err)
		return k.ID
	}
	one, two := key("one"), key("two")
	start := stored(f.clock.now())
	note := func(key int64, alias, templateID string, count int, at time.Duration) {
		t.Helper()
		noError(t, f.NoteLookups(t.Context(), []Lookup{
			{App: f.app.ID, Key: key, Alias: alias, TemplateID: templateID, Count: count, LastAt: start.Add(at)},
		}))
	}
	note(one, "order-paid", "tpl-1", 2, time.Hour)
	note(one, "order-paid", "tpl-1", 3, time.Minute) // later, of something earlier
	note(two, "order-paid", "tpl-2", 1, 2*time.Hour)
	note(two, "", "tpl-1", 1, 3*time.Hour)

	for name, c := range map[string]struct {
		filter LookupFilter
		want   []Lookup
	}{
		"of a template": {LookupFilter{TemplateID: "tpl-1"}, []Lookup{
			{TemplateID: "tpl-1", Key: two, KeyPrefix: "two", Count: 1, LastAt: start.Add(3 * time.Hour)},
			{TemplateID: "tpl-1", Alias: "order-paid", Key: one, KeyPrefix: "one", Count: 5, LastAt: start.Add(time.Hour)},
		}},
		"of an alias": {LookupFilter{Alias: "order-paid"}, []Lookup{
			{TemplateID: "tpl-2", Alias: "order-paid", Key: two, KeyPrefix: "two", Count: 1, LastAt: start.Add(2 * time.Hour)},
			{TemplateID: "tpl-1", Alias: "order-paid", Key: one, KeyPrefix: "one", Count: 5, LastAt: start.Add(time.Hour)},
		}},
		"lately": {LookupFilter{Since: start.Add(3 * time.Hour)}, []Lookup{
			{TemplateID: "tpl-1", Key: two, KeyPrefix: "two", Count: 1, LastAt: start.Add(3 * time.Hour)},
		}},
		"of another app": {LookupFilter{App: f.app.ID + 1}, nil}, // faults.md 27
	} {
		t.Run(name, func(t *testing.T) {
			if c.filter.App == 0 {
				c.filter.App = f.app.ID
			}
			got, err := f.Lookups(t.Context(), c.filter)
			noError(t, err)
			equal(t, "lookups", len(got), len(c.want))
			for i, want := range c.want {
				want.App, want.KeyName = f.app.ID, "orders"
				equal(t, "lookup", got[i], want)
			}
		})
	}
}

func TestWhoDependsOnATemplateDependsOnWhatIsRestoredFromIt(t *testing.T) {
	f := newFixture(t)
	f.template(t, "old", "order-paid")
	k, err := f.AddAPIKey(t.Context(), f.by, APIKey{App: f.app.ID, Name: "orders", Prefix: "one"})
	noError(t, err)
	ask := func(alias, templateID string) {
		t.Helper()
		f.clock.advance(time.Minute)
		noError(t, f.NoteLookups(t.Context(), []Lookup{{App: f.app.ID, Key: k.ID, Alias: alias, TemplateID: templateID, Count: 1, LastAt: f.clock.now()}}))
	}
	of := func(templateID string) (got string) {
		t.Helper()
		lookups, err := f.Lookups(t.Context(), LookupFilter{App: f.app.ID, TemplateID: templateID})
		noError(t, err)
		for _, l := range lookups {
			got += fmt.Sprintf("%s→%s ×%d ", l.Alias, l.TemplateID, l.Count)
		}
		return got
	}
	ask("order-paid", "old")
	ask("", "old")
	noError(t, f.AddTemplate(t.Context(), f.by, Template{App: f.app.ID, TemplateID: "new", Replaces: "old"}))
	equal(t, "after the restoration", of("new"), "order-paid→old ×1 ")
	ask("order-paid", "new")
	equal(t, "after a question", of("new"), "order-paid→new ×2 ")
	equal(t, "the old one", of("old"), "→old ×1 order-paid→old ×1 ")
}
