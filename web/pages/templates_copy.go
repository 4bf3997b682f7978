package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
)

// copyPage asks before a combination goes to another app.
func (s *Site) copyPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form views.CopyForm
	if problems := s.forms.fill(r.URL.Query(), s.Texts.In(v.lang), &form); len(problems) > 0 {
		return errBadRequest
	}
	p, _, err := s.copying(r, v, form)
	if err != nil {
		return err
	}
	p.Form.Key = newKey()
	return s.render(w, r, http.StatusOK, views.Copy(p))
}

// copying finds the template in the one app and the combination in the other.
func (s *Site) copying(r *http.Request, v *visit, form views.CopyForm) (views.CopyPage, *account.Account, error) {
	ctx := r.Context()
	p := views.CopyPage{Page: s.page(r, v), Form: form, Used: -1}
	there, err := s.other(v, strconv.FormatInt(form.With, 10))
	if err != nil {
		return p, nil, err
	}
	from, to := v.account, there
	if form.To == "here" {
		from, to = there, v.account
	}
	if !v.mayIn(to.App.ID, auth.WriteDraft) { // the route asked for the current app alone
		return p, nil, errForbidden
	}
	p.From, p.To, p.MayAdd = from.App, to.App, v.mayIn(to.App.ID, auth.Add)
	if from, p.Template, err = from.Holder(ctx, form.Template); err != nil {
		return p, nil, err
	}
	to = to.Of(from.Kind)
	p.Compare = ui.OfKind(views.CompareURL(form.With), from.Kind, v.account.App.DefaultKind())
	if p.Identity, p.Keywords, p.Scene, err = s.counterpart(ctx, from, to, p.Template); err != nil {
		return p, nil, err
	}
	if list, err := to.List(ctx); err == nil {
		p.Used = len(list.Templates)
	}
	return p, to, nil
}

// counterpart is what a template of one app is in the library of another: the ids
// it was added with where they mean the same there, else what its texts lead to. The library of subscribe messages is
// that of an account's categories: a title of another category is not in it. The scene goes along.
func (s *Site) counterpart(ctx context.Context, from, to *account.Account, t wechat.Template) (account.Identity,
	[]wechat.Keyword, string, error) {
	known, err := s.Store.Template(ctx, from.App.ID, t.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return account.Identity{}, nil, "", err
	}
	if known.Restorable() {
		title, unread, err := to.Title(ctx, known.TitleID)
		keywords := account.KeywordsIn(title, known.KeywordIDs)
		if err == nil && unread == nil && title.Text == t.Title && sameNames(keywords, from.Kind.Fields(t)) {
			return account.Identity{TitleID: title.ID, KeywordIDs: known.KeywordIDs}, keywords, known.Scene, nil
		}
	}
	id, err := to.Identify(ctx, t)
	if err != nil || id.Doubt != "" {
		return id, nil, known.Scene, err
	}
	title, err := to.Library.Get(ctx, id.TitleID)
	return id, account.KeywordsIn(title, id.KeywordIDs), known.Scene, err
}

func sameNames(keywords []wechat.Keyword, fields []wechat.Field) bool {
	return slices.EqualFunc(keywords, fields, func(k wechat.Keyword, f wechat.Field) bool { return k.Name == f.Name })
}

// copyTemplate makes a draft of the combination in the other app, or adds it to
// that account.
func (s *Site) copyTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form views.CopyForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 || form.Do == "" {
		return errBadRequest
	}
	p, to, err := s.copying(r, v, form)
	if err != nil {
		return err
	}
	if form.Do == "add" && !p.MayAdd {
		return errForbidden
	}
	if p.Identity.Doubt != "" {
		return s.render(w, r, http.StatusUnprocessableEntity, views.Copy(p))
	}
	if form.Do == "add" {
		return s.addCopy(w, r, v, p, to)
	}
	id, err := s.draftCopy(r, v, p, to)
	if err != nil {
		return err
	}
	return v.seeOther(w, r, p.Compare+"&draft="+id, "")
}

// draftCopy saves the draft, once for a form.
func (s *Site) draftCopy(r *http.Request, v *visit, p views.CopyPage, to *account.Account) (id string, err error) {
	d, err := s.Store.AddDraftOnce(r.Context(), v.actor(r), store.Form{Key: p.Form.Key}, store.Draft{
		App: to.App.ID, TitleID: p.Identity.TitleID, Title: p.Template.Title, Keywords: p.Keywords, Scenario: p.Scene,
	})
	return strconv.FormatInt(d.ID, 10), err
}

// addCopy is template/add by the client of the other app.
func (s *Site) addCopy(w http.ResponseWriter, r *http.Request, v *visit, p views.CopyPage, to *account.Account) error {
	// Leaving the page must not leave a template behind that nobody recorded.
	ctx := context.WithoutCancel(r.Context())
	title, err := to.Library.Get(ctx, p.Identity.TitleID)
	if err == nil {
		_, err = to.Add(ctx, v.pending(r, account.Pending{
			Key: p.Form.Key, Keywords: p.Keywords,
			Template: store.Template{TitleID: title.ID, Title: p.Template.Title, KeywordIDs: p.Identity.KeywordIDs,
				Scene: p.Scene, Type: p.Template.Type},
		}))
	}
	if _, banned := errors.AsType[*account.BannedError](err); banned {
		return err
	}
	if err != nil {
		status := 0
		p.Outcome, status = s.changeOutcome(r, err)
		p.Outcome.Elsewhere = true
		return s.render(w, r, status, views.Copy(p))
	}
	return v.seeOther(w, r, p.Compare, "template_copied")
}

// compare sets the templates of one kind of message in two apps side by side: one of the other kind is never like them.
func (s *Site) compare(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	v.about(v.named(r))
	p := views.ComparePage{Page: s.page(r, v), Kind: v.account.Kind, Own: v.account.App.DefaultKind(), Only: account.Relation(q.Get("only")), MayDraft: v.may(auth.WriteDraft)}
	p.Others = slices.DeleteFunc(slices.Clone(p.Apps), func(a store.App) bool { return a.ID == p.App.ID })
	if p.Only != "" && !slices.Contains(views.Relations(), p.Only) {
		return errBadRequest
	}
	with := q.Get("with")
	switch {
	case with == "" && len(p.Others) == 0:
		return s.render(w, r, http.StatusOK, views.Compare(p))
	case with == "":
		with = strconv.FormatInt(p.Others[0].ID, 10)
	}
	there, err := s.other(v, with)
	if err != nil {
		return err
	}
	there = there.Of(v.account.Kind)
	p.There = there.App
	var here, others account.List
	if here, p.HereStale, err = listOrLast(r.Context(), v.account); err != nil {
		return err
	}
	others, p.ThereStale, err = listOrLast(r.Context(), there)
	if wechat.IsFailure(err) { // the page says of which of the two
		p.ThereStale = &ui.Stale{Outcome: failedRead(err)}
		return s.render(w, r, http.StatusBadGateway, views.Compare(p))
	}
	if err != nil {
		return err
	}
	p.Counts = map[account.Relation]int{}
	for _, pair := range account.Compare(here.Templates, others.Templates) {
		p.Counts[pair.Relation]++
		if p.Only == "" || p.Only == pair.Relation {
			p.Pairs = append(p.Pairs, pair)
		}
	}
	if p.Copied, err = s.copied(r, v, there); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Compare(p))
}

// other is the app to compare with: one of the switcher's, and not the current.
func (s *Site) other(v *visit, id string) (*account.Account, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, errNotFound
	}
	acct, ok := s.Accounts.ByID(n)
	if !ok || acct.App.ID == v.account.App.ID || !v.sees(n) {
		return nil, errNotFound
	}
	return acct, nil
}

// copied is the draft that the URL says was made, in either of the two apps; nil
// for none.
func (s *Site) copied(r *http.Request, v *visit, there *account.Account) (*store.Draft, error) {
	id, err := strconv.ParseInt(r.URL.Query().Get("draft"), 10, 64)
	if err != nil {
		return nil, nil
	}
	for _, app := range []int64{v.account.App.ID, there.App.ID} {
		d, err := s.Store.Draft(r.Context(), app, id)
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return &d, err
		}
	}
	return nil, nil
}
