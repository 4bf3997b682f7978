package pages

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat"
)

// around puts what stands beside the message on the page: the saved examples, whom it
// can be sent to by name, and what was sent lately.
func (s *Site) around(r *http.Request, v *visit, p *views.TemplatePage) (err error) {
	ctx, app := r.Context(), v.account.App.ID
	if v.may(auth.SendAny) {
		if p.People, err = s.recipients(ctx, v); err != nil {
			return err
		}
	}
	if p.Examples, err = s.Store.Examples(ctx, app, p.Template.ID); err != nil || !v.may(auth.SeeSends) {
		return err
	}
	f := store.SendFilter{App: app, TemplateID: p.Template.ID, Count: shownSends}
	if p.Recent.Own = !v.may(auth.SendAny); p.Recent.Own {
		f.PersonID = v.person.ID
	}
	if p.Recent.Sends, p.Recent.Total, err = s.Store.Sends(ctx, f); err != nil {
		return err
	}
	keys, err := s.Store.APIKeys(ctx, app)
	p.Recent.Names = map[string]string{}
	for _, k := range keys {
		p.Recent.Names[k.Prefix] = k.Name
	}
	return err
}

// shownSends is how many of a template's newest sends its page lists.
const shownSends = 5

// exampleOf is the template's example with this id; errNotFound for another's.
func (s *Site) exampleOf(r *http.Request, v *visit, template, id string) (store.Example, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return store.Example{}, errNotFound
	}
	x, err := s.Store.Example(r.Context(), v.account.App.ID, n)
	if err == nil && x.TemplateID != template {
		err = errNotFound
	}
	return x, err
}

// formOfExample is the form filled in as it was when it was saved.
func formOfExample(t wechat.Template, x store.Example) views.MessageForm {
	var m wechat.Message
	_ = json.Unmarshal(x.Message, &m) // we wrote it; an empty form is still a form
	f := formOfMessage(t, m)
	f.SaveAs = x.Name
	return f
}

// saveExample keeps the message that stands in the form, without recipient and
// right, under the name beside it.
func (s *Site) saveExample(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, form, problems, err := s.readMessage(r, v)
	if err != nil {
		return err
	}
	var as views.ExampleForm
	delete(problems, "touser") // neither is saved
	delete(problems, "form_id")
	for name, problem := range s.forms.fill(r.PostForm, s.Texts.In(v.lang), &as) {
		problems[name] = problem
	}
	if len(problems) > 0 {
		return s.drawMessage(w, r, v, t, form, problems, http.StatusUnprocessableEntity)
	}
	saved, err := s.Store.SaveExample(r.Context(), v.actor(r), exampleIn(v, t, form, as))
	if errors.Is(err, store.ErrTaken) {
		return s.exampleTaken(w, r, v, t, form)
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, loadedURL(saved, form), "example_saved")
}

func exampleIn(v *visit, t wechat.Template, form views.MessageForm, as views.ExampleForm) store.Example {
	form.OpenID, form.FormID = "", ""
	message := messageOf(t, form)
	message.TemplateID = "" // it outlives a template_id
	body, _ := message.MarshalJSON()
	return store.Example{ID: as.Replaces, App: v.account.App.ID, TemplateID: t.ID, Name: as.Name, Message: body}
}

// loadedURL opens the example with the recipient and right that are typed already.
func loadedURL(x store.Example, form views.MessageForm) string {
	q := url.Values{"example": {strconv.FormatInt(x.ID, 10)}}
	if form.OpenID != "" || form.FormID != "" {
		q.Set("touser", form.OpenID)
		q.Set("form_id", form.FormID)
	}
	return ui.TemplateURL(x.TemplateID) + "?" + q.Encode()
}

// exampleTaken asks whether the example of this name is to be replaced.
func (s *Site) exampleTaken(w http.ResponseWriter, r *http.Request, v *visit, t wechat.Template,
	form views.MessageForm) error {
	problems := ui.Problems{"save_as": s.Texts.In(v.lang).T("examples.taken", "Name", form.SaveAs)}
	p, err := s.messagePage(r, v, t, form, problems)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(p.Examples, func(x store.Example) bool { return x.Name == form.SaveAs }); i >= 0 {
		p.Taken = &p.Examples[i]
	}
	return s.render(w, r, http.StatusConflict, views.Template(p))
}

// deleteExample leads to the page with what was deleted still filled in, to be saved
// again. One that is gone already was deleted by somebody else meanwhile.
func (s *Site) deleteExample(w http.ResponseWriter, r *http.Request, v *visit) error {
	id := r.PathValue("id")
	x, err := s.exampleOf(r, v, id, r.PathValue("example"))
	if err == nil {
		err = s.Store.DeleteExample(r.Context(), v.actor(r), x.App, x.ID)
	}
	if errors.Is(err, store.ErrNotFound) { // deleted already, unless the template is none of this app's
		if _, err := v.account.Recall(r.Context(), id); err != nil {
			return err
		}
		return v.seeOther(w, r, ui.TemplateURL(id), "")
	}
	if err != nil {
		return err
	}
	t, err := v.account.Recall(r.Context(), id)
	if err != nil {
		return v.seeOther(w, r, ui.TemplateURL(id), "")
	}
	form := formOfExample(t, x)
	return v.seeOther(w, r, ui.TemplateURL(t.ID)+writtenQuery(form)+"&"+url.Values{"save_as": {x.Name}}.Encode(), "example_deleted")
}

// sendExample sends an example to the visitor's own openid, under the right of
// theirs that ends first, as the test send does.
func (s *Site) sendExample(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, err := v.account.Recall(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	x, err := s.exampleOf(r, v, t.ID, r.PathValue("example"))
	if err != nil {
		return err
	}
	text := s.Texts.In(v.lang)
	var posted views.SendExampleForm
	problems, err := s.forms.read(r, text, &posted)
	if err != nil {
		return err
	}
	form := formOfExample(t, x)
	form.Key = posted.Key
	if form.OpenID, err = s.ownOpenID(r.Context(), v); err != nil {
		return err
	}
	if form.OpenID == "" {
		problems["touser"] = text.T("examples.no_openid")
		return s.drawMessage(w, r, v, t, form, problems, http.StatusUnprocessableEntity)
	}
	return s.deliver(w, r, v, t, form, problems)
}
