package web

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"muban/web/pages"
)

// wrap puts around every request: headers, a bound on the body, the refusal of
// cross-site posts, a log line, and a page for a panic.
func (s *Server) wrap(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	headers := s.headers()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Now()
		seen := &recorder{ResponseWriter: w, id: s.requestID(r)}
		r.RemoteAddr = s.client(r)
		maps.Copy(w.Header(), headers) // the values are shared: they are replaced, never appended to
		w.Header()["X-Request-Id"] = []string{seen.id}
		defer s.finish(seen, r, start)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			r.Body = http.MaxBytesReader(seen, r.Body, pages.MaxBody)
			if cross.Check(r) != nil || !vouched(r) {
				s.door(r).CrossSite(seen, r)
				return
			}
		}
		next.ServeHTTP(seen, r)
	})
}

// finish logs the request, and turns a panic into a page and a line.
func (s *Server) finish(w *recorder, r *http.Request, start time.Time) {
	if p := recover(); p == http.ErrAbortHandler { // a file that was cut short
		panic(p)
	} else if p != nil {
		s.Log.Error("panic", "request", w.id, "panic", p, "stack", string(debug.Stack()))
		if w.status == 0 {
			s.door(r).Panicked(w, r)
		}
	}
	took := s.Now().Sub(start)
	s.metrics.answered(r.Pattern, w.status, took)
	level := slog.LevelDebug
	if w.status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	if !s.Log.Enabled(r.Context(), level) {
		return
	}
	// The path without its query: a query may hold what somebody typed.
	s.Log.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", w.status,
		"bytes", w.bytes, "took", took, "request", w.id)
}

// recorder notes what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status, bytes int
	id            string // names the request in the log, in the header X-Request-Id, and on an error page
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Begun tells whether something of the answer was sent.
func (w *recorder) Begun() bool { return w.status != 0 }

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// requestID is the name that a trusted proxy gave the request, or a new one. From
// anybody else a name could be one that forges or floods the log.
func (s *Server) requestID(r *http.Request) string {
	if given := r.Header.Get("X-Request-Id"); given != "" && s.trusted(r.RemoteAddr) && isRequestID(given) {
		return given
	}
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// isRequestID tells whether a name can stand in a header and in a line of the log.
func isRequestID(s string) bool {
	return len(s) <= 64 && strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-") == ""
}
