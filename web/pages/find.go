package pages

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/dispatch"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/search"
)

// find answers what the current app and the visitor's role have that fits q: a
// page, or the choices that the palette shows.
func (s *Site) find(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.FindPage{Page: s.page(r, v)}
	p.Problems = s.forms.fill(r.URL.Query(), p.Text, &p.Form)
	if len(p.Problems) == 0 {
		f := finder{s: s, r: r, v: v, p: &p, text: strings.TrimSpace(p.Form.Text)}
		if err := f.all(); err != nil {
			return err
		}
	}
	if fragment(r) {
		return s.render(w, r, http.StatusOK, views.FindOptions(p))
	}
	return s.render(w, r, listStatus(p.Problems), views.Find(p))
}

// finder looks for one text in all that a person may see.
type finder struct {
	s    *Site
	r    *http.Request
	v    *visit
	p    *views.FindPage
	text string
}

const (
	foundAtMost = 6   // of a kind, so that every kind is seen
	foundAmong  = 200 // of the latest drafts and sends: to older ones leads their number, or their list
)

func (f *finder) all() error {
	f.pages()
	if f.text == "" {
		return nil
	}
	kept, _ := f.s.finds.LoadOrStore(f.v.account.App.ID, &appFinds{})
	app := kept.(*appFinds)
	latest, err := f.s.Store.Latest(f.r.Context(), f.v.account.App.ID)
	if err == nil && f.v.may(auth.Browse) {
		f.titles()
		err = f.templates(app, latest)
	}
	if err == nil && f.v.may(auth.SeeDrafts) {
		err = f.drafts(app, latest)
	}
	if err == nil && f.v.may(auth.SeeSends) {
		err = f.sends(app, latest)
	}
	if err == nil && f.v.may(auth.SeeRights) && ledger.IsOpenID(f.text) {
		err = f.allowances()
	}
	return err
}

// allowances are what the openid that is looked for may still be sent: its rights, and its consents by template.
func (f *finder) allowances() error {
	ctx, app := f.r.Context(), f.v.account.App.ID
	var items []views.Found
	left, err := f.s.Store.Balance(ctx, app, f.text)
	if err == nil && left != (ledger.Balance{OpenID: f.text}) {
		items = append(items, views.Found{Href: views.RightsURL(views.RightsFilter{Query: f.text}),
			Text: f.p.T("find.rights", "Count", left.Usable), Note: f.text})
	}
	if err != nil {
		return err
	}
	consents, err := f.s.Store.ConsentsOf(ctx, app, f.text)
	for _, c := range consents[:min(len(consents), foundAtMost)] {
		t, err := f.s.Store.ResolveTemplate(ctx, app, c.TemplateID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		note, _ := views.ConsentText(f.p.Text, c)
		items = append(items, views.Found{Href: views.ConsentsURL(views.ConsentsFilter{Query: f.text, Template: c.TemplateID}),
			Text: cmp.Or(t.Title, c.TemplateID), Note: note, Lang: "zh-CN"})
	}
	f.add("allowance", items)
	return err
}

// hits are the best; near misses only make noise here.
func (f *finder) hits(index *search.Index, most int) []search.Hit {
	return index.Search(search.Query{Text: f.text, Count: most, NoTypos: true}).Hits
}

// found is a hit as a place to go to; its text is in Chinese, but a page's is in the visitor's language.
func found(h search.Hit, href, note string) views.Found {
	one := views.Found{Href: href, Text: h.Title.Text, Note: note, Lang: "zh-CN"}
	if h.Where == search.InTitle {
		one.Spans = h.Spans
	}
	return one
}

// add puts what was found of a kind on the page.
func (f *finder) add(kind string, items []views.Found) {
	if len(items) > 0 {
		f.p.Groups = append(f.p.Groups, views.FoundGroup{Kind: kind, Items: items})
	}
}

// titles searches the mirrors of all kinds of message; near misses are worth showing.
func (f *finder) titles() {
	own := f.v.account.App.DefaultKind()
	for _, a := range f.v.account.Kinds() {
		index := a.Mirror.Index()
		f.p.Unsynced = f.p.Unsynced || a.Kind == own && index == nil
		if index == nil {
			continue
		}
		var items []views.Found
		result := index.Search(search.Query{Text: f.text, Count: foundAtMost})
		for _, hit := range result.Hits {
			note := hit.Title.ID
			if hit.Keyword >= 0 {
				note += " · " + hit.Title.Keywords[hit.Keyword].Name
			}
			items = append(items, found(hit, ui.TitleURL(hit.Title.ID), note))
		}
		if result.Total > len(items) {
			all := ui.OfKind("/library?"+url.Values{"q": {f.text}}.Encode(), a.Kind, own)
			items = append(items, views.Found{Href: all, Text: f.p.T("find.more", "Count", result.Total)})
		}
		f.add("title", items)
		if n := len(f.p.Groups); a.Kind != own && len(items) > 0 {
			f.p.Groups[n-1].Of = a.Kind
		}
	}
}

// appFinds is what the palette looks through in an app beside its library. Each part is read and indexed
// when it has changed, not at every key.
type appFinds struct {
	templates search.Kept[templatesVersion, map[string]kind.Kind]
	drafts    search.Kept[int64, latestOnes]
	sends     search.Kept[int64, latestOnes]
}

// templatesVersion is another when somebody changes a template here, or WeChat was asked for its list.
type templatesVersion struct {
	activity int64
	listed   int64 // another with every list of a kind
}

// latestOnes are the latest drafts or sends.
type latestOnes struct {
	byID map[string]numbered
	more bool // there are older ones
}

// numbered is a draft or send, with what tells it from its namesakes.
type numbered struct {
	wechat.Title
	stands string    // a draft's state, a send's outcome
	kind   kind.Kind // of message
	note   string
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
	version := templatesVersion{activity: latest.Activity}
	var listed []wechat.Template
	for _, of := range f.v.account.Kinds() {
		l, err := of.LastList(f.r.Context())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		listed = append(listed, l.Templates...)
		version.listed += l.ReadAt.UnixNano()
	}
	index, kinds, err := app.templates.Get(version, func() (all []wechat.Title, kinds map[string]kind.Kind, err error) {
		kinds = map[string]kind.Kind{}
		remembered, err := f.s.Store.Templates(f.r.Context(), f.v.account.App.ID)
		for _, t := range remembered {
			if t.DeletedAt.IsZero() {
				all = append(all, target(t.TemplateID, t.Title, t.Alias))
				kinds[t.TemplateID] = kind.Named(t.Kind)
			}
		}
		for _, t := range listed {
			if kinds[t.ID] == nil {
				all = append(all, target(t.ID, t.Title))
				kinds[t.ID] = kind.Of(t)
			}
		}
		return all, kinds, err
	})
	if err != nil {
		return err
	}
	var items []views.Found
	for _, hit := range f.hits(index, foundAtMost) {
		items = append(items, found(hit, ui.TemplateURL(hit.Title.ID), f.other(kinds[hit.Title.ID])+hit.Title.ID))
	}
	f.add("template", items)
	return nil
}

// other says of what is of another kind than the mini program's own that it is: titles are the same in both.
func (f *finder) other(k kind.Kind) string {
	if k == f.v.account.App.DefaultKind() {
		return ""
	}
	return f.p.T("kind."+k.Name()) + " · "
}

func (f *finder) drafts(app *appFinds, latest store.Latest) error {
	ctx, id := f.r.Context(), f.v.account.App.ID
	all := func() ([]numbered, int, error) {
		list, total, err := f.s.Store.Drafts(ctx, store.DraftFilter{App: id, Count: foundAmong})
		return mapped(list, draftFound), total, err
	}
	one := func(number int64) (numbered, error) {
		d, err := f.s.Store.Draft(ctx, id, number)
		return draftFound(d), err
	}
	return f.numbered(&app.drafts, latest.Activity, all, one, "draft", "/drafts/", ui.DraftsURL(f.text))
}

func draftFound(d store.Draft) numbered {
	words := []string{d.AuthorName}
	for _, k := range d.Keywords {
		words = append(words, k.Name)
	}
	return numbered{Title: target(strconv.FormatInt(d.ID, 10), d.Title, words...), stands: "state." + d.State,
		kind: kind.Named(d.Kind)}
}

func (f *finder) sends(app *appFinds, latest store.Latest) error {
	ctx, id := f.r.Context(), f.v.account.App.ID
	all := func() ([]numbered, int, error) {
		list, total, err := f.s.Store.Sends(ctx, store.SendFilter{App: id, Count: foundAmong})
		return mapped(list, sendFound), total, err
	}
	one := func(number int64) (numbered, error) {
		x, err := f.s.Store.Send(ctx, id, number)
		return sendFound(x), err
	}
	older := views.SendsFilter{Kind: ui.EveryKind, Text: f.text}
	if ledger.IsOpenID(f.text) {
		older = views.SendsFilter{Kind: ui.EveryKind, OpenID: f.text}
	}
	return f.numbered(&app.sends, latest.Send, all, one, "send", "/sends/", views.SendsURL(older))
}

const pending = "outcome." + dispatch.Pending

func sendFound(x store.Send) numbered {
	one := target(strconv.FormatInt(x.ID, 10), x.Title, x.OpenID, x.TemplateID)
	return numbered{Title: one, stands: "outcome." + x.Outcome, kind: kind.Named(x.Kind), note: " · " + x.OpenID}
}

func mapped[T, U any](list []T, one func(T) U) []U {
	all := make([]U, len(list))
	for i, x := range list {
		all[i] = one(x)
	}
	return all
}

// numbered adds the drafts or sends that fit, first the one whose number is looked for, however old. all are
// the latest and how many there are; path is before a number, list leads to the older ones.
func (f *finder) numbered(kept *search.Kept[int64, latestOnes], version int64, all func() ([]numbered, int, error),
	one func(int64) (numbered, error), kind, path, list string) error {
	index, latest, err := kept.Get(version, func() ([]wechat.Title, latestOnes, error) {
		ones, total, err := all()
		latest := latestOnes{byID: map[string]numbered{}, more: total > len(ones)}
		for _, x := range ones {
			latest.byID[x.ID] = x
		}
		return mapped(ones, func(x numbered) wechat.Title { return x.Title }), latest, err
	})
	if err != nil {
		return err
	}
	var items []views.Found
	add := func(hit search.Hit, x numbered) {
		items = append(items, found(hit, path+x.ID, x.ID+" · "+f.other(x.kind)+f.p.T(x.stands)+x.note))
	}
	number, err := strconv.ParseInt(f.text, 10, 64)
	if _, known := latest.byID[f.text]; err == nil && !known && latest.more {
		x, err := one(number)
		if err == nil {
			add(search.Hit{Title: &x.Title, Where: search.InID}, x)
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	for _, hit := range f.hits(index, foundAtMost) {
		x := latest.byID[hit.Title.ID]
		if x.stands == pending { // it may have ended since, without another send
			number, _ := strconv.ParseInt(x.ID, 10, 64)
			if x, err = one(number); err != nil {
				return err
			}
		}
		add(hit, x)
	}
	if latest.more {
		items = append(items, views.Found{Href: list, Text: f.p.T("find.older_" + kind)})
	}
	f.add(kind, items)
	return nil
}
