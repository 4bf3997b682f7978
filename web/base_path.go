package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"muban/views/ui"
	"muban/web/auth"
	"muban/web/pages"
)

// Two things can go before the addresses of the console, which are written from "/" on.
// ui.Below puts them there where a page or a redirect is written; here they are taken
// off a request.
//
// The base path: -public-url https://tools.example.com/muban has all of it below
// /muban.
//
// The mini program: somebody who has several sees each below /@APPID, so that every
// address says which one it is about. It can be sent to a colleague; two tabs can be
// at two mini programs; and a form acts on the one that its page showed, whatever was
// chosen since. An address without it is about the one chosen last.

// basePath is the path of a public URL without its last slash, "" for none.
func basePath(public string) string {
	u, err := url.Parse(public)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

// below takes the base path and the mini program off a request. One without the base
// path is served too: some proxies take it off themselves, and probes come without a
// proxy.
func (s *Server) below(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before, rest := "", r.URL.Path
		if inside, ok := cutPath(rest, s.base); ok && s.base != "" {
			before, rest = s.base, inside
		}
		appID, rest := pages.SplitApp(rest)
		before += ui.In(appID, "")
		if before == "" {
			next.ServeHTTP(w, r)
			return
		}
		if plain := (&url.URL{Path: cleaned(rest), RawQuery: r.URL.RawQuery}); plain.Path != rest {
			// The mux would lead there too, but knows nothing of what was taken off.
			http.Redirect(w, r, before+plain.String(), http.StatusPermanentRedirect)
			return
		}
		if appID != "" {
			r = auth.WithApp(r, appID)
		}
		http.StripPrefix(before, next).ServeHTTP(w, r)
	})
}

// cutPath takes the first of a path's parts off it.
func cutPath(address, first string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(address, first)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// cleaned is a path without empty and dotted parts.
func cleaned(at string) string {
	plain := path.Clean("/" + at)
	if strings.HasSuffix(at, "/") && plain != "/" {
		plain += "/"
	}
	return plain
}
