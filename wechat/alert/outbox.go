package alert

import (
	"context"
	"errors"
	"time"
)

// Delivery is one notice on its way to a channel.
type Delivery struct {
	ID          int64
	Channel     int64
	ChannelName string // as it was called when the delivery was made
	Change      Change
	Cause       Cause // "" where it is about no alert
	App         int64 // 0 for a test
	Body        []byte
	MadeAt      time.Time
	Attempts    int
	TriedAt     time.Time // of the last attempt; zero before the first
	NextAt      time.Time // of the next; zero once it is delivered or given up
	Status      int       // HTTP status of the last attempt; 0 when there was no answer
	Code        int       // the receiver's own code in its last answer; 0 for none, and for success
	Problem     string    // why the last attempt failed; holds no secret
	DeliveredAt time.Time // zero until the receiver has taken it
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

// QueueHolds is how many deliveries may wait for one channel. Of more the oldest are given up: what a group was not told
// of for so long is no news.
const QueueHolds = 100

// Outbox keeps what is to be delivered, over restarts.
type Outbox interface {
	// TakeDelivery answers the delivery that has been due longest, and puts its NextAt off
	// to until: no other process takes it before. ErrNoneDue when there is none.
	TakeDelivery(ctx context.Context, until time.Time) (Delivery, error)
	// Delivered records the outcome of an attempt. Where it failed, what else waits for the channel waits as long.
	Delivered(ctx context.Context, d Delivery) error
	// ChannelOf answers a Channel without a URL when the delivery's is removed.
	ChannelOf(ctx context.Context, d Delivery) (Channel, error)
}
