package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/netip"
	"strings"
)

// A person is known again by the browser, which keeps a random id in a cookie, and by the network. A place opens
// nothing: it is where a stranger's wrong guesses do not count.

// deviceLife is how long a browser keeps its id; it is written anew at each sign-in.
const deviceLife = 180 * 24 * 3600 // seconds

func (s *Sessions) deviceName() string { return s.cookieName() + "-device" }

// places are what a browser could be known by, the surest first.
func (s *Sessions) places(r *http.Request) []string {
	var places []string
	if id := CookieValue(r, s.deviceName()); len(id) == 43 {
		places = append(places, devicePlace(id))
	}
	return append(places, networkPlaces(r)...)
}

// networkPlaces is the network of the request, none where its address is none.
func networkPlaces(r *http.Request) []string {
	net := neighbourhood(Address(r))
	if !net.IsValid() {
		return nil
	}
	return []string{"network:" + net.String()}
}

// devicePlace is how the store knows a device: by a hash, as it knows sessions.
func devicePlace(id string) string {
	hash := sha256.Sum256([]byte(id))
	return "device:" + hex.EncodeToString(hash[:])
}

// device answers the id of the browser, a new one where it has none that anybody signed in with: an id that somebody
// else has planted is not taken over.
func (s *Sessions) device(r *http.Request) (id string, err error) {
	if id = CookieValue(r, s.deviceName()); len(id) == 43 {
		if known, err := s.store.KnowsPlace(r.Context(), devicePlace(id)); known || err != nil {
			return id, err
		}
	}
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

func (s *Sessions) setDevice(w http.ResponseWriter, id string) {
	http.SetCookie(w, &http.Cookie{
		Name: s.deviceName(), Value: id, Path: "/", MaxAge: deviceLife, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// guessing names the request's session where it is of the person called name: what they type on their own pages is
// counted by it.
func (s *Sessions) guessing(r *http.Request, name string) string {
	live, err := s.Of(r)
	if err != nil || !strings.EqualFold(live.Access.Name, name) {
		return ""
	}
	return "session:" + hex.EncodeToString(live.Session.Hash[:])
}

// neighbourhood is the network that a person is known by: of IPv6 the /64 that one customer has, of IPv4 a /24. An
// office or a carrier lets one person out by several addresses that lie side by side, and changes them; the few
// strangers in a /24 cannot close it to a device that is known.
func neighbourhood(addr string) netip.Prefix {
	net := network(addr)
	if net.IsValid() && net.Addr().Is4() {
		return netip.PrefixFrom(net.Addr(), 24).Masked()
	}
	return net
}

// guesser is whom guesses are counted by: an IPv4 address, or an IPv6 /64.
func guesser(addr string) string {
	if net := network(addr); net.IsValid() {
		return net.String()
	}
	return addr
}
