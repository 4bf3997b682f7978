package alert

import (
	"context"
	"errors"
	"time"

	"muban/wechat"
)

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
	Kind        Kind  // "" for a test
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
