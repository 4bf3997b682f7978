package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/ledger"
	"muban/wechat/search"
)

// find answers what the current app and the visitor's role have that fits q: a
// page, or the choices that the palette shows.
func (s *Site) find(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.FindPage{Page: s.page(r, v)}
	p.Problems = s.forms.fill(r.URL.Query(), p.Text, &p.Form)
	if len(p.Problems) == 0 {
		f := finder{s: s, r: r, v: v, text: strings.TrimSpace(p.Form.Text)}
		if err := f.all(&p); err != nil {
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
	text string
}

const (
	foundAtMost = 6   // of a kind, so that every kind is seen
	foundAmong  = 200 // of the latest drafts and sends: to older ones leads their number, or their list
)

// target is one thing to be found: by its id, its text, or one of the words.
type target struct {
	id    string
	words []string
	views.Found
}

func (f *finder) all(p *views.FindPage) error {
	f.add(p, "page", f.pages(p))
	if f.text == "" {
		return nil
	}
	if f.v.may(auth.Browse) {
		f.addTitles(p)
		templates, err := f.templates()
		if err != nil {
			return err
		}
		f.add(p, "template", templates)
	}
	if f.v.may(auth.SeeDrafts) {
		drafts, more, err := f.drafts(p)
		if err != nil {
			return err
		}
		f.add(p, "draft", drafts)
		f.older(p, "draft", more, ui.DraftsURL(f.text))
	}
	if f.v.may(auth.SeeSends) {
		sends, more, err := f.sends(p)
		if err != nil {
			return err
		}
		f.add(p, "send", sends)
		older := views.SendsFilter{Text: f.text}
		if ledger.IsOpenID(f.text) {
			older = views.SendsFilter{OpenID: f.text}
		}
		f.older(p, "send", more, views.SendsURL(older))
	}
	return nil
}

// add keeps the targets that fit, best first; near misses only make noise here.
func (f *finder) add(p *views.FindPage, kind string, targets []target) {
	group := views.FoundGroup{Kind: kind}
	byID := make(map[string]views.Found, len(targets))
	var titles []wechat.Title
	for _, one := range targets {
		if _, twice := byID[one.id]; twice {
			continue
		}
		byID[one.id] = one.Found
		title := wechat.Title{ID: one.id, Text: one.Text}
		for _, word := range one.words {
			title.Keywords = append(title.Keywords, wechat.Keyword{Name: word})
		}
		titles = append(titles, title)
	}
	most := foundAtMost
	if f.text == "" {
		most = len(targets)
	}
	for _, hit := range search.NewIndex(titles).Search(search.Query{Text: f.text, Count: most}).Hits {
		if hit.How == search.Near {
			continue
		}
		found := byID[hit.Title.ID]
		if hit.Where == search.InTitle {
			found.Spans = hit.Spans
		}
		group.Items = append(group.Items, found)
	}
	if len(group.Items) > 0 {
		p.Groups = append(p.Groups, group)
	}
}

// older leads to the list with its search, where there are more than were looked at.
func (f *finder) older(p *views.FindPage, kind string, more bool, href string) {
	if !more {
		return
	}
	last := len(p.Groups) - 1
	if last < 0 || p.Groups[last].Kind != kind {
		p.Groups = append(p.Groups, views.FoundGroup{Kind: kind})
		last++
	}
	p.Groups[last].Items = append(p.Groups[last].Items, views.Found{Href: href, Text: p.T("find.older_" + kind)})
}

// addTitles searches the mirror; its near misses are worth showing.
func (f *finder) addTitles(p *views.FindPage) {
	index := f.v.account.Mirror.Index()
	if index == nil {
		p.Unsynced = true
		return
	}
	group := views.FoundGroup{Kind: "title"}
	result := index.Search(search.Query{Text: f.text, Count: foundAtMost})
	for _, hit := range result.Hits {
		found := views.Found{Href: ui.TitleURL(hit.Title.ID), Text: hit.Title.Text, Note: hit.Title.ID, Lang: "zh-CN"}
		if hit.Where == search.InTitle {
			found.Spans = hit.Spans
		}
		if hit.Keyword >= 0 {
			found.Note += " · " + hit.Title.Keywords[hit.Keyword].Name
		}
		group.Items = append(group.Items, found)
	}
	if result.Total > len(group.Items) {
		all := "/library?" + url.Values{"q": {f.text}}.Encode()
		group.Items = append(group.Items, views.Found{Href: all, Text: p.T("find.more", "Count", result.Total)})
	}
	if len(group.Items) > 0 {
		p.Groups = append(p.Groups, group)
	}
}

// commands are what can be begun from anywhere, each with the permission it needs.
var commands = []struct {
	name, href string
	needs      auth.Permission
}{
	{"propose", "/drafts/new", auth.WriteDraft},
	{"sync", "/library/sync", auth.Browse},
	{"rules", "/rules", auth.Browse},
}

// pages are those of the sidebar and the commands, by their names in every language.
func (f *finder) pages(p *views.FindPage) []target {
	var all []target
	add := func(href string, name func(t *text.Text) string) {
		one := target{id: href, Found: views.Found{Href: href, Text: name(p.Text)}}
		for _, lang := range text.Languages {
			one.words = append(one.words, name(f.s.Texts.In(lang)))
		}
		all = append(all, one)
	}
	for _, item := range p.Nav {
		add(item.Href, func(t *text.Text) string { return t.T("nav." + item.Name) })
	}
	for _, c := range commands {
		if f.v.may(c.needs) {
			add(c.href, func(t *text.Text) string { return t.T("find.do_" + c.name) })
		}
	}
	return all
}

// templates are those that were added from here and those that WeChat listed last.
func (f *finder) templates() ([]target, error) {
	remembered, err := f.s.Store.Templates(f.r.Context(), f.v.account.App.ID)
	if err != nil {
		return nil, err
	}
	var all []target
	seen := map[string]bool{}
	add := func(id, title string, words ...string) {
		if !seen[id] {
			all = append(all, target{id, words, views.Found{Href: ui.TemplateURL(id), Text: title, Note: id, Lang: "zh-CN"}})
		}
		seen[id] = true
	}
	for _, t := range remembered {
		if t.DeletedAt.IsZero() {
			add(t.TemplateID, t.Title, t.Alias)
		}
	}
	listed, err := f.v.account.LastList(f.r.Context())
	if errors.Is(err, store.ErrNotFound) {
		return all, nil
	}
	for _, t := range listed.Templates {
		add(t.ID, t.Title)
	}
	return all, err
}

func (f *finder) drafts(p *views.FindPage) (all []target, more bool, err error) {
	ctx, app := f.r.Context(), f.v.account.App.ID
	list, total, err := f.s.Store.Drafts(ctx, store.DraftFilter{App: app, Count: foundAmong})
	if more = total > len(list); more && err == nil {
		list, err = withNumber(f, list, func(id int64) (store.Draft, error) { return f.s.Store.Draft(ctx, app, id) })
	}
	for _, d := range list {
		id := strconv.FormatInt(d.ID, 10)
		one := target{id, []string{d.AuthorName}, views.Found{Href: ui.DraftURL(d.ID), Text: d.Title, Note: id + " · " + p.T("state."+d.State), Lang: "zh-CN"}}
		for _, k := range d.Keywords {
			one.words = append(one.words, k.Name)
		}
		all = append(all, one)
	}
	return all, more, err
}

func (f *finder) sends(p *views.FindPage) (all []target, more bool, err error) {
	ctx, app := f.r.Context(), f.v.account.App.ID
	list, total, err := f.s.Store.Sends(ctx, store.SendFilter{App: app, Count: foundAmong})
	if more = total > len(list); more && err == nil {
		list, err = withNumber(f, list, func(id int64) (store.Send, error) { return f.s.Store.Send(ctx, app, id) })
	}
	for _, one := range list {
		id := strconv.FormatInt(one.ID, 10)
		all = append(all, target{id, []string{one.OpenID, one.TemplateID}, views.Found{
			Href: ui.SendURL(one.ID), Text: one.Title, Note: id + " · " + p.T("outcome."+one.Outcome) + " · " + one.OpenID, Lang: "zh-CN",
		}})
	}
	return all, more, err
}

// withNumber adds the one whose number is looked for, however old; add leaves it out
// where it is among the latest.
func withNumber[T any](f *finder, list []T, get func(id int64) (T, error)) ([]T, error) {
	id, err := strconv.ParseInt(f.text, 10, 64)
	if err != nil {
		return list, nil // it is no number
	}
	one, err := get(id)
	if errors.Is(err, store.ErrNotFound) {
		return list, nil
	}
	return append(list, one), err
}
