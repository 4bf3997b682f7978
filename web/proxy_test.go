package web_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
	"muban/web/webtest"
)

// Behind a proxy, guessing closes the sign-in for the guesser's address and for no
// other; without a trusted proxy X-Forwarded-For is ignored, as anybody can write it.
func TestATrustedProxyTellsWhoGuesses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		trusted []netip.Prefix
		status  int // of somebody else's right password after five wrong ones
	}{
		{"trusted", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, http.StatusSeeOther},
		{"not trusted", nil, http.StatusTooManyRequests},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			console := webtest.NewConsoleWith(t, func(w *web.Config) { w.TrustedProxies = c.trusted })
			signIn := func(from, name, password string) int {
				b := console.Visitor()
				b.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				r, err := http.NewRequest(http.MethodPost, b.Base+"/sign-in", strings.NewReader(webtest.Credentials(name, password).Encode()))
				webtest.Must(t, err)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Origin", b.Base)
				r.Header.Set("X-Forwarded-For", "6.6.6.6, "+from) // the first is the guesser's own invention
				return b.Do(r).Status
			}
			for range 5 {
				signIn("203.0.113.9", "nobody", "wrong")
			}
			if got := signIn("198.51.100.7", string(store.QA), webtest.Password); got != c.status {
				t.Errorf("somebody else's sign-in: %d, want %d", got, c.status)
			}
			if got := signIn("203.0.113.9", string(store.Operator), webtest.Password); got != http.StatusTooManyRequests {
				t.Errorf("the guesser's sign-in: %d", got)
			}
		})
	}
}
