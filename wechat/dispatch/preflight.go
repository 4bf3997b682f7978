package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"muban/wechat"
	"muban/wechat/audit"
	"muban/wechat/kind"
	"muban/wechat/ledger"
	"muban/wechat/values"
)

// What a check found.
const (
	OK      = "ok"
	Warning = kind.Warning // it may be sent; somebody should look first
	Failed  = kind.Failed  // WeChat would refuse it, or take it for a violation: nothing is sent
	Skipped = kind.Skipped // cannot be told, because an earlier check failed or something could not be asked
)

// Check is one thing that is looked at before an allowance is spent. A check that has several things to say
// comes several times, one after another.
type Check struct {
	ID    string            // one of CheckIDs of its kind
	State string            // OK, Warning, Failed or Skipped
	Why   string            // "" when OK, else one of the check's Whys
	Place string            // what it is about: "touser", "form_id", "page", "lang", "data.keyword2", …, ""
	Args  map[string]string // names and values for its text, as Whys says
	Until time.Time         // when the right or the penalty ends; else zero

	Finding *audit.Finding  // of "values": the text is audit's
	Verdict *values.Verdict // of "types": the text is that of package values
}

// CheckIDs are all checks of a kind of message, in the order that they are made.
func CheckIDs(k kind.Kind) []string {
	return slices.Concat([]string{"template"}, k.Checks(), []string{"openid", "penalty", k.Allowance(), "token", "values"})
}

// Whys lists, by check, what it can find, so that a catalogue of texts can be proved complete. "unasked"
// says that WeChat or the database gave no answer. Their Args:
//
//	template   Template
//	keywords   Key "keyword2", Name "金额" ("" where the template has no such keyword); with "long" Count and Most
//	color      Key, Name, Color
//	emphasis   Key
//	types      Key, Name, and Suggestion where there is one; the text of its Verdict
//	state      Value, and Known, all that there are; so for lang
//	right      ID, Kind and Closed of the right, Left and Total sends of it; with "held" also Holder and Outcome
//	consent    Left, "∞" where there is no end to it; with "held" also Holder and Outcome
//	token      Code (errcode, "0" for none), Msg, Reason (one of Reasons or "")
//	values     those of its Finding
var Whys = map[string][]string{
	"template": {"gone", "title_id", "unasked"},
	"keywords": {"unknown", "missing", "empty", "none", "twice", "long", "no_fields"},
	"page":     {"slash", "form", "long"},
	"types":    {"refused", "note"},
	"color":    {"form"},
	"emphasis": {"unknown"},
	"state":    {"unknown"},
	"lang":     {"unknown"},
	"openid":   {"empty", "form"},
	"penalty":  {"until", "forever", "unasked"},
	"right":    append([]string{"ending", "new", "unasked"}, ledger.Reasons...),
	"consent":  {ledger.None, ledger.InUse, ledger.Restored, "unasked"},
	"token":    {"unasked"},
	"values":   {"finding"},
}

// Ban is a penalty of WeChat's that forbids sending (违规说明).
type Ban struct {
	Until   time.Time // zero with Forever
	Forever bool
}

// What Preflight asks.
type (
	Templates interface {
		// Template answers ErrNoTemplate when the app has none of this id.
		Template(ctx context.Context, id string) (wechat.Template, error)
	}
	Allowances interface {
		// PeekAllowance answers the allowance that BeginSend would reserve, without
		// reserving it, or the same *ledger.Refusal; known is false for a right that it
		// would learn.
		PeekAllowance(ctx context.Context, s Send) (a ledger.Allowance, known bool, err error)
	}
	Tokens interface {
		Token(ctx context.Context) (wechat.Secret, error)
	}
	Penalties interface {
		InForce(ctx context.Context, app int64) (ban Ban, inForce bool, err error)
	}
)

// Preflight looks at a message before an allowance is spent on it.
type Preflight struct {
	Kind       kind.Kind // of the message
	Templates  Templates
	Allowances Allowances
	Tokens     Tokens
	Penalties  Penalties // nil: none are known
	Now        func() time.Time
}

// ErrNoTemplate is what Templates answers for one that the app does not have.
var ErrNoTemplate = errors.New("dispatch: no such template in the account")

// Blocked is the answer of Deliveries that sent nothing because a check failed.
type Blocked struct{ Checks []Check }

func (b *Blocked) Error() string { return "dispatch: a check failed, nothing was sent" }

// Passes tells whether no check failed.
func Passes(checks []Check) bool {
	for _, c := range checks {
		if c.State == Failed {
			return false
		}
	}
	return true
}
