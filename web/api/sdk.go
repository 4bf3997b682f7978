package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/token"
)

// An SDK that knows nothing of Muban asks for a token as it would ask WeChat, with
// an API key where the AppSecret stands, and is answered in WeChat's own shape:
// HTTP 200 always, and an errcode in the body (获取 access_token).

// forSDKs tells whether the request is in WeChat's shape: then its errors are too.
func forSDKs(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/cgi-bin/") }

// sdkCaller finds the key where an SDK has its AppSecret, and its app.
func (a *API) sdkCaller(r *http.Request, scope string) (*caller, error) {
	if err := readQuestion(r); err != nil {
		return nil, err
	}
	switch {
	case r.Form.Get("grant_type") != "client_credential":
		return nil, errGrantType
	case r.Form.Get("appid") == "":
		return nil, errAppIDMissing
	case r.Form.Get("secret") == "":
		return nil, errSecretMissing
	}
	c, err := a.callerWith(r, r.Form.Get("secret"), scope)
	if err != nil {
		return nil, err
	}
	return c, c.ofApp(r.Form.Get("appid"))
}

// stableTokenPath takes POST alone, and a body.
const stableTokenPath = "/cgi-bin/stable_token"

// readQuestion fills r.Form from the query and from a body, JSON or a form. Like
// WeChat it goes by what the body is and not by its Content-Type.
func readQuestion(r *http.Request) error {
	r.Form = r.URL.Query()
	if r.Method != http.MethodPost {
		return nil
	}
	r.Body = http.MaxBytesReader(nil, r.Body, auth.StrangersBody) // the key is in it, so nobody is known yet
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 && (r.URL.RawQuery == "" || r.URL.Path == stableTokenPath) {
		return errEmptyPost
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return addJSON(r.Form, body)
	}
	fields, err := url.ParseQuery(string(body))
	for name, values := range fields {
		r.Form[name] = values
	}
	if err != nil {
		return errUnreadable
	}
	return nil
}

func addJSON(form url.Values, body []byte) error {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return errUnreadable
	}
	for name, value := range fields {
		form.Set(name, fmt.Sprint(value))
	}
	return nil
}

// sharedToken is cgi-bin/token without its edge: the caller gets the token that all
// have, and nobody's dies of it. A caller that asks again a moment later makes the token
// suspect, for this is all that an SDK does about a rejected one.
func (a *API) sharedToken(w http.ResponseWriter, r *http.Request, c *caller) error {
	c.account.Keeper.Suspect(r.Context(), "key:"+c.key.Prefix)
	answer, err := a.handOut(r.Context(), c)
	if err != nil {
		return err
	}
	writeWeChat(w, answer)
	return nil
}

// stableToken answers the same token. With force_refresh it is replaced, within the
// limits of refreshes by hand; like WeChat's own, one that comes too soon or does
// not succeed gets the token that is there.
func (a *API) stableToken(w http.ResponseWriter, r *http.Request, c *caller) error {
	if force := r.Form.Get("force_refresh"); force == "true" || force == "1" {
		_, err := c.account.Keeper.Force(token.AskedBy(r.Context(), "key:"+c.key.Prefix))
		if errors.Is(err, token.ErrBudget) {
			return errForcedOut
		}
	}
	return a.sharedToken(w, r, c)
}

// sdkError is a refusal in WeChat's words.
type sdkError struct {
	Code int    `json:"errcode"`
	Msg  string `json:"errmsg"`
}

func (e *sdkError) Error() string { return e.Msg }

// What goes wrong before a key is looked at, and with it.
var (
	errGrantType     = &sdkError{40002, "invalid grant_type: it has to be client_credential"}
	errAppIDMissing  = &sdkError{41002, "appid missing"}
	errSecretMissing = &sdkError{41004, "appsecret missing: secret has to be an API key of Muban"}
	errEmptyPost     = &sdkError{44002, "empty post data"}
	errUnreadable    = &sdkError{47001, "data format error: the body is neither JSON nor a form"}
	errForcedOut     = &sdkError{45009, "reach max api daily quota limit: forced refreshes of Muban"}
)

// sdkErrors are the refusals of the JSON API in WeChat's codes. The text after the
// colon is for the person who reads the SDK's log.
var sdkErrors = map[string]sdkError{
	"key_wrong":           {40125, "invalid appsecret: secret has to be a live API key of Muban"},
	"scope_missing":       {48001, "api unauthorized: this API key of Muban is not for tokens"},
	"app_unknown":         {40013, "invalid appid: this API key of Muban is of another one"},
	"app_archived":        {40013, "invalid appid: this mini program is archived in Muban"},
	"too_many_calls":      {45011, "api freq out of limit: too many calls with this API key of Muban"},
	"too_many_wrong_keys": {45011, "api freq out of limit: too many wrong API keys of Muban from this address"},
	"token_unavailable":   {-1, "system error: Muban has no valid token, and WeChat gives no usable answer"},
	"storage":             {-1, "system error: the storage of Muban is full, locked or failing; ask again in some seconds"},
	"not_found":           {40066, "invalid url: Muban answers /cgi-bin/token and /cgi-bin/stable_token only"},
	"not_allowed":         {40066, "invalid url: Muban answers /cgi-bin/token and /cgi-bin/stable_token only"},
	"cross_site":          {48001, "api unauthorized: cross-site request"},
	"too_large":           {47001, "data format error: the body is too large"},
}

// failSDK answers err as WeChat would, with the request's id where WeChat has its rid.
func (a *API) failSDK(w http.ResponseWriter, r *http.Request, err error) {
	answer := a.asSDKError(w, r, err)
	answer.Msg += " rid: " + requestID(w)
	writeWeChat(w, answer)
}

func (a *API) asSDKError(w http.ResponseWriter, r *http.Request, err error) sdkError {
	if told, ok := errors.AsType[*sdkError](err); ok {
		return *told
	}
	if r.URL.Path == stableTokenPath && r.Method != http.MethodPost {
		return sdkError{43002, "require POST method"}
	}
	// WeChat's refusal of Muban is handed on: the SDK's log then names the IP to allow.
	if told, ok := errors.AsType[*wechat.Error](err); ok {
		return sdkError{told.Code, "WeChat refuses Muban: " + told.Msg}
	}
	if known, ok := sdkErrors[a.asFailure(w, r, err).code]; ok {
		return known
	}
	return sdkError{-1, "system error"}
}

func writeWeChat(w http.ResponseWriter, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // ours, and plain
	}
	w.Header().Set("Content-Type", "application/json; encoding=utf-8")
	_, _ = w.Write(body)
}
