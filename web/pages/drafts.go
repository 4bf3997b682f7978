package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/kind"
)

func (s *Site) drafts(w http.ResponseWriter, r *http.Request, v *visit) error {
	q := r.URL.Query()
	offset, count, problems := paging(q, s.Texts.In(v.lang), wechat.MaxCount)
	author, err := strconv.ParseInt(q.Get("author"), 10, 64)
	if state := q.Get("state"); state != "" && !slices.Contains(store.DraftStates(), state) || err != nil && q.Get("author") != "" {
		return errBadRequest
	}
	k, listed := v.listed(r)
	filter := store.DraftFilter{
		App: v.account.App.ID, Kind: listed, AllApps: q.Get("apps") == "all", Among: v.seen(), State: q.Get("state"), Text: q.Get("q"), Author: author,
		Deleted: q.Get("deleted") != "", Offset: offset, Count: count,
	}
	list, total, err := s.Store.Drafts(r.Context(), filter)
	if err != nil {
		return err
	}
	p := views.DraftsPage{
		Page: s.page(r, v), Kind: k, Drafts: list, Filter: filter, MayAdd: v.may(auth.WriteDraft), Problems: problems,
		Range: ui.Range{Path: "/drafts", Query: filters(q, "kind", "state", "q", "author", "apps", "deleted"), Offset: offset,
			Count: count, Shown: len(list), Total: total},
	}
	if p.InState, p.OfKinds, err = s.draftCounts(r.Context(), v.account.App.ID, listed); err != nil {
		return err
	}
	if p.Authors, err = s.Store.Authors(r.Context(), v.account.App.ID); err != nil {
		return err
	}
	if p.Counts, err = s.counted(r, list); err != nil {
		return err
	}
	return s.render(w, r, listStatus(problems), views.Drafts(p))
}

// draftCounts are how many drafts there are: in each state, of the kind that is listed ("" for all), and of each kind.
func (s *Site) draftCounts(ctx context.Context, app int64, listed string) (inState, ofKinds map[string]int, err error) {
	inState, ofKinds = map[string]int{}, map[string]int{}
	for _, k := range kind.All() {
		counts, err := s.Store.DraftCounts(ctx, app, k.Name())
		if err != nil {
			return nil, nil, err
		}
		for state, n := range counts {
			ofKinds[k.Name()] += n
			if listed == "" || listed == k.Name() {
				inState[state] += n
			}
		}
	}
	return inState, ofKinds, nil
}

// counted checks every draft of a list, each against its own app.
func (s *Site) counted(r *http.Request, list []store.Draft) (map[int64]ui.Counted, error) {
	counts := map[int64]ui.Counted{}
	for _, d := range list {
		of := s.Accounts.Current(d.App).Of(kind.Named(d.Kind))
		found, err := of.Findings(r.Context(), ownIndex(d), proposalOf(of, d))
		if err != nil {
			return nil, err
		}
		counts[d.ID] = count(found)
	}
	return counts, nil
}

func formOfDraft(d store.Draft) views.ProposalForm {
	form := views.ProposalForm{Title: d.Title, Scenario: d.Scenario, Category: d.Category, Type: d.Type, Version: d.Version}
	for _, k := range d.Keywords {
		form.Names, form.Examples = append(form.Names, k.Name), append(form.Examples, k.Example)
		form.Types = append(form.Types, k.Rule)
	}
	return form
}

// draftOf is the draft that the path names, of the current app alone. The visit is about its kind from then on.
func (s *Site) draftOf(r *http.Request, v *visit) (store.Draft, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return store.Draft{}, errNotFound
	}
	d, err := s.Store.Draft(r.Context(), v.account.App.ID, id)
	if err == nil {
		v.about(kind.Named(d.Kind))
	}
	return d, err
}

// editProposal is the form of a proposal; one that is at WeChat is only read.
func (s *Site) editProposal(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := s.draftOf(r, v)
	switch {
	case err != nil:
		return err
	case !d.Proposed:
		return errNotFound
	case d.AtWeChat() || !d.DeletedAt.IsZero():
		return v.seeOther(w, r, ui.DraftURL(d.ID), "")
	}
	return s.drawProposal(w, r, v, http.StatusOK, d, formOfDraft(d), nil)
}

func (s *Site) newProposal(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	return s.drawProposal(w, r, v, http.StatusOK, v.unwritten(), views.ProposalForm{Type: wechat.OneTime}, nil)
}

// unwritten is a draft of the kind that the visit is about.
func (v *visit) unwritten() store.Draft { return store.Draft{Kind: v.account.Kind.Name()} }

func (s *Site) addProposal(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	return s.keepProposal(w, r, v, v.unwritten())
}

func (s *Site) saveProposal(w http.ResponseWriter, r *http.Request, v *visit) error {
	d, err := s.draftOf(r, v)
	if err != nil {
		return err
	}
	if !d.Proposed {
		return errNotFound
	}
	return s.keepProposal(w, r, v, d)
}

// keepProposal checks the form, takes a suggestion over, or saves it, and hands it to the reviewers with it.
func (s *Site) keepProposal(w http.ResponseWriter, r *http.Request, v *visit, d store.Draft) error {
	t := s.Texts.In(v.lang)
	var form views.ProposalForm
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	form.Keep(v.account.Kind)
	if form.Do != "save" && form.Do != "send" {
		apply(&form)
		return s.drawProposal(w, r, v, http.StatusOK, d, form, nil)
	}
	if len(problems) > 0 {
		return s.drawProposal(w, r, v, http.StatusUnprocessableEntity, d, form, problems)
	}
	stored, err := s.storeProposal(r, v, d, form)
	switch {
	case errors.Is(err, store.ErrState):
		problems[""] = t.T("drafts.frozen")
		return s.drawProposal(w, r, v, http.StatusConflict, d, form, problems)
	case errors.Is(err, store.ErrNotFound): // deleted: what was typed becomes another draft
		problems[""] = t.T("drafts.gone")
		return s.drawProposal(w, r, v, http.StatusConflict, v.unwritten(), form, problems)
	case errors.Is(err, store.ErrConflict):
		if d, err = s.draftOf(r, v); err != nil {
			return err
		}
		form.Version = d.Version // as it is now: saving again is a decision
		problems[""] = t.T("drafts.conflict")
		return s.drawProposal(w, r, v, http.StatusConflict, d, form, problems)
	case err != nil:
		return err
	}
	v.account.TitlesChanged()
	if form.Do == "send" {
		return s.sendToReview(w, r, v, stored)
	}
	return v.seeOther(w, r, ui.DraftURL(stored.ID), "draft_saved")
}

// apply puts a suggestion, "apply:PLACE:TEXT", into its field.
func apply(f *views.ProposalForm) {
	rest, ok := strings.CutPrefix(f.Do, "apply:")
	where, text, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 {
		return
	}
	if where == "title" {
		f.Title = text
		return
	}
	var row int
	var part string
	if _, err := fmt.Sscanf(where, "keywords[%d].%s", &row, &part); err != nil || row < 0 {
		return
	}
	if part == "name" && row < len(f.Names) {
		f.Names[row] = text
	}
	if part == "example" && row < len(f.Examples) {
		f.Examples[row] = text
	}
}

func (s *Site) storeProposal(r *http.Request, v *visit, d store.Draft, form views.ProposalForm) (store.Draft, error) {
	d.Title, d.Keywords, d.Scenario = form.Title, form.Keywords(), strings.TrimSpace(form.Scenario)
	d.Type, d.Category = form.Type, form.Category
	if d.ID != 0 {
		d.Version = form.Version
		return s.Store.SaveDraft(r.Context(), v.actor(r), d)
	}
	d.App, d.Proposed, d.Author, d.AuthorName = v.account.App.ID, true, v.person.ID, v.person.Name
	return s.Store.AddDraft(r.Context(), v.actor(r), d)
}

// drawProposal draws the whole page, or its parts for a live check.
func (s *Site) drawProposal(w http.ResponseWriter, r *http.Request, v *visit, status int, d store.Draft,
	form views.ProposalForm, problems ui.Problems) error {
	p, err := s.proposalPage(r, v, d, form, problems)
	if err != nil {
		return err
	}
	if p.Live = fragment(r); p.Live {
		return s.render(w, r, status, views.ProposalParts(p))
	}
	if status == http.StatusConflict && d.ID != 0 {
		mine := store.Draft{Title: form.Title, Keywords: form.Keywords(), Scenario: form.Scenario, Type: form.Type,
			Category: form.Category}
		p.Theirs = changes(v, p.Text, d, mine)
	}
	return s.render(w, r, status, views.Proposal(p))
}

func (s *Site) proposalPage(r *http.Request, v *visit, d store.Draft, form views.ProposalForm,
	problems ui.Problems) (views.ProposalPage, error) {
	keywords := form.Keywords()
	p := views.ProposalPage{
		Page: s.page(r, v), Draft: d, Form: form, Problems: problems, Rows: rows(form, v.account.Kind.Limits().Keywords),
		Kind: v.account.Kind, Own: v.account.App.DefaultKind(), Categories: v.account.Mirror.State().Listed,
		MaySave:  v.may(auth.WriteDraft) && !d.AtWeChat() && d.DeletedAt.IsZero(),
		Card:     s.draftCard(v, form.Title, keywords),
		Unsynced: v.account.Mirror.Version() == 0,
	}
	var err error
	if p.Reasons, err = s.sentBackFor(r, d); err != nil || form.Title == "" && len(keywords) == 0 {
		return p, err
	}
	typed := store.Draft{Kind: v.account.Kind.Name(), Title: form.Title, Keywords: keywords, Scenario: form.Scenario,
		Type: form.Type, Category: form.Category}
	found, err := v.account.Findings(r.Context(), audit.Options{DraftID: store.DraftKey(d.ID)}, proposalOf(v.account, typed))
	p.Findings = onRows(found, form)
	return p, err
}

// sentBackFor are the reasons for which a draft was sent back, while it is to be changed.
func (s *Site) sentBackFor(r *http.Request, d store.Draft) ([]store.Reason, error) {
	if d.ID == 0 || !d.SentBack() {
		return nil, nil
	}
	reviews, err := s.Store.Reviews(r.Context(), d.App, d.ID)
	if err != nil || len(reviews) == 0 {
		return nil, err
	}
	return reviews[0].Reasons, nil
}

// rows are the keyword rows as they were typed, and empty ones up to as many as there may be.
func rows(f views.ProposalForm, most int) []wechat.Keyword {
	list := make([]wechat.Keyword, max(len(f.Names), len(f.Examples), most))
	for i := range list {
		list[i] = wechat.Keyword{Name: ui.Nth(f.Names, i), Example: ui.Nth(f.Examples, i), Rule: ui.Nth(f.Types, i)}
	}
	return list
}

// onRows moves findings from the keywords they are about to the rows these were
// typed in: empty rows are no keywords, but they are rows.
func onRows(found []audit.Finding, f views.ProposalForm) []audit.Finding {
	var row []int
	for i := range max(len(f.Names), len(f.Examples)) {
		if ui.Nth(f.Names, i) != "" || ui.Nth(f.Examples, i) != "" {
			row = append(row, i)
		}
	}
	for i, finding := range found {
		rest, ok := strings.CutPrefix(finding.Where, "keywords[")
		number, after, _ := strings.Cut(rest, "]")
		if n, err := strconv.Atoi(number); ok && err == nil && n < len(row) {
			found[i].Where = "keywords[" + strconv.Itoa(row[n]) + "]" + after
		}
		if n, err := strconv.Atoi(finding.Args["position"]); err == nil && n > 0 && n <= len(row) {
			finding.Args["position"] = strconv.Itoa(row[n-1] + 1) // the other keyword, counted from 1
		}
	}
	return found
}
