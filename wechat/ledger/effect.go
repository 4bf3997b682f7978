package ledger

import "time"

// Patience is how much of its time a right must have left to be picked: a send may take as long, and none
// is begun that could expire before WeChat's answer.
const Patience = time.Minute

// Effect is what the end of a send does to the right that it held.
type Effect struct {
	Holds  bool   // nothing changes: the right stays held
	Used   bool   // one more send of it is used
	Closed string // one of Endings where it is good for nothing any more
}

// The errcodes of send that speak of the right itself (发送模板消息, 返回码说明).
const (
	codeInvalid = 41028
	codeUsedUp  = 41029
)

// After tells what a send's outcome does to its right: "sent" uses it, "refused" releases it or closes it
// by the errcode, and "unknown" leaves it held until a person decides.
func After(outcome string, errcode int) Effect {
	switch {
	case outcome == "sent":
		return Effect{Used: true}
	case outcome == "refused" && errcode == codeInvalid:
		return Effect{Closed: EndInvalid}
	case outcome == "refused" && errcode == codeUsedUp:
		return Effect{Closed: EndUsedUp}
	case outcome == "refused":
		return Effect{}
	}
	return Effect{Holds: true}
}

// Decided tells what a person's decision about an unknown send does to its right.
func Decided(arrived bool) Effect { return Effect{Used: arrived} }

// Apply is the right after one of the sends that hold it has ended so.
func (r Right) Apply(e Effect) Right {
	if e.Holds {
		return r
	}
	r.Held--
	if e.Used {
		r.Used++
	}
	switch {
	case r.Closed != "":
	case e.Closed != "":
		r.Closed = e.Closed
	case r.Used == r.Total:
		r.Closed = EndSpent
	}
	return r
}

// Reserve is the right held once more, or a *Refusal when no send of openID may begin under it at now.
func (r Right) Reserve(openID string, now time.Time) (Right, error) {
	switch {
	case r.OpenID != openID:
		return r, refuse(Foreign, r)
	case r.Closed == EndExpired || r.Closed == "" && !now.Before(r.ExpiresAt):
		return r, refuse(Late, r)
	case r.Closed != "":
		return r, refuse(Ended, r)
	case r.Left() == 0:
		return r, refuse(InUse, r)
	}
	r.Held++
	return r, nil
}
