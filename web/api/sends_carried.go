package api

import (
	"context"
	"errors"

	"muban/store"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// both are the two templates that one alias carries.
type both struct {
	account.Carried
	old       store.Template // of template messages; it may be deleted
	successor wechat.Template
	of        *account.Account // of the successor's kind
}

// carriedBy are the two templates that an order's alias carries; nil where it names no alias, or an alias of one. A
// successor that the account has no more counts for nothing.
func (a *API) carriedBy(ctx context.Context, c *caller, o sendOrder) (*both, error) {
	if o.Alias == "" {
		return nil, nil
	}
	old, err := a.Store.ResolveTemplate(ctx, c.account.App.ID, o.Alias)
	if err != nil || old.Alias != o.Alias || old.Carries == "" {
		return nil, ignoreUnknown(err) // as templateOf says it
	}
	b := both{old: old, of: c.account.Of(kind.Subscribe)}
	if b.Carried, err = a.Store.Carried(ctx, old.App, old.TemplateID); err != nil {
		return nil, ignoreUnknown(err)
	}
	b.successor, err = b.of.Recall(ctx, b.Successor)
	if errors.Is(err, account.ErrNoTemplate) {
		return nil, nil
	}
	a.lookups.note(store.Lookup{App: old.App, Key: c.key.ID, TemplateID: old.TemplateID, Alias: o.Alias}, a.Now())
	return &b, err
}

func ignoreUnknown(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// carry sends the subscribe message where the user has a consent to it, and else the template message under a right.
// Where there is neither, the answer is the right's if the order names one, and the consent's if not: a consent is what
// can still be asked for. said tells of each key of the successor under which name the order gave its value.
func (a *API) carry(ctx context.Context, by dispatch.Journal, b both, send dispatch.Send, o sendOrder) (
	_ dispatch.Send, said map[string]string, err error) {
	m := o.message(kind.Template, b.old.Live())
	to, said := b.Message(m, b.old.Live(), b.successor)
	said = o.named(kind.Template, b.old.Live(), said)
	asked := send
	asked.Kind, asked.Title = b.of.Kind.Name(), b.successor.Title
	sent, err := a.Sender.Send(ctx, b.of.Sender(by), asked, to)
	if !lacks(err, ledger.OfConsent) || b.old.Deleted() {
		return sent, said, err
	}
	m.State, m.Lang = "", "" // a template message has neither
	asked, old := send, b.of.Of(kind.Template)
	asked.Kind, asked.Title = old.Kind.Name(), b.old.Title
	again, other := a.Sender.Send(ctx, old.Sender(by), asked, m)
	if lacks(other, ledger.OfRight) && o.FormID == "" {
		return sent, said, err
	}
	return again, nil, other
}

// lacks tells whether nothing was sent for want of an allowance of a sort, whatever else is wrong.
func lacks(err error, sort string) bool {
	if refusal, ok := errors.AsType[*ledger.Refusal](err); ok {
		return refusal.Right.Sort() == sort
	}
	blocked, ok := errors.AsType[*dispatch.Blocked](err)
	if !ok {
		return false
	}
	for _, c := range blocked.Checks {
		if c.ID == sort && c.State == dispatch.Failed {
			return true
		}
	}
	return false
}

// named are keys of the successor with the names under which the order gave their values, where said tells the keys of
// the template t that those names stand for.
func (o sendOrder) named(k kind.Kind, t wechat.Template, said map[string]string) map[string]string {
	keys, names := keysOf(k.Fields(t)), map[string]string{}
	for name := range o.Data {
		if key, known := keys[name]; known {
			names[key] = name
		}
	}
	for to, key := range said {
		if name, renamed := names[key]; renamed {
			said[to] = name
		}
	}
	return said
}
