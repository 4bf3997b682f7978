package dispatch

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"muban/wechat"
	"muban/wechat/kind"
	"muban/wechat/ledger"
)

// The outcomes of a send.
const (
	Pending = "pending" // recorded, no answer yet
	Sent    = "sent"    // WeChat answered errcode 0
	Refused = "refused" // WeChat answered another errcode, or nothing left this machine
	Unknown = "unknown" // the request went out and no answer came: it may have arrived
)

// What a person decides of a send whose outcome is unknown.
const (
	Arrived    = "arrived"     // its right is used
	NotArrived = "not_arrived" // its right is free again
)

// Send is one attempt to send a message, with its outcome.
type Send struct {
	ID, App                           int64
	Kind                              string   // of the message: kind.Kind's Name
	Key                               string   // makes a repeated request recognisable
	BodyHash                          [32]byte // of what the caller asked for
	TemplateID, Title, OpenID, FormID string
	Request                           []byte // the exact JSON
	Outcome                           string // Pending, Sent, Refused or Unknown
	ErrCode                           int
	ErrMsg, Reason                    string // Reason is one of Reasons; ErrMsg is WeChat's, whole
	Attempts                          int    // calls of send that were made: more than one under a new payment
	Duration                          time.Duration
	MsgID                             string // WeChat's number of the message, where it tells one
	PersonID                          int64
	PersonName                        string
	CreatedAt, FinishedAt             time.Time
	Decision                          string // of an Unknown one: "", Arrived or NotArrived
	DecidedByName                     string
	DecidedAt                         time.Time
	Replayed                          bool // this is the record of an earlier call with the same key; never stored
	Unrecorded                        bool // the outcome is kept in memory until the journal takes it; never stored
}

// Sort is what allows the send, one of ledger.Sorts.
func (s Send) Sort() string { return kind.Named(s.Kind).Allowance() }

// Undecided tells whether the send waits for a person to say whether it arrived, its right held meanwhile.
func (s Send) Undecided() bool { return s.Outcome == Unknown && s.Decision == "" }

// What a Journal answers instead of beginning a send.
var (
	ErrReplayed  = errors.New("dispatch: this key was used for the same send")
	ErrKeyReused = errors.New("dispatch: this key was used for another send")
)

// Journal keeps the sends of one app and the allowances they go out under, for one person.
type Journal interface {
	// BeginSend records s as pending and reserves its allowance, both or neither:
	// the right named by s.FormID, which it learns when it is new, or where that is
	// empty the openid's oldest usable one of the sort that its kind needs. It
	// answers the send under its allowance, and that.
	//
	// Where the key is known it changes nothing and answers the stored send with
	// ErrReplayed, or ErrKeyReused when the body differs. Where no send may begin
	// under the allowance, it is a *ledger.Refusal.
	BeginSend(ctx context.Context, s Send) (Send, ledger.Allowance, error)
	// FinishSend records the outcome of a pending send and what that does to its
	// allowance, both or neither.
	FinishSend(ctx context.Context, s Send) error
	SendByKey(ctx context.Context, app int64, key string) (Send, error)
}

// WeChat is the call to WeChat. The msgID is its number of the message, where it tells one.
type WeChat interface {
	Send(ctx context.Context, m wechat.Message) (msgID string, err error)
}

// Through sends messages of a kind by a client.
func Through(k kind.Kind, c *wechat.Client) WeChat { return wire{k, c} }

type wire struct {
	kind   kind.Kind
	client *wechat.Client
}

func (w wire) Send(ctx context.Context, m wechat.Message) (msgID string, err error) {
	return w.kind.Send(ctx, w.client, m)
}

// Of is the send of m: its request, and whom and what that names. A BodyHash that is
// set stays, as m may name a right that was picked.
func (s Send) Of(m wechat.Message) Send {
	k := kind.Named(s.Kind)
	body := k.Body(m) // as it goes out; json.Marshal would escape it once more
	s.Kind = k.Name()
	s.Request, s.TemplateID, s.OpenID, s.FormID = body, m.TemplateID, m.ToUser, m.FormID
	if s.BodyHash == [32]byte{} {
		s.BodyHash = sha256.Sum256(body)
	}
	return s
}
