package kind

import (
	"context"
	"slices"

	"muban/wechat"
)

func (k template) Add(
	ctx context.Context, c *wechat.Client, before []string, title wechat.Title, keywordIDs []int,
) (templateID string, err error) {
	id, err := c.AddTemplate(ctx, title.ID, keywordIDs)
	if err == nil {
		return id, nil
	}
	if !wechat.Uncertain(err) {
		return "", err
	}
	return find(ctx, err, func(ctx context.Context) (string, bool) {
		now, err := k.List(ctx, c)
		found := k.New(now, before, title, keywordIDs)
		if err != nil || len(found) != 1 { // of several, others are added by somebody else at the same time
			return "", false
		}
		return found[0], true
	})
}

func (k template) Delete(ctx context.Context, c *wechat.Client, templateID string) error {
	err := c.DeleteTemplate(ctx, templateID)
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

func (template) New(now []wechat.Template, before []string, title wechat.Title, keywordIDs []int) []string {
	known := make(map[string]bool, len(before))
	for _, id := range before {
		known[id] = true
	}
	var found []string
	for _, t := range now {
		if !known[t.ID] && t.Title == title.Text && matches(Template.Fields(t), title, keywordIDs) {
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
