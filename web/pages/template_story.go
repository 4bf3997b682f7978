package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/kind"
)

// lately is how far back it counts that a business server has asked.
const lately = views.LookupDays * 24 * time.Hour

// story gathers what is known of a template beyond WeChat's list.
func (s *Site) story(r *http.Request, v *visit, id string) (views.Story, error) {
	ctx, app := r.Context(), v.account.App.ID
	st := views.Story{TemplateID: id, MayName: v.may(auth.Add), SeeSends: v.may(auth.SeeSends)}
	var err error
	if st.Known, err = s.knownTemplate(ctx, v, id); err != nil {
		return st, err
	}
	if st.Known != nil {
		st.Alias.Alias = st.Known.Alias
	}
	if st.Spans, err = s.spans(r, v, st); err != nil {
		return st, err
	}
	if st.Lookups, err = s.Store.Lookups(ctx, store.LookupFilter{App: app, TemplateID: id, Since: s.Now().Add(-lately)}); err != nil {
		return st, err
	}
	if st.CarriedBy, err = s.carriedBy(ctx, v, id); err != nil {
		return st, err
	}
	if st.Drafts, err = s.Store.TemplateDrafts(ctx, app, id); err != nil {
		return st, err
	}
	sends, total, err := s.Store.Sends(ctx, store.SendFilter{App: app, TemplateID: id, Count: 1})
	if len(sends) > 0 {
		st.Last, st.Sends = &sends[0], total
	}
	return st, err
}

// spans are the templates that the alias has named, and the other names that this
// template had, the newest first.
func (s *Site) spans(r *http.Request, v *visit, st views.Story) ([]account.Span, error) {
	all, err := s.Store.TemplateSpans(r.Context(), v.account.App.ID, st.TemplateID)
	if err != nil || st.Known == nil || st.Known.Alias == "" {
		return all, err
	}
	named, err := s.Store.AliasSpans(r.Context(), v.account.App.ID, st.Known.Alias)
	for _, span := range all {
		if span.Alias != st.Known.Alias {
			named = append(named, span)
		}
	}
	slices.SortStableFunc(named, func(a, b account.Span) int { return b.From.Compare(a.From) })
	return named, err
}

// carriedBy are the templates of template messages whose alias carries this one.
func (s *Site) carriedBy(ctx context.Context, v *visit, id string) ([]store.Template, error) {
	all, err := s.Store.CarriedBy(ctx, v.account.App.ID, id)
	var found []store.Template
	for _, c := range all {
		t, err := s.Store.Template(ctx, v.account.App.ID, c.TemplateID)
		if err != nil {
			return nil, err
		}
		found = append(found, t)
	}
	return found, err
}

// nameTemplate gives a template its alias, moves it there, or takes it away.
func (s *Site) nameTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, id := s.Texts.In(v.lang), r.PathValue("id")
	var form views.AliasForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.drawStory(w, r, v, http.StatusUnprocessableEntity, naming{form: form, problems: problems})
	}
	ctx, app, done := r.Context(), v.account.App.ID, "alias_set"
	switch form.Do {
	case "set":
		err = s.Store.SetAlias(ctx, v.actor(r), app, id, form.Alias)
	case "move":
		done, err = "alias_moved", s.Store.MoveAlias(ctx, v.actor(r), app, form.Alias, id)
	case "remove":
		done, err = "alias_removed", s.Store.RemoveAlias(ctx, v.actor(r), app, form.Alias)
	}
	if errors.Is(err, store.ErrTaken) {
		holder, err := s.Store.ResolveTemplate(ctx, app, form.Alias)
		if err != nil {
			return err
		}
		problems["alias"] = t.T("alias.taken", "Alias", form.Alias)
		return s.drawStory(w, r, v, http.StatusConflict, naming{form, problems, &holder})
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, ui.TemplateURL(id)+"/story", done)
}

// naming is an alias that was asked for and not given.
type naming struct {
	form     views.AliasForm
	problems ui.Problems
	holder   *store.Template
}

// templateStory is a template's tab of its name and its past.
func (s *Site) templateStory(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawStory(w, r, v, http.StatusOK, naming{})
}

// drawStory draws that tab, for a template in the account or not, with what was wrong
// with the alias.
func (s *Site) drawStory(w http.ResponseWriter, r *http.Request, v *visit, status int, n naming) error {
	t, stale, err := templateOrLast(r, v)
	if errors.Is(err, account.ErrNoTemplate) {
		p, err := s.gonePage(r, v, stale)
		if err != nil {
			return err
		}
		n.on(&p.Story)
		return s.render(w, r, status, views.GoneTemplate(p))
	}
	if err != nil {
		return err
	}
	p := views.StoryPage{ExampleKey: newKey(), MaySend: v.may(auth.SendSelf), MaySave: v.may(auth.SaveExample)}
	if p.TemplateHead, err = s.head(r, v, t, "story"); err != nil {
		return err
	}
	p.Stale = stale
	if p.Story, err = s.story(r, v, t.ID); err != nil {
		return err
	}
	if p.Examples, err = s.Store.Examples(r.Context(), v.account.App.ID, t.ID); err != nil {
		return err
	}
	if p.OwnID, err = s.ownOpenID(r.Context(), v); err != nil {
		return err
	}
	if r.URL.Query().Has("v") {
		p.Written = "?" + r.URL.RawQuery
	}
	n.on(&p.Story)
	return s.render(w, r, status, views.TemplateStory(p))
}

// on shows what was asked for instead of what is, where it was not given.
func (n naming) on(st *views.Story) {
	if n.problems != nil {
		st.Alias, st.Problems, st.Holder = n.form, n.problems, n.holder
	}
}

// knownTemplate is what we remember of a template, nil where it came from elsewhere.
func (s *Site) knownTemplate(ctx context.Context, v *visit, id string) (*store.Template, error) {
	t, err := s.Store.Template(ctx, v.account.App.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &t, err
}

// succeededSends is how many of a template's sends are looked at for values that a subscribe message would refuse.
const succeededSends = 200

// successors shows which subscribe messages can take a template's place, and what each would lose. "with" in the URL is
// one that the account has, for the template's alias to carry.
func (s *Site) successors(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.successorPage(r, v, views.CarryForm{Successor: r.URL.Query().Get("with")})
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Succeed(p))
}

func (s *Site) successorPage(r *http.Request, v *visit, form views.CarryForm) (views.SuccessorPage, error) {
	p := views.SuccessorPage{Page: s.page(r, v), MayDraft: v.may(auth.WriteDraft), MayName: v.may(auth.Add)}
	known, err := s.knownTemplate(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return p, err
	}
	t, stale, err := templateOrLast(r, v)
	if errors.Is(err, account.ErrNoTemplate) && known != nil {
		t, err = known.Live(), nil // its alias may carry the other one for long after it is deleted
	}
	if err != nil {
		return p, err
	}
	if kind.Of(t).Allowance() != kind.Right {
		return p, account.ErrNoTemplate // it is a subscribe message already
	}
	if p.Template, p.Stale = t, stale; known != nil {
		p.Alias = known.Alias
	}
	if p.Used, p.Looked, err = s.usedBy(r, v, t.ID); err != nil {
		return p, err
	}
	of := v.account.Of(kind.Subscribe)
	p.Synced, p.Successors = of.Mirror.Version() > 0, account.Successors(t, p.Used, of.Mirror.Titles())
	list, _, err := listOrLast(r.Context(), of)
	if err != nil && !wechat.IsFailure(err) { // without a list there is nothing to carry yet
		return p, err
	}
	p.There = list.Templates
	return p, s.carrying(r.Context(), v, &p, list, form)
}

// carrying fills in what the template's alias carries, or what form asks for: the mapping as it is set, as the form has
// it, or as the names lead to it.
func (s *Site) carrying(ctx context.Context, v *visit, p *views.SuccessorPage, list account.List, form views.CarryForm) error {
	set, err := s.Store.Carried(ctx, v.account.App.ID, p.Template.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	p.Carries = set.Successor
	form.Successor = cmp.Or(form.Successor, p.Carries)
	p.Form = form
	with, err := list.Find(form.Successor)
	if err != nil {
		return nil // it was not chosen yet, or the account has it no more
	}
	p.With = &with
	fit := account.Fit(p.Template, p.Used, *p.With)
	olds := kind.Template.Fields(p.Template)
	for i, f := range kind.Subscribe.Fields(*p.With) {
		row := views.CarriedField{Field: f, From: ui.Nth(form.From, i)}
		switch {
		case len(form.From) > 0:
		case p.Carries == form.Successor:
			row.From = set.From[f.Key]
		default:
			row.From = fit.From(f.Key)
		}
		for _, old := range olds {
			if old.Key == row.From {
				row.Tried = account.Try(old, f.Key, p.Used)
			}
		}
		p.Fields = append(p.Fields, row)
	}
	return nil
}

// carrySuccessor lets the template's alias carry a subscribe template too, or no more.
func (s *Site) carrySuccessor(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, id := r.Context(), r.PathValue("id")
	var form views.CarryForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if form.Do == "end" {
		if err := s.Store.EndCarry(ctx, v.actor(r), v.account.App.ID, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return v.seeOther(w, r, ui.TemplateURL(id)+"/successor", "carry_ended")
	}
	p, err := s.successorPage(r, v, form)
	if err != nil {
		return err
	}
	carried := account.Carried{TemplateID: id, Successor: form.Successor, From: map[string]string{}}
	olds := kind.Template.Fields(p.Template)
	for i, f := range p.Fields {
		if !slices.ContainsFunc(olds, func(old wechat.Field) bool { return old.Key == f.From }) {
			problems["from-"+strconv.Itoa(i)] = p.T("carry.no_source", "Name", f.Field.Name)
		}
		carried.From[f.Field.Key] = f.From
	}
	switch {
	case p.With == nil:
		problems["with"] = p.T("carry.no_template")
	case p.Alias == "":
		problems["with"] = p.T("carry.no_alias")
	}
	if p.Problems = problems; len(problems) == 0 {
		err = s.Store.Carry(ctx, v.actor(r), v.account.App.ID, carried)
		if err == nil {
			return v.seeOther(w, r, ui.TemplateURL(id)+"/successor", "carried")
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		problems["with"] = p.T("carry.unknown")
	}
	return s.render(w, r, http.StatusUnprocessableEntity, views.Succeed(p))
}

// usedBy is what the latest sends of a template have used.
func (s *Site) usedBy(r *http.Request, v *visit, templateID string) (account.Used, int, error) {
	used := account.Used{Values: map[string][]string{}}
	looked := 0
	for send, err := range s.Store.EachSend(r.Context(), store.SendFilter{App: v.account.App.ID, TemplateID: templateID}) {
		if err != nil {
			return used, looked, err
		}
		if looked++; looked > succeededSends {
			return used, looked - 1, nil
		}
		var m wechat.Message
		if err := m.UnmarshalJSON(send.Request); err != nil {
			continue // what was sent before this program could read it says nothing here
		}
		used.Emphasis = used.Emphasis || m.Emphasis != ""
		for _, d := range m.Data {
			used.Color = used.Color || d.Color != ""
			if !slices.Contains(used.Values[d.Key], d.Value) {
				used.Values[d.Key] = append(used.Values[d.Key], d.Value)
			}
		}
	}
	return used, looked, nil
}
