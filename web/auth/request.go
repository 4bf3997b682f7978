package auth

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"
)

// What is read from somebody who may be anybody. A sign-in has a tenth of it.
const (
	StrangersBody     = 16 << 10 // bytes
	strangersPatience = 15 * time.Second
)

// FromStranger bounds the body of a request that needs no sign-in, in size and in time: everybody can send many.
func FromStranger(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, StrangersBody)
	// Where the connection cannot do that it is not a server's; the next request sets its own.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(strangersPatience))
}

// Address is who asks, without the port.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// CookieValue is the value of the request's cookie called name, "" for none. It
// reads the header itself: parsing every cookie is most of what the check of a
// session would cost.
func CookieValue(r *http.Request, name string) string {
	for _, line := range r.Header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if key == name {
				return value
			}
		}
	}
	return ""
}

// agentMarks are what User-Agent headers hold, the more special first: nearly all
// of them also say Safari.
var agentMarks = [2][]struct{ mark, name string }{
	{{"MicroMessenger", "WeChat"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox", "Firefox"}, {"Chrome", "Chrome"},
		{"Safari", "Safari"}, {"curl", "curl"}},
	{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS", "macOS"},
		{"Linux", "Linux"}},
}

// browserOf is a User-Agent in short, as people know their own: "Firefox · Linux";
// "" for one that nobody knows.
func browserOf(agent string) string {
	var known []string
	for _, marks := range agentMarks {
		for _, m := range marks {
			if strings.Contains(agent, m.mark) {
				known = append(known, m.name)
				break
			}
		}
	}
	return strings.Join(known, " · ")
}

type named struct{}

// WithApp is the request with the AppID that its address names.
func WithApp(r *http.Request, appID string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), named{}, appID))
}

// NamedApp is the AppID that the request's address names, "" for none.
func NamedApp(r *http.Request) string {
	appID, _ := r.Context().Value(named{}).(string)
	return appID
}
