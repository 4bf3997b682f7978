package web

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// maxBody bounds every posted form, in bytes.
const maxBody = 1 << 20

// policy is the Content-Security-Policy of every page: nothing inline, nothing
// from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

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
			r.Body = http.MaxBytesReader(seen, r.Body, maxBody)
			if cross.Check(r) != nil || !vouched(r) {
				s.door(r).CrossSite(seen, r)
				return
			}
		}
		next.ServeHTTP(seen, r)
	})
}

// vouched tells whether a post that carries a cookie also carries what browsers
// send with it. CrossOriginProtection lets a request with neither header
// through, as no browser's; but a cookie travels.
func vouched(r *http.Request) bool {
	return r.Header.Get("Cookie") == "" || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}

// headers are those of every answer.
func (s *Server) headers() http.Header {
	h := http.Header{}
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if s.sessions.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return h
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

// client is who asks: the nearest address of X-Forwarded-For that no trusted proxy
// has, where a trusted proxy passed the request on.
func (s *Server) client(r *http.Request) string {
	at := r.RemoteAddr
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(at); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = netip.AddrPortFrom(hop.Unmap(), 0).String()
	}
	return at
}

func (s *Server) trusted(addr string) bool {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(at.Addr().Unmap()) })
}
