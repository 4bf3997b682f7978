package pages

import (
	"cmp"
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
	"muban/wechat/kind"
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
	list, _, err := listOrLast(ctx, from)
	if err != nil {
		return p, nil, err
	}
	if p.Template, err = list.Find(form.Template); err != nil {
		return p, nil, err
	}
	if p.Identity, p.Keywords, err = s.counterpart(ctx, from, to, p.Template); err != nil {
		return p, nil, err
	}
	if list, err := to.List(ctx); err == nil {
		p.Used = len(list.Templates)
	}
	return p, to, nil
}

// counterpart is what a template of one app is in the library of another: the ids
// it was added with where they mean the same there, else what its texts lead to.
func (s *Site) counterpart(ctx context.Context, from, to *account.Account, t wechat.Template) (account.Identity,
	[]wechat.Keyword, error) {
	known, err := s.Store.Template(ctx, from.App.ID, t.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return account.Identity{}, nil, err
	}
	if known.Restorable() {
		title, err := to.Library.Get(ctx, known.TitleID)
		if keywords := account.KeywordsIn(title, known.KeywordIDs); err == nil && title.Text == t.Title && sameNames(keywords, kind.Of(t).Fields(t)) {
			return account.Identity{TitleID: title.ID, KeywordIDs: known.KeywordIDs}, keywords, nil
		}
	}
	id, err := to.Identify(ctx, t)
	if err != nil || id.Doubt != "" {
		return id, nil, err
	}
	title, err := to.Library.Get(ctx, id.TitleID)
	return id, account.KeywordsIn(title, id.KeywordIDs), err
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
	return v.seeOther(w, r, views.CompareURL(form.With)+"&draft="+id, "")
}

// draftCopy saves the draft, once for a form.
func (s *Site) draftCopy(r *http.Request, v *visit, p views.CopyPage, to *account.Account) (id string, err error) {
	d, err := s.Store.AddDraftOnce(r.Context(), v.actor(r), store.Form{Key: p.Form.Key}, store.Draft{
		App: to.App.ID, TitleID: p.Identity.TitleID, Title: p.Template.Title, Keywords: p.Keywords,
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
			Template: store.Template{TitleID: title.ID, Title: title.Text, KeywordIDs: p.Identity.KeywordIDs},
		}))
	}
	if _, banned := errors.AsType[*account.BannedError](err); banned {
		return err
	}
	if err != nil {
		status := 0
		p.Outcome, status = s.changeOutcome(r, err)
		return s.render(w, r, status, views.Copy(p))
	}
	return v.seeOther(w, r, views.CompareURL(p.Form.With), "template_copied")
}

func (s *Site) compare(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	p := views.ComparePage{Page: s.page(r, v), Only: account.Relation(q.Get("only")), MayDraft: v.may(auth.WriteDraft)}
	p.Others = slices.DeleteFunc(slices.Clone(p.Apps), func(a store.App) bool { return a.ID == p.App.ID })
	if p.Only != "" && !slices.Contains(views.Relations(), p.Only) {
		return errBadRequest
	}
	if len(p.Others) == 0 {
		return s.render(w, r, http.StatusOK, views.Compare(p))
	}
	there, err := s.other(v, cmp.Or(q.Get("with"), strconv.FormatInt(p.Others[0].ID, 10)))
	if err != nil {
		return err
	}
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

// succeededSends is how many of a template's sends are looked at for values that a subscribe message would refuse.
const succeededSends = 200

// successors shows which subscribe messages can take a template's place, and what each would lose.
func (s *Site) successors(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, stale, err := templateOrLast(r, v)
	if err != nil {
		return err
	}
	if kind.Of(t).Allowance() != kind.Right {
		return account.ErrNoTemplate // it is a subscribe message already
	}
	p := views.SuccessorPage{Page: s.page(r, v), Template: t, Stale: stale}
	known, err := s.knownTemplate(r.Context(), v, t.ID)
	if err != nil {
		return err
	}
	if known != nil {
		p.Alias = known.Alias
	}
	if p.Used, p.Looked, err = s.usedBy(r, v, t.ID); err != nil {
		return err
	}
	library := v.account.Of(kind.Subscribe).Mirror
	p.Synced, p.MayDraft = library.Version() > 0, v.may(auth.WriteDraft)
	p.Successors = account.Successors(t, p.Used, library.Titles())
	return s.render(w, r, http.StatusOK, views.Succeed(p))
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
