package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	controlPrefix = "/sandbox/"

	maxApps  = 100
	maxAhead = 10 * 365 * 24 * time.Hour // either way
)

// isControl tells the hands on the simulation from WeChat's own paths.
func isControl(path string) bool { return strings.HasPrefix(path, controlPrefix) }

// control answers a call under /sandbox/: what was asked for, or 4xx with a reason.
func (s *Server) control(c call) reply {
	act, allow := s.find(c.method, strings.TrimPrefix(c.path, controlPrefix))
	switch {
	case allow == nil:
		return failure(http.StatusNotFound, "not_found", "no such control: "+c.path)
	case act == nil:
		return failure(http.StatusMethodNotAllowed, "method_not_allowed", "use "+strings.Join(allow, " or "))
	case c.tooLarge:
		return failure(http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("at most %d bytes", maxBody))
	}
	result, err := act(c)
	switch {
	case errors.Is(err, ErrUnknownApp):
		return failure(http.StatusNotFound, "unknown_app", err.Error())
	case err != nil:
		return failure(http.StatusBadRequest, "bad_request", err.Error())
	}
	return reply{status: http.StatusOK, contentType: "application/json", body: encode(result)}
}

// lever is one hand on the simulation.
type lever struct {
	method, name string
	act          func(call) (any, error)
}

func (s *Server) levers() []lever {
	return []lever{
		{"POST", "forms", s.postForm},
		{"POST", "payments", s.postPayment},
		{"POST", "consents", s.postConsents},
		{"POST", "push", s.postPush},
		{"GET", "push", s.getPush},
		{"POST", "penalties", s.postPenalty},
		{"POST", "categories", s.postCategories},
		{"GET", "messages", s.getMessages},
		{"GET", "clock", s.getClock},
		{"POST", "clock", s.postClock},
		{"GET", "faults", s.getFaults},
		{"POST", "faults", s.postFault},
		{"DELETE", "faults", s.deleteFaults},
		{"GET", "stats", s.getStats},
		{"POST", "apps", s.postApp},
		{"POST", "limits", s.postLimits},
		{"POST", "library", s.postLibrary},
		{"POST", "retire", s.postRetire},
		{"POST", "contradictions", s.postContradictions},
		{"POST", "reset", s.postReset},
	}
}

// find gives the act for a method, and the methods that the name has at all.
func (s *Server) find(method, name string) (act func(call) (any, error), allow []string) {
	for _, l := range s.levers() {
		if l.name != name {
			continue
		}
		allow = append(allow, l.method)
		if l.method == method {
			act = l.act
		}
	}
	return act, allow
}

func failure(status int, code, message string) reply {
	type cause struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	body := encode(map[string]cause{"error": {code, message}})
	return reply{status: status, contentType: "application/json", body: body}
}

// understand reads a control's body. Unknown fields are refused: a misspelt one would
// otherwise do nothing, silently.
func understand[Q any](c call) (Q, error) {
	var q Q
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		return q, fmt.Errorf("body is not the JSON wanted: %w", err)
	}
	if d.More() {
		return q, errors.New("body is more than one JSON value")
	}
	return q, nil
}

type user struct {
	AppID  string `json:"appid"`
	OpenID string `json:"openid"`
}

func (s *Server) postForm(c call) (any, error) {
	q, err := understand[user](c)
	if err != nil {
		return nil, err
	}
	id, err := s.SubmitForm(q.AppID, q.OpenID)
	return map[string]string{"form_id": id}, err
}

func (s *Server) postPayment(c call) (any, error) {
	q, err := understand[struct {
		user
		Settle *Duration `json:"settle"`
	}](c)
	if err != nil {
		return nil, err
	}
	settle := s.o.Settle
	if q.Settle != nil {
		settle = time.Duration(*q.Settle)
	}
	if settle < 0 || settle > rightLifetime {
		return nil, fmt.Errorf("settle is 0s to %s", rightLifetime)
	}
	id, err := s.PaySettling(q.AppID, q.OpenID, settle)
	return map[string]string{"prepay_id": id}, err
}

func (s *Server) getClock(call) (any, error) {
	return map[string]time.Time{"now": s.Now().In(shanghai)}, nil
}

func (s *Server) postClock(c call) (any, error) {
	q, err := understand[struct {
		Advance *Duration `json:"advance"`
	}](c)
	switch {
	case err != nil:
		return nil, err
	case q.Advance == nil:
		return nil, errors.New(`"advance" is missing, such as "168h"`)
	}
	step := time.Duration(*q.Advance)
	if outOfReach(step) || outOfReach(s.Ahead()+step) {
		return nil, errors.New("the clock moves ten years either way at most")
	}
	s.Advance(step)
	return s.getClock(c)
}

func outOfReach(d time.Duration) bool { return d > maxAhead || d < -maxAhead }

func (s *Server) getFaults(call) (any, error) { return s.Faults(), nil }

func (s *Server) postFault(c call) (any, error) {
	f, err := understand[Fault](c)
	if err == nil {
		err = s.AddFault(f)
	}
	return s.Faults(), err
}

func (s *Server) deleteFaults(c call) (any, error) {
	s.ClearFaults()
	return s.getFaults(c)
}

func (s *Server) getMessages(c call) (any, error) {
	appID := c.param("appid")
	if appID != "" && !s.hasApp(appID) {
		return nil, ErrUnknownApp
	}
	return s.Messages(appID, c.param("openid")), nil
}

func (s *Server) hasApp(appID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Apps[appID] != nil
}

func (s *Server) getStats(call) (any, error) { return s.Stats(), nil }

func (s *Server) postReset(c call) (any, error) {
	s.Reset()
	return s.getClock(c)
}

func (s *Server) postApp(c call) (any, error) {
	q, err := understand[struct {
		AppID  string `json:"appid"`
		Secret string `json:"secret"`
	}](c)
	switch {
	case err != nil:
		return nil, err
	case len(q.AppID) != 18 || !strings.HasPrefix(q.AppID, "wx") || !isBase64URL(q.AppID):
		return nil, errors.New("an appid is wx and 16 letters or digits")
	case q.Secret == "" || len(q.Secret) > 128:
		return nil, errors.New("a secret has 1 to 128 characters")
	case !s.hasApp(q.AppID) && s.countApps() >= maxApps:
		return nil, fmt.Errorf("there are %d apps already", maxApps)
	}
	s.AddApp(q.AppID, q.Secret)
	return map[string]string{"appid": q.AppID}, nil
}

func (s *Server) countApps() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.state.Apps)
}

func (s *Server) postRetire(c call) (any, error) {
	q, err := understand[struct {
		Retired *bool `json:"retired"`
	}](c)
	if err == nil && q.Retired == nil {
		err = errors.New(`"retired" is missing: true or false`)
	}
	if err != nil {
		return nil, err
	}
	s.Retire(*q.Retired)
	return map[string]bool{"retired": *q.Retired}, nil
}
