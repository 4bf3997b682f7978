package pages

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"time"

	"muban/views/ui"
)

// below is what goes before the addresses of the visit's pages: the mini program too,
// for somebody who has several.
func (v *visit) below() ui.Below {
	b := ui.Below{Base: v.base}
	if v.account != nil && len(v.apps) > 1 {
		b.App = ui.In(v.account.App.AppID, "")
	}
	return b
}

// SplitApp is the AppID that an address begins with, "" for none, and what follows.
func SplitApp(address string) (appID, rest string) {
	name, ok := strings.CutPrefix(address, "/@")
	if !ok {
		return "", address
	}
	if end := strings.IndexAny(name, "/?"); end >= 0 {
		return name[:end], name[end:]
	}
	return name, ""
}

// publicBase is the address that people and servers use, without a slash at its
// end: as it was configured, or as this request has it.
func (s *Site) publicBase(r *http.Request) string {
	switch {
	case s.PublicURL != "":
		return strings.TrimRight(s.PublicURL, "/")
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// linkLife is how long an invitation, or a link for a new password, works.
const linkLife = 72 * time.Hour

func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// newLink is an address on this console that works once, and what is kept of it.
func (s *Site) newLink(r *http.Request, path string) (link string, hash [32]byte) {
	token := rand.Text()
	return s.publicBase(r) + path + "?token=" + url.QueryEscape(token), [32]byte(digest(token))
}

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
