package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	maxFaults     = 100
	maxFaultTimes = 1_000_000
	maxFaultBody  = 2 << 20 // bytes: more than any client should read
	maxDelay      = 10 * time.Minute
)

// Fault makes the next calls of a path go wrong. It has one of ErrCode, Status with or
// without Body, Body, and Drop; a Delay may stand alone or with them.
type Fault struct {
	Path    string   `json:"path"`
	Times   int      `json:"times"`             // calls still to go wrong; 1 when 0
	ErrCode *int     `json:"errcode,omitempty"` // answered instead of acting
	Status  int      `json:"status,omitempty"`  // HTTP status, answered instead of acting
	Delay   Duration `json:"delay,omitempty"`   // of the answer; the call takes effect at once
	Drop    string   `json:"drop,omitempty"`    // the connection, "before" or "after" the call took effect
	Body    string   `json:"body,omitempty"`    // answered instead of acting
}

// Duration is a time.Duration that is written "2s" in JSON.
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes "2s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads "2s" and nothing else: a bare number would not say its unit.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return errors.New(`a duration is a string such as "2s" or "168h"`)
	}
	parsed, err := time.ParseDuration(s)
	*d = Duration(parsed)
	return err
}

// AddFault sets a fault behind those already set. Of several on one path the oldest
// comes first.
func (s *Server) AddFault(f Fault) error {
	if f.Times == 0 {
		f.Times = 1
	}
	if err := f.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.state.Faults) >= maxFaults {
		return fmt.Errorf("there are %d faults already", maxFaults)
	}
	s.state.Faults = append(s.state.Faults, f)
	s.changes++
	return nil
}

// Faults are those still to come, oldest first.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Fault{}, s.state.Faults...)
}

// ClearFaults forgets all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Faults = nil
	s.changes++
}

func (f Fault) check() error {
	switch {
	case !known(f.Path):
		return fmt.Errorf("path is one of %s", strings.Join(Paths(), ", "))
	case f.Times < 1 || f.Times > maxFaultTimes:
		return fmt.Errorf("times is 1 to %d", maxFaultTimes)
	case f.Drop != "" && f.Drop != "before" && f.Drop != "after":
		return errors.New(`drop is "before" or "after"`)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return errors.New("status is 200 to 599")
	case len(f.Body) > maxFaultBody:
		return fmt.Errorf("body is at most %d bytes", maxFaultBody)
	case f.Delay < 0 || time.Duration(f.Delay) > maxDelay:
		return fmt.Errorf("delay is at most %s", maxDelay)
	}
	return f.checkOneSort()
}

func (f Fault) checkOneSort() error {
	sorts := 0
	for _, has := range []bool{f.ErrCode != nil, f.Status != 0 || f.Body != "", f.Drop != ""} {
		if has {
			sorts++
		}
	}
	if sorts > 1 || sorts == 0 && f.Delay == 0 {
		return errors.New("a fault has one of errcode, status, delay, drop, body")
	}
	return nil
}

// takeFault uses up one time of the oldest fault on a path. The caller holds the lock.
func (s *Server) takeFault(path string) Fault {
	at := slices.IndexFunc(s.state.Faults, func(f Fault) bool { return f.Path == path })
	if at < 0 {
		return Fault{}
	}
	s.changes++
	f := &s.state.Faults[at]
	taken := *f
	if f.Times--; f.Times == 0 {
		s.state.Faults = slices.Delete(s.state.Faults, at, at+1)
	}
	return taken
}

// afflicted answers a call as the fault wants; the zero fault wants nothing.
func (s *Server) afflicted(f Fault, c call) reply {
	switch {
	case f.Drop == "before":
		return reply{drop: true}
	case f.Drop == "after":
		s.answer(c)
		return reply{drop: true}
	case f.ErrCode != nil:
		s.mu.Lock()
		defer s.mu.Unlock()
		return weChatReply(s.refuse(*f.ErrCode))
	case f.Status != 0 || f.Body != "":
		return f.page()
	}
	return weChatReply(s.answer(c))
}

// page is what a gateway before WeChat would answer.
func (f Fault) page() reply {
	r := reply{status: f.Status, contentType: "text/html; charset=utf-8", body: []byte(f.Body)}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if strings.HasPrefix(strings.TrimSpace(f.Body), "{") {
		r.contentType = weChatType
	}
	if f.Body == "" && r.status != http.StatusNoContent && r.status != http.StatusNotModified {
		reason := fmt.Sprintf("%d %s", r.status, http.StatusText(r.status))
		r.body = fmt.Appendf(nil, "<html><head><title>%s</title></head><body><h1>%s</h1></body></html>", reason, reason)
	}
	return r
}
