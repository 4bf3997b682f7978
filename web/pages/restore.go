package pages

import (
	"errors"
	"net/http"

	"muban/store"
)

// restoreHeld tells whether messages wait for somebody to confirm a restore. The database is asked until it says that
// none do, and never again: a restore needs the console to be stopped.
func (s *Site) restoreHeld(r *http.Request) bool {
	if s.noRestore.Load() {
		return false
	}
	held, err := s.Store.RestoreHolds(r.Context())
	if err != nil {
		s.Log.Warn("whether a restore waits to be confirmed is not known", "err", err)
		return false
	}
	s.noRestore.Store(!held)
	return held
}

// confirmRestore lets messages go out again. A second click, or one after somebody else's, changes nothing.
func (s *Site) confirmRestore(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadRequest, err)
	}
	if err := s.Store.ConfirmRestore(r.Context(), v.actor(r)); err != nil && !errors.Is(err, store.ErrState) {
		return err
	}
	return v.seeOther(w, r, local(r.PostForm.Get("next")), "restore_confirmed")
}
