package pages

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
)

func (s *Site) templates(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	offset, count, problems := paging(r.URL.Query(), s.Texts.In(v.lang), wechat.MaxCount)
	list, stale, err := listOrLast(r.Context(), v.account)
	if err != nil {
		return err
	}
	known, err := s.Store.Templates(r.Context(), v.account.App.ID)
	if err != nil {
		return err
	}
	shown, used := pageOf(list.Templates, offset, count), len(list.Templates)
	p := views.TemplatesPage{
		Page: s.page(r, v), Templates: shown, Known: byID(known), Used: used, Stale: stale,
		MayAdd: v.may(auth.Add), MayDraft: v.may(auth.WriteDraft), MayDelete: v.may(auth.Delete), Problems: problems,
		Kind: v.account.Kind, Own: v.account.App.DefaultKind(),
		Range: ui.Range{Path: "/templates", Query: kindIn(r.URL.Query()), Offset: offset, Count: count, Shown: len(shown), Total: used},
	}
	for _, x := range known { // an alias that carries two is shown with both
		if to, ok := p.Known[x.Carries]; ok && to.Alias == "" {
			to.Alias = x.Alias
			p.Known[x.Carries] = to
		}
	}
	if p.Drift, err = v.account.Drift(r.Context(), list, known); err != nil {
		return err
	}
	if p.Changes, err = v.account.Changes(r.Context()); err != nil {
		return err
	}
	if deleted, ok := p.Known[r.URL.Query().Get("deleted")]; ok && deleted.Deleted() && deleted.ReplacedBy == "" {
		p.Deleted = &deleted
	}
	if p.Last, err = s.Store.LastSends(r.Context(), v.account.App.ID, idsOf(shown)); err != nil {
		return err
	}
	p.Peek = glance(shown, r.URL.Query().Get("peek"))
	if fragment(r) {
		return s.render(w, r, listStatus(problems), views.TemplatesPeek(p))
	}
	return s.render(w, r, listStatus(problems), views.Templates(p))
}

// glance is the template that stands beside the list: the one that is asked for, else the first.
func glance(shown []wechat.Template, id string) wechat.Template {
	for _, t := range shown {
		if t.ID == id {
			return t
		}
	}
	if len(shown) > 0 {
		return shown[0]
	}
	return wechat.Template{}
}

// kindIn is what of a query says which kind of message a list is of.
func kindIn(q url.Values) url.Values {
	if !q.Has("kind") {
		return nil
	}
	return url.Values{"kind": q["kind"]}
}

// pageOf is one page of a list; past its end there is nothing.
func pageOf(list []wechat.Template, offset, count int) []wechat.Template {
	from := min(offset, len(list))
	return list[from:min(from+count, len(list))]
}

func byID(known []store.Template) map[string]store.Template {
	all := make(map[string]store.Template, len(known))
	for _, t := range known {
		all[t.TemplateID] = t
	}
	return all
}

func idsOf(list []wechat.Template) []string {
	ids := make([]string, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	return ids
}

// adopt takes over what was done elsewhere: one template, or all there is.
func (s *Site) adopt(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	var form views.AdoptForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 || form.ID == "" && !form.All {
		return errBadRequest
	}
	ctx := context.WithoutCancel(r.Context())
	list, err := v.account.List(ctx)
	if err != nil {
		return err
	}
	known, err := s.Store.Templates(ctx, v.account.App.ID)
	if err != nil {
		return err
	}
	drift, err := v.account.Drift(ctx, list, known)
	if err != nil {
		return err
	}
	found, gone := chosen(drift, form)
	if err := s.Store.AdoptTemplates(ctx, v.actor(r), v.account.App.ID, v.account.Identified(ctx, found), gone); err != nil {
		return err
	}
	v.account.TitlesChanged()
	if form.Next != "" {
		return v.seeOther(w, r, local(form.Next), "adopted")
	}
	return v.seeOther(w, r, ui.OfKind("/templates", v.account.Kind, v.account.App.DefaultKind()), "adopted")
}

// chosen is what of the drift the form asks for. A template that is no drift any
// more was adopted meanwhile, which is what was asked for.
func chosen(d account.Drift, form views.AdoptForm) (found []wechat.Template, gone []string) {
	found = d.Elsewhere
	for _, c := range d.Changed {
		found = append(found, c.Live)
	}
	for _, t := range d.Gone {
		gone = append(gone, t.TemplateID)
	}
	if form.All {
		return found, gone
	}
	found = slices.DeleteFunc(slices.Clone(found), func(t wechat.Template) bool { return t.ID != form.ID })
	return found, slices.DeleteFunc(gone, func(id string) bool { return id != form.ID })
}

// exportTemplates is the account's whole list as a file. The CSV's columns are
// those that an import reads.
func (s *Site) exportTemplates(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	format := r.URL.Query().Get("format")
	if format != "csv" && format != "json" {
		return errBadRequest
	}
	list, _, err := listOrLast(r.Context(), v.account)
	if err != nil {
		return err
	}
	all, err := s.exported(r, v, list)
	if err != nil {
		return err
	}
	name := "muban-" + v.account.App.AppID + "-" + list.ReadAt.In(ui.Beijing).Format("20060102-150405") + "." + format
	if format == "csv" {
		return s.exportCSV(w, r, v, name, exportColumns, func(yield func([]string, error) bool) {
			for _, t := range all {
				if !yield(t.row(), nil) {
					return
				}
			}
		})
	}
	if err := s.export(r, v, name); err != nil {
		return err
	}
	download(w, name, "application/json; charset=utf-8")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(exportFile{v.account.App.AppID, v.account.Kind.Name(), list.ReadAt.UTC(), all}) // a reader who goes away is nobody's error
	return nil
}

type exportFile struct {
	AppID     string             `json:"appid"`
	Kind      string             `json:"kind"`    // of message
	ReadAt    time.Time          `json:"read_at"` // when WeChat gave the list
	Templates []exportedTemplate `json:"templates"`
}

type exportedTemplate struct {
	Kind       string          `json:"kind"`
	TemplateID string          `json:"template_id"`
	TitleID    string          `json:"title_id"` // "" where it is not known, as are KeywordIDs and Scene
	Title      string          `json:"title"`
	Type       int             `json:"type,omitempty"` // of a subscribe template, as WeChat numbers it: 2 once, 3 long-term
	Keywords   []exportedField `json:"keywords"`
	KeywordIDs []int           `json:"keyword_ids"`
	Scene      string          `json:"scene,omitempty"`
	Alias      string          `json:"alias"`
	AddedBy    string          `json:"added_by"` // "" where it was added elsewhere
	AddedAt    *time.Time      `json:"added_at"`
	LastSent   *time.Time      `json:"last_sent_at"`
	Outcome    string          `json:"last_outcome"`
	Content    string          `json:"content"`
	Example    string          `json:"example"`
}

type exportedField struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Example string `json:"example"`
}

// exported joins WeChat's list with what is remembered here.
func (s *Site) exported(r *http.Request, v *visit, list account.List) ([]exportedTemplate, error) {
	known, err := s.Store.Templates(r.Context(), v.account.App.ID)
	if err != nil {
		return nil, err
	}
	last, err := s.Store.LastSends(r.Context(), v.account.App.ID, idsOf(list.Templates))
	if err != nil {
		return nil, err
	}
	remembered, all := byID(known), []exportedTemplate{}
	for _, t := range list.Templates {
		all = append(all, exportOf(t, remembered[t.ID], last[t.ID]))
	}
	return all, nil
}

func exportOf(t wechat.Template, known store.Template, last store.Send) exportedTemplate {
	e := exportedTemplate{
		Kind: kind.Of(t).Name(), TemplateID: t.ID, TitleID: known.TitleID, Title: t.Title, Type: t.Type,
		KeywordIDs: append([]int{}, known.KeywordIDs...), Scene: known.Scene, Alias: known.Alias, AddedBy: known.AddedByName,
		AddedAt: moment(known.AddedAt), LastSent: moment(last.CreatedAt), Outcome: last.Outcome,
		Keywords: []exportedField{}, Content: t.Content, Example: t.Example,
	}
	for _, f := range kind.Of(t).Fields(t) {
		e.Keywords = append(e.Keywords, exportedField(f))
	}
	return e
}

// moment is nil for never.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// exportColumns are those of the list; those of a combination are named as an import reads
// them.
var exportColumns = []string{
	"template_id", "title_id", "title", "keywords", "alias", "added_by", "added_at", "last_sent_at", "last_outcome", "example",
	"kind", "keyword_ids", "scene",
}

func (e exportedTemplate) row() []string {
	var names, ids []string
	for _, k := range e.Keywords {
		names = append(names, k.Name)
	}
	for _, id := range e.KeywordIDs {
		ids = append(ids, strconv.Itoa(id))
	}
	return []string{
		e.TemplateID, e.TitleID, e.Title, strings.Join(names, ";"), e.Alias, e.AddedBy,
		at(e.AddedAt), at(e.LastSent), e.Outcome, e.Example, e.Kind, strings.Join(ids, ";"), e.Scene,
	}
}

func at(t *time.Time) string {
	if t == nil {
		return ""
	}
	return timestamp(*t)
}
