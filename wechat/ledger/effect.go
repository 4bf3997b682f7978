package ledger

import "time"

// Patience is how much of its time a right must have left to be picked: a send may take as long, and none
// is begun that could expire before WeChat's answer.
const Patience = time.Minute

// Effect is what the end of a send does to the allowance that it held.
type Effect struct {
	Holds  bool   // nothing changes: the allowance stays held
	Used   bool   // one more send of it is used
	Closed string // one of Endings or ConsentEndings where it is good for nothing any more
}

// The errcodes of send that speak of the allowance itself (发送模板消息 and 发送订阅消息, 返回码说明).
const (
	codeInvalid = 41028 // of a right
	codeUsedUp  = 41029 // of a right
	codeRefused = 43101 // of a consent: never given, used up, or taken back
)

// After tells what a send's outcome does to the allowance it went out under, which is one of Sorts: "sent"
// uses it, "refused" releases it or closes it by the errcode, and "unknown" leaves it held until a person
// decides.
func After(sort, outcome string, errcode int) Effect {
	switch {
	case outcome == "sent":
		return Effect{Used: true}
	case outcome != "refused":
		return Effect{Holds: true}
	case sort == OfConsent && errcode == codeRefused:
		return Effect{Closed: EndEmptied}
	case sort == OfRight && errcode == codeInvalid:
		return Effect{Closed: EndInvalid}
	case sort == OfRight && errcode == codeUsedUp:
		return Effect{Closed: EndUsedUp}
	}
	return Effect{}
}

// Decided tells what a person's decision about an unknown send does to its allowance.
func Decided(arrived bool) Effect { return Effect{Used: arrived} }

// Apply is the allowance after one of the sends that hold it has ended so.
func (r Allowance) Apply(e Effect) Allowance {
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
	case r.Used == r.Total && !r.Long:
		r.Closed = EndSpent
	}
	return r
}

// Reserve is the allowance held once more, or a *Refusal when no send of openID may begin under it at now.
func (r Allowance) Reserve(openID string, now time.Time) (Allowance, error) {
	switch {
	case r.OpenID != openID:
		return r, refuse(Foreign, r)
	case r.Closed == EndExpired || r.Closed == "" && r.over(now):
		return r, refuse(Late, r)
	case r.Closed != "":
		return r, refuse(Ended, r)
	case r.Left() == 0:
		return r, refuse(InUse, r)
	}
	r.Held++
	return r, nil
}
