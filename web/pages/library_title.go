package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/audit"
	"muban/wechat/kind"
)

func (s *Site) builder(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form ui.Combination
	problems := s.forms.fill(r.URL.Query(), s.Texts.In(v.lang), &form)
	p, err := s.builderPage(r, v, form)
	if err != nil {
		return err
	}
	p.Problem = joined(problems, p.Problem)
	return s.render(w, r, http.StatusOK, views.Builder(p))
}

// buildCombination is every button of the builder. Its state is the form; acts
// that only change the state answer with its URL, so that it can be shared and
// nothing is written.
func (s *Site) buildCombination(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	var form ui.Combination
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	act, argument, _ := strings.Cut(form.Do, ":")
	switch act {
	case "save", "save_new":
		if !v.may(auth.WriteDraft) {
			return errForbidden
		}
		return s.saveCombination(w, r, v, form, problems, act == "save_new")
	case "account":
		if !v.may(auth.Add) {
			return errForbidden
		}
		return s.addToAccount(w, r, v, form, problems)
	}
	if len(problems) == 0 && !arrange(&form, act, argument) {
		return errBadRequest
	}
	if !fragment(r) {
		return v.seeOther(w, r, form.URL(r.PathValue("title")), "")
	}
	p, err := s.builderPage(r, v, form)
	if err != nil {
		return err
	}
	w.Header().Set("X-URL", v.below().At(form.URL(p.Title.ID)))
	return s.render(w, r, http.StatusOK, views.BuilderParts(p))
}

// builderPage resolves the form against the title's keywords and checks it.
func (s *Site) builderPage(r *http.Request, v *visit, form ui.Combination) (views.BuilderPage, error) {
	title, unread, err := v.account.Title(r.Context(), r.PathValue("title"))
	if err != nil {
		return views.BuilderPage{}, err
	}
	if err := s.continued(r, v, title, form); err != nil {
		return views.BuilderPage{}, err
	}
	p := views.BuilderPage{Page: s.page(r, v), Title: title, MaySave: v.may(auth.WriteDraft), MayAdd: v.may(auth.Add),
		Unsynced: v.account.Mirror.Version() == 0}
	if unread != nil {
		p.Mirrored, p.Unread = v.account.Mirror.State().Good, failedRead(unread)
	}
	p.Chosen, form.Keywords, p.Problem = choose(p.Text, title, form.Keywords)
	if p.Form = form; form.Key == "" {
		p.Form.Key = newKey()
	}
	p.LeftOut = leftOut(title.Keywords, form.Filter)
	p.Card = ui.CardOf(v.account.App.Name, title.Text, s.Now(), p.Chosen, form.Emphasis-1)
	if p.Pending, err = v.account.Open(r.Context(), account.Pending{
		What: account.Addition, Template: store.Template{TitleID: title.ID, KeywordIDs: form.Keywords},
	}); err != nil {
		return p, err
	}
	p.Findings, err = v.account.Findings(r.Context(), audit.Options{SourceID: title.ID}, title.Text, p.Chosen)
	return p, err
}

// continued makes sure that the draft which the form continues is a combination
// of this title, in this app, or the proposal that has become it.
func (s *Site) continued(r *http.Request, v *visit, title wechat.Title, form ui.Combination) error {
	if form.Draft == 0 {
		return nil
	}
	d, err := s.Store.Draft(r.Context(), v.account.App.ID, form.Draft)
	if err == nil && (d.TitleID != title.ID || d.Proposed && d.State != "accepted") {
		return errNotFound
	}
	return err
}

// choose resolves ids to the title's keywords, in order. A keyword that the
// title does not have is left out, and said so.
func choose(t *text.Text, title wechat.Title, ids []int) (chosen []wechat.Keyword, known []int, problem string) {
	for _, id := range ids {
		at := slices.IndexFunc(title.Keywords, func(k wechat.Keyword) bool { return k.ID == id })
		if at < 0 {
			problem = t.T("builder.unknown_keyword", "ID", id)
			continue
		}
		chosen, known = append(chosen, title.Keywords[at]), append(known, id)
	}
	return chosen, known, problem
}

// leftOut are the keywords that do not match the filter. They are on the page,
// hidden, so that the script can show them again.
func leftOut(list []wechat.Keyword, filter string) map[int]bool {
	filter = strings.ToLower(strings.TrimSpace(filter))
	if filter == "" {
		return nil
	}
	left := map[int]bool{}
	for _, k := range list {
		if !strings.Contains(strings.ToLower(k.Name+" "+k.Example), filter) {
			left[k.ID] = true
		}
	}
	return left
}

func (s *Site) saveCombination(w http.ResponseWriter, r *http.Request, v *visit, form ui.Combination,
	problems ui.Problems, asNew bool) error {
	p, err := s.builderPage(r, v, form)
	if err != nil {
		return err
	}
	if incomplete(&p, problems) {
		return s.render(w, r, http.StatusUnprocessableEntity, views.Builder(p))
	}
	d := store.Draft{App: v.account.App.ID, TitleID: p.Title.ID, Title: p.Title.Text, Keywords: p.Chosen,
		Author: v.person.ID, AuthorName: v.person.Name}
	if form.Draft == 0 || asNew {
		d, err = s.Store.AddDraft(r.Context(), v.actor(r), d)
	} else {
		d.ID, d.Version = form.Draft, form.Version
		d, err = s.Store.SaveDraft(r.Context(), v.actor(r), d)
	}
	// The draft was there a moment ago: "not found" is one that is deleted.
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrState) || errors.Is(err, store.ErrNotFound) {
		p.Problem, p.Conflict = p.T("builder.conflict", "Draft", form.Draft), true
		return s.render(w, r, http.StatusConflict, views.Builder(p))
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, ui.DraftURL(d.ID), "draft_saved")
}

// incomplete says on the page why the combination cannot be kept as it was posted:
// a keyword that was left out would make another one.
func incomplete(p *views.BuilderPage, problems ui.Problems) bool {
	p.Problem = joined(problems, p.Problem)
	if p.Problem == "" && (len(p.Chosen) == 0 || len(p.Chosen) > kind.Template.Limits().Keywords) {
		p.Problem = p.T("builder.need_keywords", "Count", len(p.Chosen))
	}
	return p.Problem != ""
}

// addToAccount is template/add.
func (s *Site) addToAccount(w http.ResponseWriter, r *http.Request, v *visit, form ui.Combination,
	problems ui.Problems) error {
	p, err := s.builderPage(r, v, form)
	if err != nil {
		return err
	}
	if incomplete(&p, problems) {
		return s.render(w, r, http.StatusUnprocessableEntity, views.Builder(p))
	}
	// Leaving the page must not leave a template behind that nobody recorded.
	id, err := v.account.Add(context.WithoutCancel(r.Context()), v.pending(r, account.Pending{
		Key: form.Key, Keywords: p.Chosen,
		Template: store.Template{TitleID: p.Title.ID, Title: p.Title.Text, KeywordIDs: p.Form.Keywords, DraftID: form.Draft},
	}))
	if ban, ok := errors.AsType[*account.BannedError](err); ok {
		p.Ban = &ban.Violation
		return s.render(w, r, http.StatusConflict, views.Builder(p))
	}
	if err != nil {
		status := 0
		p.Outcome, status = s.changeOutcome(r, err)
		return s.render(w, r, status, views.Builder(p))
	}
	return v.seeOther(w, r, ui.TemplateURL(id), "template_added")
}

func joined(problems ui.Problems, first string) string {
	for _, name := range problems.Names() {
		if first != "" {
			first += " "
		}
		first += problems[name]
	}
	return first
}

// arrange changes the order by one act. It answers false for an act that there
// is not.
func arrange(f *ui.Combination, act, argument string) bool {
	if act == "" || act == "check" || act == "filter" {
		return true
	}
	name, rest, _ := strings.Cut(argument, ":")
	id, err := strconv.Atoi(name)
	if err != nil {
		return false
	}
	enlarged := enlargedID(f)
	at := slices.Index(f.Keywords, id)
	switch {
	case act == "add" && at < 0:
		f.Keywords = append(f.Keywords, id) // more than 10 is a finding, not a click without effect
	case at < 0 || act == "add": // somebody else's page, or a second click: it is as it should be
	case act == "remove":
		f.Keywords = slices.Delete(f.Keywords, at, at+1)
	case act == "up":
		moveTo(f.Keywords, at, at-1)
	case act == "down":
		moveTo(f.Keywords, at, at+1)
	case act == "move":
		to, err := strconv.Atoi(rest)
		if err != nil {
			return false
		}
		moveTo(f.Keywords, at, to-1)
	case act == "emphasis" && enlarged == id:
		enlarged = 0
	case act == "emphasis":
		enlarged = id
	default:
		return false
	}
	f.Emphasis = slices.Index(f.Keywords, enlarged) + 1 // the enlargement follows its keyword
	return true
}

func enlargedID(f *ui.Combination) int {
	if f.Emphasis >= 1 && f.Emphasis <= len(f.Keywords) {
		return f.Keywords[f.Emphasis-1]
	}
	return 0
}

// moveTo moves one entry; places beyond the ends are the ends.
func moveTo(list []int, from, to int) {
	to = min(max(to, 0), len(list)-1)
	for ; from < to; from++ {
		list[from], list[from+1] = list[from+1], list[from]
	}
	for ; from > to; from-- {
		list[from], list[from-1] = list[from-1], list[from]
	}
}
