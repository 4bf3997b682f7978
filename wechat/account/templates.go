// Package account is one mini program at work: its client, the keeper of its token, its library,
// and its templates as WeChat lists them and as we remember them.
package account

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
)

// Template is what we remember of one of an account's templates, also after it is deleted.
// WeChat's own list is the truth.
type Template struct {
	App                        int64
	Kind                       string // of message: kind.Kind's Name
	TemplateID, TitleID, Title string
	KeywordIDs                 []int  // in order; none where they are not known: see Identify
	Scene                      string // what a subscribe message is for, as it was said when it was added here
	Content, Example           string
	Type                       int           // of a subscribe template: wechat.OneTime or wechat.LongTerm
	Enums                      []wechat.Enum // likewise: the values that its keywords list

	Adopted     bool // it was added elsewhere, and AddedBy took it over at AddedAt
	AddedBy     int64
	AddedByName string
	DraftID     int64 // 0: added without a draft
	AddedAt     time.Time

	DeletedAt        time.Time
	DeletedByName    string
	DeletedElsewhere bool // DeletedByName only noted it

	Alias                string // now; "" without one
	Carries              string // template_id of the subscribe template that the alias carries too: see Carried
	Replaces, ReplacedBy string // template_ids: what it was restored from, and what was restored from it
}

// Live is the template as template/list gave it.
func (t Template) Live() wechat.Template {
	return wechat.Template{
		ID: t.TemplateID, Title: t.Title, Content: t.Content, Example: t.Example, Type: t.Type, Enums: t.Enums, Kind: t.Kind,
	}
}

// Deleted tells whether the template is gone from the account, as far as we know.
func (t Template) Deleted() bool { return !t.DeletedAt.IsZero() }

// Restorable tells whether the ids to add it again are remembered.
func (t Template) Restorable() bool { return t.TitleID != "" && len(t.KeywordIDs) > 0 }

// Listed is t with the content of now, which is the same template as it is listed. What it was combined
// from stays known only while its title and keywords stay; else it is what now tells.
func (t Template) Listed(now Template) Template {
	if changed(now.Live(), t.Live()) {
		t.TitleID, t.KeywordIDs = now.TitleID, now.KeywordIDs
	}
	t.Title, t.Content, t.Example, t.Type, t.Enums = now.Title, now.Content, now.Example, now.Type, now.Enums
	t.DeletedAt, t.DeletedByName, t.DeletedElsewhere = time.Time{}, "", false
	return t
}

// List is what template/list answered at last, and when it was asked.
type List struct {
	Templates []wechat.Template // in WeChat's order
	ReadAt    time.Time
}

// ErrNoTemplate is a template that the account does not have.
var ErrNoTemplate = errors.New("account: no such template in the account")

// Find is one template of the list; ErrNoTemplate where it is not there.
func (l List) Find(id string) (wechat.Template, error) {
	at := slices.IndexFunc(l.Templates, func(t wechat.Template) bool { return t.ID == id })
	if at < 0 {
		return wechat.Template{}, ErrNoTemplate
	}
	return l.Templates[at], nil
}

// doubtPause is how long a list that lacks templates is doubted before WeChat is asked again.
const doubtPause = 500 * time.Millisecond

// List is every template that WeChat lists for the account now: all pages of template/list, however
// many. What it answered is kept, for when WeChat does not answer; see LastList.
//
// WeChat sometimes answers with an empty list, or with a part of it, as if that were all. So where a
// template is missing that was there before, it is asked again, and a template is gone only when
// neither answer has it.
func (a *Account) List(ctx context.Context) (List, error) {
	at := a.now()
	all, err := a.ask(ctx)
	if err != nil {
		return List{}, err
	}
	missing, err := a.before(ctx)
	if err != nil {
		return List{}, err
	}
	for _, t := range all {
		delete(missing, t.ID)
	}
	if len(missing) > 0 {
		if all, err = a.listAgain(ctx, all); err != nil {
			return List{}, err
		}
	}
	l := List{Templates: all, ReadAt: at}
	a.noteList(&l)
	return l, nil
}

// before are the ids of the templates that the last list had or, where there was none yet, of those
// that we remember.
func (a *Account) before(ctx context.Context) (map[string]bool, error) {
	if last, err := a.LastList(ctx); err == nil {
		return idsIn(last.Templates), nil
	}
	known, err := a.Known(ctx)
	ids := make(map[string]bool, len(known))
	for _, t := range known {
		if !t.Deleted() {
			ids[t.TemplateID] = true
		}
	}
	return ids, err
}

// Known are the account's templates that we remember, the deleted ones too.
func (a *Account) Known(ctx context.Context) ([]Template, error) {
	all, err := a.store.Templates(ctx, a.App.ID)
	return slices.DeleteFunc(all, func(t Template) bool { return kind.Named(t.Kind) != a.Kind }), err
}

func idsIn(all []wechat.Template) map[string]bool {
	ids := make(map[string]bool, len(all))
	for _, t := range all {
		ids[t.ID] = true
	}
	return ids
}

// listAgain is what WeChat lists on being asked again, and behind it what was there before and is in
// the first answer alone.
func (a *Account) listAgain(ctx context.Context, first []wechat.Template) ([]wechat.Template, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(doubtPause):
	}
	all, err := a.ask(ctx)
	if err != nil {
		return nil, err
	}
	before, err := a.before(ctx)
	again := idsIn(all)
	for _, t := range first {
		if !again[t.ID] && before[t.ID] {
			all = append(all, t)
		}
	}
	return all, err
}

// noteList keeps l, unless a list that was asked for later came sooner.
func (a *Account) noteList(l *List) {
	for {
		last := a.listed.Load()
		if last != nil && last.ReadAt.After(l.ReadAt) || a.listed.CompareAndSwap(last, l) {
			return
		}
	}
}

// Unlist takes a template that was just deleted off the last list.
func (a *Account) Unlist(id string) {
	last := a.listed.Load()
	if last == nil {
		return
	}
	left := slices.DeleteFunc(slices.Clone(last.Templates), func(t wechat.Template) bool { return t.ID == id })
	a.listed.CompareAndSwap(last, &List{Templates: left, ReadAt: last.ReadAt})
}

// LastList is what WeChat listed at last, in this process or before it; the store's error where it
// never did.
func (a *Account) LastList(ctx context.Context) (List, error) {
	if l := a.listed.Load(); l != nil {
		return *l, nil
	}
	l, err := a.store.AccountList(ctx, a.App.ID, a.Kind.Name())
	l.Templates = a.ofKind(l.Templates)
	return l, err
}

// Listed is how many templates WeChat listed at last in this process, -1 where it was not asked yet.
func (a *Account) Listed() int {
	l := a.listed.Load()
	if l == nil {
		return -1
	}
	return len(l.Templates)
}

// KeepLists writes the lists that were read since the last time: a page that is looked at writes
// nothing itself.
func (a *Accounts) KeepLists(ctx context.Context) error {
	var failed []error
	for _, acct := range a.Each() {
		for _, of := range acct.kinds {
			failed = append(failed, of.keepList(ctx))
		}
	}
	return errors.Join(failed...)
}

func (a *Account) keepList(ctx context.Context) error {
	l := a.listed.Load()
	if l == nil || l == a.listKept {
		return nil
	}
	err := a.store.KeepAccountList(ctx, a.App.ID, a.Kind.Name(), *l)
	if err == nil {
		a.listKept = l
	}
	return err
}

// Find is one template of the account, as WeChat lists it now: it has no call for a single one.
// ErrNoTemplate where it is not there.
func (a *Account) Find(ctx context.Context, id string) (wechat.Template, error) {
	l, err := a.List(ctx)
	if err != nil {
		return wechat.Template{}, err
	}
	return l.Find(id)
}

// Recall is one template as WeChat listed it within the last minute, for what is asked on every
// keystroke; an older list serves where WeChat gives none, so that what was typed on the template's
// page is not lost.
func (a *Account) Recall(ctx context.Context, id string) (wechat.Template, error) {
	l := a.listed.Load()
	if l == nil {
		return a.Find(ctx, id)
	}
	known, unknown := l.Find(id)
	if unknown == nil && a.now().Sub(l.ReadAt) < time.Minute {
		return known, nil
	}
	t, err := a.Find(ctx, id)
	if unknown == nil && wechat.IsFailure(err) {
		return known, nil
	}
	return t, err
}

// amongPause is how old a list may be that lacks a template, before WeChat is asked for another.
const amongPause = time.Second

// Among are those of the ids that the account has templates of, by id. WeChat is asked at most once: where neither the
// last list nor what we remember has one, and the list was not read just now.
func (a *Account) Among(ctx context.Context, ids []string) (map[string]wechat.Template, error) {
	l, _ := a.LastList(ctx) // none was read yet where there is none
	known, err := a.Known(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range known {
		if !t.Deleted() {
			l.Templates = append(l.Templates[:len(l.Templates):len(l.Templates)], t.Live())
		}
	}
	if found := l.among(ids); len(found) == len(ids) || a.now().Sub(l.ReadAt) < amongPause {
		return found, nil
	}
	read, err := a.List(ctx)
	if wechat.IsFailure(err) && !l.ReadAt.IsZero() {
		return l.among(ids), nil
	}
	return read.among(ids), err
}

func (l List) among(ids []string) map[string]wechat.Template {
	found := make(map[string]wechat.Template, len(ids))
	for _, t := range l.Templates {
		if _, twice := found[t.ID]; !twice && slices.Contains(ids, t.ID) {
			found[t.ID] = t
		}
	}
	return found
}

// Holder is the account of the kind that a template is of, and the template as Recall gives it. A kind that we know
// the template to be of is asked first; ErrNoTemplate where no kind has it.
func (a *Account) Holder(ctx context.Context, id string) (*Account, wechat.Template, error) {
	for _, of := range a.kinds {
		if l, err := of.LastList(ctx); err == nil {
			if _, err := l.Find(id); err == nil {
				t, err := of.Recall(ctx, id)
				return of, t, err
			}
		}
	}
	first := a.Of(a.App.DefaultKind())
	t, err := first.Recall(ctx, id)
	if !errors.Is(err, ErrNoTemplate) {
		return first, t, err
	}
	for _, of := range a.kinds {
		if of == first {
			continue
		}
		if t, other := of.Recall(ctx, id); other == nil {
			return of, t, nil
		}
	}
	return first, t, err
}

// MaxAlias is how long an alias may be, in characters.
const MaxAlias = 64

// ValidAlias tells whether s can name a template: small letters and digits, with - _ . between them.
// Such a name needs no escaping in an address, a shell or a program.
func ValidAlias(s string) bool {
	return s != "" && len(s) <= MaxAlias && strings.Trim(s, "-_.") == s && strings.Trim(s, inAlias) == ""
}

const inAlias = "abcdefghijklmnopqrstuvwxyz0123456789-_."

// Span is a time in which an alias named a template.
type Span struct {
	Alias, TemplateID string
	From, Until       time.Time // Until is zero while it still does
	SetBy, EndedBy    string    // names of people
}
