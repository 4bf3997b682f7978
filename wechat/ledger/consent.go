package ledger

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sorts of allowance, by the words that kinds of message name them with.
const (
	OfRight   = "right"
	OfConsent = "consent"
)

// Sorts lists them.
var Sorts = []string{OfRight, OfConsent}

// What a user says to one subscribe template.
const (
	Accept   = "accept"
	Reject   = "reject"   // taken back: what was given before is gone
	Ban      = "ban"      // WeChat took it back
	Declined = "declined" // not given in one popup, as WeChat's event tells: what was given before stays
	Emptied  = "emptied"  // said by WeChat itself: it answered a send with 43101
)

// The sources of an answer.
const (
	FromPage    = "page"    // what wx.requestSubscribeMessage answered, by a business server
	FromEvent   = "event"   // WeChat's message push
	FromHand    = "hand"    // a person noted it
	FromSandbox = "sandbox" // made in the simulated WeChat
	FromSend    = "send"    // a send that WeChat answered with 43101
)

// Sources lists them all, so that a catalogue of texts can be proved complete.
var Sources = []string{FromPage, FromEvent, FromHand, FromSandbox, FromSend}

// Why a consent allows no further send, beside EndSpent.
const (
	EndRefused = "refused" // the user took it back, or WeChat banned it
	EndEmptied = "emptied" // WeChat answered 43101
)

// ConsentEndings lists them all, so that a catalogue of texts can be proved complete.
var ConsentEndings = []string{EndSpent, EndRefused, EndEmptied}

// Answer is what a user said to one template, as it was reported.
type Answer struct {
	OpenID, TemplateID string
	What               string    // Accept, Reject, Ban, Declined or Emptied
	Source             string    // one of Sources
	Ref                string    // the same for each report of one answer by one source; "" for one of its own
	When               time.Time // when it was said; zero is now
	Long               bool      // the template is long-term: one yes allows many messages
	Moment             string    // at which the page asked, one of Moments; "" where that is not told
}

// The moments at which WeChat lets a page ask for consent.
const (
	AtPayment = "pay" // in the callback of a payment
	AtTap     = "tap" // in the tap on a button
)

// Moments lists them.
var Moments = []string{AtPayment, AtTap}

// Declines tells whether a is a no to a popup, and not one in the settings or WeChat's own.
func (a Answer) Declines() bool {
	return a.What == Declined || a.What == Reject && (a.Source == FromPage || a.Source == FromHand)
}

// Consents are what one user's answers to one template come to.
type Consents struct {
	App                int64
	OpenID, TemplateID string
	Long               bool
	Left               int // sends that could begin now; 1 where there is no end to them
	Held, Used         int // sends
	Refused            bool
	Source             string    // of the last answer
	UpdatedAt          time.Time // of the last answer or send
}

// PairWithin is how far apart the reports of one tap may be. Assumed: one public program pairs a page's report with
// WeChat's event within ten minutes, and no document says that they belong together.
const PairWithin = 10 * time.Minute

// Accepts counts the taps that reports of accepts come to, where each list is when one source says that they were: a
// page, WeChat's events, a person. A tap takes one report of each source at most, none further from another than
// PairWithin, and there are as few taps as can be. It does not matter in which order they came in.
func Accepts(sources ...[]time.Time) (taps int) {
	sources = slices.Clone(sources)
	for _, s := range sources {
		slices.SortFunc(s, time.Time.Compare)
	}
	for ; ; taps++ {
		var first time.Time
		for _, s := range sources {
			if len(s) > 0 && (first.IsZero() || s[0].Before(first)) {
				first = s[0]
			}
		}
		if first.IsZero() {
			return taps
		}
		for i, s := range sources {
			if len(s) > 0 && s[0].Sub(first) <= PairWithin {
				sources[i] = s[1:]
			}
		}
	}
}

// Witness is who stands behind a source of accepts: WeChat, a person who noted it, or the page.
func Witness(source string) int {
	return max(0, slices.Index([]string{FromPage, FromEvent, FromHand}, source))
}

// Witnesses is how many there are.
const Witnesses = 3

// Newer tells whether an accept of a was given after what ended the consents at end. WeChat's events tell whole
// seconds: within one second what is heard of last was said last.
func Newer(a, end time.Time) bool { return a.Unix() >= end.Unix() }

// Kept tells which of a user's consents to a template outlive an end at that time, where so many of the accepts
// came after it: first those that were sent under since, as nothing else allowed that, then the youngest that are
// unused. What was sent under before the end stays with the accepts before it.
func Kept(consents []Reserved, end time.Time, accepts int) (kept []int64) {
	all := slices.DeleteFunc(slices.Clone(consents), func(c Reserved) bool {
		return !c.At.IsZero() && !Newer(c.At, end)
	})
	unused := func(c Reserved) int {
		if c.At.IsZero() {
			return 1
		}
		return 0
	}
	slices.SortFunc(all, func(a, b Reserved) int {
		return cmp.Or(cmp.Compare(unused(a), unused(b)), b.MadeAt.Compare(a.MadeAt), cmp.Compare(b.ID, a.ID))
	})
	for _, c := range all[:min(accepts, len(all))] {
		kept = append(kept, c.ID)
	}
	return kept
}

// Reserved is a consent and when a send last began under it, zero for never.
type Reserved struct {
	ID         int64
	MadeAt, At time.Time
}

const consentPrefix = "consent-"

// ConsentID is how a consent of our number is named as an allowance.
func ConsentID(number int64) string { return consentPrefix + strconv.FormatInt(number, 10) }

// ConsentNumber is the number in the name of a consent.
func ConsentNumber(id string) (number int64, ok bool) {
	digits, ok := strings.CutPrefix(id, consentPrefix)
	number, err := strconv.ParseInt(digits, 10, 64)
	return number, ok && err == nil
}

// ConsentDay is what became of consents on one day: how many came in, how many sends arrived, how many were taken
// back, and how many WeChat knew nothing of; and how many popups were answered with no.
type ConsentDay struct {
	Day                                        Day
	Accepted, Used, Refused, Emptied, Declined int
}

// Plus is what became of d's and other's consents together, on d's day.
func (d ConsentDay) Plus(other ConsentDay) ConsentDay {
	d.Accepted, d.Used, d.Refused = d.Accepted+other.Accepted, d.Used+other.Used, d.Refused+other.Refused
	d.Emptied, d.Declined = d.Emptied+other.Emptied, d.Declined+other.Declined
	return d
}

// Forecast tells for how many days so many sends last at the pace of these days, up to today: -1 where they do not
// get fewer.
func Forecast(left int, days []ConsentDay, today Day) int {
	if len(days) == 0 || left == 0 {
		return -1
	}
	gone := 0
	for _, d := range days {
		gone += d.Used + d.Refused + d.Emptied - d.Accepted
	}
	if span := int(today-days[0].Day) + 1; gone > 0 {
		return left * span / gone
	}
	return -1
}
