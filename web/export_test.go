package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"muban/store"
)

// RouteInfo is one registered route, as the tests see it.
type RouteInfo struct {
	Pattern, Method, Path string
	Needs                 Permission
}

// Routes are all of them, from the table that Handler registers.
func (s *Server) Routes() []RouteInfo {
	var all []RouteInfo
	for _, r := range s.routes {
		method, path, _ := strings.Cut(r.pattern, " ")
		all = append(all, RouteInfo{r.pattern, method, path, r.needs})
	}
	return all
}

// AddRoute is for faults that no route has by itself, such as a panic.
func (s *Server) AddRoute(pattern string, needs Permission, f func(w http.ResponseWriter, r *http.Request)) {
	s.routes = append(s.routes, route{pattern, needs, func(w http.ResponseWriter, r *http.Request, _ *visit) error {
		f(w, r)
		return nil
	}})
}

// Hasten lets a payment of a moment ago settle without a wait.
func (s *Server) Hasten() {
	s.sender.After = func(time.Duration) <-chan time.Time {
		now := make(chan time.Time, 1)
		now <- time.Time{}
		return now
	}
}

// Unsettled keeps a payment of a moment ago from settling until the test says so, and
// keeps no page back for long.
func (s *Server) Unsettled() (settle func()) {
	again := make(chan time.Time)
	s.sender.After = func(time.Duration) <-chan time.Time { return again }
	s.sendWait = 2 * time.Second // enough to be recorded, on a slow machine too
	return func() { close(again) }
}

// Granted is what a role may do.
func Granted(role store.Role) []Permission { return granted[role] }

// KeepHouse does now what Run does every few seconds.
func (s *Server) KeepHouse(ctx context.Context) { s.keepHouse(ctx) }

// Deliver sends what is due to the webhook.
func (s *Server) Deliver(ctx context.Context) {
	for s.courier.Deliver(ctx) == nil {
	}
}

// NewAPIKey makes a key and what the store keeps of it.
func NewAPIKey() (string, store.APIKey) { return newAPIKey() }

// Scope is what a key has to be for, for the routes of business servers.
func (p Permission) Scope() (string, bool) { return p.scope() }
