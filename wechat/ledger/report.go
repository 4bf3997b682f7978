package ledger

import (
	"slices"
	"strings"
	"time"

	"muban/wechat"
)

// Report is a form_id or prepay_id as somebody hands it in.
type Report struct {
	OpenID string
	Source string // Form, Payment, or "" to be told by the id
	ID     string
	When   time.Time // when the form was submitted or the payment made; zero is now
}

// prepayPrefix is what wx.requestPayment gives before the id. It is sent bare.
const prepayPrefix = "prepay_id="

// Skew is how far the clock of the program that reports may be ahead of ours.
const Skew = 5 * time.Minute

// inID is all that openids and the ids of rights are made of.
const inID = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"

const digits = "0123456789"

// maxID is how long the id of a right may be.
const maxID = 128

// Admit makes a right of a report, or says why it cannot be one with a *Refusal. cleaned
// tells that a "prepay_id=" was taken off its id. Whether the id is known already only the store can tell.
func Admit(app int64, p Report, now time.Time) (r Right, cleaned bool, err error) {
	r = Right{App: app, Source: p.Source, OpenID: p.OpenID, MadeAt: p.When, ReportedAt: now}
	r.ID, cleaned = strings.CutPrefix(p.ID, prepayPrefix)
	told := sourceOf(r.ID, cleaned)
	if r.Source == "" {
		r.Source = told
	}
	if r.MadeAt.IsZero() || r.MadeAt.After(now) && !r.MadeAt.After(now.Add(Skew)) {
		r.MadeAt = now // a clock that is ahead must not make a right live longer
	}
	r.Total, r.ExpiresAt = Sends(r.Source), r.MadeAt.Add(wechat.RightLifetime)
	if reason := fault(r, told, now); reason != "" {
		return r, cleaned, refuse(reason, r)
	}
	return r, cleaned, nil
}

// Bare is an id as it is sent and kept, without the prefix that wx.requestPayment gives.
func Bare(id string) string { return strings.TrimPrefix(id, prepayPrefix) }

// IsOpenID tells whether s could be an openid: 28 characters, their case kept.
func IsOpenID(s string) bool { return len(s) == 28 && strings.Trim(s, inID) == "" }

// sourceOf tells a form_id from a prepay_id by its form.
func sourceOf(id string, prefixed bool) string {
	if prefixed || isPrepay(id) {
		return Payment
	}
	return Form
}

// isPrepay is assumed: wx, then the date; no form_id was seen that begins so.
func isPrepay(id string) bool {
	date, ok := strings.CutPrefix(id, "wx")
	return ok && len(date) >= 8 && strings.Trim(date[:8], digits) == ""
}

// sentence tells which of the sentences that stand in place of a form_id an id is, however it was copied: "the
// formId is a mock one" of the developer tools, Mock, or "the formId is no longer available in develop or trial
// version of this mini program", Trial. "" for another id.
func sentence(id string) string {
	words := strings.Fields(strings.ToLower(id))
	about := func(word string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Trim(w, ".,!。，！\"'“”") == word })
	}
	switch {
	case !about("formid"):
		return ""
	case about("mock"):
		return Mock
	case about("develop"), about("trial"):
		return Trial
	}
	return ""
}

// malformed tells that no id ever looked like this: JavaScript's words for one that is
// missing among them.
func malformed(id string) bool {
	switch id {
	case "undefined", "null", "NaN", "false":
		return true
	}
	return len(id) > maxID || strings.Trim(id, inID) != ""
}

// fault is the first thing wrong with a right as it was reported, "" for nothing.
func fault(r Right, told string, now time.Time) string {
	switch {
	case r.ID == "":
		return Empty
	case sentence(r.ID) != "":
		return sentence(r.ID)
	case malformed(r.ID):
		return Malformed
	case r.Source != told:
		return WrongSource
	case !IsOpenID(r.OpenID):
		return BadOpenID
	case r.MadeAt.After(now):
		return Future
	case !now.Before(r.ExpiresAt):
		return TooOld
	}
	return ""
}
