package alert

import (
	"encoding/json"
	"regexp"
	"time"
)

// Change is what a notice tells of.
type Change string

// The changes. Those of a draft are a colleague's but for the last two, which are WeChat's answer to a proposal.
const (
	Raised       Change = "raised"
	Cleared      Change = "cleared"
	Tested       Change = "test"
	RightsEnding Change = "rights_ending" // users lose their last right within a day
	ReviewAsked  Change = "review_asked"
	Approved     Change = "approved"
	Rejected     Change = "rejected"
	Accepted     Change = "accepted"
	Refused      Change = "refused"
)

// Changes lists them all, so that a catalogue of texts can be proved complete.
func Changes() []Change {
	return []Change{Raised, Cleared, Tested, RightsEnding, ReviewAsked, Approved, Rejected, Accepted, Refused}
}

// Topic is a kind of change that people choose to be told of.
type Topic string

// The topics.
const (
	Reviews  Topic = "reviews"  // a review is asked for
	Verdicts Topic = "verdicts" // a draft is approved or rejected
	Answers  Topic = "answers"  // WeChat has accepted or refused a proposal
	Alerts   Topic = "alerts"   // an alert is raised or cleared
	Rights   Topic = "rights"   // rights run out
)

// Topics lists them all.
func Topics() []Topic { return []Topic{Reviews, Verdicts, Answers, Alerts, Rights} }

// Topic is the kind of change it is, "" for a test, which is for everybody.
func (c Change) Topic() Topic {
	switch c {
	case Raised, Cleared:
		return Alerts
	case RightsEnding:
		return Rights
	case ReviewAsked:
		return Reviews
	case Approved, Rejected:
		return Verdicts
	case Accepted, Refused:
		return Answers
	}
	return ""
}

// Notice is what a channel is told. A webhook gets it as it is; a group robot what people read of it. It holds no
// secret.
type Notice struct {
	Change    Change     `json:"change"`
	Alert     int64      `json:"alert,omitempty"` // the same when it is raised and when it is cleared
	Cause     Cause      `json:"kind,omitempty"`
	Draft     int64      `json:"draft,omitempty"`
	App       *NoticeApp `json:"app,omitempty"`
	Text      string     `json:"text"`
	Detail    string     `json:"detail,omitempty"`
	URL       string     `json:"url,omitempty"` // of the page that tells more
	RaisedAt  *time.Time `json:"raised_at,omitempty"`
	ClearedAt *time.Time `json:"cleared_at,omitempty"`
}

// NoticeApp is the mini program that a notice is about.
type NoticeApp struct {
	AppID string `json:"appid"`
	Name  string `json:"name"`
}

// NoticeOf names a mini program.
func NoticeOf(a App) *NoticeApp { return &NoticeApp{a.AppID, a.Name} }

var openID = regexp.MustCompile(`\bo[0-9A-Za-z_-]{27}\b`)

// Encode is the notice as it is kept and as a webhook gets it. What looks like an openid is shortened: a group has more
// readers than the console.
func (n Notice) Encode() []byte {
	for _, text := range []*string{&n.Text, &n.Detail} {
		*text = openID.ReplaceAllStringFunc(*text, func(id string) string { return id[:4] + "…" })
	}
	body, err := json.Marshal(n)
	if err != nil {
		panic(err) // texts and times always marshal
	}
	return body
}
