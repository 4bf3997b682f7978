package web

import (
	"net/http"

	"muban/views"
	"muban/wechat"
)

func (s *Site) secretPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	app, err := s.editable(r)
	if err != nil {
		return err
	}
	return s.drawSecret(w, r, v, http.StatusOK, views.SecretPage{App: app})
}

func (s *Site) drawSecret(w http.ResponseWriter, r *http.Request, v *visit, status int, p views.SecretPage) error {
	p.Page = s.page(r, v)
	return s.render(w, r, status, views.AppSecret(p))
}

// rotateSecret puts a new AppSecret in the place of the old one as soon as WeChat has
// accepted it. Until then all goes on with the old one.
func (s *Site) rotateSecret(w http.ResponseWriter, r *http.Request, v *visit) error {
	app, err := s.editable(r)
	if err != nil {
		return err
	}
	p := views.SecretPage{App: app}
	var form views.SecretForm
	if p.Problems, err = s.forms.read(r, s.Texts.In(v.lang), &form); err != nil {
		return err
	}
	if len(p.Problems) > 0 {
		return s.drawSecret(w, r, v, http.StatusUnprocessableEntity, p)
	}
	app.Secret = wechat.Secret(form.Secret)
	fetched, err := s.tryCredentials(r.Context(), app)
	if err != nil {
		p.Check = outcomeOf(err, "failed")
		return s.drawSecret(w, r, v, http.StatusUnprocessableEntity, p)
	}
	if err := s.Store.RotateSecret(r.Context(), v.actor(r), app.ID, app.Secret); err != nil {
		return err
	}
	if err := s.keepChecked(r.Context(), v.actor(r), app.AppID, fetched); err != nil {
		return err
	}
	if err := s.takeUp(r.Context(), app.ID); err != nil {
		return err
	}
	return v.seeOther(w, r, "/settings/apps", "secret_rotated")
}
