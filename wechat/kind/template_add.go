package kind

import (
	"context"
	"fmt"
	"time"

	"muban/wechat"
)

// confirmPause is how long Add waits before it believes that a template is not in the
// list: the lost request may still be under way inside WeChat (assumed).
const confirmPause = 2 * time.Second

// Add looks for the new template in the account's list where the answer is lost, and
// never adds it a second time.
func (k template) Add(ctx context.Context, c *wechat.Client, title wechat.Title, keywordIDs []int) (Added, error) {
	before, err := k.List(ctx, c)
	if err != nil {
		return Added{}, fmt.Errorf("%w: %w", ErrNotAdded, err)
	}
	id, err := c.AddTemplate(ctx, title.ID, keywordIDs)
	if err == nil {
		return Added{TemplateID: id}, nil
	}
	if !wechat.Uncertain(err) {
		return Added{}, err
	}
	// The caller may have given up; what became of it is wanted all the same.
	id, lookErr := k.find(context.WithoutCancel(ctx), c, before, title, keywordIDs)
	if lookErr != nil {
		return Added{}, fmt.Errorf("%w: %w", lookErr, err)
	}
	return Added{TemplateID: id, Confirmed: true}, nil
}

// find looks for the one template that was not there before, twice.
func (k template) find(
	ctx context.Context, c *wechat.Client, before []wechat.Template, title wechat.Title, keywordIDs []int,
) (string, error) {
	for look := range 2 {
		if look > 0 {
			time.Sleep(confirmPause)
		}
		now, err := k.List(ctx, c)
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		switch found := newAmong(now, before, title, keywordIDs); len(found) {
		case 0:
		case 1:
			return found[0], nil
		default: // somebody else adds the same at the same time
			return "", fmt.Errorf("%w: %d new templates match", ErrUnknown, len(found))
		}
	}
	return "", ErrNotAdded
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
