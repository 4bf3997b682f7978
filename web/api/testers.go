package api

import (
	"errors"
	"net/http"

	"muban/store"
	"muban/views/text"
	"muban/web/auth"
	"muban/wechat/ledger"
)

// bindByCode takes the openid that a mini program's server found out for the
// person whose code was typed into the mini program.
func (a *API) bindByCode(w http.ResponseWriter, r *http.Request, c *caller) error {
	var in struct {
		AppID  string `json:"appid"`
		OpenID string `json:"openid"`
		Code   string `json:"code"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	if err := c.ofApp(in.AppID); err != nil {
		return err
	}
	if !ledger.IsOpenID(in.OpenID) {
		return refuse(http.StatusUnprocessableEntity, "openid_form", "OpenID", text.Excerpt(in.OpenID))
	}
	person, err := a.Store.BindByCode(r.Context(), c.actor(r), c.account.App.ID, auth.HashBindingCode(in.Code), in.OpenID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return refuse(http.StatusNotFound, "code_wrong")
	case errors.Is(err, store.ErrTaken):
		return refuse(http.StatusConflict, "openid_taken")
	case err != nil:
		return err
	}
	bound, err := a.Store.Person(r.Context(), person)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]string{"openid": in.OpenID, "person": bound.Name})
	return nil
}
