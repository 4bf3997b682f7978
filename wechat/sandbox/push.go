package sandbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	pushTries   = 3 // in all (消息推送, 接收消息)
	pushTimeout = 5 * time.Second
	maxWaiting  = 1000 // events of an app that wait to be pushed; further ones are lost, as WeChat promises none
	keptPushes  = 50   // of an app, for those who look
)

// The modes and the formats of a Push.
const (
	Plain  = "plain"
	Compat = "compat" // the fields and what is encrypted, together
	Safe   = "safe"   // only what is encrypted

	JSON = "json"
	XML  = "xml"
)

// Push is where and how the events of an app are pushed (消息推送 in the console of WeChat). Without a URL they are not.
type Push struct {
	URL    string `json:"url"`
	Token  string `json:"token"`
	AESKey string `json:"aes_key"` // EncodingAESKey, 43 characters; not of Plain
	Mode   string `json:"mode"`    // Plain when empty
	Format string `json:"format"`  // JSON when empty
}

// key is what EncodingAESKey stands for.
func (p Push) key() ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(p.AESKey + "=")
	if err != nil || len(key) != 32 {
		return nil, errors.New("aes_key is 43 letters and digits")
	}
	return key, nil
}

func (p Push) check() error {
	u, err := url.Parse(p.URL)
	switch {
	case p.URL == "":
		return nil
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("url is an address that begins with http:// or https://")
	case p.Token == "" || len(p.Token) > 32:
		return errors.New("token is 1 to 32 characters")
	case p.Mode != Plain && p.Mode != Compat && p.Mode != Safe:
		return errors.New(`mode is "plain", "compat" or "safe"`)
	case p.Format != JSON && p.Format != XML:
		return errors.New(`format is "json" or "xml"`)
	case p.Mode != Plain:
		_, err = p.key()
	}
	return err
}

// SetPush says where the events of an app go from now on. VerifyPush asks that address whether it takes them.
func (s *Server) SetPush(appID string, p Push) error {
	if p.Mode == "" {
		p.Mode = Plain
	}
	if p.Format == "" {
		p.Format = JSON
	}
	if err := p.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.state.Apps[appID]
	if app == nil {
		return ErrUnknownApp
	}
	if app.Push = &p; p.URL == "" {
		app.Push = nil
	}
	s.changes++
	return nil
}

// PushHome says where the events of apps go that no other place is set for: to the console that this simulator is part
// of. home is asked when one is pushed, for the console's settings may have changed.
func (s *Server) PushHome(home func(appID string) (Push, error), through http.RoundTripper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.home, s.homeTransport = home, through
}

// VerifyPush does what WeChat does when the address is entered: it asks for an echo. It takes up to 5 seconds.
func (s *Server) VerifyPush(ctx context.Context, appID string) error {
	s.mu.Lock()
	app := s.state.Apps[appID]
	if app == nil || app.Push == nil {
		s.mu.Unlock()
		return errors.New("no url is set")
	}
	p, echo := *app.Push, strconv.FormatUint(uint64(s.mintMsgID()), 10)
	query := s.signed(p)
	s.mu.Unlock()
	query.Set("echostr", echo)
	answer, err := s.ask(ctx, http.MethodGet, p, query, nil, s.pushTransport)
	if err == nil && answer != echo {
		err = errors.New("another answer than the echostr")
	}
	return err
}

// Pushed is an event that was pushed, or was to be.
type Pushed struct {
	Event string    `json:"event"`
	At    time.Time `json:"at"` // of the event
	Tries int       `json:"tries"`
	Err   string    `json:"error"` // of the last try; "" when it was answered
}

// pushes are the events that wait, by app. One goroutine an app pushes them in their order, and ends when none is left.
type pushes struct {
	mu      sync.Mutex
	waiting map[string][]pushing
	done    map[string][]Pushed
	busy    map[string]bool
}

// pushing is an event on its way.
type pushing struct {
	to      *Push // nil: the console that the simulator is part of
	appID   string
	openID  string
	message message
}

// push sends an event of the user's off in the background. The caller holds the lock.
func (s *Server) push(app *app, openID, event string, at time.Time, items []item) {
	m := message{to: originalID(app.ID), from: openID, at: at, event: event, items: items}
	s.dispatch(app, openID, m)
}

// dispatch puts a message on its way, if there is one. The caller holds the lock.
func (s *Server) dispatch(app *app, openID string, m message) (taken bool) {
	if app.Push == nil && s.home == nil {
		return false
	}
	m.other = s.state.Other
	e := pushing{appID: app.ID, openID: openID, message: m}
	if app.Push != nil {
		to := *app.Push
		e.to = &to
	}
	s.pushes.add(s, e)
	return true
}

func (p *pushes) add(s *Server, e pushing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting == nil {
		p.waiting, p.done, p.busy = map[string][]pushing{}, map[string][]Pushed{}, map[string]bool{}
	}
	if len(p.waiting[e.appID]) >= maxWaiting {
		return
	}
	p.waiting[e.appID] = append(p.waiting[e.appID], e)
	if !p.busy[e.appID] {
		p.busy[e.appID] = true
		go p.work(s, e.appID)
	}
}

func (p *pushes) work(s *Server, appID string) {
	for {
		p.mu.Lock()
		if len(p.waiting[appID]) == 0 {
			p.busy[appID] = false
			p.mu.Unlock()
			return
		}
		e := p.waiting[appID][0]
		p.waiting[appID] = p.waiting[appID][1:]
		p.mu.Unlock()
		result := s.try(e)
		p.mu.Lock()
		p.done[appID] = append(p.done[appID], result)
		if n := len(p.done[appID]); n > keptPushes {
			p.done[appID] = p.done[appID][n-keptPushes:]
		}
		p.mu.Unlock()
	}
}

// forget drops what waits; what is on its way still arrives.
func (p *pushes) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.waiting)
	clear(p.done)
}

// Pushed are the last events that were pushed for an app, oldest first, and how many still wait.
func (s *Server) Pushed(appID string) (done []Pushed, waiting int) {
	p := &s.pushes
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting = len(p.waiting[appID])
	if p.busy[appID] && waiting == 0 {
		waiting = 1 // the one on its way
	}
	return slices.Clone(p.done[appID]), waiting
}

// try pushes an event up to three times, each with a nonce of its own, until it is answered with "success" or nothing.
func (s *Server) try(e pushing) Pushed {
	result := Pushed{Event: e.message.event, At: e.message.at}
	for result.Tries < pushTries {
		result.Tries++
		answer, err := s.tryOnce(e)
		if err == nil && answer != "" && answer != "success" {
			err = fmt.Errorf("answered %.40q", answer)
		}
		if err == nil {
			result.Err = ""
			return result
		}
		result.Err = err.Error()
	}
	return result
}

func (s *Server) tryOnce(e pushing) (answer string, err error) {
	to, through := e.to, s.pushTransport
	if to == nil {
		home, err := s.home(e.appID)
		if err == nil {
			err = home.check()
		}
		if err != nil {
			return "", err
		}
		to, through = &home, s.homeTransport
	}
	body, query := s.sealed(e, *to)
	return s.ask(context.Background(), http.MethodPost, *to, query, body, through)
}

// ask makes one request of a push and reads what is answered with 200 within 5 seconds.
func (s *Server) ask(
	ctx context.Context, method string, p Push, query url.Values, body []byte, through http.RoundTripper,
) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	address := p.URL
	if strings.Contains(address, "?") {
		address += "&" + query.Encode()
	} else {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("User-Agent", "Mozilla/4.0")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", map[string]string{JSON: "application/json", XML: "text/xml"}[p.Format])
	}
	res, err := through.RoundTrip(r)
	if err != nil {
		return "", errors.New(strings.ReplaceAll(err.Error(), p.Token, "[token]"))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxRequest))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d", res.StatusCode)
	}
	return strings.TrimSpace(string(answer)), err
}

// postPush sets where events go, and says whether the address answers as it must.
func (s *Server) postPush(c call) (any, error) {
	q, err := understand[struct {
		AppID string `json:"appid"`
		Push
	}](c)
	if err == nil {
		err = s.SetPush(q.AppID, q.Push)
	}
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"appid": q.AppID, "url": q.URL}
	if q.URL != "" {
		err := s.VerifyPush(context.Background(), q.AppID)
		if answer["verified"] = err == nil; err != nil {
			answer["error"] = err.Error()
		}
	}
	return answer, nil
}

func (s *Server) getPush(c call) (any, error) {
	if !s.hasApp(c.param("appid")) {
		return nil, ErrUnknownApp
	}
	done, waiting := s.Pushed(c.param("appid"))
	return map[string]any{"pushed": append([]Pushed{}, done...), "waiting": waiting}, nil
}
