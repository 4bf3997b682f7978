package kind

import (
	"context"
	"fmt"
	"slices"
	"time"

	"muban/wechat"
)

func (k template) Add(ctx context.Context, c *wechat.Client, title wechat.Title, keywordIDs []int) (Added, error) {
	before, err := k.List(ctx, c)
	if err != nil {
		return Added{}, err
	}
	start := time.Now()
	id, err := c.AddTemplate(ctx, title.ID, keywordIDs)
	if err == nil {
		return Added{TemplateID: id}, nil
	}
	if !wechat.Uncertain(err) {
		return Added{}, err
	}
	id, err = find(ctx, start, err, ErrNotAdded, func(ctx context.Context) (string, bool, error) {
		now, err := k.List(ctx, c)
		if err != nil {
			return "", false, err
		}
		switch found := newAmong(now, before, title, keywordIDs); len(found) {
		case 0:
			return "", false, nil
		case 1:
			return found[0], true, nil
		default: // somebody else adds the same at the same time
			return "", false, fmt.Errorf("%w: %d new templates match", ErrUnknown, len(found))
		}
	})
	return Added{TemplateID: id, Confirmed: err == nil}, err
}

func (k template) Delete(ctx context.Context, c *wechat.Client, templateID string) error {
	start := time.Now()
	err := c.DeleteTemplate(ctx, templateID)
	if !wechat.Uncertain(err) {
		return err
	}
	empty := 0 // lists in a row: one that is empty all at once is not believed
	_, err = find(ctx, start, err, ErrNotDeleted, func(ctx context.Context) (string, bool, error) {
		now, err := k.List(ctx, c)
		if err != nil {
			return "", false, err
		}
		if empty++; len(now) > 0 {
			empty = 0
		}
		there := slices.ContainsFunc(now, func(t wechat.Template) bool { return t.ID == templateID })
		return templateID, !there && empty != 1, nil
	})
	return err
}

func newAmong(now, before []wechat.Template, title wechat.Title, keywordIDs []int) []string {
	known := make(map[string]bool, len(before))
	for _, t := range before {
		known[t.ID] = true
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
