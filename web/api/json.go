package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"muban/views/text"
	"muban/wechat/ledger"
)

// failure is an answer of the JSON API that is no success. The code is part of
// the API; its message is the text "api.<code>" with args in it, or what the pages say.
type failure struct {
	status int
	code   string
	args   []any
	said   func(*text.Text) string // as the pages word it; nil for "api.<code>"
	wait   time.Duration           // until it is worth asking again, where that is known
	cause  error                   // what was behind it, or nil
}

func (e *failure) Error() string { return "api: " + e.code }

func (e *failure) Unwrap() error { return e.cause }

// refuse is an failure with the names and values that its message needs.
func refuse(status int, code string, args ...any) error {
	return &failure{status: status, code: code, args: args}
}

// refuseRight says why a right is refused, as the pages do.
func refuseRight(status int, r *ledger.Refusal) error {
	return &failure{status: status, code: "right_" + r.Reason, said: func(t *text.Text) string { return text.RefusalText(t, r) }}
}

func (e *failure) message(t *text.Text) string {
	if e.said != nil {
		return e.said(t)
	}
	return t.T("api."+e.code, e.args...)
}

// refuseFor is a refusal that ends by itself after wait.
func refuseFor(wait time.Duration, status int, code string, args ...any) *failure {
	return &failure{status: status, code: code, args: args, wait: wait}
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
	return refuse(http.StatusBadRequest, "bad_json", "Detail", text.Excerpt(strings.TrimPrefix(err.Error(), "json: ")))
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
