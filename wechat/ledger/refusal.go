package ledger

// Why a right is not let into the ledger, or no send may begin under it.
const (
	Empty     = "empty"     // no id
	Mock      = "mock"      // "the formId is a mock one": what the developer tools give
	Malformed = "malformed" // no id ever looked like this
	WrongKind = "kind"      // a prepay_id reported as a form, a form_id as a payment, or an unknown kind
	BadOpenID = "openid"    // no openid ever looked like this
	Future    = "future"    // made later than now
	TooOld    = "too_old"   // made more than seven days ago
	Foreign   = "foreign"   // the same id is known as another openid's
	None      = "none"      // the openid has no right that is usable now
	InUse     = "held"      // other sends hold all that is left of it
	Ended     = "ended"     // see Refusal.Right.Closed
	Late      = "expired"   // its seven days are over
)

// Reasons lists them all, so that a catalogue of texts can be proved complete.
var Reasons = []string{Empty, Mock, Malformed, WrongKind, BadOpenID, Future, TooOld, Foreign, None, InUse, Ended, Late}

// Refusal says why a right is not let in, or why nothing is sent under it. Nothing was changed.
type Refusal struct {
	Reason string // one of Reasons
	Right  Right  // as it stands, or as it was reported
	Holder Holder // who holds it, with InUse
}

// Holder is the send that holds a right.
type Holder struct {
	Send    int64 // its number
	Person  string
	Outcome string // "pending" while it is under way, "unknown" until a person has decided
}

func (r *Refusal) Error() string { return "ledger: right refused: " + r.Reason }

// refuse is for a right that is only known as it was reported.
func refuse(reason string, r Right) error { return &Refusal{Reason: reason, Right: r} }
