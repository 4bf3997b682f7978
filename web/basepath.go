package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// The console can live below a path of its host: -public-url
// https://tools.example.com/muban. All of it is written as if it had the host to
// itself, with addresses that begin at "/"; here, and nowhere else, they are moved
// below the path on their way out, and requests back on their way in.

// basePath is the path of a public URL without its last slash, "" for none.
func basePath(public string) string {
	u, err := url.Parse(public)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

// below takes the base path off a request. One without it is served too: some
// proxies take it off themselves, and probes come without a proxy.
func (s *Server) below(next http.Handler) http.Handler {
	if s.base == "" {
		return next
	}
	strip := http.StripPrefix(s.base, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == s.base:
			http.Redirect(w, r, s.base+"/", http.StatusPermanentRedirect)
		case strings.HasPrefix(r.URL.Path, s.base+"/"):
			strip.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// rooted are the ways in which a page writes an address. In what people typed the
// quotation mark is escaped, so none of it is taken for one.
var rooted = []string{` href="/`, ` action="/`, ` formaction="/`, ` src="/`, ` data-live="/`, ` data-poll="/`}

// moved is a page with its addresses below the base path.
func (s *Server) moved(page []byte) []byte {
	if s.base == "" {
		return page
	}
	for _, attribute := range rooted {
		page = bytes.ReplaceAll(page, []byte(attribute), []byte(strings.TrimSuffix(attribute, "/")+s.base+"/"))
	}
	return page
}

// addressHeaders are those of an answer that hold an address of ours.
var addressHeaders = []string{"Location", "X-Url"}

// moveHeaders moves the addresses in an answer's headers below base.
func moveHeaders(h http.Header, base string) {
	for _, name := range addressHeaders {
		if at := h.Get(name); strings.HasPrefix(at, "/") && base != "" {
			h.Set(name, base+at)
		}
	}
}
