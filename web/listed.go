package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"muban/store"
	"muban/wechat"
	"muban/wechat/templates"
)

// list is every template that WeChat lists for the account now: all pages of template/list, however
// many. What it answered is kept, for when WeChat does not answer; see lastList.
func (a *account) list(ctx context.Context) (templates.List, error) {
	at := a.now()
	all, err := a.client.AllTemplates(ctx)
	if err != nil {
		return templates.List{}, err
	}
	l := templates.List{Templates: all, ReadAt: at}
	a.noteList(&l)
	return l, nil
}

// noteList keeps l, unless a list that was asked for later came sooner.
func (a *account) noteList(l *templates.List) {
	for {
		last := a.listed.Load()
		if last != nil && last.ReadAt.After(l.ReadAt) || a.listed.CompareAndSwap(last, l) {
			return
		}
	}
}

// unlist takes a template that was just deleted off the last list.
func (a *account) unlist(id string) {
	last := a.listed.Load()
	if last == nil {
		return
	}
	left := slices.DeleteFunc(slices.Clone(last.Templates), func(t wechat.Template) bool { return t.ID == id })
	a.listed.CompareAndSwap(last, &templates.List{Templates: left, ReadAt: last.ReadAt})
}

// lastList is what WeChat listed at last, in this process or before it; store.ErrNotFound when it never did.
func (s *Site) lastList(ctx context.Context, a *account) (templates.List, error) {
	if l := a.listed.Load(); l != nil {
		return *l, nil
	}
	return s.Store.AccountList(ctx, a.app.ID)
}

// keepLists writes the lists that were read since the last time. A page that is looked at writes nothing
// itself (faults.md 31).
func (s *accounts) keepLists(ctx context.Context) error {
	var failed []error
	for _, a := range s.each() {
		l := a.listed.Load()
		if l == nil || l == a.listKept {
			continue
		}
		if err := s.s.Store.KeepAccountList(ctx, a.app.ID, *l); err != nil {
			failed = append(failed, err)
			continue
		}
		a.listKept = l
	}
	return errors.Join(failed...)
}

// find is one template of the account, as WeChat lists it now: it has no call for
// a single one.
func (a *account) find(ctx context.Context, id string) (wechat.Template, error) {
	l, err := a.list(ctx)
	if err != nil {
		return wechat.Template{}, err
	}
	return among(l.Templates, id)
}

// recall is one template as WeChat listed it within the last minute, for what is
// asked on every keystroke; an older list serves where WeChat gives none, so that
// what was typed on the template's page is not lost.
func (a *account) recall(ctx context.Context, id string) (wechat.Template, error) {
	l := a.listed.Load()
	if l == nil {
		return a.find(ctx, id)
	}
	known, unknown := among(l.Templates, id)
	if unknown == nil && a.now().Sub(l.ReadAt) < time.Minute {
		return known, nil
	}
	t, err := a.find(ctx, id)
	if unknown == nil && isWeChat(err) {
		return known, nil
	}
	return t, err
}

func among(all []wechat.Template, id string) (wechat.Template, error) {
	at := slices.IndexFunc(all, func(t wechat.Template) bool { return t.ID == id })
	if at < 0 {
		return wechat.Template{}, errTemplateGone
	}
	return all[at], nil
}

// knownTemplate is what we remember of a template, nil where it came from elsewhere.
func (s *Site) knownTemplate(ctx context.Context, v *visit, id string) (*store.Template, error) {
	t, err := s.Store.Template(ctx, v.account.app.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &t, err
}
