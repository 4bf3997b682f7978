package wechat

import (
	"context"
	"fmt"
	"time"
)

// confirmPause is how long AddConfirmed waits before it believes that a template is not
// in the list: the lost request may still be under way inside WeChat (assumed).
const confirmPause = 2 * time.Second

// AddConfirmed adds a combination of title's keywords and makes sure of the outcome
// (faults.md 24): where the answer is lost, the new template is looked for in the
// account's list and never added a second time. ErrNotAdded says that it is not there
// and the addition may be repeated; ErrOutcomeUnknown that the list did not tell either.
// Any other error is WeChat's refusal.
func (c *Client) AddConfirmed(ctx context.Context, title Title, keywordIDs []int) (Added, error) {
	before, err := c.AllTemplates(ctx)
	if err != nil {
		return Added{}, fmt.Errorf("%w: %w", ErrNotAdded, err)
	}
	id, err := c.AddTemplate(ctx, title.ID, keywordIDs)
	if err == nil {
		return Added{TemplateID: id}, nil
	}
	if !Uncertain(err) {
		return Added{}, err
	}
	// Whoever asked may have given up; the outcome is wanted all the same.
	id, lookErr := c.find(context.WithoutCancel(ctx), before, title, keywordIDs)
	if lookErr != nil {
		return Added{}, fmt.Errorf("%w: %w", lookErr, err)
	}
	return Added{TemplateID: id, Confirmed: true}, nil
}

// find looks for the one template that was not there before, twice.
func (c *Client) find(ctx context.Context, before []Template, title Title, keywordIDs []int) (string, error) {
	for look := range 2 {
		if look > 0 {
			time.Sleep(confirmPause)
		}
		now, err := c.AllTemplates(ctx)
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
		}
		switch found := newAmong(now, before, title, keywordIDs); len(found) {
		case 0:
		case 1:
			return found[0], nil
		default: // somebody else adds the same at the same time
			return "", fmt.Errorf("%w: %d new templates match", ErrOutcomeUnknown, len(found))
		}
	}
	return "", ErrNotAdded
}

func newAmong(now, before []Template, title Title, keywordIDs []int) []string {
	known := make(map[string]bool, len(before))
	for _, t := range before {
		known[t.ID] = true
	}
	var found []string
	for _, t := range now {
		if !known[t.ID] && t.Title == title.Text && matches(t.Fields(), title, keywordIDs) {
			found = append(found, t.ID)
		}
	}
	return found
}

// matches compares names in order; a keyword that title does not hold matches any name.
func matches(fields []Field, title Title, keywordIDs []int) bool {
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
