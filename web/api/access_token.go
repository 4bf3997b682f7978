package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"muban/wechat"
	"muban/wechat/token"
)

// tokenAnswer is a token on its way to a business server: the one place where a
// token leaves this process other than to WeChat.
type tokenAnswer struct {
	Token     string `json:"access_token"`
	ExpiresIn int64  `json:"expires_in"` // what truly remains, in whole seconds
}

// accessToken answers the app's shared token.
func (a *API) accessToken(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := c.ofApp(r.URL.Query().Get("appid")); err != nil {
		return err
	}
	answer, err := a.handOut(r.Context(), c)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// refreshQuestion reports a token that WeChat rejected.
type refreshQuestion struct {
	AppID    string `json:"appid"`
	Rejected string `json:"access_token"`
}

// refreshToken answers the token that replaces a rejected one. Of the servers that
// report the same token only the first makes WeChat be asked (获取 access_token 3).
func (a *API) refreshToken(w http.ResponseWriter, r *http.Request, c *caller) error {
	var q refreshQuestion
	if err := readJSON(r, &q); err != nil {
		return err
	}
	if err := c.ofApp(q.AppID); err != nil {
		return err
	}
	if q.Rejected == "" {
		return refuse(http.StatusBadRequest, "rejected_missing")
	}
	ctx := token.AskedBy(r.Context(), "key:"+c.key.Prefix)
	if _, err := c.account.Keeper.Refresh(ctx, wechat.Secret(q.Rejected)); err != nil {
		return a.noToken(c, err)
	}
	answer, err := a.handOut(r.Context(), c)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// handOut takes the token from its keeper and counts it.
func (a *API) handOut(ctx context.Context, c *caller) (tokenAnswer, error) {
	lent, err := c.account.Keeper.Current(ctx)
	if err != nil {
		return tokenAnswer{}, a.noToken(c, err)
	}
	now := a.Now()
	a.KeyUse.HandOut(c.key, now)
	a.OnHandOut(c.key.Prefix, c.account.App.AppID)
	return tokenAnswer{lent.Value.Reveal(), int64(max(0, lent.ExpiresAt.Sub(now)) / time.Second)}, nil
}

// noToken says why there is no token, and when it is worth asking again.
func (a *API) noToken(c *caller, err error) error {
	next := c.account.Keeper.State().NextAttempt
	if pause, ok := errors.AsType[*token.Pause](err); ok {
		next = pause.Until
	}
	wait := min(max(next.Sub(a.Now()), time.Second), time.Minute) // a person may mend it before
	seconds := wholeSeconds(wait)
	var refused *failure
	answer, told := errors.AsType[*wechat.Error](err)
	switch {
	case told:
		refused = refuseFor(wait, http.StatusServiceUnavailable, "token_errcode", "Code", answer.Code, "Msg", answer.Msg,
			"Seconds", seconds)
	case errors.Is(err, token.ErrTooSoon):
		refused = refuseFor(wait, http.StatusTooManyRequests, "refresh_too_soon", "Seconds", seconds)
	case errors.Is(err, token.ErrStands):
		refused = refuseFor(wait, http.StatusConflict, "token_stands")
	default: // the keeper has logged what it was
		refused = refuseFor(wait, http.StatusServiceUnavailable, "token_unavailable", "Seconds", seconds)
	}
	refused.cause = err
	return refused
}
