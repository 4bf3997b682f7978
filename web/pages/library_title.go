package pages

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"muban/store"
	"muban/views"
	"muban/views/text"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/audit"
	"muban/wechat/kind"
	"muban/wechat/search"
)

func (s *Site) builder(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(kind.OfTitle(r.PathValue("title")))
	var form ui.Combination
	problems := s.forms.fill(r.URL.Query(), s.Texts.In(v.lang), &form)
	p, err := s.builderPage(r, v, form)
	if err != nil {
		return err
	}
	p.Problem = joined(problems, p.Problem)
	return s.render(w, r, http.StatusOK, views.Builder(p))
}

// buildCombination is every button of the builder. Its state is the form, which also
// holds the states before it, to be undone; acts that only change the state answer
// with its URL, so that it can be shared and nothing is written.
func (s *Site) buildCombination(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(kind.OfTitle(r.PathValue("title")))
	t := s.Texts.In(v.lang)
	var form ui.Combination
	problems, err := s.forms.read(r, t, &form)
	if err != nil {
		return err
	}
	act, argument, _ := strings.Cut(form.Do, ":")
	switch act {
	case "save", "save_new", "review":
		if !v.may(auth.WriteDraft) {
			return errForbidden
		}
		return s.saveCombination(w, r, v, form, problems, act)
	case "account":
		if !v.may(auth.Add) {
			return errForbidden
		}
		return s.addToAccount(w, r, v, form, problems)
	}
	if len(problems) == 0 && !form.Arrange(act, argument) {
		return errBadRequest
	}
	if !fragment(r) {
		return v.seeOther(w, r, form.UndoableURL(r.PathValue("title")), "")
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
		MayTest: v.may(auth.SendSelf), Kind: v.account.Kind, Own: v.account.App.DefaultKind(),
		Limits: v.account.Kind.Limits(), Unsynced: v.account.Mirror.Version() == 0}
	if unread != nil {
		p.Mirrored, p.Unread = v.account.Mirror.State().Good, failedRead(unread)
	}
	p.Chosen, form.Keywords, p.Problem = choose(p.Text, title, form.Keywords)
	if p.Form = form; form.Key == "" {
		p.Form.Key = newKey()
	}
	if p.Form.Scene = strings.TrimSpace(form.Scene); p.Typed() && p.Form.Scene == "" && form.Key == "" {
		p.Form.Scene = title.Text // a beginning: WeChat wants to know what the message is for
	}
	if text := strings.TrimSpace(form.Filter); text != "" {
		p.Filtered, p.Matches = true, search.Keywords(title.Keywords, text)
	}
	reads := !p.MaySave && !p.MayAdd
	if len(p.Chosen) == 0 || reads {
		if p.Uses, err = s.usesOf(r, v, title, form.Draft); err != nil {
			return p, err
		}
	}
	shown := p.Chosen
	if len(shown) == 0 && reads && len(p.Uses) > 0 { // what there is to try
		shown = p.Uses[0].Keywords
	}
	p.Card = ui.CardOf(v.account.App.Name, title.Text, s.Now(), shown, form.Emphasis-1)
	if err := s.typed(r.Context(), v, &p); err != nil {
		return p, err
	}
	if p.Pending, err = v.account.Open(r.Context(), account.Pending{
		What: account.Addition, Template: store.Template{TitleID: title.ID, KeywordIDs: form.Keywords},
	}); err != nil {
		return p, err
	}
	if last, err := v.account.LastList(r.Context()); err == nil {
		p.Used = len(last.Templates)
	}
	for _, rule := range audit.Catalogue(v.account.Kind.Name(), v.lang) {
		if slices.Contains(views.BuilderRules, rule.ID) {
			p.Rules = append(p.Rules, rule)
		}
	}
	if len(p.Chosen) == 0 { // nothing to say of nothing
		return p, nil
	}
	asked := account.Proposal(v.account.Kind, title.Text, p.Chosen)
	asked.Scene = p.Form.Scene
	found, err := v.account.Findings(r.Context(), audit.Options{SourceID: title.ID}, asked)
	found = slices.DeleteFunc(found, func(f audit.Finding) bool { return f.Key == "count.few" }) // said beside the acts, which wait
	p.Findings = audit.Join(found)
	return p, err
}

// typed fills in what the combination of a kind with types has beside its order: keys,
// the scene, and the keywords whose type does not take what they are meant for.
func (s *Site) typed(ctx context.Context, v *visit, p *views.BuilderPage) error {
	content, example := v.account.Kind.Compose(p.Chosen)
	for _, f := range v.account.Kind.Fields(wechat.Template{Content: content, Example: example}) {
		p.Keys = append(p.Keys, f.Key)
	}
	if !p.Typed() {
		return nil
	}
	p.Card.Subscribe = true
	templates, err := s.Store.Templates(ctx, v.account.App.ID)
	if err != nil {
		return err
	}
	if p.Twins, err = twins(ctx, v, templates, kind.Combination{Title: p.Title, KeywordIDs: p.Form.Keywords}); err != nil {
		return err
	}
	sent, err := s.lastValues(ctx, v, templates)
	p.Misfits = kind.Misfits(p.Title, p.Chosen, func(name string) string { return sent[name] })
	return err
}

// twins are the account's templates that are this combination already: those that are known, and those that WeChat
// listed last. One that was added here under another title of the same text is none.
func twins(ctx context.Context, v *visit, known []store.Template, x kind.Combination) (all []views.Twin, err error) {
	list, err := v.account.LastList(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	live := list.Templates
	for _, t := range known {
		live = slices.DeleteFunc(slices.Clone(live), func(l wechat.Template) bool { return l.ID == t.TemplateID })
		if kind.Named(t.Kind) == v.account.Kind && !t.Deleted() && (t.TitleID == "" || t.TitleID == x.Title.ID) {
			live = append(live, t.Live())
		}
	}
	for _, t := range live {
		for _, id := range v.account.Kind.New([]wechat.Template{t}, nil, x) {
			all = append(all, views.Twin{ID: id, Reordered: !slices.Equal(kind.KeywordIDs(t), x.KeywordIDs)})
		}
	}
	return all, nil
}

// lastSends is how many sends of an app are looked through for values.
const lastSends = 50

// lastValues are the values that the app's latest messages carried, by keyword name.
func (s *Site) lastValues(ctx context.Context, v *visit, templates []store.Template) (map[string]string, error) {
	sends, _, err := s.Store.Sends(ctx, store.SendFilter{App: v.account.App.ID, Count: lastSends})
	values := map[string]string{}
	for _, send := range sends {
		at := slices.IndexFunc(templates, func(t store.Template) bool { return t.TemplateID == send.TemplateID })
		var m wechat.Message
		if at < 0 || json.Unmarshal(send.Request, &m) != nil {
			continue
		}
		for _, f := range kind.Named(send.Kind).Fields(templates[at].Live()) {
			if d := datumOf(m, f.Key); d.Value != "" && values[f.Name] == "" {
				values[f.Name] = d.Value
			}
		}
	}
	return values, err
}

// usesShown is how many combinations are offered to be taken over.
const usesShown = 3

// usesOf are the combinations of a title that are in use, each once, of the apps and
// drafts that the visitor may see; but for the draft that is open.
func (s *Site) usesOf(r *http.Request, v *visit, title wechat.Title, open int64) ([]views.BuilderUse, error) {
	all, err := s.Store.TitleUses(r.Context(), title.ID)
	if err != nil {
		return nil, err
	}
	var uses []views.BuilderUse
	for _, use := range all {
		chosen, known, problem := choose(s.Texts.In(v.lang), title, use.KeywordIDs)
		met := slices.ContainsFunc(uses, func(u views.BuilderUse) bool { return slices.Equal(u.KeywordIDs, known) })
		hidden := !v.sees(use.App) || use.Draft != 0 && (use.Draft == open || !v.mayIn(use.App, auth.SeeDrafts))
		if problem != "" || len(known) == 0 || met || hidden {
			continue
		}
		if uses = append(uses, views.BuilderUse{
			TitleUse: use, Keywords: chosen, SeeSends: v.mayIn(use.App, auth.SeeSends),
		}); len(uses) == usesShown {
			break
		}
	}
	return uses, nil
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

// saveCombination keeps the draft: the one that is continued, or a new one. To review
// it goes on to the reviewers.
func (s *Site) saveCombination(
	w http.ResponseWriter, r *http.Request, v *visit, form ui.Combination, problems ui.Problems, act string,
) error {
	p, err := s.builderPage(r, v, form)
	if err != nil {
		return err
	}
	if incomplete(&p, problems) {
		return s.render(w, r, http.StatusUnprocessableEntity, views.Builder(p))
	}
	d := store.Draft{App: v.account.App.ID, TitleID: p.Title.ID, Title: p.Title.Text, Keywords: p.Chosen, Scenario: p.Form.Scene,
		Author: v.person.ID, AuthorName: v.person.Name}
	if form.Draft == 0 || act == "save_new" {
		d, err = s.Store.AddDraft(r.Context(), v.actor(r), d)
	} else {
		d.ID, d.Version = form.Draft, form.Version
		d, err = s.Store.SaveDraft(r.Context(), v.actor(r), d)
	}
	done := "draft_saved"
	if err == nil && act == "review" {
		done, err = "sent_to_review", s.Store.SendToReview(r.Context(), v.actor(r), d.App, d.ID, d.Version)
	}
	// The draft was there a moment ago: "not found" is one that is deleted.
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrState) || errors.Is(err, store.ErrNotFound) {
		p.Problem, p.Conflict = p.T("builder.conflict", "Draft", form.Draft), true
		return s.render(w, r, http.StatusConflict, views.Builder(p))
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, ui.DraftURL(d.ID), done)
}

// incomplete says on the page why the combination cannot be kept as it was posted:
// a keyword that was left out would make another one.
func incomplete(p *views.BuilderPage, problems ui.Problems) bool {
	p.Problem = joined(problems, p.Problem)
	switch n := utf8.RuneCountInString(p.Form.Scene); {
	case p.Problem != "":
	case len(p.Chosen) < p.Limits.FewestKeywords || len(p.Chosen) > p.Limits.Keywords:
		p.Problem = p.T("builder.need_keywords", "Count", len(p.Chosen), "Min", p.Limits.FewestKeywords,
			"Max", p.Limits.Keywords)
	case p.Typed() && (n == 0 || n > p.Limits.Scene || strings.ContainsFunc(p.Form.Scene, unicode.IsControl)):
		p.Problem = p.T("builder.need_scene", "Max", p.Limits.Scene)
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
		Template: store.Template{TitleID: p.Title.ID, Title: p.Title.Text, KeywordIDs: p.Form.Keywords, DraftID: form.Draft,
			Scene: p.Form.Scene, Type: p.Title.Type},
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
