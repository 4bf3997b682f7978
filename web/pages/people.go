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

// person is the page of one person: roles, sessions, and ways to help or to shut out.
func (s *Site) person(w http.ResponseWriter, r *http.Request, v *visit) error {
	who, err := s.named(r)
	if err != nil {
		return err
	}
	return s.drawPerson(w, r, v, http.StatusOK, views.PersonPage{Who: who, Form: rolesForm(who)})
}

// named is the person whom the path names.
func (s *Site) named(r *http.Request) (store.Access, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return store.Access{}, errNotFound
	}
	return s.Store.PersonAccess(r.Context(), id)
}

func rolesForm(who store.Access) views.RolesForm {
	form := views.RolesForm{Role: string(who.Role), Version: store.RolesVersion(who.Role, who.Apps)}
	for app, role := range who.Apps {
		form.Apps, form.AppRoles = append(form.Apps, app), append(form.AppRoles, string(role))
	}
	return form
}

func (s *Site) drawPerson(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.PersonPage) error {
	p.Page, p.All, p.Hours = s.page(r, v), s.Accounts.Every(), int(linkLife.Hours())
	p.Own = p.Who.ID == v.person.ID
	var err error
	if p.Sessions, err = s.Store.SessionsOf(r.Context(), p.Who.ID, s.Now().Add(-auth.IdleLife)); err != nil {
		return err
	}
	p.This = v.session.Hash
	return s.render(w, r, status, views.Person(p))
}

func (s *Site) saveRoles(w http.ResponseWriter, r *http.Request, v *visit) error {
	who, err := s.named(r)
	if err != nil {
		return err
	}
	t, p := s.Texts.In(v.lang), views.PersonPage{Who: who}
	if p.Problems, err = s.forms.read(r, t, &p.Form); err != nil {
		return err
	}
	if len(p.Problems) == 0 {
		roles, err := appRoles(p.Form.Apps, p.Form.AppRoles)
		if err != nil {
			return err
		}
		if p.Form.Version == "" {
			return errBadRequest
		}
		err = s.Store.SetRoles(r.Context(), v.actor(r), who.ID, p.Form.Version, store.Role(p.Form.Role), roles)
		switch {
		case err == nil:
			return s.backTo(w, r, v, who, "roles_saved")
		case errors.Is(err, store.ErrConflict):
			return s.rolesConflict(w, r, v, p)
		case errors.Is(err, store.ErrLastAdministrator):
			p.Problems["role"] = t.T("people.last_administrator")
		case errors.Is(err, store.ErrNoApp):
			p.Problems["app_role-0"] = t.T("people.no_app")
		default:
			return err
		}
	}
	return s.drawPerson(w, r, v, http.StatusUnprocessableEntity, p)
}

// rolesConflict shows the roles that somebody else gave meanwhile beside those that
// were chosen here, which stay chosen.
func (s *Site) rolesConflict(w http.ResponseWriter, r *http.Request, v *visit, p views.PersonPage) error {
	var err error
	if p.Who, err = s.named(r); err != nil {
		return err
	}
	p.Form.Version = rolesForm(p.Who).Version // as they are now: saving again is a decision
	p.Problems[""], p.Conflict = s.Texts.In(v.lang).T("people.conflict", "Name", p.Who.Name), true
	return s.drawPerson(w, r, v, http.StatusConflict, p)
}

// backTo leads to the person's page, or to one's own page after taking from oneself
// the permission to see it.
func (s *Site) backTo(w http.ResponseWriter, r *http.Request, v *visit, who store.Access, done string) error {
	now, err := s.Store.PersonAccess(r.Context(), v.person.ID)
	if err != nil {
		return err
	}
	if !auth.May(now.Role, auth.People) {
		return v.seeOther(w, r, "/settings/me", done)
	}
	return v.seeOther(w, r, ui.PersonURL(who.ID), done)
}

// refusePerson draws the page again with what is wrong.
func (s *Site) refusePerson(w http.ResponseWriter, r *http.Request, v *visit, who store.Access, problem string) error {
	p := views.PersonPage{Who: who, Form: rolesForm(who), Problems: ui.Problems{"": problem}}
	return s.drawPerson(w, r, v, http.StatusUnprocessableEntity, p)
}

// disablePerson shuts somebody out, or lets them in again.
func (s *Site) disablePerson(w http.ResponseWriter, r *http.Request, v *visit) error {
	who, err := s.named(r)
	if err != nil {
		return err
	}
	do := r.PostFormValue("do")
	if do != "disable" && do != "enable" {
		return errBadRequest
	}
	err = s.Store.SetDisabled(r.Context(), v.actor(r), who.ID, do == "disable")
	if errors.Is(err, store.ErrLastAdministrator) {
		return s.refusePerson(w, r, v, who, s.Texts.In(v.lang).T("people.last_administrator"))
	}
	if err != nil {
		return err
	}
	return v.seeOther(w, r, ui.PersonURL(who.ID), "person_"+do+"d")
}

// resetPassword draws the page with the new link on it, once. The old password and
// the sessions end at once: a reset is asked for when the password is forgotten or
// somebody else knows it.
func (s *Site) resetPassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	who, err := s.named(r)
	if err != nil {
		return err
	}
	if who.ID == v.person.ID {
		return s.refusePerson(w, r, v, who, s.Texts.In(v.lang).T("people.not_oneself"))
	}
	link, hash := s.newLink(r, "/reset")
	if err := s.Store.ResetPassword(r.Context(), v.actor(r), who.ID, hash, s.Now().Add(linkLife)); err != nil {
		return err
	}
	if who, err = s.Store.PersonAccess(r.Context(), who.ID); err != nil {
		return err
	}
	return s.drawPerson(w, r, v, http.StatusOK, views.PersonPage{Who: who, Form: rolesForm(who), Link: link})
}

// resetFactor takes the second factor of somebody who lost theirs away.
func (s *Site) resetFactor(w http.ResponseWriter, r *http.Request, v *visit) error {
	who, err := s.named(r)
	if err != nil {
		return err
	}
	if who.ID == v.person.ID {
		return s.refusePerson(w, r, v, who, s.Texts.In(v.lang).T("people.not_oneself"))
	}
	if done, err := s.personAgain(w, r, v, who, "factor_password"); done || err != nil {
		return err
	}
	if err := s.Store.EndSecondFactor(r.Context(), v.actor(r), who.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return v.seeOther(w, r, ui.PersonURL(who.ID), "factor_reset")
}

// endSessions ends one session of somebody, or all.
func (s *Site) endSessions(w http.ResponseWriter, r *http.Request, v *visit) error {
	who, err := s.named(r)
	if err != nil {
		return err
	}
	one, hash, err := sessionNamed(r)
	if err != nil {
		return err
	}
	if done, err := s.personAgain(w, r, v, who, "sessions_password"); done || err != nil {
		return err
	}
	if one {
		err = s.Store.EndSessionOf(r.Context(), v.actor(r), who.ID, hash)
	} else {
		err = s.Store.EndSessions(r.Context(), v.actor(r), who.ID, [32]byte{})
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) { // one that has just ended by itself is what was wanted
		return err
	}
	return v.seeOther(w, r, ui.PersonURL(who.ID), "sessions_ended")
}

// personAgain asks for the visitor's own password in the field with this id; where it is wrong it draws the page, and
// is done.
func (s *Site) personAgain(w http.ResponseWriter, r *http.Request, v *visit, who store.Access,
	id string) (done bool, err error) {
	status, problem, err := s.passwordAgain(w, r, v)
	if err != nil || problem == "" {
		return err != nil, err
	}
	p := views.PersonPage{Who: who, Form: rolesForm(who), Problems: ui.Problems{id: problem}}
	return true, s.drawPerson(w, r, v, status, p)
}
