package alert

import (
	"encoding/json"
	"time"
)

// notice is the body of a delivery.
type notice struct {
	Change    Change     `json:"change"`
	Alert     int64      `json:"alert,omitempty"` // the same when it is raised and when it is cleared
	Kind      Kind       `json:"kind,omitempty"`
	App       *noticeApp `json:"app,omitempty"`
	Text      string     `json:"text"`
	Detail    string     `json:"detail,omitempty"`
	RaisedAt  *time.Time `json:"raised_at,omitempty"`
	ClearedAt *time.Time `json:"cleared_at,omitempty"`
}

type noticeApp struct {
	AppID string `json:"appid"`
	Name  string `json:"name"`
}

// TestNotice is the body of a delivery that is about no alert; text says so to people.
func TestNotice(text string) []byte { return notice{Change: Tested, Text: text}.encode() }

// notice makes the bodies of deliveries of one change.
func (w *Watch) notice(c Change) func(Alert) []byte {
	return func(a Alert) []byte {
		n := notice{
			Change: c, Alert: a.ID, Kind: a.Kind, App: &noticeApp{a.App.AppID, a.App.Name},
			Text: w.describe(a, c), Detail: a.Detail, RaisedAt: &a.RaisedAt,
		}
		if c == Cleared {
			n.ClearedAt = &a.ClearedAt
		}
		return n.encode()
	}
}

func (n notice) encode() []byte {
	body, err := json.Marshal(n)
	if err != nil {
		panic(err) // texts and times always marshal
	}
	return body
}
