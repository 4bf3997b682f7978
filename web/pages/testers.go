package pages

import (
	"errors"
	"net/http"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat/sandbox"
)

func (s *Site) testers(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawTesters(w, r, v, http.StatusOK, views.TestersPage{})
}

func (s *Site) drawTesters(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.TestersPage) error {
	ctx, app := r.Context(), v.account.App.ID
	p.Page = s.page(r, v)
	people, err := s.Store.PeopleAccess(ctx)
	if err != nil {
		return err
	}
	for _, person := range people {
		person.Role = person.Apps.In(app, person.Role)
		if !person.Disabled && auth.May(person.Role, auth.SendSelf) {
			p.People = append(p.People, person.Person)
		}
	}
	if v.account.App.Sandbox {
		p.Given = map[int64]string{}
		for _, person := range p.People {
			p.Given[person.ID] = sandbox.OpenIDFor(v.account.App.AppID, person.Name)
		}
	}
	if p.OpenIDs, err = s.Store.OpenIDs(ctx, app); err != nil {
		return err
	}
	if p.Testers, err = s.Store.Testers(ctx, app); err != nil {
		return err
	}
	return s.render(w, r, status, views.Testers(p))
}

func (s *Site) addTester(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form views.TesterForm
	text := s.Texts.In(v.lang)
	problems, err := s.forms.read(r, text, &form)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		_, err = s.Store.AddTester(r.Context(), v.actor(r),
			store.Tester{App: v.account.App.ID, Name: form.Name, OpenID: form.OpenID})
		if err == nil {
			return v.seeOther(w, r, "/settings/testers", "tester_added")
		}
		if !errors.Is(err, store.ErrTaken) {
			return err
		}
		problems["touser"] = text.T("testers.taken")
	}
	return s.drawTesters(w, r, v, http.StatusUnprocessableEntity, views.TestersPage{Form: form, Problems: problems})
}

func (s *Site) removeTester(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	if err := s.Store.RemoveTester(r.Context(), v.actor(r), v.account.App.ID, id); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/testers", "tester_removed")
}

// bindPerson sets which openid a person tests with in the current app. Nobody
// does it for themselves but who may do it for others.
func (s *Site) bindPerson(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	if _, err := s.Store.Person(r.Context(), id); err != nil {
		return err
	}
	var form views.BindForm
	text := s.Texts.In(v.lang)
	problems, err := s.forms.read(r, text, &form)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		err = s.Store.SetOpenID(r.Context(), v.actor(r), id, v.account.App.ID, form.OpenID)
		if err == nil {
			return v.seeOther(w, r, "/settings/testers", "openid_bound")
		}
		if !errors.Is(err, store.ErrTaken) {
			return err
		}
		problems["openid"] = text.T("testers.bound_to_other")
	}
	problems = ui.Problems{"openid-" + r.PathValue("id"): problems["openid"]}
	return s.drawTesters(w, r, v, http.StatusUnprocessableEntity,
		views.TestersPage{Bind: form, BindOf: id, Problems: problems})
}
