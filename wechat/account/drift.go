package account

import (
	"slices"

	"muban/wechat"
	"muban/wechat/kind"
)

// Drift is how the account differs from what we remember of it: what was done elsewhere, for one in
// WeChat's own console.
type Drift struct {
	Elsewhere []wechat.Template // in the account and not known here, or known as deleted; in WeChat's order
	Gone      []Template        // known here and not in the account; in the order they are known in
	Changed   []Changed         // known here by another title or other keywords
}

// Changed is a template that WeChat lists with another content than the one we remember.
type Changed struct {
	Live  wechat.Template
	Known Template
}

// None tells whether there is no drift at all.
func (d Drift) None() bool { return len(d.Elsewhere)+len(d.Gone)+len(d.Changed) == 0 }

// DriftOf compares every template that WeChat lists with everything that we remember of the account.
// What was added or deleted here after the list was read is no drift: the list cannot know it.
func DriftOf(live List, known []Template) Drift {
	var d Drift
	here := make(map[string]Template, len(known))
	for _, k := range known {
		here[k.TemplateID] = k
	}
	listed := make(map[string]bool, len(live.Templates))
	for _, t := range live.Templates {
		listed[t.ID] = true
		k, ok := here[t.ID]
		switch {
		case ok && k.DeletedAt.After(live.ReadAt):
		case !ok || k.Deleted():
			d.Elsewhere = append(d.Elsewhere, t)
		case changed(t, k.Live()):
			d.Changed = append(d.Changed, Changed{t, k})
		}
	}
	for _, k := range known {
		if !listed[k.TemplateID] && !k.Deleted() && !k.AddedAt.After(live.ReadAt) {
			d.Gone = append(d.Gone, k)
		}
	}
	return d
}

// changed compares what a message depends on. Examples may be reworded, and what was never known
// cannot have changed.
func changed(live, known wechat.Template) bool {
	if known.Content == "" {
		return false
	}
	now, then := kind.Of(live).Fields(live), kind.Of(known).Fields(known)
	return live.Title != known.Title || !slices.EqualFunc(now, then, sameField)
}

func sameField(a, b wechat.Field) bool { return a.Key == b.Key && a.Name == b.Name }
