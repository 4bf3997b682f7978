package web_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"muban/store"
	"muban/web"
)

// Behind a proxy, guessing closes the sign-in for whoever guesses and for nobody
// else (faults.md 30); without one, X-Forwarded-For is only something that
// anybody can write.
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
			console := newConsoleWith(t, func(w *web.Config) { w.TrustedProxies = c.trusted })
			signIn := func(from, name, password string) int {
				b := console.visitor()
				b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				r, err := http.NewRequest(http.MethodPost, b.base+"/sign-in", strings.NewReader(credentials(name, password).Encode()))
				must(t, err)
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Origin", b.base)
				r.Header.Set("X-Forwarded-For", "6.6.6.6, "+from) // the first is the guesser's own invention
				return b.do(r).status
			}
			for range 5 {
				signIn("203.0.113.9", "nobody", "wrong")
			}
			if got := signIn("198.51.100.7", string(store.QA), password); got != c.status {
				t.Errorf("somebody else's sign-in: %d, want %d", got, c.status)
			}
			if got := signIn("203.0.113.9", string(store.Operator), password); got != http.StatusTooManyRequests {
				t.Errorf("the guesser's sign-in: %d", got)
			}
		})
	}
}
