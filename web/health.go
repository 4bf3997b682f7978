package web

import (
	"context"
	"net/http"
	"time"
)

// health are the addresses for probes.
func (s *Server) health() []probe {
	return []probe{{"GET /healthz", healthy}, {"GET /readyz", s.ready}}
}

type probe struct {
	pattern string
	answer  http.HandlerFunc
}

func healthy(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }

// readyWithin is how long a probe waits for the storage to show that its trouble is over.
const readyWithin = 2 * time.Second

// ready tells whether requests can be served: the database is whole, answers, and takes what is written.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if err := s.Store.Ready(ctx); err != nil || s.damaged.Load() {
		s.Log.Error("not ready", "err", err)
		plain(w, http.StatusServiceUnavailable, "the database does not take or give what it should")
		return
	}
	plain(w, http.StatusOK, "ready")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
