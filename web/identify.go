package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/account"
)

// unread is the doubt where the library could not be read at all.
const unread account.Doubt = "unread"

// adoptPatience is how long adopting waits for the library. Without it the
// templates are adopted all the same; restoring looks again.
const adoptPatience = 10 * time.Second

// identified are templates as they will be remembered, with the ids that their
// texts lead to.
func (a *Account) identified(ctx context.Context, found []wechat.Template) []store.Template {
	ctx, cancel := context.WithTimeout(ctx, adoptPatience)
	defer cancel()
	all := make([]store.Template, 0, len(found))
	for _, t := range found {
		x := store.Template{App: a.app.ID, TemplateID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example}
		if id, err := a.identify(ctx, t); err == nil {
			x.TitleID, x.KeywordIDs = id.TitleID, id.KeywordIDs
		}
		all = append(all, x)
	}
	return all
}

// identify finds the combination that a template is in the account's library.
func (a *Account) identify(ctx context.Context, t wechat.Template) (account.Identity, error) {
	library, err := a.library.All(ctx)
	if err != nil {
		return account.Identity{Doubt: unread}, err
	}
	titles := account.Titled(library, t.Title)
	for i, title := range titles {
		if titles[i], err = a.library.Get(ctx, title.ID); err != nil {
			return account.Identity{Doubt: unread}, err
		}
	}
	return account.Identify(t, titles), nil
}

// restoration is what a template would be added again as: the remembered ids where
// the library still has them, else what its texts lead to. Only what is no answer
// of WeChat is an error.
func (a *Account) restoration(ctx context.Context, known store.Template) (account.Identity, error) {
	if known.Restorable() {
		title, err := a.library.Get(ctx, known.TitleID)
		if err == nil && len(keywordsIn(title, known.KeywordIDs)) == len(known.KeywordIDs) {
			return account.Identity{TitleID: known.TitleID, KeywordIDs: known.KeywordIDs}, nil
		}
		if err != nil && !errors.Is(err, wechat.ErrArgs) {
			return unreadable(err)
		}
	}
	id, err := a.identify(ctx, known.Live())
	if err != nil {
		return unreadable(err)
	}
	return id, nil
}

func unreadable(err error) (account.Identity, error) {
	if isWeChat(err) {
		err = nil
	}
	return account.Identity{Doubt: unread}, err
}

// keywordsIn are the title's keywords with these ids, in order, without those
// that it does not have.
func keywordsIn(title wechat.Title, ids []int) []wechat.Keyword {
	var found []wechat.Keyword
	for _, id := range ids {
		if at := slices.IndexFunc(title.Keywords, func(k wechat.Keyword) bool { return k.ID == id }); at >= 0 {
			found = append(found, title.Keywords[at])
		}
	}
	return found
}
