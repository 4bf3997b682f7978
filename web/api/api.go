// Package api is the door for business servers: a JSON API for keys of an app, the
// token in WeChat's own shape for SDKs, and the metrics.
package api

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"muban/store"
	"muban/views/text"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/dispatch"
)

// API is the door for business servers: /api/, /cgi-bin/ for SDKs, and /metrics. Its
// errors are {"error":{"code":"…","message":"…"}} with the status that fits, those of
// /cgi-bin/ in WeChat's own shape.
type API struct {
	Options
	lookups lookups
	mux     *http.ServeMux
	table   []apiRoute
}

// Options are what the door is built of.
type Options struct {
	Store    *store.Store
	Log      *slog.Logger
	Now      func() time.Time
	Texts    *text.Texts
	Accounts *account.Accounts
	Keys     *auth.Keys
	KeyUse   *auth.KeyUse
	Events   *auth.Events
	Sender   *dispatch.Deliveries
	// Metrics answers GET /metrics. Local tells whether a program on this machine
	// asks for them, which needs no key.
	Metrics http.Handler
	Local   func(*http.Request) bool
	// OnHandOut is told of every token that a key's server got.
	OnHandOut func(keyPrefix, appID string)
}

// apiRoute is one address, the permission it needs, and its handler.
type apiRoute struct {
	pattern string
	needs   auth.Permission
	handle  func(w http.ResponseWriter, r *http.Request, v *caller) error
}

// New makes the door.
func New(o Options) *API {
	s := &API{Options: o, mux: http.NewServeMux()}
	s.table = []apiRoute{
		{"GET /api/v1/templates/{alias}", auth.KeyAny, s.resolveTemplate},
		{"POST /api/v1/testers/bind", auth.KeyRights, s.bindByCode},
		{"POST /api/v1/rights", auth.KeyRights, s.reportRights},
		{"POST /api/v1/sends", auth.KeySend, s.orderSend},
		{"GET /api/v1/access_token", auth.KeyToken, s.accessToken},
		{"POST /api/v1/access_token/refresh", auth.KeyToken, s.refreshToken},
		{"GET /cgi-bin/token", auth.KeyToken, s.sharedToken},
		{"POST /cgi-bin/token", auth.KeyToken, s.sharedToken},
		{"POST /cgi-bin/stable_token", auth.KeyToken, s.stableToken},
		{"GET /metrics", auth.ReadMetrics, s.measurements},
	}
	for _, rt := range s.table {
		s.mux.Handle(rt.pattern, s.guard(rt))
	}
	s.mux.HandleFunc("/", s.nowhere)
	return s
}

// Serves tells whether a request is for this door.
func (s *API) Serves(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || forSDKs(r) || r.URL.Path == "/metrics"
}

func (s *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Routes are the patterns that are served, each with what it needs.
func (s *API) Routes() iter.Seq2[string, auth.Permission] {
	return func(yield func(string, auth.Permission) bool) {
		for _, rt := range s.table {
			if !yield(rt.pattern, rt.needs) {
				return
			}
		}
	}
}

// Flush writes who asked for which template.
func (s *API) Flush(ctx context.Context) error { return s.lookups.flush(ctx, s.Store) }

// guard lets in whom the route is for, and answers an error in the door's form.
func (s *API) guard(rt apiRoute) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.enter(r, rt.needs)
		if err == nil {
			err = rt.handle(w, r, v)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *API) nowhere(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.fail(w, r, refuse(http.StatusMethodNotAllowed, "not_allowed"))
		return
	}
	s.fail(w, r, errNoRoute)
}

var errNoRoute = refuse(http.StatusNotFound, "not_found")

// CrossSite refuses a request that a page of another site made.
func (s *API) CrossSite(w http.ResponseWriter, r *http.Request) {
	s.Events.Warn(auth.EventCrossSite, r)
	s.fail(w, r, refuse(http.StatusForbidden, "cross_site"))
}

// Panicked answers a request whose handler panicked, which is logged already.
func (s *API) Panicked(w http.ResponseWriter, r *http.Request) { s.fail(w, r, internal(w)) }

func internal(w http.ResponseWriter) *apiError {
	return &apiError{status: http.StatusInternalServerError, code: "internal", args: []any{"RequestID", requestID(w)}}
}

// requestID is the request's name in the log.
func requestID(w http.ResponseWriter) string { return w.Header().Get("X-Request-Id") }

// caller is a business server that asks, by its key.
type caller struct {
	key     *store.APIKey
	account *account.Account // of the key
	lang    string
}

// enter finds out who asks, and whether they may.
func (s *API) enter(r *http.Request, needs auth.Permission) (*caller, error) {
	if needs == auth.ReadMetrics && s.Local(r) {
		return nil, nil
	}
	scope, key := needs.Scope()
	switch {
	case !key:
		scope = "metrics"
	case auth.NamedApp(r) != "": // a key has its own app
		return nil, errNoRoute
	case forSDKs(r):
		return s.sdkCaller(r, scope)
	}
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, refuse(http.StatusUnauthorized, "key_missing")
	}
	return s.callerWith(r, text, scope)
}

// callerWith finds the key that text is, and what it opens.
func (s *API) callerWith(r *http.Request, text, scope string) (*caller, error) {
	now := s.Now()
	key, err := s.Keys.Open(r.Context(), text, auth.Address(r), now)
	if err != nil {
		return nil, s.refusedKey(r, err)
	}
	s.KeyUse.Used(key.ID, now)
	if !auth.Allows(*key, scope) {
		s.Events.Warn(auth.EventRefused, r, "key", key.Prefix, "scope", scope)
		return nil, refuse(http.StatusForbidden, "scope_missing", "Scope", scope)
	}
	acct, ok := s.Accounts.ByID(key.App)
	if !ok {
		if _, archived := s.Accounts.ArchivedByID(key.App); archived {
			return nil, refuse(http.StatusNotFound, "app_archived")
		}
		return nil, refuse(http.StatusNotFound, "app_unknown", "AppID", "")
	}
	return &caller{key, acct, s.langOf(r)}, nil
}

// refusedKey says why a key does not open anything.
func (s *API) refusedKey(r *http.Request, err error) error {
	if many, ok := errors.AsType[*auth.TooMany](err); ok {
		if many.Rate == 0 {
			s.Events.Warn(auth.EventWrongKey, r)
			return refuseFor(many.Wait, http.StatusTooManyRequests, "too_many_wrong_keys")
		}
		return refuseFor(many.Wait, http.StatusTooManyRequests, "too_many_calls", "Rate", many.Rate)
	}
	if errors.Is(err, auth.ErrWrongKey) {
		s.Events.Warn(auth.EventWrongKey, r)
		return refuse(http.StatusUnauthorized, "key_wrong")
	}
	return err
}

// langOf is the language of the messages, as the request wishes.
func (s *API) langOf(r *http.Request) string { return s.Texts.Match(r.Header.Get("Accept-Language")) }

// actor is the caller as the activity log names them.
func (v *caller) actor(r *http.Request) store.Actor {
	return store.Actor{Name: "api_key:" + v.key.Prefix, Addr: auth.Address(r)}
}

// ofApp refuses an AppID that is not the key's own; "" stands for it.
func (v *caller) ofApp(appID string) error {
	if appID != "" && appID != v.account.App.AppID {
		return refuse(http.StatusNotFound, "app_unknown", "AppID", text.Excerpt(appID))
	}
	return nil
}

func (s *API) measurements(w http.ResponseWriter, r *http.Request, _ *caller) error {
	s.Metrics.ServeHTTP(w, r)
	return nil
}

// fail answers err in the door's form.
func (s *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	if forSDKs(r) {
		s.failSDK(w, r, err)
		return
	}
	e := s.asAPIError(w, r, err)
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="muban"`)
	}
	if e.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(e.wait)))
	}
	writeJSON(w, e.status, map[string]any{"error": map[string]string{"code": e.code, "message": e.message(s.Texts.In(s.langOf(r)))}})
}

func (s *API) asAPIError(w http.ResponseWriter, r *http.Request, err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	if errors.Is(err, store.ErrNotFound) {
		return &apiError{status: http.StatusNotFound, code: "not_found"}
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
	s.Log.Error("request failed", "request", requestID(w), "path", r.URL.Path, "err", err)
	return internal(w)
}
