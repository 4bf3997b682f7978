package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat/account"
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
