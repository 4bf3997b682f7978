package web

import "net/http"

// health are the addresses for probes.
func (s *Server) health() []probe {
	return []probe{{"GET /healthz", healthy}, {"GET /readyz", s.ready}}
}

type probe struct {
	pattern string
	answer  http.HandlerFunc
}

func healthy(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }

// ready tells whether requests can be served: the database answers and is whole.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.Store.Ping(r.Context()); err != nil || s.damaged.Load() {
		s.Log.Error("not ready", "err", err)
		plain(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	plain(w, http.StatusOK, "ready")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
