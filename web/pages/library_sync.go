package pages

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"muban/store"
	"muban/views"
	"muban/views/ui"
	"muban/web/auth"
	"muban/wechat/library"
)

// syncPage shows how the mirror of the library stands: the page, or what changes
// of it while a sync runs.
func (s *Site) syncPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	p, err := s.syncState(r, v)
	if err != nil {
		return err
	}
	if fragment(r) && r.URL.Query().Has("line") { // of the list that waits for it
		return s.render(w, r, http.StatusOK, views.SyncLine(p))
	}
	if fragment(r) {
		return s.render(w, r, http.StatusOK, views.SyncParts(p))
	}
	return s.render(w, r, http.StatusOK, views.Sync(p))
}

func (s *Site) syncState(r *http.Request, v *visit) (views.SyncPage, error) {
	ctx, app := r.Context(), v.account.App.ID
	p := views.SyncPage{
		Page: s.page(r, v), MaySync: v.may(auth.SyncLibrary), Kind: v.account.Kind, Own: v.account.App.DefaultKind(),
	}
	var err error
	if p.State, err = v.account.MirrorState(ctx); err != nil {
		return p, err
	}
	if p.State.Trouble != nil {
		p.Trouble = failedRead(p.State.Trouble)
		p.Trouble.Reason = library.Reason(p.State.Trouble)
	}
	if p.Syncs, err = s.Store.Syncs(ctx, app, v.account.Kind.Name()); err != nil {
		return p, err
	}
	if p.Shown, err = shownSync(r, p.Syncs); err != nil || p.Shown.ID == 0 {
		return p, err
	}
	p.Changes, err = s.Store.SyncChanges(ctx, app, p.Shown.ID)
	return p, err
}

// shownSync is the one whose changes are asked for, or the last that was complete.
func shownSync(r *http.Request, syncs []library.Sync) (library.Sync, error) {
	asked := r.URL.Query().Get("sync")
	for _, one := range syncs {
		if one.Outcome == library.Complete && (asked == "" || strconv.FormatInt(one.ID, 10) == asked) {
			return one, nil
		}
	}
	if asked != "" {
		return library.Sync{}, errNotFound
	}
	return library.Sync{}, nil
}

// steerSync is every button of the sync's page.
func (s *Site) steerSync(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.about(v.named(r))
	var form views.SyncForm
	problems, err := s.forms.read(r, s.Texts.In(v.lang), &form)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return errBadRequest
	}
	err = s.orderSync(r, v, form.Do)
	if refusal := refusedSync(err); refusal != "" {
		p, err := s.syncState(r, v)
		if err != nil {
			return err
		}
		p.Problem = p.T("sync.refused_" + refusal)
		return s.render(w, r, http.StatusConflict, views.Sync(p))
	}
	if err == nil {
		err = v.account.Mirror.Wake(r.Context())
	}
	if err != nil {
		return err
	}
	done := "" // the page says itself how the sync is
	if strings.HasPrefix(form.Do, "daily_") {
		done = "sync_" + form.Do
	}
	next := ui.OfKind("/library/sync", v.account.Kind, v.account.App.DefaultKind())
	if form.Next != "" {
		next = local(form.Next)
	}
	return v.seeOther(w, r, next, done)
}

func (s *Site) orderSync(r *http.Request, v *visit, do string) error {
	ctx, by, app := r.Context(), v.actor(r), v.account.App.ID
	switch do {
	case "start":
		return s.Store.StartSync(ctx, by, app, v.account.Kind.Name())
	case "cancel":
		return s.Store.CancelSync(ctx, by, app, v.account.Kind.Name())
	case "daily_on", "daily_off":
		return s.Store.SetDailySync(ctx, by, app, v.account.Kind.Name(), do == "daily_on")
	}
	// Waking the mirror is all that a retry is.
	return s.Store.Record(ctx, by, app, store.ActLibraryRetry, "app:"+strconv.FormatInt(app, 10), "{}")
}

// refusedSync is the message for an act that came too late, "" for none.
func refusedSync(err error) string {
	switch {
	case errors.Is(err, library.ErrRunning):
		return "running"
	case errors.Is(err, library.ErrEnded):
		return "ended"
	}
	return ""
}
