package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"muban/views/ui"
)

// The console is written as if it had its host to itself and its people had one mini
// program: its addresses begin at "/". Two things can go before them, and here, and
// nowhere else, they are put there on the way out and taken off on the way in.
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
		appID, rest := splitApp(rest)
		before += ui.In(appID, "")
		if before == "" {
			next.ServeHTTP(w, r)
			return
		}
		if rest == "" {
			http.Redirect(w, r, before+"/", http.StatusPermanentRedirect)
			return
		}
		if appID != "" {
			r = r.WithContext(context.WithValue(r.Context(), named{}, appID))
		}
		http.StripPrefix(before, next).ServeHTTP(w, r)
	})
}

// cutPath takes the first of a path's parts off it.
func cutPath(path, first string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, first)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// splitApp is the AppID that an address begins with, "" for none, and what follows.
func splitApp(address string) (appID, rest string) {
	name, ok := strings.CutPrefix(address, "/@")
	if !ok {
		return "", address
	}
	if end := strings.IndexAny(name, "/?"); end >= 0 {
		return name[:end], name[end:]
	}
	return name, ""
}

type named struct{}

// namedApp is the AppID that the request's address names, "" for none.
func namedApp(r *http.Request) string {
	appID, _ := r.Context().Value(named{}).(string)
	return appID
}

// bind puts the addresses of the answer below the visitor's mini program, where they
// have several.
func (s *Server) bind(w http.ResponseWriter, v *visit) {
	if v != nil && v.account != nil && len(v.apps) > 1 {
		s.bindTo(w, v.account.App.AppID)
	}
}

func (s *Server) bindTo(w http.ResponseWriter, appID string) {
	if seen, ok := w.(*recorder); ok {
		seen.below.app = ui.In(appID, "")
	}
}

// prefix is what goes before the addresses of an answer.
type prefix struct{ base, app string }

// of is what goes before one of them, which begins at "/". What is the same for every
// mini program, or names one itself, has the base path alone.
func (p prefix) of(address string) string {
	if strings.HasPrefix(address, "/static/") || strings.HasPrefix(address, "/@") || strings.HasPrefix(address, "//") {
		return p.base
	}
	return p.base + p.app
}

// moved is a page with its addresses where they belong.
func (p prefix) moved(page []byte) []byte {
	if p.base+p.app == "" {
		return page
	}
	out := make([]byte, 0, len(page)+len(page)/8)
	for {
		// In what people typed the quotation mark is escaped, so none of it is taken
		// for an attribute.
		at := bytes.Index(page, []byte(`="/`))
		if at < 0 {
			return append(out, page...)
		}
		out = append(out, page[:at+2]...)
		if name := page[bytes.LastIndexByte(page[:at], ' ')+1 : at]; addressed[string(name)] {
			out = append(out, p.of(string(page[at+2:min(len(page), at+2+len("/static/"))]))...)
		}
		page = page[at+2:]
	}
}

// addressed are the attributes in which a page writes an address.
var addressed = map[string]bool{"href": true, "action": true, "formaction": true, "src": true, "data-live": true, "data-poll": true}

// addressHeaders are those of an answer that hold an address of ours.
var addressHeaders = []string{"Location", "X-Url"}

// moveHeaders moves the addresses in an answer's headers.
func (p prefix) moveHeaders(h http.Header) {
	for _, name := range addressHeaders {
		if at := h.Get(name); strings.HasPrefix(at, "/") {
			h.Set(name, p.of(at)+at)
		}
	}
}
