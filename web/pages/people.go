package pages

import (
	"errors"
	"net/http"
	"strconv"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
)

func (s *Site) people(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.drawPeople(w, r, v, http.StatusOK, views.PeoplePage{Form: views.InviteForm{Role: string(store.QA)}})
}

func (s *Site) drawPeople(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.PeoplePage) error {
	p.Page, p.All, p.Hours = s.page(r, v), s.Accounts.Every(), int(linkLife.Hours())
	var err error
	if p.People, err = s.Store.PeopleAccess(r.Context()); err != nil {
		return err
	}
	if p.Invitations, err = s.Store.Invitations(r.Context()); err != nil {
		return err
	}
	if p.Required, err = s.Store.RequiredSecondFactor(r.Context()); err != nil {
		return err
	}
	if p.Later, err = s.Store.SecondFactorLater(r.Context()); err != nil {
		return err
	}
	return s.render(w, r, status, views.People(p))
}

// invite draws the list with the new link on it, once: it is in no address and in
// no log, and kept as a hash.
func (s *Site) invite(w http.ResponseWriter, r *http.Request, v *visit) error {
	t := s.Texts.In(v.lang)
	p := views.PeoplePage{}
	var err error
	if p.Problems, err = s.forms.read(r, t, &p.Form); err != nil {
		return err
	}
	nameRules(t, p.Problems, "invitee", p.Form.Invitee)
	if len(p.Problems) > 0 {
		return s.drawPeople(w, r, v, http.StatusUnprocessableEntity, p)
	}
	roles, err := appRoles(p.Form.Apps, p.Form.AppRoles)
	if err != nil {
		return err
	}
	link, hash := s.newLink(r, "/join")
	_, err = s.Store.AddInvitation(r.Context(), v.actor(r), store.Invitation{
		Hash: hash, Invitee: p.Form.Invitee, Role: store.Role(p.Form.Role), Apps: roles, ExpiresAt: s.Now().Add(linkLife),
	})
	if errors.Is(err, store.ErrNoApp) {
		p.Problems["app_role-0"] = t.T("people.no_app")
		return s.drawPeople(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	done := views.PeoplePage{Link: link, LinkFor: p.Form.Invitee, Form: views.InviteForm{Role: string(store.QA)}}
	return s.drawPeople(w, r, v, http.StatusOK, done)
}

func (s *Site) withdrawInvitation(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	if err := s.Store.WithdrawInvitation(r.Context(), v.actor(r), id); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/people", "invitation_withdrawn")
}

// requireFactor says which roles need a second factor.
func (s *Site) requireFactor(w http.ResponseWriter, r *http.Request, v *visit) error {
	var form views.RequireForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return errBadRequest // boxes hold our own values alone
	}
	var roles []store.Role
	for _, role := range form.Roles {
		roles = append(roles, store.Role(role))
	}
	if err := s.Store.RequireSecondFactor(r.Context(), v.actor(r), roles); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/people", "factor_required")
}

// permissionsPage shows the table of permissions as it is in the code.
func (s *Site) permissionsPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := views.PermissionsPage{Page: s.page(r, v), Roles: store.Roles(), Rows: permissionRows(store.Roles())}
	return s.render(w, r, http.StatusOK, views.Permissions(p))
}

// permissionRows are all permissions, in the order of the administrator's line, and
// which of the roles has each.
func permissionRows(roles []store.Role) []ui.PermissionRow {
	var rows []ui.PermissionRow
	for _, p := range auth.Granted(store.Administrator) {
		row := ui.PermissionRow{Name: string(p), ForAllApps: p.ForAllApps()}
		for _, role := range roles {
			row.May = append(row.May, auth.May(role, p))
		}
		rows = append(rows, row)
	}
	return rows
}
