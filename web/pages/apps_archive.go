package pages

import (
	"errors"
	"net/http"
	"strconv"

	"muban/store"
	"muban/views"
)

// archivePage says what would miss the app, before it is archived.
func (s *Site) archivePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	app, err := s.atWork(r)
	if err != nil {
		return err
	}
	return s.drawArchive(w, r, v, http.StatusOK, views.ArchivePage{App: app, Last: len(s.Accounts.List()) == 1})
}

func (s *Site) drawArchive(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.ArchivePage) error {
	var err error
	if p.Needs, err = s.Store.Dependants(r.Context(), p.App.ID); err != nil {
		return err
	}
	p.Page = s.page(r, v)
	p.Days, p.Used = views.LookupDays, p.Needs.KeysUsed(s.Now().AddDate(0, 0, -views.LookupDays))
	return s.render(w, r, status, views.Archive(p))
}

// atWork is the app that the path names. Unlike one that is edited it may be the
// sandbox's.
func (s *Site) atWork(r *http.Request) (store.App, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return store.App{}, errNotFound
	}
	acct, ok := s.Accounts.ByID(id)
	if !ok {
		return store.App{}, errNotFound
	}
	return acct.App, nil
}

func (s *Site) archiveApp(w http.ResponseWriter, r *http.Request, v *visit) error {
	app, err := s.atWork(r)
	if err != nil {
		return err
	}
	err = s.Store.ArchiveApp(r.Context(), v.actor(r), app.ID)
	if errors.Is(err, store.ErrLastApp) {
		return s.drawArchive(w, r, v, http.StatusConflict, views.ArchivePage{App: app, Last: true})
	}
	if err != nil {
		return err
	}
	if err := s.takeUp(r.Context(), app.ID); err != nil {
		return err
	}
	if app.ID == v.account.App.ID {
		v.account = nil // nothing is there any more
	}
	return v.seeOther(w, r, "/settings/apps", "app_archived")
}

func (s *Site) restoreApp(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	if err := s.Store.RestoreApp(r.Context(), v.actor(r), id); err != nil {
		return err
	}
	if err := s.takeUp(r.Context(), id); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/apps", "app_restored")
}
