// Package penalty knows how WeChat punishes messages that break its rules: template messages by a ladder (处罚说明),
// subscribe messages as its letter says, and each kind by itself.
package penalty

import (
	"cmp"
	"slices"
	"time"
)

// Step is a rung of the ladder: what the first, second, third and fourth violation
// bring. "一般处罚规则如下": WeChat's letter may say otherwise, and then it counts.
type Step int

// The rungs (处罚说明).
const (
	Warned  Step = 1 // the template is deleted, as a warning
	Week    Step = 2 // the API is closed for 7 days
	Month   Step = 3 // the API is closed for 30 days
	Forever Step = 4 // the API is closed for good
)

// Steps are all of them, the mildest first.
var Steps = []Step{Warned, Week, Month, Forever}

const day = 24 * time.Hour

// bans are how long the API is closed by the steps that close it for a time.
var bans = map[Step]time.Duration{Week: 7 * day, Month: 30 * day}

// Rules are what a message can break (违规说明 1–3), and "operation" for the
// operation rules that the documentation only mentions.
var Rules = []string{"induce", "harass", "market", "operation"}

// Codes are the errcodes by which WeChat says that a penalty is in force.
var Codes = []int{41031, 41032, 41034, 41035, 43106, 43107, 200011, 200013}

// The states of a violation.
const (
	Standing = "standing" // as WeChat decided
	Appealed = "appealed" // WeChat was asked to look again; it counts meanwhile
	Upheld   = "upheld"   // the appeal was refused
	Lifted   = "lifted"   // the appeal was granted: it counts no more
	Mistaken = "mistaken" // recorded here by mistake
)

// Violation is one penalty, as WeChat's in-station letter (站内信) tells of it.
type Violation struct {
	ID, App    int64
	Kind       string // of message, whose API it closes
	TemplateID string // the one that was deleted or complained of; may be unknown
	Title      string
	Rule       string // one of Rules
	Step       Step
	Letter     string    // what the letter says
	From       time.Time // when the penalty began
	Until      time.Time // when the ban ends; zero for Warned, which bans nothing, and for Forever
	State      string
	ByName     string // who recorded it
	RecordedAt time.Time
	Notes      []Note // the oldest first
}

// Note is a remark on a violation, or a step of its appeal: then State is what the
// violation became.
type Note struct {
	At     time.Time
	ByName string
	State  string // "" for a remark
	Text   string
}

// End is when a penalty of this step that begins at from is over: zero for those
// that ban nothing or never end.
func End(s Step, from time.Time) time.Time {
	if ban, ok := bans[s]; ok {
		return from.Add(ban)
	}
	return time.Time{}
}

// Counts tells whether the violation is a rung of the ladder.
func (v Violation) Counts() bool { return v.State != Lifted && v.State != Mistaken }

// Bans tells whether the violation keeps the API closed at now.
func (v Violation) Bans(now time.Time) bool {
	switch {
	case !v.Counts() || v.Step == Warned || now.Before(v.From):
		return false
	case v.Until.IsZero():
		return v.Step == Forever
	}
	return now.Before(v.Until)
}

// Of are the violations of a kind of message.
func Of(all []Violation, kind string) []Violation {
	return slices.DeleteFunc(slices.Clone(all), func(v Violation) bool { return v.Kind != kind })
}

// InForce is the violation whose ban lasts longest of those in force at now.
func InForce(all []Violation, now time.Time) (longest Violation, banned bool) {
	for _, v := range all {
		if v.Bans(now) && (!banned || v.outlasts(longest)) {
			longest, banned = v, true
		}
	}
	return longest, banned
}

func (v Violation) outlasts(other Violation) bool {
	return !other.Until.IsZero() && (v.Until.IsZero() || v.Until.After(other.Until))
}

// Climbed is how many violations count, those among them that nobody recorded here: a letter of the second one says
// that there was a first. Of the earlier ones that a letter counts, those that were lifted since count no more.
func Climbed(all []Violation) int {
	byTime := slices.SortedStableFunc(slices.Values(all), func(a, b Violation) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Step, b.Step))
	})
	n, lifted := 0, 0
	for _, v := range byTime {
		if v.Counts() {
			n = max(n+1, int(v.Step)-lifted)
		} else {
			lifted++
		}
	}
	return n
}

// Next is the step that one more violation would bring.
func Next(all []Violation) Step { return min(Step(Climbed(all)+1), Forever) }

// moves are the states that a violation can go to.
var moves = map[string][]string{
	Standing: {Appealed, Mistaken},
	Appealed: {Upheld, Lifted, Mistaken},
	Upheld:   {Appealed, Mistaken},
	Lifted:   {},
	Mistaken: {Standing},
}

// May tells whether a violation can go from one state to another; "" is a remark,
// which is always possible.
func May(from, to string) bool { return to == "" || slices.Contains(moves[from], to) }

// Moves are the states that the violation can go to now.
func (v Violation) Moves() []string { return moves[v.State] }
