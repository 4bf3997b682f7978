package alert

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"muban/wechat"
)

const (
	attemptTakes = 10 * time.Second // at most
	takenFor     = time.Minute      // a delivery that a killed process had taken is taken again after this
	firstPause   = 10 * time.Second
	longestPause = time.Hour
	givenUpAfter = 24 * time.Hour
	lookPause    = 3 * time.Second // between looks at the outbox
	maxAnswer    = 64 << 10        // bytes that are read of an answer, so that its connection can be used again
)

// Problems are why an attempt may fail.
func Problems() []string {
	return []string{"address", "unreachable", "timeout", "redirect", "status", "removed"}
}

// Courier delivers what is in the outbox.
type Courier struct {
	outbox Outbox
	o      CourierOptions
	wake   chan struct{}
}

// CourierOptions are all optional.
type CourierOptions struct {
	Now          func() time.Time // time.Now
	Log          *slog.Logger     // discards
	AllowPrivate bool             // deliver to this machine and to private networks too, and over http
}

// NewCourier returns a courier that delivers nothing yet.
func NewCourier(outbox Outbox, o CourierOptions) *Courier {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Courier{outbox: outbox, o: o, wake: make(chan struct{}, 1)}
}

// Run delivers what is due until ctx ends, whose error it returns.
func (c *Courier) Run(ctx context.Context) error {
	for {
		for c.Deliver(ctx) == nil {
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.wake:
		case <-time.After(lookPause):
		}
	}
}

// Nudge makes Run look at once.
func (c *Courier) Nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Deliver makes one attempt at the delivery that has been due longest. It answers
// ErrNoneDue when there is none; how the attempt went is in the outbox.
func (c *Courier) Deliver(ctx context.Context) error {
	d, err := c.outbox.TakeDelivery(ctx, c.o.Now().Add(takenFor))
	if err != nil {
		if !errors.Is(err, ErrNoneDue) && ctx.Err() == nil {
			c.o.Log.Warn("deliveries of alerts not read", "err", err)
		}
		return err
	}
	hook, err := c.outbox.Webhook(ctx)
	if err != nil {
		c.o.Log.Warn("webhook for alerts not read", "err", err)
		return err
	}
	// What was sent is recorded, also when the server is stopped meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTakes)
	defer cancel()
	d.Attempts, d.TriedAt = d.Attempts+1, c.o.Now()
	d.Status, d.Problem = c.post(ctx, hook, d)
	c.plan(&d)
	if d.Problem != "" {
		c.o.Log.Warn("alert not delivered", "delivery", d.ID, "attempt", d.Attempts, "status", d.Status, "problem", d.Problem, "next", d.NextAt)
	}
	return c.outbox.Delivered(context.WithoutCancel(ctx), d)
}

// plan says when the next attempt is due, if ever. A test is for the person who waits
// for it, and is not repeated.
func (c *Courier) plan(d *Delivery) {
	wait := min(firstPause<<min(d.Attempts-1, 20), longestPause)
	wait += rand.N(wait/10 + 1)
	d.NextAt = d.TriedAt.Add(wait)
	switch {
	case d.Problem == "":
		d.DeliveredAt, d.NextAt = c.o.Now(), time.Time{}
	case d.Change == Tested, d.Problem == "removed", d.NextAt.Sub(d.MadeAt) > givenUpAfter:
		d.NextAt = time.Time{}
	}
}

// post sends d and says what came of it: the HTTP status, if there was one, and one of
// Problems, or "".
func (c *Courier) post(ctx context.Context, hook Hook, d Delivery) (status int, problem string) {
	if hook.URL == "" {
		return 0, "removed"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL.Reveal(), bytes.NewReader(d.Body))
	if err != nil || CheckAddress(hook.URL.Reveal(), c.o.AllowPrivate) != nil {
		return 0, "address"
	}
	timestamp := strconv.FormatInt(d.TriedAt.Unix(), 10)
	req.Header = http.Header{
		"Content-Type":  {"application/json"},
		"User-Agent":    {"muban"},
		HeaderDelivery:  {strconv.FormatInt(d.ID, 10)},
		HeaderTimestamp: {timestamp},
		HeaderSignature: {Sign(hook.Secret, timestamp, d.Body)},
	}
	res, err := c.transport().RoundTrip(req) // without an http.Client, which would follow redirects
	if err != nil {
		return 0, problemOf(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer))
	switch res.StatusCode / 100 {
	case 2:
		return res.StatusCode, ""
	case 3:
		return res.StatusCode, "redirect"
	}
	return res.StatusCode, "status"
}

func (c *Courier) transport() http.RoundTripper {
	if c.o.AllowPrivate {
		return wechat.PrivateTransport()
	}
	return wechat.DefaultTransport()
}

// problemOf tells no more of err: its text holds the address.
func problemOf(err error) string {
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return "unreachable"
}
