package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/wechat"
	"muban/wechat/ledger"
)

// The JSON API is for business servers. Its routes stand in the table beside the
// pages', with a key's scope for a permission; its errors are
// {"error":{"code":"…","message":"…"}} with the status that fits (design.md).

// apiError is an answer of the JSON API that is no success. The code is part of
// the API; its message is the text "api.<code>" with args in it, or what the pages say.
type apiError struct {
	status int
	code   string
	args   []any
	said   func(*text.Text) string // as the pages word it; nil for "api.<code>"
	wait   time.Duration           // until it is worth asking again, where that is known
	cause  error                   // what was behind it, or nil
}

func (e *apiError) Error() string { return "web: api: " + e.code }
func (e *apiError) Unwrap() error { return e.cause }

// refuse is an apiError with the names and values that its message needs.
func refuse(status int, code string, args ...any) error {
	return &apiError{status: status, code: code, args: args}
}

// refuseRight says why a right is refused, as the pages do.
func refuseRight(status int, r *ledger.Refusal) error {
	return &apiError{status: status, code: "right_" + r.Reason, said: func(t *text.Text) string { return text.RefusalText(t, r) }}
}

func (e *apiError) message(t *text.Text) string {
	if e.said != nil {
		return e.said(t)
	}
	return t.T("api."+e.code, e.args...)
}

// refuseFor is a refusal that ends by itself after wait.
func refuseFor(wait time.Duration, status int, code string, args ...any) *apiError {
	return &apiError{status: status, code: code, args: args, wait: wait}
}

// caller finds the key of the request and what it opens.
func (s *Server) caller(r *http.Request, scope string) (*visit, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, refuse(http.StatusUnauthorized, "key_missing")
	}
	return s.callerWith(r, text, scope)
}

// callerWith is caller for a key that stands elsewhere in the request.
func (s *Server) callerWith(r *http.Request, text, scope string) (*visit, error) {
	now := s.Now()
	key, err := s.keys.open(r.Context(), s.Store, text, address(r), now)
	if err != nil {
		return nil, err
	}
	s.tally.used(key.ID, now)
	if !allows(*key, scope) {
		return nil, refuse(http.StatusForbidden, "scope_missing", "Scope", scope)
	}
	acct, ok := s.accounts.ByID(key.App)
	if !ok {
		if _, archived := s.accounts.ArchivedByID(key.App); archived {
			return nil, refuse(http.StatusNotFound, "app_archived")
		}
		return nil, refuse(http.StatusNotFound, "app_unknown", "AppID", "")
	}
	v := s.stranger(r)
	v.key, v.account = key, acct
	return v, nil
}

// ofApp refuses an AppID that is not the key's own; "" stands for it.
func (v *visit) ofApp(appID string) error {
	if appID != "" && appID != v.account.App.AppID {
		return refuse(http.StatusNotFound, "app_unknown", "AppID", excerpt(appID))
	}
	return nil
}

// forMachines tells whether the request is of the JSON API: then its errors are too.
func forMachines(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/metrics"
}

// apiFailures say which code and status an error becomes; the first match wins.
var apiFailures = []struct {
	err    error
	status int
	code   string
}{
	{errNotFound, http.StatusNotFound, "not_found"},
	{store.ErrNotFound, http.StatusNotFound, "not_found"},
	{errNotAllowed, http.StatusMethodNotAllowed, "not_allowed"},
	{errCrossSite, http.StatusForbidden, "cross_site"},
}

// failAPI answers err in the API's form.
func (s *Server) failAPI(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = s.asAPIError(w, r, err)
	}
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="muban"`)
	}
	if e.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(e.wait)))
	}
	writeJSON(w, e.status, map[string]any{"error": map[string]string{"code": e.code, "message": e.message(s.texts.In(v.lang))}})
}

func (s *Server) asAPIError(w http.ResponseWriter, r *http.Request, err error) *apiError {
	for _, known := range apiFailures {
		if errors.Is(err, known.err) {
			return &apiError{status: known.status, code: known.code}
		}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &apiError{status: http.StatusRequestEntityTooLarge, code: "too_large"}
	}
	if answer, ok := errors.AsType[*wechat.Error](err); ok {
		return &apiError{status: http.StatusBadGateway, code: "wechat_errcode", args: []any{"Code", answer.Code, "Msg", answer.Msg}}
	}
	if wechat.IsFailure(err) {
		return &apiError{status: http.StatusBadGateway, code: "wechat"}
	}
	if !errors.Is(err, errPanicked) {
		s.Log.Error("request failed", "request", requestID(w), "path", r.URL.Path, "err", err)
	}
	return &apiError{status: http.StatusInternalServerError, code: "internal", args: []any{"RequestID", requestID(w)}}
}

// wholeSeconds is a wait as Retry-After says it: never too short.
func wholeSeconds(wait time.Duration) int { return int((wait + time.Second - 1) / time.Second) }

// readJSON reads the request's body: one JSON value of known fields and nothing
// after it. A field that is spelled wrong is refused, not ignored.
func readJSON(r *http.Request, target any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(target); err != nil {
		return badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badJSON(errors.New("something follows the JSON value"))
	}
	return nil
}

// badJSON says what the decoder did not like; a body that is too large stays that.
func badJSON(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return refuse(http.StatusBadRequest, "bad_json", "Detail", excerpt(strings.TrimPrefix(err.Error(), "json: ")))
}

// writeJSON answers v. The values are ours, so they always marshal; a caller that
// has gone away is nobody's error.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
