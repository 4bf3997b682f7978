package pages

import (
	"errors"
	"strconv"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/ledger"
	"muban/wechat/search"
)

// appFinds is what the palette looks through in an app beside its library. Each part is read and indexed
// when it has changed, not at every key.
type appFinds struct {
	templates search.Kept[templatesVersion, struct{}]
	drafts    search.Kept[int64, latestOnes]
	sends     search.Kept[int64, latestOnes]
}

// templatesVersion is another when somebody changes a template here, or WeChat was asked for its list.
type templatesVersion struct {
	activity int64
	listed   time.Time
}

// latestOnes are the latest drafts or sends.
type latestOnes struct {
	notes map[string]note // by id
	more  bool            // there are older ones
}

// note is what tells a draft or send from its namesakes.
type note struct {
	stands string // a draft's state, a send's outcome
	openID string // a send's
}

// findsIn is what is kept of an app.
func (s *Site) findsIn(app int64) *appFinds {
	kept, _ := s.finds.LoadOrStore(app, &appFinds{})
	return kept.(*appFinds)
}

// target is a thing to be found by its id, its text or one of the words.
func target(id, text string, words ...string) wechat.Title {
	one := wechat.Title{ID: id, Text: text}
	for _, word := range words {
		one.Keywords = append(one.Keywords, wechat.Keyword{Name: word})
	}
	return one
}

// templates are those that were added from here and those that WeChat listed last.
func (f *finder) templates(app *appFinds, latest store.Latest) error {
	listed, err := f.v.account.LastList(f.r.Context())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	version := templatesVersion{latest.Activity, listed.ReadAt}
	index, _, err := app.templates.Get(version, func() (all []wechat.Title, _ struct{}, err error) {
		remembered, err := f.s.Store.Templates(f.r.Context(), f.v.account.App.ID)
		seen := map[string]bool{}
		for _, t := range remembered {
			if t.DeletedAt.IsZero() {
				all = append(all, target(t.TemplateID, t.Title, t.Alias))
				seen[t.TemplateID] = true
			}
		}
		for _, t := range listed.Templates {
			if !seen[t.ID] {
				all = append(all, target(t.ID, t.Title))
			}
		}
		return all, struct{}{}, err
	})
	if err != nil {
		return err
	}
	var items []views.Found
	for _, hit := range f.hits(index, foundAtMost) {
		items = append(items, chinese(found(hit, ui.TemplateURL(hit.Title.ID), hit.Title.ID)))
	}
	f.add("template", items)
	return nil
}

func (f *finder) drafts(app *appFinds, latest store.Latest) error {
	ctx, id := f.r.Context(), f.v.account.App.ID
	index, kept, err := app.drafts.Get(latest.Activity, func() (all []wechat.Title, kept latestOnes, err error) {
		list, total, err := f.s.Store.Drafts(ctx, store.DraftFilter{App: id, Count: foundAmong})
		kept = latestOnes{notes: map[string]note{}, more: total > len(list)}
		for _, d := range list {
			words := []string{d.AuthorName}
			for _, k := range d.Keywords {
				words = append(words, k.Name)
			}
			one := target(strconv.FormatInt(d.ID, 10), d.Title, words...)
			all, kept.notes[one.ID] = append(all, one), note{stands: d.State}
		}
		return all, kept, err
	})
	if err != nil {
		return err
	}
	var items []views.Found
	add := func(hit search.Hit, state string) {
		href := ui.DraftURL(numberOf(hit))
		items = append(items, chinese(found(hit, href, hit.Title.ID+" · "+f.p.T("state."+state))))
	}
	if number := f.older(kept); number != 0 {
		d, err := f.s.Store.Draft(ctx, id, number)
		if err == nil {
			add(byNumber(number, d.Title), d.State)
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	for _, hit := range f.hits(index, foundAtMost) {
		add(hit, kept.notes[hit.Title.ID].stands)
	}
	if kept.more {
		items = append(items, views.Found{Href: ui.DraftsURL(f.text), Text: f.p.T("find.older_draft")})
	}
	f.add("draft", items)
	return nil
}

// sends that were pending when they were read are read again: they alone come to another outcome.
func (f *finder) sends(app *appFinds, latest store.Latest) error {
	ctx, id := f.r.Context(), f.v.account.App.ID
	index, kept, err := app.sends.Get(latest.Send, func() (all []wechat.Title, kept latestOnes, err error) {
		list, total, err := f.s.Store.Sends(ctx, store.SendFilter{App: id, Count: foundAmong})
		kept = latestOnes{notes: map[string]note{}, more: total > len(list)}
		for _, x := range list {
			one := target(strconv.FormatInt(x.ID, 10), x.Title, x.OpenID, x.TemplateID)
			all, kept.notes[one.ID] = append(all, one), note{x.Outcome, x.OpenID}
		}
		return all, kept, err
	})
	if err != nil {
		return err
	}
	var items []views.Found
	add := func(hit search.Hit, n note) {
		text := hit.Title.ID + " · " + f.p.T("outcome."+n.stands) + " · " + n.openID
		items = append(items, chinese(found(hit, ui.SendURL(numberOf(hit)), text)))
	}
	if number := f.older(kept); number != 0 {
		x, err := f.s.Store.Send(ctx, id, number)
		if err == nil {
			add(byNumber(number, x.Title), note{x.Outcome, x.OpenID})
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	for _, hit := range f.hits(index, foundAtMost) {
		n := kept.notes[hit.Title.ID]
		if n.stands == dispatch.Pending {
			x, err := f.s.Store.Send(ctx, id, numberOf(hit))
			if err != nil {
				return err
			}
			n.stands = x.Outcome
		}
		add(hit, n)
	}
	if kept.more {
		list := views.SendsFilter{Text: f.text}
		if ledger.IsOpenID(f.text) {
			list = views.SendsFilter{OpenID: f.text}
		}
		items = append(items, views.Found{Href: views.SendsURL(list), Text: f.p.T("find.older_send")})
	}
	f.add("send", items)
	return nil
}

// older is the number that is looked for, where that is none of the latest; else 0.
func (f *finder) older(latest latestOnes) int64 {
	number, err := strconv.ParseInt(f.text, 10, 64)
	if _, known := latest.notes[f.text]; err != nil || known || !latest.more {
		return 0
	}
	return number
}

// byNumber is what was found by its number alone.
func byNumber(number int64, text string) search.Hit {
	one := target(strconv.FormatInt(number, 10), text)
	return search.Hit{Title: &one, Where: search.InID}
}

// numberOf is the number of a draft or send, which is its id among the titles.
func numberOf(hit search.Hit) int64 {
	number, _ := strconv.ParseInt(hit.Title.ID, 10, 64) // it was written from one
	return number
}
