package web

import "net/http"

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

// policy is the Content-Security-Policy of every page: nothing inline, nothing
// from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// vouched tells whether a post that carries a cookie also carries what browsers
// send with it. CrossOriginProtection lets a request with neither header
// through, as no browser's; but a cookie travels.
func vouched(r *http.Request) bool {
	return r.Header.Get("Cookie") == "" || r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
}
