package kind

import (
	"context"
	"slices"

	"muban/wechat"
)

func (k template) Add(
	ctx context.Context, c *wechat.Client, before []string, x Combination,
) (templateID string, err error) {
	id, err := c.AddTemplate(ctx, x.Title.ID, x.KeywordIDs)
	if !wechat.Uncertain(err) {
		return id, err
	}
	return findNew(ctx, k, c, err, before, x)
}

// findNew looks for a combination that was added without an answer.
func findNew(
	ctx context.Context, k Kind, c *wechat.Client, cause error, before []string, x Combination,
) (templateID string, err error) {
	return find(ctx, cause, func(ctx context.Context) (string, bool) {
		now, err := k.List(ctx, c)
		found := k.New(now, before, x)
		if err != nil || len(found) != 1 { // of several, others are added by somebody else at the same time
			return "", false
		}
		return found[0], true
	})
}

func (k template) Delete(ctx context.Context, c *wechat.Client, templateID string) error {
	return confirmGone(ctx, k, c, c.DeleteTemplate(ctx, templateID), templateID)
}

// confirmGone looks for a template that was deleted, where err says that the answer was lost.
func confirmGone(ctx context.Context, k Kind, c *wechat.Client, err error, templateID string) error {
	if !wechat.Uncertain(err) {
		return err
	}
	gone := 0 // from so many lists in a row: one alone may be empty or cut short by mistake
	_, err = find(ctx, err, func(ctx context.Context) (string, bool) {
		now, err := k.List(ctx, c)
		if err != nil {
			return "", false
		}
		if gone++; slices.ContainsFunc(now, func(t wechat.Template) bool { return t.ID == templateID }) {
			gone = 0
		}
		return templateID, gone > 1
	})
	return err
}

func (template) New(now []wechat.Template, before []string, x Combination) []string {
	return newOf(now, before, func(t wechat.Template) bool {
		return t.Title == x.Title.Text && matches(Template.Fields(t), x.Title, x.KeywordIDs)
	})
}

// newOf are the ids of the templates that were not there before and are the one meant.
func newOf(now []wechat.Template, before []string, meant func(wechat.Template) bool) (found []string) {
	known := make(map[string]bool, len(before))
	for _, id := range before {
		known[id] = true
	}
	for _, t := range now {
		if !known[t.ID] && meant(t) {
			found = append(found, t.ID)
		}
	}
	return found
}

// matches compares names in order; a keyword that title does not hold matches any name.
func matches(fields []wechat.Field, title wechat.Title, keywordIDs []int) bool {
	if len(fields) != len(keywordIDs) {
		return false
	}
	names := make(map[int]string, len(title.Keywords))
	for _, k := range title.Keywords {
		names[k.ID] = k.Name
	}
	for i, id := range keywordIDs {
		if name, known := names[id]; known && name != fields[i].Name {
			return false
		}
	}
	return true
}
