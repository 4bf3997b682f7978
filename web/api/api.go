// Package api is the door for business servers: a JSON API for keys of an app, the
// token in WeChat's own shape for SDKs, and the metrics.
package api

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"muban/store"
	"muban/views/text"
	"muban/web/auth"
	"muban/wechat"
	"muban/wechat/account"
	"muban/wechat/dispatch"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// API is the door for business servers: /api/, /cgi-bin/ for SDKs, and /metrics. Its
// errors are {"error":{"code":"…","message":"…"}} with the status that fits, those of
// /cgi-bin/ in WeChat's own shape.
type API struct {
	Options
	lookups lookups
	mux     *http.ServeMux
	table   []route
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

// route is one address, the permission it needs, and its handler.
type route struct {
	pattern string
	needs   auth.Permission
	handle  func(w http.ResponseWriter, r *http.Request, c *caller) error
}

// New makes the door.
func New(o Options) *API {
	a := &API{Options: o, mux: http.NewServeMux()}
	a.table = []route{
		{"GET /api/v1/templates", auth.KeyAny, a.namedTemplates},
		{"GET /api/v1/templates/{alias}", auth.KeyAny, a.resolveTemplate},
		{"POST /api/v1/testers/bind", auth.KeyRights, a.bindByCode},
		{"POST /api/v1/rights", auth.KeyRights, a.reportRights},
		{"POST /api/v1/consents", auth.KeyRights, a.reportConsents},
		{"GET /api/v1/consents", auth.KeyRights, a.consentsOf},
		{"POST /api/v1/sends", auth.KeySend, a.orderSend},
		{"GET /api/v1/rules", auth.KeyAny, a.valueRules},
		{"GET /api/v1/access_token", auth.KeyToken, a.accessToken},
		{"POST /api/v1/access_token/refresh", auth.KeyToken, a.refreshToken},
		{"GET /cgi-bin/token", auth.KeyToken, a.sharedToken},
		{"POST /cgi-bin/token", auth.KeyToken, a.sharedToken},
		{"POST " + stableTokenPath, auth.KeyToken, a.stableToken},
		{"GET /metrics", auth.ReadMetrics, a.measurements},
	}
	for _, rt := range a.table {
		a.mux.Handle(rt.pattern, a.guard(rt))
	}
	a.mux.HandleFunc("/", a.nowhere)
	return a
}

// Serves tells whether a request is for this door.
func (a *API) Serves(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || forSDKs(r) || r.URL.Path == "/metrics"
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// Routes are the patterns that are served, each with what it needs.
func (a *API) Routes() iter.Seq2[string, auth.Permission] {
	return func(yield func(string, auth.Permission) bool) {
		for _, rt := range a.table {
			if !yield(rt.pattern, rt.needs) {
				return
			}
		}
	}
}

// Flush writes who asked for which template.
func (a *API) Flush(ctx context.Context) error { return a.lookups.flush(ctx, a.Store) }

// guard lets in whom the route is for, and answers an error in the door's form.
func (a *API) guard(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := a.enter(r, rt.needs)
		if err == nil {
			err = rt.handle(w, r, c)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

// nowhere answers what no route takes: where the address is one, its methods are told.
func (a *API) nowhere(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		asked := *r
		asked.Method = method
		if _, pattern := a.mux.Handler(&asked); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		a.fail(w, r, errNoRoute)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	a.fail(w, r, refuse(http.StatusMethodNotAllowed, "not_allowed"))
}

var errNoRoute = refuse(http.StatusNotFound, "not_found")

// CrossSite refuses a request that a page of another site made.
func (a *API) CrossSite(w http.ResponseWriter, r *http.Request) {
	a.Events.Warn(auth.EventCrossSite, r)
	a.fail(w, r, refuse(http.StatusForbidden, "cross_site"))
}

// Panicked answers a request whose handler panicked, which is logged already.
func (a *API) Panicked(w http.ResponseWriter, r *http.Request) { a.fail(w, r, internal(w)) }

func internal(w http.ResponseWriter) *failure {
	return &failure{status: http.StatusInternalServerError, code: "internal", args: []any{"RequestID", requestID(w)}}
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
func (a *API) enter(r *http.Request, needs auth.Permission) (*caller, error) {
	if needs == auth.ReadMetrics && a.Local(r) {
		return nil, nil
	}
	scope, key := needs.Scope()
	switch {
	case !key:
		scope = "metrics"
	case auth.NamedApp(r) != "": // a key has its own app
		return nil, errNoRoute
	case forSDKs(r):
		return a.sdkCaller(r, scope)
	}
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") { // RFC 9110, 11.1: in any case
		return nil, refuse(http.StatusUnauthorized, "key_missing")
	}
	return a.callerWith(r, text, scope)
}

// callerWith finds the key that text is, and what it opens.
func (a *API) callerWith(r *http.Request, text, scope string) (*caller, error) {
	now := a.Now()
	key, err := a.Keys.Open(r.Context(), text, auth.Address(r), now)
	if err != nil {
		return nil, a.refusedKey(r, err)
	}
	a.KeyUse.Used(key.ID, now)
	if !auth.Allows(*key, scope) {
		a.Events.Warn(auth.EventRefused, r, "key", key.Prefix, "scope", scope)
		return nil, refuse(http.StatusForbidden, "scope_missing", "Scope", scope)
	}
	acct, ok := a.Accounts.ByID(key.App)
	if !ok {
		if _, archived := a.Accounts.ArchivedByID(key.App); archived {
			return nil, refuse(http.StatusNotFound, "app_archived")
		}
		return nil, refuse(http.StatusNotFound, "app_unknown", "AppID", "")
	}
	return &caller{key, acct, a.langOf(r)}, nil
}

// refusedKey says why a key does not open anything.
func (a *API) refusedKey(r *http.Request, err error) error {
	if many, ok := errors.AsType[*auth.TooMany](err); ok {
		if many.Rate == 0 {
			a.Events.Warn(auth.EventWrongKey, r)
			return refuseFor(many.Wait, http.StatusTooManyRequests, "too_many_wrong_keys")
		}
		return refuseFor(many.Wait, http.StatusTooManyRequests, "too_many_calls", "Rate", many.Rate)
	}
	if errors.Is(err, auth.ErrWrongKey) {
		a.Events.Warn(auth.EventWrongKey, r)
		return refuse(http.StatusUnauthorized, "key_wrong")
	}
	return err
}

// langOf is the language of the messages, as the request wishes.
func (a *API) langOf(r *http.Request) string { return a.Texts.Match(r.Header.Get("Accept-Language")) }

// actor is the caller as the activity log names them.
func (c *caller) actor(r *http.Request) store.Actor {
	return store.Actor{Name: store.KeyActor(c.key.Prefix), Addr: auth.Address(r)}
}

// ofApp refuses an AppID that is not the key's own; "" stands for it.
func (c *caller) ofApp(appID string) error {
	if appID != "" && appID != c.account.App.AppID {
		return refuse(http.StatusNotFound, "app_unknown", "AppID", text.Excerpt(appID))
	}
	return nil
}

func (a *API) measurements(w http.ResponseWriter, r *http.Request, _ *caller) error {
	a.Metrics.ServeHTTP(w, r)
	return nil
}

// fail answers err in the door's form.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	if forSDKs(r) {
		a.failSDK(w, r, err)
		return
	}
	e := a.asFailure(w, r, err)
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="muban"`)
	}
	if e.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(e.wait)))
	}
	writeJSON(w, e.status, map[string]any{"error": map[string]string{"code": e.code,
		"message": e.message(a.Texts.In(a.langOf(r)))}})
}

// retryStorage is when it is worth asking again after trouble of the storage.
const retryStorage = 10 * time.Second

func (a *API) asFailure(w http.ResponseWriter, r *http.Request, err error) *failure {
	if e, ok := errors.AsType[*failure](err); ok {
		return e
	}
	if errors.Is(err, store.ErrNotFound) {
		return &failure{status: http.StatusNotFound, code: "not_found"}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &failure{status: http.StatusRequestEntityTooLarge, code: "too_large"}
	}
	if answer, ok := errors.AsType[*wechat.Error](err); ok {
		return &failure{status: http.StatusBadGateway, code: "wechat_errcode",
			args: []any{"Code", answer.Code, "Msg", answer.Msg}}
	}
	if wechat.IsFailure(err) {
		return &failure{status: http.StatusBadGateway, code: "wechat"}
	}
	a.Log.Error("request failed", "request", requestID(w), "path", r.URL.Path, "err", err)
	if store.Unavailable(err) {
		return &failure{status: http.StatusServiceUnavailable, code: "storage", wait: retryStorage}
	}
	return internal(w)
}
