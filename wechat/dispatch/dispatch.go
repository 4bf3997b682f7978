// Package dispatch sends one message once: it records the attempt, asks WeChat,
// and records how it ended, whatever happens to the caller in between.
package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"muban/wechat"
)

// The outcomes of a send (design.md, Words).
const (
	Pending = "pending" // recorded, no answer yet
	Sent    = "sent"    // WeChat answered errcode 0
	Refused = "refused" // WeChat answered another errcode, or nothing left this machine
	Unknown = "unknown" // the request went out and no answer came: it may have arrived
)

// Send is one attempt to send a message, with its outcome.
type Send struct {
	ID, App                           int64
	Key                               string   // makes a repeated request recognisable
	BodyHash                          [32]byte // of what the caller asked for
	TemplateID, Title, OpenID, FormID string
	Request                           []byte // the exact JSON
	Outcome                           string // Pending, Sent, Refused or Unknown
	ErrCode                           int
	ErrMsg, Reason                    string // Reason is one of Reasons; ErrMsg is WeChat's, whole
	Duration                          time.Duration
	PersonID                          int64
	PersonName                        string
	CreatedAt, FinishedAt             time.Time
}

// What a Journal answers instead of beginning a send.
var (
	ErrReplayed  = errors.New("dispatch: this key was used for the same send")
	ErrKeyReused = errors.New("dispatch: this key was used for another send")
)

// Journal keeps the sends of one app, for one person.
type Journal interface {
	// BeginSend records s as pending. Where its key is known it records nothing
	// and answers the stored send with ErrReplayed, or ErrKeyReused when the
	// body differs.
	BeginSend(ctx context.Context, s Send) (Send, error)
	// FinishSend records the outcome of a pending send.
	FinishSend(ctx context.Context, s Send) error
	SendByKey(ctx context.Context, app int64, key string) (Send, error)
}

// Sender is the call to WeChat.
type Sender interface {
	Send(ctx context.Context, m wechat.Message) error
}

// Desk sends messages. The zero value is ready; one Desk serves every app.
type Desk struct {
	mu      sync.Mutex
	flights map[flight]chan struct{} // closed when the send is recorded
}

type flight struct {
	app int64
	key string
}

// patience is how long a send may take from its record to its outcome; the
// client's own deadline is shorter.
const patience = 60 * time.Second

// Send sends m once under s.Key. A second call with the same key and message,
// at the same time or later, sends nothing and answers the first one's record
// (faults.md 16); with another message it answers ErrKeyReused. The outcome of
// the send is in the record; an error means that nothing was sent or that the
// record could not be written.
//
// Once begun, a send goes on when ctx ends: a person who leaves the page does
// not leave WeChat's answer unrecorded (faults.md 18, 19).
func (d *Desk) Send(ctx context.Context, journal Journal, sender Sender, s Send, m wechat.Message) (Send, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return Send{}, err
	}
	s.Request, s.BodyHash = body, sha256.Sum256(body)
	s.TemplateID, s.OpenID, s.FormID = m.TemplateID, m.ToUser, m.FormID

	done, begun := d.depart(flight{s.App, s.Key})
	if !begun {
		return d.follow(ctx, journal, s, done)
	}
	defer d.land(flight{s.App, s.Key}, done)

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	s, err = journal.BeginSend(ctx, s)
	if errors.Is(err, ErrReplayed) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	start := time.Now()
	s.record(sender.Send(ctx, m), time.Since(start))
	return s, journal.FinishSend(ctx, s)
}

// depart tells whether this is the first send under its key just now.
func (d *Desk) depart(f flight) (done chan struct{}, first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if done, ok := d.flights[f]; ok {
		return done, false
	}
	if d.flights == nil {
		d.flights = map[flight]chan struct{}{}
	}
	done = make(chan struct{})
	d.flights[f] = done
	return done, true
}

func (d *Desk) land(f flight, done chan struct{}) {
	d.mu.Lock()
	delete(d.flights, f)
	d.mu.Unlock()
	close(done)
}

// follow waits for the send under way and answers its record.
func (d *Desk) follow(ctx context.Context, journal Journal, s Send, done <-chan struct{}) (Send, error) {
	select {
	case <-done:
	case <-ctx.Done():
		return Send{}, ctx.Err()
	}
	stored, err := journal.SendByKey(ctx, s.App, s.Key)
	if err == nil && stored.BodyHash != s.BodyHash {
		return stored, ErrKeyReused
	}
	return stored, err
}

func (s *Send) record(err error, took time.Duration) {
	s.Duration = took
	s.Outcome, s.ErrCode, s.ErrMsg, s.Reason = Judge(err)
}

// Reasons are what can go wrong before or instead of WeChat's answer.
var Reasons = []string{
	"unreachable", "no_answer", "timeout", "redirect", "status", "not_json", "too_large",
	"canceled", "interrupted", "not_added", "add_unknown", "internal",
}

// Judge says how a call to WeChat that answered err ended: the outcome, the
// errcode and errmsg where WeChat gave them, else the reason (one of Reasons).
func Judge(err error) (outcome string, code int, msg, reason string) {
	if err == nil {
		return Sent, 0, "ok", ""
	}
	if answer, ok := errors.AsType[*wechat.Error](err); ok && !errors.Is(err, wechat.ErrNotAdded) && !errors.Is(err, wechat.ErrOutcomeUnknown) {
		return Refused, answer.Code, answer.Msg, ""
	}
	outcome = Refused
	if wechat.Uncertain(err) {
		outcome = Unknown
	}
	return outcome, 0, err.Error(), reasonOf(err)
}

func reasonOf(err error) string {
	for _, k := range []struct {
		kind   error
		reason string
	}{
		{wechat.ErrNotAdded, "not_added"},
		{wechat.ErrOutcomeUnknown, "add_unknown"},
		{wechat.ErrUnreachable, "unreachable"},
		{wechat.ErrNoAnswer, "no_answer"},
		{wechat.ErrTimeout, "timeout"},
		{wechat.ErrRedirect, "redirect"},
		{wechat.ErrStatus, "status"},
		{wechat.ErrNotJSON, "not_json"},
		{wechat.ErrTooLarge, "too_large"},
		{context.Canceled, "canceled"},
		{context.DeadlineExceeded, "timeout"},
	} {
		if errors.Is(err, k.kind) {
			return k.reason
		}
	}
	return "internal"
}
