package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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
		c.o.Log.Warn("alert not delivered", "delivery", d.ID, "attempt", d.Attempts,
			"status", d.Status, "problem", d.Problem, "next", d.NextAt)
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

// Hook is where alerts are sent. Many receivers take a key in the address, so it is as
// secret as the secret.
type Hook struct {
	URL       wechat.Secret // "" for none
	Secret    wechat.Secret // deliveries are signed with it
	UpdatedAt time.Time
}

// Change is what a delivery tells of.
type Change string

// The changes.
const (
	Raised  Change = "raised"
	Cleared Change = "cleared"
	Tested  Change = "test"
)

// Delivery is one notice on its way to the webhook.
type Delivery struct {
	ID          int64
	Change      Change
	Cause       Cause // "" for a test
	App         int64 // 0 for a test
	Body        []byte
	MadeAt      time.Time
	Attempts    int
	TriedAt     time.Time // of the last attempt; zero before the first
	NextAt      time.Time // of the next; zero once it is delivered or given up
	Status      int       // HTTP status of the last attempt; 0 when there was no answer
	Problem     string    // why the last attempt failed; holds no secret
	DeliveredAt time.Time // zero until the receiver has answered 2xx
}

// State is "delivered", "given_up", "queued" before the first attempt, else "retrying".
func (d Delivery) State() string {
	switch {
	case !d.DeliveredAt.IsZero():
		return "delivered"
	case d.NextAt.IsZero():
		return "given_up"
	case d.Attempts == 0:
		return "queued"
	}
	return "retrying"
}

// ErrNoneDue is an Outbox's answer when nothing is to be delivered now.
var ErrNoneDue = errors.New("alert: nothing is due for delivery")

// Outbox keeps what is to be delivered, over restarts.
type Outbox interface {
	// TakeDelivery answers the delivery that has been due longest, and puts its NextAt off
	// to until: no other process takes it before. ErrNoneDue when there is none.
	TakeDelivery(ctx context.Context, until time.Time) (Delivery, error)
	// Delivered records the outcome of an attempt.
	Delivered(ctx context.Context, d Delivery) error
	// Webhook answers a Hook without a URL when none is set.
	Webhook(ctx context.Context) (Hook, error)
}

// The headers of a delivery. A receiver computes Sign over the timestamp and the body as
// it came, compares in constant time, refuses a timestamp of minutes ago, and takes a
// delivery it has seen before for a repetition.
const (
	HeaderDelivery  = "Muban-Delivery"  // the same in every attempt
	HeaderTimestamp = "Muban-Timestamp" // of this attempt, seconds since 1970
	HeaderSignature = "Muban-Signature" // Sign
)

// Sign is "v1=" and the HMAC-SHA256, in hex, of timestamp, a full stop and body.
func Sign(secret wechat.Secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	io.WriteString(mac, timestamp+".")
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}
