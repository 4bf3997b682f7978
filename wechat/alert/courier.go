package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
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
	return []string{
		"address", "unreachable", "timeout", "redirect", "status", "removed", "crowded",
		"limited", "signature", "keyword", "ip", "gone", "refused", "unread",
	}
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
			c.o.Log.Warn("notices to deliver not read", "err", err)
		}
		return err
	}
	channel, err := c.outbox.ChannelOf(ctx, d)
	if err != nil {
		c.o.Log.Warn("channel for notices not read", "err", err)
		return err
	}
	// What was sent is recorded, also when the server is stopped meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTakes)
	defer cancel()
	d.Attempts, d.TriedAt = d.Attempts+1, c.o.Now()
	d.Status, d.Code, d.Problem = c.post(ctx, channel, d)
	c.plan(&d)
	if d.Problem != "" {
		c.o.Log.Warn("notice not delivered", "delivery", d.ID, "channel", d.Channel, "attempt", d.Attempts,
			"status", d.Status, "code", d.Code, "problem", d.Problem, "next", d.NextAt)
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

// parcel is a notice as a make of receiver takes it.
type parcel struct {
	address string
	header  http.Header // but for the content type
	body    []byte
}

// maker knows the requests and the answers of one make of receiver.
type maker interface {
	pack(c Channel, d Delivery, n Notice) parcel
	// read says what the answer to a parcel means: the receiver's own code, and one of Problems, "" for taken.
	read(status int, answer []byte) (code int, problem string)
}

func (m Make) maker() maker {
	switch m {
	case WeCom:
		return wecom{}
	case Feishu:
		return feishu{}
	case DingTalk:
		return dingtalk{}
	}
	return webhook{}
}

// post sends d and says what came of it: the HTTP status, if there was one, the receiver's own code, and one of
// Problems, or "".
func (c *Courier) post(ctx context.Context, channel Channel, d Delivery) (status, code int, problem string) {
	if channel.URL == "" {
		return 0, 0, "removed"
	}
	var n Notice
	if json.Unmarshal(d.Body, &n) != nil {
		n.Text = string(d.Body) // of no version of ours
	}
	p := channel.Make.maker().pack(channel, d, n)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, bytes.NewReader(p.body))
	if err != nil || CheckAddress(p.address, c.o.AllowPrivate) != nil {
		return 0, 0, "address"
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {"muban"}}
	for name, values := range p.header {
		req.Header[name] = values
	}
	res, err := c.transport().RoundTrip(req) // without an http.Client, which would follow redirects
	if err != nil {
		return 0, 0, problemOf(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case res.StatusCode/100 == 3:
		return res.StatusCode, 0, "redirect"
	case err != nil:
		return res.StatusCode, 0, problemOf(err)
	}
	code, problem = channel.Make.maker().read(res.StatusCode, answer)
	return res.StatusCode, code, problem
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
