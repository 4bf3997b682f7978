// Package ledger holds the rules of what allows a send: rights, which are form_ids and prepay_ids, and
// consents, which are what users said to subscribe messages. It tells which are not let in, and what the
// end of a send does to the one it went out under. It knows no database; the store keeps them and asks here.
package ledger

import (
	"time"

	"muban/wechat"
)

// The sources of a right (下发条件说明).
const (
	Form    = "form"    // a form submitted with report-submit: one send
	Payment = "payment" // a payment: three sends
)

// Right is the allowance of one form_id or prepay_id.
type Right = Allowance

// Allowance is what sends go out under, a right or a consent: whose it is, until when, and how many sends
// it has left.
//
// Every send that is under way holds one of them, and so does every send whose outcome is unknown until a
// person has decided. Used + Held never exceeds Total, but for a consent that is long-term.
type Allowance struct {
	App               int64
	ID                string // the form_id or the bare prepay_id; of a consent "consent-" and our number
	Source            string // Form or Payment; of a consent one of Sources
	OpenID            string // in its own case
	TemplateID        string // of a consent, which is for one template
	Long              bool   // a consent without an end to its sends; Total is 0
	Total, Used, Held int
	Closed            string // one of Endings or ConsentEndings, "" while sends may be left
	MadeAt            time.Time
	ReportedAt        time.Time
	ExpiresAt         time.Time // MadeAt and wechat.RightLifetime: of no use from then on; zero for a consent
}

// Why a right allows no further send.
const (
	EndSpent   = "spent"   // every send of it arrived
	EndExpired = "expired" // seven days have passed
	EndInvalid = "invalid" // WeChat answered 41028: wrong, unpaid, expired or of another user
	EndUsedUp  = "used_up" // WeChat answered 41029: used elsewhere
)

// Endings lists them all, so that a catalogue of texts can be proved complete.
var Endings = []string{EndSpent, EndExpired, EndInvalid, EndUsedUp}

// The states of a right that a person sees. An ending is a state too.
const (
	Usable = "usable" // a send can go out under it now
	Held   = "held"   // what is left of it is held by sends that have no outcome yet
)

// States lists them all, Endings included.
var States = append([]string{Usable, Held}, Endings...)

// Sort is which of Sorts it is.
func (r Allowance) Sort() string {
	if r.TemplateID != "" {
		return OfConsent
	}
	return OfRight
}

// Left is how many sends may still begin under the allowance, were it not for its time; 1 where there is no
// end to them.
func (r Allowance) Left() int {
	switch {
	case r.Closed != "":
		return 0
	case r.Long:
		return 1
	}
	return r.Total - r.Used - r.Held
}

// over tells that its time has passed.
func (r Allowance) over(now time.Time) bool { return !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt) }

// State is Usable, Held, or what Closed is.
func (r Allowance) State(now time.Time) string {
	switch {
	case r.Closed != "":
		return r.Closed
	case r.Held > 0 && r.Left() == 0:
		return Held
	case r.over(now):
		return EndExpired
	}
	return Usable
}

// settling is for how long a new payment's 41028 may mean "not yet": the servers that send hear of a
// payment some seconds after it was made.
const settling = time.Minute

// SettlesAt is until when a 41028 is not the last word on the right; the zero time for a form.
func (r Allowance) SettlesAt() time.Time {
	if r.Source != Payment {
		return time.Time{}
	}
	return r.MadeAt.Add(settling)
}

// Sends is how many messages a right from this source allows.
func Sends(source string) int {
	if source == Payment {
		return wechat.PaymentSends
	}
	return wechat.FormSends
}

// Why a right is not let into the ledger, or no send may begin under it.
const (
	Empty       = "empty"     // no id
	Mock        = "mock"      // "the formId is a mock one": what the developer tools give
	Trial       = "trial"     // "… no longer available in develop or trial version …": what those versions give
	Malformed   = "malformed" // no id ever looked like this
	WrongSource = "kind"      // a prepay_id reported as a form, a form_id as a payment, or an unknown source
	BadOpenID   = "openid"    // no openid ever looked like this
	Future      = "future"    // made later than now
	TooOld      = "too_old"   // made more than seven days ago
	Foreign     = "foreign"   // the same id is known as another openid's
	None        = "none"      // the openid has no right that is usable now
	InUse       = "held"      // other sends hold all that is left of it
	Ended       = "ended"     // see Refusal.Right.Closed
	Late        = "expired"   // its seven days are over
	Restored    = "restored"  // a backup was restored: what went out since is not known, until a person confirms
)

// Reasons lists them all, so that a catalogue of texts can be proved complete.
var Reasons = []string{Empty, Mock, Trial, Malformed, WrongSource, BadOpenID, Future, TooOld,
	Foreign, None, InUse, Ended, Late, Restored}

// Refusal says why an allowance is not let in, or why nothing is sent under it. Nothing was changed.
type Refusal struct {
	Reason string    // one of Reasons
	Right  Allowance // as it stands, or as it was reported
	Holder Holder    // who holds it, with InUse
}

// Holder is the send that holds a right.
type Holder struct {
	Send    int64 // its number
	Person  string
	Outcome string // "pending" while it is under way, "unknown" until a person has decided
}

func (r *Refusal) Error() string { return "ledger: refused: " + r.Reason }

// refuse is for a right that is only known as it was reported.
func refuse(reason string, r Right) error { return &Refusal{Reason: reason, Right: r} }
